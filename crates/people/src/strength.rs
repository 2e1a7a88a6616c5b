//! The strength ladder of the identity study, S0 to S4, beside [`Level`].

use serde::{Deserialize, Deserializer};
use terms::Level;

/// Strengths and their levels, weakest first. [`Level::None`] has no strength: nothing supports the fact.
const LADDER: [(&str, Level); 5] = [
    ("S0", Level::Ip),
    ("S1", Level::SelfDeclared),
    ("S2", Level::Employer),
    ("S3", Level::Document),
    ("S4", Level::Credential),
];

/// Reads `S0` to `S4`.
pub fn parse(strength: &str) -> Option<Level> {
    LADDER.iter().find(|(word, _)| *word == strength).map(|(_, level)| *level)
}

/// Writes `S0` to `S4`; nothing for [`Level::None`].
pub fn word(level: Level) -> Option<&'static str> {
    LADDER.iter().find(|(_, known)| *known == level).map(|(word, _)| *word)
}

/// For `#[serde(deserialize_with)]`.
pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Level, D::Error> {
    Ok(Strength::deserialize(deserializer)?.0)
}

/// A level in its `S0` to `S4` spelling.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Strength(pub(crate) Level);

impl<'de> Deserialize<'de> for Strength {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        parse(&text).map(Self).ok_or_else(|| serde::de::Error::custom("a strength is S0, S1, S2, S3 or S4"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strengths_read_back_and_rise() {
        for (text, level) in LADDER {
            assert_eq!((parse(text), word(level)), (Some(level), Some(text)));
        }
        assert!(LADDER.iter().map(|(_, level)| level).is_sorted());
        assert_eq!((parse("S5"), parse("s1"), word(Level::None)), (None, None, None));
    }
}
