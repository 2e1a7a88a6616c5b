//! Sessions: a caller that proved who it is once is recognised by 32 random bytes.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::{Arc, PoisonError, RwLock};

use terms::Instant;

use crate::evidence::Evidence;
use crate::limits::{SESSION_S, SESSIONS};
use crate::times::plus_s;

const SHARDS: usize = 64;

/// The secret that names a session: 32 bytes from the gateway's random source.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SessionKey([u8; 32]);

impl SessionKey {
    /// From random bytes.
    pub const fn from_random(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl std::fmt::Debug for SessionKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SessionKey(..)")
    }
}

impl std::hash::Hash for SessionKey {
    /// Only the gateway makes the keys that are kept, from random bytes: their first eight are as good as any hash.
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.0.first_chunk().map_or(0, |first| u64::from_le_bytes(*first)));
    }
}

/// Takes over the one number it is given.
#[derive(Default)]
struct FirstBytes(u64);

impl Hasher for FirstBytes {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.0 = self.0.rotate_left(8) ^ u64::from(*byte));
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }
}

type Shard = HashMap<SessionKey, Session, BuildHasherDefault<FirstBytes>>;

#[derive(Debug)]
struct Session {
    evidence: Arc<Evidence>,
    until: Instant,
}

/// Sessions by key, bounded; shared by all requests of a gateway.
#[derive(Debug)]
pub struct Sessions {
    shards: Vec<RwLock<Shard>>,
    room: usize,
}

/// No room is left for another session. The operator raises the bound or waits for sessions to end.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the table of sessions is full; older sessions have to end first")]
pub struct SessionsFull;

impl Default for Sessions {
    fn default() -> Self {
        Self::with_room(SESSIONS)
    }
}

impl Sessions {
    /// With room for about so many sessions.
    pub fn with_room(sessions: usize) -> Self {
        let shards = std::iter::repeat_with(RwLock::default).take(SHARDS).collect();
        Self { shards, room: sessions.div_ceil(SHARDS) }
    }

    /// Opens a session for [`SESSION_S`], or until the evidence ends.
    ///
    /// # Errors
    /// [`SessionsFull`] when only live sessions fill the table.
    pub fn open(&self, key: SessionKey, evidence: Arc<Evidence>, now: Instant) -> Result<(), SessionsFull> {
        let until = evidence.valid_until().min(plus_s(now, SESSION_S));
        let mut shard = self.shard(&key).ok_or(SessionsFull)?.write().unwrap_or_else(PoisonError::into_inner);
        if shard.len() >= self.room {
            shard.retain(|_, session| now <= session.until);
        }
        if shard.len() >= self.room {
            return Err(SessionsFull);
        }
        shard.insert(key, Session { evidence, until });
        Ok(())
    }

    /// The evidence of a session that is open.
    pub fn get(&self, key: &SessionKey, now: Instant) -> Option<Arc<Evidence>> {
        let shard = self.shard(key)?.read().unwrap_or_else(PoisonError::into_inner);
        shard.get(key).filter(|session| now <= session.until).map(|session| Arc::clone(&session.evidence))
    }

    /// Ends a session.
    pub fn close(&self, key: &SessionKey) {
        if let Some(shard) = self.shard(key) {
            shard.write().unwrap_or_else(PoisonError::into_inner).remove(key);
        }
    }

    /// Ends every session that rests on evidence for which `gone` holds: after a revocation.
    pub fn close_where(&self, gone: impl Fn(&Evidence) -> bool) {
        for shard in &self.shards {
            shard
                .write()
                .unwrap_or_else(PoisonError::into_inner)
                .retain(|_, session| !gone(&session.evidence));
        }
    }

    /// The last byte chooses: the first eight place the key inside the shard.
    fn shard(&self, key: &SessionKey) -> Option<&RwLock<Shard>> {
        self.shards.get(usize::from(key.0.last()? % 64))
    }
}

#[cfg(test)]
mod tests {
    use terms::Level;

    use super::*;
    use crate::evidence::samples;

    fn at(seconds: i64) -> Instant {
        plus_s(Instant::from_micros(0), seconds)
    }

    fn key(byte: u8) -> SessionKey {
        SessionKey::from_random([byte; 32])
    }

    fn evidence(until: i64) -> Arc<Evidence> {
        Arc::new(samples::us_person(Level::Employer, at(until)))
    }

    #[test]
    fn a_session_lasts_as_long_as_its_evidence_and_half_a_day_at_most() {
        let sessions = Sessions::default();
        sessions.open(key(1), evidence(100), at(0)).unwrap();
        sessions.open(key(2), evidence(1_000_000), at(0)).unwrap();
        assert!(sessions.get(&key(1), at(100)).is_some() && sessions.get(&key(1), at(101)).is_none());
        assert!(sessions.get(&key(2), at(SESSION_S)).is_some());
        assert!(sessions.get(&key(2), at(SESSION_S + 1)).is_none());
        assert!(sessions.get(&key(3), at(0)).is_none());
    }

    #[test]
    fn sessions_end_by_key_and_by_evidence() {
        let sessions = Sessions::default();
        sessions.open(key(1), evidence(100), at(0)).unwrap();
        sessions.open(key(2), evidence(200), at(0)).unwrap();
        sessions.close(&key(1));
        assert!(sessions.get(&key(1), at(0)).is_none());
        sessions.close_where(|evidence| evidence.valid_until() == at(200));
        assert!(sessions.get(&key(2), at(0)).is_none());
    }

    #[test]
    fn a_full_table_refuses_until_sessions_end() {
        let sessions = Sessions::with_room(1);
        let same_shard =
            |byte: u8| SessionKey::from_random(std::array::from_fn(|at| if at == 31 { 0 } else { byte }));
        sessions.open(same_shard(1), evidence(10), at(0)).unwrap();
        assert_eq!(sessions.open(same_shard(2), evidence(10), at(10)), Err(SessionsFull));
        assert_eq!(sessions.open(same_shard(2), evidence(20), at(11)), Ok(()));
        assert!(!format!("{:?}", same_shard(1)).contains('1'));
    }
}
