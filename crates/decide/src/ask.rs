//! The question.

use law::Regime;
use terms::{ClockReading, PersonFacts, Request};

/// Everything a verdict depends on.
#[derive(Clone, Copy)]
pub struct Ask<'a> {
    /// The law and the readings.
    pub regime: &'a Regime,
    /// Who asks.
    pub facts: &'a PersonFacts,
    /// What for.
    pub request: Request,
    /// When.
    pub clock: ClockReading,
}
