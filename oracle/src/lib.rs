//! Independent evaluators the engine is compared with; test-only.
//!
//! [`reference::decide`] answers one [`scenario::Scenario`] by looking at every possible world,
//! [`generate::scenario`] makes scenarios from a seed, and [`shrink::shrink`] makes a failing one small.

pub mod cedar;
mod day;
pub mod generate;
pub mod reference;
pub mod scenario;
pub mod shrink;
