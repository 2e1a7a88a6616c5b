//! The control plane at work: people, keys and directives change until the server is gone.

use crate::dice::Dice;
use serde_json::{Value, json};
use std::fs;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use system_tests::http::{Answer, Request, Wire};
use system_tests::{Bench, Server};

/// Account of everybody here.
const ACCOUNT: &str = "drill";
/// Countries no other person of the test is in, one for each directive put in force under load.
const COUNTRIES: [&str; 25] = [
    "AL", "AM", "AR", "AT", "AU", "BE", "BG", "BO", "CA", "CH", "CL", "CO", "CR", "CZ", "DE", "DK", "DO",
    "EC", "EE", "ES", "FI", "FJ", "GE", "GR", "HR",
];
/// People whose facts may change at one time; older ones stay as they are and are looked at again at the end.
const AT_HAND: usize = 12;

/// What one person has been acknowledged to be, as the status of a request.
struct Person {
    id: String,
    key: Option<String>,
    /// Acknowledged.
    status: Option<u16>,
    /// Asked for, and not answered before the kill.
    doubt: Option<u16>,
}

/// A directive against a place, and somebody there.
struct Drill {
    id: String,
    key: String,
    is_active: bool,
    is_in_doubt: bool,
}

/// Who makes changes, and what was acknowledged.
pub struct Office {
    control: SocketAddr,
    gateway: SocketAddr,
    token: String,
    header: String,
    people: Vec<Person>,
    drills: Vec<Drill>,
    dice: Dice,
    /// Changes acknowledged.
    pub changes: u64,
}

impl Office {
    pub fn new(server: &Server, dice: Dice) -> Self {
        let roster = fs::read_to_string(Bench::june("people.csv")).unwrap();
        Self {
            control: server.control(),
            gateway: server.gateway(),
            token: server.token(),
            header: roster.lines().next().unwrap().to_owned(),
            people: Vec::new(),
            drills: Vec::new(),
            dice,
            changes: 0,
        }
    }

    /// Drafts one more directive and has two officers approve it; it is activated under load. None when all are used.
    pub fn prepare_drill(&mut self, server: &Server) {
        let Some(country) = COUNTRIES.get(self.drills.len()) else { return };
        let id = format!("drill-{}", country.to_lowercase());
        let letter = server.file(&format!("{id}.toml"), &directive(&id, country));
        server.douane_ok(&["directive", "draft", &letter.display().to_string()]);
        for officer in system_tests::OFFICERS {
            server.douane_ok(&["directive", "approve", &id, "--officer", officer]);
        }
        let resident = format!("in-{}", country.to_lowercase());
        self.load(
            &resident,
            &format!("document,citizen,document,,US@1980-01-01,document,true,,{country},document"),
        )
        .expect("alive");
        let key = self.issue(&resident).expect("alive");
        self.drills.push(Drill { id, key, is_active: false, is_in_doubt: false });
    }

    /// Changes one thing after the other until the server is gone.
    pub fn work(&mut self, is_dying: &Arc<AtomicBool>) {
        let activate_at = self.dice.below(12);
        for turn in 0.. {
            let done = if turn == activate_at { self.activate() } else { self.change() };
            if done.is_none() {
                assert!(
                    is_dying.load(Ordering::SeqCst),
                    "the control port broke off while the server was alive"
                );
                return;
            }
            self.changes += 1;
        }
    }

    /// Puts the newest directive in force, if it waits for that.
    fn activate(&mut self) -> Option<()> {
        let Some(drill) = self.drills.last_mut().filter(|drill| !drill.is_active) else { return Some(()) };
        drill.is_in_doubt = true;
        let path = format!("/v1/instruments/{}/activation", drill.id);
        self.post(&path, Vec::new())?;
        let drill = self.drills.last_mut()?;
        (drill.is_active, drill.is_in_doubt) = (true, false);
        Some(())
    }

    fn change(&mut self) -> Option<()> {
        let first = self.people.len().saturating_sub(AT_HAND);
        let is_new = self.people.len() - first < AT_HAND || self.dice.below(3) == 0;
        let at = if is_new {
            self.people.len()
        } else {
            first + usize::try_from(self.dice.below(AT_HAND as u64)).unwrap()
        };
        if is_new {
            self.people.push(Person { id: format!("d-{at}"), key: None, status: None, doubt: None });
        }
        match (self.people[at].status, &self.people[at].key) {
            // A key that was withdrawn stays so.
            (Some(401), _) => Some(()),
            (_, Some(key)) if self.dice.below(8) == 0 => self.revoke(at, &key.clone()),
            _ => self.set_facts(at),
        }
    }

