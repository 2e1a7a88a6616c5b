//! Kill -9 at random moments under load, and the same with writes lost that were not synced: whatever reached a client
//! is on record, whatever was acknowledged is still there.
//!
//! `DOUANE_KILL_ROUNDS` sets the rounds of each mode, `DOUANE_KILL_SEED` repeats the choices of a run.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod audit;
mod dice;
mod faults;
mod load;
mod office;
mod power;
mod trial;

use trial::Trial;

/// Rounds of a mode: as the environment says, else few.
fn rounds(few: u32) -> u32 {
    std::env::var("DOUANE_KILL_ROUNDS")
        .map_or(few, |rounds| rounds.parse().expect("DOUANE_KILL_ROUNDS is a number"))
}

#[test]
fn nothing_is_lost_when_the_process_is_killed() {
    Trial::begin(false).run(rounds(6));
}

#[test]
fn nothing_is_lost_when_the_power_is_cut() {
    Trial::begin(true).run(rounds(4));
}
