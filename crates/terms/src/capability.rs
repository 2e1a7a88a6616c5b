//! What a model can do, as far as directives speak of it.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// How able, weakest first. A directive on a tier reaches that tier and those above.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Tier {
    /// Helps somebody without training.
    Novice,
    /// Does what a trained person does.
    Skilled,
    /// Does what few people in the field do.
    Expert,
    /// Does what nobody in the field does alone.
    Frontier,
}

impl Tier {
    /// Every tier, weakest first.
    pub const ALL: [Self; 4] = [Self::Novice, Self::Skilled, Self::Expert, Self::Frontier];

    /// The word used in files.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Novice => "novice",
            Self::Skilled => "skilled",
            Self::Expert => "expert",
            Self::Frontier => "frontier",
        }
    }
}

/// A capability tag and its tier, written `cyber:expert`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Capability {
    /// The field: `cyber`, `bio`, lower-case letters, digits and hyphens.
    pub tag: String,
    /// How able.
    pub tier: Tier,
}

/// The text is no capability.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no capability: write a tag and a tier, such as cyber:expert (tiers: novice, skilled, expert, frontier)"
)]
pub struct BadCapability(pub String);

impl Capability {
    /// Reads `tag:tier`.
    pub fn parse(text: &str) -> Result<Self, BadCapability> {
        let bad = || BadCapability(text.to_owned());
        let (tag, tier) = text.split_once(':').ok_or_else(bad)?;
        let tier = Tier::ALL.into_iter().find(|known| known.word() == tier).ok_or_else(bad)?;
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if tag.is_empty() || tag.len() > crate::limits::ID_CHARS || !tag.chars().all(plain) {
            return Err(bad());
        }
        Ok(Self { tag: tag.to_owned(), tier })
    }

    /// Whether a model with this capability meets a criterion: the same field, at least as able.
    pub fn meets(&self, criterion: &Self) -> bool {
        self.tag == criterion.tag && self.tier >= criterion.tier
    }
}

impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.tag, self.tier.word())
    }
}

impl Serialize for Capability {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Capability {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

impl schemars::JsonSchema for Capability {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Capability".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "pattern": "^[a-z0-9-]+:(novice|skilled|expert|frontier)$",
            "description": "a capability tag and a tier, such as cyber:expert"
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tier_reaches_those_above() {
        let cap = |text| Capability::parse(text).unwrap();
        assert!(cap("cyber:expert").meets(&cap("cyber:skilled")));
        assert!(!cap("cyber:skilled").meets(&cap("cyber:expert")));
        assert!(!cap("bio:expert").meets(&cap("cyber:skilled")));
        for bad in ["cyber", "cyber:", ":expert", "cyber:god", "Cyber:expert", "a b:expert"] {
            assert!(Capability::parse(bad).is_err(), "{bad}");
        }
        assert_eq!(cap("cyber:frontier").to_string(), "cyber:frontier");
    }
}
