//! Who is behind a key: the keys and people on file, in memory.

use arc_swap::ArcSwapOption;
use bylaws::{Person, Rulebook, Unready};
use decide::Subject;
use law::Regime;
use people::file::{Filed, resolve};
use std::collections::HashMap;
use std::sync::Arc;
use store::{KeyHash, State};
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

    /// The same subject with the facts as they are at another instant.
    fn at(&self, now: Instant) -> Self {
        let (account, person) = (&self.account, self.person.as_ref());
        let behind = Behind { key: self.key, account, person, kind: self.facts.kind };
        credential(&behind, self.roster.clone(), Arc::clone(&self.file), now)
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

/// Every active key, by hash.
#[derive(Debug, Default)]
pub struct Directory {
    by_key: HashMap<KeyHash, Slot>,
}

/// A credential with the facts as they were when it was loaded, and as they were last asked for after they had changed.
#[derive(Debug)]
struct Slot {
    loaded: Arc<Credential>,
    later: ArcSwapOption<Credential>,
}

impl Directory {
    /// From the state on disk, with the facts as they are at an instant.
    pub fn new(state: &State, now: Instant) -> Self {
        let one = |(hash, key): (&KeyHash, &store::Key)| {
            let (account, person) = (&key.account, key.person.as_ref());
            let roster = person.and_then(|person| state.roster(account, person)).cloned();
            let file = person.map(|person| state.file(account, person)).unwrap_or_default();
            let behind = Behind { key: *hash, account, person, kind: key.kind };
            let loaded = Arc::new(credential(&behind, roster, file, now));
            (*hash, Slot { loaded, later: ArcSwapOption::empty() })
        };
        Self { by_key: state.keys.iter().map(one).collect() }
    }

    /// The subject behind a key, with the facts as they were when the directory was made.
    pub fn find(&self, key: &KeyHash) -> Option<&Arc<Credential>> {
        self.by_key.get(key).map(|slot| &slot.loaded)
    }

    /// The subject behind a key, with the facts as they are now: what has ended is left out from the very instant on.
    pub fn find_at(&self, key: &KeyHash, now: Instant) -> Option<Arc<Credential>> {
        let slot = self.by_key.get(key)?;
        let holds = |known: &Credential| now >= known.since && known.until.is_none_or(|until| now < until);
        if holds(&slot.loaded) {
            return Some(Arc::clone(&slot.loaded));
        }
        if let Some(later) = slot.later.load_full().filter(|later| holds(later)) {
            return Some(later);
        }
        let fresh = Arc::new(slot.loaded.at(now));
        slot.later.store(Some(Arc::clone(&fresh)));
        Some(fresh)
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
        let directory = Directory::new(&state, at(50));
        let status = |now| directory.find_at(&key, now).unwrap().facts.us_status.value;
        assert_eq!(status(at(100)), UsStatus::UsPerson);
        assert_eq!(status(at(101)), UsStatus::Unknown);
        assert_eq!(status(at(60)), UsStatus::UsPerson, "a practice clock can be set back");
        let ended = directory.find_at(&key, at(200)).unwrap();
        assert!(Arc::ptr_eq(&ended, &directory.find_at(&key, at(300)).unwrap()), "and is not made again");
        assert_eq!(ended.facts.person_id, PersonId::parse("u1").ok());
    }
}
