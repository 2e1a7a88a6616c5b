//! From the table of worlds to the answer.

use super::case::{Case, Clock, applies, is_law, starts};
use super::world::{Axis, Table, explore};
use crate::scenario::{Attested, DependsOn, Directive, Employer, Holding, Scenario, Start};
use std::collections::{BTreeMap, BTreeSet};
use terms::{Instant, Level, MissingFact, Question, SubjectKind};

/// What the reference answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// `permit`, `deny`, `verify_first` or `depends`.
    pub outcome: String,
    /// For `verify_first`: every fact that can change the result.
    pub missing_facts: BTreeSet<MissingFact>,
    /// For `depends`: the first question that changes the outcome.
    pub depends_on: Option<DependsOn>,
    /// Directives that decide.
    pub decisive: BTreeSet<String>,
    /// `directive_upcoming` and `authority_not_enacted`.
    pub flags: BTreeSet<String>,
    /// `cut` or `suspend`, for a stream that began before the window of a deciding directive.
    pub stream_action: Option<String>,
}

/// Decides one scenario by looking at every possible world.
pub fn decide(scenario: &Scenario) -> Answer {
    let case = Case::new(scenario);
    let every: Vec<usize> = (0..case.rules.len()).collect();
    let held_somewhere = held_somewhere(scenario, every.len());
    let tables: Vec<Table> = every.iter().map(|rule| table(&case, &[*rule])).collect();
    let certain = |rule: &usize| tables[*rule].refused.iter().all(|refused| *refused);
    let possible =
        |rule: &usize| held_somewhere[*rule] && tables[*rule].refused.iter().any(|refused| *refused);
    let (inside, rest): (Vec<usize>, Vec<usize>) = every.iter().partition(|rule| certain(rule));
    let undecided: Vec<usize> = rest.into_iter().filter(possible).collect();
    let verdict = if !inside.is_empty() {
        Verdict::settled("deny")
    } else {
        match undecided.as_slice() {
            [] => Verdict::settled("permit"),
            [one] => Verdict::of(&case, &tables[*one]),
            several => Verdict::of(&case, &table(&case, several)),
        }
    };
    let deciding = if inside.is_empty() { undecided } else { inside };
    let deciding: Vec<&Directive> = match verdict.outcome {
        "permit" => Vec::new(),
        _ => deciding.into_iter().map(|rule| case.rules[rule].directive).collect(),
    };
    Answer {
        stream_action: stream_action(scenario, verdict.outcome, &deciding),
        outcome: verdict.outcome.to_owned(),
        missing_facts: verdict.missing_facts,
        depends_on: verdict.depends_on,
        decisive: deciding.into_iter().map(|directive| directive.id.clone()).collect(),
        flags: flags(scenario),
    }
}

/// Whether each directive holds the subject in some world where unproven statements count for nothing. The same
/// statement can be for the person under one limb and against under another; a directive that holds in no world,
/// whatever the truth is, must not hold because something was said.
fn held_somewhere(scenario: &Scenario, rules: usize) -> Vec<bool> {
    let silenced = silenced(scenario);
    // A residence that is not shown stays one although what is said of it is not heard.
    let mut case = Case::new(&silenced);
    case.residences_are_shown = Case::new(scenario).residences_are_shown;
    (0..rules).map(|rule| table(&case, &[rule]).refused.contains(&true)).collect()
}

/// The scenario without statements about place, citizenships and employer that are below the level required.
fn silenced(scenario: &Scenario) -> Scenario {
    let mut silenced = scenario.clone();
    let needed = scenario.operator.min_evidence;
    let person = scenario.subject.kind == SubjectKind::Person;
    let subject = &mut silenced.subject;
    subject.location =
        subject.location.filter(|place| !person || place.evidence >= scenario.operator.min_location_evidence);
    // What lies ahead says nothing about now.
    let kept = |held: &Holding| held.evidence >= needed || held.from.is_some_and(|from| from.0 > scenario.at);
    subject.citizenships.retain(kept);
    subject.permanent_residences.retain(kept);
    let shown = |said: &Attested<bool>| said.evidence >= needed && said.evidence != Level::Ip;
    let all_shown = subject.citizenships.len() == scenario.subject.citizenships.len()
        && subject.permanent_residences.len() == scenario.subject.permanent_residences.len();
    subject.citizenships_complete = subject.citizenships_complete.filter(|said| shown(said) && all_shown);
    subject.citizenships_current = subject.citizenships_current.filter(|said| shown(said) && all_shown);
    subject.stateless = subject.stateless.filter(|said| shown(said) && all_shown);
    let unproven = |firm: &Employer| firm.evidence < needed.min(Level::Employer);
    if subject.employer.as_ref().is_some_and(unproven) {
        subject.conflicting_facts.push(MissingFact::Employment);
    }
    silenced
}

/// In which worlds one of these directives holds the subject.
fn table(case: &Case<'_>, rules: &[usize]) -> Table {
    explore(|axis| case.count(axis), |world| rules.iter().any(|rule| case.holds(&case.rules[*rule], world)))
}

