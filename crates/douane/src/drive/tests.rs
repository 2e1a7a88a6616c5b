//! The clients against real sockets: the practice model itself, and a gateway made for the test that behaves as the
//! key says.

use std::net::SocketAddr;

use bytes::Bytes;
use server::practice::{Practice, bind};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
};
use wire::{
    code::Code,
    dialect::Dialect,
    ending::cut_event,
    lang::Lang,
    practice::{PracticeRequest, frames},
    refusal::Refusal,
};

use super::{client::now_us, *};
use crate::population::Truth;

const DIALECTS: [Dialect; 2] = [Dialect::OpenAi, Dialect::Anthropic];

fn line(name: &str, dialect: Dialect, key: &str, expect: Truth) -> Line {
    let (model, seed) = ("m".to_owned(), format!("seed-{name}"));
    let (name, key) = (name.to_owned(), key.to_owned());
    Line { name, key, dialect, model, chunks: 12, interval_ms: 0, seed, expect }
}

fn pace(seconds: u64) -> streams::Pace {
    streams::Pace { at_once: 8, deadline: Instant::now() + Duration::from_secs(seconds) }
}

fn target(address: SocketAddr) -> Target {
    Target::parse(&format!("http://{address}")).unwrap()
}

/// Sends the first half of each stream at once and what the key says when the directive takes effect.
struct Gateway {
    address: SocketAddr,
    effect: watch::Sender<bool>,
    _serving: JoinSet<()>,
}

impl Gateway {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (effect, seen) = watch::channel(false);
        let mut serving = JoinSet::new();
        serving.spawn(async move {
            let mut connections = JoinSet::new();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                connections.spawn(serve(stream, seen.clone()));
            }
        });
        Self { address, effect, _serving: serving }
    }

    /// Lets the directive take effect now.
    async fn takes_effect(&self) -> Result<Effect> {
        let effect_at_us = now_us();
        self.effect.send(true)?;
        Ok(Effect { effect_at_us, uncertainty_us: 0 })
    }

    async fn drive(&self, plan: Vec<Line>) -> (String, StreamsReport) {
        let mut out = Vec::new();
        let report = streams::run(target(self.address), plan, pace(20), self.takes_effect(), &mut out).await;
        let out = String::from_utf8(out).unwrap();
        (out.lines().next().unwrap().to_owned(), report.unwrap())
    }
}

/// Head and body of one request.
async fn request(stream: &mut TcpStream) -> (String, PracticeRequest) {
    let mut read = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&read).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n")
            && let Ok(asked) = PracticeRequest::from_body(body.as_bytes())
        {
            return (head.to_owned(), asked);
        }
        assert!(stream.read_buf(&mut read).await.unwrap() > 0, "{text}");
    }
}

