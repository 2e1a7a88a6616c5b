//! Counting, the log's trail, and what is left out.

use super::super::tests::{account, at, bench, on_file};
use super::shown::{OTHERS, show};
use super::trail::{Decided, Read, Story};
use super::*;
use ledger::commit::{CommitKind, Opening};
use ledger::file::{LogDir, RealDir};
use ledger::hash::Digest32;
use ledger::ident::Ident;
use ledger::journal::{Journal, Options};
use ledger::leaf::{Decision, Leaf, Verdict};
use ledger::note::SigningKey;
use ledger::openings::Openings;
use std::sync::Arc;
use store::{Cure, Digest, Standing as Answered};

fn person(name: &str) -> PersonId {
    PersonId::parse(name).unwrap()
}

fn second(second: i64) -> Instant {
    at().plus_micros(second * 1_000_000)
}

fn sources(state: State) -> Sources {
    Sources { state, appeals: Vec::new(), cures: Vec::new(), trail: Trail::default() }
}

fn cure(who: &str, lang: &str, took: i64) -> CureEntry {
    let cure = Cure { refused: second(0), directives: Vec::new(), model: "m".into(), lang: lang.into() };
    CureEntry {
        account: account("acme"),
        person: person(who),
        id: "one".into(),
        at: second(took),
        by: None,
        cure,
    }
}

fn appeal(number: u64, who: &str, state: Answered) -> AppealEntry {
    AppealEntry {
        number,
        state,
        at: second(0),
        due: second(9),
        account: account("acme"),
        person: person(who),
        model: "m".into(),
        lang: "ko".into(),
        words: None,
        answered: None,
        by: None,
        answer: None,
    }
}

/// A decision on `says` of `acme` about one model.
fn decided(at: i64, verdict: Verdict, regime: u8, facts: &str, directives: &[&str]) -> Decided {
    Decided {
        who: (account("acme"), person("says")),
        at: second(at),
        model: Ident::new("fable-5").unwrap(),
        verdict,
        directives: directives.iter().map(|id| Ident::new(id).unwrap()).collect(),
        regime: Digest32([regime; 32]),
        facts: Some(Digest::of(facts.as_bytes())),
    }
}

fn story(decisions: impl IntoIterator<Item = Decided>) -> Story {
    let mut trail = Trail::default();
    decisions.into_iter().for_each(|one| trail.take(one));
    trail.story(&(account("acme"), person("says")))
}

const CURED: fn(i64) -> Option<i64> = |seconds| Some(seconds * 1_000_000);

#[test]
fn a_refusal_was_wrong_when_other_facts_are_answered_under_the_same_directive() {
    use Verdict::{Deny, Permit, VerifyFirst};
    let first = || decided(10, VerifyFirst, 1, "a", &["letter"]);
    let cured = |rest: Vec<Decided>| story(std::iter::once(first()).chain(rest)).cured_us;
    assert_eq!(cured(vec![decided(70, Permit, 1, "b", &[])]), CURED(60));
    assert_eq!(
        cured(vec![decided(40, Deny, 1, "a", &["letter"]), decided(70, Permit, 1, "b", &[])]),
        CURED(60)
    );
    assert_eq!(
        cured(vec![decided(70, Permit, 1, "a", &[])]),
        None,
        "the same facts: the place or the hour changed"
    );
    assert_eq!(cured(vec![decided(70, Permit, 2, "b", &[])]), None, "the law may have changed");
    let other = decided(80, Deny, 2, "c", &["letter"]);
    assert_eq!(cured(vec![decided(70, Permit, 2, "b", &[]), other]), CURED(60), "it held under that law too");
    let elsewhere = decided(80, Deny, 2, "c", &["other"]);
    assert_eq!(cured(vec![decided(70, Permit, 2, "b", &[]), elsewhere]), None);
    assert_eq!(story([first()]), Story { refused: true, cured_us: None });
    assert_eq!(story([decided(1, Permit, 1, "b", &[])]), Story::default());
}

#[tokio::test]
async fn four_divisions_are_fed_from_state_pages_appeals_and_log() {
    let (_dir, state) = on_file().await;
    let mut sources = sources(state);
    sources.cures = vec![cure("shows", "ko", 90)];
    sources.appeals = vec![appeal(1, "foreign", Answered::Rejected), appeal(2, "shows", Answered::Granted)];
    for one in
        [decided(0, Verdict::VerifyFirst, 1, "a", &["letter"]), decided(30, Verdict::Permit, 1, "b", &[])]
    {
        sources.trail.take(one);
    }
    let by = divide(&sources, &bench(), at());
    let french = &by["nationality"]["FR"];
    assert_eq!((french.tally.people, french.tally.served, french.tally.denied), (3, 1, 1));
    assert_eq!((french.wrongly_refused, french.refused), (2, 1), "one by the file, one by the log");
    let mut times = french.cures_us.clone();
    times.sort_unstable();
    assert_eq!(times, [30_000_000, 90_000_000]);
    assert_eq!((french.appealed, french.appeals_granted), (2, 1));
    assert_eq!(by["nationality"]["US"].wrongly_refused, 0);
    assert_eq!(by["nationality"]["not said"].tally.verify_first, 1);
    assert_eq!((by["account"]["acme"].tally.people, by["account"]["borg"].tally.people), (4, 1));
    let status = &by["status"];
    assert_eq!((status["lpr"].wrongly_refused, status["us_person"].wrongly_refused), (1, 1));
    let pages = &by["language of page"];
    assert_eq!((pages["ko"].tally.people, pages["no page used"].tally.people), (2, 3));
}

