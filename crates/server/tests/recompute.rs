//! Verdicts of the log are recomputed from what was known then, and what is not as it was recorded is told apart.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails where it cannot go on"
)]

mod rig;

use ledger::commit::{CommitKind, Opening};
use ledger::file::{LogDir, RealDir};
use ledger::journal::{Journal, Options};
use ledger::leaf::{ControlKind, Decision, Leaf, Verdict};
use ledger::note::SigningKey;
use ledger::openings::{Found, Openings, OpeningsReader};
use ledger::read::LogReader;
use rig::{NOON, Rig, issue_to, on_disk};
use server::past::{Conclusion, Frame, Past, PastError, Pick, Recomputed};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use store::{Digest, Event, KnownAt};
use tempfile::TempDir;
use terms::{Attested, Country, Instant, Level, OfficerId, PersonFacts, Question, UsStatus};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const SECOND: &str = r#"
schema = 1
[[directive]]
id = "second"
title = "Everything abroad, or not"
form = "rule"
issued_at = "2026-06-13T00:00:00Z"
effective_from = "2026-06-13T12:00:00Z"
models = ["open-1"]
persons = { class = "foreign_person" }
destinations = "unspecified"
authority = ["ecra-4812"]
source = { state = "US", office = "Invented office", public_reference = "Invented notice 2" }
"#;

const LIFTING: &str = r#"
schema = 1
[[lifting]]
id = "lifting"
title = "The first is lifted"
directives = ["letter"]
at = "2026-06-13T13:00:00Z"
"#;

