//! Statements on file: filed, contested, settled, held, erased.

use crate::{account, at, beside, officer, opened, person, source, statement};
use people::Answer;
use people::file::{Filed, Resolved, State};
use std::path::Path;
use store::roster::Roster;
use store::{Event, KnownAt, Reader, Refusal, Store, StoreError};
use terms::{Level, MissingFact, UsStatus};

fn filed(who: &str, filed: Filed) -> Event {
    Event::filed(account("acme"), person(who), filed)
}

fn suspended(id: &str) -> Event {
    let (account, person) = (account("acme"), person("u1"));
    Event::EvidenceSuspended { account, person, id: id.to_owned(), why: "contested".into() }
}

fn resumed(id: &str) -> Event {
    let (account, person) = (account("acme"), person("u1"));
    Event::EvidenceResumed { account, person, id: id.to_owned(), why: "the list says so".into() }
}

fn revoked(id: &str) -> Event {
    let (account, person) = (account("acme"), person("u1"));
    Event::EvidenceRevoked { account, person, id: id.to_owned(), why: "lost".into() }
}

fn settled(id: &str, stands: bool) -> Event {
    let (account, person, by) = (account("acme"), person("u1"), officer("ada"));
    Event::ReviewSettled { account, person, id: id.to_owned(), stands, by, why: "looked at".into() }
}

fn erased(who: &str) -> Event {
    Event::PersonErased { account: account("acme"), person: person(who), why: "asked for".into() }
}

fn held(who: &str, held: bool) -> Event {
    Event::HoldSet { account: account("acme"), person: person(who), held, why: "a court asks".into() }
}

async fn load(store: &Store, roster: &str) {
    let rows = Roster::new(roster.as_bytes(), None).unwrap();
    store.load_people(at(1), &account("acme"), source(roster), rows).await.unwrap();
}

async fn known(store: &Store, who: &str, second: i64) -> Option<Resolved> {
    store.state().await.unwrap().person(&account("acme"), &person(who), at(second))
}

async fn status(store: &Store, who: &str, second: i64) -> (UsStatus, Level) {
    let status = known(store, who, second).await.unwrap().facts.us_status;
    (status.value, status.level)
}

