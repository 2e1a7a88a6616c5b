//! API keys: made once, shown once, kept as a keyed hash.

use crate::digest::KeyHash;
use crate::error::StoreError;
use crate::lock::{private_dir, sync_dir};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

const PREFIX: &str = "dk_";
/// Characters after the prefix: 43 digits in base 62 hold 256 bits.
const KEY_CHARS: usize = 43;
const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// A new key. Its text is shown to the customer once and kept nowhere.
pub struct ApiKey(Zeroizing<String>);

impl ApiKey {
    /// Makes a key from 32 bytes of the system's random source.
    pub fn generate() -> Result<Self, KeyError> {
        let mut bytes = Zeroizing::new([0; 32]);
        getrandom::fill(bytes.as_mut()).map_err(|_| KeyError::NoRandomness)?;
        Ok(Self(Zeroizing::new(format!("{PREFIX}{}", *base62(&bytes)))))
    }

    /// The key, to be shown once.
    pub fn text(&self) -> KeyText<'_> {
        KeyText(&self.0)
    }
}

impl std::fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ApiKey(..)")
    }
}

/// A text that has the form of a key.
#[derive(Clone, Copy)]
pub struct KeyText<'a>(&'a str);

impl<'a> KeyText<'a> {
    /// The text itself.
    pub const fn reveal(self) -> &'a str {
        self.0
    }
}

impl std::fmt::Debug for KeyText<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("KeyText(..)")
    }
}

/// The text is no key of this gateway. The fault is the caller's; the text is never repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "this is no key of this gateway: a key is dk_ and 43 letters or digits / 이 게이트웨이의 키가 아닙니다: 키는 dk_ 뒤에 영문자나 숫자 43자입니다"
)]
pub struct BadKey;

/// Takes the text of a key, refusing any other length or character before anything is hashed.
pub fn parse_key(text: &str) -> Result<KeyText<'_>, BadKey> {
    let rest = text.strip_prefix(PREFIX).ok_or(BadKey)?;
    let plain = rest.len() == KEY_CHARS && rest.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if plain { Ok(KeyText(text)) } else { Err(BadKey) }
}

/// The pepper is missing or unfit. The fault is the operator's or the system's.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The system gave no random bytes.
    #[error("the system gave no random bytes")]
    NoRandomness,
    /// Keys are on file, the pepper is not.
    #[error("{} is missing although keys were issued with it: restore it from the backup of the secrets", .0.display())]
    PepperLost(PathBuf),
    /// The file is no pepper.
    #[error("{} does not hold 64 hexadecimal digits: restore it from the backup of the secrets", .0.display())]
    BadPepper(PathBuf),
    /// Others can read the pepper.
    #[error("{0} can be read by others than its owner: chmod 600 {0}")]
    PepperExposed(String),
}

/// Hashes keys with HMAC-SHA256 (RFC 2104) under the pepper.
#[derive(Clone)]
pub struct KeyHasher(Hmac<Sha256>);

impl std::fmt::Debug for KeyHasher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("KeyHasher(..)")
    }
}

impl KeyHasher {
    /// A hasher with this pepper.
    pub fn new(pepper: &[u8; 32]) -> Self {
        // A key shorter than the block is filled up with zeros (RFC 2104, section 2).
        let mut block = Zeroizing::new([0; 64]);
        block.iter_mut().zip(pepper).for_each(|(filled, byte)| *filled = *byte);
        Self(<Hmac<Sha256> as KeyInit>::new((&*block).into()))
    }

    /// What is kept of a key.
    pub fn hash(&self, key: KeyText<'_>) -> KeyHash {
        let mut mac = self.0.clone();
        mac.update(key.0.as_bytes());
        KeyHash::from_bytes(mac.finalize().into_bytes().into())
    }

    /// A digest of a record that could be guessed (a roster, an account): HMAC-SHA256 under the pepper, so that nobody
    /// without the pepper can try guesses against it.
    pub fn seal(&self, domain: &str, bytes: &[u8]) -> [u8; 32] {
        let mut mac = self.0.clone();
        mac.update(domain.as_bytes());
        mac.update(&[0]);
        mac.update(bytes);
        mac.finalize().into_bytes().into()
    }

