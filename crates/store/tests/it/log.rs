//! The log: kept, chained, append-only.

use crate::{account_added, at, beside, opened, source};
use store::roster::Roster;
use store::{Event, Head, Store, StoreError};
use tempfile::TempDir;

#[tokio::test]
async fn a_restart_keeps_everything() {
    let (dir, store) = opened().await;
    let (head, state) = (store.head().await.unwrap(), store.state().await.unwrap());
    drop(store);
    let store = Store::open(dir.path()).await.unwrap();
    assert_eq!(store.head().await.unwrap(), head);
    assert_eq!(store.state().await.unwrap(), state);
    assert_eq!(store.verify_events().await.unwrap(), head);
    assert_eq!(store.append(at(9), &[account_added("cern")]).await.unwrap(), 5);
}

#[tokio::test]
async fn a_copy_taken_while_running_holds_what_was_acknowledged() {
    let (dir, store) = opened().await;
    let copy = tempfile::tempdir().unwrap();
    std::fs::create_dir(copy.path().join("state")).unwrap();
    for file in ["douane.db", "douane.db-wal"] {
        let path = std::path::Path::new("state").join(file);
        std::fs::copy(dir.path().join(&path), copy.path().join(&path)).unwrap();
    }
    let copied = Store::open(copy.path()).await.unwrap();
    assert_eq!(copied.verify_events().await.unwrap(), store.head().await.unwrap());
}

#[tokio::test]
async fn events_come_back_in_order_and_in_pages() {
    let (_dir, store) = opened().await;
    let clocks: Vec<Event> = (0..2_100).map(|second| Event::ClockSet { at: at(second) }).collect();
    assert_eq!(store.append(at(1), &clocks).await.unwrap(), 2_104);
    let first = store.events_since(4).await.unwrap();
    let rest = store.events_since(first.last().unwrap().seq).await.unwrap();
    assert_eq!((first.len(), rest.len()), (2_000, 100));
    let read: Vec<Event> = first.into_iter().chain(rest).map(|recorded| recorded.event).collect();
    assert_eq!(read, clocks);
    assert_eq!(store.events_since(2_104).await.unwrap(), []);
    assert_eq!(store.append(at(2), &[]).await.unwrap(), 2_104);
}

#[tokio::test]
async fn a_batch_is_appended_whole_or_not_at_all() {
    let (_dir, store) = opened().await;
    let before = store.state().await.unwrap();
    let events = [account_added("cern"), account_added("acme")];
    let refused = store.append(at(1), &events).await.unwrap_err();
    assert_eq!(refused.to_string(), "account acme is on file already");
    assert_eq!(store.state().await.unwrap(), before);
    assert_eq!(store.append(at(1), &events[..1]).await.unwrap(), 5);
}

#[tokio::test]
async fn a_directory_is_open_once() {
    let (dir, store) = opened().await;
    assert!(matches!(Store::open(dir.path()).await, Err(StoreError::InUse { .. })));
    store.close().await;
    Store::open(dir.path()).await.unwrap();
}

#[tokio::test]
async fn a_later_format_is_left_alone() {
    let (dir, store) = opened().await;
    store.close().await;
    sqlx::query("PRAGMA user_version = 7").execute(&mut beside(dir.path()).await).await.unwrap();
    let refused = Store::open(dir.path()).await.unwrap_err();
    assert!(matches!(refused, StoreError::Newer { found: 7, known: 3 }), "{refused}");
}

#[tokio::test]
async fn the_database_itself_refuses_changes() {
    let (dir, store) = opened().await;
    let roster = "person_id\nu1\n";
    let rows = Roster::new(roster.as_bytes(), None).unwrap();
    store.load_people(at(1), &crate::account("acme"), source(roster), rows).await.unwrap();
    let mut conn = beside(dir.path()).await;
    for sql in [
        "UPDATE events SET body = '{}' WHERE seq = 1",
        "DELETE FROM events WHERE seq = 5",
        "INSERT OR REPLACE INTO events SELECT 1, at_us, kind, '{}', prev, link FROM events WHERE seq = 1",
        "INSERT INTO events SELECT 9, at_us, kind, body, prev, link FROM events WHERE seq = 1",
        "UPDATE person_facts SET facts = 2",
        "UPDATE facts SET body = '{}'",
        "UPDATE person_facts SET facts = NULL, salt = NULL, erased = zeroblob(32), person = 'u2'",
        "DELETE FROM person_facts",
        "INSERT OR REPLACE INTO person_facts VALUES ('acme', 'u1', 5, 1, zeroblob(16), NULL)",
        "INSERT INTO person_facts VALUES ('acme', 'u2', 5, 1, zeroblob(16), NULL)",
    ] {
        let refused = sqlx::query(sql).execute(&mut conn).await.unwrap_err().to_string();
        assert!(
            ["append-only", "without gaps", "the next event"].iter().any(|why| refused.contains(why)),
            "{sql}: {refused}"
        );
    }
    store.verify_events().await.unwrap();
}

