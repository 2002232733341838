//! What a clearing run does, told as stories. `UPDATE_EXPECT=1 cargo test -p desks` rewrites them.

use grammar::story::*;

use super::{Command::*, Refusal::*, *};
use crate::{paying::Misfit::*, voucher_order::Cleared};

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

fn named(region: Region) -> Card {
    let details =
        serde_json::json!({ "holder": format!("科技厅 {region}"), "number": format!("{region}01") });
    let card = Card::new().region(region).fact("purpose", "clearing");
    card.party("owner", id("organisation", region)).fact("bank", details)
}

fn instruct(regions: &[Region], on: &str) -> Command {
    let accounts = regions.iter().map(|region| id("account", *region).r()).collect();
    Instruct { accounts: List::new(accounts).unwrap(), on: day(on) }
}

/// Netted: Zhejiang pays Shanghai 260 and Jiangsu 100.
fn netted() -> Story<Clearing> {
    let mut story = stated();
    sign(&mut story, SHANGHAI, ZHEJIANG);
    sign(&mut story, SHANGHAI, JIANGSU);
    sign(&mut story, JIANGSU, ZHEJIANG);
    let netting = net(&story);
    story.when(netting);
    story
}

/// A statement of Zhejiang's account with these entries.
fn statement(entries: &[(&str, &str)]) -> Command {
    let entry = |(name, amount): &(&str, &str)| {
        format!(
            "<Ntry><Amt Ccy=\"CNY\">{amount}</Amt><CdtDbtInd>DBIT</CdtDbtInd><BookgDt><Dt>2031-04-08</Dt></BookgDt>\
             <NtryDtls><TxDtls><Refs><EndToEndId>{name}</EndToEndId></Refs></TxDtls></NtryDtls></Ntry>\n"
        )
    };
    let entries: String = entries.iter().map(entry).collect();
    let xml = format!(
        "<Document><BkToCstmrStmt><Stmt><Acct><Id><Othr><Id>33000001</Id></Othr></Id></Acct>\n{entries}</Stmt>\
         </BkToCstmrStmt></Document>"
    );
    Book { statement: text(&xml) }
}

#[test]
fn what_the_bank_has_booked_is_taken_in_whole_or_not_at_all() {
    let mut story = netted();
    story.refuses(statement(&[("clearing-1", "260.00")]), NotInstructed);
    let all = || instruct(&REGIONS, "2031-04-08");
    story.refuses(all(), NoBankDetails { region: ZHEJIANG });
    for region in REGIONS {
        story.given(id("account", region), named(region));
    }
    story.refuses(instruct(&REGIONS, "2031-04-01"), PaysInThePast { on: day("2031-04-01") });
    story.refuses(instruct(&[ZHEJIANG, SHANGHAI], "2031-04-08"), NoBankDetails { region: JIANGSU });
    story.when(all());
    let file = story.record().bank_file(Id::named("clearing")).unwrap();
    assert_eq!(engines::bank::read_payments(&file).unwrap(), story.record().transfers(Id::named("clearing")));
    assert!(file.contains("<CtrlSum>360.00</CtrlSum>") && file.contains("33000001"), "{file}");
    let name = |text_of: &str| text::<200>(text_of);
    let (booked, wanted) = (yuan(99), yuan(100));
    story.refuses(
        statement(&[("clearing-1", "260.00"), ("clearing-2", "99")]),
        Bank(OtherAmount { line: 3, id: name("clearing-2"), booked, wanted }),
    );
    story.refuses(statement(&[("clearing-9", "1")]), Bank(NotSent { line: 2, id: name("clearing-9") }));
    let fees = [("NOTPROVIDED", "1.50"), ("WAGES-4", "8000")];
    story.refuses(statement(&fees), Bank(NothingBooked { others: 2 }));
    let twice = [("clearing-1", "260"), ("clearing-1", "260")];
    story.refuses(statement(&twice), Bank(BookedTwice { line: 3, id: name("clearing-1"), first: 2 }));
    story.refuses(statement(&[]), Bank(NothingBooked { others: 0 }));
    let Book { statement: good } = statement(&[("clearing-1", "260")]) else { panic!("a statement") };
    let elsewhere = Book { statement: text(&good.replace("33000001", "1")) };
    let (is, not) = (name("1"), name("33000001"));
    story.refuses(elsewhere, Bank(OtherAccount { line: 2, id: name("clearing-1"), booked: is, wanted: not }));
    assert!(story.record().booked.is_empty(), "nothing half done");
    story.when(statement(&[fees[0], ("clearing-1", "260.00"), fees[1]]));
    let taken = story.record().statements().last().unwrap();
    assert_eq!((taken.payments, taken.others), (1, 2), "fees and wages are left alone, and told");
    story.refuses(
        statement(&[("clearing-2", "100"), ("clearing-1", "260")]),
        Bank(BookedBefore { line: 3, id: name("clearing-1") }),
    );
    story.refuses(all(), BookedAlready { payments: 1 });
    story.when(statement(&[("clearing-2", "100")]));
    let booked = Event::Booked(crate::paying::Reading {
        digest: text(&"0".repeat(64)),
        bookings: story.record().booked.values().cloned().collect(),
        others: 2,
    });
    let written = serde_json::to_string(&booked).unwrap();
    assert_eq!(serde_json::from_str::<Event>(&written).unwrap(), booked, "what was written is read again");
    let older = written.replace(",\"others\":2", "");
    assert!(
        older != written && serde_json::from_str::<Event>(&older).is_ok(),
        "as it was before others were told"
    );
    assert_eq!(story.record().booked[&2].booked, Some(day("2031-04-08")));
    members_read_only_the_accounts_they_need(&story);
    story.when(Settle);
    let mut public = story.record().clone();
    assert_eq!(public.veil(&Viewer::default()), Sight::Seen);
    assert!(public.instruction.is_none() && public.booked.is_empty(), "bank accounts are not for the public");
}

