//! Stretches of time in which the directives in force are the same, and a quick way to the one an instant falls into.

use terms::Instant;

/// How many equal slices the time between the first and the last edge is cut into, at most.
const SLICES: i64 = 512;

/// How many edges a slice may hold and be looked through without a jump.
const FEW: usize = 4;

/// Stretches of time. For each of equal slices of time it is written down in which stretch it begins, so that one look
/// finds the place of an instant, or nearly: halving would be eight, each a jump that cannot be foreseen.
#[derive(Clone, Debug)]
pub(super) struct Stretches {
    /// When each but the first begins, in microseconds; then [`FEW`] ends of time.
    begins: Vec<i64>,
    first: i64,
    /// Slices are 2^shift microseconds long.
    shift: u32,
    /// The stretch at the beginning of each slice.
    at_slice: Vec<u16>,
    /// Whether some slice holds more than [`FEW`] edges.
    crowded: bool,
}

impl Default for Stretches {
    fn default() -> Self {
        Self::of(Vec::new())
    }
}

impl Stretches {
    /// From edges in any order. Before the first edge there is a stretch too.
    pub(super) fn of(mut edges: Vec<Instant>) -> Self {
        edges.sort_unstable();
        edges.dedup();
        let first = edges.first().map_or(0, |edge| edge.as_micros());
        let span = edges.last().map_or(0, |edge| edge.as_micros().saturating_sub(first));
        let shift = (0..63u32).find(|shift| (span >> shift) < SLICES).unwrap_or(63);
        let before = |slice: i64| {
            let begin = first.saturating_add(slice << shift);
            u16::try_from(edges.partition_point(|edge| edge.as_micros() < begin)).unwrap_or(u16::MAX)
        };
        let at_slice: Vec<u16> = (0..=(span >> shift).saturating_add(1)).map(before).collect();
        let inside = at_slice.windows(2).map(|pair| match pair {
            [before, after] => usize::from(after.saturating_sub(*before)),
            _ => 0,
        });
        let crowded = inside.max().unwrap_or(0) > FEW;
        let ends = std::iter::repeat_n(i64::MAX, FEW);
        let begins = edges.iter().map(|edge| edge.as_micros()).chain(ends).collect();
        Self { begins, first, shift, at_slice, crowded }
    }

    /// The stretch an instant falls into.
    #[inline]
    pub(super) fn find(&self, at: Instant) -> usize {
        let at = at.as_micros();
        if at < self.first {
            return 0;
        }
        let since = at.wrapping_sub(self.first).cast_unsigned() >> (self.shift & 63);
        let slice = usize::try_from(since).unwrap_or(usize::MAX);
        let last = self.begins.len().wrapping_sub(FEW);
        let stretch = self.at_slice.get(slice).map_or(last, |stretch| usize::from(*stretch));
        let rest = self.begins.get(stretch..).unwrap_or_default();
        if self.crowded {
            return stretch.wrapping_add(rest.partition_point(|begin| *begin <= at)).min(last);
        }
        // Always as many steps: a jump that depends on the instant cannot be foreseen.
        let next: &[i64; FEW] = rest.first_chunk().unwrap_or(&[i64::MAX; FEW]);
        next.iter().fold(stretch, |found, begin| found.wrapping_add(usize::from(*begin <= at))).min(last)
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.begins.len().saturating_sub(FEW).saturating_add(1)
    }

    /// The first that begins at an instant or later.
    pub(super) fn first_from(&self, at: Instant) -> usize {
        let edges = self.begins.get(..self.begins.len().saturating_sub(FEW)).unwrap_or_default();
        edges.partition_point(|begin| *begin < at.as_micros()).saturating_add(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_stretch_found_is_that_of_halving(
            far in proptest::collection::vec(any::<i64>().prop_map(|at| at >> 20), 0..40),
            close in proptest::collection::vec(-3i64..900, 0..40),
            at in any::<i64>(),
        ) {
            let mut edges: Vec<Instant> = far.iter().chain(&close).map(|at| Instant::from_micros(*at)).collect();
            let stretches = Stretches::of(edges.clone());
            edges.sort_unstable();
            edges.dedup();
            prop_assert_eq!(stretches.count(), edges.len() + 1);
            let asked = edges.iter().map(|edge| edge.as_micros()).chain([at, i64::MIN, i64::MAX]);
            for at in asked.flat_map(|at| [at.saturating_sub(1), at, at.saturating_add(1)]) {
                let at = Instant::from_micros(at);
                prop_assert_eq!(stretches.find(at), edges.partition_point(|edge| *edge <= at));
            }
        }
    }
}
