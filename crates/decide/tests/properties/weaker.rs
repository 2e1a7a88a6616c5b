//! Knowing less, or knowing it less well, never opens what was refused.

use crate::support::{HOUR_US, Scene, scene};
use proptest::prelude::*;
use terms::{
    Attested, Country, Employer, Employment, EndUse, Level, MissingFact, Ownership, PartyMatch, Relation,
    SubjectKind, UsStatus,
};

/// One rung down for a fact about the person. A network address says nothing about a person, less than a bare
/// statement, so it is the lowest rung.
fn lower(level: &mut Level) {
    *level = match *level {
        Level::Credential => Level::Document,
        Level::Document => Level::Employer,
        Level::Employer => Level::SelfDeclared,
        Level::SelfDeclared => Level::None,
        Level::None | Level::Ip => Level::Ip,
    };
}

/// One rung down for other facts: there a network address is better than nothing.
fn lower_plain(level: &mut Level) {
    *level = Level::ALL.into_iter().rev().find(|rung| rung < level).unwrap_or_default();
}

fn with_employer(scene: &mut Scene, change: impl Fn(&mut Employer)) {
    if let Employment::Works(employer) = &mut scene.facts.employment {
        change(employer);
    }
}

/// A way to know less.
type Withhold = fn(&mut Scene);

/// Every way to know less: a fact withheld, or its evidence weakened. The list of permanent residences is taken as
/// complete, so leaving one out is another statement, not less of one.
const WITHHELD: [(&str, Withhold); 38] = [
    ("status", |s| s.facts.us_status = Attested::default()),
    ("status, kind", |s| {
        let us = s.facts.us_status.value.is_foreign_person() == Some(false);
        s.facts.us_status.value = if us { UsStatus::UsPerson } else { s.facts.us_status.value };
    }),
    ("status, level", |s| lower(&mut s.facts.us_status.level)),
    ("status, lapsed", |s| s.facts.us_status_expires = Some(s.clock.at)),
    ("place", |s| s.facts.location = None),
    ("place, level", |s| s.facts.location.iter_mut().for_each(|place| lower_plain(&mut place.level))),
    ("employment", |s| s.facts.employment = Employment::Unknown),
    ("employer, level", |s| with_employer(s, |employer| lower_plain(&mut employer.level))),
    ("relation", |s| with_employer(s, |employer| employer.relation = Relation::Unknown)),
    ("owners", |s| with_employer(s, |employer| employer.ownership = Ownership::default())),
    ("parent", |s| with_employer(s, |employer| employer.ultimate_parent = None)),
    ("citizenships", |s| {
        s.facts.citizenships.clear();
        s.facts.citizenships_complete = Attested::default();
        s.facts.citizenships_current = Attested::default();
        s.facts.stateless = Attested::default();
    }),
    ("complete", |s| s.facts.citizenships_complete = Attested::default()),
    ("complete, the past", |s| {
        let said = |said: Attested<bool>| if said.value { said.level } else { Level::None };
        let [all, now] = [s.facts.citizenships_complete, s.facts.citizenships_current];
        s.facts.citizenships_current = if said(all) > said(now) { all } else { now };
        s.facts.citizenships_complete = Attested::default();
    }),
    ("current", |s| s.facts.citizenships_current = Attested::default()),
    ("current, level", |s| lower(&mut s.facts.citizenships_current.level)),
    ("complete, level", |s| lower(&mut s.facts.citizenships_complete.level)),
    ("excluded", |s| s.facts.not_citizenships.clear()),
    ("excluded, all but two", |s| s.facts.not_citizenships.truncate(2)),
    ("excluded, half", |s| s.facts.not_citizenships.truncate(s.facts.not_citizenships.len() / 2)),
    ("excluded, level", |s| s.facts.not_citizenships.iter_mut().for_each(|not| lower(&mut not.level))),
    ("stateless", |s| s.facts.stateless = Attested::default()),
    ("stateless, level", |s| lower(&mut s.facts.stateless.level)),
    ("citizenships, level", |s| s.facts.citizenships.iter_mut().for_each(|held| lower(&mut held.level))),
    ("losses, level", |s| s.facts.citizenships.iter_mut().for_each(|held| lower(&mut held.until_level))),
    ("dates", |s| s.facts.citizenships.iter_mut().for_each(undated)),
    ("residences, level", |s| {
        s.facts.permanent_residences.iter_mut().for_each(|held| lower(&mut held.level));
    }),
    ("residences, losses", |s| {
        s.facts.permanent_residences.iter_mut().for_each(|held| lower(&mut held.until_level));
    }),
    ("residences, dates", |s| s.facts.permanent_residences.iter_mut().for_each(undated)),
    ("users", |s| s.facts.all_users_us_persons = None),
    ("users, level", |s| s.facts.all_users_us_persons.iter_mut().for_each(|all| lower(&mut all.level))),
    ("person", |s| s.facts.person_id = None),
    ("screening", |s| s.facts.party_match = PartyMatch::Unscreened),
    ("identity", |s| s.facts.party_match = PartyMatch::Possible),
    ("end use", |s| s.request.end_use = Attested::new(EndUse::Unknown, Level::None)),
    ("end use, level", |s| lower_plain(&mut s.request.end_use.level)),
    ("the clock", |s| s.clock.uncertainty_us += 1),
    ("the clock, by hours", |s| s.clock.uncertainty_us += 3 * HOUR_US),
];

