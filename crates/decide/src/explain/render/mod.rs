//! A trace as a text for people: plain or Markdown, English or Korean.

mod changes;
mod directive;
mod page;
mod predicate;
mod statement;
mod verdict;
mod words;

use super::trace::Trace;
use page::Page;

/// The languages a trace is written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// Korean.
    Ko,
}

impl Lang {
    /// The language tag (RFC 5646).
    pub const fn tag(self) -> &'static str {
        self.pick("en", "ko")
    }

    pub(super) const fn pick<T: Copy>(self, en: T, ko: T) -> T {
        match self {
            Self::En => en,
            Self::Ko => ko,
        }
    }
}

impl Trace {
    /// As plain text.
    pub fn text(&self, lang: Lang) -> String {
        self.page(lang).text()
    }

    /// As Markdown (CommonMark).
    pub fn markdown(&self, lang: Lang) -> String {
        self.page(lang).markdown()
    }

    fn page(&self, lang: Lang) -> Page {
        let mut page = Page::new(lang);
        verdict::write(&mut page, self);
        self.directives.iter().for_each(|directive| directive::write(&mut page, directive));
        changes::write(&mut page, self);
        page
    }
}
