//! Cases of the ledger: evidence on file, and questions asked of all of it.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use people::derive::{OnFile, State, derive};
use people::{Facts, Predicate, strength};
use serde::Deserialize;
use serde_json::{Value, json};
use terms::Instant;

use crate::compare::answer;

#[derive(Deserialize)]
struct Input {
    evidence: Vec<Record>,
    ask: Vec<String>,
}

#[derive(Deserialize)]
struct Record {
    evidence_id: String,
    strength: String,
    state: String,
    valid_until: i64,
    nationalities: Option<Vec<String>>,
    #[serde(default)]
    nationalities_complete: bool,
    #[serde(default)]
    predicates: BTreeMap<String, String>,
}

/// Each difference, with expected and got.
pub fn differences(input: &str, expect: &Value, now: Instant) -> Result<Vec<String>> {
    let input: Input = serde_json::from_str(input)?;
    let facts = input.evidence.iter().map(Record::facts).collect::<Result<Vec<_>>>()?;
    let on_file: Vec<OnFile<'_>> = input
        .evidence
        .iter()
        .zip(&facts)
        .map(|(record, facts)| record.on_file(facts))
        .collect::<Result<_>>()?;
    let mut found = Vec::new();
    for name in &input.ask {
        let predicate: Predicate = name.parse().with_context(|| name.clone())?;
        let derived = derive(&on_file, &predicate, now);
        let got = json!({
            "answer": derived.answer.word(),
            "strength": derived.level.and_then(strength::word),
            "conflict": derived.conflict,
            "used": derived.used,
        });
        let expected = expect.get(name).with_context(|| format!("no verdict for {name}"))?;
        if *expected != got {
            found.push(format!("{name}: expected {expected}, got {got}"));
        }
    }
    Ok(found)
}

impl Record {
    fn facts(&self) -> Result<Facts> {
        let stated =
            self.predicates.iter().map(|(name, word)| Ok((name.parse::<Predicate>()?, answer(word)?)));
        let stated = Facts::stated(stated.collect::<Result<Vec<_>>>()?);
        match &self.nationalities {
            Some(codes) => {
                let codes = codes.iter().map(String::as_str);
                Ok(stated.with_nationalities(codes, self.nationalities_complete)?)
            }
            None => Ok(stated),
        }
    }

    fn on_file<'a>(&'a self, facts: &'a Facts) -> Result<OnFile<'a>> {
        let state = match self.state.as_str() {
            "active" => State::Active,
            "suspended" => State::Suspended,
            "revoked" => State::Revoked,
            "superseded" => State::Superseded,
            other => bail!("state `{other}` is not known"),
        };
        Ok(OnFile {
            id: &self.evidence_id,
            level: strength::parse(&self.strength).context("strength")?,
            state,
            valid_until: Instant::from_micros(self.valid_until * 1_000_000),
            facts,
        })
    }
}
