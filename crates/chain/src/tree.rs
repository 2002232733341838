//! The tree of RFC 6962 section 2.1, kept as its perfect subtrees.
//!
//! Node (level, index) is the root of the 2^level leaves that begin at index · 2^level. It is written once, when its
//! last leaf arrives, and never changes: storage is append-only, one flat row of hashes a level. The ragged right edge
//! is never stored; `root` folds it from at most 64 nodes.
//! Always: a tree of n leaves has exactly the nodes (level, 0 .. n >> level), fewer than 2n in all.

use std::fmt;

use crate::leaf::{Hash, empty_root, node_hash};

/// Where the hashes of perfect subtrees are kept. What is not complete yet, or was lost, is `None`.
pub trait Nodes {
    fn node(&self, level: u8, index: u64) -> Option<Hash>;
}

/// The tree holds no such node: it is smaller than was asked for, or storage has lost a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Missing {
    pub level: u8,
    pub index: u64,
}

/// The nodes, as (level, index, hash), that a new leaf completes in a tree of `size` leaves, lowest first.
///
/// The first is the leaf itself; on average two. `leaf` is a `leaf_hash`. Fails when a left neighbour is missing.
pub fn append(size: u64, leaf: Hash, nodes: &impl Nodes) -> Result<Vec<(u8, u64, Hash)>, Missing> {
    let (mut level, mut index, mut hash) = (0, size, leaf);
    let mut completed = vec![(level, index, hash)];
    // A right child completes its parent; a left child waits for its neighbour.
    while index & 1 == 1 {
        let left = node(nodes, level, index - 1)?;
        (level, index, hash) = (level + 1, index >> 1, node_hash(&left, &hash));
        completed.push((level, index, hash));
    }
    Ok(completed)
}

/// The Merkle Tree Hash of the first `size` leaves. Fails when one of its perfect subtrees is missing.
pub fn root(size: u64, nodes: &impl Nodes) -> Result<Hash, Missing> {
    range(0, size, nodes)
}

/// The RFC's MTH(D\[begin:end\]), for the ranges its recursion reaches.
///
/// Always: `begin` is a multiple of the smallest power of two that is not below `end - begin`. Then the range is a row
/// of perfect subtrees, one for each bit of its length, the largest leftmost; they fold from the right.
pub(crate) fn range(begin: u64, end: u64, nodes: &impl Nodes) -> Result<Hash, Missing> {
    let mut end = end;
    let mut folded = None;
    while end > begin {
        let level = (end - begin).trailing_zeros();
        end -= 1 << level;
        let subtree = node(nodes, level as u8, end >> level)?; // level < 64
        folded = Some(folded.map_or(subtree, |right| node_hash(&subtree, &right)));
    }
    Ok(folded.unwrap_or_else(empty_root))
}

fn node(nodes: &impl Nodes, level: u8, index: u64) -> Result<Hash, Missing> {
    nodes.node(level, index).ok_or(Missing { level, index })
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the tree has no node at level `{}`, index `{}`", self.level, self.index)
    }
}

impl std::error::Error for Missing {}

/// A whole tree in memory: one flat row of hashes a level.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    levels: Vec<Vec<Hash>>,
}

impl Memory {
    /// How many leaves it has.
    pub fn size(&self) -> u64 {
        self.levels.first().map_or(0, |leaves| leaves.len() as u64)
    }

    /// Adds one leaf (a `leaf_hash`) and the nodes it completes: `append` for rows that cannot have gaps.
    pub fn push(&mut self, leaf: Hash) {
        let mut hash = leaf;
        for row in &mut self.levels {
            row.push(hash);
            match row.as_slice() {
                [.., left, right] if row.len() % 2 == 0 => hash = node_hash(left, right),
                _ => return,
            }
        }
        self.levels.push(vec![hash]);
    }
}

impl Extend<Hash> for Memory {
    fn extend<T: IntoIterator<Item = Hash>>(&mut self, leaves: T) {
        leaves.into_iter().for_each(|leaf| self.push(leaf));
    }
}

impl Nodes for Memory {
    fn node(&self, level: u8, index: u64) -> Option<Hash> {
        self.levels.get(usize::from(level))?.get(usize::try_from(index).ok()?).copied()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::leaf::leaf_hash;

    /// The definition of RFC 6962 section 2.1, word for word: slow, and obviously right.
    pub(crate) fn merkle_tree_hash(leaves: &[Hash]) -> Hash {
        match leaves {
            [] => empty_root(),
            [leaf] => *leaf,
            _ => {
                let split = leaves.len().next_power_of_two() / 2;
                node_hash(&merkle_tree_hash(&leaves[..split]), &merkle_tree_hash(&leaves[split..]))
            }
        }
    }

    pub(crate) fn leaves(count: u64) -> Vec<Hash> {
        (0..count).map(|index| leaf_hash(&index.to_be_bytes())).collect()
    }

    pub(crate) fn tree(count: u64) -> Memory {
        let mut memory = Memory::default();
        memory.extend(leaves(count));
        memory
    }

    #[test]
    fn the_root_is_the_one_of_the_definition() {
        let (leaves, memory) = (leaves(300), tree(300));
        for size in 0..=300 {
            assert_eq!(root(size as u64, &memory), Ok(merkle_tree_hash(&leaves[..size])), "size {size}");
        }
    }

    #[test]
    fn the_roots_are_those_of_the_reference_tree() {
        // The eight leaves and roots of the Certificate Transparency reference code.
        let entries: [&[u8]; 8] =
            [b"", b"\x00", b"\x10", b" !", b"01", b"@ABC", b"PQRSTUVW", b"`abcdefghijklmno"];
        let roots = [
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
            "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
            "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
            "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
        ];
        let mut memory = Memory::default();
        for (entry, expected) in entries.iter().zip(roots) {
            memory.push(leaf_hash(entry));
            assert_eq!(root(memory.size(), &memory).unwrap().to_string(), expected);
        }
    }

    #[test]
    fn append_names_exactly_the_nodes_that_push_adds() {
        let mut memory = Memory::default();
        let mut total = 0;
        for (size, leaf) in leaves(300).into_iter().enumerate() {
            let completed = append(size as u64, leaf, &memory).unwrap();
            assert!(completed.iter().all(|(level, index, _)| memory.node(*level, *index).is_none()));
            memory.push(leaf);
            assert!(completed.iter().all(|(level, index, hash)| memory.node(*level, *index) == Some(*hash)));
            total += completed.len();
        }
        assert_eq!(total, memory.levels.iter().map(Vec::len).sum::<usize>());
        assert!(total < 2 * 300);
    }

    #[test]
    fn what_was_lost_is_named() {
        let memory = tree(5);
        assert_eq!(root(6, &memory), Err(Missing { level: 1, index: 2 }));
        assert_eq!(append(7, empty_root(), &memory), Err(Missing { level: 0, index: 6 }));
        assert_eq!(root(u64::MAX, &memory), Err(Missing { level: 0, index: u64::MAX - 1 }));
        assert_eq!(append(u64::MAX, empty_root(), &memory), Err(Missing { level: 0, index: u64::MAX - 1 }));
    }
}
