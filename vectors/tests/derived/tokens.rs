//! Access tokens shown as bearer tokens.

use serde_json::{Value, json};

use crate::world::{BANK, EMPLOYER, GATEWAY, IDP, Key, NOW, PID, URL, World, encode, verified};
use crate::{Case, accept, changed, reject};

pub fn context(scheme: &str) -> Value {
    json!({"scheme": scheme, "method": "POST", "url": URL})
}

pub fn case(id: &str, token: &str, expect: Value) -> Case {
    Case { id: id.to_owned(), input: json!({"access_token": token}), context: context("Bearer"), expect }
}

pub fn cases(world: &World) -> Vec<Case> {
    [times(world), types(world), headers(world), order(world), form(world), sets(world), levels(world)]
        .into_iter()
        .flatten()
        .collect()
}

fn good() -> Value {
    accept("S2", json!({"facts": {"nationalities": ["DE"], "nationalities_complete": false}}))
}

/// Each with one change of the payload.
fn with(world: &World, group: &str, changes: Vec<(&str, Value, Value)>) -> Vec<Case> {
    let one = |(name, change, expect): (&str, Value, Value)| {
        case(&format!("{group}/{name}"), &world.access(&json!({}), &change), expect)
    };
    changes.into_iter().map(one).collect()
}

fn times(world: &World) -> Vec<Case> {
    with(
        world,
        "times",
        vec![
            ("exp-at-the-edge", json!({"exp": NOW - 60}), good()),
            ("exp-over-the-edge", json!({"exp": NOW - 61}), reject("expired")),
            ("exp-now", json!({"exp": NOW}), good()),
            ("exp-fraction-inside", json!({"exp": NOW as f64 - 59.5}), good()),
            ("exp-fraction-outside", json!({"exp": NOW as f64 - 60.5}), reject("expired")),
            ("nbf-now", json!({"nbf": NOW}), good()),
            ("nbf-at-the-edge", json!({"nbf": NOW + 60}), good()),
            ("nbf-over-the-edge", json!({"nbf": NOW + 61}), reject("not_yet_valid")),
            ("iat-at-the-edge", json!({"iat": NOW + 60}), good()),
            ("iat-over-the-edge", json!({"iat": NOW + 61}), reject("not_yet_valid")),
        ],
    )
}

fn types(world: &World) -> Vec<Case> {
    let audience = format!("{GATEWAY}/");
    with(
        world,
        "types",
        vec![
            ("exp-null", json!({"exp": null}), reject("claim_type")),
            ("exp-true", json!({"exp": true}), reject("claim_type")),
            ("nbf-null", json!({"nbf": null}), reject("claim_type")),
            ("iat-text", json!({"iat": "1"}), reject("claim_type")),
            ("sub-number", json!({"sub": 7}), reject("claim_type")),
            ("sub-null", json!({"sub": null}), reject("claim_type")),
            ("sub-missing", json!({"sub": "absent"}), reject("missing_claim")),
            ("aud-number", json!({"aud": 7}), reject("claim_type")),
            ("aud-null", json!({"aud": null}), reject("claim_type")),
            ("aud-mixed", json!({"aud": [GATEWAY, 7]}), reject("claim_type")),
            ("aud-empty", json!({"aud": []}), reject("wrong_audience")),
            ("aud-slash", json!({"aud": audience}), reject("wrong_audience")),
            ("aud-upper-case", json!({"aud": GATEWAY.to_uppercase()}), reject("wrong_audience")),
            ("aud-last-of-three", json!({"aud": ["a", "", GATEWAY]}), good()),
            ("cnf-null", json!({"cnf": null}), reject("claim_type")),
            ("cnf-text", json!({"cnf": "jkt"}), reject("claim_type")),
            ("jkt-number", json!({"cnf": {"jkt": 7}}), reject("claim_type")),
            ("verified-null", json!({"verified_claims": null}), reject("claim_type")),
            ("verified-text", json!({"verified_claims": "eidas"}), reject("claim_type")),
            ("verified-list-of-texts", json!({"verified_claims": ["eidas"]}), reject("claim_type")),
            ("iss-missing", json!({"iss": "absent"}), reject("untrusted_issuer")),
            ("iss-null", json!({"iss": null}), reject("untrusted_issuer")),
            ("iss-slash", json!({"iss": format!("{IDP}/")}), reject("untrusted_issuer")),
            ("iss-of-an-employer", json!({"iss": EMPLOYER}), reject("untrusted_issuer")),
            ("iss-of-credentials", json!({"iss": PID}), reject("untrusted_issuer")),
        ],
    )
}

