//! Agreements: a charge of their own up to a sum, hours paid ahead, and charges of a kind of units.

use super::{extras::is_used, *};

impl House {
    /// An agreement of the keeper's unit with the first firm, in force.
    fn agreement(&mut self, more: &Value) -> Id {
        let mut entry = json!({
            "verb": "offer", "number": "A-1", "provider": self.keeper.organisations[0], "buyer": self.firms[0],
            "instruments": [self.instrument], "from": "2026-03-01", "until": "2026-12-31"
        });
        for (name, value) in more.as_object().unwrap() {
            entry[name] = value.clone();
        }
        let (keeper, firm) = (self.keeper.clone(), self.firm(0));
        let agreement = self.world.ask("agreement", None, &entry, &keeper).unwrap();
        self.world.ask("agreement", Some(agreement), &json!({ "verb": "agree" }), &firm).unwrap();
        agreement
    }

    fn left<T: serde::de::DeserializeOwned>(&self, agreement: Id, name: &str) -> T {
        self.card(agreement).read(name).unwrap()
    }
}

#[test]
fn an_agreed_charge_holds_up_to_its_sum_and_what_is_given_up_comes_back() {
    let mut house = house(&json!({}));
    let agreement = house.agreement(&json!({ "hour": "400.00", "cap": "1000.00" }));
    let more = json!({ "agreement": agreement });
    let booking = house.asks("request", 0, "2026-03-03 09:00", 120, &more).unwrap();
    assert_eq!(house.state(booking)["price"], json!("800.00"));
    assert_eq!(house.left::<Money>(agreement, "amount_left"), Money::yuan(200));
    let second = house.asks("request", 0, "2026-03-04 09:00", 60, &more);
    assert_eq!(why(second), "agreement/cap-reached");
    assert_eq!(house.busy(MONDAY), 1, "what was refused left nothing");
    let by = house.firm(0);
    let shift = json!({
        "verb": "move", "instrument": house.instrument, "sitting": "2026-03-03T01:00:00.000Z",
        "from": "2026-03-05T01:00:00.000Z", "minutes": 60
    });
    house.tells(booking, &shift, &by).unwrap();
    assert_eq!(
        house.left::<Money>(agreement, "amount_left"),
        Money::yuan(600),
        "an hour less, at its charge"
    );
    house.tells(booking, &json!({ "verb": "cancel" }), &by).unwrap();
    assert_eq!(house.left::<Money>(agreement, "amount_left"), Money::yuan(1_000));
    assert_eq!(house.state(agreement)["taken"], json!({}));
}

#[test]
fn hours_paid_ahead_are_drawn_down_and_evenings_weigh_less() {
    let evening = json!([{ "weekday": "tuesday", "opens": "18:00", "shuts": "24:00" }]);
    let mut house = house(&json!({ "off_peak": evening, "off_peak_share": "50%" }));
    let agreement = house.agreement(&json!({ "hours": 4, "price": "2000.00" }));
    let more = json!({ "agreement": agreement });
    let ask = |house: &mut House, from: &str, minutes: i64| house.asks("request", 0, from, minutes, &more);
    assert_eq!(why(ask(&mut house, "2026-03-03 17:00", 180)), "agreement/not-paid-yet");
    let keeper = house.keeper.clone();
    let receive = json!({ "verb": "receive", "amount": "2000.00" });
    house.world.ask("agreement", Some(agreement), &receive, &keeper).unwrap();
    let booking = ask(&mut house, "2026-03-03 17:00", 180).unwrap();
    assert_eq!(house.state(booking)["price"], json!("0.00"), "its hours are paid");
    assert_eq!(house.left::<i64>(agreement, "minutes_left"), 120, "one hour whole, two by half");
    assert_eq!(why(ask(&mut house, "2026-03-04 09:00", 150)), "agreement/hours-used-up");
    ask(&mut house, "2026-03-04 09:00", 120).unwrap();
    assert_eq!(house.left::<i64>(agreement, "minutes_left"), 0);
    is_used(&mut house, booking, "2026-03-03 17:00", "2026-03-03 20:00");
    house.tells(booking, &json!({ "verb": "report", "summary": "done" }), &keeper).unwrap();
    assert_eq!((house.status(booking).as_str(), house.left::<i64>(agreement, "minutes_left")), ("paid", 0));
}

#[test]
fn an_adjusted_charge_is_what_the_agreement_counts() {
    let mut house = house(&json!({}));
    let agreement = house.agreement(&json!({ "hour": "400.00", "cap": "1000.00" }));
    let booking =
        house.asks("request", 0, "2026-03-03 09:00", 120, &json!({ "agreement": agreement })).unwrap();
    is_used(&mut house, booking, "2026-03-03 09:00", "2026-03-03 11:00");
    let keeper = house.keeper.clone();
    house.tells(booking, &json!({ "verb": "report", "summary": "done" }), &keeper).unwrap();
    let less =
        json!({ "verb": "adjust", "part": "price", "cause": "mistake", "amount": "700.00", "reason": "x" });
    house.tells(booking, &less, &keeper).unwrap();
    assert_eq!(house.left::<Money>(agreement, "amount_left"), Money::yuan(300));
}

#[test]
fn an_agreement_is_for_its_buyer_instrument_time_and_charge() {
    let mut house = house(&json!({ "charges": { "outside_hour": "600.00", "outside_sample": "100.00" } }));
    let agreement = house.agreement(&json!({ "hour": "400.00", "until": "2026-03-31" }));
    let ask = |house: &mut House, firm: usize, from: &str, more: &Value| {
        let mut more = more.clone();
        more["agreement"] = json!(agreement);
        why(house.asks("request", firm, from, 60, &more))
    };
    // Another firm does not know of it at all.
    assert!(ask(&mut house, 1, "2026-03-04 09:00", &json!({})).starts_with("Err"));
    assert_eq!(ask(&mut house, 0, "2026-04-01 09:00", &json!({})), "booking/agreement-not-then");
    let sample = json!({ "basis": "by-sample", "samples": 2 });
    assert_eq!(ask(&mut house, 0, "2026-03-04 09:00", &sample), "booking/agreement-by-hour");
    let firm = house.firm(0);
    let end = json!({ "verb": "end", "reason": "moved" });
    house.world.ask("agreement", Some(agreement), &end, &firm).unwrap();
    assert_eq!(ask(&mut house, 0, "2026-03-04 09:00", &json!({})), "booking/agreement-not-in-force");
}

#[test]
fn units_of_a_kind_pay_their_own_charge() {
    let classes = json!([{ "class": "enterprise", "class_hour": "450.00" }]);
    let mut house = house(&json!({ "classes": classes }));
    let booking = house.books(0, "2026-03-03 09:00", 120);
    assert_eq!(house.state(booking)["price"], json!("900.00"));
    let by = house.firm(0);
    house.keeps(&json!({ "verb": "set-using", "using": using(&json!({})) }));
    let shift = json!({
        "verb": "move", "instrument": house.instrument, "sitting": "2026-03-03T01:00:00.000Z",
        "from": "2026-03-05T01:00:00.000Z", "minutes": 60
    });
    house.tells(booking, &shift, &by).unwrap();
    assert_eq!(house.state(booking)["price"], json!("450.00"), "what was agreed when it was booked holds");
}
