use super::{BindingState, Directive, Lang, Predicate, Step, Trace, Truth, explain};
use crate::{Ask, Outcome, Subject};
use law::{Book, Policy, Regime, lint};
use terms::{
    Activity, Attested, Choices, Citizenship, ClockReading, Country, Instant, Level, ModelId, NotCitizen,
    PersonFacts, Question, Request, UsStatus,
};

const LETTERS: [&str; 3] = [
    include_str!("../../../../examples/june-2026/letter-1.toml"),
    include_str!("../../../../examples/june-2026/letter-2.toml"),
    include_str!("../../../../examples/june-2026/letter-3.toml"),
];
const FRENCH_ENGINEER: &str = include_str!("../../../../examples/june-2026/person-french-engineer.toml");
const CITIZEN_IN_PARIS: &str = include_str!("../../../../examples/june-2026/person-us-citizen-in-paris.toml");
const SELF_DECLARED: &str = include_str!("../../../../examples/june-2026/person-self-declared.toml");

const SATURDAY: &str = "2026-06-13T12:00:00Z";

fn person(text: &str) -> PersonFacts {
    toml::from_str(text).unwrap()
}

fn readings(pairs: &[(Question, &str)]) -> Choices {
    let mut choices = Choices::default();
    assert!(pairs.iter().all(|(question, choice)| choices.record(*question, choice)));
    choices
}

fn regime(more: &[&str], choices: Choices) -> Regime {
    let mut book = Book::default();
    LETTERS.iter().chain(more).for_each(|text| book.add(&lint::read(text).unwrap()));
    let models = ["fable-5", "mythos-5"].map(|id| ModelId::parse(id).unwrap().into());
    Regime::compile(&book, &models, &Policy { choices, ..Policy::default() }).unwrap()
}

fn trace_at(regime: &Regime, facts: &PersonFacts, model: &str, clock: ClockReading) -> Trace {
    let request = Request {
        model: regime.model(model).unwrap(),
        activity: Activity::HostedInference,
        end_use: Attested::default(),
        served_from: Country::US,
    };
    let subject = Subject::new(regime, facts, clock.at);
    explain(&Ask { regime, subject: &subject, request, clock })
}

fn trace(regime: &Regime, facts: &PersonFacts, model: &str, at: &str) -> Trace {
    trace_at(regime, facts, model, ClockReading::exact(Instant::parse(at).unwrap()))
}

fn only(trace: &Trace) -> &Directive {
    let [directive] = trace.directives.as_slice() else { panic!("{} directives", trace.directives.len()) };
    directive
}

fn held(country: &str, from: &str) -> Citizenship {
    Citizenship {
        country: Country::parse(country).unwrap(),
        from: Some(Instant::parse(from).unwrap()),
        registered: None,
        until: None,
        level: Level::Document,
        until_level: Level::None,
    }
}

fn not_citizen(country: &str) -> NotCitizen {
    NotCitizen { country: Country::parse(country).unwrap(), level: Level::Document }
}

/// Every step below one.
fn steps(step: &Step) -> Vec<&Step> {
    std::iter::once(step).chain(step.parts.iter().flat_map(steps)).collect()
}

#[track_caller]
fn check(name: &str, trace: &Trace) {
    for lang in [Lang::En, Lang::Ko] {
        insta::assert_snapshot!(format!("{name}.{}.text", lang.tag()), trace.text(lang));
        insta::assert_snapshot!(format!("{name}.{}.markdown", lang.tag()), trace.markdown(lang));
    }
}

#[test]
fn the_french_engineer_is_told_why_and_until_when() {
    let regime = regime(&[], readings(&[(Question::DestinationLimb, "person_only")]));
    let trace = trace(&regime, &person(FRENCH_ENGINEER), "fable-5", SATURDAY);
    assert_eq!(trace.verdict.outcome, Outcome::Deny);
    check("french_engineer", &trace);
    assert_eq!(trace.regime.len(), 64);
    let json = serde_json::to_string_pretty(&Trace { regime: "the digest".to_owned(), ..trace }).unwrap();
    insta::assert_snapshot!("french_engineer.json", json);
}

#[test]
fn the_maker_s_engineer_is_let_in_by_the_second_letter() {
    let choices = readings(&[(Question::DestinationLimb, "person_only")]);
    let trace = trace(&regime(&[], choices), &person(FRENCH_ENGINEER), "mythos-5", "2026-06-27T12:00:00Z");
    assert_eq!(trace.verdict.outcome, Outcome::Permit);
    let directive = only(&trace);
    assert_eq!((directive.reach.truth, directive.relief.truth), (Truth::Yes, Truth::Yes));
    check("french_engineer_mythos", &trace);
}

