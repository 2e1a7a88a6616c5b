//! A map whose copies share what did not change: one more entry copies a few hundred, however many there are.

use hashbrown::HashTable;
use std::borrow::Borrow;
use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::Arc;

/// Entries of a leaf before it is split.
const LEAF: usize = 256;
/// Children of a branch.
const WIDTH: usize = 64;
/// Bits of the hash that choose a child.
const BITS: u32 = 6;
/// The first of those bits at the root; the lower and the topmost ones are used within a leaf.
const FIRST: u32 = 20;
/// Beyond this bit nothing is split any more.
const LAST: u32 = 50;

/// A map of leaves under branches. Cloning it costs one reference.
#[derive(Clone)]
pub struct Shards<K, V> {
    root: Arc<Node<K, V>>,
    len: usize,
    state: RandomState,
}

#[derive(Clone)]
enum Node<K, V> {
    Leaf(HashTable<(K, V)>),
    Branch(Vec<Arc<Self>>),
}

impl<K, V> Default for Shards<K, V> {
    fn default() -> Self {
        Self { root: Arc::new(Node::Leaf(HashTable::new())), len: 0, state: RandomState::new() }
    }
}

impl<K, V> Shards<K, V> {
    /// Number of entries.
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Every entry, in no particular order.
    pub fn iter(&self) -> Entries<'_, K, V> {
        Entries { nodes: vec![&self.root], leaf: None }
    }

    /// Every key.
    pub fn keys(&self) -> impl Iterator<Item = &K> {
        self.iter().map(|(key, _)| key)
    }

    /// Every value.
    pub fn values(&self) -> impl Iterator<Item = &V> {
        self.iter().map(|(_, value)| value)
    }
}

impl<K: Hash + Eq, V> Shards<K, V> {
    /// The value under a key.
    pub fn get<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        let hash = self.state.hash_one(key);
        let (mut node, mut shift) = (&*self.root, FIRST);
        loop {
            match node {
                Node::Leaf(leaf) => {
                    return leaf.find(hash, |entry| entry.0.borrow() == key).map(|(_, value)| value);
                }
                Node::Branch(children) => node = children.get(place(hash, shift))?,
            }
            shift = shift.saturating_add(BITS);
        }
    }
}

impl<K: Hash + Eq + Clone, V: Clone> Shards<K, V> {
    /// Puts a value under a key; gives what was there before.
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        let hash = self.state.hash_one(&key);
        let before = put(&mut self.root, (hash, FIRST), (key, value), &self.state);
        self.len = self.len.saturating_add(usize::from(before.is_none()));
        before
    }

    /// Takes what is under a key.
    pub fn remove<Q: Hash + Eq + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        self.get(key)?;
        let (hash, mut shift) = (self.state.hash_one(key), FIRST);
        let mut node = Arc::make_mut(&mut self.root);
        let leaf = loop {
            match node {
                Node::Leaf(leaf) => break leaf,
                Node::Branch(children) => node = Arc::make_mut(children.get_mut(place(hash, shift))?),
            }
            shift = shift.saturating_add(BITS);
        };
        let found = leaf.find_entry(hash, |entry| entry.0.borrow() == key).ok()?;
        self.len = self.len.saturating_sub(1);
        Some(found.remove().0.1)
    }
}

fn place(hash: u64, shift: u32) -> usize {
    let bits = hash.checked_shr(shift).unwrap_or_default();
    usize::try_from(bits % 64).unwrap_or_default()
}

fn put<K: Hash + Eq + Clone, V: Clone>(
    node: &mut Arc<Node<K, V>>,
    (hash, shift): (u64, u32),
    (key, value): (K, V),
    state: &RandomState,
) -> Option<V> {
    let node = Arc::make_mut(node);
    if let Node::Leaf(leaf) = node
        && leaf.len() >= LEAF
        && shift <= LAST
        && leaf.find(hash, |entry| entry.0 == key).is_none()
    {
        *node = split(std::mem::take(leaf), shift, state);
    }
    match node {
        Node::Leaf(leaf) => {
            if let Some((_, known)) = leaf.find_mut(hash, |entry| entry.0 == key) {
                return Some(std::mem::replace(known, value));
            }
            leaf.insert_unique(hash, (key, value), |entry| state.hash_one(&entry.0));
            None
        }
        Node::Branch(children) => {
            let child = children.get_mut(place(hash, shift))?;
            put(child, (hash, shift.saturating_add(BITS)), (key, value), state)
        }
    }
}

