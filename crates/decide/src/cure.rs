//! The step that would turn a refusal into a permit, if there is one.

use crate::ask::Ask;
use crate::verdict::{Outcome, Verdict};
use terms::{FactMask, Instant, Level, MissingFact, Question};

/// What helps.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Cure {
    /// Nothing is wrong.
    NotNeeded,
    /// Show these facts at this level or above; the place at its own level.
    Show {
        /// Which facts.
        facts: FactMask,
        /// Level for facts about the person.
        level: Level,
        /// Level for the place.
        location_level: Level,
    },
    /// The operator must record a reading.
    RecordReading(Question),
    /// The directives that decide end then.
    Wait(Instant),
    /// Nothing the caller can do: another model may be open.
    OtherModel,
}

/// The cure of a verdict.
pub fn cure(ask: &Ask<'_>, verdict: &Verdict) -> Cure {
    match verdict.outcome {
        Outcome::Permit => Cure::NotNeeded,
        Outcome::VerifyFirst => show(ask, verdict),
        Outcome::Depends => match verdict.depends_on {
            Some(depends) => Cure::RecordReading(depends.question),
            None => Cure::OtherModel,
        },
        Outcome::Deny => end(ask, verdict).map_or(Cure::OtherModel, Cure::Wait),
    }
}

fn show(ask: &Ask<'_>, verdict: &Verdict) -> Cure {
    let rules = verdict.decisive(ask.regime).filter_map(|position| ask.regime.rule(position));
    let location = rules.map(|rule| rule.min_location_evidence).max().unwrap_or_default();
    // What only a firm can say is shown by the firm.
    let employment_only = verdict.missing == FactMask::EMPTY.with(MissingFact::Employment);
    let level =
        if employment_only { Level::Employer.min(verdict.required_level) } else { verdict.required_level };
    Cure::Show { facts: verdict.missing, level, location_level: location }
}

/// When the last of the deciding directives ends, if all of them do.
fn end(ask: &Ask<'_>, verdict: &Verdict) -> Option<Instant> {
    let mut latest = None;
    for position in verdict.decisive(ask.regime) {
        latest = latest.max(Some(ask.regime.rule(position)?.window.until?));
    }
    latest
}
