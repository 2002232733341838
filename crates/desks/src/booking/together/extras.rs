//! Accessories, consumables, cheaper hours, operators, company, set-ups and invoices.

use super::*;

fn terms() -> Value {
    let off_peak: Vec<Value> = ["tuesday", "wednesday"]
        .iter()
        .map(|day| json!({ "weekday": day, "opens": "18:00", "shuts": "24:00" }))
        .collect();
    json!({
        "accessories": [
            { "name": "cryo holder", "stock": 2, "charge": "50.00" },
            { "name": "tilt holder", "stock": 1, "charge": null }
        ],
        "consumables": [{ "name": "copper grid", "measure": "piece", "charge": "8.00" }],
        "off_peak": off_peak, "off_peak_share": "50%",
        "charges": { "outside_hour": "600.00", "operator_hour": "120.00" }
    })
}

fn price(house: &House, booking: Id) -> String {
    house.state(booking)["price"].as_str().unwrap().to_owned()
}

/// Comes, uses and goes, until the keeper is to report.
pub(super) fn is_used(house: &mut House, booking: Id, from: &str, until: &str) {
    let keeper = house.keeper.clone();
    house.it_is(from);
    let start = json!({ "verb": "start", "instrument": house.instrument, "code": "0000" });
    house.tells(booking, &start, &keeper).unwrap();
    house.it_is(until);
    house.tells(booking, &json!({ "verb": "stop" }), &keeper).unwrap();
}

#[test]
fn accessories_and_consumables_are_priced_and_what_is_not_used_is_not_paid() {
    let mut house = house(&terms());
    let more = json!({
        "accessories": [{ "name": "cryo holder", "count": 2 }, { "name": "tilt holder", "count": 1 }],
        "consumables": [{ "name": "copper grid", "count": 10 }]
    });
    let booking = house.asks("request", 0, "2026-03-03 09:00", 60, &more).unwrap();
    assert_eq!(price(&house, booking), "780.00", "600 for the hour, 100 for two holders, 80 for ten grids");
    is_used(&mut house, booking, "2026-03-03 09:00", "2026-03-03 10:00");
    let keeper = house.keeper.clone();
    let report = |used: &Value| json!({ "verb": "report", "summary": "done", "used": used });
    let too_many = report(&json!([{ "name": "copper grid", "count": 11 }]));
    assert_eq!(why(house.tells(booking, &too_many, &keeper)), "booking/more-than-asked");
    let unknown = report(&json!([{ "name": "cryo holder", "count": 1 }]));
    assert_eq!(why(house.tells(booking, &unknown, &keeper)), "booking/no-such-extra");
    house.tells(booking, &report(&json!([{ "name": "copper grid", "count": 4 }])), &keeper).unwrap();
    assert_eq!(price(&house, booking), "732.00", "six grids less");
}

#[test]
fn nobody_borrows_what_is_not_there() {
    let mut house = house(&terms());
    let mut asked = |more: &Value| why(house.asks("request", 0, "2026-03-03 09:00", 60, more));
    let wanted = |name: &str, count: i64| json!([{ "name": name, "count": count }]);
    assert_eq!(asked(&json!({ "accessories": wanted("cryo holder", 3) })), "booking/not-so-many");
    assert_eq!(asked(&json!({ "accessories": wanted("copper grid", 1) })), "booking/no-such-extra");
    assert_eq!(asked(&json!({ "consumables": wanted("gold grid", 1) })), "booking/no-such-extra");
}

#[test]
fn what_the_terms_do_not_name_is_a_wish_where_the_keeper_quotes() {
    let mut house = house(&json!({ "confirmation": "by-quote", "charges": { "outside_hour": "600.00" } }));
    let wish = json!({ "accessories": [{ "name": "gas cell", "count": 1 }], "consumables": [{ "name": "argon", "count": 2 }] });
    let booking = house.asks("request", 0, "2026-03-03 09:00", 60, &wish).unwrap();
    assert_eq!((price(&house, booking).as_str(), house.status(booking).as_str()), ("600.00", "requested"));
}

#[test]
fn in_a_series_accessories_count_each_time_and_consumables_once() {
    let mut house = house(&terms());
    let more = json!({
        "every": { "days": 7, "times": 3 }, "accessories": [{ "name": "cryo holder", "count": 1 }],
        "consumables": [{ "name": "copper grid", "count": 5 }]
    });
    let booking = house.asks("request", 0, "2026-03-03 09:00", 60, &more).unwrap();
    assert_eq!(price(&house, booking), "1990.00", "three hours, three loans, five grids");
}

