//! Proofs about the tree (RFC 6962 sections 2.1.1–2.1.2, RFC 9162 sections 2.1.3–2.1.4).
//!
//! Inclusion: this leaf is number `index` of the `size` under this root. Consistency: the first `old` leaves under the
//! new root are those under the old root, so nothing was changed or removed. Making follows the RFCs' recursion from
//! the root down; checking follows RFC 9162's algorithms from the leaf up, so the two share no mistake.

use std::fmt;

use crate::leaf::{Hash, empty_root, node_hash};
use crate::tree::{Missing, Nodes, range};

/// Why a proof was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProofError {
    IndexBeyondSize { index: u64, size: u64 },
    Shrunk { old: u64, new: u64 },
    TooShort,
    TooLong,
    WrongRoot,
    WrongOldRoot,
    WrongNewRoot,
}

/// The siblings on the way from leaf `index` up to the root of `size` leaves: RFC 6962's PATH(m, D\[n\]).
///
/// Fails when the leaf is not below `size`, or a node is missing.
pub fn inclusion(index: u64, size: u64, nodes: &impl Nodes) -> Result<Vec<Hash>, Missing> {
    if index >= size {
        return Err(Missing { level: 0, index });
    }
    let (mut begin, mut end) = (0, size);
    let mut siblings = Vec::new();
    while end - begin > 1 {
        let middle = split(begin, end);
        if index < middle {
            siblings.push(range(middle, end, nodes)?);
            end = middle;
        } else {
            siblings.push(range(begin, middle, nodes)?);
            begin = middle;
        }
    }
    siblings.reverse();
    Ok(siblings)
}

/// The nodes that rebuild both roots, of `old` and of `new` leaves: RFC 6962's PROOF(m, D\[n\]).
///
/// Empty when `old` is 0 or `new`. Fails when `old` is beyond `new`, or a node is missing.
pub fn consistency(old: u64, new: u64, nodes: &impl Nodes) -> Result<Vec<Hash>, Missing> {
    if old > new {
        return Err(Missing { level: 0, index: old - 1 });
    }
    if old == 0 {
        return Ok(Vec::new());
    }
    let (mut begin, mut end) = (0, new);
    let mut parts = Vec::new();
    while old < end {
        let middle = split(begin, end);
        if old <= middle {
            parts.push(range(middle, end, nodes)?);
            end = middle;
        } else {
            parts.push(range(begin, middle, nodes)?);
            begin = middle;
        }
    }
    // What is left is the old tree's last perfect subtree. If it is the whole old tree, its root is known already.
    if begin > 0 {
        parts.push(range(begin, end, nodes)?);
    }
    parts.reverse();
    Ok(parts)
}

/// Where the RFC parts a range of at least two leaves: after the largest power of two below its length.
fn split(begin: u64, end: u64) -> u64 {
    begin + (1 << (end - begin - 1).ilog2())
}

/// Checks that `leaf` is number `index` of the `size` leaves under `root` (RFC 9162 section 2.1.3.2).
pub fn verify_inclusion(
    index: u64,
    size: u64,
    leaf: Hash,
    proof: &[Hash],
    root: Hash,
) -> Result<(), ProofError> {
    if index >= size {
        return Err(ProofError::IndexBeyondSize { index, size });
    }
    let mut climb = Climb { node: index, last: size - 1 };
    let mut hash = leaf;
    for sibling in proof {
        hash = match climb.up().ok_or(ProofError::TooLong)? {
            Sibling::Left => node_hash(sibling, &hash),
            Sibling::Right => node_hash(&hash, sibling),
        };
    }
    ensure(climb.is_at_root(), ProofError::TooShort)?;
    ensure(hash == root, ProofError::WrongRoot)
}

/// Checks that the tree of `new` leaves begins with the tree of `old` leaves (RFC 9162 section 2.1.4.2).
///
/// The RFC leaves `old` = 0 open: here the proof is then empty, and the old root that of the empty tree.
pub fn verify_consistency(
    old: u64,
    new: u64,
    proof: &[Hash],
    old_root: Hash,
    new_root: Hash,
) -> Result<(), ProofError> {
    ensure(old <= new, ProofError::Shrunk { old, new })?;
    if old == 0 || old == new {
        ensure(proof.is_empty(), ProofError::TooLong)?;
        ensure(old > 0 || old_root == empty_root(), ProofError::WrongOldRoot)?;
        return ensure(old < new || old_root == new_root, ProofError::WrongNewRoot);
    }
    // The climb begins at the old tree's last perfect subtree: the whole old tree, or the first part of the proof.
    let (start, siblings) = match old.is_power_of_two() {
        true => (&old_root, proof),
        false => proof.split_first().ok_or(ProofError::TooShort)?,
    };
    let height = (old - 1).trailing_ones();
    let mut climb = Climb { node: (old - 1) >> height, last: (new - 1) >> height };
    let (mut old_hash, mut new_hash) = (*start, *start);
    for sibling in siblings {
        match climb.up().ok_or(ProofError::TooLong)? {
            Sibling::Left => {
                old_hash = node_hash(sibling, &old_hash);
                new_hash = node_hash(sibling, &new_hash);
            }
            Sibling::Right => new_hash = node_hash(&new_hash, sibling),
        }
    }
    ensure(climb.is_at_root(), ProofError::TooShort)?;
    ensure(old_hash == old_root, ProofError::WrongOldRoot)?;
    ensure(new_hash == new_root, ProofError::WrongNewRoot)
}

