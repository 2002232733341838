//! What a report goes through, told as stories. `UPDATE_EXPECT=1 cargo test -p desks` rewrites them.

use grammar::story::*;

use super::{Command::*, Refusal::*, *};
use crate::accreditation::{Covered, Mark};

const BOOKING: Id = Id::named("booking-1");
const AHEAD: Id = Id::named("booking-2");
const ORDER: Id = Id::named("voucher-order-1");
const OURS: Id = Id::named("sample-1");
const THEIRS: Id = Id::named("sample-2");
const CMA: Id = Id::named("accreditation-cma");
const CNAS: Id = Id::named("accreditation-cnas");
const FOREIGN: Id = Id::named("accreditation-foreign");
const OLD: Id = Id::named("test-report-old");
const GONE: Id = Id::named("test-report-gone");
const FIRM: Id = Id::named("organisation-firm");
const UNIT: Id = Id::named("organisation-institute");
const LI: Id = Id::named("person-li");
const WU: Id = Id::named("person-wu");

fn item(what: &str, method: &str) -> Item {
    let (what, method) = (what.parse().unwrap(), method.parse().unwrap());
    Item { what, method, is_subcontracted: false, is_outside: false }
}

fn lead() -> Item {
    item("lead", "GB/T 5009.12-2023")
}

fn draft(items: &[Item], under: &[Id]) -> super::Draft {
    super::Draft {
        booking: Some(BOOKING.r()),
        order: None,
        number: "2026-0007".parse().unwrap(),
        title: "lead in tea".parse().unwrap(),
        samples: List::new(vec![OURS.r()]).unwrap(),
        begun: day("2026-03-01"),
        done: day("2026-03-02"),
        items: List::new(items.to_vec()).unwrap(),
        accreditations: List::new(under.iter().map(|id| id.r()).collect()).unwrap(),
        signatory: LI.r(),
        replaces: None,
    }
}

fn file(digit: &str) -> FileRef {
    format!("{}:report.pdf", digit.repeat(64)).parse().unwrap()
}

fn issue(digit: &str, under: &[Id]) -> Command {
    let accreditations = List::new(under.iter().map(|id| id.r()).collect()).unwrap();
    Issue { file: file(digit), accreditations }
}

fn accredited(holder: Id, mark: Mark, scope: &[(&str, Option<&str>)]) -> Card {
    let covered = |(method, what): &(&str, Option<&str>)| Covered {
        method: method.parse().unwrap(),
        what: what.and_then(Text::read),
    };
    let scope: Vec<Covered> = scope.iter().map(covered).collect();
    let word = grammar::desk::plain_word(&mark);
    Card::new()
        .status("confirmed")
        .party("holder", holder)
        .party("signatory", LI)
        .from(day("2026-01-01"))
        .until(day("2026-06-30"))
        .facet("kind", &word)
        .fact("mark", mark)
        .fact("number", word.to_uppercase())
        .fact("scope", scope)
}

fn begun() -> Story<TestReport> {
    let mut story = Story::<TestReport>::new("2026-03-02");
    let of = |status: &str| Card::new().status(status).party("buyer", FIRM).party("provider", UNIT);
    let report =
        |status: &str| Card::new().status(status).party("provider", UNIT).fact("number", "2026-0001");
    story
        .given(BOOKING, of("used"))
        .given(AHEAD, of("scheduled"))
        .given(ORDER, of("allotted"))
        .given(OURS, Card::new().party("booking", BOOKING))
        .given(THEIRS, Card::new().party("order", ORDER))
        .given(CMA, accredited(UNIT, Mark::Cma, &[("GB/T 5009.12-2023", None)]))
        .given(CNAS, accredited(UNIT, Mark::Cnas, &[("GB/T 5009.12-2023", Some("lead"))]))
        .given(FOREIGN, accredited(FIRM, Mark::Cma, &[("GB/T 5009.12-2023", None)]))
        .given(OLD, report("issued"))
        .given(GONE, report("withdrawn"));
    story.showing(&["status", "number", "ended"]);
    story
}

fn drafting(draft: super::Draft) -> Command {
    Draft(Box::new(draft))
}

fn why(text: &str) -> Text<500> {
    text.parse().unwrap()
}

