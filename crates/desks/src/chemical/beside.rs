//! Beside: the field of a form that each refusal is about.

pub const BESIDE: &[(&str, &str)] = &[
    ("no-name", "name"),
    ("not-a-cas", "cas"),
    ("named-twice", "hazards"),
    ("laboratory-gone", "laboratory"),
    ("another-laboratory", "laboratory"),
    ("no-place", "place"),
    ("custodians-needed", "custodians"),
    ("controlled-not-offered", "is_offered"),
    ("issued-later", "safety_sheet"),
    ("only-the-office", "control"),
    ("unit-changes", "unit"),
    ("no-amount", "at_hand"),
    ("over-the-limit", "amount"),
    ("too-many-batches", "batch"),
    ("no-such-batch", "batch"),
    ("not-enough", "amount"),
    ("only-expired", "amount"),
    ("not-your-booking", "booking"),
    ("why-differs", "reason"),
];
