//! Cure pages: from a refusal to evidence on file, and the very next request.

mod answers;
mod appeals;
mod pages;
mod peer;
mod recheck;
mod sign_in;
mod wallet;

use crate::issuer::GATEWAY;
use crate::rig::commit;
use crate::stage::{Answer, Stage, account, identity, send, trust};
use serde_json::{Value, json};
use server::cure::CureSettings;
use server::identity::IdentitySettings;
use store::{ApiKey, Event};
use terms::{PersonFacts, PersonId, SubjectKind};

/// A stage with pages, whose provider has these members, and with further issuers and anchors.
async fn stage(provider: Value, more: Vec<Value>, anchors: Value) -> Stage {
    Stage::start_from(|hr, idp| {
        let mut trust = trust(hr, idp, provider);
        trust["issuers"].as_array_mut().unwrap().extend(more);
        trust["anchors"] = anchors;
        IdentitySettings { cure: Some(CureSettings::default()), ..identity(&trust, false) }
    })
    .await
}

/// A stage whose only way is the employer.
async fn plain() -> Stage {
    stage(json!({}), Vec::new(), json!({})).await
}

/// A personal key of `acme`, for somebody of whom this is on file.
async fn personal(stage: &Stage, person: &str, facts: PersonFacts) -> String {
    let (key, person) = (ApiKey::generate().unwrap(), PersonId::parse(person).unwrap());
    let issued = Event::KeyAdded {
        key_hash: stage.rig.house.hasher.hash(key.text()),
        account: account("acme"),
        person: Some(person.clone()),
        kind: SubjectKind::Person,
        label: String::new(),
    };
    let known = Event::PersonFactsSet { account: account("acme"), person, facts: facts.into() };
    commit(&stage.rig.house, &[known, issued]).await;
    key.text().reveal().to_owned()
}

impl Stage {
    async fn ask_with(&self, key: &str) -> Answer {
        self.ask(&[("x-api-key", key)]).await
    }

    /// The path behind the link of a refusal.
    async fn link(&self, key: &str) -> String {
        path_of(&self.ask_with(key).await)
    }

    async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        send("GET", self.rig.gateway, path, headers, "").await
    }

    /// Sends a form, as a program does.
    async fn form(&self, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let json = [&[("accept", "application/json")], headers].concat();
        send("POST", self.rig.gateway, path, &json, body).await
    }
}

fn path_of(refused: &Answer) -> String {
    let url = refused.body["cure"]["url"].as_str().unwrap_or_else(|| panic!("{}", refused.body));
    url.strip_prefix(GATEWAY).unwrap().to_owned()
}

fn unescaped(text: &str) -> String {
    text.replace("&amp;", "&").replace("&#39;", "'").replace("&quot;", "\"")
}
