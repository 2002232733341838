//! What an application does, told as stories. `UPDATE_EXPECT=1 cargo test -p desks` rewrites them.

use grammar::story::*;
use serde_json::{Value, json};

use super::{Command::*, Refusal::*, *};
use crate::{call::eligible::Looks, candidate::Role};

const LEAD: Id = Id::named("organisation-lead");
const PARTNER: Id = Id::named("organisation-partner");
const FAR: Id = Id::named("organisation-far");
const CALL: Id = Id::named("call-1");
const LIN: Id = Id::named("person-lin");
const WU: Id = Id::named("person-wu");
const PANEL: Id = Id::named("panel-1");
const PROJECT: Id = Id::named("project-1");
const LETTER: &str = "0000000000000000000000000000000000000000000000000000000000000007:letter.pdf";

fn place(name: &str, region: u32) -> Card {
    Card::new()
        .titled(name, name)
        .region(Region::code(region))
        .fact("kind", "university")
        .fact("established", 1905)
}

fn story_of(conditions: &Value, per_unit: Option<u32>) -> Story<Application> {
    let mut story = Story::<Application>::new("2026-03-21");
    let topics = json!([{
        "code": "A", "title": { "zh": "封装" }, "goals": { "zh": "指标" }, "field": "integrated-circuits",
        "funding": "up-to", "ceiling": "200万", "places": 5, "months": 36, "directed": false
    }]);
    let call = Card::new().status("open").region(Region::code(310_000)).fact("family", "municipal");
    let call =
        call.fact("topics", topics).fact("topic_versions", json!([["A", 2]])).fact("conditions", conditions);
    story.given(CALL, call.fact("closes", "2026-04-20T08:30:00.000Z").fact("per_unit", per_unit));
    story.given(LEAD, place("东江大学", 310_115)).given(PARTNER, place("钱塘材料", 330_100));
    story.given(FAR, place("秦岭研究所", 610_000));
    story
        .given(LIN, Card::new().party("affiliation", LEAD))
        .given(WU, Card::new().party("affiliation", PARTNER));
    story.showing(&["status", "version"]);
    story
}

fn fields(more: Value) -> Fields {
    let mut fields = json!({
        "call": CALL, "topic": "A", "lead": LEAD, "title": { "zh": "先进封装" }, "summary": { "zh": "摘要" },
        "route": "以混合键合缩短互连", "indicators": ["键合间距不大于三微米"], "months": 36,
        "total": "200万", "public_money": "150万", "minimum": "100万", "no_secrets": true,
        "partners": [{ "organisation": PARTNER, "role": "测试" }],
        "budget": [
            { "source": "province", "payer": "310000", "organisation": LEAD, "amount": "150万" },
            { "source": "own-funds", "organisation": PARTNER, "amount": "50万" }
        ]
    });
    for (name, value) in more.as_object().unwrap() {
        fields[name] = value.clone();
    }
    serde_json::from_value(fields).unwrap()
}

fn member(person: Id, organisation: Id, role: Role) -> Command {
    let (task, months_a_year) = ("封装".parse().unwrap(), Between::new(6).unwrap());
    let (person, organisation) = (person.r(), organisation.r());
    AddMember(Member { person, organisation, role, task, months_a_year, senior: None })
}

fn leader(more: Value) -> Command {
    let mut facts = json!({ "age": 33, "is_woman": false, "title": "associate-senior", "degree": "doctor", "recommenders": 0 });
    for (name, value) in more.as_object().unwrap() {
        facts[name] = value.clone();
    }
    StateLeader(serde_json::from_value(facts).unwrap())
}

fn person(id: Id) -> Viewer {
    Viewer { person: Some(id), ..Viewer::default() }
}

fn letter() -> Option<FileRef> {
    let text = format!("{:0>64}:letter.pdf", LETTER.split(':').next().unwrap());
    serde_json::from_value(json!(text)).ok()
}

fn drafted_of(conditions: &Value, more: Value) -> Story<Application> {
    let mut story = story_of(conditions, None);
    story.when(Draft(fields(more))).when(member(LIN, LEAD, Role::Leader)).when(leader(json!({})));
    story
}

