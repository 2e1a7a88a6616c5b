//! The articles a scenario may cite, with their official public place.

use serde::Deserialize;

/// A section or part of a public text.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Article {
    /// As cited, without paragraphs: `15 CFR 734.13`.
    pub cite: String,
    /// Its title.
    pub title: String,
    /// Where the issuing state or union publishes it.
    pub url: String,
}

/// All articles of the book.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Articles {
    /// In the order of the list.
    pub article: Vec<Article>,
}

impl Articles {
    /// Reads `articles.toml`.
    pub fn read(text: &str) -> anyhow::Result<Self> {
        Ok(toml::from_str(text)?)
    }

    /// The article of a citation, paragraphs left aside: `15 CFR 734.13(b)` is `15 CFR 734.13`.
    pub fn find(&self, citation: &str) -> Option<&Article> {
        let is = |article: &&Article| {
            let rest = citation.strip_prefix(article.cite.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.trim_start().starts_with('('))
        };
        self.article.iter().find(is)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_are_left_aside_and_longer_numbers_are_not() {
        let text = "[[article]]\ncite = \"15 CFR 734.1\"\ntitle = \"Scope\"\nurl = \"https://example.org\"\n";
        let articles = Articles::read(text).unwrap();
        assert!(articles.find("15 CFR 734.1").is_some() && articles.find("15 CFR 734.1(a)(2)").is_some());
        assert!(articles.find("15 CFR 734.13").is_none() && articles.find("15 CFR 734").is_none());
    }
}
