//! Beside: the field of a form that each refusal is about.

pub const BESIDE: &[(&str, &str)] = &[
    ("not-agreed-to-be-public", "public"),
    ("no-public-name", "display_name"),
    ("not-an-orcid", "orcid"),
    ("organisation-is-gone", "organisation"),
    ("ends-in-the-past", "until"),
    ("ends-before-it-begins", "until"),
];
