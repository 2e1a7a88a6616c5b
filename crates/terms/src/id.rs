//! Identifiers, typed by kind so that one cannot stand for another.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};
use std::fmt;
use std::sync::Arc;

/// The text cannot be an identifier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no identifier: 1 to 128 characters, letters, digits and . _ : / @ + -, starting with a letter or digit"
)]
pub struct BadId(pub String);

/// Whether the text can be an identifier.
fn is_id(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._:/@+-".contains(c);
    text.len() <= crate::limits::ID_CHARS
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.chars().all(plain)
}

macro_rules! id {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
        #[serde(transparent)]
        pub struct $name(#[schemars(with = "String")] Arc<str>);

        impl $name {
            /// Reads an identifier.
            pub fn parse(text: &str) -> Result<Self, BadId> {
                if is_id(text) { Ok(Self(text.into())) } else { Err(BadId(text.to_owned())) }
            }

            /// Its text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:?}", &self.0)
            }
        }

        impl std::str::FromStr for $name {
            type Err = BadId;
            fn from_str(text: &str) -> Result<Self, BadId> {
                Self::parse(text)
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                Self::parse(&text).map_err(serde::de::Error::custom)
            }
        }
    )*};
}

id! {
    /// A directive, exception, lifting, licence or reading.
    InstrumentId;
    /// A model as callers name it.
    ModelId;
    /// A natural person within one account.
    PersonId;
    /// The paying customer that supplied keys and evidence.
    AccountId;
    /// A place that serves models, named in the configuration.
    UpstreamId;
    /// A human who drafts, approves or lifts with his own credential.
    OfficerId;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_plain_text() {
        for good in ["fable-5", "us-2026-06-12", "a", "org:alice@example.org", "7"] {
            assert_eq!(ModelId::parse(good).unwrap().as_str(), good);
        }
        let long = "a".repeat(129);
        for bad in ["", " a", "-a", "a b", "a\n", "é", "\u{202e}a", long.as_str()] {
            assert!(ModelId::parse(bad).is_err(), "{bad:?}");
        }
    }
}
