//! What officers sign: one instrument, the readings it turns on, and its window.

use crate::book::{Book, sha256};
use crate::instrument::{Class, Condition, Destinations, Directive, Form, LawFile, NationalityRule, Start};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use terms::{AccountId, Choices, InstrumentId, OfficerId, Question, Relation};

/// The call-back that confirmed a letter, as an officer recorded it beside the instrument.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallBackOnFile {
    /// How: telephone, in person.
    pub channel: String,
    /// With which office.
    pub with: String,
    /// Who called back.
    pub by: OfficerId,
}

impl LawFile {
    /// The ids of its instruments, in order of kind.
    pub fn ids(&self) -> Vec<InstrumentId> {
        let mut book = Book::default();
        book.add(self);
        book.changes().into_iter().map(|change| change.id).collect()
    }

    /// One file for each instrument, in order of kind; readings and models are left out.
    pub fn split(&self) -> Vec<Self> {
        let one = || Self { schema: self.schema, ..Self::default() };
        let directives = self.directive.iter().map(|i| Self { directive: vec![i.clone()], ..one() });
        let exceptions = self.exception.iter().map(|i| Self { exception: vec![i.clone()], ..one() });
        let liftings = self.lifting.iter().map(|i| Self { lifting: vec![i.clone()], ..one() });
        let licences = self.licence.iter().map(|i| Self { licence: vec![i.clone()], ..one() });
        let stays = self.stay.iter().map(|i| Self { stay: vec![i.clone()], ..one() });
        let duties = self.service_duty.iter().map(|i| Self { service_duty: vec![i.clone()], ..one() });
        let adoptions = self.adoption.iter().map(|i| Self { adoption: vec![i.clone()], ..one() });
        let reliefs = directives.chain(exceptions).chain(liftings).chain(licences);
        reliefs.chain(stays).chain(duties).chain(adoptions).collect()
    }

    /// The questions its instruments can raise, in order.
    pub fn questions(&self) -> Vec<Question> {
        let mut raised: BTreeSet<Question> = self.directive.iter().flat_map(questions_of).collect();
        let employees = |when: &Condition| {
            when.relation.as_ref().is_some_and(|relations| {
                relations.contains(&Relation::Employee) && !relations.contains(&Relation::Contractor)
            })
        };
        let conditions = self.exception.iter().map(|e| &e.when).chain(self.stay.iter().map(|s| &s.when));
        if conditions.into_iter().any(employees) || self.licence.iter().any(|l| l.holder_employees) {
            raised.insert(Question::EmployeeMeans);
        }
        raised.into_iter().collect()
    }

    /// Whether it holds a letter or an oral notice that nobody has confirmed by a call-back.
    pub fn is_unconfirmed_letter(&self) -> bool {
        self.directive.iter().any(|directive| {
            matches!(directive.form, Form::IsInformedLetter | Form::Oral)
                && directive.source.call_back.is_none()
        })
    }

    /// The digest that an approval covers: the instruments with their windows, the recorded choice of each question
    /// they raise and, for a letter, the call-back on file that confirmed it. Any edit, another reading and another
    /// call-back give another digest, so they void the approvals.
    pub fn approval_digest(&self, choices: Choices, call_back: Option<&CallBackOnFile>) -> [u8; 32] {
        let readings: Vec<(&str, Option<&str>)> =
            self.questions().into_iter().map(|question| (question.word(), choices.word(question))).collect();
        let call_back = call_back.filter(|_| self.is_unconfirmed_letter());
        sha256("douane/approval/v1", &(self, readings, call_back))
    }
}

/// Questions a directive can raise by itself.
pub(crate) fn questions_of(directive: &Directive) -> impl Iterator<Item = Question> {
    let persons = &directive.persons;
    let rule = persons.rule.unwrap_or_default();
    let nationality = persons.class.looks_at_nationality();
    let recent = nationality && matches!(rule, NationalityRule::MostRecent | NationalityRule::Unspecified);
    let raised = [
        (directive.destinations == Destinations::Unspecified, Question::DestinationLimb),
        (persons.class == Class::ForeignNationalUndefined, Question::ForeignNationalMeans),
        (directive.hosted_inference.is_some(), Question::HostedInferenceIsExport),
        (nationality && rule == NationalityRule::Unspecified, Question::NationalityRule),
        (nationality, Question::CitizenshipDate),
        (recent, Question::StatelessCountry),
        (persons.hong_kong.is_some(), Question::HongKongIsCn),
        (directive.remote_access, Question::RemoteLocationUnit),
        (matches!(directive.effective_from, Start::Fold(_)), Question::LocalTimeFold),
    ];
    raised.into_iter().filter_map(|(raised, question)| raised.then_some(question))
}

/// The text an officer signs.
pub fn approval_text(id: &InstrumentId, digest: &[u8; 32]) -> String {
    format!("douane approval v1\ninstrument {id}\ndigest {}\n", hex::encode(digest))
}

/// The text an officer on file signs to introduce another.
pub fn introduction_text(officer: &OfficerId, public_key: &str) -> String {
    format!("douane officer v1\nofficer {officer}\nkey {public_key}\n")
}

/// The text whose signature introduces an officer who acts for one account alone.
pub fn account_introduction_text(officer: &OfficerId, public_key: &str, account: &AccountId) -> String {
    format!("douane account officer v1\nofficer {officer}\nkey {public_key}\naccount {account}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = include_str!("../../../examples/june-2026/letter-1.toml");

    #[test]
    fn an_edit_or_another_reading_voids_an_approval() {
        let file = crate::lint::read(TEXT).unwrap();
        let mut choices = Choices::default();
        let before = file.approval_digest(choices, None);
        assert_eq!(file.questions(), [Question::DestinationLimb]);
        assert!(choices.record(Question::DestinationLimb, "person_only"));
        let read = file.approval_digest(choices, None);
        assert_ne!(before, read);
        assert!(choices.record(Question::EmployeeMeans, "payroll_only"));
        assert_eq!(
            read,
            file.approval_digest(choices, None),
            "a reading that does not matter changes nothing"
        );
        let mut edited = file.clone();
        edited.directive[0].effective_until = Some(terms::Instant::MAX);
        assert_ne!(read, edited.approval_digest(choices, None));
    }

    #[test]
    fn the_call_back_of_a_letter_is_part_of_what_is_signed() {
        let mut file = crate::lint::read(TEXT).unwrap();
        let call_back = |with: &str| CallBackOnFile {
            channel: "telephone".to_owned(),
            with: with.to_owned(),
            by: OfficerId::parse("one").unwrap(),
        };
        let signed = |file: &LawFile, with| file.approval_digest(Choices::default(), Some(&call_back(with)));
        assert_eq!(signed(&file, "a"), signed(&file, "b"), "the file itself records its call-back");
        file.directive[0].source.call_back = None;
        assert_ne!(signed(&file, "a"), signed(&file, "b"));
        assert_ne!(signed(&file, "a"), file.approval_digest(Choices::default(), None));
    }
}
