//! The question.

use crate::subject::Subject;
use law::{Plan, Regime, Rule};
use terms::{ClockReading, Request};

/// Everything a verdict depends on.
#[derive(Clone, Copy)]
pub struct Ask<'a> {
    /// The law and the readings.
    pub regime: &'a Regime,
    /// Who asks; made ready for this regime.
    pub subject: &'a Subject,
    /// What for.
    pub request: Request,
    /// When.
    pub clock: ClockReading,
}

impl<'a> Ask<'a> {
    pub(crate) fn plan(&self) -> Option<&'a Plan> {
        self.regime.plan(self.request.model)
    }

    /// The directive with this bit in the plan of the model asked for.
    pub(crate) fn rule(&self, bit: usize) -> Option<&'a Rule> {
        let position = *self.plan()?.positions().get(bit)?;
        self.regime.rule(usize::try_from(position).ok()?)
    }
}
