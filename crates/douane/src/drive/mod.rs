//! The clients of the demo, in a process of their own: they send the requests of a plan to a gateway and judge what
//! comes back by the practice model's known output alone. Nothing here reads a record of the server.
//!
//! `streams`: every stream open at once. Prints `{"phase":"open",...}` when each has its first text, reads one line
//! `{"effect_at_us":N,"uncertainty_us":N}` (the second member may be absent) from standard input, waits until all
//! ended, and prints a [`StreamsReport`]. `ask`: one whole answer per line of the plan; prints an [`AskReport`].

mod ask;
mod client;
mod judge;
mod plan;
mod received;
mod report;
mod streams;
#[cfg(test)]
mod tests;

use std::{
    fs::File,
    io::{self, BufWriter, Write},
    path::PathBuf,
    time::Duration,
};

use anyhow::{Context as _, Result, ensure};
use serde::Serialize;
use tokio::{sync::oneshot, time::Instant};

pub use ask::{Answer, AskReport};
use client::Target;
use judge::Effect;
pub use plan::Line;
pub use report::StreamsReport;

/// Send the requests of a plan and judge the answers by the known output.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// The gateway, as http://HOST:PORT.
    #[arg(long)]
    pub gateway: String,
    /// The plan, in JSON Lines.
    #[arg(long)]
    pub plan: PathBuf,
    /// What to do with it.
    #[arg(long, value_enum)]
    pub mode: Mode,
    /// Seconds until whatever is still open is given up.
    #[arg(long, default_value_t = 120)]
    pub deadline_s: u64,
    /// Streams being opened at once.
    #[arg(long, default_value_t = 64)]
    pub at_once: usize,
    /// Connections to ask over.
    #[arg(long, default_value_t = 16)]
    pub connections: usize,
    /// Where answers are written, in JSON Lines.
    #[arg(long, required_if_eq("mode", "ask"))]
    pub out: Option<PathBuf>,
}

/// What to do with the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Mode {
    /// Keep every stream open at once until it ends.
    Streams,
    /// Ask for whole answers.
    Ask,
}

/// Drives a gateway.
///
/// # Errors
/// When the plan or the address cannot be used, and, after the report was printed, when a connection could not be
/// made or kept or time ran out: then the report does not speak for every request.
pub async fn run(args: Args) -> Result<()> {
    let plan = plan::read(&args.plan)?;
    let target = Target::parse(&args.gateway)?;
    let deadline = Instant::now() + Duration::from_secs(args.deadline_s);
    let mut out = io::stdout();
    let harness_errors = match args.mode {
        Mode::Streams => {
            let pace = streams::Pace { at_once: args.at_once, deadline };
            streams::run(target, plan, pace, effect_from_stdin(), &mut out).await?.harness_errors
        }
        Mode::Ask => {
            let path = args.out.context("--out FILE is needed to ask")?;
            let file =
                File::create(&path).with_context(|| format!("{} cannot be written", path.display()))?;
            let mut answers = BufWriter::new(file);
            ask::run(target, plan, args.connections, deadline, &mut answers, &mut out).await?.harness_errors
        }
    };
    ensure!(
        harness_errors == 0,
        "{harness_errors} requests failed on the side of the clients; see the report"
    );
    Ok(())
}

/// Reads the one line of standard input. On a thread of its own: a read that never returns must not keep the process.
async fn effect_from_stdin() -> Result<Effect> {
    let (tell, told) = oneshot::channel();
    std::thread::spawn(move || {
        let mut line = String::new();
        let read = io::stdin().read_line(&mut line).map(|_| line);
        tell.send(read).unwrap_or_default();
    });
    parse_effect(&told.await??)
}

fn parse_effect(line: &str) -> Result<Effect> {
    serde_json::from_str(line).with_context(|| format!("`{}` gives no time of effect", line.trim()))
}

/// Writes one JSON line and sends it off.
fn say(out: &mut impl Write, line: &impl Serialize) -> Result<()> {
    serde_json::to_writer(&mut *out, line)?;
    out.write_all(b"\n")?;
    Ok(out.flush()?)
}
