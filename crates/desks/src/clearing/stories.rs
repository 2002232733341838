//! What a clearing run does, told as stories. `UPDATE_EXPECT=1 cargo test -p desks` rewrites them.

use grammar::story::*;

use super::{Command::*, Refusal::*, *};
use crate::voucher_order::Cleared;

const SHANGHAI: Region = Region::code(310_000);
const JIANGSU: Region = Region::code(320_000);
const ZHEJIANG: Region = Region::code(330_000);
const REGIONS: [Region; 3] = [SHANGHAI, JIANGSU, ZHEJIANG];

fn text<const N: usize>(text: &str) -> Text<N> {
    text.parse().unwrap()
}

fn id(kind: &str, region: Region) -> Id {
    format!("{kind}-{region}").parse().unwrap()
}

fn order(n: u32) -> Id {
    format!("voucher-order-{n}").parse().unwrap()
}

fn paid(home: Region, away: Region, open: i64) -> Card {
    let card = Card::new().region(home).fact("home", home).fact("away", away).fact("open", yuan(open));
    card.fact("moved_on", day("2031-03-20")).fact("cleared", Vec::<Cleared>::new())
}

/// Someone who signs for a region.
fn signer(region: Region) -> Viewer {
    let owner = id("organisation", region);
    Viewer { person: Some(id("person", region)), signs_for: vec![owner], ..Viewer::default() }
}

fn line(n: i64) -> Between<1, 2000> {
    Between::new(n).unwrap()
}

/// Zhejiang owes Shanghai 500 and 60, Shanghai owes Jiangsu 300, Jiangsu owes Zhejiang 200.
fn open() -> Story<Clearing> {
    let mut story = Story::new("2031-04-05");
    story.showing(&["status"]);
    for region in REGIONS {
        let account =
            Card::new().region(region).fact("purpose", "clearing").party("owner", id("organisation", region));
        story.given(id("account", region), account);
    }
    story.given(order(1), paid(ZHEJIANG, SHANGHAI, 500)).given(order(2), paid(SHANGHAI, JIANGSU, 300));
    story.given(order(3), paid(JIANGSU, ZHEJIANG, 200)).given(order(4), paid(ZHEJIANG, SHANGHAI, 60));
    story.when(Open { from: day("2031-01-01"), until: day("2031-03-31") });
    story.when(Join { accounts: List::new(REGIONS.map(|r| id("account", r).r()).to_vec()).unwrap() });
    story
}

fn collect(orders: &[u32]) -> Command {
    Collect { orders: List::new(orders.iter().map(|n| order(*n).r()).collect()).unwrap() }
}

fn stated() -> Story<Clearing> {
    let mut story = open();
    story.when(collect(&[1, 2, 3, 4])).when(State);
    story
}

fn sign(story: &mut Story<Clearing>, first: Region, second: Region) {
    for side in [first, second] {
        story.by(signer(side)).when(Sign { first, second });
    }
}

fn net(story: &Story<Clearing>) -> Command {
    let counting = story.record().lines.values().filter(|line| line.counts());
    let lines: Vec<_> = counting.map(|line| (line.debtor, line.creditor, line.amount)).collect();
    Net(proposal(&lines).unwrap())
}

