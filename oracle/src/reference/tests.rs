//! Small worlds whose answer is plain from the text.

use super::case::STATUSES;
use super::{Answer, decide};
use crate::scenario::Scenario;
use serde_json::{Value, json};
use terms::UsStatus;

/// A well-documented Frenchman in France under one directive, with this changed.
fn scenario(persons: Value, change: impl FnOnce(&mut Value)) -> Scenario {
    let mut value = json!({
        "id": "T", "at": "2026-06-15T12:00:00Z",
        "subject": {
            "kind": "person", "us_status": {"value": "none", "evidence": "document"},
            "citizenships": [{"country": "FR", "from": "1990-01-01", "until": null, "evidence": "document"}],
            "citizenships_complete": {"value": true, "evidence": "document"},
            "location": {"country": "FR", "evidence": "ip"}, "employer": null, "party_match": "none"
        },
        "request": {"model": "m", "activity": "hosted_inference", "end_use": "civil", "served_from": "US"},
        "directives": [{
            "id": "D", "issued_at": "2026-01-01T00:00:00Z", "effective_from": "2026-01-01T00:00:00Z",
            "models": ["*"], "persons": persons, "destinations": "none"
        }],
        "operator": {"min_evidence": "document", "min_location_evidence": "ip"}
    });
    change(&mut value);
    serde_json::from_value(value).unwrap()
}

fn national_of(countries: &[&str], rule: &str) -> Value {
    json!({"class": "national_of", "countries": countries, "rule": rule})
}

fn answer(persons: Value, change: impl FnOnce(&mut Value)) -> Answer {
    decide(&scenario(persons, change))
}

#[track_caller]
fn check(persons: Value, change: impl FnOnce(&mut Value), outcome: &str, missing: &[&str]) {
    let answer = answer(persons, change);
    let facts: Vec<&str> = answer.missing_facts.iter().map(|fact| fact.word()).collect();
    assert_eq!((answer.outcome.as_str(), facts.as_slice()), (outcome, missing));
}

fn iranian(from: &str, evidence: &str) -> Value {
    json!({"country": "IR", "from": from, "until": null, "evidence": evidence})
}

#[test]
fn one_status_of_each_kind_stands_for_all() {
    let foreign = |status| status == UsStatus::None;
    let lapsed = |status| foreign(status) || status == UsStatus::LprNaturalisationLapsed;
    let ours = |status| matches!(status, UsStatus::Citizen | UsStatus::National);
    let kind = |status| (foreign(status), lapsed(status), ours(status));
    for status in UsStatus::KNOWN {
        assert_eq!(
            STATUSES.into_iter().filter(|other| kind(*other) == kind(status)).count(),
            1,
            "{status:?}"
        );
    }
}

#[test]
fn a_claimed_loss_needs_proof() {
    let lost = |level: Option<&'static str>| {
        move |case: &mut Value| {
            case["subject"]["citizenships"] = json!([
                {"country": "IR", "from": "1980-01-01", "until": "2000-01-01", "evidence": "document", "until_evidence": level},
                {"country": "FR", "from": "2000-01-01", "evidence": "document"}
            ]);
        }
    };
    check(national_of(&["IR"], "any_held"), lost(None), "verify_first", &["proof_of_loss"]);
    check(national_of(&["IR"], "any_held"), lost(Some("document")), "permit", &[]);
    check(national_of(&["IR"], "ever_held"), lost(Some("document")), "deny", &[]);
    check(
        national_of(&["IR"], "any_held"),
        |case| {
            lost(Some("document"))(case);
            case["subject"]["conflicting_facts"] = json!(["proof_of_loss"]);
        },
        "verify_first",
        &["proof_of_loss"],
    );
}

#[test]
fn an_early_adverse_acquisition_must_be_proven() {
    let both = |from: &'static str, level: &'static str| {
        move |case: &mut Value| {
            let french = case["subject"]["citizenships"][0].clone();
            case["subject"]["citizenships"] = json!([iranian(from, level), french]);
        }
    };
    let rule = || national_of(&["IR"], "most_recent");
    check(rule(), both("1980-01-01", "document"), "permit", &[]);
    check(rule(), both("1980-01-01", "self"), "verify_first", &["acquisition_dates"]);
    check(rule(), both("2001-01-01", "self"), "deny", &[]);
    check(rule(), both("1990-01-01", "document"), "deny", &[]);
    check(rule(), both("2030-01-01", "document"), "permit", &[]);
}

