//! Directives as Cedar policies.
//!
//! One `permit` for everything and one `forbid` per directive. A condition in a person's favour is written with the
//! level of evidence it needs, so that what is not proven refuses. Readings and the instant are looked up in the
//! context: the policy set is a function of the instruments alone, and a reading nobody recorded is an evaluation
//! error, which refuses too.

use super::countries::Countries;
use super::expr::{
    Expr, all, any, boolean, contains, context, either, entity, eq, ge, is_empty, long, lt, not, principal,
    set, text, texts, var,
};
use super::relief;
use crate::scenario::{Class, Destinations, Directive, Licence, NationalityRule, Persons, Scenario, Start};
use anyhow::{Context as _, Result, bail};
use cedar_policy::{Policy, PolicyId, PolicySet};
use terms::{Activity, EndUse, Instant, Question};

/// Id of the policy that permits what nothing forbids.
const PERMIT_ALL: &str = "(what nothing forbids)";

/// Every status but `none`: whoever has one is no foreign person (15 CFR 772.1).
const NOT_FOREIGN: [&str; 9] = [
    "citizen",
    "national",
    "lpr",
    "conditional_lpr",
    "lpr_naturalisation_lapsed",
    "refugee",
    "asylee",
    "temporary_resident",
    "us_person",
];

/// Lowers directives, exceptions and licences to a policy set; the id of each `forbid` is that of its directive.
///
/// # Errors
/// The text of an instrument is malformed: an unknown country group, a word outside the schema, an id used twice.
pub fn policies(scenario: &Scenario) -> Result<PolicySet> {
    let mut policies = PolicySet::new();
    policies.add(policy(PERMIT_ALL, "permit", None, &[])?)?;
    for directive in scenario.directives.iter().filter(|directive| is_law(directive)) {
        let lowered = forbid(directive, &scenario.licences)
            .with_context(|| format!("directive {} cannot be lowered", directive.id))?;
        policies.add(lowered)?;
    }
    Ok(policies)
}

/// A bill binds nobody.
pub(super) fn is_law(directive: &Directive) -> bool {
    directive.status.as_deref() != Some("bill")
}

fn policy(
    id: &str,
    effect: &str,
    actions: Option<&[Activity]>,
    conditions: &[(&str, Expr)],
) -> Result<Policy> {
    let named = |actions: &[Activity]| set(actions.iter().map(|action| entity("Action", action.word())));
    let action =
        actions.map_or_else(|| "action".to_owned(), |actions| format!("action in {}", named(actions)));
    let conditions: String = conditions.iter().map(|(kind, body)| format!(" {kind} {{ {body} }}")).collect();
    let policy = format!("@id({}) {effect}(principal, {action}, resource){conditions};", text(id));
    Ok(Policy::parse(Some(PolicyId::new(id)), policy)?)
}

fn forbid(directive: &Directive, licences: &[Licence]) -> Result<Policy> {
    let mut conditions = vec![("when", all([window(directive)?, applies(directive)?, reaches(directive)?]))];
    for exception in &directive.exceptions {
        conditions.push(("unless", relief::exception(exception)?));
    }
    for licence in licences.iter().filter(|licence| licence.lifts.contains(&directive.id)) {
        conditions.push(("unless", relief::licence(licence)?));
    }
    policy(&directive.id, "forbid", directive.activities.as_deref(), &conditions)
}

/// The answer to an open question is this one.
pub(super) fn reading(question: Question, option: &str) -> Expr {
    eq(context(question.word()), text(option))
}

/// In force: `latest >= from && earliest < until`, so that doubt about the clock never helps.
fn window(directive: &Directive) -> Result<Expr> {
    let begun = |from: Instant| ge(context("latest"), long(from.as_micros()));
    let start = match &directive.effective_from {
        Start::At(from) => begun(*from),
        Start::Local { question, options, .. } => {
            let option =
                |name: &str| options.get(name).copied().with_context(|| format!("no instant for {name}"));
            either(reading(*question, "first"), begun(option("first")?), begun(option("second")?))
        }
    };
    let end = directive.effective_until.map(|until| lt(context("earliest"), long(until.as_micros())));
    Ok(all([start].into_iter().chain(end)))
}

/// The request is of a kind the directive speaks about.
fn applies(directive: &Directive) -> Result<Expr> {
    let mut parts = vec![names_model(&directive.models)];
    parts.extend(directive.end_uses.as_deref().map(is_end_use));
    match directive.hosted_inference.as_deref() {
        None => {}
        Some("if_export") => parts.push(any([
            not(eq(var("action"), entity("Action", Activity::HostedInference.word()))),
            reading(Question::HostedInferenceIsExport, "yes"),
        ])),
        Some(other) => bail!("`hosted_inference` is `if_export` or absent, not `{other}`"),
    }
    if directive.remote_access == Some(true) {
        let same_country = all([place_proven(), eq(principal("place"), context("served_from"))]);
        parts.push(any([reading(Question::RemoteLocationUnit, "site"), not(same_country)]));
    }
    Ok(all(parts))
}

/// The model is one of these; `*` = any.
pub(super) fn names_model(models: &[String]) -> Expr {
    if models.iter().any(|model| model == "*") {
        return boolean(true);
    }
    contains(set(models.iter().map(|model| entity("Model", model))), var("resource"))
}

/// The end use is one of these.
pub(super) fn is_end_use(end_uses: &[EndUse]) -> Expr {
    contains(texts(end_uses.iter().map(|end_use| end_use_word(*end_use))), context("end_use"))
}

