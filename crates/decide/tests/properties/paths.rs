//! The quick paths say what the slow ones say.

use crate::support::{HOUR_US, Said, Scene, said, scene};
use decide::{Ask, Outcome, Subject, decide, flags, outcome, valid_until};
use law::{Fold, FoldOptions, Regime, Start};
use proptest::prelude::*;
use terms::Instant;

/// The same law, each start written as an ambiguous local time whose two readings are one instant: such directives
/// are judged one by one, by the predicates and not by the tables.
fn judged_singly(scene: &Scene) -> Scene {
    let mut singly = scene.clone();
    for directive in &mut singly.book.directives {
        if let Start::At(at) = directive.effective_from {
            directive.effective_from = Start::Fold(Fold {
                local: "2026-11-01T01:30:00".to_owned(),
                zone: "America/New_York".to_owned(),
                options: FoldOptions { first: at, second: at },
            });
        }
    }
    singly
}

/// Subjects made ready for other times: their summary does not hold at the hour of the request, or holds there by
/// chance.
fn elsewhere_in_time(regime: &Regime, scene: &Scene) -> Vec<Subject> {
    let far = [-100, -5, 5, 100].map(|hours| scene.clock.at.plus_micros(hours * HOUR_US));
    let ready_at = far.into_iter().chain([Instant::MIN, Instant::MAX]);
    ready_at.map(|now| Subject::new(regime, &scene.facts, now)).collect()
}

fn check_outcome(ask: &Ask<'_>) -> Result<(), TestCaseError> {
    let verdict = decide(ask);
    let (quick, rules) = outcome(ask);
    prop_assert_eq!(quick, verdict.outcome);
    let within = |one: &decide::RuleSet, other: &decide::RuleSet| one.iter().all(|bit| other.contains(bit));
    match quick {
        Outcome::Permit => prop_assert!(rules.is_empty()),
        Outcome::Deny => prop_assert!(!rules.is_empty() && within(&rules, &verdict.deciding)),
        Outcome::VerifyFirst => prop_assert!(within(&verdict.deciding, &rules)),
        Outcome::Depends => prop_assert_eq!(rules, verdict.deciding),
    }
    Ok(())
}

proptest! {
    #![proptest_config(crate::config())]

    #[test]
    fn the_outcome_alone_is_that_of_the_verdict(scene in scene()) {
        let regime = scene.regime();
        check_outcome(&scene.ask(&regime, &scene.subject(&regime)))?;
    }

    #[test]
    fn tables_say_what_the_predicates_say(scene in scene()) {
        let slow: Said = judged_singly(&scene).said();
        prop_assert_eq!(scene.said(), slow);
    }

    #[test]
    fn the_outcome_alone_is_the_same_judged_singly(scene in scene()) {
        let singly = judged_singly(&scene);
        let (one, other) = (scene.regime(), singly.regime());
        let quick = outcome(&scene.ask(&one, &scene.subject(&one))).0;
        prop_assert_eq!(quick, outcome(&singly.ask(&other, &singly.subject(&other))).0);
    }

    #[test]
    fn when_a_subject_was_made_ready_does_not_matter(scene in scene()) {
        let regime = scene.regime();
        let near = scene.subject(&regime);
        let ask = scene.ask(&regime, &near);
        let verdict = decide(&ask);
        for far in elsewhere_in_time(&regime, &scene) {
            let other = scene.ask(&regime, &far);
            prop_assert_eq!(decide(&other), verdict);
            check_outcome(&other)?;
            prop_assert_eq!(valid_until(&other), valid_until(&ask));
            prop_assert_eq!(flags(&other), flags(&ask));
        }
        prop_assert_eq!(said(&regime, &verdict), scene.said());
    }
}
