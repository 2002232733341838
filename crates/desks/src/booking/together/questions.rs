//! What keepers ask: at booking and at the end; what an answer may be, and what it costs.

use super::*;

fn question(text: &str, asked: &str, by: &str, more: &Value) -> Value {
    let mut question = json!({ "question": { "en": text }, "asked": asked, "answered_by": by });
    for (name, value) in more.as_object().unwrap() {
        question[name] = value.clone();
    }
    question
}

fn ask(house: &mut House, questions: &[Value]) -> String {
    let (instrument, keeper) = (house.instrument, house.keeper.clone());
    let command = json!({ "verb": "set-questions", "questions": questions });
    match house.world.ask("instrument", Some(instrument), &command, &keeper) {
        Ok(_) => String::new(),
        refused => why(refused),
    }
}

fn answers(all: &[(i64, &str)]) -> Value {
    let each = |(question, text): &(i64, &str)| json!({ "question": question, "text": text });
    Value::Array(all.iter().map(each).collect())
}

fn grids() -> Value {
    json!({ "consumables": [{ "name": "grid", "charge": "8.00" }, { "name": "argon", "charge": "90.00" }] })
}

/// Four kinds at booking, and one number at the end that costs.
fn asking() -> House {
    let mut house = house(&grids());
    let none = json!({});
    let set = ask(
        &mut house,
        &[
            question(
                "voltage",
                "at-booking",
                "number",
                &json!({ "is_needed": true, "least": "0.5", "most": "200", "measure": "kV" }),
            ),
            question(
                "coating",
                "at-booking",
                "one-of",
                &json!({ "choices": [{ "en": "gold" }, { "zh": "碳", "en": "carbon" }] }),
            ),
            question("is it toxic", "at-booking", "yes-or-no", &none),
            question("in an emergency call", "at-booking", "words", &json!({ "is_personal": true })),
            question(
                "grids used",
                "at-end",
                "number",
                &json!({ "is_needed": true, "most": "20", "consumable": "grid" }),
            ),
            question(
                "bottles wanted",
                "at-booking",
                "number",
                &json!({ "most": "2", "consumable": "argon" }),
            ),
        ],
    );
    assert_eq!(set, "");
    house
}

#[test]
fn a_keepers_questions_make_sense() {
    let mut house = house(&grids());
    let mut refused = |by: &str, more: &Value| ask(&mut house, &[question("q", "at-end", by, more)]);
    let [bounds, choices] = ["instrument/no-bounds", "instrument/no-choices"];
    assert_eq!(refused("number", &json!({ "least": "3", "most": "2" })), bounds);
    assert_eq!(refused("number", &json!({ "least": "many" })), bounds);
    assert_eq!(refused("words", &json!({ "most": "2" })), bounds);
    assert_eq!(refused("one-of", &json!({ "choices": [{ "en": "a" }] })), choices);
    assert_eq!(refused("one-of", &json!({ "choices": [{ "en": "a" }, { "en": "a" }] })), choices);
    assert_eq!(refused("words", &json!({ "choices": [{ "en": "a" }, { "en": "b" }] })), choices);
    let personal = json!({ "is_personal": true });
    assert_eq!(refused("yes-or-no", &personal), "instrument/personal-in-words");
    let counts = |most: &str| json!({ "consumable": "grid", "most": most });
    assert_eq!(refused("number", &json!({ "consumable": "grid" })), "instrument/cost-without-bound");
    assert_eq!(refused("number", &counts("2.5")), "instrument/cost-without-bound");
    assert_eq!(refused("words", &json!({ "consumable": "grid" })), "instrument/cost-without-bound");
    assert_eq!(
        refused("number", &json!({ "consumable": "gold", "most": "2" })),
        "instrument/no-such-consumable"
    );
    assert_eq!(refused("number", &counts("2")), "");
    let one = question("q", "at-end", "number", &counts("2"));
    assert_eq!(ask(&mut house, &[one.clone(), one]), "instrument/counted-twice");
    let silent = question("", "at-end", "words", &json!({ "question": {} }));
    assert_eq!(ask(&mut house, &[silent]), "instrument/empty-question");
}

