//! Regions: sets of persons and requests, one condition per fact that matters.

use super::axes::{Axis, Fact, Firm, Space, Value};
use super::boxes::Sets;
use super::classes::Rung;
use super::held::{Held, Listing, Tie, statuses_like};
use super::pair::Pair;
use std::collections::BTreeMap;
use terms::{Activity, Country, CountrySet, EndUse, PartyMatch, Relation, Share, UsStatus};

/// Who and what: every condition must hold.
#[derive(Clone, PartialEq, Debug)]
pub struct Region {
    /// Shared keys and services, or else persons.
    pub shared_keys: bool,
    /// The conditions.
    pub conditions: Vec<Condition>,
    /// Second ties to a country that were told apart. A former citizenship or a residence that is not among them does
    /// not matter.
    pub ties: Vec<Tie>,
}

/// Evidence of one fact: `None` = nothing on file.
pub type Shown = Option<Rung>;

/// What must hold of one fact; any of the values listed.
#[derive(Clone, PartialEq, Debug)]
pub enum Condition {
    /// Status under US law.
    Status(Vec<UsStatus>),
    /// How well the status is shown.
    StatusShown(Vec<Shown>),
    /// Nationalities: any of the groups.
    Nationality(Vec<HeldGroup>),
    /// How the citizenships are shown.
    Listing(Vec<Listing>),
    /// The place.
    Place(CountrySet),
    /// How well the place is shown.
    PlaceShown(Vec<Shown>),
    /// For whom the person works.
    Employer(Employers),
    /// In which relation.
    Relation(Vec<Relation>),
    /// Seat of the employer's ultimate parent.
    Seat {
        /// In one of these.
        countries: CountrySet,
        /// Or it is not known.
        or_unknown: bool,
    },
    /// Listed owners of the employer.
    Owned(Vec<Owned>),
    /// How well everything about the employer is shown.
    EmployerShown(Vec<Shown>),
    /// The match against restricted-party lists.
    Party(Vec<PartyMatch>),
    /// Persons whom instruments name.
    Person(Names),
    /// On a shared key or service: how well it is shown that all users are US persons.
    AllUsersUsPersons(Vec<Shown>),
    /// What the model is used for.
    EndUse(Vec<EndUse>),
    /// How well that is shown.
    EndUseShown(Vec<Shown>),
    /// The kind of access.
    Activity(Vec<Activity>),
    /// Where the model is served; one country for each way the regimes tell places apart was looked at.
    ServedFrom(Vec<Country>),
}

/// Names, or all others.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Names {
    /// These.
    These(Vec<String>),
    /// Anything but these.
    AllBut(Vec<String>),
}

impl Names {
    /// Whether a name is among them; `None` = one that no instrument knows.
    pub fn has(&self, name: Option<&str>) -> bool {
        let listed = |names: &[String]| name.is_some_and(|name| names.iter().any(|other| other == name));
        match self {
            Self::These(names) => listed(names),
            Self::AllBut(names) => !listed(names),
        }
    }
}

/// Employers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Employers {
    /// Whoever works for nobody.
    pub nobody: bool,
    /// Firms, in compared form.
    pub firms: Names,
}

/// Listed owners hold at least `least`; with what is not known, at least `most` and less than the next threshold.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Owned {
    /// For certain: from this share to below the second.
    pub certain: (Share, Option<Share>),
    /// At most: from this share to below the second.
    pub at_most: (Share, Option<Share>),
}

/// Holds a citizenship of `main`, and a second tie.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct HeldGroup {
    /// A current citizenship of one of these.
    pub main: CountrySet,
    /// Or none.
    pub or_none: bool,
    /// The second tie; `None` = nothing further.
    pub tie: Option<Tie>,
    /// The country of the second tie is one of these.
    pub other: CountrySet,
}

