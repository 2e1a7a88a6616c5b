//! A served house that knows an employer, an identity provider and two accounts, and a client.

use crate::issuer::{GATEWAY, Key};
use crate::rig::{NOON, Rig, commit, on_disk};
use people::Profile;
use serde_json::{Value, json};
use server::Settings;
use server::identity::IdentitySettings;
use std::collections::BTreeMap;
use store::{ApiKey, Event};
use terms::{AccountId, Level, SubjectKind};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub struct Stage {
    pub rig: Rig,
    pub hr: Key,
    pub idp: Key,
    pub holder: Key,
    /// Keys that several people share, of `acme` and of `other`.
    pub shared: String,
    pub others: String,
    dir: tempfile::TempDir,
}

pub fn account(name: &str) -> AccountId {
    AccountId::parse(name).unwrap()
}

/// The registry of the tests, with members of the provider's own.
pub fn trust(hr: &Key, idp: &Key, provider: Value) -> Value {
    let employer = |iss: &str, org: &str, key: &str| {
        json!({"iss": iss, "kind": "employer", "algs": ["EdDSA"], "max_strength": "S2", "jwks": hr.jwks(),
               "org": org, "api_keys": [key], "may_assert": ["us_person", "nationalities"],
               "complete_for": ["us_person"], "accounts": [{"account": org}]})
    };
    let mut idp = json!({"iss": "https://idp.test", "kind": "oidc", "algs": ["EdDSA"], "max_strength": "S4",
        "jwks": idp.jwks(), "may_assert": ["nationalities"], "trust_frameworks": {"eidas": {"high": "S4"}},
        "accounts": [{"client_id": "app", "account": "acme"}]});
    idp.as_object_mut().unwrap().extend(provider.as_object().unwrap().clone());
    let (acme, other) = ("https://hr.acme.test", "https://hr.other.test");
    json!({"issuers": [employer(acme, "acme", "ak_acme"), employer(other, "other", "ak_other"), idp]})
}

pub fn identity(trust: &Value, dpop_nonce: bool) -> IdentitySettings {
    IdentitySettings {
        trust: trust.to_string().into_bytes(),
        profile: Profile { gateway: GATEWAY.to_owned(), ..Profile::default() },
        dpop_nonce,
        secrets: BTreeMap::from([("idp".to_owned(), "s3cret".to_owned())]),
        cure: None,
    }
}

impl Stage {
    pub async fn start() -> Self {
        Self::start_with(json!({}), false).await
    }

    /// `provider`: further members of the identity provider's entry in the registry.
    pub async fn start_with(provider: Value, dpop_nonce: bool) -> Self {
        Self::start_from(|hr, idp| identity(&trust(hr, idp, provider), dpop_nonce)).await
    }

    /// From settings of the test's own.
    pub async fn start_from(settings: impl FnOnce(&Key, &Key) -> IdentitySettings) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (hr, idp, holder) = (Key::new("hr-1"), Key::new("idp-1"), Key::new("holder"));
        let settings = settings(&hr, &idp);
        let edit =
            |all: Settings| Settings { identity: Some(settings), min_evidence: Level::Employer, ..all };
        let rig = Rig::start_as(dir.path(), on_disk(dir.path()), NOON, edit).await;
        let shared = share(&rig, "acme", "ak_acme").await;
        let others = share(&rig, "other", "ak_other").await;
        Self { rig, hr, idp, holder, shared, others, dir }
    }

    /// The same stage in another process.
    pub async fn restarted(self) -> Self {
        self.restarted_after(|_| {}).await
    }

    /// The same, after something was done to the data directory meanwhile.
    pub async fn restarted_after(self, meanwhile: impl FnOnce(&std::path::Path)) -> Self {
        let Self { rig, hr, idp, holder, shared, others, dir } = self;
        let settings = identity(&trust(&hr, &idp, json!({})), false);
        let path = dir.path().to_owned();
        let journal = |key| {
            meanwhile(&path);
            on_disk(&path)(key)
        };
        let edit =
            |all: Settings| Settings { identity: Some(settings), min_evidence: Level::Employer, ..all };
        let rig = rig.restart(dir.path(), journal, edit).await;
        Self { rig, hr, idp, holder, shared, others, dir }
    }

    /// Whether any file of the data directory holds a text.
    pub fn keeps(&self, text: &str) -> bool {
        holds(self.dir.path(), text.as_bytes())
    }

    /// Asks for the restricted model and gives the answer.
    pub async fn ask(&self, headers: &[(&str, &str)]) -> Answer {
        self.ask_for("fable-5", headers).await
    }

    pub async fn ask_for(&self, model: &str, headers: &[(&str, &str)]) -> Answer {
        let body = format!(
            r#"{{"model":"{model}","messages":[],"practice":{{"chunks":1,"interval_ms":0,"seed":"s"}}}}"#
        );
        post(self.rig.gateway, "/v1/chat/completions", headers, &body).await
    }

    /// Asks with an assertion beside the shared key of `acme`.
    pub async fn ask_as(&self, assertion: &str) -> Answer {
        self.ask(&[("x-api-key", &self.shared), ("douane-end-user", assertion)]).await
    }

    /// Asks with a token.
    pub async fn ask_bearing(&self, token: &str) -> Answer {
        self.ask(&[("authorization", &format!("Bearer {token}"))]).await
    }

    /// Asks with a token bound to the holder's key, and a proof.
    pub async fn ask_proving(&self, token: &str, proof: &str) -> Answer {
        self.ask(&[("authorization", &format!("DPoP {token}")), ("dpop", proof)]).await
    }
}

fn holds(dir: &std::path::Path, text: &[u8]) -> bool {
    std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).any(|path| {
        if path.is_dir() {
            return holds(&path, text);
        }
        std::fs::read(&path).unwrap().windows(text.len()).any(|window| window == text)
    })
}

/// A key of an account that several people use, under this name.
async fn share(rig: &Rig, name: &str, label: &str) -> String {
    let key = ApiKey::generate().unwrap();
    let added = Event::AccountAdded { account: account(name), display_name: name.to_owned() };
    let issued = Event::KeyAdded {
        key_hash: rig.house.hasher.hash(key.text()),
        account: account(name),
        person: None,
        kind: SubjectKind::SharedKey,
        label: label.to_owned(),
    };
    commit(&rig.house, &[added, issued]).await;
    key.text().reveal().to_owned()
}

/// A whole answer.
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: Value,
    pub text: String,
}

impl Answer {
    /// The code of refused evidence.
    pub fn evidence_code(&self) -> &str {
        assert_eq!((self.status, self.code()), (401, "evidence_refused"), "{} {}", self.head, self.body);
        self.body["evidence_code"].as_str().unwrap()
    }

    pub fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")))
    }
}

pub async fn post(to: std::net::SocketAddr, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    send("POST", to, path, headers, body).await
}

pub async fn send(
    method: &str,
    to: std::net::SocketAddr,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Answer {
    let host = if headers.iter().any(|(name, _)| *name == "host") { "" } else { "host: gate.test\r\n" };
    let lines: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let request = format!(
        "{method} {path} HTTP/1.1\r\n{host}connection: close\r\n{lines}content-length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut stream = TcpStream::connect(to).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    let text = body.to_owned();
    let body = serde_json::from_str(body).unwrap_or(Value::Null);
    Answer { status, head: head.replace('\r', ""), body, text }
}
