use ct_merkle::RootHash;
use ct_merkle::mem_backed_tree::MemoryBackedTree;
use proptest::prelude::*;
use sha2::Sha256;

use super::*;
use crate::proof::{verify_consistency, verify_inclusion};

/// The leaves and roots that every implementation of RFC 6962 is tested with (certificate-transparency-go).
const KNOWN: [(&str, &str); 8] = [
    ("", "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"),
    ("00", "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"),
    ("10", "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"),
    ("2021", "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"),
    ("3031", "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4"),
    ("40414243", "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef"),
    ("5051525354555657", "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"),
    ("606162636465666768696a6b6c6d6e6f", "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"),
];

fn leaf(index: u64) -> Vec<u8> {
    format!("leaf {index}").into_bytes()
}

fn leaf_hashes(size: u64) -> Vec<Digest32> {
    (0..size).map(|index| leaf_hash(&leaf(index))).collect()
}

/// Stored hashes in memory, laid out as in the file.
struct Stored(Vec<Digest32>);

impl HashReader for Stored {
    fn node(&self, level: u32, index: u64) -> Result<Digest32, TreeError> {
        Ok(self.0[stored_position(level, index).unwrap() as usize])
    }
}

fn grow(size: u64) -> (Frontier, Stored) {
    let (mut frontier, mut stored) = (Frontier::default(), Vec::new());
    (0..size).for_each(|index| frontier.push(&leaf(index), &mut stored));
    (frontier, Stored(stored))
}

fn oracle(size: u64) -> MemoryBackedTree<Sha256, Vec<u8>> {
    let mut tree = MemoryBackedTree::new();
    (0..size).for_each(|index| tree.push(leaf(index)));
    tree
}

fn flat(path: &[Digest32]) -> Vec<u8> {
    path.iter().flat_map(|hash| hash.0).collect()
}

fn oracle_root(tree: &MemoryBackedTree<Sha256, Vec<u8>>) -> Digest32 {
    let root: RootHash<Sha256> = tree.root();
    Digest32(root.as_bytes().as_slice().try_into().unwrap())
}

#[test]
fn known_roots() {
    let (mut frontier, mut stored) = (Frontier::default(), Vec::new());
    for (leaf, root) in KNOWN {
        frontier.push(&hex::decode(leaf).unwrap(), &mut stored);
        assert_eq!(frontier.root().to_string(), root);
    }
}

/// Known answers of certificate-transparency-go for the eight leaves above.
#[test]
fn known_paths() {
    let leaves: Vec<_> = KNOWN.iter().map(|(leaf, _)| leaf_hash(&hex::decode(leaf).unwrap())).collect();
    let path = |index, size| -> Vec<String> {
        inclusion(leaves.as_slice(), index, size).unwrap().iter().map(Digest32::to_string).collect()
    };
    assert_eq!(path(0, 1), Vec::<String>::new());
    assert_eq!(
        path(5, 8),
        [
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ]
    );
}

#[test]
fn every_size_to_300_agrees_with_the_oracle() {
    let hashes = leaf_hashes(300);
    let mut tree = oracle(0);
    let (mut frontier, mut stored) = (Frontier::default(), Vec::new());
    for size in 0..=300 {
        assert_eq!(frontier.root(), oracle_root(&tree), "root of {size}");
        assert_eq!(stored_count(size), Some(stored.len() as u64));
        let reader = Stored(stored.clone());
        assert_eq!(root(&reader, size).unwrap(), frontier.root());
        assert_eq!(root(hashes.as_slice(), size).unwrap(), frontier.root());
        for index in 0..size {
            let path = inclusion(&reader, index, size).unwrap();
            assert_eq!(
                flat(&path),
                tree.prove_inclusion(index as usize).as_bytes(),
                "leaf {index} of {size}"
            );
            verify_inclusion(&hashes[index as usize], index, size, &frontier.root(), &path).unwrap();
        }
        frontier.push(&leaf(size), &mut stored);
        tree.push(leaf(size));
    }
}

#[test]
fn consistency_of_every_pair_to_300_agrees_with_the_oracle() {
    let (_, stored) = grow(300);
    let roots: Vec<_> = (0..=300).map(|size| root(&stored, size).unwrap()).collect();
    for new in 0..=300u64 {
        let tree = oracle(new);
        for old in 0..=new {
            let path = consistency(&stored, old, new).unwrap();
            if old > 0 && old < new {
                assert_eq!(
                    flat(&path),
                    tree.prove_consistency((new - old) as usize).as_bytes(),
                    "{old} to {new}"
                );
            }
            verify_consistency(old, &roots[old as usize], new, &roots[new as usize], &path).unwrap();
        }
    }
}

#[test]
fn places_outside_the_tree_are_errors() {
    let (_, stored) = grow(5);
    assert!(matches!(inclusion(&stored, 5, 5), Err(TreeError::Outside { index: 5, size: 5 })));
    assert!(matches!(inclusion(&stored, 0, 0), Err(TreeError::Outside { .. })));
    assert!(matches!(consistency(&stored, 6, 5), Err(TreeError::Outside { .. })));
    let none: &[Digest32] = &[];
    assert!(matches!(root(none, 1), Err(TreeError::Unreadable { .. })));
    assert_eq!(stored_position(64, 0), None);
    assert_eq!(stored_position(0, u64::MAX), None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn larger_trees_agree_with_the_oracle(size in 301u64..3_000, at: prop::sample::Index, from: prop::sample::Index) {
        let (frontier, stored) = grow(size);
        let tree = oracle(size);
        prop_assert_eq!(frontier.root(), oracle_root(&tree));
        let index = at.index(size as usize);
        let path = inclusion(&stored, index as u64, size).unwrap();
        let expected = tree.prove_inclusion(index);
        prop_assert_eq!(flat(&path), expected.as_bytes());
        let old = from.index(size as usize - 1) as u64 + 1;
        let path = consistency(&stored, old, size).unwrap();
        let expected = tree.prove_consistency((size - old) as usize);
        prop_assert_eq!(flat(&path), expected.as_bytes());
        prop_assert!(verify_consistency(old, &root(&stored, old).unwrap(), size, &frontier.root(), &path).is_ok());
    }
}
