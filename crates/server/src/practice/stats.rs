//! What the practice model has done, in counters.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

/// Counts since the practice model was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Requests received, also those answered with an error.
    pub requests: u64,
    /// Streams being sent now.
    pub streams_open: u64,
    /// Streams whose client left before the last frame.
    pub streams_left_early: u64,
}

#[derive(Debug, Default)]
pub(super) struct Counters {
    requests: AtomicU64,
    streams_open: AtomicU64,
    streams_left_early: AtomicU64,
}

impl Counters {
    pub(super) fn read(&self) -> Stats {
        Stats {
            requests: self.requests.load(Ordering::Relaxed),
            streams_open: self.streams_open.load(Ordering::Relaxed),
            streams_left_early: self.streams_left_early.load(Ordering::Relaxed),
        }
    }

    pub(super) fn count_request(&self) {
        self.requests.fetch_add(1, Ordering::Relaxed);
    }
}

/// A stream being sent; dropping it before [`OpenStream::finish`] means that its client left.
pub(super) struct OpenStream {
    counters: Arc<Counters>,
    finished: bool,
}

impl OpenStream {
    pub(super) fn begin(counters: &Arc<Counters>) -> Self {
        counters.streams_open.fetch_add(1, Ordering::Relaxed);
        Self { counters: counters.clone(), finished: false }
    }

    pub(super) const fn finish(&mut self) {
        self.finished = true;
    }
}

impl Drop for OpenStream {
    fn drop(&mut self) {
        if !self.finished {
            self.counters.streams_left_early.fetch_add(1, Ordering::Relaxed);
        }
        self.counters.streams_open.fetch_sub(1, Ordering::Relaxed);
    }
}
