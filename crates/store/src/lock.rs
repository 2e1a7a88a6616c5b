//! One process per directory, and files that only their owner reads.

use crate::error::StoreError;
use std::fs::{DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

/// Held while a process uses the directory; released when dropped, also when the process is killed.
#[derive(Debug)]
pub(crate) struct Lock(#[expect(dead_code, reason = "the open file is the lock")] File);

impl Lock {
    /// Takes the lock of `dir`, whose lock file is `state/lock`.
    pub(crate) fn take(dir: &Path) -> Result<Self, StoreError> {
        let path = dir.join("state").join("lock");
        let file = private_file(&path)?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => Err(StoreError::InUse { dir: dir.to_owned() }),
            Err(TryLockError::Error(source)) => Err(StoreError::io("lock", &path)(source)),
        }
    }
}

/// Opens the file for reading and writing, creating it with mode 0600; a wider mode is narrowed.
pub(crate) fn private_file(path: &Path) -> Result<File, StoreError> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false).mode(0o600);
    let file = options.open(path).map_err(StoreError::io("open", path))?;
    narrow(path, 0o600)?;
    Ok(file)
}

/// Creates the directory with mode 0700, with its parents; a wider mode is narrowed. The entry in the parent is durable.
pub(crate) fn private_dir(path: &Path) -> Result<(), StoreError> {
    DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(StoreError::io("create", path))?;
    narrow(path, 0o700)?;
    path.parent().map_or(Ok(()), sync_dir)
}

/// Makes the entries of a directory durable.
pub(crate) fn sync_dir(path: &Path) -> Result<(), StoreError> {
    let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
    File::open(path).and_then(|dir| dir.sync_all()).map_err(StoreError::io("flush", path))
}

fn narrow(path: &Path, mode: u32) -> Result<(), StoreError> {
    let have = std::fs::metadata(path).map_err(StoreError::io("read", path))?.permissions().mode();
    if have & 0o777 & !mode == 0 {
        return Ok(());
    }
    std::fs::set_permissions(path, Permissions::from_mode(mode)).map_err(StoreError::io("protect", path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_holder_is_told_what_to_do() {
        let dir = tempfile::tempdir().unwrap();
        private_dir(&dir.path().join("state")).unwrap();
        let first = Lock::take(dir.path()).unwrap();
        let refused = Lock::take(dir.path()).unwrap_err();
        assert!(matches!(refused, StoreError::InUse { .. }));
        assert!(refused.to_string().contains("control port"), "{refused}");
        drop(first);
        Lock::take(dir.path()).unwrap();
    }

    #[test]
    fn wide_modes_are_narrowed() {
        let dir = tempfile::tempdir().unwrap();
        let (folder, file) = (dir.path().join("f"), dir.path().join("x"));
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(&file, "").unwrap();
        std::fs::set_permissions(&folder, Permissions::from_mode(0o755)).unwrap();
        std::fs::set_permissions(&file, Permissions::from_mode(0o644)).unwrap();
        private_dir(&folder).unwrap();
        private_file(&file).unwrap();
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&folder), mode(&file)), (0o700, 0o600));
    }
}