#[track_caller]
fn refused(result: Result<u64, StoreError>) -> Refusal {
    match result {
        Err(StoreError::Refused(refusal)) => refusal,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_statement_counts_from_its_filing_to_its_end_beside_the_roster() {
    let (_dir, store) = opened().await;
    load(&store, "person_id,us_status\nu1,none\n").await;
    assert_eq!(status(&store, "u1", 5).await, (UsStatus::None, Level::SelfDeclared));
    store.append(at(2), &[filed("u1", statement("one", Answer::Yes, 10))]).await.unwrap();
    assert_eq!(status(&store, "u1", 10).await, (UsStatus::UsPerson, Level::Employer));
    let last = known(&store, "u1", 5).await.unwrap();
    assert_eq!(last.until, Some(at(10).plus_micros(1)));
    assert_eq!(last.facts.person_id, Some(person("u1")), "the person is named in the facts");
    assert_eq!(status(&store, "u1", 11).await, (UsStatus::None, Level::SelfDeclared));
    let state = store.state().await.unwrap();
    assert_eq!(state.person(&account("borg"), &person("u1"), at(5)), None, "one account's file is its own");
}

#[tokio::test]
async fn every_change_of_evidence_moves_the_epoch_and_the_answer() {
    let (_dir, store) = opened().await;
    let mut epochs = vec![store.state().await.unwrap().evidence_epoch];
    let mut seen = Vec::new();
    for event in [
        filed("u1", statement("one", Answer::Yes, 1000)),
        suspended("one"),
        settled("one", true),
        suspended("one"),
        resumed("one"),
        revoked("one"),
    ] {
        store.append(at(2), &[event]).await.unwrap();
        epochs.push(store.state().await.unwrap().evidence_epoch);
        seen.push(status(&store, "u1", 5).await.0);
    }
    use UsStatus::{Unknown, UsPerson};
    assert_eq!(seen, [UsPerson, Unknown, UsPerson, Unknown, UsPerson, Unknown]);
    assert!(epochs.is_sorted_by(|one, next| one < next), "{epochs:?}");
    store.append(at(3), &[crate::account_added("cern")]).await.unwrap();
    assert_eq!(store.state().await.unwrap().evidence_epoch, *epochs.last().unwrap());
}

#[tokio::test]
async fn equal_contradictions_open_a_review_until_an_officer_settles_it() {
    let (_dir, store) = opened().await;
    let both =
        [filed("u1", statement("one", Answer::Yes, 1000)), filed("u1", statement("two", Answer::No, 1000))];
    store.append(at(2), &both).await.unwrap();
    let known_now = known(&store, "u1", 5).await.unwrap();
    assert!(known_now.facts.conflicting.contains(MissingFact::UsStatus));
    let reviews = store.state().await.unwrap().reviews(at(5));
    assert_eq!(reviews[0].conflicts[0].between, ["one", "two"]);
    store.append(at(6), &[settled("two", false)]).await.unwrap();
    assert_eq!(status(&store, "u1", 7).await.0, UsStatus::UsPerson);
    assert_eq!(store.state().await.unwrap().reviews(at(7)), []);
}

#[tokio::test]
async fn what_was_contested_or_withdrawn_is_not_cured_by_presenting_it_again() {
    let (_dir, store) = opened().await;
    let one = || filed("u1", statement("one", Answer::Yes, 1000));
    store.append(at(2), &[one(), one()]).await.unwrap();
    assert_eq!(store.state().await.unwrap().file(&account("acme"), &person("u1")).len(), 1);
    let not_active = Refusal::StatementNotActive("one".into());
    assert_eq!(refused(store.append(at(3), &[resumed("one")]).await), not_active, "only what was suspended");
    store.append(at(3), &[suspended("one")]).await.unwrap();
    assert_eq!(refused(store.append(at(4), &[one()]).await), not_active);
    assert_eq!(refused(store.append(at(4), &[suspended("one")]).await), not_active);
    store.append(at(5), &[revoked("one")]).await.unwrap();
    assert_eq!(refused(store.append(at(6), &[one()]).await), not_active);
    assert_eq!(refused(store.append(at(6), &[settled("one", true)]).await), not_active);
    assert_eq!(refused(store.append(at(6), &[resumed("one")]).await), not_active);
    let unknown = refused(store.append(at(6), &[revoked("two")]).await);
    assert!(matches!(unknown, Refusal::UnknownStatement { .. }), "{unknown}");
    let other = Event::EvidenceFiled {
        account: account("acme"),
        person: person("u1"),
        id: "two".into(),
        filed: Box::new(statement("three", Answer::Yes, 1)).into(),
    };
    assert_eq!(refused(store.append(at(6), &[other]).await), Refusal::OtherStatement("two".into()));
}

#[tokio::test]
async fn a_newer_statement_of_the_same_issuer_takes_the_place_of_the_older() {
    let (_dir, store) = opened().await;
    let newer = Filed { id: "newer".into(), ..statement("one", Answer::No, 1000) };
    let both = [filed("u1", statement("one", Answer::Yes, 1000)), filed("u1", newer)];
    store.append(at(2), &both).await.unwrap();
    assert_eq!(status(&store, "u1", 5).await.0, UsStatus::None);
    let file = store.state().await.unwrap().file(&account("acme"), &person("u1"));
    assert_eq!(file.iter().map(|one| one.state).collect::<Vec<_>>(), [State::Superseded, State::Active]);
}

/// Whether any file of the directory holds the text.
pub fn on_disk(dir: &Path, text: &str) -> bool {
    let mut folders = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if std::fs::read(&path).unwrap().windows(text.len()).any(|part| part == text.as_bytes()) {
                return true;
            }
        }
    }
    false
}

#[tokio::test]
async fn what_is_erased_is_gone_from_disk_and_the_log_still_verifies() {
    let (dir, store) = opened().await;
    load(&store, "person_id,us_status,employer\nu1,citizen,Zebra Holding\nu2,none,Quagga Mills\n").await;
    let facts = terms::PersonFacts {
        employment: terms::Employment::Works(terms::Employer {
            name: "Okapi Works".into(),
            ..Default::default()
        }),
        ..Default::default()
    };
    let events = [
        filed("u1", statement("one", Answer::Yes, 1000)),
        Event::PersonFactsSet { account: account("acme"), person: person("u1"), facts: facts.into() },
    ];
    store.append(at(2), &events).await.unwrap();
    let words = ["Zebra Holding", "Okapi Works", "https://one.example"];
    assert!(words.iter().all(|word| on_disk(dir.path(), word)));

    store.append(at(3), &[erased("u1")]).await.unwrap();
    assert_eq!(known(&store, "u1", 5).await, None);
    assert!(words.iter().all(|word| !on_disk(dir.path(), word)));
    assert!(on_disk(dir.path(), "Quagga Mills"), "the other row of the roster stays");
    store.verify_events().await.unwrap();
    store.rebuild_views().await.unwrap();
    store.verify_events().await.unwrap();
    let state = store.state().await.unwrap();
    assert_eq!(state, store.known_at(KnownAt::NOW).await.unwrap());
    assert_eq!(state.people[&account("acme")].len(), 1);
    let before = store.known_at(KnownAt::Event(7)).await.unwrap();
    assert_eq!(before.person(&account("acme"), &person("u1"), at(5)), None, "nor is it known as of then");
    let reader = Reader::open(dir.path()).await.unwrap();
    assert_eq!(reader.facts_versions(&account("acme"), &person("u1"), 99, 9).await.unwrap(), []);
    let missing = Refusal::UnknownPerson(account("acme"), person("u1"));
    assert_eq!(refused(store.append(at(4), &[erased("u1")]).await), missing);
}

