use super::*;
use crate::faults::{Fault, MemDir};

fn opening(salt: u8, bytes: &[u8]) -> Opening {
    Opening { salt: [salt; 32], bytes: bytes.to_vec() }
}

fn store(dir: &MemDir) -> Openings {
    let dir: Arc<dyn LogDir> = Arc::new(dir.clone());
    Openings::open(&dir).unwrap()
}

/// Three decisions: two about one person, one about another.
fn filled() -> (MemDir, Openings) {
    let dir = MemDir::default();
    let mut made = store(&dir);
    for (index, subject) in [(0, "person:17"), (1, "person:18"), (9, "person:17")] {
        made.put(index, CommitKind::Subject, &opening(index as u8 + 1, subject.as_bytes())).unwrap();
        made.put(index, CommitKind::Evidence, &opening(index as u8 + 100, b"evidence-of-it")).unwrap();
    }
    made.sync().unwrap();
    (dir, made)
}

#[test]
fn openings_are_found_again_after_a_restart() {
    let (dir, _) = filled();
    let found = store(&dir.after_power_cut(0));
    assert_eq!(found.get(9, CommitKind::Subject).unwrap(), Some(opening(10, b"person:17")));
    assert_eq!(found.get(9, CommitKind::Request).unwrap(), None);
    assert_eq!(found.get(2, CommitKind::Subject).unwrap(), None);
}

#[test]
fn erasing_a_person_leaves_no_trace_of_salt_or_bytes() {
    let (dir, mut made) = filled();
    assert_eq!(made.erase_subject(b"person:17").unwrap(), 4);
    assert_eq!(made.erase_subject(b"person:17").unwrap(), 0);
    let bytes = dir.after_power_cut(0).bytes(FILE).unwrap();
    for gone in [b"person:17".as_slice(), &[1; 32], &[10; 32], &[100; 32], &[109; 32]] {
        assert!(!bytes.windows(gone.len()).any(|part| part == gone), "{gone:?} is still there");
    }
    let found = store(&dir.after_power_cut(0));
    assert_eq!(found.get(0, CommitKind::Subject).unwrap(), None);
    assert_eq!(found.get(9, CommitKind::Evidence).unwrap(), None);
    assert_eq!(found.get(1, CommitKind::Subject).unwrap(), Some(opening(2, b"person:18")));
    assert_eq!(found.get(1, CommitKind::Evidence).unwrap(), Some(opening(101, b"evidence-of-it")));
}

#[test]
fn an_erasure_stopped_at_any_operation_can_be_finished() {
    let (whole, mut made) = filled();
    let before = whole.operations();
    made.erase_subject(b"person:17").unwrap();
    let needed = whole.operations() - before;
    for stop in 0..needed {
        let (dir, mut made) = filled();
        dir.set_fault(Fault::TearAt(dir.operations() + stop, 5));
        assert!(made.erase_subject(b"person:17").is_err());
        let disks =
            [dir.after_power_cut(0), dir.after_power_cut(usize::MAX), dir.after_reordering_power_cut()];
        for after in disks {
            store(&after).erase_subject(b"person:17").unwrap();
            let bytes = after.bytes(FILE).unwrap();
            for gone in [b"person:17".as_slice(), &[100; 32], &[109; 32]] {
                assert!(!bytes.windows(gone.len()).any(|part| part == gone), "stop {stop}: {gone:?} is left");
            }
            assert!(store(&after).get(1, CommitKind::Subject).unwrap().is_some());
        }
    }
}

#[test]
fn a_torn_tail_is_cut_at_every_byte() {
    let (dir, mut made) = filled();
    let whole = dir.bytes(FILE).unwrap();
    made.put(12, CommitKind::Request, &opening(50, b"last")).unwrap();
    made.sync().unwrap();
    let longer = dir.bytes(FILE).unwrap();
    for cut in whole.len()..longer.len() {
        let torn = MemDir::default();
        torn.put(FILE, &longer[..cut]);
        let mut found = store(&torn);
        assert_eq!(found.get(12, CommitKind::Request).unwrap(), None);
        assert_eq!(torn.bytes(FILE).unwrap(), whole);
        found.put(13, CommitKind::Request, &opening(51, b"next")).unwrap();
        assert_eq!(store(&torn).get(13, CommitKind::Request).unwrap(), Some(opening(51, b"next")));
    }
}

#[test]
fn damage_is_told_and_a_second_opening_refused() {
    let (dir, mut made) = filled();
    assert!(matches!(
        made.put(1, CommitKind::Subject, &opening(3, b"x")),
        Err(OpeningError::Exists { index: 1 })
    ));
    let mut bytes = dir.bytes(FILE).unwrap();
    bytes[HEAD as usize + BODY_FIXED as usize] ^= 1;
    dir.put(FILE, &bytes);
    assert!(matches!(store(&dir).get(0, CommitKind::Subject), Err(OpeningError::Damaged { .. })));
    bytes[4] ^= 1;
    dir.put(FILE, &bytes);
    let dir: Arc<dyn LogDir> = Arc::new(dir);
    assert!(matches!(Openings::open(&dir), Err(OpeningError::Damaged { offset: 0 })));
}

#[test]
fn a_full_disk_stops_puts_but_not_erasure() {
    let (dir, mut made) = filled();
    dir.set_fault(Fault::FullFrom(dir.operations()));
    assert!(made.put(20, CommitKind::Subject, &opening(3, b"x")).is_err());
    dir.set_fault(Fault::None);
    assert!(matches!(made.put(20, CommitKind::Subject, &opening(3, b"x")), Err(OpeningError::Broken)));
    assert_eq!(made.erase(0).unwrap(), 2);
}

fn reader(dir: &MemDir) -> OpeningsReader {
    OpeningsReader::open(dir).unwrap()
}

#[test]
fn a_reader_tells_what_is_there_from_what_was_erased_and_what_never_was() {
    let (dir, mut made) = filled();
    let before = reader(&dir);
    assert_eq!(before.find(9, CommitKind::Subject).unwrap(), Found::Opening(opening(10, b"person:17")));
    assert_eq!(before.find(9, CommitKind::Request).unwrap(), Found::NeverKept);
    made.erase(9).unwrap();
    assert_eq!(
        before.find(9, CommitKind::Subject).unwrap(),
        Found::Erased,
        "also one that was opened before"
    );
    assert_eq!(reader(&dir).find(9, CommitKind::Evidence).unwrap(), Found::Erased);
    assert_eq!(reader(&MemDir::default()).find(9, CommitKind::Subject).unwrap(), Found::NeverKept);
}

#[test]
fn a_reader_passes_over_a_record_half_written_and_changes_nothing() {
    let (dir, made) = filled();
    let whole = dir.bytes(FILE).unwrap();
    for cut in 1..60 {
        let torn = MemDir::default();
        torn.put(FILE, &whole[..whole.len() - cut]);
        let found = reader(&torn);
        assert_eq!(found.find(9, CommitKind::Evidence).unwrap(), Found::NeverKept);
        assert_eq!(found.find(9, CommitKind::Subject).unwrap(), Found::Opening(opening(10, b"person:17")));
        assert_eq!(torn.bytes(FILE).unwrap().len(), whole.len() - cut);
    }
    drop(made);
}
