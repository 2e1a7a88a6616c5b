//! The file that holds a signing key: one line, readable by its owner alone.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

use zeroize::Zeroizing;

use crate::note::{NoteError, SigningKey};

const KEY_FILE_BYTES: u64 = 4_096;

/// Why a key file was not read or written. The operator is asked to act.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// The file system refused.
    #[error("the key file cannot be used: {0}")]
    Io(#[from] io::Error),
    /// Others may read or write the file.
    #[error("the key file has mode {mode:03o}, so others may read it; set it to 600 and consider a new key")]
    Open {
        /// Permission bits.
        mode: u32,
    },
    /// The content is no key.
    #[error(transparent)]
    Content(#[from] NoteError),
}

/// Writes a new key file with mode 600 and syncs it. Never overwrites.
///
/// # Errors
/// [`KeyFileError::Io`], also when the file exists.
pub fn write(path: &Path, key: &SigningKey) -> Result<(), KeyFileError> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(key.to_text().as_bytes())?;
    file.write_all(b"\n")?;
    file.sync_all()?;
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    Ok(File::open(parent)?.sync_all()?)
}

/// Reads a key file.
///
/// # Errors
/// [`KeyFileError`]: refuses a file that anybody but its owner can read or write.
pub fn read(path: &Path) -> Result<SigningKey, KeyFileError> {
    let file = File::open(path)?;
    let mode = file.metadata()?.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(KeyFileError::Open { mode });
    }
    let mut text = Zeroizing::new(String::new());
    file.take(KEY_FILE_BYTES).read_to_string(&mut text)?;
    Ok(SigningKey::from_text(text.trim_end_matches('\n'))?)
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};

    use super::*;

    #[test]
    fn a_key_file_is_private_and_never_overwritten() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log.key");
        let key = SigningKey::from_seed("log.example/one", &[9; 32]).unwrap();
        write(&path, &key).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(read(&path).unwrap().verifier(), key.verifier());
        assert!(matches!(write(&path, &key), Err(KeyFileError::Io(_))));

        fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(read(&path), Err(KeyFileError::Open { mode: 0o640 })));
    }
}
