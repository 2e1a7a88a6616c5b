//! What happened, as it is recorded.

use crate::appeals::Cure;
use crate::digest::{Digest, KeyHash};
use crate::error::Refusal;
use people::file::Filed;
use serde::{Deserialize, Serialize};
use terms::{
    AccountId, Instant, InstrumentId, OfficerId, PersonFacts, PersonId, Question, SubjectKind, limits,
};

/// Bytes of a short text in an event: names, labels, reasons, signatures.
pub const TEXT_BYTES: usize = 4 << 10;

/// Bytes of the words of an appeal and of its answer: 2,000 characters fit, whatever they are.
pub const WORDS_BYTES: usize = 8_000;

/// An event with its place in the log.
#[derive(Clone, PartialEq, Debug)]
pub struct Recorded {
    /// Its number; the first event is 1 and none is left out.
    pub seq: u64,
    /// When it was recorded.
    pub at: Instant,
    /// What happened.
    pub event: Event,
}

/// Where a roster came from.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RosterSource {
    /// Name of the file, without its folder.
    pub file: String,
    /// SHA-256 of its bytes.
    pub sha256: Digest,
}

/// A part of an event that can be erased. The chain covers a commitment to it alone; what it commits to is kept beside
/// the log and can be deleted.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Erasable<T> {
    /// As it is handed in to be recorded. It cannot be written into an event.
    #[serde(skip)]
    Open(T),
    /// As recorded: SHA-256 over a random salt, the person and the JSON form, each with its length.
    Sealed(Digest),
}

impl<T> From<T> for Erasable<T> {
    fn from(open: T) -> Self {
        Self::Open(open)
    }
}

