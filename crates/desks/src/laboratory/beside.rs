//! Beside: the field of a form that each refusal is about.

pub const BESIDE: &[(&str, &str)] = &[
    ("named-twice", "notes"),
    ("no-notes", "notes"),
    ("same-notes", "notes"),
    ("no-name", "name"),
    ("number-changes", "platform_no"),
    ("tier-does-not-fit", "tier"),
    ("lead-is-partner", "partners"),
    ("part-of-itself", "parent"),
    ("approved-later", "approved"),
    ("evaluated-before-approval", "next_evaluation"),
    ("successor-is-itself", "successor"),
    ("successor-is-gone", "successor"),
];
