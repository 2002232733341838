//! What a call does, told as stories. `UPDATE_EXPECT=1 cargo test -p desks` rewrites them.

use grammar::story::*;
use serde_json::{Value, json};

use super::{Command::*, Refusal::*, eligible::Looks, *};

const PROGRAMME: Id = Id::named("programme-1");
const FIRM: Id = Id::named("organisation-firm");
const APPLICATION: Id = Id::named("application-1");

fn topic(code: &str, more: Value) -> Value {
    let mut topic = json!({
        "code": code, "title": { "zh": "先进封装", "en": "Packaging" }, "goals": { "zh": "指标", "en": "Aims" },
        "field": "integrated-circuits", "funding": "up-to", "ceiling": "200万", "places": 5, "months": 36,
        "directed": false
    });
    for (name, value) in more.as_object().unwrap() {
        topic[name] = value.clone();
    }
    topic
}

fn guide(more: Value) -> Guide {
    let mut guide = json!({
        "programme": PROGRAMME, "title": { "zh": "通知", "en": "Call" }, "about": { "zh": "说明", "en": "About" },
        "topics": [topic("2026-IC-01", json!({})), topic("2026-IC-02", json!({ "funding": "fixed" }))],
        "family": "municipal", "opens": "2026-03-20 09:00", "closes": "2026-04-20 09:00",
        "for_foreign_invested": false, "contact": { "zh": "联系人", "en": "Contact" }
    });
    for (name, value) in more.as_object().unwrap() {
        guide[name] = value.clone();
    }
    serde_json::from_value(guide).unwrap()
}

fn story(kind: &str, more: Value) -> Story<Call> {
    let mut story = Story::<Call>::new("2026-03-02");
    let programme = Card::new().status("adopted").region(Region::code(310_000)).fact("kind", kind);
    story.given(PROGRAMME, programme.party("co-funder", FIRM)).showing(&["status"]);
    story.when(Draft(guide(more)));
    story
}

fn receive(code: &str, money: i64) -> Command {
    received(code, money, &[])
}

fn received(code: &str, money: i64, team: &[Id]) -> Command {
    let team = List::new(team.iter().map(|id| id.r()).collect()).unwrap();
    let co_funders = List::new(vec![FIRM.r()]).unwrap();
    let (topic, public_money) = (code.parse().unwrap(), yuan(money));
    Receive { application: APPLICATION, topic, public_money, team, co_funders, stage: Stage::Whole }
}

fn moment(text: &str) -> Moment {
    text.parse().unwrap()
}

fn seen(story: &Story<Call>) -> bool {
    story.record().clone().veil(&Viewer::public()) == Sight::Seen
}

