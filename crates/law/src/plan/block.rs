//! Sixty-four directives at a time.

use terms::Country;

/// Rows of a table by country: any number in a byte is one of them, so that none has to be checked.
const ROWS: usize = 1 << 8;

/// The row that triggers nothing.
pub const NOWHERE: u8 = {
    assert!(Country::COUNT < ROWS);
    Country::COUNT as u8
};

/// Stands for a level at which every directive takes a fact for settled: see [`Block::unclear`].
pub const SETTLED: u8 = 6;

/// Stands for a level at which none does: the fact is not known.
pub const OPEN: u8 = 7;

/// Stands for a status that reaches nothing.
pub const NO_STATUS: u8 = 15;

/// Sixty-four directives of a plan: which facts each looks at, by bit. What most decisions read comes first.
#[derive(Clone, Debug)]
#[repr(C, align(64))]
pub struct Block {
    /// Reached, by activity.
    pub activity: [u64; 4],
    /// Look at something most directives do not: a past or the most recent nationality, US persons (15 CFR 744.6),
    /// lists of restricted parties, an end use; or reach everyone; or are judged one by one.
    pub rare_rules: u64,
    /// Look at US status, as foreign persons are defined for them.
    pub status_rules: u64,
    /// Look at any current citizenship.
    pub any_rules: u64,
    /// Spare, in the nationality limb, whoever is not a foreign person.
    pub only_foreign: u64,
    /// Look at the place.
    pub place_rules: u64,
    /// Look at the seat of the employer's ultimate parent.
    pub seat_rules: u64,
    /// Name firms.
    pub firm_rules: u64,
    /// Have exceptions or stays that the tables do not hold.
    pub excepted: u64,
    /// Have exceptions for permanent residents only: see [`Common::residents`].
    pub resident_rules: u64,
    /// Some licence lifts them for those who work for its holder.
    pub lifted_for_staff: u64,
    /// Some licence lifts them for persons it names.
    pub lifted_for_persons: u64,
    /// Not cleared by evidence at this level; then none, for [`SETTLED`], and all, for [`OPEN`].
    pub above: [u64; 8],
    /// Reached, by status; none in the last, for [`NO_STATUS`].
    pub status: [u64; 16],
    /// Judged one by one: a reading is open, or more than one fact weighs together.
    pub singly: u64,
    /// Reach everyone.
    pub everyone: u64,
    /// Reach US persons (15 CFR 744.6).
    pub us_person_rules: u64,
    /// Look at the most recent nationality.
    pub recent_rules: u64,
    /// Look at any citizenship ever held.
    pub ever_rules: u64,
    /// Look at a match on restricted-party lists.
    pub listed_rules: u64,
    /// Limited to end uses.
    pub end_use_rules: u64,
    /// Among these, reached by end use.
    pub end_use: [u64; 8],
    /// By stretch of time.
    pub(super) epochs: Vec<Epoch>,
    /// By country.
    common: [Common; ROWS],
    /// Empty where no directive looks.
    rare: Vec<Rare>,
}

impl Default for Block {
    fn default() -> Self {
        Self {
            activity: [0; 4],
            rare_rules: 0,
            status_rules: 0,
            any_rules: 0,
            only_foreign: 0,
            place_rules: 0,
            seat_rules: 0,
            firm_rules: 0,
            excepted: 0,
            resident_rules: 0,
            lifted_for_staff: 0,
            lifted_for_persons: 0,
            above: [0; 8],
            status: [0; 16],
            singly: 0,
            everyone: 0,
            us_person_rules: 0,
            recent_rules: 0,
            ever_rules: 0,
            listed_rules: 0,
            end_use_rules: 0,
            end_use: [0; 8],
            epochs: Vec::new(),
            common: [NO_COMMON; ROWS],
            rare: Vec::new(),
        }
    }
}

impl Block {
    /// Those begun and those ended in a stretch of time; in one there is not, all have begun.
    #[inline]
    pub fn epoch(&self, stretch: usize) -> Epoch {
        self.epochs.get(stretch).copied().unwrap_or(Epoch { begun: u64::MAX, ended: 0 })
    }

    /// Directives for which a fact is not settled by its level, or by [`SETTLED`] or [`OPEN`] in the place of one.
    #[inline]
    pub fn unclear(&self, level: u8) -> u64 {
        self.above.get(usize::from(level & 7)).copied().unwrap_or(u64::MAX)
    }

    /// Directives a US status reaches; [`NO_STATUS`] reaches none.
    #[inline]
    pub fn reached_by(&self, status: u8) -> u64 {
        self.status.get(usize::from(status & 15)).copied().unwrap_or(u64::MAX)
    }

    /// What a country, by its row, triggers.
    #[inline]
    pub fn common(&self, country: u8) -> &Common {
        self.common.get(usize::from(country)).unwrap_or(const { &NO_COMMON })
    }

    /// What a country triggers besides.
    pub fn rare(&self, country: u8) -> &Rare {
        self.rare.get(usize::from(country)).unwrap_or(&NO_RARE)
    }

    pub(super) fn set_common(&mut self, country: u8, set: impl Fn(&mut Common)) {
        self.common.get_mut(usize::from(country)).into_iter().for_each(set);
    }

    pub(super) fn set_rare(&mut self, country: u8, set: impl Fn(&mut Rare)) {
        if self.rare.is_empty() {
            self.rare = vec![NO_RARE; ROWS];
        }
        self.rare.get_mut(usize::from(country)).into_iter().for_each(set);
    }

    /// Notes which directives look at something most do not, and what is open at no level.
    pub(super) fn sum_up(&mut self) {
        if let Some(open) = self.above.get_mut(usize::from(OPEN)) {
            *open = u64::MAX;
        }
        self.rare_rules = self.singly
            | self.everyone
            | self.us_person_rules
            | self.recent_rules
            | self.ever_rules
            | self.listed_rules
            | self.end_use_rules;
    }
}

/// Which directives have begun and ended in a stretch of time.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Epoch {
    /// At or before its first instant.
    pub begun: u64,
    /// At or before its first instant.
    pub ended: u64,
}

/// What a country triggers among the directives of a block, as most decisions ask: half a line of memory.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[repr(align(32))]
pub struct Common {
    /// Reached, by current citizenship.
    pub any: u64,
    /// Reached, by place.
    pub place: u64,
    /// Reached, by seat of the employer's ultimate parent.
    pub seat: u64,
    /// Relieved for good by an exception for permanent residents, by country of residence.
    pub residents: u64,
}

/// What a country triggers besides.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Rare {
    /// Reached, by most recent nationality.
    pub recent: u64,
    /// Reached, by citizenship ever held.
    pub ever: u64,
}

const NO_COMMON: Common = Common { any: 0, place: 0, seat: 0, residents: 0 };
static NO_RARE: Rare = Rare { recent: 0, ever: 0 };