#[test]
fn the_citizen_in_paris_turns_on_a_reading() {
    let trace = trace(&regime(&[], Choices::default()), &person(CITIZEN_IN_PARIS), "fable-5", SATURDAY);
    assert_eq!(trace.verdict.outcome, Outcome::Depends);
    check("citizen_in_paris", &trace);
}

#[test]
fn what_depends_and_what_would_change_say_the_same() {
    let trace = trace(&regime(&[], Choices::default()), &person(CITIZEN_IN_PARIS), "fable-5", SATURDAY);
    let open = trace.verdict.depends_on.as_ref().unwrap();
    let said: Vec<_> = open.options.iter().map(|answer| (answer.option, answer.outcome)).collect();
    let changes = trace.changes.readings.iter().filter(|change| change.question == open.question);
    assert_eq!(changes.map(|change| (change.option, change.outcome)).collect::<Vec<_>>(), said);
    assert_eq!(said, [("apply", Outcome::Deny), ("person_only", Outcome::Permit)]);
}

#[test]
fn a_recorded_reading_is_named_with_what_the_other_would_do() {
    let choices = readings(&[(Question::DestinationLimb, "person_only")]);
    let trace = trace(&regime(&[], choices), &person(CITIZEN_IN_PARIS), "fable-5", SATURDAY);
    assert_eq!(trace.verdict.outcome, Outcome::Permit);
    assert_eq!(trace.changes.strongest, None);
    let [other] = trace.changes.readings.as_slice() else { panic!("{:?}", trace.changes.readings) };
    assert_eq!((other.recorded, other.option, other.outcome), (Some("person_only"), "apply", Outcome::Deny));
}

#[test]
fn a_missing_fact_is_the_strongest_change() {
    let choices = readings(&[(Question::DestinationLimb, "person_only")]);
    let trace = trace(&regime(&[], choices), &person(SELF_DECLARED), "fable-5", SATURDAY);
    assert_eq!(trace.verdict.outcome, Outcome::VerifyFirst);
    check("self_declared", &trace);
    let strongest = serde_json::to_value(trace.changes.strongest).unwrap();
    assert_eq!((&strongest["by"], &strongest["fact"]), (&"fact".into(), &"us_status".into()));
    assert!(
        strongest["missing"] == true && strongest["values"].to_string().contains("citizen"),
        "{strongest}"
    );
}

#[test]
fn the_window_is_compared_with_the_clock_and_its_error() {
    let regime = regime(&[], Choices::default());
    let binding = |at: &str, uncertainty_us| {
        let clock = ClockReading { at: Instant::parse(at).unwrap(), uncertainty_us };
        only(&trace_at(&regime, &person(FRENCH_ENGINEER), "fable-5", clock)).binding.clone()
    };
    assert_eq!(binding("2026-06-12T21:20:59Z", 0).state, BindingState::NotYet);
    let early = binding("2026-06-12T21:20:59Z", 1_000_000);
    assert_eq!((early.state, early.by_uncertainty), (BindingState::InForce, true));
    let lifted = binding("2026-06-30T22:00:00Z", 0);
    assert_eq!(lifted.state, BindingState::Ended);
    assert_eq!(lifted.lifted_by.unwrap().as_str(), "us-2026-06-30-lifting");
}

const LICENCES: &str = r#"
schema = 1
[[licence]]
id = "for-engineer"
status = "issued"
lifts = ["us-2026-06-12"]
models = ["fable-5"]
from = "2026-06-12T00:00:00Z"
holder = "Harbor Grid Co"
persons = ["p-002"]
end_use = ["defensive_cyber"]
[[licence]]
id = "for-others"
status = "issued"
lifts = ["us-2026-06-12"]
models = ["fable-5"]
from = "2026-06-12T00:00:00Z"
holder = "Plains Water Authority"
"#;

#[test]
fn licences_found_are_tried_and_the_others_counted() {
    let choices = readings(&[(Question::DestinationLimb, "person_only")]);
    let trace = trace(&regime(&[LICENCES], choices), &person(FRENCH_ENGINEER), "fable-5", SATURDAY);
    let relief = &only(&trace).relief;
    let licences: Vec<&Predicate> = steps(relief).into_iter().map(|step| &step.asks).collect();
    let tried = |id: &str| {
        licences.iter().any(
            |asks| matches!(asks, Predicate::Licence { id: one, confidential: true } if one.as_str() == id),
        )
    };
    assert!(tried("for-engineer") && !tried("for-others"));
    assert!(licences.contains(&&Predicate::Licences { others: 1, employer_known: true }));
    assert_eq!(relief.truth, Truth::Open, "what for is not known");
    let text = trace.text(Lang::En);
    for secret in ["Plains Water", "Harbor Grid", "for-others", "p-002", "Model Maker"] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}

