//! What an eligibility does, told as stories. `UPDATE_EXPECT=1 cargo test -p desks` rewrites them.

use grammar::story::*;

use super::{Command::*, Refusal::*, *};

const FIRM: Id = Id::named("organisation-firm");
const GROUP: Id = Id::named("organisation-group");
const HUB: Id = Id::named("organisation-hub");
const FUND: Id = Id::named("account-fund");
const SHANGHAI: Region = Region::code(310_000);

fn story(today: &str) -> Story<Eligibility> {
    let mut story = Story::new(today);
    story.showing(&["status", "quota", "issued"]);
    let firm = Card::new().status("active").region(Region::code(310_115));
    story.given(FIRM, firm.fact("kind", "enterprise").party("parent", GROUP));
    story.given(HUB, Card::new().status("active").region(Region::code(310_112)).fact("kind", "incubator"));
    story
}

fn firm(staff: i64, score: i64, more: &str) -> Command {
    let facts = format!(
        r#"{{"staff":{staff},"sales":"8000万","assets":"1亿","nothing_banned":true,"score":{score},"staff_score":12 {more}}}"#
    );
    ApplyAsFirm { holder: FIRM.r(), region: SHANGHAI, facts: serde_json::from_str(&facts).unwrap() }
}

fn team(members: i64, region: Region) -> Command {
    let facts = format!(
        r#"{{"incubator":"{HUB}","certificate":"证 7","core_members":{members},"no_company_yet":true}}"#
    );
    ApplyAsTeam { holder: FIRM.r(), region, facts: serde_json::from_str(&facts).unwrap() }
}

fn failed(story: &Story<Eligibility>) -> Vec<(Test, String, String, String)> {
    let wrong = story.record().reasons.iter().filter(|reason| !reason.passed);
    wrong.map(|r| (r.test, r.is.clone(), r.wanted.clone(), r.rule.clone())).collect()
}

#[test]
fn a_firm_is_told_at_once_and_has_its_years_quota() {
    let mut story = story("2031-04-01");
    story.when(firm(500, 60, ""));
    story.when(Issue { fund: FUND.r(), face: yuan(200_000) });
    story.refuses(Issue { fund: FUND.r(), face: yuan(100_001) }, AboveTheCap { left: yuan(100_000) });
    story.when(Freeze { reason: "核查".parse().unwrap() }).not_now(Issue { fund: FUND.r(), face: yuan(1) });
    story.when(Unfreeze { reason: "无误".parse().unwrap() });
    story.on("2032-01-02");
    story.refuses(Issue { fund: FUND.r(), face: yuan(1) }, YearIsOver { year: 2031 });
    story.expect(&expect![[r#"
        2031-04-01  apply-as-firm said decided  status eligible  quota 300000  issued 0
        2031-04-01  issue     said issued | issue voucher-new-1: fund account-fund, holder organisation-firm, region 310000, face 200000, until 2031-12-31  status eligible  quota 300000  issued 200000
        2031-04-01  refuses   Because(AboveTheCap { left: 100000.00 }, None)  status eligible  quota 300000  issued 200000
        2031-04-01  freeze    said frozen  status frozen  quota 300000  issued 200000
        2031-04-01  unfreeze  said unfrozen  status eligible  quota 300000  issued 200000
        2032-01-02  refuses   Because(YearIsOver { year: 2031 }, None)  status eligible  quota 300000  issued 200000
    "#]]);
}

#[test]
fn each_test_that_fails_is_named_with_what_was_found_and_wanted() {
    let mut large = story("2031-04-01");
    large.when(firm(501, 59, ""));
    let told = |test, is: &str, wanted: &str, rule: &str| (test, is.into(), wanted.into(), rule.into());
    assert_eq!(
        failed(&large),
        [told(Test::Staff, "501", "≤ 500", "VC-R03-STAFF"), told(Test::Score, "59", "≥ 60", "VC-R03-SCORE")]
    );
    large.not_now(Issue { fund: FUND.r(), face: yuan(1) });
    let mut direct = story("2031-04-01");
    direct.when(firm(10, 0, r#","direct_route":"high-tech-certificate""#));
    assert_eq!(failed(&direct), []);
}

#[test]
fn a_team_needs_three_core_members_in_an_incubator_of_the_region() {
    let mut three = story("2031-04-01");
    three.when(team(3, SHANGHAI));
    assert_eq!((failed(&three).len(), three.record().quota), (0, yuan(100_000)));
    let mut two = story("2031-04-01");
    two.when(team(2, Region::code(330_000)));
    let tests: Vec<Test> = failed(&two).into_iter().map(|(test, ..)| test).collect();
    assert_eq!(tests, [Test::InIncubator, Test::CoreMembers]);
}

#[test]
fn the_cap_is_that_of_the_year() {
    for (day, cap) in [("2019-06-01", 300_000), ("2020-06-01", 500_000), ("2021-06-01", 300_000)] {
        let mut story = story(day);
        story.when(firm(10, 80, ""));
        assert_eq!(story.record().quota, yuan(cap), "{day}");
    }
}

#[test]
fn a_group_has_one_quota_and_who_failed_may_apply_again() {
    let mut eligible = story("2031-04-01");
    eligible.when(firm(10, 80, ""));
    assert_eq!(eligible.record().card().keys, ["voucher-year:organisation-group/2031"]);
    let mut failed = story("2031-04-01");
    failed.when(firm(900, 80, ""));
    assert!(failed.record().card().keys.is_empty());
}

#[test]
fn what_is_revoked_sends_home_what_is_left_on_each_voucher() {
    let mut story = story("2031-04-01");
    story.when(firm(10, 80, "")).when(Issue { fund: FUND.r(), face: yuan(10) });
    story.when(Revoke { reason: "虚假申报".parse().unwrap() });
    story.not_now(Unfreeze { reason: "再议".parse().unwrap() });
    story.expect(&expect![[r#"
        2031-04-01  apply-as-firm said decided  status eligible  quota 300000  issued 0
        2031-04-01  issue     said issued | issue voucher-new-1: fund account-fund, holder organisation-firm, region 310000, face 10, until 2031-12-31  status eligible  quota 300000  issued 10
        2031-04-01  revoke    said revoked | withdraw voucher-new-1:  status revoked  quota 300000  issued 10
    "#]]);
}
