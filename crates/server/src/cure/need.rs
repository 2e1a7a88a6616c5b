//! From a refusal to a link: what is missing, what is on file, and the ways that would settle it for this caller.

use super::Visit;
use super::appeal::on_page;
use super::page::Page;
use super::session::{About, Session};
use crate::directory::Credential;
use crate::gateway::GateBody;
use crate::house::House;
use crate::identity::trust::{Listed, Trust};
use http::{Response, StatusCode};
use people::{Claim, Issuer, IssuerKind};
use store::AppealEntry;
use terms::{Level, MissingFact, PersonFacts};
use wire::code::Code;
use wire::page::{fact, say};
use wire::refusal::{CureStep, Have, Level as WireLevel, Refusal, Way, WayKind, predicate};

/// What can be shown on the pages.
const SHOWN: [&str; 2] = ["us_status", "citizenships"];

/// What is known of the caller beside the file.
pub(crate) struct Shown {
    /// Issuer and subject of the evidence that came with the request.
    pub(crate) evidence: Option<(String, String)>,
    /// The employer's own name for the person.
    pub(crate) name: Option<String>,
}

/// A refusal with its link, where one of the pages could change it: the missing fact is shown there, and what is on
/// file is contested there.
pub(crate) fn with_cure(house: &House, credential: &Credential, shown: Shown, refusal: Refusal) -> Refusal {
    let asks = matches!(refusal.code, Code::VerificationRequired | Code::HouseRuleVerification);
    let denied = refusal.code == Code::LegalRestriction;
    let (Some(identity), Some(cure)) = (&house.identity, &house.cure) else { return refusal };
    let Some(person) = credential.person.clone().filter(|_| asks || denied) else { return refusal };
    let missing = if asks { refusal.missing.clone() } else { Vec::new() };
    let about = About {
        account: credential.account.clone(),
        person,
        missing,
        level: refusal.required_level.map_or(house.settings.min_evidence, level),
        model: refusal.model.clone(),
        shown: shown.evidence,
        name: shown.name,
        references: refusal.references.clone(),
    };
    let needs = about.clone();
    let Some(id) = cure.sessions.open(about, house.clock.read().at) else { return refusal };
    let start = identity.url(&format!("/cure/{id}"));
    let appeal = Some(format!("{start}/appeal"));
    if !asks {
        return Refusal { appeal, ..refusal };
    }
    let have = have(&refusal.missing, &credential.facts);
    let found = Offer::of(&identity.trust, &needs).ways(&start);
    if found.is_empty() {
        return Refusal { have, appeal, ..refusal };
    }
    linked(Refusal { have, appeal, ..refusal }, &start, found)
}

/// With the link in the places where callers look for it, the ways in order of their time.
fn linked(mut refusal: Refusal, start: &str, found: Vec<Way>) -> Refusal {
    refusal.ways.retain(|way| way.method != WayKind::Page);
    refusal.ways.extend(found);
    refusal.ways.push(Way { start: Some(start.to_owned()), ..Way::new(WayKind::Page, 120) });
    refusal.ways.sort_by_key(|way| way.typical_s);
    if let Some(cure) = refusal.cure.as_mut().filter(|cure| cure.step == CureStep::Verify) {
        cure.url = Some(start.to_owned());
    }
    refusal
}

const fn level(level: WireLevel) -> Level {
    match level {
        WireLevel::SelfDeclared => Level::SelfDeclared,
        WireLevel::Employer => Level::Employer,
        WireLevel::Document => Level::Document,
        WireLevel::Credential => Level::Credential,
    }
}

/// What is on file about the missing facts.
fn have(missing: &[String], facts: &PersonFacts) -> Vec<Have> {
    missing.iter().filter_map(|fact| one(fact, facts)).collect()
}

