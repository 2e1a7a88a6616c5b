//! What a subject's facts come to, summed up for the mask tables, over the stretch of time in which it holds.

use crate::subject::{Holding, OnFile, Post, Work};
use law::{Entries, NO_STATUS, NOWHERE, OPEN, Regime, SETTLED, Span};
use terms::{Attested, Country, Instant, Level, MissingFact, PartyMatch, Relation, UsStatus};

/// Stands for more than fit: looked at singly.
const MANY: u8 = u8::MAX;

/// A fact about place or employer: the row of the country in the tables, and how well it is shown.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shown {
    /// [`NOWHERE`] where no country is known.
    pub(crate) row: u8,
    /// The level, or [`SETTLED`] or [`OPEN`]: see [`law::Block::unclear`].
    pub(crate) level: u8,
}

impl Shown {
    const UNKNOWN: Self = Self { row: NOWHERE, level: OPEN };
    const NOTHING: Self = Self { row: NOWHERE, level: SETTLED };
}

/// Nationalities that count under one rule, and the level at which they are shown to be all.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Nations {
    /// [`NOWHERE`] beyond the last, so that all are looked up without a jump.
    pub(crate) rows: [u8; 3],
    len: u8,
    /// A level, or [`OPEN`]: not known to be all, at any level.
    pub(crate) level: u8,
}

const SINGLY: Nations = Nations { rows: [NOWHERE; 3], len: MANY, level: OPEN };

impl Nations {
    /// Cannot be summed up: look singly.
    pub(crate) fn singly(&self) -> bool {
        self.len == MANY
    }

    fn push(&mut self, country: Country) -> Option<()> {
        *self.rows.get_mut(usize::from(self.len))? = country.row();
        self.len = self.len.saturating_add(1);
        Some(())
    }
}

/// Permanent residences, each with its level.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Residents {
    /// Rows of the countries in the tables; [`NOWHERE`] beyond the last.
    pub(crate) held: [(u8, Level); 2],
    len: u8,
}

impl Residents {
    const NONE: Self = Self { held: [(NOWHERE, Level::None); 2], len: 0 };
    const SINGLY: Self = Self { len: MANY, ..Self::NONE };

    /// Cannot be summed up: look singly.
    pub(crate) fn singly(&self) -> bool {
        self.len == MANY
    }

    fn of<'a>(held: impl Iterator<Item = &'a Holding>) -> Self {
        let mut residents = Self::NONE;
        for held in held {
            let Some(slot) = residents.held.get_mut(usize::from(residents.len)) else { return Self::SINGLY };
            *slot = (held.country.row(), held.level);
            residents.len = residents.len.saturating_add(1);
        }
        residents
    }
}

const PERSONAL_SINGLY: u8 = 1;
const SOME_SINGLY: u8 = 2;
const DATED: u8 = 4;
const PLACE_IS_US: u8 = 8;
const IS_EMPLOYEE: u8 = 16;
const IS_FOREIGN: u8 = 32;
const IS_US_PERSON: u8 = 64;
const FIRM_UNKNOWN: u8 = 128;

const _: () = assert!(size_of::<Summary>() == 64);

/// The summary: all that most decisions read of a subject, in one line of memory.
#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
pub(crate) struct Summary {
    /// Where directives that name the firm stand in the regime.
    pub(crate) naming: [u32; 2],
    /// Licences that name the person.
    pub(crate) of_person: Span,
    /// Licences for those who work for the firm.
    pub(crate) of_firm: Span,
    /// Models for which there may be such a licence (all, where person or firm is not known): bit n stands for model n,
    /// n + 32 and so on.
    pub(crate) licensed: u32,
    /// Plans in which a directive may name the firm: bit n stands for plan n, n + 32 and so on.
    pub(crate) naming_plans: u32,
    pub(crate) any: Nations,
    pub(crate) ever: Nations,
    pub(crate) recent: Nations,
    pub(crate) residents: Residents,
    /// The row of the status in the tables; [`NO_STATUS`] where it is not known.
    pub(crate) status: u8,
    /// How well it is shown.
    pub(crate) status_level: u8,
    pub(crate) place: Shown,
    /// The seat of the employer's ultimate parent.
    pub(crate) seat: Shown,
    /// How well it is shown which firm it is.
    pub(crate) firm_level: u8,
    /// The level of what is said about the employer; [`SETTLED`] from the employer's own word upward.
    pub(crate) employer_level: u8,
    pub(crate) party: PartyMatch,
    flags: u8,
}

