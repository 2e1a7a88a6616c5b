//! Any scenario as a world in which nothing is open.

use super::world::millionths;
use crate::scenario::{
    Attested, Day, Employer, Holding, Licence, Location, Owner, Scenario, Status, Subject,
};
use terms::{Country, EndUse, Instant, Level, PartyMatch, Question, Relation, SubjectKind, UsStatus};

/// A fixed day before every case, 1990-01-01; the n-th unknown date is n days later, so that unknown dates do not tie.
const LONG_AGO: Instant = Instant::from_micros(631_152_000_000_000);
const DAY_US: i64 = 86_400_000_000;

/// The same scenario with nothing open, and no expectation.
///
/// Every stated level becomes `credential`, conflicts are dropped, questions get their first option, keys become
/// persons, losses are proven, dates filled. What is unknown gets a fixed value: status `none` (`lpr` for a US person
/// whose kind is not said), a French citizenship (American for a citizen), a place in the United States, an employee, a
/// parent in the United States, owners that are not listed, a civil end use; nobody unscreened is listed, a possible
/// match is one.
pub fn certify(scenario: &Scenario) -> Scenario {
    let mut certain = scenario.clone();
    certain.expected = None;
    subject(&mut certain.subject, scenario.at);
    if certain.request.end_use == EndUse::Unknown {
        certain.request.end_use = EndUse::Civil;
    }
    certain.licences.iter_mut().for_each(licence);
    for question in Question::ALL {
        let recorded = certain.operator.choices.get(&question);
        let first = question
            .options()
            .first()
            .filter(|_| recorded.is_none_or(|word| !question.options().contains(&word.as_str())));
        if let Some(first) = first {
            certain.operator.choices.insert(question, (*first).to_owned());
        }
    }
    certain
}

const fn credential<T: Copy>(value: T) -> Attested<T> {
    Attested { value, evidence: Level::Credential }
}

fn subject(subject: &mut Subject, at: Instant) {
    subject.kind = SubjectKind::Person;
    subject.users_attested = None;
    subject.conflicting_facts.clear();
    let value = match subject.us_status.map(|status| status.value) {
        None | Some(UsStatus::Unknown) => UsStatus::None,
        Some(UsStatus::UsPerson) => UsStatus::Lpr,
        Some(known) => known,
    };
    subject.us_status = Some(Status { value, evidence: Level::Credential, evidence_expires: None });
    let held = subject.citizenships.iter_mut().chain(&mut subject.permanent_residences);
    (0..).zip(held).for_each(|(position, held)| holding(held, at, position));
    citizenships(subject, at);
    let country = subject.location.and_then(|location| location.country).unwrap_or(Country::US);
    subject.location = Some(Location { country: Some(country), evidence: Level::Credential });
    subject.employer.iter_mut().for_each(employer);
    subject.party_match = match subject.party_match {
        PartyMatch::None | PartyMatch::Unscreened => PartyMatch::None,
        PartyMatch::Possible | PartyMatch::Confirmed => PartyMatch::Confirmed,
    };
}

/// A complete list, empty exactly where the person is stateless.
fn citizenships(subject: &mut Subject, at: Instant) {
    let is_current = |holding: &Holding| holding.until.is_none_or(|until| until.0 > at);
    let stateless = subject.stateless.is_some_and(|stateless| stateless.value);
    if !stateless && !subject.citizenships.iter().any(is_current) {
        let citizen = subject.us_status.is_some_and(|status| status.value == UsStatus::Citizen);
        let french = Country::parse("FR").unwrap_or(Country::US);
        subject.citizenships.push(Holding {
            country: if citizen { Country::US } else { french },
            from: Some(Day(LONG_AGO.min(at))),
            until: None,
            evidence: Level::Credential,
            until_evidence: None,
            from_disputed: false,
            from_alt: None,
        });
    }
    subject.stateless = Some(credential(!subject.citizenships.iter().any(is_current)));
    subject.citizenships_complete = Some(credential(true));
    subject.citizenships_current = None;
    subject.not_citizenships.clear();
}

fn holding(holding: &mut Holding, at: Instant, position: i64) {
    let past = |day: Option<Day>| day.filter(|day| day.0 <= at);
    let filler = Day(LONG_AGO.min(at).plus_micros(position.saturating_mul(DAY_US)).min(at));
    holding.evidence = Level::Credential;
    holding.from = Some(past(holding.from).unwrap_or(filler));
    if holding.from_disputed || holding.from_alt.is_some() {
        holding.from_alt = Some(past(holding.from_alt).unwrap_or(filler));
    }
    if holding.until.is_some() {
        holding.until_evidence = Some(Level::Credential);
    }
}

fn employer(employer: &mut Employer) {
    employer.evidence = Level::Credential;
    if employer.relation == Relation::Unknown {
        employer.relation = Relation::Employee;
    }
    employer.ultimate_parent_hq.get_or_insert(Country::US);
    owners(&mut employer.owners);
}

/// Owners up to the whole, the rest held by somebody who is not listed.
fn owners(owners: &mut Vec<Owner>) {
    let mut left = millionths(100.0).unwrap_or_default();
    owners.retain(|owner| match millionths(owner.percent) {
        Some(share) if share <= left => {
            left = left.saturating_sub(share);
            true
        }
        _ => false,
    });
    if left > 0 {
        // A hundred million is far below the integers a double holds exactly.
        #[expect(clippy::cast_precision_loss, reason = "at most a hundred million")]
        let percent = left as f64 / 1e6;
        owners.push(Owner { name: "Others".to_owned(), percent, listed: false });
    }
}

fn licence(licence: &mut Licence) {
    if licence.max_persons.is_some() {
        licence.persons_used.get_or_insert(0);
    }
    if licence.persons.is_none() && licence.holder_employees == Some(false) {
        licence.holder_employees = None;
    }
}
