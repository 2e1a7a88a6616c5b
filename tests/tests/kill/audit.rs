//! After a restart: the log against what callers saw, and against the state beside it.

use crate::load::Seen;
use crate::power::copy;
use ledger::leaf::{ControlKind, Leaf, Outcome, OutcomeKind};
use ledger::note::VerifierKey;
use ledger::verify::{verify_log, verify_receipt};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;
use system_tests::Server;
use system_tests::http::Request;

/// Bytes before the content of a record: length and checksum.
const RECORD_HEAD: usize = 8;

/// Counts the events that the state holds, without the program's own code.
const COUNT_EVENTS: &str = "
import sqlite3, sys
db = sqlite3.connect('file:' + sys.argv[1] + '?mode=ro', uri=True)
print(db.execute('SELECT count(*) FROM events').fetchone()[0])
";

/// The entries of a log, read without the program's own walk over them.
pub struct Log {
    entries: Vec<Leaf>,
    outcomes: BTreeMap<u64, Outcome>,
}

impl Log {
    /// Copies the log of a quiet server and verifies the copy with nothing but the pinned key.
    pub fn verified(server: &Server) -> Self {
        let folder = tempfile::tempdir().unwrap();
        // The checkpoint goes first: entries may be added meanwhile, and it must not cover more than is copied.
        fs::copy(server.dir().join("log/checkpoint"), folder.path().join("checkpoint")).unwrap();
        copy(&server.dir().join("log/journal"), &folder.path().join("journal"));
        let report = verify_log(folder.path(), &pinned(server)).unwrap();
        assert!(report.is_sound(), "{report:?}");
        assert_eq!(report.tail_bytes, 0, "the start leaves no half entry");
        assert_eq!(report.counts.open, 0, "the start closes what was open: {:?}", report.counts);
        let log = Self::read(&folder.path().join("journal"));
        assert_eq!(log.entries.len() as u64, report.entries);
        log
    }

    fn read(journal: &Path) -> Self {
        let mut log = Self { entries: Vec::new(), outcomes: BTreeMap::new() };
        let mut segments: Vec<_> =
            fs::read_dir(journal).unwrap().map(|entry| entry.unwrap().path()).collect();
        segments.sort();
        for segment in segments {
            let bytes = fs::read(segment).unwrap();
            let mut rest = bytes.as_slice();
            while let Some((length, after)) = rest.split_first_chunk() {
                let end = RECORD_HEAD + u32::from_be_bytes(*length) as usize;
                log.take(Leaf::parse(&after[4..end - 4]).unwrap());
                rest = &rest[end..];
            }
        }
        log
    }

    fn take(&mut self, leaf: Leaf) {
        assert_eq!(leaf.seq(), self.entries.len() as u64, "the numbers of entries have a gap");
        if let Leaf::Outcome(outcome) = &leaf {
            let earlier = self.outcomes.insert(outcome.closes, outcome.clone());
            assert_eq!(earlier, None, "two outcomes of one decision");
        }
        self.entries.push(leaf);
    }

    /// The same, once the server has stopped in order.
    pub fn verified_after(server: &mut Server) -> Self {
        server.stop();
        Self::verified(server)
    }

    /// Number of entries.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Number of decisions that a dead process left open and a start closed.
    pub fn interrupted(&self) -> u64 {
        self.outcomes.values().filter(|outcome| outcome.result == OutcomeKind::Interrupted).count() as u64
    }

    /// Whether the log has the entry of this response, with the verdict its caller saw and one fitting end.
    pub fn has(&self, seen: &Seen) -> bool {
        let entry = usize::try_from(seen.index).ok().and_then(|index| self.entries.get(index));
        let Some(Leaf::Decision(decision)) = entry else { return false };
        let is_same = decision.verdict == seen.ask.verdict()
            && decision.model.as_str() == seen.ask.model
            && decision.stream == seen.ask.stream.is_some();
        is_same && self.ends_well(seen)
    }

    fn ends_well(&self, seen: &Seen) -> bool {
        match self.outcomes.get(&seen.index) {
            None => seen.ask.status != 200,
            // The end of an answer is written behind it and may be lost with the process.
            Some(outcome) => match outcome.result {
                OutcomeKind::Interrupted => true,
                OutcomeKind::Completed => !seen.is_whole || outcome.bytes_sent == seen.bytes,
                _ => false,
            },
        }
    }

    /// The log has an entry for each event of the state: nothing is in force that it does not show.
    pub fn check_against_state(&self, server: &Server) {
        let is_of_state = |leaf: &&Leaf| {
            let of_log = [ControlKind::Started, ControlKind::Stopped, ControlKind::Recovered];
            matches!(leaf, Leaf::Control(control) if !of_log.contains(&control.kind))
        };
        let shown = self.entries.iter().filter(is_of_state).count();
        let state = server.dir().join("state/douane.db");
        let output = Command::new("python3")
            .args(["-c", COUNT_EVENTS])
            .arg(state)
            .output()
            .expect("python3 can be started");
        let counted = String::from_utf8(output.stdout).unwrap();
        let held: usize =
            counted.trim().parse().unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
        assert_eq!(held, shown, "events on file, and entries of the log that show them");
    }
}

/// Fetches the receipt of a response and verifies it with nothing but the pinned key.
pub fn check_receipt(server: &Server, token: &str, key: &VerifierKey, seen: &Seen) {
    let answer = Request::get(&format!("/v1/receipts/{}", seen.index)).key(token).send(server.control());
    assert_eq!(answer.status, 200, "no receipt for {seen:?}: {}", answer.text());
    let proven = verify_receipt(&answer.text(), key).unwrap_or_else(|why| panic!("{seen:?}: {why}"));
    assert_eq!(proven.index, seen.index);
    let Leaf::Decision(decision) = proven.leaf else { panic!("{seen:?} has no decision: {:?}", proven.leaf) };
    assert_eq!(decision.verdict, seen.ask.verdict(), "{seen:?}");
}

/// The key to pin, as `douane init` gave it.
pub fn pinned(server: &Server) -> VerifierKey {
    server.log_key.parse().unwrap()
}
