//! The one who asks, as bylaws see it.

use crate::vocabulary::{kind_word, relation_word, screening_word};
use cedar_policy::{Entity, EntityUid, RestrictedExpression};
use std::collections::{HashMap, HashSet};
use terms::{
    AccountId, Attested, Citizenship, Country, Employment, Instant, Level, MissingFact, PersonFacts,
    UsStatus, employer_key,
};

type Attributes = HashMap<String, RestrictedExpression>;

/// Facts made ready for bylaws: once for a credential, and again when a date in them has passed.
#[derive(Clone, Debug)]
pub struct Person {
    pub(crate) entity: Entity,
    valid_from: Instant,
    valid_until: Instant,
}

impl Person {
    /// Whether it still says at this instant what the facts say.
    pub fn holds_at(&self, at: Instant) -> bool {
        self.valid_from <= at && at < self.valid_until
    }

    pub(crate) fn new(
        uid: EntityUid,
        account: &AccountId,
        facts: &PersonFacts,
        at: Instant,
    ) -> Result<Self, String> {
        let entity = Entity::new(uid, attributes(account, facts, at), HashSet::new());
        Ok(Self {
            entity: entity.map_err(|error| error.to_string())?,
            valid_from: at,
            valid_until: dates(facts).filter(|date| *date > at).min().unwrap_or(Instant::MAX),
        })
    }
}

/// Every instant at which an attribute changes.
fn dates(facts: &PersonFacts) -> impl Iterator<Item = Instant> + '_ {
    held(facts).flat_map(|held| [held.from, held.until]).chain([facts.us_status_expires]).flatten()
}

fn held(facts: &PersonFacts) -> impl Iterator<Item = &Citizenship> {
    facts.citizenships.iter().chain(&facts.permanent_residences)
}

fn attributes(account: &AccountId, facts: &PersonFacts, at: Instant) -> Attributes {
    let mut all = Attributes::with_capacity(16);
    put(&mut all, "kind", kind_word(facts.kind));
    put(&mut all, "account", account.as_str());
    status(&mut all, facts, at);
    nationality(&mut all, facts, at);
    place(&mut all, facts);
    employment(&mut all, facts);
    let open = conflicting(facts, MissingFact::Screening) || conflicting(facts, MissingFact::PartyIdentity);
    if let Some(result) = screening_word(facts.party_match).filter(|_| !open) {
        put(&mut all, "screening", result);
    }
    all
}

fn put(all: &mut Attributes, name: &str, word: &str) {
    all.insert(name.to_owned(), text(word));
}

fn put_level(all: &mut Attributes, name: &str, level: Level) {
    all.insert(name.to_owned(), rung(level));
}

fn text(word: &str) -> RestrictedExpression {
    RestrictedExpression::new_string(word.to_owned())
}

/// A level as a number: 0 none to 5 credential.
pub(crate) fn rung(level: Level) -> RestrictedExpression {
    RestrictedExpression::new_long(i64::from(level as u8))
}

fn conflicting(facts: &PersonFacts, fact: MissingFact) -> bool {
    facts.conflicting.contains(fact)
}

fn status(all: &mut Attributes, facts: &PersonFacts, at: Instant) {
    let known = facts.us_status.value != UsStatus::Unknown && !conflicting(facts, MissingFact::UsStatus);
    if known {
        put(all, "us_status", facts.us_status.value.word());
    }
    // Lapsed evidence is the person's own word.
    let lapsed = facts.us_status_expires.is_some_and(|expires| at >= expires);
    let level = if lapsed { facts.us_status.level.min(Level::SelfDeclared) } else { facts.us_status.level };
    put_level(all, "us_status_level", if known { level } else { Level::None });
}

fn nationality(all: &mut Attributes, facts: &PersonFacts, at: Instant) {
    let lost = |held: &&Citizenship| held.until.is_some_and(|until| until <= at);
    let begun = |held: &&Citizenship| held.from.is_none_or(|from| from <= at);
    let (former, now): (Vec<_>, Vec<_>) = facts.citizenships.iter().filter(begun).partition(lost);
    let residences = facts.permanent_residences.iter().filter(begun).filter(|held| !lost(held));
    let countries = |held: &[&Citizenship]| set(held.iter().map(|held| held.country));
    all.insert("nationalities".to_owned(), countries(&now));
    all.insert("former_nationalities".to_owned(), countries(&former));
    all.insert("residences".to_owned(), set(residences.map(|held| held.country)));
    let open = conflicting(facts, MissingFact::Citizenships);
    let said = |said: Attested<bool>| Some(said.level).filter(|_| said.value && !open);
    let complete = said(facts.citizenships_complete);
    put_said(all, "nationalities_complete", complete);
    put_said(all, "nationalities_current", complete.max(said(facts.citizenships_current)));
}

/// Whether something is said, and how well it is shown.
fn put_said(all: &mut Attributes, name: &str, level: Option<Level>) {
    all.insert(name.to_owned(), RestrictedExpression::new_bool(level.is_some()));
    put_level(all, &format!("{name}_level"), level.unwrap_or_default());
}

fn set(countries: impl Iterator<Item = Country>) -> RestrictedExpression {
    RestrictedExpression::new_set(countries.map(|country| text(country.code())))
}

fn place(all: &mut Attributes, facts: &PersonFacts) {
    let place = facts.location.filter(|_| !conflicting(facts, MissingFact::Location));
    if let Some(place) = place {
        put(all, "location", place.value.as_place().code());
    }
    put_level(all, "location_level", place.map_or(Level::None, |place| place.level));
}

fn employment(all: &mut Attributes, facts: &PersonFacts) {
    let Employment::Works(employer) = &facts.employment else {
        return put_level(all, "employment_level", Level::None);
    };
    if conflicting(facts, MissingFact::Employment) {
        return put_level(all, "employment_level", Level::None);
    }
    put(all, "employer", &employer_key(&employer.name));
    if let Some(relation) = relation_word(employer.relation) {
        put(all, "relation", relation);
    }
    put_level(all, "employment_level", employer.level);
}
