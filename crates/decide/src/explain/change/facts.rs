//! Other facts: every value a fact may have, in the place of what is on file.

use super::classes::classes;
use super::suppose::{Edit, Hypothesis, Supposed};
use super::{Case, FactChange};
use crate::ask::Ask;
use crate::engine::outcome;
use crate::explain::step::Countries;
use crate::subject::Work;
use crate::verdict::{Outcome, Verdict};
use law::Rule;
use std::collections::BTreeSet;
use terms::{Country, CountrySet, EndUse, Level, MissingFact, PartyMatch, Relation, UsStatus};

/// Named firms that are tried at most.
const FIRMS: usize = 64;

/// Outcomes in the order in which cases are listed.
const ORDER: [Outcome; 4] = [Outcome::Permit, Outcome::VerifyFirst, Outcome::Depends, Outcome::Deny];

/// Facts that change the answer, and those that are missing, in the order of [`MissingFact::ALL`].
pub(super) fn changes(ask: &Ask<'_>, verdict: &Verdict) -> Vec<FactChange> {
    let countries = classes(ask);
    MissingFact::ALL.into_iter().filter_map(|fact| change(ask, verdict, fact, &countries)).collect()
}

fn change(
    ask: &Ask<'_>,
    verdict: &Verdict,
    fact: MissingFact,
    countries: &[(Country, CountrySet)],
) -> Option<FactChange> {
    let mut cases: Vec<Case> = Vec::new();
    for Hypothesis { reads, edit } in hypotheses(ask, fact, countries) {
        let (subject, request) = edit.apply(fact, ask);
        let outcome = outcome(&Ask { subject: &subject, request, ..*ask }).0;
        match cases.iter_mut().find(|case| case.outcome == outcome) {
            Some(case) => add(&mut case.values, reads),
            None => cases.push(Case { values: vec![reads], outcome }),
        }
    }
    cases.sort_by_key(|case| ORDER.iter().position(|outcome| *outcome == case.outcome));
    let missing = verdict.missing.contains(fact);
    let matters = missing || cases.iter().any(|case| case.outcome != verdict.outcome);
    (matters && !cases.is_empty()).then(|| FactChange { fact, missing, level: level(ask, fact), cases })
}

fn add(values: &mut Vec<Supposed>, reads: Supposed) {
    let same = values.iter_mut().find_map(|value| value.merged(&reads).map(|merged| (value, merged)));
    match same {
        Some((value, merged)) => *value = merged,
        None => values.push(reads),
    }
}

/// Level at which the fact counts for every directive that can reach the model.
fn level(ask: &Ask<'_>, fact: MissingFact) -> Level {
    let rules = || ask.regime.rules_for(ask.request.model).map(|(_, rule)| rule);
    let person = rules().map(|rule| rule.min_evidence).max().unwrap_or_default();
    match fact {
        MissingFact::Location => rules().map(|rule| rule.min_location_evidence).max().unwrap_or_default(),
        MissingFact::EndUse
        | MissingFact::Employment
        | MissingFact::Ownership
        | MissingFact::EmployerUltimateParent => person.min(Level::Employer),
        _ => person,
    }
}

fn hypotheses(ask: &Ask<'_>, fact: MissingFact, countries: &[(Country, CountrySet)]) -> Vec<Hypothesis> {
    let subject = ask.subject;
    let person = subject.is_person();
    let of = |values: &[(Supposed, Edit)]| -> Vec<Hypothesis> {
        values.iter().map(|(reads, edit)| Hypothesis { reads: reads.clone(), edit: *edit }).collect()
    };
    let by_country = |reads: fn(Countries) -> Supposed, edit: fn(Country) -> Edit| -> Vec<Hypothesis> {
        countries
            .iter()
            .map(|(one, set)| Hypothesis { reads: reads(Countries(*set)), edit: edit(*one) })
            .collect()
    };
    let screened = subject.party() == PartyMatch::Possible;
    match fact {
        MissingFact::EndUse => of(&EndUse::KNOWN.map(|use_| (Supposed::EndUse(use_), Edit::EndUse(use_)))),
        MissingFact::Location => by_country(Supposed::In, Edit::Place),
        MissingFact::NaturalPerson if !person => {
            of(&UsStatus::KNOWN.map(|status| (Supposed::PersonOfStatus(status), Edit::Person(status))))
        }
        MissingFact::PartyIdentity if screened => listed(),
        MissingFact::Screening if !screened => listed(),
        MissingFact::UsStatus if person => {
            of(&UsStatus::KNOWN.map(|status| (Supposed::UsStatus(status), Edit::Status(status))))
        }
        MissingFact::Citizenships if person => {
            citizenships(ask, by_country(Supposed::SoleCitizenOf, Edit::Sole))
        }
        MissingFact::AcquisitionDates if person => acquired(ask),
        MissingFact::ProofOfLoss if person && claims_a_loss(ask) => {
            of(&[(Supposed::LossShown, Edit::Losses(true)), (Supposed::NotLost, Edit::Losses(false))])
        }
        MissingFact::Employment if person => employments(ask),
        MissingFact::EmployerUltimateParent if has_employer(ask) => {
            by_country(Supposed::ParentIn, Edit::Seat)
        }
        MissingFact::Ownership if has_employer(ask) => of(&[
            (Supposed::NotOwnedByListed, Edit::Owned(false)),
            (Supposed::OwnedByListed, Edit::Owned(true)),
        ]),
        _ => Vec::new(),
    }
}

