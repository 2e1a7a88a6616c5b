//! A bounded memory of what was used, so that nothing is used twice.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};

use sha2::{Digest, Sha256};
use terms::Instant;

use crate::limits::REPLAY_ENTRIES;
use crate::refusal::Refusal;

const SHARDS: usize = 16;

/// Remembers each proof until it could no longer be accepted. Shared by all requests of a gateway.
///
/// When it is full of proofs that are still good, nothing more passes: forgetting one would let it be used again.
#[derive(Debug)]
pub struct Replay {
    shards: [Mutex<Shard>; SHARDS],
    room: usize,
}

#[derive(Debug, Default)]
struct Shard {
    until: HashMap<[u8; 16], Instant>,
    by_time: BTreeMap<Instant, Vec<[u8; 16]>>,
}

impl Default for Replay {
    fn default() -> Self {
        Self::with_room(REPLAY_ENTRIES)
    }
}

impl Replay {
    /// With room for about so many proofs.
    pub fn with_room(entries: usize) -> Self {
        Self { shards: Default::default(), room: entries.div_ceil(SHARDS) }
    }

    /// Notes the use of what `parts` name, to be remembered through `until`.
    pub(crate) fn first_use(&self, parts: &[&[u8]], now: Instant, until: Instant) -> Result<(), Refusal> {
        let key = key(parts);
        let shard = key.first().and_then(|first| self.shards.get(usize::from(first % 16)));
        let shard = shard.ok_or(Refusal::ReplayMemoryFull)?;
        // A shard whose holder panicked still tells what was used.
        let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
        shard.forget_before(now);
        if shard.until.contains_key(&key) {
            return Err(Refusal::Replayed);
        }
        if shard.until.len() >= self.room {
            return Err(Refusal::ReplayMemoryFull);
        }
        shard.until.insert(key, until);
        shard.by_time.entry(until).or_default().push(key);
        Ok(())
    }

    /// How many uses are remembered.
    pub fn len(&self) -> usize {
        let lens =
            self.shards.iter().map(|shard| shard.lock().unwrap_or_else(PoisonError::into_inner).until.len());
        lens.fold(0, usize::saturating_add)
    }

    /// Whether nothing is remembered.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Shard {
    fn forget_before(&mut self, now: Instant) {
        while let Some(entry) = self.by_time.first_entry().filter(|entry| *entry.key() < now) {
            for key in entry.remove() {
                self.until.remove(&key);
            }
        }
    }
}

/// Each part with its length, so that no two lists of parts share a key.
fn key(parts: &[&[u8]]) -> [u8; 16] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(part);
    }
    let digest: [u8; 32] = hash.finalize().into();
    std::array::from_fn(|place| digest.get(place).copied().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(micros: i64) -> Instant {
        Instant::from_micros(micros)
    }

    #[test]
    fn the_second_use_is_refused_until_its_time_is_over() {
        let replay = Replay::default();
        let use_at = |now| replay.first_use(&[b"k", b"1"], at(now), at(100));
        assert_eq!(use_at(0), Ok(()));
        assert_eq!(use_at(100), Err(Refusal::Replayed));
        assert_eq!(use_at(101), Ok(()));
        assert_eq!(replay.len(), 1);
    }

    #[test]
    fn parts_do_not_run_together() {
        let replay = Replay::default();
        assert_eq!(replay.first_use(&[b"ab", b"c"], at(0), at(9)), Ok(()));
        assert_eq!(replay.first_use(&[b"a", b"bc"], at(0), at(9)), Ok(()));
    }

    #[test]
    fn a_full_memory_lets_nothing_pass_and_recovers_with_time() {
        let replay = Replay::with_room(SHARDS);
        let uses = (0..200_u8).map(|jti| replay.first_use(&[&[jti]], at(0), at(10)));
        let full = uses.filter(|outcome| *outcome == Err(Refusal::ReplayMemoryFull)).count();
        assert_eq!(full + replay.len(), 200);
        assert!(replay.len() <= SHARDS && full > 0);
        assert_eq!(Refusal::ReplayMemoryFull.code(), "replayed");
        let later = (0..200_u8).filter(|jti| replay.first_use(&[&[*jti]], at(11), at(20)).is_ok()).count();
        assert!(later > 0);
    }
}
