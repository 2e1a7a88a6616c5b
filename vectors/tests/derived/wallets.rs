//! Wallet credentials: SD-JWT VC with key binding.

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::world::{CLIENT_ID, IDP, Key, NONCE, NOW, PID, WALLET, World, encode};
use crate::{Case, accept, changed, reject};

/// A disclosure and its digest.
pub fn disclosure(parts: &Value) -> (String, String) {
    let text = encode(parts.to_string());
    let digest = encode(Sha256::digest(&text));
    (text, digest)
}

/// One presentation, in its parts.
pub struct Shown<'a> {
    pub world: &'a World,
    pub header: Value,
    pub payload: Value,
    pub disclosures: Vec<String>,
    pub binding_header: Value,
    pub binding: Value,
}

impl<'a> Shown<'a> {
    /// A sound PID, its claims in the open.
    pub fn pid(world: &'a World) -> Self {
        let payload = json!({"iss": PID, "vct": "urn:eudi:pid:1", "iat": NOW - 3_600, "exp": NOW + 86_400,
            "cnf": {"jwk": world.holder.jwk()}, "nationalities": ["DE"]});
        let none = || json!({});
        Self {
            world,
            header: none(),
            payload,
            disclosures: Vec::new(),
            binding_header: none(),
            binding: none(),
        }
    }

    /// A sound predicate credential.
    pub fn predicate(world: &'a World, vct: &str, claims: &Value) -> Self {
        let mut shown = Self::pid(world);
        let own = json!({"iss": WALLET, "vct": vct, "nationalities": "absent"});
        shown.payload = changed(changed(shown.payload, &own), claims);
        shown
    }

    pub fn with(mut self, payload: &Value) -> Self {
        self.payload = changed(self.payload, payload);
        self
    }

    fn disclosing(mut self, disclosures: &[&String]) -> Self {
        self.disclosures = disclosures.iter().map(|one| (*one).clone()).collect();
        self
    }

    pub fn text(&self) -> String {
        let header = changed(self.world.wallet_header("dc+sd-jwt"), &self.header);
        self.bound(self.world.signer.sign(&header, &self.payload))
    }

    /// With the holder's signature over a credential and the disclosures.
    fn bound(&self, credential: String) -> String {
        let parts: Vec<String> = [credential].into_iter().chain(self.disclosures.iter().cloned()).collect();
        let bound = parts.join("~") + "~";
        let plain = json!({"iat": NOW - 10, "aud": CLIENT_ID, "nonce": NONCE, "sd_hash": encode(Sha256::digest(&bound))});
        let header = changed(json!({"alg": "ES256", "typ": "kb+jwt"}), &self.binding_header);
        bound + &self.world.holder.sign(&header, &changed(plain, &self.binding))
    }

    pub fn case(&self, id: &str, expect: Value) -> Case {
        case(id, &self.text(), expect)
    }
}

pub fn case(id: &str, presented: &str, expect: Value) -> Case {
    let context = json!({"client_id": CLIENT_ID, "nonce": NONCE, "want": ["nationalities"]});
    Case { id: id.to_owned(), input: json!({"vp_token": presented}), context, expect }
}

pub fn cases(world: &World) -> Vec<Case> {
    [credentials(world), headers(world), bindings(world), digests(world), broken(world), predicates(world)]
        .into_iter()
        .flatten()
        .collect()
}

fn good() -> Value {
    accept("S4", json!({"facts": {"nationalities": ["DE"], "nationalities_complete": false}}))
}

