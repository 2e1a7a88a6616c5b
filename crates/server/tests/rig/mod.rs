//! A house with one letter in force, served on a loopback port, in front of the practice model.

use bylaws::Bylaws;
use ledger::journal::{Journal, Options};
use ledger::note::SigningKey;
use server::outbound::{KeyHeader, UpstreamSettings};
use server::practice::{Practice, bind};
use server::{Clock, House, Settings, gateway};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use store::{ApiKey, Digest, Event};
use terms::{
    AccountId, Attested, Instant, Level, OfficerId, PersonFacts, PersonId, SubjectKind, UpstreamId, UsStatus,
};

/// When the tests play.
pub const NOON: &str = "2026-06-13T12:00:00Z";

const LETTER: &str = r#"
schema = 1
[[directive]]
id = "letter"
title = "Foreign persons"
form = "rule"
issued_at = "2026-06-12T00:00:00Z"
effective_from = "2026-06-12T21:21:00Z"
models = ["fable-5"]
persons = { class = "foreign_person" }
destinations = "none"
authority = ["ecra-4812"]
source = { state = "US", office = "Invented office", public_reference = "Invented notice 1" }
"#;

const CATALOGUE: &str = r#"
schema = 1
[[model]]
id = "fable-5"
upstream = "practice"
served_from = "US"
dialects = ["openai", "anthropic"]
[[model]]
id = "open-1"
upstream = "practice"
served_from = "US"
dialects = ["openai", "anthropic"]
"#;

/// A served house with a key for a citizen and one for a foreign person.
pub struct Rig {
    #[allow(dead_code, reason = "each user of the rig takes what it needs")]
    pub house: Arc<House>,
    pub gateway: SocketAddr,
    #[allow(dead_code, reason = "each user of the rig takes what it needs")]
    pub citizen: String,
    #[allow(dead_code, reason = "each user of the rig takes what it needs")]
    pub foreigner: String,
    upstream: SocketAddr,
    serving: Serving,
}

/// A gateway that serves, until it is told to stop.
struct Serving {
    stop: tokio::sync::oneshot::Sender<()>,
    task: tokio::task::JoinHandle<()>,
}

async fn serve(house: &Arc<House>) -> (SocketAddr, Serving) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let gateway = listener.local_addr().unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let stopped = async move {
        if stopped.await.is_err() {
            // The rig is gone; the gateway goes with its runtime.
            std::future::pending::<()>().await;
        }
    };
    let task = tokio::spawn(gateway::serve(Arc::clone(house), listener, stopped));
    (gateway, Serving { stop, task })
}

impl Rig {
    /// Serves on a journal that is open already.
    #[allow(dead_code, reason = "each user of the rig takes what it needs")]
    pub async fn start(dir: &Path, journal: impl FnOnce(SigningKey) -> Journal) -> Self {
        Self::start_with(dir, journal, Bylaws::default()).await
    }

    /// The same with rules of the operator's own.
    #[allow(dead_code, reason = "each user of the rig takes what it needs")]
    pub async fn start_with(dir: &Path, journal: impl FnOnce(SigningKey) -> Journal, bylaws: Bylaws) -> Self {
        Self::start_as(dir, journal, NOON, |settings| Settings { bylaws, ..settings }).await
    }

    /// The same with settings of the test's own, at a moment of its own.
    pub async fn start_as(
        dir: &Path,
        journal: impl FnOnce(SigningKey) -> Journal,
        start: &str,
        edit: impl FnOnce(Settings) -> Settings,
    ) -> Self {
        let practice = bind(0).unwrap();
        let upstream = practice.local_addr().unwrap();
        tokio::spawn(async move { Practice::new([]).serve(practice, 0, std::future::pending()).await });
        let key = SigningKey::from_seed("rig", &[7; 32]).unwrap();
        let start = Instant::parse(start).unwrap();
        let clock = Clock::practice(|| Instant::from_micros(0), start);
        let house = House::open_with(edit(settings(dir, upstream)), clock, journal(key)).await.unwrap();
        let (citizen, foreigner) =
            (issue(&house, "c", UsStatus::Citizen).await, issue(&house, "f", UsStatus::None).await);
        put_in_force(&house, LETTER, 1).await;
        let (gateway, serving) = serve(&house).await;
        Self { house, gateway, citizen, foreigner, upstream, serving }
    }

