//! Beside: the field of a form that each refusal is about.

pub const BESIDE: &[(&str, &str)] = &[
    ("no-title", "title"),
    ("ends-before-it-begins", "until"),
    ("no-funders", "funders"),
    ("funder-twice", "funders"),
    ("shares-do-not-sum", "funders"),
    ("no-money", "years"),
];
