//! Evidence: the one value that every verifier returns, and that nothing else can make.

mod facts;
mod nationality;
mod predicate;
#[cfg(test)]
pub(crate) mod samples;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use terms::{Instant, Level};

pub use facts::Claim;
pub(crate) use facts::{Asserted, KnownClaims, read_claims};
pub use facts::{Facts, Nationalities};
pub(crate) use nationality::Nationality;
pub use predicate::{Answer, BadPredicate, Predicate};

use crate::jose::Thumbprint;

/// What one verified presentation says about one person.
///
/// Only the verifiers of this crate make it. It holds answers and countries, never a name, a document number or a
/// date of birth, and can be written to a ledger as it is.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Evidence {
    facts: Facts,
    level: Level,
    issuer: String,
    method: Method,
    subject: Option<String>,
    actor: Vec<String>,
    org: Option<String>,
    valid_until: Instant,
    verified_at: Instant,
    binding: Binding,
    status: Option<StatusRef>,
    flags: BTreeSet<Flag>,
    commitment: Commitment,
}

/// How the evidence came.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// A JWT access token (RFC 9068) with verified claims.
    AccessToken,
    /// An introspection answer (RFC 7662, RFC 9701).
    Introspection,
    /// A token minted by the gateway's own token exchange (RFC 8693).
    Exchange,
    /// An organisation's end-user assertion (`Douane-End-User`).
    Assertion,
    /// A PID as SD-JWT VC (RFC 9901).
    SdJwtVc,
    /// A signed predicate credential.
    PredicateVc,
    /// A PID as mdoc (ISO 18013-5).
    Mdoc,
    /// A passport chip (ICAO 9303).
    Emrtd,
    /// A row of a roster.
    Roster,
    /// An officer of the employer confirmed it, asked through a one-time link.
    Attestation,
    /// A signed message of a KYC vendor.
    Vendor,
    /// An ID token that the gateway fetched itself after the person signed in (OpenID Connect).
    IdToken,
}

impl Method {
    /// The word in records.
    pub const fn word(self) -> &'static str {
        match self {
            Self::AccessToken => "access_token",
            Self::Introspection => "introspection",
            Self::Exchange => "exchange",
            Self::Assertion => "assertion",
            Self::SdJwtVc => "sd_jwt_vc",
            Self::PredicateVc => "predicate_vc",
            Self::Mdoc => "mdoc",
            Self::Emrtd => "emrtd",
            Self::Roster => "roster",
            Self::Attestation => "attestation",
            Self::Vendor => "vendor",
            Self::IdToken => "id_token",
        }
    }
}

/// What the presentation was bound to.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Binding {
    /// Thumbprint of the key proven by DPoP (RFC 9449) or key binding.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jkt: Option<Thumbprint>,
    /// SHA-256 of the client certificate, base64url (RFC 8705).
    #[serde(rename = "x5t#S256", skip_serializing_if = "Option::is_none")]
    pub x5t_s256: Option<String>,
    /// The API key it is tied to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_key: Option<String>,
}

/// Where its revocation is published (Token Status List).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatusRef {
    /// Address of the list.
    pub uri: String,
    /// Place in the list.
    pub index: u64,
    /// Until when the list that was looked at may be relied on.
    pub valid_until: Instant,
}

/// What a reader of the evidence should know beside the answers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Flag {
    /// A citizen of no country (`QS`, `XXA`).
    Stateless,
    /// A refugee under the 1951 Convention (`XXB`).
    Refugee,
    /// Another refugee (`XXC`).
    RefugeeOther,
    /// An array element stayed closed.
    UndisclosedElements,
    /// Verified longer ago than the profile allows; the level fell to declared.
    StaleVerification,
    /// Passport data without chip and face check.
    HolderUnbound,
}

impl Flag {
    /// The word in vectors and records.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Stateless => "stateless",
            Self::Refugee => "refugee",
            Self::RefugeeOther => "refugee_other",
            Self::UndisclosedElements => "undisclosed_elements",
            Self::StaleVerification => "stale_verification",
            Self::HolderUnbound => "holder_unbound",
        }
    }
}

/// SHA-256 over what was presented. A ledger salts it before it writes it.
#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Commitment([u8; 32]);

impl Commitment {
    /// Commits to the parts of a presentation, each with its length.
    pub(crate) fn to(method: Method, parts: &[&[u8]]) -> Self {
        let mut hash = Sha256::new();
        hash.update([method as u8]);
        for part in parts {
            hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            hash.update(part);
        }
        Self(hash.finalize().into())
    }

    /// The digest.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl std::fmt::Debug for Commitment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// The parts of an [`Evidence`], for the verifiers of this crate.
#[derive(Debug)]
pub(crate) struct Draft {
    pub(crate) asserted: Asserted,
    pub(crate) level: Level,
    pub(crate) issuer: String,
    pub(crate) method: Method,
    pub(crate) subject: Option<String>,
    pub(crate) actor: Vec<String>,
    pub(crate) org: Option<String>,
    pub(crate) valid_until: Instant,
    pub(crate) verified_at: Instant,
    pub(crate) binding: Binding,
    pub(crate) status: Option<StatusRef>,
    pub(crate) commitment: Commitment,
}

impl Evidence {
    /// The only constructor: after every check has passed.
    pub(crate) fn establish(draft: Draft) -> Self {
        let Asserted { facts, flags } = draft.asserted;
        Self {
            facts,
            flags,
            level: draft.level,
            issuer: draft.issuer,
            method: draft.method,
            subject: draft.subject,
            actor: draft.actor,
            org: draft.org,
            valid_until: draft.valid_until,
            verified_at: draft.verified_at,
            binding: draft.binding,
            status: draft.status,
            commitment: draft.commitment,
        }
    }

    /// What it answers. Evidence that is only inferred (level `ip`) answers nothing.
    pub fn answer(&self, asked: &Predicate) -> Answer {
        if self.level < Level::SelfDeclared { Answer::Unknown } else { self.facts.answer(asked) }
    }

    /// The facts it supports.
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// How well.
    pub fn level(&self) -> Level {
        self.level
    }

    /// Who says so: the issuer's identifier in the registry, or the subject of the anchor.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// How it came.
    pub fn method(&self) -> Method {
        self.method
    }

    /// The issuer's name for the person; pairwise, where the issuer keeps to the profile.
    pub fn subject(&self) -> Option<&str> {
        self.subject.as_deref()
    }

    /// Who acts for the person, the current actor first (RFC 8693, 4.1). The subject's facts decide, never the actor's.
    pub fn actor(&self) -> &[String] {
        &self.actor
    }

    /// The organisation that attests it.
    pub fn org(&self) -> Option<&str> {
        self.org.as_deref()
    }

    /// The last instant at which it may be used.
    pub fn valid_until(&self) -> Instant {
        self.valid_until
    }

    /// When it was verified.
    pub fn verified_at(&self) -> Instant {
        self.verified_at
    }

    /// What it was bound to.
    pub fn binding(&self) -> &Binding {
        &self.binding
    }

    /// Where its revocation is published.
    pub fn status(&self) -> Option<&StatusRef> {
        self.status.as_ref()
    }

    /// What to know beside the answers.
    pub fn flags(&self) -> &BTreeSet<Flag> {
        &self.flags
    }

    /// Commitment to what was presented.
    pub fn commitment(&self) -> &Commitment {
        &self.commitment
    }
}
