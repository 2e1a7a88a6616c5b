//! Everything that listens.
//!
//! [`gateway`] serves callers on the data port, [`control`] serves officers on the loopback port, [`practice`] is a
//! model that needs no provider, and [`outbound`] is the one client for everything fetched. They share a [`House`]:
//! the law in force, the people on file, the record and the clock.
//!
//! The binary reads the configuration and the wall clock, makes a [`House`] and hands it to [`gateway::serve`] and
//! [`control::serve`].

mod asked;
pub mod catalogue;
pub mod changes;
pub mod clock;
pub mod control;
pub mod cure;
pub mod directory;
pub mod gateway;
pub mod house;
pub mod house_rules;
pub mod identity;
pub mod outbound;
pub mod past;
pub mod practice;
pub mod record;

pub use clock::Clock;
pub use house::{House, OpenError, Settings};