fn headers(world: &World) -> Vec<Case> {
    let stranger = Key::ec().jwk();
    let changes = [
        ("alg-missing", json!({"alg": "absent"}), reject("alg_not_allowed")),
        ("alg-null", json!({"alg": null}), reject("alg_not_allowed")),
        ("alg-lower-case", json!({"alg": "es256"}), reject("alg_not_allowed")),
        ("alg-of-no-list", json!({"alg": "ES384"}), reject("alg_not_allowed")),
        ("alg-of-another-issuer", json!({"alg": "EdDSA"}), reject("alg_not_allowed")),
        ("crit-empty", json!({"crit": []}), reject("unsupported_crit")),
        ("crit-null", json!({"crit": null}), reject("unsupported_crit")),
        ("crit-known-claim", json!({"crit": ["exp"], "exp": NOW + 1}), reject("unsupported_crit")),
        ("typ-missing", json!({"typ": "absent"}), reject("wrong_type")),
        ("typ-null", json!({"typ": null}), reject("wrong_type")),
        ("typ-of-an-assertion", json!({"typ": "douane-eua+jwt"}), reject("wrong_type")),
        ("kid-missing", json!({"kid": "absent"}), reject("unknown_key")),
        ("kid-null", json!({"kid": null}), reject("unknown_key")),
        ("kid-number", json!({"kid": 7}), reject("unknown_key")),
        ("kid-empty", json!({"kid": ""}), reject("unknown_key")),
        ("jwk-of-a-stranger-is-not-used", json!({"jwk": stranger}), good()),
        (
            "jwk-private",
            json!({"jwk": changed(stranger.clone(), &json!({"d": "AAAA"}))}),
            reject("malformed"),
        ),
        (
            "jwk-no-point",
            json!({"jwk": changed(stranger.clone(), &json!({"y": stranger["x"]}))}),
            reject("malformed"),
        ),
        ("jwk-text", json!({"jwk": "k"}), reject("malformed")),
        ("cty-is-nothing", json!({"cty": "x", "jku": "https://evil.test/"}), good()),
    ];
    let one = |(name, change, expect): (&str, Value, Value)| {
        case(&format!("header/{name}"), &world.access(&change, &json!({})), expect)
    };
    changes.into_iter().map(one).collect()
}

/// Two faults at once: the first check that fails names the code.
fn order(world: &World) -> Vec<Case> {
    let spoilt = |token: String| format!("{}{}", &token[..token.len() - 8], "AAAAAAAA");
    let token = |header: Value, payload: Value| world.access(&header, &payload);
    let none = json!({});
    let stranger = json!({"iss": "https://unknown.other.test"});
    vec![
        case("order/alg-issuer", &token(json!({"alg": "none"}), stranger.clone()), reject("alg_not_allowed")),
        case("order/issuer-crit", &token(json!({"crit": ["x"]}), stranger), reject("untrusted_issuer")),
        case(
            "order/issuers-alg-crit",
            &token(json!({"alg": "EdDSA", "crit": ["x"]}), none.clone()),
            reject("alg_not_allowed"),
        ),
        case(
            "order/crit-typ",
            &token(json!({"crit": ["x"], "typ": "JWT"}), none.clone()),
            reject("unsupported_crit"),
        ),
        case("order/typ-kid", &token(json!({"typ": "JWT", "kid": "z"}), none.clone()), reject("wrong_type")),
        case("order/kid-signature", &spoilt(token(json!({"kid": "z"}), none.clone())), reject("unknown_key")),
        case(
            "order/signature-times",
            &spoilt(token(none.clone(), json!({"exp": NOW - 999}))),
            reject("bad_signature"),
        ),
        case(
            "order/types-presence",
            &token(none.clone(), json!({"sub": "absent", "nbf": "x"})),
            reject("claim_type"),
        ),
        case(
            "order/presence-times",
            &token(none.clone(), json!({"sub": "absent", "exp": NOW - 999})),
            reject("missing_claim"),
        ),
        case(
            "order/times-audience",
            &token(none.clone(), json!({"exp": NOW - 999, "aud": "x"})),
            reject("expired"),
        ),
        case(
            "order/audience-binding",
            &token(none.clone(), json!({"aud": "x", "cnf": {"jkt": "x"}})),
            reject("wrong_audience"),
        ),
        case(
            "order/binding-content",
            &token(none, json!({"cnf": {"jkt": "x"}, "verified_claims": verified("eidas", "high", &["zz"])})),
            reject("binding_required"),
        ),
    ]
}

