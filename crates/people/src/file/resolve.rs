//! From everything on file to one value per fact: the strongest active evidence answers, equal contradictions are
//! *conflicting*.

use std::collections::BTreeSet;

use serde::Serialize;
use terms::{
    Attested, Employer, Employment, Instant, Level, MissingFact, PersonFacts, UsStatus, employer_key,
};

use super::citizenship::{Citizenships, citizenships};
use super::opinion::{Opinion, Weighed, weigh};
use super::{Filed, Statement};
use crate::evidence::{Answer, Predicate};

/// How the roster is named among sources.
pub(super) const ROSTER: &str = "roster";

/// Statements that contradict each other: an item for review.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
pub struct Conflict {
    /// On which fact.
    pub fact: MissingFact,
    /// How well both sides are supported; where one side is stronger, the weaker side's level.
    pub level: Level,
    /// The names of the statements, or `roster`, sorted.
    pub between: Vec<String>,
    /// Whether neither side is stronger, so that the fact is not known until somebody settles it.
    pub open: bool,
}

/// What is known about one person at one instant.
#[derive(Clone, PartialEq, Debug)]
pub struct Resolved {
    /// The facts, as the engine takes them.
    pub facts: PersonFacts,
    /// The first later instant at which they are others, if nothing is filed until then.
    pub until: Option<Instant>,
    /// What a person has to look at, in order of fact.
    pub conflicts: Vec<Conflict>,
}

/// A statement that counts at the instant asked about.
#[derive(Clone, Copy)]
pub(super) struct Live<'a> {
    pub(super) id: &'a str,
    pub(super) said: &'a Statement,
}

/// What all statements on file and the account's roster come to. The order of the statements does not matter.
///
/// Suspended, revoked, replaced and expired statements, and those of level `ip`, count for nothing. A list of
/// nationalities that an issuer calls complete is complete as to nationalities held now, and says nothing of those lost.
pub fn resolve(filed: &[Filed], roster: Option<&PersonFacts>, now: Instant) -> Resolved {
    let (facts, conflicts) = at(filed, roster, now);
    let until = changes(filed, roster, now).into_iter().find(|later| at(filed, roster, *later).0 != facts);
    Resolved { facts, until, conflicts }
}

/// The later instants at which a source lapses, in order.
fn changes(filed: &[Filed], roster: Option<&PersonFacts>, now: Instant) -> BTreeSet<Instant> {
    if filed.is_empty() {
        return BTreeSet::new();
    }
    let live = filed.iter().filter(|one| one.is_live(now));
    let ends = live.map(|one| after(one.statement.valid_until));
    let lapse = roster.and_then(|facts| facts.us_status_expires);
    ends.chain(lapse).filter(|instant| *instant > now).collect()
}

/// The first instant after the last one.
fn after(last: Instant) -> Instant {
    last.plus_micros(1)
}

fn at(filed: &[Filed], roster: Option<&PersonFacts>, now: Instant) -> (PersonFacts, Vec<Conflict>) {
    let mut live: Vec<Live<'_>> = filed
        .iter()
        .filter(|one| one.is_live(now))
        .map(|one| Live { id: &one.id, said: &one.statement })
        .collect();
    let mut facts = roster.cloned().unwrap_or_default();
    if live.is_empty() {
        return (facts, Vec::new());
    }
    live.sort_by(|one, other| one.id.cmp(other.id));
    let mut conflicts = us_status(&live, roster, now, &mut facts);
    conflicts.extend(put_citizenships(&live, roster, now, &mut facts));
    conflicts.extend(employment(&live, roster, &mut facts));
    add_residences(&live, &mut facts);
    let open = conflicts.iter().filter(|conflict| conflict.open).map(|conflict| conflict.fact);
    facts.conflicting = facts.conflicting.union(open.collect());
    conflicts.sort();
    (facts, conflicts)
}

fn put_citizenships(
    live: &[Live<'_>],
    roster: Option<&PersonFacts>,
    now: Instant,
    facts: &mut PersonFacts,
) -> Vec<Conflict> {
    let Citizenships { held, complete, current, denied, stateless, conflicts } =
        citizenships(live, roster, now);
    facts.citizenships = held;
    facts.citizenships_complete = complete;
    facts.citizenships_current = current;
    facts.not_citizenships = denied;
    facts.stateless = stateless;
    conflicts
}

/// What a source says on status under US law.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Status {
    /// No US person.
    Foreign,
    /// A US person.
    Us(Kind),
}

