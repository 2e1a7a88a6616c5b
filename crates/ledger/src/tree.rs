//! The Merkle tree of RFC 6962: a frontier that appends in O(log n) memory, and proofs from stored hashes.
//!
//! Stored hashes lie in the order in which they become known (a leaf, then each node it completes), so that a
//! file of them only ever grows. A tree of `n` leaves has `2n - popcount(n)` of them.

use crate::hash::{Digest32, empty_root, leaf_hash, node_hash};

/// A proof was asked for that the tree cannot give.
#[derive(Debug, thiserror::Error)]
pub enum TreeError {
    /// The index or size lies outside the tree.
    #[error("index {index} is outside a tree of {size} leaves; ask for an index below the size")]
    Outside {
        /// Index, or older size, asked for.
        index: u64,
        /// Size of the tree.
        size: u64,
    },
    /// The stored hash is not there or could not be read; stored hashes are rebuilt by opening the journal anew.
    #[error("the stored hash at level {level}, position {index} cannot be read: {source}")]
    Unreadable {
        /// Level above the leaves.
        level: u32,
        /// Position in that level.
        index: u64,
        /// What the store said.
        source: std::io::Error,
    },
}

/// Gives the hash of a complete subtree: the `2^level` leaves that begin at `index * 2^level`.
pub trait HashReader {
    /// The hash of that subtree.
    ///
    /// # Errors
    /// [`TreeError`] when the subtree is not stored.
    fn node(&self, level: u32, index: u64) -> Result<Digest32, TreeError>;
}

/// Leaf hashes alone are enough: inner nodes are recomputed.
impl HashReader for [Digest32] {
    fn node(&self, level: u32, index: u64) -> Result<Digest32, TreeError> {
        let unreadable =
            || TreeError::Unreadable { level, index, source: std::io::ErrorKind::NotFound.into() };
        match level.checked_sub(1) {
            None => usize::try_from(index).ok().and_then(|at| self.get(at)).copied().ok_or_else(unreadable),
            Some(below) => {
                let left = index.checked_mul(2).ok_or_else(unreadable)?;
                Ok(node_hash(&self.node(below, left)?, &self.node(below, left.saturating_add(1))?))
            }
        }
    }
}

/// Position of a subtree's hash in the stored order, or `None` past 2^63 leaves.
#[must_use]
pub fn stored_position(level: u32, index: u64) -> Option<u64> {
    let last_leaf = index.checked_add(1)?.checked_mul(1u64.checked_shl(level)?)?.checked_sub(1)?;
    stored_count(last_leaf)?.checked_add(u64::from(level))
}

/// How many hashes are stored for a tree of `size` leaves, or `None` past 2^63 leaves.
#[must_use]
pub fn stored_count(size: u64) -> Option<u64> {
    size.checked_mul(2)?.checked_sub(u64::from(size.count_ones()))
}

/// The right edge of a growing tree: all that appending and the root need.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    /// Roots of the complete subtrees, largest first: one for each set bit of `size`.
    roots: Vec<Digest32>,
}

impl Frontier {
    /// Number of leaves.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Root hash of all leaves so far.
    #[must_use]
    pub fn root(&self) -> Digest32 {
        let edge = self.roots.iter().rev().copied();
        edge.reduce(|right, left| node_hash(&left, &right)).unwrap_or_else(empty_root)
    }

    /// Appends a leaf's bytes; see [`Self::push_hash`].
    pub fn push(&mut self, leaf: &[u8], stored: &mut Vec<Digest32>) {
        self.push_hash(leaf_hash(leaf), stored);
    }

    /// Appends a leaf hash and adds to `stored`, in stored order, every hash that this completes.
    pub fn push_hash(&mut self, leaf: Digest32, stored: &mut Vec<Digest32>) {
        stored.push(leaf);
        let mut node = leaf;
        for _ in 0..self.size.trailing_ones() {
            let Some(left) = self.roots.pop() else { break };
            node = node_hash(&left, &node);
            stored.push(node);
        }
        self.roots.push(node);
        self.size = self.size.saturating_add(1);
    }
}

/// Root of the first `size` leaves.
///
/// # Errors
/// [`TreeError::Unreadable`] when a stored hash is missing.
pub fn root<R: HashReader + ?Sized>(hashes: &R, size: u64) -> Result<Digest32, TreeError> {
    if size == 0 { Ok(empty_root()) } else { range_root(hashes, 0, size) }
}

/// Inclusion proof of leaf `index` in the tree of `size` leaves (RFC 6962, section 2.1.1), lowest sibling first.
///
/// # Errors
/// [`TreeError::Outside`] for an index not below the size.
pub fn inclusion<R: HashReader + ?Sized>(
    hashes: &R,
    index: u64,
    size: u64,
) -> Result<Vec<Digest32>, TreeError> {
    if index >= size {
        return Err(TreeError::Outside { index, size });
    }
    let (mut low, mut high) = (0, size);
    let mut path = Vec::new();
    while let Some(middle) = split(low, high) {
        if index < middle {
            path.push(range_root(hashes, middle, high)?);
            high = middle;
        } else {
            path.push(range_root(hashes, low, middle)?);
            low = middle;
        }
    }
    path.reverse();
    Ok(path)
}

/// Consistency proof between the trees of `old` and `new` leaves (RFC 6962, section 2.1.2).
/// Empty when the sizes are equal or the older tree has no leaves.
///
/// # Errors
/// [`TreeError::Outside`] when `old` is larger than `new`.
pub fn consistency<R: HashReader + ?Sized>(
    hashes: &R,
    old: u64,
    new: u64,
) -> Result<Vec<Digest32>, TreeError> {
    if old > new {
        return Err(TreeError::Outside { index: old, size: new });
    }
    let mut path = Vec::new();
    if old == 0 {
        return Ok(path);
    }
    let (mut low, mut high) = (0, new);
    while old != high {
        let Some(middle) = split(low, high) else { break };
        if old <= middle {
            path.push(range_root(hashes, middle, high)?);
            high = middle;
        } else {
            path.push(range_root(hashes, low, middle)?);
            low = middle;
        }
    }
    // The verifier holds the old root already when it is a node of the new tree's left edge.
    if low != 0 {
        path.push(range_root(hashes, low, high)?);
    }
    path.reverse();
    Ok(path)
}

/// Where RFC 6962 splits the leaves `low..high`: at the largest power of two below their number.
fn split(low: u64, high: u64) -> Option<u64> {
    let last = high.checked_sub(low)?.checked_sub(1)?;
    low.checked_add(1u64.checked_shl(last.checked_ilog2()?)?)
}

fn range_root<R: HashReader + ?Sized>(hashes: &R, low: u64, high: u64) -> Result<Digest32, TreeError> {
    let width = high.saturating_sub(low);
    let level = width.trailing_zeros();
    match split(low, high) {
        Some(middle) if !width.is_power_of_two() => {
            Ok(node_hash(&range_root(hashes, low, middle)?, &range_root(hashes, middle, high)?))
        }
        _ => hashes.node(level, low.checked_shr(level).unwrap_or(0)),
    }
}

#[cfg(test)]
mod tests;
