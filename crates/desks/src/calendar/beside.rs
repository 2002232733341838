//! Beside: the field of a form that each refusal is about.

pub const BESIDE: &[(&str, &str)] = &[
    ("taken-then", "from"),
    ("no-place-left", "from"),
    ("booked-then", "times.from"),
    ("too-near", "from"),
    ("closed-then", "from"),
    ("daily-quota", "minutes"),
    ("weekly-quota", "minutes"),
    ("week-full", "from"),
    ("wait-list-full", "from"),
    ("waits-already", "from"),
];
