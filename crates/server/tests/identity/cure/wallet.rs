//! Wallets, over real sockets: request, presentation, status lists that say more or less than they should.

use super::peer::serve;
use super::{path_of, personal, stage};
use crate::certificates::{Key as EcKey, Spec, pem};
use crate::issuer::{GATEWAY, NOW, encode};
use crate::stage::{Answer, Stage, identity, trust};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use server::cure::CureSettings;
use server::identity::IdentitySettings;
use sha2::{Digest as _, Sha256};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use terms::PersonFacts;

const WALLET: &str = "https://wallet.test";

fn jwt(header: &Value, payload: &Value, key: &EcKey) -> String {
    let input = format!("{}.{}", encode(header.to_string()), encode(payload.to_string()));
    format!("{input}.{}", encode(key.sign_fixed(input.as_bytes())))
}

/// An issuer of predicate credentials, its status list, and a holder.
pub(super) struct World {
    signer: EcKey,
    holder: EcKey,
    leaf: Vec<u8>,
    list: Arc<Mutex<String>>,
    list_uri: String,
    fetches: Arc<AtomicUsize>,
    pub(super) stage: Stage,
}

/// What a registry says of the issuer.
fn issuer() -> Value {
    json!({"iss": WALLET, "kind": "wallet_derived", "x5c_anchor": "ca", "algs": ["ES256"], "max_strength": "S4",
        "may_assert": ["us_person"], "complete_for": ["us_person"]})
}

impl World {
    pub(super) async fn new() -> Self {
        let (anchor, signer, holder) = (EcKey::new(), EcKey::new(), EcKey::new());
        let root = pem(&Spec::anchor().signed(&anchor, &anchor));
        let leaf = Spec { uris: vec![WALLET], ..Spec::leaf() }.signed(&signer, &anchor);
        let list = Arc::new(Mutex::new(String::new()));
        let (of_peer, fetches) = (Arc::clone(&list), Arc::<AtomicUsize>::default());
        let asked = Arc::clone(&fetches);
        let answer = move |_| {
            asked.fetch_add(1, Ordering::SeqCst);
            (200, of_peer.lock().unwrap().clone())
        };
        let list_uri = serve(|_| answer).await + "/list";
        let stage = stage(json!({}), vec![issuer()], json!({"ca": root})).await;
        let world = Self { signer, holder, leaf, list, list_uri, fetches, stage };
        world.publish(&[0; 16]);
        world
    }

    fn header(&self, typ: &str) -> Value {
        json!({"alg": "ES256", "typ": typ, "x5c": [STANDARD.encode(&self.leaf)]})
    }

    /// Publishes a status list of one bit each.
    fn publish(&self, bits: &[u8]) {
        let packed = encode(miniz_oxide::deflate::compress_to_vec_zlib(bits, 9));
        let payload = json!({"sub": self.list_uri, "iat": NOW - 60, "exp": NOW + 3_600,
            "status_list": {"bits": 1, "lst": packed}});
        *self.list.lock().unwrap() = jwt(&self.header("statuslist+jwt"), &payload, &self.signer);
    }

    /// Publishes a list of two bits each that says this of the credential, with further members.
    pub(super) fn list_says(&self, value: u8, with: Value) {
        let packed = encode(miniz_oxide::deflate::compress_to_vec_zlib(&[0, value << 2, 0, 0], 9));
        let mut payload = json!({"sub": self.list_uri, "iat": NOW - 60,
            "status_list": {"bits": 2, "lst": packed}});
        payload.as_object_mut().unwrap().extend(with.as_object().unwrap().clone());
        *self.list.lock().unwrap() = jwt(&self.header("statuslist+jwt"), &payload, &self.signer);
    }

    /// Publishes something that is no list.
    pub(super) fn list_is(&self, text: &str) {
        *self.list.lock().unwrap() = text.to_owned();
    }

    /// How often the list was fetched.
    pub(super) fn fetches(&self) -> usize {
        self.fetches.load(Ordering::SeqCst)
    }