/// The outcome with what is missing for it.
struct Verdict {
    outcome: &'static str,
    missing_facts: BTreeSet<MissingFact>,
    depends_on: Option<DependsOn>,
}

impl Verdict {
    fn settled(outcome: &'static str) -> Self {
        Self { outcome, missing_facts: BTreeSet::new(), depends_on: None }
    }

    fn of(case: &Case<'_>, table: &Table) -> Self {
        let readings = Readings::of(table);
        let outcome = readings.outcome(|_| true);
        let mut verdict = Self::settled(outcome);
        match outcome {
            "depends" => verdict.depends_on = readings.first_question(),
            "verify_first" => {
                verdict.missing_facts = table.sensitive().filter_map(|axis| case.fact(axis)).collect();
            }
            _ => {}
        }
        verdict
    }
}

/// The outcome under every combination of answers to the open questions.
struct Readings {
    questions: Vec<Question>,
    outcomes: Vec<(Vec<usize>, &'static str)>,
}

impl Readings {
    fn of(table: &Table) -> Self {
        let is_question = |axis| if let Axis::Reading(question) = axis { Some(question) } else { None };
        let open: Vec<_> = table.dimensions.iter().filter(|dim| is_question(dim.axis).is_some()).collect();
        // Questions vary slowest: the worlds of one combination lie together.
        let worlds = open.last().map_or(table.refused.len(), |dimension| dimension.stride);
        let chunks = table.refused.chunks(worlds).enumerate();
        let outcomes = chunks.map(|(number, chunk)| {
            let answers = open.iter().map(|dim| number * worlds / dim.stride % dim.count).collect();
            (answers, outcome(chunk))
        });
        let outcomes = outcomes.collect();
        Self { questions: open.iter().filter_map(|dim| is_question(dim.axis)).collect(), outcomes }
    }

    /// The outcome when only these combinations are left.
    fn outcome(&self, left: impl Fn(&[usize]) -> bool) -> &'static str {
        let mut outcomes =
            self.outcomes.iter().filter(|(answers, _)| left(answers)).map(|(_, outcome)| *outcome);
        let first = outcomes.next().unwrap_or("permit");
        if outcomes.all(|outcome| outcome == first) { first } else { "depends" }
    }

    /// The first question whose answer changes the outcome for some answers to the others.
    fn first_question(&self) -> Option<DependsOn> {
        let (place, question) = self.questions.iter().enumerate().find(|(place, _)| self.matters(*place))?;
        let options = question.options().iter().enumerate().map(|(option, word)| {
            ((*word).to_owned(), self.outcome(|answers| answers[place] == option).to_owned())
        });
        Some(DependsOn { question: *question, options: options.collect() })
    }

    fn matters(&self, place: usize) -> bool {
        let mut by_others: BTreeMap<Vec<usize>, &str> = BTreeMap::new();
        self.outcomes.iter().any(|(answers, outcome)| {
            let mut others = answers.clone();
            others.remove(place);
            by_others.insert(others, outcome).is_some_and(|earlier| earlier != *outcome)
        })
    }
}

/// The outcome of worlds that differ in facts only.
fn outcome(refused: &[bool]) -> &'static str {
    match (refused.contains(&true), refused.contains(&false)) {
        (true, true) => "verify_first",
        (true, false) => "deny",
        _ => "permit",
    }
}

fn flags(scenario: &Scenario) -> BTreeSet<String> {
    let clock = Clock::of(scenario);
    let applicable = scenario.directives.iter().filter(|directive| applies(scenario, directive));
    let warnings = applicable.filter_map(|directive| {
        if !is_law(directive) {
            return Some("authority_not_enacted");
        }
        let issued = clock.latest >= directive.issued_at;
        (issued && possible_starts(scenario, directive).iter().any(|from| *from > clock.latest))
            .then_some("directive_upcoming")
    });
    warnings.map(str::to_owned).collect()
}

/// The instants the directive may start at, after the operator's choice.
fn possible_starts(scenario: &Scenario, directive: &Directive) -> Vec<Instant> {
    let chosen = scenario.operator.choices.get(&Question::LocalTimeFold);
    match (&directive.effective_from, chosen) {
        (Start::Local { options, .. }, Some(choice)) => options.get(choice).copied().into_iter().collect(),
        _ => starts(directive).collect(),
    }
}

fn stream_action(scenario: &Scenario, outcome: &str, deciding: &[&Directive]) -> Option<String> {
    let began = scenario.request.started_at.filter(|_| scenario.request.streaming == Some(true))?;
    let clock = Clock::of(scenario);
    let window_opened_later = deciding.iter().any(|directive| {
        let starts = possible_starts(scenario, directive);
        starts.into_iter().filter(|from| clock.latest >= *from).max().is_some_and(|from| began < from)
    });
    let action = if outcome == "deny" { "cut" } else { "suspend" };
    window_opened_later.then(|| action.to_owned())
}