/// The region of a box.
pub(super) fn region(pair: &Pair<'_>, space: &Space, sets: &Sets) -> Region {
    let narrow = space.axes.iter().zip(sets).filter(|(axis, set)| set.len() < axis.values.len());
    let conditions = narrow.map(|(axis, set)| condition(pair, space, axis, set)).collect();
    Region { shared_keys: space.shared, conditions, ties: ties(space) }
}

fn condition(pair: &Pair<'_>, space: &Space, axis: &Axis, set: &[usize]) -> Condition {
    let values: Vec<Value> = set.iter().filter_map(|at| axis.values.get(*at)).copied().collect();
    let shown = || {
        pick(&values, |value| match value {
            Value::Level(level) => Some(level.map(|(rung, _)| rung)),
            _ => None,
        })
    };
    match axis.fact {
        Fact::Status => Condition::Status(statuses(&values)),
        Fact::StatusLevel => Condition::StatusShown(shown()),
        Fact::Held => Condition::Nationality(nationality(space, &values)),
        Fact::Listing => Condition::Listing(pick(&values, |value| match value {
            Value::Listing(listing, _) => Some(listing),
            _ => None,
        })),
        Fact::Place => Condition::Place(union(
            &space.places.classes,
            pick(&values, |value| match value {
                Value::Place(class) => Some(class),
                _ => None,
            }),
        )),
        Fact::PlaceLevel => Condition::PlaceShown(shown()),
        Fact::Firm => Condition::Employer(employers(pair, space, &values)),
        Fact::Relation => Condition::Relation(pick(&values, |value| match value {
            Value::Relation(relation) => Some(relation),
            _ => None,
        })),
        Fact::Seat => seat(space, &values),
        Fact::Owned => Condition::Owned(owned(space, &values)),
        Fact::WorkLevel => Condition::EmployerShown(shown()),
        Fact::Party => Condition::Party(pick(&values, |value| match value {
            Value::Party(party) => Some(party),
            _ => None,
        })),
        Fact::Person => Condition::Person(persons(pair, space, &values)),
        Fact::Users => Condition::AllUsersUsPersons(shown()),
        Fact::EndUse => Condition::EndUse(pick(&values, |value| match value {
            Value::EndUse(end_use) => Some(end_use),
            _ => None,
        })),
        Fact::EndUseLevel => Condition::EndUseShown(shown()),
        Fact::Activity => Condition::Activity(pick(&values, |value| match value {
            Value::Activity(activity) => Some(activity),
            _ => None,
        })),
        Fact::ServedFrom => Condition::ServedFrom(pick(&values, |value| match value {
            Value::ServedFrom(country) => Some(country),
            _ => None,
        })),
    }
}

fn pick<T>(values: &[Value], take: impl Fn(Value) -> Option<T>) -> Vec<T> {
    values.iter().copied().filter_map(take).collect()
}

fn union(classes: &[CountrySet], which: Vec<usize>) -> CountrySet {
    let sets = which.into_iter().filter_map(|class| classes.get(class));
    sets.fold(CountrySet::EMPTY, |all, set| all.union(set))
}

fn statuses(values: &[Value]) -> Vec<UsStatus> {
    let classes = pick(values, |value| match value {
        Value::Status(status) => Some(status),
        _ => None,
    });
    classes.into_iter().flat_map(|status| statuses_like(status).iter().copied()).collect()
}

fn employers(pair: &Pair<'_>, space: &Space, values: &[Value]) -> Employers {
    let firms = pick(values, |value| match value {
        Value::Firm(firm) => Some(firm),
        _ => None,
    });
    let classes = firms.iter().filter_map(|firm| match firm {
        Firm::Named(class) => Some(*class),
        Firm::Other | Firm::Nobody => None,
    });
    let names = |number: u32| pair.firms.name(number).to_owned();
    Employers {
        nobody: firms.contains(&Firm::Nobody),
        firms: named(&space.firms.classes, classes.collect(), firms.contains(&Firm::Other), names),
    }
}

