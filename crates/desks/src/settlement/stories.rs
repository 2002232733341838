//! What a settlement believes and what it does not, told as stories, with real keys and a real log.

use chain::{Excerpt, Signer, excerpt::root_of, note};
use grammar::story::*;

use super::{Command::*, Refusal::*, *};

const BOND: Id = Id::named("neighbour-zhejiang");

fn signer(name: &str, seed: u8) -> Signer {
    Signer::from_seed(name, [seed; 32]).unwrap()
}

fn ours() -> Signer {
    signer("sh.example/border", 1)
}

fn theirs() -> Signer {
    signer("zj.example/border", 2)
}

fn statement() -> Statement {
    let claim = |order: &str, debtor: u32, creditor: u32, fen: i64| Claim {
        order: order.into(),
        debtor: Region::code(debtor),
        creditor: Region::code(creditor),
        fen,
        effective: "2026-02-20".into(),
        corrects: String::new(),
    };
    Statement {
        run: "2026-q1".into(),
        first: (Region::code(310_000), "sh.example/border".into()),
        second: (Region::code(330_000), "zj.example/border".into()),
        counting: vec![
            claim("order-1", 330_000, 310_000, 56_000),
            claim("order-2", 310_000, 330_000, 20_050),
        ],
        waiting: vec!["order-3".into()],
    }
}

/// The other's log: three lines, the last of which signs.
fn log_of(note: &str, with: &str) -> Vec<String> {
    let signs = Said::Signs { run: "2026-q1".into(), with: with.into(), note: note.into() };
    vec!["first".into(), "second".into(), serde_json::to_string(&signs).unwrap()]
}

fn excerpt(log: &[String], since: u64, by: &Signer) -> Excerpt {
    Excerpt::signed(log, log.len() - 1, since, by).unwrap()
}

/// Our line under a text.
fn our_line(text: &str, by: &Signer) -> String {
    note::sign(text, by).unwrap().rsplit("\n\n").next().unwrap().to_owned()
}

fn file_of(text: &str, with: &str, since: u64, by: [&Signer; 2]) -> Text<FILE_MAX> {
    let [ours, theirs] = by;
    let log = log_of(&note::sign(text, theirs).unwrap(), with);
    let proof = Proof { theirs: excerpt(&log, since, theirs), ours: our_line(text, ours) };
    serde_json::to_string(&proof).unwrap().parse().unwrap()
}

fn honest() -> Text<FILE_MAX> {
    file_of(&statement().text(), "sh.example/border", 0, [&ours(), &theirs()])
}

fn bond(status: &str, seen: Seen) -> Card {
    Card::new()
        .status(status)
        .region(Region::code(310_000))
        .fact("other", Region::code(330_000))
        .fact("ours", ours().verifier().to_string())
        .fact("theirs", theirs().verifier().to_string())
        .fact("seen", seen)
}

fn house() -> Story<Settlement> {
    let mut story = Story::<Settlement>::new("2026-03-02");
    story.given(BOND, bond("trusted", Seen::nothing())).showing(&["status", "we_owe", "they_owe"]);
    story
}

fn enter(file: Text<FILE_MAX>) -> Command {
    Enter { neighbour: BOND.r(), file }
}

/// The code of the refusal, for those whose words carry an error of another crate.
fn code(file: Text<FILE_MAX>) -> String {
    let trusted = proof::Trusted::of(&bond("trusted", Seen::nothing())).unwrap();
    let refused = proof::prove(&file, &trusted).unwrap_err();
    serde_json::to_value(refused).unwrap()["code"].as_str().unwrap().to_owned()
}