fn form(world: &World) -> Vec<Case> {
    let sound = world.access(&json!({}), &json!({}));
    let (header, payload) = (world.access_header().to_string(), world.access_payload().to_string());
    let twice = |text: &str, more: &str| format!("{},{more}}}", text.strip_suffix('}').unwrap());
    let nested = payload.replace("\"assurance_level\"", "\"trust_framework\":\"eidas\",\"assurance_level\"");
    assert_ne!(nested, payload);
    let malformed = [
        ("four-segments", format!("{sound}.")),
        ("line-end", format!("{sound}\n")),
        ("space-before", format!(" {sound}")),
        ("padding", format!("{sound}==")),
        ("standard-base64", sound.replacen('.', "+.", 1)),
        ("empty", String::new()),
        ("dots", "..".to_owned()),
        ("header-list", world.idp.sign_texts("[]", &payload)),
        ("payload-text", world.idp.sign_texts(&header, "\"x\"")),
        ("payload-no-json", world.idp.sign_texts(&header, "{")),
        ("header-member-twice", world.idp.sign_texts(&twice(&header, "\"alg\":\"ES256\""), &payload)),
        ("payload-member-twice", world.idp.sign_texts(&header, &twice(&payload, "\"sub\":\"u-1\""))),
        ("member-twice-escaped", world.idp.sign_texts(&header, &twice(&payload, "\"s\\u0075b\":\"u-1\""))),
        ("member-twice-inside", world.idp.sign_texts(&header, &nested)),
        ("unknown-issuer-and-no-form", format!("{}.{}", encode("{\"alg\":\"none\"}"), encode("{}"))),
    ];
    let one = |(name, token): (&str, String)| case(&format!("form/{name}"), &token, reject("malformed"));
    malformed.into_iter().map(one).collect()
}

fn sets(world: &World) -> Vec<Case> {
    let set = |codes: Value| {
        let mut claims = verified("eidas", "high", &[]);
        claims["claims"]["nationalities"] = codes;
        json!({"verified_claims": claims})
    };
    let of = |codes: Value| json!({"facts": {"nationalities": codes, "nationalities_complete": false}});
    let flagged = |flag: &str| {
        accept(
            "S2",
            json!({"flags": [flag], "predicates": {"us_person": "unknown", "national_of:US": "unknown"}}),
        )
    };
    with(
        world,
        "set",
        vec![
            ("alpha-3", set(json!(["DEU", "USA"])), accept("S2", of(json!(["DE", "US"])))),
            ("british-kinds", set(json!(["GBD"])), accept("S2", of(json!(["GB"])))),
            ("said-twice", set(json!(["DE", "DEU"])), accept("S2", of(json!(["DE"])))),
            ("lower-case", set(json!(["de"])), reject("claim_value")),
            ("no-code", set(json!(["GER"])), reject("claim_value")),
            ("blank", set(json!([""])), reject("claim_value")),
            ("one-bad-among-good", set(json!(["DE", "ZZ"])), reject("claim_value")),
            ("empty", set(json!([])), reject("missing_claim")),
            ("text", set(json!("DE")), reject("claim_type")),
            ("null", set(json!(null)), reject("claim_type")),
            ("numbers", set(json!(["DE", 1])), reject("claim_type")),
            ("unknown-only", set(json!(["QU"])), reject("missing_claim")),
            ("unspecified-only", set(json!(["XXX"])), reject("missing_claim")),
            ("unknown-beside", set(json!(["QU", "FR"])), accept("S2", of(json!(["FR"])))),
            ("unspecified-beside", set(json!(["FR", "XXX"])), accept("S2", of(json!(["FR"])))),
            ("stateless", set(json!(["QS"])), flagged("stateless")),
            ("stateless-icao", set(json!(["XXA"])), flagged("stateless")),
            ("refugee", set(json!(["XXB"])), flagged("refugee")),
            ("refugee-other", set(json!(["XXC"])), flagged("refugee_other")),
            (
                "refugee-with-a-nationality",
                set(json!(["XXB", "SY"])),
                accept(
                    "S2",
                    json!({"flags": ["refugee"], "predicates": {"national_of:SY": "yes", "national_of:US": "unknown"}}),
                ),
            ),
            (
                "a-foreign-nationality-is-no-no",
                set(json!(["CN"])),
                accept(
                    "S2",
                    json!({"predicates": {"us_person": "unknown", "national_of:US": "unknown", "national_of:CN": "yes"}}),
                ),
            ),
        ],
    )
}

