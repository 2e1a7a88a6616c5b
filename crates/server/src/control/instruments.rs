//! Instruments: drafted, shown, activated.

use super::Desk;
use super::api::{Activated, Choice, Draft, Drafted, InstrumentView, ReadingView};
use super::error::{Answer, ControlError};
use super::signatures::{approval_digest, call_back, standing};
use crate::house::{House, active_book, policy, read_instrument};
use axum::Json;
use axum::extract::{Path, State};
use law::lint::{Context, Diagnostic, Severity, check};
use law::{Book, LawFile, Regime};
use store::{Digest, Event, Instrument, State as Filed, Status};
use terms::{InstrumentId, Question};

pub(super) async fn list(State(desk): State<Desk>) -> Answer<Vec<InstrumentView>> {
    let registry = desk.house.registry.lock().await;
    let newest = registry.state.instruments.iter().filter(|instrument| {
        registry
            .state
            .instruments
            .iter()
            .rev()
            .find(|other| other.id == instrument.id)
            .map(|other| other.version)
            == Some(instrument.version)
    });
    let views: Result<Vec<_>, _> =
        newest.map(|instrument| view(&desk, &registry.state, instrument)).collect();
    views.map(Json)
}

pub(super) async fn show(State(desk): State<Desk>, Path(id): Path<InstrumentId>) -> Answer<InstrumentView> {
    let registry = desk.house.registry.lock().await;
    let instrument = newest(&registry.state, &id)?;
    view(&desk, &registry.state, instrument).map(Json)
}

/// The newest version of an instrument.
pub(super) fn newest<'a>(state: &'a Filed, id: &InstrumentId) -> Result<&'a Instrument, ControlError> {
    let found = state.instruments.iter().rev().find(|instrument| instrument.id == *id);
    found.ok_or_else(|| ControlError::not_found(format!("no instrument {id} is on file: draft it first")))
}

/// Law files of everything active, for the checks.
fn active_files(state: &Filed) -> Vec<LawFile> {
    state
        .instruments
        .iter()
        .filter(|instrument| matches!(instrument.status, Status::Active { .. }))
        .filter_map(|instrument| read_instrument(instrument).ok())
        .collect()
}

/// The newest version of everything drafted or active, but the one named.
fn known_files(state: &Filed, but: &[InstrumentId]) -> Vec<LawFile> {
    let open = state
        .instruments
        .iter()
        .filter(|instrument| matches!(instrument.status, Status::Active { .. } | Status::Drafted))
        .filter(|instrument| !but.contains(&instrument.id));
    open.filter_map(|instrument| read_instrument(instrument).ok()).collect()
}

pub(super) async fn draft(State(desk): State<Desk>, Json(draft): Json<Draft>) -> Answer<Drafted> {
    let house = &desk.house;
    let mut registry = house.registry.lock().await;
    let catalogue = house.catalogue.names();
    let own = law::lint::read(&draft.toml).map(|file| file.ids()).unwrap_or_default();
    let before = known_files(&registry.state, &own);
    let report = check(&draft.toml, &Context { catalogue: Some(&catalogue), before: &before });
    let lines: Vec<String> = report.diagnostics.iter().map(|d| line_of(&draft.toml, d)).collect();
    let file = match &report.file {
        Some(file) if !report.has_errors() => file,
        _ => return Err(ControlError::bad("the file has errors; nothing was put on file").with_points(lines)),
    };
    let events = drafts(file, draft.officer.as_ref())?;
    if events.is_empty() {
        return Err(ControlError::bad("the file holds no directive, exception, lifting or licence"));
    }
    house.commit(&mut registry, &events).await?;
    Ok(Json(Drafted { instruments: file.ids(), warnings: lines }))
}

fn drafts(file: &LawFile, officer: Option<&terms::OfficerId>) -> Result<Vec<Event>, ControlError> {
    let one = |part: LawFile| {
        let change = book_of(&part).changes().into_iter().next();
        let change = change.ok_or_else(|| ControlError::bad("the file holds no instrument"))?;
        let toml = toml::to_string(&part).map_err(|error| ControlError::bad(error.to_string()))?;
        Ok(Event::InstrumentDrafted {
            id: change.id,
            kind: change.kind.to_owned(),
            digest: Digest::of(toml.as_bytes()),
            toml,
            drafted_by: officer.cloned(),
        })
    };
    file.split().into_iter().map(one).collect()
}

fn book_of(file: &LawFile) -> Book {
    let mut book = Book::default();
    book.add(file);
    book
}

/// A diagnostic as one line: `12:5 error unknown_country: ... (help)`.
fn line_of(text: &str, diagnostic: &Diagnostic) -> String {
    let before = text.get(..diagnostic.span.start).unwrap_or(text);
    let line = before.matches('\n').count().saturating_add(1);
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count().saturating_add(1);
    let severity = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    };
    let Diagnostic { code, message, help, .. } = diagnostic;
    format!("{line}:{column} {severity} {code}: {message} ({help})")
}

