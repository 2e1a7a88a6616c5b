//! Named steps, run in order, each timed; the first failure stops the run and says how to cure it.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};

/// One thing that must succeed before the next may run.
pub struct Step<'a> {
    name: &'static str,
    cure: &'static str,
    work: Box<dyn FnOnce() -> Result<()> + 'a>,
}

impl<'a> Step<'a> {
    /// `cure` is what to do when `work` fails, as a sentence.
    pub fn new(name: &'static str, cure: &'static str, work: impl FnOnce() -> Result<()> + 'a) -> Self {
        Self { name, cure, work: Box::new(work) }
    }
}

/// Runs the steps; returns the summary line.
///
/// # Errors
/// The first failure, with the step's name, its time and its cure.
pub fn run_all(steps: Vec<Step<'_>>) -> Result<String> {
    let (count, begun, mut times) = (steps.len(), Instant::now(), Vec::new());
    for (index, step) in steps.into_iter().enumerate() {
        println!("\n== [{}/{count}] {}", index + 1, step.name);
        let start = Instant::now();
        let outcome = (step.work)();
        let took = seconds(start.elapsed());
        outcome.with_context(|| format!("step `{}` failed after {took}. {}", step.name, step.cure))?;
        println!("== {}: {took}", step.name);
        times.push(format!("{} {took}", step.name));
    }
    Ok(format!("all {count} steps passed in {} ({})", seconds(begun.elapsed()), times.join(", ")))
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use anyhow::anyhow;

    use super::*;

    #[test]
    fn the_first_failure_stops_and_names_the_cure() {
        let later = Cell::new(false);
        let error = run_all(vec![
            Step::new("good", "", || Ok(())),
            Step::new("bad", "Mend it.", || Err(anyhow!("broken"))),
            Step::new("later", "", || {
                later.set(true);
                Ok(())
            }),
        ])
        .unwrap_err();
        let text = format!("{error:#}");
        assert!(text.starts_with("step `bad` failed after "), "{text}");
        assert!(text.ends_with(" s. Mend it.: broken"), "{text}");
        assert!(!later.get());
    }

    #[test]
    fn the_summary_names_every_step() {
        let summary =
            run_all(vec![Step::new("one", "", || Ok(())), Step::new("two", "", || Ok(()))]).unwrap();
        assert!(summary.starts_with("all 2 steps passed in "), "{summary}");
        assert!(summary.contains("one ") && summary.contains("two "), "{summary}");
    }
}
