//! Whether one stream went as it had to, from what its client received.

use serde::Deserialize;
use wire::{code::Code, practice::Terminal};

use super::{
    plan::Line,
    received::{End, Received, Seen},
};
use crate::population::Truth;

/// Text later than this after the effect means that the stream was missed, in microseconds.
const LATE_US: u64 = 1_000_000;

/// When the directive took effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Effect {
    /// Microseconds since 1970-01-01T00:00:00Z.
    pub(super) effect_at_us: i64,
    /// How far the gateway's clock may be wrong: a directive lawfully binds so much earlier. Microseconds.
    #[serde(default)]
    pub(super) uncertainty_us: i64,
}

impl Effect {
    /// How long after the effect, in microseconds; 0 before it.
    fn after(self, at_us: i64) -> u64 {
        u64::try_from(at_us.saturating_sub(self.effect_at_us)).unwrap_or_default()
    }

    const fn is_before(self, at_us: i64) -> bool {
        at_us < self.effect_at_us.saturating_sub(self.uncertainty_us)
    }
}

/// What is counted against a run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Fault {
    /// A forbidden stream was not ended by the lawful event, or went on for too long.
    Missed,
    /// A forbidden stream was refused or ended before the effect.
    CutEarly,
    /// A served stream did not come whole.
    CutWrongly,
    /// A forbidden stream brought text that the model never sent.
    Altered,
    /// Nothing can be said, for a reason on this side.
    Harness,
}

/// The judgement on one stream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Judgement {
    /// Each with its reason, for people.
    pub(super) faults: Vec<(Fault, String)>,
    /// Whether the answer was a refusal instead of a stream.
    pub(super) refused: bool,
    /// From the effect to the last text of a forbidden stream, microseconds.
    pub(super) cut_us: Option<u64>,
    /// From the effect to the last byte of a forbidden stream, microseconds.
    pub(super) end_us: Option<u64>,
    /// Bytes of text a served stream had to bring.
    pub(super) bytes_expected: u64,
    /// Bytes of text it brought.
    pub(super) bytes_received: u64,
}

impl Judgement {
    fn fault(&mut self, fault: Fault, reason: impl Into<String>) {
        self.faults.push((fault, reason.into()));
    }
}

/// Judges one stream.
pub(super) fn judge(line: &Line, received: &Received, effect: Effect) -> Judgement {
    let mut judgement = Judgement::default();
    if line.expect == Truth::Served {
        judgement.bytes_expected = byte_count(&line.text());
    }
    if let End::Harness(reason) = &received.end {
        judgement.fault(Fault::Harness, reason);
    }
    let Some((status, head_us)) = received.head else {
        if judgement.faults.is_empty() {
            judgement.fault(Fault::Harness, "there was no answer");
        }
        return judgement;
    };
    judgement.refused = status != 200;
    match (line.expect, status) {
        (Truth::Served, 200) => served(&mut judgement, line, received),
        (Truth::Served, _) => judgement.fault(Fault::CutWrongly, format!("answered with status {status}")),
        (_, 200) => forbidden(&mut judgement, line, received, effect),
        // Nothing was sent, so nothing was missed; but before the effect nothing forbade it.
        (_, _) if effect.is_before(head_us) => {
            judgement.fault(Fault::CutEarly, format!("refused with status {status} before the effect"));
        }
        (_, 401 | 403 | 451) => {}
        (_, _) => judgement.fault(Fault::Missed, format!("answered with status {status}, no lawful refusal")),
    }
    judgement
}

fn served(judgement: &mut Judgement, line: &Line, received: &Received) {
    let (seen, expected) = (Seen::of(line.dialect, received), line.text());
    judgement.bytes_received = byte_count(&seen.text);
    let reason = match (&seen.terminal, &received.end) {
        (Terminal::CutWithError { code, .. }, _) => format!("cut with `{code}`"),
        (Terminal::Broken, end) => format!("ended without an end mark: {}", in_words(end)),
        (Terminal::Completed, _) if seen.text != expected => "its text is not the known text".to_owned(),
        (Terminal::Completed, _) if seen.goes_on_after_end => "it goes on behind its end mark".to_owned(),
        (Terminal::Completed, End::Clean) => return,
        (Terminal::Completed, end) => format!("its end mark came, its end did not: {}", in_words(end)),
    };
    judgement.fault(Fault::CutWrongly, reason);
}

fn forbidden(judgement: &mut Judgement, line: &Line, received: &Received, effect: Effect) {
    let seen = Seen::of(line.dialect, received);
    judgement.cut_us = seen.last_content_us.map(|at_us| effect.after(at_us));
    judgement.end_us = received.last_byte_us().map(|at_us| effect.after(at_us));
    if !line.text().starts_with(&seen.text) {
        judgement.fault(Fault::Altered, "its text is not the known text");
    }
    if let Some(reason) = why_missed(line, received, &seen, effect) {
        judgement.fault(Fault::Missed, reason);
    }
    let is_cut = matches!(seen.terminal, Terminal::CutWithError { .. });
    if is_cut && seen.ended_us.is_some_and(|at_us| effect.is_before(at_us)) {
        judgement.fault(Fault::CutEarly, "cut before the effect");
    }
}

fn why_missed(line: &Line, received: &Received, seen: &Seen, effect: Effect) -> Option<String> {
    match &seen.terminal {
        Terminal::Completed if seen.ended_us.is_some_and(|at_us| effect.is_before(at_us)) => {
            return Some("it was complete before the effect: plan a longer stream".to_owned());
        }
        Terminal::Completed => return Some("it ran to its end mark".to_owned()),
        Terminal::Broken => return Some(format!("ended without the cut event: {}", in_words(&received.end))),
        Terminal::CutWithError { code, .. } if !is_lawful(line.expect, code) => {
            return Some(format!("cut with `{code}`, which is not the code for it"));
        }
        Terminal::CutWithError { .. } => {}
    }
    if seen.goes_on_after_end {
        return Some("it goes on behind the cut event".to_owned());
    }
    if received.end != End::Clean {
        return Some(format!("the cut event came, the end did not: {}", in_words(&received.end)));
    }
    let late_us = seen.last_content_us.map(|at_us| effect.after(at_us)).unwrap_or_default();
    (late_us > LATE_US).then(|| format!("text came {} ms after the effect", late_us / 1_000))
}

/// Whether a cut with this code says what has to be said.
fn is_lawful(expect: Truth, code: &str) -> bool {
    let lawful: &[Code] = match expect {
        Truth::Served => &[],
        Truth::Refused => &[Code::LegalRestriction],
        Truth::MustVerify => &[Code::VerificationRequired, Code::VerificationPending],
    };
    lawful.iter().any(|lawful| lawful.as_str() == code)
}

fn in_words(end: &End) -> &str {
    match end {
        End::Open => "the answer is not over",
        End::Clean => "the connection closed in order",
        End::Torn(reason) | End::Harness(reason) => reason,
    }
}

fn byte_count(text: &str) -> u64 {
    u64::try_from(text.len()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
