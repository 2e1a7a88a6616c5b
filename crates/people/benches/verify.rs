//! What one request costs. Targets: cold token 80 us, proof per request 45 us, warm token 1 us, session 50 ns.
#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "a benchmark may stop")]

use std::cell::Cell;
use std::sync::Arc;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use divan::{Bencher, black_box};
use people::session::{SessionKey, Sessions, lasts_until};
use people::{Evidence, Presented, Profile, Registry, Replay, Scheme, Verifier};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use terms::Instant;

const NOW: i64 = 1_900_000_000;
const URL: &str = "https://gateway.test/v1/messages";

fn main() {
    divan::main();
}

struct Key(EcdsaKeyPair);

impl Key {
    fn new() -> Self {
        Self(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key"))
    }

    fn jwk(&self) -> Value {
        let point = self.0.public_key().as_ref();
        json!({"kty": "EC", "crv": "P-256", "x": encode(&point[1..33]), "y": encode(&point[33..])})
    }

    fn jkt(&self) -> String {
        let jwk = self.jwk();
        let text = |name: &str| jwk[name].as_str().unwrap_or_default().to_owned();
        let body = format!(r#"{{"crv":"P-256","kty":"EC","x":"{}","y":"{}"}}"#, text("x"), text("y"));
        encode(&Sha256::digest(body))
    }

    fn sign(&self, header: &Value, payload: &Value) -> String {
        let input =
            format!("{}.{}", encode(header.to_string().as_bytes()), encode(payload.to_string().as_bytes()));
        let signature = self.0.sign(&SystemRandom::new(), input.as_bytes()).expect("a signature");
        format!("{input}.{}", encode(signature.as_ref()))
    }

    fn proof(&self, token: &str, jti: u64) -> String {
        let header = json!({"alg": "ES256", "typ": "dpop+jwt", "jwk": self.jwk()});
        let ath = encode(&Sha256::digest(token));
        self.sign(
            &header,
            &json!({"jti": jti.to_string(), "htm": "POST", "htu": URL, "iat": NOW, "ath": ath}),
        )
    }
}

fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn now() -> Instant {
    Instant::from_micros(NOW * 1_000_000)
}

struct Bench {
    verifier: Verifier,
    token: String,
    holder: Key,
}

impl Bench {
    fn new(bound: bool) -> Self {
        let (idp, holder) = (Key::new(), Key::new());
        let mut jwk = idp.jwk();
        jwk["kid"] = json!("k-1");
        let trust = json!({"issuers": [{
            "iss": "https://idp.test", "kind": "oidc", "jwks": {"keys": [jwk]}, "algs": ["ES256"],
            "max_strength": "S4", "may_assert": ["nationalities"], "trust_frameworks": {"eidas": {"high": "S4"}},
        }]});
        let mut payload = json!({
            "iss": "https://idp.test", "sub": "u-1", "aud": "https://gateway.test", "client_id": "c-1",
            "iat": NOW - 10, "exp": NOW + 600, "jti": "t-1", "scope": "models:invoke", "auth_time": NOW - 60,
            "acr": "urn:douane:acr:s3",
            "verified_claims": {
                "verification": {"trust_framework": "eidas", "assurance_level": "high", "time": "2029-01-01T00:00:00Z"},
                "claims": {"nationalities": ["DE"]},
            },
        });
        if bound {
            payload["cnf"] = json!({"jkt": holder.jkt()});
        }
        let token = idp.sign(&json!({"alg": "ES256", "typ": "at+jwt", "kid": "k-1"}), &payload);
        let registry = Registry::from_json(trust.to_string().as_bytes()).expect("a registry");
        let profile = Profile { gateway: "https://gateway.test".to_owned(), ..Profile::default() };
        Self { verifier: Verifier::new(registry, profile), token, holder }
    }

    fn evidence(&self) -> Arc<Evidence> {
        let presented = self.presented(Scheme::Bearer, &[]);
        let evidence = self.verifier.access_token(&presented, now(), &Replay::default());
        Arc::new(evidence.expect("evidence"))
    }

    fn presented<'a>(&'a self, scheme: Scheme, dpop: &'a [&'a str]) -> Presented<'a> {
        Presented {
            scheme,
            token: &self.token,
            dpop,
            client_certificate: None,
            method: "POST",
            url: URL,
            nonce: None,
            api_key: None,
        }
    }
}

/// A bearer token never seen before.
#[divan::bench]
fn cold_es256(bencher: Bencher<'_, '_>) {
    let (bench, replay) = (Bench::new(false), Replay::default());
    bencher.bench_local(|| {
        bench
            .verifier
            .access_token(black_box(&bench.presented(Scheme::Bearer, &[])), now(), &replay)
            .expect("evidence")
    });
}

/// A bound token never seen before, with its proof.
#[divan::bench]
fn cold_es256_with_dpop(bencher: Bencher<'_, '_>) {
    let (bench, replay, jti) = (Bench::new(true), Replay::default(), Cell::new(0));
    let proof = || bench.holder.proof(&bench.token, jti.replace(jti.get() + 1));
    bencher.with_inputs(proof).bench_local_refs(|proof| {
        let dpop = [proof.as_str()];
        bench.verifier.access_token(&bench.presented(Scheme::Dpop, &dpop), now(), &replay).expect("evidence")
    });
}

/// A new proof for a token with a session: every request of a DPoP client.
#[divan::bench]
fn session_with_dpop(bencher: Bencher<'_, '_>) {
    let (bench, replay, jti) = (Bench::new(true), Replay::default(), Cell::new(0));
    let proof = || bench.holder.proof(&bench.token, jti.replace(jti.get() + 1));
    let (sessions, first) = (Sessions::default(), proof());
    let evidence = bench.verifier.access_token(&bench.presented(Scheme::Dpop, &[&first]), now(), &replay);
    open(&sessions, &bench.token, &Arc::new(evidence.expect("evidence")));
    bencher.with_inputs(proof).bench_local_refs(|proof| {
        let dpop = [proof.as_str()];
        let evidence = sessions.get(&SessionKey::of(&bench.token), now()).expect("open");
        let presented = bench.presented(Scheme::Dpop, &dpop);
        bench.verifier.prove_again(&evidence, &presented, now(), &replay).expect("proven");
    });
}

/// A bearer token with a session, from the text of the token: the digest and the look-up.
#[divan::bench]
fn warm(bencher: Bencher<'_, '_>) {
    let (bench, sessions) = (Bench::new(false), Sessions::default());
    open(&sessions, &bench.token, &bench.evidence());
    bencher.bench_local(|| sessions.get(&SessionKey::of(black_box(&bench.token)), now()).expect("open"));
}

/// The look-up alone, among 100,000.
#[divan::bench]
fn session(bencher: Bencher<'_, '_>) {
    let (bench, sessions) = (Bench::new(false), Sessions::default());
    let evidence = bench.evidence();
    for number in 0..100_000 {
        open(&sessions, &number.to_string(), &evidence);
    }
    let known = SessionKey::of("77");
    bencher.bench_local(|| sessions.get(black_box(&known), now()).expect("open"));
}

fn open(sessions: &Sessions<Arc<Evidence>>, token: &str, evidence: &Arc<Evidence>) {
    let (epoch, until) = (sessions.epoch(), lasts_until(evidence, now()));
    sessions.open(SessionKey::of(token), Arc::clone(evidence), until, epoch, now()).expect("room");
}
