//! A plan: the directives that can reach one model, as bit masks. Directive number n of the plan is bit n; a row of a
//! table says which directives a value triggers. Windows are part of the plan, so a directive takes effect at its
//! instant with nothing to push.

mod block;
mod firms;
mod stretches;
mod write;

pub use block::{Block, Common, NOWHERE, Rare, Rows};
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
    rows: Rows,
    stretches: Stretches,
    /// Whether there is a nationality, a place and a seat that no directive names.
    leaves_room: bool,
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

    /// Its tables.
    pub fn rows(&self) -> &Rows {
        &self.rows
    }

    /// The stretch of time an instant falls into.
    #[inline]
    pub fn epoch(&self, at: Instant) -> usize {
        self.stretches.find(at)
    }

    /// Begun and ended directives of a block in a stretch of time.
    #[inline]
    pub fn epoch_masks(&self, epoch: usize, block: usize) -> [u64; 2] {
        self.stretches.masks(epoch, block)
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
        let mut plan = Self {
            positions,
            blocks: vec![Block::default(); words],
            rows: Rows::new(words),
            ..Self::default()
        };
        for (bit, rule) in chosen.iter().enumerate() {
            let Some(block) = plan.blocks.get_mut(bit >> 6) else { continue };
            Writer { block, rows: &mut plan.rows, at: bit >> 6, bit: bit_of(bit), rule, choices }.write();
        }
        plan.blocks.iter_mut().for_each(Block::sum_up);
        plan.set_epochs(&chosen);
        plan.leaves_room = plan.find_room();
        plan
    }

    /// Whether there is a nationality, a place and a seat that no directive of the plan names.
    pub fn leaves_room(&self) -> bool {
        self.leaves_room
    }

    fn find_room(&self) -> bool {
        let free = |names: &dyn Fn(u8, usize) -> bool| {
            Country::all().any(|country| !(0..self.blocks.len()).any(|block| names(country.row(), block)))
        };
        let rows = &self.rows;
        let nation = |country, block| {
            let rare = rows.rare(country, block);
            rows.common(country, block).any | rare.recent | rare.ever != 0
        };
        free(&nation)
            && free(&|country, block| rows.common(country, block).place != 0)
            && free(&|country, block| rows.common(country, block).seat != 0)
    }

    fn set_epochs(&mut self, chosen: &[&Rule]) {
        let enforced = || chosen.iter().enumerate().filter(|(_, rule)| rule.enforced());
        let windows = enforced().flat_map(|(_, rule)| [Some(rule.window.from), rule.window.until]);
        let mut stretches = Stretches::of(windows.flatten().collect(), self.blocks.len());
        for (bit, rule) in enforced() {
            stretches.mark(rule.window.from, 0, bit >> 6, bit_of(bit));
            if let Some(until) = rule.window.until {
                stretches.mark(until, 1, bit >> 6, bit_of(bit));
            }
        }
        self.stretches = stretches;
    }
}

pub(crate) fn bit_of(bit: usize) -> u64 {
    1u64.wrapping_shl(u32::try_from(bit & 63).unwrap_or(0))
}
