use std::collections::BTreeMap;
use std::sync::Barrier;
use std::task::{Wake, Waker};
use std::thread::Thread;

use super::*;
use crate::faults::{Fault, MemDir};
use crate::leaf::tests::{closing, sample};
use crate::leaf::{Control, ControlKind, OutcomeKind, Verdict};
use crate::verify::{LogReport, verify_log, verify_log_in, verify_receipt};

const SEGMENT: &str = "journal/000000.seg";

fn key() -> SigningKey {
    SigningKey::from_seed("log.example/gw-1", &[7; 32]).unwrap()
}

/// Checkpoints only when asked for, so that tests choose what is signed.
fn by_hand() -> Options {
    Options { checkpoint_interval: Duration::from_secs(3_600), ..Options::default() }
}

fn open(dir: &MemDir, options: Options) -> Result<Journal, OpenError> {
    Journal::open_in(Arc::new(dir.clone()), key(), options)
}

fn deny(at_us: u64) -> Leaf {
    sample(Verdict::Deny, at_us)
}

fn record_denials(journal: &Journal, times: std::ops::Range<u64>) {
    times.for_each(|at| assert!(journal.append(deny(at)).wait().is_ok()));
}

fn report(dir: &MemDir) -> LogReport {
    verify_log_in(dir, key().verifier()).unwrap()
}

#[track_caller]
fn assert_sound(dir: &MemDir, entries: u64) {
    let report = report(dir);
    assert!(report.is_sound(), "{:?}", report.problems);
    assert_eq!((report.entries, report.tail_bytes), (entries, 0));
}

#[test]
fn a_real_directory_records_proves_and_reopens() {
    let temp = tempfile::tempdir().unwrap();
    let path = temp.path().join("log");
    let journal = Journal::open(&path, key(), by_hand()).unwrap();
    assert_eq!(journal.append(sample(Verdict::Permit, 10)).wait(), Ok(0));
    assert_eq!(journal.append(deny(11)).wait(), Ok(1));
    assert!(matches!(journal.prove(0), Err(ProveError::NotSigned { index: 0, signed: 0 })));
    journal.checkpoint_now().unwrap();
    let proven = verify_receipt(&journal.prove(0).unwrap(), key().verifier()).unwrap();
    assert_eq!((proven.index, proven.checkpoint.size), (0, 2));
    assert_eq!(proven.leaf, sample(Verdict::Permit, 10));
    assert!(matches!(Journal::open(&path, key(), by_hand()), Err(OpenError::Locked)));
    let root = journal.root();
    drop(journal);

    let again = Journal::open(&path, key(), by_hand()).unwrap();
    assert_eq!((again.size(), again.root()), (2, root));
    let open: Vec<_> =
        again.open_decisions().iter().map(|open| (open.index, open.model.as_str(), open.at_us)).collect();
    assert_eq!(open, [(0, "model-x", 10)]);
    assert_eq!(again.append(closing(0, OutcomeKind::Interrupted, 12)).wait(), Ok(2));
    again.close().unwrap();
    let report = verify_log(&path, key().verifier()).unwrap();
    assert!(report.is_sound(), "{:?}", report.problems);
    assert_eq!((report.entries, report.signed_entries), (3, 3));
    assert_eq!((report.counts.interrupted, report.counts.deny, report.counts.open), (1, 1, 0));
}

