//! Asking the employer: a link that works once, answered by a registered officer's signature or at the control port.

use super::links::hash_of;
use super::need::Offer;
use super::page::{Page, json};
use super::session::Session;
use super::{Answer, Trouble, Visit, file};
use crate::control::signed_by_anyone;
use crate::house::House;
use http::StatusCode;
use people::Attestation;
use people::file::Filed;
use serde::{Deserialize, Serialize};
use serde_json::json as object;
use std::sync::Arc;
use store::Cure;
use terms::{AccountId, OfficerId, PersonId};
use wire::page::fact;

/// What a link is about.
#[derive(Serialize, Deserialize)]
struct Asked {
    account: AccountId,
    person: PersonId,
    /// The employer in the trust registry, and its own name for the person.
    issuer: String,
    name: String,
    missing: Vec<String>,
    /// How it came to the question.
    cure: Cure,
}

/// What an officer answers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Confirmation {
    /// Whether the person is a US person; absent = not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    us_person: Option<bool>,
    /// Every citizenship held; absent = not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    nationalities: Option<Vec<String>>,
}

/// The text that an officer signs: the link by its hash, so that a signed answer opens nothing, and the answers.
fn text(link: &str, us_person: &str, nationalities: &str) -> String {
    let link = hash_of(link);
    format!("douane attestation v1\nlink {link}\nus_person {us_person}\nnationalities {nationalities}\n")
}

/// Reads the answers back out of a signed text; a dash, or the dots of the pattern, say nothing.
fn answers(signed: &str, link: &str) -> Option<Confirmation> {
    let mut lines = signed.lines().skip(2);
    let us_person = lines.next()?.strip_prefix("us_person ")?;
    let nationalities = lines.next()?.strip_prefix("nationalities ")?;
    if text(link, us_person, nationalities) != signed {
        return None;
    }
    let us_person = match us_person {
        "yes" => Some(true),
        "no" => Some(false),
        "-" | "..." => None,
        _ => return None,
    };
    let said = !matches!(nationalities, "-" | "...");
    let nationalities = said.then(|| nationalities.split(' ').map(str::to_owned).collect());
    Some(Confirmation { us_person, nationalities })
}

/// Puts on file what was confirmed, and spends the link. Whoever calls has made sure who answers: `by` is the officer who
/// signed, `None` the operator, who heard it from the employer. An officer of another account is refused.
pub(crate) async fn confirm(
    house: &Arc<House>,
    link: &str,
    said: &Confirmation,
    by: Option<&OfficerId>,
) -> Result<(), Trouble> {
    let (Some(identity), Some(cure)) = (&house.identity, &house.cure) else { return Err(Trouble::Gone) };
    let now = house.clock.read().at;
    let asked: Asked = cure.links.get(link, now).await.ok_or(Trouble::Gone)?;
    if let Some(by) = by {
        may_answer(house, by, &asked.account).await?;
    }
    identity.trust.speaks_for(&asked.issuer, &asked.account)?;
    let claims = serde_json::to_vec(said).map_err(|_| Trouble::Form)?;
    let attested =
        Attestation { issuer: &asked.issuer, subject: &asked.name, claims: &claims, link: link.as_bytes() };
    let evidence = identity.trust.verifier().attestation(&attested, now, &identity.replay)?;
    if !cure.links.spend(link).await {
        return Err(Trouble::Gone);
    }
    let of = (&asked.account, &asked.person);
    file(house, of, &Filed::of(&evidence), (by.cloned(), asked.cure)).await
}

/// An account's officer answers for that account; the operator's officers for every one.
async fn may_answer(house: &House, by: &OfficerId, account: &AccountId) -> Result<(), Trouble> {
    let registry = house.registry.lock().await;
    let officer = registry.state.officers.get(by).filter(|officer| officer.retired.is_none());
    let officer = officer.ok_or(Trouble::Unsigned)?;
    match &officer.account {
        Some(own) if own != account => Err(Trouble::OtherAccount),
        _ => Ok(()),
    }
}

