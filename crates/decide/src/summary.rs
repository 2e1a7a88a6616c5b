//! What a subject's facts come to, summed up for the mask tables, over the stretch of time in which it holds.

use crate::subject::{Holding, OnFile, Post, Work};
use law::{Entries, NOWHERE, Regime, Span};
use terms::{Country, Instant, Level, MissingFact, PartyMatch, Relation, UsStatus};

/// Stands for more than fit: looked at singly.
const MANY: u8 = u8::MAX;

/// Nationalities that count under one rule, and the level at which they are shown to be all.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Nations {
    /// [`NOWHERE`] beyond the last, so that all are looked up without a jump.
    pub(crate) rows: [u8; 3],
    len: u8,
    /// `None` = not known to be all, at any level.
    pub(crate) clears: Option<Level>,
}

const SINGLY: Nations = Nations { rows: [NOWHERE; 3], len: MANY, clears: None };

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

/// A fact about the employer.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) enum Known<T> {
    #[default]
    Unknown,
    Nothing,
    Is(T),
}

const PERSONAL_SINGLY: u8 = 1;
const SOME_SINGLY: u8 = 2;
const DATED: u8 = 4;
const PLACE_IS_US: u8 = 8;
const IS_EMPLOYEE: u8 = 16;

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
    /// `None` = not known.
    pub(crate) status: Option<UsStatus>,
    pub(crate) status_level: Level,
    pub(crate) place: Option<u8>,
    pub(crate) place_level: Level,
    pub(crate) seat: Known<u8>,
    pub(crate) firm: Known<()>,
    pub(crate) employer_level: Level,
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
            status: None,
            status_level: Level::None,
            place: None,
            place_level: Level::None,
            seat: Known::Unknown,
            firm: Known::Unknown,
            employer_level: Level::None,
            party: PartyMatch::Unscreened,
            flags: PERSONAL_SINGLY | SOME_SINGLY | DATED,
        }
    }
}

impl Summary {
    pub(crate) fn of(subject: &OnFile, regime: &Regime, now: Instant) -> Self {
        let mut summary = Self { flags: 0, party: subject.party(), ..Self::default() };
        summary.set(PERSONAL_SINGLY, !subject.is_person());
        summary.set(DATED, subject.dates().next().is_some());
        summary.sum_up_status(subject, now);
        summary.sum_up_nations(subject, now);
        summary.sum_up_place(subject);
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
        if !subject.is_person() || matches!(self.firm, Known::Unknown) {
            self.licensed = u32::MAX;
        }
        let Work::At(Post { firm: Some(firm), .. }) = subject.work else { return };
        if matches!(self.firm, Known::Is(())) {
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
        let lapsed = subject.us_status_expires.is_some_and(|expires| now >= expires);
        let level = subject.us_status.level;
        self.status_level = if lapsed { level.min(Level::SelfDeclared) } else { level };
        let silent = subject.us_status.value == UsStatus::Unknown || level == Level::Ip;
        if !silent && !subject.conflicting(MissingFact::UsStatus) {
            self.status = Some(subject.us_status.value);
        }
    }

    fn sum_up_place(&mut self, subject: &OnFile) {
        let stated = subject.location.filter(|_| !subject.conflicting(MissingFact::Location));
        let Some(place) = stated else { return };
        self.place = Some(place.value.as_place().row());
        self.set(PLACE_IS_US, place.value.as_place() == Country::US);
        // The place of a shared key or service is the caller's own and counts as given.
        self.place_level = if subject.is_person() { place.level } else { Level::Credential };
    }

    fn sum_up_work(&mut self, subject: &OnFile) {
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
                self.set(IS_EMPLOYEE, post.relation == Relation::Employee);
                if !open(MissingFact::EmployerUltimateParent) {
                    self.seat = post.parent.map_or(Known::Unknown, |parent| Known::Is(parent.row()));
                }
                if !open(MissingFact::Employment) {
                    self.firm = Known::Is(());
                }
            }
        }
    }

    /// Nationalities, where the list says plainly what is held: no claimed loss without proof, no disputed date, no
    /// statement that rests on a network address, and the same level throughout.
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
        let level = |attested: terms::Attested<bool>| {
            Some(attested.level).filter(|level| attested.value && *level != Level::Ip)
        };
        let complete = level(subject.complete);
        let stateless = level(subject.stateless);
        let citizenships = || subject.holdings.iter().filter(|held| held.citizenship);
        self.any = nations(citizenships().filter(current), complete.max(stateless));
        self.ever = nations(citizenships().filter(acquired), complete);
        self.recent = recent(&subject.holdings, current, complete.max(stateless));
        self.residents =
            Residents::of(subject.holdings.iter().filter(|held| !held.citizenship).filter(current));
    }
}

fn nations<'a>(held: impl Iterator<Item = &'a Holding>, complete: Option<Level>) -> Nations {
    let mut nations = Nations { rows: [NOWHERE; 3], len: 0, clears: complete };
    for held in held {
        nations.clears = nations.clears.map(|level| level.min(held.level));
        if nations.push(held.country).is_none() {
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

/// The bit that stands for a model in [`Summary::licensed`].
pub(crate) fn bit_of_model(model: usize) -> u32 {
    1u32.wrapping_shl(u32::try_from(model & 31).unwrap_or(0))
}

/// The bit that stands for a plan in [`Summary::naming_plans`].
pub(crate) fn bit_of_plan(plan: u32) -> u32 {
    1u32.wrapping_shl(plan & 31)
}
