//! What accounts have on file about people who show who they are, and how API keys are called.

use crate::directory::evidence_of;
use people::file::Filed;
use std::collections::BTreeSet;
use std::sync::Arc;
use store::{Event, Key, KeyHash, Recorded, Shards, State};
use terms::{AccountId, PersonFacts, PersonId, SubjectKind};

/// In memory, made from the state. A copy shares what did not change.
#[derive(Clone, Debug, Default)]
pub struct Files {
    /// Accounts that some issuer speaks for; nobody else's people can show who they are.
    accounts: Arc<BTreeSet<AccountId>>,
    rosters: Shards<AccountId, store::People>,
    statements: Shards<AccountId, store::Files>,
    ids: Shards<KeyHash, Arc<str>>,
}

impl Files {
    /// Of the accounts that some issuer speaks for.
    pub fn of(state: &State, accounts: BTreeSet<AccountId>) -> Self {
        let mut files = Self { accounts: Arc::new(accounts), ..Self::default() };
        for account in Arc::clone(&files.accounts).iter() {
            files.take_people(state, account);
        }
        for (hash, key) in &state.keys {
            files.take_key(*hash, Some(key));
        }
        files
    }

    /// The same with what these events changed; `state` is as of the last of them.
    #[must_use]
    pub fn after(&self, state: &State, events: &[Recorded]) -> Self {
        let mut after = self.clone();
        for recorded in events {
            match &recorded.event {
                Event::KeyAdded { key_hash, .. } | Event::KeyRevoked { key_hash, .. } => {
                    after.take_key(*key_hash, state.keys.get(key_hash));
                }
                event => {
                    let changed = evidence_of(event).filter(|account| self.accounts.contains(*account));
                    changed.into_iter().for_each(|account| after.take_people(state, account));
                }
            }
        }
        after
    }

    fn take_people(&mut self, state: &State, account: &AccountId) {
        match state.people.get(account) {
            Some(people) => drop(self.rosters.insert(account.clone(), people.clone())),
            None => drop(self.rosters.remove(account)),
        }
        match state.files.get(account) {
            Some(files) => drop(self.statements.insert(account.clone(), files.clone())),
            None => drop(self.statements.remove(account)),
        }
    }

    fn take_key(&mut self, hash: KeyHash, key: Option<&Key>) {
        match key.filter(|key| key.kind != SubjectKind::Person && !key.label.is_empty()) {
            Some(key) => drop(self.ids.insert(hash, key.label.as_str().into())),
            None => drop(self.ids.remove(&hash)),
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
