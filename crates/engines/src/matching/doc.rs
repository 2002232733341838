//! What the index keeps of an offer besides its terms.

use serde::{Deserialize, Serialize};

/// Something that can be put behind a need: an achievement, a laboratory, an instrument, a person, an
/// organisation, a call. The index keeps its terms and the short facts, not its texts.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Offer {
    /// Names it for ever; putting the same id again replaces it. At most [`ID_MAX`] bytes count.
    pub id: String,
    /// `achievement`, `laboratory`, `instrument`, `organisation`, …
    pub kind: String,
    /// Title or name, Chinese and English joined. Names are also found by their pinyin.
    pub title: String,
    /// Keywords and other names, separated by any sign.
    pub keywords: String,
    /// Everything else worth finding.
    pub text: String,
    /// Code of its field; a prefix is a wider field. Empty when unknown.
    pub field: String,
    /// GB/T 2260 code of six digits; 0 when unknown.
    pub region: u32,
    /// Technology readiness, 1 to 9; 0 when unknown.
    pub readiness: u8,
    /// The last day it can be had, in days since 1970-01-01.
    pub until: Option<i32>,
    /// What it costs, in fen.
    pub price: Option<i64>,
    /// Who may see it: 0 for everyone, other tags are the caller's. Only offers that everyone may see
    /// count in the statistics of words, so that a closed offer changes nobody else's answer.
    pub audience: u32,
}

/// The longest id, kind or field code, in bytes.
pub const ID_MAX: usize = 256;

/// An offer in the index.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Doc {
    /// See [`Offer::id`].
    pub id: Box<str>,
    /// The number of its kind.
    pub kind: u16,
    /// See [`Offer::readiness`].
    pub readiness: u8,
    /// Whether it has not been removed.
    pub is_live: bool,
    /// See [`Offer::audience`].
    pub audience: u32,
    /// See [`Offer::region`].
    pub region: u32,
    /// See [`Offer::until`].
    pub until: Option<i32>,
    /// See [`Offer::price`].
    pub price: Option<i64>,
    /// See [`Offer::field`].
    pub field: Box<str>,
}

impl Doc {
    /// Keeps the short facts of an offer.
    pub fn of(offer: &Offer, kind: u16) -> Self {
        Self {
            id: cut(&offer.id).into(),
            kind,
            readiness: offer.readiness.min(9),
            is_live: true,
            audience: offer.audience,
            region: offer.region,
            until: offer.until,
            price: offer.price,
            field: cut(&offer.field).into(),
        }
    }
}

/// The text up to [`ID_MAX`] bytes, at a character's border.
pub fn cut(text: &str) -> &str {
    text.get(..text.floor_char_boundary(ID_MAX)).unwrap_or(text)
}

/// The province of a region: `310115` → `31`.
pub fn province(region: u32) -> u32 {
    region / 10_000
}
