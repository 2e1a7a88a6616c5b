//! The clients, in a process of their own.

use super::receipts::Seen;
use super::stage::Stage;
use crate::drive::{Answer, AskReport, StreamsReport};
use anyhow::{Context, bail};
use serde::Deserialize;
use std::path::Path;
use std::process::Stdio;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

/// Live streams under way.
pub(super) struct Streams {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    pub(super) opened: usize,
}

#[derive(Deserialize)]
struct Opened {
    opened: usize,
}

impl Streams {
    /// Opens every stream of a plan and returns when each has brought its first text.
    pub(super) async fn open(stage: &Stage, plan: &Path) -> anyhow::Result<Self> {
        let mut child = drive(stage, plan, "streams", &[])?;
        let stdout = child.stdout.take().context("the clients have no output")?;
        let mut lines = BufReader::new(stdout).lines();
        let line = lines.next_line().await?.context("the clients ended before the streams were open")?;
        let Opened { opened } = serde_json::from_str(&line).with_context(|| line.clone())?;
        Ok(Self { child, lines, opened })
    }

    /// Tells the clients when the letter takes effect, in microseconds of the machine's own clock.
    pub(super) async fn tell_effect(&mut self, effect_at_us: i64) -> anyhow::Result<()> {
        let stdin = self.child.stdin.as_mut().context("the clients take no input")?;
        stdin.write_all(format!("{{\"effect_at_us\":{effect_at_us}}}\n").as_bytes()).await?;
        Ok(stdin.flush().await?)
    }

    /// What the clients saw, when all streams have ended.
    pub(super) async fn report(mut self) -> anyhow::Result<StreamsReport> {
        let line = self.lines.next_line().await?.context("the clients ended without a report")?;
        let status = self.child.wait().await?;
        let report = serde_json::from_str(&line).with_context(|| line.clone())?;
        if !status.success() {
            bail!("the clients failed: {line}");
        }
        Ok(report)
    }
}

/// What came of a plan of questions.
pub(super) struct Asked {
    pub(super) report: AskReport,
    pub(super) answers: Vec<Answer>,
}

impl Asked {
    /// Answers with status 200.
    pub(super) fn served(&self) -> usize {
        self.report.by_expectation.values().map(|by| by.ok).sum()
    }

    /// Each receipt with the status it came with.
    pub(super) fn receipts(&self) -> Vec<Seen> {
        let seen = self
            .answers
            .iter()
            .filter_map(|answer| Some(Seen { id: answer.receipt.clone()?, status: answer.status? }));
        seen.collect()
    }
}

/// Sends each question of a plan.
pub(super) async fn ask(stage: &Stage, plan: &Path) -> anyhow::Result<Asked> {
    let out = plan.with_extension("answers.jsonl");
    let out_text = out.to_str().context("the path is not UTF-8")?;
    let child = drive(stage, plan, "ask", &["--out", out_text])?;
    let output = child.wait_with_output().await?;
    let text = String::from_utf8(output.stdout)?;
    let line = text.lines().last().context("the clients gave no report")?;
    let report: AskReport = serde_json::from_str(line).with_context(|| line.to_owned())?;
    let answers: Result<Vec<Answer>, _> =
        std::fs::read_to_string(&out)?.lines().map(serde_json::from_str).collect();
    if !output.status.success() {
        bail!("the clients failed: {line}");
    }
    Ok(Asked { report, answers: answers? })
}

fn drive(stage: &Stage, plan: &Path, mode: &str, more: &[&str]) -> anyhow::Result<Child> {
    let this = std::env::current_exe().context("the program does not know where it is")?;
    Command::new(this)
        .args([
            "drive",
            "--gateway",
            &format!("http://{}", stage.node.gateway),
            "--deadline-s",
            "60",
            "--mode",
            mode,
            "--plan",
        ])
        .arg(plan)
        .args(more)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .context("the clients' process could not be started")
}
