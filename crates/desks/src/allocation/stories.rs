//! What an allocation does, told as stories. `UPDATE_EXPECT=1 cargo test -p desks` rewrites them.

use engines::allocation::{self as engine, Outcome, Wish};
use grammar::story::*;
use serde_json::{Value, json};

use super::{Command::*, Refusal::*, *};

const SHANGHAI: Region = Region::code(310_000);
const NOTICE: Id = Id::named("notice-new-1");
/// Solutions with their score in points, what they ask for in ten thousand yuan, their need and region.
const ASKING: [(&str, u32, i64, &str, &str); 6] = [
    ("solution-1", 92, 300, "need-1", "310115"),
    ("solution-2", 88, 100, "need-1", "310101"),
    ("solution-3", 85, 400, "need-2", "320500"),
    ("solution-4", 80, 300, "need-3", "310104"),
    ("solution-5", 75, 200, "need-4", "320100"),
    ("solution-6", 60, 100, "need-5", "310112"),
];

fn command(value: Value) -> Command {
    serde_json::from_value(value).unwrap()
}

fn terms(more: Value) -> Value {
    let mut terms = json!({
        "verb": "open", "title": { "zh": "联合攻关第一批", "en": "First batch" }, "region": "310000", "about": "panel-1",
        "basis": "joint plan", "one_per_need": true, "months": 36,
        "budgets": [
            { "name": { "zh": "上海", "en": "Shanghai" }, "region": "310000", "money": "6000000" },
            { "name": { "zh": "江苏", "en": "Jiangsu" }, "region": "320000", "money": "4000000" }
        ]
    });
    terms.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    terms
}

fn id(name: &str) -> Id {
    name.parse().unwrap()
}

fn card(number: usize) -> Card {
    let (_, score, asked, need, region) = ASKING.get(number).copied().unwrap();
    let lead = id(&format!("organisation-{}", number % 5));
    let money = yuan(asked * 10_000);
    let title = Bilingual::<20> { zh: Text::read(&format!("方案{number}")), en: None };
    Card::new()
        .title(&title)
        .status("reviewed")
        .region(region.parse().unwrap())
        .party("lead", lead)
        .party("need", id(need))
        .field(if number < 3 { "integrated-circuits" } else { "biomedicine" })
        .fact("score", score * 100)
        .fact("public_money", money)
        .fact("total", money + money)
}

fn all() -> List<Id, 200> {
    List::new(ASKING.iter().map(|(name, ..)| id(name)).collect()).unwrap()
}

fn admit(candidates: List<Id, 200>) -> Command {
    Admit(Admission { candidates, young: List::default() })
}

fn opened(more: Value) -> Story<Allocation> {
    let mut story = Story::<Allocation>::new("2026-06-01");
    story.with_rules_of::<crate::application::Application>();
    story.showing(&["status"]);
    for (number, (name, _, _, need, _)) in ASKING.iter().enumerate() {
        story.given(id(name), card(number));
        story.given(id(need), Card::new().status("reviewing"));
    }
    story.when(command(terms(more)));
    story
}

fn gathered(more: Value) -> Story<Allocation> {
    let mut story = opened(more);
    story.when(admit(all()));
    story
}

/// What the engine proposes for the question as it stands.
fn proposal(story: &Story<Allocation>) -> engine::Proposal {
    match engine::propose(&story.record().question(), Wish::default(), &mut |_| true).unwrap() {
        Outcome::Proposed(proposal) => proposal,
        other => panic!("{other:?}"),
    }
}

fn propose(proposal: &engine::Proposal) -> Command {
    Propose { proposal: serde_json::to_string(proposal).unwrap().parse().unwrap() }
}

fn proposed(more: Value) -> Story<Allocation> {
    let mut story = gathered(more);
    let answer = propose(&proposal(&story));
    story.on("2026-06-02").when(answer);
    story
}

fn file() -> FileRef {
    format!("{}:minutes.pdf", "b".repeat(64)).parse().unwrap()
}

