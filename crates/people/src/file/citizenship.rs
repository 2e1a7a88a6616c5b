//! Citizenships of several sources, country by country.

use std::collections::{BTreeMap, BTreeSet};

use terms::limits::CITIZENSHIPS;
use terms::{Attested, Citizenship, Country, Instant, Level, MissingFact, NotCitizen, PersonFacts};

use super::resolve::{Conflict, Live, ROSTER};
use crate::evidence::{Answer, Flag, Predicate};

/// What the sources come to.
#[derive(Default)]
pub(super) struct Citizenships {
    pub(super) held: Vec<Citizenship>,
    pub(super) complete: Attested<bool>,
    pub(super) current: Attested<bool>,
    pub(super) denied: Vec<NotCitizen>,
    pub(super) stateless: Attested<bool>,
    pub(super) conflicts: Vec<Conflict>,
}

/// Who says that the person is a national of one country, and who denies it, each with the level.
#[derive(Default)]
struct Votes<'a> {
    yes: Vec<(&'a str, Level)>,
    no: Vec<(&'a str, Level)>,
}

impl Votes<'_> {
    fn strongest(votes: &[(&str, Level)]) -> Option<Level> {
        votes.iter().map(|(_, level)| *level).max()
    }

    /// The level at which the nationality is held; `None` where the stronger side denies it or nobody states it.
    fn held(&self) -> Option<Level> {
        Self::strongest(&self.yes).filter(|yes| Some(*yes) >= Self::strongest(&self.no))
    }

    fn conflict(&self) -> Option<Conflict> {
        let (yes, no) = (Self::strongest(&self.yes)?, Self::strongest(&self.no)?);
        let names = self.yes.iter().chain(&self.no).map(|(name, _)| (*name).to_owned());
        let between = names.collect::<BTreeSet<_>>().into_iter().collect();
        Some(Conflict { fact: MissingFact::Citizenships, level: yes.min(no), between, open: yes == no })
    }
}

/// Weighs country by country. A date stands only where it is supported as well as the citizenship itself.
pub(super) fn citizenships(live: &[Live<'_>], roster: Option<&PersonFacts>, now: Instant) -> Citizenships {
    let mut whole = Citizenships::default();
    let mut current = BTreeSet::new();
    for (country, votes) in votes(live, roster, now) {
        whole.conflicts.extend(votes.conflict());
        let held = votes.held();
        if held.is_some() {
            current.insert(country);
        } else {
            let level = denied(live, roster, country);
            whole.denied.extend(level.map(|level| NotCitizen { country, level }));
        }
        whole.held.extend(entries(country, held, roster, now));
    }
    whole.complete = complete(roster, &current, now);
    whole.current = all_now(live, roster, &current, now);
    whole.stateless = stateless(live, roster, &current);
    if whole.held.len() > CITIZENSHIPS {
        // More than anybody has: nothing is left out silently, the whole list is not known.
        whole.conflicts.push(too_many(live));
    }
    whole.held.truncate(CITIZENSHIPS);
    whole
}

fn too_many(live: &[Live<'_>]) -> Conflict {
    let between = live.iter().map(|one| one.id.to_owned()).collect();
    Conflict { fact: MissingFact::Citizenships, level: Level::SelfDeclared, between, open: true }
}

fn votes<'a>(live: &[Live<'a>], roster: Option<&PersonFacts>, now: Instant) -> BTreeMap<Country, Votes<'a>> {
    let mut all: BTreeMap<Country, Votes<'a>> = BTreeMap::new();
    for one in live {
        let shown = one.said.facts.nationalities().into_iter().flat_map(|set| set.countries());
        let stated = one.said.facts.statements().filter_map(|(asked, _)| named(asked));
        for country in shown.copied().chain(stated) {
            all.entry(country).or_default();
        }
    }
    let listed = roster.into_iter().flat_map(|facts| &facts.citizenships);
    let denied = roster.into_iter().flat_map(|facts| &facts.not_citizenships);
    for country in listed.map(|held| held.country).chain(denied.map(|not| not.country)) {
        all.entry(country).or_default();
    }
    for (country, votes) in &mut all {
        for one in live {
            match of_statement(one, *country) {
                Answer::Yes => votes.yes.push((one.id, one.said.level)),
                Answer::No => votes.no.push((one.id, one.said.level)),
                Answer::Unknown => {}
            }
        }
        let (yes, no) = roster.map_or((None, None), |facts| of_roster(facts, *country, now));
        votes.yes.extend(yes.map(|level| (ROSTER, level)));
        votes.no.extend(no.map(|level| (ROSTER, level)));
    }
    all
}

/// The country that a question about nationality names.
const fn named(asked: &Predicate) -> Option<Country> {
    match asked {
        Predicate::NationalOf(country) | Predicate::MostRecentOf(country) => Some(*country),
        _ => None,
    }
}

fn of_statement(one: &Live<'_>, country: Country) -> Answer {
    let facts = &one.said.facts;
    let recent = facts.answer(&Predicate::MostRecentOf(country)) == Answer::Yes;
    match facts.answer(&Predicate::NationalOf(country)) {
        Answer::Unknown if recent => Answer::Yes,
        Answer::Unknown if shows_stateless(one) => Answer::No,
        answer => answer,
    }
}