impl Default for Summary {
    fn default() -> Self {
        Self {
            naming: [0; 2],
            of_person: Span::default(),
            of_firm: Span::default(),
            licensed: 0,
            naming_plans: 0,
            any: SINGLY,
            ever: SINGLY,
            recent: SINGLY,
            residents: Residents::SINGLY,
            status: NO_STATUS,
            status_level: OPEN,
            place: Shown::UNKNOWN,
            seat: Shown::UNKNOWN,
            firm_level: OPEN,
            employer_level: Level::None as u8,
            party: PartyMatch::Unscreened,
            flags: PERSONAL_SINGLY | SOME_SINGLY | DATED | FIRM_UNKNOWN,
        }
    }
}

impl Summary {
    pub(crate) fn of(subject: &OnFile, regime: &Regime, now: Instant) -> Self {
        let mut summary = Self { flags: FIRM_UNKNOWN, party: subject.party(), ..Self::default() };
        summary.set(PERSONAL_SINGLY, !subject.is_person());
        let several = subject.us_status.value == UsStatus::UsPerson;
        summary.set(DATED, several || subject.dates().next().is_some());
        summary.sum_up_status(subject, now);
        summary.sum_up_nations(subject, now);
        summary.sum_up_place(subject, regime.min_location_evidence());
        summary.sum_up_work(subject);
        summary.find_names(subject, regime);
        summary.set(SOME_SINGLY, summary.any.singly() || summary.residents.singly());
        summary
    }

    fn set(&mut self, flag: u8, holds: bool) {
        self.flags |= if holds { flag } else { 0 };
    }

    /// Everything personal is looked at singly.
    pub(crate) fn personal_singly(&self) -> bool {
        self.flags & PERSONAL_SINGLY != 0
    }

    /// Citizenships or residences held now cannot be summed up.
    pub(crate) fn some_singly(&self) -> bool {
        self.flags & SOME_SINGLY != 0
    }

    /// It holds for a stretch of time only: see [`crate::Subject`].
    pub(crate) fn dated(&self) -> bool {
        self.flags & DATED != 0
    }

    /// The place is the United States or one of its territories.
    pub(crate) fn place_is_us(&self) -> bool {
        self.flags & PLACE_IS_US != 0
    }

    /// The status is known to be that of a foreign person (15 CFR 772.1), at whatever level.
    pub(crate) fn is_foreign(&self) -> bool {
        self.flags & IS_FOREIGN != 0
    }

    /// The status is known to be that of a US person, at whatever level.
    pub(crate) fn is_us_person(&self) -> bool {
        self.flags & IS_US_PERSON != 0
    }

    /// Nothing is known about which firm the subject works for, if any.
    pub(crate) fn firm_is_unknown(&self) -> bool {
        self.flags & FIRM_UNKNOWN != 0
    }

    /// The relation to the employer is that of an employee.
    pub(crate) fn is_employee(&self) -> bool {
        self.flags & IS_EMPLOYEE != 0
    }

    /// Where the regime speaks of the person and the firm.
    fn find_names(&mut self, subject: &OnFile, regime: &Regime) {
        let grants = regime.grants();
        if let Some(person) = subject.person.filter(|_| subject.is_person()) {
            self.of_person = grants.span_of_person(person);
            self.note_models(grants.of_person(person));
        }
        if !subject.is_person() || self.firm_is_unknown() {
            self.licensed = u32::MAX;
        }
        let Work::At(Post { firm: Some(firm), .. }) = subject.work else { return };
        if !self.firm_is_unknown() {
            let naming = regime.naming(firm);
            self.naming = [naming.start, naming.end];
            let plans = regime.named(self.naming).iter().map(|named| bit_of_plan(named.plan()));
            self.naming_plans = plans.fold(0, |bits, plan| bits | plan);
            self.of_firm = grants.span_of_firm(firm);
            self.note_models(grants.of_firm(firm));
        }
    }

