//! What a trace says, as a tree that serde writes. The same inputs give the same bytes.

use super::change::Changes;
use super::step::{Step, Truth};
use crate::cure::Cure;
use crate::verdict::{Flag, Outcome};
use law::Form;
use serde::Serialize;
use terms::{
    Activity, Attested, Country, EndUse, Instant, InstrumentId, Level, MissingFact, ModelId, Question,
    SubjectKind,
};

/// Why a request got its verdict. No name and no identifier of a person or firm is in it.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Trace {
    /// The model asked for.
    pub model: Option<ModelId>,
    /// What the clock said.
    pub at: Instant,
    /// How far the clock may be wrong, microseconds.
    pub clock_uncertainty_us: i64,
    /// Digest of the regime, hexadecimal.
    pub regime: String,
    /// Whether a natural person asks.
    pub subject: SubjectKind,
    /// What was asked for.
    pub request: Asked,
    /// The answer.
    pub verdict: Ruling,
    /// Readings the operator has recorded.
    pub readings: Vec<Recorded>,
    /// Every directive that can reach the model, in force or not, in the order of the regime.
    pub directives: Vec<Directive>,
    /// What would change the answer.
    pub changes: Changes,
}

/// The request.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct Asked {
    /// From the route.
    pub activity: Activity,
    /// What for, and how well that is shown.
    pub end_use: Attested<EndUse>,
    /// From the catalogue.
    pub served_from: Country,
}

/// The verdict.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Ruling {
    /// What happens.
    pub outcome: Outcome,
    /// The directives that decide.
    pub decisive: Vec<InstrumentId>,
    /// Facts that can change the result.
    pub missing: Vec<MissingFact>,
    /// The open question and the outcome of each answer.
    pub depends_on: Option<Open>,
    /// Whether there were more possible worlds than the bound, so that a refusal is more cautious than exact.
    pub cautious: bool,
    /// Warnings.
    pub flags: Vec<Flag>,
    /// Level that facts about the person need.
    pub required_level: Level,
    /// Level that the place needs.
    pub required_location_level: Level,
    /// Until when the answer stands if nothing on file changes; absent = for good.
    pub valid_until: Option<Instant>,
    /// What helps.
    pub cure: Cure,
}

/// An open question.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Open {
    /// Which.
    pub question: Question,
    /// Its answers.
    pub options: Vec<Answered>,
}

/// One answer to a question, and where it leads.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct Answered {
    /// The answer.
    pub option: &'static str,
    /// The outcome under it.
    pub outcome: Outcome,
}

/// A recorded reading.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct Recorded {
    /// Which question.
    pub question: Question,
    /// The answer.
    pub choice: &'static str,
}

/// One directive: where it comes from, whether it binds, whom it reaches, what takes out of it.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Directive {
    /// Its id.
    pub id: InstrumentId,
    /// Its title.
    pub title: String,
    /// Legal form.
    pub form: Form,
    /// The issuing state.
    pub state: Country,
    /// The issuing office.
    pub issuer: String,
    /// What callers may be shown.
    pub public_reference: Option<String>,
    /// When it was issued.
    pub issued_at: Instant,
    /// What it cites.
    pub authority: Vec<Citation>,
    /// Whether a cited provision lists countries and not all of the scope.
    pub scope_exceeds_citation: bool,
    /// Whether it binds now.
    pub binding: Binding,
    /// Whether request and subject are in its scope.
    pub reach: Step,
    /// Whether an exception, stay or licence takes the subject out.
    pub relief: Step,
    /// Whether it holds the subject, as far as what is on file and recorded says.
    pub result: Truth,
    /// Where that is open: what every value of what is missing comes to.
    pub settled: Option<Truth>,
    /// Whether it decides the verdict.
    pub decides: bool,
    /// Facts it lacks.
    pub missing: Vec<MissingFact>,
    /// Questions it leaves open.
    pub questions: Vec<Question>,
}

/// A provision cited.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Citation {
    /// Id in the table of authorities.
    pub id: String,
    /// How it is cited; absent where the table does not have it.
    pub citation: Option<&'static str>,
    /// What it is about.
    pub title: Option<&'static str>,
}

/// Whether a directive binds at the instant of the request.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Binding {
    /// The answer in one word.
    pub state: BindingState,
    /// The same as a truth.
    pub truth: Truth,
    /// First instant it binds; the earlier of two where the local time is ambiguous.
    pub from: Instant,
    /// First instant it no longer binds, liftings included.
    pub until: Option<Instant>,
    /// The lifting that ends it.
    pub lifted_by: Option<InstrumentId>,
    /// The two instants an ambiguous local time may mean.
    pub fold: Option<[Instant; 2]>,
    /// Whether it binds only because the clock may be wrong by so much.
    pub by_uncertainty: bool,
}

/// How a directive stands at an instant.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BindingState {
    /// It binds.
    InForce,
    /// It begins later.
    NotYet,
    /// It has ended.
    Ended,
    /// It is a bill: never enforced.
    Bill,
    /// It is addressed to somebody else, and no choice to enforce it is recorded.
    AddressedElsewhere,
    /// It binds under one meaning of an ambiguous local time and not under the other.
    FoldOpen,
}
