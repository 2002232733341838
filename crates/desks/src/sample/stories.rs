//! What samples go through, told as stories. `UPDATE_EXPECT=1 cargo test -p desks` rewrites them.

use grammar::story::*;

use super::{Command::*, Refusal::*, *};
use crate::{hazard::Hazard, instrument::Using, laboratory::Takes};

const BOOKING: Id = Id::named("booking-1");
const OVER: Id = Id::named("booking-2");
const ORDER: Id = Id::named("voucher-order-1");
const TEM: Id = Id::named("instrument-tem");
const SEM: Id = Id::named("instrument-sem");
const LAB: Id = Id::named("laboratory-1");
const OTHER_LAB: Id = Id::named("laboratory-2");
const FIRM: Id = Id::named("organisation-firm");
const UNIT: Id = Id::named("organisation-institute");

fn declaration(hazards: &[Hazard], rest: Rest) -> Declaration {
    let is_dangerous = !hazards.is_empty();
    Declaration {
        booking: Some(BOOKING.r()),
        order: None,
        instrument: Some(TEM.r()),
        laboratory: None,
        what: "cathode powder".parse().unwrap(),
        count: Between::new(6).unwrap(),
        marks: None,
        hazards: List::new(hazards.to_vec()).unwrap(),
        handling: is_dangerous.then(|| "gloves, in the hood".parse().unwrap()),
        safety_sheet: None,
        storage: Storage::Dry,
        rest,
        keep_days: remains(rest).keep_days,
        back_to: remains(rest).back_to,
        is_complete: true,
    }
}

fn remains(rest: Rest) -> Remains {
    Remains {
        rest,
        keep_days: Between::new(30).filter(|_| rest == Rest::Keep),
        back_to: (rest == Rest::SendBack).then(|| "Firm, Road 1".parse().unwrap()),
    }
}

fn declare(declaration: Declaration) -> Command {
    Declare(Box::new(declaration))
}

fn begun() -> Story<Sample> {
    let mut story = Story::<Sample>::new("2026-03-02");
    let of = |status: &str| {
        let card = Card::new().status(status).party("buyer", FIRM).party("provider", UNIT);
        card.party("instrument", TEM)
    };
    let hazards = List::new(vec![Hazard::Irritant, Hazard::Flammable]).unwrap();
    let using = Using { hazards, only_these_hazards: true, ..Using::default() };
    story
        .given(BOOKING, of("scheduled"))
        .given(OVER, of("rated"))
        .given(ORDER, of("allotted"))
        .given(TEM, Card::new().party("unit", UNIT).fact("using", using))
        .given(SEM, Card::new().party("unit", UNIT))
        .given(OTHER_LAB, Card::new().party("lead", FIRM));
    let takes = Takes { hazards: List::new(vec![Hazard::Corrosive]).unwrap(), only_these_hazards: true };
    story.given(LAB, Card::new().party("lead", UNIT).fact("takes", takes));
    story.showing(&["status", "left"]);
    story
}

fn post(carriage: Carriage) -> Parcel {
    let carrier: Option<Text<60>> = Text::read("SF");
    let is_carried = carriage != Carriage::ByHand;
    Parcel {
        carriage,
        carrier: carrier.filter(|_| is_carried),
        tracking: Text::read("SF123").filter(|_| is_carried),
    }
}

fn arrival(condition: Condition, counted: i64, note: Option<&str>) -> Command {
    let note = note.and_then(Text::read);
    Receive(Arrival { condition, counted: Between::new(counted).unwrap(), note })
}

fn finish(left: i64) -> Command {
    Finish { left: Between::new(left).unwrap(), note: None }
}

