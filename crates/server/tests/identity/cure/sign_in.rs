//! Signing in, in a browser and without one.

use super::peer::{Request, serve};
use super::{path_of, personal, stage, unescaped};
use crate::issuer::{GATEWAY, Key, NOW, encode, verified};
use crate::stage::{Answer, Stage};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::sync::{Arc, Mutex};
use terms::{Instant, PersonFacts};

/// What the provider does; a test turns these.
#[derive(Default)]
struct Turns {
    challenge: String,
    nonce: String,
    sub: String,
    silent_id_token: bool,
    polls: Vec<&'static str>,
    asked: usize,
}

struct Provider {
    iss: String,
    turns: Arc<Mutex<Turns>>,
}

fn id_token(iss: &str, nonce: Option<&str>, sub: &str, silent: bool) -> String {
    Key::new("idp-1").access("US", |header, payload| {
        header["typ"] = json!("JWT");
        payload["iss"] = json!(iss);
        payload["aud"] = json!("gate");
        payload["sub"] = json!(sub);
        if let Some(nonce) = nonce {
            payload["nonce"] = json!(nonce);
        }
        if silent {
            payload.as_object_mut().unwrap().remove("verified_claims");
        }
    })
}

fn provide(iss: &str, turns: &Mutex<Turns>, request: &Request) -> (u16, String) {
    let mut turns = turns.lock().unwrap();
    let line = request.line.as_str();
    if line.contains("/.well-known/openid-configuration") {
        let metadata = json!({
            "issuer": iss, "authorization_endpoint": format!("{iss}/auth"),
            "token_endpoint": format!("{iss}/token"), "userinfo_endpoint": format!("{iss}/me"),
            "device_authorization_endpoint": format!("{iss}/device"),
            "authorization_response_iss_parameter_supported": true,
        });
        return (200, metadata.to_string());
    }
    if line.contains("/me") {
        assert!(request.head.contains("authorization: Bearer at-1"), "{}", request.head);
        return (200, json!({"sub": turns.sub, "verified_claims": verified("US")}).to_string());
    }
    // base64 of gate:s3cret
    assert!(request.head.contains("authorization: Basic Z2F0ZTpzM2NyZXQ="), "{}", request.head);
    if line.contains("/device") {
        let codes = json!({"device_code": "d-1", "user_code": "WDJB-MJHT", "verification_uri": format!("{iss}/activate"),
            "expires_in": 600, "interval": 5});
        return (200, codes.to_string());
    }
    turns.asked += 1;
    let nonce = match request.field("code_verifier") {
        Some(verifier) => {
            let fits = encode(Sha256::digest(verifier)) == turns.challenge;
            if !fits || request.field("code").as_deref() != Some("c-1") {
                return (400, json!({"error": "invalid_grant"}).to_string());
            }
            Some(turns.nonce.clone())
        }
        None => {
            assert_eq!(request.field("device_code").as_deref(), Some("d-1"));
            if let Some(error) = turns.polls.pop() {
                return (400, json!({"error": error}).to_string());
            }
            None
        }
    };
    let token = id_token(iss, nonce.as_deref(), &turns.sub, turns.silent_id_token);
    (200, json!({"id_token": token, "access_token": "at-1", "token_type": "Bearer"}).to_string())
}

async fn provider() -> (Provider, Stage) {
    let turns = Arc::new(Mutex::new(Turns { sub: "u-1".to_owned(), ..Turns::default() }));
    let of_peer = Arc::clone(&turns);
    let iss = serve(|address| {
        let iss = format!("http://{address}");
        move |request| provide(&iss, &of_peer, &request)
    })
    .await;
    let sign_in = json!({"client_id": "gate", "secret": "idp", "scope": "openid"});
    let accounts = json!([{"account": "acme"}]);
    let members = json!({"iss": iss, "sign_in": sign_in, "accounts": accounts});
    (Provider { iss, turns }, stage(members, Vec::new(), json!({})).await)
}

/// A sign-in under way: its state and the cookie of the browser.
struct Begun {
    state: String,
    cookie: String,
}

fn parameter(url: &str, name: &str) -> String {
    let pair = |pair: &str| pair.strip_prefix(&format!("{name}=")).map(str::to_owned);
    url.split(['?', '&']).find_map(pair).unwrap_or_else(|| panic!("{name}: {url}"))
}