/// Asks once and gives the status and the index of the decision.
async fn ask(rig: &Rig, key: &str, model: &str) -> (u16, u64) {
    let body = format!(
        r#"{{"model":"{model}","messages":[],"practice":{{"chunks":1,"interval_ms":0,"seed":"s"}}}}"#
    );
    let request = format!(
        "POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\nconnection: close\r\nauthorization: Bearer {key}\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut stream = TcpStream::connect(rig.gateway).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let receipt = answer.lines().find_map(|line| line.strip_prefix("douane-receipt: rig#")).expect(&answer);
    (answer.split(' ').nth(1).unwrap().parse().unwrap(), receipt.trim().parse().unwrap())
}

async fn commit(rig: &Rig, events: &[Event]) {
    let mut registry = rig.house.registry.lock().await;
    rig.house.commit(&mut registry, events).await.unwrap();
}

async fn put_in_force(rig: &Rig, text: &str, snapshot: u64) {
    let id = law::lint::read(text).unwrap().ids().remove(0);
    let digest = Digest::of(text.as_bytes());
    let (kind, toml) = ("directive".to_owned(), text.to_owned());
    let drafted = Event::InstrumentDrafted { id: id.clone(), kind, toml, digest, drafted_by: None };
    commit(rig, &[drafted, Event::Activated { instrument: id, digest, snapshot }]).await;
}

fn citizen_in(country: Country) -> PersonFacts {
    PersonFacts {
        us_status: Attested::new(UsStatus::Citizen, Level::Document),
        location: Some(Attested::new(country, Level::Document)),
        ..PersonFacts::unknown()
    }
}

/// What happened: each decision's status and index, and the law in force after each change.
struct Story {
    rig: Rig,
    dir: TempDir,
    asked: Vec<(u16, u64)>,
    laws: Vec<(u64, [u8; 32])>,
}

impl Story {
    async fn note_law(&mut self) {
        let seq = self.rig.house.registry.lock().await.state.head.seq;
        self.laws.push((seq, self.rig.house.law.load().regime.digest()));
    }

    async fn ask(&mut self, key: &str, model: &str) {
        self.asked.push(ask(&self.rig, key, model).await);
    }

    fn index(&self, place: usize) -> u64 {
        self.asked[place].1
    }
}

/// Verdicts of each outcome, across an activation, a reading, a lifting and a change of somebody's facts.
async fn story() -> Story {
    let dir = tempfile::tempdir().unwrap();
    let rig = Rig::start(dir.path(), on_disk(dir.path())).await;
    let (citizen, foreigner) = (rig.citizen.clone(), rig.foreigner.clone());
    let unknown = issue_to(&rig.house, "u", PersonFacts::unknown()).await;
    let abroad = issue_to(&rig.house, "abroad", citizen_in(Country::parse("FR").unwrap())).await;
    let mut story = Story { rig, dir, asked: Vec::new(), laws: Vec::new() };
    story.note_law().await;
    for key in [&citizen, &foreigner, &unknown] {
        story.ask(key, "fable-5").await;
    }
    put_in_force(&story.rig, SECOND, 2).await;
    story.note_law().await;
    story.ask(&abroad, "open-1").await;
    let (choice, why) = ("person_only".to_owned(), "it speaks of persons".to_owned());
    let by = OfficerId::parse("one").unwrap();
    commit(&story.rig, &[Event::ReadingRecorded { question: Question::DestinationLimb, choice, by, why }])
        .await;
    story.note_law().await;
    story.ask(&abroad, "open-1").await;
    put_in_force(&story.rig, LIFTING, 3).await;
    story.note_law().await;
    story.ask(&foreigner, "fable-5").await;
    story.rig.house.clock.jump_to(Instant::parse("2026-06-13T14:00:00Z").unwrap()).unwrap();
    story.ask(&foreigner, "fable-5").await;
    issue_to(&story.rig.house, "f", citizen_in(Country::US)).await;
    story.ask(&foreigner, "open-1").await;
    openings_kept(&story).await;
    story
}

/// Returns when the openings of the last decision are on disk; they follow the answer by a moment.
async fn openings_kept(story: &Story) {
    let (openings, last) = (RealDir::new(&story.dir.path().join("openings")), story.asked.last().unwrap().1);
    for _ in 0..1_000 {
        let reader = OpeningsReader::open(&openings).unwrap();
        if matches!(reader.find(last, CommitKind::Request).unwrap(), Found::Opening(_)) {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("the openings are not kept");
}

async fn all(dir: &Path, today: Option<Frame>) -> Vec<Recomputed> {
    let mut found = Vec::new();
    let mut past = Past::open(dir, today).await.unwrap();
    past.recompute(Pick::All, |one| found.push(one)).await.unwrap();
    found
}

async fn one(dir: &Path, index: u64) -> Recomputed {
    let mut found = None;
    Past::open(dir, None).await.unwrap().recompute(Pick::One(index), |one| found = Some(one)).await.unwrap();
    found.unwrap()
}

fn codes(remarks: &[server::past::Remark]) -> BTreeSet<&str> {
    remarks.iter().map(|remark| remark.code).collect()
}

/// A copy of a data directory, to be spoiled.
fn copy(from: &Path) -> TempDir {
    fn folder(from: &Path, to: &Path) {
        std::fs::create_dir_all(to).unwrap();
        for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
            let target = to.join(entry.file_name());
            if entry.path().is_dir() {
                folder(&entry.path(), &target);
            } else {
                std::fs::copy(entry.path(), target).unwrap();
            }
        }
    }
    let to = tempfile::tempdir().unwrap();
    folder(from, to.path());
    to
}

fn openings_of(dir: &Path) -> Openings {
    let dir: Arc<dyn LogDir> = Arc::new(RealDir::new(&dir.join("openings")));
    Openings::open(&dir).unwrap()
}

fn decision(dir: &Path, index: u64) -> Decision {
    let entries = LogReader::new(&dir.join("log")).next(usize::MAX).unwrap();
    match entries[usize::try_from(index).unwrap()].leaf().unwrap() {
        Leaf::Decision(decision) => *decision,
        other => panic!("{other:?}"),
    }
}

/// Adds an entry to a copied log, with its openings.
fn forge(dir: &Path, mut decision: Decision, openings: [(CommitKind, Opening); 3]) -> u64 {
    for (kind, opening) in &openings {
        let commitment = opening.commit(*kind);
        match kind {
            CommitKind::Subject => decision.subject = commitment,
            CommitKind::Evidence => decision.evidence = commitment,
            _ => decision.request = commitment,
        }
    }
    let key = SigningKey::from_seed("rig", &[7; 32]).unwrap();
    let journal = Journal::open(&dir.join("log"), key, Options::default()).unwrap();
    let index = journal.append(Leaf::Decision(Box::new(decision))).wait().unwrap();
    journal.close().unwrap();
    let mut kept = openings_of(dir);
    openings.iter().for_each(|(kind, opening)| kept.put(index, *kind, opening).unwrap());
    kept.sync().unwrap();
    index
}

const KINDS: [CommitKind; 3] = [CommitKind::Subject, CommitKind::Evidence, CommitKind::Request];

fn opened(dir: &Path, index: u64) -> [(CommitKind, Opening); 3] {
    let kept = openings_of(dir);
    KINDS.map(|kind| (kind, kept.get(index, kind).unwrap().unwrap()))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_verdict_comes_out_the_same_whatever_happened_since() {
    let story = story().await;
    let statuses: Vec<u16> = story.asked.iter().map(|(status, _)| *status).collect();
    assert_eq!(statuses, [200, 451, 401, 451, 200, 451, 200, 200]);
    let found = all(story.dir.path(), None).await;
    assert_eq!(
        found.iter().map(|one| one.index).collect::<Vec<_>>(),
        story.asked.iter().map(|a| a.1).collect::<Vec<_>>()
    );
    for one in &found {
        assert_eq!(one.result, Conclusion::Same, "{one:?}");
        assert_eq!(one.recomputed_leaf_hash, Some(one.leaf_hash));
        assert_eq!(one.recomputed.as_ref(), Some(&one.recorded));
        assert!(one.notes.is_empty() && one.differences.is_empty(), "{one:?}");
    }
    let verdicts: BTreeSet<String> = found.iter().map(|one| format!("{:?}", one.recorded.verdict)).collect();
    assert_eq!(verdicts.len(), 4, "{verdicts:?}");
    let regimes: BTreeSet<_> = found.iter().map(|one| one.recorded.regime).collect();
    assert_eq!(regimes.len(), 4, "each is recomputed under the law of its own time");
    assert_eq!(one(story.dir.path(), story.index(1)).await, found[1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_law_known_at_an_event_is_the_law_that_was_in_force() {
    let story = story().await;
    for (seq, digest) in &story.laws {
        let known = story.rig.house.law_known_at(KnownAt::Event(*seq)).await.unwrap();
        assert_eq!(known.regime.digest(), *digest, "event {seq}");
    }
    assert_eq!(story.laws.iter().map(|law| law.1).collect::<BTreeSet<_>>().len(), 4);
    let at_start = story.rig.house.law_known_at(KnownAt::Event(0)).await.unwrap();
    let entries = LogReader::new(&story.dir.path().join("log")).next(usize::MAX).unwrap();
    let started = entries.iter().find_map(|entry| match entry.leaf().unwrap() {
        Leaf::Control(control) if control.kind == ControlKind::Started => Some(control.digest.0),
        _ => None,
    });
    assert_eq!(started, Some(at_start.regime.digest()));
    let now = story.rig.house.law_known_at(KnownAt::Instant(Instant::parse(NOON).unwrap())).await.unwrap();
    assert_eq!((now.snapshot, now.regime.digest()), (3, story.laws[3].1));
}

#[tokio::test(flavor = "multi_thread")]
async fn erased_openings_leave_the_digests() {
    let story = story().await;
    let spoiled = copy(story.dir.path());
    openings_of(spoiled.path()).erase(story.index(1)).unwrap();
    let found = all(spoiled.path(), None).await;
    let erased = &found[1];
    assert_eq!(erased.result, Conclusion::DigestsOnly, "{erased:?}");
    assert_eq!(codes(&erased.notes), BTreeSet::from(["opening_erased"]));
    assert!(erased.recomputed.is_none() && erased.differences.is_empty());
    assert!(found.iter().filter(|one| one.index != story.index(1)).all(|one| one.result == Conclusion::Same));
    std::fs::remove_dir_all(spoiled.path().join("openings")).unwrap();
    let none = one(spoiled.path(), story.index(1)).await;
    assert_eq!(
        (none.result, codes(&none.notes)),
        (Conclusion::DigestsOnly, BTreeSet::from(["opening_not_kept"]))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn openings_that_were_altered_are_told_apart() {
    let story = story().await;
    let index = story.index(1);
    // Another evidence in its place, well formed.
    let spoiled = copy(story.dir.path());
    let mut real = opened(spoiled.path(), index);
    std::fs::remove_file(spoiled.path().join("openings/openings")).unwrap();
    real[1].1.bytes = serde_json::to_vec(&citizen_in(Country::US)).unwrap();
    let mut kept = openings_of(spoiled.path());
    real.iter().for_each(|(kind, opening)| kept.put(index, *kind, opening).unwrap());
    drop(kept);
    let altered = one(spoiled.path(), index).await;
    assert_eq!(
        (altered.result, codes(&altered.differences)),
        (Conclusion::Differs, BTreeSet::from(["opening_altered"]))
    );
    // One byte on the disk.
    let spoiled = copy(story.dir.path());
    let file = spoiled.path().join("openings/openings");
    let mut bytes = std::fs::read(&file).unwrap();
    let place = bytes.windows(6).position(|part| part == b"\"none\"").unwrap();
    bytes[place + 1] ^= 1;
    std::fs::write(&file, bytes).unwrap();
    let altered: Vec<_> =
        all(spoiled.path(), None).await.into_iter().filter(|one| one.result != Conclusion::Same).collect();
    assert_eq!(altered.len(), 1, "one byte spoils one opening and no other");
    assert_eq!(
        (altered[0].result, codes(&altered[0].differences)),
        (Conclusion::Differs, BTreeSet::from(["opening_altered"]))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verdict_that_does_not_follow_is_told_apart() {
    let story = story().await;
    let spoiled = copy(story.dir.path());
    let (denied, openings) =
        (decision(spoiled.path(), story.index(1)), opened(spoiled.path(), story.index(1)));
    // The same person and law, and a permit.
    let reason = ledger::ident::Ident::new("permit").unwrap();
    let permit = Decision { verdict: Verdict::Permit, decisive: Vec::new(), reason, ..denied.clone() };
    let forged = one(spoiled.path(), forge(spoiled.path(), permit, openings.clone())).await;
    assert_eq!(forged.result, Conclusion::Differs);
    assert!(
        codes(&forged.differences).is_superset(&BTreeSet::from(["verdict", "decisive", "reason"])),
        "{forged:?}"
    );
    // A right verdict under a law that had been replaced two hours before.
    let at_us = u64::try_from(Instant::parse("2026-06-13T14:00:00Z").unwrap().as_micros()).unwrap();
    let late = Decision { at_us, ..denied.clone() };
    let late = one(spoiled.path(), forge(spoiled.path(), late, openings.clone())).await;
    assert!(codes(&late.differences).contains("law_was_not_the_newest"), "{late:?}");
    // Facts that were never on file.
    let mut invented = openings;
    invented[1].1.bytes = serde_json::to_vec(&PersonFacts {
        person_id: terms::PersonId::parse("f").ok(),
        ..citizen_in(Country::parse("DE").unwrap())
    })
    .unwrap();
    let invented = one(spoiled.path(), forge(spoiled.path(), denied, invented)).await;
    assert!(codes(&invented.differences).contains("facts_not_on_file"), "{invented:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn entries_that_kept_no_circumstances_are_decided_at_both_ends_of_the_clocks_uncertainty() {
    let story = story().await;
    let spoiled = copy(story.dir.path());
    let (denied, mut openings) =
        (decision(spoiled.path(), story.index(1)), opened(spoiled.path(), story.index(1)));
    let older = openings[2].1.bytes.windows(2).position(|part| part == b"\n{").unwrap();
    openings[2].1.bytes.truncate(older);
    let index = forge(spoiled.path(), denied.clone(), openings.clone());
    let inside = one(spoiled.path(), index).await;
    assert!(codes(&inside.notes).contains("clock_uncertainty_unknown"), "{inside:?}");
    assert_eq!(inside.recomputed.map(|said| said.verdict), Some(Verdict::Deny));
    // A second before the directive begins, a clock that may be two seconds wrong refuses, an exact one does not.
    let edge = Instant::parse("2026-06-12T21:20:59Z").unwrap();
    let at_us = u64::try_from(edge.as_micros()).unwrap();
    let index = forge(spoiled.path(), Decision { at_us, ..denied }, openings);
    let edge = one(spoiled.path(), index).await;
    assert!(codes(&edge.notes).contains("clock_uncertainty_unknown"), "{edge:?}");
    assert_eq!(edge.result, Conclusion::CannotTell);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_configuration_that_changed_since_is_known_or_said_to_be_missing() {
    let story = story().await;
    let then = Frame::of(&story.rig.house.settings);
    let today = Frame { min_evidence: Level::Employer, models: then.models[..1].to_vec(), ..then };
    for one in all(story.dir.path(), Some(today.clone())).await {
        assert_eq!(
            (one.result, codes(&one.notes)),
            (Conclusion::Same, BTreeSet::from(["configuration_of_then"]))
        );
    }
    let spoiled = copy(story.dir.path());
    std::fs::remove_dir_all(spoiled.path().join("frames")).unwrap();
    for one in all(spoiled.path(), Some(today)).await {
        assert_eq!(one.result, Conclusion::CannotTell, "{one:?}");
        assert!(codes(&one.notes).contains("regime_not_on_file"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_state_of_another_log_is_told_apart() {
    let (story, other) = (story().await, story().await);
    let spoiled = copy(story.dir.path());
    for folder in ["state", "secrets"] {
        std::fs::remove_dir_all(spoiled.path().join(folder)).unwrap();
        std::fs::rename(copy(other.dir.path()).path().join(folder), spoiled.path().join(folder)).unwrap();
    }
    let found = one(spoiled.path(), story.index(1)).await;
    assert!(codes(&found.differences).contains("state_is_not_the_logs"), "{found:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_decision_is_said_to_be_none() {
    let story = story().await;
    let mut past = Past::open(story.dir.path(), None).await.unwrap();
    let no_decision = past.recompute(Pick::One(0), |_| panic!("no decision")).await.unwrap_err();
    assert!(matches!(no_decision, PastError::NoDecision(0)), "{no_decision}");
    let beyond = past.recompute(Pick::One(9_999), |_| panic!("no decision")).await.unwrap_err();
    assert!(matches!(beyond, PastError::NoEntry { index: 9_999, .. }), "{beyond}");
}
