//! `douane check`: one verdict from files.

use super::law_at::{self, LawAt, LawSource};
use super::{print_json, table};
use crate::cli::Check;
use anyhow::Context;
use decide::{Ask, Cure, Subject, Verdict, cure, decide, flags};
use law::Regime;
use serde::Serialize;
use terms::{Activity, Attested, ClockReading, Country, Instant, PersonFacts, Request};

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
    let answer = with_ask(check, |ask| answer(ask, &decide(ask), check))?;
    if json { print_json(&answer) } else { print(&answer) }
}

/// Reads the files and asks.
pub(super) fn with_ask<T>(check: &Check, answer: impl FnOnce(&Ask<'_>) -> T) -> anyhow::Result<T> {
    let facts = person(check)?;
    let law = law_of(check)?;
    let regime = Regime::compile(&law.book, &law.models, &law.policy)?;
    let model =
        regime.model(check.model.as_str()).context("the model could not be placed in the catalogue")?;
    let request = Request {
        model,
        activity: Activity::HostedInference,
        end_use: Attested::default(),
        served_from: law.served_from.get(&check.model).copied().unwrap_or(Country::US),
    };
    let uncertainty_us = i64::from(check.clock_uncertainty_ms) * 1000;
    let subject = Subject::new(&regime, &facts, check.at);
    let clock = ClockReading { at: check.at, uncertainty_us };
    let ask = Ask { regime: &regime, subject: &subject, request, clock };
    Ok(answer(&ask))
}

fn person(check: &Check) -> anyhow::Result<PersonFacts> {
    let path = check.person.display();
    let text = std::fs::read_to_string(&check.person).with_context(|| format!("cannot read {path}"))?;
    toml::from_str(&text).map_err(|error| anyhow::anyhow!("{path}: {error}"))
}

fn law_of(check: &Check) -> anyhow::Result<LawAt> {
    law_at::book(&LawSource {
        files: &check.law,
        data: check.data.as_deref(),
        known_at: check.known_at,
        readings: &check.readings,
        models: std::slice::from_ref(&check.model),
    })
}

fn answer(ask: &Ask<'_>, verdict: &Verdict, check: &Check) -> Answer {
    let rules = verdict.decisive(ask.regime).filter_map(|position| ask.regime.rule(position));
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
                .zip(depends.outcomes().iter().map(|outcome| outcome.word()))
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
