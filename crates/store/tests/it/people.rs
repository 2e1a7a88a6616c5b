//! People: per account, by version, all rows of a roster or none.

use crate::{account, at, opened, person, source};
use std::sync::Arc;
use store::roster::{Problem, Roster, RosterRow};
use store::{Event, LoadSummary, Refusal, Store, StoreError};
use terms::{Attested, Country, Level, PersonFacts, UsStatus};

async fn load(store: &Store, to: &str, roster: &str) -> Result<LoadSummary, StoreError> {
    let rows = Roster::new(roster.as_bytes(), None)?;
    store.load_people(at(10), &account(to), source(roster), rows).await
}

async fn facts(store: &Store, of: &str, who: &str) -> Option<Arc<PersonFacts>> {
    store.state().await.unwrap().person(&account(of), &person(who), at(20)).map(|known| Arc::new(known.facts))
}

#[tokio::test]
async fn two_accounts_may_say_the_opposite_of_one_person() {
    let (_dir, store) = opened().await;
    load(&store, "acme", "person_id,us_status\nu1,citizen\n").await.unwrap();
    load(&store, "borg", "person_id,us_status,citizenships\nu1,none,CN\n").await.unwrap();
    let (acme, borg) =
        (facts(&store, "acme", "u1").await.unwrap(), facts(&store, "borg", "u1").await.unwrap());
    assert_eq!((acme.us_status.value, acme.citizenships.len()), (UsStatus::Citizen, 0));
    assert_eq!((borg.us_status.value, borg.citizenships[0].country), (UsStatus::None, Country::CN));

    load(&store, "acme", "person_id,us_status\nu1,lpr\n").await.unwrap();
    assert_eq!(facts(&store, "borg", "u1").await.unwrap(), borg, "one account never touches the other");
    let key = Event::KeyAdded {
        key_hash: store::KeyHash::from_bytes([1; 32]),
        account: account("acme"),
        person: Some(person("u1")),
        kind: terms::SubjectKind::Person,
        label: "laptop".into(),
    };
    store.append(at(11), &[key]).await.unwrap();
    let key_hash = store::KeyHash::from_bytes([1; 32]);
    let theirs = store.append(at(12), &[Event::KeyRevoked { account: account("borg"), key_hash }]).await;
    assert!(matches!(theirs, Err(StoreError::Refused(Refusal::UnknownKey(_)))));
    assert_eq!(store.state().await.unwrap().keys.len(), 1);
}

#[tokio::test]
async fn a_roster_with_one_wrong_row_loads_nothing() {
    let (_dir, store) = opened().await;
    load(&store, "acme", "person_id,us_status\nu1,citizen\n").await.unwrap();
    let before = store.state().await.unwrap();
    let mut roster = String::from("person_id,us_status\nu1,none\n");
    (0..5_000).for_each(|row| roster.push_str(&format!("p{row},citizen\n")));
    roster.push_str("u2,martian\n");
    let refused = load(&store, "acme", &roster).await.unwrap_err().to_string();
    assert!(
        refused.starts_with("the roster was not loaded: line 5003: column `us_status`: `martian`"),
        "{refused}"
    );
    assert_eq!(store.state().await.unwrap(), before);
    store.verify_events().await.unwrap();
}

#[tokio::test]
async fn a_roster_needs_rows_and_an_account_on_file() {
    let (_dir, store) = opened().await;
    let refused = load(&store, "nobody", "person_id\nu1\n").await.unwrap_err();
    assert!(matches!(refused, StoreError::Refused(Refusal::UnknownAccount(_))));
    let refused = load(&store, "acme", "person_id\n").await.unwrap_err();
    assert!(matches!(refused, StoreError::Roster(error) if error.problem == Problem::NoRows));
    assert_eq!(store.head().await.unwrap().seq, 4);
}

#[tokio::test]
async fn versions_are_kept_and_the_newest_counts() {
    let (_dir, store) = opened().await;
    let first = load(&store, "acme", "person_id,us_status\nu1,none\nu2,none\nu3,lpr\n").await.unwrap();
    assert_eq!(first, LoadSummary { seq: 5, people: 3, written: 3 });
    let second = load(&store, "acme", "person_id,us_status\nu1,lpr\nu2,none\n").await.unwrap();
    assert_eq!(second, LoadSummary { seq: 6, people: 2, written: 1 });
    assert_eq!(facts(&store, "acme", "u1").await.unwrap().us_status.value, UsStatus::Lpr);
    assert_eq!(
        facts(&store, "acme", "u3").await.unwrap().us_status.value,
        UsStatus::Lpr,
        "not named, so kept"
    );
    let back = load(&store, "acme", "person_id,us_status\nu1,none\n").await.unwrap();
    assert_eq!(back.written, 1, "compared with the newest version, not with any");
    store.verify_events().await.unwrap();
}

fn lpr(who: Option<&str>) -> PersonFacts {
    let us_status = Attested::new(UsStatus::Lpr, Level::Document);
    PersonFacts { person_id: who.map(person), us_status, ..PersonFacts::unknown() }
}

fn set(who: &str, facts: PersonFacts) -> Event {
    Event::PersonFactsSet { account: account("acme"), person: person(who), facts: facts.into() }
}

