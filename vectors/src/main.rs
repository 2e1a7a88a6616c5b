//! `vectors DIR...`: runs directories of identity vectors; ends with `N passed, M failed`, exit code 1 if any failed.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command-line tool speaks on its terminal")]

use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let directories: Vec<String> = std::env::args().skip(1).collect();
    if directories.is_empty() {
        eprintln!(
            "vectors DIR...\nRuns directories with index.json, trust.json and cases/ against `people`."
        );
        return ExitCode::FAILURE;
    }
    match run(&directories) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("vectors: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(directories: &[String]) -> anyhow::Result<bool> {
    let (mut passed, mut failed) = (0_u32, 0_u32);
    for directory in directories {
        for outcome in vectors::run(Path::new(directory))? {
            if outcome.differences.is_empty() {
                passed += 1;
                continue;
            }
            failed += 1;
            println!("{}", outcome.id);
            outcome.differences.iter().for_each(|difference| println!("    {difference}"));
        }
    }
    println!("{passed} passed, {failed} failed");
    Ok(failed == 0)
}
