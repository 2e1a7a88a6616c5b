//! What officers sign: one instrument, the readings it turns on, and its window.

use crate::book::sha256;
use crate::instrument::{Destinations, Form, LawFile};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use terms::{Choices, InstrumentId, OfficerId, Question, Relation};

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
