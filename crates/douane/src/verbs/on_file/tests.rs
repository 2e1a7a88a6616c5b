//! Reports over a small state.

use super::campaign::report;
use super::judge::Bench;
use super::*;
use ::people::file::{Filed, Statement};
use ::people::{Answer, Facts, Method, Predicate};
use law::{Book, Policy, Regime};
use std::collections::HashMap;
use store::roster::Roster;
use store::{Digest, Event, RosterSource, Store};
use terms::{Level, ModelId};

/// A day after the first letter of June 2026 took effect.
pub(super) fn at() -> Instant {
    Instant::parse("2026-06-13T21:21:00Z").unwrap()
}

pub(super) fn account(name: &str) -> AccountId {
    AccountId::parse(name).unwrap()
}

/// The first letter of June 2026, with documents asked of everybody.
pub(super) fn bench() -> Bench {
    let file = law::lint::read(super::super::check::JUNE[0]).unwrap();
    let mut book = Book::default();
    book.add(&file);
    let named = file.directive.iter().flat_map(|directive| &directive.models);
    let models: Vec<ModelId> = named.map(|name| ModelId::parse(name).unwrap()).collect();
    let listed: Vec<law::ListedModel> = models.iter().cloned().map(Into::into).collect();
    let mut policy =
        Policy { min_evidence: Level::Document, min_location_evidence: Level::None, ..Policy::default() };
    assert!(policy.choices.record(terms::Question::DestinationLimb, "person_only"));
    Bench { regime: Regime::compile(&book, &listed, &policy).unwrap(), models, served_from: HashMap::new() }
}

fn shown(id: &str, until: Instant) -> Filed {
    let statement = Statement {
        facts: Facts::stated([(Predicate::UsPerson, Answer::Yes)]),
        level: Level::Document,
        issuer: "https://kyc.example".to_owned(),
        org: None,
        method: Method::Vendor,
        valid_until: until,
        verified_at: at(),
        status: None,
        flags: Default::default(),
    };
    Filed { id: id.to_owned(), statement, state: Standing::Active }
}

/// Acme has a US person proven, one who only says so, one who showed it, and a foreigner; Borg one who only says so.
pub(super) async fn on_file() -> (tempfile::TempDir, State) {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).await.unwrap();
    let early = at().plus_micros(-DAY_US);
    for (name, roster) in [
        (
            "acme",
            "person_id,us_status,us_status_level,citizenships\nproven,citizen,document,US\nsays,lpr,self,FR\nshows,lpr,self,FR\nforeign,none,document,FR\n",
        ),
        ("borg", "person_id,us_status,us_status_expires\nsays,citizen,2026-06-20\n"),
    ] {
        let added = Event::AccountAdded { account: account(name), display_name: name.to_owned() };
        store.append(early, &[added]).await.unwrap();
        let source = RosterSource { file: "people.csv".into(), sha256: Digest::of(roster.as_bytes()) };
        let rows = Roster::new(roster.as_bytes(), None).unwrap();
        store.load_people(early, &account(name), source, rows).await.unwrap();
    }
    let shows = PersonId::parse("shows").unwrap();
    let filed = Event::filed(account("acme"), shows, shown("one", at().plus_micros(20 * DAY_US)));
    store.append(at(), &[filed]).await.unwrap();
    let state = store.state().await.unwrap();
    (dir, state)
}

#[tokio::test]
async fn a_campaign_names_the_share_and_the_accounts_that_are_the_gap() {
    let (_dir, state) = on_file().await;
    let report = report(&state, &bench(), at());
    assert_eq!(
        (report.us_persons.people, report.us_persons.served, report.us_persons.verify_first),
        (4, 2, 2)
    );
    assert_eq!((report.all.people, report.all.denied), (5, 1));
    let gaps: Vec<(&str, u64)> =
        report.accounts.iter().map(|gap| (gap.account.as_str(), gap.not_served)).collect();
    assert_eq!(gaps, [("acme", 1), ("borg", 1)]);
    assert_eq!(report.missing.get("us_status"), Some(&2));
}

#[tokio::test]
async fn reminders_name_what_ends_in_time_and_what_is_kept_too_long() {
    let (_dir, state) = on_file().await;
    let ends =
        |days| Ends::of(&state, at(), days, 0).soon.into_iter().map(|end| end.source).collect::<Vec<_>>();
    assert_eq!(ends(30), ["roster", "vendor"]);
    assert_eq!(ends(10), ["roster"]);
    assert_eq!(ends(1), Vec::<&str>::new());
}
