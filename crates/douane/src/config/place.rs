//! `[place]`: where callers seem to be, told from their addresses.

use anyhow::Context;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use server::identity::{Network, PlaceSettings};
use std::path::{Path, PathBuf};

/// How the place of a caller is told from its address.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// File in MaxMind's format with countries, relative to the data directory.
    pub database: PathBuf,
    /// Networks of the operator's own proxies, such as 10.0.0.0/8: their X-Forwarded-For or Forwarded is read.
    #[serde(default)]
    pub trusted_proxies: Vec<String>,
}

impl Place {
    /// What the server needs to know.
    pub fn settings(&self, dir: &Path) -> anyhow::Result<PlaceSettings> {
        let path = dir.join(&self.database);
        let database = std::fs::read(&path)
            .with_context(|| format!("place.database: cannot read {}", path.display()))?;
        let networks = self.trusted_proxies.iter().map(|network| network.parse::<Network>());
        let trusted_proxies = networks.collect::<Result<_, _>>().context("place.trusted_proxies")?;
        Ok(PlaceSettings { database, trusted_proxies })
    }
}