fn drafted(more: Value) -> Story<Application> {
    drafted_of(&json!([]), more)
}

fn submitted(more: Value) -> Story<Application> {
    let mut story = drafted(more);
    story.by(person(LIN)).when(Certify).when(ConfirmByUnit { letter: None }).when(Submit);
    story
}

fn passed() -> Command {
    CheckFormally { passed: true, grounds: List::default(), reason: None }
}

fn failed() -> Command {
    let grounds = List::new(vec![Ground::OutsideTheGuide]).unwrap();
    CheckFormally { passed: false, grounds, reason: Some(said("不属于指南范围")) }
}

fn result() -> Command {
    TakeResult { panel: PANEL, score: 8_000, spread: 500, rank: Some(2), comments: List::default() }
}

fn reviewed() -> Story<Application> {
    let mut story = submitted(json!({}));
    story.when(passed()).when(BeginReview { panel: PANEL }).on("2026-05-20").when(result());
    story
}

fn said(text: &str) -> Text<1000> {
    text.parse().unwrap()
}

fn member_of(organisation: Id) -> Viewer {
    Viewer { organisations: vec![organisation], ..Viewer::default() }
}

fn is_seen(application: &Application, viewer: &Viewer) -> bool {
    application.clone().veil(viewer) == Sight::Seen
}

