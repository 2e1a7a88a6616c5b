//! What one caller has to show, and how far that has come.

use super::once::Once;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use store::Cure;
use terms::{AccountId, Instant, Level, PersonId};
use wire::lang::Lang;

/// Life of a link, seconds.
const LIFE_S: i64 = 900;
/// A link with less left than this is not handed out again, microseconds.
const FRESH_US: i64 = 300_000_000;
/// Links at once.
const SESSIONS: usize = 1 << 18;
/// Steps that may be begun with one link.
const ATTEMPTS: u8 = 20;

/// What a session is about.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct About {
    pub(super) account: AccountId,
    pub(super) person: PersonId,
    /// What is missing; empty where nothing can be shown and only an appeal is left.
    pub(super) missing: Vec<String>,
    /// How well it must be supported.
    pub(super) level: Level,
    pub(super) model: String,
    /// Issuer and subject of the evidence that the caller showed: a sign-in there must be the same person's.
    pub(super) shown: Option<(String, String)>,
    /// The employer's own name for the person, where it knows one.
    pub(super) name: Option<String>,
    /// Public references of the instruments that decided.
    pub(super) references: Vec<String>,
}

/// One link.
pub(super) struct Session {
    pub(super) id: String,
    pub(super) about: About,
    /// When the refusal was made.
    refused: Instant,
    progress: Mutex<Progress>,
}

/// How far it has come.
#[derive(Default)]
pub(super) struct Progress {
    pub(super) done: bool,
    pub(super) device: Option<super::device::Waiting>,
    attempts: u8,
}

impl Session {
    /// What is kept of this way to show something.
    pub(super) fn cure(&self, lang: Lang) -> Cure {
        let (directives, model) = (self.about.references.clone(), self.about.model.clone());
        Cure { refused: self.refused, directives, model, lang: lang.tag().to_owned() }
    }

    pub(super) fn progress(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a step; `false` when there were too many, or nothing is left to show.
    pub(super) fn may_begin(&self) -> bool {
        let mut progress = self.progress();
        progress.attempts = progress.attempts.saturating_add(1);
        !progress.done && progress.attempts <= ATTEMPTS
    }
}

/// Every link that works.
pub(super) struct Sessions {
    links: Once<Arc<Session>>,
    by_caller: Mutex<HashMap<About, String>>,
}

impl Default for Sessions {
    fn default() -> Self {
        Self { links: Once::new(SESSIONS, LIFE_S), by_caller: Mutex::default() }
    }
}

impl Sessions {
    /// The link for this caller and need: the one at hand while it is fresh, so that a caller who asks again and again
    /// does not fill the table.
    pub(super) fn open(&self, about: About, now: Instant) -> Option<String> {
        let mut by_caller = self.by_caller.lock().unwrap_or_else(PoisonError::into_inner);
        let at_hand = by_caller.get(&about).and_then(|id| self.links.until(id, now));
        if let Some((until, session)) = at_hand
            && until.micros_since(now) >= FRESH_US
            && !session.progress().done
        {
            return Some(session.id.clone());
        }
        if by_caller.len() >= SESSIONS {
            by_caller.retain(|_, id| self.links.get(id, now).is_some());
        }
        let make = |id: &str| {
            let (id, about) = (id.to_owned(), about.clone());
            Arc::new(Session { id, about, refused: now, progress: Mutex::default() })
        };
        let (id, _) = self.links.put(now, make)?;
        by_caller.insert(about, id.clone());
        Some(id)
    }

    pub(super) fn get(&self, id: &str, now: Instant) -> Option<Arc<Session>> {
        self.links.get(id, now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn about(person: &str) -> About {
        About {
            account: AccountId::parse("acme").unwrap(),
            person: PersonId::parse(person).unwrap(),
            missing: vec!["us_status".to_owned()],
            level: Level::Document,
            model: "m".to_owned(),
            shown: None,
            name: None,
            references: Vec::new(),
        }
    }

    #[test]
    fn a_caller_keeps_the_link_while_it_is_fresh() {
        let (sessions, at) = (Sessions::default(), |s: i64| Instant::from_micros(s * 1_000_000));
        let one = sessions.open(about("a"), at(0)).unwrap();
        assert_eq!(sessions.open(about("a"), at(600)).unwrap(), one);
        assert_ne!(sessions.open(about("b"), at(600)).unwrap(), one);
        assert_ne!(sessions.open(about("a"), at(601)).unwrap(), one);
        assert!(sessions.get(&one, at(899)).is_some() && sessions.get(&one, at(900)).is_none());
        let two = sessions.open(about("a"), at(1000)).unwrap();
        sessions.get(&two, at(1000)).unwrap().progress().done = true;
        assert_ne!(sessions.open(about("a"), at(1001)).unwrap(), two);
    }

    #[test]
    fn steps_are_counted() {
        let sessions = Sessions::default();
        let id = sessions.open(about("a"), Instant::from_micros(0)).unwrap();
        let session = sessions.get(&id, Instant::from_micros(0)).unwrap();
        assert_eq!((0..30).filter(|_| session.may_begin()).count(), usize::from(ATTEMPTS));
    }
}
