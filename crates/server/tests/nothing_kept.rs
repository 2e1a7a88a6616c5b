//! Every input of the identity vectors goes through the gateway; afterwards nothing of what must not be kept is found
//! in the data directory or in the log output: no document, no name, no token, no issuer's name for a person.
#![allow(clippy::unwrap_used, reason = "a test fails where it cannot go on")]

mod rig;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use people::Profile;
use rig::{Rig, commit, on_disk};
use serde_json::{Value, json};
use server::identity::IdentitySettings;
use server::{House, Settings};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use store::{ApiKey, Event};
use terms::{AccountId, Level, SubjectKind};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Members whose values are personal, beside those that the vectors name.
const PERSONAL: [&str; 3] = ["sub", "jti", "email"];
/// Shorter values are found in any file.
const TELLING: usize = 5;

fn vectors() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors/open")
}

fn read_json(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// The inputs of one request.
struct Input {
    authorization: Option<String>,
    end_user: Option<String>,
    dpop: Vec<String>,
}

fn inputs(case: &Value) -> Vec<Input> {
    let (input, context) = (&case["input"], &case["context"]);
    let steps = input["sequence"].as_array().cloned().unwrap_or_else(|| vec![input.clone()]);
    steps.iter().map(|step| one_input(step, context)).collect()
}

fn one_input(step: &Value, context: &Value) -> Input {
    let text = |name: &str| step[name].as_str().map(str::to_owned);
    let scheme = context["scheme"].as_str().unwrap_or("Bearer");
    let shown = ["access_token", "vp_token", "vp_token_mdoc", "dg1", "sod"].into_iter().find_map(text);
    let dpop = match &step["dpop"] {
        Value::Array(all) => all.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        one => one.as_str().map(str::to_owned).into_iter().collect(),
    };
    Input {
        authorization: shown.map(|shown| format!("{scheme} {shown}")),
        end_user: text("end_user_assertion").or_else(|| text("subject_token")),
        dpop,
    }
}

fn secrets(value: &Value, names: &BTreeSet<String>, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                if let Some(text) = value.as_str().filter(|_| names.contains(name)) {
                    found.insert(text.to_owned());
                }
                secrets(value, names, found);
            }
        }
        Value::Array(all) => {
            // A disclosure: salt, name, value.
            if let [Value::String(salt), Value::String(name), value] = all.as_slice()
                && salt.len() >= 16
            {
                found.insert(salt.clone());
                secrets(&json!({ name: value }), names, found);
            }
            all.iter().for_each(|value| secrets(value, names, found));
        }
        Value::String(text) => {
            for part in text.split(['.', '~']) {
                let decoded = URL_SAFE_NO_PAD.decode(part).ok();
                if let Some(Ok(inner)) = decoded.map(|bytes| serde_json::from_slice::<Value>(&bytes)) {
                    if part.len() > 40 {
                        found.insert(part.to_owned());
                    }
                    secrets(&inner, names, found);
                }
            }
        }
        _ => {}
    }
}

fn settings(all: Settings) -> Settings {
    let index = read_json(&vectors().join("index.json"));
    let mut trust = read_json(&vectors().join("trust.json"));
    for issuer in trust["issuers"].as_array_mut().unwrap() {
        issuer["accounts"] = json!([{"account": "acme"}]);
    }
    let profile: Profile = serde_json::from_value(index["profile"].clone()).unwrap();
    let gateway = index["gateway"].as_str().unwrap().to_owned();
    let identity = IdentitySettings {
        trust: trust.to_string().into_bytes(),
        profile: Profile { gateway, ..profile },
        dpop_nonce: false,
        secrets: BTreeMap::new(),
        cure: None,
    };
    Settings { identity: Some(identity), min_evidence: Level::Employer, ..all }
}

async fn shared_key(house: &House) -> String {
    let (key, account) = (ApiKey::generate().unwrap(), AccountId::parse("acme").unwrap());
    let added = Event::AccountAdded { account: account.clone(), display_name: "acme".to_owned() };
    let issued = Event::KeyAdded {
        key_hash: house.hasher.hash(key.text()),
        account,
        person: None,
        kind: SubjectKind::SharedKey,
        label: "ak_multinational_prod".to_owned(),
    };
    commit(house, &[added, issued]).await;
    key.text().reveal().to_owned()
}

