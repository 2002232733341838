//! What a notice does, told as stories. `UPDATE_EXPECT=1 cargo test -p desks` rewrites them.

use grammar::story::*;

use super::{Command::*, Refusal::*, *};

const ALI: Id = Id::named("person-ali");
const BO: Id = Id::named("person-bo");

fn terms(days: i64, unit: &str) -> Terms {
    let text = format!(
        r#"{{"about":"achievement-7","region":"310000","title":{{"zh":"协议定价公示"}},"text":{{"zh":"拟以 300 万元许可"}},"contact":{{"zh":"成果处 021-62881234"}},"basis":"measure 5, article 9","days":{days},"unit":"{unit}"}}"#
    );
    serde_json::from_str(&text).unwrap()
}

fn published(days: i64, unit: &str) -> Story<Notice> {
    let mut story = Story::<Notice>::new("2026-09-16");
    story.given(Id::named("achievement-7"), Card::new()).showing(&["last", "round", "ended"]);
    story.when(Publish(terms(days, unit)));
    story
}

fn person(id: Id) -> Viewer {
    Viewer { person: Some(id), ..Viewer::default() }
}

fn officer() -> Viewer {
    Viewer {
        offices: vec![("notice-office".into(), Region::code(310_000))],
        ..person(Id::named("person-officer"))
    }
}

fn words<const N: usize>(text: &str) -> Text<N> {
    text.parse().unwrap()
}

fn object(text: &str) -> Command {
    Object { text: words(text), named: false }
}

fn answer(objection: u32, upheld: bool) -> Command {
    Answer { objection, text: words("we looked into it"), upheld }
}

fn change(text: &str) -> Command {
    Change { text: Bilingual { zh: None, en: Some(words(text)) }, reason: words("new price") }
}

