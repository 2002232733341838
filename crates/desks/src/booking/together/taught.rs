//! While people are taught at an instrument nobody else has it.

use super::*;

fn announce(house: &House, teacher: Id, from: &str) -> Value {
    json!({
        "verb": "announce", "instruments": [house.instrument], "from": from.parse::<Moment>().unwrap(), "minutes": 120,
        "room": "B-204", "seats": 4, "teacher": teacher, "closes_instruments": true,
    })
}

#[test]
fn a_session_closes_its_instrument_until_it_is_put_off_or_called_off() {
    let mut house = house(&json!({}));
    let (keeper, teacher) = (house.keeper.clone(), house.person());
    house.books(0, "2026-03-03 09:00", 60);
    let over = announce(&house, teacher, "2026-03-03 08:00");
    assert_eq!(why(house.world.ask("training", None, &over, &keeper)), "calendar/booked-then");
    let free = announce(&house, teacher, "2026-03-03 13:00");
    let session = house.world.ask("training", None, &free, &keeper).unwrap();
    assert_eq!(why(house.asks("request", 1, "2026-03-03 14:00", 60, &json!({}))), "calendar/closed-then");
    assert_eq!(why(house.world.ask("training", None, &free, &keeper)), "calendar/closed-then", "not twice");

    let later = "2026-03-10 13:00".parse::<Moment>().unwrap();
    let postpone = json!({ "verb": "postpone", "from": later, "room": "B-204" });
    house.world.ask("training", Some(session), &postpone, &keeper).unwrap();
    house.books(1, "2026-03-03 14:00", 60);
    assert_eq!(why(house.asks("request", 1, "2026-03-10 14:00", 60, &json!({}))), "calendar/closed-then");

    // Its keeper may have opened it by hand.
    let until = "2026-03-10 15:00".parse::<Moment>().unwrap();
    house.keeps(&json!({ "verb": "reopen", "times": { "from": later, "until": until } }));
    let call_off = json!({ "verb": "call-off", "reason": "the teacher is ill" });
    house.world.ask("training", Some(session), &call_off, &keeper).unwrap();
    house.books(1, "2026-03-10 14:00", 60);
}
