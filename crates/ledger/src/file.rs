//! The only place that touches files: two small traits, and the real directory behind them.
//!
//! Everything above is written against the traits, so that tests can make any single operation fail.

use std::any::Any;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

/// A file that grows at its end. One writer; any number of readers.
pub trait LogFile: Send + Sync {
    /// Length in bytes.
    ///
    /// # Errors
    /// Of the file system.
    fn len(&self) -> io::Result<u64>;

    /// Whether the file holds nothing.
    ///
    /// # Errors
    /// Of the file system.
    fn is_empty(&self) -> io::Result<bool> {
        Ok(self.len()? == 0)
    }

    /// Reads up to `buffer.len()` bytes from `offset`; 0 means the end.
    ///
    /// # Errors
    /// Of the file system.
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize>;

    /// Writes all bytes at the end. After an error any prefix of them may be there.
    ///
    /// # Errors
    /// Of the file system.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Overwrites in place.
    ///
    /// # Errors
    /// Of the file system.
    fn write_at(&mut self, bytes: &[u8], offset: u64) -> io::Result<()>;

    /// Makes what was written durable. After an error nothing may be assumed, and it is not tried again.
    ///
    /// # Errors
    /// Of the file system.
    fn sync(&mut self) -> io::Result<()>;

    /// Cuts the file to `length` bytes.
    ///
    /// # Errors
    /// Of the file system.
    fn truncate(&mut self, length: u64) -> io::Result<()>;
}

/// A directory of log files. Names are relative, with `/` between parts.
pub trait LogDir: Send + Sync {
    /// Makes a directory, unless it is there.
    ///
    /// # Errors
    /// Of the file system.
    fn make_dir(&self, name: &str) -> io::Result<()>;

    /// Names in a directory, in no order; none when it is not there.
    ///
    /// # Errors
    /// Of the file system.
    fn list(&self, dir: &str) -> io::Result<Vec<String>>;

    /// Opens a file for writing, creating it when it is not there.
    ///
    /// # Errors
    /// Of the file system.
    fn open(&self, name: &str) -> io::Result<Box<dyn LogFile>>;

    /// Opens a file that exists, for reading only.
    ///
    /// # Errors
    /// Of the file system; `NotFound` when it is not there.
    fn open_read(&self, name: &str) -> io::Result<Box<dyn LogFile>>;

    /// Gives a file another name, replacing what had it.
    ///
    /// # Errors
    /// Of the file system.
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;

    /// Makes the names in a directory durable (`""` is the directory itself).
    ///
    /// # Errors
    /// Of the file system.
    fn sync_dir(&self, dir: &str) -> io::Result<()>;

    /// Claims the directory for this process until the guard is dropped.
    ///
    /// # Errors
    /// `WouldBlock` when another process holds it.
    fn lock(&self) -> io::Result<Box<dyn Any + Send + Sync>>;
}

/// Reads a whole small file, or `None` when it is not there.
pub(crate) fn read_small(dir: &dyn LogDir, name: &str, most_bytes: usize) -> io::Result<Option<Vec<u8>>> {
    let file = match dir.open_read(name) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        opened => opened?,
    };
    let length = usize::try_from(file.len()?).unwrap_or(usize::MAX);
    if length > most_bytes {
        return Err(io::Error::new(ErrorKind::InvalidData, format!("{name} is larger than it can be")));
    }
    let mut bytes = vec![0; length];
    read_exact_at(file.as_ref(), &mut bytes, 0)?;
    Ok(Some(bytes))
}

/// Fills the buffer or fails with `UnexpectedEof`.
pub(crate) fn read_exact_at(file: &dyn LogFile, mut buffer: &mut [u8], mut offset: u64) -> io::Result<()> {
    while !buffer.is_empty() {
        let read = file.read_at(buffer, offset)?;
        buffer = match buffer.get_mut(read..) {
            Some(rest) if read > 0 => rest,
            _ => return Err(ErrorKind::UnexpectedEof.into()),
        };
        offset = offset.saturating_add(read as u64);
    }
    Ok(())
}

/// Replaces a file so that at any instant, also after a crash, its old or its new content is there.
pub(crate) fn replace(dir: &dyn LogDir, name: &str, bytes: &[u8]) -> io::Result<()> {
    let fresh = format!("{name}.new");
    let mut file = dir.open(&fresh)?;
    file.truncate(0)?;
    file.append(bytes)?;
    file.sync()?;
    dir.rename(&fresh, name)?;
    dir.sync_dir("")
}

