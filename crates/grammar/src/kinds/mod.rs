//! What a value can mean: money, days, regions, codes of institutions, references, texts with limits.
//!
//! A value that exists is valid: every type here parses at the edge and refuses what makes no sense.
//! Each type describes itself to [`crate::form`] by one extension key in its JSON schema, `x-kind`.

mod day;
mod file;
mod id;
mod money;
mod personal;
mod place;
mod pots;
mod region;
mod share;
mod text;
mod uscc;

pub use day::{Day, Moment};
pub use file::FileRef;
pub use id::{Id, Ref};
pub use money::Money;
pub use personal::{Personal, Sealed, commitment, masked};
pub use place::Place;
pub use pots::Pots;
pub use region::{REGION_ALL, Region, RegionRow, regions};
pub use share::Share;
pub use text::{Between, Bilingual, List, Text};
pub use uscc::Uscc;

/// Why a text is not a value of a kind: a code that `grammar/words` turns into a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable(pub &'static str);

/// Writes the serde and schema side of a kind that is one string on paper.
macro_rules! string_kind {
    ($type:ty, $kind:literal) => {
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                text.parse().map_err(|fault: $crate::kinds::Unreadable| serde::de::Error::custom(fault.0))
            }
        }
        impl schemars::JsonSchema for $type {
            fn inline_schema() -> bool {
                true
            }
            fn schema_name() -> std::borrow::Cow<'static, str> {
                $kind.into()
            }
            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "type": "string", "x-kind": $kind })
            }
        }
    };
}
pub(crate) use string_kind;

/// Reads full-width digits, letters and punctuation as their ordinary forms, and drops outer blanks.
#[must_use]
pub fn half_width(text: &str) -> String {
    text.trim()
        .chars()
        .map(|c| match c {
            '\u{3000}' => ' ',
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
            _ => c,
        })
        .collect()
}
