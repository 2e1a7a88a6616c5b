//! From a verdict to what the caller is told.

use crate::catalogue::Entry;
use crate::directory::Credential;
use crate::house::{House, InForce};
use bylaws::{Effect, Hit, Judgement};
use decide::{Ask, Cure as Way, Outcome, Verdict, cure, decide, valid_until};
use std::borrow::Cow;
use terms::{Activity, Attested, ClockReading, FactMask, Instant, Level, MissingFact, Request};
use wire::code::Code;
use wire::refusal::{Cure, CureStep, HouseReason, Level as WireLevel, Refusal, Way as Asking, WayKind};

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
        end_use: Attested::default(),
        served_from: entry.model.served_from,
    }
}

/// One question to the law and then to the operator's own rules.
#[derive(Clone, Copy)]
pub(super) struct Case<'a> {
    pub(super) house: &'a House,
    pub(super) law: &'a InForce,
    pub(super) credential: &'a Credential,
    pub(super) entry: &'a Entry,
    pub(super) streaming: bool,
    pub(super) clock: ClockReading,
}

/// What came of it.
#[derive(Clone, Debug)]
pub(super) struct Finding {
    /// As enforced: the law's verdict, or what bylaws make of its permit.
    pub(super) verdict: Verdict,
    /// What bylaws object to a permit of the law.
    objection: Option<Judgement>,
}

impl Case<'_> {
    /// Decides whether this subject may use this model now, and reports bylaws that fail.
    pub(super) fn judge(&self) -> Finding {
        let finding = self.find();
        if let (Some(rules), Some(objection)) = (&self.house.rules, &finding.objection) {
            rules.report(objection, self.entry);
        }
        finding
    }

    fn find(&self) -> Finding {
        let verdict = self.with_ask(decide);
        let Some(rules) = &self.house.rules else { return Finding { verdict, objection: None } };
        let request = request_for(self.entry);
        let objection = rules.object(verdict.outcome, self.credential, request, self.streaming, self.clock);
        let verdict = objection.as_ref().map_or(verdict, |objection| Verdict {
            outcome: objection.outcome(),
            missing: objection.missing(),
            ..verdict
        });
        Finding { verdict, objection }
    }

    /// Until when a permit stands.
    pub(super) fn stands_until(&self) -> Instant {
        let law = self.with_ask(valid_until);
        let rules = self.house.rules.as_ref();
        rules.map_or(law, |rules| rules.stands_until(self.entry.position, law, self.clock))
    }

    fn with_ask<T>(&self, answer: impl FnOnce(&Ask<'_>) -> T) -> T {
        let subject = self.credential.subject(&self.law.regime, self.clock.at);
        answer(&Ask {
            regime: &self.law.regime,
            subject: &subject,
            request: request_for(self.entry),
            clock: self.clock,
        })
    }

    /// Everything the caller is told about a refusal.
    pub(super) fn refusal(&self, finding: &Finding, code: Code) -> Refusal {
        let refusal = match &finding.objection {
            Some(objection) => self.objected(objection, code),
            None => self.refused_by_law(&finding.verdict, code),
        };
        self.with_ways(refusal)
    }

    /// With every way that would settle it for this caller, and the models open meanwhile. Nobody is asked for
    /// anything before a directive needs it: only a refusal for a missing fact names ways.
    fn with_ways(&self, refusal: Refusal) -> Refusal {
        let Some(identity) = self.house.identity.as_ref().filter(|_| is_for_the_caller(refusal.code)) else {
            return refusal;
        };
        let mut ways = identity.ways(self.credential);
        if let Some(start) = refusal.cure.as_ref().and_then(|cure| cure.url.clone()) {
            ways.push(Asking { start: Some(start), ..Asking::new(WayKind::Page, 120) });
        }
        let alternatives = if ways.is_empty() { Vec::new() } else { self.open_models() };
        Refusal { ways, alternatives, ..refusal }
    }

    fn open_models(&self) -> Vec<String> {
        let others = self.house.catalogue.entries().iter().filter(|entry| self.is_open(entry));
        others.map(|entry| entry.model.id.to_string()).collect()
    }

    fn is_open(&self, entry: &Entry) -> bool {
        entry.position != self.entry.position
            && Case { entry, ..*self }.find().verdict.outcome == Outcome::Permit
    }

    fn objected(&self, objection: &Judgement, code: Code) -> Refusal {
        let deciding = objection.deciding();
        let text = |read: fn(&Hit) -> Option<&str>| deciding.and_then(read).map(str::to_owned);
        let missing = objection.missing();
        Refusal {
            model: self.entry.model.id.to_string(),
            house_reason: HouseReason { en: text(Hit::reason_en), ko: text(Hit::reason_ko) },
            missing: words(missing),
            cure: if missing.is_empty() { self.elsewhere() } else { Some(self.show(missing)) },
            ..Refusal::new(code, "")
        }
    }

    fn refused_by_law(&self, verdict: &Verdict, code: Code) -> Refusal {
        let rules =
            || verdict.decisive(&self.law.regime).filter_map(|position| self.law.regime.rule(position));
        let way = self.with_ask(|ask| cure(ask, verdict));
        Refusal {
            model: self.entry.model.id.to_string(),
            references: rules().filter_map(|rule| rule.public_reference.clone()).collect(),
            missing: words(verdict.missing),
            until: until(&way),
            required_level: required_level(&way),
            cure: self.step(verdict, &way),
            blocked_by: Some(blocked_by(self.house)),
            ..Refusal::new(code, "")
        }
    }

    fn step(&self, verdict: &Verdict, way: &Way) -> Option<Cure> {
        match way {
            Way::NotNeeded => None,
            Way::Show { .. } if only_operator(verdict.missing) => Some(self.ask_administrator()),
            Way::Show { facts, .. } => Some(self.show(*facts)),
            Way::RecordReading(_) => Some(Cure { step: CureStep::Administrator, url: None }),
            Way::OtherModel => self.elsewhere(),
            Way::Wait(_) => self.elsewhere().or(Some(Cure { step: CureStep::Wait, url: None })),
        }
    }

    /// Facts that are shown by the caller, or by the administrator where nobody stands behind the key.
    fn show(&self, facts: FactMask) -> Cure {
        if facts.contains(MissingFact::NaturalPerson) {
            return self.ask_administrator();
        }
        Cure { step: CureStep::Verify, url: self.house.settings.cure_url.clone() }
    }

    fn ask_administrator(&self) -> Cure {
        Cure { step: CureStep::Administrator, url: self.house.settings.cure_url.clone() }
    }

    /// The first model of the catalogue this caller may use now.
    fn elsewhere(&self) -> Option<Cure> {
        let open = self.house.catalogue.entries().iter().find(|entry| self.is_open(entry));
        open.map(|entry| Cure { step: CureStep::OtherModel(entry.model.id.to_string()), url: None })
    }
}

