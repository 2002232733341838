//! What a redemption does, told as stories. `UPDATE_EXPECT=1 cargo test -p desks` rewrites them.

use grammar::story::*;

use super::{Command::*, Refusal::*, *};

const LAB: Id = Id::named("organisation-lab");
const LISTING: Id = Id::named("provider-lab");
const ONE: Id = Id::named("voucher-order-1");
const TWO: Id = Id::named("voucher-order-2");
const DRAW: Id = Id::named("draw-new-1");
const NOTICE: Id = Id::named("notice-new-1");
const TILL: Id = Id::named("account-lab");
const ZHEJIANG: Id = Id::named("account-zhejiang");
const SHANGHAI: Id = Id::named("account-shanghai");

fn text<const N: usize>(text: &str) -> Text<N> {
    text.parse().unwrap()
}

fn list<T, const N: usize>(things: Vec<T>) -> List<T, N> {
    List::new(things).unwrap()
}

fn order(home: u32, amount: i64) -> Card {
    Card::new().status("confirmed").region(Region::code(home)).amount(yuan(amount)).party("listing", LISTING)
}

fn open() -> Story<Redemption> {
    let mut story = Story::new("2031-05-20");
    story.showing(&["status", "sample"]);
    let listing = Card::new().titled("示例实验室", "sample laboratory").region(Region::code(310_000));
    story.given(LISTING, listing.party("organisation", LAB));
    story.given(ONE, order(330_000, 150_000)).given(TWO, order(310_000, 30_000));
    story.given(TILL, Card::new().party("owner", LAB));
    let clearing = |region: u32| Card::new().region(Region::code(region)).fact("purpose", "clearing");
    story.given(ZHEJIANG, clearing(330_000)).given(SHANGHAI, clearing(310_000));
    story.when(Open { provider: LISTING.r() });
    story
}

fn sampled() -> Story<Redemption> {
    let mut story = open();
    story.when(Add { orders: list(vec![ONE.r(), TWO.r()]) }).when(Submit);
    story.given(DRAW, Card::new().status("closed"));
    story.refuses(TakeSample { draw: DRAW.r() }, NotDrawnYet);
    story.given(DRAW, Card::new().status("drawn").fact("taken", vec![TWO]));
    story.when(TakeSample { draw: DRAW.r() });
    story
}

fn examine(order: Id, passed: bool) -> Command {
    Examine { order: order.r(), passed, finding: text("核对合同、发票和报告") }
}

fn publish() -> Command {
    Publish { contact: Bilingual { zh: Some(text("021-5555")), en: None } }
}

fn pay(through: Vec<Id>) -> Command {
    Pay { notice: NOTICE.r(), till: TILL.r(), through: list(through.into_iter().map(Id::r).collect()) }
}

