//! Texts, lists and numbers whose limits stand in their types.

use std::{fmt, ops::Deref, str::FromStr};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, de::Error};

use super::Unreadable;

/// A text of 1 to `N` characters without control characters, outer blanks dropped.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Text<const N: usize>(String);

impl<const N: usize> Text<N> {
    /// The text, when it is one: for words that the program itself writes.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

impl<const N: usize> FromStr for Text<N> {
    type Err = Unreadable;
    fn from_str(text: &str) -> Result<Self, Unreadable> {
        let text = text.trim().replace("\r\n", "\n");
        if text.is_empty() {
            return Err(Unreadable("needed"));
        }
        if text.chars().count() > N {
            return Err(Unreadable("too-long"));
        }
        if text.chars().any(|c| (c.is_control() && c != '\n' && c != '\t') || c == '\u{fffd}') {
            return Err(Unreadable("odd-characters"));
        }
        Ok(Self(text))
    }
}

impl<const N: usize> Deref for Text<N> {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}
impl<const N: usize> fmt::Display for Text<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl<const N: usize> fmt::Debug for Text<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}
impl<'de, const N: usize> Deserialize<'de> for Text<N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(|fault: Unreadable| D::Error::custom(fault.0))
    }
}
impl<const N: usize> JsonSchema for Text<N> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        format!("text-{N}").into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "x-kind": "text", "minLength": 1, "maxLength": N })
    }
}

/// The same words in Chinese and English. At least one of the two is there.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(inline, extend("x-kind" = "bilingual"))]
pub struct Bilingual<const N: usize> {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zh: Option<Text<N>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub en: Option<Text<N>>,
}

impl<const N: usize> Bilingual<N> {
    /// The words in both languages, one after the other: what search reads.
    #[must_use]
    pub fn joined(&self) -> String {
        [&self.zh, &self.en].into_iter().flatten().map(|t| t.to_string()).collect::<Vec<_>>().join("\n")
    }

    #[must_use]
    pub fn zh(&self) -> &str {
        self.zh.as_deref().or(self.en.as_deref()).unwrap_or("")
    }

    #[must_use]
    pub fn en(&self) -> &str {
        self.en.as_deref().or(self.zh.as_deref()).unwrap_or("")
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.zh.is_none() && self.en.is_none()
    }
}

/// At most `N` things, in order.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(transparent)]
pub struct List<T, const N: usize>(Vec<T>);

impl<T, const N: usize> Default for List<T, N> {
    fn default() -> Self {
        Self(Vec::new())
    }
}
impl<T, const N: usize> List<T, N> {
    /// `None` when there are too many.
    #[must_use]
    pub fn new(things: Vec<T>) -> Option<Self> {
        (things.len() <= N).then_some(Self(things))
    }

    /// Adds one more; `false` when the list is full.
    pub fn push(&mut self, thing: T) -> bool {
        let room = self.0.len() < N;
        if room {
            self.0.push(thing);
        }
        room
    }

    pub fn retain(&mut self, keep: impl FnMut(&T) -> bool) {
        self.0.retain(keep);
    }

    pub fn iter_mut(&mut self) -> std::slice::IterMut<'_, T> {
        self.0.iter_mut()
    }
}
impl<T, const N: usize> Deref for List<T, N> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        &self.0
    }
}
impl<'de, T: Deserialize<'de>, const N: usize> Deserialize<'de> for List<T, N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(Vec::deserialize(deserializer)?).ok_or_else(|| D::Error::custom("too-many"))
    }
}
impl<T: JsonSchema, const N: usize> JsonSchema for List<T, N> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        format!("list-{}-{N}", T::schema_name()).into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let each = generator.subschema_for::<T>();
        json_schema!({ "type": "array", "x-kind": "list", "items": each, "maxItems": N })
    }
}

/// A whole number from `A` to `B`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(transparent)]
pub struct Between<const A: i64, const B: i64>(i64);

impl<const A: i64, const B: i64> Between<A, B> {
    #[must_use]
    pub fn new(number: i64) -> Option<Self> {
        (A..=B).contains(&number).then_some(Self(number))
    }

    #[must_use]
    pub const fn get(self) -> i64 {
        self.0
    }
}
impl<'de, const A: i64, const B: i64> Deserialize<'de> for Between<A, B> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(i64::deserialize(deserializer)?).ok_or_else(|| D::Error::custom("out-of-range"))
    }
}
impl<const A: i64, const B: i64> JsonSchema for Between<A, B> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        format!("between-{A}-{B}").into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "integer", "x-kind": "number", "minimum": A, "maximum": B })
    }
}
