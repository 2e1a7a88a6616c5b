//! Each check of tokens and assertions, refused once, and what passes beside it.

use serde_json::{Value, json};
use terms::Level;

use crate::testing::{Bench, EMPLOYER, IDP, NOW, STS, Signer, bearer, now, proven, verified};
use crate::{Answer, Evidence, Exchange, Flag, Introspected, Method, Predicate, Refusal, Replay};

fn access(bench: &Bench, token: &str) -> Result<Evidence, Refusal> {
    bench.verifier.access_token(&bearer(token), now(), &Replay::default())
}

#[track_caller]
fn check_access(edit: impl FnOnce(&mut Value, &mut Value), expected: Result<Level, &str>) {
    let bench = Bench::new();
    let token = bench.access(edit);
    assert_eq!(
        access(&bench, &token).map(|evidence| evidence.level()).map_err(|refusal| refusal.code()),
        expected
    );
}

#[track_caller]
fn check_claim(name: &str, value: Value, expected: Result<Level, &str>) {
    check_access(|_, payload| payload[name] = value, expected);
}

#[track_caller]
fn check_header(name: &str, value: Value, expected: Result<Level, &str>) {
    check_access(|header, _| header[name] = value, expected);
}

fn without(name: &'static str) -> impl FnOnce(&mut Value, &mut Value) {
    move |_, payload| drop(payload.as_object_mut().unwrap().remove(name))
}

#[test]
fn a_bearer_token_is_capped() {
    check_access(|_, _| {}, Ok(Level::Employer));
    check_header("typ", json!("application/AT+jwt"), Ok(Level::Employer));
    check_claim("aud", json!(["https://other.test", "https://gateway.test"]), Ok(Level::Employer));
    check_claim("exp", json!(NOW as f64 - 59.5), Ok(Level::Employer));
}

#[test]
fn headers_are_checked() {
    check_header("alg", json!("none"), Err("alg_not_allowed"));
    check_header("alg", json!("HS256"), Err("alg_not_allowed"));
    check_header("alg", json!("EdDSA"), Err("alg_not_allowed"));
    check_header("alg", json!(["ES256"]), Err("alg_not_allowed"));
    check_header("crit", json!(["exp"]), Err("unsupported_crit"));
    check_header("crit", Value::Null, Err("unsupported_crit"));
    check_header("typ", json!("JWT"), Err("wrong_type"));
    check_header("typ", Value::Null, Err("wrong_type"));
    check_header("kid", json!("emp-1"), Err("unknown_key"));
    check_header("kid", Value::Null, Err("unknown_key"));
    check_header("jwk", json!({"kty": "oct", "k": "AAAA"}), Err("malformed"));
    check_header("jwk", Signer::es256().jwk(), Ok(Level::Employer));
}

#[test]
fn issuers_are_checked() {
    check_claim("iss", json!("https://idp.test/"), Err("untrusted_issuer"));
    check_claim("iss", json!(EMPLOYER), Err("untrusted_issuer"));
    check_access(without("iss"), Err("untrusted_issuer"));
}

#[test]
fn every_required_claim_is_required_and_typed() {
    for name in ["sub", "aud", "client_id", "iat", "exp", "jti"] {
        check_access(without(name), Err("missing_claim"));
        check_claim(name, Value::Null, Err("claim_type"));
        check_claim(name, json!(true), Err("claim_type"));
    }
    for name in ["nbf", "cnf", "act", "verified_claims", "nationalities"] {
        check_claim(name, json!("x"), Err("claim_type"));
        check_claim(name, Value::Null, Err("claim_type"));
    }
    check_claim("aud", json!([]), Err("wrong_audience"));
    check_claim("aud", json!(["https://gateway.test", 1]), Err("claim_type"));
    check_claim("exp", json!("1900000600"), Err("claim_type"));
}

