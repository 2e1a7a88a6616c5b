//! Compares what became of a presentation with the expected verdict.

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use people::{Answer, Evidence, Flag, Predicate, Refusal, strength};
use serde::Deserialize;
use serde_json::{Value, json};

/// An expected verdict. What is absent is not compared, except flags: none are expected then.
#[derive(Deserialize)]
struct Expected {
    verdict: String,
    #[serde(default)]
    errors: Vec<String>,
    strength: Option<String>,
    facts: Option<Value>,
    predicates: Option<std::collections::BTreeMap<String, String>>,
    #[serde(default)]
    flags: BTreeSet<String>,
    bound_to: Option<Value>,
    subject: Option<String>,
    actor: Option<Vec<String>>,
}

/// Each difference, with expected and got.
pub fn differences(got: &Result<Evidence, Refusal>, expect: &Value) -> Result<Vec<String>> {
    let expected: Expected = serde_json::from_value(expect.clone()).context("expected verdict")?;
    Ok(match (expected.verdict.as_str(), got) {
        ("reject", Err(refusal)) if expected.errors.iter().any(|code| code == refusal.code()) => Vec::new(),
        ("accept", Ok(evidence)) => expected.differences(evidence)?,
        (verdict, Ok(_)) => vec![format!("expected {verdict} {:?}, got evidence", expected.errors)],
        (verdict, Err(refusal)) => vec![format!("expected {verdict} {:?}, got `{refusal}`", expected.errors)],
    })
}

impl Expected {
    fn differences(&self, evidence: &Evidence) -> Result<Vec<String>> {
        let mut found = Vec::new();
        let mut compare = |what: &str, expected: Value, got: Value| {
            if expected != got {
                found.push(format!("{what}: expected {expected}, got {got}"));
            }
        };
        if let Some(strength) = &self.strength {
            compare("strength", json!(strength), json!(strength::word(evidence.level())));
        }
        if let Some(facts) = &self.facts {
            compare("facts", sorted(facts), facts_of(evidence, facts));
        }
        for (name, answer) in self.predicates.iter().flatten() {
            let predicate: Predicate = name.parse().with_context(|| name.clone())?;
            compare(name, json!(answer), json!(evidence.answer(&predicate).word()));
        }
        let flags: BTreeSet<&str> = evidence.flags().iter().copied().map(Flag::word).collect();
        compare("flags", json!(self.flags), json!(flags));
        if let Some(bound_to) = &self.bound_to {
            compare("bound_to", bound_to.clone(), bound_to_of(evidence));
        }
        if let Some(subject) = &self.subject {
            compare("subject", json!(subject), json!(evidence.subject()));
        }
        if let Some(actor) = &self.actor {
            compare("actor", json!(actor), json!(evidence.actor()));
        }
        Ok(found)
    }
}

/// Order is not significant.
fn sorted(facts: &Value) -> Value {
    let mut facts = facts.clone();
    if let Some(countries) = facts.get_mut("nationalities").and_then(Value::as_array_mut) {
        countries.sort_by_key(Value::to_string);
    }
    facts
}

/// The same members that are expected.
fn facts_of(evidence: &Evidence, expected: &Value) -> Value {
    let set = evidence.facts().nationalities();
    let mut facts = json!({
        "nationalities": set.map(|set| json!(set.countries())),
        "nationalities_complete": set.map(people::Nationalities::is_complete),
    });
    if let Some(members) = facts.as_object_mut() {
        members.retain(|name, _| expected.get(name).is_some());
    }
    sorted(&facts)
}

fn bound_to_of(evidence: &Evidence) -> Value {
    let binding = evidence.binding();
    let mut bound = serde_json::Map::new();
    if let Some(jkt) = &binding.jkt {
        bound.insert("jkt".to_owned(), json!(jkt.as_str()));
    }
    if let Some(thumbprint) = &binding.x5t_s256 {
        bound.insert("x5t#S256".to_owned(), json!(thumbprint));
    }
    Value::Object(bound)
}

/// Reads an expected answer.
pub fn answer(word: &str) -> Result<Answer> {
    Answer::parse(word).with_context(|| format!("`{word}` is no answer"))
}
