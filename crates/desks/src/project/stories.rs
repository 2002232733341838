//! What a project does, told as stories. `UPDATE_EXPECT=1 cargo test -p desks` rewrites them.

use grammar::story::*;
use serde_json::{Value, json};

use super::{Command::*, Refusal::*, *};

const LEAD: Id = Id::named("organisation-lead");
const LAB: Id = Id::named("organisation-lab");
const FIRM: Id = Id::named("organisation-firm");
const OTHER: Id = Id::named("organisation-other");
const NEED: Id = Id::named("need-1");
const SHANGHAI: Region = Region::code(310_000);
const JIANGSU: Region = Region::code(320_000);
const CITY_FUND: Id = Id::named("account-shanghai");
const JIANGSU_FUND: Id = Id::named("account-jiangsu");
const LEADS_ACCOUNT: Id = Id::named("account-lead");
const LABS_ACCOUNT: Id = Id::named("account-lab");

fn command(value: Value) -> Command {
    serde_json::from_value(value).unwrap()
}

fn opening(more: Value) -> Command {
    let mut opening = json!({
        "verb": "open", "candidate": "solution-1", "need": NEED, "title": { "zh": "高纯光刻胶" }, "lead": LEAD,
        "lead_region": "310115", "partners": [{ "organisation": LAB, "region": "320500", "role": "resin" }],
        "public_money": "3000000", "own_money": "3000000", "months": 36, "leader": "person-leader"
    });
    opening.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    command(opening)
}

fn plan(more: Value) -> Value {
    let mut plan = json!({
        "verb": "draft", "goals": "impurities below 1 ppb",
        "agreement": {
            "form": "consortium", "ip": "jointly", "ip_terms": "each its own", "risk": "shared", "breach": "as by law",
            "benefits": [{ "organisation": LEAD, "share": "2/3" }, { "organisation": LAB, "share": "1/3" }]
        },
        "packages": [
            { "title": "line", "organisation": LEAD, "region": "310115", "duties": "build", "public_money": "2000000",
              "own_money": "2000000" },
            { "title": "resin", "organisation": LAB, "region": "320500", "duties": "make", "public_money": "1000000",
              "own_money": "1000000" }
        ],
        "milestones": [
            { "title": "advance", "month": 0, "evidence_wanted": "none", "percent": 30 },
            { "title": "sample", "month": 18, "evidence_wanted": "test report", "percent": 40 },
            { "title": "line", "month": 34, "evidence_wanted": "line log", "percent": 30 }
        ],
        "mode": "itemised",
        "budget": { "equipment": "1000000", "business": "1200000", "labour": "400000", "indirect": "400000" },
        "is_pure_theory": false, "no_secrets": true
    });
    plan.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    plan
}

fn said(text: &str) -> Text<1000> {
    text.parse().unwrap()
}

fn file() -> FileRef {
    format!("{}:report.pdf", "a".repeat(64)).parse().unwrap()
}

fn files<const N: usize>() -> List<FileRef, N> {
    List::new(vec![file()]).unwrap()
}

fn number<const A: i64, const B: i64>(number: i64) -> Between<A, B> {
    Between::new(number).unwrap()
}

fn signatory(organisation: Id) -> Viewer {
    Viewer { organisations: vec![organisation], signs_for: vec![organisation], ..Viewer::default() }
}

fn treasurer(region: Region) -> Viewer {
    Viewer { offices: vec![("treasurer".into(), region)], ..Viewer::default() }
}

fn office(region: Region) -> Viewer {
    Viewer { offices: vec![("joint-office".into(), region)], ..Viewer::default() }
}

fn account(owner: Id, region: Region, purpose: &str) -> Card {
    Card::new().party("owner", owner).region(region).fact("purpose", purpose)
}