impl Provider {
    async fn begin(&self, stage: &Stage, path: &str) -> Begun {
        let begun = stage.form(&format!("{path}/sign-in"), &[], "").await;
        assert_eq!(begun.status, 200, "{}", begun.text);
        let url = begun.body["authorization_uri"].as_str().unwrap();
        assert!(url.starts_with(&format!("{}/auth?response_type=code&client_id=gate", self.iss)), "{url}");
        assert_eq!(parameter(url, "code_challenge_method"), "S256");
        assert!(parameter(url, "claims").contains("nationalities") && !url.contains("birth"), "{url}");
        let mut turns = self.turns.lock().unwrap();
        turns.challenge = parameter(url, "code_challenge");
        turns.nonce = parameter(url, "nonce");
        let cookie = begun.header("set-cookie").unwrap();
        for part in ["HttpOnly", "SameSite=Lax", "Secure", "Path=/cure"] {
            assert!(cookie.contains(part), "{cookie}");
        }
        let cookie = cookie.split(';').next().unwrap().to_owned();
        Begun { state: parameter(url, "state"), cookie }
    }

    async fn finish(&self, stage: &Stage, begun: &Begun) -> Answer {
        self.come_back(stage, begun, &self.iss, &begun.cookie).await
    }

    async fn come_back(&self, stage: &Stage, begun: &Begun, iss: &str, cookie: &str) -> Answer {
        let iss: String = iss.replace(':', "%3A").replace('/', "%2F");
        let path = format!("/cure/callback?code=c-1&state={}&iss={iss}", begun.state);
        stage.get(&path, &[("cookie", cookie)]).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_sign_in_the_very_next_request_is_answered() {
    let (provider, stage) = provider().await;
    provider.turns.lock().unwrap().sub = "subject-of-the-provider".to_owned();
    let key = personal(&stage, "e7", PersonFacts::unknown()).await;
    let refused = stage.ask_with(&key).await;
    let methods: Vec<_> =
        refused.body["cures"].as_array().unwrap().iter().map(|way| &way["method"]).collect();
    assert!(methods.contains(&&json!("sign_in")) && methods.contains(&&json!("device_flow")), "{methods:?}");
    let path = path_of(&refused);
    let begun = provider.begin(&stage, &path).await;
    assert_eq!(stage.ask_with(&key).await.status, 401);
    let done = provider.finish(&stage, &begun).await;
    assert_eq!(done.status, 200, "{}", done.text);
    assert_eq!(stage.ask_with(&key).await.status, 200);
    // Neither the provider's name for the person nor the token is kept; what it said is.
    assert!(
        !stage.keeps("subject-of-the-provider") && !stage.keeps("eyJhbGciOi") && stage.keeps(&provider.iss)
    );
    // Somebody else of the account has nothing of it; the state and the link are used up.
    let other = personal(&stage, "e8", PersonFacts::unknown()).await;
    assert_eq!(stage.ask_with(&other).await.status, 401);
    assert_eq!(provider.finish(&stage, &begun).await.status, 404);
    assert!(stage.get(&path, &[]).await.text.contains("It is confirmed"));
    assert_eq!(stage.form(&format!("{path}/sign-in"), &[], "").await.status, 429);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_shows_where_the_sign_in_leads() {
    let (provider, stage) = provider().await;
    let path = stage.link(&personal(&stage, "e7", PersonFacts::unknown()).await).await;
    let html = [("accept", "text/html"), ("sec-fetch-site", "same-origin")];
    let page = crate::stage::send("POST", stage.rig.gateway, &format!("{path}/sign-in"), &html, "").await;
    let text = unescaped(&page.text);
    assert!(text.contains(&format!("href=\"{}/auth?response_type=code&", provider.iss)), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_is_finished_by_the_browser_and_provider_that_began_it() {
    let (provider, stage) = provider().await;
    let key = personal(&stage, "e7", PersonFacts::unknown()).await;
    let path = stage.link(&key).await;
    for (iss, cookie, status) in
        [(Some("https://evil.test"), None, 502), (None, Some("douane-cure=x"), 403), (None, Some("a=b"), 403)]
    {
        let begun = provider.begin(&stage, &path).await;
        let (iss, cookie) = (iss.unwrap_or(&provider.iss), cookie.unwrap_or(&begun.cookie));
        let refused = provider.come_back(&stage, &begun, iss, cookie).await;
        assert_eq!(refused.status, status, "{}", refused.text);
        assert_eq!(provider.finish(&stage, &begun).await.status, 404);
    }
    let begun = provider.begin(&stage, &path).await;
    provider.turns.lock().unwrap().nonce = "another".to_owned();
    let refused = provider.finish(&stage, &begun).await;
    assert!(refused.status == 422 && refused.text.contains("nonce_mismatch"), "{}", refused.text);
    let begun = provider.begin(&stage, &path).await;
    provider.turns.lock().unwrap().challenge = "another".to_owned();
    assert_eq!(provider.finish(&stage, &begun).await.status, 502);
    assert_eq!(stage.ask_with(&key).await.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_showed_a_token_signs_in_as_the_same_person() {
    let (provider, stage) = provider().await;
    // The token proves who asks, and nothing about nationality that would be enough.
    let token = || stage.idp.access("FR", |_, payload| payload["iss"] = json!(provider.iss));
    let ask = || async { stage.ask_bearing(&token()).await };
    let path = path_of(&ask().await);
    provider.turns.lock().unwrap().sub = "u-2".to_owned();
    let begun = provider.begin(&stage, &path).await;
    let refused = provider.finish(&stage, &begun).await;
    assert!(refused.status == 422 && refused.text.contains("binding_mismatch"), "{}", refused.text);
    provider.turns.lock().unwrap().sub = "u-1".to_owned();
    let begun = provider.begin(&stage, &path).await;
    assert_eq!(provider.finish(&stage, &begun).await.status, 200);
    assert_eq!(ask().await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_id_token_leaves_out_is_asked_at_userinfo() {
    let (provider, stage) = provider().await;
    provider.turns.lock().unwrap().silent_id_token = true;
    let key = personal(&stage, "e7", PersonFacts::unknown()).await;
    let begun = provider.begin(&stage, &stage.link(&key).await).await;
    assert_eq!(provider.finish(&stage, &begun).await.status, 200);
    assert_eq!(stage.ask_with(&key).await.status, 200);
}

fn later(stage: &Stage, seconds: i64) {
    stage.rig.house.clock.jump_to(Instant::from_micros((NOW + seconds) * 1_000_000)).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_without_a_browser_polls_no_faster_than_it_may() {
    let (provider, stage) = provider().await;
    provider.turns.lock().unwrap().polls = vec!["slow_down", "authorization_pending"];
    let key = personal(&stage, "e7", PersonFacts::unknown()).await;
    let refused = stage.ask_with(&key).await;
    let ways = refused.body["cures"].as_array().unwrap();
    let start = ways.iter().find(|way| way["method"] == "device_flow").unwrap()["start"].as_str().unwrap();
    let path = start.strip_prefix(GATEWAY).unwrap();
    let begun = stage.form(path, &[], "").await;
    assert_eq!((begun.status, &begun.body["user_code"]), (200, &json!("WDJB-MJHT")), "{}", begun.text);
    assert_eq!(begun.body["poll"], start);
    let poll = |seconds| {
        later(&stage, seconds);
        stage.get(path, &[("accept", "application/json")])
    };
    // Second, what is answered, how often the provider was asked.
    for (second, status, asked) in [
        (4, "pending", 0),
        (5, "pending", 1),
        (9, "pending", 1),
        (10, "pending", 2),
        (19, "pending", 2),
        (20, "done", 3),
    ] {
        let answer: Value = poll(second).await.body;
        assert_eq!(answer["status"], status, "second {second}: {answer}");
        assert_eq!(provider.turns.lock().unwrap().asked, asked, "second {second}");
    }
    assert_eq!(stage.ask_with(&key).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_code_that_is_denied_ends() {
    let (provider, stage) = provider().await;
    provider.turns.lock().unwrap().polls = vec!["access_denied"];
    let path = format!("{}/device", stage.link(&personal(&stage, "e7", PersonFacts::unknown()).await).await);
    let page = stage.form(&path, &[("accept-language", "ko")], "").await;
    assert_eq!(page.status, 200, "{}", page.text);
    later(&stage, 5);
    assert_eq!(stage.get(&path, &[]).await.status, 502);
    assert_eq!(stage.get(&path, &[]).await.status, 404);
}
