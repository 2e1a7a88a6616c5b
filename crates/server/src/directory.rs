//! Who is behind a key: the keys and people on file, in memory.

use arc_swap::ArcSwapOption;
use bylaws::{Person, Rulebook, Unready};
use decide::Subject;
use law::Regime;
use std::collections::HashMap;
use std::sync::Arc;
use store::{KeyHash, State};
use terms::{AccountId, Instant, PersonFacts, PersonId, SubjectKind};

/// A key with everything a decision needs to know of its subject.
#[derive(Clone, Debug)]
pub struct Credential {
    /// What is kept of the key.
    pub key: KeyHash,
    /// Whose evidence applies.
    pub account: AccountId,
    /// The natural person behind it, when it is one.
    pub person: Option<PersonId>,
    /// What is known of the subject, from this account's evidence only.
    pub facts: Arc<PersonFacts>,
    /// The facts in the form that is committed to.
    pub evidence: Arc<[u8]>,
    /// The facts made ready for the regime they were last decided under.
    ready: Arc<ArcSwapOption<Ready>>,
    /// The facts made ready for bylaws; empty where there are none.
    under_bylaws: Arc<ArcSwapOption<Person>>,
}

/// Facts made ready, and for which regime.
#[derive(Debug)]
struct Ready {
    regime: [u8; 32],
    subject: Arc<Subject>,
}

impl Credential {
    /// The subject as the engine wants it; made once for each regime.
    pub fn subject(&self, regime: &Regime, now: Instant) -> Arc<Subject> {
        let digest = regime.digest();
        if let Some(ready) = self.ready.load().as_ref().filter(|ready| ready.regime == digest) {
            return Arc::clone(&ready.subject);
        }
        let subject = Arc::new(Subject::new(regime, &self.facts, now));
        self.ready.store(Some(Arc::new(Ready { regime: digest, subject: Arc::clone(&subject) })));
        subject
    }

    /// The subject as bylaws want it; made once, and again when a date in the facts has passed.
    pub(crate) fn person_for(&self, book: &Rulebook, now: Instant) -> Result<Arc<Person>, Unready> {
        if let Some(person) = self.under_bylaws.load_full().filter(|person| person.holds_at(now)) {
            return Ok(person);
        }
        let person = Arc::new(book.person(&self.account, self.person.as_ref(), &self.facts, now)?);
        self.under_bylaws.store(Some(Arc::clone(&person)));
        Ok(person)
    }
}

/// Every active key, by hash.
#[derive(Debug, Default)]
pub struct Directory {
    by_key: HashMap<KeyHash, Arc<Credential>>,
}

impl Directory {
    /// From the state on disk. Facts are shared between keys of one person.
    pub fn new(state: &State) -> Self {
        let by_key = state
            .keys
            .iter()
            .map(|(hash, key)| {
                let facts = facts(state, &key.account, key.person.as_ref(), key.kind);
                let evidence = serde_json::to_vec(facts.as_ref()).unwrap_or_default().into();
                let credential = Credential {
                    key: *hash,
                    account: key.account.clone(),
                    person: key.person.clone(),
                    facts,
                    evidence,
                    ready: Arc::default(),
                    under_bylaws: Arc::default(),
                };
                (*hash, Arc::new(credential))
            })
            .collect();
        Self { by_key }
    }

    /// The subject behind a key.
    pub fn find(&self, key: &KeyHash) -> Option<&Arc<Credential>> {
        self.by_key.get(key)
    }

    /// Number of active keys.
    pub fn len(&self) -> usize {
        self.by_key.len()
    }

    /// Whether there is no key.
    pub fn is_empty(&self) -> bool {
        self.by_key.is_empty()
    }
}

/// The facts of the account's own evidence; what is not on file is unknown.
fn facts(
    state: &State,
    account: &AccountId,
    person: Option<&PersonId>,
    kind: SubjectKind,
) -> Arc<PersonFacts> {
    let on_file = person.and_then(|person| state.person(account, person));
    match on_file {
        Some(facts) => Arc::clone(facts),
        None => Arc::new(PersonFacts { kind, person_id: person.cloned(), ..PersonFacts::unknown() }),
    }
}
