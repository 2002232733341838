//! What an account does, told as stories. `UPDATE_EXPECT=1 cargo test -p desks` rewrites them.

use grammar::story::*;

use super::{Command::*, Refusal::*, *};

const SHOP: Id = Id::named("account-shop");

fn words(text: &str) -> Text<200> {
    text.parse().unwrap()
}

fn funded() -> Story<Account> {
    let mut story = Story::<Account>::new("2031-04-01");
    story.showing(&["balance", "held"]);
    let title = serde_json::from_str(r#"{"en":"fund"}"#).unwrap();
    story.when(Open {
        title,
        owner: Id::named("organisation-1"),
        purpose: Purpose::Fund,
        region: Region::code(310_000),
    });
    story.when(Receive { from: Id::named("account-bank").r(), amount: yuan(500), entry: 1 });
    story
}

#[test]
fn what_is_held_is_posted_or_comes_back() {
    let mut story = funded();
    story.when(Hold {
        to: SHOP.r(),
        amount: yuan(300),
        reason: words("order 1"),
        until: Some(day("2031-04-30")),
    });
    story.when(Hold { to: SHOP.r(), amount: yuan(100), reason: words("order 2"), until: None });
    story.refuses(
        Pay { to: SHOP.r(), amount: yuan(101), reason: words("too much") },
        NotEnough { available: yuan(100) },
    );
    story.on("2031-04-10").when(Post { entry: 2 });
    story.wait_until("2031-05-10");
    story.expect(&expect![[r#"
        2031-04-01  open      said opened  balance 0  held 0
        2031-04-01  receive   said received  balance 500  held 0
        2031-04-01  hold      said held  balance 500  held {"1":[{"to":"account-shop","amount":"300.00","reason":"order 1"},"2031-04-30"]}
        2031-04-01  hold      said held  balance 500  held {"1":[{"to":"account-shop","amount":"300.00","reason":"order 1"},"2031-04-30"],"2":[{"to":"account-shop","amount":"100.00","reason":"order 2"},null]}
        2031-04-01  refuses   Because(NotEnough { available: 100.00 }, None)  balance 500  held {"1":[{"to":"account-shop","amount":"300.00","reason":"order 1"},"2031-04-30"],"2":[{"to":"account-shop","amount":"100.00","reason":"order 2"},null]}
        2031-04-10  post      said posted | receive account-shop: from account, amount 100, entry 2  balance 400  held {"1":[{"to":"account-shop","amount":"300.00","reason":"order 1"},"2031-04-30"]}
        2031-05-01  clock     said released  balance 400  held 0
    "#]]);
}

#[test]
fn a_reversal_names_what_it_reverses_and_happens_once() {
    let mut story = funded();
    story.when(Pay { to: SHOP.r(), amount: yuan(200), reason: words("invoice 7") });
    let reverse = || Reverse { entry: 1, reason: words("paid twice"), effective: day("2031-04-01") };
    story.when(reverse());
    story.refuses(reverse(), NoSuchPayment { entry: 1 });
    story.expect(&expect![[r#"
        2031-04-01  open      said opened  balance 0  held 0
        2031-04-01  receive   said received  balance 500  held 0
        2031-04-01  pay       said paid | receive account-shop: from account, amount 200, entry 1  balance 300  held 0
        2031-04-01  reverse   said reversed | give-back account-shop: to account, amount 200, entry 1  balance 500  held 0
        2031-04-01  refuses   Because(NoSuchPayment { entry: 1 }, None)  balance 500  held 0
    "#]]);
}

#[test]
fn nothing_is_paid_to_oneself_nor_in_negative_amounts() {
    let mut story = funded();
    story.refuses(Pay { to: Id::named("account").r(), amount: yuan(1), reason: words("x") }, ToItself);
    let amount = Money::fen(-1);
    story.refuses(Pay { to: SHOP.r(), amount, reason: words("x") }, NotAnAmount { amount });
    story.refuses(Post { entry: 9 }, NoSuchHold { entry: 9 });
}

#[test]
fn only_its_owner_moves_the_money_of_a_wallet() {
    let mut story = Story::<Account>::new("2031-04-01");
    let title: Bilingual<120> = serde_json::from_str(r#"{"en":"wallet"}"#).unwrap();
    let owner = Id::named("voucher-1");
    let open = Open { title, owner, purpose: Purpose::Wallet, region: Region::code(310_000) };
    story.refuses(open.clone(), OnlyItsOwner);
    story.by(Viewer { told_by: Some("voucher"), teller: Some(owner), ..Viewer::default() }).when(open);
    story.when(Receive { from: Id::named("account-fund").r(), amount: yuan(9), entry: 1 });
    story.by(Viewer::default());
    story.refuses(Pay { to: SHOP.r(), amount: yuan(9), reason: words("x") }, OnlyItsOwner);
    story.refuses(GiveBack { to: Id::named("account-fund").r(), amount: yuan(9), entry: 1 }, OnlyItsOwner);
}

#[test]
fn a_correction_of_a_closed_period_takes_effect_in_the_open_one() {
    let mut story = funded();
    story.when(Pay { to: SHOP.r(), amount: yuan(200), reason: words("invoice 7") });
    story.refuses(CloseBooks { until: day("2031-04-01") }, ClosesTheFuture { until: day("2031-04-01") });
    story.on("2031-05-06").when(CloseBooks { until: day("2031-04-30") });
    story.refuses(CloseBooks { until: day("2031-04-30") }, ClosedAlready { until: day("2031-04-30") });
    let reverse = |effective: &str| Reverse { entry: 1, reason: words("twice"), effective: day(effective) };
    story.refuses(reverse("2031-04-30"), EffectiveInClosed { until: day("2031-04-30") });
    story.refuses(reverse("2031-05-07"), EffectiveLater { effective: day("2031-05-07") });
    story.when(reverse("2031-05-01"));
    assert!(matches!(Account::who(&CloseBooks { until: day("2031-04-30") }), Who::Two(_)));
}

#[test]
fn a_bank_account_is_named_by_two_and_is_a_number() {
    let mut story = funded();
    let named = |number: &str| {
        let details = serde_json::json!({ "holder": "浙江省科技厅", "number": number, "bank": "PCBCCNBJ" });
        NameBank(serde_json::from_value(details).unwrap())
    };
    let spaced: Text<34> = "33 001".parse().unwrap();
    story.refuses(named("33 001"), NotANumber { number: spaced });
    story.when(named("33-0012345")).not_now(named("33-0012345"));
    assert_eq!(story.record().card().read::<BankDetails>("bank").unwrap().number.to_string(), "33-0012345");
    assert!(matches!(Account::who(&named("33001")), Who::Two(_)));
}
