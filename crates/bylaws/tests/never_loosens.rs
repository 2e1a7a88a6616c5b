//! Random bylaws and persons, against a second evaluator: bylaws never loosen, do not depend on their order, and
//! taking one away never refuses more.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails where it cannot go on")]

use bylaws::{Bylaws, Call, Judgement, Permitted, Rulebook};
use decide::{Ask, Outcome, Subject};
use law::{Book, ListedModel, Policy, Regime};
use proptest::prelude::*;
use terms::{
    AccountId, Activity, Attested, Citizenship, ClockReading, Country, Instant, Level, PersonFacts, Request,
    UsStatus,
};

const LAW: &str = r#"
schema = 1
[[directive]]
id = "letter"
title = "Foreign persons"
form = "rule"
issued_at = "2026-06-12T00:00:00Z"
effective_from = "2026-06-12T21:21:00Z"
models = ["m0"]
persons = { class = "foreign_person" }
destinations = "none"
authority = ["ecra-4812"]
source = { state = "US", office = "Invented office", public_reference = "Invented notice 1" }
"#;
const MODELS: [&str; 3] = ["m0", "m1", "m2"];
const COUNTRIES: [&str; 3] = ["FR", "KR", "CN"];
const STATUSES: [UsStatus; 4] = [UsStatus::Citizen, UsStatus::Lpr, UsStatus::None, UsStatus::Unknown];

/// A condition, as text for Cedar and as a function of our own.
#[derive(Clone, Debug)]
enum Test {
    Status(usize),
    StatusLevel(u8),
    National(usize),
    Located(usize),
    Streaming,
    Model(usize),
    /// Fails for whoever has any evidence of US status.
    Overflow,
    Not(Box<Test>),
    And(Box<Test>, Box<Test>),
    Or(Box<Test>, Box<Test>),
}

/// What a condition is about.
#[derive(Clone, Debug)]
struct World {
    status: usize,
    level: usize,
    national: Vec<usize>,
    located: Option<usize>,
    streaming: bool,
    model: usize,
}

struct Overflowed;

impl Test {
    fn cedar(&self) -> String {
        match self {
            Self::Status(at) => {
                let word = STATUSES[*at].word();
                format!("(principal has us_status && principal.us_status == \"{word}\")")
            }
            Self::StatusLevel(level) => format!("(principal.us_status_level >= {level})"),
            Self::National(at) => format!("principal.nationalities.contains(\"{}\")", COUNTRIES[*at]),
            Self::Located(at) => {
                format!("(principal has location && principal.location == \"{}\")", COUNTRIES[*at])
            }
            Self::Streaming => "context.streaming".to_owned(),
            Self::Model(at) => format!("(resource == Model::\"{}\")", MODELS[*at]),
            Self::Overflow => "(principal.us_status_level + 9223372036854775807 > 0)".to_owned(),
            Self::Not(test) => format!("!({})", test.cedar()),
            Self::And(a, b) => format!("({} && {})", a.cedar(), b.cedar()),
            Self::Or(a, b) => format!("({} || {})", a.cedar(), b.cedar()),
        }
    }

    fn holds(&self, world: &World) -> Result<bool, Overflowed> {
        let level = if STATUSES[world.status] == UsStatus::Unknown { 0 } else { world.level };
        Ok(match self {
            Self::Status(at) => *at == world.status,
            Self::StatusLevel(least) => level >= usize::from(*least),
            Self::National(at) => world.national.contains(at),
            Self::Located(at) => world.located == Some(*at),
            Self::Streaming => world.streaming,
            Self::Model(at) => *at == world.model,
            Self::Overflow if level > 0 => return Err(Overflowed),
            Self::Overflow => true,
            Self::Not(test) => !test.holds(world)?,
            Self::And(a, b) => a.holds(world)? && b.holds(world)?,
            Self::Or(a, b) => a.holds(world)? || b.holds(world)?,
        })
    }
}

/// One random bylaw: which models it is confined to, what it tests, and whether it demands verification.
#[derive(Clone, Debug)]
struct Rule {
    models: Option<Vec<usize>>,
    test: Test,
    verify: bool,
}

