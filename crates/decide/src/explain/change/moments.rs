//! Later moments: windows open and close, evidence lapses.

use super::Moment;
use crate::ask::Ask;
use crate::engine::{outcome, valid_until};
use crate::verdict::Verdict;
use terms::{ClockReading, Instant};

/// Changes that are listed at most.
const MOMENTS: usize = 16;
/// Edges that are looked at at most.
const EDGES: usize = 1024;

/// Moments from which the answer is another than just before, in order.
pub(super) fn changes(ask: &Ask<'_>, verdict: &Verdict) -> Vec<Moment> {
    let mut moments = Vec::new();
    let (mut at, mut before) = (*ask, verdict.outcome);
    for _ in 0..EDGES {
        let next = valid_until(&at);
        if next == Instant::MAX || next <= at.clock.at || moments.len() == MOMENTS {
            break;
        }
        at.clock = ClockReading { at: next, ..at.clock };
        let now = outcome(&at).0;
        if now != before {
            moments.push(Moment { from: next, outcome: now });
            before = now;
        }
    }
    moments
}