#[test]
fn an_unproven_list_leaves_room_for_other_citizenships() {
    let said = |level: &'static str| {
        move |case: &mut Value| {
            case["subject"]["citizenships_complete"] = json!({"value": true, "evidence": level})
        }
    };
    check(national_of(&["IR"], "any_held"), said("self"), "verify_first", &["citizenships"]);
    check(national_of(&["FR"], "any_held"), said("self"), "deny", &[]);
    check(national_of(&["FR"], "most_recent"), said("self"), "deny", &[]);
    check(national_of(&["FR"], "most_recent"), said("ip"), "verify_first", &["citizenships"]);
}

#[test]
fn opposite_directives_refuse_in_every_world_together() {
    let answer = answer(json!({"class": "foreign_person"}), |case| {
        case["subject"]["us_status"] = Value::Null;
        let mut second = case["directives"][0].clone();
        second["id"] = json!("E");
        second["persons"] = json!({"class": "us_person_744_6"});
        case["directives"].as_array_mut().unwrap().push(second);
    });
    assert_eq!(answer.outcome, "deny");
    assert!(answer.decisive.iter().eq(["D", "E"]));
}

#[test]
fn a_contractor_raises_the_question_and_an_unknown_relation_does_not() {
    let works = |relation: &'static str, level: &'static str| {
        move |case: &mut Value| {
            case["subject"]["employer"] =
                json!({"name": "Firm  One", "relation": relation, "evidence": level});
            case["directives"][0]["exceptions"] =
                json!([{"id": "X", "when": {"employer": ["firm one"], "relation": ["employee"]}}]);
        }
    };
    let class = || json!({"class": "foreign_person"});
    check(class(), works("employee", "employer"), "permit", &[]);
    check(class(), works("employee", "self"), "verify_first", &["employment"]);
    check(class(), works("unknown", "employer"), "verify_first", &["employment"]);
    let open = answer(class(), works("contractor", "self")).depends_on.unwrap();
    assert_eq!(open.options["payroll_only"], "deny");
    assert_eq!(open.options["includes_contractors"], "verify_first");
}

#[test]
fn an_attestation_settles_a_key_but_not_who_is_protected() {
    let key = |case: &mut Value| {
        case["subject"] = json!({
            "kind": "shared_key", "location": {"country": "US", "evidence": "ip"},
            "users_attested": {"all_us_persons": true, "evidence": "document"}
        });
    };
    check(json!({"class": "foreign_person"}), key, "permit", &[]);
    let exempt = json!({"class": "foreign_person", "exempt": "citizens_and_protected"});
    check(exempt, key, "verify_first", &["natural_person"]);
    check(national_of(&["IR"], "any_held"), key, "verify_first", &["natural_person"]);
    check(json!({"class": "us_person_744_6"}), key, "deny", &[]);
}

#[test]
fn an_unknown_place_matters_only_where_it_changes_the_result() {
    let nowhere = |case: &mut Value| case["subject"]["location"]["country"] = Value::Null;
    check(json!({"class": "located_in", "countries": ["RU"]}), nowhere, "verify_first", &["location"]);
    check(json!({"class": "foreign_person"}), nowhere, "deny", &[]);
}

#[test]
fn owners_not_accounted_for_may_be_listed() {
    let owned = |listed: f64, unlisted: f64| {
        move |case: &mut Value| {
            case["subject"]["employer"] = json!({"name": "F", "evidence": "employer", "owners": [
                {"percent": listed, "listed": true}, {"percent": unlisted, "listed": false}]});
        }
    };
    let class = || json!({"class": "listed_party", "ownership_percent": 50.0});
    check(class(), owned(49.0, 51.0), "permit", &[]);
    check(class(), owned(30.0, 40.0), "verify_first", &["ownership"]);
    check(class(), owned(30.0, 50.1), "permit", &[]);
    check(class(), owned(50.0, 50.0), "deny", &[]);
}
