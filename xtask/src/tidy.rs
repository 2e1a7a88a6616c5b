//! The rules that a compiler does not know, each a small function over text.
//!
//! | module | rule |
//! |---|---|
//! | [`layers`] | a crate uses only crates below it |
//! | [`purity`] | the core cannot panic, holds no `unsafe`, touches no file, socket, runtime or clock |
//! | [`size`] | functions and files stay short |
//! | [`words`] | no left-over marks; no registry host or machine path in any file |

mod layers;
mod purity;
mod rust_text;
mod size;
mod words;

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use rust_text::RustText;

/// A place that breaks a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// File below the root, with forward slashes.
    pub file: String,
    /// Line, from 1; 0 when the finding is about the file as a whole.
    pub line: usize,
    /// The rule and how it is broken.
    pub text: String,
    /// True when it fails the check, false when it is only listed.
    pub fails: bool,
}

impl Finding {
    fn failure(file: &str, line: usize, text: impl Into<String>) -> Self {
        Self { file: file.to_owned(), line, text: text.into(), fails: true }
    }

    fn remark(file: &str, line: usize, text: impl Into<String>) -> Self {
        Self { fails: false, ..Self::failure(file, line, text) }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = if self.fails { "FAIL" } else { "note" };
        write!(f, "{mark} {}:{} {}", self.file, self.line, self.text)
    }
}

/// Prints every finding.
///
/// # Errors
/// When a finding fails the check, or the tree cannot be read.
pub fn run(root: &Path) -> Result<()> {
    let files = read_tree(root)?;
    let findings = inspect(&files);
    for finding in &findings {
        println!("{finding}");
    }
    let failures = findings.iter().filter(|finding| finding.fails).count();
    println!("tidy: {} files, {} notes, {failures} failures", files.len(), findings.len() - failures);
    if failures > 0 {
        bail!("{failures} places break a rule");
    }
    Ok(())
}

/// A text file of the checkout.
struct File {
    path: String,
    text: String,
}

/// Applies every rule to every file it is about.
fn inspect(files: &[File]) -> Vec<Finding> {
    let mut findings = layers::check(files);
    findings.extend(purity::missing_roots(files));
    for File { path, text } in files {
        findings.extend(words::hosts_and_paths(path, text));
        if path.ends_with(".rs") {
            let rust = RustText::new(path, text);
            findings.extend(purity::check(path, &rust));
            findings.extend(size::check(path, &rust));
            findings.extend(words::marks(path, &rust.outside_tests(text)));
        } else if [".py", ".sh", ".js", ".css", ".html"].iter().any(|end| path.ends_with(end)) {
            findings.extend(words::marks(path, text));
        }
    }
    findings
}

/// Folders that git does not track or that others made.
const SKIPPED: [&str; 7] =
    [".git", "target", "__pycache__", "node_modules", "fuzz/target", "fuzz/corpus", "fuzz/artifacts"];

fn read_tree(root: &Path) -> Result<Vec<File>> {
    let (mut files, mut waiting) = (Vec::new(), vec![PathBuf::new()]);
    while let Some(folder) = waiting.pop() {
        let entries = fs::read_dir(root.join(&folder))
            .with_context(|| format!("{} is unreadable", root.join(&folder).display()))?;
        for entry in entries {
            let entry = entry?;
            let path = folder.join(entry.file_name());
            if is_skipped(&path) {
                continue;
            }
            if entry.file_type()?.is_dir() {
                waiting.push(path);
            } else if let Ok(text) = fs::read_to_string(entry.path()) {
                files.push(File { path: path.to_string_lossy().replace('\\', "/"), text });
            }
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

fn is_skipped(path: &Path) -> bool {
    SKIPPED.iter().any(|skipped| path.ends_with(skipped))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root() -> &'static Path {
        Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
    }

    #[test]
    fn the_tree_is_tidy() {
        let files = read_tree(root()).unwrap();
        let failures: Vec<_> = inspect(&files).into_iter().filter(|finding| finding.fails).collect();
        let lines: Vec<_> = failures.iter().map(ToString::to_string).collect();
        assert!(failures.is_empty(), "{}", lines.join("\n"));
    }

    #[test]
    fn the_tree_is_read() {
        let files = read_tree(root()).unwrap();
        for expected in ["Cargo.toml", "xtask/src/tidy.rs", "crates/terms/src/lib.rs", ".ci/run"] {
            assert!(files.iter().any(|file| file.path == expected), "{expected}");
        }
        assert!(!files.iter().any(|file| file.path.starts_with("target/")));
    }

    #[test]
    fn each_rule_is_wired_in() {
        let mark = concat!("// TO", "DO mend\n");
        let host = concat!("pypi", ".org");
        let files = [
            File { path: "Cargo.toml".into(), text: String::new() },
            File {
                path: "crates/terms/Cargo.toml".into(),
                text: "[package]\nname = \"terms\"\n[dependencies]\nlaw.workspace = true\n".into(),
            },
            File { path: "crates/terms/src/lib.rs".into(), text: format!("{mark}use std::fs;\n") },
            File { path: "docs/a.md".into(), text: host.into() },
            File {
                path: "crates/terms/src/long.rs".into(),
                text: format!("fn f() {{\n{}}}\n", "\n".repeat(800)),
            },
        ];
        let text = inspect(&files).iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
        for part in ["upward edge", "marker", "std::fs", "panic lints", host, "function `f`", "file has"] {
            assert!(text.contains(part), "{part} not in\n{text}");
        }
    }
}
