//! The program under test and the files it is given.

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// Where the program and the examples are.
pub struct Bench;

impl Bench {
    /// The checkout.
    pub fn root() -> &'static Path {
        Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the package lies in the checkout")
    }

    /// A file of `examples/june-2026`.
    pub fn june(name: &str) -> PathBuf {
        Self::root().join("examples/june-2026").join(name)
    }

    /// The `douane` program: the one named by `DOUANE_BIN`, else built once from this checkout.
    pub fn binary() -> PathBuf {
        static BINARY: OnceLock<PathBuf> = OnceLock::new();
        BINARY.get_or_init(|| std::env::var_os("DOUANE_BIN").map_or_else(build, PathBuf::from)).clone()
    }
}

/// Builds in the development profile; `CARGO_TARGET_DIR` is inherited.
fn build() -> PathBuf {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["build", "--locked", "--package", "douane", "--message-format=json-render-diagnostics"])
        .current_dir(Bench::root())
        .stderr(Stdio::inherit())
        .output()
        .expect("cargo can be started");
    assert!(output.status.success(), "cargo build -p douane failed");
    let messages = String::from_utf8(output.stdout).expect("cargo writes UTF-8");
    let made = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let program = made.filter_map(|message| message["executable"].as_str().map(PathBuf::from)).next_back();
    program.expect("cargo names the program it built")
}
