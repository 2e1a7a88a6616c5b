//! The fault layer itself: it must bite, and it must not take what was synced.

use crate::power::{Power, listing};
use std::fs;
use std::process::Command;
use system_tests::Bench;

/// Words for scripts; each ends by killing its own process.
const WORDS: &str = "
import os, signal
def write(name, text, how=os.O_APPEND):
    fd = os.open(name, os.O_WRONLY | os.O_CREAT | how, 0o640); os.write(fd, text.encode()); os.close(fd)
def sync(name, call=os.fsync):
    fd = os.open(name, os.O_RDONLY); call(fd); os.close(fd)
def put(name, text):
    write(name, text); sync(name)
";

/// What is left after a script and a power cut, in a directory that begins with `old` holding `before`.
fn left(script: &str) -> Vec<(String, String)> {
    let root = tempfile::tempdir().unwrap();
    fs::write(root.path().join("old"), "before").unwrap();
    let power = Power::over(root.path());
    power.python(&format!("{WORDS}\n{script}\nos.kill(os.getpid(), signal.SIGKILL)"));
    power.cut();
    listing(root.path())
}

#[track_caller]
fn check(script: &str, expected: &[(&str, &str)]) {
    let left = left(script);
    let left: Vec<_> = left.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    assert_eq!(left, expected, "{script}");
}

const OLD: (&str, &str) = ("old", "before");

#[test]
fn what_is_not_synced_is_lost() {
    check("write('new', 'x')", &[OLD]);
    check("write('old', ' and after')", &[OLD]);
    check("write('old', '', os.O_TRUNC)", &[OLD]);
    check("os.unlink('old')", &[OLD]);
    check("os.rename('old', 'other')", &[OLD]);
    check("put('new', 'kept'); write('new', ' lost')", &[("new", "kept"), OLD]);
    check("write('a.seg', 'one'); sync('a.seg'); write('a.seg', ' two')", &[("a.seg", "one"), OLD]);
}

#[test]
fn what_is_synced_is_kept() {
    check("put('new', 'x')", &[("new", "x"), OLD]);
    check("write('new', 'x'); sync('new', os.fdatasync)", &[("new", "x"), OLD]);
    check("write('old', '!'); sync('old')", &[("old", "before!")]);
    check("put('a.seg', 'one'); put('a.seg', ' two')", &[("a.seg", "one two"), OLD]);
    check("put('a.seg', 'one'); write('a.seg', 'TWO', os.O_TRUNC); sync('a.seg')", &[("a.seg", "TWO"), OLD]);
    check("os.mkdir('d'); put('d/new', 'x')", &[("d/new", "x"), OLD]);
    check(
        "fd = os.open('old', os.O_WRONLY); twin = os.dup(fd); os.write(fd, b'B'); os.close(fd); os.fsync(twin)",
        &[("old", "Before")],
    );
}

#[test]
fn names_are_kept_with_their_directory_or_their_file() {
    check("write('new', 'x'); sync('.')", &[("new", ""), OLD]);
    check("put('new', 'x'); os.rename('new', 'old')", &[("new", "x"), OLD]);
    check("put('new', 'x'); os.rename('new', 'old'); sync('.')", &[("old", "x")]);
    check("put('new', 'x'); os.rename('new', 'old'); sync('old')", &[("old", "x")]);
    check("os.unlink('old'); sync('.')", &[]);
    check("os.unlink('old'); put('new', 'x')", &[("new", "x"), OLD]);
    check("put('new', 'x'); os.link('new', 'second'); sync('.')", &[("new", "x"), OLD, ("second", "x")]);
    check("put('x-shm', 'memory'); sync('.')", &[OLD]);
    // A new file may be given the inode of one that has just gone.
    check(
        "[(put(f'new', str(n)), os.rename('new', 'old')) for n in range(9)]; write('new', 'x')",
        &[("new", "8"), OLD],
    );
}

#[test]
fn files_elsewhere_are_left_alone_and_modes_stay() {
    let (root, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let power = Power::over(root.path());
    let elsewhere = other.path().join("file");
    power.python(&format!("{WORDS}\nput('private', 'x'); put('{}', 'y')", elsewhere.display()));
    power.cut();
    assert_eq!(listing(root.path()), [("private".to_owned(), "x".to_owned())]);
    assert_eq!(fs::read_to_string(elsewhere).unwrap(), "y");
    let mode = std::os::unix::fs::PermissionsExt::mode(
        &fs::metadata(root.path().join("private")).unwrap().permissions(),
    );
    assert_eq!(mode & 0o777, 0o640);
}

#[test]
fn a_directory_that_was_begun_survives_a_power_cut() {
    let root = tempfile::tempdir().unwrap();
    let power = Power::over(root.path());
    let init = || {
        Command::new(Bench::binary())
            .arg("init")
            .arg(root.path().join("data"))
            .envs(power.env())
            .output()
            .unwrap()
    };
    let begun = init();
    assert!(begun.status.success(), "{}", String::from_utf8_lossy(&begun.stderr));
    let before = listing(root.path());
    power.cut();
    assert_eq!(listing(root.path()), before);
    let names: Vec<&str> = before.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        ["data/douane.toml", "data/models.toml", "data/secrets/control-token", "data/secrets/log.key"]
    );
    assert!(!init().status.success(), "a directory that is complete is not begun anew");
}
