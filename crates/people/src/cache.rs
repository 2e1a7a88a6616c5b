//! Tokens verified before, so that the same token costs one hash. Proofs of possession are never cached.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use sha2::{Digest, Sha256};
use terms::{Instant, Level};

use crate::evidence::Evidence;
use crate::limits::{CACHE_ENTRIES, STRONG_CACHE_S};
use crate::times::plus_s;

const SHARDS: usize = 16;

/// SHA-256 of a token. A token names its own binding, so it stands for both.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct TokenHash([u8; 32]);

impl TokenHash {
    /// Of a token, exactly as sent.
    pub fn of(token: &str) -> Self {
        Self(Sha256::digest(token).into())
    }
}

/// The evidence epoch that a verification began under: what it found is not kept when the epoch has changed since.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Epoch(u64);

/// Evidence by token, bounded; shared by all requests of a gateway.
#[derive(Debug)]
pub struct EvidenceCache {
    shards: [RwLock<HashMap<TokenHash, Entry>>; SHARDS],
    room: usize,
    epoch: AtomicU64,
}

#[derive(Debug)]
struct Entry {
    evidence: Arc<Evidence>,
    until: Instant,
    epoch: u64,
}

impl Default for EvidenceCache {
    fn default() -> Self {
        Self::with_room(CACHE_ENTRIES)
    }
}

impl EvidenceCache {
    /// With room for about so many tokens.
    pub fn with_room(entries: usize) -> Self {
        Self { shards: Default::default(), room: entries.div_ceil(SHARDS).max(1), epoch: AtomicU64::new(0) }
    }

    /// The epoch now. Ask before a verification begins.
    pub fn epoch(&self) -> Epoch {
        Epoch(self.epoch.load(Ordering::Acquire))
    }

    /// Drops every entry at once: after a revocation, a change of the registry, or a new status list.
    pub fn bump(&self) {
        self.epoch.fetch_add(1, Ordering::AcqRel);
    }

    /// The evidence of a token verified before, while it may be used.
    pub fn get(&self, token: TokenHash, now: Instant) -> Option<Arc<Evidence>> {
        let shard = self.shard(token)?.read().unwrap_or_else(PoisonError::into_inner);
        let entry = shard.get(&token)?;
        (entry.epoch == self.epoch().0 && now <= entry.until).then(|| Arc::clone(&entry.evidence))
    }

    /// Keeps evidence until the least of its own end, its status list's, and [`STRONG_CACHE_S`] for level document
    /// and up.
    pub fn insert(&self, token: TokenHash, evidence: Arc<Evidence>, began: Epoch, now: Instant) {
        let Some(shard) = self.shard(token) else { return };
        let entry = Entry { until: usable_until(&evidence, now), evidence, epoch: began.0 };
        let mut shard = shard.write().unwrap_or_else(PoisonError::into_inner);
        if shard.len() >= self.room && !shard.contains_key(&token) {
            self.make_room(&mut shard, now);
        }
        shard.insert(token, entry);
    }

    /// How many tokens are kept, also those that may no longer be used.
    pub fn len(&self) -> usize {
        let lens = self.shards.iter().map(|shard| shard.read().unwrap_or_else(PoisonError::into_inner).len());
        lens.fold(0, usize::saturating_add)
    }

    /// Whether none is kept.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn shard(&self, token: TokenHash) -> Option<&RwLock<HashMap<TokenHash, Entry>>> {
        self.shards.get(usize::from(token.0.first()? % 16))
    }

    /// What cannot be used goes first; when all can, an eighth goes, so that the sweep is rare.
    fn make_room(&self, shard: &mut HashMap<TokenHash, Entry>, now: Instant) {
        let epoch = self.epoch().0;
        shard.retain(|_, entry| entry.epoch == epoch && now <= entry.until);
        if shard.len() >= self.room {
            let drop_count = self.room.div_ceil(8);
            let going: Vec<TokenHash> = shard.keys().take(drop_count).copied().collect();
            going.iter().for_each(|token| drop(shard.remove(token)));
        }
    }
}

fn usable_until(evidence: &Evidence, now: Instant) -> Instant {
    let status = evidence.status().map_or(Instant::MAX, |status| status.valid_until);
    let strong = if evidence.level() >= Level::Document { plus_s(now, STRONG_CACHE_S) } else { Instant::MAX };
    evidence.valid_until().min(status).min(strong)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::samples;

    fn at(seconds: i64) -> Instant {
        plus_s(Instant::from_micros(0), seconds)
    }

    fn kept(level: Level) -> (EvidenceCache, TokenHash) {
        let (cache, token) = (EvidenceCache::default(), TokenHash::of("t"));
        let evidence = Arc::new(samples::us_person(level, at(1000)));
        cache.insert(token, evidence, cache.epoch(), at(0));
        (cache, token)
    }

    #[test]
    fn strong_evidence_is_looked_at_again_after_a_minute() {
        let (cache, token) = kept(Level::Credential);
        assert!(cache.get(token, at(60)).is_some() && cache.get(token, at(61)).is_none());
        let (cache, token) = kept(Level::Employer);
        assert!(cache.get(token, at(1000)).is_some() && cache.get(token, at(1001)).is_none());
    }

    #[test]
    fn a_bump_drops_everything_also_what_was_being_verified() {
        let (cache, token) = kept(Level::Employer);
        let began = cache.epoch();
        cache.bump();
        assert!(cache.get(token, at(0)).is_none());
        cache.insert(token, Arc::new(samples::us_person(Level::Employer, at(1000))), began, at(0));
        assert!(cache.get(token, at(0)).is_none());
        cache.insert(token, Arc::new(samples::us_person(Level::Employer, at(1000))), cache.epoch(), at(0));
        assert!(cache.get(token, at(0)).is_some());
    }

    #[test]
    fn another_token_is_another_entry_and_room_is_bounded() {
        let cache = EvidenceCache::with_room(64);
        let evidence = Arc::new(samples::us_person(Level::Employer, at(1000)));
        for token in 0..1000 {
            cache.insert(TokenHash::of(&token.to_string()), Arc::clone(&evidence), cache.epoch(), at(0));
        }
        assert!(cache.len() <= 64 && !cache.is_empty());
        assert!(cache.get(TokenHash::of("other"), at(0)).is_none());
    }
}
