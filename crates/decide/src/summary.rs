//! What a subject's facts come to, summed up for the mask tables, over the stretch of time in which it holds.

use crate::subject::{Holding, Subject, Work};
use terms::{Country, Instant, Level, MissingFact, PartyMatch, UsStatus};

/// Countries held in place; more than fit are looked at singly.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Few {
    rows: [u8; 4],
    len: u8,
}

impl Few {
    fn push(&mut self, country: Country) -> Option<()> {
        let slot = self.rows.get_mut(usize::from(self.len))?;
        *slot = country.row();
        self.len = self.len.saturating_add(1);
        Some(())
    }

    /// Their rows in the tables.
    pub(crate) fn rows(&self) -> &[u8] {
        self.rows.get(..usize::from(self.len)).unwrap_or_default()
    }
}

/// Nationalities that count under one rule, and the level at which they are shown to be all.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Nations {
    /// Cannot be summed up: look singly.
    pub(crate) singly: bool,
    pub(crate) countries: Few,
    /// `None` = not known to be all, at any level.
    pub(crate) clears: Option<Level>,
}

const SINGLY: Nations = Nations { singly: true, countries: Few { rows: [0; 4], len: 0 }, clears: None };

/// A fact about the employer.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) enum Known<T> {
    #[default]
    Unknown,
    Nothing,
    Is(T),
}

/// The summary.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Summary {
    from: Instant,
    until: Instant,
    /// Everything personal is looked at singly.
    pub(crate) personal_singly: bool,
    /// `None` = not known.
    pub(crate) status: Option<UsStatus>,
    pub(crate) status_level: Level,
    pub(crate) any: Nations,
    pub(crate) ever: Nations,
    pub(crate) recent: Nations,
    pub(crate) place: Option<u8>,
    pub(crate) place_is_us: bool,
    pub(crate) place_level: Level,
    pub(crate) seat: Known<u8>,
    pub(crate) firm: Known<Option<u32>>,
    pub(crate) employer_level: Level,
    pub(crate) party: PartyMatch,
}

impl Default for Summary {
    fn default() -> Self {
        Self {
            from: Instant::MAX,
            until: Instant::MIN,
            personal_singly: true,
            status: None,
            status_level: Level::None,
            any: SINGLY,
            ever: SINGLY,
            recent: SINGLY,
            place: None,
            place_is_us: false,
            place_level: Level::None,
            seat: Known::Unknown,
            firm: Known::Unknown,
            employer_level: Level::None,
            party: PartyMatch::Unscreened,
        }
    }
}

impl Summary {
    /// Whether it holds at an instant.
    pub(crate) fn holds_at(&self, at: Instant) -> bool {
        self.from <= at && at < self.until
    }

    pub(crate) fn of(subject: &Subject, now: Instant) -> Self {
        let from = subject.dates().filter(|date| *date <= now).max().unwrap_or(Instant::MIN);
        let until = subject.dates().filter(|date| *date > now).min().unwrap_or(Instant::MAX);
        let mut summary = Self {
            from,
            until,
            personal_singly: !subject.is_person(),
            party: subject.party(),
            ..Self::default()
        };
        summary.sum_up_status(subject, now);
        summary.sum_up_nations(subject, now);
        summary.sum_up_place(subject);
        summary.sum_up_work(subject);
        summary
    }

    fn sum_up_status(&mut self, subject: &Subject, now: Instant) {
        let lapsed = subject.us_status_expires.is_some_and(|expires| now >= expires);
        let level = subject.us_status.level;
        self.status_level = if lapsed { level.min(Level::SelfDeclared) } else { level };
        let silent = subject.us_status.value == UsStatus::Unknown || level == Level::Ip;
        if !silent && !subject.conflicting(MissingFact::UsStatus) {
            self.status = Some(subject.us_status.value);
        }
    }

    fn sum_up_place(&mut self, subject: &Subject) {
        let stated = subject.location.filter(|_| !subject.conflicting(MissingFact::Location));
        let Some(place) = stated else { return };
        self.place = Some(place.value.as_place().row());
        self.place_is_us = place.value.as_place() == Country::US;
        // The place of a shared key or service is the caller's own and counts as given.
        self.place_level = if subject.is_person() { place.level } else { Level::Credential };
    }

    fn sum_up_work(&mut self, subject: &Subject) {
        let open = |fact| subject.conflicting(fact);
        match subject.work {
            Work::Unknown => {}
            Work::Nobody => {
                if !open(MissingFact::Employment) {
                    self.seat = Known::Nothing;
                    self.firm = Known::Nothing;
                }
            }
            Work::At(post) => {
                self.employer_level = post.level;
                if !open(MissingFact::EmployerUltimateParent) {
                    self.seat = post.parent.map_or(Known::Unknown, |parent| Known::Is(parent.row()));
                }
                if !open(MissingFact::Employment) {
                    self.firm = Known::Is(post.firm);
                }
            }
        }
    }

    /// Nationalities, where the list says plainly what is held: no claimed loss without proof, no disputed date, no
    /// statement that rests on a network address, and the same level throughout.
    fn sum_up_nations(&mut self, subject: &Subject, now: Instant) {
        let said = |at: Option<Instant>| at.is_some_and(|at| at <= now);
        let plain = |held: &&Holding| {
            held.registered.is_none()
                && held.level != Level::Ip
                && (!said(held.until) || held.until_level == Level::Credential)
        };
        let contradicted =
            [MissingFact::Citizenships, MissingFact::ProofOfLoss, MissingFact::AcquisitionDates];
        if contradicted.into_iter().any(|fact| subject.conflicting(fact))
            || !subject.holdings.iter().all(|held| plain(&held))
        {
            return;
        }
        let acquired = |held: &&Holding| held.from.is_none_or(|from| from <= now);
        let current = |held: &&Holding| acquired(held) && !said(held.until);
        let level = |attested: terms::Attested<bool>| {
            Some(attested.level).filter(|level| attested.value && *level != Level::Ip)
        };
        let complete = level(subject.complete);
        let stateless = level(subject.stateless);
        let citizenships = || subject.holdings.iter().filter(|held| held.citizenship);
        self.any = nations(citizenships().filter(current), complete.max(stateless));
        self.ever = nations(citizenships().filter(acquired), complete);
        self.recent = recent(&subject.holdings, current, complete.max(stateless));
    }
}

fn nations<'a>(held: impl Iterator<Item = &'a Holding>, complete: Option<Level>) -> Nations {
    let mut nations = Nations { clears: complete, ..Nations::default() };
    for held in held {
        nations.clears = nations.clears.map(|level| level.min(held.level));
        if nations.countries.push(held.country).is_none() {
            return SINGLY;
        }
    }
    nations
}

/// The latest holding, where every date is known, all are shown at one level, and there is one.
fn recent(holdings: &[Holding], current: impl Fn(&&Holding) -> bool, complete: Option<Level>) -> Nations {
    let held = || holdings.iter().filter(&current);
    let Some(first) = held().next() else { return SINGLY };
    let alone = held().count() == 1;
    let plain = held().all(|other| other.level == first.level && (alone || other.from.is_some()));
    // A level for the list below that of the holdings, or above it, makes their statements weigh differently.
    if !plain || complete.is_none_or(|level| level < first.level) {
        return SINGLY;
    }
    let latest = held().map(|other| other.from).max().flatten();
    nations(held().filter(|other| other.from == latest), Some(first.level))
}
