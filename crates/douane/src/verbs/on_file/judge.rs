//! Everybody on file, decided by the engine.

use decide::{Ask, Outcome, Subject, decide};
use law::Regime;
use std::collections::{BTreeSet, HashMap};
use store::State;
use terms::{
    AccountId, Activity, Attested, ClockReading, Country, FactMask, Instant, ModelId, PersonFacts, PersonId,
    Request, SubjectKind,
};

/// What would happen to one person who asked for every one of the models.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Judged {
    /// The least favourable outcome.
    pub outcome: Outcome,
    /// What would have to be shown.
    pub missing: FactMask,
}

/// A regime and the models to ask for.
pub(super) struct Bench {
    pub regime: Regime,
    pub models: Vec<ModelId>,
    pub served_from: HashMap<ModelId, Country>,
}

impl Bench {
    /// Decides for these facts at an instant.
    pub(super) fn judge(&self, facts: &PersonFacts, at: Instant) -> Judged {
        let subject = Subject::new(&self.regime, facts, at);
        let mut judged = Judged { outcome: Outcome::Permit, missing: FactMask::EMPTY };
        for id in &self.models {
            let Some(model) = self.regime.model(id.as_str()) else { continue };
            let request = Request {
                model,
                activity: Activity::HostedInference,
                end_use: Attested::default(),
                served_from: self.served_from.get(id).copied().unwrap_or(Country::US),
            };
            let clock = ClockReading::exact(at);
            let verdict = decide(&Ask { regime: &self.regime, subject: &subject, request, clock });
            judged.missing = judged.missing.union(verdict.missing);
            if rank(verdict.outcome) > rank(judged.outcome) {
                judged.outcome = verdict.outcome;
            }
        }
        judged
    }
}

const fn rank(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Permit => 0,
        Outcome::VerifyFirst => 1,
        Outcome::Depends => 2,
        Outcome::Deny => 3,
    }
}

/// Every natural person with a roster row or a statement, in order of account and person.
pub(super) fn everybody(state: &State) -> BTreeSet<(AccountId, PersonId)> {
    let mut all = BTreeSet::new();
    for (account, people) in &state.people {
        let natural = people.iter().filter(|(_, facts)| facts.kind == SubjectKind::Person);
        all.extend(natural.filter_map(|(id, _)| Some((account.clone(), PersonId::parse(id).ok()?))));
    }
    for (account, files) in &state.files {
        all.extend(files.keys().map(|person| (account.clone(), person.clone())));
    }
    all
}
