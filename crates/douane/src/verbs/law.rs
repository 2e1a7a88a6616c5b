//! `douane law`: questions to a legal text itself.

use super::law_at::frame;
use super::{print_json, table};
use crate::cli::{Language, Law};
use crate::config::read_law;
use crate::dir::DataDir;
use anyhow::{Context, ensure};
use law::authority::{ENFORCED, Finding, Text, check};
use law::{Book, Directive, EqualTreatment, LawFile, ListedModel, equal_treatment, sovereign_conflicts};
use std::path::Path;
use terms::ModelId;

/// Answers; false where the answer is no.
pub fn run(dir: &DataDir, verb: &Law, json: bool) -> anyhow::Result<bool> {
    match verb {
        Law::EqualTreatment { letter, catalogue } => equal(dir, letter, catalogue.as_deref(), json),
        Law::Authority { letter, lang, markdown } => authority(letter, *lang, *markdown, json),
        Law::Conflicts { files, catalogue } => conflicts(files, catalogue.as_deref(), json),
    }
}

/// A law file with at least one directive.
fn with_directives(letter: &Path) -> anyhow::Result<LawFile> {
    let file = read_law(letter)?;
    ensure!(!file.directive.is_empty(), "{} holds no directive", letter.display());
    Ok(file)
}

fn listed(file: &LawFile) -> Vec<ListedModel> {
    file.model.iter().map(ListedModel::from).collect()
}

fn equal(dir: &DataDir, letter: &Path, catalogue: Option<&Path>, json: bool) -> anyhow::Result<bool> {
    let file = with_directives(letter)?;
    let models = match catalogue {
        Some(path) => listed(&read_law(path)?),
        None if !file.model.is_empty() => listed(&file),
        None => frame(dir.path()).context("name the catalogue with --catalogue FILE")?.listed(),
    };
    let compared: Vec<(&Directive, EqualTreatment)> =
        file.directive.iter().map(|directive| (directive, equal_treatment(directive, &models))).collect();
    if json {
        let all: Vec<_> =
            compared.iter().map(|(directive, result)| equal_as_json(directive, result)).collect();
        print_json(&serde_json::json!({ "directives": all }))?;
    } else {
        compared.iter().for_each(|(directive, result)| print_equal(directive, result));
    }
    Ok(compared.iter().all(|(_, result)| result.is_equal()))
}

fn equal_as_json(directive: &Directive, result: &EqualTreatment) -> serde_json::Value {
    serde_json::json!({
        "directive": directive.id,
        "criterion": result.criterion,
        "equal": result.is_equal(),
        "meeting_not_named": result.meeting_not_named,
        "named_not_meeting": result.named_not_meeting,
        "named_and_meeting": result.named_and_meeting,
        "unknown": result.unknown,
    })
}

fn print_equal(directive: &Directive, result: &EqualTreatment) {
    println!("{}: {}", directive.id, directive.title);
    if result.criterion.is_empty() {
        println!("It gives no criterion (`criterion`), so there is nothing to compare.");
        return;
    }
    let criterion: Vec<String> = result.criterion.iter().map(ToString::to_string).collect();
    println!("Criterion: {} or above.", criterion.join(", or "));
    let mut table = table(&["", "models"]);
    for (what, models) in [
        ("meet it and are not named", &result.meeting_not_named),
        ("are named and do not meet it", &result.named_not_meeting),
        ("are named and meet it", &result.named_and_meeting),
        ("no capability on file", &result.unknown),
    ] {
        table.add_row([what.to_owned(), names(models)]);
    }
    println!("{table}");
    println!(
        "Capabilities are the operator's own statements about models; the comparison is no better than they are."
    );
}

fn names(models: &[ModelId]) -> String {
    let names: Vec<&str> = models.iter().map(ModelId::as_str).collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

fn authority(letter: &Path, lang: Language, markdown: bool, json: bool) -> anyhow::Result<bool> {
    let file = with_directives(letter)?;
    let checked: Vec<(&Directive, Vec<Finding>)> =
        file.directive.iter().map(|directive| (directive, check(directive))).collect();
    if json {
        let all: Vec<_> =
            checked.iter().map(|(directive, found)| authority_as_json(directive, found)).collect();
        print_json(&serde_json::json!({
            "directives": all, "enforced": { "en": ENFORCED.en, "ko": ENFORCED.ko },
        }))?;
    } else {
        checked
            .iter()
            .for_each(|(directive, found)| print!("{}", authority_page(directive, found, lang, markdown)));
    }
    Ok(true)
}

fn authority_as_json(directive: &Directive, findings: &[Finding]) -> serde_json::Value {
    let findings: Vec<_> = findings
        .iter()
        .map(|finding| {
            let Text { en, ko } = &finding.summary;
            serde_json::json!({
                "authority": finding.authority, "citation": finding.citation, "en": en, "ko": ko,
            })
        })
        .collect();
    serde_json::json!({ "directive": directive.id, "findings": findings })
}

fn authority_page(directive: &Directive, findings: &[Finding], lang: Language, markdown: bool) -> String {
    let pick = |text: &Text| match lang {
        Language::En => text.en.clone(),
        Language::Ko => text.ko.clone(),
    };
    let (none, enforced) = match lang {
        Language::En => ("The provisions it cites reach as far as it does.", ENFORCED.en),
        Language::Ko => ("인용한 규정의 범위 안에 있습니다.", ENFORCED.ko),
    };
    let heading = if markdown { "## " } else { "" };
    let mut page = format!("{heading}{}: {}\n\n", directive.id, directive.title);
    if findings.is_empty() {
        page.push_str(&format!("{none}\n\n"));
        return page;
    }
    for finding in findings {
        let citation = finding.citation;
        let line = match markdown {
            true => format!("- **{citation}**: {}\n", pick(&finding.summary)),
            false => format!("{citation}\n    {}\n", pick(&finding.summary)),
        };
        page.push_str(&line);
    }
    page.push_str(&format!("\n{enforced}\n\n"));
    page
}

fn conflicts(files: &[impl AsRef<Path>], catalogue: Option<&Path>, json: bool) -> anyhow::Result<bool> {
    let files = super::read_all(files)?;
    let mut book = Book::default();
    files.iter().for_each(|file| book.add(file));
    let mut models: Vec<ListedModel> = files.iter().flat_map(listed).collect();
    if let Some(path) = catalogue {
        models.extend(listed(&read_law(path)?));
    }
    let found = sovereign_conflicts(&book, &models);
    if json {
        let all: Vec<_> = found
            .iter()
            .map(|conflict| {
                serde_json::json!({
                    "directive": conflict.directive, "duty": conflict.duty, "witness": conflict.witness.to_string(),
                    "model": conflict.witness.model, "from": conflict.witness.from,
                })
            })
            .collect();
        print_json(&serde_json::json!({ "conflicts": all }))?;
        return Ok(found.is_empty());
    }
    if found.is_empty() {
        println!("No directive forbids what another state orders to serve.");
        return Ok(true);
    }
    let mut table = table(&["refuses", "orders to serve", "for instance"]);
    for conflict in &found {
        let (directive, duty) = (conflict.directive.to_string(), conflict.duty.to_string());
        table.add_row([directive, duty, conflict.witness.to_string()]);
    }
    println!("{table}");
    println!(
        "The directive is enforced as written. Which order yields is for counsel and the issuers, not for Douane."
    );
    Ok(false)
}

#[cfg(test)]
mod tests;
