//! A decision case as the normative text describes it, field for field.
//!
//! These types belong to no engine: each evaluator reads them and makes its own model of them.

pub use crate::day::Day;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use terms::{
    Activity, Country, EndUse, Instant, Level, MissingFact, PartyMatch, Question, Relation, SubjectKind,
    UsStatus,
};

/// One case: who asks for what, under which law, and what must come out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scenario {
    /// Its name.
    pub id: String,
    /// For people.
    #[serde(default)]
    pub title: String,
    /// Instant of the decision.
    pub at: Instant,
    /// The true time is `at` plus or minus this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock_uncertainty_ms: Option<i64>,
    /// Who asks.
    pub subject: Subject,
    /// What for.
    pub request: Request,
    /// Directives on file, in force or not.
    #[serde(default)]
    pub directives: Vec<Directive>,
    /// Licences on file.
    #[serde(default, deserialize_with = "nullable")]
    pub licences: Vec<Licence>,
    /// What the operator has chosen.
    pub operator: Operator,
    /// What must come out; absent in generated scenarios.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<Expected>,
}

/// A value and what supports it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attested<T> {
    /// What is stated.
    pub value: T,
    /// What supports it.
    pub evidence: Level,
}

/// Status under US law.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// What is stated.
    pub value: UsStatus,
    /// What supports it.
    pub evidence: Level,
    /// From here on (exclusive end of validity) the evidence counts as `self`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence_expires: Option<Day>,
}

/// A citizenship or a permanent residence outside the United States.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holding {
    /// Of which country.
    pub country: Country,
    /// Acquired; `None` = unknown date.
    #[serde(default)]
    pub from: Option<Day>,
    /// Lost on that date; `None` = held.
    #[serde(default)]
    pub until: Option<Day>,
    /// What supports it.
    pub evidence: Level,
    /// What supports the loss; absent = `none`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until_evidence: Option<Level>,
    /// Whether the law gives two candidate dates: `from` (origin) and `from_alt` (registration).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub from_disputed: bool,
    /// The date of registration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_alt: Option<Day>,
}

/// A country of which the person is shown to be no citizen now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotCitizen {
    /// Which country.
    pub country: Country,
    /// What supports it.
    pub evidence: Level,
}

/// Where the person is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Location {
    /// `None` = unknown.
    pub country: Option<Country>,
    /// What supports it.
    pub evidence: Level,
}

/// An owner of the employer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Owner {
    /// Its name.
    #[serde(default)]
    pub name: String,
    /// Share in per cent.
    pub percent: f64,
    /// Whether it is on a restricted-party list.
    pub listed: bool,
}

/// For whom the person works.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Employer {
    /// Its name.
    pub name: String,
    /// In which relation.
    #[serde(default)]
    pub relation: Relation,
    /// What supports name, relation, parent and owners.
    pub evidence: Level,
    /// Where it is incorporated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incorporated_in: Option<Country>,
    /// Seat of its ultimate parent; `None` = unknown.
    #[serde(default)]
    pub ultimate_parent_hq: Option<Country>,
    /// Who owns it; what is not listed here is unknown.
    #[serde(default, deserialize_with = "nullable", skip_serializing_if = "Vec::is_empty")]
    pub owners: Vec<Owner>,
}

/// What a customer states about everyone behind a shared key or a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsersAttested {
    /// Whether all of them are US persons.
    pub all_us_persons: bool,
    /// What supports it.
    pub evidence: Level,
}

/// Who asks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Subject {
    /// A person, a shared key or a service.
    pub kind: SubjectKind,
    /// Status under US law.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub us_status: Option<Status>,
    /// Citizenships, also lost ones.
    #[serde(default, deserialize_with = "nullable")]
    pub citizenships: Vec<Holding>,
    /// Whether the list is known to be all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub citizenships_complete: Option<Attested<bool>>,
    /// Whether it is known to be all that are held now; nothing is said of lost ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub citizenships_current: Option<Attested<bool>>,
    /// Countries of which the person is shown to be no citizen now.
    #[serde(default, deserialize_with = "nullable", skip_serializing_if = "Vec::is_empty")]
    pub not_citizenships: Vec<NotCitizen>,
    /// Permanent residences outside the United States.
    #[serde(default, deserialize_with = "nullable")]
    pub permanent_residences: Vec<Holding>,
    /// Whether the person has no citizenship at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stateless: Option<Attested<bool>>,
    /// Where the person is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
    /// For whom the person works; `None` = no employer.
    #[serde(default)]
    pub employer: Option<Employer>,
    /// Identifier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person_id: Option<String>,
    /// Screening of the user or his employer; absent = unscreened.
    #[serde(default, deserialize_with = "nullable")]
    pub party_match: PartyMatch,
    /// Facts on which statements contradict each other.
    #[serde(default, deserialize_with = "nullable", skip_serializing_if = "Vec::is_empty")]
    pub conflicting_facts: Vec<MissingFact>,
    /// On a shared key or a service: what is stated about all users.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub users_attested: Option<UsersAttested>,
}

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// Which model.
    pub model: String,
    /// Which kind of access.
    pub activity: Activity,
    /// What for.
    pub end_use: EndUse,
    /// Country of the serving site.
    pub served_from: Country,
    /// Whether it is a stream.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub streaming: Option<bool>,
    /// When the stream began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Instant>,
}

/// An instant, or an ambiguous local time with the question that settles it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Start {
    /// One instant.
    At(Instant),
    /// A local time that occurs twice.
    Local {
        /// The local time as written.
        local: String,
        /// Its time zone.
        zone: String,
        /// `local_time_fold`.
        question: Question,
        /// The instant under each option, `first` and `second`.
        options: BTreeMap<String, Instant>,
    },
}

