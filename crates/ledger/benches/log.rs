//! What a durable record, a receipt and a check cost. Directories lie in the system's temporary folder: point
//! `TMPDIR` at the disk to be measured.
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot run should stop")]
#![allow(missing_docs, reason = "the harness generates public items")]

use std::time::Duration;

use divan::Bencher;
use divan::counter::ItemsCount;
use ledger::commit::Commitment;
use ledger::hash::{Digest32, leaf_hash};
use ledger::ident::Ident;
use ledger::journal::{Journal, Options};
use ledger::leaf::{Decision, Leaf, Verdict};
use ledger::note::{SigningKey, VerifierKey};
use ledger::proof::verify_inclusion;
use ledger::receipt::Receipt;
use ledger::verify::{verify_log, verify_receipt};
use tempfile::TempDir;

const LOG_ENTRIES: usize = 100_000;

fn main() {
    divan::main();
}

fn key() -> SigningKey {
    SigningKey::from_seed("log.example/bench", &[7; 32]).unwrap()
}

fn open(interval: Duration) -> (TempDir, Journal) {
    let dir = tempfile::tempdir().unwrap();
    let options = Options { checkpoint_interval: interval, ..Options::default() };
    let journal = Journal::open(dir.path(), key(), options).unwrap();
    (dir, journal)
}

fn decision() -> Leaf {
    let word = |text| Ident::new(text).unwrap();
    let hidden = |text: &str| Commitment(Digest32::of(text.as_bytes()));
    Leaf::Decision(Box::new(Decision {
        activity: word("inference"),
        at_us: 1_781_299_260_000_000,
        decisive: vec![word("us/bis/letter-2026-06-12")],
        evidence: hidden("evidence"),
        gateway: word("gw-1"),
        missing: vec![],
        model: word("model-x"),
        reason: word("inside_directive"),
        regime: Digest32::of(b"regime"),
        request: hidden("request"),
        requested_model: None,
        seq: 0,
        snapshot: 4,
        stream: true,
        subject: hidden("subject"),
        verdict: Verdict::Deny,
    }))
}

fn append(journal: &Journal, count: usize) {
    let acks: Vec<_> = (0..count).map(|_| journal.append(decision())).collect();
    acks.into_iter().for_each(|ack| {
        ack.wait().unwrap();
    });
}

/// A log on disk with everything signed, and the journal that wrote it.
fn filled() -> (TempDir, Journal) {
    let (dir, journal) = open(Duration::from_secs(3_600));
    (0..LOG_ENTRIES / 1_000).for_each(|_| append(&journal, 1_000));
    journal.checkpoint_now().unwrap();
    (dir, journal)
}

fn receipt() -> (String, VerifierKey) {
    let (_dir, journal) = filled();
    (journal.prove(LOG_ENTRIES as u64 / 3).unwrap(), journal.verifier().clone())
}

#[divan::bench(args = [1, 64, 1024], sample_count = 200, sample_size = 1)]
fn append_and_wait(bencher: Bencher, batch: usize) {
    let (_dir, journal) = open(Duration::from_millis(200));
    bencher.counter(ItemsCount::new(batch)).bench_local(|| append(&journal, batch));
}

#[divan::bench]
fn prove(bencher: Bencher) {
    let (_dir, journal) = filled();
    let mut index = 0;
    bencher.bench_local(|| {
        index = (index + 7_919) % LOG_ENTRIES as u64;
        journal.prove(index).unwrap()
    });
}

#[divan::bench]
fn verify_inclusion_alone(bencher: Bencher) {
    let (text, key) = receipt();
    let receipt = Receipt::parse(&text).unwrap();
    let checkpoint = ledger::checkpoint::Checkpoint::open(&receipt.checkpoint, &key).unwrap();
    let leaf = leaf_hash(receipt.extra.as_deref().unwrap());
    bencher.bench_local(|| {
        verify_inclusion(&leaf, receipt.index, checkpoint.size, &checkpoint.root, &receipt.path)
    });
}

#[divan::bench]
fn verify_whole_receipt(bencher: Bencher) {
    let (text, key) = receipt();
    bencher.bench_local(|| verify_receipt(&text, &key).unwrap());
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn verify_whole_log(bencher: Bencher) {
    let (dir, journal) = filled();
    bencher
        .counter(ItemsCount::new(LOG_ENTRIES))
        .bench_local(|| verify_log(dir.path(), journal.verifier()).unwrap());
}
