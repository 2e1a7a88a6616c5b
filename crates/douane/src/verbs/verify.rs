//! `douane verify`: offline, with nothing but a pinned key.

use super::{print_json, table};
use crate::cli::Verify;
use anyhow::Context;
use ledger::leaf::Leaf;
use ledger::note::VerifierKey;
use ledger::verify::{LogReport, Proven, verify_log, verify_receipt};
use std::path::Path;

/// Verifies a receipt or a log; true when it holds.
pub fn run(verify: &Verify, json: bool) -> anyhow::Result<bool> {
    let key = pinned(&verify.key)?;
    if verify.path.is_dir() { log(&verify.path, &key, json) } else { receipt(&verify.path, &key, json) }
}

fn pinned(text: &str) -> anyhow::Result<VerifierKey> {
    let path = Path::new(text);
    let content = if path.exists() { std::fs::read_to_string(path)? } else { text.to_owned() };
    content
        .trim()
        .parse()
        .context("--key is neither a verifier key (name+hash+base64) nor a file that holds one")
}

fn receipt(path: &Path, key: &VerifierKey, json: bool) -> anyhow::Result<bool> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    match verify_receipt(&text, key) {
        Ok(proven) => {
            if json {
                print_json(&serde_json::json!({
                    "holds": true, "index": proven.index, "log_size": proven.checkpoint.size, "entry": proven.leaf,
                }))?;
            } else {
                print_proven(&proven);
            }
            Ok(true)
        }
        Err(why) => {
            if json {
                print_json(&serde_json::json!({ "holds": false, "why": why.to_string() }))?;
            } else {
                println!("DOES NOT HOLD: {why}");
            }
            Ok(false)
        }
    }
}

fn print_proven(proven: &Proven) {
    let size = proven.checkpoint.size;
    println!(
        "HOLDS: entry {} of a log of {size} entries, signed by {}",
        proven.index, proven.checkpoint.origin
    );
    if let Leaf::Decision(decision) = &proven.leaf {
        let at = terms::Instant::from_micros(i64::try_from(decision.at_us).unwrap_or(i64::MAX));
        println!("  {:?} for {} at {at}, reason {}", decision.verdict, decision.model, decision.reason);
        if !decision.decisive.is_empty() {
            let ids: Vec<&str> = decision.decisive.iter().map(|id| id.as_str()).collect();
            println!("  decided by {}", ids.join(", "));
        }
        println!("  regime {} snapshot {}", decision.regime, decision.snapshot);
    }
}

fn log(path: &Path, key: &VerifierKey, json: bool) -> anyhow::Result<bool> {
    // A data directory holds its log in a folder of that name.
    let inner = path.join("log");
    let path = if inner.join("checkpoint").exists() { &inner } else { path };
    let report =
        verify_log(path, key).with_context(|| format!("cannot read the log in {}", path.display()))?;
    if json {
        print_json(&report)?
    } else {
        print_report(&report)
    }
    Ok(report.is_sound())
}

fn print_report(report: &LogReport) {
    let counts = &report.counts;
    let verdict = if report.is_sound() { "HOLDS" } else { "DOES NOT HOLD" };
    println!(
        "{verdict}: {} entries of {}, {} of them under a signed checkpoint",
        report.entries, report.origin, report.signed_entries
    );
    let mut table = table(&["decisions", "count"]);
    for (name, count) in [
        ("all", counts.decisions),
        ("completed", counts.completed),
        ("refused: deny", counts.deny),
        ("refused: verify first", counts.verify_first),
        ("refused: reading open", counts.depends),
        ("cut", counts.cut),
        ("failed", counts.failed),
        ("caller left", counts.client_left),
        ("interrupted by a stop", counts.interrupted),
        ("under way", counts.open),
    ] {
        table.add_row([name.to_owned(), count.to_string()]);
    }
    println!("{table}");
    for problem in &report.problems {
        println!("problem {}: {}", problem.code, problem.text);
    }
}
