//! `douane.toml` and what it points to. The file holds references to secrets, never secrets.

mod identity;
mod place;

use anyhow::{Context, anyhow, ensure};
use law::{LawFile, Model};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use server::Settings;
use server::outbound::{KeyHeader, UpstreamSettings};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;
use terms::{Level, UpstreamId};

pub use identity::Identity;
pub use place::Place;

/// The file's name in the data directory.
pub const FILE: &str = "douane.toml";

/// The configuration of one gateway.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Version of this format; 1.
    pub schema: u32,
    /// Law files with the models served, relative to the data directory.
    pub catalogue: Vec<PathBuf>,
    /// The data port.
    pub gateway: Gateway,
    /// The control port.
    pub control: Control,
    /// Who runs this.
    #[serde(default)]
    pub operator: Operator,
    /// Levels that facts in a person's favour need.
    #[serde(default)]
    pub evidence: Evidence,
    /// How callers show who they are besides API keys; absent = API keys alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<Identity>,
    /// How the place of a caller is told from its address; absent = it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// Approvals.
    #[serde(default)]
    pub approvals: Approvals,
    /// The operator's own rules.
    #[serde(default)]
    pub bylaws: Bylaws,
    /// The record.
    #[serde(default)]
    pub record: Record,
    /// The clock.
    #[serde(default)]
    pub clock: Clock,
    /// The practice model inside this process; absent = none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub practice: Option<Practice>,
    /// Where models are served from.
    #[serde(default)]
    pub upstream: Vec<Upstream>,
}

/// The data port.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Gateway {
    /// Address and port.
    pub listen: SocketAddr,
    /// The gateway's name in the record: letters, digits and . _ : / @ + -
    pub name: String,
}

/// The control port.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Control {
    /// Loopback address and port.
    pub listen: SocketAddr,
}

/// Who runs this.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Operator {
    /// The operator's name as directives address it. With it, a directive addressed to somebody else is enforced
    /// only where an adoption is recorded; without it, every directive is taken as addressed here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Who implements blocks, named in `Link: rel="blocked-by"` (RFC 7725, 4).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Where callers show a missing fact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cure_url: Option<String>,
}

/// Levels that facts in a person's favour need.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Evidence {
    /// Facts about the person.
    pub person: Level,
    /// The person's place.
    pub place: Level,
}

impl Default for Evidence {
    fn default() -> Self {
        Self { person: Level::Document, place: Level::Employer }
    }
}

/// Approvals.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Approvals {
    /// Different officers that must sign; at least 2.
    pub officers: usize,
}

impl Default for Approvals {
    fn default() -> Self {
        Self { officers: 2 }
    }
}

/// The operator's own rules: Cedar policies that can only refuse what the law permits.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Bylaws {
    /// Files of policies, relative to the data directory.
    pub files: Vec<PathBuf>,
}

impl Bylaws {
    /// Reads every file; a policy that cannot stand is an error with its line.
    pub fn read(&self, dir: &Path) -> anyhow::Result<bylaws::Bylaws> {
        self.files.iter().try_fold(bylaws::Bylaws::default(), |all, file| {
            let path = dir.join(file);
            all.join(read_bylaws(&path)?).with_context(|| path.display().to_string())
        })
    }
}

/// The record.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Record {
    /// Whether unrestricted models are served while the log cannot be written. Restricted ones never are.
    pub serve_unrestricted_when_closed: bool,
}

impl Default for Record {
    fn default() -> Self {
        Self { serve_unrestricted_when_closed: true }
    }
}

/// The clock.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Clock {
    /// How far the machine's clock may be wrong. Beyond 5,000 restricted models close.
    pub uncertainty_ms: u32,
}

impl Default for Clock {
    fn default() -> Self {
        Self { uncertainty_ms: 50 }
    }
}

/// The practice model.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Practice {
    /// Loopback port.
    pub port: u16,
}

/// An upstream.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Upstream {
    /// The name the catalogue uses.
    pub id: UpstreamId,
    /// Scheme, host and port, with or without `/v1`.
    pub url: String,
    /// Environment variable that holds its key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_env: Option<String>,
    /// File that holds its key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_file: Option<PathBuf>,
    /// Where the key goes.
    #[serde(default)]
    pub key_header: KeyPlace,
    /// Longest wait for the head of an answer, seconds.
    #[serde(default = "head_timeout_s")]
    pub head_timeout_s: u64,
}

fn head_timeout_s() -> u64 {
    600
}

/// Where an upstream wants its key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum KeyPlace {
    /// `Authorization: Bearer`, as OpenAI-compatible upstreams want it.
    #[default]
    Bearer,
    /// `x-api-key`, as Anthropic-compatible upstreams want it.
    XApiKey,
}

impl Config {
    /// Reads `DIR/douane.toml`.
    pub fn read(dir: &Path) -> anyhow::Result<Self> {
        let path = dir.join(FILE);
        let text = std::fs::read_to_string(&path).with_context(|| {
            format!("cannot read {}: run `douane init {}` first", path.display(), dir.display())
        })?;
        let config: Self = toml::from_str(&text).map_err(|error| anyhow!("{}: {error}", path.display()))?;
        config.check().with_context(|| path.display().to_string())?;
        Ok(config)
    }

