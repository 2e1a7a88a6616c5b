//! Who is behind a key: the keys and people on file, in memory.

use arc_swap::ArcSwapOption;
use bylaws::{Person, Rulebook, Unready};
use decide::Subject;
use law::Regime;
use people::file::{Filed, resolve};
use std::sync::Arc;
use store::{Event, Files, KeyHash, People, Recorded, Shards, State};
use terms::{AccountId, Attested, Country, Instant, Level, MissingFact, PersonFacts, PersonId, SubjectKind};

/// A key with everything a decision needs to know of its subject.
#[derive(Clone, Debug)]
pub struct Credential {
    /// What is kept of the key.
    pub key: KeyHash,
    /// Whose evidence applies.
    pub account: AccountId,
    /// The natural person behind it, when it is one.
    pub person: Option<PersonId>,
    /// What is known of the subject, from this account's roster and statements only.
    pub facts: Arc<PersonFacts>,
    /// The account's roster about the subject, without the person's identifier.
    pub roster: Option<Arc<PersonFacts>>,
    /// The account's statements about the subject, also those that count no more.
    pub file: Arc<[Filed]>,
    /// The instant `facts` were resolved for.
    pub since: Instant,
    /// The first later instant at which `facts` are others, unless something is filed before.
    pub until: Option<Instant>,
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
    /// Somebody who showed evidence: what was shown stands among the statements on file.
    pub(crate) fn shown(
        key: KeyHash,
        (account, person): (&AccountId, &PersonId),
        roster: Option<Arc<PersonFacts>>,
        file: Arc<[Filed]>,
        now: Instant,
    ) -> Self {
        let behind = Behind { key, account, person: Some(person), kind: SubjectKind::Person };
        credential(&behind, roster, file, now)
    }

    /// The same subject, seen at a place by its address. A person's place is then known at level `ip`, where nothing
    /// better is on file; a stated place below the level needed that is another one is in doubt, so that neither counts.
    /// What is stated at that level stands.
    pub(crate) fn seen_at(&self, place: Country, needed: Level) -> Self {
        let mut facts = PersonFacts::clone(&self.facts);
        match facts.location {
            None if facts.kind == SubjectKind::Person => {
                facts.location = Some(Attested::new(place, Level::Ip));
            }
            Some(stated) if stated.value.as_place() != place.as_place() && stated.level < needed => {
                facts.conflicting = facts.conflicting.with(MissingFact::Location);
            }
            _ => {}
        }
        let evidence = serde_json::to_vec(&facts).unwrap_or_default().into();
        let (ready, under_bylaws) = (Arc::default(), Arc::default());
        Self { facts: Arc::new(facts), evidence, ready, under_bylaws, ..self.clone() }
    }

    /// Whether it was put together from just this.
    fn rests_on(&self, roster: Option<&Arc<PersonFacts>>, file: Option<&Arc<[Filed]>>) -> bool {
        let same_roster = match (&self.roster, roster) {
            (Some(one), Some(other)) => Arc::ptr_eq(one, other),
            (None, None) => true,
            _ => false,
        };
        same_roster && file.map_or(self.file.is_empty(), |file| Arc::ptr_eq(&self.file, file))
    }

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

/// Who a credential belongs to.
struct Behind<'a> {
    key: KeyHash,
    account: &'a AccountId,
    person: Option<&'a PersonId>,
    kind: SubjectKind,
}

/// The key and its subject, with what is on file about that person.
fn credential(
    behind: &Behind<'_>,
    roster: Option<Arc<PersonFacts>>,
    file: Arc<[Filed]>,
    now: Instant,
) -> Credential {
    let (facts, until) = facts(behind, roster.as_deref(), &file, now);
    Credential {
        key: behind.key,
        account: behind.account.clone(),
        person: behind.person.cloned(),
        evidence: serde_json::to_vec(&facts).unwrap_or_default().into(),
        facts: Arc::new(facts),
        roster,
        file,
        since: now,
        until,
        ready: Arc::default(),
        under_bylaws: Arc::default(),
    }
}

/// The facts of the account's own evidence; what is not on file is unknown.
fn facts(
    behind: &Behind<'_>,
    roster: Option<&PersonFacts>,
    file: &[Filed],
    now: Instant,
) -> (PersonFacts, Option<Instant>) {
    let person_id = behind.person.cloned();
    if roster.is_none() && file.is_empty() {
        return (PersonFacts { kind: behind.kind, person_id, ..PersonFacts::unknown() }, None);
    }
    let resolved = resolve(file, roster, now);
    (PersonFacts { person_id, ..resolved.facts }, resolved.until)
}

/// Every active key, and what is on file about the people behind them. A copy shares what did not change, so that one
/// more statement about one person costs that person's share alone.
#[derive(Clone, Debug, Default)]
pub struct Directory {
    by_key: Shards<KeyHash, Arc<Slot>>,
    rosters: Shards<AccountId, People>,
    files: Shards<AccountId, Files>,
    /// [`State::evidence_epoch`]: what was put together under another one is looked at again.
    epoch: u64,
}

