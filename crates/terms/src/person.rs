//! What is known about the one who asks, after evidence was resolved.

use crate::{Country, Employment, FactMask, Instant, Level, PersonId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Who stands behind a credential.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SubjectKind {
    /// One natural person.
    #[default]
    Person,
    /// A key that several people use.
    SharedKey,
    /// An automation account.
    Service,
}

/// Status under US law, as far as 15 CFR 772.1 and 8 USC 1324b(a)(3) tell people apart.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum UsStatus {
    /// Citizen of the United States.
    Citizen,
    /// National, not citizen (8 USC 1101(a)(22)).
    National,
    /// Lawful permanent resident.
    Lpr,
    /// Conditional permanent resident (8 USC 1186a).
    ConditionalLpr,
    /// Permanent resident who let the naturalisation period of 8 USC 1324b(a)(3)(B)(i) pass.
    LprNaturalisationLapsed,
    /// Admitted refugee.
    Refugee,
    /// Granted asylum.
    Asylee,
    /// Temporary resident under 8 USC 1160(a) or 1255a(a)(1).
    TemporaryResident,
    /// One of the above, and it is not said which: somebody shown to be a US person (15 CFR 772.1) and no more.
    UsPerson,
    /// Every other status: visas, asylum applicants, TPS, or no tie to the United States.
    None,
    /// Not known.
    #[default]
    Unknown,
}

impl UsStatus {
    /// Every status somebody can have.
    pub const KNOWN: [Self; 9] = [
        Self::Citizen,
        Self::National,
        Self::Lpr,
        Self::ConditionalLpr,
        Self::LprNaturalisationLapsed,
        Self::Refugee,
        Self::Asylee,
        Self::TemporaryResident,
        Self::None,
    ];

    /// The word used in files.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Citizen => "citizen",
            Self::National => "national",
            Self::Lpr => "lpr",
            Self::ConditionalLpr => "conditional_lpr",
            Self::LprNaturalisationLapsed => "lpr_naturalisation_lapsed",
            Self::Refugee => "refugee",
            Self::Asylee => "asylee",
            Self::TemporaryResident => "temporary_resident",
            Self::UsPerson => "us_person",
            Self::None => "none",
            Self::Unknown => "unknown",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::KNOWN.into_iter().chain([Self::UsPerson, Self::Unknown]).find(|status| status.word() == word)
    }

    /// Whether this status makes a natural person a foreign person (15 CFR 772.1); `None` when not known.
    pub const fn is_foreign_person(self) -> Option<bool> {
        match self {
            Self::Unknown => None,
            Self::None => Some(true),
            _ => Some(false),
        }
    }

    /// Whether something holds of the status, where it is one or may be several; `None` where these differ.
    pub fn all_of(self, holds: impl Fn(Self) -> bool) -> Option<bool> {
        if self != Self::UsPerson {
            return Some(holds(self));
        }
        let mut kinds = Self::KNOWN.into_iter().filter(|status| *status != Self::None).map(holds);
        let first = kinds.next()?;
        kinds.all(|other| other == first).then_some(first)
    }
}

/// A value with the level of evidence behind it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Attested<T> {
    /// What is stated.
    pub value: T,
    /// What supports it.
    pub level: Level,
}

impl<T> Attested<T> {
    /// A value at a level.
    pub const fn new(value: T, level: Level) -> Self {
        Self { value, level }
    }
}

/// The second candidate date of a citizenship by descent.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Disputed {
    /// Date of registration; `None` when not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on: Option<Instant>,
}

/// A citizenship or, outside the United States, a permanent residence.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Citizenship {
    /// Of which country.
    pub country: Country,
    /// Acquired; `None` when not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Instant>,
    /// Where the law gives two candidate dates: that of registration, `from` being that of origin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registered: Option<Disputed>,
    /// Lost; `None` while held.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Instant>,
    /// What supports that it was acquired.
    pub level: Level,
    /// What supports that it was lost.
    #[serde(default)]
    pub until_level: Level,
}