/// Something that changed the state. Its JSON form, members in the order below, is what the chain covers.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case", deny_unknown_fields)]
pub enum Event {
    /// A customer was added.
    AccountAdded {
        /// The account.
        account: AccountId,
        /// The firm's or agency's name.
        display_name: String,
    },
    /// A credential was issued.
    KeyAdded {
        /// What is kept of the key.
        key_hash: KeyHash,
        /// Whose evidence applies to it.
        account: AccountId,
        /// The natural person behind it, when it is one.
        person: Option<PersonId>,
        /// Who stands behind it.
        kind: SubjectKind,
        /// What the operator calls it.
        label: String,
    },
    /// A credential was withdrawn for good.
    KeyRevoked {
        /// The account it belongs to.
        account: AccountId,
        /// The key.
        key_hash: KeyHash,
    },
    /// A roster was loaded; its rows are kept beside the log.
    PeopleLoaded {
        /// The account that supplied it.
        account: AccountId,
        /// Which file.
        source: RosterSource,
        /// Rows in the file.
        people: u64,
        /// Rows that were new or differed from what was on file.
        written: u64,
        /// SHA-256 over the rows written, in order of person.
        rows: Digest,
    },
    /// One person's facts were set; they replace what the account had on file for that person.
    PersonFactsSet {
        /// The account that supplied them.
        account: AccountId,
        /// The person.
        person: PersonId,
        /// All that is known.
        facts: Erasable<PersonFacts>,
    },
    /// A verified statement about a person was put on file. Filed again, it takes the place of itself, unless it was
    /// suspended or revoked.
    EvidenceFiled {
        /// The account that supplied it.
        account: AccountId,
        /// The person.
        person: PersonId,
        /// [`Filed::id`].
        id: String,
        /// The statement.
        filed: Erasable<Box<Filed>>,
    },
    /// A statement is contested and not used until that is settled.
    EvidenceSuspended {
        /// The account that supplied it.
        account: AccountId,
        /// The person.
        person: PersonId,
        /// Which statement.
        id: String,
        /// Why.
        why: String,
    },
    /// A suspension that rested on the issuer's status list has ended: the statement is used again.
    EvidenceResumed {
        /// The account that supplied it.
        account: AccountId,
        /// The person.
        person: PersonId,
        /// Which statement.
        id: String,
        /// Why.
        why: String,
    },
    /// A statement was withdrawn for good.
    EvidenceRevoked {
        /// The account that supplied it.
        account: AccountId,
        /// The person.
        person: PersonId,
        /// Which statement.
        id: String,
        /// Why.
        why: String,
    },
    /// An officer settled a review: the statement stands, or it is withdrawn for good.
    ReviewSettled {
        /// The account that supplied it.
        account: AccountId,
        /// The person.
        person: PersonId,
        /// Which statement.
        id: String,
        /// Whether it is used from now on.
        stands: bool,
        /// Who settled it.
        by: OfficerId,
        /// Why.
        why: String,
    },
    /// What is on file about a person was put under a legal hold, or freed from it. Nothing under a hold is erased.
    HoldSet {
        /// The account.
        account: AccountId,
        /// The person.
        person: PersonId,
        /// Whether it is held from now on.
        held: bool,
        /// Why.
        why: String,
    },
    /// All facts and statements about a person were erased, also from the events that brought them. What stays are the
    /// person's identifier, the times, and commitments that nobody can open any more.
    PersonErased {
        /// The account.
        account: AccountId,
        /// The person.
        person: PersonId,
        /// Why.
        why: String,
    },
    /// How evidence came through a cure page: written beside the [`Self::EvidenceFiled`] of the same statement.
    ShownOnPage {
        /// The account.
        account: AccountId,
        /// The person.
        person: PersonId,
        /// Which statement.
        id: String,
        /// The officer whose word it is, where an officer signed.
        by: Option<OfficerId>,
        /// The page and the refusal that led there.
        cure: Erasable<Box<Cure>>,
    },
    /// A caller contested what is on file, or a refusal.
    AppealFiled {
        /// The account.
        account: AccountId,
        /// Who appeals.
        person: PersonId,
        /// Its number; the first is 1 and none is left out.
        number: u64,
        /// The model that was asked for.
        model: String,
        /// Language of the page, as a tag (RFC 5646).
        lang: String,
        /// SHA-256 of the secret of the link that it was filed on; on that link the answer is read.
        link: Digest,
        /// By when it is to be answered.
        due: Instant,
        /// What is said.
        words: Erasable<String>,
    },
    /// An officer answered an appeal.
    AppealSettled {
        /// The account.
        account: AccountId,
        /// Who appealed.
        person: PersonId,
        /// Which appeal.
        number: u64,
        /// Whether the person was right.
        granted: bool,
        /// Who answered.
        by: OfficerId,
        /// The reason, as the person reads it.
        answer: Erasable<String>,
    },
    /// An officer of an employer was added, who confirms facts about the people of one account and does nothing else.
    AccountOfficerAdded {
        /// The officer.
        officer: OfficerId,
        /// The key that verifies what the officer signs.
        public_key: String,
        /// Who introduced; `None` for the account's first, whom the operator named.
        added_by: Option<OfficerId>,
        /// The account.
        account: AccountId,
    },
    /// An officer was removed for cause. What rests on that officer's word is withdrawn by events of its own.
    OfficerDismissed {
        /// The officer.
        officer: OfficerId,
        /// Why.
        why: String,
    },
    /// A directory of an older format was written anew: events that held facts in the open hold commitments since.
    StateMigrated {
        /// The format it had.
        from: u32,
        /// Where the former chain ended.
        head: Digest,
    },
    /// An officer was added.
    OfficerAdded {
        /// The officer.
        officer: OfficerId,
        /// The key that verifies approvals, hexadecimal or base64.
        public_key: String,
        /// Who added; `None` for the officers named when the directory was set up.
        added_by: Option<OfficerId>,
    },
    /// An officer can no longer act.
    OfficerRetired {
        /// The officer.
        officer: OfficerId,
    },
    /// A version of an instrument was written down.
    InstrumentDrafted {
        /// The instrument.
        id: InstrumentId,
        /// Directive, exception, licence, court order and so on.
        kind: String,
        /// Its text.
        toml: String,
        /// Digest of the compiled instrument: what officers sign.
        digest: Digest,
        /// The author, when an officer.
        drafted_by: Option<OfficerId>,
    },
    /// An instrument no longer applies, in any version.
    InstrumentWithdrawn {
        /// The instrument.
        id: InstrumentId,
    },
    /// An open legal question was answered.
    ReadingRecorded {
        /// The question.
        question: Question,
        /// One of its options.
        choice: String,
        /// Who chose.
        by: OfficerId,
        /// Why.
        why: String,
    },
    /// An officer signed a version.
    Approved {
        /// The instrument.
        instrument: InstrumentId,
        /// The version signed.
        digest: Digest,
        /// Who signed.
        officer: OfficerId,
        /// The signature, hexadecimal.
        signature: String,
    },
    /// A version went into a snapshot.
    Activated {
        /// The instrument.
        instrument: InstrumentId,
        /// The version.
        digest: Digest,
        /// Number of the snapshot.
        snapshot: u64,
    },
    /// The issuer of a letter confirmed it on another channel.
    LetterConfirmed {
        /// The instrument made from the letter.
        instrument: InstrumentId,
        /// How: telephone, in person and so on.
        channel: String,
        /// With which office.
        with: String,
        /// Who called back.
        by: OfficerId,
    },
    /// The practice clock was set. The caller sees to it that this happens in practice mode only.
    ClockSet {
        /// To which instant.
        at: Instant,
    },
}

impl Event {
    /// Puts a statement on file.
    pub fn filed(account: AccountId, person: PersonId, filed: Filed) -> Self {
        Self::EvidenceFiled { account, person, id: filed.id.clone(), filed: Box::new(filed).into() }
    }

