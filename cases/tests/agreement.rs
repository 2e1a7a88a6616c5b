//! Engine, reference interpreter and Cedar agree: on every seed that once showed a difference, on the decision cases,
//! and on a sample. The million is run by the test command (`cargo xtask diff-test`).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test or benchmark fails by panicking"
)]

use cases::agreement::{compare, is_bounded, with_cedar, with_reference};
use oracle::scenario::Scenario;

const CASES: &str = include_str!("../access-cases.jsonl");
const SEEDS: &str = include_str!("../regressions/seeds.txt");
/// Scenarios compared here.
const SAMPLE: u64 = 2_000;

fn scenarios() -> Vec<Scenario> {
    CASES.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn check(seed: u64, cedar: bool) {
    if let Some(mismatch) = compare(seed, cedar) {
        let scenario = serde_json::to_string(&mismatch.scenario).unwrap();
        panic!("seed {seed}: {:?}\n{scenario}", mismatch.lines);
    }
}

#[test]
fn seeds_that_once_differed_agree() {
    let lines = SEEDS.lines().filter(|line| !line.starts_with('#'));
    let seeds: Vec<u64> = lines.map(|line| line.split(' ').next().unwrap().parse().unwrap()).collect();
    assert!(seeds.len() >= 40);
    seeds.into_iter().for_each(|seed| check(seed, true));
}

#[test]
fn a_sample_agrees() {
    (1_000_000_000..1_000_000_000 + SAMPLE).for_each(|seed| check(seed, seed.is_multiple_of(10)));
}

#[test]
fn the_bound_on_worlds_is_seldom_met() {
    let met = (0..SAMPLE).filter(|seed| is_bounded(*seed)).count();
    assert!(met * 200 <= SAMPLE as usize, "{met} of {SAMPLE}");
}

#[test]
fn the_decision_cases_agree() {
    let mut certain = 0;
    for scenario in scenarios() {
        assert_eq!(with_reference(&scenario), Vec::<String>::new(), "{}", scenario.id);
        let by_cedar = with_cedar(&scenario);
        certain += usize::from(by_cedar.is_some());
        assert_eq!(by_cedar.unwrap_or_default(), Vec::<String>::new(), "{}", scenario.id);
        let known = oracle::cedar::certify(&scenario);
        assert_eq!(with_cedar(&known), Some(Vec::new()), "{} with everything known", scenario.id);
    }
    assert!(certain >= 30, "Cedar answered {certain} cases only");
}

/// What one evaluator is told and the other is not must show.
#[test]
fn a_difference_is_seen() {
    let mut seen = 0;
    for scenario in scenarios() {
        let mut altered = scenario.clone();
        altered.directives.clear();
        let engine = cases::run(&cases::access::adapt(&altered).unwrap()).unwrap();
        let reference = oracle::reference::decide(&scenario);
        if reference.outcome != "permit" {
            assert_ne!(engine.outcome, reference.outcome, "{}", scenario.id);
            seen += 1;
        }
    }
    assert!(seen > 20);
}
