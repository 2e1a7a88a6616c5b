//! Whether a rule falls harder on some than on others.
//!
//! People are divided four times: by the nationality that evidence on file gives (a country, `stateless` or `not said`;
//! who has two stands in both), by status, by account, and by the language of the cure page they used. *Wrongly refused*
//! is whoever was refused, or asked to show something first, and was then served on other facts while the same directive
//! was in force, as the log's openings tell; and whoever the roster alone would not have let through and the statements
//! filed since do. *Time to cure* runs from the refusal to the answer in the log; where its openings are gone, from the
//! refusal to the filing on a cure page; else from the last activation to the first statement.

mod shown;
mod trail;

use super::super::law_at::{self, LawAt, LawSource};
use super::super::{print_json, table};
use super::campaign::Tally;
use super::judge::{Bench, everybody};
use crate::dir::DataDir;
use decide::Outcome;
use law::Regime;
use people::file::State as Standing;
use serde::Serialize;
use shown::Shown;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use store::{AppealEntry, CureEntry, Reader, State};
use terms::{AccountId, Instant, PersonFacts, PersonId};
use trail::{Trail, Who};

/// One class, as counted.
#[derive(Debug, Default, PartialEq, Eq)]
struct Class {
    /// What would happen to its members now.
    pub tally: Tally,
    /// Members whom the gateway refused, or asked to show something first, at least once.
    pub refused: u64,
    /// Members who were refused and served after all, under the same directive.
    pub wrongly_refused: u64,
    /// Members with a statement that is contested now.
    pub contested: u64,
    /// Members who appealed.
    pub appealed: u64,
    /// Members whose appeal was granted.
    pub appeals_granted: u64,
    /// Times to cure of those wrongly refused, microseconds.
    pub cures_us: Vec<i64>,
}

impl Class {
    fn add(&mut self, one: &Member) {
        self.tally.add(one.outcome);
        for (count, applies) in [
            (&mut self.refused, one.refused),
            (&mut self.wrongly_refused, one.wrongly_refused),
            (&mut self.contested, one.contested),
            (&mut self.appealed, one.appealed),
            (&mut self.appeals_granted, one.granted),
        ] {
            *count += u64::from(applies);
        }
        self.cures_us.extend(one.cure_us);
    }

    fn join(&mut self, other: Self) {
        self.tally.join(other.tally);
        self.refused += other.refused;
        self.wrongly_refused += other.wrongly_refused;
        self.contested += other.contested;
        self.appealed += other.appealed;
        self.appeals_granted += other.appeals_granted;
        self.cures_us.extend(other.cures_us);
    }

    fn median_cure_us(&mut self) -> Option<i64> {
        self.cures_us.sort_unstable();
        self.cures_us.get(self.cures_us.len() / 2).copied()
    }
}

/// One person, as counted.
struct Member {
    outcome: Outcome,
    refused: bool,
    wrongly_refused: bool,
    contested: bool,
    appealed: bool,
    granted: bool,
    cure_us: Option<i64>,
}

/// What a report is made from.
struct Sources {
    state: State,
    appeals: Vec<AppealEntry>,
    cures: Vec<CureEntry>,
    trail: Trail,
}

/// The divisions, as counted.
type Divisions = BTreeMap<&'static str, BTreeMap<String, Class>>;

#[derive(Serialize)]
struct Report {
    at: Instant,
    log: trail::Read,
    /// Smaller numbers are left out.
    smallest_shown: u64,
    by: BTreeMap<&'static str, BTreeMap<String, Shown>>,
}

/// Decides over everybody on file, reads the log, and prints.
pub(super) async fn run(dir: &DataDir, reader: &Reader, at: Instant, json: bool) -> anyhow::Result<()> {
    let sources = Sources {
        state: reader.known_at(store::KnownAt::NOW).await?,
        appeals: reader.appeals().await?,
        cures: reader.cures().await?,
        trail: Trail::of(dir.path())?,
    };
    let source = LawSource { files: &[], data: Some(dir.path()), known_at: None, readings: &[], models: &[] };
    let LawAt { book, policy, models, served_from, .. } = law_at::book(&source)?;
    let regime = Regime::compile(&book, &models, &policy)?;
    let models = models.iter().map(|model| model.id.clone()).collect();
    let divisions = divide(&sources, &Bench { regime, models, served_from }, at);
    let by = divisions.into_iter().map(|(name, classes)| (name, shown::show(classes))).collect();
    let report = Report { at, log: sources.trail.read, smallest_shown: shown::SMALL, by };
    if json { print_json(&report) } else { print(&report) }
}

