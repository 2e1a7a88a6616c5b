//! Appeals: what a caller says about the facts on file, kept for a person who decides.
//!
//! An appeal changes no fact by itself: were contested evidence put aside at once, somebody could put aside what stands
//! against them and be served on weaker evidence.

use super::links::io;
use super::page::{Page, json};
use super::session::Session;
use super::{Answer, BadCure, Trouble, Visit};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::json as object;
use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use terms::{AccountId, Instant, PersonId};

/// Longest text, characters.
pub(super) const TEXT_CHARS: usize = 2_000;
/// Business days within which there is an answer.
const DAYS: u8 = 2;
const DAY_US: i64 = 86_400 * 1_000_000;

/// One appeal.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Appeal {
    /// Its number; the first is 1.
    pub number: u64,
    /// When it came.
    pub at: Instant,
    /// By when it is to be answered.
    pub due: Instant,
    /// Whose evidence applies.
    pub account: AccountId,
    /// Who appeals, as on file.
    pub person: PersonId,
    /// The model that was asked for.
    pub model: String,
    /// What is said.
    pub text: String,
}

/// Every appeal, in a file of one line each.
pub(super) struct Appeals {
    path: PathBuf,
    filed: Arc<Mutex<u64>>,
}

impl Appeals {
    pub(super) fn open(dir: &Path) -> Result<Self, BadCure> {
        let appeals = Self { path: dir.join("appeals.jsonl"), filed: Arc::default() };
        appeals.mend()?;
        let last = appeals.all()?.last().map_or(0, |appeal| appeal.number);
        *appeals.filed.lock().unwrap_or_else(PoisonError::into_inner) = last;
        Ok(appeals)
    }

    /// Cuts off a line that a crash broke: nobody was told its number.
    fn mend(&self) -> Result<(), BadCure> {
        let bad = || io(&self.path);
        let text = match std::fs::read(&self.path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(bad()(error)),
        };
        let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last.saturating_add(1));
        if whole == text.len() {
            return Ok(());
        }
        let file = OpenOptions::new().write(true).open(&self.path).map_err(bad())?;
        file.set_len(u64::try_from(whole).unwrap_or(u64::MAX)).map_err(bad())
    }

    pub(super) fn all(&self) -> Result<Vec<Appeal>, BadCure> {
        let text = match std::fs::read_to_string(&self.path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(io(&self.path)(error)),
        };
        text.lines()
            .map(|line| serde_json::from_str(line).map_err(|error| io(&self.path)(error.into())))
            .collect()
    }

    /// Files an appeal; it is on disk when this returns.
    async fn file(&self, appeal: Appeal) -> Option<Appeal> {
        let (path, filed) = (self.path.clone(), Arc::clone(&self.filed));
        let written = tokio::task::spawn_blocking(move || {
            let mut last = filed.lock().unwrap_or_else(PoisonError::into_inner);
            let appeal = Appeal { number: last.saturating_add(1), ..appeal };
            append(&path, &appeal)?;
            *last = appeal.number;
            Ok::<_, std::io::Error>(appeal)
        });
        match written.await {
            Ok(Ok(appeal)) => Some(appeal),
            Ok(Err(error)) => {
                tracing::error!(%error, "an appeal could not be written");
                None
            }
            Err(_) => None,
        }
    }
}

fn append(path: &Path, appeal: &Appeal) -> std::io::Result<()> {
    let mut line = serde_json::to_vec(appeal)?;
    line.push(b'\n');
    let mut file = OpenOptions::new().create(true).append(true).mode(0o600).open(path)?;
    file.write_all(&line)?;
    file.sync_all()
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

impl Visit<'_> {
    /// Files what the caller says, once for each link.
    pub(super) async fn appeal(&self, session: &Session) -> Answer {
        let text = self.field("text")?.ok_or(Trouble::Form)?.replace("\r\n", "\n");
        let plain = !text.chars().any(|letter| letter.is_control() && letter != '\n');
        if text.trim().is_empty() || text.chars().count() > TEXT_CHARS || !plain {
            return Err(Trouble::Form);
        }
        if std::mem::replace(&mut session.progress().appealed, true) {
            return Err(Trouble::TooMany);
        }
        let about = &session.about;
        let appeal = Appeal {
            number: 0,
            at: self.now,
            due: due(self.now),
            account: about.account.clone(),
            person: about.person.clone(),
            model: about.model.clone(),
            text,
        };
        let Some(filed) = self.cure.appeals.file(appeal).await else {
            session.progress().appealed = false;
            return Err(Trouble::NotFiled);
        };
        let (number, until) = (filed.number.to_string(), filed.due.to_string());
        if self.as_json() {
            return Ok(json(StatusCode::OK, &object!({"number": filed.number, "answer_by": until})));
        }
        let args = [("number", number.as_str()), ("until", until.as_str())];
        Ok(Page::new(self.lang, "page_title").text("page_appeal_filed", &args).answer(StatusCode::OK))
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
}
