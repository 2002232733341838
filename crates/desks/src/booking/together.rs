//! Bookings in one house with instruments and their calendars: whole cases, with what one tells another.

use grammar::{
    case::{Refused, Shelf},
    form::Dice,
    fuzz::World,
    prelude::*,
};
use serde_json::{Value, json};

use crate::DESKS;

mod agreed;
mod attended;
mod bundle;
mod charge;
mod course;
mod extras;
mod limits;
mod line;
mod nanofab;
mod places;
mod questions;
mod split;
mod taught;
mod unrestricted;

struct House {
    world: World,
    firms: Vec<Id>,
    instrument: Id,
    keeper: Viewer,
}

const MONDAY: &str = "2026-03-02";

fn member(of: Id, person: Id) -> Viewer {
    Viewer { person: Some(person), organisations: vec![of], signs_for: vec![of], ..Viewer::default() }
}

fn house_with(using: &Value) -> House {
    let mut world = World::new(&DESKS, MONDAY.parse().unwrap());
    let registrar =
        Viewer { offices: vec![("registrar".into(), grammar::kinds::REGION_ALL)], ..Viewer::default() };
    let mut organisation = |kind: &str, name: &str| {
        let entry = json!({ "verb": "register", "name": { "zh": name }, "kind": kind, "region": "310115" });
        world.ask("organisation", None, &entry, &registrar).unwrap()
    };
    let unit = organisation("institute", "示例研究院");
    let firms: Vec<Id> = (0..4).map(|n| organisation("enterprise", &format!("示例企业 {n}"))).collect();
    let keeper = member(unit, Id::named("person-keeper"));
    let entry = json!({
        "verb": "report", "code": "SH-TEM-1", "name": { "zh": "透射电子显微镜", "en": "electron microscope" },
        "category": "analysis", "region": "310115", "unit": unit, "value": "3200000.00", "fiscal": false,
        "functions": { "zh": "成像" }, "terms": { "sharing": "external", "charges": "公开" }
    });
    let instrument = world.ask("instrument", None, &entry, &keeper).unwrap();
    let mut house = House { world, firms, instrument, keeper };
    house.keeps(&json!({ "verb": "set-using", "using": using }));
    house
}

fn using(more: &Value) -> Value {
    let mut using = json!({
        "openings": [], "confirmation": "at-once", "buffer_minutes": 0, "is_supervised": false,
        "needs_permit": false, "charges": { "outside_hour": "600.00", "inside_hour": "200.00" }
    });
    for (name, value) in more.as_object().unwrap() {
        using[name] = value.clone();
    }
    using
}

fn house(more: &Value) -> House {
    house_with(&using(more))
}

impl House {
    fn keeps(&mut self, command: &Value) {
        let (instrument, keeper) = (self.instrument, self.keeper.clone());
        self.world.ask("instrument", Some(instrument), command, &keeper).unwrap();
    }

    /// Someone whom everyone may know.
    fn person(&mut self) -> Id {
        let entry = json!({
            "verb": "sign-up", "name": "c0ffee", "region": "310115", "public": true,
            "display_name": { "zh": "示例人员" }
        });
        let anyone = Viewer { person: Some(Id::named("person-anyone")), ..Viewer::default() };
        self.world.ask("person", None, &entry, &anyone).unwrap()
    }

    fn firm(&self, nth: usize) -> Viewer {
        member(self.firms[nth], format!("person-firm{nth}").parse().unwrap())
    }

    fn wish(&self, verb: &str, firm: usize, from: &str, minutes: i64, more: &Value) -> Value {
        let from: Moment = from.parse().unwrap();
        let mut wish = json!({
            "verb": verb, "instrument": self.instrument, "buyer": self.firms[firm], "from": from, "minutes": minutes,
            "basis": "by-hour", "purpose": "research", "detail": "two samples", "no_secrets": true
        });
        for (name, value) in more.as_object().unwrap() {
            wish[name] = value.clone();
        }
        wish
    }

    fn asks(
        &mut self,
        verb: &str,
        firm: usize,
        from: &str,
        minutes: i64,
        more: &Value,
    ) -> Result<Id, Refused> {
        let (wish, by) = (self.wish(verb, firm, from, minutes, more), self.firm(firm));
        self.world.ask("booking", None, &wish, &by)
    }

    fn books(&mut self, firm: usize, from: &str, minutes: i64) -> Id {
        self.asks("request", firm, from, minutes, &json!({})).unwrap()
    }

    fn tells(&mut self, booking: Id, command: &Value, by: &Viewer) -> Result<Id, Refused> {
        self.world.ask("booking", Some(booking), command, by)
    }

