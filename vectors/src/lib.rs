//! Identity vectors: a directory with `index.json` (clock, profile, expected verdicts), `trust.json` and `cases/`,
//! run case by case against `people`.
//!
//! The format is `douane-identity-vectors/1`. Nothing here decides anything: the inputs go to the verifiers of `people`
//! as they stand, and what comes back is compared.

mod case;
mod compare;
mod derivation;
mod present;
mod secrets;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use people::{Registry, Replay, Verifier};
use serde::Deserialize;
use serde_json::value::RawValue;
use terms::Instant;

use case::{Case, Step};

/// What became of one case.
#[derive(Debug)]
pub struct Outcome {
    /// The case.
    pub id: String,
    /// What differed, with expected and got; empty when it passed.
    pub differences: Vec<String>,
}

#[derive(Deserialize)]
struct Index {
    format: String,
    now: i64,
    gateway: String,
    vp_client_id: String,
    vp_response_uri: String,
    profile: people::Profile,
    trust: String,
    cases: Vec<Expected>,
}

#[derive(Deserialize)]
struct Expected {
    id: String,
    file: String,
    expect: serde_json::Value,
}

/// Runs every case of a directory.
///
/// # Errors
/// When the directory is not of the vectors' form, or names a case that is not there.
pub fn run(dir: &Path) -> Result<Vec<Outcome>> {
    let index: Index = serde_json::from_slice(&read(&dir.join("index.json"))?).context("index.json")?;
    ensure!(index.format == "douane-identity-vectors/1", "format `{}` is not known", index.format);
    let registry = Registry::from_json(&read(&dir.join(&index.trust))?)?;
    let Index { gateway, vp_client_id, vp_response_uri, .. } = index;
    let profile = people::Profile { gateway, vp_client_id, vp_response_uri, ..index.profile };
    let bench = Bench {
        verifier: Verifier::new(registry, profile),
        now: Instant::from_micros(index.now * 1_000_000),
    };
    let mut files = BTreeMap::new();
    index.cases.iter().map(|expected| bench.outcome(dir, expected, &mut files)).collect()
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}

/// Cases of one file by id. Inputs stay raw, so that what is wrong in their JSON is still wrong when it is verified.
type Cases = BTreeMap<String, Case>;

fn cases(dir: &Path, file: &str) -> Result<Cases> {
    let all: Vec<Case> = serde_json::from_slice(&read(&dir.join(file))?).with_context(|| file.to_owned())?;
    Ok(all.into_iter().map(|case| (case.id.clone(), case)).collect())
}

/// Everything that is the same for all cases.
struct Bench {
    verifier: Verifier,
    now: Instant,
}

impl Bench {
    fn outcome(
        &self,
        dir: &Path,
        expected: &Expected,
        files: &mut BTreeMap<String, Cases>,
    ) -> Result<Outcome> {
        if !files.contains_key(&expected.file) {
            files.insert(expected.file.clone(), cases(dir, &expected.file)?);
        }
        let case = files.get(&expected.file).and_then(|cases| cases.get(&expected.id));
        let case = case.with_context(|| format!("{} has no case {}", expected.file, expected.id))?;
        let differences = self.differences(case, &expected.expect).with_context(|| expected.id.clone())?;
        Ok(Outcome { id: expected.id.clone(), differences })
    }

    fn differences(&self, case: &Case, expect: &serde_json::Value) -> Result<Vec<String>> {
        let input: Input = serde_json::from_str(case.input.get())?;
        if input.ask.is_some() {
            return derivation::differences(case.input.get(), expect, self.now);
        }
        let replay = Replay::default();
        let Some(steps) = input.sequence else {
            return self.step(&case.input, case, expect, &replay);
        };
        let expected: Vec<serde_json::Value> = serde_json::from_value(expect["sequence"].clone())?;
        ensure!(steps.len() == expected.len(), "{} steps, {} verdicts", steps.len(), expected.len());
        let mut differences = Vec::new();
        for (number, (step, expect)) in (1..).zip(steps.iter().zip(&expected)) {
            let found = self.step(step, case, expect, &replay)?;
            differences.extend(found.into_iter().map(|difference| format!("step {number}: {difference}")));
        }
        Ok(differences)
    }

    fn step(
        &self,
        input: &RawValue,
        case: &Case,
        expect: &serde_json::Value,
        replay: &Replay,
    ) -> Result<Vec<String>> {
        let step: Step = serde_json::from_str(input.get())?;
        let got = present::present(&self.verifier, &step, &case.context, self.now, replay)?;
        let mut differences = compare::differences(&got, expect)?;
        if let Ok(evidence) = &got {
            differences.extend(secrets::stored(evidence, &step, expect)?);
        }
        Ok(differences)
    }
}

/// What tells the forms of an input apart.
#[derive(Deserialize)]
struct Input {
    sequence: Option<Vec<Box<RawValue>>>,
    ask: Option<serde::de::IgnoredAny>,
}
