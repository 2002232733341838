//! The course of a booking: quoted, moved, used, reported, paid and rated, or cancelled late.

use super::*;

#[test]
fn it_is_used_reported_paid_and_rated() {
    let mut house = house(&json!({}));
    house.keeps(&json!({ "verb": "set-door", "door": "7731" }));
    let booking = house.books(0, "2026-03-04 09:00", 120);
    let (booker, keeper, instrument) = (house.firm(0), house.keeper.clone(), house.instrument);
    let start = |code: &str| json!({ "verb": "start", "instrument": instrument, "code": code });
    house.it_is("2026-03-04 08:44");
    assert_eq!(why(house.tells(booking, &start("7731"), &booker)), "booking/too-early-to-start");
    house.it_is("2026-03-04 08:50");
    assert_eq!(why(house.tells(booking, &start("0000"), &booker)), "booking/wrong-code");
    house.tells(booking, &start("7731"), &booker).unwrap();
    house.it_is("2026-03-04 10:20");
    house.tells(booking, &json!({ "verb": "stop" }), &booker).unwrap();
    assert_eq!(house.status(booking), "used");
    let pay = |amount: &str, means: &str| json!({ "verb": "pay", "amount": amount, "means": means });
    house.tells(booking, &pay("600.00", "voucher"), &keeper).unwrap();
    let report = |price: &str| json!({ "verb": "report", "summary": "clear images", "price": price });
    assert_eq!(why(house.tells(booking, &report("1200.01"), &keeper)), "booking/more-than-agreed");
    house.tells(booking, &report("1000.00"), &keeper).unwrap();
    assert_eq!(why(house.tells(booking, &pay("400.01", "transfer"), &keeper)), "booking/more-than-owed");
    house.tells(booking, &pay("400.00", "transfer"), &keeper).unwrap();
    assert_eq!(house.status(booking), "paid");
    house.tells(booking, &json!({ "verb": "rate", "stars": 5 }), &booker).unwrap();
    let answer = json!({ "verb": "answer-rating", "text": "thank you" });
    assert!(matches!(house.tells(booking, &answer, &booker), Err(Refused::NotAllowed(_))));
    house.tells(booking, &answer, &keeper).unwrap();
    assert_eq!(house.state(booking)["rating"]["answer"], json!("thank you"));
    assert_eq!(why(house.tells(booking, &answer, &keeper)), "booking/not-now", "once");
    let used: crate::booking::figures::Use = house.card(booking).read("use").unwrap();
    assert_eq!((used.minutes, used.income, used.year), (90, Money::yuan(1_000), 2026));
    let door =
        DESKS.find("instrument").unwrap().veil(&house.state(instrument).into(), &Viewer::public()).unwrap();
    assert!(!format!("{} {}", door.0, json!(door.1)).contains("7731"));
}

#[test]
fn what_came_of_a_use_is_told_by_its_buyer_and_each_work_once() {
    let mut house = house(&json!({}));
    let booking = house.books(0, "2026-03-04 09:00", 60);
    let (booker, keeper, instrument) = (house.firm(0), house.keeper.clone(), house.instrument);
    let work = |title: &str, identifier: Option<&str>, on: &str, named: bool| json!({ "verb": "credit", "work": "paper", "title": title, "identifier": identifier, "on": on, "names_instrument": named });
    let paper = work("Grain boundaries", Some("10.1000/1"), "2026-03-04", true);
    assert!(house.tells(booking, &paper, &booker).is_err(), "nothing was used yet");
    house.it_is("2026-03-04 09:00");
    house
        .tells(booking, &json!({ "verb": "start", "instrument": instrument, "code": "0" }), &keeper)
        .unwrap();
    house.it_is("2026-03-04 10:00");
    house.tells(booking, &json!({ "verb": "stop" }), &keeper).unwrap();
    assert!(
        matches!(house.tells(booking, &paper, &keeper), Err(Refused::NotAllowed(_))),
        "its buyer alone tells it"
    );
    let early = work("Grain boundaries", None, "2026-03-05", true);
    assert_eq!(why(house.tells(booking, &early, &booker)), "booking/on-a-later-day");
    house.tells(booking, &paper, &booker).unwrap();
    let again = work("Another title", Some("10.1000/1"), "2026-03-04", false);
    assert_eq!(why(house.tells(booking, &again, &booker)), "booking/credited-already");
    let untold = work("Grain boundaries", None, "2026-03-04", false);
    assert_eq!(why(house.tells(booking, &untold, &booker)), "booking/credited-already");
    house.tells(booking, &work("Images", None, "2026-03-04", false), &booker).unwrap();
    house.tells(booking, &json!({ "verb": "report", "summary": "clear images" }), &keeper).unwrap();
    let used: crate::booking::figures::Use = house.card(booking).read("use").unwrap();
    assert_eq!((used.works, used.named), (2, 1));
}

#[test]
fn whoever_stays_away_or_cancels_late_pays_a_share() {
    let fees = json!({ "late_hours": 24, "late_share": "1/4", "absent_share": "1/2" });
    let mut house = house(&fees);
    let (absent, late, early) = (
        house.books(0, "2026-03-04 09:00", 60),
        house.books(0, "2026-03-05 09:00", 60),
        house.books(0, "2026-03-06 09:00", 60),
    );
    let by = house.firm(0);
    house.clock(absent);
    assert_eq!((house.status(absent), &house.state(absent)["fee"]), ("absent".into(), &json!("300.00")));
    let shift = json!({
        "verb": "move", "instrument": house.instrument, "sitting": "2026-03-05T01:00:00.000Z",
        "from": "2026-03-09T01:00:00.000Z", "minutes": 60
    });
    assert_eq!(why(house.tells(late, &shift, &by)), "booking/too-late-to-move");
    house.tells(late, &json!({ "verb": "cancel" }), &by).unwrap();
    house.tells(early, &json!({ "verb": "cancel" }), &by).unwrap();
    assert_eq!((&house.state(late)["fee"], &house.state(early)["fee"]), (&json!("150.00"), &json!("0.00")));
    assert_eq!(house.busy(MONDAY), 1, "what is over stays, what was cancelled is free");
}

