//! Beside: the field of a form that each refusal is about.

pub const BESIDE: &[(&str, &str)] = &[
    ("not-an-amount", "face"),
    ("not-an-amount", "amount"),
    ("ends-in-the-past", "until"),
    ("ends-in-another-year", "until"),
    ("more-than-its-share", "amount"),
    ("not-enough-left", "amount"),
    ("not-enough-held", "amount"),
    ("not-the-providers-account", "to"),
    ("not-enough-gone", "amount"),
    ("holder-of-another-region", "holder"),
    ("fund-of-another-region", "fund"),
];