    /// Stops in order, and serves again from the same directory: another process, as far as anybody can tell.
    #[allow(dead_code, reason = "each user of the rig takes what it needs")]
    pub async fn restart(
        self,
        dir: &Path,
        journal: impl FnOnce(SigningKey) -> Journal,
        edit: impl FnOnce(Settings) -> Settings,
    ) -> Self {
        let Self { house, citizen, foreigner, upstream, serving, .. } = self;
        serving.stop.send(()).unwrap();
        serving.task.await.unwrap();
        let start = house.clock.read().at;
        let closing = Arc::clone(&house);
        tokio::task::spawn_blocking(move || closing.close().unwrap()).await.unwrap();
        let mut alone = house;
        let house = loop {
            match Arc::try_unwrap(alone) {
                Ok(house) => break house,
                Err(shared) => alone = shared,
            }
            tokio::task::yield_now().await;
        };
        house.registry.into_inner().store.close().await;
        drop(house.record);
        let key = SigningKey::from_seed("rig", &[7; 32]).unwrap();
        let clock = Clock::practice(|| Instant::from_micros(0), start);
        let house = House::open_with(edit(settings(dir, upstream)), clock, journal(key)).await.unwrap();
        let (gateway, serving) = serve(&house).await;
        Self { house, gateway, citizen, foreigner, upstream, serving }
    }
}

/// A journal on disk.
#[allow(dead_code, reason = "each user of the rig takes what it needs")]
pub fn on_disk(dir: &Path) -> impl FnOnce(SigningKey) -> Journal {
    let path = dir.join("log");
    move |key| Journal::open(&path, key, Options::default()).unwrap()
}

fn settings(dir: &Path, upstream: SocketAddr) -> Settings {
    Settings {
        dir: dir.to_owned(),
        gateway: "rig".to_owned(),
        operator_url: Some("https://operator.example".to_owned()),
        operator_name: None,
        cure_url: Some("https://operator.example/verify".to_owned()),
        min_evidence: Level::Document,
        min_location_evidence: Level::Employer,
        serve_unrestricted_unrecorded: true,
        officers_needed: 2,
        bylaws: Bylaws::default(),
        identity: None,
        place: None,
        models: law::lint::read(CATALOGUE).unwrap().model,
        upstreams: vec![UpstreamSettings {
            id: UpstreamId::parse("practice").unwrap(),
            url: format!("http://{upstream}"),
            key: None,
            key_header: KeyHeader::Bearer,
            head_timeout: Duration::from_secs(10),
        }],
    }
}

/// Commits events.
pub async fn commit(house: &House, events: &[Event]) {
    let mut registry = house.registry.lock().await;
    house.commit(&mut registry, events).await.unwrap();
}

async fn issue(house: &House, person: &str, status: UsStatus) -> String {
    let facts = PersonFacts { us_status: Attested::new(status, Level::Document), ..PersonFacts::unknown() };
    issue_to(house, person, facts).await
}

/// Puts a person with these facts on file and gives a key for that person.
#[allow(dead_code, reason = "each user of the rig takes what it needs")]
pub async fn issue_to(house: &House, person: &str, facts: PersonFacts) -> String {
    let (account, person) = (AccountId::parse("rig").unwrap(), PersonId::parse(person).unwrap());
    if !house.registry.lock().await.state.accounts.contains_key(&account) {
        commit(house, &[Event::AccountAdded { account: account.clone(), display_name: "rig".to_owned() }])
            .await;
    }
    let key = ApiKey::generate().unwrap();
    let added = Event::KeyAdded {
        key_hash: house.hasher.hash(key.text()),
        account: account.clone(),
        person: Some(person.clone()),
        kind: SubjectKind::Person,
        label: String::new(),
    };
    commit(house, &[Event::PersonFactsSet { account, person, facts: facts.into() }, added]).await;
    key.text().reveal().to_owned()
}

/// Activates the letter; who may do so is the control port's business and tested there.
#[allow(dead_code, reason = "each user of the rig takes what it needs")]
pub async fn put_in_force(house: &House, letter: &str, snapshot: u64) {
    let id = law::lint::read(letter).unwrap().ids().remove(0);
    let officer = OfficerId::parse(if snapshot == 1 { "one" } else { "two" }).unwrap();
    let digest = Digest::of(letter.as_bytes());
    commit(
        house,
        &[Event::OfficerAdded {
            officer: officer.clone(),
            public_key: "one+00000000+AA".to_owned(),
            added_by: (snapshot > 1).then(|| OfficerId::parse("one").unwrap()),
        }],
    )
    .await;
    let drafted = Event::InstrumentDrafted {
        id: id.clone(),
        kind: "directive".to_owned(),
        toml: letter.to_owned(),
        digest,
        drafted_by: Some(officer.clone()),
    };
    let approved = Event::Approved { instrument: id.clone(), digest, officer, signature: "00".to_owned() };
    commit(house, &[drafted, approved, Event::Activated { instrument: id, digest, snapshot }]).await;
}
