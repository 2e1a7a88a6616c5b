use std::sync::Arc;

use super::*;
use crate::commit::{CommitKind, Opening};
use crate::faults::MemDir;
use crate::journal::{Journal, Options};
use crate::leaf::tests::{closing, sample};
use crate::note::SigningKey;
use crate::openings::Openings;

fn key() -> SigningKey {
    SigningKey::from_seed("log.example/gw-1", &[7; 32]).unwrap()
}

/// A log whose entries are exactly these, signed, whatever they say.
fn forged(leaves: &[(u64, Leaf)]) -> MemDir {
    let dir = MemDir::default();
    let (mut bytes, mut frontier) = (Vec::new(), Frontier::default());
    for (seq, leaf) in leaves {
        let mut leaf = leaf.clone();
        leaf.set_seq(*seq);
        let content = leaf.encode().unwrap();
        frontier.push(&content, &mut Vec::new());
        record::push(&mut bytes, &content).unwrap();
    }
    dir.put("journal/000000.seg", &bytes);
    let checkpoint =
        Checkpoint { origin: "log.example/gw-1".into(), size: frontier.size(), root: frontier.root() };
    dir.put(CHECKPOINT, key().sign(&checkpoint.to_text()).unwrap().as_bytes());
    dir
}

fn problems(leaves: &[(u64, Leaf)]) -> Vec<&'static str> {
    let report = verify_log_in(&forged(leaves), key().verifier()).unwrap();
    report.problems.iter().map(|problem| problem.code).collect()
}

fn permit(at_us: u64) -> Leaf {
    sample(Verdict::Permit, at_us)
}

#[test]
fn a_sound_log_is_counted() {
    let ends = [
        OutcomeKind::Completed,
        OutcomeKind::Cut,
        OutcomeKind::Failed,
        OutcomeKind::ClientLeft,
        OutcomeKind::Interrupted,
    ];
    let verdicts = [Verdict::Deny, Verdict::VerifyFirst, Verdict::Depends, Verdict::RefusedRequest];
    let mut leaves: Vec<_> = (0..6).map(|_| permit(1)).collect();
    leaves.extend(verdicts.map(|verdict| sample(verdict, 2)));
    leaves.extend(ends.iter().zip(0..).map(|(kind, closes)| closing(closes, *kind, 3)));
    let leaves: Vec<_> = (0..).zip(leaves).collect();
    let report = verify_log_in(&forged(&leaves), key().verifier()).unwrap();
    assert!(report.is_sound(), "{:?}", report.problems);
    let counts = report.counts;
    assert_eq!((counts.decisions, counts.refused(), counts.open), (10, 4, 1));
    let each = [counts.deny, counts.verify_first, counts.depends, counts.refused_request, counts.completed];
    assert_eq!(each, [1; 5]);
    assert_eq!([counts.cut, counts.failed, counts.client_left, counts.interrupted], [1; 4]);
    assert!(serde_json::to_string(&report).unwrap().contains("\"decisions\":10"));
}

#[test]
fn contradictions_inside_a_signed_log_are_named() {
    let done = |closes| closing(closes, OutcomeKind::Completed, 1);
    assert_eq!(problems(&[(0, permit(1)), (1, done(0))]), [""; 0]);
    assert_eq!(problems(&[(0, permit(1)), (1, done(0)), (2, done(0))]), ["outcome_twice"]);
    assert_eq!(problems(&[(0, done(1)), (1, permit(1))]), ["outcome_before_decision"]);
    assert_eq!(problems(&[(0, done(0))]), ["outcome_before_decision"]);
    assert_eq!(problems(&[(0, sample(Verdict::Deny, 1)), (1, done(0))]), ["outcome_of_no_permit"]);
    assert_eq!(problems(&[(0, permit(1)), (2, permit(1))]), ["sequence"]);
    let late = 1_780_000_000_000_000;
    assert_eq!(problems(&[(0, permit(late)), (1, permit(late - limits::BACKSTEP_US))]), [""; 0]);
    assert_eq!(problems(&[(0, permit(late)), (1, permit(late - limits::BACKSTEP_US - 1))]), ["time"]);
}

#[test]
fn a_leaf_in_another_spelling_is_named() {
    let dir = forged(&[(0, permit(1))]);
    let leaf = permit(1).encode().unwrap();
    let spaced = [b" ".as_slice(), &leaf].concat();
    let mut bytes = Vec::new();
    record::push(&mut bytes, &spaced).unwrap();
    dir.put("journal/000000.seg", &bytes);
    let report = verify_log_in(&dir, key().verifier()).unwrap();
    let codes: Vec<_> = report.problems.iter().map(|problem| problem.code).collect();
    assert_eq!(codes, ["leaf_refused", "root"]);
}