fn adopt(departures: &[Value]) -> Command {
    command(
        json!({ "verb": "adopt", "departures": departures, "minutes": file(), "contact": { "zh": "科技处 021-" } }),
    )
}

fn departure(candidate: &str, kind: &str, more: Value) -> Value {
    let mut departure = json!({
        "candidate": candidate, "kind": kind, "ground": "regional-policy", "rule": "NJ-R06", "reason": "as the plan says"
    });
    departure.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    departure
}

fn attest(candidates: List<Id, 200>, clear: bool) -> Command {
    Attest { candidates, clear, remark: "looked up".parse().unwrap(), document: (!clear).then(file) }
}

fn award(candidates: List<Id, 200>, needs: &[&str]) -> Command {
    let needs = List::new(needs.iter().map(|need| id(need).r()).collect()).unwrap();
    Award(Awarding { notice: NOTICE.r(), candidates, needs, reason: "others scored higher".parse().unwrap() })
}

fn notice(story: &mut Story<Allocation>, status: &str) {
    story.given(NOTICE, Card::new().status(status).party("about", id("allocation")));
}

fn chosen(story: &Story<Allocation>) -> Vec<String> {
    let line = |choice: &Choice| format!("{} {}", choice.candidate.as_str(), choice.money);
    story.record().chosen.iter().map(line).collect()
}

