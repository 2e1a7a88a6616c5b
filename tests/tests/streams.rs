//! Open streams when the law changes under them, read byte by byte.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};
use system_tests::Server;
use system_tests::http::{Piece, Request, Wire};
use wire::dialect::Dialect;
use wire::practice::{StreamReading, Terminal, full_text, read_text};

/// Opens a stream and reads its first piece, so that it runs.
fn open(server: &Server, dialect: Dialect, person: &str, practice: Value) -> (Vec<u8>, Wire) {
    let members = json!({ "stream": true, "practice": practice });
    let request = match dialect {
        Dialect::OpenAi => Request::chat_with("fable-5", members),
        Dialect::Anthropic => Request::message_with("fable-5", members),
    };
    let (head, mut wire) = request.key(server.key(person)).open(server.gateway());
    assert_eq!(head.status, 200);
    let Piece::Bytes(first) = wire.piece() else { panic!("the stream has no first piece") };
    (first, wire)
}

/// Reads a stream to its end on a thread of its own; tells how long that took.
fn drain(dialect: Dialect, stream: (Vec<u8>, Wire)) -> thread::JoinHandle<(StreamReading, Duration)> {
    thread::spawn(move || {
        let (mut bytes, mut wire) = stream;
        let begun = Instant::now();
        let (rest, is_whole) = wire.rest();
        bytes.extend(rest);
        assert!(is_whole, "the connection broke: {}", String::from_utf8_lossy(&bytes));
        (read_text(dialect, &bytes), begun.elapsed())
    })
}

#[track_caller]
fn is_cut(reading: &StreamReading, expected: &str, seed: &str) {
    let Terminal::CutWithError { code, .. } = &reading.terminal else { panic!("not cut: {reading:?}") };
    assert_eq!(code, expected);
    assert!(full_text(seed, 10_000).starts_with(&reading.text), "{}", reading.text);
}

/// Busy streams and idle ones, in both dialects, end at the instant; those of permitted callers do not.
#[test]
fn at_the_instant_every_forbidden_stream_ends_and_no_other() {
    let server = Server::june("2026-06-12T17:20:00-04:00").start();
    let busy = || json!({ "chunks": 9_000, "interval_ms": 20, "seed": "busy" });
    let idle = || json!({ "chunks": 9, "interval_ms": 60_000, "seed": "idle" });
    let finite = || json!({ "chunks": 60, "interval_ms": 40, "seed": "kept" });
    let mut forbidden = Vec::new();
    let mut permitted = Vec::new();
    for dialect in [Dialect::OpenAi, Dialect::Anthropic] {
        for (person, code) in [
            ("p-002", "legal_restriction"),
            ("p-015", "legal_restriction"),
            ("p-004", "verification_required"),
        ] {
            forbidden.push((dialect, code, "busy", open(&server, dialect, person, busy())));
            forbidden.push((dialect, code, "idle", open(&server, dialect, person, idle())));
        }
        permitted.push((dialect, open(&server, dialect, "p-001", finite())));
    }
    server.set_clock("2026-06-12T17:20:59.800-04:00");
    let permitted: Vec<_> = permitted.into_iter().map(|(dialect, stream)| drain(dialect, stream)).collect();
    let cut: Vec<_> = forbidden
        .into_iter()
        .map(|(dialect, code, seed, stream)| (code, seed, drain(dialect, stream)))
        .collect();
    for (code, seed, stream) in cut {
        let (reading, took) = stream.join().unwrap();
        is_cut(&reading, code, seed);
        assert!(took < Duration::from_secs(10), "{seed}: the end came {took:?} late");
    }
    for stream in permitted {
        let (reading, _) = stream.join().unwrap();
        assert_eq!((reading.terminal, reading.text), (Terminal::Completed, full_text("kept", 60)));
    }
    server.until("no stream is left open", || server.status().json()["open_streams"] == 0);
}

