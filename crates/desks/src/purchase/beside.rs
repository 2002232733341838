//! Beside: the field of a form that each refusal is about.

pub const BESIDE: &[(&str, &str)] = &[
    ("no-name", "name"),
    ("not-an-amount", "value"),
    ("unit-changes", "unit"),
    ("may-hold-secrets", "no_secrets"),
    ("needs-no-review", "value"),
    ("not-shared", "equivalents"),
    ("not-nearby", "equivalents"),
    ("own-instrument", "equivalents"),
    ("nothing-named", "equivalents"),
    ("no-use-budget", "use_budget"),
    ("on-a-later-day", "on"),
    ("before-the-review", "on"),
    ("more-than-reviewed", "value"),
];
