//! Possible worlds: what is unknown takes each value it may have.
//!
//! Kleene's logic is sound but cautious: it answers "unknown" also where every value of what is missing leads to the
//! same result. Here the values are tried, one representative for each way the regime tells values apart.

use crate::engine::Ask;
use crate::rules;
use crate::tri::{Need, Tri};
use crate::verdict::{DependsOn, Outcome};
use law::Rule;
use terms::{
    Choices, Country, Employer, Employment, EndUse, FactMask, Level, MissingFact, Question, Relation,
    UsStatus, limits,
};

/// Values given to what is unknown; `None` = left unknown.
#[derive(Clone, Debug, Default)]
pub(crate) struct World {
    pub(crate) choices: Choices,
    pub(crate) us_status: Option<UsStatus>,
    pub(crate) place: Option<Country>,
    pub(crate) end_use: Option<EndUse>,
    /// The employer; inner `None` = works for nobody.
    pub(crate) employment: Option<Option<Employer>>,
    /// The citizenship; inner `None` = stateless.
    pub(crate) nationality: Option<Option<Country>>,
    /// Whether the human behind a shared key or service is an employee of the key's firm.
    pub(crate) human_is_employee: Option<bool>,
}

impl World {
    /// Nothing assumed but the recorded readings.
    pub(crate) fn recorded(choices: Choices) -> Self {
        Self { choices, ..Self::default() }
    }
}

/// Something unknown that the worlds vary.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Axis {
    Fact(MissingFact),
    Question(Question),
}

/// The exact answer over several undecided directives.
pub(crate) struct Exact {
    pub(crate) outcome: Outcome,
    pub(crate) missing: FactMask,
    pub(crate) depends_on: Option<DependsOn>,
    /// Positions, among the rules given, of those that hold the subject in every world.
    pub(crate) certain: Vec<usize>,
    /// Positions of those that hold the subject in some world.
    pub(crate) possible: Vec<usize>,
}

/// Settles the undecided rules by trying every world; `None` when there are more worlds than
/// [`limits::WORLDS`].
pub(crate) fn settle(ask: &Ask<'_>, undecided: &[(usize, &Rule)], first_need: Need) -> Option<Exact> {
    let mut need = first_need;
    // A world can raise a question that no incomplete view did, so the axes are closed first; each round adds one.
    for _ in 0..MissingFact::ALL.len().saturating_add(Question::ALL.len()) {
        let table = Table::build(ask, undecided, need)?;
        match table.open {
            Some(more) if need.union(more) != need => need = need.union(more),
            _ => return Some(table.answer(undecided)),
        }
    }
    None
}

/// Which rules hold the subject in each world. Worlds are numbered with the first axis as the slowest digit.
struct Table {
    axes: Vec<Axis>,
    sizes: Vec<usize>,
    /// Per rule, per world.
    inside: Vec<Vec<bool>>,
    /// What some world still lacked.
    open: Option<Need>,
}

impl Table {
    fn build(ask: &Ask<'_>, undecided: &[(usize, &Rule)], need: Need) -> Option<Self> {
        let questions = need.questions().map(Axis::Question);
        let axes: Vec<Axis> = questions.chain(fact_axes(need.facts)).collect();
        let sizes: Vec<usize> = axes.iter().map(|axis| values(ask, undecided, *axis)).collect();
        let count = sizes.iter().try_fold(1usize, |count, size| count.checked_mul(*size))?;
        if count.checked_mul(undecided.len().max(1))? > limits::WORLDS {
            return None;
        }
        let mut table =
            Self { axes, sizes, inside: vec![Vec::with_capacity(count); undecided.len()], open: None };
        for number in 0..count {
            let world = table.world(ask, undecided, number);
            for (row, (_, rule)) in table.inside.iter_mut().zip(undecided) {
                let held = rules::inside(ask, rule, &world);
                if let Tri::Unknown(need) = held {
                    table.open = Some(table.open.unwrap_or_default().union(need));
                }
                // What stays unknown counts as a refusal: an evaluation that cannot finish is never a permit.
                row.push(held != Tri::No);
            }
        }
        Some(table)
    }

    /// The digits of a world's number, one per axis.
    fn digits(&self, number: usize) -> Vec<usize> {
        let mut rest = number;
        let mut digits: Vec<usize> = self
            .sizes
            .iter()
            .rev()
            .map(|size| {
                let digit = rest.checked_rem(*size).unwrap_or(0);
                rest = rest.checked_div(*size).unwrap_or(0);
                digit
            })
            .collect();
        digits.reverse();
        digits
    }

