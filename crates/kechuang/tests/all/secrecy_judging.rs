//! Who judges, who is barred, who else asks: two worlds in which just that is different, and everything that an applicant, a
//! reviewer or a rival can get in both, byte for byte: pages, lists, counts, search, inbox, JSON, exports, histories.

use std::sync::Arc;

use grammar::kinds::Day;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    eyes::{self, Asked, Eyes},
    open::{MONDAY, Still},
    secrecy,
    worlds::{By, Step, World, town},
};

const OFFICER: By = By::Person("officer");
const SIGNER: By = By::Person("signer");

/// Organisations with the one person who signs for each: the key of both, its kind and region, and the keys of its steps.
const HOUSES: [(&str, &str, &str, &str, [&str; 2]); 7] = [
    ("mia", "mia/unit", "enterprise", "330106", ["mia/claim", "mia/confirm"]),
    ("ann", "ann/unit", "university", "310115", ["ann/claim", "ann/confirm"]),
    ("ben", "ben/unit", "university", "320500", ["ben/claim", "ben/confirm"]),
    ("eva", "eva/unit", "institute", "330106", ["eva/claim", "eva/confirm"]),
    ("fay", "fay/unit", "institute", "330106", ["fay/claim", "fay/confirm"]),
    ("gil", "gil/unit", "institute", "340100", ["gil/claim", "gil/confirm"]),
    ("hal", "hal/unit", "institute", "340100", ["hal/claim", "hal/confirm"]),
];
const EXPERTS: [(&str, &str, &str, [&str; 2]); 4] = [
    ("eva", "eva/unit", "eva/expert", ["eva/recommend", "eva/admit"]),
    ("fay", "fay/unit", "fay/expert", ["fay/recommend", "fay/admit"]),
    ("gil", "gil/unit", "gil/expert", ["gil/recommend", "gil/admit"]),
    ("hal", "hal/unit", "hal/expert", ["hal/recommend", "hal/admit"]),
];

/// What is different between two worlds.
#[derive(Clone, Copy)]
struct Differs {
    /// Who judges Ann's solution in the third place.
    third: &'static str,
    /// To whom the office finds Hal bound.
    bound: &'static str,
    /// What Ben's solution answers, and how it is called.
    rivals: (&'static str, &'static str),
}

const ONE: Differs = Differs { third: "gil", bound: "@ann", rivals: ("@need", "膜分离") };

fn people() -> Vec<Step> {
    let mut steps = town();
    for (person, unit, kind, region, [claim, confirm]) in HOUSES {
        let entry = json!({ "verb": "register", "name": { "zh": format!("示例单位 {person}"), "en": unit }, "kind": kind, "region": region });
        steps.push(Step::new(unit, By::Founder, "organisation", "", entry));
        let name = json!({ "zh": format!("示例人员 {person}"), "en": person });
        let entry = json!({ "verb": "register", "name": person, "region": "310000", "public": true, "display_name": name });
        steps.push(Step::new(person, By::Founder, "person", "", entry));
        let own = format!("@{unit}");
        let claims = json!({ "verb": "claim-affiliation", "organisation": own, "role": "director", "may_sign": true, "from": "2020-01-01" });
        let confirms = json!({ "verb": "confirm-affiliation", "organisation": own });
        steps.push(Step::new(claim, By::Founder, "person", person, claims));
        steps.push(Step::new(confirm, By::Founder, "person", person, confirms));
    }
    for office in ["expert-office", "panel-office"] {
        let appoint = json!({ "verb": "appoint", "holder": "@officer", "office": office, "region": "000000", "from": "2026-03-02", "document": "test 1" });
        steps.push(Step::new(office, By::Founder, "office", "", appoint));
    }
    for (person, unit, expert, [recommend, admit]) in EXPERTS {
        let by = By::Person(person);
        let apply = json!({
            "verb": "apply", "person": format!("@{person}"), "unit": format!("@{unit}"), "kinds": ["technical"],
            "title_level": "senior", "fields": ["integrated-circuits"], "load_max": 5, "named": false, "no_secrets": true
        });
        steps.push(Step::new(expert, by, "expert", "", apply));
        steps.push(Step::new(
            recommend,
            by,
            "expert",
            expert,
            json!({ "verb": "recommend", "opinion": "able" }),
        ));
        steps.push(Step::new(admit, OFFICER, "expert", expert, json!({ "verb": "admit" })));
    }
    steps
}