    fn status(&self, booking: Id) -> String {
        self.card(booking).status
    }

    fn card(&self, record: Id) -> Card {
        self.world.stored(record).unwrap().standing.card.as_ref().clone()
    }

    fn state(&self, record: Id) -> Value {
        self.world.stored(record).unwrap().standing.state.into_plain()
    }

    fn page(&self, monday: &str) -> Id {
        crate::calendar::name(self.instrument.r(), monday.parse().unwrap()).id()
    }

    fn busy(&self, monday: &str) -> usize {
        let page = self.world.stored(self.page(monday));
        page.map_or(0, |page| page.standing.card.read::<Vec<crate::calendar::Busy>>("busy").unwrap().len())
    }

    fn it_is(&mut self, moment: &str) {
        self.world.now = moment.parse().unwrap();
    }

    /// What time asks of a booking.
    fn clock(&mut self, booking: Id) {
        let due = self.world.stored(booking).unwrap().standing.due.unwrap();
        self.world.now = self.world.now.max(due.at);
        self.tells(booking, &due.command, &Viewer::clock()).unwrap();
    }
}

fn why(refused: Result<Id, Refused>) -> String {
    match refused {
        Err(Refused::Because(refusal)) => format!("{}/{}", refusal.desk, refusal.code),
        other => format!("{other:?}"),
    }
}

#[test]
fn two_never_have_the_same_time() {
    let mut house = house(&json!({ "buffer_minutes": 30 }));
    let first = house.books(0, "2026-03-03 09:00", 120);
    assert_eq!(house.status(first), "scheduled");
    assert_eq!(house.card(first).amount, Some(Money::yuan(1_200)));
    let clash = |house: &mut House, from: &str| why(house.asks("request", 1, from, 60, &json!({})));
    assert_eq!(clash(&mut house, "2026-03-03 10:30"), "calendar/taken-then");
    assert_eq!(clash(&mut house, "2026-03-03 11:15"), "calendar/too-near");
    assert_eq!(house.busy(MONDAY), 1, "what was refused left nothing");
    house.books(1, "2026-03-03 11:30", 60);
    assert_eq!(house.busy(MONDAY), 2);
}

#[test]
fn a_booking_over_the_end_of_a_week_stands_in_both() {
    let mut house = house(&json!({}));
    house.books(0, "2026-03-08 22:00", 240);
    assert_eq!((house.busy(MONDAY), house.busy("2026-03-09")), (1, 1));
    assert_eq!(why(house.asks("request", 1, "2026-03-09 01:00", 30, &json!({}))), "calendar/taken-then");
    house.books(1, "2026-03-09 02:00", 30);
    let near = house.asks("request", 1, "2026-03-08 21:30", 60, &json!({}));
    assert_eq!(why(near), "calendar/taken-then");
}

/// `BOOKING_TRIES=1000000` tries that often.
fn tries() -> usize {
    std::env::var("BOOKING_TRIES").ok().and_then(|n| n.parse().ok()).unwrap_or(600)
}

#[test]
fn random_tries_never_overlap() {
    let mut house = house(&json!({ "buffer_minutes": 15 }));
    let mut dice = Dice::new(5);
    let begin = MONDAY.parse::<Day>().unwrap().ends();
    let mut held: Vec<(Id, usize)> = Vec::new();
    let (mut taken, mut refused) = (0, 0);
    for _ in 0..tries() {
        let firm = dice.below(4);
        if dice.once_in(6) && !held.is_empty() {
            let (booking, firm) = held.swap_remove(dice.below(held.len()));
            let by = house.firm(firm);
            house.tells(booking, &json!({ "verb": "cancel" }), &by).unwrap();
            continue;
        }
        let slot = i64::try_from(dice.below(14 * 48)).unwrap();
        let from = begin.plus_millis(slot * 1_800_000).to_string();
        let minutes = 30 * (1 + i64::try_from(dice.below(8)).unwrap());
        match house.asks("request", firm, &from, minutes, &json!({})) {
            Ok(booking) => {
                held.push((booking, firm));
                taken += 1;
            }
            Err(_) => refused += 1,
        }
    }
    println!("{taken} taken, {refused} refused");
    let mut spans: Vec<(i64, i64)> = Vec::new();
    for (booking, _) in &held {
        let times: Vec<crate::calendar::Times> = house.card(*booking).read("sittings").unwrap();
        spans.extend(times.iter().map(|times| (times.from.in_millis(), times.until.in_millis())));
    }
    spans.sort_unstable();
    assert!(spans.windows(2).all(|two| two[0].1 + 15 * 60_000 <= two[1].0), "{spans:?}");
    assert!(taken > 20 && refused > 20 && spans.len() > 10);
}