#[test]
fn evening_minutes_cost_their_share_to_the_minute() {
    let mut house = house(&terms());
    let late = house.asks("request", 0, "2026-03-03 17:00", 120, &json!({})).unwrap();
    assert_eq!(price(&house, late), "900.00", "one hour whole, one at half");
    let other_day = house.asks("request", 1, "2026-03-05 18:00", 60, &json!({})).unwrap();
    assert_eq!(price(&house, other_day), "600.00", "Thursday evenings are not among them");
    let to_evening = json!({
        "verb": "move", "instrument": house.instrument, "sitting": "2026-03-05 18:00".parse::<Moment>().unwrap(),
        "from": "2026-03-04 18:00".parse::<Moment>().unwrap(), "minutes": 60
    });
    let firm = house.firm(1);
    house.tells(other_day, &to_evening, &firm).unwrap();
    assert_eq!(price(&house, other_day), "300.00");
}

#[test]
fn an_operator_costs_by_the_hour_and_is_named() {
    let mut house = house(&terms());
    let wish = json!({ "wants_operator": true, "way": "samples-sent" });
    let booking = house.asks("request", 0, "2026-03-03 09:00", 90, &wish).unwrap();
    assert_eq!((price(&house, booking).as_str(), house.status(booking).as_str()), ("1080.00", "requested"));
    assert_eq!(house.card(booking).facets["way"], "samples-sent");
    let keeper = house.keeper.clone();
    let schedule = |operator: &Value| json!({ "verb": "schedule", "operator": operator });
    assert_eq!(why(house.tells(booking, &schedule(&Value::Null), &keeper)), "booking/operator-needed");
}

#[test]
fn whoever_runs_it_for_others_has_a_licence_that_lasts() {
    let mut house = house(&json!({ "needs_licence": true }));
    let person = house.person();
    let other = house.person();
    let booking = house.books(0, "2026-03-10 09:00", 60);
    let operators = |until: &str| {
        json!({ "verb": "set-operators", "operators": [
        { "person": person, "licence": "A-17", "until": until }, { "person": other, "licence": null, "until": null }
    ] })
    };
    house.keeps(&operators("2026-03-09"));
    let (keeper, instrument) = (house.keeper.clone(), house.instrument);
    let schedule = |operator: Id, instrument: &Value| json!({ "verb": "schedule", "operator": operator, "instrument": instrument });
    let here = json!(instrument);
    assert_eq!(why(house.tells(booking, &schedule(person, &here), &keeper)), "booking/not-licensed");
    house.keeps(&operators("2026-03-10"));
    let unnamed = schedule(person, &Value::Null);
    assert_eq!(why(house.tells(booking, &unnamed, &keeper)), "booking/another-instrument");
    assert_eq!(why(house.tells(booking, &schedule(other, &here), &keeper)), "booking/not-licensed");
    house.tells(booking, &schedule(person, &here), &keeper).unwrap();
    assert_eq!(house.status(booking), "scheduled");
}

#[test]
fn nobody_works_alone_when_nobody_else_is_there() {
    let staffed = json!({ "staffed": [{ "weekday": "tuesday", "opens": "08:00", "shuts": "18:00" }] });
    let mut house = house(&staffed);
    let companion = house.person();
    house.asks("request", 0, "2026-03-03 09:00", 60, &json!({})).unwrap();
    let late = |house: &mut House, more: &Value| house.asks("request", 0, "2026-03-03 17:30", 60, more);
    assert_eq!(why(late(&mut house, &json!({}))), "booking/companion-needed");
    let alone = house.wish("request", 0, "2026-03-03 17:30", 60, &json!({ "companion": companion }));
    let itself = member(house.firms[0], companion);
    assert_eq!(why(house.world.ask("booking", None, &alone, &itself)), "booking/companion-is-you");
    late(&mut house, &json!({ "companion": companion })).unwrap();
    house.asks("request", 1, "2026-03-03 20:00", 60, &json!({ "way": "remote" })).unwrap();
}

