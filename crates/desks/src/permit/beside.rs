//! Beside: the field of a form that each refusal is about.

pub const BESIDE: &[(&str, &str)] =
    &[("trained-later", "on"), ("ends-in-the-past", "until"), ("too-long", "until")];
