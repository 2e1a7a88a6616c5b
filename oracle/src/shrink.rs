//! Makes a failing scenario small enough to read.

use crate::scenario::{Class, Destinations, NationalityRule, Scenario, Start};
use terms::{EndUse, Level, PartyMatch, Relation};

/// A scenario with one thing less.
type Smaller = fn(&Scenario) -> Vec<Scenario>;

/// Ways of taking something away, the largest first.
const STEPS: [Smaller; 7] =
    [directives, licences, subject, directive_terms, exceptions, licence_terms, request];

/// Takes things away, one at a time, as long as the scenario still fails; stops when nothing more can go.
///
/// `fails` says whether a scenario shows the fault. The result fails if `scenario` does.
pub fn shrink(scenario: Scenario, mut fails: impl FnMut(&Scenario) -> bool) -> Scenario {
    let mut smallest = scenario;
    loop {
        let smaller = candidates(&smallest).find(|candidate| fails(candidate));
        match smaller {
            Some(smaller) => smallest = smaller,
            None => return smallest,
        }
    }
}

fn candidates(scenario: &Scenario) -> impl Iterator<Item = Scenario> {
    STEPS.into_iter().flat_map(move |step| step(scenario)).filter(move |candidate| candidate != scenario)
}

/// The scenario after each of these changes.
fn after<T>(
    scenario: &Scenario,
    changes: impl IntoIterator<Item = T>,
    apply: impl Fn(&mut Scenario, T),
) -> Vec<Scenario> {
    let changed = |change| {
        let mut smaller = scenario.clone();
        apply(&mut smaller, change);
        smaller
    };
    changes.into_iter().map(changed).collect()
}

fn directives(scenario: &Scenario) -> Vec<Scenario> {
    after(scenario, 0..scenario.directives.len(), |smaller, number| {
        smaller.directives.remove(number);
    })
}

fn licences(scenario: &Scenario) -> Vec<Scenario> {
    after(scenario, 0..scenario.licences.len(), |smaller, number| {
        smaller.licences.remove(number);
    })
}

fn subject(scenario: &Scenario) -> Vec<Scenario> {
    let subject = &scenario.subject;
    let neutral: [fn(&mut Scenario); 18] = [
        |smaller| smaller.subject.us_status = None,
        |smaller| smaller.subject.citizenships_complete = None,
        |smaller| smaller.subject.citizenships_current = None,
        |smaller| smaller.subject.stateless = None,
        |smaller| smaller.subject.location = None,
        |smaller| smaller.subject.employer = None,
        |smaller| smaller.subject.person_id = None,
        |smaller| smaller.subject.party_match = PartyMatch::None,
        |smaller| smaller.subject.users_attested = None,
        |smaller| smaller.clock_uncertainty_ms = None,
        |smaller| smaller.operator.min_evidence = Level::Document,
        |smaller| smaller.operator.min_location_evidence = Level::Ip,
        |smaller| smaller.subject.us_status.iter_mut().for_each(|status| status.evidence_expires = None),
        |smaller| smaller.subject.us_status.iter_mut().for_each(|status| status.evidence = Level::Document),
        |smaller| smaller.subject.location.iter_mut().for_each(|place| place.evidence = Level::Document),
        |smaller| smaller.subject.employer.iter_mut().for_each(|employer| employer.owners.clear()),
        |smaller| smaller.subject.employer.iter_mut().for_each(|employer| employer.ultimate_parent_hq = None),
        |smaller| {
            smaller.subject.employer.iter_mut().for_each(|employer| employer.relation = Relation::Employee)
        },
    ];
    let mut all = after(scenario, neutral, |smaller, change| change(smaller));
    all.extend(after(scenario, 0..subject.citizenships.len(), |smaller, number| {
        smaller.subject.citizenships.remove(number);
    }));
    all.extend(after(scenario, 0..subject.permanent_residences.len(), |smaller, number| {
        smaller.subject.permanent_residences.remove(number);
    }));
    all.extend(after(scenario, 0..subject.not_citizenships.len(), |smaller, number| {
        smaller.subject.not_citizenships.remove(number);
    }));
    all.extend(holding_terms(scenario));
    all.extend(after(scenario, 0..subject.conflicting_facts.len(), |smaller, number| {
        smaller.subject.conflicting_facts.remove(number);
    }));
    all.extend(after(scenario, scenario.operator.choices.keys().copied(), |smaller, question| {
        smaller.operator.choices.remove(&question);
    }));
    all
}

fn holding_terms(scenario: &Scenario) -> Vec<Scenario> {
    let subject = &scenario.subject;
    let listed = subject.citizenships.len();
    let changes = (0..listed + subject.permanent_residences.len())
        .flat_map(|number| (0..3).map(move |term| (number, term)));
    after(scenario, changes, |smaller, (number, term)| {
        let subject = &mut smaller.subject;
        let mut holdings = subject.citizenships.iter_mut().chain(&mut subject.permanent_residences);
        let Some(holding) = holdings.nth(number) else { return };
        match term {
            0 => (holding.until, holding.until_evidence) = (None, None),
            1 => (holding.from_disputed, holding.from_alt) = (false, None),
            _ => holding.evidence = Level::Document,
        }
    })
}

