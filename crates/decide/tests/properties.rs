//! What must hold of every verdict, whatever the law, the person and the hour.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test or benchmark fails by panicking"
)]

mod brute;
mod support;

use decide::{Ask, Outcome, cure, decide, flags, valid_until};
use law::Book;
use proptest::prelude::*;
use proptest::sample::Index;
use support::{Scene, directive, id, scene};
use terms::{Attested, Employment, EndUse, Instant, Level, MissingFact, PersonFacts, Relation};

/// One rung down the ladder of evidence.
fn lower(level: &mut Level) {
    *level = Level::ALL.into_iter().rev().find(|rung| rung < level).unwrap_or_default();
}

/// Every way to know less: a fact withheld, or its evidence weakened.
const WITHHELD: [fn(&mut Scene); 16] = [
    |s| s.facts.us_status = Attested::default(),
    |s| lower(&mut s.facts.us_status.level),
    |s| s.facts.us_status_expires = Some(s.clock.at),
    |s| s.facts.location = None,
    |s| s.facts.location.iter_mut().for_each(|place| lower(&mut place.level)),
    |s| s.facts.employment = Employment::Unknown,
    |s| with_employer(&mut s.facts, |employer| lower(&mut employer.level)),
    |s| with_employer(&mut s.facts, |employer| employer.relation = Relation::Unknown),
    |s| {
        s.facts.citizenships.clear();
        s.facts.citizenships_complete = Attested::default();
    },
    |s| s.facts.citizenships_complete = Attested::default(),
    |s| lower(&mut s.facts.citizenships_complete.level),
    |s| s.facts.citizenships.iter_mut().for_each(|held| lower(&mut held.level)),
    |s| s.facts.citizenships.iter_mut().for_each(|held| lower(&mut held.until_level)),
    |s| s.facts.all_users_us_persons = None,
    |s| s.facts.person_id = None,
    |s| s.request.end_use = EndUse::Unknown,
];

fn with_employer(facts: &mut PersonFacts, change: impl Fn(&mut terms::Employer)) {
    if let Employment::Works(employer) = &mut facts.employment {
        change(employer);
    }
}

/// The book without one of its exceptions or licences, if it has any.
fn without_a_relief(book: &Book, which: &Index) -> Option<Book> {
    let mut book = book.clone();
    let exceptions = book.exceptions.len();
    let which = match exceptions + book.licences.len() {
        0 => return None,
        reliefs => which.index(reliefs),
    };
    if which < exceptions {
        book.exceptions.remove(which);
    } else {
        book.licences.remove(which - exceptions);
    }
    Some(book)
}

