//! A caller: who it is does not change while a request runs, what is on file may.

use super::Identity;
use crate::directory::Credential;
use crate::house::House;
use arc_swap::ArcSwapOption;
use people::Evidence;
use people::file::Filed;
use std::sync::Arc;
use store::KeyHash;
use terms::{AccountId, Country, Instant, PersonId};
use wire::code::Code;
use wire::refusal::{Refusal, Scheme};

/// Who calls.
#[derive(Debug)]
pub(crate) struct Caller {
    who: Who,
    /// Where the request seems to come from.
    place: Option<Country>,
    memo: ArcSwapOption<Memo>,
}

#[derive(Debug)]
enum Who {
    /// Whoever is on file for a key.
    Key(KeyHash),
    /// Somebody who showed evidence.
    Proven(Proof),
}

/// Somebody who showed evidence, as far as that is the same for every request with the same token.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) evidence: Arc<Evidence>,
    /// Whose evidence it is, and the person as on file there.
    pub(super) account: AccountId,
    pub(super) person: PersonId,
    /// The person in the account's own roster, where its own organisation names the person.
    named: Option<PersonId>,
    memo: ArcSwapOption<Memo>,
}

impl Known {
    pub(super) fn new(
        evidence: Arc<Evidence>,
        account: AccountId,
        person: PersonId,
        named: Option<PersonId>,
    ) -> Self {
        Self { evidence, account, person, named, memo: ArcSwapOption::empty() }
    }
}

/// Evidence that came with a request.
#[derive(Debug)]
pub(super) struct Proof {
    pub(super) known: Arc<Known>,
    /// The API key it came with.
    pub(super) key: Option<KeyHash>,
    pub(super) scheme: Scheme,
}

/// What the evidence came to.
#[derive(Debug)]
struct Memo {
    generation: u64,
    from: Instant,
    until: Instant,
    /// The API key it came with.
    key: Option<KeyHash>,
    credential: Arc<Credential>,
}

impl Memo {
    fn new(generation: u64, from: Instant, key: Option<KeyHash>, credential: &Arc<Credential>) -> Arc<Self> {
        let until = credential.until.unwrap_or(Instant::MAX);
        Arc::new(Self { generation, from, until, key, credential: Arc::clone(credential) })
    }

    fn holds(&self, generation: u64, now: Instant) -> bool {
        self.generation == generation && (self.from..self.until).contains(&now)
    }
}

/// Callers of one group get one verdict.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Group {
    /// Everybody with this key at this place.
    Key(KeyHash, Option<Country>),
    /// One request.
    One(usize),
}

impl Caller {
    pub(super) fn of_key(key: KeyHash) -> Self {
        Self { who: Who::Key(key), place: None, memo: ArcSwapOption::empty() }
    }

    pub(super) fn proven(proof: Proof) -> Self {
        Self { who: Who::Proven(proof), place: None, memo: ArcSwapOption::empty() }
    }

    pub(super) fn seen_at(self, place: Option<Country>) -> Self {
        Self { place, ..self }
    }

    /// What is known of the subject now, and until when; `None` when the key was withdrawn.
    pub(crate) fn now(&self, house: &House) -> Option<(Arc<Credential>, Instant)> {
        if let (Who::Key(key), None) = (&self.who, self.place) {
            let credential = house.directory.load().find_at(key, house.clock.read().at)?;
            let until = credential.until.unwrap_or(Instant::MAX);
            return Some((credential, until));
        }
        let (generation, now) = (house.live.generation(), house.clock.read().at);
        if let Some(memo) = self.memo.load().as_ref().filter(|memo| memo.holds(generation, now)) {
            return Some((Arc::clone(&memo.credential), memo.until));
        }
        let known = match &self.who {
            Who::Key(key) => house.directory.load().find_at(key, now)?,
            Who::Proven(proof) => proof.weigh(house, generation, now)?,
        };
        let needed = house.settings.min_location_evidence;
        let credential = match self.place {
            Some(place) => Arc::new(known.seen_at(place, needed)),
            None => known,
        };
        let memo = Memo::new(generation, now, None, &credential);
        let until = memo.until;
        self.memo.store(Some(memo));
        Some((credential, until))
    }

