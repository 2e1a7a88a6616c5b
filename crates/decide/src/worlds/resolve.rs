//! From the worlds to one answer: all refuse, none refuses, or it turns on a question or a fact.

use super::axes::Axis;
use super::table::{AXES, Table};
use crate::verdict::{DependsOn, Outcome};
use terms::Question;

/// Values that are fixed, by axis.
type Fixed = [Option<usize>; AXES];

impl Table {
    /// The answer, and the question it turns on, if it does.
    pub(super) fn resolve(&self) -> (Outcome, Option<DependsOn>) {
        self.resolve_under(&[None; AXES])
    }

    fn resolve_under(&self, fixed: &Fixed) -> (Outcome, Option<DependsOn>) {
        let outcome = self.settled(fixed);
        if outcome != Outcome::VerifyFirst {
            return (outcome, None);
        }
        let Some((question, at)) = self.deciding_question(fixed) else { return (Outcome::VerifyFirst, None) };
        let mut depends = DependsOn::new(question);
        for value in 0..question.options().len() {
            let outcome = self.resolve_under(&fix(fixed, at, value)).0;
            depends.set(value, outcome);
        }
        (Outcome::Depends, Some(depends))
    }

    /// The outcome over the worlds that agree with the values fixed, as if every question were a fact.
    fn settled(&self, fixed: &Fixed) -> Outcome {
        let (mut any, mut all) = (false, true);
        for world in 0..self.worlds {
            let mut pairs = self.digits().iter().zip(fixed);
            if pairs.all(|(digit, fixed)| fixed.is_none_or(|value| value == digit.of(world))) {
                let refused = self.refuses(world);
                any |= refused;
                all &= refused;
            }
        }
        match (any, all) {
            (false, _) => Outcome::Permit,
            (true, true) => Outcome::Deny,
            (true, false) => Outcome::VerifyFirst,
        }
    }

    /// The first open question whose answer changes the outcome under some answers to the others.
    fn deciding_question(&self, fixed: &Fixed) -> Option<(Question, usize)> {
        self.open_questions(fixed).find(|(question, at)| self.any_setting_differs(fixed, *question, *at, 0))
    }

    fn open_questions<'a>(&'a self, fixed: &'a Fixed) -> impl Iterator<Item = (Question, usize)> + 'a {
        self.digits().iter().zip(fixed).enumerate().filter_map(|(at, (digit, fixed))| match digit.axis {
            Axis::Question(question) if fixed.is_none() => Some((question, at)),
            _ => None,
        })
    }

    /// Whether, under some answers to the other open questions from `from` on, the answers to this one differ.
    fn any_setting_differs(&self, fixed: &Fixed, question: Question, at: usize, from: usize) -> bool {
        let other = self.open_questions(fixed).find(|(_, other)| *other != at && *other >= from);
        if let Some((other, position)) = other {
            let next = position.saturating_add(1);
            return (0..other.options().len())
                .any(|value| self.any_setting_differs(&fix(fixed, position, value), question, at, next));
        }
        let mut outcomes = (0..question.options().len()).map(|value| self.settled(&fix(fixed, at, value)));
        let first = outcomes.next();
        outcomes.any(|outcome| Some(outcome) != first)
    }
}

fn fix(fixed: &Fixed, at: usize, value: usize) -> Fixed {
    let mut fixed = *fixed;
    if let Some(slot) = fixed.get_mut(at) {
        *slot = Some(value);
    }
    fixed
}
