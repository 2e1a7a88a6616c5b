//! Proofs of possession, each check refused once.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use terms::Level;

use crate::jose::encode;
use crate::testing::{Bench, NOW, Signer, bearer, now, proven};
use crate::{Presented, Replay, Scheme};

type Edit<'a> = &'a dyn Fn(&mut Value, &mut Value);

fn bound(bench: &Bench) -> String {
    bench.access(|_, payload| payload["cnf"] = json!({"jkt": bench.holder.jkt()}))
}

#[track_caller]
fn check(edit: Edit<'_>, expected: Result<Level, &str>) {
    let bench = Bench::new();
    let token = bound(&bench);
    let proof = bench.holder.proof(&token, edit);
    let outcome = bench.verifier.access_token(&proven(&token, &[&proof]), now(), &Replay::default());
    assert_eq!(outcome.map(|evidence| evidence.level()).map_err(|refusal| refusal.code()), expected);
}

#[track_caller]
fn check_claim(name: &str, value: Value, expected: Result<Level, &str>) {
    check(&|_, payload| payload[name] = value.clone(), expected);
}

#[test]
fn a_proven_token_keeps_its_level() {
    check(&|_, _| {}, Ok(Level::Credential));
    check_claim("htu", json!("HTTPS://GATEWAY.test:443/v1/messages?x=1"), Ok(Level::Credential));
    check_claim("iat", json!(NOW - 300), Ok(Level::Credential));
    check_claim("iat", json!(NOW + 60), Ok(Level::Credential));
    check_claim("nonce", json!("unasked"), Ok(Level::Credential));
}

#[test]
fn proofs_are_checked() {
    for name in ["jti", "htm", "htu", "ath", "iat"] {
        check(&|_, payload| drop(payload.as_object_mut().unwrap().remove(name)), Err("missing_claim"));
        check_claim(name, Value::Null, Err("claim_type"));
    }
    check_claim("iat", json!(NOW - 301), Err("stale_proof"));
    check_claim("iat", json!(NOW + 61), Err("stale_proof"));
    check_claim("htm", json!("post"), Err("binding_mismatch"));
    check_claim("htu", json!("https://gateway.test/v1/models"), Err("binding_mismatch"));
    check_claim("ath", json!(encode(&Sha256::digest("other"))), Err("binding_mismatch"));
    check(&|header, _| header["alg"] = json!("none"), Err("alg_not_allowed"));
    check(&|header, _| header["alg"] = json!("RS256"), Err("alg_not_allowed"));
    check(&|header, _| header["typ"] = json!("JWT"), Err("wrong_type"));
    check(&|header, _| header["crit"] = json!([]), Err("unsupported_crit"));
    check(&|header, _| header["jwk"] = Value::Null, Err("malformed"));
    check(&|header, _| drop(header.as_object_mut().unwrap().remove("jwk")), Err("malformed"));
    check(&|header, _| header["jwk"]["d"] = json!("AAAA"), Err("malformed"));
    check(&|header, _| header["jwk"] = Signer::es256().jwk(), Err("bad_signature"));
    check(&|header, _| header["jwk"] = Signer::ed_dsa().jwk(), Err("bad_signature"));
}

#[test]
fn requests_without_the_right_proof_are_refused() {
    let bench = Bench::new();
    let token = bound(&bench);
    let proof = bench.holder.proof(&token, |_, _| {});
    let check = |scheme, dpop: &[&str], nonce, expected: &str| {
        let presented = Presented { scheme, nonce, dpop, ..bearer(&token) };
        let outcome = bench.verifier.access_token(&presented, now(), &Replay::default());
        assert_eq!(outcome.unwrap_err().code(), expected);
    };
    check(Scheme::Dpop, &[], None, "binding_required");
    check(Scheme::Bearer, &[], None, "binding_required");
    check(Scheme::Bearer, &[&proof], None, "binding_required");
    check(Scheme::Dpop, &[&proof, &proof], None, "malformed");
    check(Scheme::Dpop, &[&proof], Some("n-1"), "nonce_mismatch");
}

