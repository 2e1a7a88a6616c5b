//! `douane lint`.

use super::print_json;
use crate::cli::Lint;
use crate::config::read_law;
use anyhow::Context as _;
use law::LawFile;
use law::lint::{Context, Diagnostic, Report, Severity, check};
use miette::{GraphicalReportHandler, LabeledSpan, MietteDiagnostic, NamedSource};
use serde::Serialize;
use std::io::IsTerminal;
use std::path::Path;
use terms::ModelId;

/// One finding, for `--json`.
#[derive(Serialize)]
struct Line {
    file: String,
    line: usize,
    column: usize,
    severity: &'static str,
    code: &'static str,
    message: String,
    help: String,
    article: Option<String>,
}

/// Checks files in order; true when none has an error.
pub fn run(lint: &Lint, json: bool) -> anyhow::Result<bool> {
    let catalogue = lint.catalogue.as_deref().map(catalogue).transpose()?;
    let mut before: Vec<LawFile> = Vec::new();
    let mut lines = Vec::new();
    let (mut errors, mut warnings) = (0usize, 0usize);
    for path in &lint.files {
        let text =
            std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        let report = match path.extension() {
            Some(end) if end == "cedar" => bylaws(&text, catalogue.as_deref()),
            _ => check(&text, &Context { catalogue: catalogue.as_deref(), before: &before }),
        };
        errors += count(&report, Severity::Error);
        warnings += count(&report, Severity::Warning);
        if json {
            lines.extend(report.diagnostics.iter().map(|diagnostic| line(path, &text, diagnostic)));
        } else {
            report.diagnostics.iter().for_each(|diagnostic| eprint!("{}", render(path, &text, diagnostic)));
        }
        before.extend(report.file);
    }
    if json {
        print_json(&lines)?;
    } else {
        println!("{} checked: {errors} errors, {warnings} warnings", plural(lint.files.len(), "file"));
    }
    Ok(errors == 0)
}

/// Checks a file of bylaws; with a catalogue, also that it has the models they are confined to.
fn bylaws(text: &str, catalogue: Option<&[ModelId]>) -> Report {
    let bylaws = match bylaws::Bylaws::parse(text) {
        Ok(bylaws) => bylaws,
        Err(diagnostics) => return Report { file: None, diagnostics },
    };
    let known = |model: &str| catalogue.is_none_or(|known| known.iter().any(|id| id.as_str() == model));
    let unknown = bylaws.models_named().into_iter().filter(|model| !known(model));
    let diagnostics = unknown.map(|model| Diagnostic {
        severity: Severity::Warning,
        code: "bylaw_model",
        message: format!("the catalogue has no model `{model}`"),
        help: "correct the name, or add the model to the catalogue".to_owned(),
        article: None,
        span: named_at(text, model),
    });
    Report { file: None, diagnostics: diagnostics.collect() }
}

fn named_at(text: &str, model: &str) -> std::ops::Range<usize> {
    let start = text.find(&format!("\"{model}\"")).unwrap_or_default();
    start..start.saturating_add(model.len()).saturating_add(2).min(text.len())
}

fn plural(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

fn count(report: &Report, severity: Severity) -> usize {
    report.diagnostics.iter().filter(|diagnostic| diagnostic.severity == severity).count()
}

fn catalogue(path: &Path) -> anyhow::Result<Vec<ModelId>> {
    Ok(read_law(path)?.model.into_iter().map(|model| model.id).collect())
}

/// Line and column, from 1, of a byte of the text.
fn place(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (line, column)
}

fn line(path: &Path, text: &str, diagnostic: &Diagnostic) -> Line {
    let (line, column) = place(text, diagnostic.span.start);
    Line {
        file: path.display().to_string(),
        line,
        column,
        severity: word(diagnostic.severity),
        code: diagnostic.code,
        message: diagnostic.message.clone(),
        help: diagnostic.help.clone(),
        article: diagnostic.article.clone(),
    }
}

fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Note => "note",
        Severity::Warning => "warning",
        Severity::Error => "error",
    }
}

/// A finding with the lines of the file it points at.
pub fn render(path: &Path, text: &str, diagnostic: &Diagnostic) -> String {
    let severity = match diagnostic.severity {
        Severity::Note => miette::Severity::Advice,
        Severity::Warning => miette::Severity::Warning,
        Severity::Error => miette::Severity::Error,
    };
    let label = diagnostic.article.clone().unwrap_or_else(|| "here".to_owned());
    let finding = MietteDiagnostic::new(diagnostic.message.clone())
        .with_code(diagnostic.code)
        .with_help(diagnostic.help.clone())
        .with_severity(severity)
        .with_label(LabeledSpan::new_with_span(Some(label), diagnostic.span.clone()));
    let source = NamedSource::new(path.display().to_string(), text.to_owned());
    let report = miette::Report::new(finding).with_source_code(source);
    let handler = if std::io::stderr().is_terminal() {
        GraphicalReportHandler::new()
    } else {
        GraphicalReportHandler::new_themed(miette::GraphicalTheme::unicode_nocolor())
    };
    let mut out = String::new();
    match handler.render_report(&mut out, report.as_ref()) {
        Ok(()) => out,
        Err(_) => format!("{}: {}\n", diagnostic.code, diagnostic.message),
    }
}
