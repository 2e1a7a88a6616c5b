//! The store as its callers see it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod appeals;
mod evidence;
mod known;
mod log;
mod migrate;
mod officers;
mod people;
mod register;
mod roster;
mod views;

use ::people::file::{Filed, State, Statement};
use ::people::{Answer, Facts, Method, Predicate};
use sqlx::{Connection, SqliteConnection};
use std::path::Path;
use store::{Digest, Event, RosterSource, Store};
use tempfile::TempDir;
use terms::{AccountId, Instant, InstrumentId, Level, OfficerId, PersonId};

fn at(seconds: i64) -> Instant {
    Instant::from_micros(1_781_000_000_000_000 + seconds * 1_000_000)
}

fn account(name: &str) -> AccountId {
    AccountId::parse(name).unwrap()
}

fn person(name: &str) -> PersonId {
    PersonId::parse(name).unwrap()
}

fn officer(name: &str) -> OfficerId {
    OfficerId::parse(name).unwrap()
}

fn instrument(name: &str) -> InstrumentId {
    InstrumentId::parse(name).unwrap()
}

fn account_added(name: &str) -> Event {
    Event::AccountAdded { account: account(name), display_name: format!("{name} Ltd") }
}

fn officer_added(name: &str) -> Event {
    Event::OfficerAdded { officer: officer(name), public_key: "00".repeat(32), added_by: None }
}

fn drafted(id: &str, toml: &str) -> Event {
    let digest = Digest::of(toml.as_bytes());
    let (id, kind, toml) = (instrument(id), "directive".into(), toml.to_owned());
    Event::InstrumentDrafted { id, kind, toml, digest, drafted_by: Some(officer("ada")) }
}

fn source(text: &str) -> RosterSource {
    RosterSource { file: "people.csv".into(), sha256: Digest::of(text.as_bytes()) }
}

/// A statement of an employer on whether somebody is a US person, until so many seconds.
fn statement(id: &str, us_person: Answer, until: i64) -> Filed {
    let statement = Statement {
        facts: Facts::stated([(Predicate::UsPerson, us_person)]),
        level: Level::Employer,
        issuer: format!("https://{id}.example"),
        org: None,
        method: Method::Assertion,
        valid_until: at(until),
        verified_at: at(0),
        status: None,
        flags: Default::default(),
    };
    Filed { id: id.to_owned(), statement, state: State::Active }
}

/// A new directory, opened, with two accounts and two officers.
async fn opened() -> (TempDir, Store) {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).await.unwrap();
    let events = [account_added("acme"), account_added("borg"), officer_added("ada"), officer_added("bob")];
    assert_eq!(store.append(at(0), &events).await.unwrap(), 4);
    (dir, store)
}

/// The database, opened beside the store as an intruder would.
async fn beside(dir: &Path) -> SqliteConnection {
    let file = dir.join("state").join("douane.db");
    SqliteConnection::connect(&format!("sqlite://{}", file.display())).await.unwrap()
}
