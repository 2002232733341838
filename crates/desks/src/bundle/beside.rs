//! Beside: the field of a form that each refusal is about.

pub const BESIDE: &[(&str, &str)] =
    &[("nothing-picked", "picks"), ("nothing-to-cancel", "bookings"), ("not-in-bundle", "bookings")];
