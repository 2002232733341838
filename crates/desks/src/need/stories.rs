//! What a need does, told as stories. `UPDATE_EXPECT=1 cargo test -p desks` rewrites them.

use grammar::story::*;

use super::{Command::*, Event::*, Refusal::*, *};
use crate::field::Field;

const FIRM: Id = Id::named("organisation-firm");
const RIVAL: Id = Id::named("organisation-rival");
const OTHER: Id = Id::named("need-other");
const SUZHOU: Region = Region::code(320_500);

fn fields(more: &str) -> Fields {
    let text = format!(
        r#"{{"owner":"organisation-firm","title":{{"zh":"高纯光刻胶"}},"field":"integrated-circuits",
        "summary":{{"zh":"用于二十八纳米"}},"deadline_months":36,"budget":"4000000","co_funding":true,
        "ip_ownership":"jointly","no_secrets":true {more}}}"#
    );
    serde_json::from_str(&text).unwrap()
}

fn complete(more: &str) -> Fields {
    let indicators = r#"[{"name":"metal impurities","unit":"ppb","threshold":"≤ 1","test_method":"ICP-MS"}]"#;
    let needed = r#""cross_region":"resin from Zhejiang","own_funds":"2000000","detail":"monomer ratio 3:1","rnd_spend":"9000000""#;
    fields(&format!(r#","indicators":{indicators},{needed} {more}"#))
}

fn said(text: &str) -> Text<1000> {
    text.parse().unwrap()
}

fn firm(kind: &str, region: u32) -> Card {
    Card::new().region(Region::code(region)).fact("kind", kind)
}

fn story(today: &str) -> Story<Need> {
    let mut story = Story::<Need>::new(today);
    story.given(FIRM, firm("enterprise", 320_500));
    let office = ("joint-office".to_owned(), Region::code(320_000));
    story.by(Viewer { offices: vec![office], ..Viewer::default() });
    story.given(OTHER, Card::new().status("screened").party("owner", RIVAL));
    story
}

fn drafted(fields: Fields) -> Story<Need> {
    let mut story = story("2026-03-02");
    story.showing(&["status", "expires", "remark"]);
    story.when(Draft(fields));
    story
}

fn screened() -> Story<Need> {
    let mut story = drafted(complete(""));
    story.on("2026-03-03").when(Submit);
    story.on("2026-03-10").when(Screen { remark: said("real and urgent") });
    story
}

fn condense(with: &[Id]) -> Command {
    let indicators = serde_json::from_str(r#"[{"name":"impurities","threshold":"≤ 0.5 ppb"}]"#).unwrap();
    Condense {
        with: List::new(with.iter().map(|need| need.r()).collect()).unwrap(),
        title: serde_json::from_str(r#"{"zh":"先进光刻胶"}"#).unwrap(),
        summary: serde_json::from_str(r#"{"zh":"共性技术"}"#).unwrap(),
        indicators,
        reason: "the same material".parse().unwrap(),
    }
}

fn published() -> Story<Need> {
    let mut story = screened();
    story.on("2026-04-01").when(condense(&[]));
    story.on("2026-04-08").when(Confirm { remark: said("five experts agree") });
    story.on("2026-04-15").when(Publish);
    story
}

fn ask_for(days: i64) -> Command {
    Solicit { days: Between::new(days), places: None }
}

fn member_of(organisation: Id) -> Viewer {
    Viewer { organisations: vec![organisation], ..Viewer::default() }
}

fn seen_by(need: &Need, viewer: &Viewer) -> Option<Need> {
    let mut seen = need.clone();
    (seen.veil(viewer) == Sight::Seen).then_some(seen)
}

#[test]
fn a_need_goes_its_whole_way_and_is_solicited_again_when_nothing_fits() {
    let mut story = drafted(fields(""));
    story.when(Amend(complete("")));
    story.on("2026-03-03").when(Submit);
    story.on("2026-03-05").when(Return { remark: said("which resin") });
    story.when(Amend(complete(r#","trl_wanted":7"#))).when(Submit);
    story.on("2026-03-10").when(Screen { remark: said("real and urgent") });
    story.on("2026-04-01").when(condense(&[OTHER]));
    story.on("2026-04-08").when(Confirm { remark: said("five experts agree") });
    story.on("2026-04-15").when(Publish);
    story.on("2026-04-20").when(Solicit { days: None, places: None });
    story.not_now(MarkUnmatched { tried: said("too early") });
    story.on("2026-06-01").when(MarkUnmatched { tried: said("two routes, both above 1 ppb") });
    story.on("2026-07-01").when(ask_for(45));
    let solver = Id::named("organisation-solver");
    story.on("2026-09-01").refuses(MarkMatched { with: List::default() }, NothingMatched);
    story.when(MarkMatched { with: List::new(vec![solver]).unwrap() });
    story.not_now(Withdraw { remark: said("too late") });
    story.when(Close { remark: said("plan signed") });
    assert_eq!(story.record().rounds.first().unwrap().tried, Some(said("two routes, both above 1 ppb")));
    assert_eq!(story.record().card().read::<i64>("trl_wanted"), Some(7));
    story.expect(&expect![[r#"
        2026-03-02  draft     said drafted  status draft  expires -  remark -
        2026-03-02  amend     said amended  status draft  expires -  remark -
        2026-03-03  submit    said submitted  status submitted  expires -  remark -
        2026-03-05  return    said returned  status returned  expires -  remark which resin
        2026-03-05  amend     said amended  status returned  expires -  remark which resin
        2026-03-05  submit    said submitted  status submitted  expires -  remark -
        2026-03-10  screen    said screened  status screened  expires -  remark real and urgent
        2026-04-01  condense  said condensed | join need-other: into need  status condensed  expires -  remark real and urgent
        2026-04-08  confirm   said confirmed  status confirmed  expires -  remark five experts agree
        2026-04-15  publish   said published  status published  expires 2027-04-15  remark -
        2026-04-20  solicit   said solicited  status soliciting  expires 2027-04-15  remark -
        2026-05-21  clock     said solicitation-ended  status reviewing  expires 2027-04-15  remark -
        2026-06-01  mark-unmatched said unmatched  status unmatched  expires 2027-04-15  remark -
        2026-07-01  solicit   said solicited  status soliciting  expires 2027-04-15  remark -
        2026-08-18  clock     said solicitation-ended  status reviewing  expires 2027-04-15  remark -
        2026-09-01  refuses   Because(NothingMatched, None)  status reviewing  expires 2027-04-15  remark -
        2026-09-01  mark-matched said matched  status matched  expires 2027-04-15  remark -
        2026-09-01  close     said closed  status closed  expires 2027-04-15  remark plan signed
    "#]]);
}

#[test]
fn a_need_is_put_by_an_enterprise_of_the_delta() {
    let mut institute = story("2026-03-02");
    institute.given(FIRM, firm("institute", 310_000)).when(Draft(complete("")));
    institute.refuses(Submit, NotAnEnterprise);
    let mut far = story("2026-03-02");
    far.given(FIRM, firm("enterprise", 440_300)).when(Draft(complete("")));
    far.refuses(Submit, OutsideTheDelta { region: Region::code(440_300) });
    far.given(FIRM, firm("enterprise", 340_100)).when(Amend(complete(""))).when(Submit);
    assert_eq!(far.record().card().region, Some(Region::code(340_100)));
}

#[test]
fn future_industries_are_open_since_the_autumn_of_2024() {
    let field = Field::FutureIndustries;
    let wanted = || Fields { field, ..complete("") };
    let mut early = story("2024-03-01");
    early.when(Draft(wanted())).refuses(Submit, FieldNotOpen { field });
    drafted(wanted()).when(Submit);
    let field = Field::Ocean;
    drafted(Fields { field, ..complete("") }).refuses(Submit, FieldNotOpen { field });
}

#[test]
fn a_solution_comes_within_three_years_and_from_more_than_one_region() {
    let deadline_months = Between::new(37).unwrap();
    drafted(Fields { deadline_months, ..complete("") }).refuses(Submit, TooFarAhead { months: 37, max: 36 });
    drafted(Fields { cross_region: None, ..complete("") }).refuses(Submit, NoCrossRegionReason);
    drafted(Fields { indicators: List::default(), ..complete("") }).refuses(Submit, NoIndicators);
}

#[test]
fn too_little_own_money_is_remarked_on_and_not_refused() {
    let own_share_ok = |own: Option<i64>| {
        let mut story = drafted(Fields { own_funds: own.map(yuan), ..complete("") });
        story.when(Submit);
        story.record().card().read::<bool>("own_share_ok")
    };
    assert_eq!(own_share_ok(Some(2_000_000)), Some(true));
    assert_eq!(own_share_ok(Some(1_999_999)), Some(false));
    assert_eq!(own_share_ok(None), Some(false));
}

#[test]
fn a_draft_makes_sense() {
    let mut story = drafted(complete(""));
    story.refuses(Amend(Fields { no_secrets: false, ..fields("") }), MayHoldSecrets);
    let (rnd_spend, amount) = (Some(yuan(-1)), yuan(-1));
    story.refuses(Amend(Fields { rnd_spend, ..fields("") }), NotAnAmount { amount });
    story.refuses(Amend(Fields { title: Bilingual { zh: None, en: None }, ..fields("") }), NoTitle);
    story.given(RIVAL, firm("enterprise", 310_000));
    story.refuses(Amend(Fields { owner: RIVAL.r(), ..fields("") }), OwnerChanges);
    story.when(Submit).not_now(Amend(fields("")));
}

/// The owner's wording is version 1; the joined firm sees everything and is an owner beside the first.
#[test]
fn several_firms_condense_one_need_and_every_version_is_kept() {
    let mut story = screened();
    story.refuses(condense(&[Id::named("need")]), JoinsItself);
    story.refuses(condense(&[OTHER, OTHER]), JoinedTwice { need: OTHER.r() });
    let draft = Id::named("need-draft");
    story.given(draft, Card::new().status("submitted").party("owner", FIRM));
    story.refuses(condense(&[draft]), NotReadyToJoin { need: draft.r() });
    let own = Id::named("need-own");
    story.given(own, Card::new().status("screened").party("owner", FIRM));
    story.on("2026-04-01").when(condense(&[OTHER, own]));
    story.on("2026-04-02").when(condense(&[]));
    let need = story.record();
    let told: Vec<(u32, &str, Option<Region>, usize)> =
        need.versions.iter().map(|v| (v.number, v.title.zh(), v.office_region, v.joined.len())).collect();
    let office = Some(Region::code(320_000));
    assert_eq!(
        told,
        [(1, "高纯光刻胶", None, 0), (2, "先进光刻胶", office, 2), (3, "先进光刻胶", office, 0)]
    );
    assert_eq!(need.card().holders("co-owner").collect::<Vec<_>>(), [RIVAL]);
    assert_eq!(seen_by(need, &member_of(RIVAL)).unwrap().fields.detail, need.fields.detail);
    story.when(Withdraw { remark: said("solved at home") });
    story.expect(&expect![[r#"
        2026-03-02  draft     said drafted  status draft  expires -  remark -
        2026-03-03  submit    said submitted  status submitted  expires -  remark -
        2026-03-10  screen    said screened  status screened  expires -  remark real and urgent
        2026-03-10  refuses   Because(JoinsItself, None)  status screened  expires -  remark real and urgent
        2026-03-10  refuses   Because(JoinedTwice { need: need-other }, None)  status screened  expires -  remark real and urgent
        2026-03-10  refuses   Because(NotReadyToJoin { need: need-draft }, None)  status screened  expires -  remark real and urgent
        2026-04-01  condense  said condensed | join need-other: into need | join need-own: into need  status condensed  expires -  remark real and urgent
        2026-04-02  condense  said condensed  status condensed  expires -  remark real and urgent
        2026-04-02  withdraw  said withdrawn | leave need-other: from need | leave need-own: from need  status withdrawn  expires -  remark solved at home
    "#]]);
}

#[test]
fn as_many_needs_as_the_limits_allow_become_one() {
    let mut story = screened();
    let need = |n: usize| format!("need-n{n}").parse::<Id>().unwrap();
    let ten = |from: usize| (from..from + 10).map(need).collect::<Vec<_>>();
    for n in 0..40 {
        let owner = format!("organisation-{n}").parse().unwrap();
        story.given(need(n), Card::new().status("screened").party("owner", owner));
    }
    story.when(condense(&ten(0))).when(condense(&ten(10))).when(condense(&ten(20)));
    assert_eq!(story.record().co_owners.len(), JOINED_MAX);
    story.refuses(condense(&ten(30)), TooManyJoined { max: JOINED_MAX });
    for _ in 4..VERSIONS_MAX - 1 {
        story.when(condense(&[]));
    }
    story.refuses(condense(&[]), TooManyVersions { max: VERSIONS_MAX });
}

#[test]
fn a_joined_need_stands_alone_again_when_the_leading_one_is_withdrawn() {
    let mut story = screened();
    let lead = OTHER.r();
    story.on("2026-04-01").when(Join { into: lead });
    assert_eq!(
        (story.record().card().status.as_str(), story.record().card().the("into")),
        ("condensed-into", OTHER)
    );
    story.not_now(condense(&[])).not_now(Withdraw { remark: said("no") });
    story.not_now(Leave { from: Id::named("need-third").r() });
    story.on("2026-05-06").when(Leave { from: lead });
    story.expect(&expect![[r#"
        2026-03-02  draft     said drafted  status draft  expires -  remark -
        2026-03-03  submit    said submitted  status submitted  expires -  remark -
        2026-03-10  screen    said screened  status screened  expires -  remark real and urgent
        2026-04-01  join      said joined  status condensed-into  expires -  remark real and urgent
        2026-05-06  leave     said left  status screened  expires -  remark real and urgent
    "#]]);
}

#[test]
fn answers_are_taken_in_for_twenty_to_forty_five_days() {
    let mut story = published();
    story.refuses(ask_for(19), WindowTooShort { least: 20 });
    story.refuses(ask_for(46), WindowTooLong { most: 45 });
    story.on("2026-04-16").when(ask_for(20));
    assert_eq!(story.record().card().until, Some(day("2026-05-06")));
    story.on("2026-05-06").not_now(EndSolicitation);
    story.on("2026-05-07");
    for _ in 1..ROUNDS_MAX {
        story.when(MarkUnmatched { tried: said("nothing came") }).when(ask_for(20));
        let over = story.record().rounds.last().unwrap().until.plus_days(1).to_string();
        story.on(&over);
    }
    story.when(MarkUnmatched { tried: said("nothing came") });
    story.refuses(ask_for(20), TooManyRounds { max: ROUNDS_MAX });
    story.when(Close { remark: said("no answer in ten rounds") });
}

#[test]
fn a_need_expires_and_is_renewed_twice() {
    let mut story = published();
    story.on("2027-02-13").refuses(Renew, TooEarlyToRenew { from: day("2027-02-14") });
    story.on("2027-02-14").when(Renew);
    story.on("2028-04-16").when(Renew);
    story.on("2029-04-01").refuses(Renew, NoMoreRenewals { max: 2 });
    story.on("2030-01-01").not_now(Solicit { days: None, places: None });
    story.expect(&expect![[r#"
        2026-03-02  draft     said drafted  status draft  expires -  remark -
        2026-03-03  submit    said submitted  status submitted  expires -  remark -
        2026-03-10  screen    said screened  status screened  expires -  remark real and urgent
        2026-04-01  condense  said condensed  status condensed  expires -  remark real and urgent
        2026-04-08  confirm   said confirmed  status confirmed  expires -  remark five experts agree
        2026-04-15  publish   said published  status published  expires 2027-04-15  remark -
        2027-02-13  refuses   Because(TooEarlyToRenew { from: Day(2027-02-14) }, None)  status published  expires 2027-04-15  remark -
        2027-02-14  renew     said renewed  status published  expires 2028-04-15  remark -
        2028-04-16  clock     said expired  status expired  expires 2028-04-15  remark -
        2028-04-16  renew     said renewed  status published  expires 2029-04-16  remark -
        2029-04-01  refuses   Because(NoMoreRenewals { max: 2 }, None)  status published  expires 2029-04-16  remark -
        2029-04-17  clock     said expired  status expired  expires 2029-04-16  remark -
    "#]]);
    let mut late = published();
    late.on("2027-06-15").refuses(Renew, TooLateToRenew { until: day("2027-06-14") });
}

#[test]
fn outsiders_read_nothing_before_publication_and_nothing_confidential_after() {
    let public = Viewer::public();
    let auditor = Viewer { offices: vec![("auditor".into(), SUZHOU)], ..Viewer::default() };
    let elsewhere =
        Viewer { offices: vec![("screening".into(), Region::code(310_000))], ..Viewer::default() };
    let early = screened();
    for viewer in [&public, &elsewhere, &member_of(RIVAL)] {
        assert!(seen_by(early.record(), viewer).is_none(), "{viewer:?}");
    }
    let late = published();
    let full = late.record();
    assert_eq!(seen_by(full, &auditor).unwrap().fields, full.fields);
    let seen = seen_by(full, &public).unwrap();
    let told = serde_json::to_string(&(&seen, seen.card())).unwrap();
    for secret in ["monomer", "9000000", "2000000", "five experts", "高纯光刻胶", "urgent"] {
        assert!(!told.contains(secret), "{secret} in {told}");
    }
    assert!(told.contains("先进光刻胶") && seen.card().read::<bool>("own_share_ok").is_none());
    assert!(!full.card().is_offer);
}

#[test]
fn the_public_history_begins_with_publication() {
    let story = published();
    let need = story.record();
    let drafted = Drafted { itself: need.itself, region: SUZHOU, is_enterprise: true, fields: complete("") };
    let out = Event::Published { on: day("2026-04-15"), expires: day("2027-04-15") };
    let read = |event: &Event, viewer: &Viewer| Need::veil_event(need, event.clone(), viewer);
    assert_eq!(read(&drafted, &Viewer::public()), None);
    assert_eq!(read(&drafted, &member_of(FIRM)), Some(drafted.clone()));
    assert_eq!(read(&out, &Viewer::public()), Some(out.clone()));
    assert_eq!(Need::veil_event(screened().record(), out, &Viewer::public()), None);
}

/// The need keeps nothing of an answer: it says only whether it is open, and whom it must not pay.
#[test]
fn answers_are_taken_until_the_last_moment_and_pay_no_affiliate_of_the_owner() {
    let (solver, daughter) = (Id::named("organisation-solver"), Id::named("organisation-daughter"));
    let owned = Card::new().region(SUZHOU);
    let answer = |paid: &[Id]| Answer {
        solution: Id::named("solution-1"),
        owners: List::new(vec![FIRM.r()]).unwrap(),
        paid: List::new(paid.iter().map(|id| id.r()).collect()).unwrap(),
    };
    let mut story = published();
    story.given(solver, owned.clone()).given(daughter, owned.party("parent", FIRM));
    story.refuses(answer(&[solver]), AnswersAreClosed);
    story.on("2026-04-20").when(Solicit { days: None, places: None }).when(answer(&[solver]));
    story.refuses(answer(&[solver, daughter]), AffiliateIsPaid { organisation: daughter.r() });
    story.refuses(answer(&[FIRM]), AffiliateIsPaid { organisation: FIRM.r() });
    story.on("2026-05-20").when(answer(&[solver]));
    story.on("2026-05-21").refuses(answer(&[solver]), AnswersAreClosed);
    let nobody = Answer { solution: Id::named("solution-1"), owners: List::default(), paid: List::default() };
    let mut again = published();
    again.on("2026-04-20").when(Solicit { days: None, places: None }).not_now(nobody);
}

#[test]
fn a_race_chooses_as_many_as_were_announced() {
    let ids = |count: usize| {
        let all = [Id::named("solution-1"), Id::named("solution-2"), Id::named("solution-3")];
        MarkMatched { with: List::new(all.into_iter().take(count).collect()).unwrap() }
    };
    let mut one = published();
    one.on("2026-04-20").when(Solicit { days: None, places: None }).on("2026-06-01");
    one.refuses(ids(2), TooManyMatched { places: 1 }).when(ids(1));
    let mut race = published();
    race.on("2026-04-20").when(Solicit { days: None, places: Between::new(2) }).on("2026-06-01");
    race.refuses(ids(3), TooManyMatched { places: 2 }).when(ids(2));
}

#[test]
fn who_signed_and_was_let_in_reads_the_confidential_detail() {
    let mut story = published();
    let signs = |organisation: Id| Viewer {
        organisations: vec![organisation],
        signs_for: vec![organisation],
        ..Viewer::default()
    };
    let sign = |organisation: Id| SignNda {
        organisation: organisation.r(),
        purpose: "to answer".parse().unwrap(),
        document: None,
    };
    let detail =
        |story: &Story<Need>, of: Id| seen_by(story.record(), &member_of(of)).and_then(|n| n.fields.detail);
    let solver = Id::named("organisation-solver");
    story.refuses(GrantNda { organisation: solver.r() }, NotSigned { organisation: solver.r() });
    story.by(signs(solver)).refuses(sign(RIVAL), NotYoursToSign { organisation: RIVAL.r() });
    story.when(sign(solver)).refuses(sign(solver), AlreadySigned { organisation: solver.r() });
    assert_eq!(detail(&story, solver), None, "signed, not granted");
    story.by(signs(FIRM)).refuses(sign(FIRM), OwnersNeedNone);
    story.when(GrantNda { organisation: solver.r() });
    story.refuses(GrantNda { organisation: solver.r() }, AlreadyGranted { organisation: solver.r() });
    assert!(detail(&story, solver).is_some() && detail(&story, RIVAL).is_none());
    let seen = seen_by(story.record(), &member_of(solver)).unwrap();
    assert!(seen.fields.own_funds.is_none() && seen.card().holders("nda").eq([solver]));
    assert_eq!(seen_by(story.record(), &member_of(RIVAL)).unwrap().card().holders("nda").count(), 0);
    let granted = NdaGranted { organisation: solver.r(), on: day("2026-04-15") };
    assert_eq!(Need::veil_event(story.record(), granted.clone(), &member_of(RIVAL)), None);
    assert_eq!(Need::veil_event(story.record(), granted.clone(), &member_of(solver)), Some(granted));
    story.when(EndNda { organisation: solver.r(), reason: "left the field".parse().unwrap() });
    assert_eq!(detail(&story, solver), None);
    story.by(signs(solver)).when(sign(solver));
}

#[test]
fn the_owner_prefers_among_the_shortlisted_and_no_rival_learns_of_it() {
    let [first, second, other] = ["solution-1", "solution-2", "solution-3"].map(Id::named);
    let prefer = |solutions: &[Id]| Prefer {
        solutions: List::new(solutions.to_vec()).unwrap(),
        reason: "their pilot line runs".parse().unwrap(),
    };
    let mut story = published();
    let need = story.record().itself.id();
    let answer = |status: &str| Card::new().status(status).party("need", need);
    story
        .given(first, answer("shortlisted"))
        .given(second, answer("negotiated"))
        .given(other, answer("reviewed"));
    story.not_now(prefer(&[first]));
    story.on("2026-04-20").when(ask_for(30)).wait_until("2026-06-01");
    story.not_now(prefer(&[]));
    story.refuses(prefer(&[first, other]), NotOnTheShortlist { solution: other });
    story.refuses(prefer(&[first, first]), PreferredTwice { solution: first });
    story.when(prefer(&[first])).when(prefer(&[second, first]));
    let said = story.record().preferred.clone().unwrap();
    assert_eq!(said.solutions.to_vec(), [second, first], "what was said last");
    assert!(seen_by(story.record(), &member_of(FIRM)).unwrap().preferred.is_some());
    assert!(seen_by(story.record(), &member_of(RIVAL)).unwrap().preferred.is_none());
    let event = Preferred(said);
    assert_eq!(Need::veil_event(story.record(), event.clone(), &member_of(RIVAL)), None);
    assert_eq!(Need::veil_event(story.record(), event.clone(), &member_of(FIRM)), Some(event));
}