fn one(fact: &str, facts: &PersonFacts) -> Option<Have> {
    let missing = MissingFact::ALL.into_iter().find(|known| known.word() == fact)?;
    let (known, level) = match missing {
        MissingFact::UsStatus => (facts.us_status.value.is_foreign_person(), facts.us_status.level),
        _ => (None, Level::None),
    };
    let answer = match known {
        _ if facts.conflicting.contains(missing) => "conflicting",
        Some(true) => "no",
        Some(false) => "yes",
        None => "unknown",
    };
    let strength = known.and_then(|_| people::strength::word(level));
    Some(Have { predicate: predicate(missing.word()), answer, strength })
}

/// What can be offered for one need.
pub(super) struct Offer<'a> {
    pub(super) sign_ins: Vec<&'a Listed>,
    pub(super) vendors: Vec<&'a Listed>,
    pub(super) employer: Option<String>,
    pub(super) wallet: bool,
    discloses: &'static [&'static str],
}

impl<'a> Offer<'a> {
    /// Only what could settle it: an issuer that is believed far enough and may say what is missing.
    pub(super) fn of(trust: &'a Trust, about: &About) -> Self {
        let verifier = trust.verifier();
        let registry = verifier.registry();
        let settles = |issuer: &Issuer, ceiling: Level| {
            issuer.max_level().min(ceiling) >= about.level && says(issuer, &about.missing)
        };
        let of_kind = |one: &Listed, kinds: &[IssuerKind], ceiling| {
            registry.issuer(&one.iss).is_some_and(|it| kinds.contains(it.kind()) && settles(it, ceiling))
        };
        let signs_in = |one: &&Listed| {
            one.sign_in.is_some() && of_kind(one, &[IssuerKind::Oidc, IssuerKind::Kyc], Level::Credential)
        };
        let checks = |one: &&Listed| one.kyc.is_some() && of_kind(one, &[IssuerKind::Kyc], Level::Document);
        let mut employers = trust.speaking_for(&about.account);
        let employer = employers.find(|one| of_kind(one, &[IssuerKind::Employer], Level::Employer));
        let wallets = [IssuerKind::Pid, IssuerKind::WalletDerived];
        Self {
            sign_ins: trust.speaking_for(&about.account).filter(signs_in).collect(),
            vendors: trust.speaking_for(&about.account).filter(checks).collect(),
            employer: employer.filter(|_| about.name.is_some()).map(|one| one.iss.clone()),
            wallet: registry.issuers().any(|it| {
                wallets.contains(it.kind()) && it.x5c_anchor().is_some() && settles(it, Level::Credential)
            }),
            discloses: if about.missing.iter().any(|fact| fact == "us_status") {
                &["us_person", "nationalities"]
            } else {
                &["nationalities"]
            },
        }
    }

    fn is_empty(&self) -> bool {
        self.sign_ins.is_empty() && self.vendors.is_empty() && self.employer.is_none() && !self.wallet
    }

    /// As a refusal names them.
    fn ways(&self, start: &str) -> Vec<Way> {
        let way = |kind, step: &str, typical_s| Way {
            start: Some(format!("{start}{step}")),
            ..Way::new(kind, typical_s)
        };
        let mut ways = Vec::new();
        if self.wallet {
            ways.push(Way { discloses: self.discloses, ..way(WayKind::Openid4vp, "", 60) });
        }
        let issuers: Vec<String> = self.sign_ins.iter().map(|one| one.iss.clone()).collect();
        if !issuers.is_empty() {
            let discloses: &[&str] = &["nationalities"];
            ways.push(Way { issuers: issuers.clone(), discloses, ..way(WayKind::SignIn, "", 60) });
            ways.push(Way { issuers, discloses, ..way(WayKind::DeviceFlow, "/device", 90) });
        }
        if !self.vendors.is_empty() {
            ways.push(way(WayKind::Vendor, "", 300));
        }
        if self.employer.is_some() {
            ways.push(way(WayKind::AskEmployer, "", 86_400));
        }
        ways
    }
}