#[test]
fn an_application_goes_its_whole_way() {
    let mut story = story_of(&json!([]), Some(3));
    story.when(Draft(fields(json!({ "route": null }))));
    story.when(Amend(Amendment { version: 1, fields: fields(json!({})) }));
    story.refuses(ConfirmByUnit { letter: None }, NoLeader);
    story.when(member(LIN, LEAD, Role::Leader)).refuses(ConfirmByUnit { letter: None }, LeaderNotStated);
    story.when(leader(json!({}))).when(member(WU, PARTNER, Role::Member));
    story
        .when(ConfirmByUnit { letter: None })
        .when(ReturnToDraft { reason: "补充指标".parse().unwrap() });
    story.when(ConfirmByUnit { letter: None }).refuses(Submit, NotCertified { person: LIN.r() });
    story.by(person(LIN)).when(Certify).refuses(Certify, AlreadyCertified);
    story.refuses(Submit, NotCertified { person: WU.r() });
    story.by(person(FAR)).not_now(Certify);
    story.by(person(WU)).when(Certify).when(Submit);
    story.when(Revise(Amendment { version: 5, fields: fields(json!({ "months": 30 })) }));
    assert_eq!(story.record().card().until, Some(day("2026-06-04")), "45 days after the call closes");
    story.on("2026-04-28").when(passed()).when(BeginReview { panel: PANEL });
    story.refuses(
        TakeResult { panel: PROJECT, score: 1, spread: 0, rank: None, comments: List::default() },
        NotThisPanel { panel: PROJECT },
    );
    let too_high =
        TakeResult { panel: PANEL, score: 10_001, spread: 0, rank: None, comments: List::default() };
    story.refuses(too_high, NotAScore { score: 10_001 });
    story.on("2026-05-20").when(result()).when(Shortlist);
    story.when(Publicise { notice: Id::named("notice-1") });
    let select = |money| Select { project: PROJECT, public_money: yuan(money) };
    story.refuses(select(1_500_001), MoreThanAsked { public_money: yuan(1_500_000) });
    story.refuses(select(999_999), LessThanMinimum { minimum: yuan(1_000_000) });
    story.on("2026-06-01").when(select(1_200_000)).not_now(Withdraw { reason: said("too late") });
    story.expect(&expect![[r#"
        2026-03-21  draft     said drafted  status draft  version 1
        2026-03-21  amend     said amended  status draft  version 2
        2026-03-21  refuses   Because(NoLeader, None)  status draft  version 2
        2026-03-21  add-member said member-added  status draft  version 3
        2026-03-21  refuses   Because(LeaderNotStated, None)  status draft  version 3
        2026-03-21  state-leader said leader-stated  status draft  version 4
        2026-03-21  add-member said member-added  status draft  version 5
        2026-03-21  confirm-by-unit said confirmed-by-unit  status unit-confirmed  version 5
        2026-03-21  return-to-draft said returned-to-draft  status draft  version 5
        2026-03-21  confirm-by-unit said confirmed-by-unit  status unit-confirmed  version 5
        2026-03-21  refuses   Because(NotCertified { person: person-lin }, None)  status unit-confirmed  version 5
        2026-03-21  certify   said certified  status unit-confirmed  version 5
        2026-03-21  refuses   Because(AlreadyCertified, None)  status unit-confirmed  version 5
        2026-03-21  refuses   Because(NotCertified { person: person-wu }, None)  status unit-confirmed  version 5
        2026-03-21  certify   said certified  status unit-confirmed  version 5
        2026-03-21  submit    said submitted | receive call-1: application application, topic A, public_money 1500000, team ["organisation-lead","organisation-partner"], co_funders [], stage whole | engage organisation-lead: call call-1, max 3 | weigh application: call call-1, lead organisation-lead, leader person-lin | engage person-lin: record application, role leader, family municipal, senior true, stage applied, until 2027-03-21 | engage person-wu: record application, role member, family municipal, senior false, stage applied, until 2027-03-21  status submitted  version 5
        2026-03-21  revise    said revised | receive call-1: application application, topic A, public_money 1500000, team ["organisation-lead","organisation-partner"], co_funders [], stage whole | weigh application: call call-1, lead organisation-lead, leader person-lin  status submitted  version 6
        2026-04-28  check-formally said formally-passed  status formal-ok  version 6
        2026-04-28  begin-review said review-begun  status in-review  version 6
        2026-04-28  refuses   Because(NotThisPanel { panel: project-1 }, None)  status in-review  version 6
        2026-04-28  refuses   Because(NotAScore { score: 10001 }, None)  status in-review  version 6
        2026-05-20  take-result said reviewed  status reviewed  version 6
        2026-05-20  shortlist said shortlisted  status shortlisted  version 6
        2026-05-20  publicise said publicised  status publicised  version 6
        2026-05-20  refuses   Because(MoreThanAsked { public_money: 1500000.00 }, None)  status publicised  version 6
        2026-05-20  refuses   Because(LessThanMinimum { minimum: 1000000.00 }, None)  status publicised  version 6
        2026-06-01  select    said approved | engage person-lin: record application, role leader, family municipal, senior true, stage running, until 2028-12-01 | engage person-wu: record application, role member, family municipal, senior false, stage running, until 2028-12-01  status approved  version 6
    "#]]);
}

#[test]
fn who_misses_a_condition_is_told_which_and_by_what_fact() {
    let conditions = json!([
        { "looks": "age-at-most", "number": 34, "number_for_women": 36 }, { "looks": "senior-or-doctor" },
        { "looks": "unit-in-region", "region": "310000" }, { "looks": "months-a-year-at-least", "number": 6 },
        { "looks": "own-money-percent", "number": 25 }, { "looks": "export-checked" },
        { "looks": "running-below", "number": 1, "family": "national-key" }
    ]);
    let weigh = || Weigh { call: CALL.r(), lead: LEAD.r(), leader: LIN.r() };
    let mut story = drafted_of(&conditions, json!({}));
    story.refuses(weigh(), NotStated { looks: Looks::ExportChecked });
    let checked = |looks: Value| {
        let mut story = drafted_of(&conditions, json!({ "declared": { "export_checked": true } }));
        story.when(leader(looks));
        story
    };
    checked(json!({})).when(weigh());
    let fact = |text: &str| Text::read(text);
    checked(json!({ "age": 35 })).refuses(weigh(), NotEligible { looks: Looks::AgeAtMost, fact: fact("35") });
    checked(json!({ "age": 36, "is_woman": true })).when(weigh());
    let low = json!({ "title": "middle", "degree": "master" });
    checked(low).refuses(weigh(), NotEligible { looks: Looks::SeniorOrDoctor, fact: fact("master") });
    let mut moved = checked(json!({}));
    moved.given(LEAD, place("东江大学", 330_100));
    moved.refuses(weigh(), NotEligible { looks: Looks::UnitInRegion, fact: fact("330100") });
    let runs = json!([{ "record": "project-9", "role": "leader", "family": "national-key", "stage": "running",
        "since": "2025-01-01", "until": "2027-12-31", "ended": null }]);
    let mut busy = checked(json!({}));
    busy.given(LIN, Card::new().party("affiliation", LEAD).fact("engagements", runs));
    busy.refuses(weigh(), NotEligible { looks: Looks::RunningBelow, fact: fact("1") });
    let findings = busy.record().card().facts.get("findings").unwrap().as_array().unwrap().len();
    assert_eq!(findings, 7, "shown while one writes");
}

#[test]
fn experts_to_be_avoided_are_named_in_an_official_letter() {
    let avoid = json!({ "avoid": [{ "name": "某专家", "unit": "某大学", "reason": "学术竞争" }] });
    let mut story = drafted(avoid.clone());
    story.refuses(ConfirmByUnit { letter: None }, LetterMissing);
    story.when(ConfirmByUnit { letter: letter() }).by(person(LIN)).when(Certify).when(Submit);
    let mut later = submitted(json!({}));
    later.refuses(Revise(Amendment { version: 3, fields: fields(avoid) }), LetterMissing);
    assert!(serde_json::from_value::<Fields>(json!({ "avoid": [1, 2, 3, 4] })).is_err());
}

#[test]
fn a_draft_makes_sense_and_its_money_sums() {
    let none = json!([]);
    story_of(&none, None).refuses(Draft(fields(json!({ "title": {} }))), NoTitle);
    story_of(&none, None).refuses(Draft(fields(json!({ "no_secrets": false }))), MayHoldSecrets);
    story_of(&none, None)
        .refuses(Draft(fields(json!({ "minimum": "-1" }))), NotAnAmount { amount: yuan(-1) });
    let twice = json!({ "partners": [{ "organisation": LEAD, "role": "x" }] });
    story_of(&none, None).refuses(Draft(fields(twice)), PartnerTwice { organisation: LEAD.r() });
    let alone = json!({ "partners": [] });
    story_of(&none, None).refuses(Draft(fields(alone)), NotInTheTeam { organisation: PARTNER.r() });
    let named = json!({ "foundation": "东江大学已有样品" });
    story_of(&none, None).refuses(Draft(fields(named)), NamedInBlindPart { organisation: LEAD.r() });
    let confirm = || ConfirmByUnit { letter: None };
    drafted(json!({ "route": null })).refuses(confirm(), NoRoute);
    drafted(json!({ "indicators": [] })).refuses(confirm(), NoIndicators);
    let total = BudgetDoesNotSum { sum: yuan(2_000_000), total: yuan(3_000_000) };
    drafted(json!({ "total": "300万" })).refuses(confirm(), total);
    let public = PublicDoesNotSum { sum: yuan(1_500_000), public_money: yuan(1_600_000) };
    drafted(json!({ "public_money": "160万" })).refuses(confirm(), public);
    drafted(json!({ "minimum": "151万" })).refuses(confirm(), MinimumIsMore { minimum: yuan(1_510_000) });
    let stone = |month: i64, pays: &str| json!({ "milestones": [{ "month": month, "title": "样品", "evidence": "报告", "pays": pays }] });
    let paid = MilestonesPayOther { paid: yuan(10_000), public_money: yuan(1_500_000) };
    drafted(stone(12, "1万")).refuses(confirm(), paid);
    drafted(stone(37, "0")).refuses(confirm(), MilestoneTooLate { month: 37, months: 36 });
}

#[test]
fn several_hands_write_one_team() {
    let mut story = drafted(json!({}));
    let amended = |version, more| Amend(Amendment { version, fields: fields(more) });
    story.refuses(amended(1, json!({})), WrittenMeanwhile { version: 3 });
    story.given(Id::named("call-2"), Card::new());
    story.refuses(amended(3, json!({ "call": "call-2" })), CallChanges);
    story.refuses(amended(3, json!({ "lead": FAR, "partners": [], "budget": [] })), LeadChanges);
    story.refuses(member(WU, PARTNER, Role::Leader), SecondLeader);
    story.refuses(member(WU, LEAD, Role::Member), NotWithThem { person: WU.r(), organisation: LEAD.r() });
    story.refuses(member(WU, FAR, Role::Member), NotInTheTeam { organisation: FAR.r() });
    story.refuses(member(LIN, LEAD, Role::Member), AlreadyInTheTeam { person: LIN.r() });
    story.refuses(RemoveMember { person: WU.r() }, NotOfTheTeam { person: WU.r() });
    story.when(member(WU, PARTNER, Role::Member));
    let alone = json!({ "partners": [], "budget": [] });
    story.refuses(amended(4, alone), NotInTheTeam { organisation: PARTNER.r() });
    story.when(RemoveMember { person: LIN.r() });
    assert!(story.record().leader_facts.is_none(), "they were of the one who left");
    story.refuses(leader(json!({})), NoLeader);
}

/// Likeness calls people; people decide. The desk `comparison` says what is alike.
#[test]
fn a_check_for_likeness_waits_and_refuses_nothing_by_itself() {
    let [first, second] = [Id::named("comparison-1"), Id::named("comparison-2")];
    let wait = |comparison| AwaitCheck { comparison };
    let decide =
        |comparison, duplicate| DecideDuplicates { comparison, duplicate, reason: said("工艺不同") };
    let mut story = submitted(json!({}));
    story.when(passed()).when(wait(first)).when(wait(second)).not_now(BeginReview { panel: PANEL });
    story.when(decide(first, false)).not_now(BeginReview { panel: PANEL });
    story.when(decide(second, false)).when(BeginReview { panel: PANEL }).not_now(wait(first));
    let mut early = submitted(json!({}));
    early.when(wait(first)).when(decide(first, false));
    assert_eq!(early.record().status, Status::Submitted, "the formal check is still to be done");
    early.when(passed()).when(wait(first)).when(decide(first, true));
    assert_eq!(early.record().status, Status::NotApproved);
    early.when(AskReexamination {
        complaint: Complaint::FactsMistaken, reason: "样品不同".parse().unwrap()
    });
    let mut many = submitted(json!({}));
    for number in 0..10 {
        many.when(wait(format!("comparison-{number}").parse().unwrap()));
    }
    many.refuses(wait(Id::named("comparison-x")), TooManyChecks { max: 10 });
}

/// What was told on the application itself before comparisons were records of their own.
#[test]
fn an_old_comparison_is_read_and_told_to_the_office_alone() {
    let hit = json!({ "record": "application-2", "similarity": 9_000, "same_unit": true, "same_leader": false,
        "same_indicators": 1, "is_near": true });
    let old = json!({ "event": "compared", "on": "2026-05-01", "threshold": "70%", "hits": [hit] });
    let event: Event = serde_json::from_value(old).unwrap();
    let before = submitted(json!({})).record().clone();
    let after = Application::apply(Some(before), &event);
    assert_eq!(after.status, Status::DuplicateCheck);
    let office =
        Viewer { offices: vec![("programme-office".to_owned(), Region::code(310_000))], ..Viewer::default() };
    assert!(Application::veil_event(&after, event.clone(), &office).is_some());
    assert!(Application::veil_event(&after, event, &person(LIN)).is_none(), "not to the applicant");
}

#[test]
fn a_formal_refusal_has_grounds_and_can_be_re_examined_in_fifteen_days() {
    let ask = |complaint| AskReexamination { complaint, reason: "指南包含此方向".parse().unwrap() };
    let decide = |upheld| DecideReexamination { upheld, reason: said("经核，属于指南范围") };
    let mut story = submitted(json!({}));
    let bare = CheckFormally { passed: false, grounds: List::default(), reason: Some(said("x")) };
    story.refuses(bare, NoReason);
    let odd = CheckFormally {
        passed: true,
        grounds: List::new(vec![Ground::OutsideTheGuide]).unwrap(),
        reason: None,
    };
    story.refuses(odd, GroundsButPassed).not_now(ask(Complaint::FactsMistaken));
    story.on("2026-04-27").when(failed()).not_now(decide(true));
    story.refuses(ask(Complaint::AcademicJudgement), AcademicJudgement);
    story.on("2026-05-12").when(ask(Complaint::RuleMisapplied));
    story.refuses(ask(Complaint::RuleMisapplied), AskedAlready);
    assert_eq!(story.record().reexaminations.last().unwrap().answer_by, day("2026-07-13"));
    story.when(decide(true)).when(BeginReview { panel: PANEL });
    let mut late = submitted(json!({}));
    late.on("2026-04-27").when(failed());
    late.on("2026-05-13").refuses(ask(Complaint::FactsMistaken), TooLateToAsk { until: day("2026-05-12") });
    let mut again = submitted(json!({}));
    again.on("2026-04-27").when(failed());
    for _ in 0..4 {
        again.when(ask(Complaint::FactsMistaken)).when(decide(false));
    }
    again.refuses(ask(Complaint::FactsMistaken), TooManyReexaminations { max: 4 });
}

#[test]
fn rivals_and_the_public_read_nothing_before_the_notice_and_little_then() {
    let mut story = reviewed();
    let (rival, public) = (member_of(FAR), Viewer::public());
    assert!(!is_seen(story.record(), &rival) && !is_seen(story.record(), &public));
    assert!(is_seen(story.record(), &member_of(PARTNER)));
    story.when(Publicise { notice: Id::named("notice-1") });
    let mut seen = story.record().clone();
    assert_eq!(seen.veil(&public), Sight::Seen);
    assert!(seen.team.is_empty() && seen.outcome.is_none() && seen.fields.route.is_none());
    assert!(!seen.card().facts.contains_key("score") && !seen.card().facts.contains_key("findings"));
    let begun = Event::ReviewBegun { panel: PANEL };
    assert_eq!(Application::veil_event(story.record(), begun.clone(), &public), None);
    assert_eq!(Application::veil_event(story.record(), begun.clone(), &member_of(LEAD)), Some(begun));
    story.when(Reject { reason: said("经费所限") });
    assert!(!is_seen(story.record(), &public));
}

/// A call that asks for a brief until 20 April and for the full text from 10 May to 10 June.
fn in_two_stages() -> Story<Application> {
    let mut story = story_of(&json!([]), Some(2));
    story.with_rules_of::<Call>().given(CALL, two_stages("2026-06-10T01:00:00.000Z"));
    story
}

fn two_stages(closes: &str) -> Card {
    let topics = json!([{
        "code": "A", "title": { "zh": "封装" }, "goals": { "zh": "指标" }, "field": "integrated-circuits",
        "funding": "up-to", "ceiling": "200万", "places": 5, "months": 36, "directed": false
    }]);
    let call = Card::new().status("open").region(Region::code(310_000)).fact("family", "municipal");
    let call = call.fact("topics", topics).fact("closes", closes).fact("per_unit", 2);
    call.fact("brief_closes", "2026-04-20T01:00:00.000Z").fact("full_opens", "2026-05-10T01:00:00.000Z")
}

fn brief() -> Value {
    json!({ "brief": "以混合键合缩短互连", "route": null, "budget": [], "partners": [], "minimum": null })
}

fn written(version: u32, more: Value) -> Command {
    Amend(Amendment { version, fields: fields(more) })
}

fn brief_in() -> Story<Application> {
    let mut story = in_two_stages();
    story.when(Draft(fields(brief()))).when(member(LIN, LEAD, Role::Leader)).when(leader(json!({})));
    story.by(person(LIN)).when(Certify).when(ConfirmByUnit { letter: None }).when(Submit);
    story
}

/// Invited on the second of May. A story shows what it tells, also itself: here it is answered at once.
fn invited() -> Story<Application> {
    let mut story = brief_in();
    story.on("2026-05-02").when(passed()).when(Invite).when(Admit { call: CALL.r() });
    story
}

fn turn_down() -> Command {
    TurnDown { reason: said("创新点与在研项目相近") }
}

#[test]
fn a_brief_is_answered_and_those_invited_hand_in_the_full_text() {
    let mut story = invited();
    assert_eq!(story.record().status, Status::Invited);
    story.not_now(turn_down()).not_now(Submit);
    story.refuses(ConfirmByUnit { letter: None }, NoRoute);
    let version = story.record().version;
    let full = json!({ "brief": "以混合键合缩短互连" });
    story.when(written(version, full)).when(member(WU, PARTNER, Role::Member));
    story.on("2026-05-12").when(ConfirmByUnit { letter: None });
    story.refuses(Submit, NotCertified { person: WU.r() });
    story.by(person(WU)).when(Certify).when(Submit).when(passed()).when(BeginReview { panel: PANEL });
    assert_eq!(story.record().status, Status::InReview);
    story.expect(&expect![[r#"
        2026-03-21  draft     said drafted  status draft  version 1
        2026-03-21  add-member said member-added  status draft  version 2
        2026-03-21  state-leader said leader-stated  status draft  version 3
        2026-03-21  certify   said certified  status draft  version 3
        2026-03-21  confirm-by-unit said confirmed-by-unit  status unit-confirmed  version 3
        2026-03-21  submit    said brief-submitted | receive call-1: application application, topic A, public_money 1500000, team ["organisation-lead"], co_funders [], stage brief | engage organisation-lead: call call-1, max 2 | weigh application: call call-1, lead organisation-lead, leader person-lin | engage person-lin: record application, role leader, family municipal, senior true, stage applied, until 2027-03-21  status brief  version 3
        2026-05-02  check-formally said brief-passed  status brief-ok  version 3
        2026-05-02  invite    | admit application: call call-1  status brief-ok  version 3
        2026-05-02  admit     said invited  status invited  version 3
        2026-05-02  refuses   Because(NoRoute, None)  status invited  version 3
        2026-05-02  amend     said amended  status invited  version 4
        2026-05-02  add-member said member-added  status invited  version 5
        2026-05-12  confirm-by-unit said confirmed-by-unit  status unit-confirmed  version 5
        2026-05-12  refuses   Because(NotCertified { person: person-wu }, None)  status unit-confirmed  version 5
        2026-05-12  certify   said certified  status unit-confirmed  version 5
        2026-05-12  submit    said submitted | receive call-1: application application, topic A, public_money 1500000, team ["organisation-lead","organisation-partner"], co_funders [], stage full | weigh application: call call-1, lead organisation-lead, leader person-lin | engage person-lin: record application, role leader, family municipal, senior true, stage applied, until 2027-05-12 | engage person-wu: record application, role member, family municipal, senior false, stage applied, until 2027-05-12  status submitted  version 5
        2026-05-12  check-formally said formally-passed  status formal-ok  version 5
        2026-05-12  begin-review said review-begun  status in-review  version 5
    "#]]);
}

#[test]
fn a_brief_needs_its_text_and_no_budget() {
    let mut story = in_two_stages();
    let mut none = brief();
    none["brief"] = Value::Null;
    story.when(Draft(fields(none))).when(member(LIN, LEAD, Role::Leader)).when(leader(json!({})));
    story.refuses(ConfirmByUnit { letter: None }, NoBrief);
    story.when(written(3, brief())).when(ConfirmByUnit { letter: None });
    let named =
        json!({ "brief": "东江大学的装置", "route": null, "budget": [], "partners": [], "minimum": null });
    story.when(ReturnToDraft { reason: "补充".parse().unwrap() });
    story.refuses(written(4, named), NamedInBlindPart { organisation: LEAD.r() });
}

#[test]
fn who_is_not_invited_is_told_why_and_may_complain_of_the_procedure() {
    let mut story = brief_in();
    story.not_now(Invite).not_now(turn_down()).when(passed()).when(BeginReview { panel: PANEL });
    story.when(result());
    assert_eq!(story.record().status, Status::BriefReviewed);
    assert!(story.record().outcome.is_none() && story.record().brief_outcome.is_some());
    story.when(turn_down()).not_now(Submit).not_now(Withdraw { reason: said("x") });
    assert_eq!(story.record().remark.as_deref(), Some("创新点与在研项目相近"));
    let ask = |complaint| AskReexamination { complaint, reason: "遗漏了附件".parse().unwrap() };
    story.refuses(ask(Complaint::AcademicJudgement), AcademicJudgement).when(ask(Complaint::FactsMistaken));
    story.when(DecideReexamination { upheld: true, reason: said("确有遗漏") });
    assert_eq!(story.record().status, Status::BriefReviewed);
    let mut formal = brief_in();
    formal.when(failed()).when(ask(Complaint::FactsMistaken));
    formal.when(DecideReexamination { upheld: true, reason: said("属于指南范围") });
    assert_eq!(formal.record().status, Status::BriefOk);
}

#[test]
fn topic_and_leader_stay_those_of_the_brief() {
    let mut story = invited();
    story.refuses(RemoveMember { person: LIN.r() }, KeptFromBrief);
    let mut other = brief();
    other["topic"] = json!("B");
    story.refuses(written(story.record().version, other), KeptFromBrief);
    story.given(WU, Card::new().party("affiliation", LEAD));
    story.when(member(WU, LEAD, Role::Member)).when(RemoveMember { person: WU.r() });
}

#[test]
fn nobody_is_invited_with_less_time_than_the_rule_gives() {
    let mut story = brief_in();
    story.when(passed()).on("2026-05-12").when(Invite);
    let admit = || Admit { call: CALL.r() };
    story.refuses(admit(), TooLittleTime { least: 30, days: 29 });
    story.given(CALL, two_stages("2026-06-20T01:00:00.000Z")).when(admit());
    let mut late = brief_in();
    late.when(passed()).on("2026-06-11").refuses(admit(), TooLateToInvite);
}

#[test]
fn between_the_stages_one_may_withdraw_and_whoever_hands_in_nothing_lapses() {
    let mut story = invited();
    story.when(Withdraw { reason: said("负责人调离") });
    story.expect(&expect![[r#"
        2026-03-21  draft     said drafted  status draft  version 1
        2026-03-21  add-member said member-added  status draft  version 2
        2026-03-21  state-leader said leader-stated  status draft  version 3
        2026-03-21  certify   said certified  status draft  version 3
        2026-03-21  confirm-by-unit said confirmed-by-unit  status unit-confirmed  version 3
        2026-03-21  submit    said brief-submitted | receive call-1: application application, topic A, public_money 1500000, team ["organisation-lead"], co_funders [], stage brief | engage organisation-lead: call call-1, max 2 | weigh application: call call-1, lead organisation-lead, leader person-lin | engage person-lin: record application, role leader, family municipal, senior true, stage applied, until 2027-03-21  status brief  version 3
        2026-05-02  check-formally said brief-passed  status brief-ok  version 3
        2026-05-02  invite    | admit application: call call-1  status brief-ok  version 3
        2026-05-02  admit     said invited  status invited  version 3
        2026-05-02  withdraw  said withdrawn | disengage person-lin: record application  status withdrawn  version 3
    "#]]);
    let mut lapsed = invited();
    lapsed.on("2026-06-11");
    assert_eq!(lapsed.record().status, Status::Lapsed);
    lapsed.not_now(Submit);
    let mut moved = invited();
    moved.given(CALL, two_stages("2026-06-20T01:00:00.000Z")).on("2026-06-11");
    assert_eq!(moved.record().status, Status::Invited, "the call was extended meanwhile");
    moved.on("2026-06-21");
    assert_eq!(moved.record().status, Status::Lapsed);
}
