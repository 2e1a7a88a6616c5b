//! A plan: the directives that can reach one model, as bit masks. Directive number n of the plan is bit n; a row of a
//! table says which directives a value triggers. Windows are part of the plan, so a directive takes effect at its
//! instant with nothing to push.

use crate::instrument::{Class, Destinations, HostedInference, NationalityRule};
use crate::regime::{Mask, Rule};
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use terms::{Choices, Country, CountrySet, Instant, Level, Question, UsStatus};

/// One row per value of a byte.
pub type Table = Box<[u64; 256]>;

/// Sixty-four directives of a plan.
#[derive(Clone, Debug)]
pub struct Block {
    /// Reach everyone.
    pub everyone: u64,
    /// Look at US status, as foreign persons are defined for them.
    pub status_rules: u64,
    /// Reached, by status.
    pub status: [u64; 16],
    /// Reach US persons (15 CFR 744.6).
    pub us_person_rules: u64,
    /// Look at any current citizenship.
    pub any_rules: u64,
    /// Reached, by current citizenship.
    pub any: Table,
    /// Look at the most recent nationality.
    pub recent_rules: u64,
    /// Reached, by most recent nationality.
    pub recent: Table,
    /// Look at any citizenship ever held.
    pub ever_rules: u64,
    /// Reached, by citizenship ever held.
    pub ever: Table,
    /// Spare, in the nationality limb, whoever is not a foreign person.
    pub only_foreign: u64,
    /// Look at the place.
    pub place_rules: u64,
    /// Reached, by place.
    pub place: Table,
    /// Look at the seat of the employer's ultimate parent.
    pub seat_rules: u64,
    /// Reached, by seat.
    pub seat: Table,
    /// Name firms.
    pub firm_rules: u64,
    /// Look at a match on restricted-party lists.
    pub listed_rules: u64,
    /// Reached, by activity.
    pub activity: [u64; 4],
    /// Limited to end uses.
    pub end_use_rules: u64,
    /// Among these, reached by end use.
    pub end_use: [u64; 8],
    /// Not cleared by evidence at this level.
    pub above: [u64; 8],
    /// Judged one by one: a reading is open, or more than one fact weighs together.
    pub singly: u64,
    /// Have exceptions or stays.
    pub excepted: u64,
    /// Some licence lifts them for those who work for its holder.
    pub lifted_for_staff: u64,
    /// Some licence lifts them for persons it names.
    pub lifted_for_persons: u64,
}

impl Default for Block {
    fn default() -> Self {
        let table = || Box::new([0; 256]);
        Self {
            everyone: 0,
            status_rules: 0,
            status: [0; 16],
            us_person_rules: 0,
            any_rules: 0,
            any: table(),
            recent_rules: 0,
            recent: table(),
            ever_rules: 0,
            ever: table(),
            only_foreign: 0,
            place_rules: 0,
            place: table(),
            seat_rules: 0,
            seat: table(),
            firm_rules: 0,
            listed_rules: 0,
            activity: [0; 4],
            end_use_rules: 0,
            end_use: [0; 8],
            above: [0; 8],
            singly: 0,
            excepted: 0,
            lifted_for_staff: 0,
            lifted_for_persons: 0,
        }
    }
}

/// A row of a table; a value beyond it triggers nothing.
pub fn row(rows: &[u64], value: u8) -> u64 {
    rows.get(usize::from(value)).copied().unwrap_or(0)
}

/// Spreads a number over a word (Fibonacci hashing).
#[derive(Clone, Copy, Default, Debug)]
pub struct Spread(u64);

impl Hasher for Spread {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_u64(u64::from(*byte)));
    }
    fn write_u32(&mut self, value: u32) {
        self.write_u64(u64::from(value));
    }
    fn write_u64(&mut self, value: u64) {
        let mixed = (self.0 ^ value).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        self.0 = mixed ^ (mixed >> 32);
    }
}

/// A map from small numbers.
pub type ByNumber<K, V> = HashMap<K, V, BuildHasherDefault<Spread>>;

