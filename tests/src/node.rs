//! Peers of other people's making, each run by a small script of `tests/node`.

use serde_json::Value;
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use tempfile::NamedTempFile;

/// Names the folder that has the packages of `tests/node/package.json`.
const VARIABLE: &str = "DOUANE_PEERS_NODE";

/// A running script. It answers each JSON line with one.
pub(crate) struct Node {
    child: Child,
    stdin: ChildStdin,
    lines: BufReader<ChildStdout>,
    stderr: NamedTempFile,
}

impl Node {
    /// Starts a script on a plan; gives what it says when it is ready.
    pub(crate) fn start(script: &str, plan: &Value) -> (Self, Value) {
        let packages = std::env::var_os(VARIABLE).unwrap_or_else(|| {
            panic!("{VARIABLE} is not set: run `cargo xtask test`, or `cargo xtask peers` and export what it prints")
        });
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("node").join(script);
        let stderr = NamedTempFile::new().unwrap();
        let log = File::options().append(true).open(stderr.path()).unwrap();
        let mut command = Command::new("node");
        command.arg(path).env(VARIABLE, packages).env_remove("NODE_OPTIONS").env_remove("DEBUG");
        let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(log).spawn();
        let mut child = child.unwrap_or_else(|error| panic!("node cannot be started: {error}"));
        let (stdin, stdout) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let mut node = Self { child, stdin, lines: BufReader::new(stdout), stderr };
        let ready = node.ask(plan);
        (node, ready)
    }

    /// Sends a line and gives the answer.
    pub(crate) fn ask(&mut self, line: &Value) -> Value {
        writeln!(self.stdin, "{line}").unwrap_or_else(|error| panic!("{error}: {}", self.said()));
        let mut answer = String::new();
        self.lines.read_line(&mut answer).unwrap();
        let answer: Value = serde_json::from_str(&answer)
            .unwrap_or_else(|error| panic!("{error}: the peer wrote {answer:?}; {}", self.said()));
        assert_eq!(answer["failed"], Value::Null, "the peer failed; {}", self.said());
        answer
    }

    fn said(&self) -> String {
        std::fs::read_to_string(self.stderr.path()).unwrap_or_default()
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            eprintln!("standard error of a peer:\n{}", self.said());
        }
    }
}