/// Zhejiang pays Shanghai and Jiangsu.
fn members_read_only_the_accounts_they_need(story: &Story<Clearing>) {
    let instructed = || Event::Instructed { instruction: story.record().instruction().unwrap().clone() };
    let reads = |viewer: Viewer| {
        let mut record = story.record().clone();
        assert_eq!(record.veil(&viewer), Sight::Seen);
        let sides: Vec<Region> = record.instruction().unwrap().sides.keys().copied().collect();
        match Clearing::veil_event(story.record(), instructed(), &viewer) {
            Some(Event::Instructed { instruction }) => {
                assert!(instruction.sides.keys().copied().eq(sides.iter().copied()), "history says the same");
            }
            other => panic!("{other:?}"),
        }
        sides
    };
    let signer = |region| Viewer { organisations: vec![id("organisation", region)], ..signer(region) };
    assert_eq!(reads(signer(ZHEJIANG)), REGIONS, "whoever pays needs those it pays");
    assert_eq!(reads(signer(SHANGHAI)), [SHANGHAI]);
    assert_eq!(reads(signer(JIANGSU)), [JIANGSU]);
    let belongs = Viewer { organisations: vec![id("organisation", SHANGHAI)], ..Viewer::default() };
    assert_eq!(reads(belongs.clone()), [], "to belong to a member is not enough");
    let office = |office: &str, region: u32| {
        let offices = vec![(office.to_owned(), Region::code(region))];
        Viewer { offices, ..belongs.clone() }
    };
    assert_eq!(reads(office("treasurer", 310_000)), [SHANGHAI]);
    assert_eq!(reads(office("clearing-office", 330_000)), REGIONS);
    assert_eq!(reads(office("clearing-office", 0)), REGIONS, "whoever settles the run");
}

#[test]
fn what_is_no_statement_is_refused_with_its_line() {
    let mut story = netted();
    for region in REGIONS {
        story.given(id("account", region), named(region));
    }
    story.when(instruct(&REGIONS, "2031-04-08"));
    let book = |xml: &str| Book { statement: text(xml) };
    let (name, inside) = (text("BkToCstmrStmt"), text("Document"));
    story.refuses(book("<Document/>"), Bank(Lacks { line: 1, name, inside }));
    let why = text("a document type is not taken");
    story.refuses(book("<!DOCTYPE a []>\n<a/>"), Bank(NotAStatement { line: 1, why }));
    let head = "<Document><BkToCstmrStmt><Stmt><Acct><Id><IBAN>1</IBAN></Id></Acct>";
    let tail = "</Stmt></BkToCstmrStmt></Document>";
    let entry = |amount: &str, word: &str| {
        book(&format!(
            "{head}<Ntry><Amt Ccy=\"CNY\">{amount}</Amt><CdtDbtInd>{word}</CdtDbtInd></Ntry>{tail}"
        ))
    };
    story.refuses(entry("1.000001", "DBIT"), Bank(NotAnAmount { line: 1, value: text("1.000001") }));
    story.refuses(
        entry("1", "BOTH"),
        Bank(NotAWord { line: 1, name: text("CdtDbtInd"), value: text("BOTH") }),
    );
    let balance = |code: &str, amount: &str| {
        format!(
            "<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt>{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd></Bal>"
        )
    };
    let wrong = format!("{head}{}{}{tail}", balance("OPBD", "1"), balance("CLBD", "2"));
    let (name, says, is) = (text("Bal/CLBD"), text("2.00"), text("1.00"));
    story.refuses(book(&wrong), Bank(DoesNotAddUp { line: 1, name, said: says, is }));
}
