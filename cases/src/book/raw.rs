//! The TOML forms of a chapter's blocks.

use crate::{Answer, Case};
use anyhow::ensure;
use law::{Book, ListedModel, Policy};
use serde::Deserialize;
use std::collections::BTreeMap;
use terms::{
    Activity, Attested, ClockReading, Country, EndUse, Instant, Level, ModelId, PersonFacts, Question,
    Request,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCase {
    at: String,
    #[serde(default)]
    clock_uncertainty_ms: i64,
    model: ModelId,
    #[serde(default)]
    activity: Activity,
    #[serde(default)]
    end_use: EndUse,
    /// What supports the end use; a case that says nothing takes it as given.
    #[serde(default = "given")]
    end_use_level: Level,
    #[serde(default = "in_the_us")]
    served_from: Country,
    #[serde(default)]
    started_at: Option<String>,
    /// The lines in which the statement is wrong on purpose; absent = it is right.
    #[serde(default)]
    wrong: Vec<String>,
    #[serde(default)]
    person: PersonFacts,
    expect: RawExpect,
}

fn given() -> Level {
    Level::Credential
}

fn in_the_us() -> Country {
    Country::US
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawExpect {
    outcome: String,
    #[serde(default)]
    missing: Vec<String>,
    #[serde(default)]
    decisive: Option<Vec<String>>,
    #[serde(default)]
    question: Option<String>,
    #[serde(default)]
    options: BTreeMap<String, String>,
    #[serde(default)]
    flags: Vec<String>,
    #[serde(default)]
    stream_action: Option<String>,
}

impl From<RawExpect> for Answer {
    fn from(raw: RawExpect) -> Self {
        Self {
            outcome: raw.outcome,
            missing: raw.missing.into_iter().collect(),
            depends_on: raw.question.map(|question| (question, raw.options.into_iter().collect())),
            decisive: raw.decisive.map(|ids| ids.into_iter().collect()),
            flags: raw.flags.into_iter().collect(),
            stream_action: raw.stream_action,
            cautious: false,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawOperator {
    min_evidence: Level,
    min_location_evidence: Level,
    #[serde(default)]
    readings: BTreeMap<Question, String>,
    #[serde(default)]
    name: Option<String>,
}

/// Thresholds and readings of a block `toml operator`.
pub(super) fn operator(text: &str) -> anyhow::Result<Policy> {
    let raw: RawOperator = toml::from_str(text)?;
    let mut policy = Policy {
        min_evidence: raw.min_evidence,
        min_location_evidence: raw.min_location_evidence,
        operator: raw.name,
        ..Policy::default()
    };
    for (question, choice) in raw.readings {
        ensure!(policy.choices.record(question, &choice), "{} has no option {choice}", question.word());
    }
    Ok(policy)
}

/// What a case stands on: the blocks before it.
#[derive(Clone, Default)]
pub(super) struct Ground {
    pub(super) law: Book,
    pub(super) catalogue: Vec<ListedModel>,
    pub(super) policy: Policy,
}

/// A block `toml case`, and the lines in which it is wrong on purpose.
pub(super) fn case(id: &str, text: &str, ground: &Ground) -> anyhow::Result<(Case, Vec<String>)> {
    let raw: RawCase = toml::from_str(text)?;
    let case = Case {
        id: id.to_owned(),
        book: ground.law.clone(),
        policy: ground.policy.clone(),
        model: raw.model,
        catalogue: ground.catalogue.clone(),
        facts: raw.person,
        request: Request {
            model: 0,
            activity: raw.activity,
            end_use: Attested::new(raw.end_use, raw.end_use_level),
            served_from: raw.served_from,
        },
        clock: ClockReading {
            at: Instant::parse(&raw.at)?,
            uncertainty_us: raw.clock_uncertainty_ms.saturating_mul(1000),
        },
        started_at: raw.started_at.as_deref().map(Instant::parse).transpose()?,
        expected: raw.expect.into(),
    };
    Ok((case, raw.wrong))
}