#[tokio::test]
async fn one_persons_facts_can_be_set() {
    let (_dir, store) = opened().await;
    load(&store, "acme", "person_id,us_status\nu1,none\n").await.unwrap();
    store.append(at(11), &[set("u1", lpr(None)), set("u2", lpr(Some("u2")))]).await.unwrap();
    for who in ["u1", "u2"] {
        assert_eq!(
            *facts(&store, "acme", who).await.unwrap(),
            lpr(Some(who)),
            "the person is named in the facts"
        );
    }
    let refused = store.append(at(12), &[set("u1", lpr(Some("u2")))]).await.unwrap_err();
    assert!(matches!(refused, StoreError::Refused(Refusal::OtherPerson(_))));
    let mut endless = lpr(None);
    endless.us_status_expires = Some(terms::Instant::MAX);
    let refused = store.append(at(12), &[set("u1", endless)]).await.unwrap_err();
    assert!(matches!(refused, StoreError::Refused(Refusal::Unwritable)));
    store.verify_events().await.unwrap();
}

#[tokio::test]
async fn a_roster_event_has_its_own_entrance() {
    let (_dir, store) = opened().await;
    load(&store, "acme", "person_id\nu1\n").await.unwrap();
    let event = store.events_since(4).await.unwrap().remove(0).event;
    assert!(matches!(&event, Event::PeopleLoaded { people: 1, written: 1, .. }));
    let refused = store.append(at(11), &[event]).await.unwrap_err();
    assert!(matches!(refused, StoreError::Refused(Refusal::RosterEvent)));
}

#[tokio::test]
async fn a_state_brought_up_to_date_is_the_state() {
    let (_dir, store) = opened().await;
    load(&store, "acme", "person_id,us_status\nu1,none\nu2,none\n").await.unwrap();
    let mut state = store.state().await.unwrap();
    load(&store, "borg", "person_id,us_status\nu1,citizen\n").await.unwrap();
    store.append(at(11), &[set("u1", lpr(None)), crate::account_added("cern")]).await.unwrap();
    assert_ne!(state, store.state().await.unwrap());
    store.refresh(&mut state).await.unwrap();
    assert_eq!(state, store.state().await.unwrap());
}

#[tokio::test]
async fn a_large_roster_goes_in_and_comes_back() {
    let (_dir, store) = opened().await;
    let rows = (1..=30_001_u64).map(|line| {
        let facts = if line % 2 == 0 { lpr(None) } else { PersonFacts::unknown() };
        Ok(RosterRow { line, person: person(&format!("p{line}")), facts })
    });
    let summary = store.load_people(at(10), &account("acme"), source(""), rows).await.unwrap();
    assert_eq!((summary.people, summary.written), (30_001, 30_001));
    let state = store.state().await.unwrap();
    assert_eq!(state.people[&account("acme")].len(), 30_001);
    let known = state.person(&account("acme"), &person("p30000"), at(20)).unwrap();
    assert_eq!(known.facts, lpr(Some("p30000")));
    assert_eq!(state.people[&account("acme")].distinct_facts(), 2, "equal facts are shared");
    store.verify_events().await.unwrap();
}

#[tokio::test]
async fn loads_can_move_between_threads() {
    let (_dir, store) = opened().await;
    let store = Arc::new(store);
    let own = store.clone();
    let loaded =
        tokio::spawn(async move { load(&own, "acme", "person_id\nu1\n").await.map(|load| load.people) });
    assert_eq!(loaded.await.unwrap().unwrap(), 1);
    let writers = (0..8).map(|account| {
        let store = store.clone();
        tokio::spawn(
            async move { store.append(at(1), &[crate::account_added(&format!("a{account}"))]).await },
        )
    });
    let mut numbers = Vec::new();
    for writer in writers.collect::<Vec<_>>() {
        numbers.push(writer.await.unwrap().unwrap());
    }
    numbers.sort_unstable();
    assert_eq!(numbers, (6..14).collect::<Vec<_>>());
    store.verify_events().await.unwrap();
}

#[tokio::test]
async fn a_person_takes_no_more_than_128_bytes_and_a_filing_copies_nobody() {
    let (_dir, store) = opened().await;
    let mut roster = String::from("person_id,us_status,us_status_level,citizenships\n");
    for number in 0..50_000 {
        let status = ["citizen", "lpr", "none"][number % 3];
        let country = ["US", "FR", "KR", "DE", "IN"][number % 5];
        roster.push_str(&format!("org-7:employee-{number:07},{status},document,{country}\n"));
    }
    load(&store, "acme", &roster).await.unwrap();
    let mut state = store.state().await.unwrap();
    let before = state.people[&account("acme")].clone();
    assert_eq!(before.len(), 50_000);
    assert!(before.bytes() <= 128 * before.len(), "{} bytes", before.bytes() / before.len());

    let who = person("org-7:employee-0000007");
    let filed = Event::filed(account("acme"), who.clone(), crate::statement("one", ::people::Answer::No, 99));
    store.append(at(11), &[filed]).await.unwrap();
    let changes = store.refresh(&mut state).await.unwrap();
    assert!(matches!(changes, store::Changes::Events(events) if events.len() == 1));
    assert_eq!(state.file(&account("acme"), &who).len(), 1);
    let after = &state.people[&account("acme")];
    assert!(Arc::ptr_eq(before.get(&who).unwrap(), after.get(&who).unwrap()), "the roster is shared");
    assert_eq!(after.bytes(), before.bytes());
    assert_eq!(state, store.state().await.unwrap());
}
