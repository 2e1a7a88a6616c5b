//! Every world, and which directives hold the subject in it.

use super::values::{Axis, Scope, Value};
use super::{Exact, World};
use crate::ask::Ask;
use crate::rules;
use crate::tri::{Need, Tri};
use crate::verdict::{DependsOn, Outcome};
use law::Rule;
use terms::{FactMask, MissingFact, Question, limits};

/// Something unknown, its values, and how far apart two worlds are that differ in the next value only.
struct Digit {
    axis: Axis,
    values: Vec<Value>,
    stride: usize,
}

impl Digit {
    /// Which of the values a world has.
    fn of(&self, world: usize) -> usize {
        let turns = world.checked_div(self.stride).unwrap_or(0);
        turns.checked_rem(self.values.len()).unwrap_or(0)
    }
}

/// Which rules hold the subject in each world. Worlds are numbered with the first digit as the fastest.
pub(super) struct Table {
    digits: Vec<Digit>,
    /// Per rule, per world.
    inside: Vec<Vec<bool>>,
    /// Per world: whether any rule refuses in it.
    refused: Vec<bool>,
    open: Option<Need>,
}

impl Table {
    pub(super) fn build(ask: &Ask<'_>, undecided: &[(usize, &Rule)], need: Need) -> Option<Self> {
        let scope = Scope { ask, undecided };
        let axes = need.questions().map(Axis::Question).chain(need.facts.iter().map(Axis::Fact));
        let mut digits = Vec::new();
        let mut worlds = 1usize;
        for axis in axes {
            let digit = Digit { axis, values: scope.values(axis), stride: worlds };
            worlds = worlds.checked_mul(digit.values.len())?;
            digits.push(digit);
        }
        if worlds.checked_mul(undecided.len().max(1))? > limits::WORLDS {
            return None;
        }
        let inside = vec![Vec::with_capacity(worlds); undecided.len()];
        let mut table = Self { digits, inside, refused: Vec::new(), open: None };
        (0..worlds).for_each(|number| table.fill(ask, undecided, number));
        table.release_where_no_place_holds(ask, undecided, worlds);
        table.refused =
            (0..worlds).map(|world| table.inside.iter().any(|row| row.get(world) == Some(&true))).collect();
        Some(table)
    }

    fn world(&self, ask: &Ask<'_>, number: usize) -> World {
        let mut world = World::recorded(ask.regime.choices());
        for digit in &self.digits {
            if let Some(value) = digit.values.get(digit.of(number)) {
                value.assume(&mut world);
            }
        }
        world
    }

    fn fill(&mut self, ask: &Ask<'_>, undecided: &[(usize, &Rule)], number: usize) {
        let world = self.world(ask, number);
        for (row, (_, rule)) in self.inside.iter_mut().zip(undecided) {
            let held = rules::inside(ask, rule, &world);
            if let Tri::Unknown(need) = held {
                self.open = Some(self.open.unwrap_or_default().union(need));
            }
            // What stays unknown counts as a refusal: an evaluation that cannot finish is never a permit.
            row.push(held != Tri::No);
        }
    }

    /// An unproven statement of place can be for the person under one limb and against under another, so that a rule
    /// seems to hold although it holds at no single place. Where that is so, the rule does not hold.
    fn release_where_no_place_holds(&mut self, ask: &Ask<'_>, undecided: &[(usize, &Rule)], worlds: usize) {
        let place = self.digits.iter().find(|digit| digit.axis == Axis::Fact(MissingFact::Location));
        let Some((stride, places)) = place.map(|digit| (digit.stride, digit.values.len())) else { return };
        let first_place =
            |world: usize| world.checked_div(stride).and_then(|turn| turn.checked_rem(places)) == Some(0);
        for first in (0..worlds).filter(|world| first_place(*world)) {
            let group = || (first..worlds).step_by(stride.max(1)).take(places);
            let seen: Vec<World> = group()
                .map(|number| World { statement_of_place_ignored: true, ..self.world(ask, number) })
                .collect();
            for (row, (_, rule)) in self.inside.iter_mut().zip(undecided) {
                if seen.iter().all(|world| rules::inside(ask, rule, world) == Tri::No) {
                    group().for_each(|number| row.get_mut(number).into_iter().for_each(|held| *held = false));
                }
            }
        }
    }

