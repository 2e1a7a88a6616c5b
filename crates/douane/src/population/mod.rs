//! The invented population of `douane demo`: persons and keys, what is on file about each, and what the letters of
//! June 2026 mean for them.
//!
//! Nobody in it exists, and nobody has a name. The figures and their sources are in
//! `data/population/demo-marginals.toml`. The same seed gives the same people, and a larger population begins with the
//! smaller one.

mod draw;
mod invent;
mod marginals;
mod row;
#[cfg(test)]
mod tests;
mod truth;

use anyhow::Result;
use terms::{Country, Instant, UsStatus};

use draw::Draw;
use invent::Inventor;
use marginals::Marginals;
pub use row::{HEADER, Row};
pub use truth::{Truth, after_second_letter, after_third_letter, under_first_letter};

/// An invented person, shared key or service.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Invented {
    /// What is on file.
    pub row: Row,
    /// The country a request comes from.
    pub country: Country,
    /// What the person works on, a word of the figure `sector`.
    pub sector: String,
    /// Status in fact, whether or not it is on file; `Unknown` for a key that is not one person.
    pub us_status: UsStatus,
    /// What the first letter means for this row.
    pub truth: Truth,
}

/// When the first letter took effect: 12 June 2026, 17:21 Eastern.
pub const fn first_letter_at() -> Instant {
    Instant::from_micros(1_781_299_260_000_000)
}

/// Invents `count` persons and keys. Numbered from 1 in the order returned.
///
/// # Errors
/// When the shipped figures cannot be read.
pub fn invent(count: usize, seed: u64) -> Result<Vec<Invented>> {
    let figures = Marginals::shipped()?;
    let one = |number: usize| {
        let draw = Draw::of(seed, u64::try_from(number).unwrap_or(u64::MAX));
        Inventor::new(&figures, draw).invent(number)
    };
    (1..=count).map(one).collect()
}

/// The roster file of these people, with its header.
pub fn to_csv(people: &[Invented]) -> String {
    let mut csv = String::from(HEADER);
    csv.push('\n');
    for invented in people {
        csv.push_str(&invented.row.line());
        csv.push('\n');
    }
    csv
}
