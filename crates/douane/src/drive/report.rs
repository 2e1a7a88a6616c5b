//! The report on all streams.

use serde::{Deserialize, Serialize};

use super::{
    judge::{Effect, Fault, Judgement, judge},
    plan::Line,
    received::Received,
};
use crate::population::Truth;

/// Faults written out in full; the counts hold them all.
const PROBLEMS_SHOWN: usize = 20;

/// What the clients of a run saw. Written as the line with `"phase":"report"`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StreamsReport {
    /// `report`.
    pub phase: String,
    /// Streams of the plan.
    pub streams: usize,
    /// Those expected to be refused or to verify.
    pub streams_forbidden: usize,
    /// Forbidden streams that were not ended by the lawful event, or brought text over a second after the effect.
    pub streams_missed: usize,
    /// Streams to be served that did not come whole.
    pub streams_cut_wrongly: usize,
    /// Forbidden streams refused or cut before the effect.
    pub streams_cut_early: usize,
    /// Forbidden streams that brought text the model never sent.
    pub streams_altered: usize,
    /// Requests answered with a status other than 200.
    pub streams_refused: usize,
    /// Streams on which nothing can be said, or not everything, for a reason on the clients' side.
    pub harness_errors: usize,
    /// From the effect to the last text of a forbidden stream: median, in milliseconds.
    pub cut_p50_ms: f64,
    /// The same, 99th percentile.
    pub cut_p99_ms: f64,
    /// The same, greatest.
    pub cut_max_ms: f64,
    /// From the effect to the last byte of a forbidden stream: median, in milliseconds.
    pub end_p50_ms: f64,
    /// The same, 99th percentile.
    pub end_p99_ms: f64,
    /// The same, greatest.
    pub end_max_ms: f64,
    /// Bytes of text the served streams had to bring.
    pub served_bytes_expected: u64,
    /// Bytes of text they brought.
    pub served_bytes_received: u64,
    /// The receipts of all answers that carried one.
    pub receipts: Vec<String>,
    /// The first faults, in the order of the plan.
    pub problems: Vec<Problem>,
}

/// A fault, for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// The line of the plan.
    pub name: String,
    /// What went wrong.
    pub problem: String,
}

impl StreamsReport {
    /// Judges each stream and adds up.
    pub(super) fn of(streams: &[(Line, Received)], effect: Effect) -> Self {
        let mut report = Self { phase: "report".to_owned(), streams: streams.len(), ..Self::default() };
        let (mut cut_us, mut end_us) = (Vec::new(), Vec::new());
        for (line, received) in streams {
            let judgement = judge(line, received, effect);
            cut_us.extend(judgement.cut_us);
            end_us.extend(judgement.end_us);
            report.add(line, &judgement);
            report.receipts.extend(received.receipt.clone());
        }
        cut_us.sort_unstable();
        end_us.sort_unstable();
        [report.cut_p50_ms, report.cut_p99_ms, report.cut_max_ms] = percentiles_ms(&cut_us);
        [report.end_p50_ms, report.end_p99_ms, report.end_max_ms] = percentiles_ms(&end_us);
        report
    }

    fn add(&mut self, line: &Line, judgement: &Judgement) {
        self.streams_forbidden += usize::from(line.expect != Truth::Served);
        self.streams_refused += usize::from(judgement.refused);
        self.served_bytes_expected += judgement.bytes_expected;
        self.served_bytes_received += judgement.bytes_received;
        for (fault, reason) in &judgement.faults {
            *self.count_of(*fault) += 1;
            if self.problems.len() < PROBLEMS_SHOWN {
                self.problems.push(Problem { name: line.name.clone(), problem: reason.clone() });
            }
        }
    }

    const fn count_of(&mut self, fault: Fault) -> &mut usize {
        match fault {
            Fault::Missed => &mut self.streams_missed,
            Fault::CutEarly => &mut self.streams_cut_early,
            Fault::CutWrongly => &mut self.streams_cut_wrongly,
            Fault::Altered => &mut self.streams_altered,
            Fault::Harness => &mut self.harness_errors,
        }
    }
}

