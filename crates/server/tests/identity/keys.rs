//! Issuers whose keys rotate, whose servers are away, whose addresses lead inside, and opaque tokens.

use crate::issuer::{Key, NOW, Site, verified};
use crate::stage::Stage;
use serde_json::json;
use terms::Instant;

fn later(stage: &Stage, seconds: i64) {
    stage.rig.house.clock.jump_to(Instant::from_micros((NOW + seconds) * 1_000_000)).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotated_key_is_fetched_once_however_many_ask() {
    let new = Key::new("idp-2");
    let site = Site::start(new.jwks().to_string()).await;
    let stage = Stage::start_with(json!({"jwks_uri": site.url()}), false).await;
    let tokens: Vec<String> = (0..40).map(|_| new.access("US", |_, _| {})).collect();
    let answers: Vec<_> = tokens.iter().map(|token| stage.ask_bearing(token)).collect();
    for answer in join_all(answers).await {
        assert_eq!(answer.status, 200, "{}", answer.body);
    }
    assert_eq!(site.asked(), 1);
    // The old key is no longer published: what it signed is refused, and nobody asks again within the minute.
    let old = stage.idp.access("US", |_, _| {});
    assert_eq!(stage.ask_bearing(&old).await.evidence_code(), "unknown_key");
    assert_eq!(site.asked(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_storm_of_unknown_keys_asks_once_a_minute() {
    let site = Site::start(Key::new("idp-1").jwks().to_string()).await;
    let stage = Stage::start_with(json!({"jwks_uri": site.url()}), false).await;
    let storm = || async {
        let tokens: Vec<String> = (0..40)
            .map(|n| stage.idp.access("US", |header, _| header["kid"] = json!(format!("k{n}"))))
            .collect();
        for answer in join_all(tokens.iter().map(|token| stage.ask_bearing(token)).collect()).await {
            assert_eq!(answer.evidence_code(), "unknown_key");
        }
    };
    storm().await;
    assert_eq!(site.asked(), 1);
    later(&stage, 59);
    storm().await;
    assert_eq!(site.asked(), 1);
    later(&stage, 60);
    storm().await;
    assert_eq!(site.asked(), 2);
    assert_eq!(stage.ask_bearing(&stage.idp.access("US", |_, _| {})).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_at_hand_outlast_an_outage_and_answers_that_are_no_keys() {
    let gone = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = gone.local_addr().unwrap();
    drop(gone);
    let site = Site::start("").await;
    for uri in [format!("http://{address}/"), site.url()] {
        let stage = Stage::start_with(json!({"jwks_uri": uri}), false).await;
        site.tell(r#"{"keys": [], "keys": []}"#);
        let unknown = stage.idp.access("US", |header, _| header["kid"] = json!("new"));
        assert_eq!(stage.ask_bearing(&unknown).await.evidence_code(), "unknown_key");
        assert_eq!(stage.ask_bearing(&stage.idp.access("US", |_, _| {})).await.status, 200, "{uri}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_that_lead_inside_are_not_asked() {
    for uri in
        ["https://10.0.0.1/jwks", "https://169.254.169.254/", "http://192.168.0.1/", "file:///etc/passwd"]
    {
        let stage = Stage::start_with(json!({"jwks_uri": uri}), false).await;
        let unknown = stage.idp.access("US", |header, _| header["kid"] = json!("new"));
        assert_eq!(stage.ask_bearing(&unknown).await.evidence_code(), "unknown_key", "{uri}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_beyond_the_bound_is_not_taken() {
    let bomb = format!("{{\"keys\": [], \"x\": \"{}\"}}", "x".repeat(people::limits::JSON_BYTES));
    let site = Site::start(bomb).await;
    let stage = Stage::start_with(json!({"jwks_uri": site.url()}), false).await;
    let unknown = stage.idp.access("US", |header, _| header["kid"] = json!("new"));
    assert_eq!(stage.ask_bearing(&unknown).await.evidence_code(), "unknown_key");
    assert_eq!(stage.ask_bearing(&stage.idp.access("US", |_, _| {})).await.status, 200);
}

fn introspected(exp: i64) -> String {
    let active = json!({"active": true, "iss": "https://idp.test", "sub": "u-9", "client_id": "app",
        "aud": "https://gate.test", "iat": NOW - 5, "exp": exp, "verified_claims": verified("US")});
    active.to_string()
}

async fn introspecting(site: &Site) -> Stage {
    let introspection = json!({"url": site.url(), "client_id": "gate", "secret": "idp"});
    Stage::start_with(json!({"introspection": introspection}), false).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_server_says_of_an_opaque_token_is_relied_on_for_seconds() {
    let site = Site::start(introspected(NOW + 600)).await;
    let stage = introspecting(&site).await;
    let tokens = vec!["opaque-1"; 20];
    for answer in join_all(tokens.iter().map(|token| stage.ask_bearing(token)).collect()).await {
        assert_eq!(answer.status, 200, "{}", answer.body);
    }
    assert_eq!(site.asked(), 1, "however many ask at once");
    site.tell(r#"{"active": false}"#);
    later(&stage, 30);
    assert_eq!((stage.ask_bearing("opaque-1").await.status, site.asked()), (200, 1));
    later(&stage, 31);
    assert_eq!(stage.ask_bearing("opaque-1").await.evidence_code(), "inactive");
    later(&stage, 36);
    assert_eq!(stage.ask_bearing("opaque-1").await.evidence_code(), "inactive");
    assert_eq!(site.asked(), 2, "inactive is relied on for five seconds");
    site.tell(introspected(NOW + 600));
    later(&stage, 37);
    assert_eq!((stage.ask_bearing("opaque-1").await.status, site.asked()), (200, 3));
    site.tell("no JSON");
    later(&stage, 68);
    assert_eq!(stage.ask_bearing("opaque-1").await.evidence_code(), "malformed");
    assert_eq!(stage.ask_bearing("opaque-1").await.evidence_code(), "malformed");
    assert_eq!(site.asked(), 5, "what is no answer is not kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_on_file_ends_what_was_said_of_opaque_tokens() {
    let site = Site::start(introspected(NOW + 600)).await;
    let stage = introspecting(&site).await;
    assert_eq!((stage.ask_bearing("opaque-1").await.status, site.asked()), (200, 1));
    site.tell(r#"{"active": false}"#);
    assert_eq!(stage.ask_bearing("opaque-1").await.status, 200);
    stage.rig.house.identity.as_ref().unwrap().bump();
    assert_eq!(stage.ask_bearing("opaque-1").await.evidence_code(), "inactive");
    site.tell(introspected(NOW + 600));
    assert_eq!(stage.ask_bearing("opaque-1").await.evidence_code(), "inactive");
    stage.rig.house.identity.as_ref().unwrap().bump();
    assert_eq!((stage.ask_bearing("opaque-1").await.status, site.asked()), (200, 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_opaque_token_is_not_relied_on_beyond_its_own_end() {
    let site = Site::start(introspected(NOW + 10)).await;
    let stage = introspecting(&site).await;
    assert_eq!((stage.ask_bearing("opaque-1").await.status, site.asked()), (200, 1));
    later(&stage, 10);
    assert_eq!((stage.ask_bearing("opaque-1").await.status, site.asked()), (200, 1));
    later(&stage, 11);
    // Within the tolerance for clocks it is asked about again; as evidence it has ended.
    assert_eq!((stage.ask_bearing("opaque-1").await.status, site.asked()), (401, 2));
    later(&stage, 71);
    assert_eq!(stage.ask_bearing("opaque-1").await.evidence_code(), "expired");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_with_its_token_and_with_the_issuers_keys() {
    let site = Site::start(Key::new("idp-1").jwks().to_string()).await;
    let stage = Stage::start_with(json!({"jwks_uri": site.url()}), false).await;
    let token = stage.idp.access("US", |_, payload| payload["exp"] = json!(NOW + 900));
    assert_eq!(stage.ask_bearing(&token).await.status, 200);
    assert_eq!(stage.ask_bearing(&token).await.status, 200);
    // The issuer replaces its keys; a token of the new one makes the gateway look.
    let new = Key::new("idp-2");
    site.tell(new.jwks().to_string());
    later(&stage, 60);
    assert_eq!(stage.ask_bearing(&new.access("US", |_, _| {})).await.status, 200);
    assert_eq!(
        stage.ask_bearing(&token).await.evidence_code(),
        "unknown_key",
        "what a lost key signed is over"
    );
    let last = new.access("US", |_, payload| payload["exp"] = json!(NOW + 100));
    assert_eq!(stage.ask_bearing(&last).await.status, 200);
    later(&stage, 161);
    assert_eq!(stage.ask_bearing(&last).await.evidence_code(), "expired");
}

async fn join_all<T>(futures: Vec<impl Future<Output = T>>) -> Vec<T> {
    let mut waiting: Vec<_> = futures.into_iter().map(Box::pin).map(Some).collect();
    let mut done: Vec<Option<T>> = waiting.iter().map(|_| None).collect();
    std::future::poll_fn(move |context| {
        for (slot, future) in done.iter_mut().zip(&mut waiting) {
            let Some(running) = future else { continue };
            if let std::task::Poll::Ready(value) = running.as_mut().poll(context) {
                *slot = Some(value);
                *future = None;
            }
        }
        if done.iter().all(Option::is_some) {
            return std::task::Poll::Ready(done.iter_mut().filter_map(Option::take).collect());
        }
        std::task::Poll::Pending
    })
    .await
}
