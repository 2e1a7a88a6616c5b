//! What takes people out of a directive: exceptions, licences, stays; and what ends it.

use super::Source;
use crate::when;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use terms::{EndUse, Instant, InstrumentId, PersonId, Relation};

/// The conditions of an exception; all that are given must hold.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// Only for these models.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub models: Option<Vec<String>>,
    /// Only for these end uses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_use: Option<Vec<EndUse>>,
    /// Only for those working for one of these employers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub employer: Option<Vec<String>>,
    /// Only in one of these relations.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relation: Option<Vec<Relation>>,
    /// Only if every current citizenship is one of these (ISO codes and groups).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub all_nationalities_in: Option<Vec<String>>,
    /// Only for those located in one of these (ISO codes and groups).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub located_in: Option<Vec<String>>,
    /// Only for permanent residents of one of these (ISO codes and groups), the United States not among them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permanent_resident_of: Option<Vec<String>>,
}

/// Takes people out of one directive.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Exception {
    /// Unique among instruments.
    pub id: InstrumentId,
    /// For people.
    #[serde(default)]
    pub title: String,
    /// The directive it opens.
    pub directive: InstrumentId,
    /// Where it comes from; absent when it stands in the directive itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    /// First instant it relieves; absent = since ever.
    #[serde(default, deserialize_with = "when::optional", skip_serializing_if = "Option::is_none")]
    pub from: Option<Instant>,
    /// First instant it no longer relieves; absent = open.
    #[serde(default, deserialize_with = "when::optional", skip_serializing_if = "Option::is_none")]
    pub until: Option<Instant>,
    /// Its conditions.
    pub when: Condition,
}

/// Ends directives.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Lifting {
    /// Unique among instruments.
    pub id: InstrumentId,
    /// For people.
    #[serde(default)]
    pub title: String,
    /// The directives it ends.
    pub directives: Vec<InstrumentId>,
    /// First instant they no longer bind.
    #[serde(deserialize_with = "when::instant")]
    pub at: Instant,
    /// Where it comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
}

/// A court order that suspends directives, wholly or for the parties it names.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Stay {
    /// Unique among instruments.
    pub id: InstrumentId,
    /// For people.
    #[serde(default)]
    pub title: String,
    /// The directives it suspends.
    pub directives: Vec<InstrumentId>,
    /// The court.
    pub source: Source,
    /// First instant it suspends.
    #[serde(deserialize_with = "when::instant")]
    pub from: Instant,
    /// First instant it no longer suspends; absent = open.
    #[serde(default, deserialize_with = "when::optional", skip_serializing_if = "Option::is_none")]
    pub until: Option<Instant>,
    /// Only for those working for these firms, in any relation, or named in `persons`; both absent = for everyone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parties: Option<Vec<String>>,
    /// Only for these persons, or those working for `parties`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub persons: Option<Vec<PersonId>>,
    /// Narrower still: all of these must hold.
    #[serde(default)]
    pub when: Condition,
}

/// How a condition of a licence stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ConditionState {
    /// Done.
    Met,
    /// Not due yet.
    #[default]
    Open,
    /// Broken.
    Breached,
}

/// A condition of a licence.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LicenceCondition {
    /// Unique in the licence.
    pub id: String,
    /// What it demands, for people.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// How it stands.
    #[serde(default)]
    pub state: ConditionState,
    /// Whether a breach switches the licence off.
    #[serde(default)]
    pub suspends: bool,
}

/// State of a licence.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LicenceStatus {
    /// Granted: the only state that lifts anything.
    Issued,
    /// Applied for.
    Registered,
    /// Taken back.
    Revoked,
}

/// A permission granted to a holder; lifts only the directives it names, inside all its terms.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Licence {
    /// Unique among instruments.
    pub id: InstrumentId,
    /// Its state.
    pub status: LicenceStatus,
    /// The directives it lifts.
    pub lifts: Arc<[InstrumentId]>,
    /// Models it covers; `*` = all.
    pub models: Vec<String>,
    /// First instant it lifts.
    #[serde(deserialize_with = "when::instant")]
    pub from: Instant,
    /// First instant it no longer lifts; absent = open.
    #[serde(default, deserialize_with = "when::optional", skip_serializing_if = "Option::is_none")]
    pub until: Option<Instant>,
    /// The firm that holds it.
    pub holder: String,
    /// Persons it names; they need not work for the holder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub persons: Option<Vec<PersonId>>,
    /// Whether it covers the holder's employees.
    #[serde(default)]
    pub holder_employees: bool,
    /// Only for these end uses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_use: Option<Vec<EndUse>>,
    /// Nobody with a current citizenship of one of these (ISO codes and groups).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub excluded_nationalities: Option<Vec<String>>,
    /// Only for those located in one of these (ISO codes and groups).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub located_in: Option<Vec<String>>,
    /// At most so many persons.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_persons: Option<u32>,
    /// Places taken; absent = as many as are enrolled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub persons_used: Option<u32>,
    /// Persons who hold a place.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub enrolled: Vec<PersonId>,
    /// Its conditions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<LicenceCondition>,
}

impl Licence {
    /// Whether it lifts anything: issued, and no suspensive condition broken.
    pub fn is_live(&self) -> bool {
        let broken =
            |condition: &LicenceCondition| condition.suspends && condition.state == ConditionState::Breached;
        self.status == LicenceStatus::Issued && !self.conditions.iter().any(broken)
    }

    /// Whether every place is taken: only who is enrolled is covered then.
    pub fn is_full(&self) -> bool {
        let used =
            self.persons_used.unwrap_or_else(|| u32::try_from(self.enrolled.len()).unwrap_or(u32::MAX));
        self.max_persons.is_some_and(|max| used >= max)
    }
}
