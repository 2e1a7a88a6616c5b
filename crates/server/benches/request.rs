//! A whole request over loopback: key check, decision, durable record, upstream call, answer.
//!
//! Wall time of one connection asking again and again, with the practice model in the same process. For CPU per request
//! beside other gateways see `benches/gateway`.
#![allow(clippy::unwrap_used, reason = "a test fails where it cannot go on")]

use divan::Bencher;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use tokio::runtime::Runtime;

#[path = "../tests/rig/mod.rs"]
mod rig;

use rig::{Rig, on_disk};

fn main() {
    divan::main();
}

struct Stage {
    _runtime: Runtime,
    _dir: tempfile::TempDir,
    rig: Rig,
}

fn stage() -> Stage {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let dir = tempfile::tempdir().unwrap();
    let rig = runtime.block_on(Rig::start(dir.path(), on_disk(dir.path())));
    Stage { _runtime: runtime, _dir: dir, rig }
}

/// A kept connection with one request to repeat.
struct Asker {
    stream: TcpStream,
    request: Vec<u8>,
    expected: &'static [u8],
}

impl Asker {
    fn new(gateway: SocketAddr, head: &str, body: &str, expected: &'static [u8]) -> Self {
        let stream = TcpStream::connect(gateway).unwrap();
        stream.set_nodelay(true).unwrap();
        let request =
            format!("{head}\r\nhost: a\r\ncontent-length: {}\r\n\r\n{body}", body.len()).into_bytes();
        Self { stream, request, expected }
    }

    /// Sends the request and reads one answer of announced length.
    fn ask(&mut self) {
        self.stream.write_all(&self.request).unwrap();
        let mut answer = Vec::with_capacity(2048);
        let mut part = [0u8; 4096];
        loop {
            let read = self.stream.read(&mut part).unwrap();
            assert!(read > 0, "the gateway closed the connection");
            answer.extend_from_slice(&part[..read]);
            if let Some(whole) = length(&answer)
                && answer.len() >= whole
            {
                break;
            }
        }
        assert!(answer.starts_with(self.expected), "{}", String::from_utf8_lossy(&answer));
    }
}

/// Bytes of head and body, once the head is there.
fn length(answer: &[u8]) -> Option<usize> {
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let head = std::str::from_utf8(&answer[..end]).ok()?;
    let line = head.lines().find_map(|line| line.strip_prefix("content-length: "))?;
    Some(end + line.parse::<usize>().ok()?)
}

const BODY: &str = r#"{"model":"fable-5","messages":[{"role":"user","content":"In two sentences, why do customs houses keep ledgers?"}],"practice":{"chunks":8,"interval_ms":0,"seed":"b"}}"#;

#[divan::bench]
fn permitted(bencher: Bencher) {
    let stage = stage();
    let head = format!("POST /v1/chat/completions HTTP/1.1\r\nauthorization: Bearer {}", stage.rig.citizen);
    let mut asker = Asker::new(stage.rig.gateway, &head, BODY, b"HTTP/1.1 200");
    bencher.bench_local(|| asker.ask());
}

#[divan::bench]
fn refused(bencher: Bencher) {
    let stage = stage();
    let head = format!("POST /v1/chat/completions HTTP/1.1\r\nauthorization: Bearer {}", stage.rig.foreigner);
    let mut asker = Asker::new(stage.rig.gateway, &head, BODY, b"HTTP/1.1 451");
    bencher.bench_local(|| asker.ask());
}

#[divan::bench]
fn models_list(bencher: Bencher) {
    let stage = stage();
    let head = format!("GET /v1/models HTTP/1.1\r\nauthorization: Bearer {}", stage.rig.citizen);
    let mut asker = Asker::new(stage.rig.gateway, &head, "", b"HTTP/1.1 200");
    bencher.bench_local(|| asker.ask());
}
