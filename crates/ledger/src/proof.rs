//! Verification of Merkle proofs (RFC 9162, sections 2.1.3.2 and 2.1.4.2). Safe on any input.

use crate::hash::{Digest32, empty_root, node_hash};
use crate::limits;

/// Why a proof proves nothing. The proof, or what it was checked against, is at fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// The index is not below the size, or the older size is above the newer.
    #[error("the proof speaks of a place outside the tree; ask the log for a proof in this tree")]
    Outside,
    /// Too few or too many hashes for these sizes.
    #[error("the proof has the wrong number of hashes; it was cut or extended")]
    Length,
    /// The hashes lead to another root.
    #[error("the proof leads to another root; the entry is not in this tree, or the proof was altered")]
    Root,
}

/// Checks that the leaf with this hash is leaf `index` of the tree of `size` leaves with this root.
///
/// # Errors
/// [`ProofError`] unless every hash of the path is used and the root is met.
pub fn verify_inclusion(
    leaf: &Digest32,
    index: u64,
    size: u64,
    root: &Digest32,
    path: &[Digest32],
) -> Result<(), ProofError> {
    let last = size.checked_sub(1).filter(|last| index <= *last).ok_or(ProofError::Outside)?;
    if path.len() > limits::PROOF_HASHES {
        return Err(ProofError::Length);
    }
    let mut climb = Climb { node: index, last };
    let mut reached = *leaf;
    for sibling in path {
        reached = match climb.step()? {
            Side::Left => node_hash(sibling, &reached),
            Side::Right => node_hash(&reached, sibling),
        };
    }
    climb.at_root()?;
    if reached == *root { Ok(()) } else { Err(ProofError::Root) }
}

/// Checks that the tree of `new` leaves begins with the tree of `old` leaves.
///
/// Equal sizes need an empty proof and equal roots; an older tree without leaves needs an empty proof.
///
/// # Errors
/// [`ProofError`] unless every hash of the path is used and both roots are met.
pub fn verify_consistency(
    old: u64,
    old_root: &Digest32,
    new: u64,
    new_root: &Digest32,
    path: &[Digest32],
) -> Result<(), ProofError> {
    if old > new {
        return Err(ProofError::Outside);
    }
    if old == new || old == 0 {
        let roots_agree = if old == new { old_root == new_root } else { *old_root == empty_root() };
        return match (path.is_empty(), roots_agree) {
            (false, _) => Err(ProofError::Length),
            (true, false) => Err(ProofError::Root),
            (true, true) => Ok(()),
        };
    }
    climb_both(old, old_root, new, new_root, path)
}

/// The case `0 < old < new` of [`verify_consistency`].
fn climb_both(
    old: u64,
    old_root: &Digest32,
    new: u64,
    new_root: &Digest32,
    path: &[Digest32],
) -> Result<(), ProofError> {
    if path.len() > limits::PROOF_HASHES {
        return Err(ProofError::Length);
    }
    let (first, rest) = if old.is_power_of_two() {
        (*old_root, path)
    } else {
        let (first, rest) = path.split_first().ok_or(ProofError::Length)?;
        (*first, rest)
    };
    let mut climb = Climb { node: old.saturating_sub(1), last: new.saturating_sub(1) };
    climb.skip_while_odd();
    let (mut old_reached, mut new_reached) = (first, first);
    for sibling in rest {
        match climb.step()? {
            Side::Left => {
                old_reached = node_hash(sibling, &old_reached);
                new_reached = node_hash(sibling, &new_reached);
            }
            Side::Right => new_reached = node_hash(&new_reached, sibling),
        }
    }
    climb.at_root()?;
    if old_reached == *old_root && new_reached == *new_root { Ok(()) } else { Err(ProofError::Root) }
}

/// On which side of the node the sibling stands.
enum Side {
    Left,
    Right,
}

/// A node on its way up, and the last node of its level (`fn` and `sn` in RFC 9162).
struct Climb {
    node: u64,
    last: u64,
}

impl Climb {
    fn step(&mut self) -> Result<Side, ProofError> {
        if self.last == 0 {
            return Err(ProofError::Length);
        }
        let side = if self.node & 1 == 1 || self.node == self.last {
            while self.node & 1 == 0 && self.node != 0 {
                self.up();
            }
            Side::Left
        } else {
            Side::Right
        };
        self.up();
        Ok(side)
    }

    fn up(&mut self) {
        self.node >>= 1;
        self.last >>= 1;
    }

    fn skip_while_odd(&mut self) {
        while self.node & 1 == 1 {
            self.up();
        }
    }

    fn at_root(&self) -> Result<(), ProofError> {
        if self.last == 0 { Ok(()) } else { Err(ProofError::Length) }
    }
}

#[cfg(test)]
mod tests;
