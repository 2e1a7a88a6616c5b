//! Nationalities as classes of what is held.

use super::axes::Detail;
use super::classes::{Rung, Rungs};
use super::looks::Looks;
use terms::{Level, UsStatus};

/// A second tie to a country, beside a current citizenship or alone.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Tie {
    /// Another current citizenship.
    Also,
    /// Another current citizenship, acquired later.
    Later,
    /// Another current citizenship; when either was acquired is not known.
    Undated,
    /// A citizenship lost, with proof.
    Former,
    /// A citizenship said to be lost, without the proof required.
    SaidLost,
    /// Permanent residence, acquired after the citizenship.
    Resident,
    /// Permanent residence, acquired before the citizenship.
    ResidentBefore,
}

impl Tie {
    /// Whether it is a current citizenship.
    pub const fn is_citizenship(self) -> bool {
        matches!(self, Self::Also | Self::Later | Self::Undated)
    }
}

/// A current citizenship and a second tie, by class of country.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct Held {
    pub(super) main: Option<usize>,
    pub(super) tie: Option<(Tie, usize)>,
}

/// How the citizenships are shown.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Listing {
    /// The current citizenship.
    pub main: Rung,
    /// The second tie.
    pub tie: Rung,
    /// That these are all; `None` = not said.
    pub complete: Option<Rung>,
}

/// The ties that the directives tell apart.
pub(super) fn ties(looks: &Looks, detail: Detail) -> Vec<Tie> {
    if detail >= Detail::OneNationality {
        return Vec::new();
    }
    let citizenship: &[Tie] = if looks.recent { &[Tie::Later, Tie::Undated] } else { &[Tie::Also] };
    let further = [
        (looks.ever, Tie::Former),
        (detail < Detail::EvenEvidence, Tie::SaidLost),
        (looks.recent || looks.resident, Tie::Resident),
        (looks.recent && looks.resident, Tie::ResidentBefore),
    ];
    let further = further.into_iter().filter_map(|(matters, tie)| matters.then_some(tie));
    citizenship.iter().copied().chain(further).collect()
}

/// Every combination of what may be held. `several` says of a class whether it has more than one country.
pub(super) fn combinations(classes: usize, several: impl Fn(usize) -> bool, ties: &[Tie]) -> Vec<Held> {
    let mut all = vec![Held { main: None, tie: None }];
    all.extend((0..classes).map(|main| Held { main: Some(main), tie: None }));
    for tie in ties {
        for other in 0..classes {
            if !tie.is_citizenship() && *tie != Tie::ResidentBefore {
                all.push(Held { main: None, tie: Some((*tie, other)) });
            }
            for main in 0..classes {
                // Nobody is a citizen of one country twice; without dates the order does not count.
                let twice = tie.is_citizenship() && main == other && !several(main);
                let mirrored = matches!(tie, Tie::Also | Tie::Undated) && main > other;
                if !twice && !mirrored {
                    all.push(Held { main: Some(main), tie: Some((*tie, other)) });
                }
            }
        }
    }
    all
}

/// Every way to show them.
pub(super) fn listings(rungs: &Rungs, detail: Detail) -> Vec<(Listing, [Level; 3])> {
    let mut all = Vec::new();
    let uneven = detail < Detail::EvenEvidence;
    for (main, main_level) in rungs {
        for (tie, tie_level) in rungs.iter().filter(|(tie, _)| uneven || tie == main) {
            let not_said = [(None, Level::None)];
            let said = rungs.iter().map(|(rung, level)| (Some(*rung), *level));
            for (complete, level) in said.chain(not_said) {
                let listing = Listing { main: *main, tie: *tie, complete };
                all.push((listing, [*main_level, *tie_level, level]));
            }
        }
    }
    all
}

/// One status for each way directives tell statuses apart.
pub(super) const STATUSES: [UsStatus; 4] =
    [UsStatus::Citizen, UsStatus::Lpr, UsStatus::LprNaturalisationLapsed, UsStatus::None];

/// The statuses that are treated as one with a representative.
pub(super) fn statuses_like(status: UsStatus) -> &'static [UsStatus] {
    match status {
        UsStatus::Citizen | UsStatus::National => &[UsStatus::Citizen, UsStatus::National],
        UsStatus::LprNaturalisationLapsed => &[UsStatus::LprNaturalisationLapsed],
        UsStatus::None => &[UsStatus::None],
        UsStatus::UsPerson | UsStatus::Unknown => &[],
        _ => &[
            UsStatus::Lpr,
            UsStatus::ConditionalLpr,
            UsStatus::Refugee,
            UsStatus::Asylee,
            UsStatus::TemporaryResident,
        ],
    }
}
