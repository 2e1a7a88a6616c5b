//! Links that outlive the process: what an officer answers, what a vendor refers to. On disk there are the hash of each
//! secret and a text that only the secret opens, so that whoever reads the file learns about nobody.

use super::BadCure;
use crate::identity::sts::random;
use aws_lc_rs::aead::{AES_256_GCM, Aad, Nonce, RandomizedNonceKey};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::fs::{DirBuilder, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use terms::Instant;
use tokio::sync::Mutex;

/// Links at once.
const LINKS: usize = 20_000;
/// Links for one person; a further one takes the place of the oldest.
const LINKS_EACH: usize = 5;
/// Life of a link: seven days, microseconds.
const LIFE_US: i64 = 7 * 86_400 * 1_000_000;

/// One link, as it stands on disk.
#[derive(Clone, Serialize, Deserialize)]
struct Kept {
    until: Instant,
    /// A keyed hash of account and person, so that one caller cannot fill the table.
    owner: String,
    nonce: String,
    sealed: String,
}

/// Every link, by the hash of its secret.
#[derive(Clone)]
pub(super) struct Links {
    path: PathBuf,
    all: Arc<Mutex<BTreeMap<String, Kept>>>,
}

pub(super) fn io(path: &Path) -> impl FnOnce(std::io::Error) -> BadCure {
    let path = path.display().to_string();
    move |source| BadCure::Io { path, source }
}

/// The hash under which a secret is kept.
pub(super) fn hash_of(secret: &str) -> String {
    hex::encode(Sha256::new_with_prefix("douane/link/v1\0").chain_update(secret).finalize())
}

fn key_of(secret: &str) -> Option<RandomizedNonceKey> {
    let key = Sha256::new_with_prefix("douane/link-key/v1\0").chain_update(secret).finalize();
    RandomizedNonceKey::new(&AES_256_GCM, &key).ok()
}

impl Links {
    /// Reads what is kept.
    pub(super) fn open(dir: &Path) -> Result<Self, BadCure> {
        DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(io(dir))?;
        let path = dir.join("links.json");
        let all = match std::fs::read(&path) {
            Ok(text) => serde_json::from_slice(&text).map_err(|error| io(&path)(error.into()))?,
            Err(error) if error.kind() == ErrorKind::NotFound => BTreeMap::new(),
            Err(error) => return Err(io(&path)(error)),
        };
        Ok(Self { path, all: Arc::new(Mutex::new(all)) })
    }

    /// Keeps something under a new secret, and gives the secret. `None`: there is no room, or it cannot be written.
    pub(super) async fn put(&self, owner: [u8; 32], what: &impl Serialize, now: Instant) -> Option<String> {
        let secret = hex::encode(random().ok()?);
        let mut text = serde_json::to_vec(what).ok()?;
        let nonce = key_of(&secret)?.seal_in_place_append_tag(Aad::empty(), &mut text).ok()?;
        let kept = Kept {
            until: now.plus_micros(LIFE_US),
            owner: hex::encode(owner),
            nonce: hex::encode(nonce.as_ref()),
            sealed: hex::encode(text),
        };
        let mut all = self.all.lock().await;
        all.retain(|_, kept| now < kept.until);
        drop_oldest(&mut all, &kept.owner);
        if all.len() >= LINKS {
            return None;
        }
        all.insert(hash_of(&secret), kept);
        self.write(&all).await.then_some(secret)
    }

    /// What is kept under a secret.
    pub(super) async fn get<T: DeserializeOwned>(&self, secret: &str, now: Instant) -> Option<T> {
        let all = self.all.lock().await;
        open(all.get(&hash_of(secret)).filter(|kept| now < kept.until)?, secret)
    }

    /// Takes it, once; `false` when it was taken before.
    pub(super) async fn spend(&self, secret: &str) -> bool {
        let mut all = self.all.lock().await;
        all.remove(&hash_of(secret)).is_some() && self.write(&all).await
    }

    /// Replaces the file as a whole.
    async fn write(&self, all: &BTreeMap<String, Kept>) -> bool {
        let Ok(text) = serde_json::to_vec(all) else { return false };
        let path = self.path.clone();
        let written = tokio::task::spawn_blocking(move || replace(&path, &text)).await;
        match written {
            Ok(Ok(())) => true,
            Ok(Err(error)) => {
                tracing::error!(%error, "links could not be written");
                false
            }
            Err(_) => false,
        }
    }
}

/// Makes room for one more link of an owner.
fn drop_oldest(all: &mut BTreeMap<String, Kept>, owner: &str) {
    let own = all.iter().filter(|(_, kept)| kept.owner == owner);
    let mut own: Vec<_> = own.map(|(hash, kept)| (kept.until, hash.clone())).collect();
    own.sort();
    let spare = own.len().saturating_sub(LINKS_EACH.saturating_sub(1));
    for (_, hash) in own.into_iter().take(spare) {
        all.remove(&hash);
    }
}

fn open<T: DeserializeOwned>(kept: &Kept, secret: &str) -> Option<T> {
    let nonce = Nonce::try_assume_unique_for_key(&hex::decode(&kept.nonce).ok()?).ok()?;
    let mut sealed = hex::decode(&kept.sealed).ok()?;
    let text = key_of(secret)?.open_in_place(nonce, Aad::empty(), &mut sealed).ok()?;
    serde_json::from_slice(text).ok()
}

fn replace(path: &Path, text: &[u8]) -> std::io::Result<()> {
    let beside = path.with_extension("new");
    let mut file = OpenOptions::new().create(true).write(true).truncate(true).mode(0o600).open(&beside)?;
    file.write_all(text)?;
    file.sync_all()?;
    std::fs::rename(&beside, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Instant {
        Instant::from_micros(seconds * 1_000_000)
    }

    #[tokio::test]
    async fn a_link_outlives_the_process_and_is_spent_once() {
        let dir = tempfile::tempdir().unwrap();
        let secret = Links::open(dir.path()).unwrap().put([0; 32], &"Zebra", at(0)).await.unwrap();
        let kept = std::fs::read_to_string(dir.path().join("links.json")).unwrap();
        assert!(!kept.contains("Zebra") && !kept.contains(&secret), "{kept}");
        let links = Links::open(dir.path()).unwrap();
        assert_eq!(links.get::<String>(&secret, at(7 * 86_400 - 1)).await.as_deref(), Some("Zebra"));
        assert_eq!(links.get::<String>(&secret, at(7 * 86_400)).await, None);
        assert_eq!(links.get::<String>(&"0".repeat(64), at(0)).await, None);
        assert!(links.spend(&secret).await && !links.spend(&secret).await);
        assert_eq!(Links::open(dir.path()).unwrap().get::<String>(&secret, at(0)).await, None);
    }
    #[tokio::test]
    async fn one_person_has_a_few_links_the_newest_ones() {
        let dir = tempfile::tempdir().unwrap();
        let links = Links::open(dir.path()).unwrap();
        let other = links.put([1; 32], &0, at(0)).await.unwrap();
        let mut secrets = Vec::new();
        for second in 0..7 {
            secrets.push(links.put([0; 32], &second, at(second)).await.unwrap());
        }
        let mut found = Vec::new();
        for secret in &secrets {
            found.push(links.get::<i64>(secret, at(9)).await.is_some());
        }
        assert_eq!(found, [false, false, true, true, true, true, true]);
        assert!(links.get::<i64>(&other, at(9)).await.is_some());
    }
}