    /// A presentation for a request.
    fn present(&self, client_id: &str, nonce: &str) -> String {
        let point = &self.holder.point;
        let cnf = json!({"jwk": {"kty": "EC", "crv": "P-256", "x": encode(&point[1..33]), "y": encode(&point[33..])}});
        let payload = json!({"iss": WALLET, "vct": "urn:douane:us-person:1", "iat": NOW - 3_600, "exp": NOW + 86_400,
            "cnf": cnf, "us_person": true, "status": {"status_list": {"idx": 5, "uri": self.list_uri}}});
        let bound = jwt(&self.header("dc+sd-jwt"), &payload, &self.signer) + "~";
        let claims = json!({"iat": NOW - 5, "aud": client_id, "nonce": nonce, "sd_hash": encode(Sha256::digest(&bound))});
        bound + &jwt(&json!({"alg": "ES256", "typ": "kb+jwt"}), &claims, &self.holder)
    }

    /// Asks for a request.
    async fn request(&self, path: &str) -> Asked {
        let asked = self.stage.form(&format!("{path}/wallet"), &[], "").await;
        let link = asked.body["link"].as_str().unwrap_or_else(|| panic!("{}", asked.text));
        Asked::of(link)
    }

    async fn post(&self, asked: &Asked, presentation: &str) -> Answer {
        let token = json!({"us_person": [presentation]}).to_string();
        let token: String = token.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let body = format!("state={}&vp_token={token}", asked.state);
        self.stage.form("/cure/response", &[], &body).await
    }

    pub(super) async fn answer(&self, path: &str) -> Answer {
        let asked = self.request(path).await;
        self.post(&asked, &self.present(&asked.client_id, &asked.nonce)).await
    }
}

/// What a wallet reads of a request.
struct Asked {
    client_id: String,
    nonce: String,
    state: String,
    query: Value,
}

