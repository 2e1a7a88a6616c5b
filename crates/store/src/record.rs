//! Everything on file about one person, to be handed to that person.

use crate::appeals::{AppealEntry, CureEntry};
use crate::error::{Refusal, StoreError};
use crate::event::Event;
use crate::people::FactsReader;
use crate::sqlite::{self, Result, SqliteConnection, appeals, evidence, log, people as facts_rows};
use ::people::file::Filed;
use serde::Serialize;
use terms::{AccountId, Instant, PersonFacts, PersonId};

/// Versions of facts in one record.
const VERSIONS: u32 = 10_000;

/// One's own record.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct PersonRecord {
    /// The account that holds it.
    pub account: AccountId,
    /// The person.
    pub person: PersonId,
    /// Whether a legal hold keeps it from being erased.
    pub held: bool,
    /// Every version of the facts of the account's roster, newest first.
    pub roster: Vec<FactsEntry>,
    /// Every statement on file, in the order of filing.
    pub statements: Vec<StatementEntry>,
    /// How statements came through cure pages.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cures: Vec<CureEntry>,
    /// What the person appealed against, with the answers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub appeals: Vec<AppealEntry>,
    /// What was recorded about the person, in order.
    pub history: Vec<Entry>,
}

/// A version of the roster's facts.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct FactsEntry {
    /// When it was recorded.
    pub at: Instant,
    /// The facts.
    pub facts: PersonFacts,
}

/// A statement.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct StatementEntry {
    /// The statement with its state.
    #[serde(flatten)]
    pub filed: Filed,
}

/// Something that was recorded.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Entry {
    /// Number of the event.
    pub seq: u64,
    /// When.
    pub at: Instant,
    /// The word for what happened.
    pub event: &'static str,
    /// Which statement, or the number of which appeal, where it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Why, where a reason was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

impl PersonRecord {
    pub(crate) async fn read(
        conn: &mut SqliteConnection,
        account: &AccountId,
        person: &PersonId,
    ) -> Result<Self> {
        let head = log::head(conn).await?;
        let mut reader = FactsReader::default();
        let mut roster = Vec::new();
        for (_, at, facts) in facts_rows::versions_up_to(conn, (account, person), head.seq, VERSIONS).await? {
            roster.push(FactsEntry { at: Instant::from_micros(at), facts: reader.read(person, facts)? });
        }
        let filed = crate::file::read(conn, account.as_str(), person.as_str()).await?;
        let history = history(conn, account, person).await?;
        if roster.is_empty() && filed.is_empty() && history.is_empty() {
            return Err(Refusal::UnknownPerson(account.clone(), person.clone()).into());
        }
        let held = evidence::holds(conn).await?;
        let said = appeals::appeals_of(conn, (account, person)).await?;
        Ok(Self {
            cures: appeals::cures_of(conn, (account, person)).await?,
            appeals: said.into_iter().map(AppealEntry::of).collect::<Result<_>>()?,
            account: account.clone(),
            person: person.clone(),
            held: held.iter().any(|(of, who)| of == account.as_str() && who == person.as_str()),
            roster,
            statements: filed.iter().cloned().map(|filed| StatementEntry { filed }).collect(),
            history,
        })
    }
}

async fn history(conn: &mut SqliteConnection, account: &AccountId, person: &PersonId) -> Result<Vec<Entry>> {
    let rows = log::events_naming(conn, account, person).await?;
    rows.into_iter()
        .map(|(seq, at, body)| {
            let seq = sqlite::unsigned(seq)?;
            let event: Event = serde_json::from_str(&body)
                .map_err(|error| StoreError::damaged(seq, format!("it does not read: {error}")))?;
            let (id, why) = details(&event);
            Ok(Entry { seq, at: Instant::from_micros(at), event: event.word(), id, why })
        })
        .collect()
}

fn details(event: &Event) -> (Option<String>, Option<String>) {
    match event {
        Event::EvidenceFiled { id, .. } | Event::ShownOnPage { id, .. } => (Some(id.clone()), None),
        Event::AppealFiled { number, .. } | Event::AppealSettled { number, .. } => {
            (Some(number.to_string()), None)
        }
        Event::EvidenceSuspended { id, why, .. }
        | Event::EvidenceResumed { id, why, .. }
        | Event::EvidenceRevoked { id, why, .. }
        | Event::ReviewSettled { id, why, .. } => (Some(id.clone()), Some(why.clone())),
        Event::HoldSet { why, .. } | Event::PersonErased { why, .. } => (None, Some(why.clone())),
        _ => (None, None),
    }
}