fn levels(world: &World) -> Vec<Case> {
    let claims = |framework: &str, level: Value, time: &str| {
        let mut claims = verified(framework, "x", &["DE"]);
        claims["verification"] =
            changed(claims["verification"].clone(), &json!({"assurance_level": level, "time": time}));
        json!({"verified_claims": claims})
    };
    let at = |time: &str| claims("eidas", json!("high"), time);
    let recent = "2026-12-01T10:00:00Z";
    let (other, plain) = (verified("eidas", "high", &["FR"]), json!(["IT"]));
    let without = json!({"verification": {"trust_framework": "eidas", "assurance_level": "high"}, "claims": {"birthdate": "1990-01-01"}});
    let of = |country: &str| json!({"facts": {"nationalities": [country], "nationalities_complete": false}});
    let mut all = with(
        world,
        "level",
        vec![
            (
                "substantial-under-the-cap",
                claims("eidas", json!("substantial"), recent),
                accept("S2", json!({})),
            ),
            ("low", claims("eidas", json!("low"), recent), accept("S1", json!({}))),
            ("unknown", claims("eidas", json!("highest"), recent), accept("S1", json!({}))),
            ("missing", claims("eidas", json!("absent"), recent), accept("S1", json!({}))),
            ("null", claims("eidas", json!(null), recent), reject("claim_type")),
            ("framework-unknown", claims("uk_dcmf", json!("high"), recent), accept("S1", json!({}))),
            // Five years of 365 days before the clock, to the second.
            ("as-old-as-may-be", at("2022-01-16T08:00:00Z"), accept("S2", json!({}))),
            ("older", at("2022-01-16T07:59:59Z"), accept("S1", json!({"flags": ["stale_verification"]}))),
            ("verified-now", at("2027-01-15T08:00:00Z"), accept("S2", json!({}))),
            ("verified-tomorrow", at("2027-01-15T08:00:01Z"), reject("claim_value")),
            ("verified-in-another-zone", at("2027-01-15T09:00:00+01:00"), accept("S2", json!({}))),
            ("no-time", at("absent"), accept("S2", json!({}))),
            ("time-in-words", at("yesterday"), reject("claim_value")),
            ("objects-without-a-set", json!({"verified_claims": [without, other]}), accept("S2", of("FR"))),
            (
                "no-object-with-a-set",
                json!({"verified_claims": [without], "nationalities": plain}),
                accept("S1", of("IT")),
            ),
            ("no-object", json!({"verified_claims": [], "nationalities": plain}), accept("S1", of("IT"))),
            ("nothing-at-all", json!({"verified_claims": [without]}), reject("missing_claim")),
            (
                "the-strongest-wins",
                json!({"verified_claims": [verified("eidas", "low", &["CN"]), other], "nationalities": plain}),
                accept("S2", of("FR")),
            ),
        ],
    );
    let bank = |name: &str, level: Value, expect| {
        case(&format!("level/bank-{name}"), &world.of_bank(&claims("de_aml", level, recent)), expect)
    };
    all.push(bank("named", json!("weak"), accept("S1", json!({}))));
    all.push(bank("any", json!("whatever"), accept("S2", json!({}))));
    all.push(bank("any-missing", json!("absent"), accept("S2", json!({}))));
    all.push(case("level/bank-longer", &world.of_bank(&json!({"exp": NOW + 601})), reject("lifetime")));
    all.push(case(
        "level/bank-under-another-name",
        &world.of_bank(&json!({"iss": IDP})),
        reject("alg_not_allowed"),
    ));
    all.push(case(
        "level/idp-under-the-banks-name",
        &world.access(&json!({}), &json!({"iss": BANK})),
        reject("alg_not_allowed"),
    ));
    all
}