/// A directory on disk.
#[derive(Debug, Clone)]
pub struct RealDir {
    path: PathBuf,
}

impl RealDir {
    /// The directory at this path, which need not exist yet.
    #[must_use]
    pub fn new(path: &Path) -> Self {
        Self { path: path.to_owned() }
    }
}

impl LogDir for RealDir {
    fn make_dir(&self, name: &str) -> io::Result<()> {
        make_durable_dir(&self.path.join(name))
    }

    fn list(&self, dir: &str) -> io::Result<Vec<String>> {
        let entries = match fs::read_dir(self.path.join(dir)) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect()
    }

    fn open(&self, name: &str) -> io::Result<Box<dyn LogFile>> {
        let path = self.path.join(name);
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
        let end = file.metadata()?.len();
        Ok(Box::new(RealFile { file, end }))
    }

    fn open_read(&self, name: &str) -> io::Result<Box<dyn LogFile>> {
        Ok(Box::new(RealFile { file: File::open(self.path.join(name))?, end: 0 }))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        fs::rename(self.path.join(from), self.path.join(to))
    }

    fn sync_dir(&self, dir: &str) -> io::Result<()> {
        File::open(self.path.join(dir))?.sync_all()
    }

    fn lock(&self) -> io::Result<Box<dyn Any + Send + Sync>> {
        let path = self.path.join("lock");
        let file = OpenOptions::new().write(true).create(true).truncate(false).open(path)?;
        match file.try_lock() {
            Ok(()) => Ok(Box::new(file)),
            Err(TryLockError::WouldBlock) => Err(ErrorKind::WouldBlock.into()),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}

/// Makes a directory and those above it, each durable in its parent: else a power cut could take the log away whole.
fn make_durable_dir(path: &Path) -> io::Result<()> {
    if path.as_os_str().is_empty() || path.is_dir() {
        return Ok(());
    }
    let parent = path.parent().unwrap_or(Path::new(""));
    make_durable_dir(parent)?;
    match fs::create_dir(path) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    let parent = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
    File::open(parent)?.sync_all()
}

struct RealFile {
    file: File,
    /// Where the next append goes. Not `O_APPEND`, under which positioned writes ignore their position.
    end: u64,
}

impl LogFile for RealFile {
    fn len(&self) -> io::Result<u64> {
        Ok(self.file.metadata()?.len())
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        FileExt::read_at(&self.file, buffer, offset)
    }

    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all_at(bytes, self.end)?;
        self.end = self.end.saturating_add(bytes.len() as u64);
        Ok(())
    }

    fn write_at(&mut self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.file.write_all_at(bytes, offset)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.file.sync_data()
    }

    fn truncate(&mut self, length: u64) -> io::Result<()> {
        self.file.set_len(length)?;
        self.end = length;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_real_directory_appends_overwrites_cuts_and_replaces() {
        let temp = tempfile::tempdir().unwrap();
        let dir = RealDir::new(temp.path());
        dir.make_dir("sub/below").unwrap();
        dir.make_dir("sub/below").unwrap();
        let mut file = dir.open("sub/a").unwrap();
        file.append(b"hello ").unwrap();
        file.append(b"world").unwrap();
        file.write_at(b"J", 0).unwrap();
        file.truncate(7).unwrap();
        file.append(b"!").unwrap();
        file.sync().unwrap();
        assert_eq!(read_small(&dir, "sub/a", 100).unwrap().unwrap(), b"Jello w!");
        let mut names = dir.list("sub").unwrap();
        names.sort();
        assert_eq!(names, ["a", "below"]);

        replace(&dir, "c", b"one, longer").unwrap();
        replace(&dir, "c", b"two").unwrap();
        assert_eq!(read_small(&dir, "c", 100).unwrap().unwrap(), b"two");
        assert!(read_small(&dir, "c", 2).is_err());
        assert_eq!(read_small(&dir, "none", 2).unwrap(), None);
    }

    #[test]
    fn one_process_holds_the_lock() {
        let temp = tempfile::tempdir().unwrap();
        let dir = RealDir::new(temp.path());
        let held = dir.lock().unwrap();
        assert_eq!(dir.lock().err().unwrap().kind(), ErrorKind::WouldBlock);
        drop(held);
        assert!(dir.lock().is_ok());
    }
}
