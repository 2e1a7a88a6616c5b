//! Orders: directives, and duties to serve.

use super::Source;
use crate::when;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use terms::{Activity, Capability, EndUse, Instant, InstrumentId, Level, Share};

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
    /// "Foreign nationals", without a definition: the question `foreign_national_means`.
    ForeignNationalUndefined,
    /// Nationals of one of the countries.
    NationalOf,
    /// Whoever is located in one of the countries.
    LocatedIn,
    /// Either of the two.
    NationalOrLocatedIn,
    /// Parties on a restricted-party list, and staff of firms that listed parties own.
    ListedParty,
    /// Staff of firms whose ultimate parent has its seat in one of the countries.
    EntityHq,
    /// US persons, 15 CFR 744.6: citizens, nationals, residents and protected individuals anywhere, and anybody in
    /// the United States.
    #[serde(rename = "us_person_744_6")]
    UsPerson7446,
    /// Staff of the firms the directive itself names.
    EmployedBy,
}

impl Class {
    /// The word used in files.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Everyone => "everyone",
            Self::ForeignPerson => "foreign_person",
            Self::ForeignNationalUndefined => "foreign_national_undefined",
            Self::NationalOf => "national_of",
            Self::LocatedIn => "located_in",
            Self::NationalOrLocatedIn => "national_or_located_in",
            Self::ListedParty => "listed_party",
            Self::EntityHq => "entity_hq",
            Self::UsPerson7446 => "us_person_744_6",
            Self::EmployedBy => "employed_by",
        }
    }

    /// Whether the class is said in terms of countries.
    pub const fn names_countries(self) -> bool {
        matches!(self, Self::NationalOf | Self::LocatedIn | Self::NationalOrLocatedIn | Self::EntityHq)
    }

    /// Whether the class looks at nationality.
    pub const fn looks_at_nationality(self) -> bool {
        matches!(self, Self::NationalOf | Self::NationalOrLocatedIn)
    }
}

/// Which nationality counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NationalityRule {
    /// The latest among current citizenships and permanent residencies (15 CFR 734.13(b)).
    MostRecent,
    /// Any current citizenship.
    AnyHeld,
    /// Any citizenship held, also a past one (22 CFR 120.51(b)).
    EverHeld,
    /// The text does not say: the question `nationality_rule`.
    #[default]
    Unspecified,
}

/// Whether "China" includes Hong Kong.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum HongKong {
    /// The text does not say: the question `hong_kong_is_cn`.
    Open,
}

/// Whether hosted use is covered.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum HostedInference {
    /// Only if it is an export: the question `hosted_inference_is_export`.
    IfExport,
}

impl HostedInference {
    /// The activity it speaks of, by discriminant.
    pub(crate) const ACTIVITY: u8 = Activity::HostedInference as u8;
}

/// When a directive begins.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Start {
    /// At this instant.
    At(#[serde(deserialize_with = "when::instant")] Instant),
    /// At a local time that occurs twice, when clocks are set back: the question `local_time_fold`.
    Fold(Fold),
}

/// A local time that occurs twice.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Fold {
    /// The local time as written, such as `2026-11-01T01:30:00`.
    pub local: String,
    /// Its time zone, such as `America/New_York`.
    pub zone: String,
    /// The two instants it may mean.
    pub options: FoldOptions,
}

/// The two instants an ambiguous local time may mean.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FoldOptions {
    /// Before the clocks are set back.
    #[serde(deserialize_with = "when::instant")]
    pub first: Instant,
    /// After.
    #[serde(deserialize_with = "when::instant")]
    pub second: Instant,
}

impl Start {
    /// The earliest instant it may mean.
    pub fn earliest(&self) -> Instant {
        match self {
            Self::At(at) => *at,
            Self::Fold(fold) => fold.options.first.min(fold.options.second),
        }
    }

    /// The latest instant it may mean.
    pub fn latest(&self) -> Instant {
        match self {
            Self::At(at) => *at,
            Self::Fold(fold) => fold.options.first.max(fold.options.second),
        }
    }
}

impl From<Instant> for Start {
    fn from(at: Instant) -> Self {
        Self::At(at)
    }
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
    /// ISO codes and country groups (`D:5`), for the classes that name countries.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub countries: Vec<String>,
    /// Which nationality counts; absent = the text does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<NationalityRule>,
    /// For the nationality limb: whether whoever is not a foreign person (15 CFR 772.1) is spared.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub only_foreign_persons: bool,
    /// Whether "China" includes Hong Kong; absent = it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hong_kong: Option<HongKong>,
    /// For `listed_party`: staff of firms owned by listed parties to at least this many per cent together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ownership_percent: Option<Share>,
    /// For `employed_by`: the firms.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub employers: Vec<String>,
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
    pub effective_from: Start,
    /// First instant it no longer binds; absent = open.
    #[serde(default, deserialize_with = "when::optional", skip_serializing_if = "Option::is_none")]
    pub effective_until: Option<Instant>,
    /// Models it names; `*` = all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub models: Vec<String>,
    /// Models it reaches by what they can do: those of the catalogue with one of these tags, at the tier or above.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub capabilities: Vec<Capability>,
    /// The capability its text gives as the reason; reaches nothing by itself, compared by the equal-treatment check.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub criterion: Vec<Capability>,
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
    /// Only access from a place other than the serving place (the verb of H.R. 2683).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub remote_access: bool,
    /// Whether hosted use is covered; absent = it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hosted_inference: Option<HostedInference>,
    /// The provisions it cites, as ids of the authority table.
    #[serde(default)]
    pub authority: Vec<String>,
    /// Evidence it demands where that is stricter than the operator's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_evidence: Option<Level>,
}

/// An order to serve: what makes refusing unlawful somewhere else. It never opens a directive; a conflict of the two
/// is reported before activation.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ServiceDuty {
    /// Unique among instruments.
    pub id: InstrumentId,
    /// For people.
    pub title: String,
    /// Where it comes from.
    pub source: Source,
    /// First instant it binds.
    #[serde(deserialize_with = "when::instant")]
    pub from: Instant,
    /// First instant it no longer binds; absent = open.
    #[serde(default, deserialize_with = "when::optional", skip_serializing_if = "Option::is_none")]
    pub until: Option<Instant>,
    /// Models that must be served; `*` = all.
    pub models: Vec<String>,
    /// Who must be served.
    pub persons: Persons,
}

/// The operator's choice to enforce a directive that is addressed to somebody else.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Adoption {
    /// Unique among instruments.
    pub id: InstrumentId,
    /// The directive.
    pub directive: InstrumentId,
    /// Who chose it.
    pub by: String,
    /// Why.
    pub why: String,
}
