//! The log can no longer be written: restricted models close, others are served and counted (invariants 4 and 6).
#![allow(clippy::unwrap_used, reason = "a test fails where it cannot go on")]

mod rig;

use ledger::faults::{Fault, MemDir};
use ledger::journal::{Journal, Options};
use rig::Rig;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Asks once over a connection of its own and gives the whole answer as text.
async fn ask(rig: &Rig, key: &str, model: &str) -> String {
    let body = format!(
        r#"{{"model":"{model}","messages":[],"practice":{{"chunks":1,"interval_ms":0,"seed":"s"}}}}"#
    );
    let request = format!(
        "POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\nconnection: close\r\nauthorization: Bearer {key}\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut stream = TcpStream::connect(rig.gateway).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_fails_closes_restricted_models_and_no_others() {
    let dir = tempfile::tempdir().unwrap();
    let disk = MemDir::default();
    let log = disk.clone();
    let rig =
        Rig::start(dir.path(), move |key| Journal::open_in(Arc::new(log), key, Options::default()).unwrap())
            .await;
    assert_eq!(status(&ask(&rig, &rig.citizen, "fable-5").await), "200");
    assert_eq!(status(&ask(&rig, &rig.foreigner, "fable-5").await), "451");

    disk.set_fault(Fault::SyncFailsFrom(disk.operations()));
    let permitted = ask(&rig, &rig.citizen, "fable-5").await;
    assert_eq!(status(&permitted), "503", "{permitted}");
    assert!(permitted.contains("record_unavailable") && !permitted.contains("s-00000"), "{permitted}");
    let refused = ask(&rig, &rig.foreigner, "fable-5").await;
    assert_eq!(status(&refused), "503", "a refusal nobody can prove is not given as one: {refused}");

    let open = ask(&rig, &rig.foreigner, "open-1").await;
    assert_eq!(status(&open), "200", "{open}");
    assert!(open.contains("douane-receipt: none"), "{open}");
    assert!(rig.house.record.journal().failed().is_some());
    assert_eq!(rig.house.record.unrecorded(), 1);

    disk.set_fault(Fault::None);
    assert_eq!(
        status(&ask(&rig, &rig.citizen, "fable-5").await),
        "503",
        "a failed log stays closed until a new start"
    );
}