    /// Reads `<dir>/secrets/pepper`; `None` when there is none yet.
    pub(crate) fn read(dir: &Path) -> Result<Option<Self>, StoreError> {
        let path = pepper_path(dir);
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(StoreError::io("open", &path)(error)),
        };
        let mode = file.metadata().map_err(StoreError::io("read", &path))?.permissions().mode();
        if mode & 0o077 != 0 {
            return Err(KeyError::PepperExposed(path.display().to_string()).into());
        }
        let mut text = Zeroizing::new(String::new());
        file.take(128).read_to_string(&mut text).map_err(StoreError::io("read", &path))?;
        let mut pepper = Zeroizing::new([0; 32]);
        match hex::decode_to_slice(text.trim_end(), pepper.as_mut()) {
            Ok(()) => Ok(Some(Self::new(&pepper))),
            Err(_) => Err(KeyError::BadPepper(path).into()),
        }
    }

    /// Makes `<dir>/secrets/pepper`. It appears whole or not at all, and never replaces one that is there.
    pub(crate) fn create(dir: &Path) -> Result<Self, StoreError> {
        let path = pepper_path(dir);
        private_dir(&dir.join("secrets"))?;
        let mut pepper = Zeroizing::new([0; 32]);
        getrandom::fill(pepper.as_mut()).map_err(|_| KeyError::NoRandomness)?;
        let draft = path.with_extension("new");
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true).mode(0o600);
        let text = Zeroizing::new(hex::encode(pepper.as_ref()));
        options
            .open(&draft)
            .and_then(|mut file| file.write_all(text.as_bytes()).and_then(|()| file.sync_all()))
            .and_then(|()| std::fs::hard_link(&draft, &path))
            .and_then(|()| std::fs::remove_file(&draft))
            .map_err(StoreError::io("write", &path))?;
        sync_dir(&dir.join("secrets"))?;
        Ok(Self::new(&pepper))
    }
}

pub(crate) fn pepper_path(dir: &Path) -> PathBuf {
    dir.join("secrets").join("pepper")
}

/// The number in base 62, most significant digit first, always [`KEY_CHARS`] long.
fn base62(number: &[u8; 32]) -> Zeroizing<String> {
    let mut rest = Zeroizing::new(*number);
    let mut digits = Zeroizing::new([0_u8; KEY_CHARS]);
    for digit in digits.iter_mut().rev() {
        let mut remainder = 0_u16;
        for byte in rest.iter_mut() {
            let part = remainder << 8 | u16::from(*byte);
            *byte = u8::try_from(part / 62).unwrap_or(u8::MAX);
            remainder = part % 62;
        }
        *digit = DIGITS.get(usize::from(remainder)).copied().unwrap_or(b'0');
    }
    Zeroizing::new(digits.iter().copied().map(char::from).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::Permissions;

    #[test]
    fn base62_writes_every_number_in_full() {
        assert_eq!(*base62(&[0; 32]), "0".repeat(43));
        let mut one = [0; 32];
        one[31] = 61;
        assert_eq!(*base62(&one), format!("{}z", "0".repeat(42)));
        one[31] = 62;
        assert_eq!(*base62(&one), format!("{}10", "0".repeat(41)));
        // 2^256 - 1, computed apart with arbitrary-precision integers.
        assert_eq!(*base62(&[255; 32]), MAX_256);
    }

    const MAX_256: &str = "yhjskwdA6OZ1AL1YmHWZWm8LLG7HjnuCA2j5rOw8Xp1";

    #[test]
    fn keys_are_read_strictly() {
        let key = ApiKey::generate().unwrap();
        let text = key.text().reveal();
        assert_eq!(parse_key(text).unwrap().reveal(), text);
        assert_ne!(text, ApiKey::generate().unwrap().text().reveal());
        let (shorter, longer) = (&text[..45], format!("{text}a"));
        let signs =
            [text.replacen("dk_", "DK_", 1), format!("{}-", &text[..45]), format!("{}é", &text[..44])];
        for bad in ["", "dk_", shorter, &longer, &signs[0], &signs[1], &signs[2]] {
            assert_eq!(parse_key(bad).unwrap_err(), BadKey, "{bad}");
        }
        assert!(!format!("{key:?} {:?}", key.text()).contains(&text[3..]));
    }

    #[test]
    fn the_hash_is_hmac_sha256() {
        let key = format!("dk_{}", "0".repeat(43));
        let hash = KeyHasher::new(&[1; 32]).hash(parse_key(&key).unwrap());
        // Computed apart with Python's hmac module.
        assert_eq!(hash.to_string(), "137a05eb8ac0f7424c179557e313c140b414e4e87087612d925a050d1266e44c");
        assert_ne!(hash, KeyHasher::new(&[2; 32]).hash(parse_key(&key).unwrap()));
    }

    #[test]
    fn the_pepper_stays_and_is_guarded() {
        let dir = tempfile::tempdir().unwrap();
        assert!(KeyHasher::read(dir.path()).unwrap().is_none());
        let made = KeyHasher::create(dir.path()).unwrap();
        assert!(KeyHasher::create(dir.path()).is_err(), "a pepper is never replaced");
        let key = ApiKey::generate().unwrap();
        let read = KeyHasher::read(dir.path()).unwrap().unwrap();
        assert_eq!(made.hash(key.text()), read.hash(key.text()));
        let path = pepper_path(dir.path());
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);

        std::fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
        assert!(KeyHasher::read(dir.path()).unwrap_err().to_string().contains("chmod 600"));
        std::fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        std::fs::write(&path, "short").unwrap();
        assert!(matches!(KeyHasher::read(dir.path()).unwrap_err(), StoreError::Key(KeyError::BadPepper(_))));
    }
}
