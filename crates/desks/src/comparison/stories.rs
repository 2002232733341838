//! What a comparison does, told as stories. `UPDATE_EXPECT=1 cargo test -p desks` rewrites them.

use grammar::story::*;
use serde_json::json;

use super::{Command::*, Refusal::*, *};

const OURS: Id = Id::named("application-ours");
const OTHER: Id = Id::named("application-other");
const FAR: Id = Id::named("solution-far");
const LEAD: Id = Id::named("organisation-lead");
const BRANCH: Id = Id::named("organisation-branch");
const LIN: Id = Id::named("person-lin");
const WU: Id = Id::named("person-wu");
const CALL: Id = Id::named("call-1");
const ROUTE: &str = "以混合键合缩短互连，先作表面活化，再作低温退火。对准误差由红外显微镜闭环控制。";

/// A work that has nothing in common with ours but what is added.
fn other() -> Card {
    let card = Card::new()
        .titled("肿瘤影像的自动标注", "")
        .status("in-review")
        .text("以大模型标注影像，在三家医院验证。");
    card.party("lead", BRANCH).party("call", CALL).party("leader", WU).from(day("2025-01-01"))
}

fn ours() -> Card {
    let card = Card::new().titled("混合键合先进封装互连关键技术研究", "").status("formal-ok");
    let card = card
        .region(Region::code(310_000))
        .text("研究三微米间距混合键合互连，建立低温退火窗口和红外对准方法。");
    let blind = json!({ "route": ROUTE, "indicators": ["键合间距不大于三微米", "良率不低于百分之九十五"] });
    let lines = json!([["province", "500000", LEAD], ["own-funds", "200000", LEAD]]);
    let card = card.party("lead", LEAD).party("call", CALL).party("leader", LIN).fact("blind", blind);
    card.fact("lines", lines).fact("digests", ["ab12"])
}

fn story(card: Card) -> Story<Comparison> {
    let mut story = Story::<Comparison>::new("2026-05-06");
    story.showing(&["status", "near"]).given(OURS, ours()).given(OTHER, card);
    story.given(LEAD, Card::new()).given(BRANCH, Card::new());
    story
}

fn with(records: &[Id]) -> List<Id, WORKS_MAX> {
    List::new(records.to_vec()).unwrap()
}

fn open(records: &[Id]) -> Command {
    Open { application: OURS.r(), with: with(records) }
}

fn measure() -> Command {
    let bodies = List::new(vec![LEAD.r(), BRANCH.r()]).unwrap();
    Measure { application: OURS.r(), with: with(&[OTHER]), bodies }
}

fn decide(duplicate: bool) -> Command {
    Decide { duplicate, reason: "工艺路线不同".parse().unwrap(), note: None }
}

fn measured(card: Card) -> Story<Comparison> {
    let mut story = story(card);
    story.when(open(&[OTHER])).when(measure());
    story
}

/// What counted of the one other work.
fn counted(card: Card) -> Vec<Sign> {
    let story = measured(card);
    let hit = &story.record().hits[0];
    let counts: Vec<Sign> = hit.likenesses.iter().filter(|one| one.counts).map(|one| one.sign).collect();
    assert_eq!(hit.is_near, !counts.is_empty(), "{hit:?}");
    counts
}

