//! What an agreement does, told as stories. `UPDATE_EXPECT=1 cargo test -p desks` rewrites them.

use grammar::story::*;

use super::{Command::*, Refusal::*, *};

const INSTRUMENT: Id = Id::named("instrument-tem");
const UNIT: Id = Id::named("organisation-institute");
const FIRM: Id = Id::named("organisation-firm");
const BOOKING: Id = Id::named("booking-1");

fn entry() -> Entry {
    Entry {
        number: "A-1".parse().unwrap(),
        provider: UNIT.r(),
        buyer: FIRM.r(),
        instruments: List::new(vec![INSTRUMENT.r()]).unwrap(),
        from: day("2026-03-01"),
        until: day("2026-12-31"),
        hour: None,
        cap: None,
        hours: Between::new(40),
        price: Some(yuan(8_000)),
        paper: None,
    }
}

fn begun() -> Story<Agreement> {
    let mut story = Story::<Agreement>::new("2026-03-02");
    story
        .given(INSTRUMENT, Card::new().titled("电镜", "microscope").party("unit", UNIT))
        .given(UNIT, Card::new())
        .given(FIRM, Card::new())
        .given(BOOKING, Card::new());
    story.showing(&["status", "paid"]);
    story
}

fn take(amount: i64, minutes: i64) -> Command {
    Take { booking: BOOKING.r(), amount: yuan(amount), minutes: Between::new(minutes).unwrap() }
}

#[test]
fn forty_hours_are_bought_paid_and_drawn_down_until_their_day() {
    let mut story = begun();
    story.when(Offer(entry()));
    story.refuses(take(0, 60), NotInForce);
    story.when(Agree);
    story.refuses(take(0, 60), NotPaidYet { left: yuan(8_000) });
    story.refuses(Receive { amount: yuan(8_001), reference: None }, MoreThanPrice { left: yuan(8_000) });
    story.when(Receive { amount: yuan(8_000), reference: None });
    story.when(take(0, 2_400));
    story.refuses(take(0, 2_401), HoursUsedUp { minutes: 2_400 });
    story.when(take(0, 30));
    assert_eq!(story.record().minutes_left(), Some(2_370));
    story.on("2027-01-05");
    story.refuses(take(0, 31), NotInForce);
    story.when(take(0, 0));
    assert_eq!(story.record().clone().veil(&Viewer::public()), Sight::Hidden);
    story.expect(&expect![[r#"
        2026-03-02  offer     said offered  status offered  paid 0
        2026-03-02  refuses   Because(NotInForce, None)  status offered  paid 0
        2026-03-02  agree     said agreed  status in-force  paid 0
        2026-03-02  refuses   Because(NotPaidYet { left: 8000.00 }, None)  status in-force  paid 0
        2026-03-02  refuses   Because(MoreThanPrice { left: 8000.00 }, None)  status in-force  paid 0
        2026-03-02  receive   said received  status in-force  paid 8000
        2026-03-02  take      said took  status in-force  paid 8000
        2026-03-02  refuses   Because(HoursUsedUp { minutes: 2400 }, None)  status in-force  paid 8000
        2026-03-02  take      said took  status in-force  paid 8000
        2027-01-01  clock     said ran-out  status over  paid 8000
        2027-01-05  refuses   Because(NotInForce, None)  status over  paid 8000
        2027-01-05  take      said took  status over  paid 8000
    "#]]);
}

#[test]
fn what_makes_no_sense_is_refused() {
    let mut story = begun();
    let hour = || Entry { hour: Some(yuan(400)), hours: None, price: None, ..entry() };
    story.refuses(Offer(Entry { buyer: UNIT.r(), ..entry() }), OwnUnit);
    story.refuses(Offer(Entry { instruments: List::default(), ..entry() }), NoInstrument);
    story.refuses(Offer(Entry { hour: Some(yuan(1)), ..entry() }), HourOrHours);
    story.refuses(Offer(Entry { cap: Some(yuan(1)), ..entry() }), CapWithoutHour);
    story.refuses(Offer(Entry { price: Some(yuan(1)), ..hour() }), PriceWithoutHours);
    story.refuses(Offer(Entry { from: day("2027-01-01"), ..entry() }), EndsBeforeItBegins);
    let until = day("2026-03-01");
    story.refuses(Offer(Entry { until, ..entry() }), EndsInThePast { until });
    story.refuses(Offer(Entry { until: day("2031-03-02"), ..entry() }), TooLong { years: 5 });
    story.refuses(
        Offer(Entry { provider: FIRM.r(), buyer: UNIT.r(), ..entry() }),
        NotItsInstrument { instrument: INSTRUMENT.r() },
    );
    story.refuses(Offer(Entry { cap: Some(Money::ZERO), ..hour() }), NotAnAmount { amount: Money::ZERO });
    story.when(Offer(Entry { cap: Some(yuan(1_000)), ..hour() })).when(Agree);
    story.when(take(900, 0)).refuses(take(1_001, 0), CapReached { left: yuan(1_000) });
    story.when(End { reason: "over".parse().unwrap() });
    story.not_now(Agree);
}
