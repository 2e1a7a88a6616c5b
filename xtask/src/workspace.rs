//! Where the checkout and its build folder are, and how cargo is called in it.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

/// The checkout that commands work on.
#[derive(Debug, Clone)]
pub struct Workspace {
    /// Folder of the root `Cargo.toml`, absolute.
    pub root: PathBuf,
    /// Build folder, absolute: `CARGO_TARGET_DIR`, else `target/`.
    pub target: PathBuf,
}

impl Workspace {
    /// Finds the checkout from the manifest folder that `cargo run` hands down.
    pub fn find() -> Result<Self> {
        let manifest = env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let root = manifest.parent().context("xtask lies directly below the workspace root")?.to_owned();
        let here = env::current_dir().context("the current folder cannot be read")?;
        let chosen = env::var_os("CARGO_TARGET_DIR").filter(|dir| !dir.is_empty());
        Ok(Self { target: target_dir(&root, &here, chosen.as_deref().map(Path::new)), root })
    }

    /// A cargo command in the checkout that builds into [`Workspace::target`].
    pub fn cargo<'a>(&self, args: impl IntoIterator<Item = &'a str>) -> Command {
        let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.args(args).current_dir(&self.root).env("CARGO_TARGET_DIR", &self.target);
        command
    }

    /// Folder for what the tests talk to.
    pub fn peers(&self) -> PathBuf {
        self.target.join("peers")
    }
}

/// A relative `CARGO_TARGET_DIR` counts from the folder the caller stands in, as cargo itself reads it.
fn target_dir(root: &Path, here: &Path, chosen: Option<&Path>) -> PathBuf {
    chosen.map_or_else(|| root.join("target"), |dir| here.join(dir))
}

/// Runs a command with its output passed through; an error names the command and how it ended.
pub fn run(command: &mut Command) -> Result<()> {
    let shown = display(command);
    let status = command.status().with_context(|| format!("`{shown}` cannot be started"))?;
    if !status.success() {
        bail!("`{shown}` ended with {status}");
    }
    Ok(())
}

/// True when the command starts and ends well; its output is not shown.
pub fn succeeds(command: &mut Command) -> bool {
    command.output().is_ok_and(|output| output.status.success())
}

/// The command as one would type it, without quoting.
pub fn display(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    let words = std::iter::once(program).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn target_dir_follows_cargo() {
        let (root, here) = (Path::new("/src/douane"), Path::new("/src/douane/crates"));
        assert_eq!(target_dir(root, here, None), Path::new("/src/douane/target"));
        assert_eq!(target_dir(root, here, Some(Path::new("/t"))), Path::new("/t"));
        assert_eq!(target_dir(root, here, Some(Path::new("t"))), Path::new("/src/douane/crates/t"));
    }

    #[test]
    fn a_failing_command_is_an_error_that_names_it() {
        let error = run(Command::new("sh").args(["-c", "exit 3"])).unwrap_err().to_string();
        assert_eq!(error, "`sh -c exit 3` ended with exit status: 3");
        assert!(!succeeds(&mut Command::new("douane-no-such-program")));
    }
}