/// A key, with what was last put together about the subject behind it.
#[derive(Debug)]
pub struct Slot {
    /// Whose evidence applies.
    pub account: AccountId,
    key: KeyHash,
    person: Option<PersonId>,
    kind: SubjectKind,
    known: ArcSwapOption<Known>,
}

/// A credential that stands while the file is of this epoch.
#[derive(Debug)]
struct Known {
    epoch: u64,
    credential: Arc<Credential>,
}

impl Slot {
    fn new(hash: KeyHash, key: &store::Key) -> Arc<Self> {
        let (account, person, kind) = (key.account.clone(), key.person.clone(), key.kind);
        Arc::new(Self { account, key: hash, person, kind, known: ArcSwapOption::empty() })
    }

    fn keep(&self, epoch: u64, credential: Arc<Credential>) -> Arc<Credential> {
        self.known.store(Some(Arc::new(Known { epoch, credential: Arc::clone(&credential) })));
        credential
    }
}

impl Directory {
    /// From the state on disk.
    pub fn new(state: &State) -> Self {
        let share = |(account, people): (&AccountId, &People)| (account.clone(), people.clone());
        Self {
            by_key: state.keys.iter().map(|(hash, key)| (*hash, Slot::new(*hash, key))).collect(),
            rosters: state.people.iter().map(share).collect(),
            files: state.files.iter().map(|(account, files)| (account.clone(), files.clone())).collect(),
            epoch: state.evidence_epoch,
        }
    }

    /// The same with what these events changed; `state` is as of the last of them.
    #[must_use]
    pub fn after(&self, state: &State, events: &[Recorded]) -> Self {
        let mut after = self.clone();
        after.epoch = state.evidence_epoch;
        for recorded in events {
            match &recorded.event {
                Event::KeyAdded { key_hash, .. } | Event::KeyRevoked { key_hash, .. } => {
                    after.take_key(state, *key_hash);
                }
                event => evidence_of(event).into_iter().for_each(|account| after.take_people(state, account)),
            }
        }
        after
    }

    fn take_key(&mut self, state: &State, hash: KeyHash) {
        match state.keys.get(&hash) {
            Some(key) => drop(self.by_key.insert(hash, Slot::new(hash, key))),
            None => drop(self.by_key.remove(&hash)),
        }
    }

    fn take_people(&mut self, state: &State, account: &AccountId) {
        match state.people.get(account) {
            Some(people) => drop(self.rosters.insert(account.clone(), people.clone())),
            None => drop(self.rosters.remove(account)),
        }
        match state.files.get(account) {
            Some(files) => drop(self.files.insert(account.clone(), files.clone())),
            None => drop(self.files.remove(account)),
        }
    }

    /// A key on file.
    pub fn find(&self, key: &KeyHash) -> Option<&Arc<Slot>> {
        self.by_key.get(key)
    }

    /// The subject behind a key, with the facts as they are now: what has ended is left out from the very instant on.
    pub fn find_at(&self, key: &KeyHash, now: Instant) -> Option<Arc<Credential>> {
        let slot = self.by_key.get(key)?;
        let holds = |known: &Credential| now >= known.since && known.until.is_none_or(|until| now < until);
        let known = slot.known.load();
        let known = known.as_ref().filter(|known| holds(&known.credential));
        if let Some(known) = known.filter(|known| known.epoch == self.epoch) {
            return Some(Arc::clone(&known.credential));
        }
        let (roster, file) = self.on_file(slot);
        if let Some(known) = known.filter(|known| known.credential.rests_on(roster, file)) {
            return Some(slot.keep(self.epoch, Arc::clone(&known.credential)));
        }
        let Slot { account, key, person, kind, .. } = &**slot;
        let behind = Behind { key: *key, account, person: person.as_ref(), kind: *kind };
        let fresh = credential(&behind, roster.cloned(), file.cloned().unwrap_or_default(), now);
        Some(slot.keep(self.epoch, Arc::new(fresh)))
    }

    /// What the key's account has on file about the person behind it.
    fn on_file(&self, slot: &Slot) -> (Option<&Arc<PersonFacts>>, Option<&Arc<[Filed]>>) {
        let Some(person) = &slot.person else { return (None, None) };
        (self.roster(&slot.account, person), self.statements(&slot.account, person))
    }

    /// The account's roster entry about a person.
    pub fn roster(&self, account: &AccountId, person: &PersonId) -> Option<&Arc<PersonFacts>> {
        self.rosters.get(account)?.get(person)
    }

