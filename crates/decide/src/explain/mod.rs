//! Why a verdict is what it is: a trace a lawyer can follow.
//!
//! Built only when asked, never on the way to a decision. Each step is judged by the predicates the engine itself uses;
//! what would change the answer is found by deciding again with one thing changed. In order of use: [`explain`],
//! [`Trace`], [`Trace::text`] and [`Trace::markdown`]; JSON is what serde writes.
//!
//! ```
//! use decide::explain::{Lang, explain};
//! use decide::{Ask, Subject};
//! use law::{Book, Policy, Regime};
//! use terms::{Activity, Attested, ClockReading, Country, Instant, ModelId, PersonFacts, Request};
//!
//! let models = [ModelId::parse("fable-5").unwrap().into()];
//! let regime = Regime::compile(&Book::default(), &models, &Policy::default()).unwrap();
//! let request = Request {
//!     model: 0,
//!     activity: Activity::HostedInference,
//!     end_use: Attested::default(),
//!     served_from: Country::US,
//! };
//! let clock = ClockReading::exact(Instant::parse("2026-06-13T09:00:00-04:00").unwrap());
//! let subject = Subject::new(&regime, &PersonFacts::unknown(), clock.at);
//! let trace = explain(&Ask { regime: &regime, subject: &subject, request, clock });
//! assert!(trace.text(Lang::En).starts_with("Verdict: permit"));
//! ```

mod change;
mod evidence;
mod persons;
mod relief;
mod render;
mod step;
mod trace;
mod tracer;

#[cfg(test)]
mod tests;

pub use change::{Case, Changes, FactChange, Moment, ReadingChange, Strongest, Supposed};
pub use evidence::{Held, OnFile, Statement};
pub use render::Lang;
pub use step::{Countries, Joint, Kind, Predicate, Step, Truth};
pub use trace::{Answered, Asked, Binding, BindingState, Citation, Directive, Open, Recorded, Ruling, Trace};

use crate::ask::Ask;
use crate::cure::cure;
use crate::engine::{decide, flags, valid_until};
use crate::verdict::Verdict;
use terms::{Instant, Question};
use tracer::Tracer;

/// Explains the verdict on one request: the same verdict as [`decide`], with everything that led to it.
pub fn explain(ask: &Ask<'_>) -> Trace {
    let verdict = decide(ask);
    let choices = ask.regime.choices();
    let recorded = |question| Some(Recorded { question, choice: choices.word(question)? });
    let positions = ask.regime.rules_for(ask.request.model).enumerate();
    Trace {
        model: ask.regime.models().get(ask.request.model).cloned(),
        at: ask.clock.at,
        clock_uncertainty_us: ask.clock.uncertainty_us,
        regime: ask.regime.digest().iter().map(|byte| format!("{byte:02x}")).collect(),
        subject: ask.subject.file.kind,
        request: Asked {
            activity: ask.request.activity,
            end_use: ask.request.end_use,
            served_from: ask.request.served_from,
        },
        verdict: ruling(ask, &verdict),
        readings: Question::ALL.into_iter().filter_map(recorded).collect(),
        directives: positions
            .map(|(bit, (_, rule))| Tracer::new(ask, rule, bit).directive(&verdict.deciding))
            .collect(),
        changes: change::changes(ask, &verdict),
    }
}

fn ruling(ask: &Ask<'_>, verdict: &Verdict) -> Ruling {
    let rules = || verdict.decisive(ask.regime).filter_map(|position| ask.regime.rule(position));
    let until = valid_until(ask);
    Ruling {
        outcome: verdict.outcome,
        decisive: rules().map(|rule| rule.id.clone()).collect(),
        missing: verdict.missing.iter().collect(),
        depends_on: verdict.depends_on.as_ref().map(|depends| {
            let options = depends.question.options().iter().zip(depends.outcomes());
            let answered = options.map(|(option, outcome)| Answered { option, outcome: *outcome });
            Open { question: depends.question, options: answered.collect() }
        }),
        cautious: verdict.cautious,
        flags: flags(ask),
        required_level: verdict.required_level,
        required_location_level: rules().map(|rule| rule.min_location_evidence).max().unwrap_or_default(),
        valid_until: (until != Instant::MAX).then_some(until),
        cure: cure(ask, verdict),
    }
}
