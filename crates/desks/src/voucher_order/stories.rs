//! What an order does, told as stories. `UPDATE_EXPECT=1 cargo test -p desks` rewrites them.

use std::collections::BTreeMap;

use grammar::story::*;

use super::{Command::*, Refusal::*, *};
use crate::provider::{Category, Item};

const FIRM: Id = Id::named("organisation-firm");
const LAB: Id = Id::named("organisation-lab");
const GROUP: Id = Id::named("organisation-group");
const LISTING: Id = Id::named("provider-lab");
const VOUCHER: Id = Id::named("voucher-firm");
const TILL: Id = Id::named("account-lab");
const ZHEJIANG: Id = Id::named("account-zhejiang");
const SHANGHAI: Id = Id::named("account-shanghai");
const BATCH: Id = Id::named("redemption-1");
const RUN: Id = Id::named("clearing-1");

fn text<const N: usize>(text: &str) -> Text<N> {
    text.parse().unwrap()
}

fn voucher(left: i64) -> Card {
    Card::new()
        .region(Region::code(330_000))
        .party("holder", FIRM)
        .fact("share", "1/2")
        .amount(yuan(left))
        .from(day("2031-02-01"))
        .until(day("2031-12-31"))
}

fn listing(away: u32, ceiling: Option<Money>) -> Card {
    let item = Item {
        category: Category::TestingAndAnalysis,
        title: Bilingual { zh: Some(text("透射电镜分析")), en: None },
        per: text("小时"),
        price: yuan(3_600),
        instrument: None,
        ceiling,
    };
    let items = BTreeMap::from([(1_u32, item)]);
    Card::new().region(Region::code(away)).party("organisation", LAB).fact("items", items)
}

fn wish() -> Wish {
    Wish {
        buyer: FIRM.r(),
        provider: LISTING.r(),
        item: Between::new(1),
        quantity: Between::new(100).unwrap(),
        project: text("新型传感器失效分析"),
        detail: None,
        no_secrets: true,
    }
}

fn deal(contract: i64) -> Deal {
    Deal {
        voucher: VOUCHER.r(),
        number: text("HT-2031-7"),
        signed: day("2031-04-02"),
        contract: yuan(contract),
        paper: None,
        booking: None,
        purpose: Use::ResearchAndDevelopment,
        related: false,
        subsidised: false,
        wanted: None,
    }
}

fn world(away: u32, left: i64, ceiling: Option<Money>) -> Story<VoucherOrder> {
    let mut story = Story::new("2031-04-01");
    story.showing(&["status", "paid", "doubts"]);
    story.given(FIRM, Card::new().region(Region::code(330_421)));
    story.given(LISTING, listing(away, ceiling)).given(VOUCHER, voucher(left));
    story.given(TILL, Card::new().party("owner", LAB));
    let clearing = |region: u32| Card::new().region(Region::code(region)).fact("purpose", "clearing");
    story.given(ZHEJIANG, clearing(330_000)).given(SHANGHAI, clearing(310_000));
    story
}

fn quoted(away: u32, left: i64, ceiling: Option<Money>) -> Story<VoucherOrder> {
    let mut story = world(away, left, ceiling);
    story.when(Ask(wish()));
    story.when(Quote(super::Quote {
        price: yuan(400_000), until: day("2031-04-30"), text: text("含报告")
    }));
    story.on("2031-04-03");
    story
}

fn placed(away: u32) -> Story<VoucherOrder> {
    let mut story = quoted(away, 150_000, None);
    story.when(Place(Box::new(deal(360_000))));
    story
}

fn from_desk(desk: &'static str, record: Id) -> Viewer {
    Viewer { told_by: Some(desk), teller: Some(record), ..Viewer::default() }
}

fn pay(home: Option<Id>, away: Option<Id>) -> Command {
    Pay(Route { till: TILL.r(), home_settles: home.map(Id::r), away_settles: away.map(Id::r) })
}

fn file() -> FileRef {
    format!("{}:report.pdf", "a".repeat(64)).parse().unwrap()
}