#[test]
fn the_order_of_facts_does_not_matter() {
    let letter = r#"
schema = 1
[[directive]]
id = "nationals"
title = "Nationals, by a rule the text does not state"
form = "rule"
issued_at = "2026-01-01T00:00:00Z"
effective_from = "2026-01-02T00:00:00Z"
models = ["fable-5"]
persons = { class = "national_or_located_in", countries = ["D:5", "FR"], hong_kong = "open" }
destinations = "none"
source = { state = "US", office = "Example office", public_reference = "Example notice 1" }
"#;
    let choices = readings(&[
        (Question::DestinationLimb, "person_only"),
        (Question::StatelessCountry, "none"),
        (Question::HongKongIsCn, "yes"),
    ]);
    let regime = regime(&[letter], choices);
    let citizenships = [
        held("FR", "1990-01-01T00:00:00Z"),
        held("KR", "2001-01-01T00:00:00Z"),
        held("HK", "1999-01-01T00:00:00Z"),
    ];
    let residences = [held("DE", "2010-01-01T00:00:00Z"), held("JP", "2012-01-01T00:00:00Z")];
    let facts = |citizenships: Vec<Citizenship>, permanent_residences: Vec<Citizenship>| PersonFacts {
        citizenships,
        permanent_residences,
        citizenships_complete: Attested::new(true, Level::SelfDeclared),
        ..PersonFacts::unknown()
    };
    let bytes =
        |facts: &PersonFacts| serde_json::to_vec(&trace(&regime, facts, "fable-5", SATURDAY)).unwrap();
    let first = bytes(&facts(citizenships.to_vec(), residences.to_vec()));
    assert_eq!(first, bytes(&facts(citizenships.to_vec(), residences.to_vec())));
    for turn in 1..citizenships.len() {
        let (mut turned, mut lived) = (citizenships.to_vec(), residences.to_vec());
        turned.rotate_left(turn);
        lived.reverse();
        assert_eq!(first, bytes(&facts(turned, lived)), "turned by {turn}");
    }
}

#[test]
fn a_title_cannot_write_to_a_terminal_or_into_markdown() {
    let letter = r#"
schema = 1
[[directive]]
id = "odd"
title = "A \u001b[31mred <b>title</b>\n# with a heading"
form = "rule"
issued_at = "2026-01-01T00:00:00Z"
effective_from = "2026-01-02T00:00:00Z"
models = ["fable-5"]
persons = { class = "everyone" }
destinations = "none"
source = { state = "US", office = "Example office", public_reference = "Example notice 1" }
"#;
    let trace = trace(&regime(&[letter], Choices::default()), &person(CITIZEN_IN_PARIS), "fable-5", SATURDAY);
    assert!(!trace.text(Lang::En).contains('\u{1b}'));
    let markdown = trace.markdown(Lang::Ko);
    assert!(markdown.contains(r"\[31mred \<b\>title\</b\> \# with"), "{markdown}");
}

#[test]
fn what_is_not_said_is_named_as_such() {
    let letter = r#"
schema = 1
[[directive]]
id = "ever"
title = "Whoever holds or held the nationality of Russia"
form = "rule"
issued_at = "2026-01-01T00:00:00Z"
effective_from = "2026-01-02T00:00:00Z"
models = ["mythos-5"]
persons = { class = "national_of", countries = ["RU"], rule = "ever_held", only_foreign_persons = true }
destinations = "none"
source = { state = "US", office = "Example office", public_reference = "Example notice 1" }
"#;
    let facts = PersonFacts {
        us_status: Attested::new(UsStatus::UsPerson, Level::SelfDeclared),
        citizenships: vec![held("FR", "1990-01-01T00:00:00Z")],
        citizenships_current: Attested::new(true, Level::Credential),
        not_citizenships: ["RU", "CN"].map(not_citizen).to_vec(),
        ..PersonFacts::unknown()
    };
    let trace = trace(&regime(&[letter], Choices::default()), &facts, "mythos-5", SATURDAY);
    let said = [
        (
            Lang::En,
            [
                "US person, which kind is not said",
                "nothing is said of lost ones",
                "no citizen of: People's Republic of China (CN), Russian Federation (RU)",
            ],
        ),
        (
            Lang::Ko,
            ["구체적 신분은 밝혀지지 않음", "현재 보유한 국적은 이것이 전부", "국적 없음: 중국 (CN), 러시아"],
        ),
    ];
    for (lang, words) in said {
        let text = trace.text(lang);
        assert!(words.iter().all(|word| text.contains(word)), "{text}");
    }
}