#[test]
fn a_person_decides_what_the_machine_has_found_alike() {
    let same = other().fact("blind", json!({ "route": ROUTE }));
    let mut story = measured(same.clone());
    let hit = story.record().hits[0].clone();
    let text = hit.likenesses.iter().find(|one| one.sign == Sign::Text).unwrap();
    assert_eq!((text.measure, text.threshold, text.counts), (10_000, 7_000, true));
    assert_eq!(text.told.len(), 2, "its sentences are told");
    story.not_now(measure()).when(decide(false)).not_now(decide(true));
    story.expect(&expect![[r#"
        2026-05-06  open      said opened | measure comparison: application application-ours, with ["application-other"], bodies ["organisation-branch","organisation-lead"]  status -  near -
        2026-05-06  measure   said measured | await-check application-ours: comparison comparison  status -  near -
        2026-05-06  decide    said decided | decide-duplicates application-ours: comparison comparison, duplicate false, reason 工艺路线不同  status -  near -
    "#]]);
    let mut again = measured(same);
    again.when(decide(true));
    assert_eq!(again.record().status(), "duplicate");
}

#[test]
fn what_is_alike_is_told_sign_by_sign() {
    assert_eq!(counted(other()), []);
    assert_eq!(counted(other().titled("面向先进封装的混合键合互连技术", "")), [Sign::Title]);
    let summary = "建立红外对准方法和低温退火窗口，研究三微米间距混合键合互连。";
    assert_eq!(counted(other().text(summary)), [Sign::Summary]);
    assert_eq!(counted(other().fact("digests", ["ab12", "cd34"])), [Sign::Files]);
    let promised = json!({ "indicators": ["键合间距不大于三微米"] });
    assert_eq!(counted(other().fact("blind", &promised)), [], "strangers may promise the same");
    let led = other().party("member", LIN).fact("blind", &promised);
    assert_eq!(counted(led), [Sign::Promises, Sign::People]);
    assert_eq!(counted(other().party("member", LIN)), [], "the same people do other things");
    let lines = json!([["province", "500000", LEAD], ["own-funds", "200000", LEAD]]);
    let paid = other().party("partner", LEAD).fact("lines", lines);
    assert_eq!(counted(paid), [Sign::Lines, Sign::Units]);
    let old = other().party("member", LIN).fact("blind", &promised).from(day("2020-01-01"));
    assert_eq!(counted(old), [], "older than five years");
    let old = other().fact("blind", json!({ "route": ROUTE })).from(day("2020-01-01"));
    assert_eq!(counted(old), [Sign::Text], "a text does not age");
}

/// A branch counts with its parent, and a merged body with its successor.
#[test]
fn affiliates_are_the_same_organisation() {
    let promised =
        json!({ "promises": [{ "indicator": "键合间距不大于三微米", "promised": "", "unit": null }] });
    let card = || other().fact("blind", &promised);
    assert_eq!(counted(card()), []);
    for part in ["parent", "successor"] {
        let mut story = story(card());
        story.given(BRANCH, Card::new().party(part, LEAD)).when(open(&[OTHER])).when(measure());
        let hit = &story.record().hits[0];
        let units = hit.likenesses.iter().find(|one| one.sign == Sign::Units).unwrap();
        assert!(hit.is_near && units.counts && units.who == [LEAD], "{part}: {hit:?}");
    }
}

#[test]
fn only_works_are_compared_and_only_before_the_review() {
    let nothing = |records: &[Id], refusal: Refusal| {
        let mut story = story(other());
        story.given(FAR, Card::new()).refuses(open(records), refusal);
    };
    nothing(&[], NothingToCompare);
    nothing(&[OURS], ComparedWithItself);
    nothing(&[OTHER, OTHER], NamedTwice { record: OTHER });
    nothing(&[FAR], NotAWork { record: FAR });
    for status in ["draft", "in-review", "approved"] {
        let mut story = story(other());
        story
            .given(OURS, ours().status(status))
            .refuses(open(&[OTHER]), NotToBeCompared { application: OURS.r() });
    }
    assert!(List::<Id, WORKS_MAX>::new(vec![OTHER; 21]).is_none());
}

#[test]
fn nobody_but_the_offices_knows_of_it() {
    let story = measured(other().fact("digests", ["ab12"]));
    let sight = |viewer: &Viewer| story.record().clone().veil(viewer);
    let office = |office: &str, region| Viewer {
        offices: vec![(office.to_owned(), Region::code(region))],
        ..Viewer::default()
    };
    assert_eq!(sight(&office("programme-office", 310_000)), Sight::Seen);
    assert_eq!(sight(&office("auditor", 310_000)), Sight::Seen);
    assert_eq!(sight(&office("programme-office", 330_000)), Sight::Hidden, "of another province");
    assert_eq!(sight(&office("panel-office", 310_000)), Sight::Hidden);
    let applicant = Viewer { person: Some(LIN), organisations: vec![LEAD], ..Viewer::default() };
    assert_eq!(sight(&applicant), Sight::Hidden, "not even the applicant");
}
