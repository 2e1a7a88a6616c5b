//! If the letter came tonight: who could be served at once, and which accounts are the gap.

use super::super::law_at::{self, LawAt, LawSource};
use super::super::{add_readings, print_json, table};
use super::judge::{Bench, Judged, everybody};
use crate::config::read_law;
use crate::dir::DataDir;
use crate::wall;
use decide::Outcome;
use law::{LawFile, Regime};
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::Path;
use store::State;
use terms::{AccountId, Instant, ModelId, PersonFacts};

/// What is asked.
pub(super) struct Asked<'a> {
    pub letter: &'a Path,
    pub at: Option<Instant>,
    pub readings: &'a [String],
}

/// Outcomes of a group of people.
#[derive(Debug, Default, Clone, Copy, Serialize, PartialEq, Eq)]
pub(super) struct Tally {
    pub people: u64,
    pub served: u64,
    pub verify_first: u64,
    pub denied: u64,
    pub reading_open: u64,
}

impl Tally {
    pub(super) fn add(&mut self, outcome: Outcome) {
        self.people += 1;
        match outcome {
            Outcome::Permit => self.served += 1,
            Outcome::VerifyFirst => self.verify_first += 1,
            Outcome::Deny => self.denied += 1,
            Outcome::Depends => self.reading_open += 1,
        }
    }

    pub(super) const fn join(&mut self, other: Self) {
        self.people += other.people;
        self.served += other.served;
        self.verify_first += other.verify_first;
        self.denied += other.denied;
        self.reading_open += other.reading_open;
    }

    /// Served of a hundred, rounded down: a share is never said to be larger than it is.
    fn percent(&self) -> u64 {
        self.served.saturating_mul(100).checked_div(self.people).unwrap_or(0)
    }
}

/// The report.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    pub at: Instant,
    pub models: Vec<String>,
    /// Everybody.
    pub all: Tally,
    /// Whoever is said, at any level, to be a US person.
    pub us_persons: Tally,
    /// US persons by account, the largest gap first.
    pub accounts: Vec<Gap>,
    /// How many people have to show each fact.
    pub missing: BTreeMap<&'static str, u64>,
}

/// What one account lacks.
#[derive(Debug, Serialize)]
pub(super) struct Gap {
    pub account: AccountId,
    /// US persons who could not be served at once.
    pub not_served: u64,
    #[serde(flatten)]
    pub us_persons: Tally,
}

/// Decides over everybody on file and prints.
pub(super) fn run(dir: &DataDir, state: &State, asked: &Asked<'_>, json: bool) -> anyhow::Result<()> {
    let letter = read_law(asked.letter)?;
    let at = asked.at.unwrap_or_else(|| binds_from(&letter).max(wall::now()));
    let bench = bench(dir, &letter, asked.readings)?;
    let report = report(state, &bench, at);
    if json { print_json(&report) } else { print(&report) }
}

/// The first instant at which all directives of the letter bind.
fn binds_from(letter: &LawFile) -> Instant {
    letter.directive.iter().map(|directive| directive.effective_from.latest()).max().unwrap_or(Instant::MIN)
}

/// The law in force with the letter added, and the models that the letter names; all of the catalogue where it names
/// none of it.
fn bench(dir: &DataDir, letter: &LawFile, readings: &[String]) -> anyhow::Result<Bench> {
    let named = letter.directive.iter().flat_map(|directive| &directive.models);
    let named: Vec<ModelId> = named.filter_map(|name| ModelId::parse(name).ok()).collect();
    let source =
        LawSource { files: &[], data: Some(dir.path()), known_at: None, readings: &[], models: &named };
    let LawAt { mut book, mut policy, models, served_from, .. } = law_at::book(&source)?;
    book.add(letter);
    add_readings(&mut policy.choices, readings)?;
    let regime = Regime::compile(&book, &models, &policy)?;
    let asked = if named.is_empty() { models.iter().map(|model| model.id.clone()).collect() } else { named };
    Ok(Bench { regime, models: asked, served_from })
}

/// What the letter would mean.
pub(super) fn report(state: &State, bench: &Bench, at: Instant) -> Report {
    let mut report = Report {
        at,
        models: bench.models.iter().map(ToString::to_string).collect(),
        all: Tally::default(),
        us_persons: Tally::default(),
        accounts: Vec::new(),
        missing: BTreeMap::new(),
    };
    let mut by_account: BTreeMap<AccountId, Tally> = BTreeMap::new();
    for (account, person) in everybody(state) {
        let Some(known) = state.person(&account, &person, at) else { continue };
        let Judged { outcome, missing } = bench.judge(&known.facts, at);
        report.all.add(outcome);
        missing.iter().for_each(|fact| *report.missing.entry(fact.word()).or_default() += 1);
        if is_us_person(&known.facts) {
            report.us_persons.add(outcome);
            by_account.entry(account).or_default().add(outcome);
        }
    }
    let gap = |(account, us_persons): (AccountId, Tally)| Gap {
        account,
        not_served: us_persons.people - us_persons.served,
        us_persons,
    };
    report.accounts = by_account.into_iter().map(gap).filter(|gap| gap.not_served > 0).collect();
    report.accounts.sort_by(|one, other| {
        other.not_served.cmp(&one.not_served).then_with(|| one.account.cmp(&other.account))
    });
    report
}

fn is_us_person(facts: &PersonFacts) -> bool {
    facts.us_status.value.is_foreign_person() == Some(false)
}

fn print(report: &Report) -> anyhow::Result<()> {
    println!(
        "As of {}, {} % of the {} people said to be US persons could be served at once ({} of everybody's {}).",
        report.at,
        report.us_persons.percent(),
        report.us_persons.people,
        report.all.served,
        report.all.people
    );
    let mut gaps = table(&["account", "US persons", "served", "verify first", "denied", "reading open"]);
    for gap in &report.accounts {
        let tally = gap.us_persons;
        let counts = [tally.people, tally.served, tally.verify_first, tally.denied, tally.reading_open];
        gaps.add_row([gap.account.to_string()].into_iter().chain(counts.map(|count| count.to_string())));
    }
    println!("{gaps}");
    for (fact, people) in &report.missing {
        println!("{people} people have to show {fact}");
    }
    Ok(())
}
