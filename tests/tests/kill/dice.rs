//! Random choices that a printed seed repeats.

use std::hash::{BuildHasher, RandomState};

/// SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
pub struct Dice(u64);

impl Dice {
    /// Of the seed in `DOUANE_KILL_SEED`, else of any; gives the seed too.
    pub fn of_environment() -> (Self, u64) {
        let named = std::env::var("DOUANE_KILL_SEED").ok();
        let seed = named.map_or_else(
            || RandomState::new().hash_one(0),
            |seed| seed.parse().expect("DOUANE_KILL_SEED is a number"),
        );
        (Self(seed), seed)
    }

    /// Dice of their own for a thread.
    pub fn fork(&mut self) -> Self {
        Self(self.next())
    }

    /// A number below `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    /// One of these.
    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[usize::try_from(self.below(from.len() as u64)).unwrap()]
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}
