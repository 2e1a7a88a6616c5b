//! The answer.

use terms::{FactMask, Level, Question};

/// What happens to the request.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Outcome {
    /// Served.
    Permit,
    /// Refused for certain.
    Deny,
    /// Refused until a named fact is shown.
    VerifyFirst,
    /// Refused until a legal reading is recorded.
    Depends,
}

impl Outcome {
    /// The word used in files, on the wire and in the record.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Permit => "permit",
            Self::Deny => "deny",
            Self::VerifyFirst => "verify_first",
            Self::Depends => "depends",
        }
    }
}

/// The open question that decides, and the outcome under each of its options, in their order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DependsOn {
    /// Which question.
    pub question: Question,
    /// One outcome per option of [`Question::options`].
    pub options: Vec<Outcome>,
}

/// What to do with a stream that began before a deciding directive's window.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum StreamAction {
    /// End it.
    Cut,
    /// Stop sending until the fact or reading is there.
    Suspend,
}

/// A warning that goes with a verdict.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Flag {
    /// A cited provision lists countries and not the whole scope.
    AuthorityScopeExceedsCitation,
    /// A bill would apply.
    AuthorityNotEnacted,
    /// A directive that applies is issued and takes effect later.
    DirectiveUpcoming,
}

impl Flag {
    /// The word used in files and in the record.
    pub const fn word(self) -> &'static str {
        match self {
            Self::AuthorityScopeExceedsCitation => "authority_scope_exceeds_citation",
            Self::AuthorityNotEnacted => "authority_not_enacted",
            Self::DirectiveUpcoming => "directive_upcoming",
        }
    }
}

/// A verdict with its reasons.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Verdict {
    /// What happens.
    pub outcome: Outcome,
    /// Positions of the directives that decide, in the regime's order; none for a permit.
    pub decisive: Vec<usize>,
    /// For `verify_first`: every fact that can change the result.
    pub missing: FactMask,
    /// For `depends`: the question and its options.
    pub depends_on: Option<DependsOn>,
    /// Strictest level a decisive directive demands.
    pub required_level: Level,
}

impl Verdict {
    /// Served, with nothing to say.
    pub(crate) const PERMIT: Self = Self {
        outcome: Outcome::Permit,
        decisive: Vec::new(),
        missing: FactMask::EMPTY,
        depends_on: None,
        required_level: Level::None,
    };
}
