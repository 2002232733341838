//! Offers: what the invented organisations put before the region: achievements, laboratories, instruments.

use grammar::{form::Dice, kinds::Id};
use registry::{Ask, Asker};
use serde_json::{Value, json};

use super::{
    asks::{Founding, invented},
    houses::{House, Town},
    names::{dice, number_zh},
    texts::{ACHIEVEMENTS, INSTRUMENTS, LABORATORIES, both, rows, words},
    vary::{AchievementText, Variations},
};

/// The longest keyword a record takes.
const KEYWORD_MAX: usize = 40;
const MARK: &str = "示例数据 / demo data";
/// Achievements of the written ones that stay drafts: every 22nd. Every 60th is withdrawn again.
const DRAFT_EVERY: usize = 22;
const WITHDRAWN_EVERY: usize = 60;

/// The houses of one kind that belong to the `block`th copy of the scale-1 region.
fn part(all: &[House], block: usize, scale: usize) -> &[House] {
    let size = all.len() / scale.max(1);
    all.get(block * size..(block + 1) * size).unwrap_or(all)
}

/// Who could own something of a field: universities, and institutes and firms of that field.
fn owner(town: &Town, field: &str, block: usize, scale: usize, dice: &mut Dice) -> Result<House, String> {
    let own = |house: &&House| house.field == field;
    let mut pool: Vec<House> = part(&town.universities, block, scale).to_vec();
    pool.extend(part(&town.institutes, block, scale).iter().filter(own));
    pool.extend(part(&town.firms, block, scale).iter().filter(own).take(6));
    dice.one_of(&pool).copied().ok_or_else(|| "no owner".to_owned())
}

fn written() -> Result<Vec<AchievementText>, String> {
    let read = |[field, kind, trl, title_zh, title_en, zh, en, keywords, scene_zh, scene_en]: [&str; 10]| {
        Ok(AchievementText {
            field: field.into(),
            kind: kind.into(),
            trl: trl.parse().map_err(|_| format!("achievements.tsv: {title_zh}"))?,
            title: [title_zh.into(), title_en.into()],
            summary: [zh.into(), en.into()],
            scenario: [scene_zh.into(), scene_en.into()],
            keywords: keywords.into(),
        })
    };
    rows(ACHIEVEMENTS)?.into_iter().map(read).collect()
}

fn draft(text: &AchievementText, owner: &House, n: usize, f: &Founding, dice: &mut Dice) -> Value {
    let (right, numbered) = match text.kind.as_str() {
        "software" | "dataset" => ("software-copyright", true),
        "circuit-layout" => ("layout-design", true),
        "new-variety" => ("plant-variety", true),
        "know-how" => ("technical-secret", false),
        _ => ("invention-patent", true),
    };
    let stage = match text.trl {
        0..=4 => "laboratory-stage",
        5..=7 => "engineering-stage",
        _ => "industrial-stage",
    };
    let modes = [
        json!(["licence"]),
        json!(["licence", "joint-development"]),
        json!(["assignment"]),
        json!(["equity", "joint-development"]),
        json!(["service", "licence"]),
    ];
    let priced = dice.once_in(2).then(|| format!("{}.00", 100_000 * (3 + dice.below(120))));
    let [title_zh, title_en] = &text.title;
    json!({
        "verb": "draft", "owner": owner.id, "title": both(title_zh, title_en), "kind": text.kind,
        "field": text.field, "trl": text.trl, "stage": stage,
        "completers": format!("示例团队 {n:03} / Sample Team {n:03}"), "completers_count": 3 + dice.below(14),
        "completed": f.today.plus_days(-i32::try_from(20 + dice.below(1_400)).unwrap_or(20)),
        "rights": [{
            "kind": right,
            "number": numbered.then(|| format!("DEMO-{n:05}")),
            "title": both(&format!("示例权利：{title_zh}"), &format!("Sample right: {title_en}")),
            "status": if dice.once_in(3) { "filed" } else { "granted" },
        }],
        "summary": both(&text.summary[0], &text.summary[1]),
        "scenarios": both(&text.scenario[0], &text.scenario[1]),
        "modes": dice.one_of(&modes), "price": priced, "keywords": words(&text.keywords),
        "source": MARK, "no_secrets": true,
    })
}

/// A record of the region and where it belongs.
#[derive(Clone, Copy)]
pub struct Offer {
    pub id: Id,
    pub region: u32,
}

