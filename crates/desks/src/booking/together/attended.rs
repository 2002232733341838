//! Whoever runs it for others: hours in which nobody can, and what uses take from the shelf.

use super::*;

fn times(from: &str, until: &str) -> Value {
    json!({ "from": from.parse::<Moment>().unwrap(), "until": until.parse::<Moment>().unwrap() })
}

/// What the house says once it has laid the operators' calendars side by side.
fn nobody(house: &mut House, all: &[Value]) {
    let (instrument, told) = (house.instrument, json!({ "verb": "note-unattended", "unattended": all }));
    house.world.ask("instrument", Some(instrument), &told, &Viewer::clock()).unwrap();
}

#[test]
fn where_nobody_can_run_it_supervised_use_is_refused_and_ones_own_is_not() {
    let mut house = house(&json!({}));
    nobody(&mut house, &[times("2026-03-03 09:00", "2026-03-03 12:00")]);
    let run = json!({ "wants_operator": true });
    let asked = |house: &mut House, from: &str, more: &Value| why(house.asks("request", 0, from, 60, more));
    assert_eq!(asked(&mut house, "2026-03-03 11:30", &run), "booking/nobody-to-run-it");
    let later = house.asks("request", 0, "2026-03-03 12:00", 60, &run).unwrap();
    let own = house.asks("request", 1, "2026-03-03 09:00", 60, &json!({})).unwrap();
    assert_eq!((house.status(later).as_str(), house.status(own).as_str()), ("requested", "scheduled"));
    let (instrument, firm) = (house.instrument, house.firm(0));
    let moved = |from: &str| {
        let [old, new] = ["2026-03-03 12:00", from].map(|at| at.parse::<Moment>().unwrap());
        json!({ "verb": "move", "instrument": instrument, "sitting": old, "from": new, "minutes": 60 })
    };
    let clash = house.tells(later, &moved("2026-03-03 10:30"), &firm);
    assert_eq!(why(clash), "booking/nobody-to-run-it");
    nobody(&mut house, &[]);
    house.tells(later, &moved("2026-03-03 10:30"), &firm).unwrap();
}

#[test]
fn a_series_leaves_out_the_times_in_which_nobody_can_run_it_and_says_so() {
    let mut house = house(&json!({ "is_supervised": true }));
    nobody(&mut house, &[times("2026-03-10 08:00", "2026-03-10 18:00")]);
    let weekly = json!({ "every": { "days": 7, "times": 3 } });
    let booking = house.asks("request", 0, "2026-03-03 09:00", 60, &weekly).unwrap();
    let state = house.state(booking);
    assert_eq!(state["sittings"].as_array().unwrap().len(), 2);
    assert_eq!(state["skipped"][0]["why"], "nobody-to-run-it");
    nobody(&mut house, &[times("2026-03-02 08:00", "2026-05-10 18:00")]);
    let none = house.asks("request", 1, "2026-03-04 09:00", 60, &weekly);
    assert_eq!(why(none), "booking/nothing-fits");
}

#[test]
fn only_time_says_when_nobody_can_and_everyone_reads_it() {
    let mut house = house(&json!({}));
    let (instrument, keeper) = (house.instrument, house.keeper.clone());
    let told = |all: Value| json!({ "verb": "note-unattended", "unattended": all });
    let one = times("2026-03-03 09:00", "2026-03-03 12:00");
    let by_hand = house.world.ask("instrument", Some(instrument), &told(json!([one])), &keeper);
    assert!(matches!(by_hand, Err(Refused::NotAllowed(_))), "{by_hand:?}");
    let backwards = told(json!([times("2026-03-03 12:00", "2026-03-03 09:00")]));
    assert!(house.world.ask("instrument", Some(instrument), &backwards, &Viewer::clock()).is_err());
    nobody(&mut house, std::slice::from_ref(&one));
    let seen = house.card(instrument).read::<Value>("unattended").unwrap();
    assert_eq!(seen, json!([one]));
}

#[test]
fn a_reported_use_takes_from_the_shelf_and_its_keepers_are_told_when_little_is_left() {
    let consumables = json!([
        { "name": "grid", "measure": "piece", "charge": "8.00", "warn_at": 20 },
        { "name": "argon", "measure": "bottle", "charge": "90.00" }
    ]);
    let mut house = house(&json!({ "consumables": consumables }));
    let left = |house: &House| house.state(house.instrument)["stocks"].clone();
    let low = |house: &House| house.card(house.instrument).read::<Vec<String>>("low");
    house.keeps(&json!({ "verb": "set-stock", "stocks": [{ "name": "grid", "count": 25 }] }));
    let (instrument, keeper) = (house.instrument, house.keeper.clone());
    let counted = |house: &mut House, stocks: Value| {
        why(house.world.ask(
            "instrument",
            Some(instrument),
            &json!({ "verb": "set-stock", "stocks": stocks }),
            &keeper,
        ))
    };
    let gold = json!([{ "name": "gold", "count": 1 }]);
    assert_eq!(counted(&mut house, gold), "instrument/no-such-consumable");
    let twice = json!([{ "name": "grid", "count": 1 }, { "name": "grid", "count": 2 }]);
    assert_eq!(counted(&mut house, twice), "instrument/counted-twice");
    let wish = json!({ "consumables": [{ "name": "grid", "count": 10 }, { "name": "argon", "count": 1 }] });
    let uses = |house: &mut House, day: &str, used: Value| {
        let [from, until] = ["09:00", "10:00"].map(|clock| format!("{day} {clock}"));
        let booking = house.asks("request", 0, &from, 60, &wish).unwrap();
        extras::is_used(house, booking, &from, &until);
        let report = json!({ "verb": "report", "summary": "done", "used": used });
        house.tells(booking, &report, &keeper).unwrap();
    };
    uses(&mut house, "2026-03-03", json!([{ "name": "grid", "count": 4 }]));
    assert_eq!((left(&house), low(&house)), (json!([{ "name": "grid", "count": 21 }]), None));
    uses(&mut house, "2026-03-04", json!([]));
    assert_eq!(left(&house), json!([{ "name": "grid", "count": 11 }]), "what is not counted stays uncounted");
    assert_eq!(low(&house), Some(vec!["grid".to_owned()]));
    uses(&mut house, "2026-03-05", json!([]));
    uses(&mut house, "2026-03-06", json!([]));
    assert_eq!(left(&house), json!([{ "name": "grid", "count": 0 }]), "never below nothing");
}

#[test]
fn what_is_left_on_the_shelf_is_for_those_who_keep_it() {
    let mut house = house(&json!({ "consumables": [{ "name": "grid", "warn_at": 20 }] }));
    house.keeps(&json!({ "verb": "set-stock", "stocks": [{ "name": "grid", "count": 5 }] }));
    let seen = |viewer: &Viewer| {
        let clerk = DESKS.find("instrument").unwrap();
        let (state, card) = clerk.veil(&house.state(house.instrument).into(), viewer).unwrap();
        (state["stocks"].clone(), card.facts.contains_key("low"))
    };
    assert_eq!(seen(&house.keeper).0, json!([{ "name": "grid", "count": 5 }]));
    assert_eq!(seen(&house.firm(0)), (json!([]), false));
}
