//! Beside: the field of a form that each refusal is about.

pub const BESIDE: &[(&str, &str)] = &[
    ("no-instrument", "instruments"),
    ("instrument-twice", "instruments"),
    ("of-another-unit", "instruments"),
    ("not-in-laboratory", "instruments"),
    ("not-yours-to-close", "closes_instruments"),
    ("in-the-past", "from"),
    ("too-far-ahead", "from"),
    ("not-your-permit", "permit"),
    ("opens-something-else", "permit"),
    ("nobody-passed", "passed"),
    ("no-seat", "passed"),
    ("passed-already", "passed"),
];
