//! Dates as scenarios write them.

use serde::{Deserialize, Serialize};
use terms::Instant;

/// A date, meaning 00:00 UTC, or a full instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(pub Instant);

impl Serialize for Day {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let full = if text.len() == 10 { format!("{text}T00:00:00Z") } else { text };
        Instant::parse(&full).map(Self).map_err(serde::de::Error::custom)
    }
}
