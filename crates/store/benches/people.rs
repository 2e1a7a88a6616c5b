//! A million people on file: bytes in memory for each, and seconds from a closed directory to a state in memory.
//! `cargo bench -p store --bench people`; another number of people as its argument.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

use std::time::Instant as Stopwatch;
use store::roster::RosterRow;
use store::{Digest, Event, RosterSource, State, Store};
use terms::{AccountId, Attested, Citizenship, Country, Instant, Level, PersonFacts, PersonId, UsStatus};

const AT: Instant = Instant::from_micros(1_781_280_000_000_000);

/// Somebody of a varied population: nine statuses, thirty citizenships, three levels.
fn row(number: u64) -> RosterRow {
    let of = |list: usize| usize::try_from(number).unwrap() % list;
    let level = [Level::SelfDeclared, Level::Employer, Level::Document][of(3)];
    let countries: Vec<Country> = Country::all().take(30).collect();
    let country = countries[of(countries.len())];
    let held =
        Citizenship { country, from: None, registered: None, until: None, level, until_level: Level::None };
    let facts = PersonFacts {
        us_status: Attested::new(UsStatus::KNOWN[of(UsStatus::KNOWN.len())], level),
        citizenships: vec![held],
        citizenships_complete: Attested::new(true, level),
        location: Some(Attested::new(Country::US, Level::SelfDeclared)),
        ..PersonFacts::unknown()
    };
    let person = PersonId::parse(&format!("org-7:employee-{number:07}")).unwrap();
    RosterRow { line: number, person, facts }
}

/// Resident memory of this process, bytes (proc(5)).
fn resident() -> u64 {
    let pages = std::fs::read_to_string("/proc/self/statm").unwrap();
    pages.split(' ').nth(1).unwrap().parse::<u64>().unwrap() * 4096
}

async fn filled(dir: &std::path::Path, account: &AccountId, people: u64) {
    let store = Store::open(dir).await.unwrap();
    let added = Event::AccountAdded { account: account.clone(), display_name: "Acme".into() };
    store.append(AT, &[added]).await.unwrap();
    let source = RosterSource { file: "people.csv".into(), sha256: Digest::of(b"") };
    let before = Stopwatch::now();
    store.load_people(AT, account, source, (1..=people).map(|number| Ok(row(number)))).await.unwrap();
    println!("load:    {:.2} s for {people} people", before.elapsed().as_secs_f64());
    store.close().await;
}

async fn start(dir: &std::path::Path) -> (Store, State) {
    let store = Store::open(dir).await.unwrap();
    let state = store.state().await.unwrap();
    (store, state)
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let people = std::env::args().skip(1).find_map(|word| word.parse().ok()).unwrap_or(1_000_000_u64);
    let dir = tempfile::tempdir().unwrap();
    let account = AccountId::parse("acme").unwrap();
    filled(dir.path(), &account, people).await;
    for run in 1..=3 {
        let (memory, before) = (resident(), Stopwatch::now());
        let (store, state) = start(dir.path()).await;
        let seconds = before.elapsed().as_secs_f64();
        let on_file = &state.people[&account];
        assert_eq!(on_file.len() as u64, people);
        println!(
            "start {run}: {seconds:.2} s; {} bytes a person in memory, {} distinct facts; the process grew by {} bytes a person",
            on_file.bytes() as u64 / people,
            on_file.distinct_facts(),
            resident().saturating_sub(memory) / people,
        );
        let before = Stopwatch::now();
        let looks = 1_000_000;
        let ids: Vec<PersonId> = (0..1_000)
            .map(|step| PersonId::parse(&format!("org-7:employee-{:07}", 1 + step * 997 % people)).unwrap())
            .collect();
        let found = (0..looks).filter(|look| on_file.get(&ids[look % ids.len()]).is_some()).count();
        println!("look-up: {:.0} ns", before.elapsed().as_secs_f64() * 1e9 / found as f64);
        store.close().await;
    }
}
