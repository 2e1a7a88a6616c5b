//! `douane diff`: two sets of law files compared.

mod view;
mod words;

use super::law_at::{self, LawAt, LawSource};
use super::print_json;
use crate::cli;
use crate::config::read_law;
use anyhow::{Context, ensure};
use decide::diff::{Answer, Counter, Counts, Diff, Options, diff, permits_more, refuses_more};
use law::{ListedModel, Regime};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use terms::{Activity, Attested, ClockReading, Country, Instant, Request};
use view::View;

/// Instants at which people are counted, where none is given.
const COUNTED: usize = 12;

/// Compares and prints; false where one of the `--fail-if` options says so.
pub fn run(args: &cli::Diff, json: bool) -> anyhow::Result<bool> {
    let (view, passes) = compare(args)?;
    if json {
        print_json(&view)?;
    } else if args.markdown {
        print!("{}", view::markdown(&view, args.lang));
    } else {
        print!("{}", view::text(&view, args.lang));
    }
    Ok(passes)
}

/// The difference, and whether it is one that passes.
fn compare(args: &cli::Diff) -> anyhow::Result<(View, bool)> {
    let sides = [read(args, &args.before)?, read(args, &args.after)?];
    let models = models(args, &sides)?;
    let [a, b] = &sides;
    let a = Regime::compile(&a.book, &models, &a.policy)?;
    let b = Regime::compile(&b.book, &models, &b.policy)?;
    let found = diff(&a, &b, Options::default());
    let refuses = refuses_more(&a, &b, Options::default());
    let permits = permits_more(&a, &b, Options::default());
    let counts = match &args.people {
        Some(path) => count(path, args.at, &found, [&a, &b])?,
        None => Vec::new(),
    };
    let view = View::new(&found, [&refuses, &permits], [&a, &b], &counts);
    let may = |answer: &Answer| answer.example.is_some() || !answer.cuts.is_empty();
    let fails = args.fail_if_refuses_more && may(&refuses) || args.fail_if_permits_more && may(&permits);
    Ok((view, !fails))
}

/// One side: a law file, those of a folder in order of their names, or what an operator's data directory holds.
fn read(args: &cli::Diff, path: &Path) -> anyhow::Result<LawAt> {
    let data = path.join(crate::config::FILE).exists().then_some(path);
    law_at::book(&LawSource {
        files: &if data.is_some() { Vec::new() } else { files(path)? },
        data,
        known_at: args.known_at,
        readings: &args.readings,
        models: &[],
    })
}

fn files(path: &Path) -> anyhow::Result<Vec<PathBuf>> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let entries = std::fs::read_dir(path).with_context(|| format!("cannot read {}", path.display()))?;
    let mut files: Vec<PathBuf> = Vec::new();
    for entry in entries {
        files.push(entry.with_context(|| format!("cannot read {}", path.display()))?.path());
    }
    files.retain(|file| file.extension().is_some_and(|ending| ending == "toml"));
    ensure!(!files.is_empty(), "{} holds no .toml file", path.display());
    files.sort();
    Ok(files)
}

/// The catalogue, or every model that either side lists or names.
fn models(args: &cli::Diff, sides: &[LawAt; 2]) -> anyhow::Result<Vec<ListedModel>> {
    let mut models: Vec<ListedModel> = match &args.catalogue {
        Some(path) => read_law(path)?.model.iter().map(ListedModel::from).collect(),
        None => Vec::new(),
    };
    if args.catalogue.is_none() {
        for model in sides.iter().flat_map(|side| &side.models) {
            if !models.iter().any(|known| known.id == model.id) {
                models.push(model.clone());
            }
        }
    }
    ensure!(!models.is_empty(), "no model is listed or named: give the catalogue with --catalogue");
    Ok(models)
}

/// Counts over a roster, at the instant given or at each at which a change begins.
fn count(
    path: &Path,
    at: Option<Instant>,
    found: &Diff,
    [a, b]: [&Regime; 2],
) -> anyhow::Result<Vec<(Instant, Counts)>> {
    let begins: BTreeSet<Instant> = match at {
        Some(at) => BTreeSet::from([at]),
        None => found.changes.iter().filter_map(|change| change.since).collect(),
    };
    let request = Request {
        model: 0,
        activity: Activity::HostedInference,
        end_use: Attested::default(),
        served_from: Country::US,
    };
    let counter = |at: &Instant| Counter::new(a, b, a.models(), ClockReading::exact(*at), request);
    let mut counters: Vec<(Instant, Counter<'_>)> =
        begins.iter().take(COUNTED).map(|at| (*at, counter(at))).collect();
    let name = || path.display().to_string();
    let (_, roster) = store::roster::open(path).with_context(name)?;
    for row in roster {
        let facts = row.with_context(name)?.facts;
        counters.iter_mut().for_each(|(_, counter)| counter.add(&facts));
    }
    Ok(counters.into_iter().map(|(at, counter)| (at, counter.finish())).collect())
}

#[cfg(test)]
mod tests;
