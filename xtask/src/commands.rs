//! What each command does, as lists of steps.

use std::cell::Cell;

use anyhow::{Result, bail};

use crate::peers;
use crate::step::{Step, run_all};
use crate::tally::{Tally, run_tests};
use crate::workspace::{Workspace, run, succeeds};
use crate::{generate, tidy};

const COMPONENT_CURE: &str =
    "Run `rustup component add clippy rustfmt` (rust-toolchain.toml names the toolchain).";

/// Everything CI needs, in order. Once tests ran it ends with `N passed, N failed` alone on a line.
pub fn test(workspace: &Workspace) -> Result<()> {
    let tally = Cell::new(Tally::default());
    let mut steps =
        vec![Step::new("tools and peers", "Install what is named, then run the command again.", || {
            peers::install(workspace)
        })];
    steps.extend(check_steps(workspace));
    steps.extend(build_steps(workspace));
    steps.push(Step::new(
        "tests",
        "The failing tests are named above; `cargo test -p CRATE NAME` runs one.",
        || all_tests(workspace, &tally),
    ));
    steps.push(Step::new(
        "agreement of three evaluators",
        "The mismatches above are small already: mend the engine or the reference, and keep them in cases/regressions/.",
        || diff_test(workspace, &["--count", COMPARISONS]),
    ));
    steps.push(Step::new("documentation", "Mend the links and code blocks named above.", || {
        let mut doc = workspace.cargo(["doc", "--workspace", "--no-deps", "--locked"]);
        run(doc.env("RUSTDOCFLAGS", "-D warnings"))
    }));
    let outcome = run_all(steps);
    if let Ok(summary) = &outcome {
        println!("\n{summary}");
    }
    if tally.get() != Tally::default() {
        println!("{}", tally.get());
    }
    outcome.map(drop)
}

/// Format, lint and tidy.
pub fn check(workspace: &Workspace) -> Result<()> {
    let summary = run_all(check_steps(workspace))?;
    println!("\n{summary}");
    Ok(())
}

/// Sets up the peers and says how to hand them to a test run by hand.
pub fn peers(workspace: &Workspace) -> Result<()> {
    peers::install(workspace)?;
    let shown = peers::variables(workspace).map(|(name, value)| format!("{name}={}", value.display()));
    println!("For a run by hand: export {}", shown.join(" "));
    Ok(())
}

/// Decision cases and casebook chapters.
pub fn cases(workspace: &Workspace, files: &[&str]) -> Result<()> {
    over_files(workspace, "cases", files)
}

/// Directories of identity vectors.
pub fn vectors(workspace: &Workspace, directories: &[&str]) -> Result<()> {
    over_files(workspace, "vectors", directories)
}

/// A runner, package and program of one name, over files or folders.
fn over_files(workspace: &Workspace, runner: &str, files: &[&str]) -> Result<()> {
    let words = ["run", "--quiet", "--locked", "-p", runner, "--bin", runner, "--"];
    // Cargo runs in the root of the checkout; the names are those of the folder the command was typed in.
    let files: Vec<_> = files.iter().map(std::path::absolute).collect::<Result<_, _>>()?;
    run(workspace.cargo(words).args(files))
}

/// Scenarios compared in the test command.
const COMPARISONS: &str = "1000000";

/// The engine beside the reference interpreter and Cedar.
pub fn diff_test(workspace: &Workspace, rest: &[&str]) -> Result<()> {
    let words = ["run", "--release", "--locked", "-p", "cases", "--bin", "agree", "--"];
    run(&mut workspace.cargo(words.into_iter().chain(rest.iter().copied())))
}

/// Kills the server under load, many times.
pub fn kill_test(workspace: &Workspace) -> Result<()> {
    let words = ["test", "--locked", "-p", "system-tests", "--test", "kill", "--", "--nocapture"];
    run(workspace.cargo(words).env("DOUANE_KILL_ROUNDS", "50"))
}

/// All benchmarks, or those that `rest` selects.
pub fn bench(workspace: &Workspace, rest: &[&str]) -> Result<()> {
    let scope: &[&str] = if rest.is_empty() { &["--workspace"] } else { rest };
    run(&mut workspace.cargo(["bench", "--locked"].into_iter().chain(scope.iter().copied())))
}

fn check_steps(workspace: &Workspace) -> Vec<Step<'_>> {
    vec![
        Step::new("components", COMPONENT_CURE, || components(workspace)),
        Step::new("format", "Run `cargo fmt --all`.", || {
            run(&mut workspace.cargo(["fmt", "--all", "--check"]))
        }),
        Step::new("clippy", "Mend the warnings named above.", || {
            let words = ["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"];
            run(&mut workspace.cargo(words))
        }),
        Step::new("tidy", "Each line above names the file and the rule.", || tidy::run(&workspace.root)),
    ]
}

fn build_steps(workspace: &Workspace) -> [Step<'_>; 2] {
    [
        Step::new("build", "Mend the errors named above.", || {
            run(&mut workspace.cargo(["build", "--locked", "-p", "douane"]))
        }),
        Step::new("generated files", "Run `cargo xtask generate` and commit what it writes.", || {
            generate::check(workspace)
        }),
    ]
}

/// Cargo goes on after a failing test program so that the count at the end is whole.
fn all_tests(workspace: &Workspace, tally: &Cell<Tally>) -> Result<()> {
    let mut counted = Tally::default();
    let mut tests = workspace.cargo(["test", "--workspace", "--locked", "--no-fail-fast"]);
    tests.envs(peers::variables(workspace));
    let outcome = run_tests(&mut tests, &mut counted);
    tally.set(counted);
    outcome
}

fn components(workspace: &Workspace) -> Result<()> {
    for tool in ["fmt", "clippy"] {
        if !succeeds(&mut workspace.cargo([tool, "--version"])) {
            bail!("`cargo {tool}` is missing from this toolchain");
        }
    }
    Ok(())
}
