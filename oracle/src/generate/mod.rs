//! Scenarios from a seed: the same seed gives the same scenario on every machine.
//!
//! Countries, names and instants come from short lists so that facts and law meet often. About half of the
//! scenarios are simple: one directive, few terms, facts that are mostly proven.

mod dice;
mod law;
mod subject;

use crate::scenario::{Operator, Request, Scenario};
use dice::Dice;
use terms::{Activity, EndUse, Instant, Level, Question};

/// Models a request may name.
const MODELS: [&str; 2] = ["fable-5", "mythos-5"];
/// Firms, some spelled in several ways.
const FIRMS: [&str; 4] = ["Harbor Grid Co", "harbor  grid co", "Model Maker Inc", "KR Cyber Shield"];
/// Identifiers of persons.
const PERSONS: [&str; 3] = ["kcs-007", "kcs-008", "kcs-009"];
/// Countries of facts and law.
const COUNTRIES: [&str; 10] = ["US", "CN", "HK", "MO", "RU", "IR", "FR", "DE", "PR", "KR"];
/// Instant of every decision: 2026-06-15T12:00:00Z, in microseconds.
const AT_US: i64 = 1_781_524_800_000_000;
/// A day, in milliseconds.
const DAY_MS: i64 = 86_400_000;

/// Makes the scenario of a seed.
pub fn scenario(seed: u64) -> Scenario {
    let mut dice = Dice::new(seed);
    let simple = dice.chance(50);
    let directives = law::directives(&mut dice, simple);
    let licences = law::licences(&mut dice, simple, &directives);
    let mut scenario = Scenario {
        id: format!("seed-{seed}"),
        title: String::new(),
        at: Instant::from_micros(AT_US),
        clock_uncertainty_ms: dice.maybe(20, |dice| dice.pick(&[0, 1, 300, 500])),
        subject: subject::subject(&mut dice, simple),
        request: request(&mut dice),
        directives,
        licences,
        operator: operator(&mut dice, simple),
        expected: None,
    };
    subject::say_less(&mut Dice::new(!seed), simple, scenario.at, &mut scenario.subject);
    scenario
}

fn request(dice: &mut Dice) -> Request {
    let streaming = dice.maybe(20, |dice| dice.chance(80));
    let started_at = if streaming.is_some() { Some(instant(dice)) } else { None };
    let activity = if dice.chance(80) {
        Activity::HostedInference
    } else {
        dice.pick(&[Activity::WeightsDownload, Activity::SourceCode])
    };
    Request {
        model: dice.pick(&MODELS).to_owned(),
        activity,
        end_use: end_use(dice),
        served_from: country(dice.pick(&["US", "US", "PR", "FR", "KR"])),
        streaming,
        started_at,
    }
}

fn end_use(dice: &mut Dice) -> EndUse {
    if dice.chance(10) { EndUse::Unknown } else { dice.pick(&EndUse::KNOWN) }
}

fn operator(dice: &mut Dice, simple: bool) -> Operator {
    let mut choices = std::collections::BTreeMap::new();
    for question in Question::ALL {
        if dice.chance(if simple { 40 } else { 55 }) {
            choices.insert(question, dice.pick(question.options()).to_owned());
        }
    }
    let usual = dice.chance(70);
    let min_evidence = if usual { Level::Document } else { dice.pick(&Level::ALL) };
    let min_location_evidence = if dice.chance(70) { Level::Ip } else { dice.pick(&Level::ALL) };
    Operator { min_evidence, min_location_evidence, choices }
}

/// An instant: mostly days away from the decision, else within reach of the clock's error.
fn instant(dice: &mut Dice) -> Instant {
    let offset_ms = if dice.chance(60) {
        dice.pick(&[-30, -10, -2, 3, 20]) * DAY_MS
    } else {
        dice.pick(&[-501, -500, -300, -1, 0, 1, 299, 300, 301, 500])
    };
    shifted(offset_ms)
}

/// An instant so far from that of the decision, in milliseconds.
fn shifted(offset_ms: i64) -> Instant {
    Instant::from_micros(AT_US + offset_ms * 1_000)
}

#[expect(clippy::expect_used, reason = "the codes are those of the lists in this module")]
fn country(code: &str) -> terms::Country {
    terms::Country::parse(code).expect("a code of the table")
}
