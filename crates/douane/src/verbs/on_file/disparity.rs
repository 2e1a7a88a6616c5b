//! Whether a rule falls harder on some than on others, as far as the state tells.
//!
//! A class is a country somebody claims, `stateless`, or `not said`; who claims two stands in both. *Wrongly refused* is
//! whoever the roster alone would not have let through and the statements filed since do. *Time to cure* runs from the
//! last activation before the first of those statements. What the gateway decided stands in its log, not here.

use super::super::law_at::{self, LawAt, LawSource};
use super::super::{print_json, table};
use super::campaign::Tally;
use super::judge::{Bench, everybody};
use crate::dir::DataDir;
use decide::Outcome;
use law::Regime;
use people::file::State as Standing;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use store::State;
use terms::{AccountId, Instant, PersonFacts, PersonId};

/// One class.
#[derive(Debug, Default, Serialize, PartialEq, Eq)]
pub(super) struct Class {
    /// What happens to its members now.
    #[serde(flatten)]
    pub tally: Tally,
    /// Members whom only their own evidence lets through.
    pub wrongly_refused: u64,
    /// Members with a statement that is contested now.
    pub contested: u64,
    /// Median time to cure, seconds; absent where nobody was wrongly refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub median_cure_s: Option<i64>,
}

/// Decides over everybody on file and prints.
pub(super) fn run(dir: &DataDir, state: &State, at: Instant, json: bool) -> anyhow::Result<()> {
    let source = LawSource { files: &[], data: Some(dir.path()), known_at: None, readings: &[], models: &[] };
    let LawAt { book, policy, models, served_from, .. } = law_at::book(&source)?;
    let regime = Regime::compile(&book, &models, &policy)?;
    let models = models.iter().map(|model| model.id.clone()).collect();
    let classes = classes(state, &Bench { regime, models, served_from }, at);
    if json { print_json(&classes) } else { print(&classes) }
}

pub(super) fn classes(state: &State, bench: &Bench, at: Instant) -> BTreeMap<String, Class> {
    let mut classes: BTreeMap<String, (Class, Vec<i64>)> = BTreeMap::new();
    for (account, person) in everybody(state) {
        let Some(known) = state.person(&account, &person, at) else { continue };
        let outcome = bench.judge(&known.facts, at).outcome;
        let cured = outcome == Outcome::Permit && !served_by_roster(state, bench, (&account, &person), at);
        let cure_us = cured.then(|| time_to_cure(state, &account, &person)).flatten();
        let contested = state.file(&account, &person).iter().any(|one| one.state == Standing::Suspended);
        for word in claimed(&known.facts) {
            let (class, times) = classes.entry(word).or_default();
            class.tally.add(outcome);
            class.wrongly_refused += u64::from(cured);
            class.contested += u64::from(contested);
            times.extend(cure_us);
        }
    }
    let done = |(mut class, times): (Class, Vec<i64>)| {
        class.median_cure_s = median(times).map(|micros| micros / 1_000_000);
        class
    };
    classes.into_iter().map(|(word, class)| (word, done(class))).collect()
}

fn served_by_roster(
    state: &State,
    bench: &Bench,
    (account, person): (&AccountId, &PersonId),
    at: Instant,
) -> bool {
    let roster = state.roster(account, person).map(|facts| (**facts).clone()).unwrap_or_default();
    let facts = PersonFacts { person_id: Some(person.clone()), ..roster };
    bench.judge(&facts, at).outcome == Outcome::Permit
}

/// From the last activation before the first statement to that statement, microseconds.
fn time_to_cure(state: &State, account: &AccountId, person: &PersonId) -> Option<i64> {
    let shown = state.file(account, person).iter().map(|one| one.statement.verified_at).min()?;
    let began = state.activations.iter().map(|one| one.at).filter(|began| *began <= shown).max()?;
    Some(shown.micros_since(began))
}

fn claimed(facts: &PersonFacts) -> BTreeSet<String> {
    let countries = facts.citizenships.iter().map(|held| held.country.code().to_owned());
    let mut words: BTreeSet<String> = countries.collect();
    if words.is_empty() {
        let word = if facts.stateless.value { "stateless" } else { "not said" };
        words.insert(word.to_owned());
    }
    words
}

fn median(mut times: Vec<i64>) -> Option<i64> {
    times.sort_unstable();
    times.get(times.len() / 2).copied()
}

fn print(classes: &BTreeMap<String, Class>) -> anyhow::Result<()> {
    let heads = [
        "claims",
        "people",
        "served",
        "verify first",
        "denied",
        "wrongly refused",
        "contested",
        "median cure, s",
    ];
    let mut table = table(&heads);
    for (word, class) in classes {
        let tally = class.tally;
        let counts = [
            tally.people,
            tally.served,
            tally.verify_first,
            tally.denied,
            class.wrongly_refused,
            class.contested,
        ];
        let cure = class.median_cure_s.map_or_else(|| "-".to_owned(), |seconds| seconds.to_string());
        table.add_row([word.clone()].into_iter().chain(counts.map(|count| count.to_string())).chain([cure]));
    }
    println!("{table}");
    Ok(())
}
