//! Which nationalities count, as stated, as proven and as they may be.

use super::case::{Case, Rule, suffices};
use super::world::{Axis, World};
use crate::scenario::{self, NationalityRule, Scenario};
use std::collections::BTreeSet;
use terms::{Country, CountrySet, Instant, Level, MissingFact, Question, SubjectKind};

/// What is stated about losing a citizenship or a residence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Loss {
    /// It is held.
    None,
    /// It was lost, at the required level.
    Proven,
    /// It is said to have been lost; the number of the claim.
    Claimed(usize),
}

/// A citizenship or a permanent residence on file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Holding {
    country: Country,
    origin: Option<Instant>,
    registration: Option<Instant>,
    disputed: bool,
    residence: bool,
    proven: bool,
    loss: Loss,
}

/// What is on file about nationality.
#[derive(Debug, Default)]
pub(super) struct Nationality {
    holdings: Vec<Holding>,
    /// Holdings known from an IP address only: they say that there is something, not what.
    silent: Vec<Holding>,
    claimed_losses: usize,
    dates_unknown: bool,
    said_complete: bool,
    said_stateless: bool,
    /// Shown to be all that are held now, and all that ever were.
    current: bool,
    complete: bool,
    stateless: bool,
    /// Countries of which it is proven that no citizenship is held now.
    pub(super) not_held: CountrySet,
}

impl Nationality {
    pub(super) fn new(scenario: &Scenario) -> Self {
        let subject = &scenario.subject;
        if subject.kind != SubjectKind::Person {
            return Self::default();
        }
        let conflicting = |fact| subject.conflicting_facts.contains(&fact);
        let mut found = Self { dates_unknown: conflicting(MissingFact::AcquisitionDates), ..Self::default() };
        if !conflicting(MissingFact::Citizenships) {
            found.read_list(scenario);
        }
        for residence in &subject.permanent_residences {
            found.add(scenario, residence, true);
        }
        found
    }

    fn read_list(&mut self, scenario: &Scenario) {
        let subject = &scenario.subject;
        let denied = subject.not_citizenships.iter().filter(|denied| suffices(scenario, denied.evidence));
        self.not_held = denied.map(|denied| denied.country).collect();
        for citizenship in &subject.citizenships {
            self.add(scenario, citizenship, false);
        }
        let said =
            |statement: Option<scenario::Attested<bool>>| statement.filter(|statement| statement.value);
        let list = said(subject.citizenships_complete);
        let current = said(subject.citizenships_current);
        let stateless = said(subject.stateless);
        let heard = |statement: scenario::Attested<bool>| statement.evidence != Level::Ip;
        self.said_stateless = stateless.is_some_and(heard);
        self.said_complete = list.is_some_and(heard) || current.is_some_and(heard) || self.said_stateless;
        self.current = current.is_some_and(|current| suffices(scenario, current.evidence));
        self.complete = list.is_some_and(|list| suffices(scenario, list.evidence));
        self.stateless = stateless.is_some_and(|stateless| suffices(scenario, stateless.evidence));
    }

    fn add(&mut self, scenario: &Scenario, stated: &scenario::Holding, residence: bool) {
        let date = |day: Option<scenario::Day>| day.map(|day| day.0).filter(|_| !self.dates_unknown);
        let disputed = stated.from_disputed && !self.dates_unknown;
        let in_doubt = scenario.subject.conflicting_facts.contains(&MissingFact::ProofOfLoss);
        let level = stated.until_evidence.unwrap_or_default();
        // That a citizenship is not held proves that one which once was is lost.
        let proven = suffices(scenario, level) || !residence && self.not_held.contains(stated.country);
        let loss = match stated.until {
            Some(until) if until.0 <= scenario.at && !in_doubt && proven => Loss::Proven,
            Some(until) if until.0 <= scenario.at => Loss::Claimed(self.claimed_losses),
            _ => Loss::None,
        };
        let (origin, registration) = (date(stated.from), date(stated.from_alt));
        let candidates = [Some(origin), disputed.then_some(registration)];
        let future = |date: Option<Instant>| date.is_some_and(|date| date > scenario.at);
        if candidates.into_iter().flatten().all(future) {
            return;
        }
        if matches!(loss, Loss::Claimed(_)) {
            self.claimed_losses += 1;
        }
        let proven = suffices(scenario, stated.evidence);
        let country = stated.country;
        let holding = Holding { country, origin, registration, disputed, residence, proven, loss };
        if stated.evidence == Level::Ip { self.silent.push(holding) } else { self.holdings.push(holding) }
    }

