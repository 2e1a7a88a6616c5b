//! Mode `ask`: one request after the other over a few connections that are kept.

use std::{
    collections::BTreeMap,
    io::Write,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use anyhow::{Context as _, Result};
use http_body_util::{BodyExt as _, Limited};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::{
    task::JoinSet,
    time::{Instant, timeout_at},
};
use wire::{code::Code, dialect::Dialect};

use super::{
    client::{Connection, Target, receipt_of},
    plan::Line,
    received::ANSWER_BYTES,
    say,
};
use crate::population::Truth;

/// Names listed per fault; the counts hold them all.
const NAMES_SHOWN: usize = 20;

/// One answer, a line of the file written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The line of the plan.
    pub name: String,
    /// The HTTP status; none when there was no answer.
    pub status: Option<u16>,
    /// The reason code of an error.
    pub code: Option<String>,
    /// The `Douane-Receipt` header.
    pub receipt: Option<String>,
    /// The model an answer says it is from.
    pub served_model: Option<String>,
    /// Why there was no answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub harness_error: Option<String>,
    /// Whether an answer with status 200 holds the known text.
    #[serde(skip)]
    text_is_known: bool,
}

/// Answers by status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ByStatus {
    /// Answered.
    #[serde(rename = "200")]
    pub ok: usize,
    /// Refused.
    #[serde(rename = "451")]
    pub refused: usize,
    /// To be verified first.
    #[serde(rename = "401")]
    pub must_verify: usize,
    /// Any other status.
    pub other: usize,
}

/// What the clients of a run saw. Written as the line with `"phase":"asked"`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskReport {
    /// `asked`.
    pub phase: String,
    /// Requests of the plan.
    pub asked: usize,
    /// By what was expected: `served`, `refused`, `must_verify`.
    pub by_expectation: BTreeMap<Truth, ByStatus>,
    /// Answers other than expected.
    pub mismatches: usize,
    /// The first of them.
    pub mismatched: Vec<String>,
    /// Answers with status 200 whose text is not the known text.
    pub altered: usize,
    /// Requests without an answer.
    pub harness_errors: usize,
    /// Why the first of them had none.
    pub harness_problems: Vec<String>,
}

/// Sends each request of the plan, writes the answers to `answers` in its order and the counts to `out`.
pub(super) async fn run(
    target: Target,
    plan: Vec<Line>,
    connections: usize,
    deadline: Instant,
    answers: &mut impl Write,
    out: &mut impl Write,
) -> Result<AskReport> {
    let (target, plan) = (Arc::new(target), Arc::new(plan));
    let next = Arc::new(AtomicUsize::new(0));
    let mut workers = JoinSet::new();
    for _ in 0..connections.clamp(1, plan.len()) {
        workers.spawn(work(target.clone(), plan.clone(), next.clone(), deadline));
    }
    let mut answered: Vec<_> = workers.join_all().await.into_iter().flatten().collect();
    answered.sort_unstable_by_key(|(at, _)| *at);
    let mut report = AskReport { phase: "asked".to_owned(), asked: plan.len(), ..AskReport::default() };
    for (line, (_, answer)) in plan.iter().zip(&answered) {
        report.add(line, answer);
        serde_json::to_writer(&mut *answers, answer)?;
        answers.write_all(b"\n")?;
    }
    answers.flush()?;
    say(out, &report)?;
    Ok(report)
}

/// Takes lines of the plan until none is left.
async fn work(
    target: Arc<Target>,
    plan: Arc<Vec<Line>>,
    next: Arc<AtomicUsize>,
    deadline: Instant,
) -> Vec<(usize, Answer)> {
    let mut answered = Vec::new();
    let mut connection = None;
    loop {
        let at = next.fetch_add(1, Ordering::Relaxed);
        let Some(line) = plan.get(at) else { return answered };
        let answer = match timeout_at(deadline, ask(&target, &mut connection, line)).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(fault)) => failed(line, &mut connection, format!("{fault:#}")),
            Err(_) => failed(line, &mut connection, "no time was left".to_owned()),
        };
        answered.push((at, answer));
    }
}

/// A connection on which something failed is not used again.
fn failed(line: &Line, connection: &mut Option<Connection>, why: String) -> Answer {
    *connection = None;
    Answer { name: line.name.clone(), harness_error: Some(why), ..Answer::default() }
}

async fn ask(target: &Target, kept: &mut Option<Connection>, line: &Line) -> Result<Answer> {
    let mut connection = match kept.take() {
        Some(connection) => connection.or_new(target).await?,
        None => Connection::open(target).await?,
    };
    let response = connection.send(target, line, false).await?;
    let (status, receipt) = (response.status().as_u16(), receipt_of(&response));
    let body = Limited::new(response.into_body(), ANSWER_BYTES).collect().await;
    let body = body.map_err(anyhow::Error::from_boxed).context("the answer broke off")?.to_bytes();
    *kept = Some(connection);
    Ok(read(line, status, receipt, &body))
}