/// The word used in case files.
pub(super) const fn end_use_word(end_use: EndUse) -> &'static str {
    match end_use {
        EndUse::Civil => "civil",
        EndUse::DefensiveCyber => "defensive_cyber",
        EndUse::MilitaryIntelligence => "military_intelligence",
        EndUse::Unknown => "unknown",
    }
}

/// The person is of the class, or at a destination.
fn reaches(directive: &Directive) -> Result<Expr> {
    let outside_us = not(all([place_proven(), eq(principal("place"), text("US"))]));
    let destination = match directive.destinations {
        Destinations::None => None,
        Destinations::AllOutsideUs => Some(outside_us),
        Destinations::Unspecified => Some(all([outside_us, reading(Question::DestinationLimb, "apply")])),
    };
    Ok(any([class(&directive.persons)?].into_iter().chain(destination)))
}

fn class(persons: &Persons) -> Result<Expr> {
    if persons.only_foreign_persons
        && !matches!(persons.class, Class::NationalOf | Class::NationalOrLocatedIn)
    {
        bail!("`only_foreign_persons` belongs to a nationality limb");
    }
    let countries = Countries::read(&persons.countries, hong_kong_open(persons)?)?;
    Ok(match persons.class {
        Class::Everyone => boolean(true),
        Class::ForeignPerson => not(has_status(&spared(persons)?)),
        Class::ForeignNationalUndefined => either(
            reading(Question::ForeignNationalMeans, "ear_772_1"),
            not(has_status(&NOT_FOREIGN)),
            not(has_status(&["citizen", "national"])),
        ),
        Class::NationalOf => national(persons, &countries),
        Class::LocatedIn => located(&countries),
        Class::NationalOrLocatedIn => any([national(persons, &countries), located(&countries)]),
        Class::ListedParty => listed(persons.ownership_percent)?,
        Class::EntityHq => {
            all([principal("employed"), any([countries.hold(principal("parent")), not(employer_proven())])])
        }
        // Only a proven stranger in a proven place abroad is no US person (15 CFR 744.6).
        Class::UsPerson7446 => {
            not(all([has_status(&["none"]), place_proven(), not(eq(principal("place"), text("US")))]))
        }
    })
}

/// Whether the text leaves open if China includes Hong Kong.
pub(super) fn hong_kong_open(persons: &Persons) -> Result<bool> {
    match persons.hong_kong.as_deref() {
        None => Ok(false),
        Some("open") => Ok(true),
        Some(other) => bail!("`hong_kong` is `open` or absent, not `{other}`"),
    }
}

/// The statuses a directive on foreign persons leaves out.
fn spared(persons: &Persons) -> Result<Vec<&'static str>> {
    let lapsed_too = match persons.exempt.as_deref() {
        None => true,
        Some("citizens_and_protected") => false,
        Some(other) => bail!("`exempt` is `citizens_and_protected` or absent, not `{other}`"),
    };
    let may_be_lapsed = ["lpr_naturalisation_lapsed", "us_person"];
    let spared = |status: &&str| lapsed_too || !may_be_lapsed.contains(status);
    Ok(NOT_FOREIGN.into_iter().filter(spared).collect())
}

fn national(persons: &Persons, countries: &Countries) -> Expr {
    let held = |attr| any([countries.meet(principal(attr)), not(nationality_proven())]);
    let national = match persons.rule {
        Some(NationalityRule::MostRecent) => most_recent(countries),
        Some(NationalityRule::AnyHeld) => held("citizenships"),
        Some(NationalityRule::EverHeld) => held("ever"),
        Some(NationalityRule::Unspecified) | None => either(
            reading(Question::NationalityRule, "most_recent"),
            most_recent(countries),
            either(reading(Question::NationalityRule, "any_held"), held("citizenships"), held("ever")),
        ),
    };
    if persons.only_foreign_persons { all([not(has_status(&NOT_FOREIGN)), national]) } else { national }
}

/// One of the countries tied for latest is listed; who has none counts to the place under one of two readings.
fn most_recent(countries: &Countries) -> Expr {
    let stateless = all([
        is_empty(principal("recent")),
        reading(Question::StatelessCountry, "residence"),
        located(countries),
    ]);
    any([
        countries.meet(principal("recent")),
        not(ge(principal("recent_level"), context("required"))),
        stateless,
    ])
}

fn located(countries: &Countries) -> Expr {
    any([countries.hold(principal("place")), not(place_proven())])
}

/// A confirmed match, or listed owners with at least the threshold, in millionths of a per cent.
fn listed(threshold: Option<f64>) -> Result<Expr> {
    let matched = not(eq(principal("party"), text("none")));
    let Some(percent) = threshold else { return Ok(matched) };
    let threshold = super::world::millionths(percent).context("the ownership threshold is no percentage")?;
    let owned = any([ge(principal("listed_share"), long(threshold)), not(employer_proven())]);
    Ok(any([matched, all([principal("employed"), owned])]))
}

/// The status is proven to be one of these.
fn has_status(statuses: &[&str]) -> Expr {
    let proven = ge(principal("status_level"), context("required"));
    all([proven, contains(texts(statuses.iter().copied()), principal("status"))])
}

pub(super) fn nationality_proven() -> Expr {
    ge(principal("nationality_level"), context("required"))
}

pub(super) fn place_proven() -> Expr {
    ge(principal("place_level"), context("place_required"))
}

pub(super) fn employer_proven() -> Expr {
    ge(principal("employer_level"), context("employer_required"))
}
