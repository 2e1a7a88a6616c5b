//! A certified OpenID provider against the gate: tokens that callers bring, tokens that are asked about, sign-ins on the
//! cure pages, and keys that rotate.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use people::{Introspected, Presented, Profile, Registry, Replay, Scheme, Verifier};
use serde_json::{Value, json};
use std::thread;
use system_tests::http::{Answer, Request};
use system_tests::{Browser, Holder, Provider, Server, Setup, Wanted, kept};
use terms::Level;

/// A German with a green card, a US citizen, and a French citizen who is no US person.
const RESIDENT: &str = "ottilie.quaresma";
const CITIZEN: &str = "amos.thistlewood";
const FOREIGNER: &str = "renaud.bellecombe";
const CHAT: &str = "/v1/chat/completions";
/// Longer than keys are used without asking for newer ones, seconds.
const KEYS_ARE_OLD: i64 = 601;
/// Longer than two fetches from one address lie apart, seconds.
const MAY_FETCH: i64 = 61;

fn people() -> Value {
    json!({
        RESIDENT: {"nationalities": ["DE"], "us_person": true, "given_name": "Ottilie", "family_name": "Quaresma-Vint",
            "birthdate": "1987-03-14", "document_number": "C8KX41PQ7"},
        CITIZEN: {"nationalities": ["US"], "given_name": "Amos", "family_name": "Thistlewood-Ray",
            "birthdate": "1979-11-02", "document_number": "X55102938"},
        FOREIGNER: {"nationalities": ["FR"], "us_person": false, "given_name": "Renaud", "family_name": "Bellecombe",
            "birthdate": "1991-08-23", "document_number": "19FV07744"},
    })
}

/// The gate, the provider it trusts, and an app of a person.
struct World {
    server: Server,
    provider: Provider,
    holder: Holder,
}

impl World {
    fn start() -> Self {
        let mut server = Server::before_identity();
        let provider = Provider::start(&server, &people());
        let (issuers, secret) = (vec![provider.entry()], provider.secret().to_owned());
        server.identify(&Setup { issuers, secret, ..Setup::default() });
        Self { server, provider, holder: Holder::default() }
    }

    fn token(&self, person: &str, resource: &str, holder: Option<&Holder>) -> String {
        self.provider.token(&self.server, &Wanted { person, resource, holder })
    }

    fn bound(&self, person: &str) -> String {
        self.token(person, "jwt", Some(&self.holder))
    }

    fn proof(&self, holder: &Holder, token: &str) -> String {
        let url = format!("http://{}{CHAT}", self.server.gateway());
        holder.proof("POST", &url, Some(token), self.server.now_s())
    }

    fn send(&self, token: &str, proof: Option<&str>) -> Answer {
        let request = Request::chat("fable-5").set("authorization", &format!("DPoP {token}"));
        let request = proof.iter().fold(request, |request, proof| request.header("dpop", proof));
        request.send(self.server.gateway())
    }

    /// Asks with a fresh proof.
    fn ask(&self, token: &str) -> Answer {
        self.send(token, Some(&self.proof(&self.holder, token)))
    }

    fn ask_with_key(&self, person: &str) -> Answer {
        Request::chat("fable-5").key(self.server.key(person)).send(self.server.gateway())
    }

    /// Nothing of the documents, the provider's names for people or their tokens stays; what it answered for stays.
    #[track_caller]
    fn keeps_nothing_of(&self, tokens: &[&str]) {
        let people = people();
        let told = people.as_object().unwrap().iter().flat_map(|(login, claims)| {
            let texts = claims.as_object().unwrap().values().filter_map(Value::as_str);
            texts.chain([login.as_str()])
        });
        let parts = tokens.iter().flat_map(|token| token.split('.')).filter(|part| part.len() > 40);
        let texts: Vec<&str> = told.chain(parts).chain(tokens.iter().copied()).collect();
        assert!(texts.len() >= 15, "{texts:?}");
        assert_eq!(kept(&self.server, &texts), Vec::<String>::new());
    }
}

#[track_caller]
fn is_served(answer: &Answer) {
    assert_eq!(answer.status, 200, "{}", answer.text());
}

/// Refused as evidence, for this reason.
#[track_caller]
fn is_no_evidence(answer: &Answer, reason: &str) {
    assert_eq!((answer.status, answer.code()), (401, "evidence_refused".to_owned()), "{}", answer.text());
    assert_eq!(answer.json()["evidence_code"], reason);
}

/// Evidence, but not of what is asked.
#[track_caller]
fn is_asked_for_more(answer: &Answer) {
    assert_eq!(
        (answer.status, answer.code()),
        (401, "verification_required".to_owned()),
        "{}",
        answer.text()
    );
}

