//! Beside: the field of a form that each refusal is about.

pub const BESIDE: &[(&str, &str)] = &[
    ("no-kind-or-field", "kinds"),
    ("may-hold-secrets", "no_secrets"),
    ("not-with-unit", "unit"),
    ("ends-in-the-past", "until"),
    ("ends-before-it-begins", "until"),
    ("begins-later", "since"),
];
