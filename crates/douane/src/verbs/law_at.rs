//! The law that `check`, `explain` and others decide by: from files or from a data directory, as known at some instant.

use super::check::JUNE;
use super::{add_readings, read_all};
use crate::config::Config;
use anyhow::Context;
use law::{Book, LawFile, ListedModel, Policy, Source};
use server::past::{Frame, book_of};
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::path::{Path, PathBuf};
use store::{KnownAt, Reader, State};
use terms::{Choices, Country, Instant, InstrumentId, ModelId};

/// Where the law comes from.
#[derive(Clone, Copy, Debug)]
pub struct LawSource<'a> {
    /// Law files; none = the letters of June 2026 that ship with the program.
    pub files: &'a [PathBuf],
    /// An operator's data directory, read instead of files; it is not changed and may be in use.
    pub data: Option<&'a Path>,
    /// Only what was known by then: from files, instruments that had been received (else issued); from a data directory,
    /// what had been recorded.
    pub known_at: Option<Instant>,
    /// Answers to open questions, as `QUESTION=CHOICE`; they replace recorded ones.
    pub readings: &'a [String],
    /// Models to place in the catalogue, where it lacks them.
    pub models: &'a [ModelId],
}

/// The law, ready to be compiled.
#[derive(Debug)]
pub struct LawAt {
    /// The instruments.
    pub book: Book,
    /// Thresholds, readings, the operator's name.
    pub policy: Policy,
    /// The catalogue.
    pub models: Vec<ListedModel>,
    /// Where each model is served, as far as a catalogue says so.
    pub served_from: HashMap<ModelId, Country>,
    /// Instruments of the files that were not known then.
    pub left_out: Vec<LeftOut>,
}

/// An instrument that was not known.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LeftOut {
    /// Which.
    pub id: InstrumentId,
    /// Since when it is known; `None` = it hangs on one that was not known.
    pub since: Option<Instant>,
}

impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.since {
            Some(since) => write!(f, "{} is left out: it became known at {since}", self.id),
            None => write!(f, "{} is left out: what it speaks of was not known", self.id),
        }
    }
}

/// Reads the law; says on standard error what was left out.
pub fn book(source: &LawSource<'_>) -> anyhow::Result<LawAt> {
    let mut law = match source.data {
        Some(dir) => from_data(dir, source.known_at)?,
        None => from_files(source)?,
    };
    add_readings(&mut law.policy.choices, source.readings)?;
    for id in source.models {
        if !law.models.iter().any(|model| model.id == *id) {
            law.models.push(id.clone().into());
        }
    }
    law.left_out.iter().for_each(|instrument| eprintln!("{instrument}"));
    Ok(law)
}

fn from_files(source: &LawSource<'_>) -> anyhow::Result<LawAt> {
    let mut files = if source.files.is_empty() {
        let read = |text: &&str| law::lint::read(text).map_err(|why| anyhow::anyhow!(why.message));
        JUNE.iter().map(read).collect::<anyhow::Result<Vec<LawFile>>>()?
    } else {
        read_all(source.files)?
    };
    let left_out = source.known_at.map(|at| leave_out(&mut files, at)).unwrap_or_default();
    let mut book = Book::default();
    files.iter().for_each(|file| book.add(file));
    let policy = Policy { choices: recorded(&files)?, ..Policy::default() };
    let catalogue = files.iter().flat_map(|file| &file.model);
    let served_from = catalogue.map(|model| (model.id.clone(), model.served_from)).collect();
    Ok(LawAt { book, policy, models: models(&files), served_from, left_out })
}

fn recorded(files: &[LawFile]) -> anyhow::Result<Choices> {
    let readings = files.iter().flat_map(|file| file.reading.iter().cloned()).collect();
    LawFile { reading: readings, ..LawFile::default() }
        .choices()
        .map_err(|reading| anyhow::anyhow!("{} has no option `{}`", reading.question.word(), reading.choice))
}

