//! What can go wrong, whose fault it is, and what to do.

use crate::keys::KeyError;
use crate::roster::RosterError;
use std::path::PathBuf;
use terms::{AccountId, InstrumentId, OfficerId, PersonId, Question};

/// An operation on the store failed; unless said otherwise nothing was recorded.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another process has the directory open.
    #[error(
        "a server is already running on {}: make the change through its control port (8452 unless configured \
         otherwise), or stop the server first", .dir.display()
    )]
    InUse {
        /// The directory.
        dir: PathBuf,
    },
    /// The file system refused.
    #[error("cannot {what} {}: {source}; check the owner, the free space and the mount", .path.display())]
    Io {
        /// What was tried, as a verb.
        what: &'static str,
        /// On which file or directory.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// SQLite refused.
    #[error("the state database failed: {0}; check the free space and the disk")]
    Database(#[from] sqlx::Error),
    /// The directory was written by a later release.
    #[error("the state has format {found}, this release reads up to {known}: run the later release")]
    Newer {
        /// Format of the file.
        found: i64,
        /// Latest format this release reads.
        known: i64,
    },
    /// The directory was written by an earlier release, and reading alone cannot bring it up to this one.
    #[error(
        "the state has format {found}, this release reads format {known}: start the server once on the directory, which \
         brings it up to date and keeps a copy"
    )]
    Older {
        /// Format of the file.
        found: i64,
        /// The format this release reads.
        known: i64,
    },
    /// What is on disk contradicts itself.
    #[error("the state is damaged at event {seq}: {what}; restore the directory from a backup")]
    Damaged {
        /// The first event that does not fit; 0 when none can be named.
        seq: u64,
        /// In which way.
        what: String,
    },
    /// The event contradicts what is on file.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The roster has an error; no row of it was loaded.
    #[error("the roster was not loaded: {0}")]
    Roster(#[from] RosterError),
    /// The pepper is missing or unfit.
    #[error(transparent)]
    Key(#[from] KeyError),
}

impl StoreError {
    pub(crate) fn damaged(seq: u64, what: impl Into<String>) -> Self {
        Self::Damaged { seq, what: what.into() }
    }

    pub(crate) fn io(what: &'static str, path: &std::path::Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { what, path, source }
    }
}

/// Why an event cannot follow what is on file. The one who asks can cure it as the message says.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The account is not on file.
    #[error("account {0} is not on file: add it first")]
    UnknownAccount(AccountId),
    /// The account is on file already.
    #[error("account {0} is on file already")]
    AccountExists(AccountId),
    /// The key is on file already.
    #[error("this key is on file already: make a new one")]
    KeyExists,
    /// The account has no such live key.
    #[error("account {0} has no such live key")]
    UnknownKey(AccountId),
    /// The account has no such statement about the person.
    #[error("account {account} has no statement {id} about {person} on file")]
    UnknownStatement {
        /// The account.
        account: AccountId,
        /// The person.
        person: PersonId,
        /// The name of the statement.
        id: String,
    },
    /// The statement was suspended or withdrawn.
    #[error("statement {0} is suspended or withdrawn: settle its review, or present other evidence")]
    StatementNotActive(String),
    /// The event names another statement than it holds.
    #[error("the event names another statement than {0}")]
    OtherStatement(String),
    /// Too many statements about one person.
    #[error("{limit} statements about {person} are on file: erase or settle some first")]
    TooManyStatements {
        /// The person.
        person: PersonId,
        /// How many may be on file.
        limit: u32,
    },
    /// The account has nothing on file about the person.
    #[error("account {0} has nothing on file about {1}")]
    UnknownPerson(AccountId, PersonId),
    /// A legal hold stands in the way.
    #[error("what account {0} has on file about {1} is under a legal hold: lift the hold first")]
    Held(AccountId, PersonId),
    /// No appeal has this number.
    #[error("account {account} has no appeal {number} of {person} that waits for an answer")]
    UnknownAppeal {
        /// The account.
        account: AccountId,
        /// The person.
        person: PersonId,
        /// The number.
        number: u64,
    },
    /// The number of an appeal, or its link, is taken.
    #[error("an appeal has this number or link already: the next number is {next}")]
    AppealExists {
        /// The number of the next appeal.
        next: u64,
    },
    /// Too many appeals of one person wait for an answer.
    #[error("{limit} appeals of {person} wait for an answer: settle one first")]
    TooManyAppeals {
        /// The person.
        person: PersonId,
        /// How many may wait.
        limit: u32,
    },
    /// The officer acts for one account and was asked to do something else.
    #[error(
        "officer {officer} acts for account {account} alone and confirms facts about its people; law, reviews, appeals and \
         other accounts are for the operator's officers"
    )]
    OfficerOfAccount {
        /// The officer.
        officer: OfficerId,
        /// The account the officer acts for.
        account: AccountId,
    },
    /// A migration is recorded by the store itself.
    #[error("a migration is recorded when a directory is opened, not by appending its event")]
    MigrationEvent,
    /// The officer is not on file.
    #[error("officer {0} is not on file: add the officer first")]
    UnknownOfficer(OfficerId),
    /// The officer is on file already.
    #[error("officer {0} is on file already; a new credential needs a new identifier")]
    OfficerExists(OfficerId),
    /// The officer has retired.
    #[error("officer {0} has retired and can no longer act")]
    OfficerRetired(OfficerId),
    /// No open version of the instrument.
    #[error("instrument {0} has no open version: draft it first")]
    UnknownInstrument(InstrumentId),
    /// No open version with this digest.
    #[error("instrument {0} has no open version with this digest: it was edited since, read it again")]
    UnknownVersion(InstrumentId),
    /// The version is on file already.
    #[error("this version of instrument {0} is on file already")]
    VersionExists(InstrumentId),
    /// The officer approved this version already.
    #[error("officer {officer} has approved this version of {instrument} already")]
    AlreadyApproved {
        /// The instrument.
        instrument: InstrumentId,
        /// The officer.
        officer: OfficerId,
    },
    /// The question has no such answer.
    #[error("`{choice}` does not answer {}: choose one of {}", .question.word(), .question.options().join(", "))]
    BadChoice {
        /// The question.
        question: Question,
        /// What was chosen.
        choice: String,
    },
    /// The facts name another person.
    #[error("the facts name another person than {0}")]
    OtherPerson(PersonId),
    /// Rosters have their own entrance.
    #[error("a roster is recorded by loading it, not by appending its event")]
    RosterEvent,
    /// A text is too long or holds control characters.
    #[error("{field} may have {limit} bytes of plain text")]
    BadText {
        /// Which member of the event.
        field: &'static str,
        /// Bytes allowed.
        limit: usize,
    },
    /// The event would not read back as it was written.
    #[error("the event holds a value that cannot be written, such as an instant outside the years 1 to 9999")]
    Unwritable,
}