#[test]
fn another_key_is_a_mismatch_and_an_unbound_token_too() {
    let bench = Bench::new();
    let (replay, bound, free) = (Replay::default(), bound(&bench), bench.access(|_, _| {}));
    let stolen = Signer::es256().proof(&bound, |_, _| {});
    let own = bench.holder.proof(&free, |_, _| {});
    for (token, proof) in [(&bound, &stolen), (&free, &own)] {
        let outcome = bench.verifier.access_token(&proven(token, &[proof]), now(), &replay);
        assert_eq!(outcome.unwrap_err().code(), "binding_mismatch");
    }
    let odd = bench.access(|_, payload| payload["cnf"] = json!({"kid": "x"}));
    assert_eq!(
        bench.verifier.access_token(&bearer(&odd), now(), &replay).unwrap_err().code(),
        "binding_required"
    );
}

#[test]
fn certificates_bind_too_and_both_bindings_must_be_met() {
    let bench = Bench::new();
    let x5t = encode(&Sha256::digest(b"certificate"));
    let token = bench.access(|_, payload| payload["cnf"] = json!({"x5t#S256": x5t}));
    let verify = |token: &str, client_certificate| {
        let presented = Presented { client_certificate, ..bearer(token) };
        bench.verifier.access_token(&presented, now(), &Replay::default()).map_err(|refusal| refusal.code())
    };
    let evidence = verify(&token, Some(b"certificate".as_slice())).unwrap();
    assert_eq!((evidence.level(), evidence.binding().x5t_s256.as_ref()), (Level::Credential, Some(&x5t)));
    assert_eq!(verify(&token, Some(b"other".as_slice())), Err("binding_mismatch"));
    assert_eq!(verify(&token, None), Err("binding_required"));
    let both =
        bench.access(|_, payload| payload["cnf"] = json!({"x5t#S256": x5t, "jkt": bench.holder.jkt()}));
    assert_eq!(verify(&both, Some(b"certificate".as_slice())), Err("binding_required"));
}

#[test]
fn a_token_verified_before_is_proven_anew_for_each_request() {
    let bench = Bench::new();
    let (token, replay) = (bound(&bench), Replay::default());
    let proof = |jti: &str| bench.holder.proof(&token, |_, payload| payload["jti"] = json!(jti));
    let first = proof("1");
    let evidence = bench.verifier.access_token(&proven(&token, &[&first]), now(), &replay).unwrap();
    let again = |presented: &Presented<'_>, now| {
        bench.verifier.prove_again(&evidence, presented, now, &replay).map_err(|refusal| refusal.code())
    };
    assert_eq!(again(&proven(&token, &[&first]), now()), Err("replayed"));
    assert_eq!(again(&proven(&token, &[&proof("2")]), now()), Ok(()));
    assert_eq!(again(&bearer(&token), now()), Err("binding_required"));
    let thief = Signer::ed_dsa().proof(&token, |_, _| {});
    assert_eq!(again(&proven(&token, &[&thief]), now()), Err("binding_mismatch"));
    let over = evidence.valid_until().plus_micros(1);
    assert_eq!(again(&proven(&token, &[&proof("3")]), over), Err("expired"));
}

#[test]
fn an_exchanged_token_verified_before_stays_with_its_api_key() {
    let bench = Bench::new();
    let (token, replay) = (bench.exchanged(|_| {}), Replay::default());
    let ask = |jti: &str, api_key, known: Option<&crate::Evidence>| {
        let proof = bench.holder.proof(&token, |_, payload| payload["jti"] = json!(jti));
        let dpop = [proof.as_str()];
        let presented = Presented { api_key: Some(api_key), ..proven(&token, &dpop) };
        match known {
            None => bench.verifier.access_token(&presented, now(), &replay).map(Some),
            Some(known) => bench.verifier.prove_again(known, &presented, now(), &replay).map(|()| None),
        }
    };
    let known = ask("1", "ak_1", None).unwrap();
    assert_eq!(ask("2", "ak_1", known.as_ref()), Ok(None));
    assert_eq!(ask("3", "ak_2", known.as_ref()).unwrap_err().code(), "binding_mismatch");
}