#[test]
fn times_and_audience_are_checked() {
    check_claim("exp", json!(NOW - 61), Err("expired"));
    check_claim("nbf", json!(NOW + 61), Err("not_yet_valid"));
    check_claim("iat", json!(NOW + 61), Err("not_yet_valid"));
    check_claim("aud", json!("https://gateway.test.evil.test"), Err("wrong_audience"));
    // Types come before times, times before content.
    check_access(
        |_, payload| (payload["exp"], payload["nationalities"]) = (json!(0), json!("DE")),
        Err("claim_type"),
    );
    check_access(
        |_, payload| (payload["exp"], payload["verified_claims"]) = (json!(0), verified("high", &["??"])),
        Err("expired"),
    );
}

#[test]
fn signatures_are_checked() {
    let bench = Bench::new();
    let token = bench.access(|_, _| {});
    let (input, _) = token.rsplit_once('.').unwrap();
    for signature in ["", "AAAA", &"A".repeat(86)] {
        assert_eq!(access(&bench, &format!("{input}.{signature}")).unwrap_err(), Refusal::BadSignature);
    }
    let forged =
        Signer::es256().sign(&json!({"alg": "ES256", "typ": "at+jwt", "kid": "idp-1"}), &json!({"iss": IDP}));
    assert_eq!(access(&bench, &forged).unwrap_err(), Refusal::BadSignature);
}