#[test]
fn regions_state_sign_net_and_pay() {
    let mut story = stated();
    sign(&mut story, SHANGHAI, ZHEJIANG);
    sign(&mut story, SHANGHAI, JIANGSU);
    let netting = net(&story);
    story.refuses(netting.clone(), NotAllSigned { first: JIANGSU, second: ZHEJIANG });
    sign(&mut story, JIANGSU, ZHEJIANG);
    story.when(netting).when(Settle).not_now(Settle);
    story.expect(&expect![[r#"
        2031-04-05  open      said opened  status open
        2031-04-05  join      said joined  status open
        2031-04-05  collect   said collected | clear voucher-order-1: line 1, amount 500 | clear voucher-order-2: line 2, amount 300 | clear voucher-order-3: line 3, amount 200 | clear voucher-order-4: line 4, amount 60  status open
        2031-04-05  state     said stated  status stated
        2031-04-05  sign      said signed  status stated
        2031-04-05  sign      said signed  status stated
        2031-04-05  sign      said signed  status stated
        2031-04-05  sign      said signed  status stated
        2031-04-05  refuses   Because(NotAllSigned { first: 320000, second: 330000 }, None)  status stated
        2031-04-05  sign      said signed  status stated
        2031-04-05  sign      said signed  status stated
        2031-04-05  net       said netted  status netted
        2031-04-05  settle    said settled | pay account-330000: to account-310000, amount 260, reason clearing between regions | pay account-330000: to account-320000, amount 100, reason clearing between regions  status settled
    "#]]);
}

#[test]
fn a_dispute_freezes_its_line_and_no_other() {
    let mut story = stated();
    sign(&mut story, SHANGHAI, ZHEJIANG);
    sign(&mut story, SHANGHAI, JIANGSU);
    sign(&mut story, JIANGSU, ZHEJIANG);
    let whole = net(&story);
    story.by(signer(JIANGSU)).refuses(Dispute { line: line(4), reason: text("不认识") }, NotYourSide);
    story.by(signer(ZHEJIANG)).when(Dispute { line: line(4), reason: text("报告未收到") });
    story.refuses(Dispute { line: line(4), reason: text("再说") }, AlreadyDisputed { line: 4 });
    let owed = |story: &Story<Clearing>, name: &str| story.record().pairs[name].owed.second_owes;
    assert_eq!(owed(&story, "310000-330000"), yuan(500));
    // The other pairs' signatures stand; this pair signs anew, without the line.
    assert!(story.record().pairs["310000-320000"].is_signed());
    story.refuses(whole.clone(), NotAllSigned { first: SHANGHAI, second: ZHEJIANG });
    sign(&mut story, SHANGHAI, ZHEJIANG);
    let why = text("the position of party 0 is not what its lines add up to");
    story.refuses(whole, NotASettlement { why });
    let rest = net(&story);
    story.when(rest).when(Settle);
    assert_eq!(story.record().lines[&4].amount, yuan(60));
    story.expect(&expect![[r#"
        2031-04-05  open      said opened  status open
        2031-04-05  join      said joined  status open
        2031-04-05  collect   said collected | clear voucher-order-1: line 1, amount 500 | clear voucher-order-2: line 2, amount 300 | clear voucher-order-3: line 3, amount 200 | clear voucher-order-4: line 4, amount 60  status open
        2031-04-05  state     said stated  status stated
        2031-04-05  sign      said signed  status stated
        2031-04-05  sign      said signed  status stated
        2031-04-05  sign      said signed  status stated
        2031-04-05  sign      said signed  status stated
        2031-04-05  sign      said signed  status stated
        2031-04-05  sign      said signed  status stated
        2031-04-05  refuses   Because(NotYourSide, None)  status stated
        2031-04-05  dispute   said disputed  status stated
        2031-04-05  refuses   Because(AlreadyDisputed { line: 4 }, None)  status stated
        2031-04-05  refuses   Because(NotAllSigned { first: 310000, second: 330000 }, None)  status stated
        2031-04-05  sign      said signed  status stated
        2031-04-05  sign      said signed  status stated
        2031-04-05  refuses   Because(NotASettlement { why: "the position of party 0 is not what its lines add up to" }, None)  status stated
        2031-04-05  net       said netted | unclear voucher-order-4: line 4  status netted
        2031-04-05  settle    said settled | pay account-330000: to account-310000, amount 200, reason clearing between regions | pay account-330000: to account-320000, amount 100, reason clearing between regions  status settled
    "#]]);
}

#[test]
fn who_raised_a_dispute_ends_it_and_the_other_side_may_agree() {
    let mut story = stated();
    story.by(signer(ZHEJIANG)).when(Dispute { line: line(4), reason: text("报告未收到") });
    let (end, strike) = (
        EndDispute { line: line(4), reason: text("已收到") },
        Strike { line: line(4), reason: text("确未交付") },
    );
    story.by(signer(SHANGHAI)).refuses(end.clone(), OnlyTheOtherSide { region: ZHEJIANG });
    story.by(signer(ZHEJIANG)).refuses(strike.clone(), OnlyTheOtherSide { region: SHANGHAI });
    story.when(end.clone()).refuses(end, NotDisputed { line: 4 });
    story.when(Dispute { line: line(4), reason: text("数据有误") });
    story.by(signer(SHANGHAI)).when(strike);
    story.refuses(Dispute { line: line(4), reason: text("再说") }, NoSuchLine { line: 4 });
    story.expect(&expect![[r#"
        2031-04-05  open      said opened  status open
        2031-04-05  join      said joined  status open
        2031-04-05  collect   said collected | clear voucher-order-1: line 1, amount 500 | clear voucher-order-2: line 2, amount 300 | clear voucher-order-3: line 3, amount 200 | clear voucher-order-4: line 4, amount 60  status open
        2031-04-05  state     said stated  status stated
        2031-04-05  dispute   said disputed  status stated
        2031-04-05  refuses   Because(OnlyTheOtherSide { region: 330000 }, None)  status stated
        2031-04-05  refuses   Because(OnlyTheOtherSide { region: 310000 }, None)  status stated
        2031-04-05  end-dispute said dispute-ended  status stated
        2031-04-05  refuses   Because(NotDisputed { line: 4 }, None)  status stated
        2031-04-05  dispute   said disputed  status stated
        2031-04-05  strike    said struck | unclear voucher-order-4: line 4  status stated
        2031-04-05  refuses   Because(NoSuchLine { line: 4 }, None)  status stated
    "#]]);
}

#[test]
fn what_was_clawed_back_corrects_its_line_from_its_own_day() {
    let mut story = open();
    let (run, back) = (Id::named("clearing-0"), day("2031-03-28"));
    let earlier = vec![Cleared { run, line: 7, amount: yuan(500) }];
    let card = paid(ZHEJIANG, SHANGHAI, -100).fact("moved_on", back).fact("cleared", earlier);
    story.given(order(1), card).when(collect(&[1]));
    let line = &story.record().lines[&1];
    assert_eq!((line.debtor, line.creditor, line.amount), (SHANGHAI, ZHEJIANG, yuan(100)));
    assert_eq!((line.effective, line.corrects), (back, Some((run, 7))));
    story.expect(&expect![[r#"
        2031-04-05  open      said opened  status open
        2031-04-05  join      said joined  status open
        2031-04-05  collect   said collected | clear voucher-order-1: line 1, amount -100  status open
    "#]]);
}

#[test]
fn only_what_is_open_between_members_within_the_period_is_collected() {
    let mut story = open();
    story.refuses(State, NoLines);
    let anhui = Region::code(340_000);
    story.given(order(5), paid(anhui, SHANGHAI, 5));
    story.refuses(collect(&[5]), NotAMember { region: anhui });
    story.given(order(6), paid(ZHEJIANG, SHANGHAI, 0));
    story.refuses(collect(&[6]), NothingToClear { order: order(6).r() });
    story.given(order(7), paid(ZHEJIANG, SHANGHAI, 7).fact("moved_on", day("2031-04-01")));
    let until = day("2031-03-31");
    story.refuses(collect(&[7]), LaterThanThisRun { order: order(7).r(), until });
    story.refuses(collect(&[1, 1]), Twice { order: order(1).r() });
    let accounts = List::new(vec![id("account", SHANGHAI).r()]).unwrap();
    story.refuses(Join { accounts }, JoinedTwice { region: SHANGHAI });
    let fund = Id::named("account-fund");
    story.given(fund, Card::new().region(anhui).fact("purpose", "fund"));
    let accounts = List::new(vec![fund.r()]).unwrap();
    story.refuses(Join { accounts }, NotAClearingAccount { account: fund.r() });
    let (from, until) = (day("2031-04-02"), day("2031-04-01"));
    Story::<Clearing>::new("2031-04-05").refuses(Open { from, until }, EndsBeforeItBegins { from, until });
}

#[test]
fn each_side_signs_once_and_by_its_own_person() {
    let mut story = stated();
    let here = || Sign { first: ZHEJIANG, second: SHANGHAI };
    story.by(signer(JIANGSU)).refuses(here(), NotYourSide);
    story.by(signer(ZHEJIANG)).when(here()).refuses(here(), SignedAlready);
    let mut both = signer(ZHEJIANG);
    both.signs_for.push(id("organisation", SHANGHAI));
    story.by(both).refuses(here(), SamePerson);
    let none = Sign { first: ZHEJIANG, second: ZHEJIANG };
    story.refuses(none, NoSuchPair { first: ZHEJIANG, second: ZHEJIANG });
}

#[test]
fn a_run_that_is_withdrawn_frees_every_order() {
    let mut story = stated();
    story.when(Withdraw { reason: text("账期有误") });
    assert!(story.record().card().keys.is_empty());
    story.expect(&expect![[r#"
        2031-04-05  open      said opened  status open
        2031-04-05  join      said joined  status open
        2031-04-05  collect   said collected | clear voucher-order-1: line 1, amount 500 | clear voucher-order-2: line 2, amount 300 | clear voucher-order-3: line 3, amount 200 | clear voucher-order-4: line 4, amount 60  status open
        2031-04-05  state     said stated  status stated
        2031-04-05  withdraw  said withdrawn | unclear voucher-order-1: line 1 | unclear voucher-order-2: line 2 | unclear voucher-order-3: line 3 | unclear voucher-order-4: line 4  status withdrawn
    "#]]);
}

#[test]
fn the_public_reads_sums_without_orders_or_persons_once_all_is_paid() {
    let mut story = stated();
    assert_eq!(story.record().clone().veil(&Viewer::public()), Sight::Hidden);
    sign(&mut story, SHANGHAI, ZHEJIANG);
    sign(&mut story, SHANGHAI, JIANGSU);
    sign(&mut story, JIANGSU, ZHEJIANG);
    let netting = net(&story);
    story.when(netting).when(Settle);
    let mut seen = story.record().clone();
    assert_eq!(seen.veil(&Viewer::public()), Sight::Seen);
    let shown = serde_json::to_string(&seen).unwrap();
    assert!(!shown.contains("voucher-order") && !shown.contains("person-"), "{shown}");
    assert_eq!(seen.pairs["310000-330000"].owed.second_owes, yuan(560));
}
