//! What takes people out of a directive: conditions of its `unless`.

use super::countries::Countries;
use super::expr::{
    Expr, all, any, boolean, contains, contains_all, context, eq, ge, is_empty, long, lt, not, principal,
    principal_has, text, texts,
};
use super::lower::{employer_proven, is_end_use, names_model, nationality_proven, place_proven, reading};
use crate::scenario::{Exception, Licence};
use anyhow::Result;
use terms::{Instant, Question, Relation, employer_key};

/// Open: `earliest >= from && latest < until`, the mirror image of a directive's window.
fn window(from: Option<Instant>, until: Option<Instant>) -> Expr {
    let from = from.map(|from| ge(context("earliest"), long(from.as_micros())));
    let until = until.map(|until| lt(context("latest"), long(until.as_micros())));
    all(from.into_iter().chain(until))
}

/// The exception takes the person out.
pub(super) fn exception(exception: &Exception) -> Result<Expr> {
    let when = &exception.when;
    let mut parts = vec![window(exception.from, exception.until)];
    parts.extend(when.models.as_deref().map(names_model));
    parts.extend(when.end_use.as_deref().map(is_end_use));
    parts.extend(when.employer.as_deref().map(works_for));
    parts.extend(when.relation.as_deref().map(in_relation));
    if let Some(list) = &when.all_nationalities_in {
        let countries = Countries::read(list, false)?;
        parts.extend([
            nationality_proven(),
            not(is_empty(principal("citizenships"))),
            contains_all(countries.literal(), principal("citizenships")),
        ]);
    }
    if let Some(list) = &when.located_in {
        parts.push(proven_in(list)?);
    }
    Ok(all(parts))
}

/// The licence covers the person and the request.
pub(super) fn licence(licence: &Licence) -> Result<Expr> {
    let mut parts = vec![
        eq(text(&licence.status), text("issued")),
        window(Some(licence.from), licence.until),
        names_model(&licence.models),
        has_room(licence),
    ];
    let suspending = licence.conditions.iter().filter(|condition| condition.suspends);
    parts.extend(suspending.map(|condition| not(eq(text(&condition.state), text("breached")))));
    parts.extend(licence.end_use.as_deref().map(is_end_use));
    parts.push(covers(licence));
    if let Some(list) = &licence.excluded_nationalities {
        let excluded = Countries::read(list, false)?;
        parts.extend([nationality_proven(), not(excluded.meet(principal("citizenships")))]);
    }
    if let Some(list) = &licence.located_in {
        parts.push(proven_in(list)?);
    }
    Ok(all(parts))
}

/// A place is held or free.
fn has_room(licence: &Licence) -> Expr {
    let Some(places) = licence.max_persons else { return boolean(true) };
    let used = licence.persons_used.map_or(i64::MAX, i64::from);
    any([boolean(licence.enrolled == Some(true)), lt(long(used), long(i64::from(places)))])
}

/// Named, or employed by the holder; where the licence says neither, anyone working for the holder.
fn covers(licence: &Licence) -> Expr {
    let holder = works_for(std::slice::from_ref(&licence.holder));
    let named = licence.persons.as_ref().map(|persons| {
        let persons = texts(persons.iter().map(String::as_str));
        all([principal_has("person_id"), contains(persons, principal("person_id"))])
    });
    let staff = (licence.holder_employees == Some(true))
        .then(|| all([holder.clone(), in_relation(&[Relation::Employee])]));
    if named.is_none() && staff.is_none() { holder } else { any(named.into_iter().chain(staff)) }
}

fn works_for(firms: &[String]) -> Expr {
    let keys: Vec<String> = firms.iter().map(|firm| employer_key(firm)).collect();
    let known = contains(texts(keys.iter().map(String::as_str)), principal("firm"));
    all([principal("employed"), employer_proven(), known])
}

/// Whether contractors are employees is an open question wherever a text says employees and not contractors.
fn in_relation(relations: &[Relation]) -> Expr {
    let listed = |relation| relations.contains(&relation);
    let employee = listed(Relation::Employee).then(|| eq(principal("relation"), text("employee")));
    let contractor = eq(principal("relation"), text("contractor"));
    let contractor = match (listed(Relation::Contractor), listed(Relation::Employee)) {
        (true, _) => Some(contractor),
        (false, true) => Some(all([contractor, reading(Question::EmployeeMeans, "includes_contractors")])),
        (false, false) => None,
    };
    all([principal("employed"), employer_proven(), any(employee.into_iter().chain(contractor))])
}

fn proven_in(list: &[String]) -> Result<Expr> {
    Ok(all([place_proven(), Countries::read(list, false)?.hold(principal("place"))]))
}
