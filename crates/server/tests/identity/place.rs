//! Where a caller seems to be, against what is on file about the place.

use crate::rig::{NOON, Rig, issue_to, on_disk, put_in_force};
use crate::samples::database;
use crate::stage::post;
use server::Settings;
use server::identity::PlaceSettings;
use std::net::Ipv4Addr;
use terms::{Attested, Country, Level, PersonFacts, UsStatus};

/// Nobody outside the United States.
const LETTER: &str = r#"
schema = 1
[[directive]]
id = "places"
title = "Places"
form = "rule"
issued_at = "2026-06-12T00:00:00Z"
effective_from = "2026-06-12T21:21:00Z"
models = ["open-1"]
persons = { class = "foreign_person" }
destinations = "all_outside_us"
authority = ["ecra-4812"]
source = { state = "US", office = "Invented office", public_reference = "Invented notice 2" }
"#;

const PARIS: &str = "203.0.112.9";
/// Not in the database.
const NOWHERE: &str = "198.51.100.1";

async fn rig(dir: &std::path::Path, code: &str) -> Rig {
    let place = PlaceSettings {
        database: database(Ipv4Addr::new(203, 0, 112, 0), 24, code),
        trusted_proxies: vec!["127.0.0.0/8".parse().unwrap()],
    };
    let edit = |all: Settings| Settings { place: Some(place), ..all };
    let rig = Rig::start_as(dir, on_disk(dir), NOON, edit).await;
    put_in_force(&rig.house, LETTER, 2).await;
    rig
}

async fn key(rig: &Rig, person: &str, stated: Option<(&str, Level)>) -> String {
    let location = stated.map(|(code, level)| Attested::new(Country::parse(code).unwrap(), level));
    let us_status = Attested::new(UsStatus::Citizen, Level::Document);
    issue_to(&rig.house, person, PersonFacts { us_status, location, ..PersonFacts::unknown() }).await
}

async fn ask(rig: &Rig, key: &str, from: &str) -> u16 {
    let body = r#"{"model":"open-1","messages":[],"practice":{"chunks":1,"interval_ms":0,"seed":"s"}}"#;
    let headers = [("x-api-key", key), ("x-forwarded-for", from)];
    post(rig.gateway, "/v1/chat/completions", &headers, body).await.status
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_abroad_counts_against_and_yields_to_stronger_evidence() {
    let dir = tempfile::tempdir().unwrap();
    let rig = rig(dir.path(), "FR").await;
    let unknown = key(&rig, "unknown", None).await;
    assert_eq!((ask(&rig, &unknown, NOWHERE).await, ask(&rig, &unknown, PARIS).await), (401, 451));
    let attested = key(&rig, "attested", Some(("US", Level::Employer))).await;
    assert_eq!((ask(&rig, &attested, NOWHERE).await, ask(&rig, &attested, PARIS).await), (200, 200));
    let claimed = key(&rig, "claimed", Some(("US", Level::SelfDeclared))).await;
    assert_eq!((ask(&rig, &claimed, NOWHERE).await, ask(&rig, &claimed, PARIS).await), (401, 401));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_at_home_permits_nothing_and_puts_a_claim_in_doubt() {
    let dir = tempfile::tempdir().unwrap();
    let rig = rig(dir.path(), "US").await;
    let unknown = key(&rig, "unknown", None).await;
    assert_eq!(ask(&rig, &unknown, PARIS).await, 401);
    let abroad = key(&rig, "abroad", Some(("FR", Level::SelfDeclared))).await;
    assert_eq!((ask(&rig, &abroad, NOWHERE).await, ask(&rig, &abroad, PARIS).await), (451, 401));
}
