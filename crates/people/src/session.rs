//! Sessions: a token that was verified in full once is recognised by its digest, until anything it rests on changes.
//!
//! Proofs of possession are no part of a session: they are checked with every request
//! ([`crate::Verifier::prove_again`]).

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock};

use sha2::{Digest, Sha256};
use terms::{Instant, Level};

use crate::evidence::{Evidence, Method};
use crate::limits::{INTROSPECTED_S, SESSION_S, SESSIONS, STRONG_SESSION_S};
use crate::times::plus_s;

const SHARDS: usize = 64;

/// What names a session: SHA-256 of its token. A token names its own binding, so its digest stands for both.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SessionKey([u8; 32]);

impl SessionKey {
    /// Of a token, exactly as sent.
    pub fn of(token: &str) -> Self {
        Self(Sha256::digest(token).into())
    }
}

impl std::fmt::Debug for SessionKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SessionKey(..)")
    }
}

impl std::hash::Hash for SessionKey {
    /// Only tokens that an issuer signed or answered for are kept, so nobody chooses digests at will: the first eight
    /// bytes are as good as any hash.
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

type Shard<T> = HashMap<SessionKey, Session<T>, BuildHasherDefault<FirstBytes>>;

#[derive(Debug)]
struct Session<T> {
    holder: T,
    until: Instant,
    epoch: u64,
}

/// The evidence epoch that a verification began under: what it found opens no session when the epoch has changed since.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Epoch(u64);

/// Sessions by key, bounded; shared by all requests of a gateway. `T` is what is known of whoever holds the token,
/// cheap to clone.
#[derive(Debug)]
pub struct Sessions<T> {
    shards: Vec<RwLock<Shard<T>>>,
    room: usize,
    epoch: AtomicU64,
}

/// No room is left for another session: the token is verified again with the next request. The operator raises the
/// bound or waits for sessions to end.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the table of sessions is full; older sessions have to end first")]
pub struct SessionsFull;

/// Until when evidence verified now may be relied on without looking at its token again: the least of its own end, its
/// status list's, [`SESSION_S`], [`STRONG_SESSION_S`] for level document and up, and [`INTROSPECTED_S`] for what an
/// authorisation server answered.
pub fn lasts_until(evidence: &Evidence, now: Instant) -> Instant {
    let status = evidence.status().map_or(Instant::MAX, |status| status.valid_until);
    let longest = match evidence.method() {
        Method::Introspection => INTROSPECTED_S,
        _ if evidence.level() >= Level::Document => STRONG_SESSION_S,
        _ => SESSION_S,
    };
    evidence.valid_until().min(status).min(plus_s(now, longest))
}

impl<T: Clone> Default for Sessions<T> {
    fn default() -> Self {
        Self::with_room(SESSIONS)
    }
}

impl<T: Clone> Sessions<T> {
    /// With room for about so many sessions.
    pub fn with_room(sessions: usize) -> Self {
        let shards = std::iter::repeat_with(RwLock::default).take(SHARDS).collect();
        Self { shards, room: sessions.div_ceil(SHARDS), epoch: AtomicU64::new(0) }
    }

    /// The epoch now. Ask before a verification begins.
    pub fn epoch(&self) -> Epoch {
        Epoch(self.epoch.load(Ordering::Acquire))
    }

    /// Ends every session at once: after a revocation, a change of keys or registry, or of what is on file.
    pub fn bump(&self) {
        self.epoch.fetch_add(1, Ordering::AcqRel);
    }

    /// Opens a session that lasts through `until`, for what a verification that `began` then has found.
    ///
    /// # Errors
    /// [`SessionsFull`] when only live sessions fill the table.
    pub fn open(
        &self,
        key: SessionKey,
        holder: T,
        until: Instant,
        began: Epoch,
        now: Instant,
    ) -> Result<(), SessionsFull> {
        let mut shard = self.shard(&key).ok_or(SessionsFull)?.write().unwrap_or_else(PoisonError::into_inner);
        if shard.len() >= self.room && !shard.contains_key(&key) {
            let epoch = self.epoch().0;
            shard.retain(|_, session| session.epoch == epoch && now <= session.until);
            if shard.len() >= self.room {
                return Err(SessionsFull);
            }
        }
        shard.insert(key, Session { holder, until, epoch: began.0 });
        Ok(())
    }