fn persons(pair: &Pair<'_>, space: &Space, values: &[Value]) -> Names {
    let persons = pick(values, |value| match value {
        Value::Person(class) => Some(class),
        _ => None,
    });
    let classes = persons.iter().copied().flatten().collect();
    let names = |number: u32| pair.persons.name(number).to_owned();
    named(&space.persons.classes, classes, persons.contains(&None), names)
}

fn named(all: &[Vec<u32>], chosen: Vec<usize>, with_others: bool, name: impl Fn(u32) -> String) -> Names {
    let names = |keep: bool| {
        let classes = all.iter().enumerate().filter(|(class, _)| chosen.contains(class) == keep);
        let mut names: Vec<String> = classes.flat_map(|(_, members)| members).map(|n| name(*n)).collect();
        names.sort_unstable();
        names
    };
    if with_others { Names::AllBut(names(false)) } else { Names::These(names(true)) }
}

fn seat(space: &Space, values: &[Value]) -> Condition {
    let seats = pick(values, |value| match value {
        Value::Seat(class) => Some(class),
        _ => None,
    });
    let or_unknown = seats.contains(&None);
    Condition::Seat {
        countries: union(&space.seats.classes, seats.into_iter().flatten().collect()),
        or_unknown,
    }
}

fn owned(space: &Space, values: &[Value]) -> Vec<Owned> {
    let steps: Vec<Share> = [Share::default()].into_iter().chain(space.owned.iter().copied()).collect();
    let span =
        |at: usize| (steps.get(at).copied().unwrap_or_default(), steps.get(at.saturating_add(1)).copied());
    pick(values, |value| match value {
        Value::Owned(least, most, _) => Some(Owned { certain: span(least), at_most: span(most) }),
        _ => None,
    })
}

/// The second ties that were told apart.
fn ties(space: &Space) -> Vec<Tie> {
    let mut ties: Vec<Tie> = Vec::new();
    for value in space.axis(Fact::Held).into_iter().flat_map(|axis| &axis.values) {
        if let Value::Held(Held { tie: Some((tie, _)), .. }) = value
            && !ties.contains(tie)
        {
            ties.push(*tie);
        }
    }
    ties
}

/// Nationalities in groups that do not depend on how finely countries were told apart: for each class, with which
/// classes it stands together; classes with the same company become one.
fn nationality(space: &Space, values: &[Value]) -> Vec<HeldGroup> {
    let mut company = Company::new();
    let mut none = false;
    let class = |class: usize| space.nations.classes.get(class).copied().unwrap_or_default();
    for value in values {
        let Value::Held(Held { main, tie }) = value else { continue };
        match (main, tie) {
            (None, None) => none = true,
            (Some(main), None) => join(&mut company, (None, Some(*main)), &CountrySet::EMPTY),
            (main, Some((tie, other))) => {
                join(&mut company, (Some(*tie), *main), &class(*other));
                if let (Some(main), Tie::Also | Tie::Undated) = (main, tie) {
                    join(&mut company, (Some(*tie), Some(*other)), &class(*main));
                }
            }
        }
    }
    grouped(company, none, class)
}

type Company = BTreeMap<(Option<Tie>, Option<usize>), CountrySet>;

fn join(company: &mut Company, key: (Option<Tie>, Option<usize>), with: &CountrySet) {
    let known = company.entry(key).or_default();
    *known = known.union(with);
}

fn grouped(company: Company, none: bool, class: impl Fn(usize) -> CountrySet) -> Vec<HeldGroup> {
    let mut groups: Vec<HeldGroup> = Vec::new();
    for ((tie, main), other) in company {
        let (set, or_none) = (main.map(&class).unwrap_or_default(), main.is_none());
        match groups.iter_mut().find(|group| group.tie == tie && group.other == other) {
            Some(group) => {
                group.main = group.main.union(&set);
                group.or_none |= or_none;
            }
            None => groups.push(HeldGroup { main: set, or_none, tie, other }),
        }
    }
    if none {
        let empty = CountrySet::EMPTY;
        groups.push(HeldGroup { main: empty, or_none: true, tie: None, other: empty });
    }
    groups
}
