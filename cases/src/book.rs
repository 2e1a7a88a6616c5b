//! The casebook in Markdown.
//!
//! A chapter is a file. Its first fenced block `toml law` is a law file; a block `toml operator` sets thresholds and
//! readings for the cases that follow. Each heading `## ...` with a block `toml case` below it is one case:
//!
//! ```toml
//! at = "2026-06-15T12:00:00Z"
//! model = "fable-5"
//! [person]
//! us_status = { value = "none", level = "document" }
//! [expect]
//! outcome = "deny"
//! decisive = ["us-2026-06-12"]
//! ```

use crate::{Answer, Case};
use anyhow::{Context, ensure};
use law::{Book, LawFile, Policy};
use serde::Deserialize;
use std::collections::BTreeMap;
use terms::{
    Activity, ClockReading, Country, EndUse, Instant, Level, ModelId, PersonFacts, Question, Request,
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
    #[serde(default)]
    started_at: Option<String>,
    #[serde(default)]
    person: PersonFacts,
    expect: RawExpect,
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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawOperator {
    min_evidence: Level,
    min_location_evidence: Level,
    #[serde(default)]
    readings: BTreeMap<Question, String>,
}

/// A fenced block: the words after the fence, the text, the heading above it.
struct Block<'a> {
    info: &'a str,
    text: String,
    heading: &'a str,
}

/// Reads a chapter.
pub fn read(markdown: &str) -> anyhow::Result<Vec<Case>> {
    let mut law = Book::default();
    let mut policy = Policy::default();
    let mut cases = Vec::new();
    for block in blocks(markdown)? {
        match block.info {
            "toml law" => law.add(&law_file(&block.text)?),
            "toml operator" => policy = operator(&block.text)?,
            "toml case" => {
                let case =
                    case(&block, &law, &policy).with_context(|| format!("case `{}`", block.heading))?;
                cases.push(case);
            }
            other => {
                ensure!(!other.starts_with("toml "), "unknown block `{other}` below `{}`", block.heading)
            }
        }
    }
    ensure!(!cases.is_empty(), "the chapter has no case");
    Ok(cases)
}

fn blocks(markdown: &str) -> anyhow::Result<Vec<Block<'_>>> {
    let mut blocks = Vec::new();
    let mut heading = "";
    let mut open: Option<Block<'_>> = None;
    for line in markdown.lines() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(info)) => open = Some(Block { info: info.trim(), text: String::new(), heading }),
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (Some(block), None) => {
                block.text.push_str(line);
                block.text.push('\n');
            }
            (None, None) => {
                if let Some(title) = line.strip_prefix("## ") {
                    heading = title.trim();
                }
            }
        }
    }
    ensure!(open.is_none(), "a fenced block below `{heading}` is not closed");
    Ok(blocks)
}

fn law_file(text: &str) -> anyhow::Result<LawFile> {
    let report = law::lint::check(text, &law::lint::Context::default());
    ensure!(!report.has_errors(), "law block: {:?}", report.diagnostics);
    report.file.context("law block cannot be read")
}

fn operator(text: &str) -> anyhow::Result<Policy> {
    let raw: RawOperator = toml::from_str(text)?;
    let mut policy = Policy {
        min_evidence: raw.min_evidence,
        min_location_evidence: raw.min_location_evidence,
        ..Policy::default()
    };
    for (question, choice) in raw.readings {
        ensure!(policy.choices.record(question, &choice), "{} has no option {choice}", question.word());
    }
    Ok(policy)
}

fn case(block: &Block<'_>, law: &Book, policy: &Policy) -> anyhow::Result<Case> {
    let raw: RawCase = toml::from_str(&block.text)?;
    Ok(Case {
        id: block.heading.to_owned(),
        book: law.clone(),
        policy: *policy,
        model: raw.model,
        facts: raw.person,
        request: Request { model: 0, activity: raw.activity, end_use: raw.end_use, served_from: Country::US },
        clock: ClockReading {
            at: Instant::parse(&raw.at)?,
            uncertainty_us: raw.clock_uncertainty_ms.saturating_mul(1000),
        },
        started_at: raw.started_at.as_deref().map(Instant::parse).transpose()?,
        expected: Answer {
            outcome: raw.expect.outcome,
            missing: raw.expect.missing.into_iter().collect(),
            depends_on: raw
                .expect
                .question
                .map(|question| (question, raw.expect.options.into_iter().collect())),
            decisive: raw.expect.decisive.map(|ids| ids.into_iter().collect()),
            flags: raw.expect.flags.into_iter().collect(),
            stream_action: raw.expect.stream_action,
        },
    })
}