#[test]
fn the_form_is_checked_first() {
    let bench = Bench::new();
    let token = bench.access(|_, _| {});
    let repeated = crate::jose::encode(br#"{"alg":"ES256","al\u0067":"ES256"}"#);
    let rest = token.split_once('.').unwrap().1;
    for bad in [
        String::new(),
        "..".to_owned(),
        format!("{token}="),
        format!(" {token}"),
        format!("{token}.x"),
        rest.to_owned(),
        format!("{repeated}.{rest}"),
        format!("W10.{rest}"),
        "a".repeat(crate::limits::TOKEN_BYTES + 1),
    ] {
        assert_eq!(access(&bench, &bad).unwrap_err().code(), "malformed", "{bad:.40}");
    }
}

#[test]
fn verified_claims_count_by_framework_and_level() {
    let framework = |framework: &str, level: Value| {
        let mut claims = verified("high", &["DE"]);
        claims["verification"]["trust_framework"] = json!(framework);
        claims["verification"]["assurance_level"] = level;
        claims["verification"].as_object_mut().unwrap().retain(|_, value| !value.is_null());
        claims
    };
    let check = |claims: Value, expected| check_claim("verified_claims", claims, expected);
    check(framework("eidas", json!("low")), Ok(Level::SelfDeclared));
    check(framework("eidas", json!("none such")), Ok(Level::SelfDeclared));
    check(framework("eidas", Value::Null), Ok(Level::SelfDeclared));
    check(framework("none such", json!("high")), Ok(Level::SelfDeclared));
    check(framework("aml", Value::Null), Ok(Level::Employer));
    check(framework("aml", json!("any")), Ok(Level::Employer));
    check(json!([]), Err("missing_claim"));
    check(json!({"verification": {}, "claims": {}}), Err("missing_claim"));
    check(json!({"verification": {}, "claims": {"nationalities": ["DE"]}}), Err("missing_claim"));
    check(json!([1]), Err("claim_type"));
    check(verified("high", &[]), Err("missing_claim"));
    check(verified("high", &["QU"]), Err("missing_claim"));
    check(verified("high", &["de"]), Err("claim_value"));
}

#[test]
fn an_old_verification_is_declared_only_and_a_future_one_refused() {
    let at = |time: &str| {
        let mut claims = verified("high", &["DE"]);
        claims["verification"]["time"] = json!(time);
        claims
    };
    let bench = Bench::new();
    // 2030-03-17T17:46:40Z is now; the profile allows 157,680,000 s.
    let flags = |time: &str| {
        let token = bench.access(|_, payload| payload["verified_claims"] = at(time));
        let evidence = access(&bench, &token).unwrap();
        (evidence.level(), evidence.flags().contains(&Flag::StaleVerification))
    };
    assert_eq!(flags("2025-03-18T17:46:40Z"), (Level::Employer, false));
    assert_eq!(flags("2025-03-18T17:46:39Z"), (Level::SelfDeclared, true));
    check_claim("verified_claims", at("2030-03-17T17:46:41Z"), Err("claim_value"));
    check_claim("verified_claims", at("yesterday"), Err("claim_value"));
    check_claim("verified_claims", json!({"verification": {"time": 1}}), Err("claim_type"));
}

#[test]
fn the_strongest_verification_wins() {
    let bench = Bench::new();
    let token = bench.access(|_, payload| {
        payload["nationalities"] = json!(["FR"]);
        payload["verified_claims"] =
            json!([verified("low", &["KR"]), {"claims": {}}, verified("high", &["DEU", "DE"])]);
    });
    let evidence = access(&bench, &token).unwrap();
    let countries: Vec<_> =
        evidence.facts().nationalities().unwrap().countries().iter().map(|c| c.code()).collect();
    assert_eq!((countries, evidence.level()), (vec!["DE"], Level::Employer));
    assert_eq!(evidence.answer(&"us_person".parse().unwrap()), Answer::Unknown);
    assert_eq!((evidence.subject(), evidence.issuer()), (Some("u-1"), IDP));
}

#[test]
fn claims_beyond_the_entitlement_are_refused() {
    check_access(
        |_, payload| payload["verified_claims"]["claims"]["us_person"] = json!(true),
        Err("claim_out_of_scope"),
    );
}

#[track_caller]
fn check_assertion(edit: impl FnOnce(&mut Value, &mut Value), expected: Result<Level, &str>) {
    let bench = Bench::new();
    let assertion = bench.assertion(edit);
    let outcome =
        bench.verifier.end_user_assertion(Some(&assertion), Some("ak_1"), now(), &Replay::default());
    assert_eq!(outcome.map(|evidence| evidence.level()).map_err(|refusal| refusal.code()), expected);
}

#[test]
fn assertions_are_checked() {
    check_assertion(|_, _| {}, Ok(Level::Employer));
    check_assertion(|header, _| header["typ"] = json!("at+jwt"), Err("wrong_type"));
    for name in ["sub", "aud", "org", "api_key_id", "iat", "exp", "jti", "claims"] {
        check_assertion(without(name), Err("missing_claim"));
        check_assertion(|_, payload| payload[name] = Value::Null, Err("claim_type"));
    }
    let check =
        |name: &str, value: Value, expected| check_assertion(|_, payload| payload[name] = value, expected);
    check("iss", json!(IDP), Err("untrusted_issuer"));
    check("exp", json!(NOW - 61), Err("expired"));
    check("exp", json!(NOW + 290), Ok(Level::Employer));
    check("exp", json!(NOW + 291), Err("lifetime"));
    check("aud", json!("https://other.test"), Err("wrong_audience"));
    check("api_key_id", json!("ak_2"), Err("binding_mismatch"));
    check("org", json!("org-2"), Err("claim_out_of_scope"));
    check("sub", json!("u:7"), Err("claim_out_of_scope"));
    check("claims", json!({}), Err("missing_claim"));
    check("claims", json!({"name": "x"}), Err("missing_claim"));
    check("claims", json!({"us_person": "yes"}), Err("claim_type"));
    check("claims", json!({"us_person": true, "not_national_of": ["CN"]}), Err("claim_out_of_scope"));
    check("claims", json!({"nationalities": ["Germany"]}), Err("claim_value"));
    check("claims", json!({"nationalities": []}), Err("missing_claim"));
}

#[test]
fn a_shared_key_needs_an_assertion_once_per_request() {
    let bench = Bench::new();
    let (replay, assertion) = (Replay::default(), bench.assertion(|_, _| {}));
    let verify = |assertion, key| bench.verifier.end_user_assertion(assertion, key, now(), &replay);
    assert_eq!(verify(None, Some("ak_1")).unwrap_err(), Refusal::AssertionRequired);
    assert_eq!(verify(Some(&assertion), None).unwrap_err().code(), "binding_mismatch");
    let evidence = verify(Some(&assertion), Some("ak_1")).unwrap();
    assert_eq!(
        (evidence.method(), evidence.org(), evidence.subject()),
        (Method::Assertion, Some("org-1"), Some("e:7"))
    );
    assert_eq!(verify(Some(&assertion), Some("ak_1")).unwrap_err(), Refusal::Replayed);
}

#[test]
fn a_no_counts_only_from_a_complete_issuer() {
    let bench = Bench::new();
    let answers = |claims: Value| {
        let assertion = bench.assertion(|_, payload| payload["claims"] = claims);
        let evidence = bench
            .verifier
            .end_user_assertion(Some(&assertion), Some("ak_1"), now(), &Replay::default())
            .unwrap();
        ["us_person", "national_of:IN", "national_of:CN"]
            .map(|name| evidence.answer(&name.parse::<Predicate>().unwrap()))
    };
    assert_eq!(answers(json!({"us_person": false})), [Answer::No, Answer::Unknown, Answer::Unknown]);
    assert_eq!(answers(json!({"nationalities": ["IN"]})), [Answer::Unknown, Answer::Yes, Answer::Unknown]);
}

#[track_caller]
fn check_exchanged(edit: impl FnOnce(&mut Value), api_key: Option<&str>, expected: Result<Level, &str>) {
    let bench = Bench::new();
    let token = bench.exchanged(edit);
    let proof = bench.holder.proof(&token, |_, _| {});
    let dpop = [proof.as_str()];
    let presented = crate::Presented { api_key, ..proven(&token, &dpop) };
    let outcome = bench.verifier.access_token(&presented, now(), &Replay::default());
    assert_eq!(outcome.map(|evidence| evidence.level()).map_err(|refusal| refusal.code()), expected);
}

#[test]
fn exchanged_tokens_are_checked() {
    check_exchanged(|_| {}, None, Ok(Level::Document));
    check_exchanged(|_| {}, Some("ak_1"), Ok(Level::Document));
    check_exchanged(|_| {}, Some("ak_2"), Err("binding_mismatch"));
    let four = json!({"sub": "a", "act": {"sub": "b", "act": {"sub": "c", "act": {"sub": "d"}}}});
    check_exchanged(|payload| payload["act"] = four, None, Err("claim_value"));
    check_exchanged(|payload| payload["act"] = json!({"sub": 1}), None, Err("claim_type"));
    check_exchanged(
        |payload| drop(payload.as_object_mut().unwrap().remove("douane_evidence")),
        None,
        Err("missing_claim"),
    );
    let check = |name: &str, value: Value, expected| {
        check_exchanged(|payload| payload["douane_evidence"][name] = value, None, expected);
    };
    check("valid_until", json!(NOW), Ok(Level::Document));
    check("valid_until", json!(NOW - 1), Err("evidence_expired"));
    check("strength", json!("S9"), Err("claim_value"));
    check("predicates", json!({"us_person": true}), Err("claim_type"));
    check("predicates", json!({"us_person": "maybe"}), Err("claim_value"));
    check("predicates", json!({"us_person": "unknown"}), Err("missing_claim"));
    check("predicates", json!({"national_of:CN": "no"}), Err("claim_out_of_scope"));
}

#[test]
fn an_exchanged_token_must_be_bound() {
    let bench = Bench::new();
    let token = bench.exchanged(|payload| drop(payload.as_object_mut().unwrap().remove("cnf")));
    assert_eq!(access(&bench, &token).unwrap_err().code(), "binding_required");
}

#[test]
fn the_subject_decides_who_may_act() {
    let bench = Bench::new();
    let exchange = |may_act: Option<Value>, actor: Option<&str>, api_key: &str, token_type: &str| {
        let subject_token = bench.assertion(|_, payload| {
            if let Some(may_act) = may_act {
                payload["may_act"] = may_act;
            }
        });
        let request = Exchange {
            subject_token: &subject_token,
            subject_token_type: token_type,
            actor_sub: actor,
            api_key: Some(api_key),
        };
        let outcome = bench.verifier.exchange(&request, now(), &Replay::default());
        outcome.map(|evidence| evidence.actor().to_vec()).map_err(|refusal| refusal.code())
    };
    let jwt = super::exchange::JWT_TYPE;
    let agent = || Some(json!({"sub": "agent"}));
    assert_eq!(exchange(agent(), Some("agent"), "ak_1", jwt), Ok(vec!["agent".to_owned()]));
    assert_eq!(exchange(agent(), Some("other"), "ak_2", jwt), Err("actor_not_allowed"));
    assert_eq!(exchange(Some(json!({})), Some("ak_1"), "ak_1", jwt), Err("actor_not_allowed"));
    assert_eq!(exchange(None, Some("ak_1"), "ak_1", jwt), Ok(vec!["ak_1".to_owned()]));
    assert_eq!(exchange(None, Some("agent"), "ak_1", jwt), Err("actor_not_allowed"));
    assert_eq!(exchange(agent(), None, "ak_1", jwt), Err("missing_claim"));
    assert_eq!(exchange(agent(), Some("agent"), "ak_1", "urn:other"), Err("wrong_type"));
}

#[track_caller]
fn check_introspected(edit: impl FnOnce(&mut Value), expected: Result<Level, &str>) {
    let bench = Bench::new();
    let mut body = json!({
        "active": true, "sub": "u-1", "aud": "https://gateway.test", "exp": NOW + 60,
        "verified_claims": verified("high", &["DE"]),
    });
    edit(&mut body);
    let (plain, signed) = (body.to_string(), sign_answer(&bench, &body));
    for answer in [Introspected::Plain(plain.as_bytes()), Introspected::Signed(&signed)] {
        let outcome = bench.verifier.introspected(&bearer("opaque"), IDP, answer, now(), &Replay::default());
        assert_eq!(outcome.map(|evidence| evidence.level()).map_err(|refusal| refusal.code()), expected);
    }
}

fn sign_answer(bench: &Bench, body: &Value) -> String {
    let header = json!({"alg": "ES256", "typ": "token-introspection+jwt", "kid": "idp-1"});
    let payload = json!({"iss": IDP, "aud": "https://gateway.test", "iat": NOW, "token_introspection": body});
    bench.idp.sign(&header, &payload)
}

#[test]
fn introspection_answers_are_checked_plain_and_signed() {
    check_introspected(|_| {}, Ok(Level::Employer));
    check_introspected(|body| body["active"] = json!(false), Err("inactive"));
    check_introspected(|body| *body = json!({"active": false, "exp": "x"}), Err("inactive"));
    check_introspected(|body| body["active"] = json!("true"), Err("claim_type"));
    check_introspected(|body| drop(body.as_object_mut().unwrap().remove("active")), Err("malformed"));
    check_introspected(|body| body["exp"] = json!(NOW - 61), Err("expired"));
    check_introspected(|body| body["aud"] = json!("x"), Err("wrong_audience"));
    check_introspected(|body| body["iss"] = json!(STS), Err("untrusted_issuer"));
    check_introspected(|body| body["cnf"] = json!({"jkt": "x"}), Err("binding_required"));
}

#[test]
fn introspection_needs_a_known_issuer_and_strict_json() {
    let bench = Bench::new();
    let ask = |issuer: &str, answer| {
        bench.verifier.introspected(&bearer("o"), issuer, answer, now(), &Replay::default())
    };
    let code = |outcome: Result<Evidence, Refusal>| outcome.unwrap_err().code();
    assert_eq!(code(ask("https://x.test", Introspected::Plain(br#"{"active":true}"#))), "untrusted_issuer");
    assert_eq!(code(ask(EMPLOYER, Introspected::Plain(br#"{"active":true}"#))), "untrusted_issuer");
    assert_eq!(code(ask(IDP, Introspected::Plain(br#"{"active":true,"active":true}"#))), "malformed");
    assert_eq!(code(ask(IDP, Introspected::Plain(b"[]"))), "malformed");
    let signed = sign_answer(&bench, &json!({"active": true}));
    assert_eq!(code(ask(STS, Introspected::Signed(&signed))), "untrusted_issuer");
    let token = bench.access(|_, _| {});
    assert_eq!(code(ask(IDP, Introspected::Signed(&token))), "wrong_type");
}
