//! Evidence for the tests of this crate.

use std::collections::BTreeSet;

use terms::{Instant, Level};

use super::{Answer, Asserted, Binding, Commitment, Draft, Evidence, Facts, Method, Predicate};

/// A US person, at a level and until an instant.
pub(crate) fn us_person(level: Level, valid_until: Instant) -> Evidence {
    let facts = Facts::stated([(Predicate::UsPerson, Answer::Yes)]);
    Evidence::establish(Draft {
        asserted: Asserted { facts, flags: BTreeSet::new() },
        level,
        issuer: "https://issuer.test".to_owned(),
        method: Method::AccessToken,
        subject: Some("u-1".to_owned()),
        actor: Vec::new(),
        org: None,
        valid_until,
        verified_at: Instant::from_micros(0),
        binding: Binding::default(),
        status: None,
        commitment: Commitment::to(Method::AccessToken, &[b"token"]),
    })
}