#[test]
fn a_token_is_worth_what_its_holder_can_prove() {
    let world = World::start();
    let token = world.bound(RESIDENT);
    let proof = world.proof(&world.holder, &token);
    is_served(&world.send(&token, Some(&proof)));
    is_no_evidence(&world.send(&token, Some(&proof)), "replayed");
    is_no_evidence(&world.send(&token, None), "binding_required");
    let as_bearer = Request::chat("fable-5").key(&token).send(world.server.gateway());
    is_no_evidence(&as_bearer, "binding_required");
    is_no_evidence(&world.send(&token, Some(&world.proof(&Holder::default(), &token))), "binding_mismatch");
    // A proof made for another token of the same key.
    let other = world.bound(CITIZEN);
    is_no_evidence(&world.send(&token, Some(&world.proof(&world.holder, &other))), "binding_mismatch");
    is_served(&world.ask(&token));
    is_served(&world.ask(&other));
    world.keeps_nothing_of(&[&token, &other, &proof]);
}

#[test]
fn what_the_provider_verified_decides() {
    let world = World::start();
    let foreigner = world.bound(FOREIGNER);
    let refused = world.ask(&foreigner);
    assert_eq!((refused.status, refused.code()), (451, "legal_restriction".to_owned()), "{}", refused.text());
    // Bound to nothing, the same statement counts for less than the letter asks.
    let lent = world.token(RESIDENT, "jwt", None);
    is_asked_for_more(&Request::chat("fable-5").key(&lent).send(world.server.gateway()));
    let elsewhere = world.token(RESIDENT, "https://elsewhere.test/", Some(&world.holder));
    is_no_evidence(&world.ask(&elsewhere), "wrong_audience");
    world.keeps_nothing_of(&[&foreigner, &lent, &elsewhere]);
}

#[test]
fn a_token_that_is_asked_about_ends_when_it_is_revoked() {
    let world = World::start();
    let token = world.token(RESIDENT, "opaque", Some(&world.holder));
    assert!(!token.contains('.'), "{token}");
    is_served(&world.ask(&token));
    is_no_evidence(&world.send(&token, None), "binding_required");
    is_no_evidence(&world.send(&token, Some(&world.proof(&Holder::default(), &token))), "binding_mismatch");
    let asked = world.provider.asked("/token/introspection");
    is_served(&world.ask(&token));
    assert_eq!(world.provider.asked("/token/introspection"), asked, "an answer counts for half a minute");
    world.provider.revoke(&token);
    world.server.pass(31);
    is_no_evidence(&world.ask(&token), "inactive");
    assert_eq!(world.provider.asked("/token/introspection"), asked + 1);
    is_no_evidence(&world.ask("a-token-of-nobody"), "inactive");
    world.keeps_nothing_of(&[&token]);
}

/// RFC 9701: the provider's own signature over what it answers about an opaque token.
#[test]
fn a_signed_answer_about_a_token_is_verified() {
    let world = World::start();
    let token = world.token(RESIDENT, "opaque", Some(&world.holder));
    let signed = world.provider.signed_answer(&token);
    let mut entry = world.provider.entry();
    entry["jwks"] = world.provider.keys();
    let registry = Registry::from_json(json!({ "issuers": [entry] }).to_string().as_bytes()).unwrap();
    let gateway = format!("http://{}", world.server.gateway());
    let verifier = Verifier::new(registry, Profile { gateway: gateway.clone(), ..Profile::default() });
    let (now, url) = (world.server.now(), format!("{gateway}{CHAT}"));
    let proof = world.proof(&world.holder, &token);
    let presented = Presented {
        scheme: Scheme::Dpop,
        token: &token,
        dpop: &[&proof],
        client_certificate: None,
        method: "POST",
        url: &url,
        nonce: None,
        api_key: None,
    };
    let judge = |signed: &str| {
        let answer = Introspected::Signed(signed);
        verifier.introspected(&presented, &world.provider.issuer, answer, now, &Replay::default())
    };
    let evidence = judge(&signed).unwrap();
    assert_eq!((evidence.level(), evidence.subject()), (Level::Document, Some(RESIDENT)));
    let other = world.bound(RESIDENT);
    let forged = [signed.rsplit_once('.').unwrap().0, other.rsplit_once('.').unwrap().1].join(".");
    assert_eq!(judge(&forged).unwrap_err().code(), "bad_signature");
    assert_eq!(judge(&other).unwrap_err().code(), "wrong_type");
}

/// The address behind the link of a refusal.
fn cure(answer: &Answer) -> String {
    is_asked_for_more(answer);
    answer.json()["cure"]["url"].as_str().unwrap().to_owned()
}

/// Chooses to sign in; gives the link that the page shows.
fn begin(browser: &mut Browser, start: &str) -> String {
    let page = browser.open(start);
    browser.submit(&page, "/sign-in", &[]).link()
}

#[test]
fn after_a_sign_in_the_very_next_request_is_served() {
    let world = World::start();
    let refused = world.ask_with_key("p-004");
    let cures = refused.json()["cures"].clone();
    let methods: Vec<_> = cures.as_array().unwrap().iter().map(|way| way["method"].clone()).collect();
    assert!(methods.contains(&json!("sign_in")) && methods.contains(&json!("device_flow")), "{cures}");
    let mut browser = Browser::default();
    let link = begin(&mut browser, &cure(&refused));
    let page = browser.open(&link);
    is_asked_for_more(&world.ask_with_key("p-004"));
    let page = world.provider.interact(&mut browser, page, CITIZEN);
    assert!(page.url.contains("/cure/callback?"), "{}", page.url);
    assert!(page.text().contains("It is confirmed"), "{}", page.text());
    is_served(&world.ask_with_key("p-004"));
    is_asked_for_more(&world.ask_with_key("p-006"));
    // The way back works once, and only for the browser that began.
    assert_eq!(browser.open(&page.url).answer().status, 404);
    world.keeps_nothing_of(&[&page.parameter("code").unwrap()]);
    assert!(!kept(&world.server, &[&world.provider.issuer]).is_empty(), "who answered for it is on file");
}

