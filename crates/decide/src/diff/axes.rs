//! The dimensions that are varied: one for each fact some directive looks at, one value for each class.

use super::classes::{Named, Partition, Rung, Rungs, rungs};
use super::held::{self, Held, Listing, STATUSES};
use super::looks::{Looks, Scene};
use super::pair::{Group, Pair};
use std::collections::BTreeMap;
use terms::{
    Activity, ClockReading, Country, EndUse, Level, Ownership, PartyMatch, Relation, Share, UsStatus,
};

/// How finely people are told apart. Each step leaves out more, when there would be too much to decide.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Detail {
    /// Everything.
    Full,
    /// Without lists of which one citizenship is shown better than another, and without claimed losses.
    EvenEvidence,
    /// Also without people with more than one nationality.
    OneNationality,
    /// Also with the weakest and the strongest evidence only.
    Extremes,
}

impl Detail {
    pub(super) const ALL: [Self; 4] = [Self::Full, Self::EvenEvidence, Self::OneNationality, Self::Extremes];
}

/// A dimension; first those of the person, then those of the request.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) enum Fact {
    Status,
    Held,
    Place,
    Firm,
    Relation,
    Seat,
    Owned,
    Party,
    Person,
    StatusLevel,
    Listing,
    PlaceLevel,
    WorkLevel,
    Users,
    EndUse,
    Activity,
    ServedFrom,
    EndUseLevel,
}

impl Fact {
    /// Whether it says how well another fact is shown.
    pub(super) const fn is_evidence(self) -> bool {
        matches!(
            self,
            Self::StatusLevel | Self::Listing | Self::PlaceLevel | Self::WorkLevel | Self::EndUseLevel
        )
    }
}

/// For whom somebody works.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Firm {
    /// A firm no directive tells apart from others.
    Other,
    Nobody,
    /// By class.
    Named(usize),
}

/// One value of a dimension.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum Value {
    Status(UsStatus),
    Held(Held),
    Listing(Listing, [Level; 3]),
    /// By class.
    Place(usize),
    Firm(Firm),
    Relation(Relation),
    /// By class; `None` = not known.
    Seat(Option<usize>),
    /// Listed owners, and the most they may have: as many thresholds as these reach.
    Owned(usize, usize, Ownership),
    Party(PartyMatch),
    /// By class; `None` = nobody in particular.
    Person(Option<usize>),
    /// `None` = nothing on file.
    Level(Option<(Rung, Level)>),
    EndUse(EndUse),
    Activity(Activity),
    ServedFrom(Country),
}

/// A dimension with its values.
#[derive(Clone, Debug)]
pub(super) struct Axis {
    pub(super) fact: Fact,
    pub(super) values: Vec<Value>,
    /// Values that the differing directives do not tell apart stand together.
    pub(super) groups: Vec<Vec<usize>>,
}

impl Axis {
    fn new(fact: Fact, keyed: impl IntoIterator<Item = (Value, usize)>) -> Self {
        let (mut values, mut groups) = (Vec::new(), BTreeMap::<usize, Vec<usize>>::new());
        for (at, (value, key)) in keyed.into_iter().enumerate() {
            values.push(value);
            groups.entry(key).or_default().push(at);
        }
        Self { fact, values, groups: groups.into_values().collect() }
    }

    /// Values that are all told apart if the fact matters to the differing directives, else not at all.
    fn plain(fact: Fact, matters: bool, values: impl IntoIterator<Item = Value>) -> Self {
        Self::new(
            fact,
            values.into_iter().enumerate().map(|(at, value)| (value, if matters { at } else { 0 })),
        )
    }
}

/// All dimensions of one group of models in one stretch of time, for persons or for shared keys.
#[derive(Clone, Debug)]
pub(super) struct Space {
    /// Shared keys and services, or else persons.
    pub(super) shared: bool,
    pub(super) nations: Partition,
    pub(super) places: Partition,
    pub(super) seats: Partition,
    pub(super) firms: Named,
    pub(super) persons: Named,
    pub(super) owned: Vec<Share>,
    pub(super) axes: Vec<Axis>,
}

impl Space {
    pub(super) fn axis(&self, fact: Fact) -> Option<&Axis> {
        self.axes.iter().find(|axis| axis.fact == fact)
    }

    /// How many dimensions are those of the person; they come first.
    pub(super) fn of_person(&self) -> usize {
        self.axes.iter().filter(|axis| axis.fact < Fact::EndUse).count()
    }
}