#[test]
fn set_ups_are_ready_one_by_one() {
    let mut house = house(&json!({}));
    let setups = json!({ "setups": ["cool the stage", "calibrate at 200 kV"] });
    let booking = house.asks("request", 0, "2026-03-03 09:00", 60, &setups).unwrap();
    let keeper = house.keeper.clone();
    let ready = |n: i64| json!({ "verb": "prepare", "setup": n });
    house.tells(booking, &ready(2), &keeper).unwrap();
    assert_eq!(why(house.tells(booking, &ready(2), &keeper)), "booking/not-now");
    assert_eq!(why(house.tells(booking, &ready(3), &keeper)), "booking/no-such-setup");
    assert_eq!(house.card(booking).read::<usize>("unready"), Some(1));
    house.tells(booking, &ready(1), &keeper).unwrap();
    assert_eq!(house.card(booking).read::<usize>("unready"), Some(0));
}

#[test]
fn invoices_are_for_what_is_owed_and_a_void_one_makes_room() {
    let mut house = house(&json!({}));
    let booking = house.books(0, "2026-03-03 09:00", 60);
    let keeper = house.keeper.clone();
    let invoice = |number: &str, amount: &str| json!({ "verb": "invoice", "number": number, "amount": amount, "on": "2026-03-02" });
    let mut tells = |command: &Value| house.tells(booking, command, &keeper);
    tells(&invoice("24310001", "400.00")).unwrap();
    assert_eq!(why(tells(&invoice("24310001", "1.00"))), "booking/invoiced-already");
    assert_eq!(why(tells(&invoice("24310002", "200.01"))), "booking/more-than-uninvoiced");
    assert_eq!(why(tells(&invoice("24310002", "0.00"))), "booking/not-an-amount");
    let void = json!({ "verb": "void-invoice", "number": "24310001", "reason": "wrong title" });
    tells(&void).unwrap();
    assert_eq!(why(tells(&void)), "booking/no-such-invoice");
    tells(&invoice("24310002", "600.00")).unwrap();
}

#[test]
fn whoever_begins_says_who_is_there_too() {
    let staffed = json!({ "staffed": [{ "weekday": "tuesday", "opens": "08:00", "shuts": "18:00" }] });
    let mut house = house(&staffed);
    let (companion, other) = (house.person(), house.person());
    let more = json!({ "companion": companion });
    let booking = house.asks("request", 0, "2026-03-03 17:30", 60, &more).unwrap();
    let early = house.asks("request", 0, "2026-03-03 15:00", 60, &json!({})).unwrap();
    let keeper = house.keeper.clone();
    let start = |house: &House, more: &Value| {
        let mut start = json!({ "verb": "start", "instrument": house.instrument, "code": "0000" });
        start.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        start
    };
    house.it_is("2026-03-03 15:00");
    let plain = start(&house, &json!({}));
    house.tells(early, &plain, &keeper).unwrap();
    house.it_is("2026-03-03 16:00");
    house.tells(early, &json!({ "verb": "stop" }), &keeper).unwrap();
    house.it_is("2026-03-03 17:30");
    assert_eq!(why(house.tells(booking, &plain, &keeper)), "booking/companion-not-here");
    let itself = Viewer { person: Some(companion), ..keeper.clone() };
    let here = start(&house, &json!({ "with_companion": true }));
    assert_eq!(why(house.tells(booking, &here, &itself)), "booking/companion-is-you");
    let another = start(&house, &json!({ "companion": other }));
    house.tells(booking, &another, &keeper).unwrap();
    assert_eq!(house.state(booking)["beside"], json!(other));
    house.tells(booking, &json!({ "verb": "stop" }), &keeper).unwrap();
    assert_eq!(house.state(booking)["beside"], Value::Null);
}

#[test]
fn nobody_begins_alone_where_hours_with_staff_were_set_since() {
    let mut house = house(&json!({}));
    let companion = house.person();
    let booking = house.books(0, "2026-03-03 17:30", 60);
    let staffed = json!({ "staffed": [{ "weekday": "tuesday", "opens": "08:00", "shuts": "18:00" }] });
    house.keeps(&json!({ "verb": "set-using", "using": using(&staffed) }));
    house.it_is("2026-03-03 17:30");
    let keeper = house.keeper.clone();
    let mut start =
        json!({ "verb": "start", "instrument": house.instrument, "code": "0000", "with_companion": true });
    assert_eq!(why(house.tells(booking, &start, &keeper)), "booking/companion-needed");
    start["companion"] = json!(companion);
    house.tells(booking, &start, &keeper).unwrap();
}
