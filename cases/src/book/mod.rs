//! The casebook in Markdown.
//!
//! `cases/book` holds a folder per topic; in each, `good/` has chapters whose scenarios come out as they say, `bad/` has
//! law files that must be refused and statements that must fail. A chapter is a file. Its blocks `toml law` are law
//! files; a block `toml operator` sets thresholds and readings for the cases that follow. Each heading `## ...` has one
//! block `toml case` or `toml bad-law` below it, prose, and a line `Articles: 15 CFR 734.13(b); ...`:
//!
//! ```toml
//! at = "2026-06-15T12:00:00Z"
//! model = "fable-5"
//! [person]
//! us_status = { value = "none", level = "document" }
//! [expect]
//! outcome = "deny"
//! decisive = ["us-2026-06-12"]
//! ```
//!
//! `wrong = ["outcome"]` in a case says that the statement is false, and in which lines. The first lines of a law block
//! may say what its check must report: `# expect: CODE, ...` in a `toml bad-law` names every error, `# warns: CODE, ...`
//! and `# silent: CODE, ...` in a `toml law` name warnings that must and must not be there.

mod articles;
mod markdown;
mod raw;

pub use articles::{Article, Articles};

use crate::Case;
use anyhow::{Context, bail, ensure};
use law::lint::{self, Diagnostic, Severity};
use law::{LawFile, ListedModel, Policy};
use markdown::{Token, tokens};
use raw::Ground;
use std::collections::BTreeSet;

/// A chapter.
#[derive(Clone, Debug, Default)]
pub struct Chapter {
    /// Its title.
    pub title: String,
    /// What it holds, in order.
    pub pieces: Vec<Piece>,
}

/// Something in a chapter.
#[derive(Clone, Debug)]
pub enum Piece {
    /// A paragraph that belongs to no scenario.
    Prose(String),
    /// Law for all that follows.
    Law(Law),
    /// The operator of what follows.
    Operator(Policy),
    /// A scenario.
    Scenario(Box<Scenario>),
    /// A law file that must be refused.
    BadLaw(BadLaw),
}

/// A block of law and what its check must say.
#[derive(Clone, Debug)]
pub struct Law {
    /// The instruments.
    pub file: LawFile,
    /// Codes of warnings that are there.
    pub codes: BTreeSet<String>,
    /// Codes that must be there.
    pub warns: BTreeSet<String>,
    /// Codes that must not be there.
    pub silent: BTreeSet<String>,
}

/// What stands below a heading besides its block.
#[derive(Clone, Debug, Default)]
pub struct Text {
    /// The heading.
    pub heading: String,
    /// Paragraphs.
    pub prose: Vec<String>,
    /// Citations.
    pub articles: Vec<String>,
}

/// A person, a request, and what must come out.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// For people.
    pub text: Text,
    /// The case.
    pub case: Case,
    /// Lines in which the statement is wrong on purpose; empty = it is right.
    pub wrong: BTreeSet<String>,
}

/// A law file that must be refused.
#[derive(Clone, Debug)]
pub struct BadLaw {
    /// For people.
    pub text: Text,
    /// The file.
    pub law: String,
    /// The codes of its errors, all of them.
    pub expected: BTreeSet<String>,
    /// What the check says.
    pub errors: Vec<Diagnostic>,
}

impl BadLaw {
    /// The codes of the errors found.
    pub fn codes(&self) -> BTreeSet<String> {
        self.errors.iter().map(|error| error.code.to_owned()).collect()
    }
}

impl Chapter {
    /// Its scenarios, right ones and wrong ones.
    pub fn scenarios(&self) -> impl Iterator<Item = &Scenario> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Scenario(scenario) => Some(scenario.as_ref()),
            _ => None,
        })
    }

    /// Its refused law files.
    pub fn bad_laws(&self) -> impl Iterator<Item = &BadLaw> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::BadLaw(bad) => Some(bad),
            _ => None,
        })
    }

    /// What stands below each of its headings.
    pub fn texts(&self) -> impl Iterator<Item = &Text> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Scenario(scenario) => Some(&scenario.text),
            Piece::BadLaw(bad) => Some(&bad.text),
            _ => None,
        })
    }
}

