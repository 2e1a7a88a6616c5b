//! The casebook as pages a lawyer can read: one per topic, and an index. The same book gives the same bytes.

mod law;
mod page;
mod person;
mod words;

use crate::book::{self, Articles, Chapter};
use anyhow::{Context, ensure};
use page::Page;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// What `contents.toml` says of a topic.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Heading {
    /// The folder, and the name of the page.
    pub folder: String,
    /// Its title.
    pub title: String,
    /// What it is about, in a sentence or two.
    pub about: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Contents {
    topic: Vec<Heading>,
}

/// A topic with its chapters.
#[derive(Clone, Debug)]
pub struct Topic {
    /// What the contents say of it.
    pub heading: Heading,
    /// Chapters whose scenarios come out as they say, with their files.
    pub good: Vec<(PathBuf, Chapter)>,
    /// Chapters of what must be refused or must fail.
    pub bad: Vec<(PathBuf, Chapter)>,
}

impl Topic {
    /// All its chapters.
    pub fn chapters(&self) -> impl Iterator<Item = &Chapter> {
        self.good.iter().chain(&self.bad).map(|(_, chapter)| chapter)
    }
}

/// The whole book.
#[derive(Clone, Debug)]
pub struct Library {
    /// In the order of the contents.
    pub topics: Vec<Topic>,
    /// What may be cited.
    pub articles: Articles,
}

/// Reads the book: `contents.toml`, `articles.toml`, and per topic a folder with `good/*.md` and `bad/*.md`.
pub fn read(folder: &Path) -> anyhow::Result<Library> {
    let text = |name: &str| {
        fs::read_to_string(folder.join(name)).with_context(|| format!("cannot read {name} of the book"))
    };
    let contents: Contents = toml::from_str(&text("contents.toml")?)?;
    let articles = Articles::read(&text("articles.toml")?)?;
    let topic = |heading: Heading| {
        let at = folder.join(&heading.folder);
        Ok(Topic { good: chapters(&at.join("good"))?, bad: chapters(&at.join("bad"))?, heading })
    };
    let topics = contents.topic.into_iter().map(topic).collect::<anyhow::Result<Vec<_>>>()?;
    let listed: BTreeSet<String> = topics.iter().map(|topic| topic.heading.folder.clone()).collect();
    ensure!(
        listed == folders(folder)?,
        "contents.toml lists {listed:?}, the book has {:?}",
        folders(folder)?
    );
    Ok(Library { topics, articles })
}

fn chapters(folder: &Path) -> anyhow::Result<Vec<(PathBuf, Chapter)>> {
    let entries = fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut files = entries.map(|entry| Ok(entry?.path())).collect::<anyhow::Result<Vec<_>>>()?;
    files.retain(|path| path.extension().is_some_and(|end| end == "md"));
    files.sort();
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path)?;
        let chapter = book::read(&text).with_context(|| path.display().to_string())?;
        Ok((path, chapter))
    };
    files.into_iter().map(read).collect()
}

fn folders(folder: &Path) -> anyhow::Result<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            names.insert(entry.file_name().to_string_lossy().into_owned());
        }
    }
    Ok(names)
}

/// The pages by file name.
pub fn pages(library: &Library) -> BTreeMap<String, String> {
    let topics = library.topics.iter().map(|topic| (file_name(topic), topic_page(library, topic)));
    topics.chain([("README.md".to_owned(), index(library))]).collect()
}

/// Writes the pages into a folder and takes away pages that are no longer part of the book.
pub fn write(library: &Library, out: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(out).with_context(|| format!("{} cannot be made", out.display()))?;
    let pages = pages(library);
    for entry in fs::read_dir(out)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.ends_with(".md") && !pages.contains_key(&name) {
            fs::remove_file(&path)?;
        }
    }
    for (name, text) in pages {
        fs::write(out.join(&name), text).with_context(|| format!("{name} cannot be written"))?;
    }
    Ok(())
}

fn file_name(topic: &Topic) -> String {
    format!("{}.md", topic.heading.folder)
}

fn topic_page(library: &Library, topic: &Topic) -> String {
    let mut page = Page { articles: &library.articles, out: String::new() };
    page.line(&format!("# {}", topic.heading.title));
    page.line(&topic.heading.about);
    page.line("[All topics](README.md)");
    topic.good.iter().for_each(|(_, chapter)| page.chapter(chapter));
    topic.bad.iter().for_each(|(_, chapter)| page.chapter(chapter));
    finished(page.out)
}

fn index(library: &Library) -> String {
    let mut page = Page { articles: &library.articles, out: String::new() };
    page.line("# Casebook");
    page.line(
        "Scenarios a lawyer can read: the law in words, what is known of the person, the answer, and the articles behind it. \
         Each is run as a test. Orders, firms and persons are invented unless a page says otherwise; hours of the June \
         letters are assumed. Not legal advice. These pages are made from [`cases/book`](../../cases/book) by \
         `cargo xtask generate`.",
    );
    page.out.push_str("| topic | about | right | wrong or refused |\n|---|---|---:|---:|\n");
    for topic in &library.topics {
        let Heading { title, about, .. } = &topic.heading;
        let count = |list: &[(PathBuf, Chapter)]| {
            list.iter().map(|(_, chapter)| chapter.texts().count()).sum::<usize>()
        };
        let (right, wrong) = (count(&topic.good), count(&topic.bad));
        page.out.push_str(&format!("| [{title}]({}) | {about} | {right} | {wrong} |\n", file_name(topic)));
    }
    page.out.push('\n');
    page.line("## Articles");
    page.line("Where each article is at work.");
    page.out.push_str("| article | title | topics |\n|---|---|---|\n");
    for article in &library.articles.article {
        let cites = |topic: &&Topic| {
            let texts = topic.chapters().flat_map(Chapter::texts);
            let mut cited = texts.flat_map(|text| &text.articles);
            cited.any(|citation| library.articles.find(citation) == Some(article))
        };
        let topics = library.topics.iter().filter(cites);
        let links: Vec<String> =
            topics.map(|topic| format!("[{}]({})", topic.heading.title, file_name(topic))).collect();
        let row =
            format!("| [{}]({}) | {} | {} |\n", article.cite, article.url, article.title, links.join(", "));
        page.out.push_str(&row);
    }
    finished(page.out)
}

/// Ends with one line feed.
fn finished(text: String) -> String {
    format!("{}\n", text.trim_end())
}
