//! What evidence on file answers together, at the ends of its life.

use serde_json::{Value, json};

use crate::Case;
use crate::world::NOW;

fn record(id: &str, strength: &str, with: Value) -> Value {
    let plain = json!({"evidence_id": id, "strength": strength, "state": "active", "valid_until": NOW + 99});
    crate::changed(plain, &with)
}

fn said(answer: &str, strength: Value, conflict: bool, used: Value) -> Value {
    json!({"us_person": {"answer": answer, "strength": strength, "conflict": conflict, "used": used}})
}

fn case(id: &str, evidence: Vec<Value>, expect: Value) -> Case {
    let input = json!({"evidence": evidence, "ask": ["us_person"]});
    Case { id: format!("ledger/{id}"), input, context: json!({}), expect }
}

pub fn cases() -> Vec<Case> {
    let yes = |id: &str, strength: &str, more: Value| {
        record(id, strength, crate::changed(json!({"predicates": {"us_person": "yes"}}), &more))
    };
    let no = |id: &str, strength: &str| record(id, strength, json!({"predicates": {"us_person": "no"}}));
    let unknown = || said("unknown", json!(null), false, json!([]));
    let none = || json!({});
    vec![
        case(
            "valid-until-now",
            vec![yes("a", "S3", json!({"valid_until": NOW}))],
            said("yes", json!("S3"), false, json!(["a"])),
        ),
        case("valid-until-a-second-ago", vec![yes("a", "S3", json!({"valid_until": NOW - 1}))], unknown()),
        case("inferred", vec![yes("a", "S0", none())], unknown()),
        case("superseded", vec![yes("a", "S4", json!({"state": "superseded"}))], unknown()),
        case(
            "suspended",
            vec![yes("a", "S4", json!({"state": "suspended"})), no("b", "S1")],
            said("no", json!("S1"), false, json!(["b"])),
        ),
        case(
            "conflict-below",
            vec![yes("a", "S3", none()), no("b", "S1")],
            said("yes", json!("S3"), true, json!(["a"])),
        ),
        case(
            "conflict-at-the-top",
            vec![yes("a", "S3", none()), no("b", "S3"), yes("c", "S1", none())],
            said("unknown", json!(null), true, json!([])),
        ),
        case(
            "all-that-agree",
            vec![yes("b", "S2", none()), yes("a", "S2", none()), yes("c", "S1", none())],
            said("yes", json!("S2"), false, json!(["a", "b"])),
        ),
        case(
            "a-contradiction-that-is-over",
            vec![
                yes("a", "S2", none()),
                record("b", "S2", json!({"predicates": {"us_person": "no"}, "valid_until": NOW - 1})),
            ],
            said("yes", json!("S2"), false, json!(["a"])),
        ),
        case(
            "a-national-is-a-us-person",
            vec![record("a", "S4", json!({"nationalities": ["US"], "nationalities_complete": false}))],
            said("yes", json!("S4"), false, json!(["a"])),
        ),
        case(
            "a-foreign-national-says-nothing",
            vec![record("a", "S4", json!({"nationalities": ["CN"], "nationalities_complete": true}))],
            unknown(),
        ),
    ]
}
