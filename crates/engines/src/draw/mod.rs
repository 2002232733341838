//! Draw: some of a list, by chance that anyone can repeat: fair, weighted, or with quotas for strata.
//!
//! A [`Question`] made [`Ready`] is answered by [`draw`] and the answer checked by [`check`], which does not search.
//! The law. Entries are sorted by key, so the order of a file does not matter. An order of all of them is drawn: each
//! next place goes to one of those left, with chances in proportion to their weights (all weights 1: every order is as
//! likely as any other). Whole numbers only: a number below the sum of the weights left is drawn from the [`Stream`], and
//! the entry in whose stretch it falls has the place. Then the list is walked in that order, and each entry is taken unless
//! its stratum is full or the places left are needed for others. Who is not taken is a substitute, in that order. So
//! entries of one stratum with the same weight have the same chance; between strata the quotas speak.

mod check;
mod law;
mod quotas;
mod stream;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

pub use check::{Wrong, check};
pub use law::{draw, without};
pub use quotas::{Demand, Quota};
pub use stream::Stream;

/// Entries of one list.
pub const ENTRIES_MAX: usize = 100_000;
/// Bytes of a key, a stratum or a label.
pub const TEXT_MAX: usize = 400;
/// The largest weight: with as many entries as there may be, the sum still has room in 64 bits.
pub const WEIGHT_MAX: u64 = 1_000_000_000_000;

/// 32 bytes that nobody chose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seed(pub [u8; 32]);

impl Seed {
    /// 64 hexadecimal digits are the bytes themselves; any other text is hashed with SHA-256, so that a
    /// public number (a lottery's, an index at its close) can be a seed as it was announced.
    #[must_use]
    pub fn of_text(text: &str) -> Self {
        Self::of_hex(text).unwrap_or_else(|| Self(Sha256::digest(text.trim()).into()))
    }

    /// The seed that these 64 hexadecimal digits write.
    #[must_use]
    pub fn of_hex(text: &str) -> Option<Self> {
        let (pairs, rest) = text.trim().as_bytes().as_chunks::<2>();
        let mut bytes = [0; 32];
        if pairs.len() != bytes.len() || !rest.is_empty() {
            return None;
        }
        for ([high, low], byte) in pairs.iter().zip(&mut bytes) {
            let digit = |letter: &u8| char::from(*letter).to_digit(16).and_then(|d| u8::try_from(d).ok());
            *byte = digit(high)? * 16 + digit(low)?;
        }
        Some(Self(bytes))
    }
}

impl std::fmt::Display for Seed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Someone or something that can be drawn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Names it; no two entries have the same.
    pub key: String,
    /// 1 to `WEIGHT_MAX`; 1 for everyone is a fair draw.
    pub weight: u64,
    /// The group it belongs to; empty when there are none.
    pub stratum: String,
}

impl Entry {
    /// An entry of a fair draw.
    #[must_use]
    pub fn fair(key: impl Into<String>) -> Self {
        Self { key: key.into(), weight: 1, stratum: String::new() }
    }
}

/// What is drawn, from whom, by which rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    pub entries: Vec<Entry>,
    /// How many are taken.
    pub take: u32,
    /// How many substitutes are named.
    pub spare: u32,
    /// By stratum. A stratum without a quota may give as many as it likes.
    pub quotas: BTreeMap<String, Quota>,
}

/// Why a question makes no sense.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum Refusal {
    NobodyThere,
    NobodyWanted,
    TooMany {
        max: usize,
    },
    /// The key is empty or longer than `TEXT_MAX` bytes.
    BadKey {
        place: usize,
    },
    Twice {
        key: String,
    },
    BadWeight {
        key: String,
        max: u64,
    },
    /// A stratum is longer than `TEXT_MAX` bytes.
    BadStratum {
        key: String,
    },
    /// The smallest set of demands that cannot hold together.
    Impossible {
        demands: Vec<Demand>,
    },
}

/// A question that has an answer: entries sorted by key, quotas that can all be kept.
#[derive(Clone, Debug)]
pub struct Ready {
    entries: Vec<Entry>,
    take: u32,
    spare: u32,
    quotas: BTreeMap<String, Quota>,
}

/// Who was drawn. Places are those of [`Ready::entries`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// In the order in which they were drawn.
    pub taken: Vec<u32>,
    /// Substitutes, the first one first.
    pub spare: Vec<u32>,
    /// The certificate: all entries in the order in which they were drawn.
    pub order: Vec<u32>,
}

impl Question {
    /// Looks whether the question has an answer, and sorts its list.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn ready(self) -> Result<Ready, Refusal> {
        let Self { mut entries, take, spare, quotas } = self;
        if entries.is_empty() {
            return Err(Refusal::NobodyThere);
        }
        if take == 0 {
            return Err(Refusal::NobodyWanted);
        }
        if entries.len() > ENTRIES_MAX {
            return Err(Refusal::TooMany { max: ENTRIES_MAX });
        }
        let mut seen = BTreeSet::new();
        for (entry, place) in entries.iter().zip(0..) {
            let key = entry.key.clone();
            if key.is_empty() || key.len() > TEXT_MAX {
                return Err(Refusal::BadKey { place });
            }
            if entry.weight == 0 || entry.weight > WEIGHT_MAX {
                return Err(Refusal::BadWeight { key, max: WEIGHT_MAX });
            }
            if entry.stratum.len() > TEXT_MAX {
                return Err(Refusal::BadStratum { key });
            }
            if !seen.insert(entry.key.as_str()) {
                return Err(Refusal::Twice { key });
            }
        }
        let demands = quotas::conflict(take, &sizes(&entries), &quotas);
        if !demands.is_empty() {
            return Err(Refusal::Impossible { demands });
        }
        // By bytes: a language's own order differs between machines.
        entries.sort_by(|a, b| a.key.cmp(&b.key));
        Ok(Ready { entries, take, spare, quotas })
    }
}

fn sizes(entries: &[Entry]) -> BTreeMap<&str, u32> {
    let mut sizes = BTreeMap::new();
    for entry in entries {
        *sizes.entry(entry.stratum.as_str()).or_default() += 1;
    }
    sizes
}

impl Ready {
    /// The list, sorted by key.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The entry at a place of an answer.
    #[must_use]
    pub fn entry(&self, place: u32) -> Option<&Entry> {
        self.entries.get(usize::try_from(place).ok()?)
    }

    /// The keys at the places of an answer.
    #[must_use]
    pub fn keys(&self, places: &[u32]) -> Vec<&str> {
        places.iter().filter_map(|place| self.entry(*place)).map(|entry| entry.key.as_str()).collect()
    }
}
