//! Beside: the field of a form that each refusal is about.

pub const BESIDE: &[(&str, &str)] = &[
    ("no-title", "title"),
    ("nothing-offered", "offers"),
    ("offered-twice", "offers"),
    ("not-in-order", "closes"),
    ("in-the-past", "closes"),
    ("more-reserved", "reserves"),
];