impl Space {
    /// The class that stands for this one: where nothing is on file about a fact, or nobody is an employer, what the
    /// fact would be does not matter.
    pub(super) fn standing_for(&self, digits: &[usize]) -> Vec<usize> {
        let mut standing = digits.to_vec();
        let mut first = |fact: Fact| {
            let at = self.axes.iter().position(|axis| axis.fact == fact);
            at.and_then(|at| standing.get_mut(at)).into_iter().for_each(|digit| *digit = 0);
        };
        let value = |fact: Fact| {
            let at = self.axes.iter().position(|axis| axis.fact == fact)?;
            self.axes.get(at)?.values.get(*digits.get(at)?).copied()
        };
        let work = [Fact::Relation, Fact::Seat, Fact::Owned];
        let nothing = |fact: Fact| value(fact) == Some(Value::Level(None));
        let pairs = [
            (Fact::StatusLevel, Fact::Status),
            (Fact::PlaceLevel, Fact::Place),
            (Fact::EndUseLevel, Fact::EndUse),
        ];
        pairs.into_iter().filter(|(level, _)| nothing(*level)).for_each(|(_, fact)| first(fact));
        if nothing(Fact::WorkLevel) {
            work.into_iter().chain([Fact::Firm]).for_each(first);
        } else if value(Fact::Firm) == Some(Value::Firm(Firm::Nobody)) {
            work.into_iter().chain([Fact::WorkLevel]).for_each(first);
        }
        self.even_out(digits, &mut standing);
        standing
    }

    /// How a tie that is not there is shown does not matter: it counts as shown like the other.
    fn even_out(&self, digits: &[usize], standing: &mut [usize]) {
        let place = |fact: Fact| self.axes.iter().position(|axis| axis.fact == fact);
        let Some((held_at, listing_at)) = place(Fact::Held).zip(place(Fact::Listing)) else { return };
        let value = |at: usize| self.axes.get(at).and_then(|axis| axis.values.get(*digits.get(at)?)).copied();
        let Some((Value::Held(held), Value::Listing(mut listing, _))) = value(held_at).zip(value(listing_at))
        else {
            return;
        };
        let Some(axis) = self.axes.get(listing_at) else { return };
        match (held.main, held.tie) {
            (Some(_), Some(_)) => return,
            (Some(_), None) => listing.tie = listing.main,
            (None, Some(_)) => listing.main = listing.tie,
            (None, None) => {
                let Some(Value::Listing(lowest, _)) = axis.values.first() else { return };
                (listing.main, listing.tie) = (lowest.main, lowest.main);
            }
        }
        let like =
            axis.values.iter().position(|value| matches!(value, Value::Listing(l, _) if *l == listing));
        if let (Some(like), Some(digit)) = (like, standing.get_mut(listing_at)) {
            *digit = like;
        }
    }
}

/// Builds spaces.
pub(super) struct Builder {
    /// Under all directives, and under those that differ.
    looks: [Looks; 2],
    nations: [Partition; 2],
    places: [Partition; 2],
    seats: [Partition; 2],
    firms: Named,
    persons: Named,
}

impl Builder {
    pub(super) fn new(pair: &Pair<'_>, group: &Group, clock: ClockReading) -> Self {
        let scenes = [false, true].map(|changed_only| Scene::both(pair, group, clock, changed_only));
        let [all, changed] = &scenes;
        let looks = scenes.each_ref().map(|scenes| Looks::of(scenes));
        let us = [Country::US];
        let places = looks.each_ref().map(|looks| Partition::of(&looks.places, &us, true));
        let [fine, coarse] = places;
        let [everything, _] = &looks;
        Self {
            nations: looks.each_ref().map(|looks| Partition::of(&looks.nations, &us, false)),
            places: if everything.remote { [by_site(everything, &fine), coarse] } else { [fine, coarse] },
            seats: looks.each_ref().map(|looks| Partition::of(&looks.seats, &[], false)),
            firms: Named::firms(pair, all, changed),
            persons: Named::persons(pair, all, changed),
            looks,
        }
    }

    pub(super) fn space(&self, shared: bool, detail: Detail) -> Space {
        let [looks, _] = &self.looks;
        let [nations, _] = &self.nations;
        let [places, _] = &self.places;
        let [seats, _] = &self.seats;
        let mut axes = if shared { Vec::new() } else { self.personal(detail) };
        axes.extend(self.place(shared, detail));
        axes.extend(self.work(shared, detail));
        axes.extend(self.parties(shared, detail));
        axes.extend(self.request(detail));
        axes.sort_by_key(|axis| axis.fact);
        Space {
            shared,
            nations: nations.clone(),
            places: places.clone(),
            seats: seats.clone(),
            firms: self.firms.clone(),
            persons: self.persons.clone(),
            owned: looks.owned.iter().copied().collect(),
            axes,
        }
    }