    pub(super) fn holdings(&self) -> &[Holding] {
        &self.holdings
    }

    pub(super) fn claimed_losses(&self) -> usize {
        self.claimed_losses
    }
}

/// Citizenships that are not on the list, and whether the latest acquisition is among them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Hidden {
    countries: CountrySet,
    latest: Option<Country>,
}

impl Hidden {
    /// One for each way in which hidden citizenships may matter. Behind a key there may also be a hidden residence,
    /// which only counts as the latest acquisition.
    pub(super) fn all(
        origins: &[Country],
        against: &[CountrySet],
        required: &[CountrySet],
        recent: &[CountrySet],
        residences: bool,
    ) -> Vec<Self> {
        let mut seen = BTreeSet::new();
        let mut worlds = Vec::new();
        for subset in 0..1_usize << origins.len() {
            let members = || (0..origins.len()).filter(move |member| subset >> member & 1 == 1);
            let countries: CountrySet = members().map(|member| origins[member]).collect();
            let all = origins.iter().copied();
            let latest =
                all.filter(|country| !recent.is_empty() && (residences || countries.contains(*country)));
            for latest in [None].into_iter().chain(latest.map(Some)) {
                let mut key: Vec<bool> = vec![countries.is_empty(), latest.is_some()];
                key.extend(against.iter().map(|set| countries.iter().any(|country| set.contains(country))));
                key.extend(required.iter().map(|set| countries.is_subset(set)));
                key.extend(recent.iter().map(|set| latest.is_some_and(|latest| set.contains(latest))));
                if seen.insert(key) {
                    worlds.push(Self { countries, latest });
                }
            }
        }
        worlds
    }

    fn any_in(&self, set: &CountrySet) -> bool {
        self.countries.iter().any(|country| set.contains(country))
    }

    /// The same without what nobody has.
    fn without(&self, none: &CountrySet) -> Self {
        Self {
            countries: self.countries.difference(none),
            latest: self.latest.filter(|latest| !none.contains(*latest)),
        }
    }
}

/// When a holding was acquired, as far as it counts: dates that are not known may lie before or after all others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Acquired {
    Early,
    On(Instant),
    Late,
}

