//! The casebook: scenarios a lawyer can read, run as tests.
//!
//! Two forms of the same thing: [`book`] reads Markdown files with the law, the people and the expected verdicts in
//! TOML blocks; [`access`] reads the decision cases in JSON Lines. Both end in a [`Case`], which [`run`] decides with the
//! real engine and compares.

pub mod access;
pub mod agreement;
pub mod book;
pub mod render;

use decide::{Ask, Flag, Outcome, StreamAction, Subject, decide};
use law::{Book, ListedModel, Policy, Regime};
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
    /// Models with what they can do, where that matters.
    pub catalogue: Vec<ListedModel>,
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
#[derive(Clone, Debug, Default, PartialEq, Eq)]
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
    /// What happens to the stream; nothing, where the case does not say.
    pub stream_action: Option<String>,
    /// Whether the engine met its bound on possible worlds and was more cautious than exact; never compared.
    pub cautious: bool,
}

/// Decides a case with the real engine.
pub fn run(case: &Case) -> anyhow::Result<Answer> {
    let regime = compile(case)?;
    let model =
        regime.model(case.model.as_str()).ok_or_else(|| anyhow::anyhow!("model is not in the catalogue"))?;
    let subject = Subject::new(&regime, &case.facts, case.clock.at);
    let ask = Ask {
        regime: &regime,
        subject: &subject,
        request: Request { model, ..case.request },
        clock: case.clock,
    };
    let verdict = decide(&ask);
    let quick = decide::outcome(&ask).0;
    anyhow::ensure!(
        quick == verdict.outcome,
        "the quick answer is {quick:?}, the whole one {:?}",
        verdict.outcome
    );
    let id = |position: usize| regime.rule(position).map(|rule| rule.id.to_string());
    let action = case.started_at.and_then(|started| verdict.stream_action(&regime, case.clock, started));
    Ok(Answer {
        outcome: verdict.outcome.word().to_owned(),
        missing: verdict.missing.iter().map(|fact| fact.word().to_owned()).collect(),
        depends_on: verdict.depends_on.as_ref().map(|depends| options(depends.question, depends.outcomes())),
        decisive: Some(verdict.decisive(&regime).filter_map(id).collect()),
        flags: decide::flags(&ask).into_iter().map(|flag: Flag| flag.word().to_owned()).collect(),
        stream_action: action.map(|action| match action {
            StreamAction::Cut => "cut".to_owned(),
            StreamAction::Suspend => "suspend".to_owned(),
        }),
        cautious: verdict.cautious,
    })
}

fn compile(case: &Case) -> anyhow::Result<Regime> {
    let named = case.book.directives.iter().flat_map(|directive| &directive.models);
    let named: BTreeSet<ModelId> = named.filter_map(|name| ModelId::parse(name).ok()).collect();
    let mut models = case.catalogue.clone();
    for id in named.into_iter().chain([case.model.clone()]) {
        if !models.iter().any(|model| model.id == id) {
            models.push(id.into());
        }
    }
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
    differ("stream_action", format!("{:?}", expected.stream_action), format!("{:?}", got.stream_action));
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
            lines.push(format!("options: with {question} = {option} expected {outcome}, got {got}"));
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
}

impl Summary {
    /// Runs one case and files the result.
    pub fn add(&mut self, case: &Case) {
        self.file(&case.id, failures(case));
    }

    /// Runs everything in a chapter: scenarios, statements that must fail, law files that must be refused.
    pub fn add_chapter(&mut self, chapter: &book::Chapter) {
        for piece in &chapter.pieces {
            match piece {
                book::Piece::Scenario(scenario) => self.file(&scenario.case.id, statement(scenario)),
                book::Piece::BadLaw(bad) => {
                    let lines = unlike("errors", &bad.expected, &bad.codes());
                    self.file(&bad.text.heading, lines);
                }
                book::Piece::Law(law) if !law.warns.is_empty() || !law.silent.is_empty() => {
                    let absent = law.warns.difference(&law.codes).map(|code| format!("no warning {code}"));
                    let stray = law.silent.intersection(&law.codes).map(|code| format!("a warning {code}"));
                    self.file(&format!("law of `{}`", chapter.title), absent.chain(stray).collect());
                }
                _ => {}
            }
        }
    }

    fn file(&mut self, name: &str, lines: Vec<String>) {
        if lines.is_empty() {
            self.passed.push(name.to_owned());
        } else {
            self.failed.push((name.to_owned(), lines));
        }
    }
}

/// In which lines a case does not come out as it says.
pub fn failures(case: &Case) -> Vec<String> {
    let lines = run(case).and_then(|got| {
        let mut lines = differences(&case.expected, &got);
        lines.extend(options_hold(case)?);
        Ok(lines)
    });
    lines.unwrap_or_else(|error| vec![format!("{error:#}")])
}

/// A statement fails in exactly the lines it names; a right one names none.
fn statement(scenario: &book::Scenario) -> Vec<String> {
    let lines = failures(&scenario.case);
    if scenario.wrong.is_empty() {
        return lines;
    }
    let named = |line: &String| line.split([':', ' ']).next().unwrap_or_default().to_owned();
    unlike("wrong in", &scenario.wrong, &lines.iter().map(named).collect())
}

fn unlike(what: &str, expected: &BTreeSet<String>, got: &BTreeSet<String>) -> Vec<String> {
    let line = format!("{what}: expected {expected:?}, got {got:?}");
    if expected == got { Vec::new() } else { vec![line] }
}
