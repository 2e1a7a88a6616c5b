//! Runs case files: `cases FILE...`, JSON Lines of decision cases or Markdown chapters; and writes the casebook as
//! pages: `cases book --out FOLDER`.

use anyhow::{Context, bail};
use cases::{Summary, access, book, render};
use std::path::Path;
use std::process::ExitCode;

/// The book in the checkout this was built from.
const BOOK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/book");

fn main() -> anyhow::Result<ExitCode> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        [] => bail!(
            "name at least one file: JSON Lines of cases, or a Markdown chapter; or `book --out FOLDER`"
        ),
        ["book", "--out", out] => {
            render::write(&render::read(Path::new(BOOK))?, Path::new(out))?;
            Ok(ExitCode::SUCCESS)
        }
        ["book", ..] => bail!("write `cases book --out FOLDER`"),
        files => run(files),
    }
}

#[expect(clippy::print_stdout, reason = "a command line tool speaks on standard output")]
fn run(files: &[&str]) -> anyhow::Result<ExitCode> {
    let mut summary = Summary::default();
    for file in files {
        let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {file}"))?;
        add(&mut summary, file, &text)?;
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
        summary.add_chapter(&book::read(text).with_context(|| file.to_owned())?);
        return Ok(());
    }
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        summary.add(&access::read(line).with_context(|| format!("{file}:{}", number + 1))?);
    }
    Ok(())
}