/// The directives that can reach one model.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    positions: Vec<u32>,
    blocks: Vec<Block>,
    breaks: Vec<Instant>,
    /// Per stretch between breaks, per block: begun, ended.
    epochs: Vec<[u64; 2]>,
    /// Whether there is a nationality, a place and a seat that no directive names.
    leaves_room: bool,
    /// Per firm named, the row in `firm_rows`.
    firms: ByNumber<u32, u32>,
    firm_rows: Vec<u64>,
}

impl Plan {
    /// Positions of its directives in the regime, by bit.
    pub fn positions(&self) -> &[u32] {
        &self.positions
    }

    /// Its directives, sixty-four at a time.
    pub fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    /// The stretch of time an instant falls into.
    pub fn epoch(&self, at: Instant) -> usize {
        self.breaks.partition_point(|edge| *edge <= at)
    }

    /// Begun and ended directives of a block in a stretch of time.
    pub fn epoch_masks(&self, epoch: usize, block: usize) -> [u64; 2] {
        let at = epoch.wrapping_mul(self.blocks.len()).wrapping_add(block);
        self.epochs.get(at).copied().unwrap_or([0, u64::MAX])
    }

    /// The rows of a firm, one word per block; empty when no directive of the plan names it.
    pub fn firm(&self, firm: Option<u32>) -> &[u64] {
        if self.firms.is_empty() {
            return &[];
        }
        let row = firm.and_then(|firm| self.firms.get(&firm)).and_then(|row| usize::try_from(*row).ok());
        let words = self.blocks.len();
        row.and_then(|row| {
            let from = row.checked_mul(words)?;
            self.firm_rows.get(from..from.checked_add(words)?)
        })
        .unwrap_or_default()
    }

    /// The bit of a directive, by its position in the regime.
    pub fn bit(&self, position: u32) -> Option<usize> {
        self.positions.binary_search(&position).ok()
    }

    /// Marks directives as lifted by some licence.
    pub(crate) fn mark_lifted(&mut self, masks: &[u64], staff: bool, persons: bool) {
        for (block, mask) in self.blocks.iter_mut().zip(masks) {
            if staff {
                block.lifted_for_staff |= mask;
            }
            if persons {
                block.lifted_for_persons |= mask;
            }
        }
    }

    /// Builds the plan of the rules at these positions, which are sorted.
    pub(crate) fn build(rules: &[Rule], positions: Vec<u32>, choices: &Choices) -> Self {
        let chosen: Vec<&Rule> =
            positions.iter().filter_map(|at| rules.get(usize::try_from(*at).ok()?)).collect();
        let words = chosen.len().div_ceil(64);
        let mut plan = Self { positions, blocks: vec![Block::default(); words], ..Self::default() };
        for (bit, rule) in chosen.iter().enumerate() {
            if let Some((block, mask)) = plan.slot(bit) {
                Writer { block, bit: mask, rule, choices }.write();
            }
            rule.scope.firms.iter().for_each(|firm| plan.name_firm(*firm, bit));
        }
        plan.set_epochs(&chosen);
        plan.leaves_room = plan.find_room();
        plan
    }

    /// Whether there is a nationality, a place and a seat that no directive of the plan names.
    pub fn leaves_room(&self) -> bool {
        self.leaves_room
    }

    fn find_room(&self) -> bool {
        let free = |used: fn(&Block, u8) -> u64| {
            Country::all().any(|country| self.blocks.iter().all(|block| used(block, country.row()) == 0))
        };
        let nationality = |block: &Block, country: u8| {
            row(&*block.any, country) | row(&*block.recent, country) | row(&*block.ever, country)
        };
        free(nationality)
            && free(|block, country| row(&*block.place, country))
            && free(|block, country| row(&*block.seat, country))
    }

    fn slot(&mut self, bit: usize) -> Option<(&mut Block, u64)> {
        let block = self.blocks.get_mut(bit >> 6)?;
        Some((block, bit_of(bit)))
    }

