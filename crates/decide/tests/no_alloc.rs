//! The decision path neither allocates nor panics, whatever the outcome.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test or benchmark fails by panicking"
)]

mod support;

use allocation_counter::measure;
use decide::{Ask, Outcome, cure, decide, flags, outcome, valid_until};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use std::collections::BTreeMap;
use std::hint::black_box;
use support::{HOUR_US, clock, people, request, scene};
use terms::{ClockReading, Instant, PersonFacts, Request};

/// Values of a strategy, the same in every run.
fn drawn<S: Strategy>(strategy: S, runner: &mut TestRunner) -> impl Iterator<Item = S::Value> {
    std::iter::from_fn(move || Some(strategy.new_tree(runner).unwrap().current()))
}

fn allocations<T>(work: impl FnOnce() -> T) -> u64 {
    measure(|| {
        black_box(work());
    })
    .count_total
}

#[test]
fn the_counter_counts() {
    assert_eq!(allocations(|| vec![0u8; black_box(100)]), 1);
}

#[test]
fn no_verdict_allocates() {
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let mut several_missing = 0;
    for scene in drawn(scene(), &mut TestRunner::deterministic()).take(3_000) {
        let regime = scene.regime();
        let subject = scene.subject(&regime);
        let ask = scene.ask(&regime, &subject);
        assert_eq!(allocations(|| decide(black_box(&ask))), 0, "decide: {scene:?}");
        assert_eq!(allocations(|| outcome(black_box(&ask))), 0, "outcome: {scene:?}");
        assert_eq!(allocations(|| valid_until(black_box(&ask))), 0, "valid_until: {scene:?}");
        let verdict = decide(&ask);
        assert_eq!(allocations(|| cure(&ask, black_box(&verdict))), 0, "cure: {scene:?}");
        *seen.entry(verdict.outcome.word()).or_default() += 1;
        several_missing += usize::from(verdict.missing.iter().count() > 1);
    }
    assert_eq!(seen.len(), 4, "every outcome is met: {seen:?}");
    assert!(seen.values().all(|count| *count > 50), "each of them often: {seen:?}");
    assert!(several_missing > 50, "worlds over several facts are met: {several_missing}");
}

/// Clocks anywhere on the scale, also past its ends.
fn any_clock() -> impl Strategy<Value = ClockReading> {
    let anywhere = (any::<i64>(), 0..=i64::MAX)
        .prop_map(|(at, uncertainty_us)| ClockReading { at: Instant::from_micros(at), uncertainty_us });
    prop_oneof![9 => clock(), 1 => anywhere]
}

fn question() -> impl Strategy<Value = (PersonFacts, Vec<(Request, ClockReading)>)> {
    (people::facts(), prop::collection::vec((request(), any_clock()), 20))
}

/// Regimes, subjects of each, requests of each subject: 200,000 questions in all.
const SHAPE: [usize; 3] = [1_000, 10, 20];

#[test]
fn two_hundred_thousand_questions_do_not_panic() {
    let mut runner = TestRunner::deterministic();
    let mut answered: BTreeMap<&str, usize> = BTreeMap::new();
    let scenes: Vec<_> = drawn(scene(), &mut runner).take(SHAPE[0]).collect();
    let mut questions = drawn(question(), &mut runner);
    for scene in scenes {
        let regime = scene.regime();
        for (facts, asked) in questions.by_ref().take(SHAPE[1]) {
            let now = scene.clock.at.plus_micros(HOUR_US);
            let subject = decide::Subject::new(&regime, &facts, now);
            if let Some((request, clock)) = asked.first().copied() {
                let ask = Ask { regime: &regime, subject: &subject, request, clock };
                let verdict = decide(&ask);
                let action = verdict.stream_action(&regime, clock, now);
                assert!(action.is_none() || verdict.outcome != Outcome::Permit);
            }
            for (mut request, clock) in asked {
                // One in a while for a model that is not in the catalogue.
                request.model += usize::from(clock.at.as_micros() % 7 == 0);
                let ask = Ask { regime: &regime, subject: &subject, request, clock };
                let quick = outcome(&ask).0;
                assert!(flags(&ask).len() <= 3);
                *answered.entry(quick.word()).or_default() += 1;
            }
        }
    }
    assert_eq!(answered.values().sum::<usize>(), SHAPE.iter().product::<usize>());
    assert_eq!(answered.len(), 4, "{answered:?}");
}
