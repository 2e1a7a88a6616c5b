//! `douane check`: one verdict from files.

use super::{add_readings, print_json, read_all, table};
use crate::cli::Check;
use anyhow::Context;
use decide::{Ask, Cure, Verdict, cure, decide, flags};
use law::{Book, LawFile, Policy, Regime};
use serde::Serialize;
use terms::{Activity, ClockReading, Country, EndUse, Instant, Level, ModelId, PersonFacts, Request};

/// The letters that ship with the program.
pub const JUNE: [&str; 3] = [
    include_str!("../../../../examples/june-2026/letter-1.toml"),
    include_str!("../../../../examples/june-2026/letter-2.toml"),
    include_str!("../../../../examples/june-2026/letter-3.toml"),
];

/// The verdict, for `--json`.
#[derive(Serialize)]
struct Answer {
    verdict: &'static str,
    model: String,
    at: Instant,
    decisive: Vec<Decisive>,
    missing_facts: Vec<&'static str>,
    depends_on: Option<Open>,
    cure: String,
    flags: Vec<&'static str>,
}

#[derive(Serialize)]
struct Decisive {
    id: String,
    public_reference: Option<String>,
}

#[derive(Serialize)]
struct Open {
    question: &'static str,
    options: Vec<(&'static str, &'static str)>,
}

/// Decides and prints.
pub fn run(check: &Check, json: bool) -> anyhow::Result<()> {
    let facts = person(check)?;
    let regime = regime(check)?;
    let model =
        regime.model(check.model.as_str()).context("the model could not be placed in the catalogue")?;
    let request = Request {
        model,
        activity: Activity::HostedInference,
        end_use: EndUse::Unknown,
        served_from: Country::US,
    };
    let uncertainty_us = i64::from(check.clock_uncertainty_ms) * 1000;
    let ask =
        Ask { regime: &regime, facts: &facts, request, clock: ClockReading { at: check.at, uncertainty_us } };
    let answer = answer(&ask, &decide(&ask), check);
    if json { print_json(&answer) } else { print(&answer) }
}

fn person(check: &Check) -> anyhow::Result<PersonFacts> {
    let path = check.person.display();
    let text = std::fs::read_to_string(&check.person).with_context(|| format!("cannot read {path}"))?;
    toml::from_str(&text).map_err(|error| anyhow::anyhow!("{path}: {error}"))
}

fn regime(check: &Check) -> anyhow::Result<Regime> {
    let files = if check.law.is_empty() {
        let read = |text: &&str| law::lint::read(text).map_err(|why| anyhow::anyhow!(why.message));
        JUNE.iter().map(read).collect::<anyhow::Result<Vec<LawFile>>>()?
    } else {
        read_all(&check.law)?
    };
    let mut book = Book::default();
    files.iter().for_each(|file| book.add(file));
    let mut choices = recorded(&files)?;
    add_readings(&mut choices, &check.readings)?;
    let policy = Policy { min_evidence: Level::Document, min_location_evidence: Level::Employer, choices };
    Ok(Regime::compile(&book, &models(&files, &check.model), &policy)?)
}

fn recorded(files: &[LawFile]) -> anyhow::Result<terms::Choices> {
    let readings = files.iter().flat_map(|file| file.reading.iter().cloned()).collect();
    LawFile { reading: readings, ..LawFile::default() }
        .choices()
        .map_err(|reading| anyhow::anyhow!("{} has no option `{}`", reading.question.word(), reading.choice))
}

/// Every model the files name, and the one asked for.
fn models(files: &[LawFile], asked: &ModelId) -> Vec<ModelId> {
    let named = files.iter().flat_map(|file| file.directive.iter().flat_map(|directive| &directive.models));
    let listed = files.iter().flat_map(|file| file.model.iter().map(|model| model.id.clone()));
    let mut models: Vec<ModelId> =
        named.filter_map(|name| ModelId::parse(name).ok()).chain(listed).chain([asked.clone()]).collect();
    models.sort();
    models.dedup();
    models
}

fn answer(ask: &Ask<'_>, verdict: &Verdict, check: &Check) -> Answer {
    let rules = verdict.decisive.iter().filter_map(|position| ask.regime.rule(*position));
    Answer {
        verdict: verdict.outcome.word(),
        model: check.model.to_string(),
        at: check.at,
        decisive: rules
            .map(|rule| Decisive { id: rule.id.to_string(), public_reference: rule.public_reference.clone() })
            .collect(),
        missing_facts: verdict.missing.iter().map(|fact| fact.word()).collect(),
        depends_on: verdict.depends_on.as_ref().map(|depends| Open {
            question: depends.question.word(),
            options: depends
                .question
                .options()
                .iter()
                .copied()
                .zip(depends.options.iter().map(|outcome| outcome.word()))
                .collect(),
        }),
        cure: in_words(&cure(ask, verdict)),
        flags: flags(ask).into_iter().map(|flag| flag.word()).collect(),
    }
}

fn in_words(cure: &Cure) -> String {
    match cure {
        Cure::NotNeeded => "none needed".to_owned(),
        Cure::Show { facts, level, location_level } => {
            let words: Vec<String> = facts
                .iter()
                .map(|fact| {
                    let level = if fact == terms::MissingFact::Location { location_level } else { level };
                    format!("{} at level {} or above", fact.word(), level.word())
                })
                .collect();
            format!("show {}", words.join(", and "))
        }
        Cure::RecordReading(question) => {
            format!("record the reading {} ({})", question.word(), question.options().join(" or "))
        }
        Cure::Wait(until) => format!("none before {until}; another model may be open"),
        Cure::OtherModel => "none for this model; another model may be open".to_owned(),
    }
}

fn print(answer: &Answer) -> anyhow::Result<()> {
    let decisive = answer.decisive.iter().map(|decisive| match &decisive.public_reference {
        Some(reference) => format!("{} ({reference})", decisive.id),
        None => decisive.id.clone(),
    });
    let mut table = table(&["", ""]);
    table.set_header(["verdict", answer.verdict]);
    table.add_row(["model".to_owned(), answer.model.clone()]);
    table.add_row(["at".to_owned(), answer.at.to_string()]);
    table.add_row(["decisive".to_owned(), or_none(decisive.collect::<Vec<_>>().join("\n"))]);
    table.add_row(["missing facts".to_owned(), or_none(answer.missing_facts.join(", "))]);
    if let Some(open) = &answer.depends_on {
        let options: Vec<String> =
            open.options.iter().map(|(option, outcome)| format!("{option}: {outcome}")).collect();
        table.add_row(["open question".to_owned(), format!("{}\n{}", open.question, options.join("\n"))]);
    }
    table.add_row(["cure".to_owned(), answer.cure.clone()]);
    table.add_row(["flags".to_owned(), or_none(answer.flags.join(", "))]);
    println!("{table}");
    Ok(())
}

fn or_none(text: String) -> String {
    if text.is_empty() { "none".to_owned() } else { text }
}