    /// How the caller authenticated.
    pub(crate) fn scheme(&self) -> Scheme {
        match &self.who {
            Who::Key(_) => Scheme::Bearer,
            Who::Proven(proof) => proof.scheme,
        }
    }

    /// Whether facts come with the request and not from the file alone.
    pub(crate) fn brings_facts(&self) -> bool {
        !self.is_key_alone() || self.place.is_some()
    }

    /// Whether nothing beside an API key was shown.
    pub(crate) fn is_key_alone(&self) -> bool {
        matches!(self.who, Who::Key(_))
    }

    /// A refusal for a missing fact, with the challenge that fits how this caller authenticates,
    /// and with the link on which this caller can show what is missing.
    pub(crate) fn challenged(&self, house: &House, credential: &Credential, refusal: Refusal) -> Refusal {
        let refusal = crate::cure::with_cure(house, credential, self.shown(credential), refusal);
        let asks = matches!(refusal.code, Code::VerificationRequired | Code::HouseRuleVerification);
        let asks_who = || house.identity.as_ref().is_some_and(|identity| identity.asks_who(credential));
        if asks && self.is_key_alone() && asks_who() {
            let shown = Some(super::door::shown(&people::Refusal::AssertionRequired));
            return Refusal { code: Code::AssertionRequired, shown, scheme: Scheme::EndUser, ..refusal };
        }
        // Who the end user is was said; better evidence about that person is asked for like any other.
        let scheme = if self.scheme() == Scheme::EndUser { Scheme::Bearer } else { self.scheme() };
        Refusal { scheme, ..refusal }
    }

    /// What a cure page must know of this caller beside the file.
    fn shown(&self, credential: &Credential) -> crate::cure::Shown {
        match &self.who {
            Who::Key(_) => {
                let name = credential.person.as_ref().map(ToString::to_string);
                crate::cure::Shown { evidence: None, name }
            }
            Who::Proven(proof) => {
                let (iss, sub) =
                    (proof.known.evidence.issuer(), proof.known.evidence.subject().unwrap_or_default());
                let name = (proof.scheme == Scheme::EndUser).then(|| sub.to_owned());
                crate::cure::Shown { evidence: Some((iss.to_owned(), sub.to_owned())), name }
            }
        }
    }

    /// With whom a verdict is shared.
    pub(crate) fn group(&self) -> Group {
        match &self.who {
            Who::Key(key) => Group::Key(*key, self.place),
            Who::Proven(_) => Group::One(std::ptr::from_ref(self) as usize),
        }
    }
}

impl Proof {
    /// The evidence and what the account has on file about the same person, together.
    fn weigh(&self, house: &House, generation: u64, now: Instant) -> Option<Arc<Credential>> {
        let known = &*self.known;
        if let Some(key) = &self.key {
            house.directory.load().find(key).filter(|on_file| on_file.account == known.account)?;
        }
        let identity = house.identity.as_ref()?;
        if let Some(memo) = known.memo.load().as_ref().filter(|memo| memo.holds(generation, now))
            && memo.key == self.key
        {
            return Some(Arc::clone(&memo.credential));
        }
        let files = house.files.load();
        let on_file = files.statements(&known.account, &known.person);
        let mut statements = on_file.map(|file| file.to_vec()).unwrap_or_default();
        let shown = Filed::of(&known.evidence);
        // What was contested or withdrawn stays so when it is shown again.
        if !statements.iter().any(|on_file| on_file.id == shown.id) {
            statements.push(shown);
        }
        let roster = known.named.as_ref().and_then(|named| files.roster(&known.account, named));
        let key = self.key.unwrap_or_else(|| stand_in(identity, &known.account, &known.person));
        let subject = (&known.account, &known.person);
        let credential = Arc::new(Credential::shown(key, subject, roster.cloned(), statements.into(), now));
        known.memo.store(Some(Memo::new(generation, now, self.key, &credential)));
        Some(credential)
    }
}

/// Stands where a key's hash stands; no key has it.
fn stand_in(identity: &Identity, account: &AccountId, person: &PersonId) -> KeyHash {
    let subject = format!("{account}\n{person}");
    KeyHash::from_bytes(identity.hasher.seal("douane/keyless/v1", subject.as_bytes()))
}
