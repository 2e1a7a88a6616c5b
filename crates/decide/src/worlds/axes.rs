//! What is unknown, and the values it may have: one representative for each way the regime tells values apart.

use super::kinds::{self, As, Kinds};
use super::named::{self, Named};
use super::{Extra, Human, World};
use crate::ask::Ask;
use crate::bits::RuleSet;
use crate::subject::Work;
use law::NationalityRule;
use terms::{Country, EndUse, FactMask, Level, MissingFact, Question, Relation, Share, UsStatus};

/// Something unknown that the worlds vary.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Axis {
    Fact(MissingFact),
    Question(Question),
}

/// One status for each way directives tell statuses apart.
const STATUSES: [UsStatus; 4] =
    [UsStatus::Citizen, UsStatus::Lpr, UsStatus::LprNaturalisationLapsed, UsStatus::None];

const RELATIONS: [Relation; 2] = [Relation::Employee, Relation::Contractor];

/// Claimed losses that are varied one by one; with more, all or none of them happened.
const LOSSES: usize = 6;

/// Different thresholds of listed ownership that are told apart at most.
const THRESHOLDS: usize = 8;

/// What decides which values have to be told apart.
pub(super) struct Values<'a> {
    ask: &'a Ask<'a>,
    places: Kinds,
    /// Of which somebody may be a citizen now, and may have been one.
    nations: Kinds,
    bygone: Kinds,
    seats: Kinds,
    /// Whether the most recent nationality matters, so that it is varied which of several is the latest.
    recent: bool,
    /// Whether citizenships held once and lost matter.
    past: bool,
    /// Whether two citizenships may weigh together, because several directives or reliefs look at them.
    pairs: bool,
    /// The strictest level an undecided directive asks of facts about the employer.
    employer_level: Level,
    residence: bool,
    /// Thresholds of listed ownership.
    thresholds: [Share; THRESHOLDS],
    shares: usize,
    firms: Named,
    persons: Named,
    /// Holdings whose loss is claimed without full proof, by number.
    claimed: [usize; LOSSES],
    claims: usize,
    claimed_all: u32,
}

impl<'a> Values<'a> {
    pub(super) fn new(ask: &'a Ask<'a>, undecided: &RuleSet, facts: FactMask) -> Option<Self> {
        let human = facts.contains(MissingFact::NaturalPerson);
        let firms = human || facts.contains(MissingFact::Employment);
        let nations = human || facts.contains(MissingFact::Citizenships);
        let kinds = |needed, seen| if needed { Kinds::of(ask, undecided, seen) } else { Kinds::NONE };
        let looks_at = |which: NationalityRule| {
            undecided.iter().filter_map(|bit| ask.rule(bit)).any(|rule| {
                let stated = rule.scope.nationality;
                let looks = stated == which || stated == NationalityRule::Unspecified;
                looks && rule.scope.class.looks_at_nationality()
            })
        };
        let levels = undecided.iter().filter_map(|bit| ask.rule(bit)).map(|rule| rule.min_evidence);
        let past = looks_at(NationalityRule::EverHeld);
        let mut values = Self {
            ask,
            places: kinds(facts.contains(MissingFact::Location), As::Place),
            nations: if nations { Kinds::held_now(ask, undecided) } else { Kinds::NONE },
            bygone: kinds(nations && past, As::Nation),
            seats: kinds(facts.contains(MissingFact::EmployerUltimateParent), As::Seat),
            recent: looks_at(NationalityRule::MostRecent),
            past,
            pairs: kinds::sets_of_nations(ask, undecided) > 1,
            employer_level: levels.max().unwrap_or_default().min(Level::Employer),
            residence: human && named::looks_at_residence(ask, undecided),
            thresholds: [Share::WHOLE; THRESHOLDS],
            shares: 0,
            firms: if firms { Named::firms(ask, undecided)? } else { Named::NONE },
            persons: if human { Named::persons(ask, undecided)? } else { Named::NONE },
            claimed: [0; LOSSES],
            claims: 0,
            claimed_all: 0,
        };
        values.find_claims();
        values.find_thresholds(undecided)?;
        Some(values)
    }

    /// Notes the different thresholds; `None` when there are more than are told apart.
    fn find_thresholds(&mut self, undecided: &RuleSet) -> Option<()> {
        for threshold in undecided.iter().filter_map(|bit| self.ask.rule(bit)?.scope.ownership) {
            if self.thresholds.get(..self.shares)?.contains(&threshold) {
                continue;
            }
            *self.thresholds.get_mut(self.shares)? = threshold;
            self.shares = self.shares.saturating_add(1);
        }
        Some(())
    }