#[test]
fn a_revoked_key_ends_its_streams() {
    let server = Server::june("2026-06-12T18:00:00-04:00").start();
    let endless = json!({ "chunks": 9_000, "interval_ms": 20, "seed": "s" });
    let revoked = open(&server, Dialect::Anthropic, "p-001", endless);
    let kept =
        open(&server, Dialect::OpenAi, "p-003", json!({ "chunks": 40, "interval_ms": 20, "seed": "kept" }));
    let words = ["key", "revoke", "--account", "model-maker"];
    let output = server.douane_with_input(&words, &format!("{}\n", server.key("p-001")));
    assert!(output.status.success(), "{output:?}");
    is_cut(&drain(Dialect::Anthropic, revoked).join().unwrap().0, "invalid_api_key", "s");
    let (kept, _) = drain(Dialect::OpenAi, kept).join().unwrap();
    assert_eq!((kept.terminal, kept.text), (Terminal::Completed, full_text("kept", 40)));
    let again = Request::chat("opus-4-8").key(server.key("p-001")).send(server.gateway());
    assert_eq!((again.status, again.code().as_str()), (401, "invalid_api_key"));
}

/// The person's facts get worse while a stream runs: the new roster decides.
#[test]
fn a_changed_roster_ends_a_stream() {
    let server = Server::june("2026-06-12T18:00:00-04:00").start();
    let endless = json!({ "chunks": 9_000, "interval_ms": 20, "seed": "s" });
    let stream = open(&server, Dialect::OpenAi, "p-001", endless);
    let roster = std::fs::read_to_string(system_tests::Bench::june("people.csv")).unwrap();
    let changed = roster.replace(
        "p-001,person,document,citizen,credential,,US@1984-02-01",
        "p-001,person,document,none,credential,,FR@1984-02-01",
    );
    assert_ne!(changed, roster);
    let path = server.file("people.csv", &changed);
    server.douane_ok(&["people", "load", &path.display().to_string(), "--account", "model-maker"]);
    is_cut(&drain(Dialect::OpenAi, stream).join().unwrap().0, "legal_restriction", "s");
}

/// A lifting opens the models again at its instant, without anybody present.
#[test]
fn the_lifting_opens_the_models_at_its_instant() {
    let june = system_tests::Bench::june;
    let letters = [june("letter-1.toml"), june("letter-2.toml"), june("letter-3.toml")];
    let server = Server::june("2026-06-26T19:59:00-04:00").letters(&letters).start();
    let status = |model: &str, person: &str| {
        Request::chat(model).key(server.key(person)).send(server.gateway()).status
    };
    assert_eq!(
        (status("mythos-5", "p-012"), status("mythos-5", "p-013"), status("fable-5", "p-012")),
        (451, 451, 451)
    );
    server.set_clock("2026-06-27T00:00:00Z");
    assert_eq!(
        (status("mythos-5", "p-012"), status("mythos-5", "p-013"), status("fable-5", "p-012")),
        (200, 451, 451)
    );
    server.set_clock("2026-06-30T21:59:50Z");
    assert_eq!((status("mythos-5", "p-013"), status("fable-5", "p-012")), (451, 451));
    server.set_clock("2026-06-30T22:00:00Z");
    assert_eq!((status("mythos-5", "p-013"), status("fable-5", "p-012")), (200, 200));
}

/// A key is withdrawn between the head of a request and its body: what is on file when the verdict is reached counts.
#[test]
fn a_key_revoked_during_an_upload_is_no_key_any_more() {
    let server = Server::june("2026-06-12T18:00:00-04:00").start();
    let whole = Request::chat("opus-4-8").key(server.key("p-001")).header("expect", "100-continue").bytes();
    let head = whole.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
    let mut upload = TcpStream::connect(server.gateway()).unwrap();
    upload.write_all(&whole[..head]).unwrap();
    // The gateway asks for the body once it has taken the key from the head.
    let mut go_on = [0; 25];
    upload.read_exact(&mut go_on).unwrap();
    assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");
    let words = ["key", "revoke", "--account", "model-maker"];
    let output = server.douane_with_input(&words, &format!("{}\n", server.key("p-001")));
    assert!(output.status.success(), "{output:?}");
    let decided = || server.status().json()["log_size"].clone();
    let before = decided();
    upload.write_all(&whole[head..]).unwrap();
    let mut status = [0; 12];
    upload.read_exact(&mut status).unwrap();
    assert_eq!(String::from_utf8_lossy(&status), "HTTP/1.1 401");
    assert_eq!(decided(), before, "nothing was permitted and then taken back");
}
