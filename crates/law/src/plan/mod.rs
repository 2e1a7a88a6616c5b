//! A plan: the directives that can reach one model, as bit masks. Directive number n of the plan is bit n; a row of a
//! table says which directives a value triggers. Windows are part of the plan, so a directive takes effect at its
//! instant with nothing to push.

mod block;
mod firms;
mod stretches;
mod write;

pub use block::{Block, Common, Epoch, NO_STATUS, NOWHERE, OPEN, Rare, SETTLED};
pub use firms::{Named, NamedFirms};

use crate::regime::Rule;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use stretches::Stretches;
use terms::{Choices, Country, Instant};
use write::Writer;

/// A row of a table; a value beyond it triggers nothing.
pub fn row(rows: &[u64], value: u8) -> u64 {
    rows.get(usize::from(value)).copied().unwrap_or(0)
}

/// Spreads a number over a word (Fibonacci hashing).
#[derive(Clone, Copy, Default, Debug)]
pub struct Spread(u64);

impl Hasher for Spread {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_u64(u64::from(*byte)));
    }
    fn write_u32(&mut self, value: u32) {
        self.write_u64(u64::from(value));
    }
    fn write_u64(&mut self, value: u64) {
        let mixed = (self.0 ^ value).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        self.0 = mixed ^ (mixed >> 32);
    }
}

/// A map from small numbers.
pub type ByNumber<K, V> = HashMap<K, V, BuildHasherDefault<Spread>>;

/// The directives that can reach one model.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    positions: Vec<u32>,
    blocks: Vec<Block>,
    stretches: Stretches,
    /// Whether there is a nationality, a place and a seat that no directive names.
    leaves_room: bool,
    /// Whether some directive reaches US persons (15 CFR 744.6) or is limited to end uses.
    opposed: bool,
}

impl Plan {
    /// Positions of its directives in the regime, by bit.
    pub fn positions(&self) -> &[u32] {
        &self.positions
    }

    /// Its directives, sixty-four at a time.
    pub fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    /// The stretch of time an instant falls into.
    #[inline]
    pub fn epoch(&self, at: Instant) -> usize {
        self.stretches.find(at)
    }

    /// The bit of a directive, by its position in the regime.
    pub fn bit(&self, position: u32) -> Option<usize> {
        self.positions.binary_search(&position).ok()
    }

    /// Marks directives as lifted by some licence.
    pub(crate) fn mark_lifted(&mut self, masks: &[u64], staff: bool, persons: bool) {
        for (block, mask) in self.blocks.iter_mut().zip(masks) {
            if staff {
                block.lifted_for_staff |= mask;
            }
            if persons {
                block.lifted_for_persons |= mask;
            }
        }
    }

    /// Builds the plan of the rules at these positions, which are sorted.
    pub(crate) fn build(rules: &[Rule], positions: Vec<u32>, choices: &Choices) -> Self {
        let chosen: Vec<&Rule> =
            positions.iter().filter_map(|at| rules.get(usize::try_from(*at).ok()?)).collect();
        let words = chosen.len().div_ceil(64);
        let mut plan = Self { positions, blocks: vec![Block::default(); words], ..Self::default() };
        for (bit, rule) in chosen.iter().enumerate() {
            let Some(block) = plan.blocks.get_mut(bit >> 6) else { continue };
            Writer { block, bit: bit_of(bit), rule, choices }.write();
        }
        plan.blocks.iter_mut().for_each(Block::sum_up);
        plan.set_epochs(&chosen);
        plan.leaves_room = plan.find_room();
        plan.opposed = plan.blocks.iter().any(|block| block.us_person_rules | block.end_use_rules != 0);
        plan
    }

    /// Whether there is a nationality, a place and a seat that no directive of the plan names.
    pub fn leaves_room(&self) -> bool {
        self.leaves_room
    }

    /// Whether what some directive reaches another can spare: some reach US persons, or are limited to end uses.
    pub fn is_opposed(&self) -> bool {
        self.opposed
    }

    fn find_room(&self) -> bool {
        let free = |names: fn(&Block, u8) -> bool| {
            Country::all().any(|country| !self.blocks.iter().any(|block| names(block, country.row())))
        };
        let nation = |block: &Block, country| {
            let rare = block.rare(country);
            block.common(country).any | rare.recent | rare.ever != 0
        };
        free(nation)
            && free(|block, country| block.common(country).place != 0)
            && free(|block, country| block.common(country).seat != 0)
    }

    fn set_epochs(&mut self, chosen: &[&Rule]) {
        let enforced = || chosen.iter().enumerate().filter(|(_, rule)| rule.enforced());
        let windows = enforced().flat_map(|(_, rule)| [Some(rule.window.from), rule.window.until]);
        let stretches = Stretches::of(windows.flatten().collect());
        self.blocks.iter_mut().for_each(|block| block.epochs = vec![Epoch::default(); stretches.count()]);
        for (bit, rule) in enforced() {
            let Some(block) = self.blocks.get_mut(bit >> 6) else { continue };
            let mut from = |at, mark: fn(&mut Epoch) -> &mut u64| {
                let later = block.epochs.iter_mut().skip(stretches.first_from(at));
                later.for_each(|epoch| *mark(epoch) |= bit_of(bit));
            };
            from(rule.window.from, |epoch| &mut epoch.begun);
            if let Some(until) = rule.window.until {
                from(until, |epoch| &mut epoch.ended);
            }
        }
        self.stretches = stretches;
    }
}

pub(crate) fn bit_of(bit: usize) -> u64 {
    1u64.wrapping_shl(u32::try_from(bit & 63).unwrap_or(0))
}