fn confirmed(away: u32) -> Story<VoucherOrder> {
    let mut story = placed(away);
    story.when(Accept { related: false }).when(Allot);
    story.when(Deliver { report: List::new(vec![file()]).unwrap(), note: text("报告一份") });
    let stars = Between::new(5).unwrap();
    story.when(Confirm { own_paid: yuan(210_000), proof: file(), invoice: file(), stars });
    story
}

fn paid(away: u32) -> Story<VoucherOrder> {
    let mut story = confirmed(away);
    story.by(from_desk("redemption", BATCH)).when(Claim).when(pay(None, None)).by(Viewer::default());
    story
}

fn took(story: &Story<VoucherOrder>) -> (Money, Money) {
    (story.record().amount(), story.record().contract() - story.record().amount())
}

#[test]
fn the_worked_example_is_right_to_the_yuan() {
    // Rulebook §5.6: contract 360,000, quota left 150,000: the voucher pays 150,000, the buyer 210,000.
    let mut before = placed(310_000);
    assert_eq!(took(&before), (yuan(150_000), yuan(210_000)));
    before.when(Reduce { contract: yuan(280_000), reason: text("减少样品") });
    assert_eq!(took(&before), (yuan(140_000), yuan(140_000)));
    // The same when it has been paid already: 10,000 come back.
    let mut after = paid(330_000);
    let reason = text("减少样品");
    after.when(ClawBack { contract: Some(yuan(280_000)), reason });
    assert_eq!((after.record().paid, after.record().status), (yuan(140_000), Status::Paid));
    after.expect(&expect![[r#"
        2031-04-01  ask       said asked  status asked  paid 0  doubts []
        2031-04-01  quote     said quoted  status quoted  paid 0  doubts []
        2031-04-03  place     said placed | hold voucher-firm: provider organisation-lab, contract 360000, amount 150000 | serve provider-lab:  status placed  paid 0  doubts []
        2031-04-03  accept    said accepted  status accepted  paid 0  doubts []
        2031-04-03  allot     said allotted  status allotted  paid 0  doubts []
        2031-04-03  deliver   said delivered  status delivered  paid 0  doubts []
        2031-04-03  confirm   said confirmed | rate provider-lab: stars 5  status confirmed  paid 0  doubts []
        2031-04-03  claim     said claimed  status claimed  paid 0  doubts []
        2031-04-03  pay       said paid | spend voucher-firm: provider organisation-lab, to account-lab, amount 150000  status paid  paid 150000  doubts []
        2031-04-03  claw-back said clawed-back | take-back voucher-firm: provider organisation-lab, from account-lab, amount 10000  status paid  paid 140000  doubts []
    "#]]);
}

#[test]
fn across_regions_home_pays_through_the_accounts_they_settle_by() {
    let mut story = confirmed(310_000);
    story.by(from_desk("redemption", BATCH)).when(Claim);
    let region = Region::code(330_000);
    story.refuses(pay(None, Some(SHANGHAI)), NotTheRegionsAccount { region });
    story.refuses(pay(Some(SHANGHAI), Some(SHANGHAI)), NotTheRegionsAccount { region });
    let region = Region::code(310_000);
    story.refuses(pay(Some(ZHEJIANG), None), NotTheRegionsAccount { region });
    story.when(pay(Some(ZHEJIANG), Some(SHANGHAI)));
    story.by(from_desk("clearing", RUN));
    let line = Between::new(4).unwrap();
    story.refuses(Clear { line, amount: yuan(1) }, NothingToClear { open: yuan(150_000) });
    story.when(Clear { line, amount: yuan(150_000) });
    story.refuses(Clear { line, amount: yuan(150_000) }, NothingToClear { open: yuan(0) });
    story.by(Viewer::default()).when(ClawBack { contract: None, reason: text("虚开发票") });
    assert_eq!(story.record().to_clear(), yuan(-150_000));
    story.by(from_desk("clearing", RUN)).when(Unclear { line });
    assert_eq!(story.record().to_clear(), yuan(0));
    story.expect(&expect![[r#"
        2031-04-01  ask       said asked  status asked  paid 0  doubts []
        2031-04-01  quote     said quoted  status quoted  paid 0  doubts []
        2031-04-03  place     said placed | hold voucher-firm: provider organisation-lab, contract 360000, amount 150000 | serve provider-lab:  status placed  paid 0  doubts []
        2031-04-03  accept    said accepted  status accepted  paid 0  doubts []
        2031-04-03  allot     said allotted  status allotted  paid 0  doubts []
        2031-04-03  deliver   said delivered  status delivered  paid 0  doubts []
        2031-04-03  confirm   said confirmed | rate provider-lab: stars 5  status confirmed  paid 0  doubts []
        2031-04-03  claim     said claimed  status claimed  paid 0  doubts []
        2031-04-03  refuses   Because(NotTheRegionsAccount { region: 330000 }, None)  status claimed  paid 0  doubts []
        2031-04-03  refuses   Because(NotTheRegionsAccount { region: 330000 }, None)  status claimed  paid 0  doubts []
        2031-04-03  refuses   Because(NotTheRegionsAccount { region: 310000 }, None)  status claimed  paid 0  doubts []
        2031-04-03  pay       said paid | spend voucher-firm: provider organisation-lab, to account-zhejiang, amount 150000  status paid  paid 150000  doubts []
        2031-04-03  refuses   Because(NothingToClear { open: 150000.00 }, None)  status paid  paid 150000  doubts []
        2031-04-03  clear     said cleared  status paid  paid 150000  doubts []
        2031-04-03  refuses   Because(NothingToClear { open: 0.00 }, None)  status paid  paid 150000  doubts []
        2031-04-03  claw-back said clawed-back | pay account-lab: to account-shanghai, amount 150000, reason voucher taken back | take-back voucher-firm: provider organisation-lab, from account-zhejiang, amount 150000  status clawed-back  paid 0  doubts []
        2031-04-03  unclear   said uncleared  status clawed-back  paid 0  doubts []
    "#]]);
}

#[test]
fn at_home_the_provider_is_paid_on_its_own_account() {
    let mut story = confirmed(330_000);
    story.by(from_desk("redemption", BATCH)).when(Claim);
    story.given(TILL, Card::new().party("owner", FIRM));
    story.refuses(pay(None, None), NotTheProvidersAccount);
    story.given(TILL, Card::new().party("owner", LAB));
    story.by(from_desk("redemption", Id::named("redemption-2"))).not_now(pay(None, None));
    story.by(from_desk("redemption", BATCH)).when(Unclaim { reason: text("补正发票") });
    story.not_now(pay(None, None));
}

#[test]
fn the_amount_is_the_least_of_share_quota_ceiling_and_wish() {
    let amount = |left, ceiling: Option<i64>, wanted: Option<i64>| {
        let mut story = quoted(310_000, left, ceiling.map(yuan));
        story.when(Place(Box::new(Deal { wanted: wanted.map(yuan), ..deal(360_000) })));
        story.record().amount()
    };
    assert_eq!(amount(500_000, None, None), yuan(180_000));
    assert_eq!(amount(150_000, None, None), yuan(150_000));
    assert_eq!(amount(150_000, Some(120_000), None), yuan(120_000));
    assert_eq!(amount(150_000, Some(120_000), Some(90_000)), yuan(90_000));
    quoted(310_000, 0, None).refuses(Place(Box::new(deal(360_000))), NothingToPay);
}

#[test]
fn what_a_voucher_does_not_pay_for_is_refused() {
    let mut story = quoted(310_000, 150_000, None);
    let place = |deal| Place(Box::new(deal));
    for purpose in [Use::MassInspection, Use::StatutoryCertification, Use::ProductionTesting] {
        story.refuses(place(Deal { purpose, ..deal(360_000) }), ForbiddenUse { purpose });
    }
    let (signed, quota) = (day("2031-01-31"), day("2031-02-01"));
    story.refuses(place(Deal { signed, ..deal(360_000) }), ContractBeforeQuota { signed, quota });
    let signed = day("2031-04-04");
    story.refuses(place(Deal { signed, ..deal(360_000) }), SignedLater { signed });
    story.refuses(place(deal(400_001)), AboveTheQuote { quote: yuan(400_000) });
    story.refuses(place(deal(0)), NotAnAmount { amount: yuan(0) });
    story.given(VOUCHER, voucher(9).region(Region::code(310_000)));
    story.refuses(place(deal(9)), VoucherOfAnotherRegion { region: Region::code(310_000) });
    story.given(VOUCHER, Card::new().party("holder", LAB));
    story.refuses(place(deal(9)), NotYourVoucher);
}

#[test]
fn a_booking_is_its_contract_when_parties_and_price_agree() {
    let booking = Id::named("booking-1");
    let bill = |price| Card::new().party("buyer", FIRM).party("provider", LAB).fact("price", yuan(price));
    let mut story = quoted(310_000, 150_000, None);
    let place = || Place(Box::new(Deal { booking: Some(booking.r()), ..deal(1_000) }));
    story.given(booking, bill(999)).refuses(place(), NotItsBooking);
    story.given(booking, bill(1_000).fact("charge", "contested")).refuses(place(), ChargeStillOpen);
    story.given(booking, bill(1_000).fact("charge", "checked")).when(place());
    assert_eq!(
        story.record().card().keys,
        ["voucher-contract:organisation-lab/HT-2031-7", "voucher-booking:booking-1"]
    );
}

#[test]
fn doubts_lead_to_a_person() {
    let mut story = quoted(310_000, 150_000, None);
    story.when(Place(Box::new(Deal { related: true, subsidised: true, ..deal(400_000) })));
    story.when(Accept { related: true });
    let doubts = vec![Doubt::Related, Doubt::Subsidised];
    story.refuses(Allot, InDoubt { doubts });
    story.when(AllotDespite { reason: text("已核实持股低于百分之二十五") });
    let mut clean = placed(310_000);
    clean.when(Accept { related: false });
    clean.refuses(AllotDespite { reason: text("无") }, NothingInDoubt).when(Allot);
    let other = Doubt::Other;
    clean.when(Question { doubt: other, with: List::default(), reason: text("来信反映") });
    clean.refuses(
        Question { doubt: other, with: List::default(), reason: text("来信反映") },
        AlreadyInDoubt { doubt: other },
    );
    clean.when(Reject { reason: text("查实") });
    story.expect(&expect![[r#"
        2031-04-01  ask       said asked  status asked  paid 0  doubts []
        2031-04-01  quote     said quoted  status quoted  paid 0  doubts []
        2031-04-03  place     said placed | hold voucher-firm: provider organisation-lab, contract 400000, amount 150000 | serve provider-lab:  status placed  paid 0  doubts ["related","subsidised"]
        2031-04-03  accept    said accepted  status accepted  paid 0  doubts ["related","subsidised"]
        2031-04-03  refuses   Because(InDoubt { doubts: [Related, Subsidised] }, None)  status accepted  paid 0  doubts ["related","subsidised"]
        2031-04-03  allot-despite said allotted  status allotted  paid 0  doubts ["related","subsidised"]
    "#]]);
}

#[test]
fn a_price_above_the_list_and_a_common_group_are_seen_by_themselves() {
    let doubts = |contract: i64, quantity: i64, group: bool| {
        let mut story = world(310_000, 150_000, None);
        let groups = |card: Card, part: &str| if group { card.party(part, GROUP) } else { card };
        story.given(FIRM, groups(Card::new().region(Region::code(330_421)), "parent"));
        story.given(LISTING, groups(listing(310_000, None), "group"));
        story.when(Ask(Wish { quantity: Between::new(quantity).unwrap(), ..wish() }));
        let until = day("2031-04-30");
        story.when(Quote(super::Quote { price: yuan(900_000), until, text: text("含报告") }));
        story.on("2031-04-03").when(Place(Box::new(deal(contract))));
        story.record().doubts.clone()
    };
    assert_eq!(doubts(432_000, 100, false), []);
    assert_eq!(doubts(432_001, 100, false), [Doubt::PriceOutlier]);
    assert_eq!(doubts(360_000, 100, true), [Doubt::SameGroup]);
}

#[test]
fn circular_trade_must_close_its_ring() {
    let (one, two) = (Id::named("voucher-order-1"), Id::named("voucher-order-2"));
    let third = Id::named("organisation-third");
    let mut story = placed(310_000);
    story.given(one, Card::new().party("buyer", LAB).party("provider", third));
    story.given(two, Card::new().party("buyer", third).party("provider", FIRM));
    let question = |with: Vec<Id>| Question {
        doubt: Doubt::Circular,
        with: List::new(with.into_iter().map(Id::r).collect()).unwrap(),
        reason: text("互相采购"),
    };
    story.refuses(question(vec![]), NoRing);
    story.refuses(question(vec![one]), NoRing);
    story.refuses(question(vec![two, one]), NoRing);
    story.when(question(vec![one, two]));
    assert_eq!(story.record().doubts, [Doubt::Circular]);
}

#[test]
fn what_is_asked_without_a_person_is_a_ring_alone_and_a_person_decides() {
    let back = Id::named("voucher-order-1");
    let mut story = placed(310_000);
    story.given(
        back,
        Card::new().party("buyer", LAB).party("provider", FIRM).fact("placed", day("2031-01-10")),
    );
    let question =
        |doubt| Question { doubt, with: List::new(vec![back.r()]).unwrap(), reason: text("首尾相接") };
    story.by(Viewer { is_clock: true, ..Viewer::default() });
    story.not_now(question(Doubt::Related));
    story.when(question(Doubt::Circular));
    story.by(Viewer::default()).when(Accept { related: false });
    story.refuses(Allot, InDoubt { doubts: vec![Doubt::Circular] });
    story.when(AllotDespite { reason: text("两项服务无关") });
}

#[test]
fn a_ring_is_short_and_within_a_year() {
    let orders: Vec<Id> = (1..=5).map(|n| format!("voucher-order-{n}").parse().unwrap()).collect();
    let firms: Vec<Id> = (1..=4).map(|n| format!("organisation-{n}").parse().unwrap()).collect();
    let question = |with: &[Id]| Question {
        doubt: Doubt::Circular,
        with: List::new(with.iter().copied().map(Id::r).collect()).unwrap(),
        reason: text("首尾相接"),
    };
    // Six in a ring are more than the rule says; five are not.
    let chain = [LAB, firms[0], firms[1], firms[2], firms[3], FIRM];
    let mut story = placed(310_000);
    for (order, pair) in orders.iter().zip(chain.windows(2)) {
        story.given(*order, Card::new().party("buyer", pair[0]).party("provider", pair[1]));
    }
    story.refuses(question(&orders), NoRing);
    story.given(orders[3], Card::new().party("buyer", firms[2]).party("provider", FIRM));
    story.when(question(&orders[..4]));
    // This order is of 3 April 2031.
    let mut story = placed(310_000);
    let back = |on| Card::new().party("buyer", LAB).party("provider", FIRM).fact("placed", day(on));
    story.given(orders[0], back("2030-04-02"));
    story.refuses(question(&orders[..1]), NoRing);
    story.given(orders[0], back("2030-04-03"));
    story.when(question(&orders[..1]));
}

#[test]
fn the_own_share_is_really_paid_before_anything_is_confirmed() {
    let mut story = placed(310_000);
    story.when(Accept { related: false }).when(Allot);
    story.refuses(Deliver { report: List::default(), note: text("无") }, NoReport);
    story.when(Deliver { report: List::new(vec![file()]).unwrap(), note: text("报告一份") });
    let confirm =
        |own| Confirm { own_paid: own, proof: file(), invoice: file(), stars: Between::new(4).unwrap() };
    let short = yuan(210_000) - Money::fen(1);
    story.refuses(confirm(short), OwnShareNotPaid { missing: Money::fen(1) });
    story.not_now(Cancel { reason: text("不要了") });
    story.when(confirm(yuan(210_000)));
}

#[test]
fn what_is_not_claimed_in_its_window_goes_home() {
    let mut story = confirmed(310_000);
    story.wait_until("2032-06-28").refuses(
        Reduce { contract: yuan(360_000), reason: text("未变") },
        NotLess { contract: yuan(360_000) },
    );
    story.wait_until("2032-06-30");
    let mut asked = quoted(310_000, 150_000, None);
    asked.wait_until("2031-05-02");
    for story in [&mut story, &mut asked] {
        assert_eq!(story.record().status, Status::Lapsed);
        assert!(story.record().due().is_none());
    }
    story.expect(&expect![[r#"
        2031-04-01  ask       said asked  status asked  paid 0  doubts []
        2031-04-01  quote     said quoted  status quoted  paid 0  doubts []
        2031-04-03  place     said placed | hold voucher-firm: provider organisation-lab, contract 360000, amount 150000 | serve provider-lab:  status placed  paid 0  doubts []
        2031-04-03  accept    said accepted  status accepted  paid 0  doubts []
        2031-04-03  allot     said allotted  status allotted  paid 0  doubts []
        2031-04-03  deliver   said delivered  status delivered  paid 0  doubts []
        2031-04-03  confirm   said confirmed | rate provider-lab: stars 5  status confirmed  paid 0  doubts []
        2032-06-28  refuses   Because(NotLess { contract: 360000.00 }, None)  status confirmed  paid 0  doubts []
        2032-06-29  clock     said lapsed | release voucher-firm: provider organisation-lab, amount 150000  status lapsed  paid 0  doubts []
    "#]]);
}

#[test]
fn whoever_cancels_or_declines_gives_the_quota_back() {
    let mut cancelled = placed(310_000);
    cancelled.when(Cancel { reason: text("项目中止") });
    cancelled.expect(&expect![[r#"
        2031-04-01  ask       said asked  status asked  paid 0  doubts []
        2031-04-01  quote     said quoted  status quoted  paid 0  doubts []
        2031-04-03  place     said placed | hold voucher-firm: provider organisation-lab, contract 360000, amount 150000 | serve provider-lab:  status placed  paid 0  doubts []
        2031-04-03  cancel    said cancelled | release voucher-firm: provider organisation-lab, amount 150000  status cancelled  paid 0  doubts []
    "#]]);
    let mut declined = placed(310_000);
    declined.when(Decline { reason: text("设备故障") }).not_now(Accept { related: false });
    declined.expect(&expect![[r#"
        2031-04-01  ask       said asked  status asked  paid 0  doubts []
        2031-04-01  quote     said quoted  status quoted  paid 0  doubts []
        2031-04-03  place     said placed | hold voucher-firm: provider organisation-lab, contract 360000, amount 150000 | serve provider-lab:  status placed  paid 0  doubts []
        2031-04-03  decline   said declined | release voucher-firm: provider organisation-lab, amount 150000  status declined  paid 0  doubts []
    "#]]);
}

#[test]
fn nobody_buys_from_itself_nor_what_is_not_listed_nor_secrets() {
    let mut story = world(310_000, 150_000, None);
    story.given(LAB, Card::new().region(Region::code(310_115)));
    story.refuses(Ask(Wish { buyer: LAB.r(), ..wish() }), ItsOwnCustomer);
    story.refuses(Ask(Wish { item: Between::new(2), ..wish() }), NoSuchItem { item: 2 });
    story.refuses(Ask(Wish { no_secrets: false, ..wish() }), MayHoldSecrets);
    story.when(Ask(Wish { item: None, ..wish() }));
    let until = day("2031-03-31");
    let quote = super::Quote { price: yuan(1), until, text: text("旧") };
    story.refuses(Quote(quote), QuoteIsOver { until });
}
