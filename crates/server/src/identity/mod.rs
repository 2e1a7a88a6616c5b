//! Who calls, proven to which level.
//!
//! An API key names an account and, where it is personal, a person; that is looked up. Everything else is shown: a
//! token of an identity provider, the organisation's assertion about the end user of a shared key, a token of the
//! gateway's own exchange. What is shown passes a verifier of `people` and counts for this request only, together with
//! what the account has on file about the same person. A token that was verified in full has a session, so that the
//! next request with it costs a digest; its proofs of possession are always checked. A failure is a refusal or leaves
//! the fact unknown; it never makes a yes.
//!
//! Beside the requests, `recheck` looks at the status lists that credentials on file rest on.

mod door;
mod exchange_keys;
mod files;
pub(crate) mod form;
mod keys;
mod nonce;
mod opaque;
mod place;
mod recheck;
pub mod sts;
mod token_endpoint;
mod tokens;
pub(crate) mod trust;
mod who;

pub(crate) use door::identify;
pub use door::resolve;
pub use exchange_keys::BadExchangeKeys;
pub use files::Files;
pub(crate) use place::Peer;
pub use place::{BadDatabase, BadNetwork, Network, PlaceSettings, Places};
pub(crate) use recheck::watch;
pub(crate) use token_endpoint::{KEYS_PATH, PATH as TOKEN_PATH, answer as exchange, keys as exchange_keys};
pub use trust::BadTrust;
pub(crate) use who::{Caller, Group};

use crate::outbound::fetch::Fetcher;
use exchange_keys::ExchangeKeys;
use keys::Turns;
use nonce::Nonces;
use opaque::Opaque;
use people::session::Sessions;
use people::{Profile, Replay};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use store::KeyHasher;
use sts::{NoRandomness, Sts};
use terms::{AccountId, Instant, PersonId};
use tokio::sync::watch as signal;
use trust::Trust;
use who::Known;

/// What the operator configured about identity.
#[derive(Clone)]
pub struct IdentitySettings {
    /// The trust registry, JSON.
    pub trust: Vec<u8>,
    /// Limits and names; `gateway` is the audience and the address callers use.
    pub profile: Profile,
    /// Whether a DPoP proof must carry a nonce of the gateway's (RFC 9449, 8).
    pub dpop_nonce: bool,
    /// Client secrets by the name that the trust registry uses.
    pub secrets: BTreeMap<String, String>,
    /// Pages on which callers show what is missing; `None` = there are none.
    pub cure: Option<crate::cure::CureSettings>,
}

/// Identity cannot be set up. The operator's to mend.
#[derive(Debug, thiserror::Error)]
pub enum BadIdentity {
    /// The registry.
    #[error("identity.trust: {0}")]
    Trust(#[from] BadTrust),
    /// The random source.
    #[error(transparent)]
    Random(#[from] NoRandomness),
    /// The keys of the token exchange.
    #[error("the keys of the token exchange: {0}")]
    ExchangeKeys(#[from] BadExchangeKeys),
    /// The address of the gateway.
    #[error(
        "identity.audience: `{0}` is no absolute http or https URL without path, such as https://gateway.example"
    )]
    Audience(String),
}

/// Everything that stands at the door.
pub struct Identity {
    pub(crate) trust: Trust,
    sts: Sts,
    pub(crate) replay: Replay,
    sessions: Sessions<Arc<Known>>,
    opaque: Opaque,
    changed: signal::Sender<u64>,
    nonces: Option<Nonces>,
    pub(crate) secrets: BTreeMap<String, String>,
    pub(crate) fetcher: Fetcher,
    pub(crate) turns: Turns,
    hasher: KeyHasher,
    audience: String,
}

impl Identity {
    /// Checks the settings. `dir` is the data directory, whose secrets hold the keys of the token exchange. `practice`:
    /// plain http to loopback is fetched.
    ///
    /// # Errors
    /// [`BadIdentity`].
    pub fn new(
        settings: &IdentitySettings,
        (hasher, dir): (&KeyHasher, &Path),
        now: Instant,
        practice: bool,
    ) -> Result<Self, BadIdentity> {
        let audience = settings.profile.gateway.clone();
        if !is_origin(&audience) {
            return Err(BadIdentity::Audience(audience));
        }
        let sts = Sts::new(&audience, ExchangeKeys::open(dir, now)?);
        let trust = Trust::read(&settings.trust, settings.profile.clone(), &sts)?;
        for (iss, secret) in trust.secrets_used() {
            if !settings.secrets.contains_key(secret) {
                let (iss, name) = (iss.to_owned(), secret.to_owned());
                return Err(BadTrust::NoSecret { iss, name }.into());
            }
        }
        Ok(Self {
            trust,
            sts,
            replay: Replay::default(),
            sessions: Sessions::default(),
            opaque: Opaque::default(),
            changed: signal::Sender::new(0),
            nonces: settings.dpop_nonce.then(Nonces::new).transpose()?,
            secrets: settings.secrets.clone(),
            fetcher: Fetcher::new(practice),
            turns: Turns::default(),
            hasher: hasher.clone(),
            audience,
        })
    }

    /// Everything verified before is looked at again: evidence was filed, withdrawn or contested.
    pub fn bump(&self) {
        self.sessions.bump();
        self.opaque.forget();
        self.changed.send_modify(|changes| *changes = changes.wrapping_add(1));
    }

    /// Tells of every [`Identity::bump`].
    fn changes(&self) -> signal::Receiver<u64> {
        self.changed.subscribe()
    }

    /// The person of an issuer's subject, as on file in one account: a keyed hash under a key of the account's own, so
    /// that neither the file nor two accounts side by side tell the issuer's name for the person.
    pub fn person(&self, account: &AccountId, iss: &str, sub: &str) -> PersonId {
        let tenant = KeyHasher::new(&self.hasher.seal("douane/tenant/v1", account.as_str().as_bytes()));
        let key = tenant.seal("douane/subject/v1", format!("{iss}\n{sub}").as_bytes());
        #[expect(clippy::expect_used, reason = "hexadecimal digits after a letter are an identifier")]
        PersonId::parse(&format!("p{}", hex::encode(key))).expect("is an identifier")
    }

    /// Whether pages are shown over https, so that cookies can be kept to it.
    pub(crate) fn is_https(&self) -> bool {
        self.audience.starts_with("https://")
    }

    /// The accounts that some issuer speaks for.
    pub fn accounts(&self) -> impl Iterator<Item = &AccountId> {
        self.trust.accounts()
    }

    /// The URL a caller used, as proofs name it.
    pub(crate) fn url(&self, target: &str) -> String {
        format!("{}{target}", self.audience.trim_end_matches('/'))
    }
}

fn is_origin(url: &str) -> bool {
    let Ok(uri) = url.parse::<http::Uri>() else { return false };
    let known = matches!(uri.scheme_str(), Some("http" | "https"));
    known
        && uri.authority().is_some_and(|host| !host.as_str().contains('@'))
        && uri.path() == "/"
        && uri.query().is_none()
}