#[test]
fn samples_are_declared_accepted_sent_received_and_their_rest_comes_back() {
    let mut story = begun();
    story.when(declare(declaration(&[Hazard::Irritant], Rest::SendBack)));
    story.not_now(Send(post(Carriage::Post)));
    story.when(Accept { note: None });
    story.refuses(Send(Parcel { carrier: None, ..post(Carriage::Post) }), NoCarrier);
    story.refuses(Send(Parcel { tracking: None, ..post(Carriage::Post) }), NoTracking);
    story.when(Send(post(Carriage::Post)));
    story.refuses(arrival(Condition::Good, 5, None), WhatIsWrong);
    story.refuses(arrival(Condition::Leaking, 6, None), WhatIsWrong);
    story.on("2026-03-04").when(arrival(Condition::Good, 5, Some("one is missing"))).when(Begin);
    story.refuses(finish(6), MoreThanCame { counted: 5 });
    story.when(finish(4));
    story.refuses(Destroy { how: "burnt".parse().unwrap() }, ToBeSentBack);
    story.when(SendBack(post(Carriage::Post))).when(TakeBack { note: None });
    story.not_now(Begin).not_now(Instruct(remains(Rest::Keep)));
    assert_eq!(story.record().clone().veil(&Viewer::public()), Sight::Hidden);
    story.expect(&expect![[r#"
        2026-03-02  declare   said declared  status declared  left -
        2026-03-02  accept    said accepted  status accepted  left -
        2026-03-02  refuses   Because(NoCarrier, None)  status accepted  left -
        2026-03-02  refuses   Because(NoTracking, None)  status accepted  left -
        2026-03-02  send      said sent  status sent  left -
        2026-03-02  refuses   Because(WhatIsWrong, None)  status sent  left -
        2026-03-02  refuses   Because(WhatIsWrong, None)  status sent  left -
        2026-03-04  receive   said received  status received  left -
        2026-03-04  begin     said begun  status in-use  left -
        2026-03-04  refuses   Because(MoreThanCame { counted: 5 }, None)  status in-use  left -
        2026-03-04  finish    said finished  status left  left 4
        2026-03-04  refuses   Because(ToBeSentBack, None)  status left  left 4
        2026-03-04  send-back said sent-back  status returning  left 4
        2026-03-04  take-back said taken-back  status returned  left 4
    "#]]);
}

#[test]
fn nothing_is_declared_by_halves_or_for_what_is_over() {
    let mut story = begun();
    let whole = declaration(&[Hazard::Irritant], Rest::Destroy);
    let with = |change: &dyn Fn(&mut Declaration)| {
        let mut other = whole.clone();
        change(&mut other);
        declare(other)
    };
    story.refuses(with(&|d| d.booking = None), OfWhat);
    story.refuses(with(&|d| d.order = Some(ORDER.r())), OfBoth);
    story.refuses(with(&|d| d.booking = Some(OVER.r())), NothingComes);
    story.refuses(with(&|d| d.instrument = None), WhichInstrument);
    story.refuses(with(&|d| d.instrument = Some(SEM.r())), AnotherInstrument);
    story.refuses(with(&|d| d.is_complete = false), NotComplete);
    story.refuses(with(&|d| d.handling = None), NoHandling);
    let twice = List::new(vec![Hazard::Irritant, Hazard::Irritant]).unwrap();
    story.refuses(with(&|d| d.hazards = twice.clone()), NamedTwice { hazard: Hazard::Irritant });
    let toxic = List::new(vec![Hazard::AcutelyToxic]).unwrap();
    story.refuses(with(&|d| d.hazards = toxic.clone()), NotTakenThere { hazard: Hazard::AcutelyToxic });
    story.refuses(with(&|d| d.rest = Rest::Keep), HowLong);
    story.refuses(with(&|d| d.rest = Rest::SendBack), WhereTo);
    // An order names no instrument: whoever looks after them decides.
    story.when(with(&|d| {
        (d.booking, d.order, d.instrument) = (None, Some(ORDER.r()), None);
        d.hazards = toxic.clone();
    }));
    story.refuses(Amend(Box::new(whole.clone())), AnotherBooking);
}

#[test]
fn what_comes_for_no_instrument_is_taken_as_its_laboratory_says() {
    let mut story = begun();
    let of = |hazard: Hazard, laboratory: Id| {
        let mut ordered = declaration(&[hazard], Rest::Destroy);
        (ordered.booking, ordered.order, ordered.instrument) = (None, Some(ORDER.r()), None);
        ordered.laboratory = Some(laboratory.r());
        declare(ordered)
    };
    story.refuses(of(Hazard::Corrosive, OTHER_LAB), AnotherLaboratory);
    let hazard = Hazard::AcutelyToxic;
    story.refuses(of(hazard, LAB), NotTakenByLaboratory { hazard });
    story.when(of(Hazard::Corrosive, LAB));
    // An instrument that says which hazards it takes counts before its laboratory.
    let mut booked = declaration(&[Hazard::Irritant], Rest::Destroy);
    booked.laboratory = Some(LAB.r());
    begun().when(declare(booked));
}

#[test]
fn what_is_flammable_is_not_posted_and_what_was_refused_is_mended() {
    let mut story = begun();
    story.when(declare(declaration(&[Hazard::Flammable], Rest::Destroy)));
    story.when(Refuse { reason: "say what solvent it is in".parse().unwrap() });
    story.not_now(Accept { note: None });
    let mut more = declaration(&[Hazard::Flammable], Rest::Destroy);
    more.what = "catalyst in ethanol".parse().unwrap();
    story.when(Amend(Box::new(more))).when(Accept { note: Text::read("ring at the gate") });
    story.refuses(Send(post(Carriage::Post)), MayNotBePosted { hazard: Hazard::Flammable });
    story.when(Send(post(Carriage::LicensedCarrier)));
    story.not_now(Withdraw { reason: None });
    story.when(arrival(Condition::Good, 6, None)).when(Begin).when(finish(2));
    story.refuses(SendBack(post(Carriage::ByHand)), ToBeDestroyed);
    story.when(Destroy { how: "handed to a licensed disposer".parse().unwrap() });
    story.expect(&expect![[r#"
        2026-03-02  declare   said declared  status declared  left -
        2026-03-02  refuse    said refused  status refused  left -
        2026-03-02  amend     said amended  status declared  left -
        2026-03-02  accept    said accepted  status accepted  left -
        2026-03-02  refuses   Because(MayNotBePosted { hazard: Flammable }, None)  status accepted  left -
        2026-03-02  send      said sent  status sent  left -
        2026-03-02  receive   said received  status received  left -
        2026-03-02  begin     said begun  status in-use  left -
        2026-03-02  finish    said finished  status left  left 2
        2026-03-02  refuses   Because(ToBeDestroyed, None)  status left  left 2
        2026-03-02  destroy   said destroyed  status destroyed  left 2
    "#]]);
}

#[test]
fn what_is_kept_waits_for_its_day_and_the_sender_may_change_their_mind() {
    let mut story = begun();
    story.when(declare(declaration(&[], Rest::Keep))).when(Accept { note: None });
    // Brought by hand: nobody has said that they were sent.
    story.when(arrival(Condition::Good, 6, None)).when(finish(3));
    let until = day("2026-04-01");
    story.refuses(Destroy { how: "burnt".parse().unwrap() }, KeptUntil { until });
    story.when(Instruct(Remains { keep_days: Between::new(60), ..remains(Rest::Keep) }));
    story
        .on("2026-04-20")
        .refuses(Destroy { how: "burnt".parse().unwrap() }, KeptUntil { until: day("2026-05-01") });
    story.on("2026-05-02");
    assert!(story.record().is_over);
    story.when(Destroy { how: "burnt".parse().unwrap() });
    story.expect(&expect![[r#"
        2026-03-02  declare   said declared  status declared  left -
        2026-03-02  accept    said accepted  status accepted  left -
        2026-03-02  receive   said received  status received  left -
        2026-03-02  finish    said finished  status kept  left 3
        2026-03-02  refuses   Because(KeptUntil { until: Day(2026-04-01) }, None)  status kept  left 3
        2026-03-02  instruct  said instructed  status kept  left 3
        2026-04-20  refuses   Because(KeptUntil { until: Day(2026-05-01) }, None)  status kept  left 3
        2026-05-02  clock     said keeping-ended  status left  left 3
        2026-05-02  destroy   said destroyed  status destroyed  left 3
    "#]]);
}

#[test]
fn what_is_used_up_needs_no_more_and_what_is_withdrawn_never_comes() {
    let mut story = begun();
    story.when(declare(declaration(&[], Rest::SendBack))).when(Accept { note: None });
    story.when(arrival(Condition::Good, 6, None)).when(finish(0));
    story.not_now(SendBack(post(Carriage::Post)));
    assert_eq!(story.record().status, Status::UsedUp);
    let mut story = begun();
    story.when(declare(declaration(&[], Rest::Destroy))).when(Withdraw { reason: None });
    story.not_now(Accept { note: None }).not_now(Amend(Box::new(declaration(&[], Rest::Destroy))));
}