#[test]
fn checkpoints_follow_by_themselves() {
    let dir = MemDir::default();
    let options = Options { checkpoint_interval: Duration::from_millis(1), ..Options::default() };
    let journal = open(&dir, options).unwrap();
    journal.append(deny(1)).wait().unwrap();
    // Bounded by the test runner: a writer that never wakes would hang here.
    while journal.prove(0).is_err() {
        thread::yield_now();
    }
    assert_eq!(report(&dir).signed_entries, 1);
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

#[test]
fn acknowledgements_can_be_awaited_without_a_runtime() {
    let journal = open(&MemDir::default(), by_hand()).unwrap();
    let mut ack = std::pin::pin!(journal.append(deny(1)));
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    let index = loop {
        match ack.as_mut().poll(&mut context) {
            Poll::Ready(index) => break index,
            Poll::Pending => thread::park(),
        }
    };
    assert_eq!(index, Ok(0));
}

#[test]
fn many_threads_leave_no_gap() {
    let dir = MemDir::default();
    let journal = open(&dir, Options::default()).unwrap();
    let (threads, each) = (8, 250);
    let barrier = Barrier::new(threads);
    let mut indices: Vec<u64> = thread::scope(|scope| {
        let work = |_| {
            scope.spawn(|| {
                barrier.wait();
                let acks: Vec<_> = (0..each).map(|_| journal.append(sample(Verdict::Permit, 5))).collect();
                acks.into_iter().map(|ack| ack.wait().unwrap()).collect::<Vec<_>>()
            })
        };
        let handles: Vec<_> = (0..threads).map(work).collect();
        handles.into_iter().flat_map(|handle| handle.join().unwrap()).collect()
    });
    indices.sort_unstable();
    assert_eq!(indices, (0..2_000).collect::<Vec<_>>());
    journal.close().unwrap();
    assert_sound(&dir, 2_000);
    assert_eq!(report(&dir).counts.open, 2_000);
}

#[test]
fn outcomes_close_open_permits_once() {
    let journal = open(&MemDir::default(), by_hand()).unwrap();
    let early = journal.append(closing(0, OutcomeKind::Completed, 1)).wait();
    assert_eq!(early, Err(AppendError::NotOpen { index: 0 }));
    assert_eq!(journal.append(sample(Verdict::Permit, 1)).wait(), Ok(0));
    assert_eq!(journal.append(deny(1)).wait(), Ok(1));
    assert_eq!(journal.append(closing(0, OutcomeKind::Completed, 2)).wait(), Ok(2));
    for index in [0, 1, 2] {
        let refused = journal.append(closing(index, OutcomeKind::Cut, 3)).wait();
        assert_eq!(refused, Err(AppendError::NotOpen { index }));
    }
    assert_eq!(journal.size(), 3);
}

#[test]
fn segments_roll_and_every_entry_is_proven() {
    let dir = MemDir::default();
    let options = || Options { segment_bytes: 2_000, ..by_hand() };
    let journal = open(&dir, options()).unwrap();
    for at in 0..20 {
        journal.append(deny(at)).wait().unwrap();
        if at % 7 == 0 {
            journal.checkpoint_now().unwrap();
        }
    }
    journal.close().unwrap();
    drop(journal);
    assert!(dir.list("journal").unwrap().len() > 3);
    assert_sound(&dir, 20);
    let journal = open(&dir, options()).unwrap();
    for index in 0..20 {
        let proven = verify_receipt(&journal.prove(index).unwrap(), journal.verifier()).unwrap();
        assert_eq!((proven.leaf.seq(), proven.leaf.at_us()), (index, index));
    }
    let (signed, path) = journal.prove_consistency(5).unwrap();
    let old = tree::root(&journal.derived, 5).unwrap();
    assert_eq!(crate::proof::verify_consistency(5, &old, signed, &journal.root(), &path), Ok(()));
    assert_eq!(journal.append(deny(30)).wait(), Ok(20));
}

#[test]
fn a_closed_journal_refuses_and_still_proves() {
    let journal = open(&MemDir::default(), by_hand()).unwrap();
    journal.append(deny(1)).wait().unwrap();
    assert_eq!(journal.close(), Ok(()));
    assert_eq!(journal.close(), Ok(()));
    assert!(matches!(journal.append(deny(2)).wait(), Err(AppendError::Closed { .. })));
    assert!(matches!(journal.checkpoint_now(), Err(AppendError::Closed { .. })));
    assert!(verify_receipt(&journal.prove(0).unwrap(), journal.verifier()).is_ok());
}

/// A signed part of three entries and an unsigned one of two, both durable; the length of the signed part.
fn signed_and_unsigned() -> (MemDir, usize) {
    let dir = MemDir::default();
    let journal = open(&dir, by_hand()).unwrap();
    record_denials(&journal, 0..3);
    journal.checkpoint_now().unwrap();
    let signed = dir.bytes(SEGMENT).unwrap().len();
    record_denials(&journal, 3..5);
    // As a crash leaves it: closing would sign the rest.
    let crashed = dir.after_power_cut(0);
    (crashed, signed)
}

fn copy_with(dir: &MemDir, segment: &[u8]) -> MemDir {
    let copy = dir.after_power_cut(0);
    copy.put(SEGMENT, segment);
    copy
}

#[test]
fn a_tail_cut_at_any_byte_recovers_to_the_last_whole_entry() {
    let (dir, signed) = signed_and_unsigned();
    let whole = dir.bytes(SEGMENT).unwrap();
    let entry = signed / 3;
    assert_eq!(whole.len(), entry * 5, "entries of equal length");
    for cut in signed..=whole.len() {
        let copy = copy_with(&dir, &whole[..cut]);
        let journal = open(&copy, by_hand()).unwrap();
        let kept = (cut / entry) as u64;
        assert_eq!(
            (journal.size(), journal.recovery().cut_bytes),
            (kept, (cut % entry) as u64),
            "cut at {cut}"
        );
        assert_eq!(journal.recovery().unsigned_entries, kept - 3);
        assert_eq!(journal.append(deny(9)).wait(), Ok(kept));
        journal.close().unwrap();
        assert_sound(&copy, kept + 1);
    }
}

#[test]
fn garbage_and_zeros_behind_the_tail_are_cut() {
    let (dir, _) = signed_and_unsigned();
    let whole = dir.bytes(SEGMENT).unwrap();
    for tail in [vec![0; 700], vec![0xff; 700], b"{\"decision\":{".repeat(50)] {
        let copy = copy_with(&dir, &[whole.as_slice(), &tail].concat());
        let journal = open(&copy, by_hand()).unwrap();
        assert_eq!((journal.size(), journal.recovery().cut_bytes), (5, tail.len() as u64));
        drop(journal);
        assert_sound(&copy, 5);
    }
}

#[test]
fn any_flipped_bit_in_the_signed_part_refuses_to_start_and_changes_nothing() {
    let (dir, signed) = signed_and_unsigned();
    let whole = dir.bytes(SEGMENT).unwrap();
    for at in 0..signed {
        let mut flipped = whole.clone();
        flipped[at] ^= 1 << (at % 8);
        let copy = copy_with(&dir, &flipped);
        match open(&copy, by_hand()).err() {
            Some(OpenError::Damaged { segment, offset, .. }) => {
                assert_eq!(segment, SEGMENT);
                assert_eq!(offset, (at / (signed / 3) * (signed / 3)) as u64, "flipped at {at}");
            }
            other => panic!("flipped at {at}: {other:?}"),
        }
        assert_eq!(copy.bytes(SEGMENT).unwrap(), flipped);
        assert!(!report(&copy).is_sound());
    }
}

#[test]
fn a_cut_in_the_signed_part_refuses_to_start() {
    let (dir, signed) = signed_and_unsigned();
    let whole = dir.bytes(SEGMENT).unwrap();
    for cut in 0..signed {
        let copy = copy_with(&dir, &whole[..cut]);
        assert!(matches!(open(&copy, by_hand()), Err(OpenError::Damaged { .. })), "cut at {cut}");
    }
}

#[test]
fn an_entry_replaced_with_a_valid_checksum_is_found_by_the_root() {
    let (dir, signed) = signed_and_unsigned();
    let whole = dir.bytes(SEGMENT).unwrap();
    let mut forged = deny(7);
    forged.set_seq(1);
    let (entry, mut record) = (signed / 3, Vec::new());
    record::push(&mut record, &forged.encode().unwrap()).unwrap();
    assert_eq!(record.len(), entry);
    let bytes = [&whole[..entry], &record, &whole[2 * entry..]].concat();
    let copy = copy_with(&dir, &bytes);
    assert!(matches!(open(&copy, by_hand()), Err(OpenError::WrongRoot { size: 3 })));
    assert_eq!(report(&copy).problems[0].code, "root");
}

#[test]
fn acknowledged_entries_before_a_later_batch_are_never_cut() {
    let dir = MemDir::default();
    let journal = open(&dir, by_hand()).unwrap();
    let acks: Vec<_> = (0..limits::BATCH_ENTRIES as u64 + 2).map(|at| journal.append(deny(at))).collect();
    assert!(acks.into_iter().all(|ack| ack.wait().is_ok()));
    let crashed = dir.after_power_cut(0);
    let mut bytes = crashed.bytes(SEGMENT).unwrap();
    bytes[20] ^= 1;
    let why = open(&copy_with(&crashed, &bytes), by_hand()).err().unwrap().to_string();
    assert!(why.contains("stands whole after it"), "{why}");
}

#[test]
fn checkpoints_missing_foreign_or_older_than_known_are_refused() {
    let (dir, _) = signed_and_unsigned();
    let fork = Checkpoint { origin: "log.example/gw-1".into(), size: 4, root: Digest32([1; 32]) };
    let ahead = Checkpoint { size: 6, ..fork.clone() };
    let with = |at_least| Options { at_least: Some(at_least), ..by_hand() };
    assert!(matches!(open(&dir, with(ahead)), Err(OpenError::RolledBack { found: 5, known: 6 })));
    assert!(matches!(open(&dir, with(fork)), Err(OpenError::WrongRoot { size: 4 })));

    let other = SigningKey::from_seed("log.example/gw-1", &[8; 32]).unwrap();
    assert!(matches!(
        Journal::open_in(Arc::new(dir.clone()), other, by_hand()),
        Err(OpenError::Checkpoint(_))
    ));
    let missing = MemDir::default();
    missing.put(SEGMENT, &dir.bytes(SEGMENT).unwrap());
    assert!(matches!(open(&missing, by_hand()), Err(OpenError::NoCheckpoint)));
}

#[test]
fn a_missing_segment_is_named() {
    let dir = MemDir::default();
    let journal = open(&dir, Options { segment_bytes: 600, ..by_hand() }).unwrap();
    record_denials(&journal, 0..4);
    journal.close().unwrap();
    dir.rename("journal/000001.seg", "elsewhere").unwrap();
    let why = open(&dir, by_hand()).err().unwrap().to_string();
    assert!(why.contains("journal/000001.seg is missing"), "{why}");
    assert_eq!(report(&dir).problems[0].code, "segment_missing");
}

#[test]
fn a_failed_sync_acknowledges_nothing_and_closes_for_ever() {
    let dir = MemDir::default();
    let journal = open(&dir, by_hand()).unwrap();
    assert_eq!(journal.append(deny(1)).wait(), Ok(0));
    journal.checkpoint_now().unwrap();
    dir.set_fault(Fault::SyncFailsFrom(dir.operations()));
    let acks: Vec<_> = (0..50).map(|at| journal.append(deny(at))).collect();
    for ack in acks {
        assert!(matches!(ack.wait(), Err(AppendError::Closed { .. })));
    }
    // The fault happens once; a second try would succeed and must not be made.
    assert!(matches!(journal.append(deny(2)).wait(), Err(AppendError::Closed { .. })));
    assert!(journal.failed().unwrap().contains("sync failed"));
    assert!(matches!(journal.close(), Err(AppendError::Closed { .. })));
    assert_eq!(journal.size(), 1);
    assert!(journal.prove(0).is_ok());
    let crashed = dir.after_power_cut(0);
    assert_eq!(open(&crashed, by_hand()).unwrap().size(), 1);
    assert_sound(&crashed, 1);
}

#[test]
fn what_a_killed_process_left_unsynced_is_made_durable_before_it_is_signed() {
    let dir = MemDir::default();
    let killed = open(&dir, by_hand()).unwrap();
    assert_eq!(killed.append(deny(1)).wait(), Ok(0));
    dir.set_fault(Fault::SyncFailsFrom(dir.operations()));
    assert!(killed.append(deny(2)).wait().is_err());
    drop(killed);
    // The machine ran on: the system still shows the entry that never reached the disk.
    let journal = open(&dir, by_hand()).unwrap();
    assert_eq!(journal.size(), 2);
    journal.checkpoint_now().unwrap();
    assert_sound(&dir.after_power_cut(0), 2);
}

#[test]
fn damage_in_a_segment_with_a_successor_is_no_torn_tail() {
    let dir = MemDir::default();
    let journal = open(&dir, Options { segment_bytes: 600, ..by_hand() }).unwrap();
    record_denials(&journal, 0..4);
    let crashed = dir.after_power_cut(0);
    let mut bytes = crashed.bytes(SEGMENT).unwrap();
    bytes[20] ^= 1;
    let why = open(&copy_with(&crashed, &bytes), by_hand()).err().unwrap().to_string();
    assert!(why.contains("a later segment exists"), "{why}");
}

#[test]
fn a_full_disk_closes_and_the_next_start_cuts_what_it_left() {
    let dir = MemDir::default();
    let journal = open(&dir, by_hand()).unwrap();
    assert_eq!(journal.append(deny(1)).wait(), Ok(0));
    dir.set_fault(Fault::FullFrom(dir.operations()));
    assert!(matches!(journal.append(deny(2)).wait(), Err(AppendError::Closed { .. })));
    let crashed = dir.after_power_cut(usize::MAX);
    let journal = open(&crashed, by_hand()).unwrap();
    assert_eq!(journal.size(), 1);
    assert!(journal.recovery().cut_bytes > 0);
}

#[test]
fn a_bit_flipped_before_signing_is_not_signed() {
    let dir = MemDir::default();
    let journal = open(&dir, by_hand()).unwrap();
    journal.append(deny(1)).wait().unwrap();
    let mut bytes = dir.bytes(SEGMENT).unwrap();
    bytes[40] ^= 4;
    dir.put(SEGMENT, &bytes);
    let refused = journal.checkpoint_now().unwrap_err().to_string();
    assert!(refused.contains("nothing was signed"), "{refused}");
    assert_eq!(report(&dir).signed_entries, 0);
}

#[test]
fn a_checkpoint_file_changed_by_another_is_not_overwritten() {
    let dir = MemDir::default();
    let journal = open(&dir, by_hand()).unwrap();
    journal.append(deny(1)).wait().unwrap();
    dir.put(CHECKPOINT, b"another");
    assert!(journal.checkpoint_now().unwrap_err().to_string().contains("changed by somebody else"));
    assert_eq!(dir.bytes(CHECKPOINT).unwrap(), b"another");
}

/// One life of a journal: what was acknowledged, with each entry's time to tell them apart.
fn live(dir: &MemDir) -> BTreeMap<u64, u64> {
    let mut acknowledged = BTreeMap::new();
    let Ok(journal) = open(dir, Options { segment_bytes: 1_500, ..by_hand() }) else { return acknowledged };
    for at in 0..6 {
        let acks = [deny(at * 2), deny(at * 2 + 1)].map(|leaf| (leaf.at_us(), journal.append(leaf)));
        for (time, ack) in acks {
            if let Ok(index) = ack.wait() {
                acknowledged.insert(index, time);
            }
        }
        if at % 2 == 1 {
            // Fails when the machine has stopped, which is what is tested.
            let _ = journal.checkpoint_now();
        }
    }
    acknowledged
}

/// Reopens after a power cut; every acknowledged entry must be there, proven, in its place.
#[track_caller]
fn assert_kept(crashed: &MemDir, acknowledged: &BTreeMap<u64, u64>, what: &str) {
    let journal = open(crashed, by_hand()).unwrap_or_else(|error| panic!("{what}: {error}"));
    journal.append(deny(99)).wait().unwrap();
    journal.checkpoint_now().unwrap();
    for (index, time) in acknowledged {
        let proven = verify_receipt(&journal.prove(*index).unwrap(), journal.verifier()).unwrap();
        assert_eq!(proven.leaf.at_us(), *time, "{what}");
    }
    let size = journal.size();
    drop(journal);
    assert_sound(crashed, size);
}

#[test]
fn stopped_at_any_operation_no_acknowledged_entry_is_lost() {
    let whole = MemDir::default();
    assert_eq!(live(&whole).len(), 12);
    // Batches differ from run to run, so some runs need more operations than this one.
    let operations = whole.operations() + 10;
    assert!(operations > 50);
    for at in 0..operations {
        for fault in
            [Fault::StopAt(at), Fault::TearAt(at, 1), Fault::TearAt(at, 100), Fault::SyncFailsFrom(at)]
        {
            let dir = MemDir::new(fault);
            let acknowledged = live(&dir);
            for unsynced in [0, 9, 150, usize::MAX] {
                let what = format!("{fault:?}, {unsynced} bytes past the last sync");
                assert_kept(&dir.after_power_cut(unsynced), &acknowledged, &what);
            }
        }
    }
}

#[test]
fn a_full_queue_is_busy_and_outcomes_use_the_reserve() {
    let dir = MemDir::default();
    let journal = open(&dir, by_hand()).unwrap();
    let held = journal.shared.head();
    // The writer finishes one batch and waits for the head; fill the queue behind it.
    let acks: Vec<_> = (0..limits::QUEUE_ENTRIES as u64 + 2 * limits::BATCH_ENTRIES as u64)
        .map(|at| journal.append(deny(at)))
        .collect();
    let outcome = journal.append(closing(9, OutcomeKind::Cut, 1));
    drop(held);
    let busy = acks.into_iter().map(Ack::wait).filter(|result| *result == Err(AppendError::Busy)).count();
    assert!(busy > 0);
    assert_eq!(outcome.wait(), Err(AppendError::NotOpen { index: 9 }));
    assert_eq!(journal.size(), (limits::QUEUE_ENTRIES + 2 * limits::BATCH_ENTRIES - busy) as u64);
}

#[test]
fn a_start_counts_the_entries_that_show_changes_of_the_state() {
    let dir = MemDir::default();
    let journal = open(&dir, by_hand()).unwrap();
    let kinds =
        [ControlKind::Started, ControlKind::Activated, ControlKind::RegisterChanged, ControlKind::Stopped];
    for kind in kinds {
        let control = Control { at_us: 1, digest: Digest32([7; 32]), kind, reference: None, seq: 0 };
        journal.append(Leaf::Control(control)).wait().unwrap();
    }
    drop(journal);
    assert_eq!(open(&dir, by_hand()).unwrap().recovery().changes, 2);
}
