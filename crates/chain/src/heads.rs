//! Heads: how long each record's case is and which fact is its last, under one hash that every checkpoint carries.
//!
//! A Merkle map record → (sequence, entry of its last fact). 65,536 buckets by the first 16 bits of SHA-256("record" ‖
//! name); a bucket's hash is the RFC 6962 leaf of its sorted heads; the buckets' hashes are the leaves of a full tree.
//! A checkpoint carries the root in the extension line `heads <base64>` (C2SP tlog-checkpoint allows such lines). Whoever
//! shows a case so shows that it ends there: a later fact with an earlier place in the log convicts who signed both.
//! A proof shows its neighbours in the bucket; their values are blinded, and their keys are hashes of unguessed names.
//! Always: heads lie sorted in their bucket, each key once; `tree` fits the buckets except for those in `dirty`.

use std::fmt;
use std::iter::{repeat_n, successors};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::leaf::{Hash, leaf_hash, node_hash};

/// Levels of the tree above the buckets: one for each bit that chooses a bucket.
pub const DEPTH: usize = 16;
const BUCKETS: usize = 1 << DEPTH;
/// Heads in one bucket that a proof may hold: enough for some hundred million records.
pub const BUCKET_MAX: usize = 8_192;
/// The first word of the extension line.
const LINE: &str = "heads ";

/// One record in the map: which it is, and a commitment to where its case ends. In JSON `[key, value]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head(pub Hash, pub Hash);

/// The last fact of a record, as the map keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Last<'a> {
    pub record: &'a str,
    /// How many facts the record has: they are numbered from 1.
    pub sequence: u64,
    pub entry: Hash,
    /// The salt of that fact.
    pub salt: [u8; 32],
}

/// The key of a record: SHA-256("record" ‖ name).
pub fn key(record: &str) -> Hash {
    Hash(Sha256::new().chain_update("record").chain_update(record).finalize().into())
}

/// What opens a value to someone who may not have the last fact's salt: SHA-256("head" ‖ salt).
pub fn blind(salt: &[u8; 32]) -> Hash {
    Hash(Sha256::new().chain_update("head").chain_update(salt).finalize().into())
}

/// The value of a head: SHA-256(blind ‖ sequence, 8 bytes, highest first ‖ entry).
pub fn value(blind: &Hash, sequence: u64, entry: &Hash) -> Hash {
    let hasher = Sha256::new().chain_update(blind.0).chain_update(sequence.to_be_bytes());
    Hash(hasher.chain_update(entry.0).finalize().into())
}

fn bucket(key: &Hash) -> usize {
    let [high, low, ..] = key.0;
    usize::from(u16::from_be_bytes([high, low]))
}

fn bucket_hash(heads: &[Head]) -> Hash {
    let bytes: Vec<u8> = heads.iter().flat_map(|Head(key, value)| [key.0, value.0]).flatten().collect();
    leaf_hash(&bytes)
}

/// The extension line of a checkpoint under which this map stands.
pub fn line(root: &Hash) -> String {
    format!("{LINE}{}", STANDARD.encode(root.0))
}

/// The map's root among the extension lines of a checkpoint; `None` when it carries none, or more than one.
pub fn of(extensions: &[String]) -> Option<Hash> {
    let mut lines = extensions.iter().filter_map(|line| line.strip_prefix(LINE));
    let (Some(text), None) = (lines.next(), lines.next()) else { return None };
    Some(Hash(STANDARD.decode(text).ok()?.try_into().ok()?))
}

/// The whole map. 64 bytes a record, and 4 MiB for the tree.
#[derive(Clone, Debug)]
pub struct Heads {
    buckets: Vec<Vec<Head>>,
    /// Node 1 is the root, node n has the children 2n and 2n + 1; the buckets are the last 65,536.
    tree: Vec<Hash>,
    dirty: Vec<usize>,
    count: usize,
}

impl Default for Heads {
    fn default() -> Self {
        // All nodes of a level are the same while the map is empty.
        let up = |below: &Hash| Some(node_hash(below, below));
        let levels: Vec<Hash> = successors(Some(bucket_hash(&[])), up).take(DEPTH + 1).collect();
        let nodes = levels.iter().rev().zip(0..).flat_map(|(hash, level)| repeat_n(*hash, 1 << level));
        let tree = std::iter::once(bucket_hash(&[])).chain(nodes).collect();
        Self { buckets: vec![Vec::new(); BUCKETS], tree, dirty: Vec::new(), count: 0 }
    }
}

