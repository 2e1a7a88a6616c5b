//! Every world, and which directives hold the subject in it.

use super::axes::{Axis, Values};
use super::{Exact, World};
use crate::ask::Ask;
use crate::bits::RuleSet;
use crate::predicates;
use crate::tri::{Need, Tri};
use crate::verdict::Outcome;
use terms::{Choices, FactMask, MissingFact, Question, limits};

/// Axes there can be.
pub(super) const AXES: usize = 22;

const WORDS: usize = limits::WORLDS / 64;

/// Facts whose unproven statement can be for the person under one limb and against under another.
const BOTH_WAYS: [MissingFact; 4] =
    [MissingFact::Location, MissingFact::EndUse, MissingFact::Citizenships, MissingFact::Employment];

/// Something unknown, how many values it has, and how far apart two worlds are that differ in the next value only.
#[derive(Clone, Copy)]
pub(super) struct Digit {
    pub(super) axis: Axis,
    pub(super) count: usize,
    pub(super) stride: usize,
}

impl Digit {
    /// Which of the values a world has.
    pub(super) fn of(&self, world: usize) -> usize {
        world.checked_div(self.stride).and_then(|turns| turns.checked_rem(self.count)).unwrap_or(0)
    }
}

/// Which rules hold the subject in each world. Worlds are numbered with the first digit as the fastest.
pub(super) struct Table {
    /// The readings that are recorded in every world.
    choices: Choices,
    digits: [Digit; AXES],
    axes: usize,
    pub(super) worlds: usize,
    /// Per world: whether any rule refuses in it.
    refused: [u64; WORDS],
    certain: RuleSet,
    possible: RuleSet,
    open: Option<Need>,
}

impl Table {
    pub(super) fn build(ask: &Ask<'_>, choices: Choices, undecided: &RuleSet, need: Need) -> Option<Self> {
        let values = Values::new(ask, undecided, need.facts)?;
        let unused = Digit { axis: Axis::Question(Question::DestinationLimb), count: 1, stride: 1 };
        let mut table = Self {
            choices,
            digits: [unused; AXES],
            axes: 0,
            worlds: 1,
            refused: [0; WORDS],
            certain: *undecided,
            possible: RuleSet::EMPTY,
            open: None,
        };
        let axes = need.questions().map(Axis::Question).chain(need.facts.iter().map(Axis::Fact));
        for axis in axes {
            let count = values.count(axis).max(1);
            *table.digits.get_mut(table.axes)? = Digit { axis, count, stride: table.worlds };
            table.axes = table.axes.saturating_add(1);
            table.worlds = table.worlds.checked_mul(count)?;
        }
        let rules = usize::try_from(undecided.len().max(1)).ok()?;
        if table.worlds > limits::WORLDS || table.worlds.checked_mul(rules)? > limits::JUDGEMENTS {
            return None;
        }
        table.fill(ask, undecided, &values);
        Some(table)
    }

    pub(super) fn digits(&self) -> &[Digit] {
        self.digits.get(..self.axes).unwrap_or_default()
    }

    fn world(&self, values: &Values<'_>, number: usize) -> World {
        let mut world = World::recorded(self.choices);
        self.digits().iter().for_each(|digit| values.assume(digit.axis, digit.of(number), &mut world));
        world
    }

    /// Judges every world.
    fn fill(&mut self, ask: &Ask<'_>, undecided: &RuleSet, values: &Values<'_>) {
        let facts = || {
            self.digits().iter().filter_map(|digit| match digit.axis {
                Axis::Fact(fact) => Some(fact),
                Axis::Question(_) => None,
            })
        };
        let both_ways = facts().any(|fact| BOTH_WAYS.contains(&fact));
        let released = if both_ways { self.held_nowhere(ask, undecided, values) } else { RuleSet::EMPTY };
        for number in 0..self.worlds {
            let world = self.world(values, number);
            self.judge(ask, undecided, &released, number, &world);
        }
    }

    /// An unproven statement can be for the person under one limb and against under another, so that a rule seems to
    /// hold although it holds whatever the truth is in no world. Where that is so, the rule does not hold.
    fn held_nowhere(&mut self, ask: &Ask<'_>, undecided: &RuleSet, values: &Values<'_>) -> RuleSet {
        let mut nowhere = *undecided;
        for number in 0..self.worlds {
            if nowhere.is_empty() {
                return nowhere;
            }
            let world = World { statements_ignored: true, ..self.world(values, number) };
            for bit in undecided.iter() {
                if !nowhere.contains(bit) {
                    continue;
                }
                let held = predicates::inside(ask, bit, &world);
                self.note_open(held);
                if held != Tri::No {
                    nowhere.remove(bit);
                }
            }
        }
        nowhere
    }

    /// Notes what a judgement still lacks, so that it becomes an axis.
    fn note_open(&mut self, held: Tri) {
        if let Tri::Unknown(need) = held {
            self.open = Some(self.open.unwrap_or_default().union(need));
        }
    }

    fn judge(
        &mut self,
        ask: &Ask<'_>,
        undecided: &RuleSet,
        released: &RuleSet,
        number: usize,
        world: &World,
    ) {
        let mut holding = RuleSet::EMPTY;
        for bit in undecided.iter() {
            let held = predicates::inside(ask, bit, world);
            self.note_open(held);
            // What stays unknown counts as a refusal: an evaluation that cannot finish is never a permit.
            if held != Tri::No && !released.contains(bit) {
                holding.insert(bit);
            }
        }
        self.certain.keep_only(&holding);
        self.possible.add_all(&holding);
        if !holding.is_empty()
            && let Some(word) = self.refused.get_mut(number >> 6)
        {
            *word |= crate::bits::mask(number);
        }
    }

    /// What some world still lacked.
    pub(super) fn open(&self) -> Option<Need> {
        self.open
    }

    pub(super) fn refuses(&self, world: usize) -> bool {
        self.refused.get(world >> 6).is_some_and(|word| word & crate::bits::mask(world) != 0)
    }

    pub(super) fn answer(&self) -> Exact {
        let (outcome, depends_on) = self.resolve();
        let missing = if outcome == Outcome::VerifyFirst { self.missing() } else { FactMask::EMPTY };
        Exact { outcome, missing, depends_on, certain: self.certain, possible: self.possible }
    }

    /// Every fact that changes the result for some values of the others.
    fn missing(&self) -> FactMask {
        let facts = self.digits().iter().filter_map(|digit| match digit.axis {
            Axis::Fact(fact) => Some((digit, fact)),
            Axis::Question(_) => None,
        });
        facts.filter(|(digit, _)| self.changes(digit)).map(|(_, fact)| fact).collect()
    }

    /// Whether two worlds that differ in one value only have different results.
    fn changes(&self, digit: &Digit) -> bool {
        (0..self.worlds).any(|world| {
            let first = world.saturating_sub(digit.of(world).saturating_mul(digit.stride));
            self.refuses(first) != self.refuses(world)
        })
    }
}
