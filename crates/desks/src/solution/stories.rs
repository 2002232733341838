//! What a solution does, told as stories. `UPDATE_EXPECT=1 cargo test -p desks` rewrites them.

use grammar::story::*;
use serde_json::json;

use super::{Command::*, Refusal::*, *};
use crate::candidate::Role;

const LEAD: Id = Id::named("organisation-lead");
const PARTNER: Id = Id::named("organisation-partner");
const FAR: Id = Id::named("organisation-far");
const FIRM: Id = Id::named("organisation-firm");
const NEED: Id = Id::named("need-1");
const LIN: Id = Id::named("person-lin");
const WU: Id = Id::named("person-wu");
const PANEL: Id = Id::named("panel-1");
const PROJECT: Id = Id::named("project-1");

fn place(name: &str, region: u32) -> Card {
    Card::new().titled(name, name).region(Region::code(region))
}

fn story() -> Story<Solution> {
    let mut story = Story::<Solution>::new("2026-05-06");
    let targets = json!([{ "name": "金属杂质", "unit": "ppb", "threshold": "≤ 1" }, { "name": "良率", "threshold": "≥ 95%" }]);
    let need = Card::new().status("soliciting").region(Region::code(320_500)).party("owner", FIRM);
    story.given(NEED, need.field("integrated-circuits").fact("indicators", targets));
    story.given(LEAD, place("东江大学", 310_000)).given(PARTNER, place("钱塘材料", 330_100));
    story.given(FAR, place("秦岭研究所", 610_000)).given(FIRM, place("苏州某公司", 320_500));
    story
        .given(LIN, Card::new().party("affiliation", LEAD))
        .given(WU, Card::new().party("affiliation", PARTNER));
    story.showing(&["status", "version"]);
    story
}

fn fields(more: serde_json::Value) -> Fields {
    let mut fields = json!({
        "need": NEED, "lead": LEAD, "title": { "zh": "两步提纯" }, "summary": { "zh": "先精馏后离子交换" },
        "route": "先精馏，再以离子交换去除金属", "months": 24, "total": "800万", "public_money": "400万",
        "minimum": "300万", "commitment": true, "no_secrets": true,
        "promises": [{ "indicator": "金属杂质", "promised": "≤ 0.8 ppb" }],
        "partners": [{ "organisation": PARTNER, "role": "中试" }],
        "budget": [
            { "source": "central-guidance", "organisation": LEAD, "amount": "300万" },
            { "source": "province", "payer": "330000", "organisation": PARTNER, "amount": "100万" },
            { "source": "own-funds", "organisation": PARTNER, "amount": "400万" }
        ],
        "milestones": [
            { "month": 12, "title": "小试", "evidence": "检测报告", "pays": "150万" },
            { "month": 24, "title": "中试", "evidence": "用户测试", "pays": "250万" }
        ]
    });
    for (name, value) in more.as_object().unwrap() {
        fields[name] = value.clone();
    }
    serde_json::from_value(fields).unwrap()
}

fn member(person: Id, organisation: Id, role: Role) -> Member {
    let (task, months_a_year) = ("提纯".parse().unwrap(), Between::new(6).unwrap());
    Member { person: person.r(), organisation: organisation.r(), role, task, months_a_year, senior: None }
}

fn drafted(more: serde_json::Value) -> Story<Solution> {
    let mut story = story();
    story.when(Draft(fields(more))).when(AddMember(member(LIN, LEAD, Role::Leader)));
    story
}

fn result() -> Command {
    let comments = List::new(vec!["路线清楚".parse().unwrap()]).unwrap();
    TakeResult { panel: PANEL, score: 8_650, spread: 900, rank: Some(1), comments }
}

fn passed() -> Command {
    CheckFormally { passed: true, grounds: List::default(), reason: None }
}

fn reviewed() -> Story<Solution> {
    let mut story = drafted(json!({}));
    story.when(Submit).on("2026-06-08").when(passed());
    story.when(BeginReview { panel: PANEL }).on("2026-07-01").when(result());
    story
}

fn said(text: &str) -> Text<1000> {
    text.parse().unwrap()
}

