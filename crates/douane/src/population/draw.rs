//! Drawing at random, the same way each time for the same seed.

/// SplitMix64 (Steele, Lea and Flood, OOPSLA 2014): small, and each seed gives a stream of its own.
#[derive(Clone, Debug)]
pub(super) struct Draw(u64);

impl Draw {
    /// The stream of item `index` under `seed`, independent of how many items there are.
    pub(super) fn of(seed: u64, index: u64) -> Self {
        let mut mixed = Self(seed);
        let base = mixed.next();
        let mut own = Self(base ^ index.wrapping_mul(0xd134_2543_de82_ef95));
        own.next();
        own
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From 0 to just below 1, in steps of 2^-53.
    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// `true` in this share of draws.
    pub(super) fn chance(&mut self, share: f64) -> bool {
        self.unit() < share
    }
}

/// Items with the weight of each.
#[derive(Clone, Debug)]
pub(super) struct Weighted<T> {
    /// Upper end of each item's stretch, rising to the total.
    ends: Vec<f64>,
    items: Vec<T>,
}

impl<T> Weighted<T> {
    /// `None` without an item of positive weight, or with a weight that is negative or no number.
    pub(super) fn new(items: impl IntoIterator<Item = (T, f64)>) -> Option<Self> {
        let (mut ends, mut kept, mut total) = (Vec::new(), Vec::new(), 0.0);
        for (item, weight) in items {
            if !weight.is_finite() || weight < 0.0 {
                return None;
            }
            if weight > 0.0 {
                total += weight;
                ends.push(total);
                kept.push(item);
            }
        }
        (!kept.is_empty()).then_some(Self { ends, items: kept })
    }

    /// One item; `None` never, as there is at least one.
    pub(super) fn pick(&self, draw: &mut Draw) -> Option<&T> {
        let at = draw.unit() * self.ends.last().copied().unwrap_or_default();
        let position = self.ends.partition_point(|end| *end <= at);
        self.items.get(position).or_else(|| self.items.last())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reproduces_the_published_stream() {
        // First outputs for seed 1234567, from the reference implementation (prng.di.unimi.it/splitmix64.c).
        let mut draw = Draw(1_234_567);
        let expected = [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423];
        assert_eq!([draw.next(), draw.next(), draw.next()], expected);
    }

    #[test]
    fn picks_by_weight() {
        let weighted = Weighted::new([("a", 1.0), ("never", 0.0), ("b", 3.0)]).unwrap();
        let mut draw = Draw::of(7, 0);
        let b = (0..10_000).filter(|_| weighted.pick(&mut draw) == Some(&"b")).count();
        assert!((7_300..7_700).contains(&b), "{b}");
    }

    #[test]
    fn refuses_weights_that_are_none() {
        assert!(Weighted::<u8>::new([]).is_none());
        assert!(Weighted::new([(1, 0.0)]).is_none());
        assert!(Weighted::new([(1, 1.0), (2, -1.0)]).is_none());
        assert!(Weighted::new([(1, f64::NAN)]).is_none());
    }

    #[test]
    fn each_item_has_its_own_stream() {
        let first = |seed, index| Draw::of(seed, index).next();
        assert_eq!(first(1, 5), first(1, 5));
        assert_ne!(first(1, 5), first(1, 6));
        assert_ne!(first(1, 5), first(2, 5));
    }
}
