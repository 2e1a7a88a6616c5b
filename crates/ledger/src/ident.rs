//! Identifiers: the only free text that a leaf may hold.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, de};

use crate::limits;

/// An identifier: 1 to 128 bytes of ASCII letters, digits and `._:/@+-`.
///
/// A sentence, a name with a space or a prompt does not fit. Give only words of the catalogue, the instruments and
/// the configuration; what a caller typed belongs in a commitment.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Ident(Arc<str>);

/// The text cannot be an identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an identifier has 1 to 128 ASCII letters, digits or any of . _ : / @ + -")]
pub struct IdentError;

impl Ident {
    /// Checks and keeps an identifier.
    ///
    /// # Errors
    /// [`IdentError`] when the text does not fit.
    pub fn new(text: &str) -> Result<Self, IdentError> {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"._:/@+-".contains(&byte);
        if text.is_empty() || text.len() > limits::IDENT_BYTES || !text.bytes().all(fits) {
            return Err(IdentError);
        }
        Ok(Self(text.into()))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Ident {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Ident {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.as_str())
    }
}

impl TryFrom<&str> for Ident {
    type Error = IdentError;

    fn try_from(text: &str) -> Result<Self, IdentError> {
        Self::new(text)
    }
}

impl<'de> Deserialize<'de> for Ident {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(&String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_hold_no_prose() {
        for good in ["m", "claude-x@20260501", "us/bis/2026-06-12:letter", "gateway.eu-1"] {
            assert_eq!(Ident::new(good).unwrap().as_str(), good);
        }
        for bad in ["", "Kim Minji", "write me a poem", "모델", "a\"b", "a\nb", &"x".repeat(129)] {
            assert_eq!(Ident::new(bad), Err(IdentError), "{bad:?}");
        }
    }
}