/// Hashes a node from its two children.
fn join(tree: &mut [Hash], node: usize) {
    if let (Some(left), Some(right)) = (tree.get(2 * node), tree.get(2 * node + 1)) {
        let hash = node_hash(left, right);
        tree.iter_mut().skip(node).take(1).for_each(|place| *place = hash);
    }
}

impl Heads {
    /// How many records it holds.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Takes the last fact of a record in place of the one before. Facts are put in the order of the log.
    pub fn put(&mut self, last: &Last) {
        let key = key(last.record);
        let head = Head(key, value(&blind(&last.salt), last.sequence, &last.entry));
        let bucket = bucket(&key);
        let Some(heads) = self.buckets.get_mut(bucket) else { return };
        match heads.binary_search_by(|head| head.0.0.cmp(&key.0)) {
            Ok(place) => heads.iter_mut().skip(place).take(1).for_each(|old| *old = head),
            Err(place) => {
                heads.reserve_exact(1);
                heads.insert(place, head);
                self.count += 1;
            }
        }
        self.dirty.push(bucket);
    }

    /// The root over everything that was put.
    pub fn root(&mut self) -> Hash {
        let mut nodes = std::mem::take(&mut self.dirty);
        nodes.sort_unstable();
        nodes.dedup();
        for bucket in &mut nodes {
            let hash = bucket_hash(self.buckets.get(*bucket).map_or(&[], Vec::as_slice));
            *bucket += BUCKETS;
            self.tree.iter_mut().skip(*bucket).take(1).for_each(|place| *place = hash);
        }
        for _ in 0..DEPTH {
            nodes.iter_mut().for_each(|node| *node /= 2);
            nodes.dedup();
            nodes.iter().for_each(|node| join(&mut self.tree, *node));
        }
        self.tree.get(1).copied().unwrap_or_else(|| bucket_hash(&[]))
    }

    /// What shows where a record's case ends, under the present root.
    pub fn proof(&mut self, record: &str) -> HeadProof {
        self.root();
        let bucket = bucket(&key(record));
        let heads = self.buckets.get(bucket).cloned().unwrap_or_default();
        let climb = successors(Some(bucket + BUCKETS), |node| Some(node / 2)).take(DEPTH);
        let path = climb.filter_map(|node| self.tree.get(node ^ 1)).copied().collect();
        HeadProof { heads, path }
    }
}

/// The map of these facts, which come in the order of the log: for whoever has them all and wants to be sure of it.
impl<'a> FromIterator<Last<'a>> for Heads {
    fn from_iter<T: IntoIterator<Item = Last<'a>>>(facts: T) -> Self {
        let mut heads = Self::default();
        facts.into_iter().for_each(|last| heads.put(&last));
        heads
    }
}

/// The bucket a record lies in, and the 16 hashes beside it on the way to the root, lowest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeadProof {
    pub heads: Vec<Head>,
    pub path: Vec<Hash>,
}

/// Why a head was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeadError {
    TooManyHeads,
    /// The bucket is not sorted, so that a record could stand in it twice.
    NotSorted,
    WrongLength,
    WrongRoot,
    /// The map does not hold this record.
    Absent,
}

impl HeadProof {
    /// The value that the map under `root` holds for a record. There can be no second one.
    pub fn value(&self, record: &str, root: &Hash) -> Result<Hash, HeadError> {
        ensure(self.heads.len() <= BUCKET_MAX, HeadError::TooManyHeads)?;
        ensure(self.path.len() == DEPTH, HeadError::WrongLength)?;
        ensure(self.heads.is_sorted_by(|a, b| a.0.0 < b.0.0), HeadError::NotSorted)?;
        let key = key(record);
        let mut place = bucket(&key);
        let mut hash = bucket_hash(&self.heads);
        for sibling in &self.path {
            hash = if place & 1 == 0 { node_hash(&hash, sibling) } else { node_hash(sibling, &hash) };
            place /= 2;
        }
        ensure(hash == *root, HeadError::WrongRoot)?;
        self.heads.iter().find(|head| head.0 == key).map(|head| head.1).ok_or(HeadError::Absent)
    }
}

fn ensure(holds: bool, error: HeadError) -> Result<(), HeadError> {
    if holds { Ok(()) } else { Err(error) }
}

impl fmt::Display for HeadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooManyHeads => "the bucket holds too many heads",
            Self::NotSorted => "the bucket is not sorted",
            Self::WrongLength => "the way to the root has not 16 hashes",
            Self::WrongRoot => "the bucket does not lead to the root in the checkpoint",
            Self::Absent => "the map does not hold this record",
        })
    }
}

