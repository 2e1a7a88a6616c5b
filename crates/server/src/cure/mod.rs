//! Cures: small pages on the gateway port on which a caller shows what is missing.
//!
//! A refusal carries a link that works for a quarter of an hour and stands for one caller and one need; neither is in
//! its address. Behind it are the ways that would settle the need: signing in, a wallet, a vendor, the employer. What
//! comes in passes a verifier of `people` and is put on file through the house like any other change, so that the very
//! next request of the same caller is decided on it.

mod appeal;
mod device;
mod links;
mod need;
mod officer;
mod once;
mod page;
mod provider;
mod session;
mod sign_in;
mod status;
mod trouble;
mod vendor;
mod wallet;

pub(crate) use need::{Shown, with_cure};
pub(crate) use officer::{Confirmation, confirm};
pub(crate) use trouble::Trouble;
pub(crate) use vendor::receive as receive_vendor;

use crate::gateway::GateBody;
use crate::house::{House, Settings};
use crate::identity::{Identity, form};
use bytes::Bytes;
use http::header::{ACCEPT, ACCEPT_LANGUAGE, HeaderName, ORIGIN};
use http::request::Parts;
use http::{HeaderMap, Method, Response};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use links::Links;
use once::Once;
use people::file::Filed;
use people::{Evidence, Refusal};
use provider::Providers;
use session::{About, Session, Sessions};
use sign_in::Started;
use status::Lists;
use std::pin::Pin;
use std::sync::Arc;
use store::Event;
use terms::{AccountId, Instant, OfficerId, PersonId};
use wallet::{Asked, Signer};
use wire::lang::{Lang, lang_from};

/// Bytes of what is sent to a page; a presentation of the greatest size fits.
const BODY_BYTES: usize = 1 << 20;
/// Sign-ins and wallet requests under way at once.
const UNDER_WAY: usize = 1 << 16;
/// Longest time that a sign-in or a wallet may take, seconds.
const STEP_S: i64 = 600;

/// What the operator configured about the pages.
#[derive(Clone, Default)]
pub struct CureSettings {
    /// Certificate chain (PEM, the leaf first) and private key (PKCS #8 PEM, P-256) that sign requests to wallets;
    /// `None` = requests are not signed, which fewer wallets take.
    pub wallet: Option<(String, String)>,
}

/// The pages cannot be set up. The operator's to mend.
#[derive(Debug, thiserror::Error)]
pub enum BadCure {
    /// What signs requests to wallets.
    #[error("identity.cure: {0}")]
    Wallet(&'static str),
    /// What is kept of links.
    #[error("identity.cure: {path}: {source}")]
    Io {
        /// The file.
        path: String,
        /// Why.
        source: std::io::Error,
    },
}

/// Everything behind the pages.
pub struct Cure {
    sessions: Sessions,
    started: Once<Arc<Started>>,
    asked: Once<Arc<Asked>>,
    providers: Providers,
    lists: Lists,
    links: Links,
    signer: Option<Signer>,
}

impl Cure {
    /// Checks the settings and reads what is kept; `None` where no pages are configured.
    ///
    /// # Errors
    /// [`BadCure`].
    pub fn of(settings: &Settings) -> Result<Option<Self>, BadCure> {
        let Some(cure) = settings.identity.as_ref().and_then(|identity| identity.cure.as_ref()) else {
            return Ok(None);
        };
        let dir = settings.dir.join("cure");
        let signer = cure.wallet.as_ref().map(|(chain, key)| Signer::new(chain, key)).transpose()?;
        Ok(Some(Self {
            sessions: Sessions::default(),
            started: Once::new(UNDER_WAY, STEP_S),
            asked: Once::new(UNDER_WAY, STEP_S),
            providers: Providers::default(),
            lists: Lists::default(),
            links: Links::open(&dir)?,
            signer,
        }))
    }
}

/// Whether a path is one of the pages.
pub(crate) fn is_page(house: &House, path: &str) -> bool {
    house.cure.is_some() && path.starts_with("/cure/")
}

/// One visit.
struct Visit<'a> {
    house: &'a Arc<House>,
    identity: &'a Arc<Identity>,
    cure: &'a Cure,
    parts: &'a Parts,
    lang: Lang,
    now: Instant,
    body: Bytes,
}

/// Answers a request for a page; never fails. Boxed: pages are rare, and what they do must not make the future of every
/// other request large.
pub(crate) fn answer<'a>(
    house: &'a Arc<House>,
    parts: &'a Parts,
    body: Incoming,
) -> Pin<Box<dyn Future<Output = Response<GateBody>> + Send + 'a>> {
    Box::pin(visit(house, parts, body))
}

async fn visit(house: &Arc<House>, parts: &Parts, body: Incoming) -> Response<GateBody> {
    let lang = lang_from(header(&parts.headers, &ACCEPT_LANGUAGE));
    let as_json = wants_json(&parts.headers);
    let done = match (&house.identity, &house.cure) {
        (Some(identity), Some(cure)) => match Limited::new(body, BODY_BYTES).collect().await {
            Ok(body) => {
                let (now, body) = (house.clock.read().at, body.to_bytes());
                Visit { house, identity, cure, parts, lang, now, body }.route().await
            }
            Err(_) => Err(Trouble::Form),
        },
        _ => Err(Trouble::Gone),
    };
    done.unwrap_or_else(|trouble| trouble.answer(lang, as_json))
}