    fn world(&self, ask: &Ask<'_>, undecided: &[(usize, &Rule)], number: usize) -> World {
        let mut world = World::recorded(ask.regime.choices());
        for (axis, digit) in self.axes.iter().zip(self.digits(number)) {
            assume(&mut world, ask, undecided, *axis, digit);
        }
        world
    }

    fn worlds(&self) -> usize {
        self.inside.first().map_or(0, Vec::len)
    }

    /// Whether any rule refuses in the world.
    fn refused(&self, number: usize) -> bool {
        self.inside.iter().any(|row| row.get(number).copied().unwrap_or(true))
    }

    fn answer(&self, undecided: &[(usize, &Rule)]) -> Exact {
        let holding = |test: fn(&Vec<bool>) -> bool| {
            let rows = self.inside.iter().zip(undecided);
            rows.filter(|(row, _)| test(row)).map(|(_, (position, _))| *position).collect()
        };
        let certain: Vec<usize> = holding(|row| row.iter().all(|held| *held));
        let possible: Vec<usize> = holding(|row| row.iter().any(|held| *held));
        let (outcome, depends_on) = self.resolve(&vec![None; self.axes.len()]);
        let missing = if outcome == Outcome::VerifyFirst { self.missing() } else { FactMask::EMPTY };
        Exact { outcome, missing, depends_on, certain, possible }
    }

    /// Worlds that agree with the digits already fixed.
    fn matching(&self, fixed: &[Option<usize>]) -> Vec<usize> {
        (0..self.worlds())
            .filter(|number| {
                self.digits(*number)
                    .iter()
                    .zip(fixed)
                    .all(|(digit, fixed)| fixed.is_none_or(|value| value == *digit))
            })
            .collect()
    }

    /// The outcome where some axes are fixed: all refuse, none refuses, or it turns on a question or a fact.
    fn resolve(&self, fixed: &[Option<usize>]) -> (Outcome, Option<DependsOn>) {
        let worlds = self.matching(fixed);
        let refusals = worlds.iter().filter(|number| self.refused(**number)).count();
        if refusals == worlds.len() {
            return (Outcome::Deny, None);
        }
        if refusals == 0 {
            return (Outcome::Permit, None);
        }
        match self.deciding_question(fixed) {
            Some((question, axis)) => {
                let size = self.sizes.get(axis).copied().unwrap_or(0);
                let options = (0..size).map(|digit| self.resolve(&fix(fixed, axis, digit)).0).collect();
                (Outcome::Depends, Some(DependsOn { question, options }))
            }
            None => (Outcome::VerifyFirst, None),
        }
    }

    /// The first open question whose answer changes the outcome under some answers to the others.
    fn deciding_question(&self, fixed: &[Option<usize>]) -> Option<(Question, usize)> {
        let open: Vec<(usize, Question)> = self
            .axes
            .iter()
            .enumerate()
            .filter_map(|(at, axis)| match axis {
                Axis::Question(question) if fixed.get(at).is_some_and(Option::is_none) => {
                    Some((at, *question))
                }
                _ => None,
            })
            .collect();
        let mut settings = vec![fixed.to_vec()];
        for (at, _) in &open {
            let size = self.sizes.get(*at).copied().unwrap_or(0);
            settings =
                settings.iter().flat_map(|setting| (0..size).map(|digit| fix(setting, *at, digit))).collect();
        }
        open.iter().copied().find_map(|(at, question)| {
            let changes = settings.iter().any(|setting| {
                let size = self.sizes.get(at).copied().unwrap_or(0);
                let mut outcomes = (0..size).map(|digit| self.settled(&fix(setting, at, digit)));
                let first = outcomes.next();
                outcomes.any(|outcome| Some(outcome) != first)
            });
            changes.then_some((question, at))
        })
    }

    /// The outcome with every question answered.
    fn settled(&self, fixed: &[Option<usize>]) -> Outcome {
        let worlds = self.matching(fixed);
        match worlds.iter().filter(|number| self.refused(**number)).count() {
            0 => Outcome::Permit,
            refusals if refusals == worlds.len() => Outcome::Deny,
            _ => Outcome::VerifyFirst,
        }
    }

    /// Every fact that changes the result for some values of the others.
    fn missing(&self) -> FactMask {
        let facts = self.axes.iter().enumerate().filter_map(|(at, axis)| match axis {
            Axis::Fact(fact) => Some((at, *fact)),
            Axis::Question(_) => None,
        });
        facts
            .filter(|(at, _)| {
                (0..self.worlds()).any(|number| {
                    let mut fixed: Vec<Option<usize>> = self.digits(number).into_iter().map(Some).collect();
                    if let Some(digit) = fixed.get_mut(*at) {
                        *digit = None;
                    }
                    let mut results = self.matching(&fixed).into_iter().map(|world| self.refused(world));
                    let first = results.next();
                    results.any(|result| Some(result) != first)
                })
            })
            .map(|(_, fact)| fact)
            .collect()
    }
}

