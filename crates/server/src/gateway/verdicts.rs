//! From a verdict to what the caller is told.

use crate::catalogue::Entry;
use crate::directory::Credential;
use crate::house::{House, InForce};
use decide::{Ask, Cure as Way, Outcome, Verdict, cure, decide};
use terms::{Activity, ClockReading, EndUse, FactMask, Level, MissingFact, Request};
use wire::code::Code;
use wire::refusal::{Cure, CureStep, Level as WireLevel, Refusal};

/// Facts that only the operator can find out.
const OPERATORS: [MissingFact; 4] = [
    MissingFact::Ownership,
    MissingFact::EmployerUltimateParent,
    MissingFact::PartyIdentity,
    MissingFact::Screening,
];

/// The request for one model, as the engine sees it. The activity comes from the route, the serving place from the
/// catalogue; the end use is unknown until a contract or licence attests it.
pub(crate) fn request_for(entry: &Entry) -> Request {
    Request {
        model: entry.position,
        activity: Activity::HostedInference,
        end_use: EndUse::Unknown,
        served_from: entry.model.served_from,
    }
}

/// Decides whether this subject may use this model now.
pub(super) fn judge(law: &InForce, credential: &Credential, entry: &Entry, clock: ClockReading) -> Verdict {
    decide(&Ask { regime: &law.regime, facts: &credential.facts, request: request_for(entry), clock })
}

/// Whether the model is restricted: an instrument in force or announced can reach it, or the operator marks it so.
pub(super) fn restricted(law: &InForce, entry: &Entry, clock: ClockReading) -> bool {
    entry.model.restricted || law.regime.restricts(entry.position, clock)
}

/// The reason code of a verdict, as it stands in the record, on the wire and in the console.
pub(super) fn code(verdict: &Verdict) -> Option<Code> {
    match verdict.outcome {
        Outcome::Permit => None,
        Outcome::Deny => Some(Code::LegalRestriction),
        Outcome::Depends => Some(Code::LegalReadingOpen),
        Outcome::VerifyFirst if only_operator(verdict.missing) => Some(Code::VerificationPending),
        Outcome::VerifyFirst => Some(Code::VerificationRequired),
    }
}

fn only_operator(missing: FactMask) -> bool {
    missing.iter().all(|fact| OPERATORS.contains(&fact))
}

/// Everything the caller is told about a refusal.
pub(super) fn refusal(
    house: &House,
    law: &InForce,
    ask: &Ask<'_>,
    entry: &Entry,
    verdict: &Verdict,
    code: Code,
) -> Refusal {
    let rules = || verdict.decisive.iter().filter_map(|position| law.regime.rule(*position));
    let way = cure(ask, verdict);
    Refusal {
        model: entry.model.id.to_string(),
        references: rules().filter_map(|rule| rule.public_reference.clone()).collect(),
        missing: verdict.missing.iter().map(|fact| fact.word().to_owned()).collect(),
        until: until(&way),
        required_level: required_level(&way),
        cure: step(house, ask, verdict, &way),
        blocked_by: Some(blocked_by(house)),
        ..Refusal::new(code, "")
    }
}

/// Who implements the block (RFC 7725, 4): the operator's page, else the gateway by its name in the record.
fn blocked_by(house: &House) -> String {
    let named = || format!("urn:douane:gateway:{}", house.settings.gateway);
    house.settings.operator_url.clone().unwrap_or_else(named)
}

fn until(way: &Way) -> Option<String> {
    match way {
        Way::Wait(instant) => Some(instant.to_string()),
        _ => None,
    }
}

fn required_level(way: &Way) -> Option<WireLevel> {
    let Way::Show { facts, level, location_level } = way else { return None };
    let place_only = *facts == FactMask::EMPTY.with(MissingFact::Location);
    match if place_only { *location_level } else { *level } {
        Level::None | Level::Ip | Level::SelfDeclared => Some(WireLevel::SelfDeclared),
        Level::Employer => Some(WireLevel::Employer),
        Level::Document => Some(WireLevel::Document),
        Level::Credential => Some(WireLevel::Credential),
    }
}

fn step(house: &House, ask: &Ask<'_>, verdict: &Verdict, way: &Way) -> Option<Cure> {
    let url = house.settings.cure_url.clone();
    match way {
        Way::NotNeeded => None,
        Way::Show { facts, .. } => {
            let shared = facts.contains(MissingFact::NaturalPerson) || only_operator(verdict.missing);
            let step = if shared { CureStep::Administrator } else { CureStep::Verify };
            Some(Cure { step, url })
        }
        Way::RecordReading(_) => Some(Cure { step: CureStep::Administrator, url: None }),
        Way::Wait(_) | Way::OtherModel => match other_model(house, ask) {
            Some(model) => Some(Cure { step: CureStep::OtherModel(model), url: None }),
            None => matches!(way, Way::Wait(_)).then_some(Cure { step: CureStep::Wait, url: None }),
        },
    }
}

/// The first model of the catalogue this caller may use now.
fn other_model(house: &House, ask: &Ask<'_>) -> Option<String> {
    let open = house.catalogue.entries().iter().find(|entry| {
        let request = request_for(entry);
        request.model != ask.request.model && decide(&Ask { request, ..*ask }).outcome == Outcome::Permit
    });
    open.map(|entry| entry.model.id.to_string())
}