    /// Who holds a session that is open.
    pub fn get(&self, key: &SessionKey, now: Instant) -> Option<T> {
        let shard = self.shard(key)?.read().unwrap_or_else(PoisonError::into_inner);
        let session = shard.get(key)?;
        (session.epoch == self.epoch().0 && now <= session.until).then(|| session.holder.clone())
    }

    /// How many sessions are kept, also those that have ended.
    pub fn len(&self) -> usize {
        let lens = self.shards.iter().map(|shard| shard.read().unwrap_or_else(PoisonError::into_inner).len());
        lens.fold(0, usize::saturating_add)
    }

    /// Whether none is kept.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The last byte chooses: the first eight place the key inside the shard.
    fn shard(&self, key: &SessionKey) -> Option<&RwLock<Shard<T>>> {
        self.shards.get(usize::from(key.0.last()? % 64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::samples;

    fn at(seconds: i64) -> Instant {
        plus_s(Instant::from_micros(0), seconds)
    }

    fn lasts(level: Level, until: i64) -> Instant {
        lasts_until(&samples::us_person(level, at(until)), at(0))
    }

    #[test]
    fn a_session_lasts_as_long_as_its_evidence_and_half_a_day_at_most() {
        assert_eq!(lasts(Level::Employer, 100), at(100));
        assert_eq!(lasts(Level::Employer, 1_000_000), at(SESSION_S));
        assert_eq!(lasts(Level::Document, 1_000_000), at(STRONG_SESSION_S));
        assert_eq!(lasts(Level::Credential, 10), at(10));
    }

    #[test]
    fn it_is_found_through_its_end_and_by_its_token_only() {
        let (sessions, key) = (Sessions::default(), SessionKey::of("t"));
        sessions.open(key, 7, at(100), sessions.epoch(), at(0)).unwrap();
        assert_eq!((sessions.get(&key, at(100)), sessions.get(&key, at(101))), (Some(7), None));
        assert_eq!(sessions.get(&SessionKey::of("u"), at(0)), None);
        assert!(!format!("{key:?}").contains(char::is_numeric));
    }

    #[test]
    fn a_bump_ends_all_also_what_was_being_verified() {
        let (sessions, key) = (Sessions::default(), SessionKey::of("t"));
        let began = sessions.epoch();
        sessions.open(key, 1, at(100), began, at(0)).unwrap();
        sessions.bump();
        assert_eq!(sessions.get(&key, at(0)), None);
        sessions.open(key, 2, at(100), began, at(0)).unwrap();
        assert_eq!(sessions.get(&key, at(0)), None);
        sessions.open(key, 3, at(100), sessions.epoch(), at(0)).unwrap();
        assert_eq!(sessions.get(&key, at(0)), Some(3));
    }

    #[test]
    fn a_full_table_refuses_until_sessions_end() {
        let sessions = Sessions::with_room(SHARDS);
        let open = |number: u32, now| {
            let key = SessionKey::of(&number.to_string());
            sessions.open(key, number, at(now + 10), sessions.epoch(), at(now)).is_ok()
        };
        let opened = (0..1000).filter(|number| open(*number, 0)).count();
        assert!(opened <= SHARDS && opened > 0 && sessions.len() == opened);
        assert!((0..1000).filter(|number| open(*number, 0)).count() == opened, "the same ones again");
        assert!((1000..2000).any(|number| open(number, 11)), "ended ones make room");
        sessions.bump();
        assert!((2000..3000).any(|number| open(number, 11)), "so do those of an older epoch");
    }
}
