//! What an exchange does, told as stories. `UPDATE_EXPECT=1 cargo test -p desks` rewrites them.

use chain::{
    Checkpoint, Receipt, Signer,
    leaf::{entry, leaf_hash},
    receipt,
};
use grammar::story::*;
use serde_json::json;

use super::{Command::*, Refusal::*, *};
use crate::settlement::{Claim as Line, Said};

const SHANGHAI: Region = Region::code(310_000);
const ZHEJIANG: Region = Region::code(330_000);
const OURS: &str = "zj.example/log";
const THEIRS: &str = "sh.example/log";
const BOND: Id = Id::named("neighbour-1");

fn text<const N: usize>(text: &str) -> Text<N> {
    text.parse().unwrap()
}

fn signer(name: &str) -> Signer {
    Signer::from_seed(name, [7; 32]).unwrap()
}

fn bond(status: &str) -> Card {
    let keys = [OURS, THEIRS].map(|name| signer(name).verifier().to_string());
    let card = Card::new().status(status).region(ZHEJIANG).fact("other", SHANGHAI);
    card.fact("ours", &keys[0]).fact("theirs", &keys[1]).fact("seen", chain::Seen::nothing())
}

/// What the other house hands over: the receipt of a fact that is alone in its log.
fn file_of(fact: &str, by: &Signer) -> String {
    let salt = [3; 32];
    let root = leaf_hash(&entry(&salt, fact.as_bytes()).0);
    let origin = by.verifier().name().to_owned();
    let checkpoint = Checkpoint { origin: origin.clone(), size: 1, root }.sign(by).unwrap();
    let key = by.verifier().to_string();
    let fact = fact.to_owned();
    let receipt = Receipt {
        v: receipt::VERSION,
        origin,
        index: 0,
        size: 1,
        fact,
        salt,
        proof: vec![],
        checkpoint,
        key,
    };
    serde_json::to_string(&receipt).unwrap()
}

fn message(number: u32, word: Said) -> Message {
    Message { number, from: THEIRS.into(), to: OURS.into(), sides: [SHANGHAI, ZHEJIANG], word }
}

fn fact(message: Message) -> String {
    let event = Event::Spoke { message: Box::new(message) };
    json!({ "desk": "exchange", "record": "exchange-7", "event": event }).to_string()
}

fn hear(message: Message) -> Command {
    heard(&file_of(&fact(message), &signer(THEIRS)))
}

fn heard(file: &str) -> Command {
    Hear { neighbour: BOND.r(), file: text(file) }
}

fn line(order: &str, fen: i64) -> Line {
    Line {
        order: order.into(),
        debtor: ZHEJIANG,
        creditor: SHANGHAI,
        fen,
        effective: "2031-03-20".into(),
        corrects: String::new(),
    }
}

fn claims(number: u32, lines: &[(&str, i64)]) -> Message {
    let lines = lines.iter().map(|(order, fen)| line(order, *fen)).collect();
    message(number, Said::Claims { run: "2031-q1".into(), lines })
}

fn owed(order: &str, yuan_of: i64) -> Owed {
    Owed {
        order: text(order),
        debtor: ZHEJIANG,
        creditor: SHANGHAI,
        amount: yuan(yuan_of),
        effective: Some(day("2031-03-20")),
        corrects: None,
    }
}

fn claim(lines: Vec<Owed>) -> Command {
    State { lines: List::new(lines).unwrap() }
}

fn open() -> Story<Exchange> {
    let mut story = Story::<Exchange>::new("2031-04-05");
    story.showing(&["status"]).given(BOND, bond("trusted"));
    story.when(Open { neighbour: BOND.r(), run: text("2031-q1") });
    story
}

fn signs(number: u32, note: &str) -> Message {
    message(number, Said::Signs { run: "2031-q1".into(), with: OURS.into(), note: note.into() })
}

