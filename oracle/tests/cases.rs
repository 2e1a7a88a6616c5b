//! The reference answers the visible cases as the normative text does, and decides whatever is generated.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, also in its helpers")]

use oracle::scenario::{Scenario, Status};
use oracle::{generate, reference};
use std::collections::{BTreeMap, BTreeSet};
use terms::UsStatus;

/// Of the flags the reference leaves out the comparison of scope and citation, which needs the table of authorities.
const LEFT_OUT: &str = "authority_scope_exceeds_citation";

fn visible() -> Vec<Scenario> {
    let file = include_str!("../../cases/access-cases.jsonl");
    file.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn check(case: &Scenario) -> Vec<String> {
    let expected = case.expected.as_ref().unwrap();
    let answer = reference::decide(case);
    let mut wrong = Vec::new();
    let mut compare = |what: &str, same: bool| {
        if !same {
            wrong.push(format!("{} {what}: {answer:?}, expected {expected:?}", case.id));
        }
    };
    compare("outcome", answer.outcome == expected.outcome);
    compare("missing_facts", answer.missing_facts == expected.missing_facts.iter().copied().collect());
    compare("depends_on", answer.depends_on == expected.depends_on);
    compare("stream_action", answer.stream_action == expected.stream_action);
    let decisive: BTreeSet<String> = expected.decisive.iter().flatten().cloned().collect();
    compare("decisive", answer.decisive == decisive);
    let mut flags = expected.flags_include.iter().filter(|flag| *flag != LEFT_OUT);
    compare("flags", flags.all(|flag| answer.flags.contains(flag)));
    wrong
}

#[test]
fn visible_cases_are_answered_as_the_text_says() {
    let cases = visible();
    assert_eq!(cases.len(), 57);
    let wrong: Vec<String> = cases.iter().flat_map(check).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_choice_gives_the_outcome_announced_for_it() {
    let depends = visible().into_iter().chain((0..2_000).map(generate::scenario));
    let mut tried = 0;
    for case in depends {
        let Some(open) = reference::decide(&case).depends_on else { continue };
        for (option, outcome) in open.options {
            let mut chosen = case.clone();
            chosen.operator.choices.insert(open.question, option.clone());
            assert_eq!(reference::decide(&chosen).outcome, outcome, "{} {option}", case.id);
            tried += 1;
        }
    }
    assert!(tried > 200, "{tried}");
}

#[test]
fn generated_scenarios_round_trip_and_spread_over_the_outcomes() {
    let mut outcomes: BTreeMap<String, u32> = BTreeMap::new();
    for seed in 0..2_000 {
        let scenario = generate::scenario(seed);
        let text = serde_json::to_string(&scenario).unwrap();
        let back: Scenario = serde_json::from_str(&text).unwrap();
        assert_eq!(back, scenario, "seed {seed}");
        *outcomes.entry(reference::decide(&scenario).outcome).or_default() += 1;
    }
    assert_eq!(outcomes.len(), 4, "{outcomes:?}");
    assert!(outcomes.values().all(|count| *count > 60), "{outcomes:?}");
}

#[test]
fn withholding_a_fact_never_wins_a_permit() {
    let withhold: [fn(&mut Scenario); 9] = [
        |case| case.subject.us_status = None,
        |case| {
            let ours = |status: &&mut Status| status.value.is_foreign_person() == Some(false);
            case.subject
                .us_status
                .iter_mut()
                .filter(ours)
                .for_each(|status| status.value = UsStatus::UsPerson);
        },
        |case| {
            let subject = &mut case.subject;
            subject.citizenships.clear();
            (subject.citizenships_complete, subject.citizenships_current) = (None, None);
            subject.stateless = None;
        },
        |case| case.subject.citizenships_complete = None,
        |case| case.subject.citizenships_current = None,
        |case| case.subject.not_citizenships.clear(),
        |case| case.subject.location = None,
        |case| case.subject.party_match = terms::PartyMatch::Unscreened,
        |case| case.request.end_use = terms::EndUse::Unknown,
    ];
    let mut tried = 0;
    for case in (0..600).map(generate::scenario) {
        if reference::decide(&case).outcome == "permit" {
            continue;
        }
        for change in withhold {
            let mut silent = case.clone();
            change(&mut silent);
            assert_ne!(reference::decide(&silent).outcome, "permit", "{silent:?}");
            tried += 1;
        }
    }
    assert!(tried > 800, "{tried}");
}
