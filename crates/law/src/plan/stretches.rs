//! Stretches of time in which the directives in force are the same, and a quick way to the one an instant falls into.

use terms::Instant;

/// How many equal slices the time between the first and the last edge is cut into, at most.
const SLICES: i64 = 512;

/// Words before the masks of a stretch: the instant it begins at.
const HEAD: usize = 1;

/// Stretches of time. For each of equal slices of time it is written down in which stretch it begins, so that one look
/// finds the place of an instant, or nearly: halving would be eight, each a jump that cannot be foreseen.
#[derive(Clone, Debug)]
pub(super) struct Stretches {
    /// Per stretch: when it begins, in microseconds, then per block the directives begun and ended.
    words: Vec<u64>,
    size: usize,
    count: usize,
    first: i64,
    /// Slices are 2^shift microseconds long.
    shift: u32,
    /// The stretch at the beginning of each slice.
    at_slice: Vec<u16>,
    /// How many edges one slice holds at most.
    most: usize,
}

impl Default for Stretches {
    fn default() -> Self {
        Self::of(Vec::new(), 0)
    }
}

impl Stretches {
    /// From edges in any order, with room for the masks of so many blocks. Before the first edge there is a stretch too.
    pub(super) fn of(mut edges: Vec<Instant>, blocks: usize) -> Self {
        edges.sort_unstable();
        edges.dedup();
        let size = blocks.saturating_mul(2).saturating_add(HEAD);
        let mut words = vec![0u64; edges.len().saturating_add(1).saturating_mul(size)];
        let begins = std::iter::once(i64::MIN).chain(edges.iter().map(|edge| edge.as_micros()));
        for (slot, begin) in words.chunks_mut(size).zip(begins) {
            slot.first_mut().into_iter().for_each(|word| *word = begin.cast_unsigned());
        }
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
        let most = inside.max().unwrap_or(0);
        Self { words, size, count: edges.len().saturating_add(1), first, shift, at_slice, most }
    }

    #[inline]
    fn begin(&self, stretch: usize) -> i64 {
        self.words.get(stretch.wrapping_mul(self.size)).map_or(i64::MAX, |word| word.cast_signed())
    }

    /// The stretch an instant falls into.
    #[inline]
    pub(super) fn find(&self, at: Instant) -> usize {
        let at = at.as_micros();
        let Ok(since) = u64::try_from(at.saturating_sub(self.first)) else { return 0 };
        let slice = usize::try_from(since >> self.shift).unwrap_or(usize::MAX);
        let Some(stretch) = self.at_slice.get(slice) else { return self.count.wrapping_sub(1) };
        let mut stretch = usize::from(*stretch);
        // Always as many steps: a jump that depends on the instant cannot be foreseen.
        for _ in 0..self.most {
            stretch = stretch.wrapping_add(usize::from(self.begin(stretch.wrapping_add(1)) <= at));
        }
        stretch
    }

    /// Directives of a block begun, and ended, in a stretch.
    #[inline]
    pub(super) fn masks(&self, stretch: usize, block: usize) -> [u64; 2] {
        let at = stretch.wrapping_mul(self.size).wrapping_add(block.wrapping_mul(2)).wrapping_add(HEAD);
        match self.words.get(at..at.wrapping_add(2)) {
            Some([begun, ended]) => [*begun, *ended],
            _ => [0, u64::MAX],
        }
    }

    /// Marks a directive as begun (0) or ended (1) from an instant on.
    pub(super) fn mark(&mut self, from: Instant, which: usize, block: usize, bit: u64) {
        for stretch in 0..self.count {
            if self.begin(stretch) < from.as_micros() {
                continue;
            }
            let at = stretch.wrapping_mul(self.size).wrapping_add(block.wrapping_mul(2)).wrapping_add(HEAD);
            let word = self.words.get_mut(at.wrapping_add(which));
            word.into_iter().for_each(|word| *word |= bit);
        }
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
            let stretches = Stretches::of(edges.clone(), 1);
            edges.sort_unstable();
            edges.dedup();
            prop_assert_eq!(stretches.count, edges.len() + 1);
            let asked = edges.iter().map(|edge| edge.as_micros()).chain([at, i64::MIN + 1, i64::MAX - 1]);
            for at in asked.flat_map(|at| [at - 1, at, at + 1]) {
                let at = Instant::from_micros(at);
                prop_assert_eq!(stretches.find(at), edges.partition_point(|edge| *edge <= at));
            }
        }
    }
}