/// Of which kind a US person is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    /// It is not said.
    Unsaid,
    /// This one.
    Is(UsStatus),
    /// Equally strong statements name different ones. All of them make a US person.
    Disputed,
}

impl Status {
    const fn of_word(status: UsStatus) -> Option<Self> {
        match status {
            UsStatus::Unknown => None,
            UsStatus::None => Some(Self::Foreign),
            UsStatus::UsPerson => Some(Self::Us(Kind::Unsaid)),
            one => Some(Self::Us(Kind::Is(one))),
        }
    }

    fn of_facts(said: &Statement) -> Option<Self> {
        match said.facts.answer(&Predicate::UsPerson) {
            Answer::Unknown => None,
            Answer::No => Some(Self::Foreign),
            Answer::Yes => {
                let national = said.facts.answer(&Predicate::NationalOf(terms::Country::US)) == Answer::Yes;
                Some(Self::Us(if national { Kind::Is(UsStatus::Citizen) } else { Kind::Unsaid }))
            }
        }
    }

    fn join(&self, other: &Self) -> Option<Self> {
        match (*self, *other) {
            (one, two) if one == two => Some(one),
            (Self::Us(Kind::Unsaid), Self::Us(kind)) | (Self::Us(kind), Self::Us(Kind::Unsaid)) => {
                Some(Self::Us(kind))
            }
            (Self::Us(_), Self::Us(_)) => Some(Self::Us(Kind::Disputed)),
            _ => None,
        }
    }

    const fn word(self) -> UsStatus {
        match self {
            Self::Foreign => UsStatus::None,
            Self::Us(Kind::Is(status)) => status,
            Self::Us(Kind::Unsaid | Kind::Disputed) => UsStatus::UsPerson,
        }
    }
}