    fn name_firm(&mut self, firm: u32, bit: usize) {
        let words = self.blocks.len();
        let next = u32::try_from(self.firms.len()).unwrap_or(u32::MAX);
        let row = *self.firms.entry(firm).or_insert(next);
        if row == next {
            self.firm_rows.resize(self.firm_rows.len().saturating_add(words), 0);
        }
        let at = usize::try_from(row).unwrap_or(usize::MAX).saturating_mul(words).saturating_add(bit >> 6);
        if let Some(word) = self.firm_rows.get_mut(at) {
            *word |= bit_of(bit);
        }
    }

    fn set_epochs(&mut self, chosen: &[&Rule]) {
        let enforced = || chosen.iter().enumerate().filter(|(_, rule)| rule.enforced());
        let mut breaks: Vec<Instant> =
            enforced().flat_map(|(_, rule)| [Some(rule.window.from), rule.window.until]).flatten().collect();
        breaks.sort_unstable();
        breaks.dedup();
        let words = self.blocks.len();
        let stretches = breaks.len().saturating_add(1);
        self.epochs = vec![[0, 0]; stretches.saturating_mul(words)];
        let mut set = |bit: usize, from: Instant, which: usize| {
            let first = breaks.partition_point(|edge| *edge < from).saturating_add(1);
            for stretch in first..stretches {
                let at = stretch.saturating_mul(words).saturating_add(bit >> 6);
                let word = self.epochs.get_mut(at).and_then(|pair| pair.get_mut(which));
                if let Some(word) = word {
                    *word |= bit_of(bit);
                }
            }
        };
        for (bit, rule) in enforced() {
            set(bit, rule.window.from, 0);
            if let Some(until) = rule.window.until {
                set(bit, until, 1);
            }
        }
        self.breaks = breaks;
    }
}

fn bit_of(bit: usize) -> u64 {
    1u64.wrapping_shl(u32::try_from(bit & 63).unwrap_or(0))
}

/// Writes one directive into its block.
struct Writer<'a> {
    block: &'a mut Block,
    bit: u64,
    rule: &'a Rule,
    choices: &'a Choices,
}