/// Every model the files list or name.
fn models(files: &[LawFile]) -> Vec<ListedModel> {
    let mut models: Vec<ListedModel> =
        files.iter().flat_map(|file| file.model.iter().map(ListedModel::from)).collect();
    let named = files.iter().flat_map(|file| file.directive.iter().flat_map(|directive| &directive.models));
    for id in named.filter_map(|name| ModelId::parse(name).ok()) {
        if !models.iter().any(|model| model.id == id) {
            models.push(id.into());
        }
    }
    models
}

/// Takes out what became known after an instant, and what hangs on it. An instrument that does not say when it arrived
/// is taken as known.
fn leave_out(files: &mut [LawFile], at: Instant) -> Vec<LeftOut> {
    let mut late = Late { at, left_out: Vec::new() };
    let received = |source: &Source| source.received_at;
    let optional = |source: &Option<Source>| source.as_ref().and_then(received);
    for file in files.iter_mut() {
        file.directive.retain(|one| late.is_known(&one.id, received(&one.source).or(Some(one.issued_at))));
        file.exception.retain(|one| late.is_known(&one.id, optional(&one.source)));
        file.lifting.retain(|one| late.is_known(&one.id, optional(&one.source)));
        file.stay.retain(|one| late.is_known(&one.id, received(&one.source)));
        file.service_duty.retain(|one| late.is_known(&one.id, received(&one.source)));
    }
    let gone: HashSet<InstrumentId> = late.left_out.iter().map(|out| out.id.clone()).collect();
    for file in files {
        file.exception.retain(|one| late.stands(&one.id, std::slice::from_ref(&one.directive), &gone));
        file.lifting.retain(|one| late.stands(&one.id, &one.directives, &gone));
        file.licence.retain(|one| late.stands(&one.id, &one.lifts, &gone));
        file.stay.retain(|one| late.stands(&one.id, &one.directives, &gone));
        file.adoption.retain(|one| !gone.contains(&one.directive));
    }
    late.left_out
}

struct Late {
    at: Instant,
    left_out: Vec<LeftOut>,
}

impl Late {
    fn is_known(&mut self, id: &InstrumentId, since: Option<Instant>) -> bool {
        let late = since.filter(|since| *since > self.at);
        self.left_out.extend(late.map(|since| LeftOut { id: id.clone(), since: Some(since) }));
        late.is_none()
    }

    fn stands(&mut self, id: &InstrumentId, on: &[InstrumentId], gone: &HashSet<InstrumentId>) -> bool {
        let hangs = on.iter().any(|directive| gone.contains(directive));
        self.left_out.extend(hangs.then(|| LeftOut { id: id.clone(), since: None }));
        !hangs
    }
}

fn from_data(dir: &Path, known_at: Option<Instant>) -> anyhow::Result<LawAt> {
    let frame = frame(dir)?;
    let state = state(dir, known_at.map_or(KnownAt::NOW, KnownAt::Instant))?;
    let served_from = frame.models.iter().map(|model| (model.id.clone(), model.served_from)).collect();
    Ok(LawAt {
        book: book_of(&state)?,
        policy: frame.policy(state.choices()),
        models: frame.listed(),
        served_from,
        left_out: Vec::new(),
    })
}

/// The configuration of a data directory, as far as verdicts depend on it.
pub fn frame(dir: &Path) -> anyhow::Result<Frame> {
    let config = Config::read(dir)?;
    Ok(Frame {
        min_evidence: config.evidence.person,
        min_location_evidence: config.evidence.place,
        operator_name: config.operator.name.clone(),
        models: config.models(dir)?,
    })
}

/// What was on file, without the people. On a thread of its own: callers may or may not be inside a runtime.
fn state(dir: &Path, known: KnownAt) -> anyhow::Result<State> {
    let read = || -> anyhow::Result<State> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            let reader = Reader::open(dir).await?;
            let state = reader.law_known_at(known).await?;
            reader.close().await;
            Ok(state)
        })
    };
    let read = std::thread::scope(|scope| scope.spawn(read).join());
    let state = read.map_err(|_| anyhow::anyhow!("reading ended before its time"))?;
    state.with_context(|| format!("cannot read the state in {}", dir.display()))
}

#[cfg(test)]
mod tests;
