//! The same trees by another hand: `ct-merkle`, which shares no line with ours, makes and checks the same proofs.

#[cfg(test)]
mod peer {
    use chain::{Hash, Memory, leaf, proof, tree};
    use ct_merkle::{ConsistencyProof, InclusionProof, RootHash, mem_backed_tree::MemoryBackedTree};
    use sha2::Sha256;

    const SIZE_MAX: u64 = 260;

    /// Both trees of the same entries.
    fn trees(size: u64) -> (Memory, MemoryBackedTree<Sha256, Vec<u8>>) {
        let (mut ours, mut theirs) = (Memory::default(), MemoryBackedTree::new());
        for number in 0..size {
            let entry = number.to_be_bytes().to_vec();
            ours.push(leaf::leaf_hash(&entry));
            theirs.push(entry);
        }
        (ours, theirs)
    }

    fn root(root: &RootHash<Sha256>) -> Hash {
        Hash((*root.as_bytes()).into())
    }

    fn bytes(proof: &[Hash]) -> Vec<u8> {
        proof.iter().flat_map(|hash| hash.0).collect()
    }

    #[test]
    fn roots_and_inclusion_proofs_are_theirs() {
        for size in (1..=20).chain([31, 32, 33, 255, 256, 257, SIZE_MAX]) {
            let (ours, theirs) = trees(size);
            let their_root = theirs.root();
            assert_eq!(tree::root(size, &ours).unwrap(), root(&their_root), "size {size}");
            for index in 0..size {
                let proof = proof::inclusion(index, size, &ours).unwrap();
                let their_proof = theirs.prove_inclusion(usize::try_from(index).unwrap());
                assert_eq!(bytes(&proof), their_proof.as_bytes(), "{index} of {size}");
                let read = InclusionProof::try_from_bytes(bytes(&proof)).unwrap();
                their_root.verify_inclusion(&index.to_be_bytes(), index, &read).unwrap();
            }
        }
    }

    #[test]
    fn proofs_of_growth_are_theirs() {
        for new in (1..=20).chain([31, 32, 33, 255, 256, 257, SIZE_MAX]) {
            let (ours, theirs) = trees(new);
            for old in 1..new {
                let proof = proof::consistency(old, new, &ours).unwrap();
                let their_proof = theirs.prove_consistency(usize::try_from(new - old).unwrap());
                assert_eq!(bytes(&proof), their_proof.as_bytes(), "{old} to {new}");
                let read = ConsistencyProof::try_from_bytes(bytes(&proof)).unwrap();
                let old_root = RootHash::new(tree::root(old, &ours).unwrap().0.into(), old);
                theirs.root().verify_consistency(&old_root, &read).unwrap();
            }
        }
    }
}
