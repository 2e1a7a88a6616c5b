//! Statements on file in memory, and what has to be reviewed.

use crate::error::StoreError;
use crate::event::{Event, Recorded};
use crate::shards::Shards;
use crate::sqlite::{Result, SqliteConnection, evidence, log};
use people::file::{Conflict, Filed, State, supersede};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use terms::{AccountId, Instant, PersonId};

/// The statements about the people of one account, in the order of filing. A copy shares them.
pub type Files = Shards<PersonId, Arc<[Filed]>>;

/// Something an officer has to look at.
#[derive(Clone, PartialEq, Debug, serde::Serialize)]
pub struct Review {
    /// The account.
    pub account: AccountId,
    /// The person.
    pub person: PersonId,
    /// Statements that contradict each other.
    pub conflicts: Vec<Conflict>,
    /// Statements that are contested.
    pub suspended: Vec<String>,
}

/// The word of a state in the view.
pub(crate) fn state_of(word: &str) -> Option<State> {
    match word {
        "active" => Some(State::Active),
        "suspended" => Some(State::Suspended),
        "revoked" => Some(State::Revoked),
        _ => None,
    }
}

/// Puts bodies and states together.
pub(crate) fn assemble<'a>(rows: impl IntoIterator<Item = (&'a str, State)>) -> Result<Arc<[Filed]>> {
    let read = |(body, state): (&str, State)| {
        let filed: Filed = serde_json::from_str(body)
            .map_err(|error| StoreError::damaged(0, format!("a statement does not read: {error}")))?;
        Ok(Filed { state, ..filed })
    };
    let mut filed = rows.into_iter().map(read).collect::<Result<Vec<_>>>()?;
    supersede(&mut filed);
    Ok(filed.into())
}

/// The statements about one person, as the views have them.
pub(crate) async fn read(conn: &mut SqliteConnection, account: &str, person: &str) -> Result<Arc<[Filed]>> {
    let rows = evidence::file_of(conn, account, person).await?;
    let known = rows.iter().map(|(body, state)| {
        let state = state_of(state).ok_or_else(|| StoreError::damaged(0, "a statement has no state"))?;
        Ok((body.as_str(), state))
    });
    assemble(known.collect::<Result<Vec<_>>>()?)
}

/// The statements about everybody, as the views have them.
pub(crate) async fn read_all(
    conn: &mut SqliteConnection,
) -> Result<BTreeMap<(String, String), Arc<[Filed]>>> {
    let mut rows: BTreeMap<(String, String), Vec<(String, State)>> = BTreeMap::new();
    let mut last = 0;
    loop {
        let page = evidence::filed_after(conn, last).await?;
        let Some((seq, ..)) = page.last() else { break };
        last = *seq;
        for (_, account, person, body, state) in page {
            let state = state_of(&state).ok_or_else(|| StoreError::damaged(0, "a statement has no state"))?;
            rows.entry((account, person)).or_default().push((body, state));
        }
    }
    let known =
        |rows: Vec<(String, State)>| assemble(rows.iter().map(|(body, state)| (body.as_str(), *state)));
    rows.into_iter().map(|(of, rows)| Ok((of, known(rows)?))).collect()
}

/// The statements about one person after an event.
pub(crate) async fn known_at(
    conn: &mut SqliteConnection,
    (account, person): (&AccountId, &PersonId),
    seq: u64,
) -> Result<Arc<[Filed]>> {
    let mut fold = Fold::default();
    for (number, at, body) in log::events_naming(conn, account, person).await? {
        let number = crate::sqlite::unsigned(number)?;
        if number > seq {
            break;
        }
        let event = serde_json::from_str(&body)
            .map_err(|error| StoreError::damaged(number, format!("it does not read: {error}")))?;
        fold.follow(&Recorded { seq: number, at: Instant::from_micros(at), event });
    }
    let bodies: BTreeMap<i64, String> =
        evidence::bodies_of(conn, account, person).await?.into_iter().collect();
    let marks = fold.files.remove(&(account.clone(), person.clone())).unwrap_or_default();
    let body = |mark: &Mark| bodies.get(&i64::try_from(mark.seq).ok()?).map(String::as_str);
    assemble(marks.iter().filter_map(|mark| Some((body(mark)?, mark.state))))
}

/// The statements as events tell, before their bodies are read.
#[derive(Default)]
pub(crate) struct Fold {
    files: BTreeMap<(AccountId, PersonId), Vec<Mark>>,
}

struct Mark {
    id: String,
    seq: u64,
    state: State,
}

impl Fold {
    /// Adds what one more event changed.
    pub(crate) fn follow(&mut self, recorded: &Recorded) {
        match &recorded.event {
            Event::EvidenceFiled { account, person, id, .. } => {
                let file = self.files.entry((account.clone(), person.clone())).or_default();
                file.retain(|mark| mark.id != *id);
                file.push(Mark { id: id.clone(), seq: recorded.seq, state: State::Active });
            }
            Event::EvidenceSuspended { account, person, id, .. } => {
                self.set(account, person, id, State::Suspended);
            }
            Event::EvidenceResumed { account, person, id, .. } => {
                self.set(account, person, id, State::Active);
            }
            Event::EvidenceRevoked { account, person, id, .. } => {
                self.set(account, person, id, State::Revoked);
            }
            Event::ReviewSettled { account, person, id, stands, .. } => {
                let state = if *stands { State::Active } else { State::Revoked };
                self.set(account, person, id, state);
            }
            Event::PersonErased { account, person, .. } => {
                self.files.remove(&(account.clone(), person.clone()));
            }
            _ => {}
        }
    }

    fn set(&mut self, account: &AccountId, person: &PersonId, id: &str, state: State) {
        let file = self.files.get_mut(&(account.clone(), person.clone()));
        let marks = file.into_iter().flatten().filter(|mark| mark.id == id);
        marks.for_each(|mark| mark.state = state);
    }

    /// Reads the bodies; what was erased since is not known any more.
    pub(crate) async fn fill(self, conn: &mut SqliteConnection) -> Result<HashMap<AccountId, Files>> {
        let mut bodies = HashMap::new();
        let mut last = 0;
        loop {
            let page = evidence::statements_after(conn, last).await?;
            let Some(row) = page.last() else { break };
            last = crate::sqlite::unsigned(row.seq)?;
            for row in page {
                bodies.insert(crate::sqlite::unsigned(row.seq)?, row.body);
            }
        }
        let mut files: HashMap<AccountId, Files> = HashMap::new();
        for ((account, person), marks) in self.files {
            let known = marks.iter().filter_map(|mark| Some((bodies.get(&mark.seq)?.as_str(), mark.state)));
            let filed = assemble(known)?;
            if !filed.is_empty() {
                files.entry(account).or_default().insert(person, filed);
            }
        }
        Ok(files)
    }
}
