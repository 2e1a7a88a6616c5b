//! SHA-256 digests and the two hashes of the Merkle tree (RFC 6962, section 2.1).

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use sha2::{Digest, Sha256};

/// A SHA-256 value. Shown as 64 lowercase hex digits; notes and proofs carry it as base64.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest32(pub [u8; 32]);

/// The text is not a digest in the one accepted spelling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a SHA-256 value: give 64 lowercase hex digits, or 44 characters of padded base64")]
pub struct DigestError;

impl Digest32 {
    /// SHA-256 of `bytes`.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// Padded standard base64 (RFC 4648, section 4), 44 characters.
    #[must_use]
    pub fn to_base64(self) -> String {
        STANDARD.encode(self.0)
    }

    /// Reads what [`Self::to_base64`] writes.
    ///
    /// # Errors
    /// [`DigestError`] for any other spelling.
    pub fn from_base64(text: &str) -> Result<Self, DigestError> {
        let bytes = STANDARD.decode(text).map_err(|_| DigestError)?;
        bytes.try_into().map(Self).map_err(|_| DigestError)
    }
}

impl fmt::Display for Digest32 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Digest32 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Digest32 {
    type Err = DigestError;

    fn from_str(text: &str) -> Result<Self, DigestError> {
        if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return Err(DigestError);
        }
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes).map_err(|_| DigestError)?;
        Ok(Self(bytes))
    }
}

impl Serialize for Digest32 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut text = [0; 64];
        hex::encode_to_slice(self.0, &mut text).map_err(serde::ser::Error::custom)?;
        serializer.serialize_str(str::from_utf8(&text).map_err(serde::ser::Error::custom)?)
    }
}

impl<'de> Deserialize<'de> for Digest32 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

/// Hash of a leaf: SHA-256 of 0x00 and the leaf's bytes.
#[must_use]
pub fn leaf_hash(leaf: &[u8]) -> Digest32 {
    Digest32(Sha256::new_with_prefix([0]).chain_update(leaf).finalize().into())
}

/// Hash of an inner node: SHA-256 of 0x01 and both children.
#[must_use]
pub fn node_hash(left: &Digest32, right: &Digest32) -> Digest32 {
    Digest32(Sha256::new_with_prefix([1]).chain_update(left.0).chain_update(right.0).finalize().into())
}

/// Root of the tree with no leaves: SHA-256 of nothing.
#[must_use]
pub fn empty_root() -> Digest32 {
    Digest32::of(&[])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_round_trip_and_are_the_only_ones() {
        let digest = Digest32::of(b"douane");
        assert_eq!(digest.to_string().parse(), Ok(digest));
        assert_eq!(Digest32::from_base64(&digest.to_base64()), Ok(digest));
        assert_eq!(digest.to_string().to_uppercase().parse::<Digest32>(), Err(DigestError));
        assert_eq!(Digest32::from_base64(digest.to_base64().trim_end_matches('=')), Err(DigestError));
        // The last character of a 32-byte value carries two unused bits, which must be zero.
        assert_eq!(Digest32::from_base64(&format!("{}B=", "A".repeat(42))), Err(DigestError));
    }

    #[test]
    fn rfc_6962_leaf_and_empty_hashes() {
        let hex = |text: &str| text.parse::<Digest32>().unwrap();
        assert_eq!(leaf_hash(b""), hex("6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"));
        assert_eq!(empty_root(), hex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
    }
}