/// A country of which somebody is shown to be no citizen now.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NotCitizen {
    /// Which country.
    pub country: Country,
    /// What supports it.
    pub level: Level,
}

/// The result of screening a person and that person's employer against restricted-party lists.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PartyMatch {
    /// Screened; nobody on a list.
    None,
    /// Somebody on a list may be meant.
    Possible,
    /// Somebody on a list is meant.
    Confirmed,
    /// Not screened.
    #[default]
    Unscreened,
}

/// The facts about one subject, one resolved value per fact.
///
/// Facts are predicates with a level, never documents. A fact that is not on file is `Unknown` or absent; the
/// default knows nothing about a natural person.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PersonFacts {
    /// Who stands behind the credential.
    pub kind: SubjectKind,
    /// The person's identifier within the account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person_id: Option<PersonId>,
    /// Status under US law.
    pub us_status: Attested<UsStatus>,
    /// The evidence of US status lapses here (exclusive); from then on it counts as the person's own word.
    pub us_status_expires: Option<Instant>,
    /// Citizenships, also lost ones.
    pub citizenships: Vec<Citizenship>,
    /// Whether the list of citizenships is known to be all of them, also of those lost.
    pub citizenships_complete: Attested<bool>,
    /// Whether it is known to be all that are held now. Of lost ones nothing is said.
    #[serde(skip_serializing_if = "is_unsaid")]
    pub citizenships_current: Attested<bool>,
    /// Countries of which the person is shown to be no citizen now; none of them is listed as held now. Of citizenships
    /// that were lost it says only that they were.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub not_citizenships: Vec<NotCitizen>,
    /// Whether the person has no citizenship at all.
    pub stateless: Attested<bool>,
    /// Permanent residences outside the United States; taken as all of them.
    pub permanent_residences: Vec<Citizenship>,
    /// Where the person is; `None` when not known.
    pub location: Option<Attested<Country>>,
    /// For whom the person works.
    pub employment: Employment,
    /// Screening of the person and the employer.
    pub party_match: PartyMatch,
    /// On a shared key or service: whether all its users are said to be US persons.
    pub all_users_us_persons: Option<Attested<bool>>,
    /// Facts on which statements contradict each other: unknown in both directions.
    pub conflicting: FactMask,
}

fn is_unsaid(said: &Attested<bool>) -> bool {
    *said == Attested::default()
}

impl PersonFacts {
    /// Nothing known about a natural person.
    pub fn unknown() -> Self {
        Self::default()
    }

    /// Nothing known about whoever uses a key that several people share.
    pub fn shared_key() -> Self {
        Self { kind: SubjectKind::SharedKey, ..Self::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_status_none_is_a_foreign_person() {
        for status in UsStatus::KNOWN {
            assert_eq!(status.is_foreign_person(), Some(status == UsStatus::None), "{status:?}");
            assert_eq!(UsStatus::parse(status.word()), Some(status));
        }
        assert_eq!(UsStatus::Unknown.is_foreign_person(), None);
        assert_eq!(UsStatus::UsPerson.is_foreign_person(), Some(false));
        assert_eq!(UsStatus::parse("us_person"), Some(UsStatus::UsPerson));
    }

    #[test]
    fn what_may_be_several_answers_where_all_of_them_agree() {
        let foreign = |status| status == UsStatus::None;
        let citizen = |status| status == UsStatus::Citizen;
        assert_eq!(UsStatus::UsPerson.all_of(foreign), Some(false));
        assert_eq!(UsStatus::UsPerson.all_of(|status| !foreign(status)), Some(true));
        assert_eq!(UsStatus::UsPerson.all_of(citizen), None);
        assert_eq!(UsStatus::Citizen.all_of(citizen), Some(true));
        assert_eq!(UsStatus::None.all_of(foreign), Some(true));
    }
}
