//! Who calls, over real sockets: people behind shared keys, tokens and their abuse, outages of issuers.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails where it cannot go on")]

mod abuse;
#[path = "../../../people/src/x509/samples.rs"]
#[allow(dead_code, reason = "made for the tests of another crate")]
mod certificates;
mod cure;
mod exchange;
mod issuer;
mod keys;
mod people_on_file;
mod place;
#[path = "../rig/mod.rs"]
mod rig;
#[path = "../../src/identity/place/samples.rs"]
mod samples;
mod stage;
