//! Appeals: what a caller says about the facts on file, answered by a person. The answer is read on the same link.
//!
//! An appeal changes no fact by itself: were contested evidence put aside at once, somebody could put aside what stands
//! against them and be served on weaker evidence.

use super::page::{Page, json};
use super::session::Session;
use super::{Answer, Trouble, Visit};
use crate::gateway::GateBody;
use http::{Response, StatusCode};
use serde_json::json as object;
use store::{AppealEntry, Digest, Event, Refusal, Standing, StoreError};
use terms::Instant;

/// Longest text, characters.
pub(super) const TEXT_CHARS: usize = 2_000;
/// Business days within which there is an answer.
const DAYS: u8 = 2;
const DAY_US: i64 = 86_400 * 1_000_000;
/// Days after the answer for which the link shows it.
const SHOWN_DAYS: i64 = 90;

/// What is kept of a link: nobody finds the link from it.
fn link(id: &str) -> Digest {
    Digest::of(format!("douane/appeal-link/v1\0{id}").as_bytes())
}

/// So many business days later, by the UTC calendar, Saturdays and Sundays left out.
fn due(at: Instant) -> Instant {
    let (mut due, mut left) = (at, DAYS);
    while left > 0 {
        due = due.plus_micros(DAY_US);
        // 1 January 1970 was a Thursday: 0 is Monday.
        let weekday = due.as_micros().div_euclid(DAY_US).saturating_add(3).rem_euclid(7);
        if weekday < 5 {
            left = left.saturating_sub(1);
        }
    }
    due
}

/// The text of an appeal, with the ends of lines as they are kept.
fn words(text: &str) -> Option<String> {
    let text = text.replace("\r\n", "\n");
    let plain = !text.chars().any(|letter| letter.is_control() && letter != '\n');
    (!text.trim().is_empty() && text.chars().count() <= TEXT_CHARS && plain).then_some(text)
}

impl Visit<'_> {
    /// Files what the caller says, once for each link.
    pub(super) async fn appeal(&self, session: &Session) -> Answer {
        let words = words(&self.field("text")?.ok_or(Trouble::Form)?).ok_or(Trouble::Form)?;
        let (about, due) = (&session.about, due(self.now));
        let mut registry = self.house.registry.lock().await;
        let on_link = registry.store.appeal_on(&link(&session.id)).await;
        if on_link.map_err(|_| Trouble::NotFiled)?.is_some() {
            return Err(Trouble::TooMany);
        }
        let number = registry.state.appeals.keys().next_back().map_or(1, |last| last.saturating_add(1));
        let event = Event::AppealFiled {
            account: about.account.clone(),
            person: about.person.clone(),
            number,
            model: about.model.clone(),
            lang: self.lang.tag().to_owned(),
            link: link(&session.id),
            due,
            words: words.into(),
        };
        self.house.commit(&mut registry, &[event]).await.map_err(|error| match error {
            crate::house::CommitError::Store(StoreError::Refused(Refusal::TooManyAppeals { .. })) => {
                Trouble::TooMany
            }
            error => {
                tracing::error!(%error, "an appeal could not be put on file");
                Trouble::NotFiled
            }
        })?;
        drop(registry);
        let (number_text, until) = (number.to_string(), due.to_string());
        if self.as_json() {
            let body = object!({"number": number, "answer_by": until, "state": Standing::Open});
            return Ok(json(StatusCode::OK, &body));
        }
        let args = [("number", number_text.as_str()), ("until", until.as_str())];
        Ok(Page::new(self.lang, "page_title")
            .text("page_appeal_filed", &args)
            .text("page_appeal_keep", &[])
            .link(&format!("/cure/{}/appeal", session.id), "page_appeal_look", &[])
            .answer(StatusCode::OK))
    }

    /// The appeal that was filed on a link, while it is open and for a time after its answer.
    pub(super) async fn appeal_on(&self, id: &str) -> Result<Option<AppealEntry>, Trouble> {
        let registry = self.house.registry.lock().await;
        let found = registry.store.appeal_on(&link(id)).await.map_err(|error| {
            tracing::error!(%error, "an appeal could not be read");
            Trouble::NotFiled
        })?;
        let shown = |answered: Instant| self.now < answered.plus_micros(SHOWN_DAYS.saturating_mul(DAY_US));
        let is_shown =
            |appeal: &AppealEntry| appeal.state != Standing::Erased && appeal.answered.is_none_or(shown);
        Ok(found.filter(is_shown))
    }

    /// Where an appeal stands.
    pub(super) fn standing(&self, appeal: &AppealEntry) -> Response<GateBody> {
        if self.as_json() {
            let body = object!({
                "number": appeal.number, "answer_by": appeal.due.to_string(), "state": appeal.state,
                "answered_at": appeal.answered.map(|at| at.to_string()), "answer": appeal.answer,
            });
            return json(StatusCode::OK, &body);
        }
        let page = Page::new(self.lang, "page_title");
        on_page(page, appeal).answer(StatusCode::OK)
    }
}

/// The part of a page that says where an appeal stands.
pub(super) fn on_page(page: Page, appeal: &AppealEntry) -> Page {
    let (number, until) = (appeal.number.to_string(), appeal.due.to_string());
    let args = [("number", number.as_str()), ("until", until.as_str())];
    let text = match appeal.state {
        Standing::Open | Standing::Erased => return page.text("page_appeal_filed", &args),
        Standing::Granted => "page_appeal_granted",
        Standing::Rejected => "page_appeal_rejected",
    };
    let page = page.text(text, &args);
    match &appeal.answer {
        Some(answer) => page.text("page_appeal_answer", &[]).code(answer),
        None => page,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weekends_do_not_count() {
        let due = |at: &str| due(Instant::parse(at).unwrap());
        for (at, expected) in [
            ("2026-06-10T12:00:00Z", "2026-06-12T12:00:00Z"),
            ("2026-06-12T12:00:00Z", "2026-06-16T12:00:00Z"),
            ("2026-06-13T12:00:00Z", "2026-06-16T12:00:00Z"),
        ] {
            assert_eq!(due(at), Instant::parse(expected).unwrap(), "{at}");
        }
    }

    #[test]
    fn the_longest_text_fits_the_store_in_every_script() {
        let longest = "\u{1f34b}".repeat(TEXT_CHARS);
        assert!(words(&longest).unwrap().len() <= store::WORDS_BYTES);
        assert_eq!(words(&format!("{longest}a")), None);
        assert_eq!(words("a\r\nb").as_deref(), Some("a\nb"));
        assert_eq!(words(" \n "), None);
    }
}
