//! The one who asks, made ready for one regime: names are numbers, and what can be summed up is summed up.

use crate::summary::Summary;
use law::Regime;
use terms::{
    Attested, Citizenship, Country, CountrySet, Disputed, Employment, FactMask, Instant, Level, MissingFact,
    Ownership, PartyMatch, PersonFacts, Relation, SubjectKind, UsStatus,
};

/// A citizenship or a permanent residence.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Holding {
    /// A citizenship, or else a residence.
    pub(crate) citizenship: bool,
    pub(crate) country: Country,
    pub(crate) from: Option<Instant>,
    pub(crate) registered: Option<Disputed>,
    pub(crate) until: Option<Instant>,
    pub(crate) level: Level,
    pub(crate) until_level: Level,
}

impl Holding {
    fn of(held: &Citizenship, citizenship: bool) -> Self {
        Self {
            citizenship,
            country: held.country,
            from: held.from,
            registered: held.registered,
            until: held.until,
            level: held.level,
            until_level: held.until_level,
        }
    }

    /// Every date that is stated.
    pub(crate) fn dates(&self) -> impl Iterator<Item = Instant> {
        self.dates_of_acquisition().chain(self.until)
    }

    /// Every date of acquisition that is stated.
    pub(crate) fn dates_of_acquisition(&self) -> impl Iterator<Item = Instant> {
        [self.from, self.registered.and_then(|disputed| disputed.on)].into_iter().flatten()
    }
}

/// Countries of which it is shown that no citizenship is held now, by the level at which that is shown.
#[derive(Clone, Debug, Default)]
pub(crate) struct Excluded(Option<Box<[CountrySet; Level::ALL.len()]>>);

impl Excluded {
    /// A network address says nothing about nationality.
    fn of(facts: &PersonFacts) -> Self {
        let said = || facts.not_citizenships.iter().filter(|not| not.level != Level::Ip);
        let shown = |level| said().filter(|not| not.level >= level).map(|not| not.country).collect();
        Self(said().next().map(|_| Box::new(Level::ALL.map(shown))))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// Those shown at this level or above.
    pub(crate) fn at(&self, level: Level) -> &CountrySet {
        let sets = self.0.as_deref();
        sets.and_then(|sets| sets.get(usize::from(level as u8))).unwrap_or(&CountrySet::EMPTY)
    }

    /// Those shown at exactly this level.
    pub(crate) fn just_at(&self, level: Level) -> CountrySet {
        let above = Level::ALL.into_iter().find(|other| *other > level);
        self.at(level).difference(above.map_or(&CountrySet::EMPTY, |above| self.at(above)))
    }
}

/// A place of work.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Post {
    /// The firm's number; `None` = a firm no instrument names.
    pub(crate) firm: Option<u32>,
    pub(crate) relation: Relation,
    pub(crate) level: Level,
    pub(crate) parent: Option<Country>,
    pub(crate) ownership: Ownership,
}

/// What is known about employment.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Work {
    Unknown,
    Nobody,
    At(Post),
}

/// What is stated, with names as numbers.
#[derive(Clone, Debug)]
pub(crate) struct OnFile {
    pub(crate) kind: SubjectKind,
    /// The number of the person, if some instrument names that person.
    pub(crate) person: Option<u32>,
    pub(crate) us_status: Attested<UsStatus>,
    pub(crate) us_status_expires: Option<Instant>,
    /// Citizenships, then residences.
    pub(crate) holdings: Box<[Holding]>,
    pub(crate) complete: Attested<bool>,
    /// All that are held now.
    pub(crate) current: Attested<bool>,
    pub(crate) excluded: Excluded,
    pub(crate) stateless: Attested<bool>,
    pub(crate) location: Option<Attested<Country>>,
    pub(crate) work: Work,
    pub(crate) party_match: PartyMatch,
    pub(crate) all_users_us_persons: Option<Attested<bool>>,
    pub(crate) conflicting: FactMask,
}