fn opened(more: Value) -> Story<Project> {
    let mut story = Story::<Project>::new("2026-03-02");
    story.showing(&["status"]);
    story.given(CITY_FUND, account(OTHER, SHANGHAI, "fund"));
    story.given(JIANGSU_FUND, account(OTHER, JIANGSU, "fund"));
    story.given(LEADS_ACCOUNT, account(LEAD, SHANGHAI, "fund"));
    story.given(LABS_ACCOUNT, account(LAB, JIANGSU, "fund"));
    story.given(NEED, Card::new().party("owner", FIRM));
    story.given(OTHER, Card::new().region(Region::code(320_100)));
    story.when(opening(more));
    story
}

fn approved(plan: Value) -> Story<Project> {
    let mut story = opened(json!({}));
    story.by(signatory(LEAD)).when(command(plan)).when(Submit);
    story.on("2026-03-09").by(office(SHANGHAI)).when(Approve { region: Region::code(310_115) });
    story.by(office(JIANGSU)).when(Approve { region: JIANGSU });
    story
}

fn sign(story: &mut Story<Project>, organisation: Id) {
    story.by(signatory(organisation)).when(Sign { organisation: organisation.r(), commitment: true });
}

fn signed_with(plan: Value) -> Story<Project> {
    let mut story = approved(plan);
    [LEAD, LAB, FIRM].into_iter().for_each(|organisation| sign(&mut story, organisation));
    story.on("2026-03-16").by(office(SHANGHAI)).when(Countersign);
    story
}

fn fund(region: Region, from: Id, amount: i64) -> Command {
    Fund { region, source: FundSource::Province, from: from.r(), amount: yuan(amount) }
}

fn running() -> Story<Project> {
    let mut story = signed_with(plan(json!({})));
    story.by(treasurer(SHANGHAI)).when(fund(SHANGHAI, CITY_FUND, 2_000_000));
    story.by(treasurer(JIANGSU)).when(fund(JIANGSU, JIANGSU_FUND, 1_000_000));
    story
}

fn pay(package: i64, milestone: i64, to: Id) -> Command {
    Pay { package: number(package), milestone: number(milestone), to: to.r() }
}

fn deliver(milestone: i64) -> Command {
    Deliver { milestone: number(milestone), remark: said("done"), evidence: files() }
}

fn judge(milestone: i64, passed: bool) -> Command {
    Judge { milestone: number(milestone), passed, remark: said("seen") }
}

fn report(kind: &str, year: i16, deposit: Option<&str>) -> Command {
    command(
        json!({ "verb": "report", "kind": kind, "year": year, "summary": "as planned", "data_deposit": deposit }),
    )
}

fn passed(story: &mut Story<Project>, milestone: i64) {
    story.by(signatory(LEAD)).when(deliver(milestone));
    story.by(office(SHANGHAI)).when(judge(milestone, true));
}

fn conclude(outcome: &str, more: Value) -> Command {
    let mut ending = json!({
        "verb": "conclude", "outcome": outcome, "remark": "five experts", "opinion": file(),
        "finding": { "exploratory": true, "contract_kept": true, "honest": true }
    });
    ending.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    command(ending)
}

