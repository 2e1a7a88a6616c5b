//! Other readings than those recorded: the same directives, judged under another answer to one question.

use super::ReadingChange;
use crate::ask::Ask;
use crate::bits::RuleSet;
use crate::predicates;
use crate::tri::{Need, Tri};
use crate::verdict::{Outcome, Verdict};
use crate::worlds::{self, World};
use terms::{Choices, Question};

/// All answers but the recorded one, to each question of which one would change the outcome, and to the question the
/// verdict depends on.
pub(super) fn changes(ask: &Ask<'_>, verdict: &Verdict) -> Vec<ReadingChange> {
    Question::ALL.into_iter().flat_map(|question| of_question(ask, verdict, question)).collect()
}

fn of_question(ask: &Ask<'_>, verdict: &Verdict, question: Question) -> Vec<ReadingChange> {
    let recorded = ask.regime.choices().word(question);
    let options = (0u8..).zip(question.options().iter().copied());
    let others = options.filter(|(_, option)| recorded != Some(*option));
    let changes: Vec<ReadingChange> = others
        .map(|(choice, option)| {
            let outcome = outcome_under(ask, ask.regime.choices().with(question, choice));
            ReadingChange { question, recorded, option, outcome }
        })
        .collect();
    let decides = verdict.depends_on.is_some_and(|depends| depends.question == question);
    let matters = decides || changes.iter().any(|change| change.outcome != verdict.outcome);
    if matters { changes } else { Vec::new() }
}

/// The outcome under these readings, directive by directive.
pub(super) fn outcome_under(ask: &Ask<'_>, choices: Choices) -> Outcome {
    let world = World::recorded(choices);
    let (mut open, mut need) = (RuleSet::EMPTY, Need::default());
    let directives = ask.plan().map_or(0, |plan| plan.positions().len());
    for bit in 0..directives {
        match predicates::inside(ask, bit, &world) {
            Tri::Yes => return Outcome::Deny,
            Tri::No => {}
            Tri::Unknown(lacks) => {
                open.insert(bit);
                need = need.union(lacks);
            }
        }
    }
    if open.is_empty() {
        return Outcome::Permit;
    }
    match worlds::settle_under(ask, choices, &open, need) {
        Some(exact) if !exact.certain.is_empty() => Outcome::Deny,
        Some(exact) => exact.outcome,
        None if need.facts.is_empty() => Outcome::Depends,
        None => Outcome::VerifyFirst,
    }
}