fn is_for_the_caller(code: Code) -> bool {
    matches!(code, Code::VerificationRequired | Code::HouseRuleVerification)
}

fn words(facts: FactMask) -> Vec<String> {
    facts.iter().map(|fact| fact.word().to_owned()).collect()
}

/// Whether the model is restricted: an instrument in force or announced can reach it, or the operator marks it so.
pub(super) fn restricted(law: &InForce, entry: &Entry, clock: ClockReading) -> bool {
    entry.model.restricted || law.regime.restricts(entry.position, clock)
}

impl Finding {
    /// The reason code, as it stands on the wire and in the console.
    pub(super) fn code(&self) -> Option<Code> {
        match &self.objection {
            None => by_law(&self.verdict),
            Some(objection) => Some(match objection.deciding().map(Hit::effect) {
                None => Code::HouseRuleError,
                Some(Effect::Deny) => Code::HouseRule,
                Some(Effect::Verify(_)) => Code::HouseRuleVerification,
            }),
        }
    }

    /// The reason as it stands in the record: the code, and the bylaw where one decides.
    pub(super) fn reason(&self) -> Cow<'static, str> {
        let code = self.code().map_or("permit", Code::as_str);
        match self.objection.as_ref().and_then(Judgement::deciding) {
            Some(bylaw) => format!("{code}:{}", bylaw.id()).into(),
            None => code.into(),
        }
    }
}

/// The reason code of a verdict of the law.
pub(crate) fn by_law(verdict: &Verdict) -> Option<Code> {
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
