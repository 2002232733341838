//! What an allowance does, told as stories. `UPDATE_EXPECT=1 cargo test -p desks` rewrites them.

use grammar::story::*;

use super::{
    Command::{Hold, Release},
    *,
};

const INSTRUMENT: Id = Id::named("instrument-1");
const UNIT: Id = Id::named("organisation-institute");
const FIRM: Id = Id::named("organisation-firm");
const FIRST: Id = Id::named("booking-1");
const SECOND: Id = Id::named("booking-2");

fn times(from: &str, minutes: i64) -> Times {
    let from: Moment = from.parse().unwrap();
    Times { from, until: from.plus_millis(minutes * MINUTE) }
}

fn limits(times: Option<i64>, apart: Option<i64>, ahead: Option<i64>) -> Limits {
    Limits {
        daily_times: times.and_then(Between::new),
        apart_minutes: apart.and_then(Between::new),
        ahead_minutes: ahead.and_then(Between::new),
    }
}

/// Holds some times of so many minutes, all of which count.
fn hold(booking: Id, limits: Limits, some: &[(&str, i64)]) -> Command {
    let holding = |(from, minutes): &(&str, i64)| Holding {
        times: times(from, *minutes),
        minutes: Between::new(*minutes).unwrap(),
    };
    let holdings = List::new(some.iter().map(holding).collect()).unwrap();
    Hold { instrument: INSTRUMENT.r(), buyer: FIRM.r(), booking: booking.r(), holdings, limits }
}

fn world() -> Story<Allowance> {
    let mut story = Story::<Allowance>::new("2026-03-02");
    let instrument = Card::new().titled("示例电镜", "Sample microscope").party("unit", UNIT);
    story.given(INSTRUMENT, instrument.region(Region::code(310_115)));
    story
}

#[test]
fn a_day_has_so_many_bookings_and_what_was_given_back_is_free() {
    let mut story = world();
    let two = limits(Some(2), None, None);
    story.when(hold(FIRST, two, &[("2026-03-03 09:00", 60), ("2026-03-03 11:00", 60)]));
    let full = DailyTimes { day: "2026-03-03".parse().unwrap(), most: 2 };
    story.refuses(hold(SECOND, two, &[("2026-03-03 15:00", 30)]), full);
    story.when(hold(SECOND, two, &[("2026-03-04 15:00", 30)]));
    let release = Release { booking: FIRST.r(), from: "2026-03-03 11:00".parse().unwrap() };
    story.when(release.clone()).when(release);
    story.when(hold(SECOND, two, &[("2026-03-03 15:00", 30)]));
    story.expect(&expect![[r#"
        2026-03-02  hold      said opened said held
        2026-03-02  refuses   Because(DailyTimes { day: Day(2026-03-03), most: 2 }, None)
        2026-03-02  hold      said held
        2026-03-02  release   said released
        2026-03-02  release   
        2026-03-02  hold      said held
    "#]]);
}

#[test]
fn two_lie_apart_over_the_weekend_and_within_a_series() {
    let mut story = world();
    let apart = limits(None, Some(90), None);
    // Sunday night and Monday morning are pages of two weeks.
    story.when(hold(FIRST, apart, &[("2026-03-08 23:00", 60)]));
    let Times { from, until } = times("2026-03-08 23:00", 60);
    let near = TooCloseTogether { from, until, least: 90 };
    story.refuses(hold(SECOND, apart, &[("2026-03-09 01:00", 60)]), near.clone());
    story.refuses(hold(SECOND, apart, &[("2026-03-08 21:00", 31)]), near);
    let Times { from, until } = times("2026-03-10 09:00", 60);
    let series = [("2026-03-10 09:00", 60), ("2026-03-10 10:30", 60)];
    story.refuses(hold(SECOND, apart, &series), TooCloseTogether { from, until, least: 90 });
    story.when(hold(SECOND, apart, &[("2026-03-09 01:30", 60), ("2026-03-08 20:30", 60)]));
    story.expect(&expect![[r#"
        2026-03-02  hold      said opened said held
        2026-03-02  refuses   Because(TooCloseTogether { from: Moment(1772982000000), until: Moment(1772985600000), least: 90 }, None)
        2026-03-02  refuses   Because(TooCloseTogether { from: Moment(1772982000000), until: Moment(1772985600000), least: 90 }, None)
        2026-03-02  refuses   Because(TooCloseTogether { from: Moment(1773104400000), until: Moment(1773108000000), least: 90 }, None)
        2026-03-02  hold      said held
    "#]]);
}

#[test]
fn what_lies_ahead_is_so_much_in_all_and_what_is_over_counts_no_more() {
    let mut story = world();
    let ten_hours = limits(None, None, Some(600));
    story.when(hold(FIRST, ten_hours, &[("2026-03-03 09:00", 240), ("2026-03-20 09:00", 240)]));
    story
        .refuses(hold(SECOND, ten_hours, &[("2026-04-03 09:00", 121)]), TooMuchAhead { most: 600, has: 480 });
    story.when(hold(SECOND, ten_hours, &[("2026-04-03 09:00", 120)]));
    story.on("2026-03-04").when(hold(SECOND, ten_hours, &[("2026-04-04 09:00", 240)]));
    // What ended more than a week ago is forgotten.
    story.on("2026-03-20").when(hold(FIRST, limits(None, None, None), &[("2026-05-01 09:00", 60)]));
    assert_eq!(story.record().held.len(), 4);
    story.expect(&expect![[r#"
        2026-03-02  hold      said opened said held
        2026-03-02  refuses   Because(TooMuchAhead { most: 600, has: 480 }, None)
        2026-03-02  hold      said held
        2026-03-04  hold      said held
        2026-03-20  hold      said held
    "#]]);
}

#[test]
fn who_holds_what_is_for_the_keeper_and_whoever_holds_it() {
    let mut story = world();
    story.when(hold(FIRST, limits(Some(1), None, None), &[("2026-03-03 09:00", 60)]));
    let sight = |story: &Story<Allowance>, organisation: Id| {
        let viewer = Viewer { organisations: vec![organisation], ..Viewer::default() };
        story.record().clone().veil(&viewer)
    };
    let other = Id::named("organisation-other");
    assert_eq!([UNIT, FIRM, other].map(|who| sight(&story, who)), [Sight::Seen, Sight::Seen, Sight::Hidden]);
    let instrument = Card::new().titled("示例电镜", "Sample microscope").party("unit", other);
    story.given(INSTRUMENT, instrument);
    story.when(hold(SECOND, Limits::default(), &[("2026-03-04 09:00", 60)]));
    assert_eq!(
        [UNIT, other].map(|who| sight(&story, who)),
        [Sight::Hidden, Sight::Seen],
        "it follows its instrument"
    );
    let release = Release { booking: FIRST.r(), from: "2026-03-03 09:00".parse().unwrap() };
    let mut none = world();
    none.when(release).expect(&expect![[r#"
        2026-03-02  release   
    "#]]);
}
