//! The decision cases in JSON Lines come out as expected.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test or benchmark fails by panicking"
)]

use cases::access::read;
use cases::{Case, Summary, differences, run};

const CASES: &str = include_str!("../access-cases.jsonl");
const EXAMINER: &str = include_str!("../examiner-cases.jsonl");

fn cases() -> Vec<Case> {
    CASES.lines().filter(|line| !line.trim().is_empty()).map(|line| read(line).unwrap()).collect()
}

#[test]
fn every_case_comes_out_as_expected() {
    let mut summary = Summary::default();
    cases().iter().for_each(|case| summary.add(case));
    assert_eq!(summary.failed, [], "cases that came out otherwise");
    assert_eq!(summary.passed.len(), 57);
}

/// Written from the text alone by somebody who had not seen the engine: one sentence each, or two together, chosen so
/// that a plausible misreading fails.
#[test]
fn every_case_of_the_examiner_comes_out_as_expected() {
    let mut summary = Summary::default();
    EXAMINER.lines().map(|line| read(line).unwrap()).for_each(|case| summary.add(&case));
    assert_eq!(summary.failed, [], "cases that came out otherwise");
    assert_eq!(summary.passed.len(), 298);
}

#[test]
fn a_wrong_expectation_is_reported() {
    let outcomes = ["permit", "deny", "verify_first", "depends"];
    for mut case in cases() {
        let right = case.expected.outcome.clone();
        for wrong in outcomes.into_iter().filter(|outcome| *outcome != right) {
            case.expected.outcome = wrong.to_owned();
            let lines = differences(&case.expected, &run(&case).unwrap());
            assert!(lines.iter().any(|line| line.starts_with("outcome")), "{}: {wrong}", case.id);
        }
    }
}
