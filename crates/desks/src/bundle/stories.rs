//! What a bundle does, told as stories. `UPDATE_EXPECT=1 cargo test -p desks` rewrites them. How its bookings fare is told in
//! `booking/together/bundle.rs`, with their calendars.

use grammar::story::*;

use super::{Command::*, Refusal::*, *};

const TEM: Id = Id::named("instrument-tem");
const FAR: Id = Id::named("instrument-far");
const FIRM: Id = Id::named("organisation-firm");

fn pick(instrument: Id, from: &str) -> Pick {
    Pick {
        instrument: instrument.r(),
        from: from.parse().unwrap(),
        minutes: Between::new(60).unwrap(),
        basis: Basis::ByHour,
        samples: None,
        permit: None,
        agreement: None,
        way: None,
        accessories: List::default(),
        consumables: List::default(),
        setups: List::default(),
        wants_operator: false,
        companion: None,
        answers: List::default(),
    }
}

fn order(picks: Vec<Pick>) -> Command {
    Book(Order {
        picks: List::new(picks).unwrap(),
        buyer: FIRM.r(),
        purpose: Purpose::Research,
        project: None,
        detail: "two samples".parse().unwrap(),
        no_secrets: true,
    })
}

fn begun() -> Story<Bundle> {
    let mut story = Story::<Bundle>::new("2026-03-02");
    story.given(TEM, Card::new().titled("电镜", "microscope").region(Region::code(310_115)));
    story.given(FAR, Card::new().titled("衍射仪", "diffractometer").region(Region::code(340_100)));
    story.given(FIRM, Card::new().region(Region::code(320_500))).showing(&["status", "region"]);
    story
}

#[test]
fn each_pick_is_a_booking_of_one_case() {
    let mut story = begun();
    story.refuses(order(vec![]), NothingPicked);
    story.when(order(vec![pick(TEM, "2026-03-03 09:00"), pick(FAR, "2026-03-04 09:00")]));
    let card = story.record().card();
    assert_eq!(card.title_en, "microscope and 1 more");
    assert_eq!(card.holders("instrument").collect::<Vec<_>>(), [TEM, FAR]);
    assert_eq!(card.scope(), Region::code(320_500), "the buyer's, wherever the instruments stand");
    story.expect(&expect![[r#"
        2026-03-02  refuses   Because(NothingPicked, None)  status -  region -
        2026-03-02  book      said booked | request booking-new-1: instrument instrument-tem, buyer organisation-firm, from 2026-03-03T01:00:00.000Z, minutes 60, every -, basis by-hour, samples -, purpose research, project -, detail two samples, permit -, instead_of -, way -, accessories [], consumables [], setups [], wants_operator false, companion -, answers [], agreement -, no_secrets true | request booking-new-2: instrument instrument-far, buyer organisation-firm, from 2026-03-04T01:00:00.000Z, minutes 60, every -, basis by-hour, samples -, purpose research, project -, detail two samples, permit -, instead_of -, way -, accessories [], consumables [], setups [], wants_operator false, companion -, answers [], agreement -, no_secrets true  status booked  region 320500
    "#]]);
}

#[test]
fn those_who_run_one_of_the_instruments_know_nothing_of_the_others() {
    let mut story = begun();
    story.when(order(vec![pick(TEM, "2026-03-03 09:00"), pick(FAR, "2026-03-04 09:00")]));
    let of = |id: &str| Viewer { organisations: vec![id.parse().unwrap()], ..Viewer::default() };
    assert_eq!(story.record().clone().veil(&of("organisation-institute")), Sight::Hidden);
    assert_eq!(story.record().clone().veil(&Viewer::public()), Sight::Hidden);
    assert_eq!(story.record().clone().veil(&of("organisation-firm")), Sight::Seen);
}

#[test]
fn several_are_cancelled_at_once_and_none_twice() {
    let mut story = begun();
    story.when(order(vec![pick(TEM, "2026-03-03 09:00"), pick(FAR, "2026-03-04 09:00")]));
    let all: Vec<Ref<Booking>> = story.record().card().holders("booking").map(Id::r).collect();
    let cancel = |some: &[Ref<Booking>]| Cancel {
        bookings: List::new(some.to_vec()).unwrap(),
        reason: Some("no samples".parse().unwrap()),
    };
    let [first, second] = all[..] else { panic!("{all:?}") };
    let other = Id::named("booking-other").r();
    story.given(first.id(), Card::new()).given(second.id(), Card::new()).given(other.id(), Card::new());
    story.refuses(cancel(&[]), NothingToCancel);
    story.refuses(cancel(&[other]), NotInBundle { booking: other });
    story.refuses(cancel(&[first, first]), NotInBundle { booking: first });
    story.when(cancel(&[first])).refuses(cancel(&[first]), NotInBundle { booking: first });
    assert_eq!(story.record().status, Status::Booked, "one is left");
    story.when(cancel(&[second]));
    story.expect(&expect![[r#"
        2026-03-02  book      said booked | request booking-new-1: instrument instrument-tem, buyer organisation-firm, from 2026-03-03T01:00:00.000Z, minutes 60, every -, basis by-hour, samples -, purpose research, project -, detail two samples, permit -, instead_of -, way -, accessories [], consumables [], setups [], wants_operator false, companion -, answers [], agreement -, no_secrets true | request booking-new-2: instrument instrument-far, buyer organisation-firm, from 2026-03-04T01:00:00.000Z, minutes 60, every -, basis by-hour, samples -, purpose research, project -, detail two samples, permit -, instead_of -, way -, accessories [], consumables [], setups [], wants_operator false, companion -, answers [], agreement -, no_secrets true  status booked  region 320500
        2026-03-02  refuses   Because(NothingToCancel, None)  status booked  region 320500
        2026-03-02  refuses   Because(NotInBundle { booking: booking-other }, None)  status booked  region 320500
        2026-03-02  refuses   Because(NotInBundle { booking: booking-new-1 }, None)  status booked  region 320500
        2026-03-02  cancel    said cancelled | cancel booking-new-1: reason no samples  status booked  region 320500
        2026-03-02  refuses   Because(NotInBundle { booking: booking-new-1 }, None)  status booked  region 320500
        2026-03-02  cancel    said cancelled | cancel booking-new-2: reason no samples  status cancelled  region 320500
    "#]]);
}
