//! For whom somebody works, and who stands behind the firm.

use crate::{Country, Level};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// In which relation somebody works for an employer.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Relation {
    /// On the payroll.
    Employee,
    /// Under a contract for services.
    Contractor,
    /// Not known.
    #[default]
    Unknown,
}

impl Relation {
    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "employee" => Some(Self::Employee),
            "contractor" => Some(Self::Contractor),
            "unknown" | "" => Some(Self::Unknown),
            _ => None,
        }
    }
}

/// A share of a firm in millionths of a per cent: 50 per cent is 50,000,000.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize, JsonSchema,
)]
#[serde(from = "f64", into = "f64")]
#[schemars(with = "f64")]
pub struct Share(u32);

impl Share {
    /// All of it.
    pub const WHOLE: Self = Self(100_000_000);

    /// From per cent, to the nearest millionth; what is below 0 or above 100 is taken as that.
    pub fn from_percent(percent: f64) -> Self {
        let millionths = (percent * 1e6).round().clamp(0.0, f64::from(Self::WHOLE.0));
        // Clamped to the range of the type; not a number is nothing.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped above")]
        Self(millionths as u32)
    }

    /// In per cent.
    pub fn percent(self) -> f64 {
        f64::from(self.0) / 1e6
    }

    /// Both together, at most the whole.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0).min(Self::WHOLE.0))
    }

    /// What is left of the whole.
    #[must_use]
    pub fn rest(self) -> Self {
        Self(Self::WHOLE.0.saturating_sub(self.0))
    }
}

impl From<f64> for Share {
    fn from(percent: f64) -> Self {
        Self::from_percent(percent)
    }
}

impl From<Share> for f64 {
    fn from(share: Share) -> Self {
        share.percent()
    }
}

/// What is known about who owns a firm.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ownership {
    /// Share of owners on a restricted-party list, per cent.
    pub listed: Share,
    /// Share of owners known not to be on one, per cent. The rest is not known.
    pub unlisted: Share,
}

/// For whom the person works.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Employer {
    /// The name as supplied.
    pub name: String,
    /// In which relation.
    pub relation: Relation,
    /// What supports name, relation, parent and owners.
    pub level: Level,
    /// Seat of the ultimate parent; `None` when not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ultimate_parent: Option<Country>,
    /// Who owns the firm.
    #[serde(default)]
    pub ownership: Ownership,
}

/// What is known about employment.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Employment {
    /// Nothing is on file.
    #[default]
    Unknown,
    /// Works for nobody.
    NoEmployer,
    /// Works for this employer.
    Works(Employer),
}

/// The form in which employer names are compared: case and runs of white space do not matter.
pub fn employer_key(name: &str) -> String {
    let mut key = String::with_capacity(name.len());
    for word in name.split_whitespace() {
        if !key.is_empty() {
            key.push(' ');
        }
        key.extend(word.chars().flat_map(char::to_lowercase));
    }
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn employer_names_compare_without_case_and_spacing() {
        assert_eq!(employer_key("  Harbor   GRID Co"), "harbor grid co");
        assert_ne!(employer_key("Harbor Grid Co"), employer_key("Harbor Grid"));
    }

    #[test]
    fn shares_add_up_in_decimal() {
        let sum = [49.9, 0.1].map(Share::from_percent).into_iter().fold(Share::default(), Share::plus);
        assert_eq!(sum, Share::from_percent(50.0));
        assert_eq!(sum.rest(), sum);
        assert_eq!(Share::WHOLE.plus(sum), Share::WHOLE);
        assert_eq!(Share::from_percent(f64::NAN), Share::default());
        assert_eq!(Share::from_percent(-3.0).percent(), 0.0);
    }
}
