//! Needs: brought by invented firms, each as far on its way as its text says.

use grammar::kinds::Id;
use registry::{Ask, Asker};
use serde_json::{Value, json};

use super::{
    asks::{Founding, invented},
    houses::{House, Town},
    people::PROVINCES,
    texts::{self, NeedText, both, words},
    vary::Variations,
};

/// Further needs for each further unit of scale.
const MORE: usize = 26;
/// The first firms own the written needs; the further needs belong to the ones after.
const FIRMS_A_BLOCK: usize = 60;
/// How long the first batch is open for answers, in days.
const WINDOW: usize = 30;
/// Needs without a match that are brought before the country again.
const AGAIN: usize = 3;

/// A need on its way.
struct Way {
    text: NeedText,
    owner: House,
    id: Id,
}

/// How far a state is along the way.
fn steps(state: &str) -> usize {
    match state {
        "draft" => 0,
        "submitted" => 1,
        "returned" | "screened" | "joins" => 2,
        "condensed" => 3,
        "confirmed" => 4,
        "published" => 5,
        _ => 6,
    }
}

fn indicator(line: &str) -> Value {
    let mut cells = line.split(" | ").map(str::trim);
    let mut next = || cells.next().filter(|cell| !cell.is_empty() && *cell != "-");
    json!({ "name": next(), "unit": next(), "threshold": next(), "test_method": next() })
}

fn indicators(text: &NeedText) -> Vec<Value> {
    text.indicators.iter().map(|line| indicator(line)).collect()
}

fn yuan(wan: u32) -> String {
    format!("{}0000.00", wan)
}

fn draft(text: &NeedText, owner: &House) -> Value {
    json!({
        "verb": "draft", "owner": owner.id, "title": both(&text.title_zh, &text.title_en), "field": text.field,
        "chain_position": text.chain, "summary": both(&text.summary_zh, &text.summary_en),
        "detail": text.detail, "indicators": indicators(text), "level_domestic": text.domestic,
        "level_foreign": text.foreign, "deadline_months": text.months, "budget": yuan(text.budget),
        "own_funds": yuan(text.own), "rnd_spend": yuan(text.rnd), "co_funding": text.own * 2 >= text.budget,
        "scenario": both(&text.scenario_zh, &text.scenario_en), "purchase_intention": text.purchase,
        "ip_ownership": text.ip, "cross_region": text.cross, "trl_wanted": text.trl,
        "keywords": words(&text.keywords), "no_secrets": true,
    })
}

/// The written needs and, in a larger region, the ones put together, with their owners.
fn all(f: &Founding, town: &Town, written: Vec<NeedText>) -> Result<Vec<(NeedText, House)>, String> {
    let more = Variations::read()?;
    let mut texts = Vec::new();
    for (n, text) in written.into_iter().enumerate() {
        texts.push((text, *town.firms.get(n).ok_or("too few firms for the written needs")?));
    }
    for n in 0..MORE * (f.scale - 1) {
        let firm = FIRMS_A_BLOCK * (1 + n / MORE) + n % MORE;
        let owner = *town.firms.get(firm).ok_or("too few firms for further needs")?;
        texts.push((more.need(n, owner.spot.province())?, owner));
    }
    Ok(texts)
}

/// A command for a need on its way, by whoever answers for the step.
fn ask(way: &Way, by: Asker, command: Value) -> Ask {
    let verb = command.get("verb").and_then(Value::as_str).unwrap_or("").to_owned();
    invented(format!("need/{}/{verb}", way.text.key), by, "need", Some(way.id), command)
}

fn screening(way: &Way, town: &Town) -> Result<Ask, String> {
    let by = town.officers.by(&format!("screening-{}", way.text.province))?;
    let given = match (&way.text.remark_zh, &way.text.remark_en) {
        (Some(zh), Some(en)) => format!("{zh}\n{en}"),
        (Some(zh), None) => zh.clone(),
        _ => "需求真实、指标可测、确需跨区域协同，同意推荐。\nA real need with measurable indicators that takes several regions; recommended."
            .to_owned(),
    };
    let verb = if way.text.state == "returned" { "return" } else { "screen" };
    Ok(ask(way, by, json!({ "verb": verb, "remark": given })))
}

fn condensing(way: &Way, ways: &[Way], joint: Asker) -> Ask {
    let joins = |other: &&Way| other.text.joins.as_deref() == Some(way.text.key.as_str());
    let with: Vec<Id> = ways.iter().filter(joins).map(|other| other.id).collect();
    let reason = if with.is_empty() {
        "统一指标表述和测试方法 / indicators and test methods put in one form"
    } else {
        "三家企业需求同源，合并凝练为一项共性需求 / three firms share one need, condensed into one"
    };
    let text = &way.text;
    ask(
        way,
        joint,
        json!({
            "verb": "condense", "with": with, "title": both(&text.title_zh, &text.title_en),
            "summary": both(&text.summary_zh, &text.summary_en), "indicators": indicators(text), "reason": reason,
        }),
    )
}