/// Forgets when something was acquired that certainly was by now: a date to come would say that it is not held yet.
fn undated(held: &mut terms::Citizenship) {
    if held.registered.is_none() {
        held.from = held.from.filter(|from| from.as_micros() > 12 * HOUR_US - 2);
    }
}

/// Ways to demand more.
const STRICTER: [(&str, Withhold); 3] = [
    ("persons", |s| s.policy.min_evidence = higher(s.policy.min_evidence)),
    ("places", |s| s.policy.min_location_evidence = higher(s.policy.min_location_evidence)),
    ("operator", |s| s.policy.operator = None),
];

/// Statements that nothing supports, and the same left unsaid.
const UNSUPPORTED: [(&str, Withhold, Withhold); 13] = [
    ("status", |s| s.facts.us_status.level = Level::None, |s| s.facts.us_status = Attested::default()),
    (
        "place",
        // The place of a shared key or service is the caller's own and counts as given.
        |s| {
            s.facts.kind = SubjectKind::Person;
            s.facts.location.iter_mut().for_each(|place| place.level = Level::None);
        },
        |s| s.facts.location = None,
    ),
    ("employment", unsupported_employer, |s| s.facts.employment = Employment::Unknown),
    ("parent", unsupported_employer, |s| with_employer(s, |employer| employer.ultimate_parent = None)),
    ("owners", unsupported_employer, |s| {
        with_employer(s, |employer| employer.ownership = Ownership::default());
    }),
    ("citizenships", unsupported_list, |s| s.facts.citizenships.clear()),
    ("complete", unsupported_list, |s| s.facts.citizenships_complete = Attested::default()),
    (
        "excluded",
        |s| s.facts.not_citizenships.iter_mut().for_each(|not| not.level = Level::None),
        |s| s.facts.not_citizenships.clear(),
    ),
    ("current", unsupported_list, |s| s.facts.citizenships_current = Attested::default()),
    ("stateless", |s| s.facts.stateless.level = Level::None, |s| s.facts.stateless = Attested::default()),
    (
        "losses",
        |s| s.facts.citizenships.iter_mut().for_each(|held| held.until_level = Level::None),
        |s| s.facts.citizenships.iter_mut().for_each(|held| held.until = None),
    ),
    (
        "end use",
        |s| s.request.end_use.level = Level::None,
        |s| s.request.end_use = Attested::new(EndUse::Unknown, Level::None),
    ),
    (
        "users",
        |s| s.facts.all_users_us_persons.iter_mut().for_each(|all| all.level = Level::None),
        |s| s.facts.all_users_us_persons = None,
    ),
];

fn unsupported_employer(scene: &mut Scene) {
    with_employer(scene, |employer| employer.level = Level::None);
    if scene.facts.employment == Employment::NoEmployer {
        scene.facts.employment = Employment::Unknown;
    }
}

fn unsupported_list(scene: &mut Scene) {
    scene.facts.citizenships.iter_mut().for_each(|held| held.level = Level::None);
    scene.facts.citizenships_complete.level = Level::None;
    scene.facts.citizenships_current.level = Level::None;
    scene.facts.stateless.level = Level::None;
}

fn higher(level: Level) -> Level {
    Level::ALL.into_iter().find(|rung| *rung > level).unwrap_or(Level::Credential)
}

proptest! {
    #![proptest_config(crate::config())]

    #[test]
    fn knowing_less_never_opens_what_was_refused(scene in scene()) {
        prop_assume!(!scene.permits());
        for (what, withhold) in WITHHELD {
            let mut less = scene.clone();
            withhold(&mut less);
            prop_assert!(!less.permits(), "{} withheld: {:?} before", what, scene.said());
        }
        for fact in MissingFact::ALL {
            let mut less = scene.clone();
            less.facts.conflicting = less.facts.conflicting.with(fact);
            prop_assert!(!less.permits(), "a conflict about {}: {:?} before", fact.word(), scene.said());
        }
    }

    #[test]
    fn demanding_more_never_opens_what_was_refused(scene in scene()) {
        prop_assume!(!scene.permits());
        for (what, demand) in STRICTER {
            let mut stricter = scene.clone();
            demand(&mut stricter);
            prop_assert!(!stricter.permits(), "stricter about {}", what);
        }
    }

    /// A statement below the required level is never better than none.
    #[test]
    fn what_nothing_supports_opens_nothing(mut scene in scene()) {
        scene.policy.min_evidence = scene.policy.min_evidence.max(Level::SelfDeclared);
        scene.policy.min_location_evidence = scene.policy.min_location_evidence.max(Level::Ip);
        for (what, unsupported, withhold) in UNSUPPORTED {
            let mut stated = scene.clone();
            unsupported(&mut stated);
            let mut unsaid = stated.clone();
            withhold(&mut unsaid);
            prop_assert!(unsaid.permits() || !stated.permits(), "{} stated: {:?} before", what, unsaid.said());
        }
    }

    /// Territories of the United States are that country as a place.
    #[test]
    fn a_territory_is_no_other_place(mut scene in scene()) {
        let place = |scene: &mut Scene, country| {
            scene.facts.location.iter_mut().for_each(|place| place.value = country);
        };
        place(&mut scene, Country::US);
        let mut territory = scene.clone();
        place(&mut territory, Country::parse("GU").unwrap());
        prop_assert_eq!(scene.said(), territory.said());
    }
}