impl Asked {
    fn of(link: &str) -> Self {
        let (_, pairs) = link.split_once('?').unwrap();
        let read = |name: &str| {
            let value = pairs.split('&').find_map(|pair| pair.strip_prefix(&format!("{name}=")));
            decoded(value.unwrap_or_else(|| panic!("{name}: {link}")))
        };
        assert_eq!((read("response_mode"), read("response_type")), ("direct_post".into(), "vp_token".into()));
        assert_eq!(read("response_uri"), format!("{GATEWAY}/cure/response"));
        let query = serde_json::from_str(&read("dcql_query")).unwrap();
        Self { client_id: read("client_id"), nonce: read("nonce"), state: read("state"), query }
    }
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(if byte == b'%' {
            let digits = [rest.next().unwrap(), rest.next().unwrap()];
            u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap()
        } else {
            byte
        });
    }
    String::from_utf8(bytes).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_credential_settles_it_and_is_asked_for_nothing_else() {
    let world = World::new().await;
    let key = personal(&world.stage, "e7", PersonFacts::unknown()).await;
    let refused = world.stage.ask_with(&key).await;
    let way = &refused.body["cures"].as_array().unwrap()[..];
    let way = way.iter().find(|way| way["method"] == "openid4vp").unwrap();
    assert_eq!(way["discloses"], json!(["us_person", "nationalities"]));
    let path = path_of(&refused);
    let asked = world.request(&path).await;
    assert_eq!(asked.client_id, format!("redirect_uri:{GATEWAY}/cure/response"));
    let claims: Vec<_> =
        asked.query["credentials"].as_array().unwrap().iter().map(|one| &one["claims"]).collect();
    assert_eq!(claims[0], &json!([{"path": ["us_person"]}]));
    assert_eq!(claims[1], &json!([{"path": ["nationalities", null]}]));
    // A long list is no bomb yet.
    world.publish(&vec![0; 1 << 20]);
    let shown = world.present(&asked.client_id, &asked.nonce);
    let done = world.post(&asked, &shown).await;
    assert_eq!(
        (done.status, &done.body),
        (200, &json!({"redirect_uri": format!("{GATEWAY}{path}")})),
        "{}",
        done.text
    );
    assert_eq!(world.stage.ask_with(&key).await.status, 200);
    assert_eq!(world.post(&asked, &shown).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_presentation_for_another_request_is_refused() {
    let world = World::new().await;
    let key = personal(&world.stage, "e7", PersonFacts::unknown()).await;
    let path = world.stage.link(&key).await;
    let (one, other) = (world.request(&path).await, world.request(&path).await);
    let refused = world.post(&one, &world.present(&one.client_id, &other.nonce)).await;
    assert_eq!((refused.status, &refused.body["code"]), (422, &json!("nonce_mismatch")), "{}", refused.text);
    let refused = world.post(&other, &world.present("redirect_uri:https://evil.test", &other.nonce)).await;
    assert_eq!(refused.body["code"], "wrong_audience");
    assert_eq!(world.stage.ask_with(&key).await.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_status_list_that_says_revoked_or_nothing_lets_nobody_in() {
    for (code, spoil) in [
        ("revoked", (|world: &World| world.publish(&[0b10_0000])) as fn(&World)),
        // 64 MiB of zeros in some 64 KiB.
        ("status_unavailable", |world| world.publish(&vec![0; 64 << 20])),
        ("status_unavailable", |world| *world.list.lock().unwrap() = "none".to_owned()),
        // Over the bound on the way already.
        ("status_unavailable", |world| *world.list.lock().unwrap() = "a".repeat(16 << 20)),
    ] {
        let world = World::new().await;
        spoil(&world);
        let key = personal(&world.stage, "e7", PersonFacts::unknown()).await;
        let refused = world.answer(&world.stage.link(&key).await).await;
        assert_eq!((refused.status, &refused.body["code"]), (422, &json!(code)), "{}", refused.text);
        assert_eq!(world.stage.ask_with(&key).await.status, 401);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_code_to_scan_is_a_picture_on_the_page() {
    let world = World::new().await;
    let path = world.stage.link(&personal(&world.stage, "e7", PersonFacts::unknown()).await).await;
    let html = [("accept", "text/html"), ("sec-fetch-site", "same-origin")];
    let to = world.stage.rig.gateway;
    let page = crate::stage::send("POST", to, &format!("{path}/wallet"), &html, "").await;
    assert!(
        page.text.contains("<svg role=\"img\" aria-label=") && page.text.contains("href=\"openid4vp://?")
    );
    assert!(!page.text.contains("<?xml") && !page.text.contains("<script"), "{}", page.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_are_signed_where_a_certificate_is_configured() {
    let (anchor, own) = (EcKey::new(), EcKey::new());
    let root = pem(&Spec::anchor().signed(&anchor, &anchor));
    let leaf = Spec { dns: vec!["gate.test"], ..Spec::leaf() }.signed(&own, &anchor);
    let wallet = Some((pem(&leaf), own.pem()));
    let stage = Stage::start_from(|hr, idp| {
        let mut trust = trust(hr, idp, json!({}));
        trust["issuers"].as_array_mut().unwrap().push(issuer());
        trust["anchors"] = json!({"ca": root});
        IdentitySettings { cure: Some(CureSettings { wallet }), ..identity(&trust, false) }
    })
    .await;
    let path = stage.link(&personal(&stage, "e7", PersonFacts::unknown()).await).await;
    let link = stage.form(&format!("{path}/wallet"), &[], "").await.body["link"].as_str().unwrap().to_owned();
    let uri = decoded(link.split_once("request_uri=").unwrap().1);
    assert!(link.starts_with("openid4vp://?client_id=x509_san_dns%3Agate.test&"), "{link}");
    let request = stage.get(uri.strip_prefix(GATEWAY).unwrap(), &[]).await;
    assert_eq!(request.header("content-type"), Some("application/oauth-authz-req+jwt"));
    let parts: Vec<&str> = request.text.split('.').collect();
    let read =
        |part: &str| -> Value { serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap() };
    assert_eq!(read(parts[0])["x5c"], json!([STANDARD.encode(&leaf)]));
    let claims = read(parts[1]);
    assert_eq!(
        (&claims["aud"], &claims["client_id"]),
        (&json!("https://self-issued.me/v2"), &json!("x509_san_dns:gate.test"))
    );
    let signature = URL_SAFE_NO_PAD.decode(parts[2]).unwrap();
    let public = aws_lc_rs::signature::UnparsedPublicKey::new(
        &aws_lc_rs::signature::ECDSA_P256_SHA256_FIXED,
        &own.point,
    );
    public.verify(format!("{}.{}", parts[0], parts[1]).as_bytes(), &signature).unwrap();
}