/// Gives the status.
async fn ask(rig: &Rig, key: &str, input: &Input) -> String {
    let body = r#"{"model":"fable-5","max_tokens":1,"messages":[],"practice":{"chunks":1,"interval_ms":0,"seed":"s"}}"#;
    let mut head = format!(
        "POST /v1/messages HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: {}\r\n",
        body.len()
    );
    for (name, value) in [("authorization", &input.authorization), ("douane-end-user", &input.end_user)] {
        if let Some(value) = value {
            head += &format!("{name}: {value}\r\n");
        }
    }
    if input.end_user.is_some() {
        head += &format!("x-api-key: {key}\r\n");
    }
    head.extend(input.dpop.iter().map(|proof| format!("dpop: {proof}\r\n")));
    let mut stream = TcpStream::connect(rig.gateway).await.unwrap();
    stream.write_all(format!("{head}\r\n{body}").as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer.split(' ').nth(1).unwrap_or_default().to_owned()
}

fn files(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files(&path, found) } else { found.push(path) }
    }
}

fn holds(bytes: &[u8], secret: &str) -> bool {
    bytes.windows(secret.len()).any(|window| window == secret.as_bytes())
}

/// What the vectors hold of persons and presentations.
fn all_secrets(cases: &[Value]) -> BTreeSet<String> {
    let index = read_json(&vectors().join("index.json"));
    let mut names: BTreeSet<String> = PERSONAL.map(str::to_owned).into();
    for case in index["cases"].as_array().unwrap() {
        let kept_out = case["expect"]["must_not_store"].as_array();
        names.extend(kept_out.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned));
    }
    let mut found = BTreeSet::new();
    cases.iter().for_each(|case| secrets(&case["input"], &names, &mut found));
    // The actor of exchanged tokens: what the operator calls its own key.
    found.remove("ak_multinational_prod");
    found.retain(|secret| secret.len() >= TELLING);
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_what_was_shown_is_kept() {
    let log = Log::default();
    let writer = log.clone();
    let lines = tracing_subscriber::fmt().with_max_level(tracing_subscriber::filter::LevelFilter::TRACE);
    lines.with_writer(move || writer.clone()).init();
    let dir = tempfile::tempdir().unwrap();
    let rig = Rig::start_as(dir.path(), on_disk(dir.path()), "2026-06-13T00:00:00Z", settings).await;
    let key = shared_key(&rig.house).await;

    let mut paths = Vec::new();
    files(&vectors().join("cases"), &mut paths);
    let cases: Vec<Value> =
        paths.iter().flat_map(|path| read_json(path).as_array().cloned().unwrap_or_default()).collect();
    let secrets = all_secrets(&cases);
    assert!(secrets.len() > 100, "{}", secrets.len());

    let mut answers: BTreeMap<String, usize> = BTreeMap::new();
    for input in cases.iter().flat_map(inputs) {
        *answers.entry(ask(&rig, &key, &input).await).or_default() += 1;
    }
    // Some are people the letter reaches, some are not, most are no evidence or leave the question open.
    assert!(answers["200"] >= 2 && answers["451"] >= 1 && answers["401"] > 50, "{answers:?}");

    let house = Arc::clone(&rig.house);
    tokio::task::spawn_blocking(move || house.close()).await.unwrap().unwrap();
    let mut kept = Vec::new();
    files(dir.path(), &mut kept);
    let mut places: Vec<(String, Vec<u8>)> =
        kept.iter().map(|path| (path.display().to_string(), std::fs::read(path).unwrap())).collect();
    places.push(("log output".to_owned(), log.0.lock().unwrap().clone()));
    assert!(places.iter().any(|(_, bytes)| holds(bytes, "evidence refused")), "the log output is looked at");
    for (place, bytes) in &places {
        for secret in &secrets {
            assert!(!holds(bytes, secret), "{place} holds {secret}");
        }
    }
}