impl Rule {
    /// `hidden` writes the same so that the models cannot be seen before it is evaluated.
    fn cedar(&self, number: usize, hidden: bool) -> String {
        let effect = if self.verify { "@effect(\"verify\") @missing(\"location\")" } else { "" };
        let guard = if hidden { "unless { false }" } else { "" };
        let confined = self.models.as_ref().map_or_else(String::new, |models| {
            let names: Vec<String> =
                models.iter().map(|model| format!("Model::\"{}\"", MODELS[*model])).collect();
            format!("resource in [{}] && ", names.join(", "))
        });
        let test = self.test.cedar();
        format!(
            "@id(\"b{number}\") {effect} forbid (principal, action, resource) {guard} when {{ {confined}{test} }};\n"
        )
    }

    fn holds(&self, world: &World) -> Result<bool, Overflowed> {
        let reached = self.models.as_ref().is_none_or(|models| models.contains(&world.model));
        Ok(reached && self.test.holds(world)?)
    }
}

fn test() -> impl Strategy<Value = Test> {
    let leaf = prop_oneof![
        (0..3usize).prop_map(Test::Status),
        (0..6u8).prop_map(Test::StatusLevel),
        (0..3usize).prop_map(Test::National),
        (0..3usize).prop_map(Test::Located),
        Just(Test::Streaming),
        (0..3usize).prop_map(Test::Model),
        Just(Test::Overflow),
    ];
    leaf.prop_recursive(3, 12, 2, |inner| {
        prop_oneof![
            inner.clone().prop_map(|test| Test::Not(Box::new(test))),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| Test::And(Box::new(a), Box::new(b))),
            (inner.clone(), inner).prop_map(|(a, b)| Test::Or(Box::new(a), Box::new(b))),
        ]
    })
}

fn rule() -> impl Strategy<Value = Rule> {
    let models = prop::option::of(prop::sample::subsequence(vec![0, 1, 2], 1..=2));
    (models, test(), any::<bool>()).prop_map(|(models, test, verify)| Rule { models, test, verify })
}

fn world() -> impl Strategy<Value = World> {
    let national = prop::sample::subsequence(vec![0, 1, 2], 0..=2);
    (0..4usize, 0..6usize, national, prop::option::of(0..3usize), any::<bool>(), 0..3usize).prop_map(
        |(status, level, national, located, streaming, model)| World {
            status,
            level,
            national,
            located,
            streaming,
            model,
        },
    )
}

fn country(at: usize) -> Country {
    Country::parse(COUNTRIES[at]).unwrap()
}

fn facts(world: &World) -> PersonFacts {
    let held = |at: &usize| Citizenship {
        country: country(*at),
        from: None,
        registered: None,
        until: None,
        level: Level::Document,
        until_level: Level::None,
    };
    PersonFacts {
        us_status: Attested::new(STATUSES[world.status], Level::ALL[world.level]),
        citizenships: world.national.iter().map(held).collect(),
        location: world.located.map(|at| Attested::new(country(at), Level::Document)),
        ..PersonFacts::unknown()
    }
}

fn clock() -> ClockReading {
    ClockReading::exact(Instant::parse("2026-06-13T12:00:00Z").unwrap())
}

fn request(world: &World) -> Request {
    Request {
        model: world.model,
        activity: Activity::HostedInference,
        end_use: Attested::default(),
        served_from: Country::US,
    }
}

/// What the law says about the same.
fn by_law(world: &World) -> Outcome {
    let mut book = Book::default();
    book.add(&law::lint::read(LAW).unwrap());
    let models: Vec<ListedModel> = catalogue().iter().map(ListedModel::from).collect();
    let regime = Regime::compile(&book, &models, &Policy::default()).unwrap();
    let subject = Subject::new(&regime, &facts(world), clock().at);
    decide::outcome(&Ask { regime: &regime, subject: &subject, request: request(world), clock: clock() }).0
}

