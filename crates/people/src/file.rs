//! What an account has on file about one person, and what it comes to.
//!
//! [`Filed`] is written to disk and read back. It is the only form of evidence that can be read back, and nothing turns
//! it into an [`Evidence`] again. [`resolve`] makes the facts that a decision takes out of it and of the roster.

mod citizenship;
mod opinion;
mod resolve;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use terms::{Instant, Level};

pub use resolve::{Conflict, Resolved, resolve};

pub use crate::derive::State;
use crate::evidence::{Answer, Evidence, Facts, Flag, Method, Predicate, StatusRef};

/// What one piece of evidence says, without the presentation and without the issuer's name for the person.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// The facts it supports.
    pub facts: Facts,
    /// How well.
    pub level: Level,
    /// Who says so.
    pub issuer: String,
    /// The organisation that attests it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub org: Option<String>,
    /// How it came.
    pub method: Method,
    /// The last instant at which it may be used.
    pub valid_until: Instant,
    /// When it was verified.
    pub verified_at: Instant,
    /// Where its revocation is published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<StatusRef>,
    /// What to know beside the answers.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub flags: BTreeSet<Flag>,
}

impl Statement {
    /// What evidence says.
    pub fn of(evidence: &Evidence) -> Self {
        Self {
            facts: evidence.facts().clone(),
            level: evidence.level(),
            issuer: evidence.issuer().to_owned(),
            org: evidence.org().map(str::to_owned),
            method: evidence.method(),
            valid_until: evidence.valid_until(),
            verified_at: evidence.verified_at(),
            status: evidence.status().cloned(),
            flags: evidence.flags().clone(),
        }
    }

    /// Whether it takes the place of an older statement: the same issuer, by the same way, at least as well supported,
    /// answers again whatever the older one answered. What a wallet leaves out the second time does not take back what
    /// it showed the first time.
    pub fn replaces(&self, older: &Self) -> bool {
        self.issuer == older.issuer
            && self.org == older.org
            && self.method == older.method
            && self.level >= older.level
            && self.verified_at >= older.verified_at
            && self.answers_all_of(older)
    }

    fn answers_all_of(&self, older: &Self) -> bool {
        let answers = |asked: &Predicate| self.facts.answer(asked) != Answer::Unknown;
        let shown = older.facts.nationalities();
        let countries = shown.into_iter().flat_map(|set| set.countries()).copied();
        let complete = |facts: &Facts| facts.nationalities().is_some_and(|set| set.is_complete());
        (complete(&self.facts) || !complete(&older.facts))
            && countries.map(Predicate::NationalOf).all(|asked| answers(&asked))
            && older.facts.statements().all(|(asked, said)| said == Answer::Unknown || answers(asked))
    }
}

/// One statement on file.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Filed {
    /// Its name in the ledger: 32 hexadecimal digits made from the presentation, so that the same presentation filed
    /// twice has one name.
    pub id: String,
    /// What it says.
    pub statement: Statement,
    /// Whether it may be used.
    #[serde(default)]
    pub state: State,
}

impl Filed {
    /// Evidence as it goes on file, active.
    pub fn of(evidence: &Evidence) -> Self {
        Self { id: id(evidence), statement: Statement::of(evidence), state: State::Active }
    }

    /// Whether it counts at this instant.
    pub fn is_live(&self, now: Instant) -> bool {
        self.state == State::Active
            && now <= self.statement.valid_until
            && self.statement.level >= Level::SelfDeclared
    }
}

/// Marks what newer statements replace. `filed` stands in the order of filing; a newer statement that was revoked replaces
/// nothing.
pub fn supersede(filed: &mut [Filed]) {
    for newer in 1..filed.len() {
        let (before, from) = filed.split_at_mut(newer);
        let Some(one) = from.first().filter(|one| one.state != State::Revoked) else { continue };
        for older in before.iter_mut().filter(|older| older.state == State::Active) {
            if one.statement.replaces(&older.statement) {
                older.state = State::Superseded;
            }
        }
    }
}

/// The commitment covers a signature, so nobody finds the presentation from its name by guessing.
fn id(evidence: &Evidence) -> String {
    let mut hash = Sha256::new_with_prefix("douane/filed/v1");
    hash.update(evidence.commitment().as_bytes());
    hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests;