/// Which persons a directive reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the words of the normative text")]
pub enum Class {
    Everyone,
    ForeignPerson,
    ForeignNationalUndefined,
    NationalOf,
    LocatedIn,
    NationalOrLocatedIn,
    ListedParty,
    EntityHq,
    #[serde(rename = "us_person_744_6")]
    UsPerson7446,
}

/// Which nationality counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the words of the normative text")]
pub enum NationalityRule {
    MostRecent,
    AnyHeld,
    EverHeld,
    Unspecified,
}

/// The persons limb.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Persons {
    /// Which class.
    pub class: Class,
    /// ISO codes and group names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub countries: Vec<String>,
    /// Which nationality counts; absent = `unspecified`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<NationalityRule>,
    /// Whether whoever is not a foreign person is exempt.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub only_foreign_persons: bool,
    /// `citizens_and_protected`, for `foreign_person`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exempt: Option<String>,
    /// `open` where the text does not say whether China includes Hong Kong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hong_kong: Option<String>,
    /// Threshold in per cent, for `listed_party`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ownership_percent: Option<f64>,
}

/// The destinations limb.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the words of the normative text")]
pub enum Destinations {
    None,
    AllOutsideUs,
    Unspecified,
}

/// Conditions of an exception; all must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the words of the normative text")]
pub struct When {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub models: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_use: Option<Vec<EndUse>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub employer: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relation: Option<Vec<Relation>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub all_nationalities_in: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub located_in: Option<Vec<String>>,
}

/// Takes people out of a directive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exception {
    /// Its name.
    pub id: String,
    /// First instant it is open; absent = since ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Instant>,
    /// First instant it is closed again; absent = open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Instant>,
    /// Its conditions.
    pub when: When,
}

/// An order with measures.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Directive {
    /// Its name.
    pub id: String,
    /// For people.
    #[serde(default)]
    pub title: String,
    /// Legal form.
    #[serde(default)]
    pub form: String,
    /// When it was issued.
    pub issued_at: Instant,
    /// When it begins.
    pub effective_from: Start,
    /// Exclusive end; `None` = open.
    #[serde(default)]
    pub effective_until: Option<Instant>,
    /// `bill` = not law.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Models; `*` = all.
    pub models: Vec<String>,
    /// Activities; absent = all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub activities: Option<Vec<Activity>>,
    /// Persons limb.
    pub persons: Persons,
    /// Destinations limb.
    pub destinations: Destinations,
    /// End uses; absent = all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_uses: Option<Vec<EndUse>>,
    /// Only access from a place other than the serving place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remote_access: Option<bool>,
    /// `if_export`: hosted use is covered only if it is an export.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hosted_inference: Option<String>,
    /// What takes people out.
    #[serde(default, deserialize_with = "nullable")]
    pub exceptions: Vec<Exception>,
    /// Provisions cited.
    #[serde(default, deserialize_with = "nullable")]
    pub authority: Vec<String>,
}

/// A condition of a licence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LicenceCondition {
    /// Its name.
    pub id: String,
    /// `met`, `open` or `breached`.
    pub state: String,
    /// Whether a breach switches the licence off.
    #[serde(default)]
    pub suspends: bool,
}

/// A permission granted to a holder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Licence {
    /// Its name.
    pub id: String,
    /// `issued`, `registered` or `revoked`.
    pub status: String,
    /// Directives it lifts.
    pub lifts: Vec<String>,
    /// Models it covers; `*` = all.
    pub models: Vec<String>,
    /// First instant it lifts.
    pub from: Instant,
    /// Exclusive end; `None` = open.
    #[serde(default)]
    pub until: Option<Instant>,
    /// The firm that holds it.
    pub holder: String,
    /// Persons it names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub persons: Option<Vec<String>>,
    /// Whether it covers the holder's employees.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holder_employees: Option<bool>,
    /// Only for these end uses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_use: Option<Vec<EndUse>>,
    /// Nobody with a current citizenship of one of these.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub excluded_nationalities: Option<Vec<String>>,
    /// Only for those located in one of these.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub located_in: Option<Vec<String>>,
    /// Cap on the number of persons.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_persons: Option<u32>,
    /// Places taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub persons_used: Option<u32>,
    /// Whether the subject holds a place already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enrolled: Option<bool>,
    /// Its conditions.
    #[serde(default, deserialize_with = "nullable")]
    pub conditions: Vec<LicenceCondition>,
}

/// What the operator has chosen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operator {
    /// Level a favourable fact about the person needs.
    pub min_evidence: Level,
    /// Level a favourable place needs.
    pub min_location_evidence: Level,
    /// Answers to open legal questions.
    #[serde(default)]
    pub choices: BTreeMap<Question, String>,
}

/// The question a verdict turns on, and the outcome under each option.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DependsOn {
    /// Which question.
    pub question: Question,
    /// Outcome by option.
    pub options: BTreeMap<String, String>,
}

/// What must come out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expected {
    /// `permit`, `deny`, `verify_first` or `depends`.
    pub outcome: String,
    /// Exact set, for `verify_first`.
    #[serde(default, deserialize_with = "nullable")]
    pub missing_facts: Vec<MissingFact>,
    /// For `depends`.
    #[serde(default)]
    pub depends_on: Option<DependsOn>,
    /// Directives that decide.
    #[serde(default)]
    pub decisive: Option<Vec<String>>,
    /// For people.
    #[serde(default)]
    pub reason: String,
    /// Flags that must be there.
    #[serde(default, deserialize_with = "nullable", skip_serializing_if = "Vec::is_empty")]
    pub flags_include: Vec<String>,
    /// `cut` or `suspend`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stream_action: Option<String>,
}

/// `null` reads as the default.
fn nullable<'de, D: serde::Deserializer<'de>, T: Default + Deserialize<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}
