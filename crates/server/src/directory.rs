//! Who is behind a key: the keys and people on file, in memory.

use std::collections::HashMap;
use std::sync::Arc;
use store::{KeyHash, State};
use terms::{AccountId, PersonFacts, PersonId, SubjectKind};

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
