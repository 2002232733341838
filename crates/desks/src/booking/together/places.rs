//! Several at once, up to the places that an instrument has.

use super::*;

/// Three places, a quarter of an hour between two uses of one.
fn hall(places: i64) -> House {
    house(&json!({ "places": places, "buffer_minutes": 15 }))
}

fn spans(house: &House, held: &[(Id, usize)]) -> Vec<(i64, i64)> {
    let mut spans = Vec::new();
    for (booking, _) in held {
        let times: Vec<crate::calendar::Times> = house.card(*booking).read("sittings").unwrap();
        spans.extend(times.iter().map(|times| (times.from.in_millis(), times.until.in_millis())));
    }
    spans
}

#[test]
fn as_many_as_there_are_places_and_not_one_more() {
    let mut house = hall(3);
    let all: Vec<Id> = (0..3).map(|firm| house.books(firm, "2026-03-03 09:00", 120)).collect();
    assert_eq!((house.busy(MONDAY), house.status(all[2]).as_str()), (3, "scheduled"));
    let asked = |house: &mut House, from: &str| why(house.asks("request", 3, from, 60, &json!({})));
    assert_eq!(asked(&mut house, "2026-03-03 10:00"), "calendar/no-place-left");
    assert_eq!(asked(&mut house, "2026-03-03 11:10"), "calendar/too-near");
    let keeper = house.keeper.clone();
    let closure = json!({ "verb": "close", "why": "maintenance", "times": {
        "from": "2026-03-03 10:00".parse::<Moment>().unwrap(), "until": "2026-03-03 12:00".parse::<Moment>().unwrap()
    } });
    let instrument = house.instrument;
    let close = |house: &mut House| house.world.ask("instrument", Some(instrument), &closure, &keeper);
    assert_eq!(why(close(&mut house)), "calendar/booked-then", "a closure takes all places");
    let by = house.firm(1);
    house.tells(all[1], &json!({ "verb": "cancel" }), &by).unwrap();
    house.books(3, "2026-03-03 10:00", 60);
    for (firm, booking) in [(0, all[0]), (2, all[2])] {
        let by = house.firm(firm);
        house.tells(booking, &json!({ "verb": "cancel" }), &by).unwrap();
    }
    assert_eq!(why(close(&mut house)), "calendar/booked-then", "one of three is there");
    assert_eq!(house.busy(MONDAY), 1);
}

#[test]
fn whoever_waits_for_a_full_time_is_offered_the_place_that_becomes_free() {
    let mut house = hall(2);
    let both = [house.books(0, "2026-03-03 09:00", 60), house.books(1, "2026-03-03 09:30", 60)];
    let waits = house.asks("queue", 2, "2026-03-03 09:00", 60, &json!({})).unwrap();
    assert_eq!(house.status(waits), "waiting");
    let by = house.firm(1);
    house.tells(both[1], &json!({ "verb": "cancel" }), &by).unwrap();
    assert_eq!(house.status(waits), "offered");
    assert_eq!(why(house.asks("request", 3, "2026-03-03 09:00", 30, &json!({}))), "calendar/no-place-left");
}

#[test]
fn a_series_takes_a_place_each_time_and_skips_full_ones() {
    let mut house = hall(2);
    house.books(0, "2026-03-08 23:00", 120);
    house.books(1, "2026-03-08 23:30", 120);
    house.books(0, "2026-03-10 00:30", 60);
    let daily = json!({ "every": { "days": 1, "times": 3 } });
    let series = house.asks("request", 2, "2026-03-09 00:15", 60, &daily).unwrap();
    let state = house.state(series);
    let kept: Vec<&str> =
        state["sittings"].as_array().unwrap().iter().map(|s| s["times"]["from"].as_str().unwrap()).collect();
    assert_eq!(
        kept,
        ["2026-03-09T16:15:00.000Z", "2026-03-10T16:15:00.000Z"],
        "the first is full, over the turn of the week"
    );
    assert_eq!(state["skipped"][0]["why"], "taken");
}

#[test]
fn fewer_places_leave_those_who_have_one() {
    let mut house = hall(3);
    for firm in 0..3 {
        house.books(firm, "2026-03-03 09:00", 60);
    }
    house.keeps(&json!({ "verb": "set-using", "using": using(&json!({ "places": 1 })) }));
    assert_eq!(house.busy(MONDAY), 3);
    assert_eq!(why(house.asks("request", 3, "2026-03-03 09:30", 60, &json!({}))), "calendar/taken-then");
    house.books(3, "2026-03-03 10:15", 60);
    assert_eq!(why(house.asks("request", 0, "2026-03-03 10:15", 60, &json!({}))), "calendar/taken-then");
}

#[test]
fn random_tries_never_take_more_than_the_places() {
    let mut house = hall(3);
    let mut dice = Dice::new(11);
    let begin = MONDAY.parse::<Day>().unwrap().ends();
    let mut held: Vec<(Id, usize)> = Vec::new();
    let mut refused = 0;
    for _ in 0..tries() {
        let firm = dice.below(4);
        if dice.once_in(6) && !held.is_empty() {
            let (booking, firm) = held.swap_remove(dice.below(held.len()));
            let by = house.firm(firm);
            house.tells(booking, &json!({ "verb": "cancel" }), &by).unwrap();
            continue;
        }
        let from = begin.plus_millis(i64::try_from(dice.below(10 * 48)).unwrap() * 1_800_000).to_string();
        let minutes = 30 * (1 + i64::try_from(dice.below(12)).unwrap());
        match house.asks("request", firm, &from, minutes, &json!({})) {
            Ok(booking) => held.push((booking, firm)),
            Err(_) => refused += 1,
        }
    }
    let all = spans(&house, &held);
    let there = |at: i64| all.iter().filter(|(from, until)| *from <= at && at < until + 15 * 60_000).count();
    let most = all.iter().map(|(from, _)| there(*from)).max();
    assert_eq!(most, Some(3), "{refused} refused, {} held", held.len());
    assert!(refused > 20 && all.len() > 30);
}