#[test]
fn a_call_goes_from_consultation_over_embargo_to_its_closing_moment() {
    let mut story = story("ordinary", json!({ "embargo": "2026-03-10 09:00" }));
    story.when(Consult { summary: "征求了十家单位的意见".parse().unwrap() });
    story.when(Publish);
    assert!(!seen(&story), "nobody outside before the embargo is lifted");
    story.not_now(receive("2026-IC-01", 1));
    story.on("2026-03-11");
    assert!(seen(&story));
    story.refuses(receive("2026-IC-01", 1), NotOpenYet { opens: moment("2026-03-20 09:00") });
    // A story's days begin at nine.
    story.on("2026-03-20").when(receive("2026-IC-01", 2_000_000));
    story.on("2026-03-21").when(receive("2026-IC-01", 2_000_000));
    story.on("2026-04-19").when(receive("2026-IC-01", 2_000_000));
    // At nine on the last day the window shuts, before the clock has said so.
    story
        .on("2026-04-20")
        .refuses(receive("2026-IC-01", 1), ClosedAlready { closes: moment("2026-04-20 09:00") });
    story.expect(&expect![[r#"
        2026-03-02  draft     said drafted  status draft
        2026-03-02  consult   said consulted  status consulted
        2026-03-02  publish   said embargoed | carry programme-1: call call  status embargoed
        2026-03-10  clock     said published  status published
        2026-03-11  refuses   Because(NotOpenYet { opens: Moment(1773968400000) }, None)  status published
        2026-03-20  receive     status published
        2026-03-20  clock     said opened  status open
        2026-03-21  receive     status open
        2026-04-19  receive     status open
        2026-04-20  refuses   Because(ClosedAlready { closes: Moment(1776646800000) }, None)  status open
    "#]]);
}

#[test]
fn an_application_asks_for_what_its_topic_gives() {
    let mut story = story("ordinary", json!({}));
    story.when(Publish).on("2026-03-21");
    story.refuses(receive("2026-IC-01", 2_000_001), MoreThanTheCeiling { ceiling: yuan(2_000_000) });
    story.refuses(receive("2026-IC-02", 1_000_000), NotTheFixedSum { ceiling: yuan(2_000_000) });
    story.when(receive("2026-IC-02", 2_000_000));
    story.refuses(receive("2026-IC-09", 1), NoSuchTopic { topic: "2026-IC-09".parse().unwrap() });
}

#[test]
fn the_national_funds_guide_stands_for_thirty_days() {
    let fund = |opens: &str| json!({ "family": "natural-science-fund", "opens": opens });
    story("joint-fund", fund("2026-03-31 09:00")).refuses(Publish, StandsTooShort { least: 30, days: 29 });
    story("joint-fund", fund("2026-04-01 09:00")).when(Publish);
    let embargoed = json!({ "family": "natural-science-fund", "opens": "2026-04-01 09:00", "embargo": "2026-03-10 09:00" });
    story("joint-fund", embargoed).refuses(Publish, StandsTooShort { least: 30, days: 22 });
    let short = json!({ "closes": "2026-04-01 09:00" });
    story("ordinary", short).refuses(Publish, WindowTooShort { least: 15, days: 12 });
    let past = json!({ "opens": "2026-01-01 09:00", "closes": "2026-02-01 09:00" });
    story("ordinary", past).refuses(Publish, ClosesInThePast);
}

#[test]
fn a_topic_keeps_its_code_and_a_change_is_a_new_version_with_a_reason() {
    let mut story = story("ordinary", json!({}));
    let revise = |code: &str, more: Value| ReviseTopic {
        topic: serde_json::from_value(topic(code, more)).unwrap(),
        reason: "上限调整".parse().unwrap(),
    };
    story.not_now(revise("2026-IC-01", json!({})));
    story.when(Publish).when(revise("2026-IC-01", json!({ "ceiling": "300万" })));
    let versions = story.record().topic_versions();
    assert_eq!(versions.iter().map(|(_, number)| *number).collect::<Vec<_>>(), [2, 1]);
    assert_eq!(story.record().versions.first().unwrap().before.ceiling, yuan(2_000_000));
    story.refuses(revise("2026-IC-03", json!({})), NoSuchTopic { topic: "2026-IC-03".parse().unwrap() });
    story.on("2026-04-11").refuses(revise("2026-IC-01", json!({})), TooLateToRevise { days: 10 });
    story.refuses(
        Extend { closes: moment("2026-04-20 09:00"), reason: "x".parse().unwrap() },
        NotLater { closes: moment("2026-04-20 09:00") },
    );
    story.when(Extend { closes: moment("2026-05-08 09:00"), reason: "系统维护".parse().unwrap() });
    story.when(revise("2026-IC-01", json!({}))).on("2026-04-21").when(receive("2026-IC-01", 1));
}

#[test]
fn co_funders_set_no_directed_topics() {
    let directed = json!({ "topics": [topic("A", json!({ "directed": true }))] });
    let code: Text<24> = "A".parse().unwrap();
    story("co-funded-pool", directed.clone()).refuses(Publish, DirectedTopic { topic: code.clone() });
    story("ordinary", directed).when(Publish);
    let mut pool = story("co-funded-pool", json!({ "topics": [topic("A", json!({}))] }));
    let topic = serde_json::from_value(topic("A", json!({ "directed": true }))).unwrap();
    pool.when(Publish)
        .refuses(ReviseTopic { topic, reason: "x".parse().unwrap() }, DirectedTopic { topic: code });
    let (solver, daughter) = (Id::named("organisation-solver"), Id::named("organisation-daughter"));
    pool.given(FIRM, Card::new())
        .given(solver, Card::new())
        .given(daughter, Card::new().party("parent", FIRM));
    pool.on("2026-03-21").when(received("A", 1, &[solver]));
    pool.refuses(received("A", 1, &[solver, daughter]), CoFunderTakesPart { organisation: daughter.r() });
    pool.refuses(received("A", 1, &[FIRM]), CoFunderTakesPart { organisation: FIRM.r() });
    assert_eq!(pool.record().card().holders("co-funder").collect::<Vec<_>>(), [FIRM]);
}

#[test]
fn a_call_for_foreign_invested_firms_is_bilingual_and_checks_six_things() {
    let looks = [
        "unit-in-region",
        "partner-in-region",
        "rights-in-the-city",
        "export-checked",
        "data-checked",
        "genetic-resources-checked",
    ];
    let conditions = |count: usize| {
        looks
            .iter()
            .take(count)
            .map(|looks| json!({ "looks": looks, "region": "310000" }))
            .collect::<Vec<_>>()
    };
    let of = |count| json!({ "for_foreign_invested": true, "conditions": conditions(count) });
    story("ordinary", of(6)).when(Publish);
    story("ordinary", of(3)).refuses(Publish, ConditionMissing { looks: Looks::ExportChecked });
    let mut chinese = of(6);
    chinese["about"] = json!({ "zh": "说明" });
    story("ordinary", chinese).refuses(Publish, NotBilingual);
}

#[test]
fn a_draft_makes_sense() {
    let mut story = story("ordinary", json!({}));
    let amend = |more| Amend(guide(more));
    story.refuses(amend(json!({ "title": {} })), NoTitle);
    story.refuses(amend(json!({ "closes": "2026-03-20 09:00" })), ClosesBeforeItOpens);
    story.refuses(amend(json!({ "embargo": "2026-03-21 09:00" })), EmbargoAfterOpening);
    let code: Text<24> = "A".parse().unwrap();
    let twice = json!({ "topics": [topic("A", json!({})), topic("A", json!({}))] });
    story.refuses(amend(twice), CodeTwice { topic: code.clone() });
    story.refuses(
        amend(json!({ "topics": [topic("A", json!({ "goals": {} }))] })),
        TopicIsEmpty { topic: code },
    );
    story.refuses(
        amend(json!({ "topics": [topic("A", json!({ "ceiling": "0" }))] })),
        NotAnAmount { amount: yuan(0) },
    );
    story
        .given(Id::named("programme-2"), Card::new())
        .refuses(amend(json!({ "programme": "programme-2" })), ProgrammeChanges);
    story.when(amend(json!({ "topics": [] }))).refuses(Publish, NoTopics);
}

#[test]
fn questions_are_answered_for_everyone_and_who_asked_is_not_shown() {
    let mut story = story("ordinary", json!({}));
    let ask = |text: &str| AskQuestion { text: text.parse().unwrap() };
    let answer = |number, text: &str| AnswerQuestion { number, text: text.parse().unwrap() };
    story.not_now(ask("外地单位能否参加"));
    story.when(Publish).by(Viewer { person: Some(Id::named("person-1")), ..Viewer::default() });
    story.when(ask("外地单位能否参加")).when(ask("能否跨学科"));
    story.refuses(ask("请打 13812345678"), ShowsPersonalNumbers);
    story.when(answer(1, "可以作为合作单位")).refuses(answer(1, "可以"), AlreadyAnswered { number: 1 });
    story.refuses(answer(9, "可以"), NoSuchQuestion { number: 9 });
    let mut seen = story.record().clone();
    assert_eq!(seen.veil(&Viewer::public()), Sight::Seen);
    assert_eq!(seen.questions.iter().map(|q| (q.number, q.by)).collect::<Vec<_>>(), [(1, None)]);
    let asked = Event::Asked { question: story.record().questions.first().unwrap().clone() };
    assert_eq!(Call::veil_event(story.record(), asked, &Viewer::public()), None);
}

fn of_stage(stage: Stage) -> Command {
    let Receive { application, topic, public_money, team, co_funders, .. } = receive("2026-IC-01", 1) else {
        panic!("a receipt")
    };
    Receive { application, topic, public_money, team, co_funders, stage }
}

/// Briefs for a month, twenty days to decide, a month for the full text of those invited.
fn in_two_stages(more: Value) -> Value {
    let mut dates = json!({
        "brief_closes": "2026-04-20 09:00", "full_opens": "2026-05-10 09:00", "closes": "2026-06-10 09:00"
    });
    for (name, value) in more.as_object().unwrap() {
        dates[name] = value.clone();
    }
    dates
}

#[test]
fn briefs_and_full_texts_are_each_taken_in_their_own_window() {
    let mut story = story("ordinary", in_two_stages(json!({})));
    story.when(Publish);
    story.on("2026-03-21").when(of_stage(Stage::Brief));
    story.refuses(of_stage(Stage::Whole), AnotherStage);
    story.refuses(of_stage(Stage::Full), NotOpenYet { opens: moment("2026-05-10 09:00") });
    story
        .on("2026-04-20")
        .refuses(of_stage(Stage::Brief), ClosedAlready { closes: moment("2026-04-20 09:00") });
    story.on("2026-05-11").when(of_stage(Stage::Full));
    story
        .on("2026-06-10")
        .refuses(of_stage(Stage::Full), ClosedAlready { closes: moment("2026-06-10 09:00") });
    story.expect(&expect![[r#"
        2026-03-02  draft     said drafted  status draft
        2026-03-02  publish   said published | carry programme-1: call call  status published
        2026-03-20  clock     said opened  status open
        2026-03-21  receive     status open
        2026-03-21  refuses   Because(AnotherStage, None)  status open
        2026-03-21  refuses   Because(NotOpenYet { opens: Moment(1778374800000) }, None)  status open
        2026-04-20  refuses   Because(ClosedAlready { closes: Moment(1776646800000) }, None)  status open
        2026-04-20  clock     said briefs-closed  status deciding
        2026-05-10  clock     said full-opened  status completing
        2026-05-11  receive     status completing
        2026-06-10  refuses   Because(ClosedAlready { closes: Moment(1781053200000) }, None)  status completing
    "#]]);
}

#[test]
fn the_dates_of_two_stages_follow_one_another_and_leave_time() {
    let mut story = story("ordinary", in_two_stages(json!({ "closes": "2026-06-01 09:00" })));
    story.refuses(Publish, WindowTooShort { least: 30, days: 22 });
    let amend = |more| Amend(guide(in_two_stages(more)));
    story.refuses(amend(json!({ "full_opens": null })), OneBriefDate);
    story.refuses(amend(json!({ "full_opens": "2026-04-19 09:00" })), BriefDatesOutOfOrder);
    story.refuses(amend(json!({ "brief_closes": "2026-03-20 09:00" })), BriefDatesOutOfOrder);
    story.when(amend(json!({ "brief_closes": "2026-03-30 09:00" })));
    story.refuses(Publish, WindowTooShort { least: 15, days: 10 });
    story.when(amend(json!({}))).when(Publish);
}

#[test]
fn the_first_window_is_extended_without_taking_from_the_second() {
    let extend =
        |at: &str| ExtendBriefs { brief_closes: moment(at), reason: "平台维护".parse().unwrap() };
    let mut one = story("ordinary", json!({}));
    one.when(Publish).refuses(extend("2026-04-25 09:00"), NoBriefs);
    let mut story = story("ordinary", in_two_stages(json!({})));
    story.when(Publish).on("2026-04-19");
    story.refuses(extend("2026-04-20 09:00"), NotLater { closes: moment("2026-04-20 09:00") });
    story.refuses(extend("2026-05-11 09:00"), BriefsIntoFull { full_opens: moment("2026-05-10 09:00") });
    story.when(extend("2026-04-25 09:00"));
    story.on("2026-04-24").when(of_stage(Stage::Brief)).on("2026-04-26");
    story.not_now(extend("2026-04-28 09:00"));
}