/// An instrument, who keeps it, and whether it is in service for units outside.
#[derive(Clone, Copy)]
pub struct Instrument {
    pub id: Id,
    pub keeper: House,
    pub is_open: bool,
    /// Yuan an hour for units outside; half of it inside.
    pub hour: i64,
}

/// What an hour at instrument `n` costs units outside, in yuan.
fn hour(n: usize) -> i64 {
    80 + 40 * i64::try_from(dice("instrument-hour", n).below(20)).unwrap_or(0)
}

/// Achievements: drafted and published by those who sign for the owner. Gives the published ones.
///
/// # Errors
/// The first ask that was denied, or what is wrong with a table.
pub fn achievements(f: &mut Founding, town: &Town) -> Result<Vec<Offer>, String> {
    let (written, more) = (written()?, Variations::read()?);
    let (mut asks, mut owners): (Vec<Ask>, Vec<House>) = (Vec::new(), Vec::new());
    for n in 0..written.len() * f.scale {
        let mut dice = dice("achievement", n);
        let text = match written.get(n) {
            Some(text) => text.clone(),
            None => more.achievement(n - written.len())?,
        };
        let owner = owner(town, &text.field, n / written.len(), f.scale, &mut dice)?;
        let command = draft(&text, &owner, n + 1, f, &mut dice);
        asks.push(invented(format!("achievement/{}/draft", n + 1), owner.by(), "achievement", None, command));
        owners.push(owner);
    }
    let ids = f.ask_all("achievements", asks)?;
    let step = |n: usize, id: Id, by: Asker, verb: &str, command: Value| {
        invented(format!("achievement/{n}/{verb}"), by, "achievement", Some(id), command)
    };
    let all = || (1..).zip(ids.iter().copied().zip(owners.iter().copied()));
    let public = || all().filter(|(n, _)| n % DRAFT_EVERY != 0);
    let publish =
        public().map(|(n, (id, owner))| step(n, id, owner.by(), "publish", json!({ "verb": "publish" })));
    f.ask_all("achievements", publish.collect())?;
    let reason = "已独占许可，不再对外提供（示例数据） / licensed exclusively (demo)";
    let withdrawn = public().filter(|(n, _)| n % WITHDRAWN_EVERY == 0);
    let withdraw = |(n, (id, owner)): (usize, (Id, House))| {
        step(n, id, owner.by(), "withdraw", json!({ "verb": "withdraw", "reason": reason }))
    };
    f.ask_all("achievements", withdrawn.map(withdraw).collect())?;
    let offer = |(_, (id, owner)): (usize, (Id, House))| Offer { id, region: owner.spot.province() };
    Ok(public().filter(|(n, _)| n % WITHDRAWN_EVERY != 0).map(offer).collect())
}

/// An invented laboratory with the unit that leads it.
#[derive(Clone, Copy)]
pub struct Laboratory {
    pub id: Id,
    pub lead: House,
    pub field: &'static str,
}

fn enrolment(row: &[&str; 8], lead: &House, partner: &House, n: usize, f: &Founding) -> Value {
    let [kind, tier, field, topic_zh, topic_en, services_zh, services_en, keywords] = row;
    let mut dice = dice("laboratory", n);
    let approved = f.today.plus_days(-i32::try_from(200 + dice.below(3_000)).unwrap_or(200));
    let partners = if partner.id == lead.id { vec![] } else { vec![partner.id] };
    json!({
        "verb": "enrol", "platform_no": format!("DEMO-L-{n:04}"), "kind": kind, "tier": tier,
        "name": both(
            &format!("示例实验室{}（{topic_zh}）", number_zh(n)),
            &format!("Sample Laboratory {n:03} ({topic_en})"),
        ),
        "field": field, "region": lead.region(), "lead": lead.id, "partners": partners,
        "area_m2": 600 + 100 * dice.below(90), "staff": 18 + dice.below(160),
        "services": both(services_zh, services_en),
        "open_topics": both(
            &format!("面向{topic_zh}的开放课题，每年征集一次，每项资助 5 万至 15 万元。"),
            &format!("Open topics in {topic_en}, called once a year, 50,000 to 150,000 yuan each."),
        ),
        "keywords": words(keywords), "approved": approved, "next_evaluation": f.founded.day().plus_days(i32::try_from(60 + dice.below(1_700)).unwrap_or(60)),
        "place": lead.spot.place(), "source": MARK,
    })
}

