//! Value: which kinds of value a rule can have, and whether a text is one.

use grammar::{prelude::*, rules::RuleValue};

/// What a rule's value means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum ValueKind {
    YesNo,
    Number,
    Period,
    Share,
    Day,
    Money,
    Words,
}

/// Narrow kinds first: what reads as a number would also read as an amount.
const NARROW_FIRST: [ValueKind; 7] = [
    ValueKind::YesNo,
    ValueKind::Number,
    ValueKind::Period,
    ValueKind::Share,
    ValueKind::Day,
    ValueKind::Money,
    ValueKind::Words,
];

impl ValueKind {
    /// Whether `text` is a value of this kind, as the desks will read it.
    #[must_use]
    pub fn reads(self, text: &str) -> bool {
        match self {
            Self::YesNo => matches!(text, "yes" | "no"),
            Self::Number => i64::read(text).is_some(),
            Self::Period => Period::read(text).is_some(),
            Self::Share => Share::read(text).is_some(),
            Self::Day => Day::read(text).is_some(),
            Self::Money => Money::read(text).is_some(),
            Self::Words => {
                Vec::<String>::read(text).is_some_and(|words| words.iter().all(|word| !word.is_empty()))
            }
        }
    }

    /// The narrowest kind that `text` is a value of. The desks may take it for a wider one (`5` for five
    /// yuan); a new value that reads as the narrowest kind reads as any they can have meant.
    #[must_use]
    pub fn of(text: &str) -> Self {
        NARROW_FIRST.into_iter().find(|kind| kind.reads(text)).unwrap_or(Self::Words)
    }
}
