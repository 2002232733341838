//! Beside: the field of a form that each refusal is about.

pub const BESIDE: &[(&str, &str)] = &[
    ("another-instrument", "instrument"),
    ("no-line", "instrument"),
    ("not-in-service", "instrument"),
    ("not-open-to-you", "instrument"),
    ("not-your-unit", "buyer"),
    ("may-hold-secrets", "no_secrets"),
    ("permit-needed", "permit"),
    ("permit-not-valid", "permit"),
    ("samples-needed", "samples"),
    ("too-short", "minutes"),
    ("too-long", "minutes"),
    ("not-in-steps", "minutes"),
    ("which-turn", "number"),
    ("no-such-turn", "number"),
];
