//! What bylaws say to one call.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails where it cannot go on")]

use bylaws::{Bylaws, Call, Judgement, Permitted, Rulebook};
use decide::Outcome;
use terms::{
    AccountId, Activity, Attested, Citizenship, ClockReading, Country, Employer, Employment, EndUse,
    FactMask, Instant, Level, MissingFact, PersonFacts, PersonId, Relation, Request, SubjectKind, UsStatus,
};

const CATALOGUE: &str = r#"
schema = 1
[[model]]
id = "large"
owned_by = "maker"
upstream = "u"
served_from = "US"
dialects = ["openai"]
capabilities = ["cyber:expert"]
[[model]]
id = "small"
upstream = "u"
served_from = "DE"
dialects = ["openai"]
"#;

const NOON: &str = "2026-06-13T12:00:00Z";

struct Scene {
    facts: PersonFacts,
    model: usize,
    clock: ClockReading,
    end_use: Attested<EndUse>,
    streaming: bool,
}

impl Default for Scene {
    fn default() -> Self {
        Self {
            facts: PersonFacts::unknown(),
            model: 0,
            clock: ClockReading::exact(Instant::parse(NOON).unwrap()),
            end_use: Attested::default(),
            streaming: false,
        }
    }
}

fn book(text: &str) -> Rulebook {
    let bylaws = Bylaws::parse(text).unwrap_or_else(|found| panic!("{found:?}"));
    Rulebook::new(bylaws, &law::lint::read(CATALOGUE).unwrap().model).unwrap()
}

fn judge(book: &Rulebook, scene: &Scene) -> Judgement {
    let (account, person) = (AccountId::parse("acme").unwrap(), PersonId::parse("ana").unwrap());
    let person = book.person(&account, Some(&person), &scene.facts, scene.clock.at).unwrap();
    let served_from = [Country::US, Country::parse("DE").unwrap()].get(scene.model).copied();
    let request = Request {
        model: scene.model,
        activity: Activity::HostedInference,
        end_use: scene.end_use,
        served_from: served_from.unwrap_or(Country::US),
    };
    let call = Call { person: &person, request, streaming: scene.streaming, clock: scene.clock };
    book.judge(Permitted::of(Outcome::Permit).unwrap(), &call)
}

/// Whether a policy with this condition refuses in this scene; it must not fail.
#[track_caller]
fn holds(condition: &str, scene: &Scene) -> bool {
    let book = book(&format!("@id(\"a\") forbid (principal, action, resource) when {{ {condition} }};"));
    let judgement = judge(&book, scene);
    assert_eq!(judgement.errors, [""; 0]);
    judgement.outcome() == Outcome::Deny
}

fn citizenship(code: &str, until: Option<&str>) -> Citizenship {
    Citizenship {
        country: Country::parse(code).unwrap(),
        from: None,
        registered: None,
        until: until.map(|until| Instant::parse(until).unwrap()),
        level: Level::SelfDeclared,
        until_level: Level::None,
    }
}

fn employed() -> PersonFacts {
    PersonFacts {
        us_status: Attested::new(UsStatus::Lpr, Level::Document),
        us_status_expires: Some(Instant::parse("2026-06-13T12:00:01Z").unwrap()),
        citizenships: vec![citizenship("FR", None), citizenship("BR", Some("2020-01-01T00:00:00Z"))],
        citizenships_complete: Attested::new(true, Level::Employer),
        permanent_residences: vec![citizenship("JP", None)],
        location: Some(Attested::new(Country::parse("PR").unwrap(), Level::Employer)),
        employment: Employment::Works(Employer {
            name: "  Harbor   GRID".to_owned(),
            relation: Relation::Contractor,
            level: Level::Document,
            ..Employer::default()
        }),
        party_match: terms::PartyMatch::Possible,
        ..PersonFacts::unknown()
    }
}

