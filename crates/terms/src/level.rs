//! How well a fact is supported.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The ladder of evidence, weakest first (NIST SP 800-63-4 strength, five rungs; S0 to S4 in the identity study).
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Nothing supports it.
    #[default]
    None,
    /// Inferred from a network address (S0).
    Ip,
    /// The person's own word (S1).
    #[serde(rename = "self")]
    SelfDeclared,
    /// An employer or organisation attests it (S2).
    Employer,
    /// A document was proofed (S3).
    Document,
    /// Government-signed and bound to its holder (S4).
    Credential,
}

impl Level {
    /// Every rung, weakest first.
    pub const ALL: [Self; 6] =
        [Self::None, Self::Ip, Self::SelfDeclared, Self::Employer, Self::Document, Self::Credential];

    /// The word used in files and on the wire.
    pub const fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Ip => "ip",
            Self::SelfDeclared => "self",
            Self::Employer => "employer",
            Self::Document => "document",
            Self::Credential => "credential",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.word() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_read_back_and_rise() {
        for level in Level::ALL {
            assert_eq!(Level::parse(level.word()), Some(level));
            assert_eq!(serde_json_word(level), level.word());
        }
        assert!(Level::ALL.is_sorted());
    }

    fn serde_json_word(level: Level) -> String {
        use serde::de::value::{Error, StrDeserializer};
        let parsed = Level::deserialize(StrDeserializer::<Error>::new(level.word())).unwrap();
        parsed.word().to_owned()
    }
}