    fn note_models(&mut self, entries: Entries<'_>) {
        for entry in entries {
            self.licensed |= entry.model().map_or(u32::MAX, bit_of_model);
        }
    }

    fn sum_up_status(&mut self, subject: &OnFile, now: Instant) {
        let Attested { value, level } = subject.us_status;
        let silent = value == UsStatus::Unknown || level == Level::Ip;
        if silent || subject.conflicting(MissingFact::UsStatus) {
            return;
        }
        let lapsed = subject.us_status_expires.is_some_and(|expires| now >= expires);
        self.status = value as u8;
        self.status_level = if lapsed { level.min(Level::SelfDeclared) } else { level } as u8;
        self.set(if value == UsStatus::None { IS_FOREIGN } else { IS_US_PERSON }, true);
    }

    fn sum_up_place(&mut self, subject: &OnFile, enough: Level) {
        let stated = subject.location.filter(|_| !subject.conflicting(MissingFact::Location));
        let Some(place) = stated else { return };
        let country = place.value.as_place();
        self.set(PLACE_IS_US, country == Country::US);
        // The place of a shared key or service is the caller's own and counts as given.
        let shown = !subject.is_person() || place.level >= enough;
        self.place = Shown { row: country.row(), level: if shown { SETTLED } else { OPEN } };
    }

    fn sum_up_work(&mut self, subject: &OnFile) {
        let (seat_open, firm_open) = (
            subject.conflicting(MissingFact::EmployerUltimateParent),
            subject.conflicting(MissingFact::Employment),
        );
        let (seat, firm_level) = match subject.work {
            Work::Unknown => return,
            Work::Nobody if firm_open => return,
            Work::Nobody => (Shown::NOTHING, SETTLED),
            Work::At(post) => {
                self.employer_level = if post.level >= Level::Employer { SETTLED } else { post.level as u8 };
                self.set(IS_EMPLOYEE, post.relation == Relation::Employee);
                let parent = post.parent.filter(|_| !seat_open);
                let level = self.employer_level;
                (parent.map_or(Shown::UNKNOWN, |parent| Shown { row: parent.row(), level }), level)
            }
        };
        self.seat = seat;
        if !firm_open {
            self.firm_level = firm_level;
            self.flags &= !FIRM_UNKNOWN;
        }
    }

    /// Nationalities, where the list says plainly what is held: no claimed loss without proof, no disputed date, no
    /// statement that rests on a network address, and the same level throughout. Countries shown not to be among those
    /// held now are looked at singly.
    fn sum_up_nations(&mut self, subject: &OnFile, now: Instant) {
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
        let level = |attested: Attested<bool>| {
            Some(attested.level).filter(|level| attested.value && *level != Level::Ip)
        };
        let complete = level(subject.complete);
        let all_now = complete.max(level(subject.stateless)).max(level(subject.current));
        let citizenships = || subject.holdings.iter().filter(|held| held.citizenship);
        self.ever = nations(citizenships().filter(acquired), complete);
        if subject.excluded.is_empty() {
            self.any = nations(citizenships().filter(current), all_now);
            self.recent = recent(&subject.holdings, current, all_now);
        }
        self.residents =
            Residents::of(subject.holdings.iter().filter(|held| !held.citizenship).filter(current));
    }
}

fn nations<'a>(held: impl Iterator<Item = &'a Holding>, complete: Option<Level>) -> Nations {
    let mut nations = Nations { rows: [NOWHERE; 3], len: 0, level: OPEN };
    let mut all = complete;
    for held in held {
        all = all.map(|level| level.min(held.level));
        if nations.push(held.country).is_none() {
            return SINGLY;
        }
    }
    nations.level = all.map_or(OPEN, |level| level as u8);
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

/// The bit that stands for a model in [`Summary::licensed`].
pub(crate) fn bit_of_model(model: usize) -> u32 {
    1u32.wrapping_shl(u32::try_from(model & 31).unwrap_or(0))
}

/// The bit that stands for a plan in [`Summary::naming_plans`].
pub(crate) fn bit_of_plan(plan: u32) -> u32 {
    1u32.wrapping_shl(plan & 31)
}
