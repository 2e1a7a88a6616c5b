//! A wallet of another maker against the cure pages: one attribute shown, nothing else, and only by its holder.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use serde_json::{Value, json};
use system_tests::http::{Answer, Request};
use system_tests::{GateSigner, Presented, Server, Setup, Wallet, kept};

/// A certificate names a host, and callers call the gateway by it.
const HOST: &str = "localhost";
const CALLER: &str = "p-006";

fn person(nationalities: Value) -> Value {
    json!({"given_name": "Perpetua", "family_name": "Hollingsworth", "birthdate": "1968-12-30",
        "personal_administrative_number": "PAN-7716-2209", "nationalities": nationalities})
}

/// A gate that takes credentials of a state, a caller of whom nothing is known, and the caller's wallet.
struct World {
    server: Server,
    wallet: Wallet,
}

impl World {
    fn start(nationalities: Value) -> Self {
        let mut server = Server::before_identity();
        let wallet = Wallet::start(&server, &person(nationalities));
        server.identify(&Setup {
            issuers: vec![wallet.entry()],
            anchors: wallet.anchors(),
            signer: Some(GateSigner::new(HOST)),
            audience: format!("http://{HOST}:{}", server.gateway().port()),
            ..Setup::default()
        });
        Self { server, wallet }
    }

    fn ask(&self) -> Answer {
        Request::chat("fable-5").key(self.server.key(CALLER)).send(self.server.gateway())
    }

    /// The link that a wallet opens, of a request that was not made before.
    fn link(&self) -> String {
        let refused = self.ask();
        assert_eq!(
            (refused.status, refused.code()),
            (401, "verification_required".to_owned()),
            "{}",
            refused.text()
        );
        let url = refused.json()["cure"]["url"].as_str().unwrap().to_owned();
        let (_, path) = url.split_once("/cure/").unwrap();
        let begin = Request::form(&format!("/cure/{path}/wallet"), &[]).header("accept", "application/json");
        let begun = begin.send(self.server.gateway());
        begun.json()["link"].as_str().unwrap_or_else(|| panic!("{}", begun.text())).to_owned()
    }

    fn present(&mut self, wrong: Value) -> Presented {
        let link = self.link();
        self.wallet.present(&link, wrong)
    }

    #[track_caller]
    fn keeps_nothing_of(&self, presentations: &[&str]) {
        let claims = person(json!([]));
        let told = claims.as_object().unwrap().values().filter_map(Value::as_str);
        let shown = presentations.iter().copied().chain([self.wallet.credential.as_str()]);
        let parts = shown.flat_map(|text| text.split(['.', '~'])).filter(|part| part.len() > 40);
        let texts: Vec<&str> = told.chain(parts).collect();
        assert!(texts.len() > 8, "{texts:?}");
        assert_eq!(kept(&self.server, &texts), Vec::<String>::new());
    }
}

#[test]
fn one_attribute_is_shown_and_the_very_next_request_is_served() {
    let mut world = World::start(json!(["US"]));
    let link = world.link();
    let shown = world.wallet.present(&link, json!({}));
    assert_eq!(shown.outcome(), (200, ""), "{}", shown.text());
    assert_eq!(shown.asked(), &json!([{"path": ["nationalities", null]}]));
    // The array, and its one element; name, birth date and number stay closed.
    assert_eq!(shown.text().matches('~').count(), 3, "{}", shown.text());
    assert!(world.wallet.credential.matches('~').count() > 6, "{}", world.wallet.credential);
    assert_eq!(world.ask().status, 200);
    // The request is answered once.
    let token = json!({"pid": [shown.text()]}).to_string();
    let again = Request::form("/cure/response", &[("state", shown.state()), ("vp_token", &token)]);
    let again = again.header("accept", "application/json").send(world.server.gateway());
    assert_eq!((again.status, again.code()), (404, "link_gone".to_owned()), "{}", again.text());
    world.keeps_nothing_of(&[shown.text()]);
    assert!(!kept(&world.server, &["https://pid.state.test"]).is_empty(), "who answered for it is on file");
}

#[test]
fn a_presentation_is_for_one_request_of_one_verifier_by_one_holder() {
    let mut world = World::start(json!(["US"]));
    let mut shown = Vec::new();
    for (wrong, code) in [
        (json!({"nonce": "of-another-request"}), "nonce_mismatch"),
        (json!({"aud": "x509_san_dns:evil.test"}), "wrong_audience"),
        (json!({"holder": "thief"}), "bad_signature"),
    ] {
        let refused = world.present(wrong);
        assert_eq!(refused.outcome(), (422, code));
        shown.push(refused.text().to_owned());
    }
    assert_eq!(world.ask().status, 401);
    // One that was overheard counts neither for another request nor twice for its own.
    let link = world.link();
    let overheard = json!({"presentation": world.wallet.make(&link)});
    assert_eq!(world.present(overheard.clone()).outcome(), (422, "nonce_mismatch"));
    assert_eq!(world.ask().status, 401);
    assert_eq!(world.wallet.present(&link, overheard).outcome(), (200, ""));
    assert_eq!(world.ask().status, 200);
    world.keeps_nothing_of(&shown.iter().map(String::as_str).collect::<Vec<_>>());
}

/// GHSA-f9j6-8p6x-r9j6: the library takes disclosures that no digest of the credential covers. A French citizen adds or
/// changes one to be a citizen of the United States.
#[test]
fn what_the_issuer_did_not_sign_is_refused_where_the_library_takes_it() {
    let mut world = World::start(json!(["FR"]));
    for forge in ["unreferenced", "tampered"] {
        let refused = world.present(json!({"forge": forge}));
        assert!(refused.library_accepts(), "the library has been mended: {forge}");
        assert_eq!(refused.outcome(), (422, "disclosure_invalid"), "{forge}");
        assert_eq!(world.ask().status, 401);
    }
    // What the state says truly is taken, and it makes nobody a US person.
    let shown = world.present(json!({}));
    assert_eq!((shown.outcome(), shown.library_accepts()), ((200, ""), true));
    assert_ne!(world.ask().status, 200);
    world.keeps_nothing_of(&[shown.text()]);
}
