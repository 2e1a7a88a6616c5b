//! The slow reference: the normative text, read literally, with no cleverness.
//!
//! A *world* gives a value to every fact that is missing and an answer to every open legal question. Each
//! directive either holds the subject in a world or does not. The verdict follows from the table of all worlds:
//! a fact is missing when two worlds that differ in it alone differ in being refused, and a question is open when
//! its answer changes the outcome. Only facts and questions that some directive really looks at are enumerated.

mod case;
mod countries;
mod nationality;
mod persons;
mod relief;
#[cfg(test)]
mod tests;
mod verdict;
mod world;

pub use verdict::{Answer, decide};
