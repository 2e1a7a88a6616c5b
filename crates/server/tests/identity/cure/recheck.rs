//! What is on file stands or falls with the status list of its issuer, over real sockets.

use super::personal;
use super::wallet::World;
use crate::issuer::NOW;
use crate::rig::commit;
use serde_json::json;
use std::time::Duration;
use store::Event;
use terms::{Instant, PersonFacts};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A world in which somebody showed a credential and is served.
async fn served() -> (World, String) {
    let world = World::new().await;
    world.list_says(0, json!({"ttl": 300, "exp": NOW + 3_600}));
    let key = personal(&world.stage, "e7", PersonFacts::unknown()).await;
    let path = world.stage.link(&key).await;
    assert_eq!(world.answer(&path).await.status, 200);
    assert_eq!(world.stage.ask_with(&key).await.status, 200);
    (world, key)
}

impl World {
    fn later(&self, seconds: i64) {
        self.stage.rig.house.clock.jump_to(Instant::from_micros((NOW + seconds) * 1_000_000)).unwrap();
    }

    async fn epoch(&self) -> u64 {
        self.stage.rig.house.registry.lock().await.state.evidence_epoch
    }

    /// Returns when something changed on file after `epoch`.
    async fn changed_since(&self, epoch: u64) {
        let changed = async {
            while self.epoch().await == epoch {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), changed).await.unwrap();
    }

    /// Returns when the list was fetched so many times.
    async fn fetched(&self, times: usize) {
        let fetched = async {
            while self.fetches() < times {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), fetched).await.unwrap();
    }

    async fn history(&self) -> Vec<(&'static str, Option<String>)> {
        let registry = self.stage.rig.house.registry.lock().await;
        let person = terms::PersonId::parse("e7").unwrap();
        let record = registry.store.export(&crate::stage::account("acme"), &person).await.unwrap();
        let of_evidence = record.history.into_iter().filter(|entry| entry.event.starts_with("evidence"));
        of_evidence.map(|entry| (entry.event, entry.why)).collect()
    }
}

/// Opens a stream that would go on for minutes; gives what comes until its end.
async fn stream(world: &World, key: &str) -> tokio::task::JoinHandle<String> {
    let body = r#"{"model":"fable-5","messages":[],"stream":true,"practice":{"chunks":100000,"interval_ms":5,"seed":"s"}}"#;
    let length = body.len();
    let request = format!(
        "POST /v1/chat/completions HTTP/1.1\r\nhost: gate.test\r\nconnection: close\r\nx-api-key: {key}\r\ncontent-length: {length}\r\n\r\n{body}"
    );
    let mut socket = TcpStream::connect(world.stage.rig.gateway).await.unwrap();
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut first = [0; 64];
    let read = socket.read(&mut first).await.unwrap();
    assert!(first[..read].starts_with(b"HTTP/1.1 200"));
    tokio::spawn(async move {
        let mut rest = String::new();
        socket.read_to_string(&mut rest).await.unwrap();
        rest
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_credential_that_is_revoked_ends_the_next_request_and_the_open_stream() {
    let (world, key) = served().await;
    let (open, epoch) = (stream(&world, &key).await, world.epoch().await);
    world.list_says(1, json!({"ttl": 300, "exp": NOW + 3_600}));
    world.later(301);
    world.changed_since(epoch).await;
    assert_eq!(world.stage.ask_with(&key).await.status, 401);
    let end = tokio::time::timeout(Duration::from_secs(30), open).await.unwrap().unwrap();
    assert!(end.contains("verification_required"), "{}", &end[end.len().saturating_sub(600)..]);
    let why = Some("the issuer's status list says revoked".to_owned());
    assert_eq!(world.history().await.last(), Some(&("evidence_revoked", why)));
    // Withdrawn for good: a list that says otherwise later changes nothing.
    world.list_says(0, json!({"ttl": 300, "exp": NOW + 7_200}));
    world.later(3_000);
    assert_eq!(world.stage.ask_with(&key).await.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suspension_by_the_issuer_ends_when_the_list_says_so() {
    let (world, key) = served().await;
    let epoch = world.epoch().await;
    world.list_says(2, json!({"ttl": 300, "exp": NOW + 3_600}));
    world.later(301);
    world.changed_since(epoch).await;
    assert_eq!(world.stage.ask_with(&key).await.status, 401);
    let epoch = world.epoch().await;
    world.list_says(0, json!({"ttl": 300, "exp": NOW + 3_600}));
    world.later(700);
    world.changed_since(epoch).await;
    assert_eq!(world.stage.ask_with(&key).await.status, 200);
    let words: Vec<_> = world.history().await.into_iter().map(|(word, _)| word).collect();
    assert_eq!(words, ["evidence_filed", "evidence_suspended", "evidence_resumed"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_cannot_be_had_counts_until_its_end_and_no_longer() {
    let (world, key) = served().await;
    let (fetches, epoch) = (world.fetches(), world.epoch().await);
    world.list_is("none");
    world.later(301);
    world.fetched(fetches + 1).await;
    assert_eq!(world.stage.ask_with(&key).await.status, 200, "the last list is good for an hour");
    world.later(330);
    world.later(360);
    assert_eq!(world.stage.ask_with(&key).await.status, 200);
    assert!(world.fetches() <= fetches + 1, "at most once a minute");
    world.later(3_661);
    world.changed_since(epoch).await;
    assert_eq!(world.stage.ask_with(&key).await.status, 401);
    let why = Some("the issuer's status list cannot be had".to_owned());
    assert_eq!(world.history().await.last(), Some(&("evidence_suspended", why)));
    let epoch = world.epoch().await;
    world.list_says(0, json!({"iat": NOW + 3_600, "ttl": 300, "exp": NOW + 7_200}));
    world.later(3_800);
    world.changed_since(epoch).await;
    assert_eq!(world.stage.ask_with(&key).await.status, 200, "back when it can");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_contested_is_not_settled_by_a_list() {
    let (world, key) = served().await;
    let account = crate::stage::account("acme");
    let person = terms::PersonId::parse("e7").unwrap();
    let id = world.stage.rig.house.registry.lock().await.state.file(&account, &person)[0].id.clone();
    let why = "contested".to_owned();
    commit(&world.stage.rig.house, &[Event::EvidenceSuspended { account, person, id, why }]).await;
    let fetches = world.fetches();
    world.later(301);
    world.fetched(fetches + 1).await;
    world.later(700);
    world.fetched(fetches + 2).await;
    assert_eq!(world.stage.ask_with(&key).await.status, 401);
    assert_eq!(world.history().await.last().unwrap().0, "evidence_suspended");
}