#[test]
fn a_project_is_planned_signed_paid_by_each_province_tested_and_accepted() {
    let mut story = running();
    story.by(treasurer(SHANGHAI)).when(pay(1, 1, LEADS_ACCOUNT));
    story.by(treasurer(JIANGSU)).when(pay(2, 1, LABS_ACCOUNT));
    story.on("2027-01-05").by(signatory(LEAD)).when(report("annual", 2026, None));
    story.on("2027-09-01");
    passed(&mut story, 2);
    story.by(treasurer(JIANGSU)).when(pay(2, 2, LABS_ACCOUNT));
    story.on("2028-01-10").by(signatory(LEAD)).when(report("annual", 2027, None));
    story.on("2028-12-01");
    passed(&mut story, 3);
    let test = TestByUser { passed: true, remark: said("0.8 ppb on our line"), report: file() };
    story.on("2029-01-08").by(signatory(FIRM)).when(test);
    story.by(signatory(LEAD)).when(report("annual", 2028, None));
    story.when(report("final", 2029, Some("science data bank 77"))).when(AskAcceptance);
    story.on("2029-02-01").by(office(SHANGHAI)).when(conclude("accepted", json!({})));
    story.by(treasurer(SHANGHAI)).when(pay(1, 3, LEADS_ACCOUNT));
    assert_eq!(story.record().card().read::<Money>("paid"), Some(yuan(1_900_000)));
    story.expect(&expect![[r#"
        2026-03-02  open      said opened  status plan
        2026-03-02  draft     said drafted  status plan
        2026-03-02  submit    said submitted  status plan
        2026-03-09  approve   said approved  status plan
        2026-03-09  approve   said approved  status publicised
        2026-03-09  sign      said signed  status publicised
        2026-03-09  sign      said signed  status publicised
        2026-03-09  sign      said signed  status publicised
        2026-03-16  countersign said countersigned  status signed
        2026-03-16  fund      said funded | open account-new-1: title zh=项目专账+en=project purse, owner project, purpose wallet, region 310000 | pay account-shanghai: to account-new-1, amount 2000000, reason project  status running
        2026-03-16  fund      said funded | open account-new-2: title zh=项目专账+en=project purse, owner project, purpose wallet, region 320000 | pay account-jiangsu: to account-new-2, amount 1000000, reason project  status running
        2026-03-16  pay       said paid | pay account-new-1: to account-lead, amount 600000, reason tranche  status running
        2026-03-16  pay       said paid | pay account-new-2: to account-lab, amount 300000, reason tranche  status running
        2027-01-05  report    said reported  status running
        2027-09-01  deliver   said delivered  status running
        2027-09-01  judge     said milestone-passed  status running
        2027-09-01  pay       said paid | pay account-new-2: to account-lab, amount 400000, reason tranche  status running
        2028-01-10  report    said reported  status running
        2028-12-01  deliver   said delivered  status running
        2028-12-01  judge     said milestone-passed  status running
        2029-01-08  test-by-user said user-tested  status user-tested
        2029-01-08  report    said reported  status user-tested
        2029-01-08  report    said reported  status user-tested
        2029-01-08  ask-acceptance said acceptance-asked  status user-tested
        2029-02-01  conclude  said concluded | disengage person-leader: record solution-1  status accepted
        2029-02-01  pay       said paid | pay account-new-1: to account-lead, amount 600000, reason tranche  status accepted
    "#]]);
}

#[test]
fn a_plan_must_fit_what_was_granted_and_who_takes_part() {
    let mut story = opened(json!({}));
    story.by(signatory(LEAD)).refuses(Submit, NoPlan);
    story.refuses(command(plan(json!({ "no_secrets": false }))), MayHoldSecrets);
    let package = |organisation: Id, region: &str, public: &str, own: &str| {
        json!({ "title": "part", "organisation": organisation, "region": region, "duties": "work",
                "public_money": public, "own_money": own })
    };
    let whole = package(LEAD, "310115", "3000000", "3000000");
    let half = package(LEAD, "310115", "1500000", "1500000");
    let wrong: Vec<(Value, Refusal)> = vec![
        (json!({ "packages": [whole] }), NoPackageFor { organisation: LAB.r() }),
        (
            json!({ "packages": [half, package(OTHER, "310115", "1500000", "1500000")] }),
            NotAPartner { organisation: OTHER.r() },
        ),
        (
            json!({ "packages": [half, package(LAB, "330100", "1500000", "1500000")] }),
            AnotherProvince { region: Region::code(330_100), expected: Region::code(320_500) },
        ),
        (
            json!({ "packages": [half, package(LAB, "320500", "1000000", "1500000")] }),
            PublicMoneyDiffers { planned: yuan(2_500_000), granted: yuan(3_000_000) },
        ),
        (
            json!({ "packages": [half, package(LAB, "320500", "1500000", "0")] }),
            OwnMoneyMissing { planned: yuan(1_500_000), promised: yuan(3_000_000) },
        ),
        (json!({ "milestones": [] }), NoMilestones),
        (
            json!({ "milestones": [{ "title": "one", "month": 0, "evidence_wanted": "none", "percent": 90 }] }),
            PartsNotWhole { sum: 90 },
        ),
        (
            json!({ "milestones": [{ "title": "one", "month": 37, "evidence_wanted": "all", "percent": 100 }] }),
            LateMilestone { months: 36 },
        ),
        (json!({ "budget": null }), NoBudget),
        (json!({ "mode": "lump-sum" }), BudgetInLumpSum),
        (
            json!({ "budget": { "equipment": "1000000", "business": "1000000", "labour": "400000", "indirect": "400000" } }),
            BudgetDiffers { planned: yuan(2_800_000), granted: yuan(3_000_000) },
        ),
        // 30 % of business and labour, equipment left out: 480 000 at most.
        (
            json!({ "budget": { "equipment": "900000", "business": "1200000", "labour": "400000", "indirect": "500000" } }),
            TooMuchIndirect { most: yuan(480_000) },
        ),
    ];
    for (change, reason) in wrong {
        story.when(command(plan(change))).refuses(Submit, reason);
    }
    let mut decided = opened(
        json!({ "by_region": [{ "region": "310000", "money": "1000000" }, { "region": "320000", "money": "2000000" }] }),
    );
    let differs = ProvincePaysOther { region: SHANGHAI, planned: yuan(2_000_000), granted: yuan(1_000_000) };
    decided.by(signatory(LEAD)).when(command(plan(json!({})))).refuses(Submit, differs);
    let mut uneven = plan(json!({}));
    uneven["agreement"]["benefits"][1]["share"] = json!("1/2");
    story.when(command(uneven)).refuses(Submit, BenefitsNotWhole);
    story.refuses(Approve { region: SHANGHAI }, NotSubmitted);
    story.when(command(plan(json!({})))).when(Submit);
}

#[test]
fn indirect_cost_goes_by_bands_and_leaves_equipment_out() {
    let mut story = opened(json!({ "public_money": "16150000", "partners": [] }));
    let with = |indirect: &str, equipment: &str, is_pure_theory: bool| {
        command(plan(json!({
            "packages": [{ "title": "all", "organisation": LEAD, "region": "310115", "duties": "all",
                           "public_money": "16150000", "own_money": "3000000" }],
            "agreement": { "form": "consortium", "ip": "solver", "ip_terms": "all", "risk": "own", "breach": "law",
                           "benefits": [{ "organisation": LEAD, "share": "1/1" }] },
            "budget": { "equipment": equipment, "business": "8000000", "labour": "4000000", "indirect": indirect },
            "is_pure_theory": is_pure_theory
        })))
    };
    // 12 million: 30 % of 5, 25 % of 5 and 20 % of 2 million.
    story.by(signatory(LEAD)).when(with("3150000.01", "999999.99", false));
    story.refuses(Submit, TooMuchIndirect { most: yuan(3_150_000) });
    story.when(with("4150000", "0", true)).when(Submit);
    story.by(office(SHANGHAI)).when(Return { remark: said("no theory") });
    story.by(signatory(LEAD)).when(with("3150000", "1000000", false)).when(Submit);
}

#[test]
fn each_province_approves_and_pays_only_its_own() {
    let mut story = opened(json!({}));
    story.by(signatory(LEAD)).when(command(plan(json!({})))).when(Submit);
    let zhejiang = Region::code(330_000);
    story.by(office(JIANGSU)).refuses(Approve { region: SHANGHAI }, NotYourProvince { region: SHANGHAI });
    story.by(office(zhejiang)).refuses(Approve { region: zhejiang }, NotYourProvince { region: zhejiang });
    story.by(office(JIANGSU)).when(Approve { region: JIANGSU });
    story.refuses(Approve { region: JIANGSU }, ApprovedAlready);
    let mut story = signed_with(plan(json!({})));
    let city = fund(SHANGHAI, CITY_FUND, 2_000_000);
    story.by(treasurer(JIANGSU)).refuses(city, NotYourProvince { region: SHANGHAI });
    let crossing = AnotherProvince { region: SHANGHAI, expected: JIANGSU };
    story.refuses(fund(JIANGSU, CITY_FUND, 1_000_000), crossing);
    story.refuses(fund(JIANGSU, JIANGSU_FUND, 1_000_001), MoreThanPlanned { left: yuan(1_000_000) });
    story.when(fund(JIANGSU, JIANGSU_FUND, 100_000));
    story.refuses(pay(1, 1, LEADS_ACCOUNT), NotYourProvince { region: Region::code(310_115) });
    story.refuses(pay(2, 1, LEADS_ACCOUNT), NotThePartnersAccount);
    story.refuses(pay(2, 1, LABS_ACCOUNT), NotEnoughInPurse { left: yuan(100_000) });
    story.when(fund(JIANGSU, JIANGSU_FUND, 900_000)).when(pay(2, 1, LABS_ACCOUNT));
    story.refuses(pay(2, 1, LABS_ACCOUNT), PaidAlready);
    story.refuses(pay(2, 2, LABS_ACCOUNT), NotPassed { milestone: 2 });
    story.refuses(pay(9, 1, LABS_ACCOUNT), NoSuchPackage { package: 9 });
    story.refuses(pay(2, 9, LABS_ACCOUNT), NoSuchMilestone { milestone: 9 });
    assert_eq!(story.record().paid_to(2), yuan(300_000));
}

#[test]
fn nothing_is_signed_without_everyone_and_their_commitment() {
    let mut story = approved(plan(json!({})));
    let sign_as = |commitment| Sign { organisation: LEAD.r(), commitment };
    story.by(signatory(LEAD)).refuses(sign_as(false), NoCommitment);
    story.refuses(Sign { organisation: LAB.r(), commitment: true }, NotAPartner { organisation: LAB.r() });
    story.when(sign_as(true)).refuses(sign_as(true), SignedAlready);
    sign(&mut story, LAB);
    story.by(office(SHANGHAI)).refuses(Countersign, NotSigned { organisation: FIRM.r() });
    sign(&mut story, FIRM);
    story.by(office(SHANGHAI)).when(Countersign);
}

#[test]
fn a_lump_sum_needs_the_leaders_word_and_never_pays_what_is_on_the_list() {
    let lump = plan(json!({ "mode": "lump-sum", "budget": null }));
    let mut story = approved(lump);
    [LEAD, LAB, FIRM].into_iter().for_each(|organisation| sign(&mut story, organisation));
    story.by(office(SHANGHAI)).refuses(Countersign, NotPledged);
    story.refuses(Pledge { accepts_negative_list: false }, NotPledged);
    story.when(Pledge { accepts_negative_list: true }).when(Countersign);
    story.by(treasurer(SHANGHAI)).when(fund(SHANGHAI, CITY_FUND, 2_000_000));
    let book = |kind: &str, amount: &str| {
        command(json!({ "verb": "book", "lines": [{ "package": 1, "kind": kind, "amount": amount }] }))
    };
    story.by(signatory(LEAD)).when(book("equipment", "900000"));
    story.refuses(book("fines", "100"), OnNegativeList { kind: ExpenseKind::Fines });
    story.by(signatory(LAB)).refuses(book("wages", "100"), OnlyTheUnit);
    let moved = json!({ "verb": "adjust", "from_head": "business", "to_head": "labour", "amount": "1", "reason": "more hands" });
    story.by(signatory(LEAD)).refuses(command(moved), NoBudget);
}

#[test]
fn heads_hold_and_each_is_adjusted_by_whom_it_belongs_to() {
    let mut story = running();
    let book = |kind: &str, amount: &str| {
        command(json!({ "verb": "book", "lines": [{ "package": 1, "kind": kind, "amount": amount }] }))
    };
    let moved = |from: &str, to: &str, amount: &str| {
        let fields = json!({ "verb": "adjust", "from_head": from, "to_head": to, "amount": amount, "reason": "prices" });
        command(fields)
    };
    let leader = Viewer { person: Some(Id::named("person-leader")), ..Viewer::default() };
    let used_up = HeadIsUsedUp { head: Head::Labour, left: yuan(400_000) };
    story.by(signatory(LEAD)).refuses(book("wages", "400000.01"), used_up);
    story.refuses(moved("business", "labour", "50000"), OnlyTheLeader);
    story.by(leader).when(moved("business", "labour", "50000")).when(book("wages", "400000.01"));
    story.refuses(moved("business", "equipment", "50000"), OnlyTheUnit);
    story.refuses(moved("business", "indirect", "50000"), HeadIsFixed { head: Head::Indirect });
    // Less base, less indirect: 1.6 million less 300 000 carries 390 000 only.
    let too_much = TooMuchIndirect { most: yuan(390_000) };
    story.by(signatory(LEAD)).refuses(moved("business", "equipment", "300000"), too_much);
    story.when(moved("business", "equipment", "50000"));
}

#[test]
fn a_failed_milestone_stops_the_work_or_sends_it_another_way() {
    let mut story = running();
    story.on("2027-09-01").by(office(SHANGHAI)).refuses(judge(2, true), NoEvidence);
    story.by(signatory(LEAD)).when(deliver(2));
    story.by(office(SHANGHAI)).when(judge(2, false));
    let resume =
        |milestone, due: &str| Resume { milestone: number(milestone), due: day(due), remark: said("plasma") };
    story.not_now(judge(3, true));
    story.refuses(resume(3, "2028-06-01"), OtherMilestoneWaits { milestone: 2 });
    story.refuses(resume(2, "2027-08-01"), DueInThePast { due: day("2027-08-01") });
    story.when(resume(2, "2028-06-01"));
    passed(&mut story, 2);
    let stop = JudgeMidterm { verdict: Verdict::Stop, remark: said("overtaken") };
    story.by(office(SHANGHAI)).when(stop).not_now(resume(2, "2028-09-01"));
}

#[test]
fn an_honest_failure_opens_the_need_again_and_touches_nobody() {
    let mut story = running();
    story.by(treasurer(JIANGSU)).when(pay(2, 1, LABS_ACCOUNT));
    story.on("2027-09-01").by(office(SHANGHAI)).when(judge(2, false));
    story.refuses(conclude("terminated", json!({})), NothingTried);
    let tried = json!({ "tried": "two resins, both above 1 ppb" });
    story.refuses(conclude("terminated", tried.clone()), NoDiligencePack);
    let nothing = FileDiligence { tried: said("two resins"), records: List::default() };
    story.by(signatory(LEAD)).refuses(nothing, NoDiligencePack);
    story.when(FileDiligence { tried: said("two resins"), records: files() });
    story.by(office(SHANGHAI)).when(conclude("terminated", tried));
    let repay = |amount: i64| Repay { package: number(2), from: LABS_ACCOUNT.r(), amount: yuan(amount) };
    story.by(signatory(LAB)).refuses(repay(300_001), MoreThanOwed { owed: yuan(300_000) });
    story.by(signatory(LEAD)).refuses(repay(1), OnlyTheUnit);
    story.by(signatory(LAB)).when(repay(300_000)).refuses(repay(1), MoreThanOwed { owed: Money::ZERO });
    assert!(story.record().finding.unwrap().is_diligent());
    story.expect(&expect![[r#"
        2026-03-02  open      said opened  status plan
        2026-03-02  draft     said drafted  status plan
        2026-03-02  submit    said submitted  status plan
        2026-03-09  approve   said approved  status plan
        2026-03-09  approve   said approved  status publicised
        2026-03-09  sign      said signed  status publicised
        2026-03-09  sign      said signed  status publicised
        2026-03-09  sign      said signed  status publicised
        2026-03-16  countersign said countersigned  status signed
        2026-03-16  fund      said funded | open account-new-1: title zh=项目专账+en=project purse, owner project, purpose wallet, region 310000 | pay account-shanghai: to account-new-1, amount 2000000, reason project  status running
        2026-03-16  fund      said funded | open account-new-2: title zh=项目专账+en=project purse, owner project, purpose wallet, region 320000 | pay account-jiangsu: to account-new-2, amount 1000000, reason project  status running
        2026-03-16  pay       said paid | pay account-new-2: to account-lab, amount 300000, reason tranche  status running
        2027-01-16  clock     said overdue  status running
        2027-09-01  judge     said milestone-failed  status milestone-failed
        2027-09-01  refuses   Because(NothingTried, None)  status milestone-failed
        2027-09-01  refuses   Because(NoDiligencePack, None)  status milestone-failed
        2027-09-01  refuses   Because(NoDiligencePack, None)  status milestone-failed
        2027-09-01  file-diligence said diligence-filed  status milestone-failed
        2027-09-01  conclude  said concluded | pay account-new-1: to account-shanghai, amount 1400000, reason project ended | pay account-new-2: to account-jiangsu, amount 700000, reason project ended | mark-unmatched need-1: tried two resins, both above 1 ppb | disengage person-leader: record solution-1  status terminated
        2027-09-01  refuses   Because(MoreThanOwed { owed: 300000.00 }, None)  status terminated
        2027-09-01  refuses   Because(OnlyTheUnit, None)  status terminated
        2027-09-01  repay     said repaid | pay account-lab: to account-jiangsu, amount 300000, reason repayment  status terminated
        2027-09-01  refuses   Because(MoreThanOwed { owed: 0.00 }, None)  status terminated
    "#]]);
}

#[test]
fn acceptance_wants_the_users_test_every_milestone_and_the_data() {
    let mut story = running();
    story.by(signatory(LEAD)).refuses(AskAcceptance, NoFinalReport);
    story.refuses(report("final", 2026, None), NoDataDeposit);
    story.when(report("final", 2026, Some("bank 7"))).when(AskAcceptance);
    story.by(office(SHANGHAI)).refuses(conclude("accepted", json!({})), MilestonesOpen { milestone: 2 });
    story.refuses(conclude("result-only", json!({})), NoFeasibilityPlan);
    let test = |passed| TestByUser { passed, remark: said("on our line"), report: file() };
    story.by(signatory(FIRM)).refuses(test(true), MilestonesOpen { milestone: 2 });
    [2, 3].into_iter().for_each(|milestone| passed(&mut story, milestone));
    story.by(office(SHANGHAI)).refuses(conclude("accepted", json!({})), NotTestedByUser);
    story.by(signatory(FIRM)).when(test(false));
    story.by(office(SHANGHAI)).refuses(conclude("accepted", json!({})), NotTestedByUser);
    story.by(signatory(FIRM)).when(test(true));
    let panel = Id::named("panel-1");
    story.given(panel, Card::new().status("voting"));
    story.by(office(SHANGHAI)).refuses(conclude("accepted", json!({ "panel": panel })), PanelNotConcluded);
    story.given(panel, Card::new().status("concluded"));
    story.when(conclude("accepted", json!({ "panel": panel })));
}

#[test]
fn changes_are_asked_for_in_time_with_consent_and_decided_by_the_office() {
    let mut story = running();
    let ask = |kind: &str, more: Value| {
        let mut change = json!({ "verb": "ask-change", "kind": kind, "reason": "the line is late" });
        change.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        command(change)
    };
    let decide = |number, granted| DecideChange { number, granted, remark: said("read") };
    story.by(signatory(LEAD)).refuses(ask("extension", json!({})), ChangeIncomplete);
    story.refuses(ask("extension", json!({ "months": 13 })), ExtensionTooLong { most: 12 });
    let leader = json!({ "leader": "person-next", "ground": "left-the-unit" });
    story.given(Id::named("person-next"), Card::new());
    story.refuses(ask("leader", leader.clone()), NoConsents);
    let mut agreed = leader;
    agreed["consents"] = json!([file()]);
    story
        .when(ask("leader", agreed))
        .refuses(ask("extension", json!({ "months": 6 })), ChangeWaits { number: 1 });
    story.by(office(SHANGHAI)).refuses(decide(2, true), NoSuchChange { number: 2 }).when(decide(1, true));
    story.by(signatory(LEAD)).when(ask("extension", json!({ "months": 6 })));
    story.by(office(SHANGHAI)).when(decide(2, true));
    story.by(signatory(LEAD)).refuses(ask("extension", json!({ "months": 1 })), ExtendedAlready);
    let other = json!({ "leaves": LAB, "joins": OTHER, "consents": [file()] });
    story.when(ask("partner", other));
    story.by(office(SHANGHAI)).when(decide(3, true));
    story.by(treasurer(JIANGSU)).refuses(pay(2, 1, LABS_ACCOUNT), NotThePartnersAccount);
    story.by(signatory(LEAD)).when(ask("milestone", json!({ "milestone": 3, "due": "2029-06-30" })));
    story.by(office(SHANGHAI)).when(decide(4, false));
    let record = story.record();
    assert_eq!(record.dates.ends, Some(day("2029-09-16")));
    assert_eq!(record.opening.leader, Some(Id::named("person-next").r()));
    let mut late = running();
    late.on("2029-03-17").by(signatory(LEAD));
    late.refuses(ask("extension", json!({ "months": 1 })), TooLateToExtend { ended: day("2029-03-16") });
}

#[test]
fn what_is_overdue_is_noted_once_by_the_clock() {
    let mut story = opened(json!({}));
    story.on("2026-04-01");
    assert_eq!(
        story.record().late,
        vec![(Debt::Plan, day("2026-03-23"))],
        "the 22nd is a Sunday, a day of rest"
    );
    let mut story = signed_with(plan(json!({})));
    story.on("2029-12-01");
    let late: Vec<String> = story.record().late.iter().map(|(debt, day)| format!("{day} {debt:?}")).collect();
    expect![[r#"
        2026-04-15 Money
        2027-01-15 Annual { year: 2026 }
        2027-09-16 Milestone { number: 2 }
        2028-01-15 Annual { year: 2027 }
        2029-01-15 Annual { year: 2028 }
        2029-01-16 Milestone { number: 3 }
        2029-05-15 Final
        2029-06-16 Acceptance"#]]
    .assert_eq(&late.join("\n"));
}

#[test]
fn strangers_read_who_works_on_what_and_offices_of_every_province_read_all() {
    let story = running();
    let seen = |viewer: &Viewer| {
        let mut project = story.record().clone();
        (project.veil(viewer) == Sight::Seen).then_some(project).unwrap()
    };
    let stranger = seen(&Viewer::public());
    assert!(stranger.plan.is_none() && stranger.purses.is_empty() && stranger.notches.is_empty());
    assert_eq!(stranger.opening, story.record().opening);
    for viewer in [office(JIANGSU), office(SHANGHAI), signatory(LAB), signatory(FIRM)] {
        assert!(seen(&viewer).plan.is_some());
    }
    assert!(seen(&office(Region::code(340_000))).plan.is_none());
    let booked = Event::Booked { lines: List::default() };
    assert_eq!(Project::veil_event(story.record(), booked.clone(), &Viewer::public()), None);
    assert_eq!(Project::veil_event(story.record(), booked.clone(), &signatory(LAB)), Some(booked));
}

#[test]
fn an_award_comes_to_nothing_only_before_it_is_signed() {
    let reason = || "the leader has left".parse().unwrap();
    let mut story = approved(plan(json!({})));
    story.by(signatory(LEAD)).when(Decline { reason: reason() });
    story.not_now(Rescind { reason: reason() });
    story.not_now(command(plan(json!({}))));
    story.expect(&expect![[r#"
        2026-03-02  open      said opened  status plan
        2026-03-02  draft     said drafted  status plan
        2026-03-02  submit    said submitted  status plan
        2026-03-09  approve   said approved  status plan
        2026-03-09  approve   said approved  status publicised
        2026-03-09  decline   said declined | mark-unmatched need-1: tried 立项未能实施 / the award came to nothing: the leader has left | disengage person-leader: record solution-1  status declined
    "#]]);
    let mut signed = running();
    signed.by(signatory(LEAD)).not_now(Decline { reason: reason() });
    signed.by(office(SHANGHAI)).not_now(Rescind { reason: reason() });
    let mut late = opened(json!({}));
    late.by(office(SHANGHAI)).when(Rescind { reason: reason() });
    assert!(late.record().status.never_began() && late.record().ended.is_some());
}
