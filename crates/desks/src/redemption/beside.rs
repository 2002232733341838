//! Beside: the field of a form that each refusal is about.

pub const BESIDE: &[(&str, &str)] = &[
    ("not-confirmed", "orders"),
    ("of-another-provider", "orders"),
    ("twice", "orders"),
    ("too-many-lines", "orders"),
    ("not-in-this-batch", "order"),
    ("another-draw", "draw"),
    ("not-drawn-yet", "draw"),
    ("already-examined", "order"),
    ("notice-still-runs", "notice"),
    ("not-the-providers-account", "till"),
    ("no-clearing-account", "through"),
];
