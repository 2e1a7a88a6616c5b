//! The answer.

use crate::bits::RuleSet;
use law::Regime;
use serde::Serialize;
use terms::{FactMask, Level, Question};

/// What happens to the request.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
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
    /// Every outcome.
    pub const ALL: [Self; 4] = [Self::Permit, Self::Deny, Self::VerifyFirst, Self::Depends];

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

/// The most options a question has.
const OPTIONS: usize = 3;

/// The open question that decides, and the outcome under each of its options, in their order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DependsOn {
    /// Which question.
    pub question: Question,
    outcomes: [Outcome; OPTIONS],
}

impl DependsOn {
    pub(crate) fn new(question: Question) -> Self {
        Self { question, outcomes: [Outcome::Depends; OPTIONS] }
    }

    pub(crate) fn set(&mut self, option: usize, outcome: Outcome) {
        if let Some(slot) = self.outcomes.get_mut(option) {
            *slot = outcome;
        }
    }

    /// One outcome per option of [`Question::options`].
    pub fn outcomes(&self) -> &[Outcome] {
        self.outcomes.get(..self.question.options().len()).unwrap_or(&self.outcomes)
    }
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
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
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
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Verdict {
    /// What happens.
    pub outcome: Outcome,
    /// The directives that decide, by bit of the plan of the model; none for a permit.
    pub deciding: RuleSet,
    /// Position of the model in the catalogue.
    pub model: usize,
    /// For `verify_first`: every fact that can change the result.
    pub missing: FactMask,
    /// For `depends`: the question and its options.
    pub depends_on: Option<DependsOn>,
    /// Strictest level a decisive directive demands.
    pub required_level: Level,
    /// Whether there were more possible worlds than the bound, so that the refusal is more cautious than exact.
    pub cautious: bool,
}

impl Verdict {
    /// Served, with nothing to say.
    pub(crate) fn permit(model: usize) -> Self {
        Self {
            outcome: Outcome::Permit,
            deciding: RuleSet::EMPTY,
            model,
            missing: FactMask::EMPTY,
            depends_on: None,
            required_level: Level::None,
            cautious: false,
        }
    }

    /// Positions of the directives that decide, in the regime's order. The regime must be the one that decided.
    pub fn decisive<'a>(&'a self, regime: &'a Regime) -> impl Iterator<Item = usize> + 'a {
        let positions = regime.plan(self.model).map(law::Plan::positions).unwrap_or_default();
        self.deciding
            .iter()
            .filter_map(|bit| positions.get(bit).and_then(|position| usize::try_from(*position).ok()))
    }
}
