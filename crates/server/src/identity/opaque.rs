//! Opaque tokens: who is being asked about now, and who was found inactive a moment ago.

use people::session::SessionKey;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use terms::Instant;

/// How long "inactive" is relied on, microseconds.
const INACTIVE_US: i64 = 5_000_000;
/// Inactive tokens remembered at once.
const INACTIVE: usize = 65_536;
/// Tokens asked about before those that nobody waits for are forgotten.
const TURNS: usize = 1_024;

type Turn = tokio::sync::Mutex<()>;

/// Shared by all requests of a gateway.
#[derive(Debug, Default)]
pub struct Opaque {
    turns: Mutex<HashMap<SessionKey, Weak<Turn>>>,
    inactive: Mutex<HashMap<SessionKey, Instant>>,
}

impl Opaque {
    /// Whoever holds it asks about this token; all others wait and find the answer.
    pub fn turn(&self, key: &SessionKey) -> Arc<Turn> {
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(turn) = turns.get(key).and_then(Weak::upgrade) {
            return turn;
        }
        if turns.len() >= TURNS {
            turns.retain(|_, turn| turn.strong_count() > 0);
        }
        let turn = Arc::default();
        turns.insert(*key, Arc::downgrade(&turn));
        turn
    }

    /// Whether every server said a moment ago that the token is not active.
    pub fn is_inactive(&self, key: &SessionKey, now: Instant) -> bool {
        let inactive = self.inactive.lock().unwrap_or_else(PoisonError::into_inner);
        inactive.get(key).is_some_and(|at| is_recent(*at, now))
    }

    /// Notes that every server said so; forgotten at once where there is no room.
    pub fn keep_inactive(&self, key: SessionKey, now: Instant) {
        let mut inactive = self.inactive.lock().unwrap_or_else(PoisonError::into_inner);
        if inactive.len() >= INACTIVE {
            inactive.retain(|_, at| is_recent(*at, now));
        }
        if inactive.len() < INACTIVE {
            inactive.insert(key, now);
        }
    }

    /// Forgets what was found inactive.
    pub fn forget(&self) {
        self.inactive.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

fn is_recent(at: Instant, now: Instant) -> bool {
    (0..=INACTIVE_US).contains(&now.micros_since(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(micros: i64) -> Instant {
        Instant::from_micros(micros)
    }

    #[test]
    fn inactive_is_relied_on_for_seconds_and_until_anything_changes() {
        let (opaque, key) = (Opaque::default(), SessionKey::of("t"));
        opaque.keep_inactive(key, at(10));
        assert!(
            opaque.is_inactive(&key, at(10 + INACTIVE_US)) && !opaque.is_inactive(&key, at(11 + INACTIVE_US))
        );
        assert!(!opaque.is_inactive(&key, at(9)), "a practice clock can be set back");
        assert!(!opaque.is_inactive(&SessionKey::of("u"), at(10)));
        opaque.forget();
        assert!(!opaque.is_inactive(&key, at(10)));
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let opaque = Opaque::default();
        let key = |number: usize| SessionKey::of(&number.to_string());
        (0..INACTIVE + 10).for_each(|number| opaque.keep_inactive(key(number), at(0)));
        assert_eq!(opaque.inactive.lock().unwrap().len(), INACTIVE);
        opaque.keep_inactive(key(INACTIVE + 5), at(INACTIVE_US + 1));
        assert_eq!(opaque.inactive.lock().unwrap().len(), 1, "those that are over make room");
        (0..TURNS * 3).for_each(|number| drop(opaque.turn(&key(number))));
        assert!(opaque.turns.lock().unwrap().len() <= TURNS);
    }

    #[test]
    fn one_token_has_one_turn() {
        let opaque = Opaque::default();
        let (one, same) = (opaque.turn(&SessionKey::of("t")), opaque.turn(&SessionKey::of("t")));
        assert!(Arc::ptr_eq(&one, &same));
        assert!(!Arc::ptr_eq(&one, &opaque.turn(&SessionKey::of("u"))));
    }
}
