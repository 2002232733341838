//! Charges: looked at before an invoice, adjusted with a reason and by two where it is much, contested, paid back.

use super::{extras::is_used, *};

/// A booking of two hours at 600 yuan, used, reported and not paid.
fn reported(more: &Value) -> (House, Id, Viewer) {
    let mut house = house(more);
    let booking = house.books(0, "2026-03-03 09:00", 120);
    is_used(&mut house, booking, "2026-03-03 09:00", "2026-03-03 10:30");
    let keeper = house.keeper.clone();
    house.tells(booking, &json!({ "verb": "report", "summary": "done" }), &keeper).unwrap();
    (house, booking, keeper)
}

fn adjust(cause: &str, more: &Value) -> Value {
    let mut command = json!({ "verb": "adjust", "part": "price", "cause": cause, "reason": "stood still for half an hour" });
    for (name, value) in more.as_object().unwrap() {
        command[name] = value.clone();
    }
    command
}

fn second(house: &House) -> Viewer {
    member(house.keeper.organisations[0], Id::named("person-second"))
}

fn price(house: &House, booking: Id) -> String {
    house.state(booking)["price"].as_str().unwrap().to_owned()
}

fn invoice(amount: &str) -> Value {
    json!({ "verb": "invoice", "number": "N1", "amount": amount, "on": "2026-03-03" })
}

#[test]
fn no_invoice_before_the_charge_was_checked() {
    let (mut house, booking, keeper) = reported(&json!({}));
    assert_eq!(why(house.tells(booking, &invoice("1200.00"), &keeper)), "booking/charge-not-checked");
    assert_eq!(house.card(booking).read::<String>("charge"), Some("unchecked".into()));
    let check = json!({ "verb": "check-charge" });
    house.tells(booking, &check, &keeper).unwrap();
    assert_eq!(why(house.tells(booking, &check, &keeper)), "booking/not-now");
    house.tells(booking, &invoice("1200.00"), &keeper).unwrap();
}

#[test]
fn a_small_adjustment_holds_at_once_and_a_large_one_for_a_second_person() {
    let (mut house, booking, keeper) = reported(&json!({}));
    let ninety = adjust("other-minutes", &json!({ "charged_minutes": 90 }));
    house.tells(booking, &ninety, &keeper).unwrap();
    assert_eq!(price(&house, booking), "900.00", "three quarters of the time");
    let waived = adjust("waived", &json!({}));
    house.tells(booking, &waived, &keeper).unwrap();
    assert_eq!(price(&house, booking), "900.00", "900 yuan are more than one may give up alone");
    assert_eq!(why(house.tells(booking, &invoice("900.00"), &keeper)), "booking/adjustment-waits");
    assert_eq!(why(house.tells(booking, &waived, &keeper)), "booking/adjustment-waits");
    let approve = json!({ "verb": "approve-adjustment" });
    assert_eq!(why(house.tells(booking, &approve, &keeper)), "booking/same-person");
    let other = second(&house);
    house.tells(booking, &json!({ "verb": "refuse-adjustment", "note": "it ran" }), &other).unwrap();
    assert_eq!(price(&house, booking), "900.00");
    house.tells(booking, &waived, &keeper).unwrap();
    house.tells(booking, &approve, &other).unwrap();
    assert_eq!((price(&house, booking).as_str(), house.status(booking).as_str()), ("0.00", "paid"));
    let told = house.state(booking)["charge"]["adjustments"].clone();
    let line = |n: usize| {
        ["before", "after", "standing"].map(|name| told[n][name].as_str().unwrap().to_owned()).join(" ")
    };
    assert_eq!(
        [line(0), line(1), line(2)],
        ["1200.00 900.00 in-force", "900.00 0.00 refused", "900.00 0.00 in-force"]
    );
}

#[test]
fn many_small_adjustments_by_one_person_are_a_large_one() {
    let (mut house, booking, keeper) = reported(&json!({}));
    let mistake = |amount: &str| adjust("mistake", &json!({ "amount": amount }));
    house.tells(booking, &mistake("800.00"), &keeper).unwrap();
    assert_eq!(price(&house, booking), "800.00", "400 yuan less, alone");
    house.tells(booking, &mistake("400.00"), &keeper).unwrap();
    assert_eq!(price(&house, booking), "800.00", "800 yuan less in two steps wait for a second person");
    let other = second(&house);
    house.tells(booking, &json!({ "verb": "approve-adjustment" }), &other).unwrap();
    assert_eq!(price(&house, booking), "400.00");
    // What two have agreed on is where the next one begins.
    house.tells(booking, &mistake("10.00"), &keeper).unwrap();
    assert_eq!(price(&house, booking), "10.00");
}

#[test]
fn nothing_goes_beyond_what_was_agreed_or_below_nothing() {
    let (mut house, booking, keeper) = reported(&json!({}));
    let mistake = |amount: &str| adjust("mistake", &json!({ "amount": amount }));
    let mut no = |command: &Value| why(house.tells(booking, command, &keeper));
    assert_eq!(no(&mistake("1200.01")), "booking/beyond-agreed");
    assert_eq!(no(&mistake("-0.01")), "booking/not-an-amount");
    assert_eq!(no(&mistake("1200.00")), "booking/nothing-changes");
    assert_eq!(no(&adjust("mistake", &json!({}))), "booking/amount-needed");
    assert_eq!(no(&adjust("other-minutes", &json!({}))), "booking/minutes-needed");
    assert_eq!(no(&adjust("other-rate", &json!({}))), "booking/unit-charge-needed");
    let fee = adjust("other-minutes", &json!({ "part": "fee", "charged_minutes": 1 }));
    assert_eq!(no(&fee), "booking/not-for-fees");
    house.tells(booking, &mistake("1000.00"), &keeper).unwrap();
    house.tells(booking, &mistake("1200.00"), &keeper).unwrap();
    assert_eq!(price(&house, booking), "1200.00", "up again to what was agreed");
}