fn directive_terms(scenario: &Scenario) -> Vec<Scenario> {
    let neutral: [fn(&mut crate::scenario::Directive); 12] = [
        |directive| directive.effective_until = None,
        |directive| directive.status = None,
        |directive| directive.activities = None,
        |directive| directive.end_uses = None,
        |directive| directive.remote_access = None,
        |directive| directive.hosted_inference = None,
        |directive| directive.destinations = Destinations::None,
        |directive| directive.persons.only_foreign_persons = false,
        |directive| directive.persons.exempt = None,
        |directive| directive.persons.hong_kong = None,
        |directive| directive.persons.ownership_percent = None,
        |directive| {
            if directive.persons.class == Class::NationalOf {
                directive.persons.rule = Some(NationalityRule::AnyHeld);
            }
        },
    ];
    let each = (0..scenario.directives.len()).flat_map(|number| neutral.map(|change| (number, change)));
    let mut all = after(scenario, each, |smaller, (number, change)| change(&mut smaller.directives[number]));
    all.extend(after(scenario, 0..scenario.directives.len(), |smaller, number| {
        let directive = &mut smaller.directives[number];
        directive.effective_from = Start::At(directive.issued_at);
    }));
    all.extend(shorter_lists(scenario));
    all
}

/// One country less in the lists of the directives.
fn shorter_lists(scenario: &Scenario) -> Vec<Scenario> {
    let lists = scenario.directives.iter().enumerate();
    let entries = lists.flat_map(|(number, directive)| {
        let count = directive.persons.countries.len();
        (0..count).filter(move |_| count > 1).map(move |entry| (number, entry))
    });
    after(scenario, entries, |smaller, (number, entry)| {
        smaller.directives[number].persons.countries.remove(entry);
    })
}

fn exceptions(scenario: &Scenario) -> Vec<Scenario> {
    let lists = scenario.directives.iter().enumerate();
    let each: Vec<(usize, usize)> = lists
        .flat_map(|(number, directive)| {
            (0..directive.exceptions.len()).map(move |exception| (number, exception))
        })
        .collect();
    let mut all = after(scenario, each.iter().copied(), |smaller, (number, exception)| {
        smaller.directives[number].exceptions.remove(exception);
    });
    let neutral: [fn(&mut crate::scenario::Exception); 8] = [
        |exception| exception.from = None,
        |exception| exception.until = None,
        |exception| exception.when.models = None,
        |exception| exception.when.end_use = None,
        |exception| exception.when.employer = None,
        |exception| exception.when.relation = None,
        |exception| exception.when.all_nationalities_in = None,
        |exception| exception.when.located_in = None,
    ];
    let terms = each.into_iter().flat_map(|place| neutral.map(|change| (place, change)));
    all.extend(after(scenario, terms, |smaller, ((number, exception), change)| {
        change(&mut smaller.directives[number].exceptions[exception]);
    }));
    all
}

fn licence_terms(scenario: &Scenario) -> Vec<Scenario> {
    let neutral: [fn(&mut crate::scenario::Licence); 9] = [
        |licence| licence.until = None,
        |licence| licence.persons = None,
        |licence| licence.holder_employees = None,
        |licence| licence.end_use = None,
        |licence| licence.excluded_nationalities = None,
        |licence| licence.located_in = None,
        |licence| (licence.max_persons, licence.persons_used, licence.enrolled) = (None, None, None),
        |licence| licence.conditions.clear(),
        |licence| licence.lifts.truncate(1),
    ];
    let each = (0..scenario.licences.len()).flat_map(|number| neutral.map(|change| (number, change)));
    after(scenario, each, |smaller, (number, change)| change(&mut smaller.licences[number]))
}

fn request(scenario: &Scenario) -> Vec<Scenario> {
    let neutral: [fn(&mut Scenario); 2] = [
        |smaller| (smaller.request.streaming, smaller.request.started_at) = (None, None),
        |smaller| smaller.request.end_use = EndUse::Civil,
    ];
    after(scenario, neutral, |smaller, change| change(smaller))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{generate, reference};

    #[test]
    fn what_is_left_still_fails_and_nothing_more_can_go() {
        let is_deny = |scenario: &Scenario| reference::decide(scenario).outcome == "deny";
        let denied: Vec<Scenario> = (0..200).map(generate::scenario).filter(is_deny).take(20).collect();
        assert_eq!(denied.len(), 20);
        for scenario in denied {
            let small = shrink(scenario, is_deny);
            assert!(is_deny(&small));
            assert_eq!(small.directives.len(), 1);
            assert!(candidates(&small).all(|candidate| !is_deny(&candidate)), "{small:?}");
        }
    }

    #[test]
    fn what_does_not_fail_stays_as_it_is() {
        let scenario = generate::scenario(1);
        assert_eq!(shrink(scenario.clone(), |_| false), scenario);
    }
}