/// The way up from one node: its index and the index of the last node, both at the present level.
/// RFC 9162 calls them fn and sn.
struct Climb {
    node: u64,
    last: u64,
}

enum Sibling {
    Left,
    Right,
}

impl Climb {
    /// Goes up past the next sibling and says on which side it is; `None` at the root.
    fn up(&mut self) -> Option<Sibling> {
        if self.is_at_root() {
            return None;
        }
        let sibling =
            if self.node & 1 == 1 || self.node == self.last { Sibling::Left } else { Sibling::Right };
        if let Sibling::Left = sibling {
            // The last node of a level has no sibling until it is a right child: it rises without one.
            let alone = self.node.trailing_zeros();
            self.rise(alone);
        }
        self.rise(1);
        Some(sibling)
    }

    /// Always: `levels` < 64, since a node that rises alone is the last of its level and `last` is not 0.
    fn rise(&mut self, levels: u32) {
        self.node >>= levels;
        self.last >>= levels;
    }

    fn is_at_root(&self) -> bool {
        self.last == 0
    }
}

fn ensure(is_true: bool, otherwise: ProofError) -> Result<(), ProofError> {
    if is_true { Ok(()) } else { Err(otherwise) }
}

impl fmt::Display for ProofError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::IndexBeyondSize { index, size } => {
                write!(f, "leaf `{index}` is not in a tree of `{size}` leaves")
            }
            Self::Shrunk { old, new } => write!(f, "the tree shrank from `{old}` to `{new}` leaves"),
            Self::TooShort => f.write_str("the proof has too few hashes"),
            Self::TooLong => f.write_str("the proof has too many hashes"),
            Self::WrongRoot => f.write_str("the proof leads to another root"),
            Self::WrongOldRoot => f.write_str("the proof leads to another old root"),
            Self::WrongNewRoot => f.write_str("the proof leads to another new root"),
        }
    }
}

impl std::error::Error for ProofError {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::leaf::leaf_hash;
    use crate::tree::root;
    use crate::tree::tests::{leaves, tree};

    const SIZE_MAX: u64 = 130;

    /// Every way to spoil a proof a little: each hash dropped, a strange one put in anywhere, a bit of each flipped.
    /// All 256 bits for small trees, one that wanders for the others.
    fn spoiled(proof: &[Hash], size: u64) -> Vec<Vec<Hash>> {
        let mut all = Vec::new();
        for place in 0..=proof.len() {
            let mut longer = proof.to_vec();
            longer.insert(place, leaf_hash(b"strange"));
            all.push(longer);
        }
        for place in 0..proof.len() {
            let mut shorter = proof.to_vec();
            shorter.remove(place);
            all.push(shorter);
            let wandering = (size as usize * 37 + place * 11) % 256;
            for bit in if size <= 16 { 0..256 } else { wandering..wandering + 1 } {
                let mut flipped = proof.to_vec();
                flipped[place].0[bit / 8] ^= 1 << (bit % 8);
                all.push(flipped);
            }
        }
        all
    }

    #[test]
    fn every_inclusion_is_proved_and_nothing_else() {
        let (leaves, memory) = (leaves(SIZE_MAX), tree(SIZE_MAX));
        for size in 0..=SIZE_MAX {
            let root = root(size, &memory).unwrap();
            assert_eq!(inclusion(size, size, &memory), Err(Missing { level: 0, index: size }));
            for index in 0..size {
                let leaf = leaves[index as usize];
                let proof = inclusion(index, size, &memory).unwrap();
                let verify = |proof: &[Hash]| verify_inclusion(index, size, leaf, proof, root);
                assert_eq!(verify(&proof), Ok(()), "{index} of {size}");
                assert!(spoiled(&proof, size).iter().all(|bad| verify(bad).is_err()), "{index} of {size}");
                let neighbour = verify_inclusion(index ^ 1, size, leaf, &proof, root);
                assert!(neighbour.is_err(), "{index} of {size}");
                let stranger = verify_inclusion(index, size, leaf_hash(b"strange"), &proof, root);
                assert_eq!(stranger, Err(ProofError::WrongRoot));
            }
        }
    }

