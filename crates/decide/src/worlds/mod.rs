//! Possible worlds: what is unknown takes each value it may have.
//!
//! Kleene's logic is sound but cautious: it answers "unknown" also where every value of what is missing leads to the
//! same result. Here the values are tried, one representative for each way the regime tells values apart.

mod axes;
mod kinds;
mod named;
mod resolve;
mod table;

use crate::ask::Ask;
use crate::bits::RuleSet;
use crate::tri::Need;
use crate::verdict::{DependsOn, Outcome};
use table::Table;
use terms::{
    Choices, Country, CountrySet, EndUse, FactMask, MissingFact, Question, Relation, Share, UsStatus,
};

/// Values given to what is unknown; `None` = left unknown.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct World {
    pub(crate) choices: Choices,
    pub(crate) us_status: Option<UsStatus>,
    pub(crate) place: Option<Country>,
    /// Whether unproven statements count for nothing, so that every limb and relief sees what the world assumes.
    pub(crate) statements_ignored: bool,
    pub(crate) end_use: Option<EndUse>,
    /// Firm and relation; inner `None` = works for nobody that matters.
    pub(crate) employment: Option<Option<(Option<u32>, Relation)>>,
    /// Citizenships that no list shows.
    pub(crate) extra: Option<Extra>,
    /// A citizenship, held once and lost, that no list shows.
    pub(crate) past: Option<Country>,
    /// Which claimed losses did happen, one bit per holding.
    pub(crate) losses: Option<u32>,
    /// Which holding of unknown date is the latest; inner `None` = none of these.
    pub(crate) latest: Option<Option<usize>>,
    /// Whether somebody who was not screened, or may be meant by a list, is on it.
    pub(crate) listed: Option<bool>,
    /// How much of the employer listed parties own.
    pub(crate) owned: Option<Share>,
    /// Seat of the employer's ultimate parent.
    pub(crate) seat: Option<Country>,
    pub(crate) human: Option<Human>,
}

/// Citizenships besides those known.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Extra {
    /// None: what is said is all there is.
    No,
    /// This one, acquired last.
    One(Country),
    /// These two, acquired last.
    Two {
        /// The latest.
        latest: Country,
        /// The other.
        other: Country,
    },
    /// This one, acquired before those known.
    Older(Country),
    /// A permanent residence, acquired last, beside one citizenship or none.
    Residence {
        /// Of which country the residence is.
        latest: Country,
        /// The citizenship.
        citizen: Option<Country>,
    },
    /// One of each kind the regime tells apart: what no other combination can be worse than.
    Every {
        /// Which of them was acquired last; `None` = a known one was.
        latest: Option<Country>,
    },
}

impl Extra {
    /// The same without citizenships of these countries, which are shown not to be held.
    pub(crate) fn without(self, gone: &CountrySet) -> Self {
        let may_be = |country: Country| Some(country).filter(|country| !gone.contains(*country));
        match self {
            Self::No => Self::No,
            Self::One(country) => may_be(country).map_or(Self::No, Self::One),
            Self::Older(country) => may_be(country).map_or(Self::No, Self::Older),
            Self::Two { latest, other } => match (may_be(latest), may_be(other)) {
                (Some(_), Some(_)) => self,
                (Some(one), None) | (None, Some(one)) => Self::One(one),
                (None, None) => Self::No,
            },
            Self::Residence { latest, citizen } => {
                Self::Residence { latest, citizen: citizen.and_then(may_be) }
            }
            Self::Every { latest } => Self::Every { latest: latest.and_then(may_be) },
        }
    }

    /// Whether what is said too weakly holds, and nothing unlisted came later.
    pub(crate) fn leaves_what_is_said(self) -> bool {
        matches!(self, Self::No | Self::Older(_) | Self::Every { latest: None })
    }
}

/// The human behind a shared key or a service; nationality and status stand in the world.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Human {
    /// Firm and relation; `None` = works for nobody that matters.
    pub(crate) works: Option<(Option<u32>, Relation)>,
    /// The number of somebody an instrument names; `None` = somebody none names.
    pub(crate) id: Option<u32>,
    /// Whether a permanent resident of every country that spares residents.
    pub(crate) resident: bool,
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
    /// Those that hold the subject in every world.
    pub(crate) certain: RuleSet,
    /// Those that hold the subject in some world.
    pub(crate) possible: RuleSet,
}

/// Settles the undecided directives by trying every world; `None` when there are more worlds than
/// [`terms::limits::WORLDS`].
pub(crate) fn settle(ask: &Ask<'_>, undecided: &RuleSet, first_need: Need) -> Option<Exact> {
    settle_under(ask, ask.regime.choices(), undecided, first_need)
}

/// The same under other readings than those recorded.
pub(crate) fn settle_under(
    ask: &Ask<'_>,
    choices: Choices,
    undecided: &RuleSet,
    first_need: Need,
) -> Option<Exact> {
    let mut need = first_need;
    // A world can raise a question that no incomplete view did, so the axes are closed first; each round adds one.
    for _ in 0..MissingFact::ALL.len().saturating_add(Question::ALL.len()) {
        let table = Table::build(ask, choices, undecided, need)?;
        match table.open() {
            Some(more) if need.union(more) != need => need = need.union(more),
            _ => return Some(table.answer()),
        }
    }
    None
}