/// A need of the first batch, before the whole country.
pub struct Posed {
    pub id: Id,
    pub text: NeedText,
    pub owner: House,
}

impl Posed {
    /// What its indicators are called, and what they ask.
    pub fn indicators(&self) -> Vec<(String, String)> {
        let cell = |line: &str, n: usize| line.split(" | ").nth(n).unwrap_or("").trim().to_owned();
        self.text.indicators.iter().map(|line| (cell(line, 0), cell(line, 2))).collect()
    }
}

/// Whether a written need belongs to the first batch.
fn is_first(text: &NeedText) -> bool {
    matches!(text.state.as_str(), "published" | "soliciting")
}

/// Brings the needs of the first batch before the whole country, in the days of the story, and calls for answers.
///
/// # Errors
/// The first ask that was denied, or what is wrong with a text.
pub fn first_batch(f: &mut Founding, town: &Town) -> Result<Vec<Posed>, String> {
    let owned = texts::needs()?.into_iter().zip(&town.firms);
    let first = owned.filter(|(text, _)| is_first(text)).map(|(text, owner)| (text, *owner)).collect();
    let ways = go(f, town, first)?;
    let joint = town.officers.by("joint-1")?;
    let solicit =
        ways.iter().map(|way| ask(way, joint, json!({ "verb": "solicit", "days": WINDOW, "places": null })));
    f.ask_all("needs", solicit.collect())?;
    Ok(ways.into_iter().map(|way| Posed { id: way.id, text: way.text, owner: way.owner }).collect())
}

/// Calls again for answers to some needs for which none was chosen.
///
/// # Errors
/// The first ask that was denied.
pub fn again(f: &mut Founding, town: &Town, unmatched: &[&Posed]) -> Result<(), String> {
    let joint = town.officers.by("joint-1")?;
    let solicit = |posed: &&Posed| {
        let command = json!({ "verb": "solicit", "days": WINDOW, "places": null });
        invented(format!("need/{}/solicit-again", posed.text.key), joint, "need", Some(posed.id), command)
    };
    f.ask_all("needs", unmatched.iter().take(AGAIN).map(solicit).collect()).map(drop)
}

/// Brings every other need as far as its text says. Gives the needs with their keys.
///
/// # Errors
/// The first ask that was denied, or what is wrong with a text.
pub fn others(f: &mut Founding, town: &Town, written: Vec<NeedText>) -> Result<Vec<(String, Id)>, String> {
    let by_hand = written.len();
    let texts = all(f, town, written)?.into_iter().enumerate();
    let rest = texts.filter(|(n, (text, _))| *n >= by_hand || !is_first(text)).map(|(_, text)| text);
    let ways = go(f, town, rest.collect())?;
    let joint = town.officers.by("joint-1")?;
    let days = |n: usize| 30 + n % 16;
    let open = ways.iter().filter(|way| steps(&way.text.state) >= 6);
    let solicit = open
        .enumerate()
        .map(|(n, way)| ask(way, joint, json!({ "verb": "solicit", "days": days(n), "places": null })));
    f.ask_all("needs", solicit.collect())?;
    debug_assert!(ways.iter().all(|way| PROVINCES.contains(&way.owner.spot.province())));
    Ok(ways.into_iter().map(|way| (way.text.key, way.id)).collect())
}

/// As far as publication.
fn go(f: &mut Founding, town: &Town, texts: Vec<(NeedText, House)>) -> Result<Vec<Way>, String> {
    let drafts = texts.iter().map(|(text, owner)| {
        invented(format!("need/{}/draft", text.key), owner.by(), "need", None, draft(text, owner))
    });
    let ids = f.ask_all("needs", drafts.collect())?;
    let way = |((text, owner), id)| Way { text, owner, id };
    let ways: Vec<Way> = texts.into_iter().zip(ids).map(way).collect();
    let far = |least: usize| ways.iter().filter(move |way| steps(&way.text.state) >= least);
    let joint = town.officers.by("joint-1")?;
    let submit = far(1).map(|way| ask(way, way.owner.by(), json!({ "verb": "submit" })));
    f.ask_all("needs", submit.collect())?;
    f.ask_all("needs", far(2).map(|way| screening(way, town)).collect::<Result<_, _>>()?)?;
    f.ask_all("needs", far(3).map(|way| condensing(way, &ways, joint)).collect())?;
    let agreed = "四地一致同意发布 / the four regions agree to publish";
    let confirm = far(4).map(|way| ask(way, joint, json!({ "verb": "confirm", "remark": agreed })));
    f.ask_all("needs", confirm.collect())?;
    f.ask_all("needs", far(5).map(|way| ask(way, joint, json!({ "verb": "publish" }))).collect())?;
    Ok(ways)
}