fn chunk(bytes: &[u8]) -> Vec<u8> {
    [format!("{:x}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat()
}

async fn serve(mut stream: TcpStream, mut effect: watch::Receiver<bool>) {
    let (head, asked) = request(&mut stream).await;
    let does = |key: &str| head.contains(key);
    if does("closed-door") {
        let head = b"HTTP/1.1 451 Unavailable For Legal Reasons\r\ncontent-length: 2\r\n\r\n{}";
        return stream.write_all(head).await.unwrap();
    }
    let dialect = if does("/v1/messages") { Dialect::Anthropic } else { Dialect::OpenAi };
    let all: Vec<Bytes> = frames(dialect, &asked, 0).collect();
    let (first, rest) = all.split_at(all.len() / 2);
    let receipt = &asked.seed;
    let head = format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ndouane-receipt: {receipt}\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    for frame in first {
        stream.write_all(&chunk(frame)).await.unwrap();
    }
    effect.wait_for(|effect| *effect).await.unwrap();
    let cut = cut_event(&Refusal::new(Code::LegalRestriction, "r"), dialect, Lang::En);
    let rest = if does("is-cut") { vec![cut] } else { rest.to_vec() };
    for frame in rest {
        stream.write_all(&chunk(&frame)).await.unwrap();
    }
    if !does("is-torn") {
        stream.write_all(b"0\r\n\r\n").await.unwrap();
    }
}

#[tokio::test]
async fn a_directive_takes_effect_on_open_streams() {
    let gateway = Gateway::start().await;
    let mut plan = Vec::new();
    for at in 0..60 {
        let (key, expect) = if at % 3 == 0 { ("is-kept", Truth::Served) } else { ("is-cut", Truth::Refused) };
        plan.push(line(&format!("p{at}"), DIALECTS[at % 2], key, expect));
    }
    let (open, report) = gateway.drive(plan).await;
    assert_eq!(open, r#"{"phase":"open","opened":60,"refused":0,"failed":0}"#);
    let faults =
        (report.streams_missed, report.streams_cut_wrongly, report.streams_cut_early, report.streams_altered);
    assert_eq!(faults, (0, 0, 0, 0), "{report:?}");
    assert_eq!((report.streams, report.streams_forbidden, report.harness_errors), (60, 40, 0));
    assert!(report.served_bytes_expected > 0);
    assert_eq!(report.served_bytes_expected, report.served_bytes_received);
    assert_eq!((report.receipts.len(), &*report.receipts[7]), (60, "seed-p7"));
    assert!(report.end_p99_ms > 0.0 && report.cut_p99_ms <= report.end_p99_ms, "{report:?}");
}

#[tokio::test]
async fn what_goes_wrong_is_seen() {
    let gateway = Gateway::start().await;
    let plan = vec![
        line("missed", Dialect::OpenAi, "is-kept", Truth::Refused),
        line("wrong-code", Dialect::Anthropic, "is-cut", Truth::MustVerify),
        line("cut-wrongly", Dialect::Anthropic, "is-cut", Truth::Served),
        line("torn", Dialect::OpenAi, "is-torn", Truth::Served),
        line("door", Dialect::OpenAi, "closed-door", Truth::Served),
        line("early", Dialect::OpenAi, "closed-door", Truth::Refused),
    ];
    let (open, report) = gateway.drive(plan).await;
    assert_eq!(open, r#"{"phase":"open","opened":4,"refused":2,"failed":0}"#);
    let problems: Vec<_> = report.problems.iter().map(|one| &*one.name).collect();
    assert_eq!(problems, ["missed", "wrong-code", "cut-wrongly", "torn", "door", "early"]);
    assert_eq!((report.streams_missed, report.streams_cut_wrongly, report.streams_cut_early), (2, 3, 1));
    assert_eq!((report.streams_refused, report.harness_errors), (2, 0));
    assert!(report.served_bytes_received < report.served_bytes_expected);
}

#[tokio::test]
async fn a_gateway_that_is_not_there_fails_the_run() {
    let closed = bind(0).unwrap().local_addr().unwrap();
    let plan = vec![line("p", Dialect::OpenAi, "k", Truth::Refused); 3];
    let effect = async { Ok(Effect { effect_at_us: now_us(), uncertainty_us: 0 }) };
    let mut out = Vec::new();
    let report = streams::run(target(closed), plan.clone(), pace(20), effect, &mut out).await.unwrap();
    assert!(out.starts_with(br#"{"phase":"open","opened":0,"refused":0,"failed":3}"#));
    assert_eq!((report.harness_errors, report.streams_missed), (3, 0));
    assert!(report.problems[0].problem.contains("no connection"), "{report:?}");
    let deadline = pace(20).deadline;
    let report = ask::run(target(closed), plan, 2, deadline, &mut Vec::new(), &mut out).await.unwrap();
    assert_eq!((report.asked, report.harness_errors, report.mismatches), (3, 3, 0));
}

#[tokio::test]
async fn time_that_runs_out_is_a_fault_of_this_side() {
    let gateway = Gateway::start().await;
    let plan = vec![line("p", Dialect::OpenAi, "is-kept", Truth::Served)];
    let never = async { Ok(Effect { effect_at_us: now_us(), uncertainty_us: 0 }) };
    let pace = streams::Pace { at_once: 1, deadline: Instant::now() + Duration::from_millis(300) };
    let report = streams::run(target(gateway.address), plan, pace, never, &mut Vec::new()).await.unwrap();
    assert_eq!((report.harness_errors, report.streams_cut_wrongly), (1, 1), "{report:?}");
    let pending = std::future::pending();
    let pace = streams::Pace { at_once: 1, deadline: Instant::now() };
    let plan = vec![line("p", Dialect::OpenAi, "is-kept", Truth::Served)];
    assert!(streams::run(target(gateway.address), plan, pace, pending, &mut Vec::new()).await.is_err());
}

#[tokio::test]
async fn asks_over_few_connections() {
    let practice = Practice::new([]);
    let listener = bind(0).unwrap();
    let address = listener.local_addr().unwrap();
    let serving = practice.clone();
    let mut server = JoinSet::new();
    server.spawn(async move { serving.serve(listener, 0, std::future::pending()).await });
    let lines = (0..50).map(|at| line(&format!("p{at}"), DIALECTS[at % 2], "k", Truth::Served));
    let plan: Vec<_> = lines.chain([line("q", Dialect::OpenAi, "k", Truth::Refused)]).collect();
    let (mut answers, mut out) = (Vec::new(), Vec::new());
    let deadline = pace(20).deadline;
    let report = ask::run(target(address), plan, 4, deadline, &mut answers, &mut out).await.unwrap();
    assert_eq!((report.asked, report.harness_errors, report.altered), (51, 0, 0));
    assert_eq!((report.mismatches, &*report.mismatched), (1, &["q".to_owned()][..]));
    let answers = String::from_utf8(answers).unwrap();
    let answers: Vec<Answer> = answers.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(answers.iter().zip(0..50).all(|(answer, at)| answer.name == format!("p{at}")));
    assert_eq!((answers[0].status, answers[0].served_model.as_deref()), (Some(200), Some("m")));
    assert_eq!(practice.stats().requests, 51);
    assert_eq!(serde_json::from_slice::<AskReport>(&out).unwrap(), report);
}

#[test]
fn the_effect_is_one_json_line() {
    let effect = parse_effect("{\"effect_at_us\": 5}\n").unwrap();
    assert_eq!((effect.effect_at_us, effect.uncertainty_us), (5, 0));
    assert_eq!(parse_effect(r#"{"effect_at_us":5,"uncertainty_us":2}"#).unwrap().uncertainty_us, 2);
    for wrong in ["", "5", "{}", r#"{"effect_at_us":"5"}"#, r#"{"effect_at_us":5,"at":1}"#] {
        assert!(parse_effect(wrong).is_err(), "{wrong}");
    }
}