#[test]
fn an_answer_that_does_not_fit_is_refused_with_its_row() {
    let mut house = asking();
    let mut refused =
        |all: Value| why(house.asks("request", 0, "2026-03-03 09:00", 60, &json!({ "answers": all })));
    assert_eq!(refused(json!([])), "booking/answer-needed");
    assert_eq!(refused(json!([{ "question": 1 }])), "booking/answer-needed");
    for (text, code) in [
        ("200.001", "out-of-bounds"),
        ("0.4", "out-of-bounds"),
        ("high", "not-a-number"),
        ("1.2345", "not-a-number"),
    ] {
        assert_eq!(refused(answers(&[(1, text)])), format!("booking/{code}"), "{text}");
    }
    assert_eq!(refused(answers(&[(1, "200"), (2, "silver")])), "booking/not-a-choice");
    assert_eq!(refused(answers(&[(1, "200"), (3, "perhaps")])), "booking/not-yes-or-no");
    assert_eq!(refused(answers(&[(1, "200"), (4, "13800138000")])), "booking/personal-apart");
    assert_eq!(refused(json!([{ "question": 1, "personal": "ab".repeat(32) }])), "booking/personal-apart");
    assert_eq!(refused(answers(&[(1, "200"), (6, "1.5")])), "booking/not-whole");
    assert_eq!(refused(answers(&[(1, "200"), (6, "3")])), "booking/out-of-bounds");
    assert_eq!(refused(answers(&[(1, "200"), (1, "200")])), "booking/answered-twice");
    let not_now = "booking/no-such-question";
    assert_eq!(refused(answers(&[(1, "200"), (5, "3")])), not_now, "it is asked at the end");
    assert_eq!(refused(answers(&[(1, "200"), (7, "3")])), not_now);
    let twice =
        json!({ "answers": answers(&[(1, "200")]), "consumables": [{ "name": "argon", "count": 1 }] });
    assert_eq!(why(house.asks("request", 0, "2026-03-03 09:00", 60, &twice)), "booking/asked-already");
    let none = json!({ "answers": answers(&[(1, "200")]), "consumables": [{ "name": "argon", "count": 0 }] });
    assert!(house.asks("request", 0, "2026-03-07 09:00", 60, &none).is_ok(), "none of it is not twice");
    let row = house.asks(
        "request",
        0,
        "2026-03-03 09:00",
        60,
        &json!({ "answers": answers(&[(1, "２００"), (2, "x")]) }),
    );
    let Err(Refused::Because(refusal)) = row else { panic!("{row:?}") };
    assert_eq!(refusal.facts["row"], 2);
}

#[test]
fn numbers_that_count_a_consumable_cost_and_take_from_the_shelf() {
    let mut house = asking();
    let keeper = house.keeper.clone();
    let count = json!([{ "name": "grid", "count": 30 }, { "name": "argon", "count": 5 }]);
    house.keeps(&json!({ "verb": "set-stock", "stocks": count }));
    let all = json!([
        { "question": 1, "text": "80" }, { "question": 2, "text": "碳" }, { "question": 3, "text": "no" },
        { "question": 4, "personal": "ab".repeat(32) }, { "question": 6, "text": "2" }
    ]);
    let booking = house.asks("request", 0, "2026-03-03 09:00", 60, &json!({ "answers": all })).unwrap();
    let price = |house: &House| house.state(booking)["price"].as_str().unwrap().to_owned();
    assert_eq!(price(&house), "780.00", "600 for the hour, 180 for two bottles");
    let told =
        |house: &House| house.card(booking).read::<Value>("answers").unwrap().as_array().unwrap().len();
    assert_eq!(told(&house), 5);
    let answer = |text: &str| json!({ "verb": "answer", "answers": answers(&[(5, text)]) });
    assert_eq!(why(house.tells(booking, &answer("3"), &keeper)), "booking/not-now");
    super::extras::is_used(&mut house, booking, "2026-03-03 09:00", "2026-03-03 10:00");
    let report = json!({ "verb": "report", "summary": "done", "used": [{ "name": "argon", "count": 1 }] });
    assert_eq!(house.card(booking).read::<usize>("unanswered"), Some(1));
    assert_eq!(why(house.tells(booking, &report, &keeper)), "booking/still-unanswered");
    let firm = house.firm(0);
    assert_eq!(why(house.tells(booking, &answer("21"), &firm)), "booking/out-of-bounds");
    house.tells(booking, &answer("12"), &firm).unwrap();
    assert_eq!(price(&house), "876.00");
    house.tells(booking, &answer("3"), &keeper).unwrap();
    assert_eq!((price(&house).as_str(), told(&house)), ("804.00", 6), "the last answers count");
    assert_eq!(house.card(booking).read::<usize>("unanswered"), None);
    house.tells(booking, &report, &keeper).unwrap();
    assert_eq!(price(&house), "714.00", "one bottle less");
    let left = house.state(house.instrument)["stocks"].clone();
    assert_eq!(left, json!([{ "name": "grid", "count": 27 }, { "name": "argon", "count": 4 }]));
    assert_eq!(why(house.tells(booking, &answer("4"), &keeper)), "booking/not-now");
}

#[test]
fn a_booking_keeps_the_questions_it_was_made_with() {
    let mut house = asking();
    let booking = house
        .asks("request", 0, "2026-03-03 09:00", 60, &json!({ "answers": answers(&[(1, "80")]) }))
        .unwrap();
    assert_eq!(
        ask(&mut house, &[question("mood", "at-booking", "words", &json!({ "is_needed": true }))]),
        ""
    );
    let firm = house.firm(0);
    let [old, new] = ["2026-03-03 09:00", "2026-03-04 09:00"].map(|at| at.parse::<Moment>().unwrap());
    let to =
        json!({ "verb": "move", "instrument": house.instrument, "sitting": old, "from": new, "minutes": 60 });
    house.tells(booking, &to, &firm).unwrap();
    super::extras::is_used(&mut house, booking, "2026-03-04 09:00", "2026-03-04 10:00");
    house.tells(booking, &json!({ "verb": "answer", "answers": answers(&[(5, "1")]) }), &firm).unwrap();
    assert_eq!(why(house.asks("request", 1, "2026-03-05 09:00", 60, &json!({}))), "booking/answer-needed");
    let stranger = house.firm(1);
    let other = house.tells(booking, &json!({ "verb": "answer", "answers": [] }), &stranger);
    assert!(matches!(other, Err(Refused::NoSuchRecord(_) | Refused::NotAllowed(_))), "{other:?}");
}
