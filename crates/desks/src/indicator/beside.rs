//! Beside: the field of a form that each refusal is about.

pub const BESIDE: &[(&str, &str)] = &[("no-title", "title"), ("not-a-number", "value")];