/// Everybody on file, in four divisions.
fn divide(sources: &Sources, bench: &Bench, at: Instant) -> Divisions {
    let mut by_person: HashMap<Who, Pages> = HashMap::new();
    for cure in &sources.cures {
        let pages = by_person.entry((cure.account.clone(), cure.person.clone())).or_default();
        pages.languages.insert(cure.cure.lang.clone());
        let took = cure.at.micros_since(cure.cure.refused);
        pages.cure_us = Some(pages.cure_us.map_or(took, |known| known.min(took)));
    }
    for appeal in &sources.appeals {
        let pages = by_person.entry((appeal.account.clone(), appeal.person.clone())).or_default();
        pages.languages.insert(appeal.lang.clone());
        pages.appealed = true;
        pages.granted |= appeal.state == store::Standing::Granted;
    }
    let mut divisions = Divisions::new();
    for who in everybody(&sources.state) {
        let Some(known) = sources.state.person(&who.0, &who.1, at) else { continue };
        let pages = by_person.remove(&who).unwrap_or_default();
        let member = member(sources, bench, (&who, &known.facts, &pages), at);
        for (name, words) in [
            ("nationality", nationalities(&known.facts)),
            ("status", BTreeSet::from([known.facts.us_status.value.word().to_owned()])),
            ("account", BTreeSet::from([who.0.to_string()])),
            ("language of page", pages.words()),
        ] {
            let classes = divisions.entry(name).or_default();
            words.into_iter().for_each(|word| classes.entry(word).or_default().add(&member));
        }
    }
    divisions
}

/// What a person did on pages.
#[derive(Default)]
struct Pages {
    languages: BTreeSet<String>,
    cure_us: Option<i64>,
    appealed: bool,
    granted: bool,
}

impl Pages {
    fn words(&self) -> BTreeSet<String> {
        if self.languages.is_empty() {
            return BTreeSet::from(["no page used".to_owned()]);
        }
        self.languages.clone()
    }
}

fn member(
    sources: &Sources,
    bench: &Bench,
    (who, facts, pages): (&Who, &PersonFacts, &Pages),
    at: Instant,
) -> Member {
    let (state, (account, person)) = (&sources.state, who);
    let story = sources.trail.story(who);
    let outcome = bench.judge(facts, at).outcome;
    let by_statements = outcome == Outcome::Permit && !served_by_roster(state, bench, who, at);
    let wrongly_refused = story.cured_us.is_some() || by_statements;
    let took = || story.cured_us.or(pages.cure_us).or_else(|| since_activation(state, account, person));
    Member {
        outcome,
        refused: story.refused,
        wrongly_refused,
        contested: state.file(account, person).iter().any(|one| one.state == Standing::Suspended),
        appealed: pages.appealed,
        granted: pages.granted,
        cure_us: if wrongly_refused { took() } else { None },
    }
}

fn served_by_roster(state: &State, bench: &Bench, (account, person): &Who, at: Instant) -> bool {
    let roster = state.roster(account, person).map(|facts| (**facts).clone()).unwrap_or_default();
    let facts = PersonFacts { person_id: Some(person.clone()), ..roster };
    bench.judge(&facts, at).outcome == Outcome::Permit
}

/// From the last activation before the first statement to that statement, microseconds.
fn since_activation(state: &State, account: &AccountId, person: &PersonId) -> Option<i64> {
    let shown = state.file(account, person).iter().map(|one| one.statement.verified_at).min()?;
    let began = state.activations.iter().map(|one| one.at).filter(|began| *began <= shown).max()?;
    Some(shown.micros_since(began))
}

fn nationalities(facts: &PersonFacts) -> BTreeSet<String> {
    let countries = facts.citizenships.iter().map(|held| held.country.code().to_owned());
    let mut words: BTreeSet<String> = countries.collect();
    if words.is_empty() {
        let word = if facts.stateless.value { "stateless" } else { "not said" };
        words.insert(word.to_owned());
    }
    words
}

fn print(report: &Report) -> anyhow::Result<()> {
    let heads = [
        "people",
        "served",
        "verify first",
        "denied",
        "refused so far",
        "wrongly refused",
        "contested",
        "appealed",
        "granted",
        "median cure, s",
    ];
    println!(
        "{} decisions in the log, {} of them about people whom the openings still name. A dash stands for fewer than {}.",
        report.log.decisions, report.log.about_people, report.smallest_shown
    );
    for (name, classes) in &report.by {
        let mut table = table(&[&[*name], &heads[..]].concat());
        for (word, class) in classes {
            let counts = [
                class.people,
                class.served,
                class.verify_first,
                class.denied,
                class.refused,
                class.wrongly_refused,
                class.contested,
                class.appealed,
                class.appeals_granted,
            ];
            let written = |count: Option<String>| count.unwrap_or_else(|| "-".to_owned());
            let counts = counts.map(|count| written(count.map(|count| count.to_string())));
            let cure = written(class.median_cure_s.map(|seconds| seconds.to_string()));
            table.add_row([word.clone()].into_iter().chain(counts).chain([cure]));
        }
        println!("{table}");
    }
    Ok(())
}

#[cfg(test)]
mod tests;
