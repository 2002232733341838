//! What is owed, parted among several payers: shares sum to one, each agrees, parts sum to the fen.

use super::{extras::is_used, *};

fn share(house: &House, firm: usize, share: &str, project: Option<&str>) -> Value {
    json!({ "payer": house.firms[firm], "project": project, "share": share })
}

fn split(payers: &[Value]) -> Value {
    json!({ "verb": "split", "payers": payers })
}

#[test]
fn shares_sum_to_one_and_each_payer_agrees_before_an_invoice() {
    let mut house = house(&json!({}));
    let booking = house.books(0, "2026-03-03 09:00", 120);
    let (booker, other, keeper) = (house.firm(0), house.firm(1), house.keeper.clone());
    let half = split(&[share(&house, 0, "1/2", None), share(&house, 1, "1/3", None)]);
    assert_eq!(why(house.tells(booking, &half, &booker)), "booking/shares-do-not-sum");
    let twice = split(&[share(&house, 1, "1/2", None), share(&house, 1, "1/2", None)]);
    assert_eq!(why(house.tells(booking, &twice, &booker)), "booking/payer-twice");
    let seen = |house: &House, by: &Viewer| by.is_inside(&house.card(booking));
    assert!(!seen(&house, &other), "a stranger knows nothing of it");
    let three = [
        share(&house, 0, "1/3", Some("P1")),
        share(&house, 0, "1/3", Some("P2")),
        share(&house, 1, "1/3", None),
    ];
    house.tells(booking, &split(&three), &booker).unwrap();
    assert!(seen(&house, &other) && !seen(&house, &house.firm(2)));
    is_used(&mut house, booking, "2026-03-03 09:00", "2026-03-03 11:00");
    let report = json!({ "verb": "report", "summary": "done", "price": "1000.00" });
    house.tells(booking, &report, &keeper).unwrap();
    house.tells(booking, &json!({ "verb": "check-charge" }), &keeper).unwrap();
    let invoice = |firm: Option<Id>, amount: &str, number: &str| json!({ "verb": "invoice", "number": number, "amount": amount, "on": "2026-03-03", "payer": firm });
    let [first, second, third] = [0, 1, 2].map(|nth| house.firms[nth]);
    let no = |house: &mut House, command: &Value| why(house.tells(booking, command, &keeper));
    assert_eq!(no(&mut house, &invoice(None, "1.00", "A")), "booking/payer-needed");
    assert_eq!(no(&mut house, &invoice(Some(third), "1.00", "A")), "booking/not-a-payer");
    assert_eq!(no(&mut house, &invoice(Some(first), "1.00", "A")), "booking/share-not-agreed");
    let agree = json!({ "verb": "agree-to-share" });
    assert!(matches!(house.tells(booking, &agree, &booker), Err(Refused::NotAllowed(_))));
    house.tells(booking, &agree, &other).unwrap();
    // A thousand yuan in three: 333.34, 333.33, 333.33; the first payer has two of them.
    assert_eq!(no(&mut house, &invoice(Some(first), "666.68", "A")), "booking/more-than-its-part");
    house.tells(booking, &invoice(Some(first), "666.67", "A"), &keeper).unwrap();
    assert_eq!(no(&mut house, &invoice(Some(second), "333.34", "B")), "booking/more-than-its-part");
    house.tells(booking, &invoice(Some(second), "333.33", "B"), &keeper).unwrap();
    assert_eq!(why(house.tells(booking, &split(&three), &booker)), "booking/invoices-stand");
}

#[test]
fn who_declines_a_share_leaves_it_to_be_split_anew() {
    let mut house = house(&json!({}));
    let booking = house.books(0, "2026-03-03 09:00", 60);
    let (booker, other) = (house.firm(0), house.firm(1));
    let payers = split(&[share(&house, 0, "3/4", None), share(&house, 1, "1/4", None)]);
    house.tells(booking, &payers, &booker).unwrap();
    let decline = json!({ "verb": "decline-share", "reason": "not our project" });
    house.tells(booking, &decline, &other).unwrap();
    assert_eq!(house.state(booking)["split"][1]["declined"], json!("not our project"));
    let alone = split(&[share(&house, 0, "1/1", Some("P1"))]);
    house.tells(booking, &alone, &booker).unwrap();
    assert_eq!(house.card(booking).read::<Vec<Id>>("asked_payers"), None);
}