fn catalogue() -> Vec<law::Model> {
    let models = MODELS.map(|id| {
        format!("[[model]]\nid = \"{id}\"\nupstream = \"u\"\nserved_from = \"US\"\ndialects = [\"openai\"]\n")
    });
    law::lint::read(&format!("schema = 1\n{}", models.concat())).unwrap().model
}

fn bylaws(text: &str) -> Bylaws {
    Bylaws::parse(text).unwrap_or_else(|found| panic!("{text}\n{found:?}"))
}

/// What is said when the law permits; nothing otherwise, for there is no way to ask.
fn judge(law: Outcome, bylaws: Bylaws, world: &World) -> Option<Judgement> {
    let book = Rulebook::new(bylaws, &catalogue()).unwrap();
    let account = AccountId::parse("acme").unwrap();
    let person = book.person(&account, None, &facts(world), clock().at).unwrap();
    let call = Call { person: &person, request: request(world), streaming: world.streaming, clock: clock() };
    Some(book.judge(Permitted::of(law)?, &call))
}

fn text(rules: &[Rule], hidden: bool) -> Vec<String> {
    rules.iter().enumerate().map(|(number, rule)| rule.cedar(number, hidden)).collect()
}

fn strictness(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Permit => 0,
        Outcome::VerifyFirst | Outcome::Depends => 1,
        Outcome::Deny => 2,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn bylaws_only_restrict(rules in prop::collection::vec(rule(), 0..5), world in world()) {
        let law = by_law(&world);
        let said = judge(law, bylaws(&text(&rules, false).concat()), &world);
        prop_assert_eq!(said.is_some(), law == Outcome::Permit);
        let enforced = said.map_or(law, |said| said.outcome());
        prop_assert!(strictness(enforced) >= strictness(law), "{law:?} became {enforced:?}");
    }

    #[test]
    fn cedar_agrees_with_our_own_evaluator(rules in prop::collection::vec(rule(), 0..5), world in world()) {
        let said = judge(Outcome::Permit, bylaws(&text(&rules, false).concat()), &world).unwrap();
        let answers: Vec<_> = rules.iter().map(|rule| rule.holds(&world)).collect();
        let (mut hits, mut failed) = (Vec::new(), 0);
        for (number, answer) in answers.iter().enumerate() {
            match answer {
                Ok(true) => hits.push(format!("b{number}")),
                Ok(false) => {}
                Err(Overflowed) => failed += 1,
            }
        }
        prop_assert_eq!(said.refused.iter().map(|hit| hit.id().to_owned()).collect::<Vec<_>>(), hits);
        prop_assert_eq!(said.errors.len(), failed);
        prop_assert_eq!(said.outcome() == Outcome::Permit, said.refused.is_empty() && failed == 0);
    }

    #[test]
    fn order_and_slicing_change_nothing(rules in prop::collection::vec(rule(), 0..5), world in world()) {
        let forwards = text(&rules, false);
        let backwards: String = forwards.iter().rev().map(String::as_str).collect();
        let said = |text: &str| judge(Outcome::Permit, bylaws(text), &world).unwrap();
        let expected = said(&forwards.concat());
        prop_assert_eq!(&said(&backwards), &expected);
        prop_assert_eq!(&said(&text(&rules, true).concat()), &expected);
    }

    #[test]
    fn taking_one_away_never_refuses_more(rules in prop::collection::vec(rule(), 1..5), world in world(), at in 0..5usize) {
        let all = bylaws(&text(&rules, false).concat());
        let fewer = all.clone().without(&format!("b{}", at % rules.len()));
        prop_assert_eq!(fewer.len() + 1, all.len());
        let (all, fewer) =
            (judge(Outcome::Permit, all, &world).unwrap(), judge(Outcome::Permit, fewer, &world).unwrap());
        prop_assert!(strictness(fewer.outcome()) <= strictness(all.outcome()));
        prop_assert!(fewer.refused.iter().all(|hit| all.refused.contains(hit)));
        prop_assert!(fewer.errors.iter().all(|error| all.errors.contains(error)));
    }
}
