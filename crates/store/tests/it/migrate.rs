//! Directories of older formats.

use crate::{account, account_added, at, beside, officer, opened, person, statement};
use ::people::Answer;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use store::{Digest, Event, KnownAt, Migration, Reader, Store, StoreError};
use tempfile::TempDir;
use terms::{InstrumentId, UsStatus};

/// What a build of format 1 left in its directory.
const FORMAT_1: &str = include_str!("format-1.sql");
/// Where that chain ended.
const HEAD_1: &str = "77cb820ba3d0460bc0a059b8d3be0c3c2d42844f0bb289ce38d1e6a952f5f0a2";

async fn directory(sql: &'static str) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("state")).unwrap();
    std::fs::write(dir.path().join("state/douane.db"), "").unwrap();
    let mut conn = beside(dir.path()).await;
    sqlx::raw_sql(FORMAT_1).execute(&mut conn).await.unwrap();
    sqlx::raw_sql(sql).execute(&mut conn).await.unwrap();
    dir
}

async fn format_of(dir: &Path) -> i64 {
    sqlx::query_scalar("PRAGMA user_version").fetch_one(&mut beside(dir).await).await.unwrap()
}

fn status(state: &store::State, who: &str) -> UsStatus {
    state.person(&account("acme"), &person(who), at(9)).unwrap().facts.us_status.value
}

#[tokio::test]
async fn a_directory_of_format_1_is_written_anew_and_can_be_erased_from() {
    let dir = directory("").await;
    let store = Store::open(dir.path()).await.unwrap();
    let Some(Migration { from: 1, copy }) = store.migration().cloned() else { panic!("no migration") };
    assert_eq!(std::fs::metadata(&copy).unwrap().permissions().mode() & 0o777, 0o600);
    let head = store.verify_events().await.unwrap();
    let state = store.state().await.unwrap();
    assert_eq!(state, store.known_at(KnownAt::NOW).await.unwrap());
    let found: Vec<_> = ["u1", "u2", "u3", "u9"].iter().map(|who| status(&state, who)).collect();
    assert_eq!(found, [UsStatus::Citizen, UsStatus::Lpr, UsStatus::Lpr, UsStatus::Lpr]);
    let before = store.known_at(KnownAt::Event(5)).await.unwrap();
    assert_eq!(status(&before, "u2"), UsStatus::None, "what was known then is known still");
    assert_eq!((state.keys.len(), state.officers.len(), state.activations.len()), (1, 2, 1));
    let last = store.events_since(head.seq - 1).await.unwrap().remove(0);
    let end = Event::StateMigrated { from: 1, head: Digest::parse(HEAD_1).unwrap() };
    assert_eq!((last.seq, last.at, last.event), (13, at(5), end));

    let gone = Event::PersonErased { account: account("acme"), person: person("u9"), why: "asked".into() };
    store.append(at(9), &[account_added("cern"), gone]).await.unwrap();
    store.verify_events().await.unwrap();
    store.close().await;
    let store = Store::open(dir.path()).await.unwrap();
    assert_eq!(store.migration(), None, "once is enough");
    store.rebuild_views().await.unwrap();
    assert_eq!(store.verify_events().await.unwrap().seq, 15);
}

#[tokio::test]
async fn the_copy_is_what_was_there() {
    let dir = directory("").await;
    let copy = Store::open(dir.path()).await.unwrap().migration().unwrap().copy.clone();
    let again = tempfile::tempdir().unwrap();
    std::fs::create_dir(again.path().join("state")).unwrap();
    std::fs::copy(copy, again.path().join("state/douane.db")).unwrap();
    assert_eq!(format_of(again.path()).await, 1);
    let restored = Store::open(again.path()).await.unwrap();
    assert_eq!(restored.state().await.unwrap().people[&account("acme")].len(), 4);
}

#[tokio::test]
async fn a_former_log_that_does_not_hold_is_left_as_it_was() {
    for (sql, event) in [
        ("DROP TRIGGER events_stay; UPDATE events SET body = replace(body, 'Borg', 'Evil') WHERE seq = 2", 2),
        (
            "DROP TRIGGER person_facts_stay; UPDATE person_facts SET facts = replace(facts, 'citizen\"', 'lpr\"') WHERE person = 'u1'",
            5,
        ),
        (
            "DROP TRIGGER person_facts_stay; UPDATE person_facts SET facts = replace(facts, 'lpr', 'none') WHERE person = 'u9'",
            7,
        ),
    ] {
        // The triggers were there when the file was written, and are made again.
        let dir = directory(sql).await;
        let name = if event == 2 { "events_stay" } else { "person_facts_stay" };
        let on = name.trim_end_matches("_stay");
        let again =
            format!("CREATE TRIGGER {name} BEFORE UPDATE ON {on} BEGIN SELECT RAISE(ABORT, 'x'); END;");
        sqlx::raw_sql(sqlx::AssertSqlSafe(again)).execute(&mut beside(dir.path()).await).await.unwrap();
        for _ in 0..2 {
            let refused = Store::open(dir.path()).await.unwrap_err();
            assert!(matches!(refused, StoreError::Damaged { seq, .. } if seq == event), "{sql}: {refused}");
            assert_eq!(format_of(dir.path()).await, 1);
        }
    }
}

#[tokio::test]
async fn whoever_only_reads_is_told_what_to_do() {
    let dir = directory("").await;
    let refused = Reader::open(dir.path()).await.unwrap_err();
    assert!(matches!(refused, StoreError::Older { found: 1, known: 3 }), "{refused}");
    assert!(refused.to_string().contains("start the server once"), "{refused}");
}

#[tokio::test]
async fn a_directory_of_format_2_keeps_its_log() {
    let (dir, store) = opened().await;
    let filed = Event::filed(account("acme"), person("u1"), statement("one", Answer::Yes, 1_000));
    let retired = Event::OfficerRetired { officer: officer("bob") };
    store.append(at(1), &[filed, retired, crate::drafted("letter", "a = 1\n")]).await.unwrap();
    let (head, state) = (store.head().await.unwrap(), store.state().await.unwrap());
    store.close().await;
    sqlx::raw_sql(
        "PRAGMA foreign_keys = OFF; DROP TABLE cures; DROP TABLE appeals;
         CREATE TABLE former (officer TEXT PRIMARY KEY, public_key TEXT NOT NULL, added_by TEXT, added_us INTEGER NOT NULL,
           retired_us INTEGER) STRICT, WITHOUT ROWID;
         INSERT INTO former SELECT officer, public_key, added_by, added_us, retired_us FROM officers;
         DROP TABLE officers; ALTER TABLE former RENAME TO officers; PRAGMA user_version = 2;",
    )
    .execute(&mut beside(dir.path()).await)
    .await
    .unwrap();
    let store = Store::open(dir.path()).await.unwrap();
    assert_eq!(store.migration().unwrap().from, 2);
    assert_eq!(store.verify_events().await.unwrap(), head);
    let migrated = store.state().await.unwrap();
    assert_eq!(migrated, state);
    assert_eq!(migrated.instruments[0].id, InstrumentId::parse("letter").unwrap());
}

#[tokio::test]
async fn a_migration_is_not_appended() {
    let (_dir, store) = opened().await;
    let event = Event::StateMigrated { from: 1, head: Digest::of(b"") };
    let refused = store.append(at(1), &[event]).await.unwrap_err();
    assert!(refused.to_string().contains("when a directory is opened"), "{refused}");
}
