//! What must hold of every verdict, whatever the law, the person and the hour.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test or benchmark fails by panicking"
)]

mod brute;
mod paths;
#[path = "../support/mod.rs"]
mod support;
mod weaker;

use decide::{Cure, Outcome, cure, decide, flags, valid_until};
use law::Book;
use proptest::prelude::*;
use proptest::sample::Index;
use support::law_file::{directive, licence};
use support::{HOUR_US, Scene, id, said, scene};
use terms::Instant;

/// `PROPTEST_CASES` sets the number of cases; refusals are drawn more than half the time.
fn config() -> ProptestConfig {
    let config = ProptestConfig::default();
    let max_global_rejects = config.cases.saturating_mul(10);
    ProptestConfig { max_global_rejects, max_shrink_iters: 20_000, failure_persistence: None, ..config }
}

/// The book without one of its exceptions, licences or stays, if it has any.
fn without_a_relief(book: &Book, which: &Index) -> Option<Book> {
    let mut book = book.clone();
    let (exceptions, licences) = (book.exceptions.len(), book.licences.len());
    let which = match exceptions + licences + book.stays.len() {
        0 => return None,
        reliefs => which.index(reliefs),
    };
    if which < exceptions {
        book.exceptions.remove(which);
    } else if which < exceptions + licences {
        book.licences.remove(which - exceptions);
    } else {
        book.stays.remove(which - exceptions - licences);
    }
    Some(book)
}

