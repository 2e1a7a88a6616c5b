//! Organisations' assertions, the token exchange, and introspection.

use serde_json::{Value, json};

use crate::tokens::context;
use crate::world::{API_KEY, GATEWAY, IDP, NOW, World, verified};
use crate::{Case, accept, changed, reject};

fn case(id: &str, assertion: &str, api_key: &str, expect: Value) -> Case {
    let context = changed(context("Bearer"), &json!({"scheme": "absent", "api_key_id": api_key}));
    Case { id: id.to_owned(), input: json!({"end_user_assertion": assertion}), context, expect }
}

/// An assertion with a change of its payload.
pub fn asserted(world: &World, id: &str, change: &Value, expect: Value) -> Case {
    case(id, &world.assertion(&json!({}), change), API_KEY, expect)
}

/// A token of the exchange with a change of its payload, proven by its client.
pub fn exchanged(world: &World, id: &str, change: &Value, expect: Value) -> Case {
    let token = world.exchanged(change);
    let input = json!({"access_token": token, "dpop": world.proof(&token, &json!({}), &json!({}))});
    Case { id: id.to_owned(), input, context: context("DPoP"), expect }
}

pub fn cases(world: &World) -> Vec<Case> {
    [
        presence(world),
        times(world),
        claims(world),
        completeness(world),
        order(world),
        exchange(world),
        introspection(world),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn good() -> Value {
    accept("S2", json!({"predicates": {"us_person": "yes"}}))
}

fn presence(world: &World) -> Vec<Case> {
    let needed = ["sub", "aud", "org", "api_key_id", "iat", "exp", "jti", "claims"];
    let absent = needed.map(|name| {
        asserted(world, &format!("missing/{name}"), &json!({name: "absent"}), reject("missing_claim"))
    });
    let null = needed
        .map(|name| asserted(world, &format!("null/{name}"), &json!({name: null}), reject("claim_type")));
    let iss = asserted(world, "missing/iss", &json!({"iss": "absent"}), reject("untrusted_issuer"));
    absent.into_iter().chain(null).chain([iss]).collect()
}

fn times(world: &World) -> Vec<Case> {
    let one = |name: &str, change: Value, expect| asserted(world, &format!("life/{name}"), &change, expect);
    let lives = |from: i64, until: i64| json!({"iat": NOW + from, "exp": NOW + until});
    let used = world.assertion(&json!({}), &json!({}));
    let twice = [&used, &used].map(|assertion| json!({"end_user_assertion": assertion}));
    let mut replay = case("life/replay", "", API_KEY, json!({"sequence": [good(), reject("replayed")]}));
    replay.input = json!({"sequence": twice});
    vec![
        replay,
        one("as-long-as-may-be", lives(0, 300), good()),
        one("longer", lives(0, 301), reject("lifetime")),
        one("longer-by-the-skew", lives(-60, 241), reject("lifetime")),
        one("ahead", lives(60, 360), good()),
        one("too-far-ahead", lives(61, 100), reject("not_yet_valid")),
        one("over-at-the-edge", lives(-200, -60), good()),
        one("over", lives(-200, -61), reject("expired")),
    ]
}

fn claims(world: &World) -> Vec<Case> {
    let one = |name: &str, claims: Value, expect| {
        asserted(world, &format!("claims/{name}"), &json!({"claims": claims}), expect)
    };
    vec![
        one("empty", json!({}), reject("missing_claim")),
        one("unknown-only", json!({"passport_number": "X"}), reject("missing_claim")),
        one("list", json!([]), reject("claim_type")),
        one("us-person-text", json!({"us_person": "true"}), reject("claim_type")),
        one("us-person-null", json!({"us_person": null}), reject("claim_type")),
        one("set-text", json!({"nationalities": "IN"}), reject("claim_type")),
        one("negative-text", json!({"not_national_of": "CN"}), reject("claim_type")),
        one("negative-bad-code", json!({"not_national_of": ["CN", "ZZ"]}), reject("claim_value")),
        one("negative-lower-case", json!({"not_national_of": ["cn"]}), reject("claim_value")),
        one("empty-set", json!({"nationalities": []}), reject("missing_claim")),
        one("unknown-set", json!({"nationalities": ["QU"]}), reject("missing_claim")),
        one(
            "negative-list",
            json!({"not_national_of": ["CN", "PRK"]}),
            accept(
                "S2",
                json!({"predicates": {"national_of:CN": "no", "national_of:KP": "no", "national_of:RU": "unknown", "us_person": "unknown"}}),
            ),
        ),
        one(
            "negative-of-us-is-no-no",
            json!({"not_national_of": ["US"]}),
            accept("S2", json!({"predicates": {"national_of:US": "no", "us_person": "unknown"}})),
        ),
        one(
            "resident",
            json!({"us_person": true, "nationalities": ["CN"]}),
            accept(
                "S2",
                json!({"predicates": {"us_person": "yes", "national_of:CN": "yes", "national_of:US": "no"}}),
            ),
        ),
        one(
            "not-a-us-person",
            json!({"us_person": false}),
            accept("S2", json!({"predicates": {"us_person": "no", "national_of:US": "unknown"}})),
        ),
        one("more-than-is-known", json!({"us_person": true, "level": "S4", "x": null}), good()),
        case(
            "claims/of-another-organisation",
            &world.of_rival(&json!({"claims": {"nationalities": ["US"]}})),
            "ak_rival",
            reject("claim_out_of_scope"),
        ),
        case("claims/of-the-rival", &world.of_rival(&json!({})), "ak_rival", good()),
        asserted(world, "claims/org-of-another", &json!({"org": "rival"}), reject("claim_out_of_scope")),
        asserted(world, "claims/subject-of-another", &json!({"sub": "r:1"}), reject("claim_out_of_scope")),
        asserted(world, "claims/subject-upper-case", &json!({"sub": "W:1"}), reject("claim_out_of_scope")),
    ]
}

/// Whoever is complete for nationalities answers "no", unless a code leaves one open.
fn completeness(world: &World) -> Vec<Case> {
    let one = |name: &str, codes: Value, complete: bool, of_cn: &str, more: Value| {
        let countries: Vec<&str> = codes
            .as_array()
            .unwrap()
            .iter()
            .filter_map(Value::as_str)
            .filter(|code| code.len() == 2)
            .collect();
        let countries: Vec<&str> = countries.into_iter().filter(|code| !code.starts_with('Q')).collect();
        let facts = json!({"nationalities": countries, "nationalities_complete": complete});
        let plain = json!({"facts": facts, "predicates": {"national_of:CN": of_cn, "us_person": "unknown"}});
        let claims = json!({"claims": {"nationalities": codes}});
        asserted(world, &format!("complete/{name}"), &claims, accept("S2", changed(plain, &more)))
    };
    let flags = |flag: &str| json!({"flags": [flag]});
    vec![
        one("one", json!(["IN"]), true, "no", json!({})),
        one("several", json!(["IN", "FR"]), true, "no", json!({})),
        one("stateless", json!(["XXA"]), true, "no", flags("stateless")),
        one("stateless-two-letters", json!(["QS"]), true, "no", flags("stateless")),
        // Something that is not said is among them, so what is absent may be it.
        one("unknown-among-them", json!(["IN", "QU"]), false, "unknown", json!({})),
        one("unspecified-among-them", json!(["IN", "XXX"]), false, "unknown", json!({})),
        // A refugee has a nationality, mostly; the code does not say which.
        one("refugee", json!(["XXB"]), false, "unknown", flags("refugee")),
        one("refugee-other", json!(["IN", "XXC"]), false, "unknown", flags("refugee_other")),
    ]
}

fn order(world: &World) -> Vec<Case> {
    let one = |name: &str, change: Value, expect| {
        asserted(world, &format!("asserted-order/{name}"), &change, expect)
    };
    let head = |name: &str, header: Value, expect| {
        case(&format!("asserted-order/{name}"), &world.assertion(&header, &json!({})), API_KEY, expect)
    };
    vec![
        one("kind-of-issuer", json!({"iss": IDP}), reject("untrusted_issuer")),
        head("alg", json!({"alg": "ES256"}), reject("alg_not_allowed")),
        head("crit", json!({"crit": ["x"], "typ": "x"}), reject("unsupported_crit")),
        head("typ", json!({"typ": "at+jwt", "kid": "z"}), reject("wrong_type")),
        one("type-before-life", json!({"sub": 7, "exp": NOW + 9_999}), reject("claim_type")),
        one("presence-before-times", json!({"jti": "absent", "exp": NOW - 999}), reject("missing_claim")),
        one(
            "audience-before-life",
            json!({"aud": format!("{GATEWAY}/x"), "exp": NOW + 9_999}),
            reject("wrong_audience"),
        ),
        one("life-before-binding", json!({"exp": NOW + 9_999, "api_key_id": "ak_other"}), reject("lifetime")),
        one(
            "binding-before-content",
            json!({"api_key_id": "ak_other", "org": "rival"}),
            reject("binding_mismatch"),
        ),
        case(
            "asserted-order/other-key",
            &world.assertion(&json!({}), &json!({})),
            "ak_rival",
            reject("binding_mismatch"),
        ),
        // Its own key, and the request comes with it; but the key is another organisation's.
        case(
            "asserted-order/rivals-key",
            &world.assertion(&json!({}), &json!({"api_key_id": "ak_rival"})),
            "ak_rival",
            reject("binding_mismatch"),
        ),
    ]
}

fn exchange(world: &World) -> Vec<Case> {
    let evidence = |with: Value| {
        let plain = json!({"strength": "S2", "predicates": {"us_person": "yes"}, "valid_until": NOW + 900});
        json!({"douane_evidence": changed(plain, &with)})
    };
    let one =
        |name: &str, change: Value, expect| exchanged(world, &format!("exchange/{name}"), &change, expect);
    let chain = |depth: usize| {
        (0..depth)
            .fold(json!({"sub": "ak_last"}), |act, level| json!({"sub": format!("a{level}"), "act": act}))
    };
    vec![
        one("valid-until-now", evidence(json!({"valid_until": NOW})), good()),
        one(
            "valid-until-a-second-ago",
            evidence(json!({"valid_until": NOW - 1})),
            reject("evidence_expired"),
        ),
        one("strength-as-stated", evidence(json!({"strength": "S4"})), accept("S4", json!({}))),
        one("strength-of-no-kind", evidence(json!({"strength": "S9"})), reject("claim_value")),
        one("strength-number", evidence(json!({"strength": 2})), reject("claim_type")),
        one(
            "answer-of-no-kind",
            evidence(json!({"predicates": {"us_person": "maybe"}})),
            reject("claim_value"),
        ),
        one("answer-true", evidence(json!({"predicates": {"us_person": true}})), reject("claim_type")),
        one(
            "country-of-no-kind",
            evidence(json!({"predicates": {"national_of:zz": "yes"}})),
            reject("claim_value"),
        ),
        one("no-answers", evidence(json!({"predicates": {}})), reject("missing_claim")),
        one(
            "completeness-is-not-asked",
            evidence(json!({"predicates": {"us_person": "no", "national_of:CN": "no"}})),
            accept(
                "S2",
                json!({"predicates": {"us_person": "no", "national_of:CN": "no", "national_of:RU": "unknown"}}),
            ),
        ),
        one("evidence-missing", json!({"douane_evidence": "absent"}), reject("missing_claim")),
        one("evidence-null", json!({"douane_evidence": null}), reject("claim_type")),
        one(
            "three-actors",
            json!({"act": chain(2)}),
            accept("S2", json!({"actor": ["a1", "a0", "ak_last"]})),
        ),
        one("four-actors", json!({"act": chain(3)}), reject("claim_value")),
        one("act-text", json!({"act": "x"}), reject("claim_type")),
        one("act-without-subject", json!({"act": {"x": "y"}}), reject("missing_claim")),
        one("expired-token", json!({"exp": NOW - 61}), reject("expired")),
    ]
}

fn introspection(world: &World) -> Vec<Case> {
    let one = |name: &str, change: Value, expect| {
        let plain = json!({"active": true, "iss": IDP, "sub": "u-2", "aud": GATEWAY, "client_id": "c-1", "iat": NOW - 60,
            "exp": NOW + 600, "verified_claims": verified("eidas", "high", &["FR"])});
        let context = changed(context("Bearer"), &json!({"introspection_issuer": IDP}));
        let input = json!({"access_token": world.once(), "introspection_response": changed(plain, &change)});
        Case { id: format!("introspection/{name}"), input, context, expect }
    };
    let fr = || accept("S2", json!({"facts": {"nationalities": ["FR"], "nationalities_complete": false}}));
    vec![
        one("active", json!({}), fr()),
        one("active-null", json!({"active": null}), reject("claim_type")),
        one("active-one", json!({"active": 1}), reject("claim_type")),
        one("active-missing", json!({"active": "absent"}), reject("malformed")),
        one("inactive-and-broken", json!({"active": false, "exp": "x", "aud": 7}), reject("inactive")),
        one("exp-at-the-edge", json!({"exp": NOW - 60}), fr()),
        one("exp-over-the-edge", json!({"exp": NOW - 61}), reject("expired")),
        one("nbf-over-the-edge", json!({"nbf": NOW + 61}), reject("not_yet_valid")),
        one("aud-list", json!({"aud": ["x", GATEWAY]}), fr()),
        one("aud-of-another", json!({"aud": ["x"]}), reject("wrong_audience")),
        one("bound", json!({"cnf": {"jkt": "x"}}), reject("binding_required")),
    ]
}
