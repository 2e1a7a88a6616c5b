//! The table of provisions, `data/law/authorities.toml`.

use crate::groups;
use serde::Deserialize;
use std::sync::LazyLock;
use terms::{CountrySet, EndUse};

/// Whom a provision can bind.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MayReach {
    /// Whoever exports.
    Exporters,
    /// US persons (15 CFR 744.6), in what they do themselves.
    UsPersons,
    /// Anyone.
    Anyone,
}

/// A type of transaction for which a provision can require a licence.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verb {
    /// 15 CFR 734.13.
    Export,
    /// 15 CFR 734.14.
    Reexport,
    /// 15 CFR 734.16.
    TransferInCountry,
    /// 15 CFR 734.13(a)(2).
    DeemedExport,
    /// 15 CFR 744.6.
    UsPersonActivity,
    /// H.R. 2683.
    RemoteAccess,
    /// 50 USC 1702.
    Blocking,
    /// 50 USC 1702.
    Prohibition,
    /// How licences are decided.
    Procedure,
    /// Review with the developer's consent.
    VoluntaryReview,
}

/// How far a row was checked.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verified {
    /// The operative words were read in a stored copy.
    Yes,
    /// Some fields were read, the rest is recalled.
    Part,
    /// Recalled, or from a secondary source.
    No,
}

/// A provision a directive may cite.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Authority {
    /// Its id in the table.
    pub id: String,
    /// Its citation.
    pub citation: String,
    /// What it is about.
    pub title: String,
    /// Whom it can bind.
    pub may_reach: MayReach,
    /// For which types of transaction.
    pub covers: Vec<Verb>,
    reach_countries: Reach,
    /// Within which end uses or other limits.
    pub end_use_limits: Vec<String>,
    /// The same in Korean.
    pub end_use_limits_ko: Vec<String>,
    /// The one type of transaction the limits are for; `None` = all.
    #[serde(default)]
    pub limits_bind_only: Option<Verb>,
    /// End uses that lie inside the limits.
    #[serde(default)]
    pub end_uses: Vec<EndUse>,
    /// What must be true for it to bear a scope.
    pub basis_needed: Vec<String>,
    /// The same in Korean.
    pub basis_needed_ko: Vec<String>,
    /// Whether it bears notices to single companies.
    #[serde(default)]
    pub is_informed: bool,
    /// Whether it reaches listed parties only.
    #[serde(default)]
    pub party_based: bool,
    /// Who says that no section of the regulations implements it.
    #[serde(default)]
    pub not_implemented: Option<String>,
    /// What else to know.
    pub notes: String,
    /// Which copy was read.
    pub source: String,
    /// How far the row was checked.
    pub verified: Verified,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum Reach {
    List(Vec<String>),
    /// Reach told in words ("worldwide"): nothing to compare.
    Words(serde::de::IgnoredAny),
}

/// The form of a notice to a single company.
#[derive(Clone, Debug, Deserialize)]
pub struct IsInformed {
    /// Where it is laid down.
    pub citation: String,
    /// The provision whose text was read, by its id.
    pub rule: String,
    /// By whom notice is given.
    pub office: String,
    /// The same in Korean.
    pub office_ko: String,
    /// Working days within which an oral notice is confirmed in writing.
    pub oral_confirmation_working_days: u8,
    /// How far this was checked.
    pub verified: Verified,
}

#[derive(Deserialize)]
struct Table {
    is_informed: IsInformed,
    authority: Vec<Authority>,
}

static TABLE: LazyLock<Option<Table>> =
    LazyLock::new(|| toml::from_str(include_str!("../../../../data/law/authorities.toml")).ok());

/// The whole table.
pub fn all() -> &'static [Authority] {
    TABLE.as_ref().map(|table| table.authority.as_slice()).unwrap_or_default()
}

/// One provision.
pub fn find(id: &str) -> Option<&'static Authority> {
    all().iter().find(|authority| authority.id == id)
}

/// The form of a notice to a single company.
pub fn is_informed() -> Option<&'static IsInformed> {
    TABLE.as_ref().map(|table| &table.is_informed)
}

impl Authority {
    /// The countries it lists; `None` when its reach is not a list.
    pub fn countries(&self) -> Option<CountrySet> {
        let Reach::List(names) = &self.reach_countries else { return None };
        // A list may also hold a clause in words; only its countries are compared.
        let sets = names.iter().filter_map(|name| groups::resolve(name));
        Some(sets.fold(CountrySet::EMPTY, |a, b| a.union(&b)))
    }

    /// Whether it can require a licence for any of these.
    pub fn covers_any(&self, verbs: &[Verb]) -> bool {
        self.covers.iter().any(|verb| verbs.contains(verb))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_reads_and_its_lists_resolve() {
        assert_eq!(all().len(), 22);
        // 15 CFR 744.22: Belarus, Burma, Cambodia, China (with Hong Kong), Russia, Venezuela, E:1 and E:2.
        let listed = find("ear-744-22-b").unwrap().countries().unwrap();
        assert_eq!(listed.len(), 11);
        assert!(find("ecra-4812").unwrap().countries().is_none());
    }

    #[test]
    fn each_condition_is_said_in_both_languages() {
        for authority in all() {
            assert_eq!(authority.basis_needed.len(), authority.basis_needed_ko.len(), "{}", authority.id);
            assert_eq!(authority.end_use_limits.len(), authority.end_use_limits_ko.len(), "{}", authority.id);
        }
        assert!(find(&is_informed().unwrap().rule).unwrap().is_informed);
    }
}