fn us_status(
    live: &[Live<'_>],
    roster: Option<&PersonFacts>,
    now: Instant,
    facts: &mut PersonFacts,
) -> Vec<Conflict> {
    let said = live.iter().filter_map(|one| {
        let (value, level) = (Status::of_facts(one.said)?, one.said.level);
        Some((one.id, Opinion { value, level, lapses: Some(after(one.said.valid_until)) }))
    });
    let opinions: Vec<_> = said.chain(roster_status(roster, now).map(|said| (ROSTER, said))).collect();
    let (weighed, conflict) = judge(MissingFact::UsStatus, &opinions, Status::join);
    match weighed {
        Weighed::Settled(settled) => {
            facts.us_status = Attested::new(settled.value.word(), settled.level);
            facts.us_status_expires = settled.lapses;
            let disputed = settled.value == Status::Us(Kind::Disputed);
            return conflict
                .or_else(|| disputed.then(|| dispute(&opinions, settled.level)))
                .into_iter()
                .collect();
        }
        Weighed::Contradicted(_) => {
            facts.us_status = Attested::default();
            facts.us_status_expires = None;
        }
        Weighed::Silent => {}
    }
    conflict.into_iter().collect()
}

/// Different kinds of US person at one level: nothing is refused for it, and somebody has to look.
fn dispute(opinions: &[(&str, Opinion<Status>)], level: Level) -> Conflict {
    let named = opinions.iter().filter(|(_, one)| one.level == level).map(|(name, _)| (*name).to_owned());
    let between = named.collect::<BTreeSet<_>>().into_iter().collect();
    Conflict { fact: MissingFact::UsStatus, level, between, open: false }
}

/// The roster's word; once its evidence has lapsed, the person's own.
fn roster_status(roster: Option<&PersonFacts>, now: Instant) -> Option<Opinion<Status>> {
    let facts = roster?;
    let value = Status::of_word(facts.us_status.value)?;
    let lapsed = facts.us_status_expires.is_some_and(|expires| expires <= now);
    let level = facts.us_status.level;
    let level = if lapsed { level.min(Level::SelfDeclared) } else { level };
    (level >= Level::SelfDeclared).then_some(Opinion { value, level, lapses: facts.us_status_expires })
}

/// Weighs opinions, and names those who contradict what the strongest say.
fn judge<T: Clone>(
    fact: MissingFact,
    opinions: &[(&str, Opinion<T>)],
    join: impl Fn(&T, &T) -> Option<T>,
) -> (Weighed<T>, Option<Conflict>) {
    let said: Vec<Opinion<T>> = opinions.iter().map(|(_, opinion)| opinion.clone()).collect();
    let weighed = weigh(&said, &join);
    let named = |keep: &dyn Fn(&Opinion<T>) -> bool| -> Vec<String> {
        let kept = opinions.iter().filter(|(_, opinion)| keep(opinion));
        kept.map(|(name, _)| (*name).to_owned()).collect::<BTreeSet<_>>().into_iter().collect()
    };
    let conflict = match &weighed {
        Weighed::Silent => None,
        Weighed::Contradicted(level) => {
            Some(Conflict { fact, level: *level, between: named(&|one| one.level == *level), open: true })
        }
        Weighed::Settled(settled) => {
            let against = |one: &Opinion<T>| join(&settled.value, &one.value).is_none();
            let level = said.iter().filter(|one| against(one)).map(|one| one.level).max();
            let sides = |one: &Opinion<T>| one.level == settled.level || against(one);
            level.map(|level| Conflict { fact, level, between: named(&sides), open: false })
        }
    };
    (weighed, conflict)
}

fn employment(live: &[Live<'_>], roster: Option<&PersonFacts>, facts: &mut PersonFacts) -> Vec<Conflict> {
    let said = live.iter().flat_map(|one| {
        let employers = one.said.facts.statements().filter_map(|(asked, answer)| match (asked, answer) {
            (Predicate::EmployedBy(org), Answer::Yes) => Some(org.clone()),
            _ => None,
        });
        employers.map(|name| (one.id, works_for(name, one.said.level)))
    });
    let on_roster = roster.and_then(|facts| match &facts.employment {
        Employment::Unknown => None,
        Employment::NoEmployer => Some((Employment::NoEmployer, Level::SelfDeclared)),
        works @ Employment::Works(employer) => Some((works.clone(), employer.level)),
    });
    let on_roster = on_roster.map(|(value, level)| (ROSTER, Opinion { value, level, lapses: None }));
    let opinions: Vec<_> = said.chain(on_roster).collect();
    let (weighed, conflict) = judge(MissingFact::Employment, &opinions, same_employer);
    match weighed {
        Weighed::Settled(settled) => facts.employment = settled.value,
        Weighed::Contradicted(_) => facts.employment = Employment::Unknown,
        Weighed::Silent => {}
    }
    conflict.into_iter().collect()
}

fn works_for(name: String, level: Level) -> Opinion<Employment> {
    let value = Employment::Works(Employer { name, level, ..Employer::default() });
    Opinion { value, level, lapses: None }
}

/// The same employer, with what is known about it; evidence knows a name alone, a roster more.
fn same_employer(one: &Employment, other: &Employment) -> Option<Employment> {
    match (one, other) {
        (Employment::Works(one), Employment::Works(other))
            if employer_key(&one.name) == employer_key(&other.name) =>
        {
            let bare = |employer: &Employer| {
                let name = employer.name.clone();
                *employer == Employer { name, level: employer.level, ..Employer::default() }
            };
            let fuller = std::cmp::min_by_key(one, other, |employer| (bare(employer), employer.name.clone()));
            Some(Employment::Works(fuller.clone()))
        }
        (one, other) => (one == other).then(|| one.clone()),
    }
}

/// Permanent residences outside the United States that evidence shows and the roster does not.
fn add_residences(live: &[Live<'_>], facts: &mut PersonFacts) {
    for one in live {
        for (asked, answer) in one.said.facts.statements() {
            let (Predicate::ResidentOf(country), Answer::Yes) = (asked, answer) else { continue };
            super::citizenship::add(&mut facts.permanent_residences, *country, one.said.level);
        }
    }
    facts.permanent_residences.retain(|residence| residence.country != terms::Country::US);
}