fn listed() -> Vec<Hypothesis> {
    [(Supposed::NotListed, false), (Supposed::Listed, true)]
        .into_iter()
        .map(|(reads, listed)| Hypothesis { reads, edit: Edit::Listed(listed) })
        .collect()
}

fn citizenships(ask: &Ask<'_>, sole: Vec<Hypothesis>) -> Vec<Hypothesis> {
    let holds_one = ask.subject.file.holdings.iter().any(|held| held.citizenship);
    let complete =
        holds_one.then_some(Hypothesis { reads: Supposed::NoOtherCitizenship, edit: Edit::Complete });
    let stateless = Hypothesis { reads: Supposed::Stateless, edit: Edit::Stateless };
    complete.into_iter().chain(sole).chain([stateless]).collect()
}

/// Where several are held, each as the one acquired last.
fn acquired(ask: &Ask<'_>) -> Vec<Hypothesis> {
    let held: BTreeSet<Country> = ask.subject.file.holdings.iter().map(|held| held.country).collect();
    if held.len() < 2 {
        return Vec::new();
    }
    let last = |country| Hypothesis { reads: Supposed::AcquiredLast(country), edit: Edit::Last(country) };
    held.into_iter().map(last).collect()
}

fn claims_a_loss(ask: &Ask<'_>) -> bool {
    ask.subject.file.holdings.iter().any(|held| held.until.is_some_and(|until| until <= ask.clock.at))
}

fn has_employer(ask: &Ask<'_>) -> bool {
    !matches!(ask.subject.file.work, Work::Nobody)
}

fn employments(ask: &Ask<'_>) -> Vec<Hypothesis> {
    let both = [Relation::Employee, Relation::Contractor];
    let nobody = Hypothesis { reads: Supposed::NoEmployer, edit: Edit::Nobody };
    let mut values = Vec::new();
    let stated =
        matches!(ask.subject.file.work, Work::At(_)) && !ask.subject.conflicting(MissingFact::Employment);
    if stated {
        values.extend(
            both.map(|relation| Hypothesis { reads: Supposed::At(relation), edit: Edit::Relation(relation) }),
        );
    }
    for firm in named_firms(ask) {
        values.extend(both.map(|relation| Hypothesis {
            reads: Supposed::AtNamed(relation),
            edit: Edit::Firm(Some(firm), relation),
        }));
    }
    values.extend(
        both.map(|relation| Hypothesis {
            reads: Supposed::AtOther(relation),
            edit: Edit::Firm(None, relation),
        }),
    );
    values.push(nobody);
    values
}

/// Firms that the directives of the model, their exceptions and stays name; holders of licences are not tried, since
/// that would tell who holds one.
fn named_firms(ask: &Ask<'_>) -> BTreeSet<u32> {
    let rules = ask.regime.rules_for(ask.request.model).map(|(_, rule)| rule);
    rules.flat_map(firms_of).take(FIRMS).collect()
}

fn firms_of(rule: &Rule) -> Vec<u32> {
    let reliefs = rule.reliefs.iter().flat_map(|relief| {
        let parties = relief.parties.iter().flat_map(|parties| parties.firms.iter());
        relief.terms.firms.iter().flatten().chain(parties)
    });
    rule.scope.firms.iter().chain(reliefs).copied().collect()
}
