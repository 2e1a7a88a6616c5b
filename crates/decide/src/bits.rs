//! Sets of directives, held in place: no decision allocates.

use terms::limits;

/// Words of a set.
pub(crate) const WORDS: usize = limits::DIRECTIVES_PER_MODEL / 64;

/// Directives of one model's plan, by bit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RuleSet([u64; WORDS]);

impl RuleSet {
    /// None.
    pub const EMPTY: Self = Self([0; WORDS]);

    pub(crate) fn insert(&mut self, bit: usize) {
        if let Some(word) = self.0.get_mut(bit >> 6) {
            *word |= mask(bit);
        }
    }

    pub(crate) fn remove(&mut self, bit: usize) {
        if let Some(word) = self.0.get_mut(bit >> 6) {
            *word &= !mask(bit);
        }
    }

    /// Whether the directive with this bit is in the set.
    pub fn contains(&self, bit: usize) -> bool {
        self.0.get(bit >> 6).is_some_and(|word| word & mask(bit) != 0)
    }

    /// Whether the set is empty.
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    /// How many directives it holds.
    pub fn len(&self) -> u32 {
        self.0.iter().map(|word| word.count_ones()).sum()
    }

    pub(crate) fn word(&self, at: usize) -> u64 {
        self.0.get(at).copied().unwrap_or(0)
    }

    pub(crate) fn set_word(&mut self, at: usize, bits: u64) {
        if let Some(word) = self.0.get_mut(at) {
            *word = bits;
        }
    }

    pub(crate) fn add_all(&mut self, other: &Self) {
        self.0.iter_mut().zip(other.0).for_each(|(word, more)| *word |= more);
    }

    pub(crate) fn keep_only(&mut self, other: &Self) {
        self.0.iter_mut().zip(other.0).for_each(|(word, kept)| *word &= kept);
    }

    /// Its directives, by bit, in order.
    pub fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.0.iter().enumerate().flat_map(|(at, word)| bits_of(*word).map(move |bit| (at << 6) | bit))
    }
}

/// The bits set in a word, lowest first.
pub(crate) fn bits_of(mut word: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let bit = usize::try_from(word.trailing_zeros()).ok().filter(|bit| *bit < 64)?;
        word &= word.wrapping_sub(1);
        Some(bit)
    })
}

/// The word with one bit set.
pub(crate) fn mask(bit: usize) -> u64 {
    1u64.wrapping_shl(u32::try_from(bit & 63).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_of_rules_behave_as_sets() {
        let mut set = RuleSet::EMPTY;
        [0, 63, 64, 1023].into_iter().for_each(|bit| set.insert(bit));
        assert_eq!(set.iter().collect::<Vec<_>>(), [0, 63, 64, 1023]);
        set.remove(64);
        set.insert(5000);
        assert_eq!(set.len(), 3);
        assert!(set.contains(1023) && !set.contains(64) && !set.contains(5000));
    }
}
