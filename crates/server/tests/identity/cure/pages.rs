//! The link and its page.

use super::{path_of, personal, plain};
use crate::issuer::{GATEWAY, NOW};
use crate::stage::Answer;
use serde_json::json;
use terms::{Attested, Instant, Level, PersonFacts, UsStatus};

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_has_a_link_and_says_what_is_on_file() {
    let stage = plain().await;
    let weak = Attested::new(UsStatus::Citizen, Level::SelfDeclared);
    let facts = PersonFacts { us_status: weak, ..PersonFacts::unknown() };
    let key = personal(&stage, "e7", facts).await;
    let refused = stage.ask_with(&key).await;
    assert_eq!((refused.status, refused.code()), (401, "verification_required"), "{}", refused.body);
    let path = path_of(&refused);
    let id = path.strip_prefix("/cure/").unwrap();
    assert!(id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()), "{path}");
    assert_eq!(refused.body["have"], json!([{"predicate": "us_person", "answer": "yes", "strength": "S1"}]));
    assert_eq!(refused.body["appeal"], format!("{GATEWAY}{path}/appeal"));
    let ways = refused.body["cures"].as_array().unwrap();
    let times: Vec<_> = ways.iter().map(|way| way["typical_s"].as_u64().unwrap()).collect();
    assert!(times.is_sorted() && ways.iter().any(|way| way["method"] == "ask_employer"), "{ways:?}");
    // Asking again fills no table; somebody else has another link.
    assert_eq!(stage.link(&key).await, path);
    let other = personal(&stage, "e8", PersonFacts::unknown()).await;
    assert_ne!(stage.link(&other).await, path);
    let refused = stage.ask_with(&other).await;
    assert_eq!(refused.body["have"], json!([{"predicate": "us_person", "answer": "unknown"}]));
}

fn check_page(page: &Answer, tag: &str, words: &str) {
    assert_eq!(page.status, 200, "{}", page.text);
    assert!(
        page.text.contains(&format!("<html lang=\"{tag}\">")) && page.text.contains(words),
        "{}",
        page.text
    );
    assert!(page.text.contains("<h1>") && page.text.contains("<h2>") && !page.text.contains("<script"));
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'") && policy.contains("form-action 'self'"), "{policy}");
    assert_eq!(page.header("cache-control"), Some("no-store"));
    assert_eq!(page.header("referrer-policy"), Some("no-referrer"));
    assert_eq!(page.header("content-language"), Some(tag));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_is_plain_and_in_the_readers_language() {
    let stage = plain().await;
    let key = personal(&stage, "e7", PersonFacts::unknown()).await;
    let path = stage.link(&key).await;
    check_page(&stage.get(&path, &[]).await, "en", "Ask your employer");
    check_page(&stage.get(&path, &[("accept-language", "ko")]).await, "ko", "고용주에게 요청하기");
    for gone in ["/cure/", "/cure/00000000000000000000000000000000", &format!("{path}/nothing")] {
        assert_eq!(stage.get(gone, &[]).await.status, 404, "{gone}");
    }
    let late = Instant::from_micros((NOW + 900) * 1_000_000);
    stage.rig.house.clock.jump_to(late).unwrap();
    let gone = stage.get(&path, &[]).await;
    assert!(gone.status == 404 && gone.text.contains("Send your request again"), "{}", gone.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn steps_begin_on_their_own_page_only_and_not_without_end() {
    let stage = plain().await;
    let path =
        format!("{}/employer", stage.link(&personal(&stage, "e7", PersonFacts::unknown()).await).await);
    for foreign in [
        &[("sec-fetch-site", "cross-site"), ("origin", "https://evil.test")][..],
        &[("sec-fetch-site", "same-site"), ("origin", "null")],
        &[("origin", "https://evil.test")],
        &[("origin", "null")],
    ] {
        let refused = stage.form(&path, foreign, "").await;
        assert_eq!((refused.status, &refused.body["code"]), (403, &json!("cross_site")), "{foreign:?}");
    }
    let own = [("sec-fetch-site", "same-origin"), ("origin", "null")];
    assert_eq!(stage.form(&path, &own, "").await.status, 200);
    assert_eq!(stage.form(&path, &[("origin", GATEWAY)], "").await.status, 200);
    let mut done = 2;
    while stage.form(&path, &[], "").await.status == 200 {
        done += 1;
        assert!(done <= 20);
    }
    assert_eq!(done, 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_denied_can_appeal_and_is_offered_nothing_else() {
    let stage = plain().await;
    let none = Attested::new(UsStatus::None, Level::Document);
    let facts = PersonFacts { us_status: none, ..PersonFacts::unknown() };
    let refused = stage.ask_with(&personal(&stage, "e9", facts).await).await;
    assert_eq!((refused.status, refused.body.get("have")), (451, None), "{}", refused.body);
    let appeal = refused.body["appeal"].as_str().unwrap().strip_prefix(GATEWAY).unwrap().to_owned();
    let page = stage.get(&appeal, &[]).await;
    assert!(page.status == 200 && !page.text.contains("Ask your employer"), "{}", page.text);
    let step = appeal.replace("/appeal", "/employer");
    assert_eq!(stage.form(&step, &[], "").await.status, 404);
}
