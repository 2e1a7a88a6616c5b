//! Every bound of this crate in one place.

/// Bytes of a compact JWS, without disclosures.
pub const TOKEN_BYTES: usize = 64 << 10;
/// Bytes of one JSON text.
pub const JSON_BYTES: usize = 256 << 10;
/// Levels of nesting in one JSON text.
pub const JSON_DEPTH: usize = 64;
/// Bytes of a presentation (SD-JWT with disclosures and key binding, or an mdoc device response).
pub const PRESENTATION_BYTES: usize = 512 << 10;
/// Bytes of a URL.
pub const URL_BYTES: usize = 8 << 10;
/// Proofs remembered against replay, in one [`crate::Replay`].
pub const REPLAY_ENTRIES: usize = 1 << 20;
/// Sessions in one [`crate::session::Sessions`].
pub const SESSIONS: usize = 200_000;
/// Seconds a session lasts at most.
pub const SESSION_S: i64 = 12 * 3600;
/// Seconds that a session of evidence of level document and up lasts before the token is verified again.
pub const STRONG_SESSION_S: i64 = 60;
/// Seconds that what an authorisation server answered about a token is relied on.
pub const INTROSPECTED_S: i64 = 30;
/// Issuers in a registry.
pub const ISSUERS: usize = 4_096;
/// Keys of one issuer.
pub const KEYS_PER_ISSUER: usize = 64;
/// Seconds that what an employer's officer confirmed is relied on: 90 days.
pub const ATTESTATION_S: i64 = 90 * 86_400;
/// Seconds that a KYC vendor's finding is relied on: a year.
pub const VENDOR_S: i64 = 365 * 86_400;
/// Seconds that what a provider stated at a sign-in is relied on: 90 days. The token's own end bounds the token only.
pub const SIGNED_IN_S: i64 = 90 * 86_400;
/// Seconds that a vendor's message may have been under way.
pub const VENDOR_AGE_S: i64 = 300;

const _: () = assert!(TOKEN_BYTES <= JSON_BYTES && JSON_BYTES <= PRESENTATION_BYTES);
