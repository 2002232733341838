//! Extras: what the instruments of the demonstration lend and use up, what their keepers ask, which one several use at once,
//! and the evenings on which some cost less.

use serde_json::{Value, json};

use super::{
    asks::{Founding, invented},
    bookings::Kept,
};

const WORKDAYS: [&str; 5] = ["monday", "tuesday", "wednesday", "thursday", "friday"];

const CARRIER: &str = "载样片 sample carrier";
/// Carriers on the shelf of the instrument where they are counted: few.
const CARRIERS: u32 = 3;
/// How many may use the hall at once.
const PLACES: u32 = 3;

/// Working hours; none for what is open day and night.
pub fn openings(is_always_open: bool) -> Vec<Value> {
    let open = |day: &str| json!({ "weekday": day, "opens": "08:30", "shuts": "18:00" });
    WORKDAYS.into_iter().filter(|_| !is_always_open).map(open).collect()
}

/// Puts them into terms of use; cheaper evenings only where it is open in the evening.
pub fn with(using: &mut Value, is_open_late: bool) {
    let evening = |day: &str| json!({ "weekday": day, "opens": "20:00", "shuts": "24:00" });
    let evenings: Vec<Value> = WORKDAYS.into_iter().filter(|_| is_open_late).map(evening).collect();
    let more = json!({
        "accessories": [
            { "name": "样品台 sample stage", "stock": 2, "charge": null },
            { "name": "加热台 heating stage", "stock": 1, "charge": "60.00" },
        ],
        "consumables": [{ "name": CARRIER, "measure": "片 piece", "charge": "8.00" }],
        "off_peak": evenings, "off_peak_share": is_open_late.then_some("70%"),
    });
    if let (Some(using), Value::Object(more)) = (using.as_object_mut(), more) {
        using.extend(more);
    }
}

/// The keeper of the first instrument asks, and counts what lies on the shelf; the second one has room for several.
///
/// # Errors
/// The first ask that was denied.
pub fn set(f: &mut Founding, kept: &[Kept]) -> Result<(), String> {
    let mut asks = Vec::new();
    let mut ask = |each: &Kept, name: &str, command: Value| {
        let key = format!("sharing/{}/{name}", each.n);
        asks.push(invented(key, each.keeper.by(), "instrument", Some(each.id), command));
    };
    if let Some(each) = kept.first() {
        ask(each, "questions", json!({ "verb": "set-questions", "questions": questions() }));
        let stocks = json!([{ "name": CARRIER, "count": CARRIERS }]);
        ask(each, "stock", json!({ "verb": "set-stock", "stocks": stocks }));
    }
    if let Some(each) = kept.get(1) {
        let mut using = each.using();
        if let Some(using) = using.as_object_mut() {
            using.insert("places".into(), PLACES.into());
        }
        ask(each, "places", json!({ "verb": "set-using", "using": using }));
    }
    f.ask_all("sharing", asks).map(drop)
}

fn questions() -> Value {
    json!([
        {
            "question": { "zh": "样品是否含磁性成分", "en": "Is the sample magnetic?" }, "asked": "at-booking",
            "answered_by": "yes-or-no", "measure": null, "least": null, "most": null, "consumable": null,
        },
        {
            "question": { "zh": "加速电压", "en": "Accelerating voltage" }, "asked": "at-booking",
            "answered_by": "number", "measure": "kV", "least": "5", "most": "300", "consumable": null,
        },
        {
            "question": { "zh": "使用了几片载样片", "en": "Sample carriers used" }, "asked": "at-end",
            "answered_by": "number", "measure": "片 piece", "least": "0", "most": "12", "consumable": CARRIER,
        },
    ])
}
