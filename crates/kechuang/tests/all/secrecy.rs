//! Secrecy: two worlds that differ only in what a viewer may not know look the same to that viewer, byte for
//! byte: pages, lists, counts, search, JSON, exports, histories, receipts, refusals.
//!
//! What is hidden is not picked by hand: every field of every step is changed by itself, and where the
//! viewer's own look at all records stays the same, it is hidden. `golden/hidden-*.txt` shows the outcome.
//! Then all that is hidden changes at once, and everything the viewer can get is compared.

use desks::DESKS;
use grammar::{
    form::Kind,
    kinds::{Day, Id},
};
use serde_json::{Value, json};

use crate::{
    eyes::{self, Asked, Eyes},
    golden::golden,
    worlds::{By, Step, World, town},
};

const OFFICER: By = By::Person("officer");
const SIGNER: By = By::Person("signer");

/// Another value of the same kind that is likely to be accepted.
pub fn other(kind: &Kind, value: &Value) -> Option<Value> {
    let text =
        |value: &Value| value.as_str().map(|text| format!("{} WV-31 隐秘", text.replace("XQ-77", "WV-31")));
    Some(match kind {
        Kind::Personal(inner) | Kind::Sealed(inner) => other(inner, value)?,
        Kind::Text { max } if *max < 40 => text(value)?.chars().rev().take(9).collect::<String>().into(),
        Kind::Text { .. } => text(value)?.into(),
        Kind::Bilingual { .. } => json!({ "zh": text(&value["zh"])?, "en": text(&value["en"])? }),
        Kind::Number { max, .. } => {
            let number = value.as_i64()?;
            (if number < *max { number + 1 } else { number - 1 }).into()
        }
        Kind::Money => {
            let (first, rest) = value.as_str()?.split_at(1);
            format!("{}{rest}", if first == "1" { "2" } else { "1" }).into()
        }
        Kind::Day => {
            let day: Day = value.as_str()?.parse().ok()?;
            json!(day.plus_days(-1))
        }
        Kind::YesNo => (!value.as_bool()?).into(),
        Kind::Choice(words) => words.iter().find(|word| value != word.as_str())?.as_str().into(),
        Kind::Region => if value == "310115" { "310104" } else { "310115" }.into(),
        Kind::List(each, _) => {
            let mut values = value.as_array()?.clone();
            let first = values.first_mut()?;
            *first = other(each, first)?;
            values.into()
        }
        Kind::Group(form) => {
            let mut fields = value.clone();
            let field = form.fields.iter().find(|field| matches!(field.kind, Kind::Text { .. }))?;
            fields[&field.name] = other(&field.kind, &value[&field.name])?;
            fields
        }
        _ => return None,
    })
    .filter(|new| new != value)
}

/// A field of a step, and the value it gets in the other world.
struct Change {
    step: usize,
    field: String,
    value: Value,
}

fn changes(steps: &[Step], from: usize) -> Vec<Change> {
    let mut found = Vec::new();
    for (step, at) in steps.iter().zip(0..).skip(from) {
        let verb = DESKS.find(step.desk).unwrap().verb(step.command["verb"].as_str().unwrap()).unwrap();
        for field in &verb.form.fields {
            let value = step.command.get(&field.name).and_then(|value| other(&field.kind, value));
            found.extend(value.map(|value| Change { step: at, field: field.name.clone(), value }));
        }
    }
    found
}

fn changed<'a>(steps: &[Step], changes: impl IntoIterator<Item = &'a Change>) -> Vec<Step> {
    let mut steps = steps.to_vec();
    for change in changes {
        steps[change.step].command[&change.field] = change.value.clone();
    }
    steps
}

/// All that a viewer sees of all records, without any page.
fn sight(world: &World, viewer: Option<Id>) -> Value {
    let look = world.registry.look(viewer).unwrap();
    let seen = world.all().into_iter().map(|(_, id)| {
        let record = look.record(id).unwrap().map(|record| json!([record.state, record.card]));
        let lines: Vec<Value> = look.history(id).unwrap().into_iter().map(|line| line.event).collect();
        json!([id, record, lines])
    });
    seen.collect()
}

