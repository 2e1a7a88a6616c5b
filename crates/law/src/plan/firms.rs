//! Which directives name a firm.

use crate::regime::Rule;
use std::ops::Range;
use terms::limits;

/// A directive that names a firm: the plan and the bit there.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Named {
    plan: u16,
    bit: u16,
}

const _: () = assert!(limits::MODELS <= 1 << 16);
const _: () = assert!(limits::DIRECTIVES_PER_MODEL <= 1 << 16);

impl Named {
    /// The number of the plan.
    #[inline]
    pub fn plan(self) -> u32 {
        u32::from(self.plan)
    }

    /// The bit there.
    pub fn bit(self) -> usize {
        usize::from(self.bit)
    }

    /// The bit, among the directives of a block only.
    #[inline]
    pub fn in_block(self, block: usize) -> u64 {
        if usize::from(self.bit >> 6) == block { super::bit_of(usize::from(self.bit)) } else { 0 }
    }
}

/// The directives of every plan that name firms, by firm.
#[derive(Clone, Debug, Default)]
pub struct NamedFirms {
    /// Where those of each firm begin; one more than there are firms.
    starts: Vec<u32>,
    named: Vec<Named>,
}

impl NamedFirms {
    /// From each plan's directives, by bit.
    pub(crate) fn of(rules: &[Rule], plans: &[super::Plan], firms: usize) -> Self {
        let mut found: Vec<(u32, Named)> = Vec::new();
        for (plan, positions) in (0u16..).zip(plans.iter().map(super::Plan::positions)) {
            for (bit, position) in (0u16..).zip(positions) {
                let rule = usize::try_from(*position).ok().and_then(|at| rules.get(at));
                let firms = rule.map(|rule| &*rule.scope.firms).unwrap_or_default();
                found.extend(firms.iter().map(|firm| (*firm, Named { plan, bit })));
            }
        }
        if found.is_empty() {
            return Self::default();
        }
        found.sort_unstable();
        let before =
            |firm: usize| found.partition_point(|(other, _)| usize::try_from(*other).is_ok_and(|o| o < firm));
        let starts = (0..=firms).map(|firm| u32::try_from(before(firm)).unwrap_or(u32::MAX)).collect();
        Self { starts, named: found.into_iter().map(|(_, named)| named).collect() }
    }

    /// Where those that name a firm stand.
    pub fn of_firm(&self, firm: u32) -> Range<u32> {
        let at = usize::try_from(firm).unwrap_or(usize::MAX);
        let bound = |at: usize| self.starts.get(at).copied();
        bound(at).zip(bound(at.saturating_add(1))).map_or(0..0, |(from, until)| from..until)
    }

    /// Those in a range, in order of plan and bit.
    #[inline]
    pub fn get(&self, [from, until]: [u32; 2]) -> &[Named] {
        let bound = |at: u32| usize::try_from(at).unwrap_or(usize::MAX);
        self.named.get(bound(from)..bound(until)).unwrap_or_default()
    }
}