/// A leaf's entries, each in the child where it is looked for.
fn split<K: Hash + Eq, V>(leaf: HashTable<(K, V)>, shift: u32, state: &RandomState) -> Node<K, V> {
    let mut parts: Vec<HashTable<(K, V)>> = (0..WIDTH).map(|_| HashTable::new()).collect();
    for entry in leaf {
        let hash = state.hash_one(&entry.0);
        if let Some(part) = parts.get_mut(place(hash, shift)) {
            part.insert_unique(hash, entry, |entry| state.hash_one(&entry.0));
        }
    }
    Node::Branch(parts.into_iter().map(|part| Arc::new(Node::Leaf(part))).collect())
}

/// The entries of a map.
pub struct Entries<'a, K, V> {
    nodes: Vec<&'a Node<K, V>>,
    leaf: Option<hashbrown::hash_table::Iter<'a, (K, V)>>,
}

impl<'a, K, V> Iterator for Entries<'a, K, V> {
    type Item = (&'a K, &'a V);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some((key, value)) = self.leaf.as_mut().and_then(Iterator::next) {
                return Some((key, value));
            }
            match self.nodes.pop()? {
                Node::Leaf(leaf) => self.leaf = Some(leaf.iter()),
                Node::Branch(children) => self.nodes.extend(children.iter().map(|child| &**child)),
            }
        }
    }
}

impl<'a, K, V> IntoIterator for &'a Shards<K, V> {
    type Item = (&'a K, &'a V);
    type IntoIter = Entries<'a, K, V>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<K: Hash + Eq + Clone, V: Clone> FromIterator<(K, V)> for Shards<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        let mut shards = Self::default();
        for (key, value) in entries {
            shards.insert(key, value);
        }
        shards
    }
}

impl<K: Hash + Eq, V: PartialEq> PartialEq for Shards<K, V> {
    fn eq(&self, other: &Self) -> bool {
        self.len == other.len && self.iter().all(|(key, value)| other.get(key) == Some(value))
    }
}

impl<K: std::fmt::Debug, V: std::fmt::Debug> std::fmt::Debug for Shards<K, V> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_map().entries(self).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashMap;

    #[test]
    fn a_copy_keeps_what_it_had() {
        let mut shards: Shards<u32, u32> = (0..10_000).map(|key| (key, key)).collect();
        let before = shards.clone();
        assert_eq!(shards.insert(7, 70), Some(7));
        assert_eq!(shards.remove(&8), Some(8));
        assert_eq!(shards.insert(10_000, 1), None);
        assert_eq!((before.get(&7), before.get(&8), before.get(&10_000)), (Some(&7), Some(&8), None));
        assert_eq!((shards.get(&7), shards.get(&8), shards.get(&10_000)), (Some(&70), None, Some(&1)));
        assert_eq!((before.len(), shards.len()), (10_000, 10_000));
        assert_ne!(before, shards);
    }

    proptest! {
        #[test]
        fn it_holds_what_a_map_holds(steps in prop::collection::vec((0_u16..2_000, any::<Option<u8>>()), 0..4_000)) {
            let (mut shards, mut map) = (Shards::default(), HashMap::new());
            for (key, value) in steps {
                match value {
                    Some(value) => prop_assert_eq!(shards.insert(key, value), map.insert(key, value)),
                    None => prop_assert_eq!(shards.remove(&key), map.remove(&key)),
                }
            }
            prop_assert_eq!(shards.len(), map.len());
            let read: HashMap<u16, u8> = shards.iter().map(|(key, value)| (*key, *value)).collect();
            prop_assert_eq!(read, map);
        }
    }
}