#[test]
fn things_beside_the_time_stay_when_other_minutes_or_charges_hold() {
    let terms = json!({
        "accessories": [{ "name": "holder", "stock": 1, "charge": "50.00" }],
        "consumables": [{ "name": "grid", "charge": "8.00" }],
        "charges": { "outside_hour": "600.00" }
    });
    let mut house = house(&terms);
    let more = json!({ "accessories": [{ "name": "holder", "count": 1 }], "consumables": [{ "name": "grid", "count": 5 }] });
    let booking = house.asks("request", 0, "2026-03-03 09:00", 60, &more).unwrap();
    is_used(&mut house, booking, "2026-03-03 09:00", "2026-03-03 10:00");
    let keeper = house.keeper.clone();
    let report = json!({ "verb": "report", "summary": "done", "used": [{ "name": "grid", "count": 2 }] });
    house.tells(booking, &report, &keeper).unwrap();
    assert_eq!(price(&house, booking), "666.00", "600 for the hour, 50 for the holder, 16 for two grids");
    house.tells(booking, &adjust("other-minutes", &json!({ "charged_minutes": 50 })), &keeper).unwrap();
    assert_eq!(price(&house, booking), "566.00");
    house.tells(booking, &adjust("other-rate", &json!({ "unit_charge": "333.33" })), &keeper).unwrap();
    assert_eq!(price(&house, booking), "343.77", "fifty minutes of it");
    assert_eq!(house.card(booking).read::<i64>("charged_minutes"), Some(50));
    house.tells(booking, &adjust("other-minutes", &json!({ "charged_minutes": 60 })), &keeper).unwrap();
    assert_eq!(price(&house, booking), "399.32", "from fifty to sixty");
}

#[test]
fn a_buyer_objects_in_time_and_is_answered() {
    let (mut house, booking, keeper) = reported(&json!({}));
    let booker = house.firm(0);
    let contest = json!({ "verb": "contest", "reason": "the beam was off" });
    assert_eq!(why(house.tells(booking, &contest, &booker)), "booking/not-now", "nobody has checked it");
    house.tells(booking, &json!({ "verb": "check-charge" }), &keeper).unwrap();
    house.tells(booking, &contest, &booker).unwrap();
    assert_eq!(why(house.tells(booking, &invoice("1200.00"), &keeper)), "booking/still-contested");
    house.tells(booking, &json!({ "verb": "uphold", "reason": "the log shows beam" }), &keeper).unwrap();
    assert_eq!(why(house.tells(booking, &contest, &booker)), "booking/not-now", "once for each charge");
    house.it_is("2026-03-05 09:00");
    house.tells(booking, &adjust("mistake", &json!({ "amount": "1100.00" })), &keeper).unwrap();
    // Fifteen days from 5 March end on a Friday.
    house.it_is("2026-03-21 09:00");
    assert_eq!(why(house.tells(booking, &contest, &booker)), "booking/contested-too-late");
    house.it_is("2026-03-20 18:00");
    house.tells(booking, &contest, &booker).unwrap();
    house.tells(booking, &adjust("mistake", &json!({ "amount": "1000.00" })), &keeper).unwrap();
    assert_eq!(house.card(booking).read::<String>("charge"), Some("checked".into()), "an adjustment answers");
    house.tells(booking, &invoice("1000.00"), &keeper).unwrap();
}

#[test]
fn what_was_invoiced_is_void_first_and_what_was_paid_goes_back() {
    let (mut house, booking, keeper) = reported(&json!({}));
    house.tells(booking, &json!({ "verb": "check-charge" }), &keeper).unwrap();
    house.tells(booking, &invoice("1200.00"), &keeper).unwrap();
    let pay = |amount: &str| json!({ "verb": "pay", "amount": amount, "means": "transfer" });
    house.tells(booking, &pay("1200.00"), &keeper).unwrap();
    let less = adjust("other-rate", &json!({ "unit_charge": "500.00" }));
    assert_eq!(why(house.tells(booking, &less, &keeper)), "booking/invoices-stand");
    let void = json!({ "verb": "void-invoice", "number": "N1", "reason": "another charge" });
    house.tells(booking, &void, &keeper).unwrap();
    house.tells(booking, &less, &keeper).unwrap();
    let refund = |amount: &str| json!({ "verb": "refund", "amount": amount });
    assert_eq!(why(house.tells(booking, &refund("200.01"), &keeper)), "booking/more-than-owed");
    house.tells(booking, &refund("200.00"), &keeper).unwrap();
    assert_eq!(house.state(booking)["paid"], json!("1000.00"));
    house.tells(booking, &adjust("mistake", &json!({ "amount": "1100.00" })), &keeper).unwrap();
    assert_eq!(house.status(booking), "reported", "a hundred are owed again");
    house.tells(booking, &pay("100.00"), &keeper).unwrap();
    assert_eq!(house.status(booking), "paid");
}

#[test]
fn a_fee_is_waived() {
    let mut house = house(&json!({ "absent_share": "1/2" }));
    let booking = house.books(0, "2026-03-04 09:00", 60);
    house.clock(booking);
    let keeper = house.keeper.clone();
    let waive = adjust("waived", &json!({ "part": "fee" }));
    house.tells(booking, &waive, &keeper).unwrap();
    assert_eq!((&house.state(booking)["fee"], house.status(booking)), (&json!("0.00"), "absent".into()));
}