/// Reads a chapter.
pub fn read(markdown: &str) -> anyhow::Result<Chapter> {
    let mut reader = Reader::default();
    for token in tokens(markdown)? {
        reader.take(token)?;
    }
    reader.flush();
    ensure!(reader.chapter.texts().next().is_some(), "the chapter has no case");
    Ok(reader.chapter)
}

#[derive(Default)]
struct Reader {
    chapter: Chapter,
    /// The heading read last, while its block has not come, and the prose since.
    text: Text,
    /// Whether the block of the heading has come, or there is no heading yet.
    closed: bool,
    before: Vec<LawFile>,
    ground: Ground,
}

impl Reader {
    fn take(&mut self, token: Token) -> anyhow::Result<()> {
        match token {
            Token::Title(title) => self.chapter.title = title,
            Token::Heading(heading) => {
                self.flush();
                self.closed = false;
                self.text = Text { heading, ..Text::default() };
            }
            Token::Paragraph(text) => self.text.prose.push(text),
            Token::Articles(articles) => self.text.articles.extend(articles),
            Token::Block(info, text) => {
                let heading = self.text.heading.clone();
                self.block(&info, &text).with_context(|| format!("case `{heading}`"))?;
            }
        }
        Ok(())
    }

    /// Prose that belongs to no scenario.
    fn flush(&mut self) {
        let prose = std::mem::take(&mut self.text.prose);
        self.chapter.pieces.extend(prose.into_iter().map(Piece::Prose));
    }

    fn block(&mut self, info: &str, text: &str) -> anyhow::Result<()> {
        let common = matches!(info, "toml law" | "toml operator");
        if common && (self.closed || self.text.heading.is_empty()) {
            self.flush();
        }
        let piece = match info {
            "toml law" => self.law(text)?,
            "toml operator" => {
                self.ground.policy = raw::operator(text)?;
                Piece::Operator(self.ground.policy.clone())
            }
            "toml case" => {
                let text_of = self.below_heading()?;
                let (case, wrong) = raw::case(&text_of.heading, text, &self.ground)?;
                let wrong = wrong.into_iter().collect();
                Piece::Scenario(Box::new(Scenario { text: text_of, case, wrong }))
            }
            "toml bad-law" => self.bad_law(text)?,
            other if other.starts_with("toml") => bail!("unknown block `{other}`"),
            _ => return Ok(()),
        };
        self.chapter.pieces.push(piece);
        Ok(())
    }

    fn below_heading(&mut self) -> anyhow::Result<Text> {
        ensure!(!self.closed, "two cases stand below one heading");
        self.closed = true;
        let heading = self.text.heading.clone();
        Ok(std::mem::replace(&mut self.text, Text { heading, ..Text::default() }))
    }

    fn law(&mut self, text: &str) -> anyhow::Result<Piece> {
        let report = lint::check(text, &lint::Context { catalogue: None, before: &self.before });
        ensure!(!report.has_errors(), "law block: {:?}", report.diagnostics);
        let file = report.file.context("law block cannot be read")?;
        self.ground.catalogue.extend(file.model.iter().map(ListedModel::from));
        self.ground.law.add(&file);
        self.before.push(file.clone());
        let codes = report.diagnostics.iter().map(|finding| finding.code.to_owned()).collect();
        Ok(Piece::Law(Law {
            file,
            codes,
            warns: codes_of(text, "# warns:"),
            silent: codes_of(text, "# silent:"),
        }))
    }

    fn bad_law(&mut self, text: &str) -> anyhow::Result<Piece> {
        let below = self.below_heading()?;
        let expected = codes_of(text, "# expect:");
        ensure!(!expected.is_empty(), "a bad law says which error it must give: `# expect: CODE`");
        let report = lint::check(text, &lint::Context { catalogue: None, before: &self.before });
        let grave = |finding: &Diagnostic| finding.severity == Severity::Error;
        let errors = report.diagnostics.into_iter().filter(grave).collect();
        let law = text.lines().filter(|line| !line.starts_with("# expect:")).collect::<Vec<_>>().join("\n");
        Ok(Piece::BadLaw(BadLaw { text: below, law, expected, errors }))
    }
}

fn codes_of(text: &str, key: &str) -> BTreeSet<String> {
    let lines = text.lines().filter_map(|line| line.strip_prefix(key));
    lines.flat_map(|line| line.split(',')).map(|code| code.trim().to_owned()).collect()
}