    /// Nothing, or just as much as one of the thresholds.
    fn share(&self, value: usize) -> Share {
        value.checked_sub(1).and_then(|at| self.thresholds.get(at)).copied().unwrap_or_default()
    }

    fn find_claims(&mut self) {
        let now = self.ask.clock.at;
        for (at, held) in self.ask.subject.file.holdings.iter().enumerate() {
            if held.until.is_none_or(|until| until > now) {
                continue;
            }
            let bit = u32::try_from(at).ok().and_then(|at| 1u32.checked_shl(at)).unwrap_or(0);
            self.claimed_all |= bit;
            if let Some(slot) = self.claimed.get_mut(self.claims) {
                *slot = at;
            }
            self.claims = self.claims.saturating_add(1);
        }
    }

    /// How many values an axis has; at least one.
    pub(super) fn count(&self, axis: Axis) -> usize {
        match axis {
            Axis::Question(question) => question.options().len(),
            Axis::Fact(MissingFact::UsStatus) => STATUSES.len(),
            Axis::Fact(MissingFact::Citizenships) => self.extras().saturating_mul(self.pasts()),
            Axis::Fact(MissingFact::AcquisitionDates) => {
                self.ask.subject.file.holdings.len().saturating_add(1)
            }
            Axis::Fact(MissingFact::ProofOfLoss) if self.claims <= LOSSES => 1usize << self.claims,
            Axis::Fact(MissingFact::Location) => self.places.list().len().saturating_add(1),
            Axis::Fact(MissingFact::EmployerUltimateParent) => self.seats.list().len(),
            Axis::Fact(MissingFact::EndUse) => EndUse::KNOWN.len(),
            Axis::Fact(MissingFact::Ownership) => self.shares.saturating_add(1),
            Axis::Fact(MissingFact::Employment) => self.posts(),
            Axis::Fact(MissingFact::NaturalPerson) => self.humans(),
            Axis::Fact(MissingFact::ProofOfLoss | MissingFact::PartyIdentity | MissingFact::Screening) => 2,
        }
    }

    /// Gives a value to a world.
    pub(super) fn assume(&self, axis: Axis, value: usize, world: &mut World) {
        match axis {
            Axis::Question(question) => {
                world.choices = world.choices.with(question, u8::try_from(value).unwrap_or(0));
            }
            Axis::Fact(MissingFact::UsStatus) => world.us_status = STATUSES.get(value).copied(),
            Axis::Fact(MissingFact::Citizenships) => self.nationality(value, world),
            Axis::Fact(MissingFact::AcquisitionDates) => world.latest = Some(value.checked_sub(1)),
            Axis::Fact(MissingFact::ProofOfLoss) => world.losses = Some(self.losses(value)),
            Axis::Fact(MissingFact::Location) => world.place = Some(self.place(value)),
            Axis::Fact(MissingFact::EmployerUltimateParent) => {
                world.seat = self.seats.list().get(value).copied()
            }
            Axis::Fact(MissingFact::EndUse) => world.end_use = EndUse::KNOWN.get(value).copied(),
            Axis::Fact(MissingFact::Employment) => world.employment = Some(self.post(value)),
            Axis::Fact(MissingFact::NaturalPerson) => self.human(value, world),
            Axis::Fact(MissingFact::Ownership) => world.owned = Some(self.share(value)),
            Axis::Fact(MissingFact::PartyIdentity | MissingFact::Screening) => {
                world.listed = Some(value == 1)
            }
        }
    }

    /// One country for each way places are told apart; the serving place is told apart from all others.
    fn place(&self, value: usize) -> Country {
        self.places.list().get(value).copied().unwrap_or(self.ask.request.served_from.as_place())
    }

    fn countries(&self) -> &[Country] {
        self.nations.list()
    }

    /// What is said; one more of each country; all; where the most recent matters, also which is the latest; and for
    /// somebody of whom nothing is known, a residence that is.
    fn extras(&self) -> usize {
        let countries = self.countries().len();
        let pairs = if self.pairs { countries } else { 0 };
        let lists = match (self.recent, self.ask.subject.is_person()) {
            (false, _) => pairs.saturating_add(1),
            (true, true) => pairs.saturating_add(3),
            (true, false) => pairs.saturating_add(countries).saturating_add(4),
        };
        countries.saturating_mul(lists).saturating_add(2)
    }

    fn extra(&self, value: usize) -> Extra {
        let countries = self.countries();
        let Some(rest) = value.checked_sub(2) else {
            return if value == 0 { Extra::No } else { Extra::Every { latest: None } };
        };
        let mut kind = rest.checked_div(countries.len()).unwrap_or(0);
        let Some(country) = rest.checked_rem(countries.len()).and_then(|at| countries.get(at)).copied()
        else {
            return Extra::No;
        };
        if self.pairs {
            match countries.get(kind) {
                Some(other) => return Extra::Two { latest: country, other: *other },
                None => kind = kind.saturating_sub(countries.len()),
            }
        }
        match kind {
            0 => Extra::One(country),
            1 => Extra::Every { latest: Some(country) },
            2 => Extra::Older(country),
            _ => {
                let citizen = kind.checked_sub(4).and_then(|at| countries.get(at)).copied();
                Extra::Residence { latest: country, citizen }
            }
        }
    }

