//! Beside: the field of a form that each refusal is about.

pub const BESIDE: &[(&str, &str)] = &[
    ("may-hold-secrets", "no_secrets"),
    ("no-title", "title"),
    ("more-least-than-asked", "least"),
    ("no-samples", "samples"),
    ("no-measures", "samples"),
    ("no-urgency", "urgency"),
    ("note-needed", "note"),
    ("another-instrument", "instrument"),
    ("round-not-open", "round"),
];
