//! Whether given facts lie in a region.

use super::classes::Rung;
use super::held::{Listing, Tie};
use super::person::party_of;
use super::region::{Condition, Employers, HeldGroup, Owned, Region, Shown};
use terms::{
    Attested, Citizenship, Country, Employment, EndUse, Instant, Level, MissingFact, PersonFacts, Request,
    SubjectKind, UsStatus, employer_key,
};

/// The value that stands for all where nothing is on file: what every list of values begins with.
const NO_STATUS: UsStatus = UsStatus::Citizen;

impl Region {
    /// Whether a person and a request lie in the region; `None` where the facts are of a kind that was not told
    /// apart: more than two ties to countries, disputed dates, countries of which the person is shown to be no citizen,
    /// statements that contradict each other about work.
    pub fn covers(&self, facts: &PersonFacts, request: &Request, at: Instant) -> Option<bool> {
        if (facts.kind != SubjectKind::Person) != self.shared_keys {
            return Some(false);
        }
        let mut all = true;
        for condition in &self.conditions {
            all &= condition.holds(facts, request, at, &self.ties)?;
        }
        Some(all)
    }
}

impl Condition {
    fn holds(&self, facts: &PersonFacts, request: &Request, at: Instant, ties: &[Tie]) -> Option<bool> {
        Some(match self {
            Self::Status(list) => {
                status(facts, at).map_or(NO_STATUS, |said| said.value).all_of(|one| list.contains(&one))?
            }
            Self::StatusShown(shown) => is_shown(shown, status(facts, at).map(|said| said.level)),
            Self::Nationality(groups) => {
                let held = Ties::of(facts, at, ties)?;
                groups.iter().any(|group| group.has(&held))
            }
            Self::Listing(listings) => Ties::of(facts, at, ties)?.is_listed(listings)?,
            Self::Place(set) => {
                set.contains(place(facts).map_or(Country::US, |place| place.value.as_place()))
            }
            Self::PlaceShown(shown) => is_shown(shown, place_level(facts)),
            Self::Employer(employers) => employers.hold(facts)?,
            Self::Relation(list) => list.contains(
                &work(facts)?.map_or_else(|| terms::Relation::Employee, |employer| employer.relation),
            ),
            Self::Seat { countries, or_unknown } => {
                seat(facts)?.map_or(*or_unknown, |seat| countries.contains(seat))
            }
            Self::Owned(list) => is_owned(list, facts)?,
            Self::EmployerShown(shown) => is_shown(shown, work_level(facts)?),
            Self::Party(list) => list.contains(&party_of(facts)),
            Self::Person(names) => names.has(facts.person_id.as_ref().map(|id| id.as_str())),
            Self::AllUsersUsPersons(shown) => is_shown(shown, users(facts)),
            Self::EndUse(list) => {
                list.contains(&end_use(facts, request).map_or(EndUse::Civil, |said| said.value))
            }
            Self::EndUseShown(shown) => is_shown(shown, end_use(facts, request).map(|said| said.level)),
            Self::Activity(list) => list.contains(&request.activity),
            Self::ServedFrom(list) => list.contains(&request.served_from.as_place()),
        })
    }
}

fn is_shown(shown: &[Shown], level: Option<Level>) -> bool {
    shown.iter().any(|rung| match (rung, level) {
        (Some(rung), Some(level)) => rung.has(level),
        (None, None) => true,
        _ => false,
    })
}

fn status(facts: &PersonFacts, at: Instant) -> Option<Attested<UsStatus>> {
    let Attested { value, mut level } = facts.us_status;
    if value == UsStatus::Unknown || level == Level::Ip || facts.conflicting.contains(MissingFact::UsStatus) {
        return None;
    }
    if facts.us_status_expires.is_some_and(|expires| at >= expires) {
        level = level.min(Level::SelfDeclared);
    }
    Some(Attested::new(value, level))
}

fn place(facts: &PersonFacts) -> Option<Attested<Country>> {
    facts.location.filter(|_| !facts.conflicting.contains(MissingFact::Location))
}

fn place_level(facts: &PersonFacts) -> Option<Level> {
    // The place of a shared key is the caller's own and counts as given.
    let given = facts.kind != SubjectKind::Person;
    place(facts).map(|place| if given { Level::Credential } else { place.level })
}

