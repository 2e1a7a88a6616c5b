//! What it costs to put 500 directives and 100,000 licences on a shelf, to compile a regime from it, and to keep that.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test or benchmark fails by panicking; a benchmark prints"
)]

mod workload;

use allocation_counter::measure;
use divan::Bencher;
use law::{Regime, Shelf};
use std::sync::LazyLock;
use workload::Workload;

static LARGE: LazyLock<Workload> = LazyLock::new(Workload::large);

fn main() {
    print_memory();
    divan::main();
}

/// Live bytes by a counting allocator. Names are shared between shelf and regime; the regime's figure includes them.
fn print_memory() {
    let Workload { book, models, policy, .. } = &*LARGE;
    let mut kept = None;
    let regime = measure(|| kept = Some(Regime::compile(book, models, policy).unwrap()));
    drop(kept.take());
    let mut shelf = None;
    let shelved = measure(|| shelf = Some(Shelf::of(book).unwrap()));
    let kib = |bytes: i64| bytes / 1024;
    println!(
        "memory kept: regime {} KiB, shelf {} KiB (500 directives, 100,000 licences, 40 models)",
        kib(regime.bytes_current),
        kib(shelved.bytes_current)
    );
}

#[divan::bench(sample_count = 20, sample_size = 1)]
fn shelf_of_book(bencher: Bencher<'_, '_>) {
    let book = &LARGE.book;
    bencher.bench(|| Shelf::of(book).unwrap());
}

#[divan::bench(sample_count = 50, sample_size = 1)]
fn regime_from_shelf(bencher: Bencher<'_, '_>) {
    let Workload { book, models, policy, .. } = &*LARGE;
    let mut shelf = Shelf::of(book).unwrap();
    bencher.bench_local(|| Regime::from_shelf(&mut shelf, models, policy).unwrap());
}
