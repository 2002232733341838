//! What becomes of something that is wrong at an instrument, told as stories.

use grammar::story::*;

use super::{Command::*, Refusal::*, *};

const INSTRUMENT: Id = Id::named("instrument-tem");
const UNIT: Id = Id::named("organisation-institute");
const FIRM: Id = Id::named("organisation-firm");

fn words(text: &str) -> Text<1000> {
    text.parse().unwrap()
}

fn reported(trouble: Trouble) -> Story<Incident> {
    let mut story = Story::<Incident>::new("2026-03-02");
    story.given(INSTRUMENT, Card::new().party("unit", UNIT).region(Region::code(310_000)));
    story.showing(&["status", "expected"]);
    let (instrument, reporter) = (INSTRUMENT.r(), FIRM.r());
    let pictures = Pictures::default();
    story.when(Report(Entry { instrument, reporter, trouble, what: words("no vacuum"), pictures }));
    story
}

fn resolve(cost: i64) -> Command {
    Resolve { text: words("pump replaced"), pictures: Pictures::default(), cost: Some(yuan(cost)) }
}

#[test]
fn a_breakdown_takes_the_instrument_out_and_is_mended() {
    let mut story = reported(Trouble::Breakdown);
    let out = |instrument: Id, expected: &str| TakeOut {
        instrument: instrument.r(),
        expected: Some(day(expected)),
    };
    story.refuses(out(INSTRUMENT, "2026-03-01"), ExpectedInThePast { expected: day("2026-03-01") });
    story.refuses(out(Id::named("instrument-other"), "2026-03-09"), AnotherInstrument);
    story.when(out(INSTRUMENT, "2026-03-09"));
    story.not_now(out(INSTRUMENT, "2026-03-09")).not_now(Withdraw { text: words("x") });
    story.on("2026-03-05");
    story.refuses(resolve(-1), NotAnAmount { amount: yuan(-1) });
    story.when(resolve(800)).not_now(resolve(800));
    story.when(Reopen { text: words("it leaks again") });
    assert_eq!(story.record().remarks.len(), 2, "what was done, and what was said of it");
    story.expect(&expect![[r#"
        2026-03-02  report    said reported  status open  expected -
        2026-03-02  refuses   Because(ExpectedInThePast { expected: Day(2026-03-01) }, None)  status open  expected -
        2026-03-02  refuses   Because(AnotherInstrument, None)  status open  expected -
        2026-03-02  take-out  said taken-up | suspend instrument-tem: reason no vacuum, back 2026-03-09  status taken  expected 2026-03-09
        2026-03-05  refuses   Because(NotAnAmount { amount: -1.00 }, None)  status taken  expected 2026-03-09
        2026-03-05  resolve   said remarked said resolved  status resolved  expected 2026-03-09
        2026-03-05  reopen    said remarked said reopened  status open  expected 2026-03-09
    "#]]);
}

#[test]
fn help_is_taken_up_with_a_word_or_withdrawn() {
    let mut story = reported(Trouble::Help);
    story.when(Command::Remark { text: words("in room 3"), pictures: Pictures::default() });
    story.refuses(
        TakeUp { text: None, expected: Some(day("2026-03-01")) },
        ExpectedInThePast { expected: day("2026-03-01") },
    );
    story.when(TakeUp { text: Some(words("I am coming")), expected: None });
    assert_eq!(story.record().remarks.len(), 2);
    let mut other = reported(Trouble::Help);
    other.when(Withdraw { text: words("found it myself") });
    other.not_now(Command::Remark { text: words("x"), pictures: Pictures::default() });
}

#[test]
fn a_story_has_an_end() {
    let mut story = reported(Trouble::Safety);
    let remark = || Command::Remark { text: words("again"), pictures: Pictures::default() };
    for _ in 0..REMARKS_MAX {
        story.when(remark());
    }
    story.refuses(remark(), TooManyRemarks { max: REMARKS_MAX });
}

#[test]
fn what_is_wrong_is_for_both_sides_and_the_office() {
    let story = reported(Trouble::Safety);
    let sight = |viewer: &Viewer| story.record().clone().veil(viewer);
    let member = |of: Id| Viewer { organisations: vec![of], ..Viewer::default() };
    let office = Viewer { offices: vec![(OFFICE.into(), Region::code(310_000))], ..Viewer::default() };
    assert_eq!([sight(&member(UNIT)), sight(&member(FIRM)), sight(&office)], [Sight::Seen; 3]);
    let stranger = member(Id::named("organisation-other"));
    assert_eq!([sight(&stranger), sight(&Viewer::public())], [Sight::Hidden; 2]);
}
