//! Beside: the field of a form that each refusal is about.

pub const BESIDE: &[(&str, &str)] = &[
    ("no-title", "title"),
    ("may-hold-secrets", "no_secrets"),
    ("call-changes", "call"),
    ("lead-changes", "lead"),
    ("partner-twice", "partners"),
    ("no-route", "route"),
    ("no-indicators", "indicators"),
    ("budget-does-not-sum", "budget"),
    ("milestones-pay-other", "milestones"),
    ("milestone-too-late", "milestones"),
    ("no-reason", "reason"),
];
