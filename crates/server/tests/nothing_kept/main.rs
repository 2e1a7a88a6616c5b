//! Every input of the identity vectors goes through the gateway, a wallet shows an identity that is accepted, and a
//! passport's evidence is put on file; afterwards nothing of what must not be kept is found in the data directory, in the
//! log output with all its traces, or in what the control port tells: no document, no name, no token, no issuer's name for
//! a person.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails where it cannot go on")]

#[path = "../../../people/src/x509/samples.rs"]
#[allow(dead_code, reason = "made for the tests of another crate")]
mod certificates;
mod mdoc;
#[path = "../rig/mod.rs"]
mod rig;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use mdoc::Wallet;
use people::file::Filed;
use people::{Chip, Profile, Registry, Verifier};
use rig::{Rig, commit, on_disk};
use serde_json::{Value, json};
use server::cure::CureSettings;
use server::identity::IdentitySettings;
use server::{House, Settings};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use store::{ApiKey, Event};
use terms::{AccountId, Instant, Level, PersonFacts, PersonId, SubjectKind};
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

fn settings(all: Settings, wallet: &Wallet) -> Settings {
    let index = read_json(&vectors().join("index.json"));
    let mut trust = read_json(&vectors().join("trust.json"));
    for issuer in trust["issuers"].as_array_mut().unwrap() {
        issuer["accounts"] = json!([{"account": "acme"}]);
    }
    let (issuer, anchor) = wallet.registered();
    trust["issuers"].as_array_mut().unwrap().push(issuer);
    trust["anchors"]["kept"] = json!(anchor);
    let profile: Profile = serde_json::from_value(index["profile"].clone()).unwrap();
    let gateway = index["gateway"].as_str().unwrap().to_owned();
    let identity = IdentitySettings {
        trust: trust.to_string().into_bytes(),
        profile: Profile { gateway, ..profile },
        dpop_nonce: false,
        secrets: BTreeMap::new(),
        cure: Some(CureSettings::default()),
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

/// Sends a request and gives the whole answer.
async fn exchange(to: std::net::SocketAddr, head: &str, body: &str) -> String {
    let request = format!("{head}connection: close\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    let mut stream = TcpStream::connect(to).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

fn body_of(answer: &str) -> Value {
    serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
}

fn decoded(text: &str) -> String {
    let mut parts = text.split('%');
    let first = parts.next().unwrap().to_owned();
    parts.fold(first, |text, part| {
        text + &char::from(u8::from_str_radix(&part[..2], 16).unwrap()).to_string() + &part[2..]
    })
}

/// Somebody with a key of one's own shows the whole identity of a wallet, and is served. Gives what was shown.
async fn show_identity(rig: &Rig, wallet: &Wallet) -> Vec<String> {
    let key = rig::issue_to(&rig.house, "w1", PersonFacts::unknown()).await;
    let body = r#"{"model":"fable-5","messages":[],"practice":{"chunks":1,"interval_ms":0,"seed":"s"}}"#;
    let asks = format!("POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\nx-api-key: {key}\r\n");
    let refused = body_of(&exchange(rig.gateway, &asks, body).await);
    let url = refused["cure"]["url"].as_str().unwrap_or_else(|| panic!("{refused}"));
    let path = &url[url.find("/cure/").unwrap()..];
    let form = |path: &str| format!("POST {path} HTTP/1.1\r\nhost: a\r\naccept: application/json\r\n");
    let asked = body_of(&exchange(rig.gateway, &form(&format!("{path}/wallet")), "").await);
    let link = asked["link"].as_str().unwrap();
    let read = |name: &str| {
        let pairs = link.split_once('?').unwrap().1.split('&');
        decoded(pairs.filter_map(|pair| pair.split_once('=')).find(|(known, _)| *known == name).unwrap().1)
    };
    let response = wallet.response(&read("client_id"), &read("nonce"), &read("response_uri"));
    let shown = format!("state={}&vp_token=%7B%22mdoc%22%3A%5B%22{response}%22%5D%7D", read("state"));
    let done = exchange(rig.gateway, &form("/cure/response"), &shown).await;
    assert!(done.starts_with("HTTP/1.1 200"), "{done}");
    let served = exchange(rig.gateway, &asks, body).await;
    assert!(served.starts_with("HTTP/1.1 200"), "{served}");
    let values = mdoc::SHOWN.map(|(_, value)| value.to_owned());
    [&values[..], &[response, key, read("nonce"), read("state")]].concat()
}

/// What a reader of passports would put on file, of a passport that is accepted. Gives what was shown.
async fn show_passport(rig: &Rig) -> Vec<String> {
    let index = read_json(&vectors().join("index.json"));
    let cases = read_json(&vectors().join("cases/emrtd.json"));
    let case = cases.as_array().unwrap().iter().find(|case| case["id"] == "emrtd/ok-us").unwrap();
    let registry = Registry::from_json(&std::fs::read(vectors().join("trust.json")).unwrap()).unwrap();
    let verifier = Verifier::new(registry, serde_json::from_value(index["profile"].clone()).unwrap());
    let text = |name: &str| case["input"][name].as_str().unwrap();
    let chip =
        Chip { dg1: text("dg1"), dg2: text("dg2"), sod: text("sod"), chip_auth: true, face_match: true };
    let signers = people::certificates_from_pem(case["context"]["csca_pem"][0].as_str().unwrap()).unwrap();
    let now = Instant::from_micros(index["now"].as_i64().unwrap() * 1_000_000);
    let evidence = verifier.passport(&chip, &signers, now).unwrap();
    let (account, person) = (AccountId::parse("rig").unwrap(), PersonId::parse("p1").unwrap());
    let key = rig::issue_to(&rig.house, "p1", PersonFacts::unknown()).await;
    commit(&rig.house, &[Event::filed(account, person, Filed::of(&evidence))]).await;
    let body = r#"{"model":"fable-5","messages":[],"practice":{"chunks":1,"interval_ms":0,"seed":"s"}}"#;
    let asks = format!("POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\nx-api-key: {key}\r\n");
    let served = exchange(rig.gateway, &asks, body).await;
    assert!(served.starts_with("HTTP/1.1 200"), "{served}");
    // The zone of data group 1, and the parts of it that name somebody.
    let zone = URL_SAFE_NO_PAD.decode(text("dg1")).unwrap();
    let zone = String::from_utf8_lossy(&zone[zone.len() - 88..]).into_owned();
    let names = zone[5..44].split('<').filter(|name| name.len() >= TELLING).map(str::to_owned);
    let numbers = [zone[44..53].to_owned(), zone.clone()];
    let files = ["dg1", "dg2", "sod"].map(|name| text(name).to_owned());
    names.chain(numbers).chain(files).chain([key]).collect()
}

/// Everything that the control port tells, and that the gateway tells without a key.
async fn told(rig: &Rig) -> Vec<(String, Vec<u8>)> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let control = listener.local_addr().unwrap();
    tokio::spawn(server::control::serve(Arc::clone(&rig.house), "token", listener, std::future::pending()));
    let mut told = Vec::new();
    let routes = [
        "/v1/status",
        "/v1/officers",
        "/v1/instruments",
        "/v1/readings",
        "/v1/appeals",
        "/v1/receipts/1",
        "/metrics",
    ];
    for route in routes {
        let head = format!("GET {route} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer token\r\n");
        told.push((format!("control port {route}"), exchange(control, &head, "").await.into_bytes()));
    }
    for route in ["/metrics", "/oauth/jwks", "/v1/models"] {
        let head = format!("GET {route} HTTP/1.1\r\nhost: a\r\n");
        told.push((format!("gateway {route}"), exchange(rig.gateway, &head, "").await.into_bytes()));
    }
    assert!(holds(&told[0].1, "HTTP/1.1 200"), "the control port answers");
    told
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
    let (dir, wallet) = (tempfile::tempdir().unwrap(), Wallet::new());
    let edit = |all| settings(all, &wallet);
    let rig = Rig::start_as(dir.path(), on_disk(dir.path()), "2026-06-13T00:00:00Z", edit).await;
    let key = shared_key(&rig.house).await;

    let mut paths = Vec::new();
    files(&vectors().join("cases"), &mut paths);
    let cases: Vec<Value> =
        paths.iter().flat_map(|path| read_json(path).as_array().cloned().unwrap_or_default()).collect();
    let mut secrets = all_secrets(&cases);
    assert!(secrets.len() > 100, "{}", secrets.len());

    let mut answers: BTreeMap<String, usize> = BTreeMap::new();
    for input in cases.iter().flat_map(inputs) {
        *answers.entry(ask(&rig, &key, &input).await).or_default() += 1;
    }
    // Some are people the letter reaches, some are not, most are no evidence or leave the question open.
    assert!(answers["200"] >= 2 && answers["451"] >= 1 && answers["401"] > 50, "{answers:?}");

    secrets.extend(show_identity(&rig, &wallet).await);
    secrets.extend(show_passport(&rig).await);

    let mut places = told(&rig).await;
    let house = Arc::clone(&rig.house);
    tokio::task::spawn_blocking(move || house.close()).await.unwrap().unwrap();
    let mut kept = Vec::new();
    files(dir.path(), &mut kept);
    places.extend(kept.iter().map(|path| (path.display().to_string(), std::fs::read(path).unwrap())));
    places.push(("log output".to_owned(), log.0.lock().unwrap().clone()));
    assert!(places.iter().any(|(_, bytes)| holds(bytes, "evidence refused")), "the log output is looked at");
    for (place, bytes) in &places {
        for secret in &secrets {
            assert!(!holds(bytes, secret), "{place} holds {secret}");
        }
    }
}