/// Median, 99th percentile and greatest by nearest rank, from sorted microseconds to milliseconds; 0 without any.
fn percentiles_ms(sorted_us: &[u64]) -> [f64; 3] {
    [50, 99, 100].map(|percent| {
        let rank = (sorted_us.len() * percent).div_ceil(100);
        let us = rank.checked_sub(1).and_then(|at| sorted_us.get(at)).copied().unwrap_or_default();
        us as f64 / 1_000.0
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drive::received::End;
    use wire::{
        code::Code,
        dialect::Dialect,
        ending::cut_event,
        lang::Lang,
        practice::{PracticeRequest, frames},
        refusal::Refusal,
    };

    const EFFECT: Effect = Effect { effect_at_us: 50_000, uncertainty_us: 0 };

    fn line(name: &str, expect: Truth) -> Line {
        let (key, model, seed) = ("k".to_owned(), "m".to_owned(), "s".to_owned());
        let dialect = Dialect::OpenAi;
        Line { name: name.to_owned(), key, dialect, model, chunks: 10, interval_ms: 10, seed, expect }
    }

    /// A stream with a frame every 10 ms that is cut in place of the frame with this number.
    fn stream(line: Line, cut_at: Option<usize>) -> (Line, Received) {
        let asked = PracticeRequest::from_body(&line.body(true)).unwrap();
        let mut sent: Vec<_> = frames(line.dialect, &asked, 0).collect();
        if let Some(at) = cut_at {
            sent.truncate(at);
            sent.push(cut_event(&Refusal::new(Code::LegalRestriction, "r"), line.dialect, Lang::En));
        }
        let mut received = Received { head: Some((200, 0)), end: End::Clean, ..Received::default() };
        received.receipt = Some(format!("receipt-{}", line.name));
        for (frame, at) in sent.iter().zip(1..) {
            received.take(frame, at * 10_000);
        }
        (line, received)
    }

    #[test]
    fn adds_up() {
        let report = StreamsReport::of(
            &[
                stream(line("kept", Truth::Served), None),
                stream(line("cut", Truth::Refused), Some(7)),
                stream(line("wrongly", Truth::Served), Some(5)),
                stream(line("early", Truth::Refused), Some(3)),
                stream(line("missed", Truth::Refused), None),
                (line("lost", Truth::Refused), Received::default()),
            ],
            EFFECT,
        );
        assert_eq!((report.streams, report.streams_forbidden), (6, 4));
        assert_eq!((report.streams_missed, report.streams_cut_wrongly), (1, 1));
        assert_eq!((report.streams_cut_early, report.harness_errors), (1, 1));
        assert_eq!((report.served_bytes_expected, report.served_bytes_received), (160, 80 + 4 * 8));
        assert_eq!((report.cut_p50_ms, report.cut_max_ms), (20.0, 60.0));
        assert_eq!((report.end_p50_ms, report.end_max_ms), (30.0, 80.0));
        assert_eq!(report.receipts.len(), 5);
        let names: Vec<_> = report.problems.iter().map(|problem| &*problem.name).collect();
        assert_eq!(names, ["wrongly", "early", "missed", "lost"]);
        let written = serde_json::to_string(&report).unwrap();
        assert_eq!(serde_json::from_str::<StreamsReport>(&written).unwrap(), report);
    }

    #[test]
    fn percentiles_are_by_nearest_rank() {
        let us: Vec<u64> = (1..=200).map(|ms| ms * 1_000).collect();
        assert_eq!(percentiles_ms(&us), [100.0, 198.0, 200.0]);
        assert_eq!(percentiles_ms(&[7_000]), [7.0, 7.0, 7.0]);
        assert_eq!(percentiles_ms(&[]), [0.0, 0.0, 0.0]);
    }
}
