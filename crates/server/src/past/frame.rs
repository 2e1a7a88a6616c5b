//! The part of the configuration that enters verdicts, kept for whoever recomputes them later.

use crate::house::Settings;
use law::{ListedModel, Model, Policy};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use terms::{Choices, Country, Level};

/// Folder in the data directory, one file for each configuration a server ever ran with.
const FOLDER: &str = "frames";

/// What the operator configured, as far as verdicts depend on it. No secret is in it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Frame {
    /// Level a favourable fact about a person needs.
    pub min_evidence: Level,
    /// Level a favourable place needs.
    pub min_location_evidence: Level,
    /// The operator's name, as directives address it.
    pub operator_name: Option<String>,
    /// The catalogue, in order of position.
    pub models: Vec<Model>,
}

/// The configuration could not be kept or looked up.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {source}; check the owner, the free space and the mount")]
pub struct FrameError {
    /// Where.
    pub path: PathBuf,
    /// Why.
    pub source: io::Error,
}

impl Frame {
    /// The part of these settings.
    pub fn of(settings: &Settings) -> Self {
        Self {
            min_evidence: settings.min_evidence,
            min_location_evidence: settings.min_location_evidence,
            operator_name: settings.operator_name.clone(),
            models: settings.models.clone(),
        }
    }

    /// The catalogue as the law looks at it.
    pub fn listed(&self) -> Vec<ListedModel> {
        self.models.iter().map(ListedModel::from).collect()
    }

    /// Thresholds and name, with the readings recorded.
    pub fn policy(&self, choices: Choices) -> Policy {
        Policy {
            min_evidence: self.min_evidence,
            min_location_evidence: self.min_location_evidence,
            choices,
            operator: self.operator_name.clone(),
        }
    }

    /// Where a model is served.
    pub fn served_from(&self, model: &str) -> Option<Country> {
        self.models.iter().find(|listed| listed.id.as_str() == model).map(|listed| listed.served_from)
    }

    /// Keeps it in a data directory under its digest, durably; one that is there already stays as it is.
    ///
    /// # Errors
    /// Of the file system.
    pub fn keep(&self, dir: &Path) -> Result<(), FrameError> {
        let folder = dir.join(FOLDER);
        let bytes = serde_json::to_vec_pretty(self).unwrap_or_default();
        let path = folder.join(format!("{}.json", hex::encode(Sha256::digest(&bytes))));
        if path.exists() {
            return Ok(());
        }
        write(&folder, &path, &bytes).map_err(|source| FrameError { path, source })
    }

    /// All that were kept in a data directory; what this release cannot read is left out.
    ///
    /// # Errors
    /// Of the file system.
    pub fn kept(dir: &Path) -> Result<Vec<Self>, FrameError> {
        let folder = dir.join(FOLDER);
        let fault = |source| FrameError { path: folder.clone(), source };
        let entries = match fs::read_dir(&folder) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(fault)?,
        };
        let mut paths: Vec<PathBuf> =
            entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>().map_err(fault)?;
        paths.sort_unstable();
        paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
        let texts = paths.iter().map(fs::read).collect::<Result<Vec<_>, _>>().map_err(fault)?;
        Ok(texts.iter().filter_map(|text| serde_json::from_slice(text).ok()).collect())
    }
}

fn write(folder: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let fresh = path.with_extension("new");
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&fresh)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&fresh, path)?;
    File::open(folder)?.sync_all()?;
    folder.parent().map_or(Ok(()), |dir| File::open(dir)?.sync_all())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(level: Level) -> Frame {
        Frame { min_evidence: level, min_location_evidence: level, operator_name: None, models: Vec::new() }
    }

    #[test]
    fn each_configuration_is_kept_once() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(Frame::kept(dir.path()).unwrap(), []);
        for level in [Level::Document, Level::Employer, Level::Document] {
            frame(level).keep(dir.path()).unwrap();
        }
        fs::write(dir.path().join(FOLDER).join("later.json"), r#"{"unknown": 1}"#).unwrap();
        let kept = Frame::kept(dir.path()).unwrap();
        assert_eq!(kept.len(), 2);
        assert!([Level::Document, Level::Employer].into_iter().all(|level| kept.contains(&frame(level))));
    }
}