    fn rungs(&self, detail: Detail) -> Rungs {
        let [looks, _] = &self.looks;
        thin(rungs(looks.levels.iter().copied(), false), detail)
    }

    /// Rungs of what an employer or a contract says: these count from the employer's own word upward.
    fn employer_rungs(&self, detail: Detail) -> Rungs {
        let [looks, _] = &self.looks;
        thin(rungs(looks.levels.iter().map(|level| (*level).min(Level::Employer)), true), detail)
    }

    fn personal(&self, detail: Detail) -> Vec<Axis> {
        let [looks, changed] = &self.looks;
        let mut axes = Vec::new();
        let rungs = self.rungs(detail);
        if looks.status {
            axes.push(Axis::plain(Fact::Status, changed.status, STATUSES.map(Value::Status)));
            axes.push(Axis::plain(Fact::StatusLevel, changed.status, levels(&rungs)));
        }
        if looks.nationality {
            let listings = held::listings(&rungs, detail).into_iter();
            let listings = listings.map(|(listing, levels)| Value::Listing(listing, levels));
            axes.push(self.held(detail));
            axes.push(Axis::plain(Fact::Listing, changed.nationality, listings));
        }
        if looks.person {
            let classes = self.persons.coarse.iter().enumerate();
            let named = classes.map(|(class, coarse)| (Value::Person(Some(class)), *coarse));
            axes.push(Axis::new(Fact::Person, [(Value::Person(None), 0)].into_iter().chain(named)));
        }
        axes
    }

    fn held(&self, detail: Detail) -> Axis {
        let [looks, changed] = &self.looks;
        let [nations, coarse] = &self.nations;
        let classes = nations.coarse(coarse);
        let place = |class: usize| classes.get(class).copied().unwrap_or(0);
        let mut known = std::collections::HashMap::new();
        let held = held::combinations(
            nations.classes.len(),
            |class| nations.several(class),
            &held::ties(looks, detail),
        );
        let keyed = held.into_iter().map(|held| {
            let key = (held.main.map(place), held.tie.map(|(tie, class)| (tie, place(class))));
            let next = known.len();
            let key = *known.entry(key).or_insert(next);
            (Value::Held(held), if changed.nationality { key } else { 0 })
        });
        Axis::new(Fact::Held, keyed)
    }

    fn place(&self, shared: bool, detail: Detail) -> Vec<Axis> {
        let [looks, changed] = &self.looks;
        let [places, coarse] = &self.places;
        if !looks.place {
            return Vec::new();
        }
        // With remote access, the serving place tells each class apart.
        let coarse = if changed.remote { (0..places.classes.len()).collect() } else { places.coarse(coarse) };
        let keyed = coarse.into_iter().enumerate();
        let keyed = keyed.map(|(class, key)| (Value::Place(class), if changed.place { key } else { 0 }));
        let rungs = thin(rungs(looks.place_levels.iter().copied(), true), detail);
        // The place of a shared key is the caller's own and counts as given.
        let skip = if shared { rungs.len().saturating_sub(1) } else { 0 };
        let rungs = rungs.into_iter().skip(skip).collect();
        vec![Axis::new(Fact::Place, keyed), Axis::plain(Fact::PlaceLevel, changed.place, levels(&rungs))]
    }

    fn work(&self, shared: bool, detail: Detail) -> Vec<Axis> {
        let [looks, changed] = &self.looks;
        let matters = |looks: &Looks| looks.firm || looks.seat || !looks.owned.is_empty();
        if !matters(looks) {
            return Vec::new();
        }
        let mut axes = vec![self.firm(matters(changed))];
        if looks.relation && !shared {
            let relations = [Relation::Employee, Relation::Contractor, Relation::Unknown];
            axes.push(Axis::plain(Fact::Relation, changed.relation, relations.map(Value::Relation)));
        }
        if looks.seat {
            let [seats, coarse] = &self.seats;
            let coarse = seats.coarse(coarse).into_iter().enumerate();
            let known = coarse.map(|(class, key)| (Value::Seat(Some(class)), key.saturating_add(1)));
            let all = [(Value::Seat(None), 0)].into_iter().chain(known);
            axes.push(Axis::new(
                Fact::Seat,
                all.map(|(value, key)| (value, if changed.seat { key } else { 0 })),
            ));
        }
        if !looks.owned.is_empty() {
            axes.push(Axis::plain(Fact::Owned, !changed.owned.is_empty(), owned(looks)));
        }
        // What is said about the customer of a key counts from the customer's own word upward, and below it not at all.
        let rungs =
            if shared { rungs(std::iter::once(Level::Employer), true) } else { self.employer_rungs(detail) };
        axes.push(Axis::plain(Fact::WorkLevel, matters(changed), levels(&rungs)));
        axes
    }

