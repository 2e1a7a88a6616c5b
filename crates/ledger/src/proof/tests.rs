use proptest::prelude::*;

use super::*;
use crate::hash::leaf_hash;
use crate::tree;

fn leaves(size: u64) -> Vec<Digest32> {
    (0..size).map(|index| leaf_hash(&index.to_be_bytes())).collect()
}

/// Every way in which a path is altered: a bit, a hash dropped, doubled, added, two swapped.
fn mutations(path: &[Digest32]) -> Vec<Vec<Digest32>> {
    let mut made = Vec::new();
    for at in 0..path.len() {
        for bit in [0, 77, 255] {
            let mut altered = path.to_vec();
            altered[at].0[bit / 8] ^= 1 << (bit % 8);
            made.push(altered);
        }
        let mut dropped = path.to_vec();
        let taken = dropped.remove(at);
        made.push(dropped);
        let mut doubled = path.to_vec();
        doubled.insert(at, taken);
        made.push(doubled);
        for other in 0..at {
            let mut swapped = path.to_vec();
            swapped.swap(at, other);
            made.push(swapped);
        }
    }
    for extra in [Digest32([0; 32]), path.last().copied().unwrap_or(Digest32([1; 32]))] {
        made.push([path, &[extra]].concat());
        made.push([&[extra], path].concat());
    }
    made.retain(|altered| altered != path);
    made
}

#[test]
fn no_mutated_inclusion_proof_is_accepted() {
    let mut tried = 0;
    for size in 1..=70 {
        let leaves = leaves(size);
        let root = tree::root(leaves.as_slice(), size).unwrap();
        for index in 0..size {
            let leaf = leaves[index as usize];
            let path = tree::inclusion(leaves.as_slice(), index, size).unwrap();
            assert_eq!(verify_inclusion(&leaf, index, size, &root, &path), Ok(()));
            for altered in mutations(&path) {
                tried += 1;
                assert!(verify_inclusion(&leaf, index, size, &root, &altered).is_err(), "{index} of {size}");
            }
            for other in (0..size + 3).filter(|other| *other != index) {
                tried += 1;
                assert!(verify_inclusion(&leaf, other, size, &root, &path).is_err(), "{index} as {other}");
            }
            let other_leaf = leaf_hash(b"another");
            assert_eq!(verify_inclusion(&other_leaf, index, size, &root, &path), Err(ProofError::Root));
        }
    }
    assert!(tried > 200_000, "only {tried} mutations tried");
}

#[test]
fn no_mutated_consistency_proof_is_accepted() {
    let mut tried = 0;
    for new in 1..=40 {
        let leaves = leaves(new);
        let root = |size| tree::root(leaves.as_slice(), size).unwrap();
        for old in 0..=new {
            let path = tree::consistency(leaves.as_slice(), old, new).unwrap();
            assert_eq!(verify_consistency(old, &root(old), new, &root(new), &path), Ok(()));
            for altered in mutations(&path) {
                tried += 1;
                assert!(
                    verify_consistency(old, &root(old), new, &root(new), &altered).is_err(),
                    "{old}-{new}"
                );
            }
            let forged = Digest32::of(b"forged");
            assert!(verify_consistency(old, &forged, new, &root(new), &path).is_err());
            assert!(old == 0 || verify_consistency(old, &root(old), new, &forged, &path).is_err());
        }
    }
    assert!(tried > 20_000, "only {tried} mutations tried");
}

#[test]
fn the_ends_of_the_range() {
    let root = leaf_hash(b"only");
    assert_eq!(verify_inclusion(&root, 0, 0, &root, &[]), Err(ProofError::Outside));
    assert_eq!(verify_inclusion(&root, u64::MAX, u64::MAX, &root, &[]), Err(ProofError::Outside));
    assert_eq!(verify_inclusion(&root, 0, u64::MAX, &root, &vec![root; 65]), Err(ProofError::Length));
    assert_eq!(verify_consistency(2, &root, 1, &root, &[]), Err(ProofError::Outside));
    assert_eq!(verify_consistency(1, &root, u64::MAX, &root, &[]), Err(ProofError::Length));
    assert_eq!(verify_consistency(0, &root, 1, &root, &[]), Err(ProofError::Root));
}

proptest! {
    #[test]
    fn hostile_input_is_refused_without_panic(
        leaf: [u8; 32], index: u64, size: u64, root: [u8; 32], old: u64,
        path in prop::collection::vec(any::<[u8; 32]>().prop_map(Digest32), 0..70),
    ) {
        let (leaf, root) = (Digest32(leaf), Digest32(root));
        prop_assert!(verify_inclusion(&leaf, index, size, &root, &path).is_err());
        prop_assert!(old == size || old == 0 || verify_consistency(old, &leaf, size, &root, &path).is_err());
    }
}