/// Finds out what is hidden from the public and from a stranger, and compares two worlds that differ in it.
pub fn two_worlds(name: &str, more: Vec<Step>, must_be_hidden: &[&str]) {
    let mut steps = town();
    let from = steps.len();
    steps.extend(more);
    let base = World::play(&steps).unwrap();
    base.registry.seal_now().unwrap();
    let viewers = [("public", None), ("stranger", Some("stranger"))];
    let person = |who: Option<&str>| who.map(|who| base.records[who]);
    let seen = viewers.map(|(_, who)| sight(&base, person(who)));
    let mut hidden: [Vec<Change>; 2] = [Vec::new(), Vec::new()];
    let mut table = String::from(
        "What changes when a field changes: seen or hidden, for the public and for a stranger.\n\n",
    );
    for change in changes(&steps, from) {
        let field = format!("{}.{}", steps[change.step].key, change.field);
        // Some values do not go together; then the field keeps the one it has.
        let Ok(world) = World::play(&changed(&steps, [&change])) else { continue };
        world.registry.seal_now().unwrap();
        let same = [0, 1].map(|viewer| sight(&world, person(viewers[viewer].1)) == seen[viewer]);
        let word = |same: bool| if same { "hidden" } else { "seen" };
        table.push_str(&format!("{field:<32} {:<8} {}\n", word(same[0]), word(same[1])));
        for viewer in [0, 1].into_iter().filter(|viewer| same[*viewer]) {
            hidden[viewer].push(Change {
                value: change.value.clone(),
                field: change.field.clone(),
                ..change
            });
        }
    }
    for field in must_be_hidden {
        let is_hidden = |change: &Change| format!("{}.{}", steps[change.step].key, change.field) == *field;
        assert!(hidden.iter().all(|of| of.iter().any(is_hidden)), "{field} is not hidden:\n{table}");
    }
    drop(base);
    for ((viewer, who), hidden) in viewers.into_iter().zip(&hidden) {
        let differ = compare(&steps, hidden, who);
        assert!(differ.is_empty(), "{viewer} can tell the worlds apart by\n{}", differ.join("\n"));
    }
    golden(&format!("hidden-{name}.txt"), &table);
}

/// What differs between the world and the one in which all of this is different.
fn compare(steps: &[Step], hidden: &[Change], who: Option<&str>) -> Vec<String> {
    let [one, other] = [steps.to_vec(), changed(steps, hidden)].map(|steps| {
        let world = World::play(&steps).unwrap();
        world.registry.seal_now().unwrap();
        world
    });
    let asked = Asked::of(&one.registry);
    let compared = eyes::compare(&Eyes::new(&one, who), &Eyes::new(&other, who), &asked);
    println!(
        "{} answers for {}, {} of them good",
        compared.answers,
        who.unwrap_or("the public"),
        compared.good
    );
    assert!(compared.good > 200, "too little was seen to tell anything");
    compared.differ.into_iter().take(20).collect()
}

fn bilingual(zh: &str) -> Value {
    json!({ "zh": format!("{zh}机密 XQ-77"), "en": format!("{zh} XQ-77") })
}

/// The fields of a need that a firm drafts.
pub fn need() -> Value {
    json!({
        "verb": "draft", "owner": "@firm", "title": bilingual("光刻胶"), "field": "integrated-circuits",
        "chain_position": "upstream", "summary": bilingual("光刻胶检测"), "detail": "机密参数 XQ-77",
        "indicators": [{ "name": "分辨率", "unit": "nm", "threshold": "≤ 28", "test_method": "扫描电镜" }],
        "level_domestic": "国内 XQ-77", "level_foreign": "国外 XQ-77", "deadline_months": 24,
        "budget": "5000000.00", "own_funds": "3100000.00", "rnd_spend": "1900000.00", "co_funding": true,
        "scenario": bilingual("产线"), "purchase_intention": "采购 XQ-77", "ip_ownership": "jointly",
        "cross_region": "长三角多地 XQ-77", "trl_wanted": 6, "keywords": ["光刻胶"], "no_secrets": true,
    })
}

