//! When each entry is open and whose licence it is, in twelve bytes each.

use crate::plan::ByNumber;
use terms::Instant;

const MICROS: i64 = 1_000_000;
/// Stands for "no end" as an end, and for "look apart" as a beginning.
const SPECIAL: u32 = u32::MAX;

#[derive(Clone, Copy, Debug)]
struct Time {
    licence: u32,
    /// Seconds since 1970.
    from: u32,
    until: u32,
}

/// Windows, by entry. Those with fractions of a second, or outside the years 1970 to 2106, are kept apart.
#[derive(Clone, Debug, Default)]
pub(super) struct Times {
    times: Vec<Time>,
    apart: ByNumber<u32, (Instant, Instant)>,
}

impl Times {
    /// Room for so many entries, to be set one by one.
    pub(super) fn with_len(len: usize) -> Self {
        Self { times: vec![Time { licence: 0, from: 0, until: 0 }; len], apart: ByNumber::default() }
    }

    pub(super) fn set(&mut self, at: usize, licence: u32, from: Instant, until: Instant) {
        let Some(slot) = self.times.get_mut(at) else { return };
        let until_s = if until == Instant::MAX { Some(SPECIAL) } else { seconds(until) };
        *slot = match seconds(from).zip(until_s) {
            Some((from, until)) => Time { licence, from, until },
            None => {
                self.apart.insert(licence, (from, until));
                Time { licence, from: SPECIAL, until: SPECIAL }
            }
        };
    }

    /// Licence, beginning and end.
    pub(super) fn get(&self, at: usize) -> Option<(u32, Instant, Instant)> {
        let Time { licence, from, until } = *self.times.get(at)?;
        if from == SPECIAL {
            let (from, until) = *self.apart.get(&licence)?;
            return Some((licence, from, until));
        }
        let end = if until == SPECIAL { Instant::MAX } else { instant(until) };
        Some((licence, instant(from), end))
    }
}

fn instant(seconds: u32) -> Instant {
    Instant::from_micros(i64::from(seconds).saturating_mul(MICROS))
}

fn seconds(at: Instant) -> Option<u32> {
    let micros = at.as_micros();
    let whole = micros.checked_rem(MICROS) == Some(0);
    let seconds = u32::try_from(micros.checked_div(MICROS)?).ok()?;
    (whole && seconds != SPECIAL).then_some(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_window_comes_back_as_it_was() {
        let edge = |micros| Instant::from_micros(micros);
        let windows = [
            (edge(0), Instant::MAX),
            (edge(1_781_299_260_000_000), edge(1_781_385_660_000_000)),
            (edge(1_781_299_260_000_001), Instant::MAX),
            (edge(1_781_299_260_000_000), edge(1_781_385_660_500_000)),
            (Instant::MIN, edge(5)),
            (edge(-MICROS), edge(MICROS)),
            (edge(i64::from(u32::MAX) * MICROS), Instant::MAX),
            (edge(0), edge(i64::from(u32::MAX) * MICROS)),
        ];
        let mut times = Times::with_len(windows.len());
        for (at, (from, until)) in windows.into_iter().enumerate() {
            times.set(at, at as u32, from, until);
        }
        for (at, (from, until)) in windows.into_iter().enumerate() {
            assert_eq!(times.get(at), Some((at as u32, from, until)));
        }
        assert_eq!(times.get(windows.len()), None);
    }
}