    /// The word for what happened.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::AccountAdded { .. } => "account_added",
            Self::KeyAdded { .. } => "key_added",
            Self::KeyRevoked { .. } => "key_revoked",
            Self::PeopleLoaded { .. } => "people_loaded",
            Self::PersonFactsSet { .. } => "person_facts_set",
            Self::EvidenceFiled { .. } => "evidence_filed",
            Self::EvidenceSuspended { .. } => "evidence_suspended",
            Self::EvidenceResumed { .. } => "evidence_resumed",
            Self::EvidenceRevoked { .. } => "evidence_revoked",
            Self::ReviewSettled { .. } => "review_settled",
            Self::HoldSet { .. } => "hold_set",
            Self::PersonErased { .. } => "person_erased",
            Self::ShownOnPage { .. } => "shown_on_page",
            Self::AppealFiled { .. } => "appeal_filed",
            Self::AppealSettled { .. } => "appeal_settled",
            Self::AccountOfficerAdded { .. } => "account_officer_added",
            Self::OfficerDismissed { .. } => "officer_dismissed",
            Self::StateMigrated { .. } => "state_migrated",
            Self::OfficerAdded { .. } => "officer_added",
            Self::OfficerRetired { .. } => "officer_retired",
            Self::InstrumentDrafted { .. } => "instrument_drafted",
            Self::InstrumentWithdrawn { .. } => "instrument_withdrawn",
            Self::ReadingRecorded { .. } => "reading_recorded",
            Self::Approved { .. } => "approved",
            Self::Activated { .. } => "activated",
            Self::LetterConfirmed { .. } => "letter_confirmed",
            Self::ClockSet { .. } => "clock_set",
        }
    }

    /// The canonical JSON body, once it is certain that it reads back as the same event.
    pub(crate) fn body(&self) -> Result<String, Refusal> {
        self.check_texts()?;
        let body = serde_json::to_string(self).map_err(|_| Refusal::Unwritable)?;
        match serde_json::from_str::<Self>(&body) {
            Ok(read) if read == *self => Ok(body),
            _ => Err(Refusal::Unwritable),
        }
    }

    fn check_texts(&self) -> Result<(), Refusal> {
        match self {
            Self::AccountAdded { display_name, .. } => short("display_name", display_name),
            Self::KeyAdded { label, .. } => short("label", label),
            Self::PeopleLoaded { source, .. } => short("file", &source.file),
            Self::OfficerAdded { public_key, .. } | Self::AccountOfficerAdded { public_key, .. } => {
                short("public_key", public_key)
            }
            Self::ShownOnPage { id, .. } => short("id", id),
            Self::AppealFiled { model, lang, .. } => short("model", model).and(short("lang", lang)),
            Self::OfficerDismissed { why, .. } => short("why", why),
            Self::InstrumentDrafted { kind, toml, .. } => {
                short("kind", kind)?;
                within("toml", toml, limits::LAW_FILE_BYTES)
            }
            Self::EvidenceFiled { id, .. } => short("id", id),
            Self::EvidenceSuspended { id, why, .. }
            | Self::EvidenceResumed { id, why, .. }
            | Self::EvidenceRevoked { id, why, .. }
            | Self::ReviewSettled { id, why, .. } => short("id", id).and(short("why", why)),
            Self::HoldSet { why, .. } | Self::PersonErased { why, .. } => short("why", why),
            Self::ReadingRecorded { choice, why, .. } => short("choice", choice).and(short("why", why)),
            Self::Approved { signature, .. } => short("signature", signature),
            Self::LetterConfirmed { channel, with, .. } => short("channel", channel).and(short("with", with)),
            _ => Ok(()),
        }
    }
}

fn short(field: &'static str, text: &str) -> Result<(), Refusal> {
    plain(field, text, TEXT_BYTES)
}

/// Refuses a text that is too long or holds control characters other than the end of a line.
pub(crate) fn plain(field: &'static str, text: &str, limit: usize) -> Result<(), Refusal> {
    if text.chars().any(|c| c.is_control() && c != '\n') {
        return Err(Refusal::BadText { field, limit });
    }
    within(field, text, limit)
}

fn within(field: &'static str, text: &str, limit: usize) -> Result<(), Refusal> {
    if text.len() <= limit { Ok(()) } else { Err(Refusal::BadText { field, limit }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_are_tagged_and_read_back() {
        let account = AccountId::parse("acme").unwrap();
        let event = Event::KeyAdded {
            key_hash: KeyHash::from_bytes([7; 32]),
            account,
            person: None,
            kind: SubjectKind::SharedKey,
            label: "ci".into(),
        };
        let body = event.body().unwrap();
        assert!(body.starts_with(r#"{"event":"key_added","key_hash":"0707"#), "{body}");
        assert_eq!(serde_json::from_str::<Event>(&body).unwrap(), event);
        assert!(body.contains(&format!("\"{}\"", event.word())));
    }

    #[test]
    fn what_would_not_read_back_is_refused() {
        assert_eq!(Event::ClockSet { at: Instant::MIN }.body(), Err(Refusal::Unwritable));
        assert!(Event::ClockSet { at: Instant::from_micros(0) }.body().is_ok());
    }

    #[test]
    fn texts_are_bounded_and_plain() {
        let account = AccountId::parse("acme").unwrap();
        for display_name in ["a".repeat(TEXT_BYTES + 1), "a\u{1b}[2J".into()] {
            let event = Event::AccountAdded { account: account.clone(), display_name };
            assert_eq!(event.body(), Err(Refusal::BadText { field: "display_name", limit: TEXT_BYTES }));
        }
    }
}