#[test]
fn a_series_skips_what_clashes_and_says_so() {
    let opening = |weekday: &str| json!({ "weekday": weekday, "opens": "08:00", "shuts": "18:00" });
    let openings: Vec<Value> = ["monday", "tuesday", "wednesday", "thursday", "friday"].map(opening).to_vec();
    let mut house = house(&json!({ "openings": openings, "horizon_days": 10 }));
    house.books(1, "2026-03-05 10:00", 60);
    let every = json!({ "every": { "days": 1, "times": 12 } });
    let series = house.asks("request", 0, "2026-03-03 09:30", 60, &every).unwrap();
    assert_eq!(house.status(series), "scheduled");
    let state = house.state(series);
    let skipped: Vec<&str> =
        state["skipped"].as_array().unwrap().iter().map(|skip| skip["why"].as_str().unwrap()).collect();
    assert_eq!(skipped, ["taken", "closed", "closed", "too-far-ahead", "too-far-ahead", "too-far-ahead"]);
    assert_eq!(state["sittings"].as_array().unwrap().len(), 6);
    assert_eq!(house.card(series).amount, Some(Money::yuan(3_600)));
    assert_eq!((house.busy(MONDAY), house.busy("2026-03-09")), (4, 3));
    let weekend =
        house.asks("request", 0, "2026-03-07 09:30", 60, &json!({ "every": { "days": 7, "times": 2 } }));
    assert_eq!(why(weekend), "booking/nothing-fits");
    assert_eq!(why(house.asks("request", 0, "2026-03-07 09:30", 60, &json!({}))), "booking/outside-hours");
}

#[test]
fn a_sitting_of_a_series_is_over_when_the_next_begins() {
    let mut house = house(&json!({}));
    let daily = json!({ "every": { "days": 1, "times": 3 } });
    let refused = house.asks("request", 0, "2026-03-03 09:30", 1_441, &daily);
    assert_eq!(why(refused), "booking/series-overlaps");
    assert_eq!(house.busy(MONDAY), 0, "what was refused left nothing");
    let series = house.asks("request", 0, "2026-03-03 09:30", 1_440, &daily).unwrap();
    assert_eq!(house.state(series)["sittings"].as_array().unwrap().len(), 3);
}

#[test]
fn a_freed_time_is_offered_to_whoever_waited_longest_and_then_to_the_next() {
    let mut house = house(&json!({}));
    let first = house.books(0, "2026-03-06 09:00", 120);
    let free = house.asks("queue", 1, "2026-03-13 14:00", 60, &json!({})).unwrap();
    assert_eq!(house.status(free), "offered", "what is free is offered at once");
    let second = house.asks("queue", 1, "2026-03-06 09:00", 60, &json!({})).unwrap();
    let third = house.asks("queue", 2, "2026-03-06 09:30", 90, &json!({})).unwrap();
    assert_eq!((house.status(second), house.status(third)), ("waiting".into(), "waiting".into()));
    let by = house.firm(0);
    house.tells(first, &json!({ "verb": "cancel" }), &by).unwrap();
    assert_eq!((house.status(second), house.status(third)), ("offered".into(), "waiting".into()));
    assert_eq!(why(house.asks("request", 3, "2026-03-06 09:00", 60, &json!({}))), "calendar/taken-then");
    // The offer is not taken up in time: it goes to the next.
    house.clock(second);
    assert_eq!((house.status(second), house.status(third)), ("lapsed".into(), "offered".into()));
    let by = house.firm(2);
    house.tells(third, &json!({ "verb": "take-up" }), &by).unwrap();
    assert_eq!((house.status(third), house.busy(MONDAY)), ("scheduled".into(), 1));
    let fourth = house.asks("queue", 3, "2026-03-06 10:00", 60, &json!({})).unwrap();
    house.clock(fourth);
    assert_eq!(house.status(fourth), "lapsed");
    assert_eq!(house.card(house.page(MONDAY)).read::<Vec<Value>>("waiting"), Some(vec![]));
}

