//! Instants in TOML: a native offset date-time or the same in quotes.

use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, Visitor, value::MapAccessDeserializer};
use std::fmt;
use terms::Instant;

struct InstantVisitor;

impl<'de> Visitor<'de> for InstantVisitor {
    type Value = Instant;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("date, time and offset, as in 2026-06-12T17:21:00-04:00")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Instant, E> {
        Instant::parse(text).map_err(E::custom)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Instant, A::Error> {
        let native = toml::value::Datetime::deserialize(MapAccessDeserializer::new(map))?;
        Instant::parse(&native.to_string()).map_err(A::Error::custom)
    }
}

/// For a required field.
pub(crate) fn instant<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Instant, D::Error> {
    deserializer.deserialize_any(InstantVisitor)
}

/// For an optional field; the field must also carry `default`.
pub(crate) fn optional<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Instant>, D::Error> {
    instant(deserializer).map(Some)
}