#[tokio::test]
async fn a_state_in_memory_forgets_whom_the_store_forgot() {
    let (_dir, store) = opened().await;
    load(&store, "person_id,us_status\nu1,citizen\nu2,none\n").await;
    store.append(at(2), &[filed("u1", statement("one", Answer::Yes, 1000))]).await.unwrap();
    let mut state = store.state().await.unwrap();
    store.append(at(3), &[erased("u1")]).await.unwrap();
    store.refresh(&mut state).await.unwrap();
    assert_eq!(state, store.state().await.unwrap());
    assert!(state.files.is_empty());
    load(&store, "person_id,us_status\nu1,lpr\n").await;
    store.refresh(&mut state).await.unwrap();
    assert_eq!(state.roster(&account("acme"), &person("u1")).unwrap().us_status.value, UsStatus::Lpr);
    store.verify_events().await.unwrap();
}

#[tokio::test]
async fn a_legal_hold_keeps_what_it_holds() {
    let (_dir, store) = opened().await;
    load(&store, "person_id,us_status\nu1,citizen\n").await;
    store.append(at(2), &[held("u1", true)]).await.unwrap();
    assert_eq!(
        refused(store.append(at(3), &[erased("u1")]).await),
        Refusal::Held(account("acme"), person("u1"))
    );
    assert_eq!(status(&store, "u1", 5).await.0, UsStatus::Citizen);
    store.append(at(4), &[held("u1", false), erased("u1")]).await.unwrap();
    assert_eq!(known(&store, "u1", 5).await, None);
}

#[tokio::test]
async fn retention_names_whoever_has_only_statements_that_ended() {
    let (_dir, store) = opened().await;
    load(&store, "person_id\nu3\n").await;
    let end = |id| statement(id, Answer::Yes, 10);
    let events = [
        filed("u1", end("a")),
        filed("u2", end("b")),
        filed("u2", statement("c", Answer::Yes, 30)),
        filed("u3", end("d")),
        filed("u4", end("e")),
        held("u4", true),
    ];
    store.append(at(2), &events).await.unwrap();
    let state = store.state().await.unwrap();
    assert_eq!(state.past_retention(at(10)), []);
    assert_eq!(state.past_retention(at(20)), [(account("acme"), person("u1"))]);
}

#[tokio::test]
async fn one_can_have_ones_own_record() {
    let (_dir, store) = opened().await;
    load(&store, "person_id,us_status\nu1,citizen\nu2,none\n").await;
    store.append(at(2), &[filed("u1", statement("one", Answer::Yes, 1000)), suspended("one")]).await.unwrap();
    let record = store.export(&account("acme"), &person("u1")).await.unwrap();
    let kinds: Vec<&str> = record.history.iter().map(|entry| entry.event).collect();
    assert_eq!(kinds, ["evidence_filed", "evidence_suspended"]);
    assert_eq!(record.roster[0].facts.us_status.value, UsStatus::Citizen);
    assert_eq!(record.statements[0].filed.state, State::Suspended);
    let json = serde_json::to_string(&record).unwrap();
    assert!(json.contains("\"us_person\":\"yes\"") && !json.contains("u2"), "{json}");
    assert!(store.export(&account("borg"), &person("u1")).await.is_err());
}

#[tokio::test]
async fn whoever_looks_back_sees_the_file_as_it_was_until_it_is_erased() {
    let (dir, store) = opened().await;
    let one = filed("u1", statement("one", Answer::Yes, 1000));
    store.append(at(2), &[one, suspended("one")]).await.unwrap();
    let reader = Reader::open(dir.path()).await.unwrap();
    let states = async |seq| {
        let file = reader.file_known_at(&account("acme"), &person("u1"), seq).await.unwrap();
        file.iter().map(|one| one.state).collect::<Vec<_>>()
    };
    assert_eq!(states(4).await, []);
    assert_eq!(states(5).await, [State::Active]);
    assert_eq!(states(6).await, [State::Suspended]);
    store.append(at(3), &[erased("u1")]).await.unwrap();
    assert_eq!(states(6).await, []);
}

#[tokio::test]
async fn an_erasure_that_no_event_made_is_damage() {
    let (dir, store) = opened().await;
    load(&store, "person_id\nu1\n").await;
    let mut conn = beside(dir.path()).await;
    sqlx::query("UPDATE person_facts SET facts = NULL, salt = NULL, erased = zeroblob(32)")
        .execute(&mut conn)
        .await
        .unwrap();
    let found = store.verify_events().await.unwrap_err();
    assert!(matches!(found, StoreError::Damaged { seq: 5, .. }), "{found}");
}
