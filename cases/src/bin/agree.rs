//! `agree`: compares the engine with the reference interpreter and with Cedar over generated scenarios.

use cases::agreement::{Mismatch, compare};
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Comparisons between two looks at the clock.
const BATCH: u64 = 2_000;

struct Args {
    from: u64,
    count: Option<u64>,
    hours: Option<f64>,
    cedar_every: u64,
    keep: Option<String>,
}

const HELP: &str = "agree [--from SEED] [--count N | --hours H] [--cedar-every N] [--keep FILE]
Compares the engine with the reference interpreter on generated scenarios, and every N-th one, with everything made
known, with Cedar. Mismatches are made small and printed; with --keep they are added to FILE. Exit code 1 if any.";

fn args() -> anyhow::Result<Args> {
    let mut args = Args { from: 0, count: None, hours: None, cedar_every: 20, keep: None };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or_else(|| anyhow::anyhow!("{word} needs a value\n{HELP}"));
        match word.as_str() {
            "--from" => args.from = value()?.parse()?,
            "--count" => args.count = Some(value()?.parse()?),
            "--hours" => args.hours = Some(value()?.parse()?),
            "--cedar-every" => args.cedar_every = value()?.parse::<u64>()?.max(1),
            "--keep" => args.keep = Some(value()?),
            other => anyhow::bail!("unknown argument {other}\n{HELP}"),
        }
    }
    Ok(args)
}

struct Run {
    args: Args,
    next: AtomicU64,
    done: AtomicU64,
    end: Option<u64>,
    until: Option<Instant>,
    found: Mutex<Vec<Mismatch>>,
}

impl Run {
    fn work(&self) {
        loop {
            let first = self.next.fetch_add(BATCH, Ordering::Relaxed);
            let over = self.until.is_some_and(|until| Instant::now() >= until);
            if over || self.end.is_some_and(|end| first >= end) || self.has_enough() {
                return;
            }
            let last = self.end.map_or(first + BATCH, |end| end.min(first + BATCH));
            for seed in first..last {
                if let Some(mismatch) = compare(seed, seed.is_multiple_of(self.args.cedar_every)) {
                    self.found.lock().unwrap_or_else(PoisonError::into_inner).push(mismatch);
                }
                self.done.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    fn has_enough(&self) -> bool {
        self.found.lock().unwrap_or_else(PoisonError::into_inner).len() >= 20
    }
}

#[expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line tool speaks on standard output"
)]
fn main() -> anyhow::Result<ExitCode> {
    let args = args()?;
    let hours = args.hours.map(|hours| Instant::now() + Duration::from_secs_f64(hours * 3600.0));
    let count = args.count.or(if hours.is_some() { None } else { Some(1_000_000) });
    let run = Run {
        next: AtomicU64::new(args.from),
        done: AtomicU64::new(0),
        end: count.map(|count| args.from + count),
        until: hours,
        found: Mutex::default(),
        args,
    };
    let began = Instant::now();
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..workers).map(|_| scope.spawn(|| run.work())).collect();
        let mut said = Instant::now();
        while threads.iter().any(|thread| !thread.is_finished()) {
            std::thread::sleep(Duration::from_millis(50));
            if said.elapsed() >= Duration::from_secs(10) {
                said = Instant::now();
                let done = run.done.load(Ordering::Relaxed);
                eprintln!("{done} compared, {:.0} a second", done as f64 / began.elapsed().as_secs_f64());
            }
        }
    });
    let found = run.found.lock().unwrap_or_else(PoisonError::into_inner);
    for mismatch in found.iter() {
        println!("MISMATCH seed {}", mismatch.seed);
        mismatch.lines.iter().for_each(|line| println!("    {line}"));
        println!("    {}", serde_json::to_string(&mismatch.scenario)?);
    }
    keep(&run.args, &found)?;
    let done = run.done.load(Ordering::Relaxed);
    println!("{done} compared, {} mismatches, {:.1} s", found.len(), began.elapsed().as_secs_f64());
    Ok(if found.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn keep(args: &Args, found: &[Mismatch]) -> anyhow::Result<()> {
    let Some(path) = &args.keep else { return Ok(()) };
    let mut text = std::fs::read_to_string(path).unwrap_or_default();
    for mismatch in found {
        text.push_str(&serde_json::to_string(&mismatch.scenario)?);
        text.push('\n');
    }
    Ok(std::fs::write(path, text)?)
}
