//! What the evidence on file answers together: the strongest opinion wins, equal contradictions answer nothing.

use serde::{Deserialize, Serialize};
use terms::{Instant, Level};

use crate::evidence::{Answer, Evidence, Facts, Predicate};

/// Whether a piece of evidence may be used.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// In use.
    #[default]
    Active,
    /// Contested: not used until that is resolved.
    Suspended,
    /// Withdrawn by its issuer.
    Revoked,
    /// Replaced by newer evidence.
    Superseded,
}

/// One piece of evidence on file.
#[derive(Clone, Copy, Debug)]
pub struct OnFile<'a> {
    /// Its name in the ledger.
    pub id: &'a str,
    /// Its level.
    pub level: Level,
    /// Whether it may be used.
    pub state: State,
    /// The last instant at which it may be used.
    pub valid_until: Instant,
    /// What it supports.
    pub facts: &'a Facts,
}

impl<'a> OnFile<'a> {
    /// Active evidence under a name.
    pub fn active(id: &'a str, evidence: &'a Evidence) -> Self {
        let (level, valid_until) = (evidence.level(), evidence.valid_until());
        Self { id, level, state: State::Active, valid_until, facts: evidence.facts() }
    }

    /// Inactive and expired evidence counts for nothing; what is only inferred (level `ip`) never answers.
    fn opinion(&self, asked: &Predicate, now: Instant) -> Answer {
        let live =
            self.state == State::Active && now <= self.valid_until && self.level >= Level::SelfDeclared;
        if live { self.facts.answer(asked) } else { Answer::Unknown }
    }
}

/// What all evidence together answers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Derived<'a> {
    /// The answer of the strongest opinion.
    pub answer: Answer,
    /// Its level; none when nothing is known.
    pub level: Option<Level>,
    /// Whether live answers differ at any level. A person has to look at it.
    pub conflict: bool,
    /// The names of all evidence that gives this answer at this level, sorted.
    pub used: Vec<&'a str>,
}

/// Asks all evidence of one person one question at one instant.
pub fn derive<'a>(evidence: &[OnFile<'a>], asked: &Predicate, now: Instant) -> Derived<'a> {
    let opinions: Vec<(&OnFile<'a>, Answer)> = evidence
        .iter()
        .map(|one| (one, one.opinion(asked, now)))
        .filter(|(_, answer)| *answer != Answer::Unknown)
        .collect();
    let strongest = opinions.iter().map(|(one, _)| one.level).max();
    let winning = || opinions.iter().filter(|(one, _)| Some(one.level) == strongest);
    let said = |answer| opinions.iter().any(|(_, given)| *given == answer);
    let conflict = said(Answer::Yes) && said(Answer::No);
    let agreed = |answer| winning().all(|(_, given)| *given == answer).then_some(answer);
    match agreed(Answer::Yes).or_else(|| agreed(Answer::No)).filter(|_| strongest.is_some()) {
        Some(answer) => {
            let mut used: Vec<&str> = winning().map(|(one, _)| one.id).collect();
            used.sort_unstable();
            Derived { answer, level: strongest, conflict, used }
        }
        None => Derived { answer: Answer::Unknown, level: None, conflict, used: Vec::new() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn us_person(answer: Answer) -> Facts {
        Facts::stated([(Predicate::UsPerson, answer)])
    }

    fn on_file<'a>(id: &'a str, level: Level, facts: &'a Facts) -> OnFile<'a> {
        OnFile { id, level, state: State::Active, valid_until: Instant::from_micros(10), facts }
    }

    #[track_caller]
    fn check(evidence: &[OnFile<'_>], expected: (Answer, Option<Level>, bool, &[&str])) {
        let derived = derive(evidence, &Predicate::UsPerson, Instant::from_micros(10));
        assert_eq!((derived.answer, derived.level, derived.conflict, derived.used.as_slice()), expected);
    }

    #[test]
    fn the_strongest_opinion_wins_and_a_conflict_is_flagged_at_any_level() {
        let (yes, no) = (us_person(Answer::Yes), us_person(Answer::No));
        let (weak, strong) = (on_file("w", Level::SelfDeclared, &no), on_file("s", Level::Document, &yes));
        check(&[weak, strong], (Answer::Yes, Some(Level::Document), true, &["s"]));
        check(&[weak], (Answer::No, Some(Level::SelfDeclared), false, &["w"]));
        check(
            &[on_file("b", Level::Document, &yes), strong, on_file("a", Level::Employer, &yes)],
            (Answer::Yes, Some(Level::Document), false, &["b", "s"]),
        );
    }

    #[test]
    fn equal_contradictions_answer_nothing_even_above_weaker_ones() {
        let (yes, no) = (us_person(Answer::Yes), us_person(Answer::No));
        let level = Level::Employer;
        check(&[on_file("a", level, &yes), on_file("b", level, &no)], (Answer::Unknown, None, true, &[]));
        let weaker = on_file("c", Level::SelfDeclared, &yes);
        check(
            &[on_file("a", level, &yes), on_file("b", level, &no), weaker],
            (Answer::Unknown, None, true, &[]),
        );
    }

    #[test]
    fn what_is_not_live_counts_for_nothing() {
        let yes = us_person(Answer::Yes);
        let good = on_file("a", Level::Credential, &yes);
        for state in [State::Suspended, State::Revoked, State::Superseded] {
            check(&[OnFile { state, ..good }], (Answer::Unknown, None, false, &[]));
        }
        check(
            &[OnFile { valid_until: Instant::from_micros(9), ..good }],
            (Answer::Unknown, None, false, &[]),
        );
        check(&[OnFile { level: Level::Ip, ..good }], (Answer::Unknown, None, false, &[]));
        check(&[], (Answer::Unknown, None, false, &[]));
    }
}
