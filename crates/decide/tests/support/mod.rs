//! Books, people and requests made up by chance, within what a law file can say.
#![allow(dead_code, reason = "each test binary uses its own part")]

pub mod law_file;
pub mod people;

use decide::{Ask, DependsOn, Outcome, Subject, Verdict, decide};
use law::{Book, ListedModel, Policy, Regime, Source};
use proptest::prelude::*;
use proptest::sample::select;
use std::collections::BTreeSet;
use terms::{
    Activity, Attested, Capability, Choices, ClockReading, Country, EndUse, FactMask, Instant, InstrumentId,
    Level, ModelId, PersonFacts, Question, Request,
};

pub const CODES: [&str; 10] = ["US", "PR", "FR", "DE", "KR", "RU", "CN", "HK", "CU", "IR"];
pub const SETS: [&str; 10] = ["US", "FR", "KR", "RU", "CN", "HK", "CU", "A:5", "D:5", "E:1"];
pub const FIRMS: [&str; 3] = ["Harbor Grid Co", "Lyon Bank SA", "Quiet Lab"];
pub const PEOPLE: [&str; 3] = ["p-1", "p-2", "p-3"];
pub const MODELS: [&str; 2] = ["fable-5", "mythos-5"];
pub const OPERATOR: &str = "Example Lab";
pub const HOUR_US: i64 = 3_600_000_000;

/// Everything a verdict is made from.
#[derive(Clone, Debug)]
pub struct Scene {
    pub book: Book,
    pub policy: Policy,
    pub facts: PersonFacts,
    pub request: Request,
    pub clock: ClockReading,
}

/// A verdict in words that do not depend on the order of the instruments.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Said {
    pub outcome: Outcome,
    pub decisive: BTreeSet<String>,
    pub missing: FactMask,
    pub depends_on: Option<DependsOn>,
    pub required_level: Level,
}

pub fn said(regime: &Regime, verdict: &Verdict) -> Said {
    Said {
        outcome: verdict.outcome,
        decisive: verdict.decisive(regime).map(|at| regime.rules()[at].id.to_string()).collect(),
        missing: verdict.missing,
        depends_on: verdict.depends_on,
        required_level: verdict.required_level,
    }
}

impl Scene {
    pub fn regime(&self) -> Regime {
        Regime::compile(&self.book, &catalogue(), &self.policy).unwrap()
    }

    /// The subject made ready at the hour of the request.
    pub fn subject(&self, regime: &Regime) -> Subject {
        Subject::new(regime, &self.facts, self.clock.at)
    }

    pub fn ask<'a>(&self, regime: &'a Regime, subject: &'a Subject) -> Ask<'a> {
        Ask { regime, subject, request: self.request, clock: self.clock }
    }

    pub fn said(&self) -> Said {
        let regime = self.regime();
        said(&regime, &decide(&self.ask(&regime, &self.subject(&regime))))
    }

    pub fn outcome(&self) -> Outcome {
        self.said().outcome
    }

    pub fn permits(&self) -> bool {
        self.outcome() == Outcome::Permit
    }
}

pub fn catalogue() -> [ListedModel; 2] {
    let able = ["cyber:skilled", "cyber:expert"];
    [0, 1].map(|at| ListedModel {
        id: ModelId::parse(MODELS[at]).unwrap(),
        capabilities: vec![Capability::parse(able[at]).unwrap()],
    })
}

pub fn country(code: &str) -> Country {
    Country::parse(code).unwrap()
}

pub fn id(text: &str) -> InstrumentId {
    InstrumentId::parse(text).unwrap()
}

/// An instant within two days, on the hour or just beside it, so that edges are met.
pub fn instant() -> impl Strategy<Value = Instant> {
    (0..48i64, -2..=2i64).prop_map(|(hour, beside)| Instant::from_micros(hour * HOUR_US + beside))
}

pub fn level() -> impl Strategy<Value = Level> {
    select(&Level::ALL[..])
}

/// The higher rungs more often, so that something is known.
pub fn good_level() -> impl Strategy<Value = Level> {
    prop_oneof![1 => level(), 2 => select(&[Level::Document, Level::Credential][..])]
}

pub fn source() -> Source {
    Source {
        state: Country::US,
        office: "Example office".to_owned(),
        addressees: Vec::new(),
        public_reference: None,
        public_url: None,
        document_sha256: None,
        channel: None,
        received_at: None,
        call_back: None,
    }
}

/// Each question answered half the time.
fn choices() -> impl Strategy<Value = Choices> {
    prop::collection::vec(prop::option::of(0..6u8), Question::ALL.len()).prop_map(|picks| {
        let picked = Question::ALL.into_iter().zip(picks);
        picked.fold(Choices::default(), |choices, (question, pick)| match pick {
            Some(pick) => {
                let options = u8::try_from(question.options().len()).unwrap();
                choices.with(question, pick % options)
            }
            None => choices,
        })
    })
}

pub fn policy() -> impl Strategy<Value = Policy> {
    (level(), level(), choices(), prop::option::weighted(0.3, Just(OPERATOR.to_owned()))).prop_map(
        |(min_evidence, min_location_evidence, choices, operator)| Policy {
            min_evidence,
            min_location_evidence,
            choices,
            operator,
        },
    )
}

pub fn request() -> impl Strategy<Value = Request> {
    let uses = [EndUse::Civil, EndUse::DefensiveCyber, EndUse::MilitaryIntelligence, EndUse::Unknown];
    let activities = [Activity::HostedInference, Activity::WeightsDownload, Activity::SourceCode];
    (
        0..MODELS.len(),
        select(activities.to_vec()),
        select(uses.to_vec()),
        level(),
        select(&["US", "FR", "PR"][..]),
    )
        .prop_map(|(model, activity, end_use, level, served_from)| Request {
            model,
            activity,
            end_use: Attested::new(end_use, level),
            served_from: country(served_from),
        })
}

pub fn clock() -> impl Strategy<Value = ClockReading> {
    (instant(), select(&[0, 0, 1, 2, HOUR_US][..]))
        .prop_map(|(at, uncertainty_us)| ClockReading { at: at.plus_micros(12 * HOUR_US), uncertainty_us })
}

pub fn scene() -> impl Strategy<Value = Scene> {
    (law_file::book(), policy(), people::facts(), request(), clock())
        .prop_map(|(book, policy, facts, request, clock)| Scene { book, policy, facts, request, clock })
}
