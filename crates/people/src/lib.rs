//! Who is this caller, proven to which level.
//!
//! Whatever is presented (a token, an organisation's assertion, a wallet's credential, a passport's data) passes a
//! verifier here and becomes the same value: [`Evidence`], or one [`Refusal`] with a code and a cure.
//! Nothing else can make an [`Evidence`]. No socket, file or clock is touched: time is a parameter, and what must be
//! fetched is asked of [`Outside`].
//!
//! In order of use: [`Registry`] (whom we believe, for what, how far), [`Profile`] (limits), [`Verifier`] with
//! [`Presented`] and [`Replay`], [`Evidence`] with [`Predicate`] and [`Answer`],
//! [`derive::derive`] (what all evidence on file answers together), [`session::Sessions`].
//!
//! ```
//! use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
//! use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
//! use people::{Answer, Predicate, Profile, Registry, Replay, Verifier};
//! use serde_json::json;
//! use terms::{Instant, Level};
//!
//! // An employer signs who the end user behind its shared API key is.
//! let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
//! let key = Ed25519KeyPair::generate().unwrap();
//! let header = json!({"alg": "EdDSA", "typ": "douane-eua+jwt", "kid": "k-1"});
//! let payload = json!({
//!     "iss": "https://sso.example", "sub": "e:7", "aud": "https://gateway.example", "org": "org-1",
//!     "api_key_id": "ak_1", "iat": 1_900_000_000, "exp": 1_900_000_120, "jti": "once",
//!     "claims": {"us_person": true, "passport_number": "X0000000"},
//! });
//! let input = format!("{}.{}", encode(header.to_string().as_bytes()), encode(payload.to_string().as_bytes()));
//! let assertion = format!("{input}.{}", encode(key.sign(input.as_bytes()).as_ref()));
//!
//! // The gateway has registered the employer: its key, what it may assert, and how far it is believed.
//! let trust = json!({"issuers": [{
//!     "iss": "https://sso.example", "kind": "employer", "algs": ["EdDSA"], "max_strength": "S2",
//!     "jwks": {"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "k-1", "x": encode(key.public_key().as_ref())}]},
//!     "org": "org-1", "api_keys": ["ak_1"], "may_assert": ["us_person"], "complete_for": ["us_person"],
//! }]});
//! let registry = Registry::from_json(trust.to_string().as_bytes()).unwrap();
//! let profile = Profile { gateway: "https://gateway.example".to_owned(), ..Profile::default() };
//! let verifier = Verifier::new(registry, profile);
//!
//! let (now, replay) = (Instant::from_micros(1_900_000_005_000_000), Replay::default());
//! let evidence = verifier.end_user_assertion(Some(&assertion), Some("ak_1"), now, &replay).unwrap();
//! assert_eq!(evidence.level(), Level::Employer);
//! assert_eq!(evidence.answer(&Predicate::UsPerson), Answer::Yes);
//! assert!(!format!("{evidence:?}").contains("X0000000"));
//!
//! // The same assertion a second time, and none at all.
//! let refusal = |assertion| verifier.end_user_assertion(assertion, Some("ak_1"), now, &replay).unwrap_err();
//! assert_eq!(refusal(Some(assertion.as_str())).code(), "replayed");
//! assert_eq!(refusal(None).code(), "assertion_required");
//! ```
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::string_slice,
        clippy::arithmetic_side_effects
    )
)]

mod attest;
mod binding;
mod credential;
pub mod derive;
#[cfg(feature = "emrtd")]
mod emrtd;
mod evidence;
pub mod file;
mod jose;
mod json;
pub mod limits;
#[cfg(feature = "mdoc")]
mod mdoc;
mod outside;
mod profile;
mod refusal;
pub mod roster;
pub mod session;
pub mod strength;
#[cfg(test)]
mod testing;
mod times;
mod token;
mod trust;
mod verifier;
mod x509;

pub use attest::{Attestation, Message};
pub use binding::{Presented, Replay, Scheme};
pub use credential::{Status, StatusList, Transaction};
#[cfg(feature = "emrtd")]
pub use emrtd::Chip;
pub use evidence::{
    Answer, BadPredicate, Binding, Commitment, Evidence, Facts, Flag, Method, Nationalities, Predicate,
    StatusRef,
};
pub use jose::{Alg, Thumbprint};
pub use outside::{NothingOutside, Outside};
pub use profile::Profile;
pub use refusal::{Fault, Refusal};
pub use token::exchange::Exchange;
pub use token::id_token::IdToken;
pub use token::introspection::Introspected;
pub use trust::{BadRegistry, Claim, Issuer, IssuerKind, Registry, certificates as certificates_from_pem};
pub use verifier::Verifier;