fn header<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn wants_json(headers: &HeaderMap) -> bool {
    header(headers, &ACCEPT).is_some_and(|accept| accept.starts_with("application/json"))
}

type Answer = Result<Response<GateBody>, Trouble>;

impl Visit<'_> {
    async fn route(&self) -> Answer {
        let path = self.parts.uri.path().strip_prefix("/cure/").unwrap_or_default();
        let (first, rest) = path.split_once('/').unwrap_or((path, ""));
        let get = self.parts.method == Method::GET;
        if !get && self.parts.method != Method::POST {
            return Err(Trouble::Method);
        }
        match (first, rest, get) {
            ("callback", "", true) => self.signed_in().await,
            ("response", "", false) => self.presented().await,
            ("request", asked, true) => self.wallet_request(asked),
            ("ask", link, true) => self.officer_page(link).await,
            ("ask", link, false) => self.officer_answer(link).await,
            (id, step, get) => self.step(id, step, get).await,
        }
    }

    /// A step of one session.
    async fn step(&self, id: &str, step: &str, get: bool) -> Answer {
        let Some(session) = self.cure.sessions.get(id, self.now) else {
            // The link of an appeal outlives what else could be done on it: the answer is read there.
            let looks = get && matches!(step, "" | "appeal");
            let filed = if looks { self.appeal_on(id).await? } else { None };
            return filed.map(|appeal| self.standing(&appeal)).ok_or(Trouble::Gone);
        };
        match (step, get) {
            ("", true) => Ok(self.overview(&session, self.appeal_on(id).await?.as_ref())),
            ("device", true) => self.poll(&session).await,
            ("appeal", true) => {
                let filed = self.appeal_on(id).await?;
                let filed = filed.as_ref();
                Ok(filed.map_or_else(|| self.overview(&session, None), |appeal| self.standing(appeal)))
            }
            (_, true) => Err(Trouble::Gone),
            ("appeal", false) => {
                self.own_page()?;
                self.appeal(&session).await
            }
            _ => {
                self.own_page()?;
                if !session.may_begin() {
                    return Err(Trouble::TooMany);
                }
                match step {
                    "sign-in" => self.sign_in(&session).await,
                    "device" => self.begin_device(&session).await,
                    "wallet" => self.ask_wallet(&session),
                    "vendor" => self.send_to_vendor(&session).await,
                    "employer" => self.ask_employer(&session).await,
                    _ => Err(Trouble::Gone),
                }
            }
        }
    }

    /// Only the page itself, or a program, begins a step: a page elsewhere could begin one in the browser of somebody
    /// who is signed in with a provider, and have that person's evidence put on file for another. Browsers send
    /// `Origin: null` under our referrer policy, so what they say of the site decides.
    fn own_page(&self) -> Result<(), Trouble> {
        let headers = &self.parts.headers;
        let site = header(headers, &HeaderName::from_static("sec-fetch-site"));
        let own = match (site, header(headers, &ORIGIN)) {
            (Some(site), _) => site == "same-origin",
            (None, Some(origin)) => origin == self.identity.url("").as_str(),
            (None, None) => true,
        };
        if own { Ok(()) } else { Err(Trouble::CrossSite) }
    }

    /// A field of the form that was sent.
    fn field(&self, name: &str) -> Result<Option<String>, Trouble> {
        let form = form::read(&self.body).ok_or(Trouble::Form)?;
        Ok(form.into_iter().find(|(known, _)| known == name).map(|(_, value)| value))
    }

    fn as_json(&self) -> bool {
        wants_json(&self.parts.headers)
    }

    /// Whose links these are, without saying who that is.
    fn owner(&self, about: &About) -> [u8; 32] {
        let owner = format!("{}\n{}", about.account, about.person);
        self.house.hasher.seal("douane/link-owner/v1", owner.as_bytes())
    }

    /// Puts evidence on file for whoever the session is about.
    async fn file(&self, session: &Session, evidence: &Evidence) -> Result<(), Trouble> {
        let about = &session.about;
        let other = |(iss, sub): &(String, String)| {
            evidence.issuer() == iss && evidence.subject().is_some_and(|shown| shown != sub)
        };
        if about.shown.as_ref().is_some_and(other) {
            return Err(Trouble::Refused(Refusal::BindingMismatch("another person's")));
        }
        let cure = session.cure(self.lang);
        file(self.house, (&about.account, &about.person), &Filed::of(evidence), (None, cure)).await?;
        session.progress().done = true;
        Ok(())
    }
}

/// Through the house: on disk and in the log when this returns, and every request from then on is decided on it. With it
/// goes how it came, and the officer whose word it is.
async fn file(
    house: &House,
    (account, person): (&AccountId, &PersonId),
    filed: &Filed,
    (by, cure): (Option<OfficerId>, store::Cure),
) -> Result<(), Trouble> {
    let (id, cure) = (filed.id.clone(), Box::new(cure).into());
    let events = [
        Event::filed(account.clone(), person.clone(), filed.clone()),
        Event::ShownOnPage { account: account.clone(), person: person.clone(), id, by, cure },
    ];
    let mut registry = house.registry.lock().await;
    house.commit(&mut registry, &events).await.map_err(|error| {
        tracing::warn!(%error, "evidence could not be put on file");
        Trouble::NotFiled
    })
}
