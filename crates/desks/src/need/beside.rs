//! Beside: the field of a form that each refusal is about.

pub const BESIDE: &[(&str, &str)] = &[
    ("no-title", "title"),
    ("may-hold-secrets", "no_secrets"),
    ("not-an-amount", "budget"),
    ("owner-changes", "owner"),
    ("not-an-enterprise", "owner"),
    ("outside-the-delta", "owner"),
    ("field-not-open", "field"),
    ("too-far-ahead", "deadline_months"),
    ("no-cross-region-reason", "cross_region"),
    ("no-indicators", "indicators"),
    ("window-too-short", "days"),
    ("window-too-long", "days"),
];
