//! What the tests talk to: `curl`, a C compiler for the build, the vendors' own Python clients, and the packages of
//! [`node`].
//!
//! The clients live in a virtual environment under `target/peers/venv`. A stamp file beside it holds the
//! text of `tests/python/requirements.txt`; while it matches and the clients load, nothing is done.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::apt;
use crate::node;
use crate::workspace::{Workspace, run, succeeds};

/// The variable that tells the system tests which Python has the clients.
const PYTHON_VARIABLE: &str = "DOUANE_PEERS_PYTHON";

const REQUIREMENTS: &str = "tests/python/requirements.txt";

/// The Python of the virtual environment, whether or not it is there yet.
fn python(workspace: &Workspace) -> PathBuf {
    workspace.peers().join("venv/bin/python")
}

/// The variables that hand the peers to the system tests, with their values, whether or not they are there yet.
pub fn variables(workspace: &Workspace) -> [(&'static str, PathBuf); 2] {
    [(PYTHON_VARIABLE, python(workspace)), (node::VARIABLE, node::folder(workspace))]
}

/// Checks or installs every tool, then the peers.
///
/// # Errors
/// Names what is missing and how to get it. A peer is never left out.
pub fn install(workspace: &Workspace) -> Result<()> {
    compiler()?;
    curl()?;
    clients(workspace)?;
    node::packages(workspace).map(drop)
}

fn compiler() -> Result<()> {
    if !succeeds(Command::new("cc").arg("--version")) {
        bail!("no C compiler: `cc` is missing (Debian: apt-get install gcc libc6-dev)");
    }
    Ok(())
}

fn curl() -> Result<()> {
    let there = || succeeds(Command::new("curl").arg("--version"));
    if !there() && apt::may_install() {
        apt::install("curl")?;
    }
    if !there() {
        bail!("`curl` is missing (Debian: apt-get install curl)");
    }
    println!("curl: present");
    Ok(())
}

fn clients(workspace: &Workspace) -> Result<PathBuf> {
    let requirements = workspace.root.join(REQUIREMENTS);
    let wanted =
        fs::read_to_string(&requirements).with_context(|| format!("{REQUIREMENTS} is unreadable"))?;
    let (python, stamp) = (python(workspace), workspace.peers().join("venv.stamp"));
    if is_current(&stamp, &wanted) && clients_load(&python, &wanted) {
        println!("Python clients: present ({})", python.display());
        return Ok(python);
    }
    println!("Python clients: installing {} into {}", packages(&wanted).join(", "), python.display());
    fs::create_dir_all(workspace.peers())?;
    remove_stamp(&stamp)?;
    make_environment(workspace)?;
    run(Command::new(&python)
        .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"])
        .arg(&requirements))
    .context("the Python clients could not be installed; pip needs its package index")?;
    if !clients_load(&python, &wanted) {
        bail!("{} are installed but Python cannot import them", packages(&wanted).join(", "));
    }
    fs::write(&stamp, wanted).with_context(|| format!("{} cannot be written", stamp.display()))?;
    Ok(python)
}

/// The stamp is written last and removed first, so an interrupted set-up starts again.
pub fn remove_stamp(stamp: &Path) -> Result<()> {
    match fs::remove_file(stamp) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("{} cannot be removed", stamp.display()))
        }
        _ => Ok(()),
    }
}

/// Whether what a stamp stands for is what is wanted.
pub fn is_current(stamp: &Path, wanted: &str) -> bool {
    fs::read_to_string(stamp).is_ok_and(|have| have == wanted)
}

fn clients_load(python: &Path, wanted: &str) -> bool {
    let names: Vec<_> = packages(wanted).into_iter().filter_map(|pin| pin.split("==").next()).collect();
    succeeds(Command::new(python).args(["-c", &format!("import {}", names.join(", "))]))
}

/// The pins in a requirement file, without comments.
fn packages(requirements: &str) -> Vec<&str> {
    let bare = requirements.lines().map(|line| line.split('#').next().unwrap_or_default().trim());
    bare.filter(|pin| !pin.is_empty()).collect()
}

fn make_environment(workspace: &Workspace) -> Result<()> {
    if !succeeds(Command::new("python3").arg("--version")) {
        bail!("`python3` is missing (Debian: apt-get install python3 python3-venv)");
    }
    if !has_ensurepip() && apt::may_install() {
        apt::install("python3-venv")?;
    }
    let venv = workspace.peers().join("venv");
    if has_ensurepip() {
        return run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&venv));
    }
    println!("python3 has no ensurepip: unpacking pip from its Debian package, nothing is installed");
    let wheel = apt::unpack_wheel("python3-pip-whl", "pip-", &workspace.peers().join("debian")).context(
        "python3 has no ensurepip and pip could not be unpacked; install python3-venv, then run this again",
    )?;
    run(Command::new("python3").args(["-m", "venv", "--clear", "--without-pip"]).arg(&venv))?;
    run(Command::new(python(workspace))
        .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-index"])
        .arg(&wheel)
        .env("PYTHONPATH", &wheel))
}

/// Debian splits this module from python3; without it `python3 -m venv` makes no pip.
fn has_ensurepip() -> bool {
    succeeds(Command::new("python3").args(["-c", "import ensurepip, venv; ensurepip.version()"]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pins_are_read_without_comments() {
        assert_eq!(
            packages("# why\nopenai==1.2.3 # here\n\nanthropic==4.5\n"),
            ["openai==1.2.3", "anthropic==4.5"]
        );
    }

    #[test]
    fn every_shipped_requirement_is_pinned() {
        let text = include_str!("../../tests/python/requirements.txt");
        let names: Vec<_> = packages(text).iter().map(|pin| pin.split_once("==").unwrap().0).collect();
        assert_eq!(names, ["openai", "anthropic"]);
    }

    #[test]
    fn a_missing_python_has_no_clients() {
        assert!(!clients_load(Path::new("/nonexistent/python"), "openai==1"));
        assert!(!is_current(Path::new("/nonexistent/stamp"), "openai==1"));
    }
}
