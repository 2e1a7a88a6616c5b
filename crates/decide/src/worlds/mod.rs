//! Possible worlds: what is unknown takes each value it may have.
//!
//! Kleene's logic is sound but cautious: it answers "unknown" also where every value of what is missing leads to the
//! same result. Here the values are tried, one representative for each way the regime tells values apart.

mod table;
mod values;

use crate::ask::Ask;
use crate::tri::Need;
use crate::verdict::{DependsOn, Outcome};
use law::Rule;
use table::Table;
use terms::{
    Choices, Country, Employer, EndUse, FactMask, MissingFact, PersonId, Question, Relation, UsStatus,
};

/// Values given to what is unknown; `None` = left unknown.
#[derive(Clone, Debug, Default)]
pub(crate) struct World {
    pub(crate) choices: Choices,
    pub(crate) us_status: Option<UsStatus>,
    pub(crate) place: Option<Country>,
    /// Whether an unproven statement of place counts for nothing, so that every limb and relief sees `place`.
    pub(crate) statement_of_place_ignored: bool,
    pub(crate) end_use: Option<EndUse>,
    /// The employer; inner `None` = works for nobody that matters.
    pub(crate) employment: Option<Option<Employer>>,
    pub(crate) nationality: Option<Nationality>,
    /// Whether a loss of citizenship that was claimed did happen.
    pub(crate) loss: Option<bool>,
    pub(crate) human: Option<Human>,
}

/// Which citizenships somebody holds whose citizenships are not known.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Nationality {
    /// None at all.
    Stateless,
    /// This one.
    One(Country),
    /// One of each kind the regime tells apart: what no other combination of several can be worse than.
    Every,
}

/// The human behind a shared key or a service.
#[derive(Clone, Debug)]
pub(crate) struct Human {
    /// In which relation to the key's firm; `None` = in none.
    pub(crate) works_as: Option<Relation>,
    /// Somebody a licence names; `None` = nobody any licence names.
    pub(crate) id: Option<PersonId>,
}

impl World {
    /// Nothing assumed but the recorded readings.
    pub(crate) fn recorded(choices: Choices) -> Self {
        Self { choices, ..Self::default() }
    }
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
/// [`terms::limits::WORLDS`].
pub(crate) fn settle(ask: &Ask<'_>, undecided: &[(usize, &Rule)], first_need: Need) -> Option<Exact> {
    let mut need = first_need;
    // A world can raise a question that no incomplete view did, so the axes are closed first; each round adds one.
    for _ in 0..MissingFact::ALL.len().saturating_add(Question::ALL.len()) {
        let table = Table::build(ask, undecided, need)?;
        match table.open() {
            Some(more) if need.union(more) != need => need = need.union(more),
            _ => return Some(table.answer(undecided)),
        }
    }
    None
}
