//! Debian packages: installed when we are root, else only unpacked under the build folder.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::workspace::{run, succeeds};

/// True when this is a Debian-like machine and we are root.
pub fn may_install() -> bool {
    is_root() && succeeds(Command::new("apt-get").arg("--version"))
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

/// Installs one package for the whole machine; says so first.
pub fn install(package: &str) -> Result<()> {
    println!("installing the Debian package {package} (apt-get, as root)");
    run(Command::new("apt-get").args(["update", "-qq"]))?;
    run(Command::new("apt-get")
        .args(["install", "-y", "-qq", "--no-install-recommends", package])
        .env("DEBIAN_FRONTEND", "noninteractive"))
    .with_context(|| format!("the Debian package {package} could not be installed"))
}

/// Downloads a package that ships Python wheels, unpacks it under `folder` and returns the wheel whose name
/// starts with `prefix`. Needs no root: package lists and cache live under `folder` too.
pub fn unpack_wheel(package: &str, prefix: &str, folder: &Path) -> Result<PathBuf> {
    for tool in ["apt-get", "dpkg-deb"] {
        if !succeeds(Command::new(tool).arg("--version")) {
            bail!("`{tool}` is missing, this is not a Debian machine");
        }
    }
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| format!("{} cannot be emptied", folder.display()))?;
    }
    fs::create_dir_all(folder.join("lists/partial"))?;
    fs::create_dir_all(folder.join("cache/archives/partial"))?;
    run(private_apt(folder).args(["update", "-qq"]))?;
    run(private_apt(folder).args(["download", "-qq", package]).current_dir(folder))?;
    let archive = find(folder, package, ".deb")?;
    run(Command::new("dpkg-deb").arg("-x").arg(&archive).arg(folder.join("root")))?;
    find(&folder.join("root/usr/share/python-wheels"), prefix, ".whl")
}

/// apt-get that keeps its lists and cache under `folder` and so needs no right to the machine's own.
fn private_apt(folder: &Path) -> Command {
    let mut command = Command::new("apt-get");
    for (key, place) in [("Dir::State::Lists", "lists"), ("Dir::Cache", "cache")] {
        command.arg("-o").arg(format!("{key}={}", folder.join(place).display()));
    }
    command.args(["-o", "Debug::NoLocking=1", "-o", "APT::Sandbox::User="]);
    command
}

fn find(folder: &Path, prefix: &str, suffix: &str) -> Result<PathBuf> {
    for entry in fs::read_dir(folder).with_context(|| format!("{} is unreadable", folder.display()))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with(prefix) && name.ends_with(suffix) {
            return Ok(entry.path());
        }
    }
    bail!("no file `{prefix}*{suffix}` in {}", folder.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_by_both_ends_of_the_name() {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        assert_eq!(find(here, "Cargo", ".toml").unwrap(), here.join("Cargo.toml"));
        assert!(find(here, "pip-", ".whl").unwrap_err().to_string().starts_with("no file `pip-*.whl` in "));
    }

    #[test]
    fn private_apt_writes_only_under_the_folder() {
        let command = private_apt(Path::new("/f"));
        let args: Vec<_> = command.get_args().map(|arg| arg.to_string_lossy()).collect();
        assert!(
            args.contains(&"Dir::State::Lists=/f/lists".into())
                && args.contains(&"Dir::Cache=/f/cache".into())
        );
    }
}
