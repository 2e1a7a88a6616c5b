//! The limits a gateway verifies under.

use serde::Deserialize;
use terms::Level;

use crate::jose::Alg;
use crate::strength;
use crate::trust::IssuerKind;

/// Limits and names of one gateway. Written as in the vectors' `index.json`; every member may be left out.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(default)]
pub struct Profile {
    /// What `aud` of tokens and assertions must hold, byte for byte.
    pub gateway: String,
    /// Client id of this verifier under OpenID4VP: what `aud` of a key-binding JWT must be.
    pub vp_client_id: String,
    /// Where wallets post their responses.
    pub vp_response_uri: String,
    /// Tolerance for `exp`, `nbf`, `iat` and mdoc validity, seconds.
    pub clock_skew_s: i64,
    /// Greatest age of a DPoP proof, seconds.
    pub dpop_max_age_s: i64,
    /// Greatest age of a key-binding JWT, seconds.
    pub kb_max_age_s: i64,
    /// Most actors in an `act` chain.
    pub max_act_depth: usize,
    /// Ceiling of what is shown without proof of possession.
    #[serde(deserialize_with = "strength::deserialize")]
    pub bearer_cap: Level,
    /// Age of a verification beyond which it counts as declared only, seconds.
    pub verification_max_age_s: i64,
    /// Signature algorithms accepted at all.
    pub allowed_algs: Vec<Alg>,
    /// Digest algorithms of SD-JWT.
    pub sd_alg: Vec<String>,
    /// `vct` of PID credentials.
    pub pid_vct: Vec<String>,
    /// `vct` of predicate credentials.
    pub predicate_vct: Vec<String>,
    /// `docType` of PID mdocs.
    pub pid_doctype: String,
    /// Ceiling of passport data without chip and face check.
    #[serde(deserialize_with = "strength::deserialize")]
    pub emrtd_unbound_cap: Level,
    /// Greatest size of a status list after inflation, bytes.
    pub status_list_max_bytes: usize,
    /// Kinds of issuer that may issue access tokens.
    pub at_issuer_kinds: Vec<IssuerKind>,
}

impl Default for Profile {
    fn default() -> Self {
        let words = |all: &[&str]| all.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        Self {
            gateway: String::new(),
            vp_client_id: String::new(),
            vp_response_uri: String::new(),
            clock_skew_s: 60,
            dpop_max_age_s: 300,
            kb_max_age_s: 300,
            max_act_depth: 3,
            bearer_cap: Level::Employer,
            verification_max_age_s: 157_680_000,
            allowed_algs: vec![Alg::Es256, Alg::EdDsa, Alg::Rs256],
            sd_alg: words(&["sha-256"]),
            pid_vct: words(&["urn:eudi:pid:1"]),
            predicate_vct: words(&["urn:douane:us-person:1", "urn:douane:not-national-of:1"]),
            pid_doctype: "eu.europa.ec.eudi.pid.1".to_owned(),
            emrtd_unbound_cap: Level::SelfDeclared,
            status_list_max_bytes: 4 << 20,
            at_issuer_kinds: vec![IssuerKind::Oidc, IssuerKind::Kyc, IssuerKind::Sts],
        }
    }
}
