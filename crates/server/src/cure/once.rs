//! Things under a name that nobody can guess, for a time.

use crate::identity::sts::random;
use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};
use terms::Instant;

/// A bounded table. When it is full nothing new is taken: dropping an entry would take a link from somebody.
pub(super) struct Once<T> {
    inner: Mutex<Inner<T>>,
    room: usize,
    life_us: i64,
}

struct Inner<T> {
    by_name: HashMap<String, (Instant, T)>,
    by_time: VecDeque<(Instant, String)>,
}

impl<T: Clone> Once<T> {
    /// With room for so many, each for `life_s` seconds.
    pub(super) fn new(room: usize, life_s: i64) -> Self {
        let inner = Inner { by_name: HashMap::new(), by_time: VecDeque::new() };
        Self { inner: Mutex::new(inner), room, life_us: life_s.saturating_mul(1_000_000) }
    }

    /// Puts what is made for a new name; gives both. `None`: there is no room, or no randomness.
    pub(super) fn put(&self, now: Instant, make: impl FnOnce(&str) -> T) -> Option<(String, T)> {
        let name = hex::encode(random().ok()?.split_at(16).0);
        let until = now.plus_micros(self.life_us);
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.forget_before(now);
        if inner.by_name.len() >= self.room {
            return None;
        }
        let value = make(&name);
        inner.by_time.push_back((until, name.clone()));
        inner.by_name.insert(name.clone(), (until, value.clone()));
        Some((name, value))
    }

    /// Looks at one.
    pub(super) fn get(&self, name: &str, now: Instant) -> Option<T> {
        self.until(name, now).map(|(_, value)| value)
    }

    /// Looks at one, with its end.
    pub(super) fn until(&self, name: &str, now: Instant) -> Option<(Instant, T)> {
        let inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.by_name.get(name).filter(|(until, _)| now < *until).cloned()
    }

    /// Takes one: nobody finds it again.
    pub(super) fn take(&self, name: &str, now: Instant) -> Option<T> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.by_name.remove(name).filter(|(until, _)| now < *until).map(|(_, value)| value)
    }
}

impl<T> Inner<T> {
    fn forget_before(&mut self, now: Instant) {
        while self.by_time.front().is_some_and(|(until, _)| *until <= now) {
            if let Some((_, name)) = self.by_time.pop_front() {
                self.by_name.remove(&name);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Instant {
        Instant::from_micros(seconds * 1_000_000)
    }

    #[test]
    fn what_is_taken_or_old_is_gone() {
        let once = Once::new(8, 10);
        let (name, _) = once.put(at(0), |_| 7).unwrap();
        assert_eq!((once.get(&name, at(9)), once.get(&name, at(10))), (Some(7), None));
        assert_eq!((once.take(&name, at(1)), once.take(&name, at(1))), (Some(7), None));
        assert_eq!(name.len(), 32);
    }

    #[test]
    fn a_full_table_takes_nothing_until_something_is_old() {
        let once = Once::new(2, 10);
        assert!(once.put(at(0), |_| 1).is_some() && once.put(at(5), |_| 2).is_some());
        assert!(once.put(at(9), |_| 3).is_none());
        assert!(once.put(at(10), |_| 3).is_some());
    }
}
