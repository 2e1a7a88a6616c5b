//! The OpenID provider and the wallet that the tests talk to: packages for Node.js, pinned by a lock file.
//!
//! They live under `target/peers/node`. A stamp file beside it holds the text of the lock file; while it matches
//! and the packages are there, nothing is done.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::apt;
use crate::peers::{is_current, remove_stamp};
use crate::workspace::{Workspace, run, succeeds};

/// The variable that tells the system tests which folder has the packages.
pub const VARIABLE: &str = "DOUANE_PEERS_NODE";

const MANIFEST: &str = "tests/node/package.json";
const LOCK: &str = "tests/node/package-lock.json";
/// The oldest Node.js that the packages run on.
const OLDEST: u32 = 20;
/// Downloads tried before giving up, and the pause between two.
const TRIES: u32 = 3;
const PAUSE: Duration = Duration::from_secs(5);
/// What the scripts load by name. Each must be there, or the set-up starts again.
const LOADED: [&str; 2] = ["oidc-provider", "@sd-jwt/sd-jwt-vc"];

/// The folder of the packages, whether or not they are there yet.
pub fn folder(workspace: &Workspace) -> PathBuf {
    workspace.peers().join("node")
}

/// Checks or installs Node.js, then the packages; returns their folder.
///
/// # Errors
/// Names what is missing and how to get it. A peer is never left out.
pub fn packages(workspace: &Workspace) -> Result<PathBuf> {
    programs()?;
    let lock = workspace.root.join(LOCK);
    let wanted = fs::read_to_string(&lock).with_context(|| format!("{LOCK} is unreadable"))?;
    let (folder, stamp) = (folder(workspace), workspace.peers().join("node.stamp"));
    if is_current(&stamp, &wanted) && are_there(&folder) {
        println!("Node.js packages: present ({})", folder.display());
        return Ok(folder);
    }
    println!("Node.js packages: installing those of {LOCK} into {}", folder.display());
    fs::create_dir_all(&folder)?;
    remove_stamp(&stamp)?;
    fs::copy(workspace.root.join(MANIFEST), folder.join("package.json"))
        .with_context(|| format!("{MANIFEST} cannot be copied"))?;
    fs::copy(&lock, folder.join("package-lock.json"))?;
    download(&folder)?;
    if !are_there(&folder) {
        bail!("npm ended well, but {} is not in {}", LOADED.join(" or "), folder.display());
    }
    fs::write(&stamp, wanted).with_context(|| format!("{} cannot be written", stamp.display()))?;
    Ok(folder)
}

/// Node.js and npm, from Debian's packages where they are missing and we may.
fn programs() -> Result<()> {
    for (program, package) in [("node", "nodejs"), ("npm", "npm")] {
        let there = || succeeds(Command::new(program).arg("--version"));
        if !there() && apt::may_install() {
            apt::install(package)?;
        }
        if !there() {
            bail!(
                "`{program}` is missing (Debian: apt-get install {package}); Node.js {OLDEST} or later is needed"
            );
        }
    }
    let said = Command::new("node").arg("--version").output().context("`node` cannot be started")?;
    let said = String::from_utf8_lossy(&said.stdout).trim().to_owned();
    if major(&said).is_none_or(|major| major < OLDEST) {
        bail!(
            "Node.js {OLDEST} or later is needed, and `node --version` says {said}: put a newer one first in PATH"
        );
    }
    println!("node: present ({said})");
    Ok(())
}

/// The first number of `v20.11.1`.
fn major(version: &str) -> Option<u32> {
    version.strip_prefix('v')?.split('.').next()?.parse().ok()
}

fn are_there(folder: &Path) -> bool {
    LOADED.iter().all(|name| folder.join("node_modules").join(name).join("package.json").is_file())
}

/// Exactly what the lock file names, by hash; no package runs a script of its own.
fn download(folder: &Path) -> Result<()> {
    for attempt in 1..=TRIES {
        let mut npm = Command::new("npm");
        npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]);
        let Err(error) = run(npm.current_dir(folder)) else { return Ok(()) };
        if attempt == TRIES {
            return Err(error).context("the Node.js packages could not be installed; npm needs its registry");
        }
        println!("{error:#}; attempt {} of {TRIES} in {} s", attempt + 1, PAUSE.as_secs());
        thread::sleep(PAUSE);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read() {
        assert_eq!((major("v20.11.1"), major("v8.0.0"), major("")), (Some(20), Some(8), None));
    }

    #[test]
    fn packages_that_are_missing_are_noticed() {
        assert!(!are_there(Path::new("/nonexistent")));
    }

    #[test]
    fn every_package_is_pinned_by_hash_and_no_registry_is_named() {
        let (manifest, lock) = (
            include_str!("../../tests/node/package.json"),
            include_str!("../../tests/node/package-lock.json"),
        );
        for name in LOADED {
            let pin = manifest.lines().find(|line| line.contains(&format!("\"{name}\": \""))).unwrap();
            assert!(!pin.contains(['^', '~', '*', '>']), "{pin}");
        }
        let count = |what: &str| lock.matches(what).count();
        // The first entry is this package itself.
        assert_eq!(count("\"integrity\": \"sha512-"), count("\"node_modules/"));
        assert_eq!(count("\"resolved\""), 0);
    }
}
