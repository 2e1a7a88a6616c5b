//! Cedar as an evaluator: known answers per class, agreement with the visible cases, errors that refuse.
#![allow(clippy::unwrap_used, reason = "tests")]

use cedar_policy::PolicySet;
use oracle::cedar::{ask, certain, certify, policies};
use oracle::scenario::Scenario;
use serde_json::{Value, json};
use std::str::FromStr;

#[path = "cedar/relief.rs"]
mod relief;

fn visible() -> Vec<Scenario> {
    include_str!("../../cases/access-cases.jsonl")
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// A Frenchman in Seoul, employed, cleared, asking for hosted inference; directive `D` reaches nobody yet.
fn base() -> Value {
    json!({
        "id": "T", "at": "2026-09-10T09:00:00Z",
        "subject": {
            "kind": "person", "person_id": "p-1", "party_match": "none",
            "us_status": { "value": "none", "evidence": "document" },
            "citizenships": [{ "country": "FR", "from": "1990-01-01", "evidence": "document" }],
            "citizenships_complete": { "value": true, "evidence": "document" },
            "location": { "country": "KR", "evidence": "document" },
            "employer": {
                "name": "Acme Co", "relation": "employee", "evidence": "employer", "ultimate_parent_hq": "RU",
                "owners": [
                    { "name": "a", "percent": 49.9, "listed": true },
                    { "name": "b", "percent": 0.1, "listed": true },
                    { "name": "c", "percent": 50, "listed": false },
                ],
            },
        },
        "request": { "model": "m-1", "activity": "hosted_inference", "end_use": "civil", "served_from": "US" },
        "directives": [{
            "id": "D", "issued_at": "2026-01-01T00:00:00Z", "effective_from": "2026-02-01T00:00:00Z",
            "models": ["m-1"], "persons": { "class": "located_in", "countries": ["IR"] }, "destinations": "none",
        }],
        "licences": [],
        "operator": { "min_evidence": "document", "min_location_evidence": "ip", "choices": {} },
    })
}

/// The base case with values put at JSON pointers; the last step of a pointer may be new.
fn with(changes: &[(&str, Value)]) -> Scenario {
    let mut case = base();
    for (pointer, value) in changes {
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        case.pointer_mut(parent).unwrap()[key] = value.clone();
    }
    serde_json::from_value(case).unwrap()
}

#[track_caller]
fn check(refused: bool, changes: &[(&str, Value)]) {
    let verdict = certain(&with(changes)).unwrap();
    assert_eq!(verdict.errors, Vec::<String>::new());
    assert_eq!(verdict.refused, refused);
    let directives: Vec<&str> = verdict.directives.iter().map(String::as_str).collect();
    assert_eq!(directives, if refused { vec!["D"] } else { vec![] });
}

#[track_caller]
fn open(changes: &[(&str, Value)]) {
    assert_eq!(certain(&with(changes)), None);
}

const PERSONS: &str = "/directives/0/persons";
const STATUS: &str = "/subject/us_status/value";
const PLACE: &str = "/subject/location/country";
const CITIZENSHIPS: &str = "/subject/citizenships";
const CHOICES: &str = "/operator/choices";

fn held(country: &str, from: &str) -> Value {
    json!({ "country": country, "from": from, "evidence": "document" })
}

fn lost(country: &str, from: &str, until: &str) -> Value {
    json!({ "country": country, "from": from, "until": until, "evidence": "document", "until_evidence": "document" })
}

fn national(countries: &[&str], rule: &str) -> (&'static str, Value) {
    (PERSONS, json!({ "class": "national_of", "countries": countries, "rule": rule }))
}

#[test]
fn everyone_and_located_in() {
    check(false, &[]);
    check(true, &[(PERSONS, json!({ "class": "everyone" }))]);
    check(true, &[(PLACE, json!("IR"))]);
    open(&[(PLACE, Value::Null)]);
    open(&[("/subject/location/evidence", json!("none"))]);
    open(&[("/operator/min_location_evidence", json!("credential"))]);
    open(&[("/subject/conflicting_facts", json!(["location"]))]);
}

#[test]
fn foreign_person_and_who_is_exempt() {
    let class = |exempt: Value| (PERSONS, json!({ "class": "foreign_person", "exempt": exempt }));
    check(true, &[class(Value::Null)]);
    for status in ["citizen", "national", "lpr", "conditional_lpr", "refugee", "asylee", "temporary_resident"]
    {
        check(false, &[class(Value::Null), (STATUS, json!(status))]);
        check(false, &[class(json!("citizens_and_protected")), (STATUS, json!(status))]);
    }
    check(false, &[class(Value::Null), (STATUS, json!("lpr_naturalisation_lapsed"))]);
    check(true, &[class(json!("citizens_and_protected")), (STATUS, json!("lpr_naturalisation_lapsed"))]);
    open(&[class(Value::Null), (STATUS, json!("unknown"))]);
    open(&[class(Value::Null), ("/subject/us_status/evidence", json!("self"))]);
    let expires = |day: &str| ("/subject/us_status/evidence_expires", json!(day));
    open(&[class(Value::Null), expires("2026-09-10T09:00:00Z")]);
    check(true, &[class(Value::Null), expires("2026-09-11")]);
}

#[test]
fn foreign_national_under_each_reading() {
    let class = (PERSONS, json!({ "class": "foreign_national_undefined" }));
    let means = |word: &str| (CHOICES, json!({ "foreign_national_means": word }));
    let resident = (STATUS, json!("lpr"));
    open(&[class.clone(), resident.clone()]);
    check(false, &[class.clone(), resident.clone(), means("ear_772_1")]);
    check(true, &[class.clone(), resident, means("not_us_citizen_or_national")]);
    check(false, &[class.clone(), (STATUS, json!("national")), means("not_us_citizen_or_national")]);
    check(true, &[class.clone(), means("ear_772_1")]);
    open(&[class, means("whatever")]);
}

#[test]
fn nationality_rules() {
    let dual = (CITIZENSHIPS, json!([held("IR", "1986-01-01"), held("DE", "2018-04-01")]));
    let former = (CITIZENSHIPS, json!([lost("IR", "1986-01-01", "2018-04-01"), held("DE", "2018-04-01")]));
    check(true, &[national(&["IR"], "any_held"), dual.clone()]);
    check(false, &[national(&["IR"], "most_recent"), dual.clone()]);
    check(true, &[national(&["DE"], "most_recent"), dual.clone()]);
    check(false, &[national(&["IR"], "any_held"), former.clone()]);
    check(true, &[national(&["IR"], "ever_held"), former.clone()]);
    open(&[national(&["IR"], "unspecified"), dual.clone()]);
    let rule = |word: &str| (CHOICES, json!({ "nationality_rule": word }));
    check(true, &[national(&["IR"], "unspecified"), dual.clone(), rule("any_held")]);
    check(false, &[national(&["IR"], "unspecified"), dual, rule("most_recent")]);
    check(true, &[national(&["IR"], "unspecified"), former.clone(), rule("ever_held")]);
    check(false, &[national(&["IR"], "unspecified"), former, rule("any_held")]);
}

#[test]
fn most_recent_counts_residences_ties_and_disputed_dates() {
    let rule = national(&["VE"], "most_recent");
    let residence = |from: &str| ("/subject/permanent_residences", json!([held("VE", from)]));
    check(true, &[rule.clone(), residence("2001-01-01")]);
    check(false, &[rule.clone(), residence("1980-01-01")]);
    check(true, &[rule.clone(), residence("1990-01-01")]);
    open(&[
        rule.clone(),
        ("/subject/permanent_residences", json!([{ "country": "VE", "evidence": "document" }])),
    ]);
    let disputed = json!({
        "country": "VE", "from": "1980-01-01", "from_disputed": true, "from_alt": "2005-01-01", "evidence": "document",
    });
    let citizenships = (CITIZENSHIPS, json!([held("FR", "1990-01-01"), disputed]));
    let date = |word: &str| (CHOICES, json!({ "citizenship_date": word }));
    open(&[rule.clone(), citizenships.clone()]);
    check(false, &[rule.clone(), citizenships.clone(), date("origin")]);
    check(true, &[rule, citizenships, date("registration")]);
}

#[test]
fn incomplete_or_unproven_nationality_is_not_certain() {
    let rule = national(&["IR"], "any_held");
    open(&[rule.clone(), ("/subject/citizenships_complete/value", json!(false))]);
    open(&[rule.clone(), ("/subject/citizenships_complete/evidence", json!("self"))]);
    open(&[rule.clone(), ("/subject/citizenships/0/evidence", json!("employer"))]);
    let mut unproven = lost("IR", "1986-01-01", "2018-04-01");
    unproven["until_evidence"] = Value::Null;
    open(&[rule.clone(), (CITIZENSHIPS, json!([unproven, held("DE", "2018-04-01")]))]);
    open(&[rule.clone(), (CITIZENSHIPS, json!([]))]);
    open(&[rule, ("/subject/conflicting_facts", json!(["citizenships"]))]);
}

#[test]
fn stateless_people_count_where_the_reading_says() {
    let rule = national(&["KR"], "most_recent");
    let stateless = ("/subject/stateless", json!({ "value": true, "evidence": "document" }));
    let nobody = (CITIZENSHIPS, json!([]));
    let counts = |word: &str| (CHOICES, json!({ "stateless_country": word }));
    open(&[rule.clone(), stateless.clone(), nobody.clone()]);
    check(true, &[rule.clone(), stateless.clone(), nobody.clone(), counts("residence")]);
    check(false, &[rule, stateless.clone(), nobody.clone(), counts("none")]);
    check(false, &[national(&["KR"], "any_held"), stateless.clone(), nobody.clone()]);
    let exception = json!([{ "id": "X", "when": { "all_nationalities_in": ["A:5", "US"] } }]);
    let everyone = (PERSONS, json!({ "class": "everyone" }));
    let exceptions = ("/directives/0/exceptions", exception);
    check(true, &[everyone.clone(), exceptions.clone(), stateless, nobody]);
    check(false, &[everyone, exceptions]);
}

#[test]
fn nationals_or_located_spare_who_is_no_foreign_person() {
    let class = |spare: bool, countries: &[&str]| {
        let limb = json!({ "class": "national_or_located_in", "countries": countries, "rule": "any_held",
            "only_foreign_persons": spare });
        (PERSONS, limb)
    };
    let resident = (STATUS, json!("lpr"));
    check(true, &[class(false, &["FR"]), resident.clone()]);
    check(false, &[class(true, &["FR"]), resident.clone()]);
    check(true, &[class(true, &["FR"])]);
    check(true, &[class(true, &["KR"]), resident.clone()]);
    check(false, &[class(true, &["IR"]), resident]);
}

#[test]
fn hong_kong_is_china_unless_the_text_leaves_it_open() {
    let class = |open: bool| {
        let hong_kong = if open { json!("open") } else { Value::Null };
        (PERSONS, json!({ "class": "located_in", "countries": ["D:5"], "hong_kong": hong_kong }))
    };
    let there = (PLACE, json!("HK"));
    let is_china = |word: &str| (CHOICES, json!({ "hong_kong_is_cn": word }));
    check(true, &[class(false), there.clone()]);
    open(&[class(true), there.clone()]);
    check(true, &[class(true), there.clone(), is_china("yes")]);
    check(false, &[class(true), there, is_china("no")]);
    check(false, &[class(false), (PLACE, json!("MO"))]);
    check(true, &[class(true), (PLACE, json!("CN")), is_china("no")]);
}

#[test]
fn listed_parties_and_their_owners() {
    let class = |percent: Value| (PERSONS, json!({ "class": "listed_party", "ownership_percent": percent }));
    check(false, &[class(Value::Null)]);
    check(true, &[class(Value::Null), ("/subject/party_match", json!("confirmed"))]);
    check(true, &[class(json!(50))]);
    check(false, &[class(json!(50.000001))]);
    check(false, &[class(json!(50)), ("/subject/employer", Value::Null)]);
    for unclear in ["possible", "unscreened"] {
        open(&[class(Value::Null), ("/subject/party_match", json!(unclear))]);
    }
    open(&[class(json!(50)), ("/subject/employer/owners/2/percent", json!(49))]);
}

#[test]
fn headquarters_look_at_the_ultimate_parent() {
    let class = |countries: &[&str]| (PERSONS, json!({ "class": "entity_hq", "countries": countries }));
    check(true, &[class(&["D:5"])]);
    check(false, &[class(&["E:1"])]);
    check(false, &[class(&["D:5"]), ("/subject/employer", Value::Null)]);
    open(&[class(&["D:5"]), ("/subject/employer/ultimate_parent_hq", Value::Null)]);
    open(&[class(&["D:5"]), ("/subject/employer/evidence", json!("self"))]);
}

#[test]
fn us_person_activities() {
    let class = (PERSONS, json!({ "class": "us_person_744_6" }));
    check(false, std::slice::from_ref(&class));
    check(true, &[class.clone(), (PLACE, json!("PR"))]);
    check(true, &[class.clone(), (STATUS, json!("citizen"))]);
    check(true, &[class, (STATUS, json!("lpr_naturalisation_lapsed"))]);
}

#[test]
fn destinations_and_their_reading() {
    let limb = |word: &str| ("/directives/0/destinations", json!(word));
    let choice = |word: &str| (CHOICES, json!({ "destination_limb": word }));
    check(true, &[limb("all_outside_us")]);
    check(false, &[limb("all_outside_us"), (PLACE, json!("GU"))]);
    open(&[limb("unspecified")]);
    check(true, &[limb("unspecified"), choice("apply")]);
    check(false, &[limb("unspecified"), choice("person_only")]);
    check(false, &[limb("unspecified"), (PLACE, json!("US"))]);
}

#[test]
fn scope_of_models_activities_end_uses_and_bills() {
    let everyone = (PERSONS, json!({ "class": "everyone" }));
    let field = |name: &str| format!("/directives/0/{name}");
    let scoped = |refused, name: &str, value| check(refused, &[everyone.clone(), (&field(name), value)]);
    scoped(false, "models", json!(["m-2"]));
    scoped(true, "models", json!(["*"]));
    scoped(false, "activities", json!(["weights_download", "source_code"]));
    scoped(true, "activities", json!(["hosted_inference"]));
    scoped(false, "end_uses", json!(["military_intelligence"]));
    scoped(true, "end_uses", json!(["military_intelligence", "civil"]));
    scoped(false, "status", json!("bill"));
    let uses = ("/directives/0/end_uses", json!(["civil"]));
    open(&[everyone, uses, ("/request/end_use", json!("unknown"))]);
}

#[test]
fn hosted_inference_and_remote_access_under_their_readings() {
    let everyone = (PERSONS, json!({ "class": "everyone" }));
    let export = ("/directives/0/hosted_inference", json!("if_export"));
    let choice = |question: &str, word: &str| (CHOICES, json!({ question: word }));
    open(&[everyone.clone(), export.clone()]);
    check(true, &[everyone.clone(), export.clone(), choice("hosted_inference_is_export", "yes")]);
    check(false, &[everyone.clone(), export.clone(), choice("hosted_inference_is_export", "no")]);
    check(true, &[everyone.clone(), export, ("/request/activity", json!("source_code"))]);
    let remote = ("/directives/0/remote_access", json!(true));
    let home = (PLACE, json!("PR"));
    open(&[everyone.clone(), remote.clone()]);
    check(true, &[everyone.clone(), remote.clone(), home.clone(), choice("remote_location_unit", "site")]);
    check(false, &[everyone.clone(), remote.clone(), home, choice("remote_location_unit", "country")]);
    check(true, &[everyone, remote, choice("remote_location_unit", "country")]);
}

#[test]
fn every_directive_that_refuses_is_named() {
    let mut case = with(&[(PERSONS, json!({ "class": "everyone" }))]);
    let mut second = case.directives[0].clone();
    second.id = "say \"no\"\\".to_owned();
    let mut outside = case.directives[0].clone();
    outside.id = "other".to_owned();
    outside.models = vec!["m-2".to_owned()];
    case.directives.extend([second, outside]);
    let verdict = certain(&case).unwrap();
    assert!(verdict.refused && verdict.errors.is_empty());
    assert_eq!(verdict.directives.iter().map(String::as_str).collect::<Vec<_>>(), ["D", "say \"no\"\\"]);
}

#[test]
fn an_evaluation_error_refuses_although_cedar_allows() {
    let case = with(&[]);
    let text = "permit(principal, action, resource);
        forbid(principal, action, resource) when { principal.never_stated == 1 };";
    let verdict = ask(&case, &PolicySet::from_str(text).unwrap());
    assert!(verdict.refused);
    assert!(verdict.directives.is_empty());
    assert!(verdict.errors.iter().any(|error| error.contains("never_stated")), "{:?}", verdict.errors);
    let sound = PolicySet::from_str("permit(principal, action, resource);").unwrap();
    assert!(!ask(&case, &sound).refused);
}

#[test]
fn a_missing_fact_or_reading_refuses_when_asked_all_the_same() {
    for changes in [
        vec![(PLACE, Value::Null)],
        vec![("/directives/0/destinations", json!("unspecified"))],
        vec![("/subject/kind", json!("shared_key"))],
    ] {
        let case = with(&changes);
        assert_eq!(certain(&case), None);
        let verdict = ask(&case, &policies(&case).unwrap());
        assert!(verdict.refused && !verdict.errors.is_empty(), "{changes:?}");
    }
}

#[test]
fn malformed_instruments_refuse() {
    for change in [
        (PERSONS, json!({ "class": "located_in", "countries": ["Z:9"] })),
        (PERSONS, json!({ "class": "foreign_person", "exempt": "friends" })),
        ("/directives/0/hosted_inference", json!("maybe")),
    ] {
        let case = with(&[change, (CHOICES, json!({ "hosted_inference_is_export": "no" }))]);
        let verdict = certain(&case).unwrap();
        assert!(verdict.refused && !verdict.errors.is_empty(), "{verdict:?}");
    }
}

/// The visible cases, and those that turn on a question once more under each of its answers.
fn visible_under_each_reading() -> Vec<(Scenario, String)> {
    let mut cases = Vec::new();
    for case in visible() {
        let expected = case.expected.clone().unwrap();
        for (option, outcome) in expected.depends_on.iter().flat_map(|depends| &depends.options) {
            let question = expected.depends_on.as_ref().unwrap().question;
            let mut answered = case.clone();
            answered.operator.choices.insert(question, option.clone());
            cases.push((answered, outcome.clone()));
        }
        cases.push((case, expected.outcome));
    }
    cases
}

#[test]
fn agrees_with_every_visible_case_that_leaves_nothing_open() {
    let mut seen = 0;
    for (case, outcome) in visible_under_each_reading() {
        let Some(verdict) = certain(&case) else { continue };
        assert_eq!(if verdict.refused { "deny" } else { "permit" }, outcome, "{}", case.id);
        assert_eq!(verdict.errors, Vec::<String>::new(), "{}", case.id);
        let decisive = case.expected.and_then(|expected| expected.decisive).unwrap_or_default();
        let decisive = if verdict.refused { decisive } else { vec![] };
        assert_eq!(verdict.directives.into_iter().collect::<Vec<_>>(), decisive, "{}", case.id);
        seen += 1;
    }
    assert!(seen >= 40, "only {seen} visible cases are fully specified");
}

#[test]
fn what_cedar_lets_pass_is_a_permit_also_where_something_is_open() {
    let mut passed = 0;
    for (case, outcome) in visible_under_each_reading() {
        if !ask(&case, &policies(&case).unwrap()).refused {
            assert_eq!(outcome, "permit", "{}", case.id);
            passed += 1;
        }
    }
    assert!(passed >= 20, "only {passed}");
}

#[test]
fn every_visible_case_can_be_made_certain() {
    for case in visible() {
        let certified = certify(&case);
        let verdict = certain(&certified).unwrap_or_else(|| panic!("{} is still open", case.id));
        assert_eq!(verdict.errors, Vec::<String>::new(), "{}", case.id);
        assert_eq!(certify(&certified), certified, "{}: certifying twice changes nothing", case.id);
    }
}

#[test]
fn a_key_nobody_is_known_behind_becomes_a_person() {
    let key = with(&[("/subject", json!({ "kind": "service" })), ("/request/end_use", json!("unknown"))]);
    assert_eq!(certain(&key), None);
    assert!(!certain(&certify(&key)).unwrap().refused);
}