fn credentials(world: &World) -> Vec<Case> {
    let changes = [
        ("plain", json!({}), good()),
        ("exp-at-the-edge", json!({"exp": NOW - 60}), good()),
        ("exp-over-the-edge", json!({"exp": NOW - 61}), reject("expired")),
        ("exp-missing", json!({"exp": "absent"}), good()),
        ("nbf-at-the-edge", json!({"nbf": NOW + 60}), good()),
        ("nbf-over-the-edge", json!({"nbf": NOW + 61}), reject("not_yet_valid")),
        ("iat-over-the-edge", json!({"iat": NOW + 61}), reject("not_yet_valid")),
        ("exp-null", json!({"exp": null}), reject("claim_type")),
        ("iss-missing", json!({"iss": "absent"}), reject("untrusted_issuer")),
        ("iss-number", json!({"iss": 7}), reject("untrusted_issuer")),
        ("iss-of-tokens", json!({"iss": IDP}), reject("untrusted_issuer")),
        ("iss-unknown", json!({"iss": "https://pid.unknown.test"}), reject("untrusted_issuer")),
        ("vct-missing", json!({"vct": "absent"}), reject("missing_claim")),
        ("vct-number", json!({"vct": 7}), reject("claim_type")),
        ("vct-other", json!({"vct": "urn:eudi:pid:2"}), reject("wrong_type")),
        ("cnf-missing", json!({"cnf": "absent"}), reject("binding_required")),
        ("cnf-null", json!({"cnf": null}), reject("claim_type")),
        ("set-text", json!({"nationalities": "DE"}), reject("claim_type")),
        ("set-null", json!({"nationalities": null}), reject("claim_type")),
        ("set-missing", json!({"nationalities": "absent"}), reject("missing_claim")),
        ("set-unknown", json!({"nationalities": ["QU"]}), reject("missing_claim")),
        ("set-lower-case", json!({"nationalities": ["de"]}), reject("claim_value")),
        ("refugee", json!({"nationalities": ["XXB"]}), accept("S4", json!({"flags": ["refugee"]}))),
        ("sd-alg-unlisted", json!({"_sd_alg": "sha-512"}), reject("alg_not_allowed")),
        ("sd-alg-named", json!({"_sd_alg": "sha-256"}), good()),
    ];
    let one = |(name, change, expect): (&str, Value, Value)| {
        Shown::pid(world).with(&change).case(&format!("pid/{name}"), expect)
    };
    changes.into_iter().map(one).collect()
}

fn headers(world: &World) -> Vec<Case> {
    let changes = [
        ("old-typ", json!({"typ": "vc+sd-jwt"}), good()),
        ("typ-missing", json!({"typ": "absent"}), reject("wrong_type")),
        ("typ-of-a-token", json!({"typ": "at+jwt"}), reject("wrong_type")),
        ("crit", json!({"crit": ["x"], "typ": "x"}), reject("unsupported_crit")),
        ("alg-none", json!({"alg": "none"}), reject("alg_not_allowed")),
        ("alg-of-another", json!({"alg": "EdDSA"}), reject("alg_not_allowed")),
        ("x5c-missing", json!({"x5c": "absent"}), reject("untrusted_issuer")),
        ("x5c-empty", json!({"x5c": []}), reject("untrusted_issuer")),
        ("x5c-no-certificate", json!({"x5c": ["AAAA"]}), reject("untrusted_issuer")),
        ("chain-before-crit", json!({"x5c": [], "crit": ["x"]}), reject("untrusted_issuer")),
    ];
    let one = |(name, header, expect): (&str, Value, Value)| {
        Shown { header, ..Shown::pid(world) }.case(&format!("pid-header/{name}"), expect)
    };
    changes.into_iter().map(one).collect()
}

fn bindings(world: &World) -> Vec<Case> {
    let claims = [
        ("iat-at-its-age", json!({"iat": NOW - 300}), good()),
        ("iat-over-its-age", json!({"iat": NOW - 301}), reject("stale_proof")),
        ("iat-ahead", json!({"iat": NOW + 60}), good()),
        ("iat-too-far-ahead", json!({"iat": NOW + 61}), reject("stale_proof")),
        ("iat-missing", json!({"iat": "absent"}), reject("missing_claim")),
        ("aud-missing", json!({"aud": "absent"}), reject("missing_claim")),
        ("aud-empty", json!({"aud": []}), reject("wrong_audience")),
        ("aud-without-prefix", json!({"aud": "gate.other.test"}), reject("wrong_audience")),
        ("nonce-missing", json!({"nonce": "absent"}), reject("missing_claim")),
        ("nonce-number", json!({"nonce": 7}), reject("claim_type")),
        ("nonce-of-another", json!({"nonce": "n"}), reject("nonce_mismatch")),
        ("hash-missing", json!({"sd_hash": "absent"}), reject("missing_claim")),
        ("hash-of-another", json!({"sd_hash": encode(Sha256::digest("x"))}), reject("binding_mismatch")),
        ("age-before-audience", json!({"iat": NOW - 999, "aud": "x"}), reject("stale_proof")),
        ("audience-before-nonce", json!({"aud": "x", "nonce": "x"}), reject("wrong_audience")),
    ];
    let headers = [
        ("alg-rsa", json!({"alg": "RS256"}), reject("alg_not_allowed")),
        ("crit", json!({"crit": ["x"]}), reject("unsupported_crit")),
        ("typ-missing", json!({"typ": "absent"}), reject("wrong_type")),
    ];
    let of_claims = |(name, binding, expect): (&str, Value, Value)| {
        Shown { binding, ..Shown::pid(world) }.case(&format!("binding/{name}"), expect)
    };
    let of_headers = |(name, binding_header, expect): (&str, Value, Value)| {
        Shown { binding_header, ..Shown::pid(world) }.case(&format!("binding/{name}"), expect)
    };
    let sound = Shown::pid(world).text();
    let (unbound, _) = sound.rsplit_once('~').unwrap();
    let other = Shown::pid(world).with(&json!({"cnf": {"jwk": Key::ec().jwk()}}));
    let ed = Shown::pid(world).with(&json!({"cnf": {"jwk": Key::ed().jwk()}}));
    let private =
        Shown::pid(world).with(&json!({"cnf": {"jwk": changed(Key::ec().jwk(), &json!({"d": "AAAA"}))}}));
    claims
        .into_iter()
        .map(of_claims)
        .chain(headers.into_iter().map(of_headers))
        .chain([
            case("binding/none", &format!("{unbound}~"), reject("binding_required")),
            other.case("binding/other-key", reject("bad_signature")),
            ed.case("binding/other-kind-of-key", reject("bad_signature")),
            private.case("binding/private-key", reject("malformed")),
        ])
        .collect()
}