#[test]
fn an_emergency_displaces_with_compensation_and_the_displaced_are_first_in_line() {
    let mut house = house(&json!({}));
    let usual = house.books(0, "2026-03-06 09:00", 120);
    let other = house.books(3, "2026-03-06 15:00", 60);
    let urgent = house.asks("queue", 1, "2026-03-06 10:00", 120, &json!({})).unwrap();
    let keeper = house.keeper.clone();
    let others = |list: &[Id]| json!({ "verb": "pre-empt", "others": list, "reason": "outbreak" });
    assert_eq!(why(house.tells(urgent, &others(&[other]), &keeper)), "booking/not-in-the-way");
    house.tells(urgent, &others(&[usual]), &keeper).unwrap();
    assert_eq!((house.status(usual), house.status(urgent)), ("displaced".into(), "scheduled".into()));
    assert_eq!(house.state(usual)["compensation"], json!("600.00"));
    let plain = house.asks("queue", 2, "2026-03-06 10:30", 60, &json!({})).unwrap();
    let again = house.asks("queue", 0, "2026-03-06 10:00", 60, &json!({ "instead_of": usual })).unwrap();
    assert_eq!(
        why(house.asks("queue", 3, "2026-03-06 11:00", 60, &json!({ "instead_of": other }))),
        "booking/not-displaced"
    );
    house.tells(urgent, &json!({ "verb": "turn-down", "reason": "over" }), &keeper).unwrap();
    assert_eq!((house.status(again), house.status(plain)), ("offered".into(), "waiting".into()));
}

#[test]
fn quotas_count_what_a_buyer_has_in_the_day_and_the_week() {
    let mut house = house(&json!({ "daily_minutes": 180, "weekly_minutes": 300 }));
    house.books(0, "2026-03-03 09:00", 120);
    assert_eq!(why(house.asks("request", 0, "2026-03-03 14:00", 90, &json!({}))), "calendar/daily-quota");
    house.books(0, "2026-03-03 14:00", 60);
    house.books(0, "2026-03-04 09:00", 120);
    assert_eq!(why(house.asks("request", 0, "2026-03-05 09:00", 60, &json!({}))), "calendar/weekly-quota");
    house.books(1, "2026-03-05 09:00", 60);
    house.books(0, "2026-03-10 09:00", 60);
}

#[test]
fn a_closed_instrument_takes_no_booking_and_a_booked_one_is_not_closed() {
    let mut house = house(&json!({}));
    house.books(0, "2026-03-04 09:00", 60);
    let close = |from: &str, until: &str| {
        let [from, until] = [from, until].map(|text| text.parse::<Moment>().unwrap());
        json!({ "verb": "close", "times": { "from": from, "until": until }, "why": "maintenance" })
    };
    house.keeps(&close("2026-03-05 08:00", "2026-03-12 18:00"));
    assert_eq!(why(house.asks("request", 0, "2026-03-10 09:00", 60, &json!({}))), "calendar/closed-then");
    let (instrument, keeper) = (house.instrument, house.keeper.clone());
    let clash = house.world.ask(
        "instrument",
        Some(instrument),
        &close("2026-03-04 08:00", "2026-03-04 10:00"),
        &keeper,
    );
    assert_eq!(why(clash), "calendar/booked-then");
    let mut reopen = close("2026-03-05 08:00", "2026-03-12 18:00");
    reopen["verb"] = "reopen".into();
    reopen.as_object_mut().unwrap().remove("why");
    house.keeps(&reopen);
    house.books(0, "2026-03-10 09:00", 60);
}

#[test]
fn who_booked_is_for_the_keeper_and_the_booker() {
    let mut house = house(&json!({}));
    let booking = house.books(0, "2026-03-04 09:00", 60);
    house.asks("queue", 1, "2026-03-04 09:00", 60, &json!({})).unwrap();
    let page = house.page(MONDAY);
    let seen = |house: &House, desk: &str, record: Id, by: &Viewer| {
        let clerk = DESKS.find(desk).unwrap();
        clerk.veil(&house.state(record).into(), by).map(|(state, card)| format!("{state} {}", json!(card)))
    };
    let (booker, rival) = (house.firm(0), house.firm(2));
    for by in [&Viewer::public(), &rival] {
        assert_eq!(seen(&house, "booking", booking, by), None);
        let told = seen(&house, "calendar", page, by).unwrap();
        for secret in [booking, house.firms[0], house.firms[1]] {
            assert!(!told.contains(secret.as_str()), "{secret} in {told}");
        }
        assert!(told.contains("1772586000000"), "everyone sees when it is busy: {told}");
    }
    let own = seen(&house, "calendar", page, &booker).unwrap();
    assert!(own.contains(booking.as_str()) && !own.contains(house.firms[1].as_str()));
    let kept = seen(&house, "calendar", page, &house.keeper).unwrap();
    assert!(kept.contains(house.firms[1].as_str()));
}
