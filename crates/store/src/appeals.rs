//! Appeals, and how evidence came through cure pages.

use crate::digest::Digest;
use crate::sqlite::appeals::AppealRow;
use crate::sqlite::{self, Result, SqliteConnection, appeals as rows};
use crate::state::id;
use serde::{Deserialize, Serialize};
use terms::{AccountId, Instant, OfficerId, PersonId};

/// Appeals of one person that may wait for an answer at the same time.
pub const OPEN_APPEALS: u32 = 5;

/// How somebody came to show evidence: erasable, for what it says about a refusal and a language.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cure {
    /// When the refusal was made whose link was followed.
    pub refused: Instant,
    /// The instruments that decided it, as far as they could be named to the caller.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub directives: Vec<String>,
    /// The model that was asked for.
    pub model: String,
    /// Language of the page, as a tag (RFC 5646).
    pub lang: String,
}

/// An appeal, without its words.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Appeal {
    /// Number of the event that filed it.
    pub seq: u64,
    /// When it was filed.
    pub at: Instant,
    /// By when it is to be answered.
    pub due: Instant,
    /// The account.
    pub account: AccountId,
    /// Who appeals.
    pub person: PersonId,
    /// The model that was asked for.
    pub model: String,
    /// Language of the page.
    pub lang: String,
    /// SHA-256 of the secret of its link.
    pub link: Digest,
    /// The answer.
    pub settled: Option<Settled>,
    /// Whether what the account had on file about the person was erased since, and the words with it.
    pub erased: bool,
}

/// The answer to an appeal, without its words.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Settled {
    /// Number of the event.
    pub seq: u64,
    /// When.
    pub at: Instant,
    /// Whether the person was right.
    pub granted: bool,
    /// Who answered.
    pub by: OfficerId,
}

impl Appeal {
    /// Whether it waits for an answer.
    pub const fn is_open(&self) -> bool {
        self.settled.is_none() && !self.erased
    }

    /// Where it stands.
    pub const fn standing(&self) -> Standing {
        match &self.settled {
            _ if self.erased => Standing::Erased,
            None => Standing::Open,
            Some(Settled { granted: true, .. }) => Standing::Granted,
            Some(_) => Standing::Rejected,
        }
    }
}

/// Where an appeal stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It waits for an answer.
    Open,
    /// The person was right.
    Granted,
    /// The decision stands.
    Rejected,
    /// What was on file about the person was erased.
    Erased,
}

/// An appeal with its words.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AppealEntry {
    /// Its number.
    pub number: u64,
    /// Where it stands.
    pub state: Standing,
    /// When it was filed.
    pub at: Instant,
    /// By when it is to be answered.
    pub due: Instant,
    /// The account.
    pub account: AccountId,
    /// Who appeals.
    pub person: PersonId,
    /// The model that was asked for.
    pub model: String,
    /// Language of the page.
    pub lang: String,
    /// What is said; absent once erased.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words: Option<String>,
    /// When it was answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered: Option<Instant>,
    /// Who answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<OfficerId>,
    /// The reason; absent once erased.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
}

impl AppealEntry {
    pub(crate) fn of(row: AppealRow) -> Result<Self> {
        let (words, answer) = (row.words.clone(), row.answer.clone());
        let (number, appeal) = read(row)?;
        let state = appeal.standing();
        let Appeal { at, due, account, person, model, lang, settled, .. } = appeal;
        let (answered, by) = settled.map(|settled| (settled.at, settled.by)).unzip();
        Ok(Self { number, state, at, due, account, person, model, lang, words, answered, by, answer })
    }
}

/// The appeal of a row, and its number.
pub(crate) fn read(row: AppealRow) -> Result<(u64, Appeal)> {
    let settled = match (row.settled, row.settled_us, row.granted, row.officer) {
        (Some(seq), Some(at), Some(granted), Some(by)) => Some(Settled {
            seq: sqlite::unsigned(seq)?,
            at: Instant::from_micros(at),
            granted,
            by: id(OfficerId::parse, &by)?,
        }),
        _ => None,
    };
    let appeal = Appeal {
        seq: sqlite::unsigned(row.seq)?,
        at: Instant::from_micros(row.at_us),
        due: Instant::from_micros(row.due_us),
        account: id(AccountId::parse, &row.account)?,
        person: id(PersonId::parse, &row.person)?,
        model: row.model,
        lang: row.lang,
        link: sqlite::digest(&row.link)?,
        settled,
        erased: row.erased,
    };
    Ok((sqlite::unsigned(row.number)?, appeal))
}

/// How one statement came through a page.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct CureEntry {
    /// The account.
    pub account: AccountId,
    /// The person.
    pub person: PersonId,
    /// Which statement.
    pub id: String,
    /// When it was filed.
    pub at: Instant,
    /// The officer whose word it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<OfficerId>,
    /// The page and the refusal.
    #[serde(flatten)]
    pub cure: Cure,
}

/// Every appeal with its words, in order of number.
pub(crate) async fn all(conn: &mut SqliteConnection) -> Result<Vec<AppealEntry>> {
    let mut all: Vec<AppealEntry> = Vec::new();
    loop {
        let last = all.last().map_or(0, |appeal| appeal.number);
        let page = rows::appeals_after(conn, last).await?;
        if page.is_empty() {
            return Ok(all);
        }
        for row in page {
            all.push(AppealEntry::of(row)?);
        }
    }
}

/// How statements came through pages, in order.
pub(crate) async fn all_cures(conn: &mut SqliteConnection) -> Result<Vec<CureEntry>> {
    let (mut all, mut last) = (Vec::new(), 0);
    loop {
        let page = rows::cures_after(conn, last).await?;
        let Some((seq, _)) = page.last() else { return Ok(all) };
        last = *seq;
        all.extend(page.into_iter().map(|(_, cure)| cure));
    }
}
