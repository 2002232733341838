//! Beside: the field of a form that each refusal is about.

pub const BESIDE: &[(&str, &str)] = &[
    ("empty-question", "questions"),
    ("no-bounds", "questions"),
    ("no-choices", "questions"),
    ("personal-in-words", "questions"),
    ("cost-without-bound", "questions"),
    ("line-needs-nobody", "using"),
];
