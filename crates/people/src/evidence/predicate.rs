//! Questions with three answers.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize, Serializer};
use terms::Country;

use super::Nationality;

/// Yes, no, or not known. Yes and no need positive support.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// Supported.
    Yes,
    /// The opposite is supported.
    No,
    /// Neither is.
    #[default]
    Unknown,
}

impl Answer {
    /// `yes`, `no` or `unknown`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Unknown => "unknown",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Yes, Self::No, Self::Unknown].into_iter().find(|answer| answer.word() == word)
    }

    /// Both of two sources of the same strength: a contradiction is not known, and silence adds nothing.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (answer, Self::Unknown) | (Self::Unknown, answer) => answer,
            (one, two) if one == two => one,
            _ => Self::Unknown,
        }
    }
}

/// A question about a person, under one legal definition.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Predicate {
    /// Citizen, national, permanent resident or protected individual of the United States: whoever is no foreign
    /// person of 15 CFR 772.1.
    UsPerson,
    /// US person of 15 CFR 744.6, which also holds whoever is in the United States.
    UsPerson7446,
    /// Holds this nationality now.
    NationalOf(Country),
    /// Holds this nationality as the most recent one.
    MostRecentOf(Country),
    /// Holds or ever held this nationality.
    EverHeld(Country),
    /// Has permanent residence there.
    ResidentOf(Country),
    /// Works for this organisation, as its registry key.
    EmployedBy(String),
}

impl fmt::Display for Predicate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UsPerson => f.write_str("us_person"),
            Self::UsPerson7446 => f.write_str("us_person_744_6"),
            Self::NationalOf(country) => write!(f, "national_of:{country}"),
            Self::MostRecentOf(country) => write!(f, "most_recent_national_of:{country}"),
            Self::EverHeld(country) => write!(f, "ever_national_of:{country}"),
            Self::ResidentOf(country) => write!(f, "resident_of:{country}"),
            Self::EmployedBy(org) => write!(f, "employed_by:{org}"),
        }
    }
}

/// Why a text is no predicate.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum BadPredicate {
    /// No question of this name is known.
    #[error("no such predicate: use us_person, us_person_744_6, or national_of: with a country code")]
    Name,
    /// The question is known; what stands after the colon is no country or organisation.
    #[error("the part after the colon is no country code, or is empty")]
    Argument,
}

impl FromStr for Predicate {
    type Err = BadPredicate;

    fn from_str(text: &str) -> Result<Self, BadPredicate> {
        let Some((name, argument)) = text.split_once(':') else {
            return match text {
                "us_person" => Ok(Self::UsPerson),
                "us_person_744_6" => Ok(Self::UsPerson7446),
                _ => Err(BadPredicate::Name),
            };
        };
        let country = || match Nationality::read(argument) {
            Some(Nationality::Of(country)) => Ok(country),
            _ => Err(BadPredicate::Argument),
        };
        match name {
            "national_of" => country().map(Self::NationalOf),
            "most_recent_national_of" => country().map(Self::MostRecentOf),
            "ever_national_of" => country().map(Self::EverHeld),
            "resident_of" => country().map(Self::ResidentOf),
            "employed_by" if !argument.is_empty() => Ok(Self::EmployedBy(argument.to_owned())),
            "employed_by" => Err(BadPredicate::Argument),
            _ => Err(BadPredicate::Name),
        }
    }
}

impl Serialize for Predicate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn predicates_read_back() {
        for text in [
            "us_person",
            "us_person_744_6",
            "national_of:DE",
            "most_recent_national_of:CN",
            "ever_national_of:IR",
            "resident_of:US",
            "employed_by:org-1",
        ] {
            assert_eq!(text.parse::<Predicate>().unwrap().to_string(), text);
        }
        assert_eq!("national_of:DEU".parse::<Predicate>().unwrap().to_string(), "national_of:DE");
    }

    #[test]
    fn unknown_names_and_arguments_are_told_apart() {
        assert_eq!("citizen_of:DE".parse::<Predicate>(), Err(BadPredicate::Name));
        assert_eq!("us_person:DE".parse::<Predicate>(), Err(BadPredicate::Name));
        for text in ["national_of:", "national_of:XXA", "national_of:de", "employed_by:"] {
            assert_eq!(text.parse::<Predicate>(), Err(BadPredicate::Argument), "{text}");
        }
    }

    #[test]
    fn a_contradiction_is_not_known() {
        assert_eq!(Answer::Yes.and(Answer::No), Answer::Unknown);
        assert_eq!(Answer::Yes.and(Answer::Unknown), Answer::Yes);
        assert_eq!(Answer::No.and(Answer::No), Answer::No);
    }
}
