//! The pages of the casebook: complete, linked, the same each time.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test or benchmark fails by panicking"
)]

use cases::book::Chapter;
use cases::render::{Library, pages, read, write};
use std::collections::BTreeSet;
use std::path::Path;

fn library() -> Library {
    read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("book")).unwrap()
}

#[test]
fn every_scenario_stands_on_the_page_of_its_topic() {
    let library = library();
    let pages = pages(&library);
    assert_eq!(pages.len(), library.topics.len() + 1);
    for topic in &library.topics {
        let page = &pages[&format!("{}.md", topic.heading.folder)];
        for text in topic.chapters().flat_map(Chapter::texts) {
            assert!(page.contains(&format!("\n### {}\n", text.heading)), "{}", text.heading);
        }
        let answers = page.matches("**Answer: ").count() + page.matches("**Refused.**").count();
        assert_eq!(answers, topic.chapters().flat_map(Chapter::texts).count(), "{}", topic.heading.folder);
        let cited = topic.chapters().flat_map(Chapter::texts).map(|text| text.articles.len()).sum::<usize>();
        assert_eq!(page.matches("](https://").count(), cited, "{}", topic.heading.folder);
    }
}

/// Links of the index lead to pages, and each page is linked.
#[test]
fn the_index_links_every_page() {
    let pages = pages(&library());
    let index = &pages["README.md"];
    let linked: BTreeSet<&str> = index
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next())
        .filter(|to| !to.contains('/'))
        .collect();
    let others: BTreeSet<&str> =
        pages.keys().map(String::as_str).filter(|name| *name != "README.md").collect();
    assert_eq!(linked, others);
}

#[test]
fn no_page_holds_words_of_the_program() {
    for (name, page) in pages(&library()) {
        for word in ["Some(", "None,", "foreign_person\"", "{}", "  - ", "nothing for", "\t"] {
            let outside = page.split("```").step_by(2).any(|prose| prose.contains(word));
            assert!(!outside, "{name} holds `{word}`");
        }
        assert!(page.ends_with('\n') && !page.ends_with("\n\n"), "{name}");
    }
}

/// Written twice, the folder is the same; a page of a topic that is gone is taken away.
#[test]
fn writing_is_repeatable_and_leaves_nothing_behind() {
    let out = std::env::temp_dir().join(format!("casebook-{}", std::process::id()));
    let library = library();
    std::fs::create_dir_all(&out).unwrap();
    std::fs::write(out.join("gone.md"), "old").unwrap();
    let content = || -> Vec<(String, String)> {
        let names = pages(&library).into_keys();
        names.map(|name| (name.clone(), std::fs::read_to_string(out.join(name)).unwrap())).collect()
    };
    write(&library, &out).unwrap();
    let first = content();
    write(&library, &out).unwrap();
    assert_eq!(first, content());
    assert!(!out.join("gone.md").exists());
    std::fs::remove_dir_all(&out).unwrap();
}