/// Spends a link without putting anything on file.
async fn decline(house: &House, link: &str) -> Result<(), Trouble> {
    let Some(cure) = &house.cure else { return Err(Trouble::Gone) };
    if cure.links.spend(link).await { Ok(()) } else { Err(Trouble::Gone) }
}

impl Visit<'_> {
    /// Makes a link for the officer.
    pub(super) async fn ask_employer(&self, session: &Session) -> Answer {
        let about = &session.about;
        let issuer = Offer::of(&self.identity.trust, about).employer.ok_or(Trouble::Gone)?;
        let asked = Asked {
            account: about.account.clone(),
            person: about.person.clone(),
            issuer,
            name: about.name.clone().ok_or(Trouble::Gone)?,
            missing: about.missing.clone(),
            cure: session.cure(self.lang),
        };
        let secret =
            self.cure.links.put(self.owner(about), &asked, self.now).await.ok_or(Trouble::NotFiled)?;
        let link = self.identity.url(&format!("/cure/ask/{secret}"));
        if self.as_json() {
            return Ok(json(StatusCode::OK, &object!({"link": link, "expires_in": 7 * 86_400})));
        }
        let page = Page::new(self.lang, "page_title").heading("page_employer", &[]);
        Ok(page.text("page_employer_link", &[]).code(&link).answer(StatusCode::OK))
    }

    /// What the officer sees.
    pub(super) async fn officer_page(&self, link: &str) -> Answer {
        let asked: Asked = self.cure.links.get(link, self.now).await.ok_or(Trouble::Gone)?;
        let to = format!("/cure/ask/{link}");
        let facts = asked.missing.iter().map(|name| fact(self.lang, name));
        let field = Some(("note", "page_officer_note", 4_096));
        Ok(Page::new(self.lang, "page_officer")
            .text("page_officer_how", &[("person", &asked.name)])
            .list(facts)
            .heading("page_officer_sign", &[])
            .text("page_officer_sign_how", &[])
            .code(&text(link, "...", "..."))
            .form(&to, &[], field, "page_officer_confirm", &[])
            .button(&to, &[("decline", "1")], "page_officer_decline", &[])
            .answer(StatusCode::OK))
    }

    /// What the officer answers.
    pub(super) async fn officer_answer(&self, link: &str) -> Answer {
        self.own_page()?;
        let done = |id| Ok(Page::new(self.lang, "page_officer").text(id, &[]).answer(StatusCode::OK));
        if self.field("decline")?.is_some() {
            decline(self.house, link).await?;
            return done("page_officer_declined");
        }
        // Browsers send line ends as CR LF; a note has LF alone.
        let note = self.field("note")?.ok_or(Trouble::Form)?.replace("\r\n", "\n");
        let signed = {
            let registry = self.house.registry.lock().await;
            signed_by_anyone(&registry.state, &note)
        };
        let said = signed.and_then(|(by, signed)| Some((by, answers(&signed, link)?)));
        let (by, said) = said.ok_or(Trouble::Unsigned)?;
        confirm(self.house, link, &said, Some(&by)).await?;
        done("page_officer_done")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signed_text_is_about_one_link_and_reads_back() {
        let read = |us_person, nationalities| answers(&text("l", us_person, nationalities), "l");
        let said = Confirmation { us_person: Some(true), nationalities: None };
        assert_eq!(read("yes", "-"), Some(said));
        let both = vec!["DE".to_owned(), "FR".to_owned()];
        assert_eq!(read("...", "DE FR"), Some(Confirmation { us_person: None, nationalities: Some(both) }));
        assert_eq!(read("perhaps", "-"), None);
        assert_eq!(answers(&text("other", "yes", "-"), "l"), None);
        assert_eq!(answers(&format!("{}more\n", text("l", "yes", "-")), "l"), None);
    }
}
