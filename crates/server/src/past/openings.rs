//! The openings of one decision, and the person they speak of.

use super::PastError;
use super::judge::{TAKE_UP_US, decided_at};
use super::report::{Conclusion, Draft};
use crate::asked::{self, Circumstances};
use ledger::commit::{CommitKind, Commitment, Opening};
use ledger::leaf::Decision;
use ledger::openings::{Found, OpeningError, OpeningsReader};
use store::{FactsVersion, Reader};
use terms::{AccountId, PersonFacts, PersonId, SubjectKind};

/// Versions of a person's facts that are looked through.
const VERSIONS: u32 = 8;
/// Events before the newest that a gateway may not have taken up yet, when statements are compared.
const BEHIND: u64 = 4;

/// What a decision's commitments open to, as far as the openings are there.
#[derive(Default)]
pub(super) struct Opened {
    subject: Option<Opening>,
    pub(super) evidence: Option<PersonFacts>,
    /// `Some(None)` in entries that did not keep them.
    pub(super) circumstances: Option<Option<Circumstances>>,
}

impl Opened {
    /// Reads the three openings and checks that each opens what the entry commits to.
    pub(super) fn read(
        draft: &mut Draft,
        openings: &OpeningsReader,
        decision: &Decision,
    ) -> Result<Self, OpeningError> {
        let mut open = |kind, commitment| one(draft, openings, decision.seq, kind, commitment);
        let subject = open(CommitKind::Subject, &decision.subject)?;
        let evidence = open(CommitKind::Evidence, &decision.evidence)?;
        let request = open(CommitKind::Request, &decision.request)?;
        let facts = evidence.as_ref().and_then(|opening| serde_json::from_slice(&opening.bytes).ok());
        let circumstances = request.as_ref().and_then(|opening| asked::read(&opening.bytes));
        for (is_there, reads, what) in [
            (evidence.is_some(), facts.is_some(), "evidence"),
            (request.is_some(), circumstances.is_some(), "request"),
        ] {
            if is_there && !reads {
                let text = format!("the opening of the {what} is in a form this release does not read");
                draft.at_best(Conclusion::CannotTell, "opening_unreadable", text);
            }
        }
        Ok(Self { subject, evidence: facts, circumstances })
    }

    /// The account, and the person where one is behind the key.
    fn who(&self) -> Option<(AccountId, Option<PersonId>)> {
        let text = std::str::from_utf8(&self.subject.as_ref()?.bytes).ok()?;
        let (account, person) = text.split_once('\n')?;
        let is_key = person.strip_prefix("key:").is_some_and(|hash| store::KeyHash::parse(hash).is_ok());
        let person = if is_key { None } else { Some(PersonId::parse(person).ok()?) };
        Some((AccountId::parse(account).ok()?, person))
    }

    /// Whether the evidence used is what the account had on file when `seq` events were recorded.
    pub(super) async fn check_facts(
        &self,
        draft: &mut Draft,
        reader: &Reader,
        decision: &Decision,
        seq: u64,
    ) -> Result<(), PastError> {
        let (Some(used), Some((account, person))) = (&self.evidence, self.who()) else { return Ok(()) };
        if self.circumstances.flatten().is_some_and(|given| given.brought) {
            draft.note(
                "facts_came_with_the_request",
                "some of the facts came with the request and are in the log's openings only",
            );
            return Ok(());
        }
        let versions = match &person {
            Some(person) => reader.facts_versions(&account, person, seq, VERSIONS).await?,
            None => Vec::new(),
        };
        if let Some(person) = &person {
            for behind in 0..BEHIND {
                let file = reader.file_known_at(&account, person, seq.saturating_sub(behind)).await?;
                if file.is_empty() {
                    break;
                }
                let roster = versions.first().map(|version| &version.facts);
                let resolved = people::file::resolve(&file, roster, decided_at(decision)).facts;
                if (PersonFacts { person_id: used.person_id.clone(), ..resolved }) == *used {
                    return Ok(());
                }
            }
        }
        let nothing = [SubjectKind::Person, SubjectKind::SharedKey, SubjectKind::Service]
            .map(|kind| PersonFacts { kind, person_id: person.clone(), ..PersonFacts::unknown() });
        let superseded = match versions.iter().position(|version| version.facts == *used) {
            Some(0) => return Ok(()),
            Some(place) => versions.get(place.saturating_sub(1)),
            None if nothing.contains(used) => versions.last(),
            None => {
                draft.differs(
                    "facts_not_on_file",
                    "the evidence used is not what was on file about the person",
                );
                return Ok(());
            }
        };
        superseded.into_iter().for_each(|version| superseded_facts(draft, decision, version));
        Ok(())
    }
}

/// Facts that a later version had replaced: a gateway takes new ones up a moment after they were recorded.
fn superseded_facts(draft: &mut Draft, decision: &Decision, by: &FactsVersion) {
    let behind_us = decided_at(decision).micros_since(by.at);
    let text =
        format!("event {} of {} had replaced the facts {behind_us} microseconds before", by.seq, by.at);
    if behind_us > TAKE_UP_US {
        draft.differs("facts_were_not_the_newest", text);
    } else {
        draft.note("facts_taken_up_later", text);
    }
}

fn one(
    draft: &mut Draft,
    openings: &OpeningsReader,
    index: u64,
    kind: CommitKind,
    commitment: &Commitment,
) -> Result<Option<Opening>, OpeningError> {
    let what = kind.as_str();
    match openings.find(index, kind) {
        Ok(Found::Opening(opening)) if opening.opens(kind, commitment) => return Ok(Some(opening)),
        Ok(Found::Opening(_)) => {
            draft.differs(
                "opening_altered",
                format!("the opening of the {what} is not what the entry commits to"),
            );
        }
        Err(OpeningError::Damaged { .. }) => {
            draft.differs("opening_altered", format!("the opening of the {what} was damaged or altered"));
        }
        Ok(Found::Erased) => {
            let text = format!("the opening of the {what} was erased");
            draft.at_best(Conclusion::DigestsOnly, "opening_erased", text);
        }
        Ok(Found::NeverKept) => {
            let text = format!("no opening of the {what} was kept");
            draft.at_best(Conclusion::DigestsOnly, "opening_not_kept", text);
        }
        Err(error) => return Err(error),
    }
    Ok(None)
}
