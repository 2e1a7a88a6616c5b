//! Questions the law leaves open, and the operator's recorded answers.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An open legal question. The order is the order in which questions are named when several matter.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Question {
    /// Does a text silent on destinations also reach anyone outside the United States (15 CFR 734.13(a)(1))?
    DestinationLimb,
    /// What does "foreign national" mean where the text does not define it?
    ForeignNationalMeans,
    /// Is hosted inference an export?
    HostedInferenceIsExport,
    /// Which nationality counts: most recent, any held, ever held?
    NationalityRule,
    /// Which of two dates counts for a citizenship by descent?
    CitizenshipDate,
    /// To which country does a stateless person count?
    StatelessCountry,
    /// Does "employee" include contractors?
    EmployeeMeans,
    /// Does "China" include Hong Kong?
    HongKongIsCn,
    /// Is access remote from another site, or only from another country?
    RemoteLocationUnit,
    /// Which of two instants does an ambiguous local time mean?
    LocalTimeFold,
}

impl Question {
    /// Every question, in order.
    pub const ALL: [Self; 10] = [
        Self::DestinationLimb,
        Self::ForeignNationalMeans,
        Self::HostedInferenceIsExport,
        Self::NationalityRule,
        Self::CitizenshipDate,
        Self::StatelessCountry,
        Self::EmployeeMeans,
        Self::HongKongIsCn,
        Self::RemoteLocationUnit,
        Self::LocalTimeFold,
    ];

    /// The word used in files and on the wire.
    pub const fn word(self) -> &'static str {
        match self {
            Self::DestinationLimb => "destination_limb",
            Self::ForeignNationalMeans => "foreign_national_means",
            Self::HostedInferenceIsExport => "hosted_inference_is_export",
            Self::NationalityRule => "nationality_rule",
            Self::CitizenshipDate => "citizenship_date",
            Self::StatelessCountry => "stateless_country",
            Self::EmployeeMeans => "employee_means",
            Self::HongKongIsCn => "hong_kong_is_cn",
            Self::RemoteLocationUnit => "remote_location_unit",
            Self::LocalTimeFold => "local_time_fold",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|question| question.word() == word)
    }

    /// The answers the operator may record; a choice is its position in this list.
    pub const fn options(self) -> &'static [&'static str] {
        match self {
            Self::DestinationLimb => &["apply", "person_only"],
            Self::ForeignNationalMeans => &["ear_772_1", "not_us_citizen_or_national"],
            Self::HostedInferenceIsExport | Self::HongKongIsCn => &["yes", "no"],
            Self::NationalityRule => &["most_recent", "any_held", "ever_held"],
            Self::CitizenshipDate => &["origin", "registration"],
            Self::StatelessCountry => &["residence", "none"],
            Self::EmployeeMeans => &["payroll_only", "includes_contractors"],
            Self::RemoteLocationUnit => &["site", "country"],
            Self::LocalTimeFold => &["first", "second"],
        }
    }

    /// The question in words, for officers.
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::DestinationLimb => {
                "does the text also reach anyone outside the United States, whoever they are?"
            }
            Self::ForeignNationalMeans => {
                "what does \"foreign national\" mean where the text does not define it?"
            }
            Self::HostedInferenceIsExport => "is hosted inference an export?",
            Self::NationalityRule => "which nationality counts: the most recent, any held, or ever held?",
            Self::CitizenshipDate => "which date counts for a citizenship with two candidate dates?",
            Self::StatelessCountry => "to which country does a stateless person count?",
            Self::EmployeeMeans => "does \"employee\" include contractors?",
            Self::HongKongIsCn => "does \"China\" include Hong Kong?",
            Self::RemoteLocationUnit => "is access remote from another site, or only from another country?",
            Self::LocalTimeFold => "which of two instants does the ambiguous local time mean?",
        }
    }
}

/// The operator's recorded choices, by question.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Choices([Option<u8>; 10]);

impl Choices {
    /// The recorded choice, as a position in [`Question::options`].
    pub fn get(&self, question: Question) -> Option<u8> {
        self.0.get(question as usize).copied().flatten()
    }

    /// The recorded choice as a word.
    pub fn word(&self, question: Question) -> Option<&'static str> {
        self.get(question).and_then(|choice| question.options().get(usize::from(choice)).copied())
    }

    /// The same choices with one more recorded.
    #[must_use]
    pub fn with(mut self, question: Question, choice: u8) -> Self {
        if let Some(slot) = self.0.get_mut(question as usize) {
            *slot = Some(choice);
        }
        self
    }

    /// Records a choice by its word; false when the question has no such option.
    pub fn record(&mut self, question: Question, word: &str) -> bool {
        let choice = question.options().iter().position(|option| *option == word);
        let Some(choice) = choice.and_then(|position| u8::try_from(position).ok()) else { return false };
        *self = self.with(question, choice);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_read_back() {
        let mut choices = Choices::default();
        assert!(!choices.record(Question::DestinationLimb, "maybe"));
        for question in Question::ALL {
            assert_eq!(Question::parse(question.word()), Some(question));
            for option in question.options() {
                assert!(choices.record(question, option));
                assert_eq!(choices.word(question), Some(*option));
            }
        }
    }
}
