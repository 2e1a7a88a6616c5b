//! A year of one large operator, drawn by a fixed seed: 500 directives of several kinds on 40 models, 100,000 licences,
//! 20,000 persons, and questions spread over the year.
#![allow(dead_code, reason = "each benchmark uses its own part")]

mod law_file;
pub mod people;

use law::{Book, ListedModel, Policy};
use terms::{Choices, Country, Instant, Level, ModelId, PersonFacts, Question};

pub const DIRECTIVES: u32 = 500;
pub const LICENCES: usize = 100_000;
pub const MODELS: usize = 40;
pub const FIRMS: usize = 5_000;
pub const PERSONS: usize = 20_000;
pub const QUESTIONS: usize = 4_096;
pub const DAY_S: i64 = 86_400;
pub const YEAR_S: i64 = 365 * DAY_S;
/// 1 January 2026.
const START_S: i64 = 1_767_225_600;

/// Somebody asks for a model at an instant.
#[derive(Clone, Copy)]
pub struct Asked {
    pub person: usize,
    pub model: usize,
    pub at: Instant,
}

pub struct Workload {
    pub book: Book,
    pub models: Vec<ListedModel>,
    pub policy: Policy,
    pub persons: Vec<PersonFacts>,
    pub questions: Vec<Asked>,
}

impl Workload {
    pub fn large() -> Self {
        let dice = &mut Dice(0xD0_0A_4E);
        let mut book = law_file::directives(dice);
        let persons = people::persons(dice);
        book.licences = law_file::licences(dice, &book);
        let question = |_| Asked {
            person: dice.below(PERSONS),
            model: if dice.chance(20) { 3 } else { dice.below(MODELS) },
            at: instant(dice.seconds(YEAR_S)),
        };
        let questions = (0..QUESTIONS).map(question).collect();
        let models = (0..MODELS).map(|m| ModelId::parse(&model(m)).unwrap().into()).collect();
        let policy = Policy {
            min_evidence: Level::None,
            min_location_evidence: Level::None,
            choices: Choices::default().with(Question::HongKongIsCn, 0),
            operator: None,
        };
        Self { book, models, policy, persons, questions }
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014).
pub struct Dice(pub u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    pub fn below(&mut self, count: usize) -> usize {
        usize::try_from(self.roll() % u64::try_from(count).unwrap()).unwrap()
    }

    pub fn seconds(&mut self, below: i64) -> i64 {
        i64::try_from(self.below(usize::try_from(below).unwrap())).unwrap()
    }

    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// So many different values.
    pub fn distinct<T: Ord>(&mut self, count: usize, draw: impl Fn(&mut Self) -> T) -> Vec<T> {
        let mut drawn = std::collections::BTreeSet::new();
        while drawn.len() < count {
            drawn.insert(draw(self));
        }
        drawn.into_iter().collect()
    }

    /// The United States in two of five cases, else a country of a long tail.
    pub fn country(&mut self) -> Country {
        if self.chance(40) {
            return Country::US;
        }
        let far = self.below(1_000).pow(2) * 249 / 1_000_000;
        Country::all().nth(far).unwrap()
    }

    pub fn foreign_country(&mut self) -> Country {
        let drawn = Country::all().nth(self.below(249)).unwrap();
        if drawn == Country::US { Country::CN } else { drawn }
    }
}

pub fn instant(second: i64) -> Instant {
    Instant::from_micros((START_S + second) * 1_000_000)
}

pub fn model(number: usize) -> String {
    format!("m-{number}")
}

pub fn firm(number: usize) -> String {
    format!("Firm {number}")
}

pub fn person(number: usize) -> terms::PersonId {
    terms::PersonId::parse(&format!("p-{number}")).unwrap()
}
