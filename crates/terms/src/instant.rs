//! Instants, half-open windows and the reading of an uncertain clock.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// A point in time: microseconds since 1970-01-01T00:00:00Z. Written as RFC 3339.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Instant(i64);

/// The text is no RFC 3339 instant with an offset.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no instant: write date, time and offset, as in 2026-06-12T17:21:00-04:00")]
pub struct BadInstant(pub String);

impl Instant {
    /// Before every instrument.
    pub const MIN: Self = Self(i64::MIN);
    /// After every instrument.
    pub const MAX: Self = Self(i64::MAX);

    /// From microseconds since the epoch.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since the epoch.
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// Reads RFC 3339; the offset is required.
    pub fn parse(text: &str) -> Result<Self, BadInstant> {
        text.parse::<Timestamp>()
            .map(|timestamp| Self(timestamp.as_microsecond()))
            .map_err(|_| BadInstant(text.to_owned()))
    }

    /// Later by so many microseconds, stopping at the ends of the scale.
    #[must_use]
    pub const fn plus_micros(self, micros: i64) -> Self {
        Self(self.0.saturating_add(micros))
    }

    /// Microseconds from the other instant to this one; negative when this one is earlier.
    pub const fn micros_since(self, other: Self) -> i64 {
        self.0.saturating_sub(other.0)
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Timestamp::from_microsecond(self.0) {
            Ok(timestamp) => timestamp.fmt(f),
            Err(_) => write!(f, "{}us", self.0),
        }
    }
}

impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Instant {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Instant".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string", "format": "date-time", "description": "RFC 3339 with an offset"
        })
    }
}

/// What the clock says, and how far it may be wrong: the true time is `at` plus or minus `uncertainty_us`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ClockReading {
    /// The instant read.
    pub at: Instant,
    /// Bound on the error, microseconds, never negative.
    pub uncertainty_us: i64,
}

impl ClockReading {
    /// A clock taken as exact.
    pub const fn exact(at: Instant) -> Self {
        Self { at, uncertainty_us: 0 }
    }

    /// The latest the true time may be.
    pub const fn latest(self) -> Instant {
        self.at.plus_micros(self.uncertainty_us)
    }

    /// The earliest the true time may be.
    pub const fn earliest(self) -> Instant {
        self.at.plus_micros(self.uncertainty_us.saturating_neg())
    }
}

/// A half-open stretch of time: `from` belongs to it, `until` does not; no `until` is open-ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Window {
    /// First instant inside.
    pub from: Instant,
    /// First instant after the window.
    pub until: Option<Instant>,
}

impl Window {
    /// Open since ever and for ever.
    pub const ALWAYS: Self = Self { from: Instant::MIN, until: None };

    /// Whether a directive with this window binds: it begins as soon as the true time may have reached `from` and
    /// ends only when the true time has certainly reached `until` (fail closed).
    pub fn binds(&self, clock: ClockReading) -> bool {
        clock.latest() >= self.from && self.until.is_none_or(|until| clock.earliest() < until)
    }

    /// Whether what takes a person out (exception, licence, evidence, stay) is open: the mirror image of
    /// [`Window::binds`], so that doubt never favours the caller.
    pub fn relieves(&self, clock: ClockReading) -> bool {
        clock.earliest() >= self.from && self.until.is_none_or(|until| clock.latest() < until)
    }

    /// Whether the window holds no instant at all.
    pub fn is_empty(&self) -> bool {
        self.until.is_some_and(|until| until <= self.from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        Instant::parse(text).unwrap()
    }

    #[test]
    fn reads_offsets_and_writes_utc() {
        assert_eq!(at("2026-06-12T17:21:00-04:00").to_string(), "2026-06-12T21:21:00Z");
        assert_eq!(at("2026-06-12T21:20:59.999Z").to_string(), "2026-06-12T21:20:59.999Z");
        for bad in ["2026-06-12", "2026-06-12T17:21:00", "17:21", "2026-02-30T00:00:00Z", ""] {
            assert!(Instant::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn windows_are_half_open() {
        let window = Window { from: Instant(10), until: Some(Instant(20)) };
        let inside: Vec<i64> = (8..23).filter(|t| window.binds(ClockReading::exact(Instant(*t)))).collect();
        assert_eq!(inside, (10..20).collect::<Vec<_>>());
        assert!((0..30).all(|t| {
            let clock = ClockReading::exact(Instant(t));
            window.binds(clock) == window.relieves(clock)
        }));
    }

    #[test]
    fn uncertainty_widens_what_binds_and_narrows_what_relieves() {
        let window = Window { from: Instant(10), until: Some(Instant(20)) };
        let clock = |at| ClockReading { at: Instant(at), uncertainty_us: 3 };
        assert!(window.binds(clock(7)) && !window.binds(clock(6)));
        assert!(window.binds(clock(22)) && !window.binds(clock(23)));
        assert!(window.relieves(clock(13)) && !window.relieves(clock(12)));
        assert!(window.relieves(clock(16)) && !window.relieves(clock(17)));
    }

    #[test]
    fn the_ends_of_the_scale_do_not_overflow() {
        let clock = ClockReading { at: Instant::MAX, uncertainty_us: i64::MAX };
        assert!(Window::ALWAYS.binds(clock) && Window::ALWAYS.relieves(clock));
        assert!(!Window { from: Instant(0), until: Some(Instant(0)) }.binds(ClockReading::exact(Instant(0))));
    }
}