#[test]
fn a_sign_in_that_another_browser_began_or_somebody_else_finished_cures_nothing() {
    let world = World::start();
    let start = cure(&world.ask_with_key("p-004"));
    let mut browser = Browser::default();
    // Whoever is lured to finish it has none of the cookies.
    let link = begin(&mut browser, &start);
    let mut lured = Browser::default();
    let page = lured.open(&link);
    let page = world.provider.interact(&mut lured, page, CITIZEN);
    assert_eq!(page.answer().status, 403, "{}", page.text());
    is_asked_for_more(&world.ask_with_key("p-004"));
    // A foreign citizen may sign in, and that settles it the other way.
    let link = begin(&mut browser, &start);
    let page = browser.open(&link);
    let page = world.provider.interact(&mut browser, page, FOREIGNER);
    assert_eq!(page.answer().status, 200, "{}", page.text());
    let refused = world.ask_with_key("p-004");
    assert_eq!((refused.status, refused.code()), (451, "legal_restriction".to_owned()), "{}", refused.text());
    world.keeps_nothing_of(&[]);
}

#[test]
fn a_code_that_is_typed_on_another_device_cures_as_well() {
    let world = World::start();
    let start = cure(&world.ask_with_key("p-006"));
    let to = start.split_once(&world.server.gateway().to_string()).unwrap().1.to_owned() + "/device";
    let json = |request: Request| request.header("accept", "application/json").send(world.server.gateway());
    let begun = json(Request::form(&to, &[("with", &world.provider.issuer)])).json();
    let poll = || json(Request::get(&to)).json()["status"].clone();
    let waits = begun["interval"].as_i64().unwrap() + 1;
    world.server.pass(waits);
    assert_eq!(poll(), "pending");
    let mut browser = Browser::default();
    let page = browser.open(begun["verification_uri"].as_str().unwrap());
    let page = browser.submit(&page, "/device", &[("user_code", begun["user_code"].as_str().unwrap())]);
    let page = browser.submit(&page, "/device", &[("confirm", "yes")]);
    let page = world.provider.interact(&mut browser, page, CITIZEN);
    assert!(page.text().contains("Sign-in Success"), "{}", page.text());
    is_asked_for_more(&world.ask_with_key("p-006"));
    world.server.pass(waits);
    assert_eq!(poll(), "done");
    is_served(&world.ask_with_key("p-006"));
    world.keeps_nothing_of(&[begun["user_code"].as_str().unwrap()]);
}

#[test]
fn keys_rotate_under_traffic() {
    let world = World::start();
    let fetched = || world.provider.asked("/jwks");
    let first = world.bound(RESIDENT);
    is_served(&world.ask(&first));
    assert_eq!(fetched(), 1, "keys are fetched when a token first needs them");
    // Many at once under a new key wait for one fetch.
    world.provider.publish(&["k2", "k1"]);
    let second = world.bound(RESIDENT);
    is_no_evidence(&world.ask(&second), "unknown_key");
    assert_eq!(fetched(), 1, "not twice within a minute");
    world.server.pass(MAY_FETCH);
    let proofs: Vec<_> = (0..16).map(|_| world.proof(&world.holder, &second)).collect();
    let to = world.server.gateway();
    let answers: Vec<Answer> = thread::scope(|scope| {
        let one = |proof: &String| {
            let request = Request::chat("fable-5").set("authorization", &format!("DPoP {second}"));
            let request = request.header("dpop", proof);
            scope.spawn(move || request.send(to))
        };
        let all: Vec<_> = proofs.iter().map(one).collect();
        all.into_iter().map(|asking| asking.join().unwrap()).collect()
    });
    answers.iter().for_each(is_served);
    assert_eq!(fetched(), 2);
    is_served(&world.ask(&first));
    // A storm of rotation: no fetch for each unknown key.
    world.provider.publish(&["k3"]);
    for _ in 0..3 {
        is_no_evidence(&world.ask(&world.bound(RESIDENT)), "unknown_key");
    }
    assert_eq!(fetched(), 2);
    // Once the keys at hand are old they are asked for beside a request, and what has left the set is refused.
    is_served(&world.ask(&first));
    world.server.pass(KEYS_ARE_OLD);
    world.server.until("the key that left is forgotten", || world.ask(&first).status == 401);
    is_no_evidence(&world.ask(&first), "unknown_key");
    assert_eq!(fetched(), 3);
    is_served(&world.ask(&world.bound(RESIDENT)));
    world.keeps_nothing_of(&[&first, &second]);
}
