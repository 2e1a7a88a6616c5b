//! Adds up the `test result:` lines that cargo prints.

use std::fmt;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::workspace::display;

/// How many tests passed, failed and were ignored, over all test programs.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    /// Tests that passed.
    pub passed: u64,
    /// Tests that failed.
    pub failed: u64,
    /// Tests left out by an `ignore` mark.
    pub ignored: u64,
}

impl Tally {
    /// Adds one line of output if it is a `test result:` line.
    pub fn read(&mut self, line: &str) {
        let Some((_, counts)) = line.strip_prefix("test result: ").and_then(|rest| rest.split_once(". "))
        else {
            return;
        };
        for count in counts.split("; ") {
            let Some((number, kind)) = count.trim().split_once(' ') else { continue };
            let Ok(number) = number.parse::<u64>() else { continue };
            match kind {
                "passed" => self.passed += number,
                "failed" => self.failed += number,
                "ignored" => self.ignored += number,
                _ => {}
            }
        }
    }

    /// Fails unless tests ran, all passed and none was left out.
    fn judge(self) -> Result<()> {
        match self {
            Self { failed: 1.., .. } => bail!("{self}"),
            Self { ignored: 1.., .. } => {
                bail!("{} tests are marked `ignore`; every test runs here", self.ignored)
            }
            Self { passed: 0, .. } => bail!("no test ran"),
            _ => Ok(()),
        }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)
    }
}

/// Runs a test command with its output passed through line by line, and counts into `tally`.
///
/// # Errors
/// When the command fails, a test failed or was ignored, or none ran. `tally` holds the counts then too.
pub fn run_tests(command: &mut Command, tally: &mut Tally) -> Result<()> {
    let shown = display(command);
    let mut child =
        command.stdout(Stdio::piped()).spawn().with_context(|| format!("`{shown}` cannot be started"))?;
    let output = child.stdout.take().context("the output of the tests is not readable")?;
    for line in BufReader::new(output).split(b'\n') {
        let line = line.context("the output of the tests ended early")?;
        let line = String::from_utf8_lossy(&line);
        println!("{line}");
        tally.read(&line);
    }
    let status = child.wait()?;
    tally.judge()?;
    if !status.success() {
        bail!("`{shown}` ended with {status}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(script: &str) -> (Result<()>, Tally) {
        let mut tally = Tally::default();
        (run_tests(Command::new("sh").args(["-c", script]), &mut tally), tally)
    }

    #[test]
    fn sums_over_programs_and_ignores_other_lines() {
        let (result, tally) = count(
            "echo 'running 5 tests'
             echo 'test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s'
             echo 'test a::b ... ok'
             echo 'test result: ok. 39 passed; 0 failed; 0 ignored; 0 measured; 7 filtered out; finished in 1.20s'",
        );
        result.unwrap();
        assert_eq!(tally.to_string(), "42 passed, 0 failed");
    }

    #[test]
    fn a_failed_test_fails_even_if_the_program_does_not() {
        let (result, tally) = count("echo 'test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured'");
        assert_eq!(result.unwrap_err().to_string(), "1 passed, 2 failed");
        assert_eq!(tally, Tally { passed: 1, failed: 2, ignored: 0 });
    }

    #[test]
    fn ignored_none_or_a_crash_fail() {
        assert!(count("echo 'test result: ok. 1 passed; 0 failed; 1 ignored; 0 measured'").0.is_err());
        assert!(count("echo nothing").0.is_err());
        let crash = count("echo 'test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured'; exit 101").0;
        assert!(crash.unwrap_err().to_string().ends_with("exit status: 101"));
    }
}
