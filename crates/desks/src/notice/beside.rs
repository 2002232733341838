//! Beside: the field of a form that each refusal is about.

pub const BESIDE: &[(&str, &str)] = &[("nothing-to-read", "text")];