    #[test]
    fn every_growth_is_proved_and_nothing_else() {
        let memory = tree(SIZE_MAX);
        for new in 0..=SIZE_MAX {
            let new_root = root(new, &memory).unwrap();
            assert!(consistency(new + 1, new, &memory).is_err());
            for old in 0..=new {
                let old_root = root(old, &memory).unwrap();
                let proof = consistency(old, new, &memory).unwrap();
                let verify = |proof: &[Hash]| verify_consistency(old, new, proof, old_root, new_root);
                assert_eq!(verify(&proof), Ok(()), "{old} to {new}");
                assert!(spoiled(&proof, new).iter().all(|bad| verify(bad).is_err()), "{old} to {new}");
                let strange = leaf_hash(b"strange");
                let other_past = verify_consistency(old, new, &proof, strange, new_root);
                assert!(other_past.is_err(), "{old} to {new}");
                let other_present = verify_consistency(old, new, &proof, old_root, strange);
                assert!(old == 0 && new > 0 || other_present.is_err(), "{old} to {new}");
            }
        }
    }

    /// A tree of any size, all of whose leaves are the same: one hash a level.
    struct Uniform(Vec<Hash>);

    impl Uniform {
        fn new() -> Uniform {
            let mut levels = vec![leaf_hash(b"same")];
            for level in 0..63 {
                levels.push(node_hash(&levels[level], &levels[level]));
            }
            Uniform(levels)
        }
    }

    impl Nodes for Uniform {
        fn node(&self, level: u8, _index: u64) -> Option<Hash> {
            self.0.get(usize::from(level)).copied()
        }
    }

    #[test]
    fn the_largest_trees_are_proved_too() {
        let nodes = Uniform::new();
        let half = 1 << 63;
        let sizes = [1, 2, half - 1, half, half + 1, u64::MAX - 1, u64::MAX];
        for new in sizes {
            let new_root = root(new, &nodes).unwrap();
            for old in sizes.into_iter().filter(|old| *old <= new) {
                let proof = consistency(old, new, &nodes).unwrap();
                let old_root = root(old, &nodes).unwrap();
                assert_eq!(
                    verify_consistency(old, new, &proof, old_root, new_root),
                    Ok(()),
                    "{old} to {new}"
                );
                let proof = inclusion(old - 1, new, &nodes).unwrap();
                let leaf = leaf_hash(b"same");
                assert_eq!(verify_inclusion(old - 1, new, leaf, &proof, new_root), Ok(()), "{old} of {new}");
            }
        }
    }

    #[test]
    fn no_numbers_and_no_length_make_it_panic() {
        let strange = leaf_hash(b"strange");
        let numbers =
            [0, 1, 2, 3, 255, 1 << 32, (1 << 63) - 1, 1 << 63, (1 << 63) + 1, u64::MAX - 1, u64::MAX];
        for first in numbers {
            for second in numbers {
                for length in 0..=70 {
                    let proof = vec![strange; length];
                    assert!(verify_inclusion(first, second, strange, &proof, empty_root()).is_err());
                    assert!(verify_consistency(first, second, &proof, strange, empty_root()).is_err());
                }
                // Only these need no node at all.
                let (is_alone, is_same) = (second == 1, first == 0 || first == second);
                assert_eq!(inclusion(first, second, &tree(0)).is_ok(), first == 0 && is_alone);
                assert_eq!(consistency(first, second, &tree(0)).is_ok(), is_same);
            }
        }
    }

    #[test]
    fn each_refusal_says_why() {
        let memory = tree(5);
        let (leaf, root5) = (leaves(5)[4], root(5, &memory).unwrap());
        let proof = inclusion(4, 5, &memory).unwrap();
        let verify =
            |index, proof: &[Hash]| verify_inclusion(index, 5, leaf, proof, root5).map_err(|e| e.to_string());
        assert_eq!(verify(5, &proof), Err("leaf `5` is not in a tree of `5` leaves".into()));
        assert_eq!(verify(4, &[]), Err("the proof has too few hashes".into()));
        assert_eq!(verify(4, &[leaf, leaf]), Err("the proof has too many hashes".into()));
        assert_eq!(verify(4, &[leaf]), Err("the proof leads to another root".into()));
        let shrunk = verify_consistency(5, 4, &[], root5, root5);
        assert_eq!(shrunk, Err(ProofError::Shrunk { old: 5, new: 4 }));
        let old_root = root(3, &memory).unwrap();
        let proof = consistency(3, 5, &memory).unwrap();
        let wrong_old = verify_consistency(3, 5, &proof, root5, root5);
        assert_eq!(wrong_old, Err(ProofError::WrongOldRoot));
        let wrong_new = verify_consistency(3, 5, &proof, old_root, old_root);
        assert_eq!(wrong_new, Err(ProofError::WrongNewRoot));
    }
}
