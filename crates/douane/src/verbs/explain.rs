//! `douane explain`: why one verdict is what it is, from files.

use super::{check, print_json};
use crate::cli::{Explain, ExplainFormat, Language};
use decide::explain::{Lang, Trace, explain};

/// Decides and prints what led to it.
pub fn run(asked: &Explain, json: bool) -> anyhow::Result<()> {
    let trace = check::with_ask(&asked.check, explain)?;
    let format = if json { ExplainFormat::Json } else { asked.format };
    match page(&trace, format, asked.lang) {
        Some(page) => print!("{page}"),
        None => print_json(&trace)?,
    }
    Ok(())
}

/// The trace as a text; `None` = as JSON.
fn page(trace: &Trace, format: ExplainFormat, lang: Language) -> Option<String> {
    let lang = match lang {
        Language::En => Lang::En,
        Language::Ko => Lang::Ko,
    };
    match format {
        ExplainFormat::Text => Some(trace.text(lang)),
        ExplainFormat::Markdown => Some(trace.markdown(lang)),
        ExplainFormat::Json => None,
    }
}
