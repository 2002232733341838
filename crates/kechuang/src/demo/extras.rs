//! Extras: what the instruments of the demonstration lend and use up, and the evenings on which some cost less.

use serde_json::{Value, json};

const WORKDAYS: [&str; 5] = ["monday", "tuesday", "wednesday", "thursday", "friday"];

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
        "consumables": [{ "name": "载样片 sample carrier", "measure": "片 piece", "charge": "8.00" }],
        "off_peak": evenings, "off_peak_share": is_open_late.then_some("70%"),
    });
    if let (Some(using), Value::Object(more)) = (using.as_object_mut(), more) {
        using.extend(more);
    }
}
