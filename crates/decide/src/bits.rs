//! Sets of directives, held in place: no decision allocates.

use terms::limits;

/// Words of a set.
pub(crate) const WORDS: usize = limits::DIRECTIVES_PER_MODEL / 64;

/// Directives of one model's plan, by bit.
#[derive(Clone, Copy, Debug)]
pub struct RuleSet {
    /// As many as are used; those beyond say nothing, so that a set can be used again without being wiped.
    words: [u64; WORDS],
    used: usize,
}

impl RuleSet {
    /// None.
    pub const EMPTY: Self = Self { words: [0; WORDS], used: 0 };

    fn used(&self) -> &[u64] {
        self.words.get(..self.used).unwrap_or(&self.words)
    }

    /// Takes all out.
    pub(crate) fn clear(&mut self) {
        self.used = 0;
    }

    /// Adds the next word.
    #[inline]
    pub(crate) fn push_word(&mut self, bits: u64) {
        if let Some(word) = self.words.get_mut(self.used) {
            *word = bits;
            self.used = self.used.wrapping_add(1);
        }
    }

    fn word_mut(&mut self, at: usize) -> Option<&mut u64> {
        while self.used <= at && self.used < WORDS {
            self.push_word(0);
        }
        self.words.get_mut(at)
    }

    pub(crate) fn insert(&mut self, bit: usize) {
        if let Some(word) = self.word_mut(bit >> 6) {
            *word |= mask(bit);
        }
    }

    pub(crate) fn remove(&mut self, bit: usize) {
        if let Some(word) = self.word_mut(bit >> 6) {
            *word &= !mask(bit);
        }
    }

    /// Whether the directive with this bit is in the set.
    pub fn contains(&self, bit: usize) -> bool {
        self.word(bit >> 6) & mask(bit) != 0
    }

    /// Whether the set is empty.
    pub fn is_empty(&self) -> bool {
        self.used().iter().all(|word| *word == 0)
    }

    /// How many directives it holds.
    pub fn len(&self) -> u32 {
        self.used().iter().map(|word| word.count_ones()).sum()
    }

    pub(crate) fn word(&self, at: usize) -> u64 {
        self.used().get(at).copied().unwrap_or(0)
    }

    pub(crate) fn add_all(&mut self, other: &Self) {
        for (at, more) in other.used().iter().enumerate() {
            self.word_mut(at).into_iter().for_each(|word| *word |= more);
        }
    }

    pub(crate) fn keep_only(&mut self, other: &Self) {
        for at in 0..self.used {
            let kept = other.word(at);
            self.word_mut(at).into_iter().for_each(|word| *word &= kept);
        }
    }

    /// Its directives, by bit, in order.
    pub fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.used().iter().enumerate().flat_map(|(at, word)| bits_of(*word).map(move |bit| (at << 6) | bit))
    }
}

impl PartialEq for RuleSet {
    fn eq(&self, other: &Self) -> bool {
        (0..self.used.max(other.used)).all(|at| self.word(at) == other.word(at))
    }
}

impl Eq for RuleSet {}

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
        let mut other = RuleSet::EMPTY;
        [0, 63, 1023, 2].into_iter().for_each(|bit| other.insert(bit));
        other.keep_only(&set);
        assert_eq!(other, set);
        other.clear();
        assert!(other.is_empty() && other == RuleSet::EMPTY && other.word(0) == 0);
        other.insert(70);
        assert_eq!(other.iter().collect::<Vec<_>>(), [70]);
        set.add_all(&other);
        assert_eq!(set.iter().collect::<Vec<_>>(), [0, 63, 70, 1023]);
    }
}
