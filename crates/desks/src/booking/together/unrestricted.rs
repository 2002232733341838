//! Nights and weekends in which neither the longest time nor a quota counts.

use super::*;

/// Two hours at once and three in a week; on weekdays from 18:00 to 08:00 nothing counts.
fn at_night(more: &Value) -> House {
    let days = ["monday", "tuesday", "wednesday", "thursday", "friday"];
    let night = |day: &&str| {
        [
            json!({ "weekday": day, "opens": "18:00", "shuts": "24:00" }),
            json!({ "weekday": day, "opens": "00:00", "shuts": "08:00" }),
        ]
    };
    let hours: Vec<Value> = days.iter().flat_map(night).collect();
    let mut terms = json!({
        "longest_minutes": 120, "daily_minutes": 120, "weekly_minutes": 180, "unrestricted": hours
    });
    for (name, value) in more.as_object().unwrap() {
        terms[name] = value.clone();
    }
    house(&terms)
}

fn asks(house: &mut House, from: &str, minutes: i64) -> String {
    match house.asks("request", 0, from, minutes, &json!({})) {
        Ok(_) => "booked".into(),
        refused => why(refused),
    }
}

#[test]
fn a_night_is_longer_than_the_longest_and_no_quota_counts_it() {
    let mut house = at_night(&json!({}));
    assert_eq!(asks(&mut house, "2026-03-03 09:00", 180), "booking/too-long");
    assert_eq!(
        asks(&mut house, "2026-03-03 18:00", 14 * 60),
        "booked",
        "over midnight, all of it free of limits"
    );
    assert_eq!(asks(&mut house, "2026-03-04 16:00", 5 * 60), "booked", "two hours of it count");
    assert_eq!(
        asks(&mut house, "2026-03-04 14:00", 60),
        "calendar/daily-quota",
        "the two of that day were had"
    );
    assert_eq!(
        asks(&mut house, "2026-03-05 16:30", 5 * 60),
        "calendar/weekly-quota",
        "an hour and a half more count"
    );
    assert_eq!(asks(&mut house, "2026-03-05 17:00", 5 * 60), "booked", "an hour more");
    assert_eq!(asks(&mut house, "2026-03-06 09:00", 30), "calendar/weekly-quota");
    assert_eq!(asks(&mut house, "2026-03-06 18:00", 60), "booked");
    // What was given back counts no more, and its night does not count for less than nothing.
    let mut house = at_night(&json!({}));
    let first = house.asks("request", 0, "2026-03-04 16:00", 5 * 60, &json!({})).unwrap();
    let by = house.firm(0);
    house.tells(first, &json!({ "verb": "cancel", "reason": null }), &by).unwrap();
    assert_eq!(asks(&mut house, "2026-03-05 09:00", 120), "booked");
    assert_eq!(asks(&mut house, "2026-03-06 09:00", 120), "calendar/weekly-quota");
}

#[test]
fn whoever_waits_for_a_night_is_offered_it_with_the_quota_used_up() {
    let mut house = at_night(&json!({}));
    assert_eq!(asks(&mut house, "2026-03-03 09:00", 120), "booked");
    assert_eq!(asks(&mut house, "2026-03-04 09:00", 60), "booked");
    let taken = house.asks("request", 1, "2026-03-05 18:00", 240, &json!({})).unwrap();
    let day = house.asks("request", 1, "2026-03-06 09:00", 60, &json!({})).unwrap();
    let night = house.asks("queue", 0, "2026-03-05 18:00", 240, &json!({})).unwrap();
    let morning = house.asks("queue", 0, "2026-03-06 09:00", 60, &json!({})).unwrap();
    let by = house.firm(1);
    for booking in [taken, day] {
        house.tells(booking, &json!({ "verb": "cancel", "reason": null }), &by).unwrap();
    }
    assert_eq!((house.status(night), house.status(morning)), ("offered".into(), "waiting".into()));
}

#[test]
fn hours_that_end_before_they_begin_are_refused() {
    let mut house = house(&json!({}));
    let wrong = json!([{ "weekday": "monday", "opens": "18:00", "shuts": "08:00" }]);
    let command = json!({ "verb": "set-using", "using": using(&json!({ "unrestricted": wrong })) });
    let (instrument, keeper) = (house.instrument, house.keeper.clone());
    let refused = house.world.ask("instrument", Some(instrument), &command, &keeper);
    assert_eq!(why(refused), "instrument/no-opening");
}