impl Case<'_> {
    /// Whether the person is a national of one of the directive's countries under its rule.
    pub(super) fn is_national(&self, rule: &Rule<'_>, world: &World) -> bool {
        let set = self.countries(rule, world);
        match rule.directive.persons.rule {
            Some(NationalityRule::AnyHeld) => self.any_held(&set, world),
            Some(NationalityRule::EverHeld) => self.ever_held(&set, world),
            Some(NationalityRule::MostRecent) => self.most_recent(&set, world),
            Some(NationalityRule::Unspecified) | None => {
                match self.reading(Question::NationalityRule, world) {
                    "any_held" => self.any_held(&set, world),
                    "ever_held" => self.ever_held(&set, world),
                    _ => self.most_recent(&set, world),
                }
            }
        }
    }

    /// Any current citizenship in the set.
    pub(super) fn any_held(&self, set: &CountrySet, world: &World) -> bool {
        let mut inside = self.citizenships().filter(|holding| set.contains(holding.country));
        inside.any(|holding| self.is_current(holding, world))
            || self.list_is_open(set, world) && self.citizenships_hidden_in(world).any_in(set)
    }

    /// Any citizenship in the set, also one that was lost.
    fn ever_held(&self, set: &CountrySet, world: &World) -> bool {
        let known = &self.nationality;
        if self
            .citizenships()
            .any(|holding| set.contains(holding.country) && self.is_acquired(holding, world))
        {
            return true;
        }
        let unproven = |holding: &Holding| {
            !set.contains(holding.country) && !holding.proven && self.is_acquired(holding, world)
        };
        let silent = known.silent.iter().any(|holding| !holding.residence);
        let open = !known.complete || silent || self.citizenships().any(unproven);
        open && (self.citizenships_hidden_in(world).any_in(set)
            || self.past(world).is_some_and(|country| set.contains(country)))
    }

    /// Every current citizenship in the set, and at least one. This favours the person.
    pub(super) fn all_nationalities_in(&self, set: &CountrySet, world: &World) -> bool {
        let known = &self.nationality;
        let outside = |holding: &Holding| !set.contains(holding.country);
        let none_stated = known.said_complete
            && known.silent.iter().all(|holding| holding.residence)
            && !self.citizenships().any(|holding| holding.loss == Loss::None);
        if none_stated || known.said_stateless {
            return false;
        }
        if self.citizenships().any(|holding| outside(holding) && self.is_current(holding, world)) {
            return false;
        }
        let complement = CountrySet::all().difference(set);
        let listed = self.citizenships().any(|holding| self.is_current(holding, world));
        if !self.list_is_open(&complement, world) {
            return listed;
        }
        let hidden = self.citizenships_hidden_in(world);
        hidden.countries.is_subset(set) && (listed || !hidden.countries.is_empty())
    }

    /// The country of the latest acquisition among current citizenships and residences is in the set.
    fn most_recent(&self, set: &CountrySet, world: &World) -> bool {
        if self.most_recent_as_stated(set, world) {
            return true;
        }
        let holdings = self.nationality.holdings.iter();
        let current: Vec<&Holding> = holdings.filter(|holding| self.is_current(holding, world)).collect();
        let unproven = |holding: &&Holding| !set.contains(holding.country) && !holding.proven;
        let silent = self.nationality.silent.iter();
        let open = self.list_is_incomplete()
            || current.iter().any(unproven)
            || silent.into_iter().any(|holding| self.is_current(holding, world));
        if open && self.is_ruled_out(set) && !current.iter().any(|holding| set.contains(holding.country)) {
            // No citizen of any other country is reached. Somebody without citizenship may be, by the place.
            return !current.iter().any(|holding| holding.proven)
                && self.hidden_in(world).countries.is_empty()
                && self.reading(Question::StatelessCountry, world) == "residence"
                && self.is_located_in(set, world);
        }
        if open {
            let hidden = self.hidden_in(world);
            if let Some(latest) = hidden.latest {
                return set.contains(latest);
            }
            if current.is_empty() && !hidden.countries.is_empty() {
                return hidden.any_in(set);
            }
        }
        if current.is_empty() {
            return self.counts_as_stateless(world) && self.is_located_in(set, world);
        }
        let latest = |holding: &&Holding| self.acquired(holding, set, world);
        let last = current.iter().map(latest).max();
        current.iter().any(|holding| Some(latest(holding)) == last && set.contains(holding.country))
    }

    /// Whether no citizenship of any of these countries is held, and no residence on file may stand for one there.
    fn is_ruled_out(&self, set: &CountrySet) -> bool {
        self.residences_are_shown && !set.is_empty() && set.is_subset(&self.nationality.not_held)
    }

    /// The latest acquisition is in the set by what is stated alone: such a statement needs no proof.
    fn most_recent_as_stated(&self, set: &CountrySet, world: &World) -> bool {
        let known = &self.nationality;
        let in_doubt = self.conflicting(MissingFact::ProofOfLoss);
        let claimed_outside = known.holdings.iter().any(|holding| {
            holding.loss != Loss::None && self.is_acquired(holding, world) && !set.contains(holding.country)
        });
        if in_doubt && claimed_outside {
            return false;
        }
        if !known.said_complete || known.silent.iter().any(|holding| holding.loss == Loss::None) {
            return false;
        }
        let holdings = known.holdings.iter().filter(|holding| holding.loss == Loss::None);
        let current: Vec<&Holding> = holdings.filter(|holding| self.is_acquired(holding, world)).collect();
        if current.is_empty() {
            return self.counts_as_stateless(world) && self.is_located_in(set, world);
        }
        let date = |holding: &Holding| self.date(holding, world);
        let last = current.iter().filter_map(|holding| date(holding)).max();
        let dated = current.iter().filter(|holding| date(holding).is_some());
        let undated_inside =
            current.iter().all(|holding| date(holding).is_some() || set.contains(holding.country));
        let last_inside =
            dated.into_iter().any(|holding| date(holding) == last && set.contains(holding.country));
        undated_inside && (last.is_none() || last_inside)
    }

    /// Whether somebody with neither citizenship nor residence counts to the country of location. The question
    /// arises only for those of whom this is stated; for others an answer on record applies.
    fn counts_as_stateless(&self, world: &World) -> bool {
        let arises = self.nationality.said_complete;
        let recorded = self.scenario.operator.choices.contains_key(&Question::StatelessCountry);
        (arises || recorded) && self.reading(Question::StatelessCountry, world) == "residence"
    }

    fn citizenships(&self) -> impl Iterator<Item = &Holding> {
        self.nationality.holdings.iter().filter(|holding| !holding.residence)
    }

    /// Whether a current citizenship may exist that is not on the list.
    fn list_is_incomplete(&self) -> bool {
        !self.nationality.complete && !self.nationality.current && !self.nationality.stateless
    }

    /// Whether a citizenship in the adverse set may be missing from the list, or stand behind one not proven.
    fn list_is_open(&self, adverse: &CountrySet, world: &World) -> bool {
        let mut unproven =
            self.citizenships().filter(|holding| !adverse.contains(holding.country) && !holding.proven);
        let mut silent = self.nationality.silent.iter().filter(|holding| !holding.residence);
        self.list_is_incomplete()
            || unproven.any(|holding| self.is_current(holding, world))
            || silent.any(|holding| self.is_current(holding, world))
    }

    fn is_current(&self, holding: &Holding, world: &World) -> bool {
        let held = match holding.loss {
            Loss::None => true,
            Loss::Proven => false,
            Loss::Claimed(number) => world.value(Axis::Losses) >> number & 1 == 0,
        };
        held && self.is_acquired(holding, world)
    }

    fn is_acquired(&self, holding: &Holding, world: &World) -> bool {
        self.date(holding, world).is_none_or(|date| date <= self.scenario.at)
    }

    /// The date of acquisition as stated, under this world's answer where the law gives two.
    fn date(&self, holding: &Holding, world: &World) -> Option<Instant> {
        if !holding.disputed || holding.origin == holding.registration {
            return holding.origin;
        }
        match self.reading(Question::CitizenshipDate, world) {
            "registration" => holding.registration,
            _ => holding.origin,
        }
    }

    /// The date as it counts. That an adverse acquisition was early helps the person, so it must be proven.
    fn acquired(&self, holding: &Holding, adverse: &CountrySet, world: &World) -> Acquired {
        let counts = holding.proven || !adverse.contains(holding.country);
        match self.date(holding, world).filter(|_| counts) {
            Some(date) => Acquired::On(date),
            None => {
                let last =
                    world.value(Axis::Order).checked_sub(1).map(|number| &self.nationality.holdings[number]);
                if last.is_some_and(|last| std::ptr::eq(last, holding)) {
                    Acquired::Late
                } else {
                    Acquired::Early
                }
            }
        }
    }

    fn hidden_in(&self, world: &World) -> &Hidden {
        &self.hidden()[world.value(Axis::Hidden)]
    }

    /// What is hidden as far as it is citizenships.
    fn citizenships_hidden_in(&self, world: &World) -> Hidden {
        self.hidden_in(world).without(&self.nationality.not_held)
    }

    fn past(&self, world: &World) -> Option<Country> {
        world.value(Axis::Past).checked_sub(1).map(|number| self.origins()[number])
    }
}
