//! Three-valued logic (Kleene) that remembers what it lacks.

use terms::{FactMask, MissingFact, Question};

/// What stands between an unknown and an answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Need {
    pub(crate) facts: FactMask,
    questions: u16,
}

impl Need {
    pub(crate) fn union(self, other: Self) -> Self {
        Self { facts: self.facts.union(other.facts), questions: self.questions | other.questions }
    }

    pub(crate) fn questions(self) -> impl Iterator<Item = Question> {
        Question::ALL.into_iter().filter(move |question| self.questions & bit(*question) != 0)
    }
}

fn bit(question: Question) -> u16 {
    1u16.checked_shl(question as u32).unwrap_or(0)
}

/// True, false, or unknown for want of something.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Tri {
    No,
    Yes,
    Unknown(Need),
}

impl Tri {
    pub(crate) fn lacks(fact: MissingFact) -> Self {
        Self::Unknown(Need { facts: FactMask::EMPTY.with(fact), questions: 0 })
    }

    pub(crate) fn asks(question: Question) -> Self {
        Self::Unknown(Need { facts: FactMask::EMPTY, questions: bit(question) })
    }

    pub(crate) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::No, _) | (_, Self::No) => Self::No,
            (Self::Yes, known) | (known, Self::Yes) => known,
            (Self::Unknown(a), Self::Unknown(b)) => Self::Unknown(a.union(b)),
        }
    }

    pub(crate) fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Yes, _) | (_, Self::Yes) => Self::Yes,
            (Self::No, known) | (known, Self::No) => known,
            (Self::Unknown(a), Self::Unknown(b)) => Self::Unknown(a.union(b)),
        }
    }

    /// As [`Tri::and`]; the second is looked at only where it matters.
    pub(crate) fn and_then(self, other: impl FnOnce() -> Self) -> Self {
        if self == Self::No { self } else { self.and(other()) }
    }

    /// As [`Tri::or`]; the second is looked at only where it matters.
    pub(crate) fn or_else(self, other: impl FnOnce() -> Self) -> Self {
        if self == Self::Yes { self } else { self.or(other()) }
    }

    pub(crate) fn not(self) -> Self {
        match self {
            Self::No => Self::Yes,
            Self::Yes => Self::No,
            unknown @ Self::Unknown(_) => unknown,
        }
    }

    /// Unknown for want of whatever either lacks; for two answers of which one or the other will hold.
    pub(crate) fn join(self, other: Self) -> Self {
        Self::Unknown(self.need().union(other.need()))
    }

    /// What it lacks.
    pub(crate) fn need(self) -> Need {
        match self {
            Self::Unknown(need) => need,
            Self::No | Self::Yes => Need::default(),
        }
    }
}

impl From<bool> for Tri {
    fn from(value: bool) -> Self {
        if value { Self::Yes } else { Self::No }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn truth_tables_are_kleenes() {
        let unknown = Tri::lacks(MissingFact::Location);
        assert_eq!(Tri::No.and(unknown), Tri::No);
        assert_eq!(Tri::Yes.and(unknown), unknown);
        assert_eq!(Tri::Yes.or(unknown), Tri::Yes);
        assert_eq!(Tri::No.or(unknown), unknown);
        assert_eq!(unknown.not(), unknown);
        assert_eq!(Tri::No.and_then(|| Tri::Yes), Tri::No);
        assert_eq!(Tri::Yes.or_else(|| Tri::No), Tri::Yes);
        for both in [
            unknown.and(Tri::asks(Question::DestinationLimb)),
            unknown.join(Tri::asks(Question::DestinationLimb)),
        ] {
            let need = both.need();
            assert!(need.facts.contains(MissingFact::Location));
            assert_eq!(need.questions().collect::<Vec<_>>(), [Question::DestinationLimb]);
        }
    }
}
