//! Beside: the field of a form that each refusal is about.

pub const BESIDE: &[(&str, &str)] = &[
    ("category-not-open", "category"),
    ("not-an-amount", "price"),
    ("no-such-item", "item"),
    ("nothing-to-read", "reason"),
];