/// Everything that still blocks activation, each with its cure.
fn blockers(house: &House, state: &Filed, instrument: &Instrument, file: &LawFile) -> Vec<String> {
    let mut blockers = Vec::new();
    if instrument.status != Status::Drafted {
        blockers.push("it is not a draft: draft a new version".to_owned());
    }
    if file.is_unconfirmed_letter() && call_back(state, instrument).is_none() {
        blockers.push(format!(
            "the letter is not confirmed: call the issuer back and run douane directive confirm {}",
            instrument.id
        ));
    }
    for question in file.questions() {
        if state.choices().get(question).is_none() {
            blockers.push(format!(
                "the reading {} is open ({}): run douane reading record {} {}",
                question.word(),
                question.in_words(),
                question.word(),
                question.options().join("|"),
            ));
        }
    }
    let approvals = standing(state, instrument).len();
    let needed = house.settings.officers_needed;
    if approvals < needed {
        blockers.push(format!("{approvals} of {needed} officers have approved what is on file now: run douane directive approve {}", instrument.id));
    }
    if let Err(why) = compiled_with(house, state, file) {
        blockers.push(why);
    }
    blockers
}

/// The law with this instrument added, or why it cannot be.
fn compiled_with(house: &House, state: &Filed, file: &LawFile) -> Result<Regime, String> {
    let ids = file.ids();
    let before: Vec<LawFile> = active_files(state)
        .into_iter()
        .filter(|active| !active.ids().iter().any(|id| ids.contains(id)))
        .collect();
    let text = toml::to_string(file).map_err(|error| error.to_string())?;
    let catalogue = house.catalogue.names();
    let report = check(&text, &Context { catalogue: Some(&catalogue), before: &before });
    if let Some(error) = report.diagnostics.iter().find(|diagnostic| diagnostic.severity == Severity::Error) {
        return Err(format!("{}: {} ({})", error.code, error.message, error.help));
    }
    let mut book = Book::default();
    before.iter().for_each(|file| book.add(file));
    book.add(file);
    Regime::compile(&book, &house.catalogue.listed(), &policy(&house.settings, state))
        .map_err(|error| error.to_string())
}

/// An instrument with where it stands.
pub(super) fn view(
    desk: &Desk,
    state: &Filed,
    instrument: &Instrument,
) -> Result<InstrumentView, ControlError> {
    // The version may have changed its status since it was read.
    let instrument = state.version(instrument.version).unwrap_or(instrument);
    let file = read_instrument(instrument)?;
    let change = book_of(&file).changes().into_iter().next();
    let book = active_book(state)?;
    let lifted = file.directive.first().and_then(|directive| book.end_of(directive));
    let (status, snapshot) = match instrument.status {
        Status::Drafted => ("drafted", None),
        Status::Active { snapshot } => ("active", Some(snapshot)),
        Status::Superseded => ("superseded", None),
        Status::Withdrawn => ("withdrawn", None),
    };
    let drafted = instrument.status == Status::Drafted;
    Ok(InstrumentView {
        id: instrument.id.clone(),
        kind: instrument.kind.clone(),
        title: change.as_ref().map(|change| change.title.clone()).unwrap_or_default(),
        status: status.to_owned(),
        snapshot,
        from: change.as_ref().and_then(|change| change.from),
        until: lifted.or(change.as_ref().and_then(|change| change.until)),
        toml: instrument.toml.to_string(),
        approval_digest: hex::encode(approval_digest(state, instrument, &file)),
        approved_by: standing(state, instrument),
        call_back: call_back(state, instrument),
        readings: file.questions().into_iter().map(|question| reading(state, question)).collect(),
        blockers: if drafted { blockers(&desk.house, state, instrument, &file) } else { Vec::new() },
    })
}

fn reading(state: &Filed, question: Question) -> ReadingView {
    let recorded = state.readings.get(&question);
    ReadingView {
        question,
        in_words: question.in_words().to_owned(),
        options: question.options().iter().map(|option| (*option).to_owned()).collect(),
        choice: recorded.map(|reading| reading.choice.clone()),
        by: recorded.map(|reading| reading.by.clone()),
        why: recorded.map(|reading| reading.why.clone()),
    }
}

pub(super) async fn activate(State(desk): State<Desk>, Path(id): Path<InstrumentId>) -> Answer<Activated> {
    let house = &desk.house;
    let mut registry = house.registry.lock().await;
    let instrument = newest(&registry.state, &id)?.clone();
    let file = read_instrument(&instrument)?;
    let blockers = blockers(house, &registry.state, &instrument, &file);
    if !blockers.is_empty() {
        return Err(ControlError::conflict(format!("{id} cannot be activated yet"), blockers));
    }
    let snapshot = house.law.load().snapshot.saturating_add(1);
    let event = Event::Activated { instrument: id.clone(), digest: instrument.digest, snapshot };
    house.commit(&mut registry, &[event]).await?;
    let from = book_of(&file).changes().into_iter().next().and_then(|change| change.from);
    tracing::info!(%id, snapshot, "activated");
    Ok(Json(Activated { id, snapshot, at: house.clock.read().at, from }))
}

pub(super) async fn readings(State(desk): State<Desk>) -> Json<Vec<ReadingView>> {
    let registry = desk.house.registry.lock().await;
    Json(Question::ALL.into_iter().map(|question| reading(&registry.state, question)).collect())
}

pub(super) async fn record_reading(
    State(desk): State<Desk>,
    Json(choice): Json<Choice>,
) -> Answer<ReadingView> {
    let Choice { question, choice, by, why } = choice;
    if !question.options().contains(&choice.as_str()) {
        let options = question.options().join(", ");
        return Err(ControlError::bad(format!(
            "{} has no option `{choice}`: choose one of {options}",
            question.word()
        )));
    }
    if why.trim().is_empty() {
        return Err(ControlError::bad("say why: a reading records who chose it and why"));
    }
    let mut registry = desk.house.registry.lock().await;
    desk.house.commit(&mut registry, &[Event::ReadingRecorded { question, choice, by, why }]).await?;
    Ok(Json(reading(&registry.state, question)))
}