    fn check(&self) -> anyhow::Result<()> {
        ensure!(self.schema == 1, "schema {} is not known: write schema = 1", self.schema);
        ensure!(self.control.listen.ip().is_loopback(), "control.listen must be a loopback address");
        ensure!(
            self.evidence.person >= Level::SelfDeclared,
            "evidence.person must be self or above: an IP address says nothing about nationality or status"
        );
        ensure!(self.evidence.place >= Level::Ip, "evidence.place must be ip or above");
        ensure!(self.approvals.officers >= 2, "approvals.officers must be at least 2");
        if let Some(identity) = &self.identity {
            identity.check()?;
        }
        for upstream in &self.upstream {
            let both = upstream.key_env.is_some() && upstream.key_file.is_some();
            ensure!(!both, "upstream {}: give key_env or key_file, not both", upstream.id);
        }
        Ok(())
    }

    /// The models served, from the catalogue files.
    pub fn models(&self, dir: &Path) -> anyhow::Result<Vec<Model>> {
        let mut models = Vec::new();
        for file in &self.catalogue {
            models.extend(read_law(&dir.join(file))?.model);
        }
        ensure!(
            !models.is_empty(),
            "the catalogue is empty: add [[model]] to {}",
            dir.join("models.toml").display()
        );
        Ok(models)
    }

    /// What the server needs to know.
    pub fn settings(&self, dir: &Path) -> anyhow::Result<Settings> {
        let upstreams: anyhow::Result<Vec<_>> =
            self.upstream.iter().map(|upstream| upstream.settings(dir)).collect();
        Ok(Settings {
            dir: dir.to_owned(),
            gateway: self.gateway.name.clone(),
            operator_url: self.operator.url.clone(),
            operator_name: self.operator.name.clone(),
            cure_url: self.operator.cure_url.clone(),
            min_evidence: self.evidence.person,
            min_location_evidence: self.evidence.place,
            serve_unrestricted_unrecorded: self.record.serve_unrestricted_when_closed,
            officers_needed: self.approvals.officers,
            bylaws: self.bylaws.read(dir)?,
            place: self.place.as_ref().map(|place| place.settings(dir)).transpose()?,
            identity: self.identity.as_ref().map(|identity| identity.settings(dir)).transpose()?,
            models: self.models(dir)?,
            upstreams: upstreams?,
        })
    }
}

impl Upstream {
    fn settings(&self, dir: &Path) -> anyhow::Result<UpstreamSettings> {
        let key = match (&self.key_env, &self.key_file) {
            (Some(name), _) => Some(std::env::var(name).with_context(|| {
                format!("upstream {}: the environment variable {name} with its key is not set", self.id)
            })?),
            (None, Some(file)) => {
                let path = dir.join(file);
                Some(std::fs::read_to_string(&path).with_context(|| {
                    format!("upstream {}: cannot read its key from {}", self.id, path.display())
                })?)
            }
            (None, None) => None,
        };
        Ok(UpstreamSettings {
            id: self.id.clone(),
            url: self.url.clone(),
            key,
            key_header: match self.key_header {
                KeyPlace::Bearer => KeyHeader::Bearer,
                KeyPlace::XApiKey => KeyHeader::XApiKey,
            },
            head_timeout: Duration::from_secs(self.head_timeout_s),
        })
    }
}

/// Reads one law file without the checks of meaning.
pub fn read_law(path: &Path) -> anyhow::Result<LawFile> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    law::lint::read(&text).map_err(|why| anyhow!("{}: {} ({})", path.display(), why.message, why.help))
}

fn read_bylaws(path: &Path) -> anyhow::Result<bylaws::Bylaws> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    bylaws::Bylaws::parse(&text).map_err(|found| {
        let lines = found.iter().map(|finding| {
            let line = bylaws::line_of(&text, finding.span.start);
            format!("{}:{line}: {} ({})", path.display(), finding.message, finding.help)
        });
        anyhow!(lines.collect::<Vec<_>>().join("\n"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(files: &[(&str, &str)]) -> Result<usize, String> {
        let dir = tempfile::tempdir().unwrap();
        for (name, text) in files {
            std::fs::write(dir.path().join(name), text).unwrap();
        }
        let bylaws = Bylaws { files: files.iter().map(|(name, _)| PathBuf::from(name)).collect() };
        bylaws.read(dir.path()).map(|bylaws| bylaws.len()).map_err(|error| format!("{error:#}"))
    }

    #[test]
    fn bylaws_of_several_files_are_one_set() {
        let one = |id| format!("@id(\"{id}\") forbid (principal, action, resource);");
        assert_eq!(read(&[]), Ok(0));
        assert_eq!(read(&[("a.cedar", &one("a")), ("b.cedar", &one("b"))]), Ok(2));
        let twice = read(&[("a.cedar", &one("a")), ("b.cedar", &one("a"))]).unwrap_err();
        assert!(twice.contains("b.cedar") && twice.contains("id `a`"), "{twice}");
    }

    #[test]
    fn a_policy_that_permits_stops_the_start_with_its_line() {
        let text = "// house rules\n\n@id(\"loose\")\npermit (principal, action, resource);";
        let refused = read(&[("house.cedar", text)]).unwrap_err();
        assert!(refused.contains("house.cedar:3: the policy `loose` permits"), "{refused}");
    }
}