impl std::error::Error for HeadError {}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    fn name(n: u64) -> String {
        format!("voucher-{n}")
    }

    fn last(record: &str, sequence: u64) -> Last<'_> {
        let mut salt = [7; 32];
        salt[0] = sequence as u8;
        Last { record, sequence, entry: leaf_hash(&sequence.to_be_bytes()), salt }
    }

    fn expected(last: &Last) -> Hash {
        value(&blind(&last.salt), last.sequence, &last.entry)
    }

    /// The definition: every bucket hashed anew, the tree by recursion.
    fn slow_root(heads: &Heads) -> Hash {
        let mut row: Vec<Hash> = heads.buckets.iter().map(|heads| bucket_hash(heads)).collect();
        while row.len() > 1 {
            row = row.chunks(2).map(|pair| node_hash(&pair[0], &pair[1])).collect();
        }
        row[0]
    }

    #[test]
    fn the_root_is_the_one_of_the_definition_after_every_change() {
        let mut heads = Heads::default();
        assert_eq!(heads.root(), slow_root(&heads));
        for round in 0..2 {
            for n in 0..300 {
                heads.put(&last(&name(n * (round + 1)), round + 1));
            }
            assert_eq!(heads.root(), slow_root(&heads));
        }
        let again: Heads = (0..2).flat_map(|round| (0..300).map(move |n| (n * (round + 1), round + 1))).fold(
            Heads::default(),
            |mut heads, (n, sequence)| {
                heads.put(&last(&name(n), sequence));
                heads
            },
        );
        assert_eq!(again.clone().root(), heads.root());
        assert_eq!(again.count(), heads.count());
    }

    #[test]
    fn each_record_is_shown_with_its_last_fact_and_no_other() {
        let mut heads = Heads::default();
        (0..2_000).for_each(|n| heads.put(&last(&name(n), 1)));
        heads.put(&last(&name(3), 2));
        let root = heads.root();
        for n in [0, 3, 1_999] {
            let name = name(n);
            let sequence = if n == 3 { 2 } else { 1 };
            assert_eq!(heads.proof(&name).value(&name, &root), Ok(expected(&last(&name, sequence))));
        }
        assert_eq!(heads.proof("voucher-none").value("voucher-none", &root), Err(HeadError::Absent));
        // Another record's proof does not lead to the root from this record's bucket.
        assert_eq!(heads.proof(&name(0)).value(&name(1), &root), Err(HeadError::WrongRoot));
    }

    #[test]
    fn a_bucket_cannot_hold_a_record_twice_nor_be_changed() {
        let name = name(0);
        let mut heads = Heads::default();
        heads.put(&last(&name, 1));
        let root = heads.root();
        let proof = heads.proof(&name);
        let refused = |change: fn(&mut HeadProof)| {
            let mut proof = proof.clone();
            change(&mut proof);
            proof.value(&name, &root).unwrap_err()
        };
        assert_eq!(refused(|proof| proof.heads.push(proof.heads[0])), HeadError::NotSorted);
        assert_eq!(refused(|proof| proof.heads[0].1.0[0] ^= 1), HeadError::WrongRoot);
        assert_eq!(refused(|proof| proof.heads.clear()), HeadError::WrongRoot);
        assert_eq!(refused(|proof| proof.path.truncate(15)), HeadError::WrongLength);
        assert_eq!(refused(|proof| proof.path[15].0[0] ^= 1), HeadError::WrongRoot);
        let many = |proof: &mut HeadProof| proof.heads = vec![proof.heads[0]; BUCKET_MAX + 1];
        assert_eq!(refused(many), HeadError::TooManyHeads);
    }

    #[test]
    fn the_extension_line_is_read_back_and_stands_once() {
        let root = leaf_hash(b"root");
        assert_eq!(of(&["other x".into(), line(&root)]), Some(root));
        assert_eq!(of(&[line(&root), line(&root)]), None, "two roots are none");
        for bad in ["heads", "heads ", "heads AAAA", "head x"] {
            assert_eq!(of(&[bad.to_owned()]), None, "{bad}");
        }
    }

    #[test]
    fn a_head_is_written_as_a_pair_of_hashes() {
        let head = Head(leaf_hash(b"a"), leaf_hash(b"b"));
        let json = serde_json::to_string(&head).unwrap();
        assert_eq!(json, format!("[\"{}\",\"{}\"]", head.0, head.1));
        assert_eq!(serde_json::from_str::<Head>(&json).unwrap(), head);
    }
}