/// Whether an issuer may say something about what is missing. A nationality alone settles the status of citizens; all
/// citizenships are settled only by whoever answers for all of them.
fn says(issuer: &Issuer, missing: &[String]) -> bool {
    let asked = |name: &str| missing.iter().any(|fact| fact == name);
    let other = missing.iter().any(|fact| !SHOWN.contains(&fact.as_str()));
    let nationalities = issuer.may_assert(Claim::Nationalities);
    let status = issuer.may_assert(Claim::UsPerson) || nationalities;
    let citizenships = nationalities && issuer.complete_for(Claim::Nationalities);
    !other && ((asked("us_status") && status) || (asked("citizenships") && citizenships))
}

/// The host of an issuer, as people know it.
pub(super) fn site(iss: &str) -> &str {
    let rest = iss.split_once("://").map_or(iss, |(_, rest)| rest);
    rest.split('/').next().unwrap_or(rest)
}

impl Visit<'_> {
    /// What is missing, and the ways.
    pub(super) fn overview(&self, session: &Session, filed: Option<&AppealEntry>) -> Response<GateBody> {
        let about = &session.about;
        let model = [("model", about.model.as_str())];
        let page = Page::new(self.lang, "page_title");
        if session.progress().done {
            return page.text("page_done", &[]).answer(StatusCode::OK);
        }
        let page = if about.missing.is_empty() {
            page.text("page_intro_denied", &model)
        } else {
            let facts = about.missing.iter().map(|name| fact(self.lang, name));
            let page = page.text("page_intro", &model).heading("page_missing", &[]).list(facts);
            self.offers(page.heading("page_ways", &[]), session)
        };
        if let Some(appeal) = filed {
            return page.part("page_appeal", &[], |part| on_page(part, appeal)).answer(StatusCode::OK);
        }
        let to = format!("/cure/{}/appeal", session.id);
        let field = Some(("text", "page_appeal_label", super::appeal::TEXT_CHARS));
        page.part("page_appeal", &[], |part| {
            part.text("page_appeal_how", &[]).form(&to, &[], field, "page_appeal_button", &[])
        })
        .answer(StatusCode::OK)
    }

    fn offers(&self, page: Page, session: &Session) -> Page {
        let offer = Offer::of(&self.identity.trust, &session.about);
        if offer.is_empty() {
            return page.text("page_no_way", &[]);
        }
        let to = |step: &str| format!("/cure/{}/{step}", session.id);
        let mut page = page.text("page_ways_how", &[]);
        for one in &offer.sign_ins {
            let (args, hidden) = ([("site", site(&one.iss))], [("with", one.iss.as_str())]);
            page = page.part("page_sign_in", &args, |part| {
                let part = part.text("page_sign_in_how", &[]);
                let part = part.button(&to("sign-in"), &hidden, "page_sign_in_button", &args);
                part.text("page_device", &args).button(&to("device"), &hidden, "page_device_button", &args)
            });
        }
        if offer.wallet {
            let facts = offer.discloses.iter().map(|name| disclosed(self.lang, name)).collect::<Vec<_>>();
            page = page.part("page_wallet", &[], |part| {
                let part = part.text("page_wallet_how", &[("facts", &facts.join("; "))]);
                part.button(&to("wallet"), &[], "page_wallet_button", &[])
            });
        }
        for one in &offer.vendors {
            let (args, hidden) = ([("site", site(&one.iss))], [("with", one.iss.as_str())]);
            page = page.part("page_vendor", &args, |part| {
                part.text("page_vendor_how", &[]).button(&to("vendor"), &hidden, "page_sign_in_go", &args)
            });
        }
        if offer.employer.is_some() {
            page = page.part("page_employer", &[], |part| {
                let part = part.text("page_employer_how", &[]);
                part.button(&to("employer"), &[], "page_employer_button", &[])
            });
        }
        page
    }
}

fn disclosed(lang: wire::lang::Lang, name: &str) -> String {
    match name {
        "us_person" => fact(lang, "us_status"),
        _ => say(lang, "page_nationalities", &[]),
    }
}
