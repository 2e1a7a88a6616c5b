//! Appeals: filed on a link, answered by an officer, read on the same link.

use super::answers::{TOKEN, control, desk, encoded};
use super::{personal, plain};
use crate::issuer::NOW;
use crate::rig::commit;
use crate::stage::{Stage, account};
use serde_json::json;
use store::Event;
use terms::{Instant, PersonFacts, PersonId};

const JSON: (&str, &str) = ("accept", "application/json");
const DAY_S: i64 = 86_400;

fn jump(stage: &Stage, seconds: i64) {
    stage.rig.house.clock.jump_to(Instant::from_micros((NOW + seconds) * 1_000_000)).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_appeal_gets_a_number_and_a_day_and_is_answered_on_its_link() {
    let stage = plain().await;
    let (key, control) = (personal(&stage, "e7", PersonFacts::unknown()).await, control(&stage).await);
    let path = format!("{}/appeal", stage.link(&key).await);
    for bad in ["", "text=", &format!("text={}", "a".repeat(2_001)), "text=%1b"] {
        assert_eq!(stage.form(&path, &[], bad).await.status, 400, "{bad:.20}");
    }
    let filed = stage.form(&path, &[], &format!("text={}", encoded("사실과 다릅니다."))).await;
    // Noon of Saturday; two business days are over on Tuesday.
    let due = "2026-06-16T12:00:00Z";
    assert_eq!(filed.body, json!({"number": 1, "answer_by": due, "state": "open"}), "{}", filed.text);
    assert_eq!(stage.form(&path, &[], "text=again").await.status, 429);
    assert_eq!(stage.ask_with(&key).await.status, 401);
    let waiting = stage.get(&path, &[]).await;
    assert!(waiting.text.contains("number 1") && waiting.text.contains(due), "{}", waiting.text);
    let overview = stage.get(path.strip_suffix("/appeal").unwrap(), &[]).await;
    assert!(overview.text.contains("number 1") && !overview.text.contains("<textarea"), "{}", overview.text);

    let all = desk("GET", control, "/v1/appeals", &[TOKEN], "").await;
    assert_eq!((all.status, &all.body[0]["words"]), (200, &json!("사실과 다릅니다.")), "{}", all.text);
    assert_eq!(desk("GET", control, "/v1/appeals", &[], "").await.status, 401);
    let settle = async |number: u64, why: &str| {
        let said = json!({"number": number, "granted": true, "by": "one", "why": why}).to_string();
        desk("POST", control, "/v1/appeals/settlement", &[TOKEN], &said).await
    };
    jump(&stage, DAY_S);
    assert_eq!(settle(2, "x").await.status, 404);
    assert_eq!(settle(1, " ").await.status, 422);
    let settled = settle(1, "맞습니다 <b>").await;
    assert_eq!((settled.status, &settled.body["state"]), (200, &json!("granted")), "{}", settled.text);
    assert_eq!(settle(1, "twice").await.status, 409);

    let answered = stage.get(&path, &[JSON]).await;
    let at = "2026-06-14T12:00:00Z";
    let expected = json!({"number": 1, "answer_by": due, "state": "granted", "answered_at": at, "answer": "맞습니다 <b>"});
    assert_eq!(answered.body, expected, "a day later the link shows the answer");
    let page = stage.get(&path, &[("accept-language", "ko")]).await;
    assert!(
        page.text.contains("말씀이 맞았습니다") && page.text.contains("맞습니다 &lt;b&gt;"),
        "{}",
        page.text
    );
    let step = path.replace("/appeal", "/employer");
    assert_eq!(stage.form(&step, &[], "").await.status, 404, "and does nothing else any more");
    jump(&stage, 92 * DAY_S);
    assert_eq!(stage.get(&path, &[]).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn words_are_erased_with_the_person_and_leave_nothing_on_the_link() {
    let stage = plain().await;
    let key = personal(&stage, "e7", PersonFacts::unknown()).await;
    let path = format!("{}/appeal", stage.link(&key).await);
    assert_eq!(stage.form(&path, &[], "text=Zebra+on+the+lawn").await.status, 200);
    assert!(stage.keeps("Zebra on the lawn"));
    let id = path.strip_prefix("/cure/").unwrap().strip_suffix("/appeal").unwrap();
    assert!(!stage.keeps(id), "nobody finds the link in what is kept");
    let (account, person) = (account("acme"), PersonId::parse("e7").unwrap());
    let record = {
        let registry = stage.rig.house.registry.lock().await;
        registry.store.export(&account, &person).await.unwrap()
    };
    assert_eq!(record.appeals[0].words.as_deref(), Some("Zebra on the lawn"));
    let erased = Event::PersonErased { account, person, why: "asked for".into() };
    commit(&stage.rig.house, &[erased]).await;
    assert!(!stage.keeps("Zebra on the lawn"));
    jump(&stage, DAY_S);
    assert_eq!(stage.get(&path, &[]).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_appeal_outlives_the_process() {
    let stage = plain().await;
    let key = personal(&stage, "e7", PersonFacts::unknown()).await;
    let path = format!("{}/appeal", stage.link(&key).await);
    assert_eq!(stage.form(&path, &[], "text=words").await.status, 200);
    let registry = stage.rig.house.registry.lock().await;
    let again = registry.store.state().await.unwrap();
    assert_eq!(again.appeals, registry.state.appeals);
    assert!(again.appeals[&1].is_open());
    registry.store.verify_events().await.unwrap();
}