    /// The account's statements about a person, also those that count no more.
    pub fn statements(&self, account: &AccountId, person: &PersonId) -> Option<&Arc<[Filed]>> {
        self.files.get(account)?.get(person)
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

/// The account whose evidence an event changed.
pub(crate) fn evidence_of(event: &Event) -> Option<&AccountId> {
    match event {
        Event::PeopleLoaded { account, .. }
        | Event::PersonFactsSet { account, .. }
        | Event::EvidenceFiled { account, .. }
        | Event::EvidenceSuspended { account, .. }
        | Event::EvidenceResumed { account, .. }
        | Event::EvidenceRevoked { account, .. }
        | Event::ReviewSettled { account, .. }
        | Event::PersonErased { account, .. } => Some(account),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use people::file::{State as Standing, Statement};
    use people::{Answer, Facts, Method, Predicate};
    use terms::{Level, UsStatus};

    fn at(micros: i64) -> Instant {
        Instant::from_micros(micros)
    }

    /// One key of a person who showed to be a US person, until an instant.
    fn state(until: Instant) -> (State, KeyHash) {
        let (account, person) = (AccountId::parse("acme").unwrap(), PersonId::parse("u1").unwrap());
        let statement = Statement {
            facts: Facts::stated([(Predicate::UsPerson, Answer::Yes)]),
            level: Level::Document,
            issuer: "https://issuer.example".to_owned(),
            org: None,
            method: Method::Vendor,
            valid_until: until,
            verified_at: at(0),
            status: None,
            flags: Default::default(),
        };
        let filed = Filed { id: "one".to_owned(), statement, state: Standing::Active };
        let (kind, label, added) = (SubjectKind::Person, String::new(), at(0));
        let key = store::Key {
            account: account.clone(),
            person: Some(person.clone()),
            kind,
            label,
            added,
            revoked: None,
        };
        let hash = KeyHash::from_bytes([7; 32]);
        let mut state = State::default();
        state.files.entry(account).or_default().insert(person, [filed].into());
        state.keys.insert(hash, key);
        (state, hash)
    }

    #[test]
    fn what_has_ended_is_left_out_from_the_very_instant_on() {
        let (state, key) = state(at(100));
        let directory = Directory::new(&state);
        let status = |now| directory.find_at(&key, now).unwrap().facts.us_status.value;
        assert_eq!(status(at(100)), UsStatus::UsPerson);
        assert_eq!(status(at(101)), UsStatus::Unknown);
        assert_eq!(status(at(60)), UsStatus::UsPerson, "a practice clock can be set back");
        let ended = directory.find_at(&key, at(200)).unwrap();
        assert!(Arc::ptr_eq(&ended, &directory.find_at(&key, at(300)).unwrap()), "and is not made again");
        assert_eq!(ended.facts.person_id, PersonId::parse("u1").ok());
    }

    fn recorded(seq: u64, event: Event) -> Recorded {
        Recorded { seq, at: at(0), event }
    }

    #[test]
    fn one_more_statement_is_seen_and_the_others_are_left_alone() {
        let (mut state, key) = state(at(1_000));
        let account = AccountId::parse("acme").unwrap();
        let (other, person) = (KeyHash::from_bytes([8; 32]), PersonId::parse("u2").unwrap());
        let of_other = store::Key { person: Some(person), ..state.keys[&key].clone() };
        state.keys.insert(other, of_other);
        let before = Directory::new(&state);
        let (one, two) = (before.find_at(&key, at(1)).unwrap(), before.find_at(&other, at(1)).unwrap());

        let person = PersonId::parse("u1").unwrap();
        let mut file = state.file(&account, &person).to_vec();
        let mut contested = file[0].clone();
        contested.state = Standing::Suspended;
        file[0] = contested.clone();
        state.files.get_mut(&account).unwrap().insert(person.clone(), file.into());
        state.evidence_epoch = 5;
        let id = contested.id;
        let event = Event::EvidenceSuspended { account, person, id, why: String::new() };
        let after = before.after(&state, &[recorded(5, event)]);
        assert_eq!(after.find_at(&key, at(1)).unwrap().facts.us_status.value, UsStatus::Unknown);
        assert!(
            Arc::ptr_eq(&after.find_at(&other, at(1)).unwrap(), &two),
            "nothing was filed about the other"
        );
        // Whoever still holds the directory of before is told what was known then, and does not undo the rest.
        assert_eq!(before.find_at(&key, at(1)).unwrap().facts, one.facts);
        assert_eq!(after.find_at(&key, at(1)).unwrap().facts.us_status.value, UsStatus::Unknown);
    }

    #[test]
    fn keys_come_and_go() {
        let (mut state, key) = state(at(1_000));
        let on_file = state.keys.remove(&key).unwrap();
        let empty = Directory::new(&state);
        assert!(empty.is_empty());
        let store::Key { account, person, kind, label, .. } = on_file.clone();
        state.keys.insert(key, on_file);
        let added = Event::KeyAdded { key_hash: key, account: account.clone(), person, kind, label };
        let with = empty.after(&state, &[recorded(1, added)]);
        assert_eq!(with.find_at(&key, at(1)).unwrap().facts.us_status.value, UsStatus::UsPerson);
        state.keys.clear();
        let without = with.after(&state, &[recorded(2, Event::KeyRevoked { account, key_hash: key })]);
        assert!(without.find_at(&key, at(1)).is_none() && with.find(&key).is_some());
    }
}
