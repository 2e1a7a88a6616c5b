//! The keys that sign exchanged tokens: a file in the secrets of the data directory, so that tokens outlast a restart.
//!
//! The newest key signs. One that was replaced stays published until the last token it can have signed has ended.

use super::sts::{LIFE_S, NoRandomness, random};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::SigningKey;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use terms::Instant;

/// How long a key signs, microseconds: 30 days.
const SIGNS_US: i64 = 30 * 86_400 * 1_000_000;
/// How long a replaced key stays published, microseconds: the life of a token, and as much again for clocks.
const STAYS_US: i64 = 2 * LIFE_S * 1_000_000;
/// Longest file read, bytes.
const FILE_BYTES: u64 = 64 << 10;

/// The keys cannot be used. The operator restores the file, or moves it away: exchanged tokens then end.
#[derive(Debug, thiserror::Error)]
pub enum BadExchangeKeys {
    /// The file cannot be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Others can read it.
    #[error("{0} can be read by others than its owner: chmod 600 {0}")]
    Exposed(String),
    /// It holds no keys.
    #[error("{} holds no keys of the token exchange: restore it from the backup of the secrets, or move it away", .0.display())]
    Form(PathBuf),
    /// No new key could be made.
    #[error(transparent)]
    Random(#[from] NoRandomness),
}

/// One key.
#[derive(Clone)]
pub struct ExchangeKey {
    made: Instant,
    /// Its name, made from the public half.
    pub kid: String,
    /// The private half.
    pub key: SigningKey,
}

/// All keys, the newest last; there is always one.
#[derive(Clone)]
pub struct ExchangeKeys {
    path: PathBuf,
    older: Vec<ExchangeKey>,
    newest: ExchangeKey,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    keys: Vec<WrittenKey>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenKey {
    made: Instant,
    seed: String,
}

impl ExchangeKey {
    fn new(made: Instant) -> Result<Self, NoRandomness> {
        Ok(Self::of(made, &random()?))
    }

    fn of(made: Instant, seed: &[u8; 32]) -> Self {
        let key = SigningKey::from_bytes(seed);
        let kid = hex::encode(key.verifying_key().as_bytes().iter().take(8).copied().collect::<Vec<_>>());
        Self { made, kid, key }
    }

    fn read(written: &WrittenKey) -> Option<Self> {
        let mut seed = [0; 32];
        hex::decode_to_slice(&written.seed, &mut seed).ok()?;
        Some(Self::of(written.made, &seed))
    }

    fn written(&self) -> WrittenKey {
        WrittenKey { made: self.made, seed: hex::encode(self.key.to_bytes()) }
    }

    fn jwk(&self) -> Value {
        let x = URL_SAFE_NO_PAD.encode(self.key.verifying_key().as_bytes());
        json!({"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": self.kid, "x": x})
    }
}

impl ExchangeKeys {
    /// Reads the keys of a data directory; makes the first one where there is none.
    ///
    /// # Errors
    /// [`BadExchangeKeys`].
    pub fn open(dir: &Path, now: Instant) -> Result<Self, BadExchangeKeys> {
        let secrets = dir.join("secrets");
        let path = secrets.join("exchange-keys.json");
        if let Some(written) = read(&path)? {
            return Self::of(&path, &written).ok_or(BadExchangeKeys::Form(path));
        }
        let bad = |source| BadExchangeKeys::File { path: secrets.clone(), source };
        DirBuilder::new().recursive(true).mode(0o700).create(&secrets).map_err(bad)?;
        let keys = Self { path, older: Vec::new(), newest: ExchangeKey::new(now)? };
        keys.write()?;
        Ok(keys)
    }

    fn of(path: &Path, written: &Written) -> Option<Self> {
        let mut older = written.keys.iter().map(ExchangeKey::read).collect::<Option<Vec<_>>>()?;
        let newest = older.pop()?;
        Some(Self { path: path.to_owned(), older, newest })
    }

    /// The key that signs.
    pub fn newest(&self) -> &ExchangeKey {
        &self.newest
    }

    /// What is published (RFC 7517, 5).
    pub fn jwks(&self) -> Value {
        let all = self.older.iter().chain([&self.newest]);
        json!({"keys": all.map(ExchangeKey::jwk).collect::<Vec<_>>()})
    }

