//! Several instruments of several units in one press: all bookings, or none.

use super::*;

/// A second instrument, of a second unit in another province, with these terms.
fn second(house: &mut House, using: &Value) -> (Id, Viewer) {
    let registrar =
        Viewer { offices: vec![("registrar".into(), grammar::kinds::REGION_ALL)], ..Viewer::default() };
    let entry =
        json!({ "verb": "register", "name": { "zh": "示例学院" }, "kind": "university", "region": "340100" });
    let unit = house.world.ask("organisation", None, &entry, &registrar).unwrap();
    let keeper = member(unit, Id::named("person-second"));
    let entry = json!({
        "verb": "report", "code": "AH-XRD-1", "name": { "zh": "衍射仪", "en": "diffractometer" },
        "category": "analysis", "region": "340100", "unit": unit, "value": "1200000.00", "fiscal": false,
        "functions": { "zh": "物相" }, "terms": { "sharing": "external", "charges": "公开" }
    });
    let instrument = house.world.ask("instrument", None, &entry, &keeper).unwrap();
    let command = json!({ "verb": "set-using", "using": using });
    house.world.ask("instrument", Some(instrument), &command, &keeper).unwrap();
    (instrument, keeper)
}

fn pick(instrument: Id, from: &str, minutes: i64) -> Value {
    let from: Moment = from.parse().unwrap();
    json!({ "instrument": instrument, "from": from, "minutes": minutes, "basis": "by-hour" })
}

fn order(house: &mut House, firm: usize, picks: &[Value]) -> Result<Id, Refused> {
    let command = json!({
        "verb": "book", "buyer": house.firms[firm], "picks": picks, "purpose": "research", "detail": "two samples",
        "no_secrets": true
    });
    let by = house.firm(firm);
    house.world.ask("bundle", None, &command, &by)
}

fn about(refused: Result<Id, Refused>) -> (String, String) {
    let Err(Refused::Because(refusal)) = refused.clone() else { panic!("{refused:?}") };
    (why(refused), refusal.about.unwrap_or_default())
}

#[test]
fn all_are_booked_or_none() {
    let mut house = house(&json!({}));
    let (far, _) = second(&mut house, &using(&json!({ "weekly_minutes": 120 })));
    let near = house.instrument;
    house.books(1, "2026-03-03 09:00", 120);
    let clash =
        order(&mut house, 0, &[pick(far, "2026-03-03 14:00", 60), pick(near, "2026-03-03 10:00", 60)]);
    assert_eq!(about(clash), ("calendar/taken-then".into(), "picks.2".into()));
    let page = crate::calendar::name(far.r(), MONDAY.parse().unwrap()).id();
    assert!(house.world.stored(page).is_none(), "what went was not kept either");
    let twice = order(&mut house, 0, &[pick(far, "2026-03-03 14:00", 60), pick(far, "2026-03-03 14:30", 60)]);
    assert_eq!(about(twice), ("calendar/taken-then".into(), "picks.2".into()), "nor with itself");
    let often = order(&mut house, 0, &[pick(far, "2026-03-03 14:00", 90), pick(far, "2026-03-05 14:00", 60)]);
    assert_eq!(
        about(often),
        ("calendar/weekly-quota".into(), "picks.2".into()),
        "its quota holds for all of it"
    );

    let bundle =
        order(&mut house, 0, &[pick(far, "2026-03-03 14:00", 60), pick(near, "2026-03-03 11:00", 60)]);
    let card = house.card(bundle.unwrap());
    let bookings: Vec<Id> = card.holders("booking").collect();
    assert_eq!(bookings.len(), 2);
    for booking in &bookings {
        assert_eq!(house.status(*booking), "scheduled");
        assert_eq!(house.card(*booking).amount, Some(Money::yuan(600)));
    }
    // Afterwards each is a booking like any other.
    let by = house.firm(0);
    house.tells(bookings[1], &json!({ "verb": "cancel", "reason": null }), &by).unwrap();
    assert_eq!(house.status(bookings[0]), "scheduled");
}