fn shows_stateless(one: &Live<'_>) -> bool {
    let no_country = one.said.facts.nationalities().is_none_or(|set| set.countries().is_empty());
    one.said.flags.contains(&Flag::Stateless) && no_country
}

/// How well it is shown of this very country that no citizenship is held: what is not on a list of all is not said again,
/// because a list that turns out not to be all says nothing of the rest.
fn denied(live: &[Live<'_>], roster: Option<&PersonFacts>, country: Country) -> Option<Level> {
    let asked = Predicate::NationalOf(country);
    let said = |one: &&Live<'_>| one.said.facts.statements().any(|stated| stated == (&asked, Answer::No));
    let stands = |one: &&Live<'_>| one.said.facts.answer(&asked) == Answer::No;
    let shown = live.iter().filter(said).filter(stands).map(|one| one.said.level);
    shown.chain(roster.and_then(|facts| denied_on(facts, country))).max()
}

fn denied_on(facts: &PersonFacts, country: Country) -> Option<Level> {
    let of_country = facts.not_citizenships.iter().filter(|not| not.country == country);
    of_country.map(|not| not.level).filter(|level| *level >= Level::SelfDeclared).max()
}

/// The roster's levels for and against a nationality held now.
fn of_roster(facts: &PersonFacts, country: Country, now: Instant) -> (Option<Level>, Option<Level>) {
    let listed = || facts.citizenships.iter().filter(|held| held.country == country);
    let yes = listed().filter(|held| is_current(held, now)).map(|held| held.level).max();
    if yes.is_some() {
        return (yes, None);
    }
    let lost = listed().map(|held| held.until_level).max();
    let says = |said: Attested<bool>| said.value.then_some(said.level);
    let unlisted = says(facts.citizenships_complete).max(says(facts.citizenships_current));
    let no = lost.max(unlisted).max(denied_on(facts, country));
    (None, no.max(says(facts.stateless)).filter(|level| *level >= Level::SelfDeclared))
}

fn is_current(held: &Citizenship, now: Instant) -> bool {
    held.until.is_none_or(|until| until > now)
}

/// The entries of one country: the roster's with their dates where it speaks as strongly as anybody, else one without.
fn entries(
    country: Country,
    held: Option<Level>,
    roster: Option<&PersonFacts>,
    now: Instant,
) -> Vec<Citizenship> {
    let listed = || roster.into_iter().flat_map(|facts| &facts.citizenships);
    let of_country = || listed().filter(|one| one.country == country);
    let Some(level) = held else {
        return of_country().filter(|one| !is_current(one, now)).cloned().collect();
    };
    if of_country().any(|one| is_current(one, now) && one.level >= level) {
        return of_country().cloned().collect();
    }
    vec![undated(country, level)]
}

const fn undated(country: Country, level: Level) -> Citizenship {
    Citizenship { country, from: None, registered: None, until: None, level, until_level: Level::None }
}

/// Whether the list is all, also of citizenships lost: the roster says so, and holds every country that stands.
fn complete(roster: Option<&PersonFacts>, current: &BTreeSet<Country>, now: Instant) -> Attested<bool> {
    let Some(facts) = roster else { return Attested::default() };
    let all = current.iter().all(|country| of_roster(facts, *country, now).0.is_some());
    if all || !facts.citizenships_complete.value { facts.citizenships_complete } else { Attested::default() }
}

/// Whether the list is all that is held now: somebody says so whose own list holds every country that stands. An issuer
/// complete for the question speaks of now, never of what was lost.
fn all_now(
    live: &[Live<'_>],
    roster: Option<&PersonFacts>,
    current: &BTreeSet<Country>,
    now: Instant,
) -> Attested<bool> {
    let shown = live.iter().filter_map(|one| {
        let set = one.said.facts.nationalities().filter(|set| set.is_complete())?;
        current.iter().all(|country| set.countries().contains(country)).then_some(one.said.level)
    });
    let listed = roster.filter(|facts| facts.citizenships_current.value).and_then(|facts| {
        let all = current.iter().all(|country| of_roster(facts, *country, now).0.is_some());
        all.then_some(facts.citizenships_current.level)
    });
    shown.chain(listed).max().map_or_else(Attested::default, |level| Attested::new(true, level))
}

fn stateless(live: &[Live<'_>], roster: Option<&PersonFacts>, current: &BTreeSet<Country>) -> Attested<bool> {
    let on_roster = roster.map(|facts| facts.stateless).filter(|said| said.value).map(|said| said.level);
    let shown = live.iter().filter(|one| shows_stateless(one)).map(|one| one.said.level);
    match shown.chain(on_roster).max().filter(|_| current.is_empty()) {
        Some(level) => Attested::new(true, level),
        None => Attested::default(),
    }
}

/// Adds a country to a list, at the stronger of two levels.
pub(super) fn add(list: &mut Vec<Citizenship>, country: Country, level: Level) {
    let full = list.len() >= CITIZENSHIPS;
    match list.iter_mut().find(|held| held.country == country) {
        Some(held) if held.level >= level => {}
        Some(held) => *held = undated(country, level),
        None if full => {}
        None => list.push(undated(country, level)),
    }
}