    /// What some world still lacked.
    pub(super) fn open(&self) -> Option<Need> {
        self.open
    }

    pub(super) fn answer(&self, undecided: &[(usize, &Rule)]) -> Exact {
        let holding = |test: fn(&Vec<bool>) -> bool| {
            let rows = self.inside.iter().zip(undecided);
            rows.filter(|(row, _)| test(row)).map(|(_, (position, _))| *position).collect()
        };
        let certain: Vec<usize> = holding(|row| row.iter().all(|held| *held));
        let possible: Vec<usize> = holding(|row| row.iter().any(|held| *held));
        let (outcome, depends_on) = self.resolve(&vec![None; self.digits.len()]);
        let missing = if outcome == Outcome::VerifyFirst { self.missing() } else { FactMask::EMPTY };
        Exact { outcome, missing, depends_on, certain, possible }
    }

    /// The outcome where some values are fixed: all refuse, none refuses, or it turns on a question or a fact.
    fn resolve(&self, fixed: &[Option<usize>]) -> (Outcome, Option<DependsOn>) {
        let outcome = self.settled(fixed);
        if outcome != Outcome::VerifyFirst {
            return (outcome, None);
        }
        match self.deciding_question(fixed) {
            Some((question, at)) => {
                let options = 0..question.options().len();
                let options = options.map(|value| self.resolve(&fix(fixed, at, value)).0).collect();
                (Outcome::Depends, Some(DependsOn { question, options }))
            }
            None => (Outcome::VerifyFirst, None),
        }
    }

    /// The outcome over the worlds that agree with the values fixed, as if every question were a fact.
    fn settled(&self, fixed: &[Option<usize>]) -> Outcome {
        let agrees = |world: usize| {
            let pairs = self.digits.iter().zip(fixed);
            pairs.clone().all(|(digit, fixed)| fixed.is_none_or(|value| value == digit.of(world)))
        };
        let results =
            || (0..).zip(&self.refused).filter(|(world, _)| agrees(*world)).map(|(_, refused)| *refused);
        match (results().any(|refused| refused), results().all(|refused| refused)) {
            (false, _) => Outcome::Permit,
            (true, true) => Outcome::Deny,
            (true, false) => Outcome::VerifyFirst,
        }
    }

    /// The first open question whose answer changes the outcome under some answers to the others.
    fn deciding_question(&self, fixed: &[Option<usize>]) -> Option<(Question, usize)> {
        let open =
            self.digits.iter().zip(fixed).zip(0..).filter_map(|((digit, fixed), at)| match digit.axis {
                Axis::Question(question) if fixed.is_none() => Some((question, at)),
                _ => None,
            });
        let open: Vec<(Question, usize)> = open.collect();
        open.iter().copied().find(|(question, at)| {
            let others = open.iter().filter(|(other, _)| other != question);
            let settings = others.fold(vec![fixed.to_vec()], |settings, (other, at)| {
                let answers = 0..other.options().len();
                settings.iter().flat_map(|s| answers.clone().map(|value| fix(s, *at, value))).collect()
            });
            settings.iter().any(|setting| {
                let mut outcomes =
                    (0..question.options().len()).map(|value| self.settled(&fix(setting, *at, value)));
                let first = outcomes.next();
                outcomes.any(|outcome| Some(outcome) != first)
            })
        })
    }

    /// Every fact that changes the result for some values of the others.
    fn missing(&self) -> FactMask {
        let facts = self.digits.iter().filter_map(|digit| match digit.axis {
            Axis::Fact(fact) => Some((digit, fact)),
            Axis::Question(_) => None,
        });
        facts.filter(|(digit, _)| self.changes(digit)).map(|(_, fact)| fact).collect()
    }

    /// Whether two worlds that differ in one value only have different results.
    fn changes(&self, digit: &Digit) -> bool {
        (0..).zip(&self.refused).any(|(world, refused): (usize, &bool)| {
            let first = world.saturating_sub(digit.of(world).saturating_mul(digit.stride));
            self.refused.get(first).is_some_and(|other| other != refused)
        })
    }
}

fn fix(fixed: &[Option<usize>], at: usize, value: usize) -> Vec<Option<usize>> {
    let mut fixed = fixed.to_vec();
    if let Some(slot) = fixed.get_mut(at) {
        *slot = Some(value);
    }
    fixed
}