#[test]
fn each_goes_the_way_its_keeper_set() {
    let mut house = house(&json!({}));
    let (far, keeper) = second(&mut house, &using(&json!({ "confirmation": "by-quote" })));
    let near = house.instrument;
    let bundle =
        order(&mut house, 0, &[pick(near, "2026-03-03 09:00", 60), pick(far, "2026-03-04 09:00", 60)]);
    let bookings: Vec<Id> = house.card(bundle.unwrap()).holders("booking").collect();
    assert_eq!(house.status(bookings[0]), "scheduled");
    assert_eq!(house.status(bookings[1]), "requested", "its keeper is to quote");
    let quote = json!({ "verb": "quote", "price": "900.00", "note": null });
    house.tells(bookings[1], &quote, &keeper).unwrap();
    assert_eq!(house.status(bookings[1]), "quoted");
}

#[test]
fn several_are_given_back_at_once_to_those_who_wait_and_nobody_books_for_another() {
    let mut house = house(&json!({}));
    let (far, _) = second(&mut house, &using(&json!({})));
    let near = house.instrument;
    let picks = [pick(near, "2026-03-03 09:00", 60), pick(far, "2026-03-03 09:00", 60)];
    let bundle = order(&mut house, 0, &picks).unwrap();
    let waiting = house.asks("queue", 1, "2026-03-03 09:00", 60, &json!({})).unwrap();
    assert_eq!(house.status(waiting), "waiting");
    let bookings: Vec<Id> = house.card(bundle).holders("booking").collect();
    let cancel = json!({ "verb": "cancel", "bookings": bookings, "reason": null });
    let other = house.firm(1);
    assert!(house.world.ask("bundle", Some(bundle), &cancel, &other).is_err());
    let by = house.firm(0);
    house.world.ask("bundle", Some(bundle), &cancel, &by).unwrap();
    assert_eq!(house.status(bundle), "cancelled");
    assert_eq!(house.status(waiting), "offered");

    let (theirs, by) = (house.firms[1], house.firm(0));
    let command = json!({
        "verb": "book", "buyer": theirs, "picks": [pick(far, "2026-03-05 09:00", 60)], "purpose": "research",
        "detail": "x", "no_secrets": true
    });
    assert!(matches!(house.world.ask("bundle", None, &command, &by), Err(Refused::NotAllowed(_))));
}

#[test]
fn one_whose_booking_is_over_stops_the_others_from_being_cancelled() {
    let mut house = house(&json!({}));
    let near = house.instrument;
    let picks = [pick(near, "2026-03-03 09:00", 60), pick(near, "2026-03-04 09:00", 60)];
    let bundle = order(&mut house, 0, &picks).unwrap();
    let bookings: Vec<Id> = house.card(bundle).holders("booking").collect();
    let by = house.firm(0);
    house.tells(bookings[1], &json!({ "verb": "cancel", "reason": null }), &by).unwrap();
    let cancel = json!({ "verb": "cancel", "bookings": bookings, "reason": null });
    let refused = house.world.ask("bundle", Some(bundle), &cancel, &by);
    assert_eq!(about(refused), ("booking/not-now".into(), "bookings.2".into()));
    assert_eq!(house.status(bookings[0]), "scheduled");
}

#[test]
fn what_is_given_by_its_line_is_not_bundled() {
    let mut house = house(&json!({}));
    let (far, _) = second(&mut house, &using(&json!({ "mode": "queue" })));
    let near = house.instrument;
    let picks = [pick(near, "2026-03-03 09:00", 60), pick(far, "2026-03-03 09:00", 60)];
    assert_eq!(about(order(&mut house, 0, &picks)), ("booking/join-the-line".into(), "picks.2".into()));
    assert_eq!(house.busy(MONDAY), 0);
}
