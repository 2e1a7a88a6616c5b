//! `douane people`: who is on file, whose evidence ends, and what a letter would mean for them.
//!
//! What only looks reads the data directory and works beside a server; what changes something asks the server.

mod appeals;
mod campaign;
mod disparity;
mod judge;

use super::{people, print_json, table};
use crate::cli::{Appeals, People};
use crate::client::Client;
use crate::dir::DataDir;
use crate::wall;
use ::people::file::State as Standing;
use anyhow::Context;
use serde::Serialize;
use server::control::api::{AccountRef, Erasure, Hold, Settlement};
use store::{KnownAt, Reader, State};
use terms::{AccountId, Instant, PersonId};

/// Microseconds of a day.
const DAY_US: i64 = 86_400_000_000;

/// Does what one of the verbs says.
pub async fn run(dir: &DataDir, verb: People, json: bool) -> anyhow::Result<()> {
    match verb {
        People::Load { file, account } => people::load(&Client::of(dir)?, &file, &account, json).await,
        People::Export { person, account } => export(dir, &account, &person).await,
        People::Reviews => reviews(&state(dir).await?, wall::now(), json),
        People::Remind { days, retention_days } => {
            let ends = Ends::of(&state(dir).await?, wall::now(), days, retention_days);
            if json { print_json(&ends) } else { ends.print(days) }
        }
        People::Campaign { letter, at, readings } => {
            let asked = campaign::Asked { letter: &letter, at, readings: &readings };
            campaign::run(dir, &state(dir).await?, &asked, json)
        }
        People::Disparity { at } => {
            let reader = open(dir).await?;
            let done = disparity::run(dir, &reader, at.unwrap_or_else(wall::now), json).await;
            reader.close().await;
            done
        }
        People::Appeals(Appeals::List { all }) => appeals::list(&open(dir).await?, all, json).await,
        People::Appeals(verb) => appeals::settle(&Client::of(dir)?, verb, json).await,
        verb => change(&Client::of(dir)?, verb, json).await,
    }
}

/// Changes what is on file, through the running server.
async fn change(client: &Client, verb: People, json: bool) -> anyhow::Result<()> {
    let (said, account): (&str, AccountRef) = match verb {
        People::Erase { person, account, why } => {
            let erased = client.post("/v1/people/erasure", &Erasure { account, person, why }).await?;
            ("erased: facts, statements and salts are gone; the log still verifies", erased)
        }
        People::Hold { person, account, lift, why } => {
            let hold = Hold { account, person, held: !lift, why };
            let said = if lift { "the hold is lifted" } else { "held: nothing about this person is erased" };
            (said, client.post("/v1/people/hold", &hold).await?)
        }
        People::Settle { id, person, account, withdraw, by, why } => {
            let settlement = Settlement { account, person, id, stands: !withdraw, by, why };
            let said = if withdraw { "withdrawn for good" } else { "it stands" };
            (said, client.post("/v1/people/settlement", &settlement).await?)
        }
        _ => anyhow::bail!("this verb changes nothing"),
    };
    if json {
        return print_json(&account);
    }
    println!("{said}");
    Ok(())
}

/// All that is on file, read beside a running server.
async fn state(dir: &DataDir) -> anyhow::Result<State> {
    let reader = open(dir).await?;
    let state = reader.known_at(KnownAt::NOW).await?;
    reader.close().await;
    Ok(state)
}

async fn open(dir: &DataDir) -> anyhow::Result<Reader> {
    Reader::open(dir.path())
        .await
        .with_context(|| format!("cannot read the state in {}", dir.path().display()))
}

async fn export(dir: &DataDir, account: &AccountId, person: &PersonId) -> anyhow::Result<()> {
    let reader = open(dir).await?;
    let record = reader.export(account, person).await?;
    reader.close().await;
    print_json(&record)
}

fn reviews(state: &State, now: Instant, json: bool) -> anyhow::Result<()> {
    let reviews = state.reviews(now);
    if json {
        return print_json(&reviews);
    }
    let mut table = table(&["account", "person", "fact", "statements", "until it is settled"]);
    for review in &reviews {
        let (account, person) = (review.account.to_string(), review.person.to_string());
        for conflict in &review.conflicts {
            let effect = if conflict.open { "the fact is not known" } else { "the stronger side answers" };
            let row = [conflict.fact.word(), &conflict.between.join(", "), effect];
            table.add_row([&account, &person].into_iter().map(String::as_str).chain(row));
        }
        for id in &review.suspended {
            table.add_row([&account, &person, "contested", id, "it is not used"]);
        }
    }
    println!("{table}");
    Ok(())
}

/// Whose evidence ends soon, and what may be erased.
#[derive(Debug, Serialize)]
struct Ends {
    soon: Vec<End>,
    past_retention: Vec<Over>,
}

/// One piece of evidence that ends.
#[derive(Debug, Serialize, PartialEq, Eq, PartialOrd, Ord)]
struct End {
    until: Instant,
    account: AccountId,
    person: PersonId,
    /// How it came; `roster` for the account's own.
    source: &'static str,
}

/// Somebody whose statements ended longer ago than they are kept.
#[derive(Debug, Serialize)]
struct Over {
    account: AccountId,
    person: PersonId,
}

impl Ends {
    fn of(state: &State, now: Instant, days: i64, retention_days: i64) -> Self {
        let within =
            |until: &Instant| *until >= now && *until <= now.plus_micros(days.saturating_mul(DAY_US));
        let mut soon: Vec<End> =
            statements(state).chain(rosters(state)).filter(|end| within(&end.until)).collect();
        soon.sort();
        let before = now.plus_micros(retention_days.saturating_mul(DAY_US).saturating_neg());
        let over = state.past_retention(before).into_iter();
        Self { soon, past_retention: over.map(|(account, person)| Over { account, person }).collect() }
    }

    fn print(&self, days: i64) -> anyhow::Result<()> {
        println!("{} pieces of evidence end within {days} days", self.soon.len());
        let mut soon = table(&["until", "account", "person", "source"]);
        for end in &self.soon {
            soon.add_row([&end.until.to_string(), end.account.as_str(), end.person.as_str(), end.source]);
        }
        println!("{soon}");
        for over in &self.past_retention {
            println!(
                "kept long enough: {} of {}; erase with `douane people erase`",
                over.person, over.account
            );
        }
        Ok(())
    }
}

fn statements(state: &State) -> impl Iterator<Item = End> {
    let files = state.files.iter().flat_map(|(account, files)| files.iter().map(move |file| (account, file)));
    files.flat_map(|(account, (person, file))| {
        file.iter().filter(|one| one.state == Standing::Active).map(move |one| End {
            until: one.statement.valid_until,
            account: account.clone(),
            person: person.clone(),
            source: one.statement.method.word(),
        })
    })
}

fn rosters(state: &State) -> impl Iterator<Item = End> {
    let rows = state.people.iter().flat_map(|(account, people)| people.iter().map(move |row| (account, row)));
    rows.filter_map(|(account, (person, facts))| {
        let (until, person) = (facts.us_status_expires?, PersonId::parse(person).ok()?);
        Some(End { until, account: account.clone(), person, source: "roster" })
    })
}

#[cfg(test)]
mod tests;
