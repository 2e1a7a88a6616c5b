//! One supposed value: how it reads, and what the subject is with it.

use crate::ask::Ask;
use crate::explain::step::Countries;
use crate::subject::{Excluded, Holding, Post, Subject, Work};
use serde::Serialize;
use terms::{
    Attested, Country, CountrySet, EndUse, Instant, Level, MissingFact, Ownership, PartyMatch, Relation,
    Request, Share, SubjectKind, UsStatus,
};

/// A value a fact might have, or several that lead to the same.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Supposed {
    /// This status under US law.
    UsStatus(UsStatus),
    /// A natural person with this status, of whom nothing else is known.
    PersonOfStatus(UsStatus),
    /// A citizen of one of these, and of no other country.
    SoleCitizenOf(Countries),
    /// The citizenships on file, and no other.
    NoOtherCitizenship,
    /// A citizen of no country.
    Stateless,
    /// The claimed loss did happen, or all of them did.
    LossShown,
    /// None of the claimed losses happened.
    NotLost,
    /// This holding was acquired last.
    AcquiredLast(Country),
    /// In one of these.
    In(Countries),
    /// For this use.
    EndUse(EndUse),
    /// Working for the employer on file, in this relation.
    At(Relation),
    /// Working, in this relation, for a firm that some directive or exception names.
    AtNamed(Relation),
    /// Working, in this relation, for a firm that none names.
    AtOther(Relation),
    /// Working for nobody.
    NoEmployer,
    /// The employer's ultimate parent has its seat in one of these.
    ParentIn(Countries),
    /// Listed parties own all of the employer.
    OwnedByListed,
    /// Listed parties own nothing of the employer.
    NotOwnedByListed,
    /// On a restricted-party list.
    Listed,
    /// On none.
    NotListed,
}

/// A supposed value with the change that gives it to subject and request.
pub(super) struct Hypothesis {
    pub(super) reads: Supposed,
    pub(super) edit: Edit,
}

/// What is put in the place of what is on file. Countries stand for their class, firms are numbers.
#[derive(Clone, Copy)]
pub(super) enum Edit {
    Status(UsStatus),
    Person(UsStatus),
    Sole(Country),
    Complete,
    Stateless,
    Losses(bool),
    Last(Country),
    Place(Country),
    EndUse(EndUse),
    Relation(Relation),
    Firm(Option<u32>, Relation),
    Nobody,
    Seat(Country),
    Owned(bool),
    Listed(bool),
}

const SURE: Level = Level::Credential;

impl Edit {
    /// The question with the change made.
    pub(super) fn apply(self, fact: MissingFact, ask: &Ask<'_>) -> (Subject, Request) {
        let (mut subject, mut request) = (ask.subject.clone(), ask.request);
        subject.file.conflicting = subject.file.conflicting.iter().filter(|open| *open != fact).collect();
        match self {
            Self::EndUse(end_use) => request.end_use = Attested::new(end_use, SURE),
            Self::Place(place) => subject.file.location = Some(Attested::new(place, SURE)),
            Self::Status(status) => set_status(&mut subject, status),
            Self::Person(status) => {
                subject.file.kind = SubjectKind::Person;
                set_status(&mut subject, status);
            }
            Self::Sole(_) | Self::Complete | Self::Stateless | Self::Losses(_) | Self::Last(_) => {
                self.hold(&mut subject, ask.clock.at);
            }
            Self::Relation(_) | Self::Firm(..) | Self::Nobody | Self::Seat(_) | Self::Owned(_) => {
                self.employ(&mut subject);
            }
            Self::Listed(listed) => {
                subject.file.party_match = if listed { PartyMatch::Confirmed } else { PartyMatch::None };
                let parties = [MissingFact::PartyIdentity, MissingFact::Screening];
                subject.file.conflicting =
                    subject.file.conflicting.iter().filter(|open| !parties.contains(open)).collect();
            }
        }
        subject.sum_up(ask.regime, ask.clock.at);
        (subject, request)
    }

    fn hold(self, subject: &mut Subject, now: Instant) {
        let residences = || subject.file.holdings.iter().filter(|held| !held.citizenship).copied();
        match self {
            Self::Sole(country) => {
                subject.file.holdings = std::iter::once(citizenship(country)).chain(residences()).collect();
                subject.file.complete = Attested::new(true, SURE);
                subject.file.stateless = Attested::default();
                subject.file.excluded = Excluded::default();
            }
            Self::Stateless => {
                subject.file.holdings = residences().collect();
                subject.file.complete = Attested::new(true, SURE);
                subject.file.stateless = Attested::new(true, SURE);
            }
            Self::Complete => {
                subject.file.complete = Attested::new(true, SURE);
                for held in subject.file.holdings.iter_mut().filter(|held| held.citizenship) {
                    held.level = SURE;
                }
            }
            Self::Losses(happened) => {
                for held in
                    subject.file.holdings.iter_mut().filter(|held| held.until.is_some_and(|at| at <= now))
                {
                    held.until = held.until.filter(|_| happened);
                    held.until_level = SURE;
                }
            }
            Self::Last(country) => {
                for held in &mut subject.file.holdings {
                    let last = held.country == country;
                    held.level = SURE;
                    held.registered = None;
                    held.from = if last { Some(now) } else { held.from.or(Some(Instant::MIN)) };
                }
            }
            _ => {}
        }
    }

    fn employ(self, subject: &mut Subject) {
        let stated = match subject.file.work {
            Work::At(post) => Some(post),
            Work::Unknown | Work::Nobody => None,
        };
        let unknown = Post {
            firm: None,
            relation: Relation::Unknown,
            level: SURE,
            parent: None,
            ownership: Ownership::default(),
        };
        let post = Post { level: SURE, ..stated.unwrap_or(unknown) };
        if stated.is_none() && matches!(self, Self::Seat(_) | Self::Owned(_)) {
            // Which firm it is stays unknown.
            subject.file.conflicting = subject.file.conflicting.with(MissingFact::Employment);
        }
        subject.file.work = match self {
            Self::Relation(relation) => Work::At(Post { relation, ..post }),
            Self::Firm(firm, relation) => Work::At(Post { firm, relation, ..unknown }),
            Self::Seat(seat) => Work::At(Post { parent: Some(seat), ..post }),
            Self::Owned(owned) => {
                let (all, none) = (Share::WHOLE, Share::default());
                let (listed, unlisted) = if owned { (all, none) } else { (none, all) };
                Work::At(Post { ownership: Ownership { listed, unlisted }, ..post })
            }
            _ => Work::Nobody,
        };
    }
}

fn set_status(subject: &mut Subject, status: UsStatus) {
    subject.file.us_status = Attested::new(status, SURE);
    subject.file.us_status_expires = None;
}

fn citizenship(country: Country) -> Holding {
    Holding {
        citizenship: true,
        country,
        from: None,
        registered: None,
        until: None,
        level: SURE,
        until_level: Level::None,
    }
}

impl Supposed {
    /// This value and another in one, where both name countries for the same thing.
    pub(super) fn merged(&self, other: &Self) -> Option<Self> {
        let union = |a: &Countries, b: &Countries| Countries(CountrySet::union(&a.0, &b.0));
        match (self, other) {
            (Self::SoleCitizenOf(a), Self::SoleCitizenOf(b)) => Some(Self::SoleCitizenOf(union(a, b))),
            (Self::In(a), Self::In(b)) => Some(Self::In(union(a, b))),
            (Self::ParentIn(a), Self::ParentIn(b)) => Some(Self::ParentIn(union(a, b))),
            (a, b) if a == b => Some(a.clone()),
            _ => None,
        }
    }
}
