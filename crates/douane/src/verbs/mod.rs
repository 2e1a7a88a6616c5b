//! What each verb does.

pub mod check;
pub mod diff;
pub mod directive;
pub mod explain;
pub mod init;
pub mod law;
pub mod law_at;
pub mod lint;
pub mod on_file;
pub mod people;
pub mod receipt;
pub mod recompute;
pub mod reference;
pub mod serve;
pub mod verify;

use crate::config::read_law;
use anyhow::{Context, anyhow, ensure};
use comfy_table::presets::UTF8_BORDERS_ONLY;
use comfy_table::{ContentArrangement, Table};
use serde::Serialize;
use std::path::Path;
use terms::{Choices, Question};

/// Prints a value as one JSON object.
pub fn print_json<T: Serialize>(value: &T) -> anyhow::Result<()> {
    println!("{}", serde_json::to_string_pretty(value)?);
    Ok(())
}

/// An empty table in the house style.
pub fn table(head: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(UTF8_BORDERS_ONLY).set_content_arrangement(ContentArrangement::Dynamic).set_header(head);
    table
}

/// Adds `QUESTION=CHOICE` texts to choices.
pub fn add_readings(choices: &mut Choices, readings: &[String]) -> anyhow::Result<()> {
    for text in readings {
        let (question, choice) = parse_reading(text)?;
        ensure!(
            choices.record(question, &choice),
            "{} has no option `{choice}`: choose one of {}",
            question.word(),
            question.options().join(", ")
        );
    }
    Ok(())
}

/// Takes `QUESTION=CHOICE` apart.
pub fn parse_reading(text: &str) -> anyhow::Result<(Question, String)> {
    let (question, choice) =
        text.split_once('=').with_context(|| format!("`{text}`: write QUESTION=CHOICE"))?;
    let known = || Question::ALL.map(Question::word).join(", ");
    let question = Question::parse(question)
        .ok_or_else(|| anyhow!("unknown question `{question}`: one of {}", known()))?;
    Ok((question, choice.to_owned()))
}

/// Whether a law file can be read; the errors name place and cure.
pub fn read_all(paths: &[impl AsRef<Path>]) -> anyhow::Result<Vec<::law::LawFile>> {
    paths.iter().map(|path| read_law(path.as_ref())).collect()
}
