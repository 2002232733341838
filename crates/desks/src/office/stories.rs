//! What an appointment does, told as stories. `UPDATE_EXPECT=1 cargo test -p desks` rewrites them.

use grammar::{form::Dice, fuzz::World, story::*, words::Locale};
use serde_json::{Value, json};

use super::{Command::*, Refusal::*, *};
use crate::DESKS;

const LIN: Id = Id::named("person-lin");

fn appointment(from: &str, until: Option<&str>) -> Command {
    Appoint {
        holder: LIN.r(),
        office: Duty::Registrar,
        region: Region::code(310_000),
        from: day(from),
        until: until.map(day),
        document: "notice 12 of 2026".parse().unwrap(),
    }
}

fn asked() -> Story<Office> {
    let mut story = Story::<Office>::new("2026-03-02");
    story.showing(&["from", "until", "ended"]).given(LIN, Card::new().status("active"));
    story
}

#[test]
fn an_appointment_ends_by_itself_after_its_last_day() {
    let mut story = asked();
    story.when(appointment("2026-03-02", Some("2026-12-31")));
    let card = story.record().card();
    assert_eq!(card.titled("", ""), {
        let card = Card::new().status("in-force").region(Region::code(310_000)).party("holder", LIN);
        card.facet("office", "registrar")
            .source("notice 12 of 2026")
            .from(day("2026-03-02"))
            .until(day("2026-12-31"))
    });
    story.on("2026-12-31").not_now(Lapse);
    story.wait_until("2027-02-01");
    story
        .not_now(End { reason: "x".parse().unwrap() })
        .not_now(Lapse)
        .not_now(appointment("2027-03-01", None));
    story.expect(&expect![[r#"
        2026-03-02  appoint   said appointed | take-office person-lin: appointment office, office registrar  from 2026-03-02  until 2026-12-31  ended -
        2027-01-01  clock     said lapsed | leave-office person-lin: appointment office  from 2026-03-02  until 2026-12-31  ended 2026-12-31
    "#]]);
}

#[test]
fn an_appointment_without_an_end_is_ended_by_an_office() {
    let mut story = asked();
    story.when(appointment("2026-04-01", None));
    assert!(story.record().due().is_none());
    story.on("2028-01-03").when(End { reason: "moved to another post".parse().unwrap() });
    assert_eq!(story.record().card().until, Some(day("2028-01-03")));
    story.expect(&expect![[r#"
        2026-03-02  appoint   said appointed | take-office person-lin: appointment office, office registrar  from 2026-04-01  until -  ended -
        2028-01-03  end       said ended | leave-office person-lin: appointment office  from 2026-04-01  until -  ended 2028-01-03
    "#]]);
}

#[test]
fn nobody_is_appointed_backwards_in_time_nor_after_being_erased() {
    let mut story = asked();
    story.refuses(appointment("2026-03-01", None), BeginsInThePast { from: day("2026-03-01") });
    story.refuses(
        appointment("2026-03-09", Some("2026-03-08")),
        EndsBeforeItBegins { from: day("2026-03-09"), until: day("2026-03-08") },
    );
    story.given(LIN, Card::new().status("erased"));
    story.refuses(appointment("2026-03-09", None), HolderIsErased { holder: LIN.r() });
}

#[test]
fn the_three_administrators_are_different_persons_also_across_records() {
    let mut world = World::new(&DESKS, day("2026-03-02"));
    let admin = Viewer {
        person: Some(Id::named("person-founder")),
        offices: vec![("system-admin".into(), Region::code(0))],
        ..Viewer::default()
    };
    let sign_up = json!({ "verb": "sign-up", "name": "c0ffee", "region": "310000", "public": false });
    let lin = world.ask("person", None, &sign_up, &admin).unwrap();
    let appoint = |office: &str| {
        json!({ "verb": "appoint", "holder": lin, "office": office, "region": "310000",
            "from": "2026-03-02", "document": "notice 12" })
    };
    let first = world.ask("office", None, &appoint("security-admin"), &admin).unwrap();
    world.ask("office", None, &appoint("registrar"), &admin).unwrap();
    let refused = format!("{:?}", world.ask("office", None, &appoint("auditor"), &admin));
    assert!(refused.contains("offices-apart") && refused.contains("PL-R13"), "{refused}");
    world.ask("office", Some(first), &json!({ "verb": "end", "reason": "moved" }), &admin).unwrap();
    world.ask("office", None, &appoint("auditor"), &admin).unwrap();
}

fn words_of(clerk: &dyn grammar::clerk::Clerk, verb: &str) -> Vec<Value> {
    let kind = clerk.verb(verb).and_then(|verb| verb.form.field("office")).map(|field| field.kind.clone());
    let Some(grammar::form::Kind::Choice(offices)) = kind else { panic!("`office` is not a choice") };
    offices.into_iter().map(Value::from).collect()
}

#[test]
fn every_office_that_a_desk_asks_for_can_be_held() {
    let offices = words_of(DESKS.find("office").unwrap(), "appoint");
    let (mut dice, mut asked_for) = (Dice::new(1), 0);
    for clerk in DESKS.iter() {
        for verb in clerk.verbs() {
            let sample = verb.sample(&mut dice, day("2026-03-02"), &|_, _| Some(LIN));
            let who = sample.and_then(|command| clerk.who(&command)).map(Who::names).unwrap_or_default();
            for office in who.iter().filter_map(|name| name.rsplit_once("office:")) {
                assert!(offices.contains(&office.1.into()), "{} asks for {office:?}", clerk.name());
                asked_for += 1;
            }
        }
    }
    assert!(asked_for > 10);
}

#[test]
fn titles_say_what_the_words_say() {
    let clerk = DESKS.find("office").unwrap();
    for office in words_of(clerk, "appoint") {
        let duty: Duty = serde_json::from_value(office.clone()).unwrap();
        for (locale, name) in Locale::BOTH.into_iter().zip(duty.names()) {
            assert_eq!(clerk.words(locale).find("choice", office.as_str().unwrap()), Some(name));
        }
    }
}
