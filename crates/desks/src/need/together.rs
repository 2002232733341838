//! Needs in one house with the firms that put them: whole cases, with what one need tells another.

use std::collections::BTreeMap;

use grammar::{
    case::{Shelf, Stored},
    form::Dice,
    fuzz::World,
    kinds::REGION_ALL,
    prelude::*,
};
use serde_json::{Value, json};

use crate::DESKS;

/// A world with an enterprise in each of three provinces, and someone who may do everything for them.
fn house() -> (World, Vec<Id>, Viewer) {
    let mut world = World::new(&DESKS, "2026-03-02".parse().unwrap());
    let offices = ["registrar", "screening", "joint-office"].map(|office| (office.to_owned(), REGION_ALL));
    let registrar = Viewer { offices: offices.to_vec(), ..Viewer::default() };
    let firms: Vec<Id> = ["310115", "320500", "330106"]
        .iter()
        .map(|region| {
            let entry = json!({ "verb": "register", "name": { "zh": region }, "kind": "enterprise", "region": region });
            world.ask("organisation", None, &entry, &registrar).unwrap()
        })
        .collect();
    let (organisations, signs_for) = (firms.clone(), firms.clone());
    let person = Some(Id::named("person-x"));
    let everyone = Viewer { person, organisations, signs_for, ..registrar };
    (world, firms, everyone)
}

fn fields(verb: &str, owner: Id) -> Value {
    json!({
        "verb": verb, "owner": owner, "title": { "zh": "光刻胶" }, "summary": { "zh": "用于二十八纳米" },
        "field": "integrated-circuits", "deadline_months": 24, "budget": "4000000.00", "co_funding": true,
        "indicators": [{ "name": "impurities", "threshold": "≤ 1 ppb" }], "cross_region": "resin",
        "ip_ownership": "jointly", "no_secrets": true
    })
}

fn screened(world: &mut World, owner: Id, by: &Viewer) -> Id {
    let need = world.ask("need", None, &fields("draft", owner), by).unwrap();
    for command in [json!({ "verb": "submit" }), json!({ "verb": "screen", "remark": "real" })] {
        world.ask("need", Some(need), &command, by).unwrap();
    }
    need
}

fn status(world: &World, need: Id) -> String {
    world.stored(need).unwrap().standing.card.status.clone()
}

#[test]
fn needs_become_one_and_part_again_in_one_transaction() {
    let (mut world, firms, by) = house();
    let needs: Vec<Id> = firms.iter().map(|firm| screened(&mut world, *firm, &by)).collect();
    let [lead, second, third] = needs.as_slice() else { panic!("three needs") };
    let mut condense = json!({
        "verb": "condense", "with": [second, third], "title": { "zh": "先进光刻胶" }, "summary": { "zh": "共性" },
        "indicators": [{ "name": "impurities", "threshold": "≤ 0.5 ppb" }], "reason": "the same material"
    });
    world.ask("need", Some(*lead), &condense, &by).unwrap();
    let joined = world.stored(*lead).unwrap().standing.card;
    assert_eq!(joined.holders("co-owner").collect::<Vec<_>>(), firms.get(1..).unwrap());
    assert_eq!(
        (status(&world, *second), status(&world, *third)),
        ("condensed-into".into(), "condensed-into".into())
    );
    condense["with"] = json!([third]);
    assert!(world.ask("need", Some(*lead), &condense, &by).is_err(), "it is part of this one already");
    let withdraw = json!({ "verb": "withdraw", "remark": "solved" });
    world.ask("need", Some(*lead), &withdraw, &by).unwrap();
    assert_eq!((status(&world, *second), status(&world, *third)), ("screened".into(), "screened".into()));
}

#[test]
fn a_province_that_may_not_read_a_need_cannot_condense_it() {
    let (mut world, firms, by) = house();
    let needs: Vec<Id> = firms.iter().map(|firm| screened(&mut world, *firm, &by)).collect();
    let [lead, second, _] = needs.as_slice() else { panic!("three needs") };
    let offices = vec![("joint-office".to_owned(), Region::code(310_000))];
    let shanghai = Viewer { offices, ..Viewer::default() };
    let condense = |with: &[Id]| {
        json!({
            "verb": "condense", "with": with, "title": { "zh": "先进光刻胶" }, "summary": { "zh": "共性" },
            "indicators": [{ "name": "impurities", "threshold": "≤ 0.5 ppb" }], "reason": "the same"
        })
    };
    assert!(world.ask("need", Some(*lead), &condense(&[*second]), &shanghai).is_err());
    world.ask("need", Some(*lead), &condense(&[]), &shanghai).unwrap();
}

/// Asked by time or by other needs, never by the people of this test; or of solutions, of which it has none.
const OF_OTHERS: [&str; 6] = ["join", "leave", "expire", "end-solicitation", "answer", "prefer"];
/// Needs that are played with at a time.
const AT_HAND: usize = 4;

/// Random verbs in any order, with owners and fields that let a need go its whole way.
#[test]
fn any_order_of_verbs_keeps_what_must_hold() {
    let clerk = DESKS.find("need").unwrap();
    let mut accepted = BTreeMap::<String, u32>::new();
    for seed in 1..=3 {
        let (mut world, firms, by) = house();
        let (mut dice, mut needs) = (Dice::new(seed), Vec::<Id>::new());
        for _ in 0..4_000 {
            let verb = dice.one_of(clerk.verbs()).unwrap();
            let is_rare = matches!(verb.name.as_str(), "withdraw" | "return" | "draft");
            let some = |desk: &str, dice: &mut Dice| {
                dice.one_of(if desk == "need" { &needs } else { &firms }).copied()
            };
            let sample = verb.sample(&mut dice, world.now.day(), &some);
            let Some(command) = sample.filter(|_| !is_rare || dice.once_in(8)) else { continue };
            let record = if verb.name == "draft" { None } else { dice.one_of(&needs).copied() };
            if let Ok(id) = world.ask("need", record, &likely(command), &by) {
                *accepted.entry(verb.name.clone()).or_default() += 1;
                clerk.check(&world.stored(id).unwrap().standing.state);
                if record.is_none() {
                    needs.push(id);
                    needs.drain(..needs.len().saturating_sub(AT_HAND));
                }
            }
            if dice.once_in(6) {
                let days = i64::try_from(dice.below(40)).unwrap();
                world.now = world.now.plus_millis(days * 86_400_000);
                wake(&mut world, &needs);
            }
        }
    }
    println!("{accepted:#?}");
    for verb in clerk.verbs().iter().filter(|verb| !OF_OTHERS.contains(&verb.name.as_str())) {
        assert!(accepted.contains_key(&verb.name), "{} was never accepted", verb.name);
    }
}

/// The sample, with what would make nearly every need fail to pass replaced.
fn likely(mut command: Value) -> Value {
    let owner = command.get("owner").and_then(Value::as_str).and_then(|id| id.parse().ok());
    if let Some(days) = command.get_mut("days") {
        *days = json!(25);
    }
    let verb = command.get("verb").and_then(Value::as_str).unwrap_or_default();
    owner.map_or(command.clone(), |owner| fields(verb, owner))
}

/// What the needs asked the clock for happens.
fn wake(world: &mut World, needs: &[Id]) {
    for need in needs {
        while let Some(Stored { standing, .. }) = world.stored(*need) {
            let Some(due) = standing.due.filter(|due| due.at <= world.now) else {
                break;
            };
            world.ask("need", Some(*need), &due.command, &Viewer::clock()).expect("its own wish");
        }
    }
}
