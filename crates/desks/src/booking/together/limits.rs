//! Limits that no single week knows: bookings a day, time between two, time ahead in all; and who does not come in time.

use super::*;

fn asks(house: &mut House, from: &str, minutes: i64) -> String {
    match house.asks("request", 0, from, minutes, &json!({})) {
        Ok(_) => "booked".into(),
        refused => why(refused),
    }
}

fn limited(limits: &Value) -> House {
    house(&json!({ "limits": limits, "horizon_days": 90 }))
}

#[test]
fn a_unit_books_so_often_a_day_and_another_unit_too() {
    let mut house = limited(&json!({ "daily_times": 1 }));
    let first = house.books(0, "2026-03-03 09:00", 60);
    assert_eq!(asks(&mut house, "2026-03-03 14:00", 60), "allowance/daily-times");
    house.books(1, "2026-03-03 14:00", 60);
    let by = house.firm(0);
    let later = |from: &str| {
        let from: Moment = from.parse().unwrap();
        json!({ "from": from })
    };
    // It may be moved within its day, and to another one.
    let instrument = house.instrument;
    let mut to = json!({ "verb": "move", "instrument": instrument, "minutes": 60 });
    to["sitting"] = later("2026-03-03 09:00")["from"].clone();
    to["from"] = later("2026-03-03 16:00")["from"].clone();
    house.tells(first, &to, &by).unwrap();
    assert_eq!(asks(&mut house, "2026-03-03 09:00", 60), "allowance/daily-times");
    house.tells(first, &json!({ "verb": "cancel", "reason": null }), &by).unwrap();
    assert_eq!(asks(&mut house, "2026-03-03 09:00", 60), "booked");
}

#[test]
fn bookings_lie_apart_over_the_end_of_a_week_and_no_more_than_so_much_lies_ahead() {
    let mut house = limited(&json!({ "apart_minutes": 120, "ahead_minutes": 300 }));
    house.books(0, "2026-03-08 16:00", 120);
    assert_eq!(asks(&mut house, "2026-03-08 13:30", 60), "allowance/too-close-together");
    assert_eq!(asks(&mut house, "2026-03-08 13:00", 60), "booked");
    assert_eq!(asks(&mut house, "2026-03-20 09:00", 150), "allowance/too-much-ahead");
    let series = json!({ "every": { "days": 7, "times": 3 } });
    let refused = house.asks("request", 0, "2026-03-23 09:00", 60, &series);
    assert_eq!(why(refused), "allowance/too-much-ahead", "a series is held whole or not at all");
    assert_eq!(asks(&mut house, "2026-03-20 09:00", 120), "booked");
    house.it_is("2026-03-09 08:00");
    assert_eq!(asks(&mut house, "2026-03-21 09:00", 180), "booked", "what is over counts no more");
}

#[test]
fn an_offer_is_asked_about_nobodys_limits_until_it_is_taken_up() {
    let mut house = limited(&json!({ "daily_times": 1 }));
    let taken = house.books(1, "2026-03-05 09:00", 60);
    let waits = house.asks("queue", 0, "2026-03-05 09:00", 60, &json!({})).unwrap();
    let own = house.books(0, "2026-03-05 14:00", 60);
    let (by, other) = (house.firm(0), house.firm(1));
    let cancel = json!({ "verb": "cancel", "reason": null });
    house.tells(taken, &cancel, &other).unwrap();
    assert_eq!(house.status(waits), "offered");
    let take_up = json!({ "verb": "take-up" });
    assert_eq!(why(house.tells(waits, &take_up, &by)), "allowance/daily-times");
    house.tells(own, &cancel, &by).unwrap();
    house.tells(waits, &take_up, &by).unwrap();
    assert_eq!(house.status(waits), "scheduled");
}

#[test]
fn nights_without_limits_are_not_held() {
    let night = json!([{ "weekday": "tuesday", "opens": "18:00", "shuts": "24:00" }]);
    let mut house = house(&json!({
        "limits": { "daily_times": 1, "ahead_minutes": 120 }, "unrestricted": night
    }));
    for from in ["2026-03-03 18:00", "2026-03-03 20:00"] {
        assert_eq!(asks(&mut house, from, 120), "booked");
    }
    assert_eq!(asks(&mut house, "2026-03-03 16:30", 90), "booked");
    assert_eq!(asks(&mut house, "2026-03-03 14:00", 30), "allowance/daily-times");
}

#[test]
fn whoever_has_not_begun_in_time_is_absent_and_the_rest_is_for_others() {
    let mut house = house(&json!({ "absent_minutes": 30, "absent_share": "1/2", "notice_hours": 0 }));
    let late = house.books(0, "2026-03-04 09:00", 240);
    assert_eq!(house.card(late).read::<Moment>("begin_by"), "2026-03-04 09:30".parse().ok());
    let waits = house.asks("queue", 1, "2026-03-04 11:00", 60, &json!({})).unwrap();
    house.it_is("2026-03-04 09:29");
    let early = house.tells(late, &json!({ "verb": "miss" }), &Viewer::clock());
    assert_eq!(why(early), "booking/not-now");
    house.clock(late);
    assert_eq!(house.world.now, "2026-03-04 09:30".parse().unwrap());
    assert_eq!((house.status(late), house.status(waits)), ("absent".into(), "offered".into()));
    assert_eq!(house.state(late)["fee"], json!("1200.00"), "half of four hours");
    house.books(2, "2026-03-04 10:00", 60);
}