impl OnFile {
    fn of(regime: &Regime, facts: &PersonFacts) -> Self {
        let citizenships = facts.citizenships.iter().map(|held| Holding::of(held, true));
        let residences = facts.permanent_residences.iter().map(|held| Holding::of(held, false));
        Self {
            kind: facts.kind,
            person: facts.person_id.as_ref().and_then(|id| regime.person(id)),
            us_status: facts.us_status,
            us_status_expires: facts.us_status_expires,
            holdings: citizenships.chain(residences).collect(),
            complete: facts.citizenships_complete,
            current: facts.citizenships_current,
            excluded: Excluded::of(facts),
            stateless: facts.stateless,
            location: facts.location,
            work: match &facts.employment {
                Employment::Unknown => Work::Unknown,
                Employment::NoEmployer => Work::Nobody,
                // The firm behind a key is a matter of contract: a mere statement of it is none.
                Employment::Works(employer)
                    if facts.kind != SubjectKind::Person && employer.level < Level::Employer =>
                {
                    Work::Unknown
                }
                Employment::Works(employer) => Work::At(Post {
                    firm: regime.firm(&employer.name),
                    relation: employer.relation,
                    level: employer.level,
                    parent: employer.ultimate_parent,
                    ownership: employer.ownership,
                }),
            },
            party_match: facts.party_match,
            all_users_us_persons: facts.all_users_us_persons,
            conflicting: facts.conflicting,
        }
    }
}

impl OnFile {
    pub(crate) fn is_person(&self) -> bool {
        self.kind == SubjectKind::Person
    }

    pub(crate) fn conflicting(&self, fact: MissingFact) -> bool {
        self.conflicting.contains(fact)
    }

    /// Screening, where contradictory results count as open.
    pub(crate) fn party(&self) -> PartyMatch {
        if self.conflicting(MissingFact::Screening) {
            PartyMatch::Unscreened
        } else if self.conflicting(MissingFact::PartyIdentity) {
            PartyMatch::Possible
        } else {
            self.party_match
        }
    }

    /// The firm's number, and whether firm and person are known at all.
    pub(crate) fn firm_on_file(&self) -> (Option<u32>, bool) {
        let open = self.conflicting(MissingFact::Employment);
        match self.work {
            Work::At(post) => (post.firm, self.is_person() && !open),
            Work::Nobody => (None, self.is_person() && !open),
            Work::Unknown => (None, false),
        }
    }

    /// Every instant at which a personal fact changes.
    pub(crate) fn dates(&self) -> impl Iterator<Item = Instant> + '_ {
        self.holdings.iter().flat_map(Holding::dates).chain(self.us_status_expires)
    }

    /// The stretch of time around an instant in which the summary speaks for everything personal: no fact changes. A
    /// status that may be several cannot be summed up.
    fn stretch(&self, now: Instant) -> [Instant; 2] {
        if self.us_status.value == UsStatus::UsPerson {
            return [Instant::MAX, Instant::MIN];
        }
        let from = self.dates().filter(|date| *date <= now).max().unwrap_or(Instant::MIN);
        let until = self.dates().filter(|date| *date > now).min().unwrap_or(Instant::MAX);
        [from, until]
    }
}

/// Facts made ready for one [`Regime`]: after a sign-in, and again when facts or regime change. Building it
/// allocates; deciding about it does not.
#[derive(Clone, Debug)]
#[repr(C)]
pub struct Subject {
    // What every decision reads comes first, where a line of memory begins.
    pub(crate) summary: Summary,
    stretch: [Instant; 2],
    pub(crate) file: Box<OnFile>,
}

impl Subject {
    /// Makes facts ready. `now` is about when decisions will be asked for; they may be asked for at any time, but near
    /// it they are quicker.
    pub fn new(regime: &Regime, facts: &PersonFacts, now: Instant) -> Self {
        let file = Box::new(OnFile::of(regime, facts));
        Self { summary: Summary::of(&file, regime, now), stretch: file.stretch(now), file }
    }

    /// Sums up again, after what is on file has changed.
    pub(crate) fn sum_up(&mut self, regime: &Regime, now: Instant) {
        self.summary = Summary::of(&self.file, regime, now);
        self.stretch = self.file.stretch(now);
    }

    /// Whether the summary holds at an instant.
    pub(crate) fn holds_at(&self, at: Instant) -> bool {
        let [from, until] = self.stretch;
        !self.summary.dated() || (from <= at && at < until)
    }

    pub(crate) fn is_person(&self) -> bool {
        !self.summary.personal_singly()
    }

    pub(crate) fn conflicting(&self, fact: MissingFact) -> bool {
        self.file.conflicting(fact)
    }

    pub(crate) fn party(&self) -> PartyMatch {
        self.file.party()
    }

    pub(crate) fn firm_on_file(&self) -> (Option<u32>, bool) {
        self.file.firm_on_file()
    }

    pub(crate) fn dates(&self) -> impl Iterator<Item = Instant> + '_ {
        self.file.dates()
    }
}
