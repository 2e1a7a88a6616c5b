//! The casebook: scenarios a lawyer can read, run as tests.
//!
//! Two forms of the same thing: [`book`] reads Markdown files with the law, the people and the expected verdicts in
//! TOML blocks; [`access`] reads the decision cases in JSON Lines. Both end in a [`Case`], which [`run`] decides with the
//! real engine and compares.

pub mod access;
pub mod book;

use decide::{Ask, Flag, Outcome, StreamAction, decide};
use law::{Book, Policy, Regime};
use std::collections::BTreeSet;
use terms::{ClockReading, Instant, ModelId, PersonFacts, Question, Request};

/// One scenario.
#[derive(Clone, Debug)]
pub struct Case {
    /// Its name.
    pub id: String,
    /// The law.
    pub book: Book,
    /// The operator's thresholds and readings.
    pub policy: Policy,
    /// The model asked for.
    pub model: ModelId,
    /// Who asks.
    pub facts: PersonFacts,
    /// What for; the position of the model is filled in by [`run`].
    pub request: Request,
    /// When.
    pub clock: ClockReading,
    /// When the stream began, for a stream.
    pub started_at: Option<Instant>,
    /// What must come out.
    pub expected: Answer,
}

/// What is compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// `permit`, `deny`, `verify_first` or `depends`.
    pub outcome: String,
    /// Missing facts, exactly.
    pub missing: BTreeSet<String>,
    /// The question and the outcome of each option.
    pub depends_on: Option<(String, Vec<(String, String)>)>,
    /// Deciding directives; `None` = not compared.
    pub decisive: Option<BTreeSet<String>>,
    /// Flags that must be present.
    pub flags: BTreeSet<String>,
    /// What happens to the stream; compared only where the case says so.
    pub stream_action: Option<String>,
}

/// Decides a case with the real engine.
pub fn run(case: &Case) -> anyhow::Result<Answer> {
    let regime = compile(case)?;
    let model =
        regime.model(case.model.as_str()).ok_or_else(|| anyhow::anyhow!("model is not in the catalogue"))?;
    let ask = Ask {
        regime: &regime,
        facts: &case.facts,
        request: Request { model, ..case.request },
        clock: case.clock,
    };
    let verdict = decide(&ask);
    let id = |position: &usize| regime.rule(*position).map(|rule| rule.id.to_string());
    let action = case.started_at.and_then(|started| verdict.stream_action(&regime, started));
    Ok(Answer {
        outcome: verdict.outcome.word().to_owned(),
        missing: verdict.missing.iter().map(|fact| fact.word().to_owned()).collect(),
        depends_on: verdict.depends_on.as_ref().map(|depends| options(depends.question, &depends.options)),
        decisive: Some(verdict.decisive.iter().filter_map(id).collect()),
        flags: decide::flags(&ask).into_iter().map(|flag: Flag| flag.word().to_owned()).collect(),
        stream_action: action.map(|action| match action {
            StreamAction::Cut => "cut".to_owned(),
            StreamAction::Suspend => "suspend".to_owned(),
        }),
    })
}

fn compile(case: &Case) -> anyhow::Result<Regime> {
    let named = case.book.directives.iter().flat_map(|directive| &directive.models);
    let mut models: Vec<ModelId> = named.filter_map(|name| ModelId::parse(name).ok()).collect();
    models.push(case.model.clone());
    models.sort();
    models.dedup();
    Ok(Regime::compile(&case.book, &models, &case.policy)?)
}

fn options(question: Question, outcomes: &[Outcome]) -> (String, Vec<(String, String)>) {
    let pairs = question.options().iter().zip(outcomes);
    (
        question.word().to_owned(),
        pairs.map(|(option, outcome)| (option.to_string(), outcome.word().to_owned())).collect(),
    )
}

/// Compares an answer with what was expected; each difference is one line.
pub fn differences(expected: &Answer, got: &Answer) -> Vec<String> {
    let mut lines = Vec::new();
    let mut differ = |what: &str, expected: String, got: String| {
        if expected != got {
            lines.push(format!("{what}: expected {expected}, got {got}"));
        }
    };
    differ("outcome", expected.outcome.clone(), got.outcome.clone());
    differ("missing_facts", format!("{:?}", expected.missing), format!("{:?}", got.missing));
    let sorted = |depends: &Option<(String, Vec<(String, String)>)>| {
        depends.clone().map(|(question, options)| (question, options.into_iter().collect::<BTreeSet<_>>()))
    };
    differ(
        "depends_on",
        format!("{:?}", sorted(&expected.depends_on)),
        format!("{:?}", sorted(&got.depends_on)),
    );
    if expected.decisive.is_some() {
        differ("decisive", format!("{:?}", expected.decisive), format!("{:?}", got.decisive));
    }
    if !expected.flags.is_subset(&got.flags) {
        differ("flags", format!("{:?}", expected.flags), format!("{:?}", got.flags));
    }
    if expected.stream_action.is_some() {
        differ("stream_action", format!("{:?}", expected.stream_action), format!("{:?}", got.stream_action));
    }
    lines
}

/// Where a case depends on a reading, the outcome of each option must come out once the reading is recorded.
pub fn options_hold(case: &Case) -> anyhow::Result<Vec<String>> {
    let Some((question, options)) = &case.expected.depends_on else { return Ok(Vec::new()) };
    let mut lines = Vec::new();
    for (option, outcome) in options {
        let mut chosen = case.clone();
        let known =
            Question::parse(question).ok_or_else(|| anyhow::anyhow!("unknown question {question}"))?;
        anyhow::ensure!(chosen.policy.choices.record(known, option), "unknown option {option}");
        let got = run(&chosen)?.outcome;
        if got != *outcome {
            lines.push(format!("with {question} = {option}: expected {outcome}, got {got}"));
        }
    }
    Ok(lines)
}

/// What became of a set of cases.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// Names of cases that came out as expected.
    pub passed: Vec<String>,
    /// Names with their differences.
    pub failed: Vec<(String, Vec<String>)>,
    /// Names with what they need that the engine does not decide yet.
    pub pending: Vec<(String, String)>,
}

impl Summary {
    /// Runs one case and files the result.
    pub fn add(&mut self, case: &Case) {
        let result = run(case).and_then(|got| {
            let mut lines = differences(&case.expected, &got);
            lines.extend(options_hold(case)?);
            Ok(lines)
        });
        match result {
            Ok(lines) if lines.is_empty() => self.passed.push(case.id.clone()),
            Ok(lines) => self.failed.push((case.id.clone(), lines)),
            Err(error) => self.failed.push((case.id.clone(), vec![format!("{error:#}")])),
        }
    }
}