/// A store whose tables somebody changed after taking the triggers off.
async fn tampered(sql: &'static str) -> (TempDir, Store) {
    let (dir, store) = opened().await;
    let roster = "person_id,us_status\nu1,citizen\nu2,none\n";
    let rows = Roster::new(roster.as_bytes(), None).unwrap();
    store.load_people(at(1), &crate::account("acme"), source(roster), rows).await.unwrap();
    let (account, person) = (crate::account("acme"), crate::person("u9"));
    let facts = terms::PersonFacts::unknown();
    store.append(at(2), &[Event::PersonFactsSet { account, person, facts: facts.into() }]).await.unwrap();
    let (account, person) = (crate::account("acme"), crate::person("u1"));
    let filed = Event::filed(account, person, crate::statement("one", people::Answer::Yes, 1000));
    assert_eq!(store.append(at(3), &[filed]).await.unwrap(), 7);
    store.verify_events().await.unwrap();
    let mut conn = beside(dir.path()).await;
    let triggers: Vec<String> = sqlx::query_scalar("SELECT name FROM sqlite_schema WHERE type = 'trigger'")
        .fetch_all(&mut conn)
        .await
        .unwrap();
    assert_eq!(triggers.len(), 9);
    for trigger in triggers {
        sqlx::raw_sql(sqlx::AssertSqlSafe(format!("DROP TRIGGER {trigger}")))
            .execute(&mut conn)
            .await
            .unwrap();
    }
    sqlx::raw_sql(sql).execute(&mut conn).await.unwrap();
    (dir, store)
}

#[tokio::test]
async fn tampering_is_found_at_its_event() {
    for (sql, event) in [
        ("UPDATE events SET body = replace(body, 'acme Ltd', 'evil Ltd') WHERE seq = 1", 1),
        ("UPDATE events SET at_us = at_us + 1 WHERE seq = 2", 2),
        ("UPDATE events SET kind = 'clock_set' WHERE seq = 3", 3),
        ("UPDATE events SET link = zeroblob(32) WHERE seq = 5", 5),
        ("PRAGMA foreign_keys = OFF; DELETE FROM events WHERE seq = 2", 2),
        ("UPDATE facts SET body = replace(body, 'none', 'national') WHERE body LIKE '%none%self%'", 5),
        (
            "UPDATE person_facts SET facts = (SELECT facts FROM person_facts WHERE person = 'u1') WHERE person = 'u2'",
            5,
        ),
        ("PRAGMA foreign_keys = OFF; DELETE FROM person_facts WHERE person = 'u1'", 5),
        ("UPDATE person_facts SET facts = NULL, salt = NULL, erased = zeroblob(32) WHERE person = 'u9'", 6),
        ("DELETE FROM statements", 7),
        ("UPDATE statements SET body = replace(body, 'employer', 'document')", 7),
        ("UPDATE statements SET account = 'borg'", 7),
        (
            "UPDATE person_facts SET facts = (SELECT facts FROM person_facts WHERE person = 'u1') WHERE person = 'u9'",
            6,
        ),
        (
            "INSERT INTO person_facts SELECT 'acme', 'u3', 5, facts, salt, erased FROM person_facts WHERE person = 'u1'",
            5,
        ),
        (
            "INSERT INTO person_facts SELECT 'borg', 'u1', 1, facts, salt, erased FROM person_facts WHERE person = 'u1'",
            1,
        ),
    ] {
        let (dir, store) = tampered(sql).await;
        let found = store.verify_events().await.unwrap_err();
        assert!(matches!(found, StoreError::Damaged { seq, .. } if seq == event), "{sql}: {found}");
        drop(store);
        let opened = Store::open(dir.path()).await;
        assert_eq!(opened.is_err(), sql.contains(" events "), "{sql}: the tail is checked at start");
    }
}

#[tokio::test]
async fn a_rewritten_tail_moves_the_head() {
    let (_one, first) = opened().await;
    let (_two, second) = opened().await;
    assert_eq!(first.head().await.unwrap(), second.head().await.unwrap());
    first.append(at(1), &[account_added("cern")]).await.unwrap();
    second.append(at(2), &[account_added("cern")]).await.unwrap();
    let (one, two): (Head, Head) = (first.head().await.unwrap(), second.head().await.unwrap());
    assert_eq!(one.seq, two.seq);
    assert_ne!(one.link, two.link);
}
