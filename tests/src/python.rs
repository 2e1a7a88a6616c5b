//! The vendors' own client libraries, each run by a small script of `tests/python`.

use serde_json::Value;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

/// Names the Python that has the packages of `tests/python/requirements.txt`.
const VARIABLE: &str = "DOUANE_PEERS_PYTHON";

/// A running script. It reads one plan, a JSON object, and writes JSON lines.
pub struct Python {
    child: Child,
    lines: BufReader<ChildStdout>,
}

impl Python {
    /// Starts a script of `tests/python` on a plan.
    pub fn start(script: &str, plan: &Value) -> Self {
        let python = std::env::var_os(VARIABLE).unwrap_or_else(|| {
            panic!("{VARIABLE} is not set: run `cargo xtask test`, or `cargo xtask peers` and export what it prints")
        });
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("python").join(script);
        let piped = [Stdio::piped(), Stdio::piped()];
        let [stdin, stdout] = piped;
        let mut command = Command::new(&python);
        // Proxies and keys of the machine must not reach the clients.
        for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"] {
            command.env_remove(name);
        }
        let child = command.args(["-u", "-B"]).arg(path).stdin(stdin).stdout(stdout).spawn();
        let mut child = child.unwrap_or_else(|error| panic!("{VARIABLE}={}: {error}", python.display()));
        writeln!(child.stdin.take().unwrap(), "{plan}").unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap());
        Self { child, lines }
    }

    /// The next line the script writes.
    pub fn line(&mut self) -> Value {
        let mut line = String::new();
        self.lines.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: the script wrote {line:?}"))
    }

    /// Runs a script to its end and gives its one line.
    pub fn run(script: &str, plan: &Value) -> Value {
        Self::start(script, plan).finish()
    }

    /// The last line, after which the script must end well.
    pub fn finish(mut self) -> Value {
        let line = self.line();
        let status = self.child.wait().unwrap();
        assert!(status.success(), "the script ended with {status}");
        line
    }
}

impl Drop for Python {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