fn users(facts: &PersonFacts) -> Option<Level> {
    facts
        .all_users_us_persons
        .filter(|users| users.value && users.level != Level::Ip)
        .map(|users| users.level)
}

fn end_use(facts: &PersonFacts, request: &Request) -> Option<Attested<EndUse>> {
    let known = request.end_use.value != EndUse::Unknown && !facts.conflicting.contains(MissingFact::EndUse);
    known.then_some(request.end_use)
}

/// The employer, if there is one; `None` where that is contradicted.
fn work(facts: &PersonFacts) -> Option<Option<&terms::Employer>> {
    match &facts.employment {
        Employment::Unknown => Some(None),
        _ if facts.conflicting.contains(MissingFact::Employment) => None,
        Employment::NoEmployer => Some(None),
        Employment::Works(employer) => Some(Some(employer)),
    }
}

fn work_level(facts: &PersonFacts) -> Option<Option<Level>> {
    let employer = work(facts)?;
    Some(match (&facts.employment, employer) {
        (_, Some(employer)) => Some(employer.level),
        (Employment::NoEmployer, None) => Some(Level::Credential),
        _ => None,
    })
}

fn seat(facts: &PersonFacts) -> Option<Option<Country>> {
    let known = !facts.conflicting.contains(MissingFact::EmployerUltimateParent);
    Some(work(facts)?.and_then(|employer| employer.ultimate_parent).filter(|_| known))
}

fn is_owned(list: &[Owned], facts: &PersonFacts) -> Option<bool> {
    let known = !facts.conflicting.contains(MissingFact::Ownership);
    // Where nobody is an employer, or nothing is known of one, the first class stands for all.
    let (certain, at_most) = match work(facts)? {
        None => (terms::Share::default(), terms::Share::default()),
        Some(_) if !known => (terms::Share::default(), terms::Share::WHOLE),
        Some(employer) => {
            let rest = employer.ownership.listed.plus(employer.ownership.unlisted).rest();
            (employer.ownership.listed, employer.ownership.listed.plus(rest))
        }
    };
    let within = |(from, below): (terms::Share, Option<terms::Share>), share: terms::Share| {
        share >= from && below.is_none_or(|below| share < below)
    };
    Some(list.iter().any(|owned| within(owned.certain, certain) && within(owned.at_most, at_most)))
}

impl Employers {
    fn hold(&self, facts: &PersonFacts) -> Option<bool> {
        Some(match work(facts)? {
            None if facts.employment == Employment::NoEmployer => self.nobody,
            // Nothing on file: any other firm stands for all.
            None => self.firms.has(None),
            Some(employer) => self.firms.has(Some(&employer_key(&employer.name))),
        })
    }
}

/// Ties to countries that count at an instant.
struct Ties<'a> {
    main: Option<&'a Citizenship>,
    tie: Option<(Tie, &'a Citizenship)>,
    complete: Option<Level>,
}

impl<'a> Ties<'a> {
    fn of(facts: &'a PersonFacts, at: Instant, told_apart: &[Tie]) -> Option<Self> {
        let silent = facts.conflicting.contains(MissingFact::Citizenships);
        let contradicted = [MissingFact::AcquisitionDates, MissingFact::ProofOfLoss];
        let all = || facts.citizenships.iter().chain(&facts.permanent_residences);
        let odd = |held: &Citizenship| held.registered.is_some() || held.level == Level::Ip;
        let excluded = !facts.not_citizenships.is_empty();
        if contradicted.into_iter().any(|fact| facts.conflicting.contains(fact)) || excluded || all().any(odd)
        {
            return None;
        }
        let mut ties =
            Self { main: None, tie: None, complete: complete(facts, told_apart)?.filter(|_| !silent) };
        if silent && !facts.citizenships.is_empty() && !facts.permanent_residences.is_empty() {
            return None;
        }
        let acquired = |held: &&Citizenship| held.from.is_none_or(|from| from <= at);
        let lost = |held: &Citizenship| held.until.is_some_and(|until| until <= at);
        let citizenships = || facts.citizenships.iter().filter(acquired).filter(|_| !silent);
        for held in citizenships().filter(|held| !lost(held)) {
            ties.add_citizenship(held, told_apart)?;
        }
        for held in citizenships().filter(|held| lost(held)) {
            ties.add_lost(held, told_apart)?;
        }
        for held in facts.permanent_residences.iter().filter(acquired) {
            if lost(held) {
                ties.lost_residence(held)?;
            } else {
                ties.add_residence(held, told_apart)?;
            }
        }
        Some(ties)
    }

