//! The decision cases in JSON Lines: what the engine decides comes out as expected, and what it does not decide yet is
//! exactly the list below.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test or benchmark fails by panicking"
)]

use cases::access::{Line, read};
use cases::{Case, Summary, differences, run};
use std::collections::BTreeMap;

const CASES: &str = include_str!("../access-cases.jsonl");

/// Cases that wait, with what they need. A case leaves this list when the law it needs is decided.
const PENDING: [(&str, &str); 21] = [
    ("A06", "class foreign_national_undefined"),
    ("A19", "class national_of"),
    ("A20", "class national_or_located_in"),
    ("A21", "class national_or_located_in"),
    ("A22", "class national_of"),
    ("A23", "class national_of"),
    ("A31", "class listed_party"),
    ("A32", "remote_access"),
    ("A33", "hosted_inference"),
    ("A34", "class entity_hq"),
    ("A35", "class listed_party"),
    ("A36", "class us_person_744_6"),
    ("A41", "remote_access"),
    ("A45", "class listed_party"),
    ("A46", "class listed_party"),
    ("A47", "licence with a cap"),
    ("A48", "class national_of"),
    ("A51", "class foreign_national_undefined"),
    ("A52", "class us_person_744_6"),
    ("A55", "hong_kong"),
    ("A57", "class national_of"),
];

fn lines() -> Vec<Line> {
    CASES.lines().filter(|line| !line.trim().is_empty()).map(|line| read(line).unwrap()).collect()
}

fn ready() -> Vec<Case> {
    lines()
        .into_iter()
        .filter_map(|line| match line {
            Line::Case(case) => Some(*case),
            Line::Pending { .. } => None,
        })
        .collect()
}

#[test]
fn every_case_that_can_run_comes_out_as_expected() {
    let mut summary = Summary::default();
    ready().iter().for_each(|case| summary.add(case));
    assert_eq!(summary.failed, [], "cases that came out otherwise");
    assert_eq!(summary.passed.len(), 36);
}

#[test]
fn the_pending_cases_are_the_ones_named() {
    let pending: BTreeMap<String, String> = lines()
        .into_iter()
        .filter_map(|line| match line {
            Line::Pending { id, needs } => Some((id, needs)),
            Line::Case(_) => None,
        })
        .collect();
    let named = PENDING.map(|(id, needs)| (id.to_owned(), needs.to_owned()));
    assert_eq!(pending, BTreeMap::from(named));
}

#[test]
fn a_wrong_expectation_is_reported() {
    let outcomes = ["permit", "deny", "verify_first", "depends"];
    for mut case in ready() {
        let right = case.expected.outcome.clone();
        for wrong in outcomes.into_iter().filter(|outcome| *outcome != right) {
            case.expected.outcome = wrong.to_owned();
            let lines = differences(&case.expected, &run(&case).unwrap());
            assert!(lines.iter().any(|line| line.starts_with("outcome")), "{}: {wrong}", case.id);
        }
    }
}