#[test]
fn a_batch_is_sampled_by_lot_made_public_and_paid_in_the_next_quarter() {
    let mut story = sampled();
    story.when(examine(TWO, true)).when(publish());
    story.given(NOTICE, Card::new().status("running"));
    story.refuses(pay(vec![]), NoticeStillRuns);
    story.given(NOTICE, Card::new().status("concluded"));
    story.on("2031-06-30").refuses(pay(vec![]), PaidQuarterly { from: day("2031-07-01") });
    story.on("2031-07-01");
    story.refuses(pay(vec![SHANGHAI]), NoClearingAccount { region: Region::code(330_000) });
    story.refuses(pay(vec![ZHEJIANG]), NoClearingAccount { region: Region::code(310_000) });
    story.when(pay(vec![ZHEJIANG, SHANGHAI])).not_now(pay(vec![ZHEJIANG, SHANGHAI]));
    story.expect(&expect![[r#"
        2031-05-20  open      said opened  status open  sample []
        2031-05-20  add       said added | claim voucher-order-1:  | claim voucher-order-2:  status open  sample []
        2031-05-20  submit    said submitted | open draw-new-1: region 310000, purpose zh=创新券兑付抽查（redemption）+en=Sample of voucher redemption (redemption), about redemption, basis VC-R08, list voucher-order-1
        voucher-order-2, take 1, spare -, quotas [], closes 2031-05-20T02:00:00.000Z, outside -, again -  status submitted  sample []
        2031-05-20  refuses   Because(NotDrawnYet, None)  status submitted  sample []
        2031-05-20  take-sample said sample-taken  status sampled  sample ["voucher-order-2"]
        2031-05-20  examine   said examined  status sampled  sample ["voucher-order-2"]
        2031-05-20  publish   said published | publish notice-new-1: about redemption, region 310000, title zh=创新券兑付公示：示例实验室+en=Voucher redemption: sample laboratory, text zh=拟向示例实验室兑付科技创新券 2 份订单，合计 180000.00 元。+en=2 voucher orders of sample laboratory are to be redeemed, 180000.00 yuan in all., contact zh=021-5555, basis VC-R08, days 5, unit working-days, attachments []  status published  sample ["voucher-order-2"]
        2031-05-20  refuses   Because(NoticeStillRuns, None)  status published  sample ["voucher-order-2"]
        2031-06-30  refuses   Because(PaidQuarterly { from: Day(2031-07-01) }, None)  status published  sample ["voucher-order-2"]
        2031-07-01  refuses   Because(NoClearingAccount { region: 330000 }, None)  status published  sample ["voucher-order-2"]
        2031-07-01  refuses   Because(NoClearingAccount { region: 310000 }, None)  status published  sample ["voucher-order-2"]
        2031-07-01  pay       said paid | pay voucher-order-1: till account-lab, home_settles account-zhejiang, away_settles account-shanghai | pay voucher-order-2: till account-lab, home_settles -, away_settles - | pay account-shanghai: to account-lab, amount 150000, reason vouchers of other regions  status paid  sample ["voucher-order-2"]
    "#]]);
}

#[test]
fn an_order_of_the_sample_that_fails_opens_all_the_others() {
    let mut story = sampled();
    story.refuses(publish(), NotAllExamined { left: 1 });
    story.when(examine(TWO, false));
    story.refuses(examine(TWO, true), NotInThisBatch { order: TWO.r() });
    story.refuses(publish(), NotAllExamined { left: 1 });
    story.when(examine(ONE, true)).refuses(examine(ONE, true), AlreadyExamined { order: ONE.r() });
    story.when(publish());
    assert_eq!(story.record().total(), yuan(150_000));
    story.expect(&expect![[r#"
        2031-05-20  open      said opened  status open  sample []
        2031-05-20  add       said added | claim voucher-order-1:  | claim voucher-order-2:  status open  sample []
        2031-05-20  submit    said submitted | open draw-new-1: region 310000, purpose zh=创新券兑付抽查（redemption）+en=Sample of voucher redemption (redemption), about redemption, basis VC-R08, list voucher-order-1
        voucher-order-2, take 1, spare -, quotas [], closes 2031-05-20T02:00:00.000Z, outside -, again -  status submitted  sample []
        2031-05-20  refuses   Because(NotDrawnYet, None)  status submitted  sample []
        2031-05-20  take-sample said sample-taken  status sampled  sample ["voucher-order-2"]
        2031-05-20  refuses   Because(NotAllExamined { left: 1 }, None)  status sampled  sample ["voucher-order-2"]
        2031-05-20  examine   said examined | unclaim voucher-order-2: reason 核对合同、发票和报告  status sampled  sample ["voucher-order-2"]
        2031-05-20  refuses   Because(NotInThisBatch { order: voucher-order-2 }, None)  status sampled  sample ["voucher-order-2"]
        2031-05-20  refuses   Because(NotAllExamined { left: 1 }, None)  status sampled  sample ["voucher-order-2"]
        2031-05-20  examine   said examined  status sampled  sample ["voucher-order-2"]
        2031-05-20  refuses   Because(AlreadyExamined { order: voucher-order-1 }, None)  status sampled  sample ["voucher-order-2"]
        2031-05-20  publish   said published | publish notice-new-1: about redemption, region 310000, title zh=创新券兑付公示：示例实验室+en=Voucher redemption: sample laboratory, text zh=拟向示例实验室兑付科技创新券 1 份订单，合计 150000.00 元。+en=1 voucher orders of sample laboratory are to be redeemed, 150000.00 yuan in all., contact zh=021-5555, basis VC-R08, days 5, unit working-days, attachments []  status published  sample ["voucher-order-2"]
    "#]]);
}

#[test]
fn only_confirmed_orders_of_this_provider_are_claimed_and_each_once() {
    let mut story = open();
    let third = Id::named("voucher-order-3");
    story.refuses(Submit, NothingInIt);
    story.given(third, order(310_000, 5).status("paid"));
    story.refuses(Add { orders: list(vec![third.r()]) }, NotConfirmed { order: third.r() });
    story.given(third, Card::new().status("confirmed").party("listing", Id::named("provider-other")));
    story.refuses(Add { orders: list(vec![third.r()]) }, OfAnotherProvider { order: third.r() });
    story.refuses(Add { orders: list(vec![ONE.r(), ONE.r()]) }, Twice { order: ONE.r() });
    story.when(Add { orders: list(vec![ONE.r()]) });
    story.refuses(Add { orders: list(vec![ONE.r()]) }, Twice { order: ONE.r() });
    story.refuses(Remove { order: TWO.r(), reason: text("误报") }, NotInThisBatch { order: TWO.r() });
    story.when(Remove { order: ONE.r(), reason: text("误报") });
    story.refuses(Submit, NothingInIt);
}

#[test]
fn a_draw_that_came_to_nothing_is_held_again_and_says_so() {
    let mut story = open();
    story.when(Add { orders: list(vec![ONE.r()]) }).when(Submit);
    let again = || DrawAgain { draw: DRAW.r(), reason: text("抽签被撤回") };
    story.given(DRAW, Card::new().status("drawn"));
    story.refuses(again(), StillDrawing);
    story.refuses(TakeSample { draw: DRAW.r() }, NotDrawnYet);
    let other = Id::named("draw-other");
    story.given(other, Card::new().status("drawn").fact("taken", vec![ONE]));
    story.refuses(TakeSample { draw: other.r() }, AnotherDraw);
    story.given(DRAW, Card::new().status("withdrawn")).when(again());
    story.when(Withdraw { reason: text("下季度再报") });
    story.expect(&expect![[r#"
        2031-05-20  open      said opened  status open  sample []
        2031-05-20  add       said added | claim voucher-order-1:  status open  sample []
        2031-05-20  submit    said submitted | open draw-new-1: region 310000, purpose zh=创新券兑付抽查（redemption）+en=Sample of voucher redemption (redemption), about redemption, basis VC-R08, list voucher-order-1, take 1, spare -, quotas [], closes 2031-05-20T02:00:00.000Z, outside -, again -  status submitted  sample []
        2031-05-20  refuses   Because(StillDrawing, None)  status submitted  sample []
        2031-05-20  refuses   Because(NotDrawnYet, None)  status submitted  sample []
        2031-05-20  refuses   Because(AnotherDraw, None)  status submitted  sample []
        2031-05-20  draw-again said drawn-again | open draw-new-1: region 310000, purpose zh=创新券兑付抽查（redemption）+en=Sample of voucher redemption (redemption), about redemption, basis VC-R08, list voucher-order-1, take 1, spare -, quotas [], closes 2031-05-20T02:00:00.000Z, outside -, again draw=draw-new-1+reason=抽签被撤回  status submitted  sample []
        2031-05-20  withdraw  said withdrawn | unclaim voucher-order-1: reason 下季度再报  status withdrawn  sample []
    "#]]);
}

#[test]
fn a_fifth_is_looked_into_rounded_up() {
    for (orders, taken) in [(1, 1), (5, 1), (6, 2), (10, 2), (11, 3)] {
        let mut story = open();
        let names = (1..=orders).map(|n| format!("voucher-order-{n}").parse::<Id>().unwrap());
        let names: Vec<Id> = names.collect();
        for name in &names {
            story.given(*name, order(310_000, 1));
        }
        story.when(Add { orders: list(names.into_iter().map(Id::r).collect()) });
        assert_eq!(story.record().sample_size("20%".parse().unwrap()), taken, "{orders}");
    }
}

#[test]
fn quarters_begin_in_january_april_july_and_october() {
    let from = |today: &str, months: i64| batch::next_period(day(today), months).to_string();
    assert_eq!(from("2031-01-01", 3), "2031-04-01");
    assert_eq!(from("2031-03-31", 3), "2031-04-01");
    assert_eq!(from("2031-12-31", 3), "2032-01-01");
    assert_eq!(from("2031-02-28", 1), "2031-03-01");
}

/// Published, the notice over, in the quarter in which it is paid.
fn payable() -> Story<Redemption> {
    let mut story = sampled();
    story.when(examine(TWO, true)).when(publish());
    story.given(NOTICE, Card::new().status("concluded")).on("2031-07-01");
    story
}

const FUND: Id = Id::named("account-fund");

fn named(card: Card, number: &str) -> Card {
    card.fact("bank", serde_json::json!({ "holder": format!("户名 {number}"), "number": number }))
}

fn instruct(on: &str) -> Command {
    Instruct { notice: NOTICE.r(), payer: FUND.r(), till: TILL.r(), on: day(on) }
}

fn statement(entries: &[(&str, &str)]) -> Command {
    let entry = |(name, amount): &(&str, &str)| {
        format!(
            "<Ntry><Amt Ccy=\"CNY\">{amount}</Amt><CdtDbtInd>DBIT</CdtDbtInd><BookgDt><Dt>2031-07-02</Dt></BookgDt>\
             <NtryDtls><TxDtls><Refs><EndToEndId>{name}</EndToEndId></Refs></TxDtls></NtryDtls></Ntry>\n"
        )
    };
    let entries: String = entries.iter().map(entry).collect();
    text_of(&format!(
        "<Document><BkToCstmrStmt><Stmt><Acct><Id><Othr><Id>31-1</Id></Othr></Id></Acct>\n{entries}</Stmt>\
         </BkToCstmrStmt></Document>"
    ))
}

fn text_of(xml: &str) -> Command {
    Book { statement: text(xml) }
}

#[test]
fn a_batch_is_paid_through_the_bank_by_numbers_that_two_persons_have_named() {
    let mut story = payable();
    let fund = || Card::new().region(Region::code(310_000)).fact("purpose", "fund");
    story.given(FUND, fund()).refuses(statement(&[]), NotInstructed);
    story.refuses(instruct("2031-06-30"), PaysInThePast { on: day("2031-06-30") });
    story.refuses(instruct("2031-07-02"), NoBankDetails { account: TILL.r() });
    story.given(TILL, named(Card::new().party("owner", LAB), "33-9"));
    story.refuses(instruct("2031-07-02"), PayerWithoutBank { account: FUND.r() });
    story.given(FUND, named(fund().party("owner", LAB), "31-1"));
    story.refuses(instruct("2031-07-02"), NotAPayingAccount { account: FUND.r() });
    story.given(FUND, named(Card::new().region(Region::code(330_000)).fact("purpose", "fund"), "31-1"));
    story.refuses(instruct("2031-07-02"), NotAPayingAccount { account: FUND.r() });
    story.given(FUND, named(fund(), "31-1")).when(instruct("2031-07-02"));
    let me = Id::named("redemption");
    let file = story.record().bank_file(me).unwrap();
    assert_eq!(engines::bank::read_payments(&file).unwrap(), story.record().transfers(me));
    assert!(file.contains("<InstdAmt Ccy=\"CNY\">180000.00</InstdAmt>") && file.contains("33-9"), "{file}");
    let (fee, good) = (("NOTPROVIDED", "2.00"), ("redemption-1", "180000"));
    story.refuses(statement(&[fee]), Bank(Misfit::NothingBooked { others: 1 }));
    let (booked, wanted) = (yuan(179_999), yuan(180_000));
    let id = || text::<200>("redemption-1");
    story.refuses(
        statement(&[fee, ("redemption-1", "179999")]),
        Bank(Misfit::OtherAmount { line: 3, id: id(), booked, wanted }),
    );
    assert!(story.record().booked().is_empty(), "nothing half done");
    story.when(statement(&[fee, good]));
    assert_eq!(story.record().booked()[&1].booked, Some(day("2031-07-02")));
    assert_eq!(story.record().statements()[0].others, 1);
    story.refuses(statement(&[good]), Bank(Misfit::BookedBefore { line: 2, id: id() }));
    story.refuses(instruct("2031-07-03"), BookedAlready);
    let other = Id::named("account-other");
    story.given(other, Card::new().party("owner", LAB));
    let elsewhere = Pay { notice: NOTICE.r(), till: other.r(), through: list(vec![]) };
    story.refuses(elsewhere, NotTheInstructedAccount { account: TILL.r() });
    story.when(pay(vec![ZHEJIANG, SHANGHAI]));
    let claimant = Viewer { organisations: vec![LAB], ..Viewer::default() };
    let mut seen = story.record().clone();
    assert_eq!(seen.veil(&claimant), Sight::Seen);
    let shown = serde_json::to_string(&seen).unwrap();
    assert!(
        shown.contains("33-9") && !shown.contains("31-1\""),
        "by which account it is paid is for those who pay"
    );
    let said = Event::Instructed { instruction: story.record().instruction().unwrap().clone() };
    let said = Redemption::veil_event(story.record(), said, &claimant).unwrap();
    assert!(!serde_json::to_string(&said).unwrap().contains("31-1\""));
}

#[test]
fn the_bank_is_told_nothing_before_the_notice_is_over_and_the_quarter_has_come() {
    let mut story = sampled();
    story.not_now(instruct("2031-07-02"));
    story.when(examine(TWO, true)).when(publish()).given(FUND, Card::new());
    story.given(NOTICE, Card::new().status("running")).refuses(instruct("2031-07-02"), NoticeStillRuns);
    story.given(NOTICE, Card::new().status("concluded"));
    story.refuses(instruct("2031-06-30"), PaidQuarterly { from: day("2031-07-01") });
}