fn fix(fixed: &[Option<usize>], at: usize, digit: usize) -> Vec<Option<usize>> {
    let mut fixed = fixed.to_vec();
    if let Some(slot) = fixed.get_mut(at) {
        *slot = Some(digit);
    }
    fixed
}

fn fact_axes(facts: FactMask) -> impl Iterator<Item = Axis> {
    facts.iter().map(Axis::Fact)
}

/// How many values an axis has.
fn values(ask: &Ask<'_>, undecided: &[(usize, &Rule)], axis: Axis) -> usize {
    match axis {
        Axis::Question(question) => question.options().len(),
        Axis::Fact(MissingFact::UsStatus) => UsStatus::KNOWN.len(),
        Axis::Fact(MissingFact::NaturalPerson) => humans(ask).count(),
        Axis::Fact(MissingFact::Location) => ask.regime.places().len(),
        Axis::Fact(MissingFact::EndUse) => EndUse::KNOWN.len(),
        Axis::Fact(MissingFact::Employment) => employments(ask, undecided).len(),
        Axis::Fact(MissingFact::Citizenships | MissingFact::ProofOfLoss) => {
            ask.regime.places().len().saturating_add(1)
        }
        Axis::Fact(_) => 1,
    }
}

/// Gives an axis its value in a world.
fn assume(world: &mut World, ask: &Ask<'_>, undecided: &[(usize, &Rule)], axis: Axis, digit: usize) {
    match axis {
        Axis::Question(question) => {
            world.choices = world.choices.with(question, u8::try_from(digit).unwrap_or(0));
        }
        Axis::Fact(MissingFact::UsStatus) => world.us_status = UsStatus::KNOWN.get(digit).copied(),
        Axis::Fact(MissingFact::NaturalPerson) => {
            if let Some((status, employee, nationality)) = humans(ask).nth(digit) {
                world.us_status = Some(status);
                world.human_is_employee = Some(employee);
                world.nationality = Some(nationality);
            }
        }
        Axis::Fact(MissingFact::Location) => world.place = ask.regime.places().get(digit).copied(),
        Axis::Fact(MissingFact::EndUse) => world.end_use = EndUse::KNOWN.get(digit).copied(),
        Axis::Fact(MissingFact::Employment) => {
            world.employment = employments(ask, undecided).get(digit).cloned();
        }
        Axis::Fact(MissingFact::Citizenships | MissingFact::ProofOfLoss) => {
            world.nationality = Some(ask.regime.places().get(digit).copied());
        }
        Axis::Fact(_) => {}
    }
}

/// Who may stand behind a shared key: each status, on the firm's payroll or not, of each nationality told apart.
fn humans(ask: &Ask<'_>) -> impl Iterator<Item = (UsStatus, bool, Option<Country>)> {
    let countries = || ask.regime.places().iter().copied().map(Some).chain([None]);
    let employed = move |status| [true, false].into_iter().map(move |employee| (status, employee));
    UsStatus::KNOWN
        .into_iter()
        .flat_map(employed)
        .flat_map(move |(status, employee)| countries().map(move |country| (status, employee, country)))
}

/// The employments the undecided rules tell apart: each employer they name in either relation, the one on file, and
/// none.
fn employments(ask: &Ask<'_>, undecided: &[(usize, &Rule)]) -> Vec<Option<Employer>> {
    let stated = match &ask.facts.employment {
        Employment::Works(employer) if !ask.facts.conflicting.contains(MissingFact::Employment) => {
            Some(employer.name.clone())
        }
        _ => None,
    };
    let mut names: Vec<String> = match stated {
        // The firm is on file: what is missing is proof of it, or the relation.
        Some(name) => vec![name],
        None => named_employers(ask, undecided),
    };
    names.sort();
    names.dedup();
    let works = names.into_iter().flat_map(|name| {
        [Relation::Employee, Relation::Contractor]
            .map(|relation| Some(Employer { name: name.clone(), relation, level: Level::Credential }))
    });
    works.chain([None]).collect()
}

fn named_employers(ask: &Ask<'_>, undecided: &[(usize, &Rule)]) -> Vec<String> {
    let reliefs = undecided
        .iter()
        .flat_map(|(_, rule)| &rule.reliefs)
        .filter(|relief| relief.models.has(ask.request.model) && relief.window.relieves(ask.clock));
    reliefs
        .flat_map(|relief| {
            let employers = relief.terms.employers.iter().flatten().take(1).cloned();
            employers.chain(relief.terms.holder.iter().map(|holder| holder.key.clone()))
        })
        .collect()
}
