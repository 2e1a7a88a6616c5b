//! `cargo xtask`: the one list of commands that a developer and CI run.
//!
//! `cargo xtask help` prints the list. [`commands`] holds the order of the steps, [`step`] runs and times
//! them, [`peers`] sets up what the tests talk to, [`tidy`] holds the rules a compiler does not know.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command-line tool speaks on its terminal")]

mod apt;
mod commands;
mod generate;
mod node;
mod peers;
mod step;
mod tally;
mod tidy;
mod workspace;

use std::process::ExitCode;

use anyhow::{Result, bail};

use workspace::Workspace;

const HELP: &str = "\
cargo xtask COMMAND

  test              set up what the tests need, then format, lint, tidy, build, generated files, tests, documentation
  check             format, lint and tidy only (no tests)
  tidy              the rules in xtask/src/tidy.rs; lists long functions and files
  generate          write the generated files that are committed (schema/, docs/cli.md, docs/casebook/)
  generate --check  fail when a generated file differs from the committed one
  peers             set up the clients, the OpenID provider and the wallet that the system tests use
  cases FILE...     run decision cases (JSON Lines) or casebook chapters (Markdown); ends with `N passed, M failed`
  vectors DIR...    run directories of identity vectors (index.json, trust.json, cases/); ends with `N passed, M failed`
  diff-test [ARGS]  compare engine, reference interpreter and Cedar on generated scenarios: --count N or --hours H
  kill-test         kill the server 50 times under load and check that nothing acknowledged is lost
  bench [ARGS]      all benchmarks; ARGS go to cargo bench (for instance: -p wire)
  help              this list

CARGO_TARGET_DIR is respected; peers live in `peers/` below it.";

fn main() -> ExitCode {
    match run(&std::env::args().skip(1).collect::<Vec<_>>()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nxtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &[String]) -> Result<()> {
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    let workspace = Workspace::find()?;
    match words.as_slice() {
        ["test"] => commands::test(&workspace),
        ["check"] => commands::check(&workspace),
        ["tidy"] => tidy::run(&workspace.root),
        ["generate"] => generate::write(&workspace),
        ["generate", "--check"] => generate::check(&workspace),
        ["peers"] => commands::peers(&workspace),
        ["cases", files @ ..] => commands::cases(&workspace, files),
        ["vectors", directories @ ..] => commands::vectors(&workspace, directories),
        ["diff-test", rest @ ..] => commands::diff_test(&workspace, rest),
        ["kill-test"] => commands::kill_test(&workspace),
        ["bench", rest @ ..] => commands::bench(&workspace, rest),
        [] | ["help" | "-h" | "--help"] => {
            println!("{HELP}");
            Ok(())
        }
        other => bail!("`{}` is not a command; `cargo xtask help` lists them", other.join(" ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_command_is_named_with_the_way_out() {
        let error = run(&["tets".to_owned()]).unwrap_err().to_string();
        assert_eq!(error, "`tets` is not a command; `cargo xtask help` lists them");
    }

    #[test]
    fn a_word_too_many_is_refused() {
        assert!(run(&["tidy".to_owned(), "now".to_owned()]).is_err());
    }
}
