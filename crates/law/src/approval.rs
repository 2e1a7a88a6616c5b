//! What officers sign: one instrument, the readings it turns on, and its window.

use crate::book::sha256;
use crate::instrument::{Destinations, Form, LawFile};
use std::collections::BTreeSet;
use terms::{Choices, InstrumentId, OfficerId, Question, Relation};

impl LawFile {
    /// The ids of its instruments, in order of kind.
    pub fn ids(&self) -> Vec<InstrumentId> {
        let directives = self.directive.iter().map(|i| &i.id);
        let exceptions = self.exception.iter().map(|i| &i.id);
        let liftings = self.lifting.iter().map(|i| &i.id);
        let licences = self.licence.iter().map(|i| &i.id);
        directives.chain(exceptions).chain(liftings).chain(licences).cloned().collect()
    }

    /// One file for each instrument, in order of kind; readings and models are left out.
    pub fn split(&self) -> Vec<Self> {
        let one = || Self { schema: self.schema, ..Self::default() };
        let directives = self.directive.iter().map(|i| Self { directive: vec![i.clone()], ..one() });
        let exceptions = self.exception.iter().map(|i| Self { exception: vec![i.clone()], ..one() });
        let liftings = self.lifting.iter().map(|i| Self { lifting: vec![i.clone()], ..one() });
        let licences = self.licence.iter().map(|i| Self { licence: vec![i.clone()], ..one() });
        directives.chain(exceptions).chain(liftings).chain(licences).collect()
    }

    /// The questions its instruments can raise, in order.
    pub fn questions(&self) -> Vec<Question> {
        let mut raised = BTreeSet::new();
        if self.directive.iter().any(|directive| directive.destinations == Destinations::Unspecified) {
            raised.insert(Question::DestinationLimb);
        }
        let employees = |relations: &Vec<Relation>| {
            relations.contains(&Relation::Employee) && !relations.contains(&Relation::Contractor)
        };
        let excepted =
            self.exception.iter().filter_map(|exception| exception.when.relation.as_ref()).any(employees);
        if excepted || self.licence.iter().any(|licence| licence.holder_employees) {
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

    /// The digest that an approval covers: the instruments with their windows, and the recorded choice of each
    /// question they raise. Any edit and any other reading gives another digest, so it voids the approvals.
    pub fn approval_digest(&self, choices: Choices) -> [u8; 32] {
        let readings: Vec<(&str, Option<&str>)> =
            self.questions().into_iter().map(|question| (question.word(), choices.word(question))).collect();
        sha256("douane/approval/v1", &(self, readings))
    }
}

/// The text an officer signs.
pub fn approval_text(id: &InstrumentId, digest: &[u8; 32]) -> String {
    format!("douane approval v1\ninstrument {id}\ndigest {}\n", hex::encode(digest))
}

/// The text an officer on file signs to introduce another.
pub fn introduction_text(officer: &OfficerId, public_key: &str) -> String {
    format!("douane officer v1\nofficer {officer}\nkey {public_key}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = include_str!("../../../examples/june-2026/letter-1.toml");

    #[test]
    fn an_edit_or_another_reading_voids_an_approval() {
        let file = crate::lint::read(TEXT).unwrap();
        let mut choices = Choices::default();
        let before = file.approval_digest(choices);
        assert_eq!(file.questions(), [Question::DestinationLimb]);
        assert!(choices.record(Question::DestinationLimb, "person_only"));
        let read = file.approval_digest(choices);
        assert_ne!(before, read);
        assert!(choices.record(Question::EmployeeMeans, "payroll_only"));
        assert_eq!(read, file.approval_digest(choices), "a reading that does not matter changes nothing");
        let mut edited = file.clone();
        edited.directive[0].effective_until = Some(terms::Instant::MAX);
        assert_ne!(read, edited.approval_digest(choices));
    }
}
