//! Beside: the field of a form that each refusal is about.

pub const BESIDE: &[(&str, &str)] = &[
    ("no-title", "title"),
    ("no-summary", "summary"),
    ("may-hold-secrets", "no_secrets"),
    ("not-an-amount", "price"),
    ("completed-later", "completed"),
    ("above-its-weakest-part", "trl"),
    ("owner-changes", "owner"),
    ("no-mode", "modes"),
];
