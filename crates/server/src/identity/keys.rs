//! Fetches of key sets and status lists: one at a time for each address, at most one a minute, the last good one kept.

use crate::outbound::fetch::{Errand, Fetcher};
use bytes::Bytes;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use terms::Instant;

/// Shortest time between two fetches from one address, microseconds.
const APART_US: u64 = 60_000_000;
/// Age beyond which what is at hand is fetched again beside its use, microseconds.
const REFRESH_US: u64 = 600_000_000;
/// Addresses remembered at once.
const ADDRESSES: usize = 4_096;

/// When an address was last asked.
#[derive(Debug, Default)]
struct Asked {
    last: Option<Instant>,
}

/// Who may ask which address now.
#[derive(Debug, Default)]
pub struct Turns {
    by_address: Mutex<HashMap<String, Arc<tokio::sync::Mutex<Asked>>>>,
}

impl Turns {
    fn turn(&self, address: &str) -> Option<Arc<tokio::sync::Mutex<Asked>>> {
        let mut all = self.by_address.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(turn) = all.get(address) {
            return Some(Arc::clone(turn));
        }
        // Addresses come from the registry and from signed credentials; beyond the bound nothing new is asked.
        (all.len() < ADDRESSES).then(|| Arc::clone(all.entry(address.to_owned()).or_default()))
    }

    /// Fetches unless that was done within the minute. Whoever asks meanwhile waits for this fetch instead of beginning
    /// another. `None`: nothing new.
    pub async fn fetch(&self, fetcher: &Fetcher, errand: Errand<'_>, now: Instant) -> Option<Bytes> {
        let turn = self.turn(errand.url)?;
        let mut asked = turn.lock().await;
        if asked.last.is_some_and(|last| now.micros_since(last).unsigned_abs() < APART_US) {
            return None;
        }
        // Noted before the fetch: one that fails counts as well.
        asked.last = Some(now);
        match fetcher.run(errand).await {
            Ok(body) => Some(body),
            Err(error) => {
                tracing::warn!(%error, "a fetch failed; what is at hand stays in use");
                None
            }
        }
    }

    /// Whether an address was asked so long ago that it should be asked again, and nobody is asking now.
    pub fn is_due(&self, address: &str, now: Instant) -> bool {
        let Some(turn) = self.turn(address) else { return false };
        let Ok(asked) = turn.try_lock() else { return false };
        asked.last.is_none_or(|last| now.micros_since(last).unsigned_abs() >= REFRESH_US)
    }
}
