//! Values of persons, and values that stay closed until a moment. Both are outside events and states:
//! what is written down is a commitment, and the value lies in one table from which it can be erased.

use std::{borrow::Cow, marker::PhantomData};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// `SHA-256(salt ‖ value)` in hexadecimal. Without the salt it says nothing about the value.
#[must_use]
pub fn commitment(salt: &[u8; 32], value: &serde_json::Value) -> String {
    let digest = Sha256::new().chain_update(salt).chain_update(value.to_string()).finalize();
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A value about a person, known only by its commitment. No rule can depend on what it hides: it has
/// no equality and no way to the value.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
pub struct Personal<T> {
    commitment: String,
    #[serde(skip)]
    kind: PhantomData<fn() -> T>,
}

/// A value that stays closed until its record's clock command opens it.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sealed<T> {
    commitment: String,
    #[serde(skip)]
    kind: PhantomData<fn() -> T>,
}

/// How a telephone number, an e-mail address, a document's or an account's number is shown to those who need
/// not read it: `138****1234`, `z****@example.org`. The stars do not tell how much they stand for.
#[must_use]
pub fn masked(text: &str) -> String {
    let letters: Vec<char> = text.trim().chars().collect();
    let (head, tail) = match letters.len() {
        0..7 => (0, 0),
        7..11 => (1, 2),
        _ => (3, 4),
    };
    if let Some((name, host)) = text.trim().rsplit_once('@') {
        let first: String = name.chars().take(1).collect();
        return format!("{first}****@{host}");
    }
    let first: String = letters.iter().take(head).collect();
    let last: String = letters.iter().skip(letters.len() - tail).collect();
    format!("{first}****{last}")
}

/// What both have in common; they differ in who may open them, and when.
macro_rules! hidden {
    ($type:ident, $kind:literal) => {
        impl<T> $type<T> {
            /// The commitment in hexadecimal: the key under which the value is kept.
            #[must_use]
            pub fn commitment(&self) -> &str {
                &self.commitment
            }
        }
        impl<T> Clone for $type<T> {
            fn clone(&self) -> Self {
                Self { commitment: self.commitment.clone(), kind: PhantomData }
            }
        }
        impl<T> std::fmt::Debug for $type<T> {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!($kind, "(…)"))
            }
        }
        impl<T: JsonSchema> JsonSchema for $type<T> {
            fn inline_schema() -> bool {
                true
            }
            fn schema_name() -> Cow<'static, str> {
                format!(concat!($kind, "-{}"), T::schema_name()).into()
            }
            fn json_schema(generator: &mut SchemaGenerator) -> Schema {
                let inner = generator.subschema_for::<T>();
                json_schema!({ "x-kind": $kind, "items": inner })
            }
        }
    };
}
hidden!(Personal, "personal");
hidden!(Sealed, "sealed");

#[cfg(test)]
mod tests {
    use super::masked;

    #[test]
    fn a_mask_shows_little_and_no_length() {
        let shown = [
            "13812341234",
            "+86 138 1234 1234",
            "310101199001014321",
            "zhang.san@example.org",
            "6222021001116245702",
            "021 5555",
            "12345",
            "张三",
            "",
        ]
        .map(masked);
        let wanted = [
            "138****1234",
            "+86****1234",
            "310****4321",
            "z****@example.org",
            "622****5702",
            "0****55",
            "****",
            "****",
            "****",
        ];
        assert_eq!(shown, wanted);
    }
}
