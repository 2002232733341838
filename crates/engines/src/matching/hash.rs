//! Hashing for terms: FNV-1a over lower-case bytes for words, one multiplication for keys. Both are
//! fixed for ever, because snapshots store terms as numbers.

use std::hash::{BuildHasherDefault, Hasher};

/// A builder of hashers for keys that are numbers already well mixed.
pub type Quick = BuildHasherDefault<QuickHasher>;

const FNV_START: u64 = 0xcbf2_9ce4_8422_2325;
const FNV_PRIME: u64 = 0x0100_0000_01b3;

/// Hashes a folded word.
pub fn fold_hash(word: &str) -> u64 {
    chain(FNV_START, word)
}

/// Goes on hashing: `chain(fold_hash("28"), "nm")` is `fold_hash("28nm")`.
pub fn chain(from: u64, word: &str) -> u64 {
    word.bytes().fold(from, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(FNV_PRIME))
}

/// Spreads a hash over all bits.
pub fn spread(hash: u64) -> u64 {
    let mixed = (hash ^ hash >> 32).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed ^ mixed >> 29
}

/// The hasher behind [`Quick`].
#[derive(Debug, Default, Clone, Copy)]
pub struct QuickHasher(u64);

impl Hasher for QuickHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(FNV_PRIME);
        }
        self.0 = spread(self.0);
    }

    fn write_u32(&mut self, number: u32) {
        self.0 = spread(self.0 ^ u64::from(number));
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = spread(self.0 ^ number);
    }
}