/// The same scene with every list turned round.
fn turned(scene: &Scene) -> Scene {
    let mut turned = scene.clone();
    let book = &mut turned.book;
    book.directives.reverse();
    book.exceptions.reverse();
    book.licences.reverse();
    book.stays.reverse();
    for directive in &mut book.directives {
        directive.persons.countries.reverse();
        directive.persons.employers.reverse();
    }
    for licence in &mut book.licences {
        licence.persons.iter_mut().for_each(|persons| persons.reverse());
        licence.enrolled.reverse();
        licence.lifts = licence.lifts.iter().rev().cloned().collect();
    }
    turned.facts.citizenships.reverse();
    turned.facts.permanent_residences.reverse();
    turned
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn one_more_directive_never_opens_what_was_refused(scene in scene(), more in directive()) {
        prop_assume!(!scene.permits());
        let mut stricter = scene.clone();
        stricter.book.directives.push(law::Directive { id: id("d-more"), ..more });
        prop_assert!(!stricter.permits());
    }

    #[test]
    fn one_relief_less_never_opens_what_was_refused(scene in scene(), which in any::<Index>()) {
        prop_assume!(!scene.permits());
        if let Some(book) = without_a_relief(&scene.book, &which) {
            let stricter = Scene { book, ..scene };
            prop_assert!(!stricter.permits());
        }
    }

    #[test]
    fn the_order_of_instruments_and_facts_does_not_matter(scene in scene()) {
        prop_assert_eq!(scene.said(), turned(&scene).said());
    }

    #[test]
    fn the_same_question_has_the_same_answer(scene in scene()) {
        let (one, other) = (scene.regime(), scene.clone().regime());
        prop_assert_eq!(one.digest(), other.digest());
        prop_assert_eq!(
            decide(&scene.ask(&one, &scene.subject(&one))),
            decide(&scene.ask(&other, &scene.subject(&other)))
        );
    }

    #[test]
    fn a_verdict_says_what_it_must(scene in scene()) {
        let regime = scene.regime();
        let subject = scene.subject(&regime);
        let verdict = decide(&scene.ask(&regime, &subject));
        let permit = verdict.outcome == Outcome::Permit;
        prop_assert_eq!(verdict.deciding.is_empty(), permit, "exactly a permit has no deciding directive");
        prop_assert_eq!(verdict.missing.is_empty(), verdict.outcome != Outcome::VerifyFirst);
        prop_assert_eq!(verdict.depends_on.is_some(), verdict.outcome == Outcome::Depends);
        prop_assert_eq!(verdict.decisive(&regime).count(), verdict.deciding.len() as usize);
        prop_assert!(verdict.decisive(&regime).is_sorted());
        prop_assert!(verdict.decisive(&regime).all(|at| regime.rules()[at].enforced()));
    }

    /// The outcome announced for an option is the one that follows once it is recorded.
    #[test]
    fn a_recorded_reading_gives_the_outcome_announced(scene in scene()) {
        let Some(depends) = scene.said().depends_on else { return Ok(()) };
        prop_assert!(scene.policy.choices.get(depends.question).is_none(), "it is an open question");
        prop_assert_eq!(depends.outcomes().len(), depends.question.options().len());
        let first = depends.outcomes()[0];
        let all_same = depends.outcomes().iter().all(|outcome| *outcome == first);
        prop_assert!(!all_same || first == Outcome::Depends, "the answer matters");
        for (choice, outcome) in (0u8..).zip(depends.outcomes()) {
            let mut read = scene.clone();
            read.policy.choices = read.policy.choices.with(depends.question, choice);
            prop_assert_eq!(read.outcome(), *outcome, "choice {}", choice);
        }
    }

    #[test]
    fn until_valid_until_the_verdict_stands(scene in scene(), later in prop::collection::vec(any::<Index>(), 8)) {
        let regime = scene.regime();
        let subject = scene.subject(&regime);
        let ask = scene.ask(&regime, &subject);
        let until = valid_until(&ask);
        prop_assert!(until > scene.clock.at);
        let verdict = decide(&ask);
        let last = until.plus_micros(-1).min(scene.clock.at.plus_micros(72 * HOUR_US));
        let span = usize::try_from(last.micros_since(scene.clock.at)).unwrap().max(1);
        let steps = later.iter().map(|index| i64::try_from(index.index(span)).unwrap());
        for at in steps.map(|step| scene.clock.at.plus_micros(step)).chain([last]) {
            let mut then = ask;
            then.clock.at = at;
            prop_assert_eq!(decide(&then), verdict, "at {}", at);
        }
    }

    /// Where a licence changes the outcome, it lifts a directive that decided without it; and whoever else was
    /// certain to refuse still is.
    #[test]
    fn a_licence_changes_only_what_it_names(scene in scene(), more in licence(3)) {
        let count = scene.book.directives.len();
        let mut with = scene.clone();
        let lifts: Vec<_> = more.lifts.iter().filter(|directive| {
            scene.book.directives[..count].iter().any(|known| known.id == **directive)
        }).cloned().collect();
        with.book.licences.push(law::Licence { id: id("lic-more"), lifts: lifts.clone().into(), ..more });
        let (without, with) = (scene.said(), with.said());
        let names = |directive: &String| lifts.iter().any(|lifted| lifted.as_str() == directive);
        if without.outcome != with.outcome {
            prop_assert!(without.decisive.iter().any(names), "{:?} -> {:?}", without, with);
        }
        if without.outcome == Outcome::Deny {
            for directive in without.decisive.iter().filter(|directive| !names(directive)) {
                let alone = scene.clone();
                let holds_alone = holds_alone(alone, directive);
                prop_assert!(!holds_alone || with.decisive.contains(directive), "{} let go", directive);
            }
        }
    }

    #[test]
    fn the_ends_of_time_do_no_harm(mut scene in scene(), at in any::<i64>(), uncertainty_us in 0..=i64::MAX, started in any::<i64>(), model in 0..9usize) {
        scene.clock.at = Instant::from_micros(at);
        scene.clock.uncertainty_us = uncertainty_us;
        scene.request.model = model;
        let regime = scene.regime();
        let subject = scene.subject(&regime);
        let ask = scene.ask(&regime, &subject);
        let verdict = decide(&ask);
        let action = verdict.stream_action(&regime, scene.clock, Instant::from_micros(started));
        prop_assert!(action.is_none() || verdict.outcome != Outcome::Permit);
        prop_assert!(flags(&ask).len() <= 3);
        prop_assert_eq!(cure(&ask, &verdict) == Cure::NotNeeded, verdict.outcome == Outcome::Permit);
        prop_assert!(valid_until(&ask) > scene.clock.at || at == i64::MAX);
    }
}

/// Whether the directive refuses for certain with no other directive on file.
fn holds_alone(mut scene: Scene, directive: &str) -> bool {
    let book = &mut scene.book;
    let only = |id: &terms::InstrumentId| id.as_str() == directive;
    book.directives.retain(|other| only(&other.id));
    book.exceptions.retain(|exception| only(&exception.directive));
    book.liftings.retain(|lifting| lifting.directives.iter().any(only));
    book.adoptions.retain(|adoption| only(&adoption.directive));
    book.stays.iter_mut().for_each(|stay| stay.directives.retain(only));
    for licence in &mut book.licences {
        licence.lifts = licence.lifts.iter().filter(|id| only(id)).cloned().collect();
    }
    let regime = scene.regime();
    let verdict = decide(&scene.ask(&regime, &scene.subject(&regime)));
    said(&regime, &verdict).outcome == Outcome::Deny
}
