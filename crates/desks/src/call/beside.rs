//! Beside: the field of a form that each refusal is about.

pub const BESIDE: &[(&str, &str)] = &[
    ("no-title", "title"),
    ("programme-changes", "programme"),
    ("closes-before-it-opens", "closes"),
    ("closes-in-the-past", "closes"),
    ("code-twice", "topics"),
    ("topic-is-empty", "topics"),
    ("no-topics", "topics"),
    ("window-too-short", "closes"),
];
