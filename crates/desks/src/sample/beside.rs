//! Beside: the field of a form that each refusal is about.

pub const BESIDE: &[(&str, &str)] = &[
    ("of-what", "booking"),
    ("of-both", "order"),
    ("nothing-comes", "booking"),
    ("which-instrument", "instrument"),
    ("another-instrument", "instrument"),
    ("another-laboratory", "laboratory"),
    ("another-booking", "booking"),
    ("not-complete", "is_complete"),
    ("named-twice", "hazards"),
    ("not-taken-there", "hazards"),
    ("not-taken-by-laboratory", "hazards"),
    ("no-handling", "handling"),
    ("how-long", "keep_days"),
    ("where-to", "back_to"),
    ("may-not-be-posted", "carriage"),
    ("no-carrier", "carrier"),
    ("no-tracking", "tracking"),
    ("what-is-wrong", "note"),
    ("more-than-came", "left"),
];