impl Writer<'_> {
    fn write(&mut self) {
        let rule = self.rule;
        let bit = self.bit;
        for level in Level::ALL {
            if level < rule.min_evidence {
                set(&mut self.block.above, level as u8, bit);
            }
        }
        self.activities();
        if let Some(mask) = rule.end_uses {
            self.block.end_use_rules |= bit;
            (0..8)
                .filter(|end_use| mask.has(*end_use))
                .for_each(|end_use| set(&mut self.block.end_use, end_use, bit));
        }
        if !rule.reliefs.is_empty() {
            self.block.excepted |= bit;
        }
        self.destinations();
        self.persons();
        let scope = &rule.scope;
        let names_nothing = (scope.class.names_countries() && scope.countries.with_hong_kong.is_empty())
            || (scope.class == Class::EmployedBy && scope.firms.is_empty())
            || rule.end_uses.is_some_and(|mask| mask.0 == 0);
        if names_nothing {
            self.block.singly |= bit;
        }
        let remote_by_country = self.choices.word(Question::RemoteLocationUnit) != Some("site");
        if rule.fold.is_some() || (rule.remote_access && remote_by_country) {
            self.block.singly |= bit;
        }
    }

    fn activities(&mut self) {
        let mut activities = self.rule.activities;
        if self.rule.hosted_if_export {
            match self.choices.word(Question::HostedInferenceIsExport) {
                Some("no") => activities = Mask(activities.0 & !Mask::of([HostedInference::ACTIVITY]).0),
                Some(_) => {}
                None => self.block.singly |= self.bit,
            }
        }
        let bit = self.bit;
        (0..4).filter(|kind| activities.has(*kind)).for_each(|kind| set(&mut self.block.activity, kind, bit));
    }

    fn destinations(&mut self) {
        let limb = match (self.rule.destinations, self.choices.word(Question::DestinationLimb)) {
            (Destinations::None, _) => false,
            (Destinations::AllOutsideUs, _) => true,
            (Destinations::Unspecified, Some(choice)) => choice == "apply",
            (Destinations::Unspecified, None) => {
                self.block.singly |= self.bit;
                false
            }
        };
        if limb {
            self.block.place_rules |= self.bit;
            let bit = self.bit;
            let outside = Country::all().filter(|country| country.as_place() != Country::US);
            outside.for_each(|country| set(&mut *self.block.place, country.row(), bit));
        }
    }

    fn persons(&mut self) {
        let bit = self.bit;
        match self.rule.scope.class {
            Class::Everyone => self.block.everyone |= bit,
            Class::ForeignPerson => {
                let lapsed = self.rule.scope.citizens_and_protected_only;
                self.status(|status| {
                    status == UsStatus::None || (lapsed && status == UsStatus::LprNaturalisationLapsed)
                });
            }
            Class::ForeignNationalUndefined => match self.choices.word(Question::ForeignNationalMeans) {
                Some("ear_772_1") => self.status(|status| status == UsStatus::None),
                Some(_) => self.status(|status| !matches!(status, UsStatus::Citizen | UsStatus::National)),
                None => self.block.singly |= bit,
            },
            Class::NationalOf => self.nationality(),
            Class::LocatedIn => self.place(),
            Class::NationalOrLocatedIn => {
                self.nationality();
                self.place();
            }
            Class::ListedParty if self.rule.scope.ownership.is_some() => self.block.singly |= bit,
            Class::ListedParty => self.block.listed_rules |= bit,
            Class::EntityHq => {
                let Some(countries) = self.countries() else { return };
                self.block.seat_rules |= bit;
                fill(&mut self.block.seat, &countries, bit);
            }
            Class::UsPerson7446 => self.block.us_person_rules |= bit,
            Class::EmployedBy => self.block.firm_rules |= bit,
        }
    }

    fn status(&mut self, reached: impl Fn(UsStatus) -> bool) {
        self.block.status_rules |= self.bit;
        let bit = self.bit;
        UsStatus::KNOWN
            .into_iter()
            .filter(|status| reached(*status))
            .for_each(|status| set(&mut self.block.status, status as u8, bit));
    }

    /// The countries the rule names; `None` = it depends on an open reading, and the rule is judged singly.
    fn countries(&mut self) -> Option<CountrySet> {
        let named = &self.rule.scope.countries;
        let with = match self.choices.word(Question::HongKongIsCn) {
            _ if !named.hong_kong_open => true,
            Some(choice) => choice == "yes",
            None => {
                self.block.singly |= self.bit;
                return None;
            }
        };
        Some(if with { named.with_hong_kong } else { named.without_hong_kong })
    }

    fn place(&mut self) {
        let Some(countries) = self.countries() else { return };
        self.block.place_rules |= self.bit;
        let bit = self.bit;
        let inside = Country::all().filter(|country| countries.contains(country.as_place()));
        inside.for_each(|country| set(&mut *self.block.place, country.row(), bit));
    }

    fn nationality(&mut self) {
        let Some(countries) = self.countries() else { return };
        let bit = self.bit;
        let rule = match (self.rule.scope.nationality, self.choices.word(Question::NationalityRule)) {
            (NationalityRule::Unspecified, Some("most_recent")) => NationalityRule::MostRecent,
            (NationalityRule::Unspecified, Some("any_held")) => NationalityRule::AnyHeld,
            (NationalityRule::Unspecified, Some(_)) => NationalityRule::EverHeld,
            (stated, _) => stated,
        };
        let block = &mut *self.block;
        let (rules, table) = match rule {
            NationalityRule::MostRecent => (&mut block.recent_rules, &mut block.recent),
            NationalityRule::AnyHeld => (&mut block.any_rules, &mut block.any),
            NationalityRule::EverHeld => (&mut block.ever_rules, &mut block.ever),
            NationalityRule::Unspecified => {
                block.singly |= bit;
                return;
            }
        };
        *rules |= bit;
        fill(table, &countries, bit);
        if self.rule.scope.only_foreign_persons {
            self.block.only_foreign |= bit;
        }
    }
}

fn set(rows: &mut [u64], value: u8, bit: u64) {
    if let Some(word) = rows.get_mut(usize::from(value)) {
        *word |= bit;
    }
}

fn fill(table: &mut Table, countries: &CountrySet, bit: u64) {
    countries.iter().for_each(|country| set(&mut **table, country.row(), bit));
}
