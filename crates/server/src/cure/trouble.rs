//! Why a step on a page did not come about.

use super::page::{Page, json};
use crate::gateway::GateBody;
use http::{Response, StatusCode};
use people::Refusal;
use serde_json::json as object;
use wire::lang::Lang;

/// What went wrong.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// The link was used or is too old, or there never was one.
    Gone,
    /// What was shown is no evidence.
    Refused(Refusal),
    /// A provider, vendor or wallet did not do its part.
    Elsewhere(&'static str),
    /// The form cannot be read.
    Form,
    /// Begun from another site.
    CrossSite,
    /// Too many steps with one link.
    TooMany,
    /// Another method than the page has.
    Method,
    /// Evidence could not be put on file.
    NotFiled,
    /// A note is no signature of an officer over the text.
    Unsigned,
    /// The officer who signed acts for another account.
    OtherAccount,
}

impl Trouble {
    /// What the person reads.
    pub(super) fn answer(&self, lang: Lang, as_json: bool) -> Response<GateBody> {
        let (status, text) = self.words();
        tracing::info!(trouble = ?self, "a step on a cure page did not come about");
        if as_json {
            return json(status, &object!({"status": "failed", "code": self.code()}));
        }
        let page = Page::new(lang, "page_title").text(text, &[("code", self.code())]);
        let page = match self {
            Self::Gone => page.text("page_gone_how", &[]),
            Self::Refused(refusal) => page.text_of(shown(refusal, lang)),
            _ => page.text("page_trouble_how", &[]),
        };
        page.answer(status)
    }

    fn words(&self) -> (StatusCode, &'static str) {
        match self {
            Self::Gone => (StatusCode::NOT_FOUND, "page_gone"),
            Self::Refused(_) => (StatusCode::UNPROCESSABLE_ENTITY, "page_refused"),
            Self::Elsewhere(_) => (StatusCode::BAD_GATEWAY, "page_trouble"),
            Self::Form => (StatusCode::BAD_REQUEST, "page_form"),
            Self::CrossSite => (StatusCode::FORBIDDEN, "page_cross_site"),
            Self::TooMany => (StatusCode::TOO_MANY_REQUESTS, "page_too_many"),
            Self::Method => (StatusCode::METHOD_NOT_ALLOWED, "page_form"),
            Self::NotFiled => (StatusCode::SERVICE_UNAVAILABLE, "page_trouble"),
            Self::Unsigned => (StatusCode::FORBIDDEN, "page_officer_unsigned"),
            Self::OtherAccount => (StatusCode::FORBIDDEN, "page_officer_other"),
        }
    }

    /// The word for programs.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Gone => "link_gone",
            Self::Refused(refusal) => refusal.code(),
            Self::Elsewhere(what) => what,
            Self::Form => "form_invalid",
            Self::CrossSite => "cross_site",
            Self::TooMany => "too_many_attempts",
            Self::Method => "method_not_allowed",
            Self::NotFiled => "not_filed",
            Self::Unsigned => "unsigned",
            Self::OtherAccount => "officer_of_another_account",
        }
    }
}

impl From<Refusal> for Trouble {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

fn shown(refusal: &Refusal, lang: Lang) -> &'static str {
    match lang {
        Lang::En => refusal.sentence(),
        Lang::Ko => refusal.sentence_ko(),
    }
}
