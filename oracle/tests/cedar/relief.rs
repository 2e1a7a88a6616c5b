//! Windows, exceptions and licences.

use super::{CHOICES, CITIZENSHIPS, PERSONS, check, held, open};
use serde_json::{Value, json};

#[test]
fn windows_are_half_open_and_doubt_about_the_clock_refuses() {
    let everyone = (PERSONS, json!({ "class": "everyone" }));
    let window = |refused, at: &str, uncertainty_ms: i64| {
        let at = json!(format!("2026-{at}Z"));
        let until = ("/directives/0/effective_until", json!("2026-10-01T00:00:00Z"));
        check(
            refused,
            &[everyone.clone(), until, ("/at", at), ("/clock_uncertainty_ms", json!(uncertainty_ms))],
        );
    };
    window(false, "01-31T23:59:59.999", 0);
    window(true, "02-01T00:00:00", 0);
    window(true, "01-31T23:59:59.999", 1);
    window(true, "09-30T23:59:59.999", 0);
    window(false, "10-01T00:00:00", 0);
    window(true, "10-01T00:00:00", 1);
    window(false, "10-01T00:00:00.001", 1);
}

#[test]
fn an_ambiguous_local_time_starts_under_its_reading() {
    let everyone = (PERSONS, json!({ "class": "everyone" }));
    let fold = json!({
        "local": "2026-11-01T01:30:00", "zone": "America/New_York", "question": "local_time_fold",
        "options": { "first": "2026-11-01T05:30:00Z", "second": "2026-11-01T06:30:00Z" },
    });
    let between = ("/at", json!("2026-11-01T06:00:00Z"));
    let start = ("/directives/0/effective_from", fold);
    let reads = |word: &str| (CHOICES, json!({ "local_time_fold": word }));
    open(&[everyone.clone(), start.clone(), between.clone()]);
    check(true, &[everyone.clone(), start.clone(), between.clone(), reads("first")]);
    check(false, &[everyone, start, between, reads("second")]);
}

#[test]
fn exceptions_hold_only_inside_all_their_terms() {
    let everyone = (PERSONS, json!({ "class": "everyone" }));
    let relieved = |permit: bool, exception: Value, more: &[(&str, Value)]| {
        let mut changes = vec![everyone.clone(), ("/directives/0/exceptions", json!([exception]))];
        changes.extend_from_slice(more);
        check(!permit, &changes);
    };
    let at = "2026-09-10T09:00:00Z";
    relieved(true, json!({ "id": "X", "when": {} }), &[]);
    relieved(true, json!({ "id": "X", "from": at, "when": {} }), &[]);
    relieved(false, json!({ "id": "X", "from": at, "when": {} }), &[("/clock_uncertainty_ms", json!(1))]);
    relieved(false, json!({ "id": "X", "until": at, "when": {} }), &[]);
    let soon = json!({ "id": "X", "until": "2026-09-10T09:00:00.001Z", "when": {} });
    relieved(true, soon.clone(), &[]);
    relieved(false, soon, &[("/clock_uncertainty_ms", json!(1))]);
    let dual = (CITIZENSHIPS, json!([held("FR", "1990-01-01"), held("RU", "1991-01-01")]));
    relieved(
        false,
        json!({ "id": "X", "when": { "all_nationalities_in": ["A:5"] } }),
        std::slice::from_ref(&dual),
    );
    relieved(true, json!({ "id": "X", "when": { "all_nationalities_in": ["A:5", "RU"] } }), &[dual]);
    relieved(false, json!({ "id": "X", "when": { "models": ["m-2"] } }), &[]);
    relieved(false, json!({ "id": "X", "when": { "end_use": ["defensive_cyber"] } }), &[]);
    relieved(true, json!({ "id": "X", "when": { "employer": ["  acme  CO "] } }), &[]);
    relieved(false, json!({ "id": "X", "when": { "employer": ["Acme"] } }), &[]);
    relieved(
        false,
        json!({ "id": "X", "when": { "employer": ["Acme Co"] } }),
        &[("/subject/employer", Value::Null)],
    );
    relieved(
        true,
        json!({ "id": "X", "when": { "all_nationalities_in": ["A:5"], "located_in": ["A:5"] } }),
        &[],
    );
    relieved(false, json!({ "id": "X", "when": { "located_in": ["E:1"] } }), &[]);
}

#[test]
fn contractors_are_employees_only_under_one_reading() {
    let everyone = (PERSONS, json!({ "class": "everyone" }));
    let exception = |relations: &[&str]| {
        ("/directives/0/exceptions", json!([{ "id": "X", "when": { "relation": relations } }]))
    };
    let contractor = ("/subject/employer/relation", json!("contractor"));
    let means = |word: &str| (CHOICES, json!({ "employee_means": word }));
    let employees = exception(&["employee"]);
    check(false, &[everyone.clone(), employees.clone()]);
    open(&[everyone.clone(), employees.clone(), contractor.clone()]);
    open(&[everyone.clone(), employees.clone(), ("/subject/employer/relation", json!("unknown"))]);
    check(true, &[everyone.clone(), employees.clone(), contractor.clone(), means("payroll_only")]);
    check(false, &[everyone.clone(), employees, contractor.clone(), means("includes_contractors")]);
    check(false, &[everyone.clone(), exception(&["employee", "contractor"]), contractor]);
    check(true, &[everyone, exception(&["contractor"])]);
}

#[test]
fn licences_lift_only_what_they_name_inside_all_their_terms() {
    let everyone = (PERSONS, json!({ "class": "everyone" }));
    let lifted = |permit: bool, terms: Value| {
        let mut licence = json!({
            "id": "L", "status": "issued", "lifts": ["D"], "models": ["m-1"], "holder": "Acme Co",
            "from": "2026-06-01T00:00:00Z", "until": "2026-12-31T00:00:00Z",
        });
        licence.as_object_mut().unwrap().extend(terms.as_object().unwrap().clone());
        check(!permit, &[everyone.clone(), ("/licences", json!([licence]))]);
    };
    lifted(true, json!({}));
    lifted(false, json!({ "status": "registered" }));
    lifted(false, json!({ "lifts": ["E"] }));
    lifted(false, json!({ "models": ["m-2"] }));
    lifted(false, json!({ "until": "2026-09-10T09:00:00Z" }));
    lifted(false, json!({ "holder": "Other Co" }));
    lifted(true, json!({ "holder": "Other Co", "persons": ["p-1"] }));
    lifted(false, json!({ "persons": ["p-2"] }));
    lifted(true, json!({ "persons": ["p-2"], "holder_employees": true }));
    lifted(false, json!({ "end_use": ["defensive_cyber"] }));
    lifted(false, json!({ "excluded_nationalities": ["FR"] }));
    lifted(true, json!({ "excluded_nationalities": ["D:5"], "located_in": ["KR"] }));
    lifted(false, json!({ "located_in": ["US"] }));
    lifted(false, json!({ "max_persons": 25, "persons_used": 25 }));
    lifted(true, json!({ "max_persons": 25, "persons_used": 24 }));
    lifted(true, json!({ "max_persons": 25, "persons_used": 25, "enrolled": true }));
    lifted(false, json!({ "conditions": [{ "id": "c", "state": "breached", "suspends": true }] }));
    lifted(true, json!({ "conditions": [{ "id": "c", "state": "breached", "suspends": false }] }));
    lifted(true, json!({ "conditions": [{ "id": "c", "state": "open", "suspends": true }] }));
}