fn member_of(organisation: Id) -> Viewer {
    Viewer { organisations: vec![organisation], ..Viewer::default() }
}

fn seen_by(solution: &Solution, viewer: &Viewer) -> Option<Solution> {
    let mut seen = solution.clone();
    (seen.veil(viewer) == Sight::Seen).then_some(seen)
}

#[test]
fn a_solution_goes_its_whole_way() {
    let mut story = drafted(json!({ "route": null }));
    story.refuses(Submit, NoRoute);
    story.when(Amend(Amendment { version: 2, fields: fields(json!({})) }));
    story.when(AddMember(member(WU, PARTNER, Role::Member))).when(Submit);
    story.on("2026-05-20").when(Revise(Amendment { version: 4, fields: fields(json!({ "months": 30 })) }));
    story.on("2026-06-08").when(passed()).when(BeginReview { panel: PANEL });
    story.refuses(
        TakeResult { panel: PROJECT, score: 1, spread: 0, rank: None, comments: List::default() },
        NotThisPanel { panel: PROJECT },
    );
    story.on("2026-07-01").when(result()).when(Shortlist);
    story.when(Negotiate {
        record: "出题方愿意提供测试线".parse().unwrap(),
        public_money: Some(yuan(3_500_000)),
    });
    story.on("2026-08-01").when(Select { project: PROJECT, public_money: yuan(3_500_000) });
    story.not_now(Withdraw { reason: said("too late") });
    let card = story.record().card();
    assert_eq!(card.read::<u32>("score"), Some(8_650));
    assert_eq!(
        card.read::<Vec<Region>>("partner_regions"),
        Some(vec![Region::code(310_000), Region::code(330_000)])
    );
    assert_eq!((card.amount, card.the("leader")), (Some(yuan(3_500_000)), LIN));
    story.expect(&expect![[r#"
        2026-05-06  draft     said drafted  status draft  version 1
        2026-05-06  add-member said member-added  status draft  version 2
        2026-05-06  refuses   Because(NoRoute, None)  status draft  version 2
        2026-05-06  amend     said amended  status draft  version 3
        2026-05-06  add-member said member-added  status draft  version 4
        2026-05-06  submit    said submitted | answer need-1: solution solution, owners ["organisation-firm"], paid ["organisation-lead","organisation-partner"] | engage person-lin: record solution, role leader, family joint-research, senior false, stage applied, until 2027-05-06  status submitted  version 4
        2026-05-20  revise    said revised | answer need-1: solution solution, owners ["organisation-firm"], paid ["organisation-lead","organisation-partner"]  status submitted  version 5
        2026-06-08  check-formally said formally-passed  status formal-ok  version 5
        2026-06-08  begin-review said review-begun  status in-review  version 5
        2026-06-08  refuses   Because(NotThisPanel { panel: project-1 }, None)  status in-review  version 5
        2026-07-01  take-result said reviewed  status reviewed  version 5
        2026-07-01  shortlist said shortlisted  status shortlisted  version 5
        2026-07-01  negotiate said negotiated  status negotiated  version 5
        2026-08-01  select    said selected | engage person-lin: record solution, role leader, family joint-research, senior false, stage running, until 2029-02-01  status selected  version 5
    "#]]);
}

#[test]
fn what_is_promised_stands_beside_what_is_asked() {
    let story = drafted(json!({}));
    let promises = story.record().card().read::<Vec<Covered>>("promises").unwrap();
    let verdicts: Vec<_> = promises.iter().map(|line| line.verdict).collect();
    assert_eq!(verdicts, [Verdict::Met, Verdict::Unanswered]);
    let indicator: Text<120> = "光泽".parse().unwrap();
    let wrong = fields(json!({ "promises": [{ "indicator": "光泽", "promised": "好" }] }));
    self::story().refuses(Draft(wrong), NotATarget { indicator });
    drafted(json!({ "promises": [] })).refuses(Submit, NoPromises);
}

#[test]
fn a_team_comes_from_two_of_the_four_provinces_and_anyone_else_may_join() {
    let far = json!({ "partners": [{ "organisation": FAR, "role": "理论" }], "milestones": [],
        "budget": [{ "source": "province", "organisation": LEAD, "amount": "400万" },
            { "source": "own-funds", "organisation": FAR, "amount": "400万" }] });
    drafted(far).refuses(Submit, TooFewRegions { least: 2, is: 1 });
    let both = json!({ "partners": [{ "organisation": FAR, "role": "理论" }, { "organisation": PARTNER, "role": "中试" }] });
    drafted(both).when(Submit);
}

#[test]
fn the_parts_of_the_money_make_the_whole() {
    drafted(json!({ "total": "900万" }))
        .refuses(Submit, BudgetDoesNotSum { sum: yuan(8_000_000), total: yuan(9_000_000) });
    let wrong = PublicDoesNotSum { sum: yuan(4_000_000), public_money: yuan(5_000_000) };
    drafted(json!({ "public_money": "500万" })).refuses(Submit, wrong);
    drafted(json!({ "minimum": "401万" })).refuses(Submit, MinimumIsMore { minimum: yuan(4_010_000) });
    let half = json!({ "milestones": [{ "month": 6, "title": "小试", "evidence": "报告", "pays": "1万" }] });
    let wrong = MilestonesPayOther { paid: yuan(10_000), public_money: yuan(4_000_000) };
    drafted(half).refuses(Submit, wrong);
    let late = json!({ "milestones": [{ "month": 25, "title": "小试", "evidence": "报告", "pays": "0" }] });
    drafted(late).refuses(Submit, MilestoneTooLate { month: 25, months: 24 });
    story().refuses(Draft(fields(json!({ "minimum": "-1" }))), NotAnAmount { amount: yuan(-1) });
}

/// What rests on memory only is remarked on and stops nobody.
#[test]
fn little_own_money_and_money_that_crosses_provinces_are_remarked_on() {
    let remarks = |more| {
        let mut story = drafted(more);
        story.when(Submit);
        story.record().remarks.clone().unwrap()
    };
    assert_eq!(remarks(json!({})), Remarks { own_share_ok: true, crossing: yuan(0) });
    let crossing = json!({ "public_money": "500万", "milestones": [], "budget": [
        { "source": "province", "payer": "310000", "organisation": PARTNER, "amount": "500万" },
        { "source": "own-funds", "organisation": LEAD, "amount": "300万" }] });
    assert_eq!(remarks(crossing), Remarks { own_share_ok: false, crossing: yuan(5_000_000) });
}

#[test]
fn several_hands_write_and_nobody_overwrites_another() {
    let mut story = drafted(json!({}));
    let amended = |version, more| Amend(Amendment { version, fields: fields(more) });
    story.refuses(amended(1, json!({})), WrittenMeanwhile { version: 2 });
    story
        .when(amended(2, json!({ "months": 30 })))
        .refuses(amended(2, json!({})), WrittenMeanwhile { version: 3 });
    story.given(Id::named("need-2"), Card::new().status("soliciting"));
    story.refuses(amended(3, json!({ "need": "need-2" })), NeedChanges);
    story.refuses(amended(3, json!({ "lead": FAR, "partners": [], "budget": [] })), LeadChanges);
    story.when(Submit).not_now(amended(3, json!({})));
}

#[test]
fn a_team_has_one_leader_and_only_people_of_its_organisations() {
    let mut story = drafted(json!({}));
    story.refuses(AddMember(member(WU, PARTNER, Role::Leader)), SecondLeader);
    story.refuses(
        AddMember(member(WU, LEAD, Role::Member)),
        NotWithThem { person: WU.r(), organisation: LEAD.r() },
    );
    story.refuses(AddMember(member(WU, FAR, Role::Member)), NotInTheTeam { organisation: FAR.r() });
    story.refuses(AddMember(member(LIN, LEAD, Role::Member)), AlreadyInTheTeam { person: LIN.r() });
    story.refuses(RemoveMember { person: WU.r() }, NotOfTheTeam { person: WU.r() });
    story.when(AddMember(member(WU, PARTNER, Role::Member)));
    let alone = fields(json!({ "partners": [], "budget": [] }));
    story.refuses(Amend(Amendment { version: 3, fields: alone }), NotInTheTeam { organisation: PARTNER.r() });
    story.when(RemoveMember { person: LIN.r() }).refuses(Submit, NoLeader);
    self::story().refuses(
        Draft(fields(json!({ "partners": [{ "organisation": LEAD, "role": "x" }] }))),
        PartnerTwice { organisation: LEAD.r() },
    );
    self::story()
        .refuses(Draft(fields(json!({ "partners": [] }))), NotInTheTeam { organisation: PARTNER.r() });
}

#[test]
fn the_blind_part_names_nobody_and_a_solver_answers_for_the_result() {
    let named = fields(json!({ "foundation": "钱塘材料已完成小试" }));
    story().refuses(Draft(named), NamedInBlindPart { organisation: PARTNER.r() });
    let text = drafted(json!({})).record().card().facts.get("blind").unwrap().to_string();
    assert!(text.contains("离子交换") && !text.contains("organisation-") && !text.contains("东江大学"));
    drafted(json!({ "commitment": false })).refuses(Submit, NoCommitment);
    story().refuses(Draft(fields(json!({ "no_secrets": false }))), MayHoldSecrets);
    story().refuses(Draft(fields(json!({ "title": {} }))), NoTitle);
    story().given(NEED, Card::new().status("matched")).refuses(Draft(fields(json!({}))), NotSoliciting);
}

#[test]
fn a_formal_check_that_fails_says_why() {
    let mut story = drafted(json!({}));
    story.when(Submit);
    let grounds = || List::new(vec![Ground::Incomplete]).unwrap();
    let check = |passed, grounds, reason: Option<&str>| {
        let reason = reason.map(said);
        CheckFormally { passed, grounds, reason }
    };
    story.refuses(check(false, grounds(), None), NoReason);
    story.refuses(check(false, List::default(), Some("x")), NoReason);
    story.refuses(check(true, grounds(), None), GroundsButPassed);
    story.when(check(false, grounds(), Some("缺合作协议"))).not_now(BeginReview { panel: PANEL });
}

#[test]
fn what_is_granted_is_within_what_was_asked() {
    let mut story = reviewed();
    let select = |money| Select { project: PROJECT, public_money: yuan(money) };
    story.refuses(select(4_000_001), MoreThanAsked { public_money: yuan(4_000_000) });
    story.refuses(select(2_999_999), LessThanMinimum { minimum: yuan(3_000_000) });
    story.when(Reject { reason: said("同一需求另有更优方案") }).not_now(select(3_000_000));
    let mut other = drafted(json!({}));
    other.when(Submit).when(passed()).when(BeginReview { panel: PANEL });
    let score = TakeResult { panel: PANEL, score: 10_001, spread: 0, rank: None, comments: List::default() };
    other.refuses(score, NotAScore { score: 10_001 });
}

/// A rival, the need's owner and a stranger look at the same solution at three times.
#[test]
fn rivals_learn_nothing_before_it_is_selected_and_owners_the_open_part_from_the_shortlist_on() {
    let mut story = reviewed();
    let (rival, owner, public) = (member_of(FAR), member_of(FIRM), Viewer::public());
    for viewer in [&rival, &owner, &public] {
        assert!(seen_by(story.record(), viewer).is_none());
    }
    story.when(Shortlist);
    let open = seen_by(story.record(), &owner).unwrap();
    assert!(open.fields.route.is_none() && open.outcome.is_none() && open.fields.minimum.is_none());
    assert!(!open.fields.promises.is_empty() && !open.card().facts.contains_key("blind"));
    assert!(seen_by(story.record(), &rival).is_none());
    story.when(Select { project: PROJECT, public_money: yuan(3_000_000) });
    let plan = seen_by(story.record(), &public).unwrap();
    assert_eq!((plan.fields.public_money, plan.card().amount), (yuan(3_000_000), Some(yuan(3_000_000))));
    assert!(plan.fields.budget.is_empty() && plan.team.is_empty() && plan.fields.promises.is_empty());
    let begun = Event::ReviewBegun { panel: PANEL };
    assert_eq!(Solution::veil_event(story.record(), begun.clone(), &public), None);
    assert_eq!(Solution::veil_event(story.record(), begun.clone(), &member_of(PARTNER)), Some(begun));
}