/// `PROPTEST_CASES` sets twice the number of cases; refusals are drawn about half the time.
fn config() -> ProptestConfig {
    let config = ProptestConfig::default();
    let cases = config.cases.div_ceil(2);
    let max_global_rejects = config.cases.saturating_mul(10);
    ProptestConfig {
        cases,
        max_global_rejects,
        max_shrink_iters: 20_000,
        failure_persistence: None,
        ..config
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn knowing_less_never_opens_what_was_refused(scene in scene()) {
        prop_assume!(!scene.permits());
        for (number, withhold) in WITHHELD.iter().enumerate() {
            let mut less = scene.clone();
            withhold(&mut less);
            prop_assert!(!less.permits(), "withholding number {}", number);
        }
        for fact in MissingFact::ALL {
            let mut less = scene.clone();
            less.facts.conflicting = less.facts.conflicting.with(fact);
            prop_assert!(!less.permits(), "a conflict about {}", fact.word());
        }
    }

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
    fn the_order_of_instruments_does_not_matter(scene in scene()) {
        let mut turned = scene.clone();
        turned.book.directives.reverse();
        turned.book.exceptions.reverse();
        turned.book.licences.reverse();
        let (one, other) = (scene.verdict(), turned.verdict());
        prop_assert_eq!(one.outcome, other.outcome);
        prop_assert_eq!(scene.decisive(), turned.decisive());
        prop_assert_eq!(one.missing, other.missing);
        prop_assert_eq!(one.depends_on, other.depends_on);
        prop_assert_eq!(one.required_level, other.required_level);
    }

    #[test]
    fn the_same_question_has_the_same_answer(scene in scene()) {
        prop_assert_eq!(scene.verdict(), scene.clone().verdict());
        prop_assert_eq!(scene.regime().digest(), scene.clone().regime().digest());
    }

    #[test]
    fn a_verdict_says_what_it_must(scene in scene()) {
        let verdict = scene.verdict();
        let permit = verdict.outcome == Outcome::Permit;
        prop_assert_eq!(verdict.decisive.is_empty(), permit, "exactly a permit has no deciding directive");
        prop_assert_eq!(verdict.missing.is_empty(), verdict.outcome != Outcome::VerifyFirst);
        prop_assert_eq!(verdict.depends_on.is_some(), verdict.outcome == Outcome::Depends);
        prop_assert!(verdict.decisive.is_sorted());
        if let Some(depends) = verdict.depends_on {
            for (choice, outcome) in (0u8..).zip(depends.options) {
                let mut read = scene.clone();
                read.policy.choices = read.policy.choices.with(depends.question, choice);
                prop_assert_eq!(read.verdict().outcome, outcome, "choice {}", choice);
            }
        }
    }

    #[test]
    fn until_valid_until_the_verdict_stands(scene in scene(), later in prop::collection::vec(any::<Index>(), 8)) {
        let until = valid_until(&scene.regime(), &scene.facts, scene.clock);
        prop_assert!(until > scene.clock.at);
        let verdict = scene.verdict();
        let last = until.plus_micros(-1);
        let span = last.min(scene.clock.at.plus_micros(72 * 3_600_000_000)).micros_since(scene.clock.at);
        let steps = later.iter().map(|index| i64::try_from(index.index(usize::try_from(span).unwrap().max(1))).unwrap());
        for at in steps.map(|step| scene.clock.at.plus_micros(step)).chain([scene.clock.at.plus_micros(span)]) {
            let mut then = scene.clone();
            then.clock.at = at;
            prop_assert_eq!(then.verdict(), verdict.clone(), "at {}", at);
        }
    }

    /// A directive that alone, without any licence, holds the person for certain still does beside licences that do
    /// not name it.
    #[test]
    fn a_licence_lifts_only_what_it_names(scene in scene()) {
        let verdict = scene.verdict();
        for (position, directive) in scene.book.directives.iter().enumerate() {
            let named = scene.book.licences.iter().any(|licence| licence.lifts.contains(&directive.id));
            let mut alone = scene.clone();
            alone.book.licences.clear();
            alone.book.directives.retain(|other| other.id == directive.id);
            alone.book.exceptions.retain(|exception| exception.directive == directive.id);
            alone.book.liftings.retain(|lifting| lifting.directives.contains(&directive.id));
            if !named && alone.verdict().outcome == Outcome::Deny {
                prop_assert_eq!(verdict.outcome, Outcome::Deny);
                prop_assert!(verdict.decisive.contains(&position));
            }
        }
    }

    #[test]
    fn the_ends_of_time_do_no_harm(mut scene in scene(), at in any::<i64>(), uncertainty_us in any::<i64>(), started in any::<i64>()) {
        scene.clock.at = Instant::from_micros(at);
        scene.clock.uncertainty_us = uncertainty_us;
        let regime = scene.regime();
        let ask = Ask { regime: &regime, facts: &scene.facts, request: scene.request, clock: scene.clock };
        let verdict = decide(&ask);
        let action = verdict.stream_action(&regime, Instant::from_micros(started));
        prop_assert!(action.is_none() || verdict.outcome != Outcome::Permit);
        prop_assert!(flags(&ask).len() <= 3);
        prop_assert_eq!(cure(&ask, &verdict) == decide::Cure::NotNeeded, verdict.outcome == Outcome::Permit);
        prop_assert!(valid_until(&regime, &scene.facts, scene.clock) > scene.clock.at || at == i64::MAX);
    }
}
