//! The types of a law file. The committed JSON Schema is generated from them.

use crate::when;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use terms::{
    Activity, Country, EndUse, Instant, InstrumentId, Level, ModelId, PersonId, Question, Relation,
    UpstreamId,
};

/// A law file: any number of instruments, readings and models.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LawFile {
    /// Version of this format; 1.
    pub schema: u32,
    /// Orders with measures.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub directive: Vec<Directive>,
    /// What takes people out of a directive.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exception: Vec<Exception>,
    /// What ends directives.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lifting: Vec<Lifting>,
    /// Permissions granted to a holder.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub licence: Vec<Licence>,
    /// The operator's answers to questions the law leaves open.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reading: Vec<Reading>,
    /// The operator's model catalogue.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub model: Vec<Model>,
}

/// Where an instrument comes from and how it arrived.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The issuing state.
    pub state: Country,
    /// The issuing office.
    pub office: String,
    /// To whom it is addressed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub addressees: Vec<String>,
    /// The reference that may be shown to a refused caller. Without one, callers see none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_reference: Option<String>,
    /// Where the public can read about it (RFC 7725 `Link`, `rel="blocked-by"` names the operator instead).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_url: Option<String>,
    /// SHA-256 of the document received, lower-case hex.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document_sha256: Option<String>,
    /// How it arrived: courier, e-mail, telephone, Federal Register.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// When it arrived.
    #[serde(default, deserialize_with = "when::optional", skip_serializing_if = "Option::is_none")]
    pub received_at: Option<Instant>,
    /// The call that confirmed a letter, which carries no digital signature.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call_back: Option<CallBack>,
}

/// The call-back that confirmed a letter with its issuer.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CallBack {
    /// When the issuer was called, on a number found independently of the letter.
    #[serde(deserialize_with = "when::instant")]
    pub at: Instant,
    /// Who confirmed it, by office.
    pub with: String,
    /// Who called, by role.
    pub by: String,
}

/// The legal form of a directive.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// A notice to one company that a licence is required (for instance 15 CFR 744.22(b)).
    IsInformedLetter,
    /// A published rule.
    Rule,
    /// A statute.
    Statute,
    /// An order of a court.
    CourtOrder,
    /// Notice by word of mouth, to be confirmed in writing.
    Oral,
}

/// Whether the text is law.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Enforced inside its window.
    #[default]
    Law,
    /// Not enacted: flagged, never enforced.
    Bill,
}

/// Which natural persons a directive reaches.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// Everyone.
    Everyone,
    /// Foreign persons, 15 CFR 772.1.
    ForeignPerson,
    /// Whoever is located in one of the countries.
    LocatedIn,
}

/// Who is spared besides those the definition spares.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Exempt {
    /// Only citizens, nationals and protected individuals: a permanent resident who let the naturalisation period
    /// of 8 USC 1324b(a)(3)(B)(i) pass is reached.
    CitizensAndProtected,
}

/// The persons limb of a directive.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Persons {
    /// Which class.
    pub class: Class,
    /// ISO codes and country groups (`D:5`), for `located_in`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub countries: Vec<String>,
    /// For `foreign_person`: who is spared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exempt: Option<Exempt>,
}

/// The destinations limb of a directive.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Destinations {
    /// The directive looks at persons only.
    None,
    /// Anyone outside the United States is in scope too.
    AllOutsideUs,
    /// The text can be read either way: the question `destination_limb`.
    Unspecified,
}

/// An order with measures: who, which models, what activity, from when to when.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Directive {
    /// Unique among instruments.
    pub id: InstrumentId,
    /// For people.
    pub title: String,
    /// Legal form.
    pub form: Form,
    /// Where it comes from.
    pub source: Source,
    /// Whether it is law.
    #[serde(default)]
    pub status: Status,
    /// When it was issued.
    #[serde(deserialize_with = "when::instant")]
    pub issued_at: Instant,
    /// First instant it binds.
    #[serde(deserialize_with = "when::instant")]
    pub effective_from: Instant,
    /// First instant it no longer binds; absent = open.
    #[serde(default, deserialize_with = "when::optional", skip_serializing_if = "Option::is_none")]
    pub effective_until: Option<Instant>,
    /// Models it reaches; `*` = all.
    pub models: Vec<String>,
    /// Activities it reaches; absent = all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub activities: Option<Vec<Activity>>,
    /// End uses it reaches; absent = all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_uses: Option<Vec<EndUse>>,
    /// Persons limb.
    pub persons: Persons,
    /// Destinations limb.
    pub destinations: Destinations,
    /// The provisions it cites, as ids of the authority table.
    #[serde(default)]
    pub authority: Vec<String>,
    /// Evidence it demands where that is stricter than the operator's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_evidence: Option<Level>,
}

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
    pub lifts: Vec<InstrumentId>,
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
}

/// The operator's recorded answer to an open question.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Reading {
    /// Which question.
    pub question: Question,
    /// Which of its options.
    pub choice: String,
    /// Who chose it.
    pub by: String,
    /// Why.
    pub why: String,
}

/// An API dialect.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Dialect {
    /// `/v1/chat/completions`.
    Openai,
    /// `/v1/messages`.
    Anthropic,
}

/// One model of the catalogue.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// As callers name it.
    pub id: ModelId,
    /// For people.
    #[serde(default)]
    pub display_name: String,
    /// Its maker.
    #[serde(default)]
    pub owned_by: String,
    /// The upstream that serves it, by its name in the configuration.
    pub upstream: UpstreamId,
    /// As the upstream names it; absent = the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upstream_model: Option<ModelId>,
    /// Country of the serving site.
    pub served_from: Country,
    /// Dialects the upstream speaks for it.
    pub dialects: Vec<Dialect>,
    /// Treated as restricted even while no instrument reaches it.
    #[serde(default)]
    pub restricted: bool,
    /// Release date shown in model lists, seconds since the epoch.
    #[serde(default)]
    pub created_unix_s: i64,
}
