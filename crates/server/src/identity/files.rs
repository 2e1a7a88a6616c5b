//! What accounts have on file about people who show who they are, and how API keys are called.

use people::file::Filed;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use store::{KeyHash, State};
use terms::{AccountId, PersonFacts, PersonId, SubjectKind};

/// In memory, made from the state.
#[derive(Debug, Default)]
pub struct Files {
    rosters: HashMap<AccountId, store::People>,
    statements: HashMap<AccountId, store::Files>,
    ids: HashMap<KeyHash, Arc<str>>,
}

impl Files {
    /// Of the accounts that some issuer speaks for; nobody else's people can show who they are.
    pub fn of(state: &State, accounts: &BTreeSet<AccountId>) -> Self {
        let own = |account: &&AccountId| accounts.contains(*account);
        let rosters = state.people.iter().filter(|(account, _)| own(account));
        let statements = state.files.iter().filter(|(account, _)| own(account));
        let shared = state.keys.iter().filter(|(_, key)| key.kind != SubjectKind::Person);
        let ids = shared.filter(|(_, key)| !key.label.is_empty());
        Self {
            rosters: rosters.map(|(account, people)| (account.clone(), people.clone())).collect(),
            statements: statements.map(|(account, files)| (account.clone(), files.clone())).collect(),
            ids: ids.map(|(hash, key)| (*hash, key.label.as_str().into())).collect(),
        }
    }

    /// The account's roster entry about a person.
    pub fn roster(&self, account: &AccountId, person: &PersonId) -> Option<&Arc<PersonFacts>> {
        self.rosters.get(account)?.get(person)
    }

    /// The account's statements about a person, also those that count no more.
    pub fn statements(&self, account: &AccountId, person: &PersonId) -> Option<&Arc<[Filed]>> {
        self.statements.get(account)?.get(person)
    }

    /// What assertions call a key: its label, or the beginning of its hash.
    pub fn key_id(&self, key: &KeyHash) -> Arc<str> {
        let unnamed =
            || format!("ak_{}", hex::encode(key.as_bytes().iter().take(8).copied().collect::<Vec<_>>()));
        self.ids.get(key).cloned().unwrap_or_else(|| unnamed().into())
    }
}
