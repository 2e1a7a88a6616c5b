//! The practice model over real sockets.

use super::*;
use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::{body::Incoming, client::conn::http1 as client};
use serde_json::{Value, json};
use std::{net::SocketAddr, time::Instant};
use tokio::{sync::oneshot, task::JoinHandle, time::timeout};
use wire::{
    dialect::Dialect,
    practice::{PracticeRequest, Terminal, frames, full_text, read_text, whole},
};

const CREATED: u64 = 1_781_299_260;
const SOON: Duration = Duration::from_secs(10);

/// A practice model on a port of its own.
struct Running {
    practice: Practice,
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    served: JoinHandle<()>,
}

impl Running {
    fn start() -> Self {
        let practice = Practice::new(["practice-mini".to_owned(), "fable-5".to_owned()]);
        let listener = bind(0).unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = practice.clone();
        let served = tokio::spawn(async move {
            serving.serve(listener, CREATED, async { stopped.await.unwrap_or_default() }).await;
        });
        Self { practice, address, stop, served }
    }

    async fn send(
        &self,
        method: Method,
        target: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Response<Incoming> {
        let stream = TcpStream::connect(self.address).await.unwrap();
        let (mut sender, connection) = client::handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        let builder = Request::builder().method(method).uri(target).header("host", "localhost");
        let builder = headers.iter().fold(builder, |builder, (name, value)| builder.header(*name, *value));
        sender.send_request(builder.body(Full::new(Bytes::from(body.to_owned()))).unwrap()).await.unwrap()
    }

    async fn post(&self, dialect: Dialect, body: &Value) -> Response<Incoming> {
        self.send(Method::POST, path(dialect), &[], &body.to_string()).await
    }

    /// Waits until the counters read so.
    async fn until(&self, wanted: impl Fn(Stats) -> bool) {
        let reached = async {
            while !wanted(self.practice.stats()) {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        timeout(SOON, reached).await.unwrap_or_else(|_| panic!("{:?}", self.practice.stats()));
    }
}

const DIALECTS: [Dialect; 2] = [Dialect::OpenAi, Dialect::Anthropic];

const fn path(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::OpenAi => "/v1/chat/completions",
        Dialect::Anthropic => "/v1/messages",
    }
}

fn body(stream: bool, practice: Value) -> Value {
    json!({"model": "any-name", "stream": stream, "messages": [], "practice": practice})
}

fn asked(body: &Value) -> PracticeRequest {
    PracticeRequest::from_body(body.to_string().as_bytes()).unwrap()
}

async fn bytes(response: Response<Incoming>) -> Bytes {
    timeout(SOON, response.into_body().collect()).await.unwrap().unwrap().to_bytes()
}

#[tokio::test]
async fn streams_are_the_known_frames() {
    let running = Running::start();
    let body = body(true, json!({"chunks": 7, "interval_ms": 0, "seed": "drill"}));
    for dialect in DIALECTS {
        let response = running.post(dialect, &body).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()["content-type"], "text/event-stream; charset=utf-8");
        let expected: Vec<u8> = frames(dialect, &asked(&body), CREATED).flatten().collect();
        assert_eq!(bytes(response).await, expected);
    }
    let stats = running.practice.stats();
    assert_eq!(stats, Stats { requests: 2, streams_open: 0, streams_left_early: 0 });
}

#[tokio::test]
async fn whole_answers_are_the_known_text() {
    let running = Running::start();
    let body = body(false, json!({"chunks": 3, "delay_ms": 20}));
    for dialect in DIALECTS {
        let start = Instant::now();
        let response = running.post(dialect, &body).await;
        assert_eq!(bytes(response).await, whole(dialect, &asked(&body), CREATED));
        assert!(start.elapsed() >= Duration::from_millis(20));
    }
}

#[tokio::test]
async fn each_frame_leaves_when_it_is_due() {
    let running = Running::start();
    for dialect in DIALECTS {
        let body = body(true, json!({"chunks": 8, "interval_ms": 15, "delay_ms": 30}));
        let start = Instant::now();
        let mut answer = running.post(dialect, &body).await.into_body();
        for (at, known) in frames(dialect, &asked(&body), CREATED).enumerate() {
            let frame = timeout(SOON, answer.frame()).await.unwrap().unwrap().unwrap();
            // Frames are never early and, because each is a chunk of its own, never together.
            assert_eq!(frame.into_data().unwrap(), known);
            assert!(start.elapsed() >= Duration::from_millis(30 + 15 * at as u64), "frame {at}");
        }
        assert!(answer.frame().await.is_none());
    }
}

#[tokio::test]
async fn a_stream_stops_when_its_client_leaves() {
    let running = Running::start();
    for (dialect, left) in DIALECTS.into_iter().zip(1..) {
        let body = body(true, json!({"chunks": 1, "interval_ms": 60_000}));
        let response = running.post(dialect, &body).await;
        running.until(|stats| stats.streams_open == 1).await;
        drop(response);
        running.until(|stats| stats.streams_open == 0 && stats.streams_left_early == left).await;
    }
}

#[tokio::test]
async fn carries_many_streams_at_once() {
    const HELD: u64 = 400;
    let running = Running::start();
    let mut held = Vec::new();
    let waiting = body(true, json!({"delay_ms": 600_000}));
    for dialect in DIALECTS.into_iter().cycle().take(HELD as usize) {
        held.push(running.post(dialect, &waiting).await);
    }
    assert_eq!(running.practice.stats().streams_open, HELD);
    let mut clients = JoinSet::new();
    for (at, dialect) in DIALECTS.into_iter().cycle().take(50).enumerate() {
        let seed = format!("s{at}");
        let response =
            running.post(dialect, &body(true, json!({"chunks": 5, "interval_ms": 2, "seed": seed}))).await;
        clients.spawn(async move { (dialect, seed, bytes(response).await) });
    }
    for (dialect, seed, stream) in clients.join_all().await {
        let reading = read_text(dialect, &stream);
        assert_eq!((reading.text, reading.terminal), (full_text(&seed, 5), Terminal::Completed));
    }
    assert_eq!(running.practice.stats().streams_left_early, 0);
    drop(held);
    running.until(|stats| stats.streams_open == 0 && stats.streams_left_early == HELD).await;
}

#[tokio::test]
async fn stopping_drops_what_is_open_and_frees_the_port() {
    let running = Running::start();
    let body = body(true, json!({"chunks": 1, "interval_ms": 60_000}));
    let response = running.post(Dialect::OpenAi, &body).await;
    running.until(|stats| stats.streams_open == 1).await;
    running.stop.send(()).unwrap();
    timeout(SOON, running.served).await.unwrap().unwrap();
    assert!(response.into_body().collect().await.is_err());
    assert_eq!(running.practice.stats(), Stats { requests: 1, streams_open: 0, streams_left_early: 1 });
    assert!(TcpStream::connect(running.address).await.is_err());
    assert!(bind(running.address.port()).is_ok());
}

#[tokio::test]
async fn lists_its_models_in_both_dialects() {
    let running = Running::start();
    let openai = bytes(running.send(Method::GET, "/v1/models", &[], "").await).await;
    let openai: Value = serde_json::from_slice(&openai).unwrap();
    assert_eq!(openai["data"][0]["id"], "practice-mini");
    assert_eq!(openai["data"][1]["created"], CREATED);
    let version = [("anthropic-version", "2023-06-01")];
    let anthropic = bytes(running.send(Method::GET, "/v1/models?limit=1", &version, "").await).await;
    let anthropic: Value = serde_json::from_slice(&anthropic).unwrap();
    assert_eq!((&anthropic["first_id"], &anthropic["has_more"]), (&json!("practice-mini"), &json!(true)));
    let one = bytes(running.send(Method::GET, "/v1/models/fable-5", &version, "").await).await;
    assert_eq!(serde_json::from_slice::<Value>(&one).unwrap()["type"], "model");
}

#[tokio::test]
async fn everything_else_is_an_error_of_the_dialect() {
    let running = Running::start();
    for (method, target, status) in [
        (Method::POST, "/v1/responses", 404),
        (Method::GET, "/v1/models/other", 404),
        (Method::POST, "/v1/messages/batches", 404),
        (Method::GET, "/v1/messages", 405),
        (Method::POST, "/v1//messages", 400),
    ] {
        let answer = running.send(method, target, &[], "").await;
        assert_eq!(answer.status(), status, "{target}");
        let error: Value = serde_json::from_slice(&bytes(answer).await).unwrap();
        assert_eq!(target.starts_with("/v1/messages"), error["type"] == "error", "{target}: {error}");
        assert!(error["error"]["message"].as_str().is_some_and(|message| !message.is_empty()), "{error}");
    }
}

#[tokio::test]
async fn unusable_bodies_are_explained() {
    let running = Running::start();
    let check = async |headers: &[(&str, &str)], body: &str, status: u16, word: &str| {
        let answer = running.send(Method::POST, "/v1/chat/completions", headers, body).await;
        assert_eq!(answer.status(), status, "{body}");
        let error: Value = serde_json::from_slice(&bytes(answer).await).unwrap();
        let message = error["error"]["message"].as_str().unwrap();
        assert!(message.contains(word), "{message}");
    };
    check(&[], "{", 400, "cannot be read").await;
    check(&[], r#"{"model":"m","practice":{"chunks":100001}}"#, 400, "at most 100000").await;
    check(&[("accept-language", "ko")], r#"{"model":"m","practice":{"seed":"/"}}"#, 400, "64자여야").await;
    check(&[("content-length", "99999999")], "", 413, "longer").await;
}
