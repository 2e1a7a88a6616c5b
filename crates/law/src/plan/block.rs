//! Sixty-four directives at a time.

use terms::Country;

/// Rows of a table: one per country, and one that triggers nothing.
const ROWS: usize = Country::COUNT + 1;

/// The row that triggers nothing.
pub const NOWHERE: u8 = {
    assert!(Country::COUNT <= 255);
    Country::COUNT as u8
};

/// Sixty-four directives of a plan: which facts each looks at, by bit. What most decisions read comes first.
#[derive(Clone, Debug, Default)]
#[repr(C)]
pub struct Block {
    /// Reached, by activity.
    pub activity: [u64; 4],
    /// Look at something most directives do not: a past or the most recent nationality, US persons (15 CFR 744.6),
    /// lists of restricted parties, an end use; or reach everyone; or are judged one by one.
    pub rare: u64,
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
    /// Not cleared by evidence at this level.
    pub above: [u64; 8],
    /// Reached, by status.
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
}

impl Block {
    /// Notes which directives look at something most do not.
    pub(super) fn sum_up(&mut self) {
        self.rare = self.singly
            | self.everyone
            | self.us_person_rules
            | self.recent_rules
            | self.ever_rules
            | self.listed_rules
            | self.end_use_rules;
    }
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

static NO_COMMON: Common = Common { any: 0, place: 0, seat: 0, residents: 0 };
static NO_RARE: Rare = Rare { recent: 0, ever: 0 };

/// Tables of masks by country, one row per block.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    words: usize,
    common: Vec<Common>,
    /// Empty where no directive looks.
    rare: Vec<Rare>,
}

impl Rows {
    pub(super) fn new(words: usize) -> Self {
        Self { words, common: vec![NO_COMMON; words.saturating_mul(ROWS)], rare: Vec::new() }
    }

    #[inline]
    fn at(&self, country: u8, block: usize) -> usize {
        usize::from(country).wrapping_mul(self.words).wrapping_add(block)
    }

    /// What a country, by its row, triggers in a block.
    #[inline]
    pub fn common(&self, country: u8, block: usize) -> &Common {
        self.common.get(self.at(country, block)).unwrap_or(&NO_COMMON)
    }

    /// What a country triggers besides.
    pub fn rare(&self, country: u8, block: usize) -> &Rare {
        self.rare.get(self.at(country, block)).unwrap_or(&NO_RARE)
    }

    pub(super) fn set_common(&mut self, country: u8, block: usize, set: impl Fn(&mut Common)) {
        let at = self.at(country, block);
        self.common.get_mut(at).into_iter().for_each(set);
    }

    pub(super) fn set_rare(&mut self, country: u8, block: usize, set: impl Fn(&mut Rare)) {
        if self.rare.is_empty() {
            self.rare = vec![NO_RARE; self.words.saturating_mul(ROWS)];
        }
        let at = self.at(country, block);
        self.rare.get_mut(at).into_iter().for_each(set);
    }
}