    fn add(&mut self, tie: Tie, held: &'a Citizenship) -> Option<()> {
        if self.tie.is_some() {
            return None;
        }
        self.tie = Some((tie, held));
        Some(())
    }

    fn add_citizenship(&mut self, held: &'a Citizenship, told_apart: &[Tie]) -> Option<()> {
        let Some(main) = self.main else {
            self.main = Some(held);
            return Some(());
        };
        if told_apart.contains(&Tie::Also) {
            return self.add(Tie::Also, held);
        }
        let dated = told_apart.contains(&Tie::Later);
        match (main.from, held.from) {
            (Some(first), Some(second)) if first < second && dated => self.add(Tie::Later, held),
            (Some(first), Some(second)) if first > second && dated => {
                self.main = Some(held);
                self.add(Tie::Later, main)
            }
            (None, None) if told_apart.contains(&Tie::Undated) => self.add(Tie::Undated, held),
            _ => None,
        }
    }

    /// A proven loss counts only where nationalities ever held do.
    fn add_lost(&mut self, held: &'a Citizenship, told_apart: &[Tie]) -> Option<()> {
        match held.until_level {
            Level::Credential if told_apart.contains(&Tie::Former) => self.add(Tie::Former, held),
            Level::Credential if !told_apart.is_empty() => Some(()),
            Level::None if told_apart.contains(&Tie::SaidLost) => {
                let first = self.main.and_then(|main| main.from);
                let in_order = self.main.is_none() || (first.is_some() && first < held.from);
                let ordered = !told_apart.contains(&Tie::Later) || in_order;
                if ordered { self.add(Tie::SaidLost, held) } else { None }
            }
            _ => None,
        }
    }

    fn lost_residence(&mut self, held: &Citizenship) -> Option<()> {
        (held.until_level == Level::Credential).then_some(())
    }

    fn add_residence(&mut self, held: &'a Citizenship, told_apart: &[Tie]) -> Option<()> {
        if !told_apart.contains(&Tie::Resident) {
            return if told_apart.is_empty() { None } else { Some(()) };
        }
        let first = self.main.and_then(|main| main.from);
        match (self.main, first, held.from) {
            (None, ..) => self.add(Tie::Resident, held),
            (Some(_), Some(first), Some(later)) if first < later => self.add(Tie::Resident, held),
            (Some(_), Some(first), Some(later)) if first > later => self.add(Tie::ResidentBefore, held),
            _ => None,
        }
    }

    fn is_listed(&self, listings: &[Listing]) -> Option<bool> {
        // Where there is nothing to show, the first rung stands for all.
        let is = |rung: Rung, held: Option<&Citizenship>| {
            held.map_or(rung.from == Level::None, |held| rung.has(held.level))
        };
        let said = |shown: Option<Rung>| match (shown, self.complete) {
            (Some(rung), Some(level)) => rung.has(level),
            (None, None) => true,
            _ => false,
        };
        let second = self.tie.map(|(_, held)| held);
        Some(listings.iter().any(|listing| {
            is(listing.main, self.main) && is(listing.tie, second.or(self.main)) && said(listing.complete)
        }))
    }
}

/// At which level the list is said to be all; that these are held now, or that somebody is stateless, says the same,
/// but not of the past.
fn complete(facts: &PersonFacts, told_apart: &[Tie]) -> Option<Option<Level>> {
    let said = |said: Attested<bool>| Some(said.level).filter(|level| said.value && *level != Level::Ip);
    let complete = said(facts.citizenships_complete);
    let now = said(facts.citizenships_current).max(said(facts.stateless));
    let of_the_past = told_apart.is_empty() || told_apart.contains(&Tie::Former);
    if of_the_past && now > complete { None } else { Some(complete.max(now)) }
}

impl HeldGroup {
    fn has(&self, ties: &Ties<'_>) -> bool {
        let of_main = ties.main.map_or(self.or_none, |main| self.main.contains(main.country));
        of_main
            && match ties.tie {
                None => self.tie.is_none(),
                Some((tie, held)) => self.tie == Some(tie) && self.other.contains(held.country),
            }
    }
}