    /// Makes a citizen or a French engineer of somebody; the first time there is a key too.
    fn set_facts(&mut self, at: usize) -> Option<()> {
        let (facts, status) = *self.dice.pick(&[
            ("document,citizen,document,,US@1990-01-01,document,true,,US,document", 200),
            ("document,none,document,,FR@1990-01-01,document,true,,US,document", 451),
        ]);
        self.people[at].doubt = Some(status);
        let id = self.people[at].id.clone();
        self.load(&id, facts)?;
        (self.people[at].status, self.people[at].doubt) = (Some(status), None);
        if self.people[at].key.is_none() {
            self.people[at].key = Some(self.issue(&id)?);
        }
        Some(())
    }

    fn revoke(&mut self, at: usize, key: &str) -> Option<()> {
        self.people[at].doubt = Some(401);
        self.post("/v1/keys/revocation", json!({ "account": ACCOUNT, "key": key }).to_string().into_bytes())?;
        (self.people[at].status, self.people[at].doubt) = (Some(401), None);
        Some(())
    }

    fn load(&self, person: &str, facts: &str) -> Option<Answer> {
        let roster = format!("{}\n{person},person,{facts},none,,employer,,\n", self.header);
        self.post(&format!("/v1/people?account={ACCOUNT}&file=drill.csv"), roster.into_bytes())
    }

    fn issue(&self, person: &str) -> Option<String> {
        let new = json!({ "account": ACCOUNT, "person": person, "label": "drill" });
        let issued: Value = self.post("/v1/keys", new.to_string().into_bytes())?.json();
        Some(issued["key"].as_str().unwrap().to_owned())
    }

    /// The acknowledgement; none when the server died before.
    fn post(&self, path: &str, body: Vec<u8>) -> Option<Answer> {
        let mut wire = Wire::try_open(self.control).ok()?;
        wire.send(&Request::post(path, body).key(&self.token).bytes());
        let answer = wire.answer().filter(|answer| answer.is_whole)?;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        Some(answer)
    }

    /// Directives put in force under load.
    pub fn drills_active(&self) -> usize {
        self.drills.iter().filter(|drill| drill.is_active).count()
    }

    /// Looks for every change that was acknowledged; what was in doubt is whole or not there.
    pub fn check(&mut self, server: &Server, all: bool) {
        let recent = if all { 0 } else { self.people.len().saturating_sub(4 * AT_HAND) };
        for at in recent..self.people.len() {
            self.check_person(at);
        }
        let listed = server.douane_json(&["directive", "list"]);
        let status_of = |id: &str| {
            let rows = listed.as_array().unwrap();
            rows.iter().find(|row| row["id"] == id).unwrap_or_else(|| panic!("{id} is gone"))["status"]
                .clone()
        };
        assert_eq!(status_of("us-2026-06-12"), "active");
        for drill in &mut self.drills {
            let is_active = status_of(&drill.id) == "active";
            assert!(is_active == drill.is_active || drill.is_in_doubt, "{}: active is {is_active}", drill.id);
            (drill.is_active, drill.is_in_doubt) = (is_active, false);
            let answer = Request::chat("practice-mini").key(&drill.key).send(self.gateway);
            assert_eq!(answer.status, if is_active { 451 } else { 200 }, "{}", drill.id);
        }
    }

    fn check_person(&mut self, at: usize) {
        let person = &self.people[at];
        let Some(acknowledged) = person.status else {
            // Not even the first load was acknowledged: nothing was promised.
            self.people[at].doubt = None;
            return;
        };
        let key = match &person.key {
            Some(key) => key.clone(),
            None => self.issue(&person.id).expect("the facts acknowledged are on file"),
        };
        let found = Request::chat("fable-5").key(&key).send(self.gateway).status;
        let person = &mut self.people[at];
        assert!(
            found == acknowledged || Some(found) == person.doubt,
            "{}: {acknowledged} was acknowledged, {:?} asked for, {found} found",
            person.id,
            person.doubt,
        );
        *person = Person { id: person.id.clone(), key: Some(key), status: Some(found), doubt: None };
    }
}

fn directive(id: &str, country: &str) -> String {
    format!(
        r#"schema = 1

[[directive]]
id = "{id}"
title = "Nobody in {country} (invented)"
form = "rule"
issued_at = 2026-06-12T12:00:00-04:00
effective_from = 2026-06-12T12:00:00-04:00
models = ["practice-mini"]
persons = {{ class = "located_in", countries = ["{country}"] }}
destinations = "none"
authority = []
source = {{ state = "US", office = "Office of Drills", public_reference = "Drill rule {id}" }}
"#
    )
}
