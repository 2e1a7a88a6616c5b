//! What is on file, as far as one predicate looks at it: predicates with their levels, no names.

use crate::ask::Ask;
use crate::explain::step::Countries;
use crate::subject::{Holding, Work};
use serde::Serialize;
use terms::{
    Activity, Country, EndUse, Instant, Level, MissingFact, PartyMatch, Relation, Share, SubjectKind,
    UsStatus,
};

/// One statement on file.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct OnFile {
    /// What it says.
    #[serde(flatten)]
    pub says: Statement,
    /// How well it is shown; absent where levels do not apply.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<Level>,
}

/// What is said.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(tag = "fact", rename_all = "snake_case")]
pub enum Statement {
    /// Status under US law.
    UsStatus {
        /// Which.
        status: UsStatus,
        /// Whether its evidence has expired: then it is the person's own word.
        expired: bool,
    },
    /// A citizenship.
    Citizenship(Held),
    /// A permanent residence.
    Residence(Held),
    /// The list of citizenships is all of them.
    ListComplete {
        /// Whether it is.
        value: bool,
    },
    /// The list of citizenships is all of those held now; of lost ones nothing is said.
    ListCurrent {
        /// Whether it is.
        value: bool,
    },
    /// No citizenship of any of these countries is held now.
    NoCitizenOf {
        /// Which.
        countries: Countries,
    },
    /// No citizenship at all.
    Stateless {
        /// Whether that is so.
        value: bool,
    },
    /// The place.
    Location {
        /// Which; absent = not known.
        country: Option<Country>,
    },
    /// Works for an employer.
    Employment {
        /// In which relation.
        relation: Relation,
    },
    /// Works for nobody.
    NoEmployer,
    /// For whom is not known.
    EmploymentUnknown,
    /// Seat of the employer's ultimate parent.
    ParentSeat {
        /// Which; absent = not known.
        country: Option<Country>,
    },
    /// Owners of the employer.
    Owners {
        /// Share of listed parties, per cent.
        listed: Share,
        /// Share of others, per cent.
        unlisted: Share,
    },
    /// Screening.
    PartyMatch {
        /// Its result.
        result: PartyMatch,
    },
    /// What the account states about all users.
    UsersAttested {
        /// All are US persons.
        all_us_persons: bool,
    },
    /// What the use is for.
    EndUse {
        /// Which.
        end_use: EndUse,
    },
    /// What is done with the model.
    Activity {
        /// Which.
        activity: Activity,
    },
    /// Where the model is served from.
    ServedFrom {
        /// Which country.
        country: Country,
    },
    /// No natural person is known.
    NoNaturalPerson {
        /// A shared key or a service.
        subject: SubjectKind,
    },
    /// Statements contradict each other: the fact counts as unknown.
    Contradicted {
        /// Which fact.
        about: MissingFact,
    },
}

/// A citizenship or residence.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
pub struct Held {
    /// Of which country.
    pub country: Country,
    /// Acquired on; shown only where dates matter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Instant>,
    /// The other of two candidate dates.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registered: Option<Instant>,
    /// Lost on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Instant>,
    /// How well the loss is shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub loss_level: Option<Level>,
}

fn at(says: Statement, level: Level) -> OnFile {
    OnFile { says, level: Some(level) }
}

fn plain(says: Statement) -> OnFile {
    OnFile { says, level: None }
}

/// Reads what is on file about the subject of an ask.
#[derive(Clone, Copy)]
pub(super) struct File<'a>(pub(super) &'a Ask<'a>);