#[test]
fn every_attribute_says_what_is_on_file() {
    let scene = Scene {
        facts: employed(),
        end_use: Attested::new(EndUse::DefensiveCyber, Level::Employer),
        streaming: true,
        ..Scene::default()
    };
    for condition in [
        r#"principal == Subject::"acme ana""#,
        r#"principal.kind == "person" && principal.account == "acme""#,
        r#"principal has us_status && principal.us_status == "lpr" && principal.us_status_level == 4"#,
        r#"principal.nationalities == ["FR"] && principal.former_nationalities == ["BR"]"#,
        r#"principal.residences.contains("JP")"#,
        "principal.nationalities_complete && principal.nationalities_complete_level == 3",
        r#"principal has location && principal.location == "US" && principal.location_level == 3"#,
        r#"principal has employer && principal.employer == "harbor grid" && principal.employment_level == 4"#,
        r#"principal has relation && principal.relation == "contractor""#,
        r#"principal has screening && principal.screening == "possible""#,
        r#"resource == Model::"large" && resource.owned_by == "maker""#,
        r#"resource.capabilities.containsAll(["cyber:novice", "cyber:skilled", "cyber:expert"])"#,
        r#"context.end_use == "defensive_cyber" && context.end_use_level == 3"#,
        r#"context.served_from == "US" && context.streaming"#,
        r#"context.at == datetime("2026-06-13T12:00:00.000Z")"#,
        r#"action == Action::"hosted_inference""#,
    ] {
        assert!(holds(condition, &scene), "{condition}");
    }
    assert!(!holds(r#"resource.capabilities.contains("cyber:frontier")"#, &scene));
}

#[test]
fn what_is_not_known_is_absent() {
    let conflicting = [
        MissingFact::UsStatus,
        MissingFact::Citizenships,
        MissingFact::Location,
        MissingFact::Employment,
        MissingFact::PartyIdentity,
    ];
    let disputed = PersonFacts { conflicting: FactMask::from_iter(conflicting), ..employed() };
    for facts in [PersonFacts::unknown(), disputed] {
        let scene = Scene { facts, ..Scene::default() };
        let none = "!(principal has us_status) && !(principal has location) && !(principal has employer) \
            && !(principal has relation) && !(principal has screening) && !principal.nationalities_complete \
            && principal.us_status_level == 0 && principal.location_level == 0 \
            && principal.employment_level == 0 && principal.nationalities_complete_level == 0";
        assert!(holds(none, &scene), "{:?}", scene.facts);
    }
    let shared = Scene { facts: PersonFacts::shared_key(), ..Scene::default() };
    assert!(holds("principal.kind == \"shared_key\"", &shared));
    assert_eq!(shared.facts.kind, SubjectKind::SharedKey);
}

#[test]
fn a_date_that_passes_changes_the_facts() {
    let book = book("@id(\"a\") forbid (principal, action, resource);");
    let (account, at) = (AccountId::parse("acme").unwrap(), Instant::parse(NOON).unwrap());
    let person = book.person(&account, None, &employed(), at).unwrap();
    let after = at.plus_micros(1_000_000);
    assert!(person.holds_at(at) && person.holds_at(after.plus_micros(-1)));
    assert!(!person.holds_at(after) && !person.holds_at(at.plus_micros(-1)));
    let scene = Scene { facts: employed(), clock: ClockReading::exact(after), ..Scene::default() };
    assert!(holds("principal.us_status_level == 2", &scene));
}

#[test]
fn an_error_refuses_and_names_the_bylaw() {
    let overflow = "@id(\"broken\") forbid (principal, action, resource) \
        when { 9223372036854775807 + principal.us_status_level + 1 > 0 && context.streaming };";
    let judgement = judge(&book(overflow), &Scene::default());
    assert_eq!((judgement.outcome(), judgement.refused.len()), (Outcome::Deny, 0));
    assert!(
        judgement.errors.len() == 1 && judgement.errors[0].starts_with("bylaw broken: "),
        "{judgement:?}"
    );
    assert!(judgement.deciding().is_none() && judgement.missing().is_empty());
    let stranger = "@id(\"broken\") forbid (principal, action, resource) \
        when { Model::\"gone\".owned_by == \"x\" };";
    assert_eq!(judge(&book(stranger), &Scene::default()).outcome(), Outcome::Deny);
    let outside = judge(&book(overflow), &Scene { model: 9, ..Scene::default() });
    assert_eq!(outside.outcome(), Outcome::Deny, "a model nobody lists is refused");
}

#[test]
fn what_is_said_of_now_alone_is_told_apart() {
    let facts = PersonFacts {
        us_status: Attested::new(UsStatus::UsPerson, Level::Employer),
        citizenships_complete: Attested::default(),
        citizenships_current: Attested::new(true, Level::Document),
        ..employed()
    };
    let refuses = |condition: &str, facts: &PersonFacts| {
        let text = format!("@id(\"a\") forbid (principal, action, resource) when {{ {condition} }};");
        let scene = Scene { facts: facts.clone(), ..Scene::default() };
        judge(&book(&text), &scene).outcome() == Outcome::Deny
    };
    let now = "principal.nationalities_current && principal.nationalities_current_level == 4";
    assert!(refuses(now, &facts));
    assert!(!refuses("principal.nationalities_complete", &facts));
    assert!(refuses(r#"principal has us_status && principal.us_status == "us_person""#, &facts));
    let whole = PersonFacts { citizenships_current: Attested::default(), ..employed() };
    assert!(refuses("principal.nationalities_current && principal.nationalities_current_level == 3", &whole));
    let open = PersonFacts { conflicting: FactMask::EMPTY.with(MissingFact::Citizenships), ..facts };
    assert!(!refuses("principal.nationalities_current", &open));
}

#[test]
fn a_plain_refusal_outweighs_a_demand() {
    let verify = "@id(\"v\") @reason(\"Say where.\") @ko(\"소재.\") @effect(\"verify\") @missing(\"location\") \
        forbid (principal, action, resource);";
    let judgement = judge(&book(verify), &Scene::default());
    assert_eq!(judgement.outcome(), Outcome::VerifyFirst);
    assert_eq!(judgement.missing(), FactMask::EMPTY.with(MissingFact::Location));
    let hit = judgement.deciding().unwrap();
    assert_eq!((hit.id(), hit.reason_en(), hit.reason_ko()), ("v", Some("Say where."), Some("소재.")));
    let both = format!("{verify} @id(\"z\") forbid (principal, action, resource);");
    let judgement = judge(&book(&both), &Scene::default());
    assert_eq!((judgement.outcome(), judgement.deciding().unwrap().id()), (Outcome::Deny, "z"));
    assert!(judgement.missing().is_empty() && judgement.refused.len() == 2);
}

#[test]
fn a_bylaw_is_asked_only_for_its_models() {
    let fails = "9223372036854775807 + 1 > 0";
    for scope in [
        format!("resource == Model::\"large\") when {{ {fails} }}"),
        format!("resource) when {{ resource in [Model::\"large\"] && {fails} }}"),
        format!("resource) when {{ resource == Model::\"large\" && context.streaming == false && {fails} }}"),
    ] {
        let book = book(&format!("@id(\"a\") forbid (principal, action, {scope};"));
        assert!(book.reaches(0) && !book.reaches(1), "{scope}");
        assert_eq!(judge(&book, &Scene::default()).outcome(), Outcome::Deny);
        assert_eq!(judge(&book, &Scene { model: 1, ..Scene::default() }).outcome(), Outcome::Permit);
    }
    let late = book(&format!(
        "@id(\"a\") forbid (principal, action, resource) when {{ {fails} && resource == Model::\"large\" }};"
    ));
    assert!(late.reaches(1), "what could fail before the model is looked at is asked for every model");
    let gone = book("@id(\"a\") forbid (principal, action, resource == Model::\"gone\");");
    assert_eq!(gone.unknown_models(), ["gone"]);
    assert!(!gone.reaches(0) && !gone.reaches(1));
}

#[test]
fn an_uncertain_clock_refuses_on_both_sides() {
    let until_noon = book(
        "@id(\"a\") forbid (principal, action, resource) when { context.at < datetime(\"2026-06-13T12:00:00Z\") };",
    );
    let from_noon = book(
        "@id(\"a\") forbid (principal, action, resource) when { context.at >= datetime(\"2026-06-13T12:00:00Z\") };",
    );
    let noon = Instant::parse(NOON).unwrap();
    let ask = |book: &Rulebook, offset_ms: i64, uncertainty_us| {
        let clock = ClockReading { at: noon.plus_micros(offset_ms * 1_000), uncertainty_us };
        judge(book, &Scene { clock, ..Scene::default() }).outcome()
    };
    assert!(until_noon.reads_clock(0) && from_noon.reads_clock(0));
    assert_eq!([ask(&until_noon, 0, 0), ask(&from_noon, 0, 0)], [Outcome::Permit, Outcome::Deny]);
    assert_eq!([ask(&until_noon, 40, 50_000), ask(&from_noon, -40, 50_000)], [Outcome::Deny; 2]);
    assert_eq!([ask(&until_noon, 60, 50_000), ask(&from_noon, -60, 50_000)], [Outcome::Permit; 2]);
    let judgement = judge(
        &from_noon,
        &Scene {
            clock: ClockReading { at: noon.plus_micros(9_000_000), uncertainty_us: 5 },
            ..Scene::default()
        },
    );
    assert_eq!(judgement.refused.len(), 1, "said twice, it is told once");
    for plain in ["context.streaming", "context has at", "principal.kind == \"person\""] {
        let text = format!("@id(\"a\") forbid (principal, action, resource) when {{ {plain} }};");
        let reads = Bylaws::parse(&text).map(|_| book(&text).reads_clock(0));
        assert!(!reads.unwrap_or(false), "{plain}");
    }
    for whole in ["context == context", "{\".\": context.at} == {\".\": context.at}"] {
        let text = format!("@id(\"a\") forbid (principal, action, resource) when {{ {whole} }};");
        assert!(Bylaws::parse(&text).is_err() || book(&text).reads_clock(0), "{whole}");
    }
}

#[test]
fn bylaws_are_asked_about_permits_only() {
    for refused in [Outcome::Deny, Outcome::VerifyFirst, Outcome::Depends] {
        assert!(Permitted::of(refused).is_none());
    }
}