#[test]
fn missing_entries_checkpoints_and_keys_are_named() {
    let codes = |dir: &MemDir, key: &SigningKey| -> Vec<_> {
        verify_log_in(dir, key.verifier()).unwrap().problems.iter().map(|problem| problem.code).collect()
    };
    let dir = forged(&[(0, permit(1)), (1, permit(1))]);
    let bytes = dir.bytes("journal/000000.seg").unwrap();
    dir.put("journal/000000.seg", &bytes[..bytes.len() / 2]);
    assert_eq!(codes(&dir, &key()), ["entries_missing"]);
    dir.put("journal/000000.seg", &bytes[..bytes.len() - 1]);
    assert_eq!(codes(&dir, &key()), ["record_damaged", "entries_missing"]);

    let other = SigningKey::from_seed("log.example/gw-1", &[8; 32]).unwrap();
    let dir = forged(&[(0, permit(1))]);
    dir.put(KEY, key().verifier().to_string().as_bytes());
    assert_eq!(codes(&dir, &other), ["checkpoint_refused", "key_differs"]);
    assert_eq!(codes(&MemDir::default(), &key()), ["checkpoint_missing"]);
}

#[test]
fn the_list_of_problems_is_bounded() {
    let leaves: Vec<_> = (0..200).map(|seq| (seq + 1, permit(1))).collect();
    let report = verify_log_in(&forged(&leaves), key().verifier()).unwrap();
    assert_eq!((report.problems.len(), report.problem_count), (limits::REPORT_PROBLEMS, 200));
}

fn receipts() -> Vec<String> {
    let options =
        Options { checkpoint_interval: std::time::Duration::from_secs(3_600), ..Options::default() };
    let journal = Journal::open_in(Arc::new(MemDir::default()), key(), options).unwrap();
    (0..5).for_each(|at| assert_eq!(journal.append(permit(at)).wait(), Ok(at)));
    journal.checkpoint_now().unwrap();
    (0..5).map(|index| journal.prove(index).unwrap()).collect()
}

#[test]
fn no_altered_receipt_is_accepted() {
    let receipts = receipts();
    for text in &receipts {
        verify_receipt(text, key().verifier()).unwrap();
        for at in 0..text.len() {
            let mut bytes = text.as_bytes().to_vec();
            bytes[at] ^= 1;
            if let Ok(altered) = String::from_utf8(bytes) {
                assert!(verify_receipt(&altered, key().verifier()).is_err(), "byte {at} altered:\n{altered}");
            }
            let cut: String = text.chars().take(at).collect();
            assert!(cut == *text || verify_receipt(&cut, key().verifier()).is_err(), "cut at {at}");
        }
    }
    let other = SigningKey::from_seed("log.example/gw-2", &[8; 32]).unwrap();
    assert!(matches!(verify_receipt(&receipts[0], other.verifier()), Err(Unproven::Checkpoint(_))));
}

#[test]
fn a_receipt_speaks_for_one_entry() {
    let receipts = receipts();
    let entry = |text: &str| Receipt::parse(text).unwrap().extra.unwrap();
    let (first, second) = (entry(&receipts[0]), entry(&receipts[1]));
    assert!(verify_receipt_for(&receipts[0], &first, key().verifier()).is_ok());
    let other = verify_receipt_for(&receipts[0], &second, key().verifier());
    assert!(matches!(other, Err(Unproven::OtherEntry)));
    let bare = Receipt { extra: None, ..Receipt::parse(&receipts[0]).unwrap() }.to_text();
    assert!(matches!(verify_receipt(&bare, key().verifier()), Err(Unproven::NoEntry)));
    assert!(verify_receipt_for(&bare, &first, key().verifier()).is_ok());
    let other = verify_receipt_for(&bare, &second, key().verifier());
    assert!(matches!(other, Err(Unproven::Proof(ProofError::Root))));
}

#[test]
fn erasure_keeps_every_proof() {
    let dir: Arc<dyn LogDir> = Arc::new(MemDir::default());
    let journal = Journal::open_in(Arc::clone(&dir), key(), Options::default()).unwrap();
    let mut openings = Openings::open(&dir).unwrap();
    let subject = Opening { salt: [9; 32], bytes: b"person:17".to_vec() };
    let Leaf::Decision(mut decision) = permit(1) else { unreachable!() };
    decision.subject = subject.commit(CommitKind::Subject);
    let index = journal.append(Leaf::Decision(decision)).wait().unwrap();
    openings.put(index, CommitKind::Subject, &subject).unwrap();
    openings.sync().unwrap();
    journal.checkpoint_now().unwrap();
    let before = journal.prove(index).unwrap();

    let Leaf::Decision(proven) = verify_receipt(&before, key().verifier()).unwrap().leaf else {
        unreachable!()
    };
    let opened = openings.get(index, CommitKind::Subject).unwrap().unwrap();
    assert!(opened.opens(CommitKind::Subject, &proven.subject));
    assert_eq!(openings.erase_subject(b"person:17").unwrap(), 1);
    assert_eq!(openings.get(index, CommitKind::Subject).unwrap(), None);
    assert_eq!(journal.prove(index).unwrap(), before);
    assert!(verify_receipt(&before, key().verifier()).is_ok());
    assert!(verify_log_in(dir.as_ref(), key().verifier()).unwrap().is_sound());
}
