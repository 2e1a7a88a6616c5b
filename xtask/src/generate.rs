//! Files that the code generates and the repository keeps, so that a change to them is seen in review.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::workspace::{Workspace, run};

const SCHEMA: &str = "schema";
const CLI_REFERENCE: &str = "docs/cli.md";
const CASEBOOK: &str = "docs/casebook";

/// What writes each of them: the package, its program, the verb before `--out`.
const WRITERS: [(&str, &str, &str, &str); 3] = [
    ("douane", "douane", "schema", SCHEMA),
    ("douane", "douane", "reference", CLI_REFERENCE),
    ("cases", "cases", "book", CASEBOOK),
];

/// Writes the generated files into the checkout.
pub fn write(workspace: &Workspace) -> Result<()> {
    write_into(workspace, &workspace.root)
}

/// Fails when what the code generates now is not what the checkout holds.
pub fn check(workspace: &Workspace) -> Result<()> {
    let fresh = workspace.target.join("generated");
    if fresh.exists() {
        fs::remove_dir_all(&fresh).with_context(|| format!("{} cannot be emptied", fresh.display()))?;
    }
    write_into(workspace, &fresh)?;
    let drift = differences(&read_generated(&workspace.root)?, &read_generated(&fresh)?);
    if !drift.is_empty() {
        bail!("generated files differ: {}", drift.join(", "));
    }
    println!("generated files are up to date");
    Ok(())
}

fn write_into(workspace: &Workspace, folder: &Path) -> Result<()> {
    for (package, program, verb, path) in WRITERS {
        let out = folder.join(path);
        let parent = out.parent().context("a generated file lies in a folder")?;
        fs::create_dir_all(parent).with_context(|| format!("{} cannot be made", parent.display()))?;
        let words = ["run", "--quiet", "--locked", "-p", package, "--bin", program, "--", verb, "--out"];
        let mut command = workspace.cargo(words);
        run(command.arg(&out))?;
    }
    Ok(())
}

type Files = BTreeMap<PathBuf, Vec<u8>>;

fn read_generated(folder: &Path) -> Result<Files> {
    let mut files = Files::new();
    let mut waiting: Vec<PathBuf> = WRITERS.iter().map(|(.., path)| PathBuf::from(path)).collect();
    while let Some(path) = waiting.pop() {
        let full = folder.join(&path);
        if full.is_dir() {
            for entry in fs::read_dir(&full)? {
                waiting.push(path.join(entry?.file_name()));
            }
        } else if full.exists() {
            files.insert(path, fs::read(&full)?);
        }
    }
    Ok(files)
}

fn differences(committed: &Files, fresh: &Files) -> Vec<String> {
    let mut drift: Vec<String> = fresh
        .iter()
        .filter_map(|(path, text)| match committed.get(path) {
            None => Some(format!("{} is missing", path.display())),
            Some(old) if old != text => Some(format!("{} is out of date", path.display())),
            Some(_) => None,
        })
        .collect();
    let left_over = committed.keys().filter(|path| !fresh.contains_key(*path));
    drift.extend(left_over.map(|path| format!("{} is no longer generated", path.display())));
    drift
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(list: &[(&str, &str)]) -> Files {
        list.iter().map(|(path, text)| (PathBuf::from(path), text.as_bytes().to_vec())).collect()
    }

    #[test]
    fn every_kind_of_drift_is_named() {
        let committed = files(&[("schema/a.json", "1"), ("schema/b.json", "1"), ("schema/same.json", "1")]);
        let fresh = files(&[("schema/b.json", "2"), ("schema/c.json", "1"), ("schema/same.json", "1")]);
        assert_eq!(
            differences(&committed, &fresh),
            [
                "schema/b.json is out of date",
                "schema/c.json is missing",
                "schema/a.json is no longer generated"
            ]
        );
        assert!(differences(&fresh, &fresh).is_empty());
    }
}