fn digests(world: &World) -> Vec<Case> {
    let (de, of_de) = disclosure(&json!(["s1", "DE"]));
    let (us, of_us) = disclosure(&json!(["s2", "US"]));
    let set = json!([{"...": of_de}, {"...": of_us}]);
    let (whole, of_whole) = disclosure(&json!(["s3", "nationalities", set]));
    let (open, of_open) = disclosure(&json!(["s4", "nationalities", ["DE"]]));
    let closed = |with: Value| Shown::pid(world).with(&json!({"nationalities": "absent"})).with(&with);
    let of = |codes: Value, flags: Value| {
        accept(
            "S4",
            json!({"facts": {"nationalities": codes, "nationalities_complete": false}, "flags": flags}),
        )
    };
    let hidden = json!(["undisclosed_elements"]);
    let decoy = encode(Sha256::digest("decoy"));
    vec![
        closed(json!({"_sd": [of_whole]}))
            .disclosing(&[&whole, &de, &us])
            .case("digest/all", of(json!(["DE", "US"]), json!([]))),
        closed(json!({"_sd": [of_whole]}))
            .disclosing(&[&us, &whole])
            .case("digest/one-hidden", of(json!(["US"]), hidden.clone())),
        closed(json!({"_sd": [of_whole]}))
            .disclosing(&[&whole])
            .case("digest/parent-only", reject("missing_claim")),
        closed(json!({"_sd": [of_whole]})).case("digest/nothing", reject("missing_claim")),
        closed(json!({"_sd": [of_whole]}))
            .disclosing(&[&de])
            .case("digest/child-only", reject("disclosure_invalid")),
        closed(json!({"_sd": [of_open, decoy]}))
            .disclosing(&[&open])
            .case("digest/decoy-of-a-member", of(json!(["DE"]), json!([]))),
        Shown::pid(world)
            .with(&json!({"nationalities": ["DE", {"...": decoy}]}))
            .case("digest/decoy-of-an-element", of(json!(["DE"]), hidden.clone())),
        Shown::pid(world)
            .with(&json!({"nationalities": ["DE", {"...": of_us}]}))
            .disclosing(&[&us])
            .case("digest/one-in-the-open", of(json!(["DE", "US"]), json!([]))),
        Shown::pid(world)
            .with(&json!({"mail": [{"...": decoy}]}))
            .case("digest/decoy-elsewhere", of(json!(["DE"]), hidden)),
    ]
}

