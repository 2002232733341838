//! What one week does, told as a story. What bookings make of it is told beside them.

use grammar::story::*;

use super::{Command::*, Refusal::*, *};

const INSTRUMENT: Id = Id::named("instrument-tem");
const BOOKING: [Id; 2] = [Id::named("booking-1"), Id::named("booking-2")];
const FIRM: Id = Id::named("organisation-firm");

fn times(from: &str, until: &str) -> Times {
    Times { from: from.parse().unwrap(), until: until.parse().unwrap() }
}

fn take(booking: Id, from: &str, until: &str) -> Command {
    Take {
        instrument: INSTRUMENT.r(),
        monday: day("2026-03-02"),
        booking: booking.r(),
        buyer: FIRM.r(),
        spans: List::new(vec![times(from, until)]).unwrap(),
        buffer: Buffer::new(15).unwrap(),
        daily: Quota::new(240),
        weekly: None,
        places: None,
        unrestricted: Unrestricted::default(),
    }
}

fn week() -> Story<Calendar> {
    let mut story = Story::<Calendar>::new("2026-03-02");
    let card = Card::new().titled("电镜", "microscope").party("unit", Id::named("organisation-institute"));
    story.given(INSTRUMENT, card.region(Region::code(310_115))).given(FIRM, Card::new());
    story.given(BOOKING[0], Card::new()).given(BOOKING[1], Card::new());
    story
}

#[test]
fn a_week_keeps_to_one_at_a_time() {
    let mut story = week();
    story.when(take(BOOKING[0], "2026-03-03 09:00", "2026-03-03 11:00"));
    let held = times("2026-03-03 09:00", "2026-03-03 11:00");
    story.refuses(
        take(BOOKING[1], "2026-03-03 10:00", "2026-03-03 12:00"),
        TakenThen { from: held.from, until: held.until },
    );
    story.refuses(
        take(BOOKING[1], "2026-03-03 11:10", "2026-03-03 12:00"),
        TooNear { from: held.from, until: held.until, buffer: 15 },
    );
    story.refuses(
        take(BOOKING[1], "2026-03-03 12:00", "2026-03-03 14:30"),
        DailyQuota { day: day("2026-03-03"), most: 240 },
    );
    story.when(Free { booking: BOOKING[0].r(), from: None });
    story.refuses(Free { booking: BOOKING[0].r(), from: None }, NothingThere);
    story.when(take(BOOKING[1], "2026-03-03 10:00", "2026-03-03 12:00"));
    story.expect(&expect![[r#"
        2026-03-02  take      said opened said taken
        2026-03-02  refuses   Because(TakenThen { from: Moment(1772499600000), until: Moment(1772506800000) }, None)
        2026-03-02  refuses   Because(TooNear { from: Moment(1772499600000), until: Moment(1772506800000), buffer: 15 }, None)
        2026-03-02  refuses   Because(DailyQuota { day: Day(2026-03-03), most: 240 }, None)
        2026-03-02  free      said freed
        2026-03-02  refuses   Because(NothingThere, None)
        2026-03-02  take      said taken
    "#]]);
}

#[test]
fn the_name_of_a_page_follows_from_the_instrument_and_the_week() {
    let page = |text: &str| name(INSTRUMENT.r(), day(text)).to_string();
    assert_eq!(page("2026-03-02"), "calendar-temx20260302");
    let weeks = |from: &str, until: &str, buffer: i64| {
        pages(times(from, until), buffer).iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(weeks("2026-03-03 09:00", "2026-03-03 10:00", 0), ["2026-03-02"]);
    assert_eq!(weeks("2026-03-08 23:00", "2026-03-09 00:00", 0), ["2026-03-02"]);
    assert_eq!(weeks("2026-03-08 23:00", "2026-03-09 00:00", 15), ["2026-03-02", "2026-03-09"]);
    assert_eq!(weeks("1969-12-31 09:00", "1969-12-31 10:00", 0), ["1969-12-29"]);
}

#[test]
fn what_ends_sooner_leaves_the_rest_to_others() {
    let mut story = week();
    story.when(take(BOOKING[0], "2026-03-03 09:00", "2026-03-03 11:00"));
    let shorten = |until: &str| {
        let Times { from, until } = times("2026-03-03 09:00", until);
        Shorten { booking: BOOKING[0].r(), from, until }
    };
    story.refuses(shorten("2026-03-03 11:30"), NothingThere);
    story.when(shorten("2026-03-03 09:45"));
    story.when(take(BOOKING[1], "2026-03-03 10:00", "2026-03-03 11:00"));
    story.expect(&expect![[r#"
        2026-03-02  take      said opened said taken
        2026-03-02  refuses   Because(NothingThere, None)
        2026-03-02  shorten   said shortened
        2026-03-02  take      said taken
    "#]]);
}