impl File<'_> {
    pub(super) fn status(self) -> Vec<OnFile> {
        if let Some(nobody) = self.nobody() {
            return nobody;
        }
        let subject = self.0.subject;
        let said = subject.file.us_status;
        let expired = subject.file.us_status_expires.is_some_and(|expires| self.0.clock.at >= expires);
        let status = at(Statement::UsStatus { status: said.value, expired }, said.level);
        self.with_contradictions(vec![status], &[MissingFact::UsStatus])
    }

    /// Citizenships, with dates where these matter, and whether they are all.
    pub(super) fn citizenships(self, dates: bool) -> Vec<OnFile> {
        if let Some(nobody) = self.nobody() {
            return nobody;
        }
        let subject = self.0.subject;
        let mut said = self.held(true, dates);
        said.push(at(
            Statement::ListComplete { value: subject.file.complete.value },
            subject.file.complete.level,
        ));
        if subject.file.current.value {
            said.push(at(Statement::ListCurrent { value: true }, subject.file.current.level));
        }
        let levels = Level::ALL.into_iter().rev().map(|level| (subject.file.excluded.just_at(level), level));
        let excluded = levels.filter(|(countries, _)| !countries.is_empty());
        said.extend(
            excluded.map(|(countries, level)| {
                at(Statement::NoCitizenOf { countries: Countries(countries) }, level)
            }),
        );
        if subject.file.stateless.value {
            said.push(at(Statement::Stateless { value: true }, subject.file.stateless.level));
        }
        let about = [MissingFact::Citizenships, MissingFact::AcquisitionDates, MissingFact::ProofOfLoss];
        self.with_contradictions(said, &about)
    }

    pub(super) fn residences(self, dates: bool) -> Vec<OnFile> {
        self.nobody().unwrap_or_else(|| self.held(false, dates))
    }

    fn held(self, citizenship: bool, dates: bool) -> Vec<OnFile> {
        let holdings = self.0.subject.file.holdings.iter().filter(|held| held.citizenship == citizenship);
        let mut held: Vec<(Held, Level)> =
            holdings.map(|holding| (self.holding(holding, dates), holding.level)).collect();
        held.sort_unstable();
        let said = |held| if citizenship { Statement::Citizenship(held) } else { Statement::Residence(held) };
        held.into_iter().map(|(held, level)| at(said(held), level)).collect()
    }

    fn holding(self, holding: &Holding, dates: bool) -> Held {
        let lost = holding.until.is_some_and(|until| until <= self.0.clock.at);
        let now = self.0.clock.at;
        let later = holding.from.is_some_and(|from| from > now);
        let dated = dates || later || holding.registered.is_some();
        Held {
            country: holding.country,
            from: holding.from.filter(|_| dated),
            registered: holding.registered.and_then(|disputed| disputed.on),
            until: holding.until,
            loss_level: lost.then_some(holding.until_level),
        }
    }

    pub(super) fn place(self) -> Vec<OnFile> {
        let location = self.0.subject.file.location;
        let said = Statement::Location { country: location.map(|place| place.value) };
        let level = location.map_or(Level::None, |place| place.level);
        self.with_contradictions(vec![at(said, level)], &[MissingFact::Location])
    }

    pub(super) fn end_use(self) -> Vec<OnFile> {
        let said = self.0.request.end_use;
        let end_use = at(Statement::EndUse { end_use: said.value }, said.level);
        self.with_contradictions(vec![end_use], &[MissingFact::EndUse])
    }

    pub(super) fn activity(self) -> OnFile {
        plain(Statement::Activity { activity: self.0.request.activity })
    }

    pub(super) fn served_from(self) -> OnFile {
        plain(Statement::ServedFrom { country: self.0.request.served_from })
    }

    pub(super) fn employment(self) -> Vec<OnFile> {
        let said = match self.0.subject.file.work {
            Work::Unknown => self.nobody().unwrap_or_else(|| vec![plain(Statement::EmploymentUnknown)]),
            Work::Nobody => vec![plain(Statement::NoEmployer)],
            Work::At(post) => {
                vec![at(Statement::Employment { relation: post.relation }, post.level)]
            }
        };
        self.with_contradictions(said, &[MissingFact::Employment])
    }

    pub(super) fn seat(self) -> Vec<OnFile> {
        let said = match self.0.subject.file.work {
            Work::At(post) => vec![at(Statement::ParentSeat { country: post.parent }, post.level)],
            Work::Unknown | Work::Nobody => self.employment(),
        };
        self.with_contradictions(said, &[MissingFact::EmployerUltimateParent])
    }

    pub(super) fn owners(self) -> Vec<OnFile> {
        let said = match self.0.subject.file.work {
            Work::At(post) => {
                let (listed, unlisted) = (post.ownership.listed, post.ownership.unlisted);
                vec![at(Statement::Owners { listed, unlisted }, post.level)]
            }
            Work::Unknown | Work::Nobody => self.employment(),
        };
        self.with_contradictions(said, &[MissingFact::Ownership])
    }

    pub(super) fn screening(self) -> Vec<OnFile> {
        let said = plain(Statement::PartyMatch { result: self.0.subject.file.party_match });
        self.with_contradictions(vec![said], &[MissingFact::PartyIdentity, MissingFact::Screening])
    }

    /// On a shared key or service: that nobody is known, and what is stated about all users.
    pub(super) fn nobody(self) -> Option<Vec<OnFile>> {
        let subject = self.0.subject;
        if subject.is_person() {
            return None;
        }
        let attested = subject
            .file
            .all_users_us_persons
            .map(|users| at(Statement::UsersAttested { all_us_persons: users.value }, users.level));
        let nobody = plain(Statement::NoNaturalPerson { subject: subject.file.kind });
        Some(std::iter::once(nobody).chain(attested).collect())
    }

    fn with_contradictions(self, mut said: Vec<OnFile>, about: &[MissingFact]) -> Vec<OnFile> {
        let open = about.iter().filter(|fact| self.0.subject.conflicting(**fact));
        said.extend(open.map(|about| plain(Statement::Contradicted { about: *about })));
        said
    }
}
