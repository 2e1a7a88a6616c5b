//! Views are made from the log, and made again just the same.

use crate::{account, at, beside, drafted, instrument, officer, opened, person, source};
use sqlx::{Column, Row, SqliteConnection, ValueRef};
use store::roster::Roster;
use store::{Digest, Event, KeyHash, Store};
use terms::{PersonFacts, Question, SubjectKind};

const VIEWS: [&str; 12] = [
    "accounts",
    "keys",
    "people",
    "evidence",
    "holds",
    "officers",
    "instruments",
    "approvals",
    "activations",
    "letters",
    "readings",
    "practice_clock",
];

/// Every cell of every view, as text.
async fn content(conn: &mut SqliteConnection) -> Vec<String> {
    let mut cells = Vec::new();
    for view in VIEWS {
        let sql = format!("SELECT * FROM {view} ORDER BY 1, 2");
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).fetch_all(&mut *conn).await.unwrap();
        assert!(!rows.is_empty(), "{view} is not exercised");
        for row in rows {
            for column in row.columns() {
                let value = row.try_get_raw(column.ordinal()).unwrap();
                let bytes = if value.is_null() {
                    None
                } else {
                    Some(row.get_unchecked::<Vec<u8>, _>(column.ordinal()))
                };
                cells.push(format!("{view}.{}={bytes:?}", column.name()));
            }
        }
    }
    cells
}

/// Records at least one event of each kind.
async fn everything(store: &Store) {
    let roster = "person_id,us_status\nu1,citizen\nu2,none\n";
    for to in ["acme", "borg"] {
        let rows = Roster::new(roster.as_bytes(), None).unwrap();
        store.load_people(at(1), &account(to), source(roster), rows).await.unwrap();
    }
    let digest = Digest::of(b"one");
    let (instrument, ada, bob) = (instrument("d"), officer("ada"), officer("bob"));
    let key = |byte: u8| KeyHash::from_bytes([byte; 32]);
    let added = |byte: u8| Event::KeyAdded {
        key_hash: key(byte),
        account: account("acme"),
        person: (byte == 1).then(|| person("u1")),
        kind: SubjectKind::Person,
        label: "laptop".into(),
    };
    let reading = |choice: &str| Event::ReadingRecorded {
        question: Question::HongKongIsCn,
        choice: choice.into(),
        by: officer("ada"),
        why: "the letter says so".into(),
    };
    let signature = "ab".repeat(64);
    let of = || account("acme");
    let filed = |who: &str, id: &str| {
        Event::filed(of(), person(who), crate::statement(id, people::Answer::Yes, 1000))
    };
    let events = [
        added(1),
        added(2),
        Event::KeyRevoked { account: account("acme"), key_hash: key(2) },
        Event::PersonFactsSet {
            account: account("acme"),
            person: person("u2"),
            facts: PersonFacts::unknown().into(),
        },
        drafted("d", "one"),
        Event::Approved { instrument: instrument.clone(), digest, officer: bob.clone(), signature },
        Event::LetterConfirmed {
            instrument: instrument.clone(),
            channel: "t".into(),
            with: "w".into(),
            by: ada,
        },
        Event::Activated { instrument: instrument.clone(), digest, snapshot: 1 },
        drafted("d", "two"),
        drafted("e", "three"),
        Event::InstrumentWithdrawn { id: crate::instrument("e") },
        reading("yes"),
        reading("no"),
        Event::OfficerRetired { officer: bob },
        filed("u1", "one"),
        filed("u1", "two"),
        filed("u2", "three"),
        filed("u2", "four"),
        Event::EvidenceSuspended {
            account: of(),
            person: person("u1"),
            id: "one".into(),
            why: "contested".into(),
        },
        Event::EvidenceRevoked { account: of(), person: person("u1"), id: "two".into(), why: "lost".into() },
        Event::ReviewSettled {
            account: of(),
            person: person("u1"),
            id: "one".into(),
            stands: true,
            by: officer("ada"),
            why: "it is right".into(),
        },
        Event::HoldSet { account: of(), person: person("u1"), held: true, why: "a court asks".into() },
        Event::PersonErased { account: of(), person: person("u2"), why: "asked for".into() },
        Event::ClockSet { at: at(100) },
        Event::ClockSet { at: at(50) },
    ];
    store.append(at(2), &events).await.unwrap();
}

#[tokio::test]
async fn a_rebuild_gives_identical_content() {
    let (dir, store) = opened().await;
    everything(&store).await;
    let recorded = store.events_since(0).await.unwrap();
    let kinds: std::collections::BTreeSet<&str> = recorded.iter().map(|event| event.event.word()).collect();
    assert_eq!(kinds.len(), 20, "each kind of event is exercised");

    let mut conn = beside(dir.path()).await;
    let (before, state) = (content(&mut conn).await, store.state().await.unwrap());
    sqlx::raw_sql(
        "DELETE FROM readings; UPDATE evidence SET state = 'active'; DELETE FROM holds; DELETE FROM people WHERE account = 'borg';
         UPDATE accounts SET display_name = 'wrong'; UPDATE instruments SET status = 'drafted';
         UPDATE people SET seq = 5; UPDATE keys SET revoked_us = NULL;
         INSERT INTO officers (officer, public_key, added_us) VALUES ('mallory', '', 0)",
    )
    .execute(&mut conn)
    .await
    .unwrap();
    store.rebuild_views().await.unwrap();
    assert_eq!(content(&mut conn).await, before);
    assert_eq!(store.state().await.unwrap(), state);
    assert_eq!(store.append(at(3), &[crate::account_added("cern")]).await.unwrap(), 32);
}

#[tokio::test]
async fn a_rebuild_of_a_broken_log_changes_nothing() {
    let (dir, store) = opened().await;
    everything(&store).await;
    let mut conn = beside(dir.path()).await;
    sqlx::raw_sql("DROP TRIGGER events_stay; UPDATE events SET at_us = 0 WHERE seq = 20")
        .execute(&mut conn)
        .await
        .unwrap();
    let before = content(&mut conn).await;
    store.rebuild_views().await.unwrap_err();
    assert_eq!(content(&mut conn).await, before);
}