/// Laboratories: entered by the laboratory office; two are suspended and one is struck off.
///
/// # Errors
/// The first ask that was denied, or what is wrong with a table.
pub fn laboratories(f: &mut Founding, town: &Town) -> Result<Vec<Laboratory>, String> {
    let table = rows::<8>(LABORATORIES)?;
    let by = town.officers.by("laboratories-1")?;
    let (mut asks, mut planned) = (Vec::new(), Vec::new());
    for n in 0..table.len() * f.scale {
        let row = table.get(n % table.len()).ok_or("laboratories.tsv: empty")?;
        let block = n / table.len();
        let mut dice = dice("laboratory-lead", n);
        let mut pool: Vec<House> = part(&town.institutes, block, f.scale).to_vec();
        pool.extend(part(&town.universities, block, f.scale));
        let field = super::houses::known_field(row[2]);
        let fitting: Vec<House> = pool.iter().filter(|house| house.field == field).copied().collect();
        let lead = *dice.one_of(if fitting.is_empty() { &pool } else { &fitting }).ok_or("no lead unit")?;
        let partner = *dice.one_of(&pool).ok_or("no partner")?;
        let command = enrolment(row, &lead, &partner, n + 1, f);
        asks.push(invented(format!("laboratory/{}", n + 1), by, "laboratory", None, command));
        planned.push((lead, field));
    }
    let ids = f.ask_all("laboratories", asks)?;
    let standing = |n: usize, verb: &str, reason: &str| {
        let id = ids.get(n - 1).copied();
        let command = json!({ "verb": verb, "reason": reason });
        invented(format!("laboratory/{n}/{verb}"), by, "laboratory", id, command)
    };
    let late = "评估整改期间暂停（示例数据） / suspended while it mends what the evaluation found (demo)";
    let merged = "并入其他实验室（示例数据） / merged into another laboratory (demo)";
    let asks =
        vec![standing(13, "suspend", late), standing(33, "suspend", late), standing(40, "delist", merged)];
    f.ask_all("laboratories", asks)?;
    Ok(ids.into_iter().zip(planned).map(|(id, (lead, field))| Laboratory { id, lead, field }).collect())
}

/// One kind of instrument: a row of the table.
struct Type<'a> {
    from: &'a str,
    category: &'a str,
    field: &'a str,
    name: [&'a str; 2],
    /// The first, the second … of its type in the scale-1 region.
    which: usize,
    /// The least and the most it costs, in ten thousand yuan.
    value: [usize; 2],
    functions: [&'a str; 2],
}

impl Type<'_> {
    /// Its name; a second one of its type is told apart by its number.
    fn title(&self) -> Value {
        let [zh, en] = self.name;
        match self.which {
            1 => both(zh, en),
            n => both(&format!("{zh}（{n} 号机）"), &format!("{en} (no. {n})")),
        }
    }
}

/// Every instrument of the scale-1 region: a type as often as the table says.
fn types() -> Result<Vec<Type<'static>>, String> {
    let mut types = Vec::new();
    for [from, category, field, zh, en, value, functions_zh, functions_en, count] in rows(INSTRUMENTS)? {
        let wrong = || format!("instruments.tsv: {zh}");
        let (least, most) = value.split_once('-').ok_or_else(wrong)?;
        let value = [least.parse().map_err(|_| wrong())?, most.parse().map_err(|_| wrong())?];
        for which in 1..=count.parse::<usize>().map_err(|_| wrong())? {
            let (name, functions) = ([zh, en], [functions_zh, functions_en]);
            types.push(Type { from, category, field, name, which, value, functions });
        }
    }
    Ok(types)
}

fn terms(dice: &mut Dice, n: usize) -> Value {
    let outside = hour(n);
    let inside = outside / 2;
    match dice.below(10) {
        0 => json!({ "sharing": "not-shared", "charges": null,
            "reason": "专用于在研任务，任务结束后开放 / reserved for a running project, open afterwards" }),
        1 | 2 => json!({ "sharing": "internal", "reason": null, "charges": null }),
        _ => json!({ "sharing": "external", "reason": null, "charges": format!(
            "单位内 {inside} 元/小时，单位外 {outside} 元/小时，含操作指导。/ {inside} yuan an hour inside the unit, {outside} outside, with guidance."
        ) }),
    }
}