#[test]
fn a_moved_sitting_frees_its_old_time_for_those_who_wait() {
    let mut house = house(&json!({}));
    let booking = house.books(0, "2026-03-05 09:00", 60);
    let waiting = house.asks("queue", 1, "2026-03-05 09:30", 30, &json!({})).unwrap();
    let by = house.firm(0);
    let shift = |from: &str, minutes: i64| {
        let from: Moment = from.parse().unwrap();
        json!({ "verb": "move", "sitting": "2026-03-05T01:00:00.000Z", "from": from, "minutes": minutes })
    };
    let mut to = shift("2026-03-09 09:00", 90);
    to["instrument"] = json!(house.instrument);
    house.tells(booking, &to, &by).unwrap();
    assert_eq!(
        (house.card(booking).amount, house.status(waiting)),
        (Some(Money::yuan(900)), "offered".into())
    );
    assert_eq!((house.busy(MONDAY), house.busy("2026-03-09")), (1, 1));
}

#[test]
fn a_quote_is_answered_in_its_time() {
    let mut house = house(&json!({ "confirmation": "by-quote", "is_supervised": true }));
    let booking = house.books(0, "2026-03-20 09:00", 60);
    let (booker, keeper) = (house.firm(0), house.keeper.clone());
    assert_eq!(house.status(booking), "requested");
    let schedule = json!({ "verb": "schedule" });
    assert_eq!(why(house.tells(booking, &schedule, &keeper)), "booking/not-now");
    let quote = json!({ "verb": "quote", "price": "900.00", "note": "with sample preparation" });
    house.tells(booking, &quote, &keeper).unwrap();
    house.tells(booking, &json!({ "verb": "accept" }), &booker).unwrap();
    assert_eq!(why(house.tells(booking, &schedule, &keeper)), "booking/operator-needed");
    let lapsing = house.books(1, "2026-03-20 14:00", 60);
    house.tells(lapsing, &quote, &keeper).unwrap();
    house.clock(lapsing);
    assert_eq!((house.status(lapsing), house.busy("2026-03-16")), ("lapsed".into(), 1));
    house.clock(booking);
    assert_eq!(house.status(booking), "lapsed", "what nobody scheduled lapses when its time comes");
}

#[test]
fn terms_are_looked_at_before_the_calendar() {
    let limits = json!({
        "shortest_minutes": 30, "longest_minutes": 240, "step_minutes": 30, "horizon_days": 30, "notice_hours": 2,
        "needs_permit": true
    });
    let mut house = house(&limits);
    let asked = |house: &mut House, from: &str, minutes: i64, more: &Value| {
        why(house.asks("request", 0, from, minutes, more))
    };
    assert_eq!(asked(&mut house, "2026-03-05 09:00", 60, &json!({})), "booking/permit-needed");
    let (instrument, keeper) = (house.instrument, house.keeper.clone());
    house.it_is("2026-03-02 08:00");
    house.keeps(&json!({ "verb": "set-using", "using": using(&json!({
        "shortest_minutes": 30, "longest_minutes": 240, "step_minutes": 30, "horizon_days": 30, "notice_hours": 2
    })) }));
    let no = |text: &str| format!("booking/{text}");
    assert_eq!(asked(&mut house, "2026-03-02 07:00", 60, &json!({})), no("in-the-past"));
    assert_eq!(asked(&mut house, "2026-03-02 09:00", 60, &json!({})), no("too-soon"));
    assert_eq!(asked(&mut house, "2026-05-02 09:00", 60, &json!({})), no("too-far-ahead"));
    assert_eq!(asked(&mut house, "2026-03-05 09:00", 20, &json!({})), no("too-short"));
    assert_eq!(asked(&mut house, "2026-03-05 09:00", 300, &json!({})), no("too-long"));
    assert_eq!(asked(&mut house, "2026-03-05 09:00", 45, &json!({})), no("not-in-steps"));
    assert_eq!(
        asked(&mut house, "2026-03-05 09:00", 60, &json!({ "no_secrets": false })),
        no("may-hold-secrets")
    );
    assert_eq!(
        asked(&mut house, "2026-03-05 09:00", 60, &json!({ "basis": "by-shift" })),
        no("no-such-charge")
    );
    assert_eq!(
        asked(&mut house, "2026-03-05 09:00", 60, &json!({ "basis": "by-sample" })),
        no("samples-needed")
    );
    let internal = json!({ "verb": "set-sharing", "terms": { "sharing": "internal" } });
    house.keeps(&internal);
    assert_eq!(asked(&mut house, "2026-03-05 09:00", 60, &json!({})), no("not-open-to-you"));
    house
        .world
        .ask("instrument", Some(instrument), &json!({ "verb": "suspend", "reason": "x" }), &keeper)
        .unwrap();
    assert_eq!(asked(&mut house, "2026-03-05 09:00", 60, &json!({})), no("not-in-service"));
}
