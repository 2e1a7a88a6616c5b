//! A million people on file: from evidence that is handed in to the next request decided on it, with both logs flushed.
//! `cargo bench -p server --bench filing`; another number of people as its argument.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement fails where it cannot go on")]

use bylaws::Bylaws;
use ledger::note::SigningKey;
use people::file::{Filed, State, Statement};
use people::{Answer, Facts, Method, Predicate};
use server::{Clock, House, Settings};
use std::sync::Arc;
use std::time::{Duration, Instant as Stopwatch};
use store::roster::RosterRow;
use store::{ApiKey, Digest, Event, KeyHash, RosterSource};
use terms::{AccountId, Attested, Instant, Level, PersonFacts, PersonId, SubjectKind, UsStatus};

const AT: Instant = Instant::from_micros(1_781_352_000_000_000);
/// People with a key of their own, and with a statement besides.
const KEYS: usize = 20_000;
const FILINGS: usize = 100;

fn account() -> AccountId {
    AccountId::parse("acme").unwrap()
}

fn person(number: usize) -> PersonId {
    PersonId::parse(&format!("org-7:employee-{number:07}")).unwrap()
}

fn row(number: usize) -> RosterRow {
    let status = UsStatus::KNOWN[number % UsStatus::KNOWN.len()];
    let facts =
        PersonFacts { us_status: Attested::new(status, Level::SelfDeclared), ..PersonFacts::unknown() };
    RosterRow { line: number as u64, person: person(number), facts }
}

fn filed(number: usize, id: String) -> Event {
    let statement = Statement {
        facts: Facts::stated([(Predicate::UsPerson, Answer::Yes)]),
        level: Level::Document,
        issuer: "https://kyc.example".to_owned(),
        org: None,
        method: Method::Vendor,
        valid_until: AT.plus_micros(1_000_000_000_000),
        verified_at: AT,
        status: None,
        flags: Default::default(),
    };
    Event::filed(account(), person(number), Filed { id, statement, state: State::Active })
}

async fn open(dir: &std::path::Path) -> Arc<House> {
    let settings = Settings {
        dir: dir.to_owned(),
        gateway: "gate-1".to_owned(),
        operator_url: None,
        operator_name: None,
        cure_url: None,
        min_evidence: Level::Document,
        min_location_evidence: Level::Document,
        serve_unrestricted_unrecorded: false,
        officers_needed: 2,
        bylaws: Bylaws::default(),
        identity: None,
        place: None,
        models: Vec::new(),
        upstreams: Vec::new(),
    };
    let key = SigningKey::from_seed("gate-1", &[3; 32]).unwrap();
    House::open(settings, Clock::practice(|| AT, AT), key).await.unwrap()
}

async fn commit(house: &House, events: &[Event]) {
    house.commit(&mut *house.registry.lock().await, events).await.unwrap();
}

/// Puts everybody on file; gives the keys.
async fn fill(house: &House, people: usize) -> Vec<KeyHash> {
    commit(house, &[Event::AccountAdded { account: account(), display_name: "Acme".into() }]).await;
    let source = RosterSource { file: "people.csv".into(), sha256: Digest::of(b"") };
    let rows = (0..people).map(|number| Ok(row(number)));
    let mut registry = house.registry.lock().await;
    house.commit_people(&mut registry, &account(), source, rows).await.unwrap();
    drop(registry);
    let (mut events, mut keys) = (Vec::new(), Vec::new());
    for number in 0..KEYS.min(people) {
        let key_hash = house.hasher.hash(ApiKey::generate().unwrap().text());
        let (person, kind) = (Some(person(number)), SubjectKind::Person);
        events.push(Event::KeyAdded { key_hash, account: account(), person, kind, label: String::new() });
        events.push(filed(number, format!("first-{number}")));
        keys.push(key_hash);
    }
    commit(house, &events).await;
    keys
}

fn report(what: &str, mut times: Vec<Duration>) {
    times.sort();
    let ms = |place: usize| times[place].as_secs_f64() * 1e3;
    println!("{what}: median {:.2} ms, worst {:.2} ms", ms(times.len() / 2), ms(times.len() - 1));
}

#[tokio::main]
async fn main() {
    let people = std::env::args().skip(1).find_map(|word| word.parse().ok()).unwrap_or(1_000_000);
    let dir = tempfile::tempdir().unwrap();
    let house = open(dir.path()).await;
    let keys = fill(&house, people).await;
    let on_file = house.registry.lock().await.state.people[&account()].clone();
    println!(
        "{} people, {} bytes each in memory, {} keys",
        on_file.len(),
        on_file.bytes() / on_file.len(),
        keys.len()
    );
    let (mut whole, mut memory) = (Vec::new(), Vec::new());
    for step in 0..FILINGS {
        let number = step * 7_919 % keys.len();
        let before = house.directory.load().find_at(&keys[number], AT).unwrap();
        let started = Stopwatch::now();
        commit(&house, &[filed(number, format!("next-{step}"))]).await;
        let known = house.directory.load().find_at(&keys[number], AT).unwrap();
        whole.push(started.elapsed());
        assert_eq!(known.file.len(), before.file.len() + 1, "the next request sees it");
        let registry = house.registry.lock().await;
        let recorded = registry.store.events_since(registry.state.head.seq - 1).await.unwrap();
        let directory = house.directory.load_full();
        let started = Stopwatch::now();
        let after = directory.after(&registry.state, &recorded);
        let again = after.find_at(&keys[number], AT).unwrap();
        memory.push(started.elapsed());
        assert!(Arc::ptr_eq(&again, &known));
    }
    report("filed, recorded, flushed twice, and decided on", whole);
    report("of that, the directory", memory);
}