/// So many people of whom so many are served; the rest are denied.
fn class(people: u64, served: u64) -> Class {
    let tally = Tally { people, served, denied: people - served, ..Tally::default() };
    Class { tally, ..Class::default() }
}

fn shown(classes: &[(&str, u64)]) -> Vec<(String, Option<u64>)> {
    let classes = classes.iter().map(|(word, people)| ((*word).to_owned(), class(*people, *people)));
    show(classes.collect()).into_iter().map(|(word, shown)| (word, shown.people)).collect()
}

#[test]
fn small_classes_are_put_together_and_never_shown_alone() {
    let others = |people| (OTHERS.to_owned(), people);
    let own = |word: &str, people| (word.to_owned(), Some(people));
    assert_eq!(shown(&[("A", 10), ("B", 12)]), [own("A", 10), own("B", 12)]);
    assert_eq!(shown(&[("A", 50), ("B", 6), ("C", 7)]), [own("A", 50), others(Some(13))]);
    assert_eq!(shown(&[("A", 50), ("B", 12), ("C", 1)]), [own("A", 50), others(Some(13))], "B hides C");
    assert_eq!(shown(&[("A", 9)]), [others(None)]);
}

#[test]
fn a_small_number_is_left_out_with_what_would_give_it_away() {
    let one = |class: Class| show(BTreeMap::from([("A".to_owned(), class)])).remove("A").unwrap();
    let whole = one(class(40, 40));
    assert_eq!((whole.served, whole.denied, whole.wrongly_refused), (Some(40), Some(0), Some(0)));
    let few = one(class(40, 37));
    assert_eq!((few.people, few.served, few.denied), (Some(40), None, None), "40 less 37 is 3");
    let many =
        one(Class { wrongly_refused: 10, contested: 9, cures_us: vec![5_000_000; 10], ..class(40, 20) });
    assert_eq!((many.wrongly_refused, many.contested, many.median_cure_s), (Some(10), None, Some(5)));
    let slow = one(Class { wrongly_refused: 9, cures_us: vec![5_000_000; 9], ..class(40, 20) });
    assert_eq!((slow.wrongly_refused, slow.median_cure_s), (None, None));
}

fn opening(salt: u8, bytes: &str) -> Opening {
    Opening { salt: [salt; 32], bytes: bytes.as_bytes().to_vec() }
}

/// Writes one decision with its openings, as a gateway does.
fn record(journal: &Journal, openings: &mut Openings, salt: u8, said: (&str, &str, Verdict, u64)) {
    let (who, facts, verdict, at_us) = said;
    let (subject, evidence) = (opening(salt, who), opening(salt.wrapping_add(1), facts));
    let ident = |word: &str| Ident::new(word).unwrap();
    let decision = Decision {
        activity: ident("hosted_inference"),
        at_us,
        decisive: if verdict == Verdict::Permit { Vec::new() } else { vec![ident("letter")] },
        evidence: evidence.commit(CommitKind::Evidence),
        gateway: ident("gate-1"),
        missing: Vec::new(),
        model: ident("fable-5"),
        reason: ident("r"),
        regime: Digest32([1; 32]),
        request: opening(9, "r").commit(CommitKind::Request),
        requested_model: None,
        seq: 0,
        snapshot: 1,
        stream: false,
        subject: subject.commit(CommitKind::Subject),
        verdict,
    };
    let index = journal.append(Leaf::Decision(Box::new(decision))).wait().unwrap();
    openings.put(index, CommitKind::Subject, &subject).unwrap();
    openings.put(index, CommitKind::Evidence, &evidence).unwrap();
}

#[test]
fn the_log_is_read_as_far_as_its_openings_go() {
    let dir = tempfile::tempdir().unwrap();
    let key = SigningKey::from_seed("gate-1", &[3; 32]).unwrap();
    let journal = Journal::open(&dir.path().join("log"), key, Options::default()).unwrap();
    let files: Arc<dyn LogDir> = Arc::new(RealDir::new(&dir.path().join("openings")));
    files.make_dir("").unwrap();
    let mut openings = Openings::open(&files).unwrap();
    for (salt, said) in [
        (10, ("acme\nsays", "a", Verdict::VerifyFirst, 1_000_000)),
        (20, ("acme\ngone", "a", Verdict::Deny, 2_000_000)),
        (30, ("acme\nsays", "b", Verdict::Permit, 8_000_000)),
    ] {
        record(&journal, &mut openings, salt, said);
    }
    let key = format!("acme\nkey:{}", store::KeyHash::from_bytes([7; 32]));
    record(&journal, &mut openings, 40, (&key, "a", Verdict::Deny, 9_000_000));
    openings.erase_subject(b"acme\ngone").unwrap();
    openings.sync().unwrap();
    journal.close().unwrap();
    let trail = Trail::of(dir.path()).unwrap();
    assert_eq!(trail.read, Read { decisions: 4, about_people: 2 });
    let story = |who: &str| trail.story(&(account("acme"), person(who)));
    assert_eq!(story("says"), Story { refused: true, cured_us: CURED(7) });
    assert_eq!(story("gone"), Story::default());
    assert_eq!(Trail::of(&dir.path().join("nowhere")).unwrap().read, Read::default());
}