#[test]
fn two_houses_state_hear_and_sign_the_same_statement() {
    let mut story = open();
    story.refuses(Agree, NotBothClaimed);
    story.when(claim(vec![owed("order-1", 500), owed("order-2", 60)]));
    story.refuses(Agree, NotBothClaimed);
    story.when(hear(claims(1, &[("order-1", 50_000), ("order-2", 6_100)])));
    let draft = story.record().draft().unwrap();
    assert_eq!((draft.counting.len(), draft.waiting.as_slice()), (1, ["order-2".to_owned()].as_slice()));
    assert_eq!(story.record().waiting()["order-2"], Why::Differs);
    story.refuses(Agree, OtherFirst { region: SHANGHAI });
    let other = Statement { run: "2031-q1".into(), ..draft.clone() };
    assert_eq!(other.text(), draft.text());
    story.when(hear(signs(2, &draft.text())));
    story.when(Dispute { order: text("order-1"), reason: text("报告未收到") });
    story.refuses(
        Dispute { order: text("order-1"), reason: text("再说") },
        AlreadyDisputed { order: text("order-1") },
    );
    // The statement is another now: what the other has signed is not what we would sign.
    story.refuses(Agree, OtherFirst { region: SHANGHAI });
    story.when(EndDispute { order: text("order-1"), reason: text("已收到") });
    story.refuses(
        EndDispute { order: text("order-1"), reason: text("x") },
        NotDisputed { order: text("order-1") },
    );
    story.when(Agree).not_now(Agree).not_now(Conclude);
    assert_eq!(story.record().statement.as_ref().unwrap(), &draft);
    assert_eq!(story.record().seen.unwrap().size, 1, "of the receipt that was heard last");
    story.expect(&expect![[r#"
        2031-04-05  open      said opened  status open
        2031-04-05  refuses   Because(NotBothClaimed, None)  status open
        2031-04-05  state     said spoke  status open
        2031-04-05  refuses   Because(NotBothClaimed, None)  status open
        2031-04-05  hear      said heard  status open
        2031-04-05  refuses   Because(OtherFirst { region: 310000 }, None)  status open
        2031-04-05  hear      said heard  status open
        2031-04-05  dispute   said spoke  status open
        2031-04-05  refuses   Because(AlreadyDisputed { order: "order-1" }, None)  status open
        2031-04-05  refuses   Because(OtherFirst { region: 310000 }, None)  status open
        2031-04-05  end-dispute said spoke  status open
        2031-04-05  refuses   Because(NotDisputed { order: "order-1" }, None)  status open
        2031-04-05  agree     said spoke said concluded | conclude settlement-new-1: neighbour neighbour-1, note kechuang clearing statement v1
        run 2031-q1
        310000 sh.example/log
        330000 zj.example/log
        line order-1 330000 310000 50000 2031-03-20 
        waits order-2
        310000 owes 0
        330000 owes 50000, size 1, root 9adf58dc9e43c3b4480a0b7fe0ad0e29e92588fdc6deac894a4e1562f889c5b5  status agreed
    "#]]);
}

#[test]
fn the_side_that_signs_first_is_done_when_it_hears_the_other_sign() {
    // The same from Shanghai's side: the smaller code.
    let mut story = Story::<Exchange>::new("2031-04-05");
    let keys = [THEIRS, OURS].map(|name| signer(name).verifier().to_string());
    let card = Card::new().status("trusted").region(SHANGHAI).fact("other", ZHEJIANG);
    let card = card.fact("ours", &keys[0]).fact("theirs", &keys[1]).fact("seen", chain::Seen::nothing());
    story.given(BOND, card).when(Open { neighbour: BOND.r(), run: text("2031-q1") });
    story.when(claim(vec![owed("order-1", 500)]));
    let from_zhejiang = |number: u32, word: Said| {
        let (from, to) = (OURS.to_owned(), THEIRS.to_owned());
        let message = Message { number, from, to, sides: [ZHEJIANG, SHANGHAI], word };
        heard(&file_of(&fact(message), &signer(OURS)))
    };
    let run = || "2031-q1".to_owned();
    story.when(from_zhejiang(1, Said::Claims { run: run(), lines: vec![line("order-1", 50_000)] }));
    story.when(Agree).refuses(Agree, SignedAlready);
    assert_eq!(story.record().status, Status::Open);
    let note = story.record().draft().unwrap().text();
    story.when(from_zhejiang(2, Said::Signs { run: run(), with: THEIRS.into(), note }));
    assert_eq!(story.record().status, Status::Agreed);
    assert_eq!(story.record().settlement, Some(Id::named("settlement-new-1").r()));
    // As it was before settlements were opened by themselves.
    let mut older = serde_json::to_value(story.record()).unwrap();
    for name in ["settlement", "seen"] {
        older.as_object_mut().unwrap().remove(name).unwrap();
    }
    let older: Exchange = serde_json::from_value(older).unwrap();
    assert_eq!((older.status, older.settlement), (Status::Agreed, None), "then it is opened with one press");
    assert!(matches!(Exchange::who(&Conclude), Who::Office("clearing-office")));
}

#[test]
fn what_does_not_verify_is_not_heard() {
    let mut story = open();
    let good = file_of(&fact(claims(1, &[("order-1", 50_000)])), &signer(THEIRS));
    let stranger = Signer::from_seed(THEIRS, [8; 32]).unwrap();
    let forged = file_of(&fact(claims(1, &[("order-1", 50_000)])), &stranger);
    story.refuses(heard(&forged), UntrustedKey { name: text(THEIRS) });
    let elsewhere = file_of(&fact(claims(1, &[])), &signer("ah.example/log"));
    story.refuses(heard(&elsewhere), UntrustedKey { name: text("ah.example/log") });
    let tampered = good.replace("50000", "50001");
    assert_ne!(tampered, good);
    let why = text("the fact is not in the log where the receipt says");
    story.refuses(heard(&tampered), DoesNotVerify { why });
    let why = text("the receipt is not the JSON of one: EOF while parsing an object at line 1 column 1");
    story.refuses(heard("{"), Unreadable { why });
    let mut other = claims(1, &[]);
    other.to = "js.example/log".into();
    story.refuses(hear(other), ForAnother { name: text("js.example/log") });
    let later = Said::Claims { run: "2031-q2".into(), lines: vec![] };
    story.refuses(hear(message(1, later)), OfAnotherRun { run: text("2031-q2") });
    story.refuses(hear(claims(2, &[])), HeardTooSoon { number: 2, next: 1 });
    story.refuses(heard(&file_of(r#"{"desk":"need","event":{}}"#, &signer(THEIRS))), NotAMessage);
    let nonsense = claims(1, &[("order-1", 50_000), ("order-1", 1)]);
    story.refuses(hear(nonsense), NotAMessage);
    story.refuses(hear(signs(1, "whatever")), NotAMessage);
    story.when(heard(&good)).refuses(heard(&good), HeardAlready { number: 1 });
    story.given(BOND, bond("ended"));
    story.refuses(hear(claims(2, &[])), NotTrusted { neighbour: BOND.r() });
}

#[test]
fn only_plain_lines_between_the_two_are_claimed_once() {
    let mut story = open();
    story.refuses(claim(vec![owed("order 1", 1)]), NotPlain { order: text("order 1") });
    story.refuses(claim(vec![owed("a", 1), owed("a", 2)]), Twice { order: text("a") });
    story.refuses(claim(vec![owed("a", 0)]), NotAnAmount { amount: Money::ZERO });
    let elsewhere = Owed { creditor: Region::code(340_000), ..owed("a", 1) };
    story.refuses(claim(vec![elsewhere]), NotBetweenUs { order: text("a") });
    story.refuses(Dispute { order: text("a"), reason: text("x") }, NoSuchLine { order: text("a") });
    let run: Text<60> = text("a b");
    let mut fresh = Story::<Exchange>::new("2031-04-05");
    fresh
        .given(BOND, bond("trusted"))
        .refuses(Open { neighbour: BOND.r(), run: run.clone() }, NotAWord { run });
    fresh.given(BOND, bond("named"));
    fresh.refuses(Open { neighbour: BOND.r(), run: text("q") }, NotTrusted { neighbour: BOND.r() });
}