#[test]
fn what_a_need_keeps_confidential_stays_so() {
    let remark = |verb: &str| json!({ "verb": verb, "remark": "备注 XQ-77" });
    let condensed = json!({
        "verb": "condense", "title": need()["title"], "summary": need()["summary"],
        "indicators": need()["indicators"], "reason": "共同凝练 XQ-77",
    });
    let steps = vec![
        Step::new("need", SIGNER, "need", "", need()),
        Step::new("submit", SIGNER, "need", "need", json!({ "verb": "submit" })),
        Step::new("screen", OFFICER, "need", "need", remark("screen")),
        Step::new("condense", OFFICER, "need", "need", condensed),
        Step::new("confirm", OFFICER, "need", "need", remark("confirm")),
        Step::new("publish", OFFICER, "need", "need", json!({ "verb": "publish" })),
        Step::new("draft", SIGNER, "need", "", need()),
    ];
    let hidden = [
        "need.detail",
        "need.own_funds",
        "need.rnd_spend",
        "screen.remark",
        "confirm.remark",
        "condense.reason",
    ];
    two_worlds("need", steps, &[&hidden[..], &["draft.title", "draft.budget", "draft.field"]].concat());
}

fn money() -> Vec<Step> {
    let account = |key, owner: &str, purpose: &str| {
        let command = json!({ "verb": "open", "title": bilingual("账户"), "owner": owner, "purpose": purpose, "region": "310000" });
        Step::new(key, OFFICER, "account", "", command)
    };
    let pay = json!({ "verb": "pay", "to": "@fund", "amount": "1432100.00", "reason": "拨款 XQ-77" });
    vec![
        account("source", "@firm", "source"),
        account("fund", "@firm", "fund"),
        Step::new("pay", OFFICER, "account", "source", pay),
    ]
}

#[test]
fn what_an_account_holds_is_for_those_who_hold_it() {
    let mut steps = money();
    let hold = json!({ "verb": "hold", "to": "@source", "amount": "14321.00", "reason": "冻结 XQ-77", "until": "2026-06-30" });
    steps.push(Step::new("hold", OFFICER, "account", "fund", hold));
    let hidden =
        ["fund.title", "fund.region", "pay.amount", "pay.reason", "hold.amount", "hold.reason", "hold.until"];
    two_worlds("account", steps, &hidden);
}

#[test]
fn what_a_voucher_is_worth_is_for_its_parties() {
    let mut steps = money();
    let issue = json!({ "verb": "issue", "fund": "@fund", "holder": "@firm", "region": "310115", "face": "100000.00", "until": "2026-06-30" });
    let hold =
        json!({ "verb": "hold", "provider": "@provider", "contract": "143210.00", "amount": "14321.00" });
    steps.push(Step::new("voucher", OFFICER, "voucher", "", issue));
    steps.push(Step::new("hold", OFFICER, "voucher", "voucher", hold));
    two_worlds("voucher", steps, &["voucher.face", "voucher.until", "hold.contract", "hold.amount"]);
}

#[test]
fn what_a_person_does_not_publish_is_not_known() {
    let private = json!({
        "verb": "register", "name": "机密 XQ-77", "region": "310115", "public": false, "phone": "139 4321",
        "email": "ghost@example.org", "id_number": "4321",
    });
    let mut public = private.clone();
    public["public"] = true.into();
    public["display_name"] = json!({ "zh": "示例专家", "en": "expert" });
    let claim = json!({ "verb": "claim-affiliation", "organisation": "@firm", "role": "director", "may_sign": true, "from": "2026-01-30", "until": "2026-12-30" });
    let steps = vec![
        Step::new("private", By::Founder, "person", "", private),
        Step::new("expert", By::Founder, "person", "", public),
        Step::new("claim", By::Founder, "person", "expert", claim),
    ];
    let hidden = ["private.name", "private.region", "private.phone", "private.email", "private.id_number"];
    let more = [
        "expert.name",
        "expert.phone",
        "expert.email",
        "expert.id_number",
        "claim.role",
        "claim.from",
        "claim.may_sign",
    ];
    two_worlds("person", steps, &[&hidden[..], &more].concat());
}