    /// The keys from now on, on disk already, where they are others: the newest has signed long enough, or an older one
    /// can have signed nothing that is still good.
    ///
    /// # Errors
    /// [`BadExchangeKeys`]; the keys at hand stay in use.
    pub fn renewed(&self, now: Instant) -> Result<Option<Self>, BadExchangeKeys> {
        let mut next = self.clone();
        if now.micros_since(self.newest.made) >= SIGNS_US {
            next.older.push(std::mem::replace(&mut next.newest, ExchangeKey::new(now)?));
        }
        let replaced_at: Vec<Instant> =
            next.older.iter().skip(1).chain([&next.newest]).map(|key| key.made).collect();
        let mut replaced_at = replaced_at.into_iter();
        next.older.retain(|_| replaced_at.next().is_some_and(|at| now.micros_since(at) < STAYS_US));
        if next.older.len() == self.older.len() && next.newest.kid == self.newest.kid {
            return Ok(None);
        }
        next.write()?;
        Ok(Some(next))
    }

    /// Puts the whole file in place at once; it is durable when this returns.
    fn write(&self) -> Result<(), BadExchangeKeys> {
        let bad = |source| BadExchangeKeys::File { path: self.path.clone(), source };
        let keys = self.older.iter().chain([&self.newest]).map(ExchangeKey::written).collect();
        let text = serde_json::to_vec(&Written { keys }).map_err(|error| bad(error.into()))?;
        let fresh = self.path.with_extension("new");
        match std::fs::remove_file(&fresh) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(bad(error)),
            _ => {}
        }
        let put = || -> std::io::Result<()> {
            let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&fresh)?;
            file.write_all(&text)?;
            file.sync_all()?;
            std::fs::rename(&fresh, &self.path)?;
            self.path.parent().map_or(Ok(()), |dir| File::open(dir)?.sync_all())
        };
        put().map_err(bad)
    }
}

fn read(path: &Path) -> Result<Option<Written>, BadExchangeKeys> {
    let bad = |source| BadExchangeKeys::File { path: path.to_owned(), source };
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(bad(error)),
    };
    if file.metadata().map_err(bad)?.permissions().mode() & 0o077 != 0 {
        return Err(BadExchangeKeys::Exposed(path.display().to_string()));
    }
    let mut text = Vec::new();
    file.take(FILE_BYTES).read_to_end(&mut text).map_err(bad)?;
    serde_json::from_slice(&text).map(Some).map_err(|_| BadExchangeKeys::Form(path.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(micros: i64) -> Instant {
        Instant::from_micros(micros)
    }

    fn kids(keys: &ExchangeKeys) -> Vec<String> {
        let jwks = keys.jwks();
        jwks["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn a_key_outlasts_a_restart_and_is_read_by_its_owner_only() {
        let dir = tempfile::tempdir().unwrap();
        let first = ExchangeKeys::open(dir.path(), at(0)).unwrap();
        let again = ExchangeKeys::open(dir.path(), at(5)).unwrap();
        assert_eq!(first.newest().key.to_bytes(), again.newest().key.to_bytes());
        let mode = std::fs::metadata(&first.path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert!(!first.jwks().to_string().contains(&hex::encode(first.newest().key.to_bytes())));
        std::fs::set_permissions(&first.path, std::fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(ExchangeKeys::open(dir.path(), at(5)), Err(BadExchangeKeys::Exposed(_))));
    }

    #[test]
    fn a_file_that_holds_no_keys_is_never_overwritten() {
        let dir = tempfile::tempdir().unwrap();
        let path = ExchangeKeys::open(dir.path(), at(0)).unwrap().path;
        for text in ["", "{}", r#"{"keys":[]}"#, r#"{"keys":[{"made":"2026-06-13T12:00:00Z","seed":"00"}]}"#]
        {
            std::fs::write(&path, text).unwrap();
            assert!(matches!(ExchangeKeys::open(dir.path(), at(0)), Err(BadExchangeKeys::Form(_))), "{text}");
            assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
        }
    }

    #[test]
    fn a_replaced_key_stays_until_its_last_token_has_ended() {
        let dir = tempfile::tempdir().unwrap();
        let first = ExchangeKeys::open(dir.path(), at(0)).unwrap();
        assert!(first.renewed(at(SIGNS_US - 1)).unwrap().is_none());
        let second = first.renewed(at(SIGNS_US)).unwrap().unwrap();
        assert_eq!(kids(&second), [first.newest().kid.clone(), second.newest().kid.clone()]);
        assert!(second.renewed(at(SIGNS_US + STAYS_US - 1)).unwrap().is_none());
        let third = second.renewed(at(SIGNS_US + STAYS_US)).unwrap().unwrap();
        assert_eq!(kids(&third), [second.newest().kid.clone()]);
        assert_eq!(kids(&ExchangeKeys::open(dir.path(), at(0)).unwrap()), kids(&third));
        assert!(third.renewed(at(-1)).unwrap().is_none(), "a practice clock can be set back");
    }
}