/// RFC 9901, 7.1: each rule broken once.
fn broken(world: &World) -> Vec<Case> {
    let bad = || reject("disclosure_invalid");
    let pid = || Shown::pid(world);
    let member = |parts: Value| {
        let (text, digest) = disclosure(&parts);
        pid().with(&json!({"_sd": [digest]})).disclosing(&[&text])
    };
    let element = |parts: Value| {
        let (text, digest) = disclosure(&parts);
        pid().with(&json!({"nationalities": ["DE", {"...": digest}]})).disclosing(&[&text])
    };
    let (name, of_name) = disclosure(&json!(["s", "given_name", "A"]));
    let raw = encode("[\"s\",\"a\",{\"b\":1,\"b\":2}]");
    let of_raw = encode(Sha256::digest(&raw));
    let no_list = encode("{}");
    let of_no_list = encode(Sha256::digest(&no_list));
    let placeholder = json!({"nationalities": ["DE", {"...": of_name, "x": 1}]});
    vec![
        member(json!(["s", "given_name", "A"])).case("broken/nothing", good()),
        pid().disclosing(&[&name]).case("broken/unreferenced", bad()),
        member(json!(["s", "_sd", "A"])).case("broken/named-_sd", bad()),
        member(json!(["s", "...", "A"])).case("broken/named-dots", bad()),
        member(json!(["s", "nationalities", ["US"]])).case("broken/name-taken", bad()),
        member(json!(["s", "vct", "urn:eudi:pid:1"])).case("broken/name-of-the-type", bad()),
        member(json!(["s", "A"])).case("broken/member-without-name", bad()),
        member(json!(["s", "a", "b", "c"])).case("broken/four-parts", bad()),
        member(json!(["s", 7, "A"])).case("broken/name-number", bad()),
        member(json!([7, "a", "A"])).case("broken/salt-number", bad()),
        element(json!(["s", "a", "US"])).case("broken/element-with-name", bad()),
        element(json!(["s"])).case("broken/element-without-value", bad()),
        pid()
            .with(&json!({"_sd": [of_name, of_name]}))
            .disclosing(&[&name])
            .case("broken/digest-twice", bad()),
        pid()
            .with(&json!({"_sd": [of_name]}))
            .disclosing(&[&name, &name])
            .case("broken/disclosure-twice", bad()),
        pid().with(&json!({"_sd": of_name})).disclosing(&[&name]).case("broken/digests-no-list", bad()),
        pid().with(&json!({"_sd": [7]})).case("broken/digest-number", bad()),
        pid().with(&placeholder).case("broken/placeholder-with-more", bad()),
        pid().with(&json!({"x": {"...": of_name}})).case("broken/placeholder-outside-a-list", bad()),
        pid().with(&json!({"_sd": [of_no_list]})).disclosing(&[&no_list]).case("broken/no-list", bad()),
        pid()
            .with(&json!({"_sd": [of_raw]}))
            .disclosing(&[&raw])
            .case("broken/member-twice-inside", reject("malformed")),
    ]
}

fn predicates(world: &World) -> Vec<Case> {
    let us = |claims: Value| Shown::predicate(world, "urn:douane:us-person:1", &claims);
    let negative = |claims: Value| Shown::predicate(world, "urn:douane:not-national-of:1", &claims);
    let says = |predicates: Value| accept("S4", json!({"predicates": predicates}));
    let (cn, of_cn) = disclosure(&json!(["s", "CN"]));
    let part = json!({"not_national_of": [{"...": of_cn}, {"...": encode(Sha256::digest("decoy"))}]});
    vec![
        us(json!({"us_person": true})).case("predicate/yes", says(json!({"us_person": "yes", "national_of:US": "unknown"}))),
        us(json!({"us_person": false})).case("predicate/no", says(json!({"us_person": "no"}))),
        us(json!({"us_person": null})).case("predicate/null", reject("claim_type")),
        us(json!({"us_person": 1})).case("predicate/number", reject("claim_type")),
        us(json!({})).case("predicate/absent", reject("missing_claim")),
        us(json!({"us_person": true, "iss": PID})).case("predicate/not-entitled", reject("claim_out_of_scope")),
        us(json!({"us_person": "x", "iss": PID})).case("predicate/type-before-entitlement", reject("claim_type")),
        us(json!({"us_person": true, "vct": "urn:douane:us-person:2"})).case("predicate/other-type", reject("wrong_type")),
        negative(json!({"not_national_of": ["CN", "IRN"]}))
            .case("predicate/negative", says(json!({"national_of:CN": "no", "national_of:IR": "no", "national_of:RU": "unknown", "us_person": "unknown"}))),
        negative(json!({"not_national_of": ["CN", "??"]})).case("predicate/negative-bad-code", reject("claim_value")),
        negative(json!({"not_national_of": "CN"})).case("predicate/negative-text", reject("claim_type")),
        negative(part).disclosing(&[&cn]).case(
            "predicate/negative-in-part",
            accept("S4", json!({"predicates": {"national_of:CN": "no", "national_of:RU": "unknown"}, "flags": ["undisclosed_elements"]})),
        ),
        Shown::pid(world).with(&json!({"iss": WALLET})).case("predicate/pid-of-a-wallet", reject("claim_out_of_scope")),
    ]
}
