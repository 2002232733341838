//! What a voucher does, told as stories. `UPDATE_EXPECT=1 cargo test -p desks` rewrites them.

use grammar::story::*;

use super::{Command::*, *};

const FUND: Id = Id::named("account-fund");
const FIRM: Id = Id::named("organisation-firm");
const LAB: Id = Id::named("organisation-lab");
const TILL: Id = Id::named("account-lab");

fn issued() -> Story<Voucher> {
    let until = day("2031-06-30");
    let mut story = Story::<Voucher>::new("2031-04-01");
    story.showing(&["left", "held", "gone"]);
    story.given(TILL, Card::new().party("owner", LAB));
    story.given(FIRM, Card::new()).given(FUND, Card::new());
    story.when(Issue {
        fund: FUND.r(),
        holder: FIRM.r(),
        region: Region::code(310_000),
        face: yuan(500),
        until,
    });
    story
}

#[test]
fn a_voucher_pays_its_provider_and_the_rest_goes_home() {
    let mut story = issued();
    story.on("2031-05-02").when(Hold { provider: LAB.r(), contract: yuan(700), amount: yuan(300) });
    story.on("2031-06-20").when(Spend { provider: LAB.r(), to: TILL.r(), amount: yuan(250) });
    story.on("2031-07-09").when(Release { provider: LAB.r(), amount: None });
    story.wait_until("2031-07-10");
    story.expect(&expect![[r#"
        2031-04-01  issue     said issued | open account-new-1: title zh=创新券钱包+en=voucher wallet, owner voucher, purpose wallet, region 310000 | pay account-fund: to account-new-1, amount 500, reason voucher  left 500  held 0  gone 0
        2031-05-02  hold      said held  left 200  held organisation-lab=300  gone 0
        2031-06-20  spend     said spent | pay account-new-1: to account-lab, amount 250, reason voucher  left 200  held organisation-lab=50  gone 250
        2031-07-01  clock     said expired | pay account-new-1: to account-fund, amount 200, reason voucher  left 0  held organisation-lab=50  gone 450
        2031-07-09  release   said released  left 50  held 0  gone 450
        2031-07-09  clock     said expired | pay account-new-1: to account-fund, amount 50, reason voucher  left 0  held 0  gone 500
    "#]]);
}

#[test]
fn a_region_issues_to_its_own_firms_from_its_own_fund() {
    let mut story = Story::<Voucher>::new("2031-04-01");
    let issue = |region| Issue {
        fund: FUND.r(),
        holder: FIRM.r(),
        region: Region::code(region),
        face: yuan(500),
        until: day("2031-06-30"),
    };
    story.given(FIRM, Card::new().region(Region::code(330_402)));
    story.given(FUND, Card::new().region(Region::code(330_000)));
    story.refuses(issue(310_000), HolderOfAnotherRegion { region: Region::code(330_402) });
    story.given(FUND, Card::new().region(Region::code(310_000)));
    story.refuses(issue(330_000), FundOfAnotherRegion { region: Region::code(310_000) });
    story.given(FUND, Card::new().region(Region::code(330_000))).when(issue(330_000));
}

#[test]
fn nobody_spends_more_than_was_held() {
    let mut story = issued();
    story.when(Hold { provider: LAB.r(), contract: yuan(900), amount: yuan(300) });
    story.refuses(
        Spend { provider: LAB.r(), to: TILL.r(), amount: yuan(301) },
        NotEnoughHeld { held: yuan(300) },
    );
}

#[test]
fn a_voucher_pays_at_most_half_of_a_contract_and_ends_with_its_year() {
    let mut story = issued();
    story.refuses(
        Hold { provider: LAB.r(), contract: yuan(500), amount: yuan(251) },
        MoreThanItsShare { most: yuan(250) },
    );
    story.refuses(
        Hold { provider: LAB.r(), contract: yuan(5000), amount: yuan(501) },
        NotEnoughLeft { left: yuan(500) },
    );
    let until = day("2032-01-01");
    let mut late = Story::<Voucher>::new("2031-04-01");
    late.refuses(
        Issue { fund: FUND.r(), holder: FIRM.r(), region: Region::code(310_000), face: yuan(5), until },
        EndsInAnotherYear { until },
    );
}
