//! KYC vendors: people are sent there with a one-time reference, and the vendor's signed message comes back with it.

use super::need::{Offer, site};
use super::page::{Page, json};
use super::session::Session;
use super::{Answer, Trouble, Visit, file};
use crate::house::House;
use http::StatusCode;
use people::file::Filed;
use people::{Message, Refusal};
use serde::{Deserialize, Serialize};
use serde_json::json as object;
use std::sync::Arc;
use store::Cure;
use terms::{AccountId, PersonId};

/// Whom a reference stands for.
#[derive(Serialize, Deserialize)]
struct Referred {
    account: AccountId,
    person: PersonId,
    vendor: String,
    cure: Cure,
}

impl Visit<'_> {
    /// Makes a reference and shows the way to the vendor.
    pub(super) async fn send_to_vendor(&self, session: &Session) -> Answer {
        let named = self.field("with")?;
        let offer = Offer::of(&self.identity.trust, &session.about);
        let is_named = |iss: &str| named.as_deref().is_none_or(|named| named == iss);
        let listed = offer.vendors.iter().find(|one| is_named(&one.iss)).ok_or(Trouble::Gone)?;
        let kyc = listed.kyc.as_ref().ok_or(Trouble::Gone)?;
        let about = &session.about;
        let (account, person) = (about.account.clone(), about.person.clone());
        let cure = session.cure(self.lang);
        let referred = Referred { account, person, vendor: listed.iss.clone(), cure };
        let reference =
            self.cure.links.put(self.owner(about), &referred, self.now).await.ok_or(Trouble::NotFiled)?;
        let to = kyc.start.replace("{reference}", &reference);
        if self.as_json() {
            return Ok(json(StatusCode::OK, &object!({"start": to, "reference": reference})));
        }
        let args = [("site", site(&listed.iss))];
        let page = Page::new(self.lang, "page_title").text("page_sign_in_next", &args);
        Ok(page.link(&to, "page_sign_in_go", &args).answer(StatusCode::OK))
    }
}

/// A vendor's message, as it came to the control port. Replays and old messages are refused by the verifier.
pub(crate) async fn receive(
    house: &Arc<House>,
    name: &str,
    signature: &str,
    body: &[u8],
) -> Result<(), Trouble> {
    let (Some(identity), Some(cure)) = (&house.identity, &house.cure) else { return Err(Trouble::Gone) };
    let now = house.clock.read().at;
    let (listed, kyc) = identity.trust.vendor(name).ok_or(Trouble::Gone)?;
    let secret = identity.secrets.get(&kyc.secret).ok_or(Trouble::Gone)?.as_bytes();
    let message = Message { issuer: &listed.iss, secret, signature, body };
    let evidence = identity.trust.verifier().vendor(&message, now, &identity.replay)?;
    let reference = evidence.subject().unwrap_or_default();
    let referred: Referred = cure.links.get(reference, now).await.ok_or(Trouble::Gone)?;
    if referred.vendor != listed.iss {
        return Err(Refusal::BindingMismatch("the reference was given to another vendor").into());
    }
    identity.trust.speaks_for(&listed.iss, &referred.account)?;
    let Referred { account, person, cure: came, .. } = referred;
    file(house, (&account, &person), &Filed::of(&evidence), (None, came)).await?;
    cure.links.spend(reference).await;
    Ok(())
}
