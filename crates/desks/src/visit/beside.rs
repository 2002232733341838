//! Beside: the field of a form that each refusal is about.

pub const BESIDE: &[(&str, &str)] = &[
    ("not-listed", "laboratory"),
    ("not-a-visitor", "visiting"),
    ("in-the-past", "from"),
    ("ends-before-it-begins", "until"),
    ("too-long", "until"),
    ("nobody-named", "visitors"),
    ("one-only", "order"),
    ("not-your-booking", "booking"),
    ("not-your-proposal", "proposal"),
    ("not-your-order", "order"),
    ("host-not-theirs", "host"),
    ("another-laboratory", "laboratory"),
    ("another-version", "version"),
    ("confirmed-already", "version"),
    ("no-such-visitor", "visitor"),
    ("inside-already", "visitor"),
    ("not-inside", "visitor"),
    ("nobody-expected", "visitor"),
];
