//! What would change the answer: each fact, reading and moment on its own, decided by the engine itself.

mod classes;
mod facts;
mod moments;
mod readings;
mod suppose;

use crate::ask::Ask;
use crate::verdict::{Outcome, Verdict};
use serde::Serialize;
use terms::{Instant, Level, MissingFact, Question};

pub use suppose::Supposed;

/// Single changes and where each leads, everything else as it is.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Changes {
    /// Other facts than those on file.
    pub facts: Vec<FactChange>,
    /// Other answers to open or recorded questions.
    pub readings: Vec<ReadingChange>,
    /// Later moments.
    pub moments: Vec<Moment>,
    /// The first of these that would turn a refusal into a permit: a missing fact before a reading, a reading before
    /// waiting, waiting before facts other than those on file.
    pub strongest: Option<Strongest>,
}

/// One fact, and the outcome by its value.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct FactChange {
    /// Which fact.
    pub fact: MissingFact,
    /// Whether it is missing: then to show it is the cure.
    pub missing: bool,
    /// Level at which it would have to be shown.
    pub level: Level,
    /// Values that lead to one outcome, by outcome.
    pub cases: Vec<Case>,
}

/// Values that lead to one outcome.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Case {
    /// Which.
    pub values: Vec<Supposed>,
    /// Where they lead.
    pub outcome: Outcome,
}

/// Another answer to a question.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct ReadingChange {
    /// Which question.
    pub question: Question,
    /// The answer on record.
    pub recorded: Option<&'static str>,
    /// The answer supposed.
    pub option: &'static str,
    /// Where it leads.
    pub outcome: Outcome,
}

/// A moment from which the answer is another.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct Moment {
    /// From when.
    pub from: Instant,
    /// Where it leads.
    pub outcome: Outcome,
}

/// The strongest single change.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum Strongest {
    /// To show a fact, or another fact.
    Fact {
        /// Which.
        fact: MissingFact,
        /// Whether it is missing.
        missing: bool,
        /// Any of these values.
        values: Vec<Supposed>,
    },
    /// To record a reading.
    Reading {
        /// Which question.
        question: Question,
        /// Which answer.
        option: &'static str,
    },
    /// To wait.
    Moment {
        /// Until when.
        from: Instant,
    },
}

pub(super) fn changes(ask: &Ask<'_>, verdict: &Verdict) -> Changes {
    let facts = facts::changes(ask, verdict);
    let readings = readings::changes(ask, verdict);
    let moments = moments::changes(ask, verdict);
    let strongest = (verdict.outcome != Outcome::Permit)
        .then(|| {
            let fact =
                |missing| facts.iter().filter(move |change| change.missing == missing).find_map(by_fact);
            let reading = || {
                let permits = readings.iter().find(|change| change.outcome == Outcome::Permit)?;
                Some(Strongest::Reading { question: permits.question, option: permits.option })
            };
            let moment = || {
                let permits = moments.iter().find(|moment| moment.outcome == Outcome::Permit)?;
                Some(Strongest::Moment { from: permits.from })
            };
            fact(true).or_else(reading).or_else(moment).or_else(|| fact(false))
        })
        .flatten();
    Changes { facts, readings, moments, strongest }
}

fn by_fact(change: &FactChange) -> Option<Strongest> {
    let permits = change.cases.iter().find(|case| case.outcome == Outcome::Permit)?;
    Some(Strongest::Fact { fact: change.fact, missing: change.missing, values: permits.values.clone() })
}
