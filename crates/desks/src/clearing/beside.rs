//! Beside: the field of a form that each refusal is about.

pub const BESIDE: &[(&str, &str)] = &[
    ("ends-before-it-begins", "until"),
    ("not-a-clearing-account", "accounts"),
    ("joined-twice", "accounts"),
    ("not-a-member", "orders"),
    ("nothing-to-clear", "orders"),
    ("twice", "orders"),
    ("later-than-this-run", "orders"),
    ("too-many-lines", "orders"),
    ("no-such-line", "line"),
    ("already-disputed", "line"),
    ("not-disputed", "line"),
];
