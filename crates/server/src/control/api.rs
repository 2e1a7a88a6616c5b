//! The forms that go over the control port.

use law::CallBackOnFile;
use serde::{Deserialize, Serialize};
use terms::{AccountId, Instant, InstrumentId, ModelId, OfficerId, PersonId, Question, SubjectKind};

/// Where the server stands.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StatusView {
    /// Version of the program.
    pub version: String,
    /// What the clock says.
    pub now: Instant,
    /// Whether it is a practice clock: then nothing decided counts.
    pub practice: bool,
    /// Number of the snapshot in force.
    pub snapshot: u64,
    /// Digest of the regime, hexadecimal.
    pub regime: String,
    /// When the next window opens or closes.
    pub next_change: Option<Instant>,
    /// Open streams.
    pub open_streams: usize,
    /// Active keys.
    pub keys: usize,
    /// Durable entries of the log.
    pub log_size: u64,
    /// The log's verifier key.
    pub log_key: String,
    /// Why the log takes no entries, if it does not.
    pub log_closed: Option<String>,
    /// Requests for unrestricted models served while the log was closed.
    pub unrecorded: u64,
    /// Requests refused because a rule of the operator's own could not be evaluated.
    pub bylaw_errors: u64,
}

/// What shall be erased, and why.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Erasure {
    /// The account.
    pub account: AccountId,
    /// The person.
    pub person: PersonId,
    /// Why.
    pub why: String,
}

/// A legal hold to set or to lift.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hold {
    /// The account.
    pub account: AccountId,
    /// The person.
    pub person: PersonId,
    /// Whether it is held from now on.
    pub held: bool,
    /// Why.
    pub why: String,
}

/// How a review ends.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settlement {
    /// The account.
    pub account: AccountId,
    /// The person.
    pub person: PersonId,
    /// Which statement.
    pub id: String,
    /// Whether it stands; else it is withdrawn for good.
    pub stands: bool,
    /// Officer who looked.
    pub by: OfficerId,
    /// Why.
    pub why: String,
}

/// An officer.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfficerView {
    /// Name.
    pub officer: OfficerId,
    /// Verifier key of a signed note.
    pub public_key: String,
    /// Whether the officer can act no more.
    #[serde(default)]
    pub retired: bool,
    /// The account the officer acts for; absent for the operator's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountId>,
}

/// An account's officer to remove.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Removal {
    /// Who.
    pub officer: OfficerId,
    /// Whether what rests on the officer's word is withdrawn.
    #[serde(default)]
    pub for_cause: bool,
    /// Why; kept where it is for cause.
    #[serde(default)]
    pub why: String,
}

/// An officer was removed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Removed {
    /// Who.
    pub officer: OfficerId,
    /// Statements that were withdrawn with it.
    pub withdrawn: usize,
}

/// The answer to an appeal.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AppealAnswer {
    /// Which appeal.
    pub number: u64,
    /// Whether the person was right.
    pub granted: bool,
    /// Officer who answers.
    pub by: OfficerId,
    /// The reason, as the person reads it.
    pub why: String,
}

/// An officer to put on file.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewOfficer {
    /// Name.
    pub officer: OfficerId,
    /// Verifier key of a signed note.
    pub public_key: String,
    /// Who introduces; needed once there are as many officers as an activation needs, and for an account once it has one.
    #[serde(default)]
    pub introduced_by: Option<Approval>,
    /// The account the officer is to act for, and for nothing else; absent for the operator's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountId>,
}

/// A draft to put on file.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Draft {
    /// The law file.
    pub toml: String,
    /// The author, when an officer.
    pub officer: Option<OfficerId>,
}

/// What became of a draft.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Drafted {
    /// The instruments on file now.
    pub instruments: Vec<InstrumentId>,
    /// Warnings and notes of the check.
    pub warnings: Vec<String>,
}

/// One instrument.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct InstrumentView {
    /// Its id.
    pub id: InstrumentId,
    /// Directive, exception, lifting or licence.
    pub kind: String,
    /// Its title.
    pub title: String,
    /// `drafted`, `active`, `superseded` or `withdrawn`.
    pub status: String,
    /// Snapshot it went into.
    pub snapshot: Option<u64>,
    /// First instant it has effect.
    pub from: Option<Instant>,
    /// First instant it no longer has effect, liftings included.
    pub until: Option<Instant>,
    /// Its text, on file.
    pub toml: String,
    /// What an approval covers, hexadecimal.
    pub approval_digest: String,
    /// Officers whose approval stands.
    pub approved_by: Vec<OfficerId>,
    /// The call-back on file that confirmed it, where it is a letter.
    pub call_back: Option<CallBackOnFile>,
    /// Readings it turns on, as recorded.
    pub readings: Vec<ReadingView>,
    /// What still blocks activation.
    pub blockers: Vec<String>,
}

/// A reading, as recorded or still open.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ReadingView {
    /// Which question.
    pub question: Question,
    /// In words.
    pub in_words: String,
    /// The options.
    pub options: Vec<String>,
    /// The recorded choice.
    pub choice: Option<String>,
    /// Who chose.
    pub by: Option<OfficerId>,
    /// Why.
    pub why: Option<String>,
}

/// A choice to record.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// Which question.
    pub question: Question,
    /// Which option.
    pub choice: String,
    /// Who chose.
    pub by: OfficerId,
    /// Why.
    pub why: String,
}

/// An approval or introduction: a signed note over [`law::approval_text`], [`law::introduction_text`]
/// or [`law::account_introduction_text`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Approval {
    /// Who signed.
    pub officer: OfficerId,
    /// The note.
    pub note: String,
}

/// An instrument was put in force.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Activated {
    /// Which.
    pub id: InstrumentId,
    /// Number of the snapshot.
    pub snapshot: u64,
    /// When it was activated.
    pub at: Instant,
    /// First instant it has effect.
    pub from: Option<Instant>,
}

/// A roster was loaded.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Loaded {
    /// Rows.
    pub people: u64,
    /// Rows that changed something.
    pub written: u64,
}

/// A key to issue.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewKey {
    /// Whose evidence applies.
    pub account: AccountId,
    /// The person behind it.
    pub person: Option<PersonId>,
    /// Who stands behind it.
    #[serde(default)]
    pub kind: SubjectKind,
    /// What the operator calls it.
    #[serde(default)]
    pub label: String,
}

/// A key, shown once.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct IssuedKey {
    /// The person behind it.
    pub person: Option<PersonId>,
    /// The key itself; only its hash is kept.
    pub key: String,
}

/// A key to withdraw.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyText {
    /// The account it belongs to.
    pub account: AccountId,
    /// The key itself.
    pub key: String,
}

/// An account.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountRef {
    /// Which.
    pub account: AccountId,
}

/// A verdict to explain, from what is on file about a person or the subject of a key; one of the two is named.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExplainRequest {
    /// Whose evidence applies.
    pub account: AccountId,
    /// The person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<PersonId>,
    /// The key itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The model asked for.
    pub model: ModelId,
    /// When; absent = now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Instant>,
    /// Language of a text.
    #[serde(default)]
    pub lang: decide::explain::Lang,
}

/// What the practice clock is to show.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClockSetting {
    /// Which instant.
    pub at: Instant,
}

/// An error, as problem details (RFC 9457).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Problem {
    /// In short.
    pub title: String,
    /// HTTP status.
    pub status: u16,
    /// What happened and what to do.
    pub detail: String,
    /// Further points, such as everything that blocks an activation.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub points: Vec<String>,
}