    fn pasts(&self) -> usize {
        if self.past { self.bygone.list().len().saturating_add(1) } else { 1 }
    }

    fn nationality(&self, value: usize, world: &mut World) {
        let extras = self.extras();
        world.extra = Some(self.extra(value.checked_rem(extras).unwrap_or(0)));
        let past = value.checked_div(extras).and_then(|past| past.checked_sub(1));
        world.past = past.and_then(|past| self.bygone.list().get(past).copied());
    }

    fn losses(&self, value: usize) -> u32 {
        if self.claims > LOSSES {
            return if value == 1 { self.claimed_all } else { 0 };
        }
        let happened = self.claimed.iter().enumerate().filter(|(claim, _)| value >> claim & 1 == 1);
        happened.fold(0, |mask, (_, at)| {
            mask | u32::try_from(*at).ok().and_then(|at| 1u32.checked_shl(at)).unwrap_or(0)
        })
    }

    /// The post stated, as far as it may be: with the relation stated or, where that is open, either.
    fn stated(&self) -> Option<(Option<u32>, &'static [Relation])> {
        match self.ask.subject.file.work {
            Work::At(post) if !self.ask.subject.conflicting(MissingFact::Employment) => {
                // A contractor's own word is against that person's interest and counts at any level.
                let contractor = post.relation == Relation::Contractor && self.ask.subject.is_person();
                let relations = if contractor { RELATIONS.get(1..).unwrap_or_default() } else { &RELATIONS };
                Some((post.firm, relations))
            }
            _ => None,
        }
    }

    /// Posts told apart: the one on file, or each firm named in either relation; and none, unless it is shown that
    /// there is one.
    fn posts(&self) -> usize {
        let firms = self.firms.list().len();
        match self.stated() {
            Some((_, relations)) if self.post_is_shown() => relations.len(),
            Some((_, relations)) => relations
                .len()
                .saturating_add(firms.saturating_add(1).saturating_mul(RELATIONS.len()))
                .saturating_add(1),
            None => firms.saturating_add(1).saturating_mul(RELATIONS.len()).saturating_add(1),
        }
    }

    /// Whether the firm is shown for every directive, so that only the relation is open. A key shows whose key it is, not
    /// that whoever uses it works there.
    fn post_is_shown(&self) -> bool {
        match self.ask.subject.file.work {
            Work::At(post) => self.ask.subject.is_person() && post.level >= self.employer_level,
            Work::Nobody | Work::Unknown => false,
        }
    }

    fn post(&self, value: usize) -> Option<(Option<u32>, Relation)> {
        match self.stated() {
            Some((firm, relations)) => match value.checked_sub(relations.len()) {
                None => relations.get(value).map(|relation| (firm, *relation)),
                Some(other) => self.named_post(other),
            },
            None => self.named_post(value),
        }
    }

    /// A firm some instrument names, or one that none names, in either relation.
    fn named_post(&self, value: usize) -> Option<(Option<u32>, Relation)> {
        let firms = self.firms.list();
        let relation = *RELATIONS.get(value & 1)?;
        let firm = value >> 1;
        (firm <= firms.len()).then(|| (firms.get(firm).copied(), relation))
    }

    fn humans(&self) -> usize {
        let residents = if self.residence { 2 } else { 1 };
        STATUSES
            .len()
            .saturating_mul(self.extras().saturating_mul(self.pasts()))
            .saturating_mul(self.posts())
            .saturating_mul(self.persons.list().len().saturating_add(1))
            .saturating_mul(residents)
    }

    /// Who may stand behind a shared key: each status, each nationality, each post, named by each combination of
    /// licences or by none.
    fn human(&self, value: usize, world: &mut World) {
        let mut rest = value;
        let mut digit = |count: usize| {
            let digit = rest.checked_rem(count).unwrap_or(0);
            rest = rest.checked_div(count).unwrap_or(0);
            digit
        };
        world.us_status = STATUSES.get(digit(STATUSES.len())).copied();
        self.nationality(digit(self.extras().saturating_mul(self.pasts())), world);
        let works = self.post(digit(self.posts()));
        let persons = self.persons.list();
        let id = persons.get(digit(persons.len().saturating_add(1))).copied();
        world.human = Some(Human { works, id, resident: rest == 1 });
    }
}
