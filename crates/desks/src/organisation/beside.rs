//! Beside: the field of a form that each refusal is about.

pub const BESIDE: &[(&str, &str)] = &[
    ("code-changes", "uscc"),
    ("no-name", "name"),
    ("parent-is-itself", "parent"),
    ("ends-before-it-begins", "until"),
    ("successor-is-itself", "successor"),
    ("successor-is-gone", "successor"),
];