fn need([key, submit, screen, condense, confirm, publish, solicit]: [&'static str; 7]) -> Vec<Step> {
    let draft = secrecy::need();
    let condensed = json!({
        "verb": "condense", "title": draft["title"], "summary": draft["summary"], "indicators": draft["indicators"],
        "reason": "共同凝练"
    });
    let plain = |verb: &str| json!({ "verb": verb });
    let remark = |verb: &str| json!({ "verb": verb, "remark": "属实" });
    vec![
        Step::new(key, SIGNER, "need", "", draft),
        Step::new(submit, SIGNER, "need", key, plain("submit")),
        Step::new(screen, OFFICER, "need", key, remark("screen")),
        Step::new(condense, OFFICER, "need", key, condensed),
        Step::new(confirm, OFFICER, "need", key, remark("confirm")),
        Step::new(publish, OFFICER, "need", key, plain("publish")),
        Step::new(solicit, OFFICER, "need", key, plain("solicit")),
    ]
}

fn solution(
    (person, unit, need, title): (&'static str, &str, &str, &str),
    [key, leader, submit]: [&'static str; 3],
) -> Vec<Step> {
    let unit = format!("@{unit}");
    let by = By::Person(person);
    let draft = json!({
        "verb": "draft", "need": need, "lead": unit, "title": { "zh": title }, "summary": { "zh": title },
        "route": "分两步提纯", "months": 24, "total": "2000000.00", "public_money": "2000000.00", "commitment": true,
        "no_secrets": true, "promises": [{ "indicator": "分辨率", "promised": "≤ 20" }],
        "partners": [{ "organisation": "@mia/unit", "role": "中试" }],
        "budget": [{ "source": "province", "payer": "310000", "organisation": unit, "amount": "2000000.00" }],
        "milestones": []
    });
    let member = json!({ "verb": "add-member", "person": format!("@{person}"), "organisation": unit, "role": "leader",
                         "task": "总体", "months_a_year": 6 });
    vec![
        Step::new(key, by, "solution", "", draft),
        Step::new(leader, by, "solution", key, member),
        Step::new(submit, by, "solution", key, json!({ "verb": "submit" })),
    ]
}

/// A panel that judges Ann's solution, opinion by opinion; nobody judges Ben's.
fn judged(differs: Differs) -> Vec<Step> {
    let of = |verb: Value| Step::new("", OFFICER, "panel", "panel", verb);
    let open = json!({
        "verb": "open", "title": { "zh": "示例评审组" }, "region": "310000", "each": 3, "load_max": 4, "answer_days": 5,
        "review_days": 10, "fee_level": "lowest"
    });
    let third = EXPERTS.iter().find(|(person, ..)| *person == differs.third).unwrap();
    let seats = [EXPERTS[0], EXPERTS[1], *third];
    let pair = |expert: &str| json!({ "candidate": "@ann/solution", "expert": format!("@{expert}") });
    let pairs: Vec<Value> = seats.iter().map(|(_, _, expert, _)| pair(expert)).collect();
    vec![
        Step {
            key: "ann/checked",
            desk: "solution",
            of: "ann/solution",
            ..of(json!({ "verb": "check-formally", "passed": true }))
        },
        Step { key: "panel", of: "", ..of(open) },
        Step {
            key: "panel/admit",
            ..of(json!({ "verb": "admit-candidates", "candidates": ["@ann/solution"] }))
        },
        Step { key: "panel/propose", ..of(json!({ "verb": "propose", "pairs": pairs })) },
    ]
}

fn bound(differs: Differs) -> Vec<Step> {
    let note = json!({ "verb": "note-relation", "bond": "co-work", "with": differs.bound, "since": "2025-06-01", "until": null,
                       "note": "共同发表论文" });
    vec![Step::new("hal/tie", OFFICER, "expert", "hal/expert", note)]
}

/// The whole story in one world, sealed. Days pass in it, so that the need is no longer open to answers when they are judged.
fn played(differs: Differs) -> World {
    let clock: Arc<Still> = Still::at(MONDAY);
    let mut steps = people();
    steps.extend(need([
        "need",
        "n1/submit",
        "n1/screen",
        "n1/condense",
        "n1/confirm",
        "n1/publish",
        "n1/solicit",
    ]));
    steps.extend(need([
        "need-2",
        "n2/submit",
        "n2/screen",
        "n2/condense",
        "n2/confirm",
        "n2/publish",
        "n2/solicit",
    ]));
    steps.extend(solution(
        ("ann", "ann/unit", "@need", "两步精馏"),
        ["ann/solution", "ann/leader", "ann/submit"],
    ));
    let (answers, title) = differs.rivals;
    steps.extend(solution(("ben", "ben/unit", answers, title), ["ben/solution", "ben/leader", "ben/submit"]));
    steps.extend(bound(differs));
    let mut world = World::play_in(TempDir::new().unwrap(), clock.clone(), &steps).unwrap();
    clock.set("2026-05-06".parse::<Day>().unwrap().begins());
    world.registry.tick().unwrap();
    world.go_on(&judged(differs)).unwrap();
    world.judges("panel", 80);
    world.registry.seal_now().unwrap();
    world
}

/// Everything that each of them can get, in both worlds. Whoever looks also asks for what they may, so each looks at worlds of
/// their own.
fn nobody_can_tell(one: Differs, other: Differs, viewers: &[Option<&str>]) {
    for who in viewers {
        let (one, other) = (played(one), played(other));
        let asked = Asked::of(&one.registry);
        let compared = eyes::compare(&Eyes::new(&one, *who), &Eyes::new(&other, *who), &asked);
        assert!(compared.good > 200, "too little was seen to tell anything");
        let differ: Vec<String> = compared.differ.into_iter().take(20).collect();
        assert!(differ.is_empty(), "{who:?} can tell the worlds apart by\n{}", differ.join("\n"));
    }
}

#[test]
fn an_applicant_never_learns_who_reviews() {
    // Hal is bound to somebody else here.
    let one = Differs { bound: "@ben", ..ONE };
    nobody_can_tell(one, Differs { third: "hal", ..one }, &[Some("ann"), None]);
}

#[test]
fn a_reviewer_never_learns_who_is_barred_from_what() {
    nobody_can_tell(ONE, Differs { bound: "@ben", ..ONE }, &[Some("eva"), Some("ann")]);
}

/// Not how many there are either: in the other world Ben answers another need.
#[test]
fn rivals_never_learn_of_each_others_solutions() {
    let other = Differs { rivals: ("@need-2", "吸附提纯"), ..ONE };
    nobody_can_tell(ONE, other, &[Some("ann"), None]);
}

#[test]
fn the_two_worlds_are_different_for_whoever_may_know() {
    let other = Differs { third: "hal", bound: "@ben", rivals: ("@need-2", "吸附提纯") };
    let (one, other) = (played(ONE), played(other));
    let asked = Asked::of(&one.registry);
    let compared =
        eyes::compare(&Eyes::new(&one, Some("officer")), &Eyes::new(&other, Some("officer")), &asked);
    let differ = compared.differ.join("\n");
    for path in ["/panel/", "/expert/", "/solution/"] {
        assert!(differ.contains(path), "the officer sees no difference at {path}: {differ}");
    }
}