fn report(t: &Type, laboratory: &Laboratory, n: usize, f: &Founding) -> Value {
    let mut dice = dice("instrument", n);
    let [least, most] = t.value;
    let wan = least + dice.below(most - least + 1);
    let fiscal = !dice.once_in(4);
    // Accepted lately, or so long ago that the day is not on record; a few were reported late.
    let accepted = match dice.below(8) {
        0 | 1 => Some(f.today.plus_days(-i32::try_from(2 + dice.below(12)).unwrap_or(2))),
        2 => Some(f.today.plus_days(-i32::try_from(80 + dice.below(300)).unwrap_or(80))),
        _ => None,
    };
    let before = i32::try_from(40 + dice.below(2_400)).unwrap_or(40);
    let purchased = accepted.unwrap_or(f.today).plus_days(-before);
    let money = if fiscal {
        "示例财政资金 / sample public funds"
    } else {
        "示例自筹资金 / sample own funds"
    };
    let source = match t.from.split_once(':') {
        Some(("nemo", _)) => {
            "示例数据；仪器类型参考 NIST NEMO 示例清单 / demo; type after NIST NEMO sample data"
        }
        Some(_) => "示例数据；仪器类型参考 PNNL 公开清单 / demo; type after public lists of PNNL",
        None => MARK,
    };
    json!({
        "verb": "report", "code": format!("DEMO-I-{n:05}"), "name": t.title(),
        "category": t.category, "field": t.field, "unit": laboratory.lead.id, "laboratory": laboratory.id,
        "region": laboratory.lead.region(), "location": format!("示例楼 {} 层 {:03} 室", 1 + n % 6, 1 + n % 40),
        "place": laboratory.lead.spot.place(), "model": format!("示例型号 D-{}", 100 + n % 900),
        "maker": "示例仪器制造单位 / sample maker", "value": format!("{}.00", wan * 10_000),
        "purchased": purchased, "accepted": accepted, "fiscal": fiscal,
        "funding": [{ "source": money, "share": "100%" }],
        "functions": both(t.functions[0], t.functions[1]), "terms": terms(&mut dice, n),
        "keywords": t.name.iter().filter(|name| name.chars().count() <= KEYWORD_MAX).collect::<Vec<_>>(),
        "source": source,
    })
}

/// Instruments: reported by those who sign for the unit; some are being repaired, a few are gone.
///
/// # Errors
/// The first ask that was denied, or what is wrong with a table.
pub fn instruments(
    f: &mut Founding,
    town: &Town,
    laboratories: &[Laboratory],
) -> Result<Vec<Instrument>, String> {
    let types = types()?;
    let size = laboratories.len() / f.scale.max(1);
    let (mut asks, mut keepers) = (Vec::new(), Vec::new());
    for n in 0..types.len() * f.scale {
        let kind = types.get(n % types.len()).ok_or("instruments.tsv: empty")?;
        let block = n / types.len();
        let near = laboratories.get(block * size..(block + 1) * size).unwrap_or(laboratories);
        let fitting: Vec<&Laboratory> = near.iter().filter(|l| l.field == kind.field).collect();
        let any: Vec<&Laboratory> = near.iter().collect();
        let pool = if fitting.is_empty() { &any } else { &fitting };
        let laboratory = *dice("instrument-place", n).one_of(pool).ok_or("no laboratory")?;
        let by = laboratory.lead.by();
        let command = report(kind, laboratory, n + 1, f);
        let is_open = command.pointer("/terms/sharing") == Some(&json!("external"));
        asks.push(invented(format!("instrument/{}", n + 1), by, "instrument", None, command));
        keepers.push((laboratory.lead, is_open));
    }
    let ids = f.ask_all("instruments", asks)?;
    let office = town.officers.by("instruments-1")?;
    let back = f.founded.day().plus_days(40);
    let mut changes = Vec::new();
    for ((id, (keeper, _)), n) in ids.iter().zip(&keepers).zip(1_usize..) {
        let reason = "核心部件更换（示例数据） / a core part is being replaced (demo)";
        let gone = "超过使用年限，已按规定处置（示例数据） / beyond its service life, disposed of (demo)";
        let key = |verb: &str| format!("instrument/{n}/{verb}");
        if n % 23 == 0 {
            let command = json!({ "verb": "suspend", "reason": reason, "back": back });
            changes.push(invented(key("suspend"), keeper.by(), "instrument", Some(*id), command));
        } else if n % 83 == 0 {
            let command = json!({ "verb": "scrap", "reason": gone });
            changes.push(invented(key("scrap"), office, "instrument", Some(*id), command));
        }
    }
    f.ask_all("instruments", changes)?;
    let kept = |((id, (keeper, is_open)), n): ((Id, (House, bool)), usize)| Instrument {
        id,
        keeper,
        is_open: is_open && n % 23 != 0 && n % 83 != 0,
        hour: hour(n),
    };
    Ok(ids.into_iter().zip(keepers).zip(1..).map(kept).collect())
}