#[test]
fn a_statement_that_both_have_signed_is_taken_in_and_paid() {
    let mut story = house();
    story.when(enter(honest()));
    assert_eq!((story.record().we_owe, story.record().they_owe), (Money::fen(20_050), Money::fen(56_000)));
    let payment = |on: &str| Pay(Payment { on: day(on), reference: "bank 17".parse().unwrap() });
    story.refuses(payment("2026-03-03"), PaidLater { on: day("2026-03-03") });
    story.when(payment("2026-03-02")).not_now(payment("2026-03-02"));
    assert!(matches!(Settlement::who(&payment("2026-03-02")), Who::Two(_)));
    story.expect(&expect![[r#"
        2026-03-02  enter     said entered | follow neighbour-zhejiang: size 3, root 1b331549b5a0cb8a99cd924e4b40dabfb788f8641c0808c2eb9846832b372872  status entered  we_owe 200.50  they_owe 560
        2026-03-02  refuses   Because(PaidLater { on: Day(2026-03-03) }, None)  status entered  we_owe 200.50  they_owe 560
        2026-03-02  pay       said paid  status paid  we_owe 200.50  they_owe 560
    "#]]);
}

#[test]
fn a_key_that_two_persons_have_not_trusted_proves_nothing() {
    for status in ["named", "ended"] {
        let mut story = Story::<Settlement>::new("2026-03-02");
        story.given(BOND, bond(status, Seen::nothing()));
        story.refuses(enter(honest()), NotTrusted { neighbour: BOND.r() });
    }
}

#[test]
fn nobody_puts_another_s_name_under_a_statement() {
    let text = statement().text();
    let (stranger, impostor) = (signer("zj.example/border", 9), signer("sh.example/border", 9));
    let file = |with: &str, by: [&Signer; 2]| file_of(&text, with, 0, by);
    assert_eq!(code(file("sh.example/border", [&ours(), &stranger])), "not-in-its-log");
    assert_eq!(code(file("sh.example/border", [&impostor, &theirs()])), "signed-by-one");
    assert_eq!(code(file("js.example/border", [&ours(), &theirs()])), "for-another");
    for with in ["", "\u{7}", &"x".repeat(500)] {
        assert_eq!(code(file(with, [&ours(), &theirs()])), "for-another", "whatever stands there");
    }
    assert_eq!(code("{}".parse().unwrap()), "unreadable");
    let log = vec!["{\"said\":\"claims\",\"run\":\"2026-q1\",\"lines\":[]}".to_owned()];
    let claims = Proof { theirs: excerpt(&log, 0, &theirs()), ours: our_line(&text, &ours()) };
    assert_eq!(code(serde_json::to_string(&claims).unwrap().parse().unwrap()), "no-signature");
    let other = our_line("another text\n", &ours());
    let log = log_of(&note::sign(&text, &theirs()).unwrap(), "sh.example/border");
    let forged = Proof { theirs: excerpt(&log, 0, &theirs()), ours: other };
    assert_eq!(code(serde_json::to_string(&forged).unwrap().parse().unwrap()), "not-signed");
}

#[test]
fn sums_that_are_not_those_of_the_lines_and_other_pairs_are_refused_although_signed() {
    let text = statement().text();
    let by = [&ours(), &theirs()];
    let wrong = text.replace("330000 owes 56000", "330000 owes 56");
    assert_eq!(code(file_of(&wrong, "sh.example/border", 0, by)), "no-statement");
    let mut elsewhere = statement();
    elsewhere.first.0 = Region::code(320_000);
    assert_eq!(code(file_of(&elsewhere.text(), "sh.example/border", 0, by)), "of-another-pair");
    let other_run = Statement { run: "2025-q4".into(), ..statement() };
    assert_eq!(code(file_of(&other_run.text(), "sh.example/border", 0, by)), "of-another-pair");
}

#[test]
fn a_log_that_was_seen_before_must_have_grown_from_that() {
    let text = statement().text();
    let log = log_of(&note::sign(&text, &theirs()).unwrap(), "sh.example/border");
    let seen = |log: &[String]| Seen { size: log.len() as u64, root: root_of(log).unwrap() };
    let since = |since: u64| file_of(&text, "sh.example/border", since, [&ours(), &theirs()]);
    let told = |seen: Seen, file: &str| {
        let trusted = proof::Trusted::of(&bond("trusted", seen)).unwrap();
        proof::prove(file, &trusted).map(|proven| proven.seen)
    };
    assert_eq!(told(seen(&log[..2]), &since(2)), Ok(seen(&log)));
    let told_twice = told(seen(&["first".into(), "changed".into()]), &since(2));
    let rewritten = "the log is not the one that was seen before".parse().unwrap();
    assert_eq!(told_twice, Err(NotInItsLog { why: rewritten }));
    assert!(told(seen(&log[..2]), &since(0)).is_err(), "made for someone who had seen less");
}

#[test]
fn what_two_regions_owe_each_other_is_for_those_who_settle() {
    let mut story = house();
    story.when(enter(honest()));
    let sight = |viewer: &Viewer| story.record().clone().veil(viewer);
    let office = |office: &str, region| Viewer {
        offices: vec![(office.into(), Region::code(region))],
        ..Viewer::default()
    };
    assert_eq!(sight(&Viewer::public()), Sight::Hidden);
    assert_eq!(sight(&office("clearing-office", 310_000)), Sight::Seen);
    assert_eq!(sight(&office("clearing-office", 330_000)), Sight::Hidden);
    assert_eq!(sight(&office("auditor", 310_000)), Sight::Seen);
}

#[test]
fn a_line_in_dispute_is_left_out_of_the_payment_and_disturbs_no_other() {
    let mut story = house();
    story.when(enter(honest()));
    let (wrong, gone): (Text<100>, Text<100>) = ("order-2".parse().unwrap(), "order-9".parse().unwrap());
    let reason: Text<500> = "our books say 150.00".parse().unwrap();
    let dispute = |order: &Text<100>| Dispute { order: order.clone(), reason: reason.clone() };
    let end = |order: &Text<100>| EndDispute { order: order.clone(), reason: reason.clone() };
    story.refuses(dispute(&gone), NoSuchLine { order: gone.clone() });
    story.refuses(end(&wrong), NotDisputed { order: wrong.clone() });
    story.when(dispute(&wrong));
    assert_eq!(story.record().undisputed(), (Money::ZERO, Money::fen(56_000)));
    story.refuses(dispute(&wrong), AlreadyDisputed { order: wrong.clone() });
    story.when(Pay(Payment { on: day("2026-03-02"), reference: "bank 18".parse().unwrap() }));
    assert_eq!(story.record().kept_back, std::slice::from_ref(&wrong), "it is not paid with the rest");
    story.when(end(&wrong));
    assert_eq!(story.record().undisputed(), (Money::fen(20_050), Money::fen(56_000)));
    assert_eq!(story.record().kept_back, [wrong], "a later run makes it good");
}

#[test]
fn an_order_of_ours_that_the_statement_lacks_is_said_to_be_missing() {
    let mut story = house();
    story.when(enter(honest()));
    let between =
        |home: u32, away: u32| Card::new().fact("home", Region::code(home)).fact("away", Region::code(away));
    let [ours, other, named] = ["order-ours", "order-other", "order-3"].map(Id::named);
    story.given(ours, between(310_000, 330_000)).given(other, between(310_000, 320_000));
    story.given(named, between(330_000, 310_000));
    let miss = |order: Id| Miss { order: order.r(), reason: "it was delivered in January".parse().unwrap() };
    story.refuses(miss(other), NotBetweenThem { order: other.r() });
    story.refuses(miss(named), StandsInIt { order: named.r() });
    story.when(miss(ours));
    assert_eq!(
        story.record().undisputed(),
        (Money::fen(20_050), Money::fen(56_000)),
        "nothing is owed for it"
    );
    let order: Text<100> = Text::read(ours.as_str()).unwrap();
    story.refuses(miss(ours), AlreadyDisputed { order });
}

#[test]
fn what_an_exchange_has_come_to_stands_with_the_exchange_as_its_evidence() {
    let exchange = Id::named("exchange-1");
    let conclude = |text: &str| Conclude {
        neighbour: BOND.r(),
        note: text.parse().unwrap(),
        size: Between::new(7).unwrap(),
        root: Seen::nothing().root.to_string().parse().unwrap(),
    };
    let good = conclude(&statement().text());
    let by = || Viewer { told_by: Some("exchange"), teller: Some(exchange), ..Viewer::default() };
    let mut story = house();
    story.by(by()).given(BOND, bond("named", Seen::nothing()));
    story.refuses(good.clone(), NotTrusted { neighbour: BOND.r() });
    story.given(BOND, bond("trusted", Seen::nothing()));
    story.refuses(conclude(&statement().text().replace("owes 56000", "owes 56001")), NoStatement);
    let elsewhere = Statement { first: (Region::code(310_000), "sh.example/log".into()), ..statement() };
    story.refuses(conclude(&elsewhere.text()), OfAnotherPair);
    story.when(good);
    let record = story.record();
    assert_eq!((record.we_owe, record.they_owe), (Money::fen(20_050), Money::fen(56_000)));
    assert_eq!((record.exchange, record.seen.size), (Some(exchange), 7));
    assert_eq!(record.card().the("exchange"), exchange);
    assert!(matches!(Settlement::who(&conclude("x")), Who::Desk("exchange")), "nobody else may say so");
}