fn read(line: &Line, status: u16, receipt: Option<String>, body: &[u8]) -> Answer {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let word = |pointer: &str| body.pointer(pointer).and_then(Value::as_str);
    let text = match line.dialect {
        Dialect::OpenAi => word("/choices/0/message/content"),
        Dialect::Anthropic => word("/content/0/text"),
    };
    let is_ok = status == 200;
    let code = word("/code").or_else(|| word("/error/code")).or_else(|| word("/error/details/error_code"));
    Answer {
        name: line.name.clone(),
        status: Some(status),
        code: code.filter(|_| !is_ok).map(str::to_owned),
        receipt,
        served_model: word("/model").filter(|_| is_ok).map(str::to_owned),
        harness_error: None,
        text_is_known: text == Some(&line.text()),
    }
}

impl AskReport {
    fn add(&mut self, line: &Line, answer: &Answer) {
        let Some(status) = answer.status else {
            self.harness_errors += 1;
            let why = answer.harness_error.as_deref().unwrap_or_default();
            note(&mut self.harness_problems, format!("{}: {why}", line.name));
            return;
        };
        let counts = self.by_expectation.entry(line.expect).or_default();
        *counts.of(status) += 1;
        if !is_as_expected(line.expect, status, answer.code.as_deref()) {
            self.mismatches += 1;
            note(&mut self.mismatched, line.name.clone());
        }
        self.altered += usize::from(status == 200 && !answer.text_is_known);
    }
}

impl ByStatus {
    const fn of(&mut self, status: u16) -> &mut usize {
        match status {
            200 => &mut self.ok,
            451 => &mut self.refused,
            401 => &mut self.must_verify,
            _ => &mut self.other,
        }
    }
}

fn note(list: &mut Vec<String>, entry: String) {
    if list.len() < NAMES_SHOWN {
        list.push(entry);
    }
}

/// A key that is not accepted is answered with 401 as well, so the code decides.
fn is_as_expected(expect: Truth, status: u16, code: Option<&str>) -> bool {
    let is = |wanted: Code| status == wanted.status() && code == Some(wanted.as_str());
    match expect {
        Truth::Served => status == 200,
        Truth::Refused => is(Code::LegalRestriction),
        Truth::MustVerify => {
            is(Code::VerificationRequired) || is(Code::VerificationPending) || is(Code::AssertionRequired)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(name: &str, expect: Truth) -> Line {
        let (key, model, seed) = ("k".to_owned(), "m".to_owned(), "s".to_owned());
        let dialect = Dialect::OpenAi;
        Line { name: name.to_owned(), key, dialect, model, chunks: 1, interval_ms: 0, seed, expect }
    }

    #[test]
    fn answers_are_read_in_both_dialects() {
        let openai = br#"{"model":"m-2","choices":[{"message":{"content":"s-00000 "}}]}"#;
        let answer = read(&line("p", Truth::Served), 200, Some("r".to_owned()), openai);
        assert_eq!((answer.served_model.as_deref(), answer.code.as_deref()), (Some("m-2"), None));
        assert!(answer.text_is_known);
        let anthropic = Line { dialect: Dialect::Anthropic, ..line("p", Truth::Served) };
        assert!(read(&anthropic, 200, None, br#"{"content":[{"text":"s-00000 "}]}"#).text_is_known);
        assert!(!read(&anthropic, 200, None, br#"{"content":[{"text":"s-00001 "}]}"#).text_is_known);
        let error = br#"{"type":"error","error":{"details":{"error_code":"legal_restriction"}}}"#;
        let answer = read(&anthropic, 451, None, error);
        assert_eq!((answer.code.as_deref(), answer.served_model), (Some("legal_restriction"), None));
    }

    #[test]
    fn counts_and_names_what_is_not_as_expected() {
        let mut report = AskReport::default();
        let mut add = |name: &str, expect, status, code: Option<&str>| {
            let status = Some(status);
            let code = code.map(str::to_owned);
            let answer = Answer { status, code, text_is_known: name != "altered", ..Answer::default() };
            report.add(&line(name, expect), &answer);
        };
        add("a", Truth::Served, 200, None);
        add("altered", Truth::Served, 200, None);
        add("b", Truth::Served, 451, Some("legal_restriction"));
        add("c", Truth::Refused, 451, Some("legal_restriction"));
        add("d", Truth::Refused, 451, Some("legal_reading_open"));
        add("e", Truth::MustVerify, 401, Some("verification_required"));
        add("f", Truth::MustVerify, 403, Some("verification_pending"));
        add("g", Truth::MustVerify, 401, Some("invalid_api_key"));
        report.add(
            &line("h", Truth::Served),
            &failed(&line("h", Truth::Served), &mut None, "reset".to_owned()),
        );
        assert_eq!(report.mismatched, ["b", "d", "g"]);
        assert_eq!((report.mismatches, report.altered, report.harness_errors), (3, 1, 1));
        assert_eq!(report.harness_problems, ["h: reset"]);
        let verify = ByStatus { must_verify: 2, other: 1, ..ByStatus::default() };
        assert_eq!(report.by_expectation[&Truth::MustVerify], verify);
        let written = serde_json::to_string(&report).unwrap();
        assert!(written.contains(r#""served":{"200":2,"451":1,"401":0,"other":0}"#), "{written}");
        assert_eq!(serde_json::from_str::<AskReport>(&written).unwrap(), report);
    }
}