#[test]
fn a_report_is_issued_under_its_marks_contested_and_withdrawn() {
    let mut story = begun();
    story.when(drafting(draft(&[lead()], &[CMA, CNAS]))).not_now(Object { reason: why("too early") });
    story.refuses(issue("a", &[CMA]), OtherAccreditations);
    story.when(issue("a", &[CMA, CNAS]));
    let issued = story.record().issued.clone().unwrap();
    assert_eq!(issued.content, "a".repeat(64));
    assert_eq!(issued.keep_until, day("2032-03-02"));
    let marks: Vec<&str> = issued.marks.iter().map(|borne| borne.number.as_str()).collect();
    assert_eq!(marks, ["CMA", "CNAS"]);
    story.not_now(Amend(Box::new(draft(&[lead()], &[])))).not_now(issue("b", &[]));
    story.when(Object { reason: why("another sample was meant") });
    story.not_now(Object { reason: why("twice") });
    story.on("2026-03-05").when(Answer { text: why("you are right") }).not_now(Answer { text: why("again") });
    story.when(Withdraw { reason: why("wrong sample") }).not_now(Withdraw { reason: why("twice") });
    story.expect(&expect![[r#"
        2026-03-02  draft     said drafted  status draft  number 2026-0007  ended -
        2026-03-02  refuses   Because(OtherAccreditations, None)  status draft  number 2026-0007  ended -
        2026-03-02  issue     said issued  status issued  number 2026-0007  ended -
        2026-03-02  object    said objected  status issued  number 2026-0007  ended -
        2026-03-05  answer    said answered  status issued  number 2026-0007  ended -
        2026-03-05  withdraw  said withdrawn  status withdrawn  number 2026-0007  ended 2026-03-05
    "#]]);
}

#[test]
fn a_mark_needs_its_scope_its_days_and_its_signatory() {
    let cadmium = || item("cadmium", "GB/T 5009.15-2023");
    let refuses = |draft: super::Draft, refusal| {
        let mut story = begun();
        let under: Vec<Id> = draft.accreditations.iter().map(|one| one.id()).collect();
        story.when(drafting(draft)).refuses(issue("a", &under), refusal);
    };
    refuses(draft(&[cadmium()], &[CMA]), NothingWithin { number: "CMA".into() });
    refuses(draft(&[lead(), cadmium()], &[CMA]), NotMarked { what: "cadmium".into(), number: "CMA".into() });
    refuses(
        draft(&[Item { is_subcontracted: true, ..lead() }], &[CMA]),
        NothingWithin { number: "CMA".into() },
    );
    refuses(draft(&[lead()], &[FOREIGN]), AnotherUnit { number: "CMA".into() });
    refuses(
        super::Draft { signatory: WU.r(), ..draft(&[lead()], &[CMA]) },
        MayNotSign { number: "CMA".into() },
    );
    let mut story = begun();
    story.when(drafting(draft(&[lead()], &[CMA])));
    story.on("2026-07-01").refuses(issue("a", &[CMA]), NotInForce { number: "CMA".into() });
    let mut story = begun();
    let marked = Item { is_outside: true, ..cadmium() };
    story.when(drafting(draft(&[lead(), marked], &[CMA]))).when(issue("a", &[CMA]));
    let mut story = begun();
    story.when(drafting(draft(&[cadmium()], &[]))).when(issue("a", &[]));
    assert!(story.record().issued.as_ref().unwrap().marks.is_empty(), "without a mark there is no scope");
}

#[test]
fn what_is_not_so_is_not_reported() {
    let mut story = begun();
    let good = || draft(&[lead()], &[]);
    let mut refuses = |draft: super::Draft, refusal| {
        story.refuses(drafting(draft), refusal);
    };
    refuses(super::Draft { booking: None, ..good() }, OfWhat);
    refuses(super::Draft { order: Some(ORDER.r()), ..good() }, OfBoth);
    refuses(super::Draft { booking: Some(AHEAD.r()), ..good() }, NothingDone);
    let theirs = List::new(vec![THEIRS.r()]).unwrap();
    refuses(super::Draft { samples: theirs, ..good() }, AnotherSample { sample: THEIRS });
    refuses(draft(&[], &[]), NoItem);
    refuses(super::Draft { done: day("2026-02-28"), ..good() }, DoneBeforeBegun);
    refuses(super::Draft { done: day("2026-03-03"), ..good() }, DoneLater { done: day("2026-03-03") });
    refuses(super::Draft { replaces: Some(GONE.r()), ..good() }, NotAReport);
    let same = super::Draft { number: "2026-0001".parse().unwrap(), replaces: Some(OLD.r()), ..good() };
    refuses(same, NumberOfTheOther);
    let mut story = begun();
    story.when(drafting(good()));
    let other = super::Draft { booking: None, order: Some(ORDER.r()), ..good() };
    story.refuses(Amend(Box::new(other)), AnotherBooking).when(Discard);
}

#[test]
fn the_one_it_replaces_is_told() {
    let mut story = begun();
    story.when(drafting(super::Draft { replaces: Some(OLD.r()), ..draft(&[lead()], &[CMA]) }));
    story.when(issue("c", &[CMA]));
    story.expect(&expect![[r#"
        2026-03-02  draft     said drafted  status draft  number 2026-0007  ended -
        2026-03-02  issue     said issued | replace test-report-old: by test-report  status issued  number 2026-0007  ended -
    "#]]);
    let mut old = begun();
    old.when(drafting(draft(&[lead()], &[]))).when(issue("a", &[])).when(Replace { by: GONE.r() });
    assert_eq!(old.record().status, Status::Replaced);
}

#[test]
fn whoever_has_a_copy_sees_that_it_stands_and_not_for_whom() {
    let mut story = begun();
    story.when(drafting(draft(&[lead()], &[CMA])));
    assert_eq!(story.record().clone().veil(&Viewer::public()), Sight::Hidden);
    story.when(issue("a", &[CMA])).when(Object { reason: why("secret reason") });
    let mut seen = story.record().clone();
    assert_eq!(seen.veil(&Viewer::public()), Sight::Seen);
    let said = serde_json::to_string(&(&seen, seen.card())).unwrap();
    for hidden in ["lead in tea", "secret reason", "report.pdf", FIRM.as_str(), BOOKING.as_str(), LI.as_str()]
    {
        assert!(!said.contains(hidden), "{hidden} in {said}");
    }
    assert!(said.contains(&"a".repeat(64)) && said.contains("2026-0007"));
    let issued = Event::Issued(story.record().issued.clone().unwrap());
    let told = TestReport::veil_event(story.record(), issued, &Viewer::public()).unwrap();
    assert!(!serde_json::to_string(&told).unwrap().contains("report.pdf"));
}
