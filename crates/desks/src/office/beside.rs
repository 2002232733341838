//! Beside: the field of a form that each refusal is about.

pub const BESIDE: &[(&str, &str)] =
    &[("holder-is-erased", "holder"), ("begins-in-the-past", "from"), ("ends-before-it-begins", "until")];