#[test]
fn the_best_choice_is_proposed_with_a_proof_adopted_made_public_and_awarded() {
    let mut story = proposed(json!({}));
    let record = story.record();
    let proposal = record.proposal.as_ref().unwrap();
    // Shanghai's six million: 2 and 4 and 6 are worth more together than 1 with 4.
    assert_eq!((proposal.value, proposal.bound, proposal.gap), (31_300, 31_300, 0));
    let whys: Vec<String> = proposal
        .whys
        .iter()
        .map(|why| format!("{} {} {} {:?}", why.candidate.as_str(), why.is_chosen, why.loses, why.beaten_by))
        .collect();
    expect![[r#"
        solution-1 false 0 Some(solution-2)
        solution-2 true 0 None
        solution-3 true 0 None
        solution-4 true 3951 None
        solution-5 false 0 None
        solution-6 true 2350 None"#]]
    .assert_eq(&whys.join("\n"));
    story.on("2026-06-03").when(adopt(&[]));
    story.when(attest(all(), true));
    notice(&mut story, "running");
    story.refuses(award(all(), &[]), NotConcluded);
    notice(&mut story, "concluded");
    story.on("2026-06-11").when(award(all(), &["need-1", "need-2", "need-3", "need-4", "need-5"]));
    story.not_now(adopt(&[]));
    story.expect(&expect![[r#"
        2026-06-01  open      said opened  status gathering
        2026-06-01  admit     said admitted  status gathering
        2026-06-02  propose   said proposed  status proposed
        2026-06-03  adopt     said adopted said publicised | publish notice-new-1: about allocation, region 310000, title zh=联合攻关第一批+en=First batch, text zh=拟立项支持 4 项，完整清单见本公示所涉记录。
        1. 方案1，1000000.00 元
        2. 方案2，4000000.00 元
        3. 方案3，3000000.00 元
        4. 方案5，1000000.00 元+en=To be funded: 4. The whole list stands in the record.
        1. 方案1, 1000000.00 yuan
        2. 方案2, 4000000.00 yuan
        3. 方案3, 3000000.00 yuan
        4. 方案5, 1000000.00 yuan, contact zh=科技处 021-, basis joint plan, days 5, unit working-days, attachments []  status publicised
        2026-06-03  attest    said attested  status publicised
        2026-06-03  refuses   Because(NotConcluded, None)  status publicised
        2026-06-11  award     said rejected said selected said selected said selected said rejected said selected said answered said answered said answered said answered said answered | reject solution-1: reason others scored higher | open project-new-2: candidate solution-2, need need-1, call -, title zh=方案1+en=方案1, lead organisation-1, lead_region 310101, partners [], public_money 1000000, own_money 1000000, months 36, leader -, user -, by_region [{"region":"310000","money":"1000000.00"}] | select solution-2: project project-new-2, public_money 1000000 | open project-new-3: candidate solution-3, need need-2, call -, title zh=方案2+en=方案2, lead organisation-2, lead_region 320500, partners [], public_money 4000000, own_money 4000000, months 36, leader -, user -, by_region [{"region":"320000","money":"4000000.00"}] | select solution-3: project project-new-3, public_money 4000000 | open project-new-4: candidate solution-4, need need-3, call -, title zh=方案3+en=方案3, lead organisation-3, lead_region 310104, partners [], public_money 3000000, own_money 3000000, months 36, leader -, user -, by_region [{"region":"310000","money":"3000000.00"}] | select solution-4: project project-new-4, public_money 3000000 | reject solution-5: reason others scored higher | open project-new-6: candidate solution-6, need need-5, call -, title zh=方案5+en=方案5, lead organisation-0, lead_region 310112, partners [], public_money 1000000, own_money 1000000, months 36, leader -, user -, by_region [{"region":"310000","money":"1000000.00"}] | select solution-6: project project-new-6, public_money 1000000 | mark-matched need-1: with ["solution-2"] | mark-matched need-2: with ["solution-3"] | mark-matched need-3: with ["solution-4"] | mark-unmatched need-4: tried 共评审 1 个方案，均未入选。1 solutions were reviewed; none was chosen. | mark-matched need-5: with ["solution-6"]  status awarded
    "#]]);
}

#[test]
fn only_what_was_reviewed_is_admitted_and_once() {
    let mut story = opened(json!({}));
    let admit = |name: &str| self::admit(List::new(vec![id(name)]).unwrap());
    story.given(id("solution-7"), card(0).status("in-review"));
    story.given(id("need-9"), Card::new());
    story.given(id("solution-8"), card(0).region(Region::code(330_100)));
    story.refuses(self::admit(List::default()), NobodyThere);
    story.refuses(admit("solution-7"), NotReviewed { candidate: id("solution-7") });
    story.refuses(admit("need-9"), NotACandidate { candidate: id("need-9") });
    let region = Region::code(330_100);
    story.refuses(admit("solution-8"), NoBudgetFor { candidate: id("solution-8"), region });
    story
        .when(admit("solution-1"))
        .refuses(admit("solution-1"), AdmittedAlready { candidate: id("solution-1") });
}

#[test]
fn terms_make_sense() {
    let mut story = opened(json!({}));
    let amend = |more: Value| {
        let mut terms = terms(more);
        terms["verb"] = json!("amend");
        command(terms)
    };
    let quota = |more: Value| {
        let mut quota = json!({ "name": { "zh": "名额" }, "over": "region", "measure": "count", "least": 1 });
        quota.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        amend(json!({ "quotas": [quota] }))
    };
    let unclear = || QuotaUnclear { name: serde_json::from_value(json!({ "zh": "名额" })).unwrap() };
    story.refuses(amend(json!({ "budgets": [] })), NoBudgets);
    story.refuses(quota(json!({})), unclear());
    story.refuses(quota(json!({ "over": "all", "measure": "money" })), unclear());
    story.refuses(quota(json!({ "over": "all", "measure": "percent-of-count", "least": 101 })), unclear());
    story.when(quota(json!({ "quota_region": "320000" })));
}

#[test]
fn a_proposal_without_proof_or_beyond_a_rule_is_refused() {
    let mut story = gathered(json!({
        "quotas": [{ "name": { "zh": "江苏至少一项" }, "over": "region", "quota_region": "320000", "measure": "count", "least": 1 }]
    }));
    story.refuses(Propose { proposal: "{}".parse().unwrap() }, Unreadable);
    let best = proposal(&story);
    let mut wrong = best.clone();
    wrong.value += 1;
    story.refuses(propose(&wrong), ValueWrong { value: best.value });
    let mut wrong = best.clone();
    (wrong.certificate, wrong.bound) = (engine::Certificate::default(), best.value);
    story.refuses(propose(&wrong), NotProved);
    let question = story.record().question();
    let pick = |places: &[u32]| propose(&engine::chosen(&question, places));
    story.refuses(pick(&[0, 1, 2]), TwoForOneNeed);
    let name = serde_json::from_value(json!({ "zh": "江苏至少一项" })).unwrap();
    story.refuses(pick(&[0]), QuotaBroken { name });
    story.when(Fix {
        candidate: id("solution-6"),
        standing: Standing::Must,
        reason: "promised".parse().unwrap(),
    });
    let question = story.record().question();
    story.refuses(propose(&engine::chosen(&question, &[2])), Promised { candidate: id("solution-6") });
}

#[test]
fn a_smaller_amount_that_still_makes_sense_may_be_chosen() {
    let mut story =
        opened(json!({ "budgets": [{ "name": { "zh": "上海" }, "region": "310000", "money": "5000001" }] }));
    let some = List::new(vec![id("solution-1"), id("solution-4")]).unwrap();
    story.given(id("solution-1"), card(0).fact("minimum", yuan(2_000_000)));
    story.when(admit(some));
    let answer = propose(&proposal(&story));
    story.when(answer).when(adopt(&[]));
    assert_eq!(chosen(&story), ["solution-1 2000001.00", "solution-4 3000000.00"]);
}

#[test]
fn each_province_pays_its_own_part_of_a_candidate() {
    let mut story = opened(json!({}));
    let parts = vec![(Region::code(310_115), yuan(1_000_000)), (Region::code(320_500), yuan(2_000_000))];
    story.given(id("solution-1"), card(0).fact("public_by_region", parts));
    let one = List::new(vec![id("solution-1")]).unwrap();
    story.when(admit(one));
    let answer = propose(&proposal(&story));
    story.when(answer).when(adopt(&[]));
    let paid: Vec<Money> =
        story.record().chosen.iter().flat_map(|c| &c.paid).map(|paid| paid.money).collect();
    assert_eq!(paid, [Money::fen(99_999_900), Money::fen(200_000_100)]);
}

#[test]
fn a_meeting_departs_by_a_rule_and_never_for_another_opinion() {
    let mut story = proposed(json!({}));
    let with = |more: Value| adopt(&[departure("solution-6", "drop", more)]);
    story.refuses(with(json!({ "ground": "academic-opinion" })), AcademicOpinion);
    story.refuses(with(json!({ "rule": "XX-R99" })), NoSuchRule { rule: "XX-R99".parse().unwrap() });
    let drop = |name: &str| departure(name, "drop", json!({ "ground": "eligibility", "rule": "PG-R18" }));
    let add = |name: &str| departure(name, "add", json!({ "rule": "PG-R18" }));
    let amount =
        |name: &str, money: Value| departure(name, "amount", json!({ "rule": "PG-R18", "money": money }));
    let one = |name: &str| id(name);
    story.refuses(adopt(&[drop("solution-9")]), NotAdmitted { candidate: one("solution-9") });
    story.refuses(adopt(&[drop("solution-1")]), NotChosen { candidate: one("solution-1") });
    story.refuses(adopt(&[add("solution-2")]), ChosenAlready { candidate: one("solution-2") });
    story.refuses(adopt(&[drop("solution-4"), add("solution-1")]), TwoForOneNeed);
    story.refuses(adopt(&[amount("solution-2", Value::Null)]), NoAmount { candidate: one("solution-2") });
    let less = BelowItsLeast { candidate: one("solution-2"), least: yuan(1_000_000) };
    story.refuses(adopt(&[amount("solution-2", json!("900000"))]), less);
    let name = serde_json::from_value(json!({ "zh": "上海", "en": "Shanghai" })).unwrap();
    let too_much = [drop("solution-2"), add("solution-1"), drop("solution-3"), add("solution-5")];
    story.refuses(adopt(&too_much), BudgetExceeded { name });
    story.when(adopt(&[drop("solution-3"), add("solution-5")]));
    assert_eq!(
        chosen(&story),
        ["solution-2 1000000.00", "solution-4 3000000.00", "solution-5 2000000.00", "solution-6 1000000.00"]
    );
}

#[test]
fn a_change_restarts_the_notice_and_an_upheld_objection_can_end_it() {
    let mut story = proposed(json!({}));
    story.when(adopt(&[]));
    let revise = |departures: &[Value]| {
        command(
            json!({ "verb": "revise", "departures": departures, "minutes": file(), "reason": "objection 1 upheld" }),
        )
    };
    story.refuses(revise(&[]), NothingRevised);
    let dropped = departure("solution-6", "drop", json!({ "ground": "funded-already", "rule": "PG-R18" }));
    story.when(revise(&[dropped]));
    story.refuses(Withdraw { notice: None, reason: "stopped".parse().unwrap() }, AnotherNotice);
    notice(&mut story, "objected");
    story.when(Withdraw { notice: Some(NOTICE.r()), reason: "stopped".parse().unwrap() });
    assert_eq!(story.record().round, 2);
    story.expect(&expect![[r#"
        2026-06-01  open      said opened  status gathering
        2026-06-01  admit     said admitted  status gathering
        2026-06-02  propose   said proposed  status proposed
        2026-06-02  adopt     said adopted said publicised | publish notice-new-1: about allocation, region 310000, title zh=联合攻关第一批+en=First batch, text zh=拟立项支持 4 项，完整清单见本公示所涉记录。
        1. 方案1，1000000.00 元
        2. 方案2，4000000.00 元
        3. 方案3，3000000.00 元
        4. 方案5，1000000.00 元+en=To be funded: 4. The whole list stands in the record.
        1. 方案1, 1000000.00 yuan
        2. 方案2, 4000000.00 yuan
        3. 方案3, 3000000.00 yuan
        4. 方案5, 1000000.00 yuan, contact zh=科技处 021-, basis joint plan, days 5, unit working-days, attachments []  status publicised
        2026-06-02  refuses   Because(NothingRevised, None)  status publicised
        2026-06-02  revise    said adopted said publicised | change notice-new-1: text zh=拟立项支持 3 项，完整清单见本公示所涉记录。第 2 次公示。
        1. 方案1，1000000.00 元
        2. 方案2，4000000.00 元
        3. 方案3，3000000.00 元+en=To be funded: 3. The whole list stands in the record. Made public for the 2. time.
        1. 方案1, 1000000.00 yuan
        2. 方案2, 4000000.00 yuan
        3. 方案3, 3000000.00 yuan, reason objection 1 upheld  status publicised
        2026-06-02  refuses   Because(AnotherNotice, None)  status publicised
        2026-06-02  withdraw  said withdrawn | withdraw notice-new-1: reason stopped  status withdrawn
    "#]]);
}

#[test]
fn nobody_is_awarded_whose_integrity_was_not_looked_at_or_bars_it() {
    let mut story = proposed(json!({}));
    story.when(adopt(&[]));
    notice(&mut story, "concluded");
    let two = List::new(vec![id("solution-2")]).unwrap();
    story.refuses(award(two.clone(), &[]), NotAttested { candidate: id("solution-2") });
    let without =
        Attest { candidates: two.clone(), clear: false, remark: "found".parse().unwrap(), document: None };
    story.refuses(without, NoDocument);
    story.when(attest(two.clone(), false));
    story.refuses(award(two.clone(), &[]), IntegrityBars { candidate: id("solution-2") });
    story.when(attest(two.clone(), true)).when(award(two.clone(), &[]));
    story.refuses(award(two.clone(), &[]), SettledAlready { candidate: id("solution-2") });
    story.refuses(attest(two, true), SettledAlready { candidate: id("solution-2") });
    story.refuses(award(List::default(), &["need-1"]), StillOpen { need: id("need-1").r() });
    story.given(id("need-7"), Card::new());
    story.refuses(award(List::default(), &["need-7"]), NotAskedHere { need: id("need-7").r() });
    story.given(id("solution-1"), card(0).status("withdrawn"));
    story.when(award(List::new(vec![id("solution-1")]).unwrap(), &["need-1"]));
    let revise = json!({ "verb": "revise", "departures": [departure("solution-6", "drop", json!({ "rule": "PG-R18" }))],
                         "minutes": file(), "reason": "late" });
    story.refuses(command(revise), SomeAreAwarded);
    story.given(id("notice-7"), Card::new().status("concluded"));
    let other = Award(Awarding {
        notice: id("notice-7").r(),
        candidates: all(),
        needs: List::default(),
        reason: "none".parse().unwrap(),
    });
    story.refuses(other, AnotherNotice);
}

#[test]
fn nothing_is_public_before_the_notice_and_then_only_who_is_chosen() {
    let mut story = proposed(json!({}));
    let seen = |story: &Story<Allocation>, viewer: &Viewer| {
        let mut record = story.record().clone();
        (record.veil(viewer) == Sight::Seen).then_some(record)
    };
    let solver = Viewer { organisations: vec![id("organisation-0")], ..Viewer::default() };
    assert!(seen(&story, &Viewer::public()).is_none() && seen(&story, &solver).is_none());
    story.when(adopt(&[]));
    let stranger = seen(&story, &Viewer::public()).unwrap();
    assert_eq!(stranger.entries.len(), 4);
    assert!(stranger.entries.iter().all(|entry| entry.score == 0));
    assert!(stranger.proposal.unwrap().whys.is_empty());
    // Organisation 0 leads solutions 1 and 6: one is not chosen, and it alone reads why.
    let own = seen(&story, &solver).unwrap();
    let whys: Vec<Id> = own.proposal.unwrap().whys.iter().map(|why| why.candidate).collect();
    assert_eq!(whys, [id("solution-1"), id("solution-6")]);
    let opened =
        Event::Rejected { candidate: id("solution-1"), on: day("2026-06-03"), reason: "no".parse().unwrap() };
    assert_eq!(Allocation::veil_event(story.record(), opened, &Viewer::public()), None);
    let office = Viewer { offices: vec![("joint-office".into(), SHANGHAI)], ..Viewer::default() };
    assert_eq!(seen(&story, &office).unwrap().entries.len(), 6);
}

#[test]
fn who_was_not_chosen_contests_the_procedure_in_time_and_never_the_science() {
    let mut story = proposed(json!({}));
    story.when(adopt(&[])).when(attest(all(), true));
    notice(&mut story, "concluded");
    let contest = |candidate: &str, ground: Fault| Contest {
        candidate: id(candidate),
        ground,
        text: "a reviewer was our rival".parse().unwrap(),
        evidence: List::default(),
    };
    let solver = Viewer { signs_for: vec![id("organisation-0")], ..Viewer::default() };
    let mine = contest("solution-1", Fault::ConflictOfInterest);
    story.by(solver.clone()).refuses(mine.clone(), NothingToContest { candidate: id("solution-1") });
    story.by(Viewer::default()).on("2026-06-11").when(award(all(), &[]));
    story.refuses(mine.clone(), NotYourCandidate { candidate: id("solution-1") });
    story.by(solver.clone()).refuses(contest("solution-1", Fault::AcademicJudgement), AcademicOpinion);
    let chosen = contest("solution-6", Fault::ProcedureBreached);
    story.refuses(chosen, NothingToContest { candidate: id("solution-6") });
    let decide = |upheld| DecideContest {
        candidate: id("solution-1"),
        upheld,
        remark: "the relation was declared".parse().unwrap(),
    };
    story.refuses(decide(false), NoSuchContest { candidate: id("solution-1") });
    story.on("2026-06-26").when(mine.clone()).refuses(mine, ContestedAlready { candidate: id("solution-1") });
    story.on("2026-09-01");
    assert!(story.record().contests.iter().all(|contest| contest.late), "sixty days are over");
    story.by(Viewer::default()).when(decide(false));
    let late = Viewer { signs_for: vec![id("organisation-4")], ..Viewer::default() };
    let five = contest("solution-5", Fault::FactsMistaken);
    story.by(late).refuses(five, TooLateToContest { until: day("2026-06-26") });
}

/// Told to the candidates: from then on the owners of their needs read their open part.
#[test]
fn the_office_shortlists_whom_it_has_gathered_once_each() {
    let mut story = gathered(json!({}));
    let shortlist =
        |names: &[&str]| Shortlist { candidates: List::new(names.iter().map(|n| id(n)).collect()).unwrap() };
    story.refuses(shortlist(&[]), NobodyThere);
    story.refuses(shortlist(&["solution-9"]), NotAdmitted { candidate: id("solution-9") });
    story.refuses(
        shortlist(&["solution-1", "solution-1"]),
        ShortlistedAlready { candidate: id("solution-1") },
    );
    story.when(shortlist(&["solution-1", "solution-2"]));
    story.refuses(shortlist(&["solution-2"]), ShortlistedAlready { candidate: id("solution-2") });
    story.expect(&expect![[r#"
        2026-06-01  open      said opened  status gathering
        2026-06-01  admit     said admitted  status gathering
        2026-06-01  refuses   Because(NobodyThere, None)  status gathering
        2026-06-01  refuses   Because(NotAdmitted { candidate: solution-9 }, None)  status gathering
        2026-06-01  refuses   Because(ShortlistedAlready { candidate: solution-1 }, None)  status gathering
        2026-06-01  shortlist said shortlisted | shortlist solution-1:  | shortlist solution-2:  status gathering
        2026-06-01  refuses   Because(ShortlistedAlready { candidate: solution-2 }, None)  status gathering
    "#]]);
    let public = Event::Shortlisted { on: day("2026-06-01"), candidates: vec![id("solution-1")] };
    assert_eq!(Allocation::veil_event(story.record(), public, &Viewer::public()), None);
}

fn some(names: &[&str]) -> List<Id, 200> {
    List::new(names.iter().map(|name| id(name)).collect()).unwrap()
}

fn move_up(candidate: &str, more: Value) -> Command {
    let mut up = json!({ "verb": "move-up", "candidate": candidate, "projects": [], "minutes": file(),
                         "contact": { "zh": "科技处" } });
    up.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    command(up)
}

/// Four are chosen (2, 3, 4, 6); 1 and 5 wait in reserve, in the order of their scores; all four are awarded.
fn reserved() -> Story<Allocation> {
    let mut story = proposed(json!({}));
    story.when(adopt(&[])).when(attest(all(), true));
    let reserve = |names: &[&str], until: &str| Reserve { candidates: some(names), until: day(until) };
    story.refuses(reserve(&[], "2026-12-31"), NobodyThere);
    story.refuses(reserve(&["solution-1"], "2026-05-31"), ReserveInThePast { until: day("2026-05-31") });
    story.refuses(reserve(&["solution-9"], "2026-12-31"), NotAdmitted { candidate: id("solution-9") });
    story.refuses(reserve(&["solution-2"], "2026-12-31"), ChosenAlready { candidate: id("solution-2") });
    let twice = ReservedAlready { candidate: id("solution-5") };
    story.refuses(reserve(&["solution-5", "solution-5"], "2026-12-31"), twice);
    story.when(reserve(&["solution-5"], "2026-12-31")).when(reserve(&["solution-1"], "2026-12-31"));
    story.refuses(reserve(&["solution-1"], "2026-12-31"), ReservedAlready { candidate: id("solution-1") });
    let first = AwardFirst { candidate: id("solution-2") };
    story.refuses(move_up("solution-1", json!({})), first);
    notice(&mut story, "concluded");
    let chosen = some(&["solution-2", "solution-3", "solution-4", "solution-6"]);
    // The need of solution 1 has its answer; that of solution 5 has none while it waits.
    story.on("2026-06-11").when(award(chosen, &["need-1", "need-2", "need-3", "need-5"]));
    story.refuses(award(List::default(), &["need-4"]), StillOpen { need: id("need-4").r() });
    story
}

#[test]
fn whoever_is_next_in_reserve_moves_up_when_an_award_comes_to_nothing() {
    let mut story = reserved();
    let order: Vec<(&str, u32)> =
        story.record().reserve.iter().map(|p| (p.candidate.as_str(), p.place)).collect();
    assert_eq!(order, [("solution-1", 1), ("solution-5", 2)]);
    story.refuses(move_up("solution-1", json!({})), NobodyFell);
    story.refuses(move_up("solution-3", json!({})), NotInReserve { candidate: id("solution-3") });
    let project = |status: &str| Card::new().status(status).party("candidate", id("solution-2"));
    story.given(id("project-2"), project("running"));
    let of_two = json!({ "projects": ["project-2"] });
    story.refuses(move_up("solution-1", of_two.clone()), NotFallen { project: id("project-2").r() });
    story.given(id("project-2"), project("declined"));
    // Without solution 2 Shanghai has two million: too little for solution 1, and solution 5 is Jiangsu's, which has nothing left.
    let short =
        |zh, en| BudgetExceeded { name: serde_json::from_value(json!({ "zh": zh, "en": en })).unwrap() };
    story.refuses(move_up("solution-1", of_two), short("上海", "Shanghai"));
    story.refuses(move_up("solution-5", json!({ "projects": ["project-2"] })), short("江苏", "Jiangsu"));
    let of_three = Card::new().status("rescinded").party("candidate", id("solution-3"));
    story.given(id("project-3"), of_three);
    story.refuses(move_up("solution-5", json!({ "projects": ["project-3"], "contact": {} })), NothingToRead);
    // Solution 1 stands before it and cannot be funded for want of money: it is passed over by itself.
    story.given(NOTICE, Card::new());
    story.when(move_up("solution-5", json!({ "projects": ["project-3"] })));
    assert_eq!(
        chosen(&story),
        ["solution-2 1000000.00", "solution-4 3000000.00", "solution-5 2000000.00", "solution-6 1000000.00"]
    );
    let record = story.record();
    assert_eq!((record.round, record.fallen.as_slice()), (2, [id("solution-3")].as_slice()));
    notice(&mut story, "concluded");
    story.given(id("need-2"), Card::new().status("unmatched"));
    story.when(award(some(&["solution-5"]), &["need-2", "need-4"]));
    story.when(award(some(&["solution-1"]), &[]));
    assert_eq!(story.record().status, Status::Awarded);
}

#[test]
fn the_order_of_the_reserve_is_kept_and_whoever_has_gone_is_passed_over() {
    let mut story = reserved();
    let fallen = Card::new().status("declined").party("candidate", id("solution-4"));
    story.given(id("project-4"), fallen);
    let up = |candidate: &str, more: Value| {
        let mut all = json!({ "projects": ["project-4"] });
        all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        move_up(candidate, all)
    };
    // Another for need 1 is funded: solution 1 cannot be.
    story.refuses(up("solution-1", json!({})), TwoForOneNeed);
    story.given(id("solution-5"), card(4).status("withdrawn"));
    story.refuses(up("solution-5", json!({})), GoneMeanwhile { candidate: id("solution-5") });
    story.on("2027-01-01").refuses(up("solution-1", json!({})), ReserveIsOver { until: day("2026-12-31") });
    let own = Viewer { organisations: vec![id("organisation-0")], ..Viewer::default() };
    let seen = |viewer: &Viewer| {
        let mut record = story.record().clone();
        record.veil(viewer);
        record.reserve
    };
    // Organisation 0 leads solution 1, and learns its own place and nobody else's.
    assert_eq!(seen(&own), [Place { candidate: id("solution-1"), place: 1 }]);
    assert!(seen(&Viewer::public()).is_empty());
    let told = Event::Reserved { on: day("2026-06-03"), until: day("2026-12-31"), order: vec![] };
    assert_eq!(Allocation::veil_event(story.record(), told, &Viewer::public()), None);
}
