//! The harness of the whole-system tests: the real binary in a directory of its own, real sockets, real clients.
//!
//! [`Server`] starts `douane serve` with the law, people and keys a test needs; [`http`] speaks exact bytes to it;
//! [`Upstream`] is a model provider that notes everything it is asked; [`Python`] runs the vendors' client libraries.
//! [`Provider`] is an OpenID provider and [`Wallet`] a wallet, both of packages that others wrote; [`Browser`] is what a
//! person signs in with, [`Holder`] the key an app proves the possession of.
//!
//! ```no_run
//! use system_tests::{Bench, Server, http::Request};
//!
//! let mut server = Server::builder()
//!     .at("2026-06-12T18:00:00-04:00")
//!     .letters(&[Bench::june("letter-1.toml")])
//!     .roster(Bench::june("people.csv"))
//!     .start();
//! let ask = Request::chat("fable-5").key(server.key("p-002"));
//! assert_eq!(ask.send(server.gateway()).status, 451);
//! server.stop();
//! ```
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]
#![allow(clippy::print_stderr, reason = "a failing test shows what its server wrote")]

mod bench;
mod browser;
mod builder;
#[path = "../../crates/people/src/x509/samples.rs"]
#[allow(dead_code, reason = "made for the tests of another crate")]
mod certificates;
mod form;
mod gate;
mod holder;
pub mod http;
mod identity;
mod node;
mod ports;
mod provider;
mod python;
mod server;
mod upstream;
mod wallet;

pub use bench::Bench;
pub use browser::{Browser, Page};
pub use builder::Builder;
pub use gate::Gate;
pub use holder::Holder;
pub use identity::{GateSigner, Setup, kept};
pub use provider::{Provider, Wanted};
pub use python::Python;
pub use server::{OFFICERS, Server};
pub use upstream::{Received, Upstream};
pub use wallet::{Presented, Wallet};
