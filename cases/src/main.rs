//! Runs case files: `cases FILE...`, JSON Lines of decision cases or Markdown chapters.

use anyhow::Context;
use cases::{Summary, access, book};
use std::process::ExitCode;

#[expect(clippy::print_stdout, reason = "a command line tool speaks on standard output")]
fn main() -> anyhow::Result<ExitCode> {
    let mut summary = Summary::default();
    let files: Vec<String> = std::env::args().skip(1).collect();
    anyhow::ensure!(!files.is_empty(), "name at least one file: JSON Lines of cases, or a Markdown chapter");
    for file in &files {
        let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {file}"))?;
        add(&mut summary, file, &text)?;
    }
    for (id, needs) in &summary.pending {
        println!("pending {id}: needs {needs}");
    }
    for (id, lines) in &summary.failed {
        println!("FAILED {id}");
        lines.iter().for_each(|line| println!("    {line}"));
    }
    println!("{} passed, {} failed", summary.passed.len(), summary.failed.len());
    Ok(if summary.failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn add(summary: &mut Summary, file: &str, text: &str) -> anyhow::Result<()> {
    if file.ends_with(".md") {
        book::read(text).with_context(|| file.to_owned())?.iter().for_each(|case| summary.add(case));
        return Ok(());
    }
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        match access::read(line).with_context(|| format!("{file}:{}", number + 1))? {
            access::Line::Case(case) => summary.add(&case),
            access::Line::Pending { id, needs } => summary.pending.push((id, needs)),
        }
    }
    Ok(())
}
