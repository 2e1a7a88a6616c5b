//! The operator's own rules, as the gateway asks them: after the law permits, and only where there are any.

use crate::catalogue::{Catalogue, Entry};
use crate::directory::Credential;
use bylaws::{Bylaws, Call, Judgement, Permitted, Rulebook, Unready};
use decide::Outcome;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use terms::{ClockReading, Instant, Request};

/// How long a permit stands where a bylaw looks at the clock: nobody says in advance when it will answer otherwise.
const CLOCK_BYLAW_STANDS: Duration = Duration::from_secs(1);

/// Bylaws ready for the catalogue, and how often they failed.
#[derive(Debug)]
pub struct HouseRules {
    book: Rulebook,
    errors: AtomicU64,
}

impl HouseRules {
    /// Makes bylaws ready; `None` when there are none.
    pub(crate) fn new(bylaws: &Bylaws, catalogue: &Catalogue) -> Result<Option<Self>, Unready> {
        if bylaws.is_empty() {
            return Ok(None);
        }
        let models: Vec<_> = catalogue.entries().iter().map(|entry| entry.model.clone()).collect();
        let book = Rulebook::new(bylaws.clone(), &models)?;
        for model in book.unknown_models() {
            tracing::warn!(model, "a bylaw names a model that is not in the catalogue");
        }
        Ok(Some(Self { book, errors: AtomicU64::new(0) }))
    }

    /// Requests refused because a bylaw could not be evaluated.
    pub fn errors(&self) -> u64 {
        self.errors.load(Ordering::Relaxed)
    }

    /// What the bylaws say, where the law's outcome is a permit; `None` where they agree or are not asked.
    pub(crate) fn object(
        &self,
        law: Outcome,
        credential: &Credential,
        request: Request,
        streaming: bool,
        clock: ClockReading,
    ) -> Option<Judgement> {
        let permitted = Permitted::of(law)?;
        if !self.book.reaches(request.model) {
            return None;
        }
        let judgement = match credential.person_for(&self.book, clock.at) {
            Ok(person) => self.book.judge(permitted, &Call { person: &person, request, streaming, clock }),
            Err(error) => Judgement::failed(error),
        };
        (judgement.outcome() != Outcome::Permit).then_some(judgement)
    }

    /// Counts and reports what could not be evaluated.
    pub(crate) fn report(&self, judgement: &Judgement, entry: &Entry) {
        if judgement.errors.is_empty() {
            return;
        }
        self.errors.fetch_add(1, Ordering::Relaxed);
        let model = entry.model.id.as_str();
        for error in &judgement.errors {
            tracing::error!(error, model, "a bylaw could not be evaluated; the request is refused");
        }
    }

    /// Until when a permit about this model stands, given until when the law's does.
    pub(crate) fn stands_until(&self, model: usize, law: Instant, clock: ClockReading) -> Instant {
        if !self.book.reads_clock(model) {
            return law;
        }
        let micros = i64::try_from(CLOCK_BYLAW_STANDS.as_micros()).unwrap_or(i64::MAX);
        law.min(clock.at.plus_micros(micros))
    }
}
