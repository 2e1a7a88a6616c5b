//! Servers whose callers show who they are, and what may not be found in them afterwards.

use crate::certificates::{Key, Spec, pem};
use crate::server::Server;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use terms::Instant;
use toml::Table;

/// When tests about identity begin: the letter is in force.
const BEGIN: &str = "2026-06-12T19:00:00-04:00";

/// Certificate and key that sign requests to wallets, PEM.
pub struct GateSigner {
    certificate: String,
    key: String,
}

impl GateSigner {
    /// For a gateway that callers call `host`.
    pub fn new(host: &'static str) -> Self {
        let (anchor, own) = (Key::new(), Key::new());
        let certificate = pem(&Spec { dns: vec![host], ..Spec::leaf() }.signed(&own, &anchor));
        Self { certificate, key: own.pem() }
    }
}

/// What a gateway is told of issuers.
#[derive(Default)]
pub struct Setup {
    /// Entries of the trust registry.
    pub issuers: Vec<Value>,
    /// Certificates by name, PEM.
    pub anchors: Value,
    /// The secret `idp`.
    pub secret: String,
    /// What signs requests to wallets; none = they are not signed.
    pub signer: Option<GateSigner>,
    /// What callers call the gateway; empty = by its address.
    pub audience: String,
}

impl Setup {
    fn write(&self, dir: &Path) {
        let anchors = if self.anchors.is_null() { json!({}) } else { self.anchors.clone() };
        let trust = json!({"issuers": self.issuers, "anchors": anchors});
        let signer = self.signer.as_ref();
        let of_signer = |part: fn(&GateSigner) -> &String| signer.map(part).cloned().unwrap_or_default();
        for (name, text) in [
            ("trust.json", trust.to_string()),
            ("secrets/idp", self.secret.clone()),
            ("gate.pem", of_signer(|signer| &signer.certificate)),
            ("secrets/gate-key", of_signer(|signer| &signer.key)),
        ] {
            fs::write(dir.join(name), text).unwrap();
        }
    }

    fn table(&self, gateway: String) -> Table {
        let audience = if self.audience.is_empty() { gateway } else { self.audience.clone() };
        let wallet = json!({"certificate": "gate.pem", "key": {"file": "secrets/gate-key"}});
        let cure = if self.signer.is_some() { json!({ "wallet": wallet }) } else { json!({}) };
        let secrets = json!({"idp": {"file": "secrets/idp"}});
        let all = json!({"trust": "trust.json", "audience": audience, "secrets": secrets, "cure": cure});
        Table::try_from(all).unwrap()
    }
}

impl Server {
    /// The law, people and keys of June. Once it runs its address is known, and peers can be told.
    pub fn before_identity() -> Self {
        Self::june(BEGIN).start()
    }

    /// Starts again with cure pages and these issuers, and writes everything to the log that it ever writes.
    pub fn identify(&mut self, setup: &Setup) {
        setup.write(&self.dir());
        let table = setup.table(format!("http://{}", self.gateway()));
        self.edit_config(|config| drop(config.insert("identity".into(), table.into())));
        self.set_env("DOUANE_LOG", "trace");
        self.restart();
    }

    /// What the server's clock shows.
    pub fn now(&self) -> Instant {
        Instant::parse(self.status().json()["now"].as_str().unwrap()).unwrap()
    }

    /// The same in Unix seconds.
    pub fn now_s(&self) -> i64 {
        self.now().as_micros() / 1_000_000
    }

    /// Moves the clock on.
    pub fn pass(&self, seconds: i64) {
        self.set_clock(&self.now().plus_micros(seconds * 1_000_000).to_string());
    }
}

/// Which of these texts are found in the data directory, in what the server wrote to its log, or in what it says of
/// itself; with the place.
pub fn kept(server: &Server, texts: &[&str]) -> Vec<String> {
    let log = server.stderr();
    assert!(log.contains(" INFO "), "the server writes more to its log than when nobody asks: {log}");
    let mut places = Vec::new();
    read(&server.dir(), &mut places);
    places.push(("the log".to_owned(), log.into_bytes()));
    places.push(("the status".to_owned(), server.status().body));
    let found = |text: &str, (place, bytes): &(String, Vec<u8>)| {
        let holds = bytes.windows(text.len()).any(|window| window == text.as_bytes());
        holds.then(|| format!("{text:?} in {place}"))
    };
    texts.iter().flat_map(|text| places.iter().filter_map(|place| found(text, place))).collect()
}

fn read(folder: &Path, places: &mut Vec<(String, Vec<u8>)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read(&path, places);
        } else {
            places.push((path.display().to_string(), fs::read(&path).unwrap()));
        }
    }
}
