//! Salted commitments: a leaf says that something was so without saying what.
//!
//! `SHA-256("douane/commit/v1/" || kind || salt || bytes)`, with a fresh 32-byte salt for each. Without the salt
//! nobody can try out names or passport numbers; erasing the opening therefore erases the person from the log.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use zeroize::Zeroize;

use crate::hash::Digest32;

/// What is committed to. No name begins with another, so kind and salt cannot be confused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CommitKind {
    /// Who asked.
    Subject,
    /// What supported the facts.
    Evidence,
    /// What was asked.
    Request,
    /// The provider's own number of the request.
    UpstreamRequest,
}

impl CommitKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Subject, Self::Evidence, Self::Request, Self::UpstreamRequest];

    /// The word that is hashed.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Subject => "subject",
            Self::Evidence => "evidence",
            Self::Request => "request",
            Self::UpstreamRequest => "upstream_request",
        }
    }
}

/// A salted hash, safe to publish. Serialised as hex.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Commitment(pub Digest32);

/// What opens a commitment. Wiped from memory when dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct Opening {
    /// 32 bytes from the operating system's random source, never used twice.
    pub salt: [u8; 32],
    /// What was committed to, in its canonical form.
    pub bytes: Vec<u8>,
}

impl Opening {
    /// The commitment that this opens.
    #[must_use]
    pub fn commit(&self, kind: CommitKind) -> Commitment {
        let hasher = Sha256::new_with_prefix(b"douane/commit/v1/").chain_update(kind.as_str());
        Commitment(Digest32(hasher.chain_update(self.salt).chain_update(&self.bytes).finalize().into()))
    }

    /// Whether this opens that commitment.
    #[must_use]
    pub fn opens(&self, kind: CommitKind, commitment: &Commitment) -> bool {
        self.commit(kind) == *commitment
    }
}

impl Drop for Opening {
    fn drop(&mut self) {
        self.salt.zeroize();
        self.bytes.zeroize();
    }
}

impl fmt::Debug for Opening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Opening({} bytes, hidden)", self.bytes.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opening(salt: u8, bytes: &[u8]) -> Opening {
        Opening { salt: [salt; 32], bytes: bytes.to_vec() }
    }

    #[test]
    fn the_hash_is_over_prefix_kind_salt_and_bytes() {
        let mut plain = b"douane/commit/v1/subject".to_vec();
        plain.extend([7; 32]);
        plain.extend(b"person:17");
        assert_eq!(opening(7, b"person:17").commit(CommitKind::Subject).0, Digest32::of(&plain));
    }

    #[test]
    fn only_the_same_kind_salt_and_bytes_open() {
        let made = opening(7, b"person:17").commit(CommitKind::Subject);
        assert!(opening(7, b"person:17").opens(CommitKind::Subject, &made));
        assert!(!opening(7, b"person:17").opens(CommitKind::Evidence, &made));
        assert!(!opening(8, b"person:17").opens(CommitKind::Subject, &made));
        assert!(!opening(7, b"person:18").opens(CommitKind::Subject, &made));
    }

    #[test]
    fn no_kind_begins_with_another() {
        for (a, b) in CommitKind::ALL.iter().flat_map(|a| CommitKind::ALL.iter().map(move |b| (a, b))) {
            assert!(a == b || !a.as_str().starts_with(b.as_str()), "{a:?} begins with {b:?}");
        }
    }

    #[test]
    fn debug_shows_no_content() {
        assert!(!format!("{:?}", opening(7, b"Kim Minji")).contains("Kim"));
    }
}