#[test]
fn a_notice_that_nobody_objects_to_ends_after_its_last_day() {
    let mut story = published(15, "calendar-days");
    story.on("2026-10-08").not_now(Conclude);
    story.wait_until("2026-10-20");
    assert_eq!(story.record().card().status, "concluded");
    story.not_now(object("late")).not_now(change("x")).not_now(Withdraw { reason: words("x") });
    story.expect(&expect![[r#"
        2026-09-16  publish   said published  last 2026-10-08  round 1  ended -
        2026-10-09  clock     said concluded  last 2026-10-08  round 1  ended ["2026-10-09","concluded"]
    "#]]);
}

#[test]
fn fifteen_working_days_are_not_fifteen_days() {
    let calendar = published(15, "calendar-days").record().last;
    let working = published(15, "working-days").record().last;
    assert_eq!((calendar, working), (day("2026-10-08"), day("2026-10-13")));
}

#[test]
fn an_objection_holds_the_notice_until_it_is_answered() {
    let mut story = published(5, "working-days");
    story.on("2026-09-17").by(person(ALI)).when(object("the price is too low"));
    assert_eq!(story.record().card().status, "objected");
    story.on("2026-10-20").not_now(Conclude);
    story.by(officer()).when(answer(1, false));
    story.wait_until("2026-10-21");
    assert_eq!(story.record().card().status, "concluded");
    story.expect(&expect![[r#"
        2026-09-16  publish   said published  last 2026-09-22  round 1  ended -
        2026-09-17  object    said objected  last 2026-09-22  round 1  ended -
        2026-10-20  answer    said answered  last 2026-09-22  round 1  ended -
        2026-10-20  clock     said concluded  last 2026-09-22  round 1  ended ["2026-10-20","concluded"]
    "#]]);
}

#[test]
fn an_upheld_objection_needs_a_change_and_a_change_restarts_the_period() {
    let mut story = published(5, "working-days");
    story.on("2026-09-17").by(person(ALI)).when(object("the price is too low"));
    story.by(officer()).when(answer(1, true));
    story.on("2026-10-20").not_now(Conclude);
    story.when(change("licence for 3.2 million yuan"));
    assert_eq!(story.record().card().status, "running");
    story.wait_until("2026-11-20");
    story.expect(&expect![[r#"
        2026-09-16  publish   said published  last 2026-09-22  round 1  ended -
        2026-09-17  object    said objected  last 2026-09-22  round 1  ended -
        2026-09-17  answer    said answered  last 2026-09-22  round 1  ended -
        2026-10-20  change    said changed  last 2026-10-27  round 2  ended -
        2026-10-28  clock     said concluded  last 2026-10-27  round 2  ended ["2026-10-28","concluded"]
    "#]]);
}

#[test]
fn objections_come_in_time_from_people_who_are_signed_in_and_not_without_end() {
    let mut story = published(5, "working-days");
    story.by(Viewer::public()).not_now(object("who am I"));
    story.by(person(ALI));
    for n in 0..5 {
        story.when(object(&format!("reason {n}")));
    }
    story.refuses(object("reason 6"), EnoughFromYou { max: 5 });
    for n in 0..295 {
        let other: Id = format!("person-{n}").parse().unwrap();
        story.by(person(other)).when(object("me too"));
    }
    story.by(person(BO)).refuses(object("me too"), TooManyObjections { max: 300 });

    let mut late = published(5, "working-days");
    late.on("2026-09-22").by(person(ALI)).when(object("on the last day"));
    late.on("2026-09-23").refuses(object("too late"), PeriodIsOver { last: day("2026-09-22") });
}

#[test]
fn an_objection_is_answered_once_and_by_someone_else() {
    let mut story = published(5, "working-days");
    story.by(officer()).when(object("as a citizen"));
    story.refuses(answer(1, false), OwnObjection);
    story.by(person(BO)).refuses(answer(2, false), NoSuchObjection { objection: 2 });
    story.when(answer(1, false)).refuses(answer(1, true), AlreadyAnswered { objection: 1 });
}

#[test]
fn nothing_public_shows_the_numbers_of_persons() {
    let mut story = published(5, "working-days");
    let telephone = "ask 13800138000";
    story.by(person(ALI)).refuses(object(telephone), ShowsPersonalNumbers);
    story.by(officer()).refuses(change(telephone), ShowsPersonalNumbers);
    story.when(object("fine")).by(person(BO));
    let text = words("her number is 11010519491231002X");
    story.refuses(Answer { objection: 1, text, upheld: false }, ShowsPersonalNumbers);

    let mut new = Story::<Notice>::new("2026-09-16");
    let title = Bilingual { zh: Some(words("13800138000")), en: None };
    new.refuses(Publish(Terms { title, ..terms(5, "working-days") }), ShowsPersonalNumbers);
    let contact = Bilingual { zh: None, en: None };
    new.refuses(Publish(Terms { contact, ..terms(5, "working-days") }), NothingToRead);
    let same = Change { text: terms(5, "working-days").text, reason: words("x") };
    story.refuses(same, NothingChanged);
}

#[test]
fn who_objected_is_for_the_office_and_the_objector() {
    let mut story = published(5, "working-days");
    story.by(person(ALI)).when(object("unnamed"));
    story.by(person(BO)).when(Object { text: words("named"), named: true });
    let seen = |viewer: &Viewer| {
        let mut record = story.record().clone();
        assert_eq!(record.veil(viewer), Sight::Seen);
        record.objections.iter().map(|objection| objection.by.map(|by| by.id())).collect::<Vec<_>>()
    };
    assert_eq!(seen(&officer()), [Some(ALI), Some(BO)]);
    assert_eq!(seen(&person(ALI)), [Some(ALI), Some(BO)]);
    assert_eq!(seen(&person(BO)), [None, Some(BO)]);
    assert_eq!(seen(&Viewer::public()), [None, Some(BO)]);
    let (number, on) = (1, day("2026-09-16"));
    let event = |by| Objected { number, by, named: false, on, text: words("unnamed") };
    let told = |viewer: &Viewer| Notice::veil_event(story.record(), event(Some(ALI.r())), viewer);
    assert_eq!(told(&Viewer::public()), Some(event(None)));
    assert_eq!(told(&officer()), Some(event(Some(ALI.r()))));
}

#[test]
fn a_withdrawn_notice_is_over() {
    let mut story = published(5, "working-days");
    story.by(person(ALI)).when(object("the price is too low"));
    story.by(officer()).when(Withdraw { reason: words("the sale was given up") });
    story.not_now(answer(1, false)).not_now(object("x"));
    assert!(story.record().due().is_none());
    story.expect(&expect![[r#"
        2026-09-16  publish   said published  last 2026-09-22  round 1  ended -
        2026-09-16  object    said objected  last 2026-09-22  round 1  ended -
        2026-09-16  withdraw  said withdrawn  last 2026-09-22  round 1  ended ["2026-09-16","withdrawn"]
    "#]]);
}
