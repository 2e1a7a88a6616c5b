//! The data directory: what is where, and how it is begun.

use crate::config::{Config, FILE};
use anyhow::{Context, ensure};
use ledger::keyfile;
use ledger::note::SigningKey;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// A data directory.
#[derive(Clone, Debug)]
pub struct DataDir(PathBuf);

impl DataDir {
    /// At this path.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Whether it has been begun.
    pub fn exists(&self) -> bool {
        self.0.join(FILE).exists()
    }

    /// Where issued keys are written by commands that issue many.
    pub fn issued_keys(&self) -> PathBuf {
        self.0.join("issued-keys.csv")
    }

    fn token_path(&self) -> PathBuf {
        self.0.join("secrets").join("control-token")
    }

    fn log_key_path(&self) -> PathBuf {
        self.0.join("secrets").join("log.key")
    }

    /// Where an officer's private key is.
    pub fn officer_key(&self, name: &str) -> PathBuf {
        self.0.join("officers").join(format!("{name}.key"))
    }

    /// Begins the directory: configuration, catalogue, log key and control token. Never overwrites.
    pub fn begin(&self, config: &Config, catalogue: &str) -> anyhow::Result<()> {
        ensure!(!self.exists(), "{} already holds a {FILE}; nothing was changed", self.0.display());
        let private = |path: &Path| {
            DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(path)
                .and_then(|()| sync_parent(path))
                .with_context(|| path.display().to_string())
        };
        private(&self.0)?;
        private(&self.0.join("secrets"))?;
        private(&self.0.join("officers"))?;
        if !self.log_key_path().exists() {
            let key = new_key(&config.gateway.name)?;
            keyfile::write(&self.log_key_path(), &key)?;
        }
        if !self.token_path().exists() {
            write_private(&self.token_path(), format!("{}\n", random_hex()?).as_bytes())?;
        }
        write_new(&self.0.join("models.toml"), catalogue.as_bytes())?;
        let text = toml::to_string_pretty(config)?;
        // Last: a directory with the configuration is complete.
        write_new(&self.0.join(FILE), format!("{HEAD}{text}").as_bytes())
    }

    /// The token of the control port.
    pub fn token(&self) -> anyhow::Result<String> {
        let path = self.token_path();
        let text = fs::read_to_string(&path).with_context(|| {
            format!("cannot read {}: run `douane init {}`", path.display(), self.0.display())
        })?;
        Ok(text.trim().to_owned())
    }

    /// The key that signs checkpoints.
    pub fn log_key(&self) -> anyhow::Result<SigningKey> {
        let path = self.log_key_path();
        keyfile::read(&path).with_context(|| format!("the log key {}", path.display()))
    }
}

const HEAD: &str =
    "# Douane. The schema is schema/config.schema.json; secrets are referred to, never written here.\n";

/// A new signing key from the system's random source.
pub fn new_key(name: &str) -> anyhow::Result<SigningKey> {
    let mut seed = [0u8; 32];
    getrandom::fill(&mut seed)
        .map_err(|error| anyhow::anyhow!("the system gave no random bytes: {error}"))?;
    Ok(SigningKey::from_seed(name, &seed)?)
}

fn random_hex() -> anyhow::Result<String> {
    let mut bytes = [0u8; 32];
    getrandom::fill(&mut bytes)
        .map_err(|error| anyhow::anyhow!("the system gave no random bytes: {error}"))?;
    Ok(hex::encode(bytes))
}

fn write_new(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(path)
        .with_context(|| format!("cannot write {}", path.display()))?;
    file.write_all(bytes)?;
    file.sync_all()?;
    Ok(sync_parent(path)?)
}

/// Writes a file only its owner can read, replacing what was there. At any instant, also after a crash, the old content
/// or the new one is there.
pub fn write_private(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let mut fresh = path.as_os_str().to_owned();
    fresh.push(".new");
    let replace = || -> io::Result<()> {
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&fresh)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&fresh, path)?;
        sync_parent(path)
    };
    replace().with_context(|| format!("cannot write {}", path.display()))
}

/// Makes the name of a file or directory durable.
fn sync_parent(path: &Path) -> io::Result<()> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(parent)?.sync_all()
}
