//! A power cut: kill -9 keeps what the system holds in memory, so a shim keeps what was really synced (faults/).

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use system_tests::Bench;
use tempfile::TempDir;

/// Syncs every file and directory below the current one.
const SYNC_ALL: &str = "
import os
for folder, _, files in os.walk('.'):
    for name in files + ['.']:
        fd = os.open(os.path.join(folder, name), os.O_RDONLY); os.fsync(fd); os.close(fd)
";

/// Keeps beside a tree what of it has reached the disk.
pub struct Power {
    root: PathBuf,
    home: TempDir,
}

impl Power {
    /// Watches a directory, which exists; what stands in it now counts as synced.
    pub fn over(root: &Path) -> Self {
        let power = Self { root: root.canonicalize().unwrap(), home: tempfile::tempdir().unwrap() };
        power.settle();
        power
    }

    /// What a process needs in its environment for its lost writes to be lost.
    pub fn env(&self) -> [(&'static str, String); 3] {
        let text = |path: PathBuf| path.into_os_string().into_string().unwrap();
        [
            ("LD_PRELOAD", text(library().to_owned())),
            ("DOUANE_FAULT_ROOT", text(self.root.clone())),
            ("DOUANE_FAULT_SHADOW", text(self.shadow())),
        ]
    }

    /// Runs Python in the directory under the shim, to its end or until it kills itself.
    pub fn python(&self, script: &str) {
        let mut python = Command::new("python3");
        let output = python.args(["-c", script]).current_dir(&self.root).envs(self.env()).output();
        let output = output.expect("python3 can be started");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.code().is_none_or(|code| code == 0) && stderr.is_empty(), "{script}\n{stderr}");
    }

    /// The tree becomes what of it had been synced. Every process that writes in it must be dead.
    pub fn cut(&self) {
        fs::remove_dir_all(&self.root).unwrap();
        copy(&self.names(), &self.root);
        self.settle();
    }

    /// Everything in the tree is synced from now on; files that no longer have a name are forgotten.
    fn settle(&self) {
        if self.shadow().exists() {
            fs::remove_dir_all(self.shadow()).unwrap();
        }
        fs::create_dir_all(self.names()).unwrap();
        self.python(SYNC_ALL);
    }

    fn shadow(&self) -> PathBuf {
        self.home.path().canonicalize().unwrap().join("shadow")
    }

    fn names(&self) -> PathBuf {
        self.shadow().join("names")
    }
}

/// The shim, compiled once for all tests.
fn library() -> &'static Path {
    static LIBRARY: OnceLock<(TempDir, PathBuf)> = OnceLock::new();
    let (_, library) = LIBRARY.get_or_init(|| {
        let home = tempfile::tempdir().unwrap();
        let library = home.path().join("drop_unsynced.so");
        let source = Bench::root().join("tests/faults/drop_unsynced.c");
        let flags = ["-shared", "-fPIC", "-O1", "-Wall", "-Wextra", "-Werror", "-o"];
        let status =
            Command::new("cc").args(flags).arg(&library).arg(source).status().expect("cc can be started");
        assert!(status.success(), "the fault layer does not compile");
        (home, library)
    });
    library
}

/// Copies a tree with the files its links stand for, and their modes.
pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        if source.is_dir() {
            copy(&source, &target);
        } else {
            fs::copy(&source, &target).unwrap_or_else(|error| panic!("{}: {error}", source.display()));
        }
    }
}

/// The files below a directory with their text, in order of their names.
pub fn listing(dir: &Path) -> Vec<(String, String)> {
    let mut files = Vec::new();
    for entry in fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()) {
        let name = String::from_utf8_lossy(entry.file_name().unwrap().as_bytes()).into_owned();
        if entry.is_dir() {
            files.extend(listing(&entry).into_iter().map(|(below, text)| (format!("{name}/{below}"), text)));
        } else {
            files.push((name, String::from_utf8_lossy(&fs::read(entry).unwrap()).into_owned()));
        }
    }
    files.sort();
    files
}
