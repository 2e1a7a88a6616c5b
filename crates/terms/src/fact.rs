//! The names of facts a verdict may lack.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A fact whose absence can leave a verdict at `verify_first`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MissingFact {
    /// Citizen, national, permanent resident or protected individual (15 CFR 772.1), or none of these.
    UsStatus,
    /// Which citizenships the person holds, and that the list is complete.
    Citizenships,
    /// When citizenships and permanent residencies were acquired.
    AcquisitionDates,
    /// That a citizenship was lost.
    ProofOfLoss,
    /// Where the person is.
    Location,
    /// What the model is used for.
    EndUse,
    /// For whom the person works, and in which relation.
    Employment,
    /// Who owns the employer.
    Ownership,
    /// Where the employer's ultimate parent has its seat.
    EmployerUltimateParent,
    /// Which human stands behind a shared key or a service.
    NaturalPerson,
    /// Whether a possible match on a restricted-party list is the person.
    PartyIdentity,
    /// A screening against the restricted-party lists.
    Screening,
}

impl MissingFact {
    /// Every fact, in the order of the glossary.
    pub const ALL: [Self; 12] = [
        Self::UsStatus,
        Self::Citizenships,
        Self::AcquisitionDates,
        Self::ProofOfLoss,
        Self::Location,
        Self::EndUse,
        Self::Employment,
        Self::Ownership,
        Self::EmployerUltimateParent,
        Self::NaturalPerson,
        Self::PartyIdentity,
        Self::Screening,
    ];

    /// The word used in files and on the wire.
    pub const fn word(self) -> &'static str {
        match self {
            Self::UsStatus => "us_status",
            Self::Citizenships => "citizenships",
            Self::AcquisitionDates => "acquisition_dates",
            Self::ProofOfLoss => "proof_of_loss",
            Self::Location => "location",
            Self::EndUse => "end_use",
            Self::Employment => "employment",
            Self::Ownership => "ownership",
            Self::EmployerUltimateParent => "employer_ultimate_parent",
            Self::NaturalPerson => "natural_person",
            Self::PartyIdentity => "party_identity",
            Self::Screening => "screening",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|fact| fact.word() == word)
    }
}

/// A set of facts; written as the list of their words.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(from = "Vec<MissingFact>", into = "Vec<MissingFact>")]
pub struct FactMask(u16);

impl FactMask {
    /// No fact.
    pub const EMPTY: Self = Self(0);

    /// The set with this fact added.
    #[must_use]
    pub const fn with(self, fact: MissingFact) -> Self {
        Self(self.0 | 1 << fact as u16)
    }

    /// Facts in either set.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether the fact is in the set.
    pub const fn contains(self, fact: MissingFact) -> bool {
        self.0 & (1 << fact as u16) != 0
    }

    /// Whether the set is empty.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Its facts, in the order of the glossary.
    pub fn iter(self) -> impl Iterator<Item = MissingFact> {
        MissingFact::ALL.into_iter().filter(move |fact| self.contains(*fact))
    }
}

impl FromIterator<MissingFact> for FactMask {
    fn from_iter<I: IntoIterator<Item = MissingFact>>(facts: I) -> Self {
        facts.into_iter().fold(Self::EMPTY, Self::with)
    }
}

impl JsonSchema for FactMask {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "FactMask".into()
    }
    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        Vec::<MissingFact>::json_schema(generator)
    }
}

impl From<Vec<MissingFact>> for FactMask {
    fn from(facts: Vec<MissingFact>) -> Self {
        facts.into_iter().collect()
    }
}

impl From<FactMask> for Vec<MissingFact> {
    fn from(mask: FactMask) -> Self {
        mask.iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_hold_each_fact_apart() {
        for fact in MissingFact::ALL {
            let mask = FactMask::EMPTY.with(fact);
            assert_eq!(mask.iter().collect::<Vec<_>>(), [fact]);
            assert_eq!(MissingFact::parse(fact.word()), Some(fact));
        }
    }
}