    fn firm(&self, matters: bool) -> Axis {
        let classes = self.firms.coarse.iter().enumerate();
        let named = classes.map(|(class, coarse)| {
            (Value::Firm(Firm::Named(class)), if *coarse == 0 { 0 } else { coarse.saturating_add(1) })
        });
        let others = [(Value::Firm(Firm::Other), 0), (Value::Firm(Firm::Nobody), 1)];
        let all = others.into_iter().chain(named);
        Axis::new(Fact::Firm, all.map(|(value, key)| (value, if matters { key } else { 0 })))
    }

    fn parties(&self, shared: bool, detail: Detail) -> Vec<Axis> {
        let [looks, changed] = &self.looks;
        let mut axes = Vec::new();
        if looks.party {
            let matches =
                [PartyMatch::None, PartyMatch::Possible, PartyMatch::Confirmed, PartyMatch::Unscreened];
            axes.push(Axis::plain(Fact::Party, changed.party, matches.map(Value::Party)));
        }
        if shared && looks.status {
            axes.push(Axis::plain(Fact::Users, changed.status, levels(&self.rungs(detail))));
        }
        axes
    }

    fn request(&self, detail: Detail) -> Vec<Axis> {
        let [looks, changed] = &self.looks;
        let mut axes = Vec::new();
        if looks.end_use {
            let rungs = self.employer_rungs(detail);
            axes.push(Axis::plain(Fact::EndUse, changed.end_use, EndUse::KNOWN.map(Value::EndUse)));
            axes.push(Axis::plain(Fact::EndUseLevel, changed.end_use, levels(&rungs)));
        }
        if looks.activity {
            let all = [Activity::HostedInference, Activity::WeightsDownload, Activity::SourceCode];
            axes.push(Axis::plain(Fact::Activity, changed.activity, all.map(Value::Activity)));
        }
        if looks.remote {
            // One serving place for each way the sets tell places apart.
            let classes = Partition::of(&looks.places, &[Country::US], true);
            let sites = (0..classes.classes.len()).map(|class| Value::ServedFrom(classes.one(class)));
            axes.push(Axis::plain(Fact::ServedFrom, changed.remote, sites));
        }
        axes
    }
}

/// Places, where each serving place is told apart from its like.
fn by_site(looks: &Looks, classes: &Partition) -> Partition {
    let sites: Vec<Country> = (0..classes.classes.len()).map(|class| classes.one(class)).collect();
    let us = [Country::US].into_iter();
    let apart: Vec<Country> = us.chain(sites.into_iter().filter(|country| *country != Country::US)).collect();
    Partition::of(&looks.places, &apart, true)
}

fn levels(rungs: &Rungs) -> impl Iterator<Item = Value> + use<> {
    let rungs: Vec<Value> = rungs.iter().rev().map(|rung| Value::Level(Some(*rung))).collect();
    rungs.into_iter().chain([Value::Level(None)])
}

/// The weakest and the strongest rung only, where that much detail is left out.
fn thin(mut rungs: Rungs, detail: Detail) -> Rungs {
    if detail >= Detail::Extremes && rungs.len() > 2 {
        let last = rungs.len().saturating_sub(1);
        rungs.drain(1..last);
    }
    rungs
}

/// What listed owners hold for certain, and at most, as far as thresholds tell shares apart.
fn owned(looks: &Looks) -> Vec<Value> {
    let steps: Vec<Share> = [Share::default()].into_iter().chain(looks.owned.iter().copied()).collect();
    let mut all = Vec::new();
    for (least, listed) in steps.iter().enumerate() {
        for (most, ceiling) in steps.iter().enumerate().skip(least) {
            let ownership = Ownership { listed: *listed, unlisted: ceiling.rest() };
            all.push(Value::Owned(least, most, ownership));
        }
    }
    all
}
