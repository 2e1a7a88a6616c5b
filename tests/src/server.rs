//! A `douane serve` process with everything it needs.

use crate::bench::Bench;
use crate::builder::{Builder, use_ports};
use crate::http::{Answer, Request};
use crate::ports::Port;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Longest wait for a start or a stop.
const PATIENCE: Duration = Duration::from_secs(30);
/// Pause between two looks at something that gives no signal.
const LOOK_AGAIN: Duration = Duration::from_millis(5);

/// The account whose people and keys a server starts with.
pub const ACCOUNT: &str = "model-maker";
/// The officers every server starts with.
pub const OFFICERS: [&str; 2] = ["first-officer", "second-officer"];

/// A server in a directory of its own. Its process ends with it.
pub struct Server {
    home: TempDir,
    clock: Option<String>,
    env: Vec<(String, String)>,
    gateway: Port,
    control: Port,
    practice: Port,
    child: Option<Child>,
    /// The key of each person on the roster.
    pub keys: BTreeMap<String, String>,
    /// The key to pin: the log's verifier key.
    pub log_key: String,
}

impl Server {
    /// A server to describe.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// The letter of 12 June and the invented people of `examples/june-2026`, with the clock at this instant.
    pub fn june(instant: &str) -> Builder {
        Self::builder().at(instant).letters(&[Bench::june("letter-1.toml")]).roster(Bench::june("people.csv"))
    }

    pub(crate) fn start(builder: Builder) -> Self {
        let home = tempfile::tempdir().unwrap();
        let (gateway, control, practice) = (Port::free(), Port::free(), Port::free());
        let mut server = Self {
            home,
            clock: builder.clock,
            env: builder.env,
            gateway,
            control,
            practice,
            child: None,
            keys: BTreeMap::new(),
            log_key: String::new(),
        };
        server.log_key = server.douane_json(&["init"])["log_key"].as_str().unwrap().to_owned();
        server.edit_config(|config| {
            use_ports(config, server.gateway.address(), server.control.address(), server.practice.number());
            builder.edits.into_iter().for_each(|edit| edit(config));
        });
        server.restart();
        for officer in OFFICERS {
            server.douane_ok(&["officer", "add", officer]);
        }
        if let Some(roster) = builder.roster {
            server.keys = server.load_people(&roster, ACCOUNT);
        }
        if !builder.letters.is_empty() {
            server.record_readings();
        }
        builder.letters.iter().for_each(|letter| server.put_in_force(letter));
        server
    }

    /// Changes `douane.toml`; the next start reads it.
    pub fn edit_config(&self, edit: impl FnOnce(&mut toml::Table)) {
        let path = self.dir().join("douane.toml");
        let mut config = fs::read_to_string(&path).unwrap().parse().unwrap();
        edit(&mut config);
        fs::write(path, toml::to_string(&config).unwrap()).unwrap();
    }

    /// Records the answers of `examples/june-2026/readings.toml`.
    pub fn record_readings(&self) {
        let file: toml::Table = fs::read_to_string(Bench::june("readings.toml")).unwrap().parse().unwrap();
        for reading in file["reading"].as_array().unwrap() {
            let text = |name: &str| reading[name].as_str().unwrap();
            let (question, choice, why) = (text("question"), text("choice"), text("why"));
            self.douane_ok(&["reading", "record", question, choice, "--by", OFFICERS[0], "--why", why]);
        }
    }

    /// Drafts a law file; two officers approve each of its instruments; each is activated.
    pub fn put_in_force(&self, letter: &Path) {
        let drafted = self.douane_json(&["directive", "draft", &letter.display().to_string()]);
        for id in drafted["instruments"].as_array().unwrap() {
            self.approve_and_activate(id.as_str().unwrap());
        }
    }

    /// Two officers approve an instrument; it is activated.
    pub fn approve_and_activate(&self, id: &str) {
        for officer in OFFICERS {
            self.douane_ok(&["directive", "approve", id, "--officer", officer]);
        }
        self.douane_ok(&["directive", "activate", id]);
    }

    /// Loads a roster and gives the new key of each person who had none.
    pub fn load_people(&self, roster: &Path, account: &str) -> BTreeMap<String, String> {
        self.douane_ok(&["people", "load", &roster.display().to_string(), "--account", account]);
        let issued = self.home.path().join(format!("keys-{account}.csv"));
        self.douane_ok(&["key", "add-missing", "--account", account, "--out", &issued.display().to_string()]);
        let text = fs::read_to_string(issued).unwrap();
        let pairs = text.lines().skip(1).map(|line| line.split_once(',').unwrap());
        pairs.map(|(person, key)| (person.to_owned(), key.to_owned())).collect()
    }

    /// Issues one more key of the account `model-maker`.
    pub fn add_key(&self, person: Option<&str>) -> String {
        let mut words = vec!["key", "add", "--account", ACCOUNT];
        words.extend(person.iter().flat_map(|person| ["--person", person]));
        self.douane_ok(&words).trim().to_owned()
    }

    /// The key of a person on the roster.
    pub fn key(&self, person: &str) -> &str {
        self.keys.get(person).unwrap_or_else(|| panic!("{person} has no key: {:?}", self.keys.keys()))
    }

    /// Sets the practice clock.
    pub fn set_clock(&self, instant: &str) {
        self.douane_ok(&["clock", instant]);
    }

    /// Where callers are served.
    pub fn gateway(&self) -> SocketAddr {
        self.gateway.address()
    }

    /// Where officers are served.
    pub fn control(&self) -> SocketAddr {
        self.control.address()
    }

    /// The data directory.
    pub fn dir(&self) -> PathBuf {
        self.home.path().join("data")
    }

    /// A folder for the test's own files; it goes when the server goes.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// Writes a file into [`Server::home`].
    pub fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.home.path().join(name);
        fs::write(&path, text).unwrap();
        path
    }

    /// The control token.
    pub fn token(&self) -> String {
        fs::read_to_string(self.dir().join("secrets/control-token")).unwrap().trim().to_owned()
    }

    /// What the server process has written to standard error, over all its starts.
    pub fn stderr(&self) -> String {
        fs::read_to_string(self.home.path().join("stderr")).unwrap_or_default()
    }

    /// The process id of the running server.
    pub fn pid(&self) -> u32 {
        self.child.as_ref().expect("the server runs").id()
    }

    /// `douane WORDS --dir DIR`.
    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(Bench::binary());
        command
            .args(words)
            .arg("--dir")
            .arg(self.dir())
            .current_dir(self.home.path())
            .env_remove("DOUANE_DIR");
        command
    }

    /// Runs `douane WORDS --dir DIR` to its end.
    pub fn douane(&self, words: &[&str]) -> Output {
        self.command(words).stdin(Stdio::null()).output().expect("douane can be started")
    }

    /// The same with text on standard input.
    pub fn douane_with_input(&self, words: &[&str], input: &str) -> Output {
        let mut command = self.command(words);
        let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = piped.spawn().expect("douane can be started");
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        child.wait_with_output().unwrap()
    }

    /// Runs a command that must succeed and gives what it printed.
    pub fn douane_ok(&self, words: &[&str]) -> String {
        let Output { status, stdout, stderr } = self.douane(words);
        assert!(status.success(), "douane {words:?} failed: {}", String::from_utf8_lossy(&stderr));
        String::from_utf8(stdout).unwrap()
    }

    /// Runs a command that must fail and gives what it wrote to standard error and output.
    pub fn douane_err(&self, words: &[&str]) -> String {
        let Output { status, stdout, stderr } = self.douane(words);
        assert_eq!(status.code(), Some(1), "douane {words:?}: {}", String::from_utf8_lossy(&stderr));
        String::from_utf8([stderr, stdout].concat()).unwrap()
    }

    /// Runs a command that must succeed with `--json`.
    pub fn douane_json(&self, words: &[&str]) -> Value {
        let text = self.douane_ok(&[words, &["--json"]].concat());
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("douane {words:?}: {error} in {text}"))
    }

    /// Ends in order; fails unless the process says that all is well.
    pub fn stop(&mut self) {
        let killed = Command::new("kill").args(["-TERM", &self.pid().to_string()]).status().unwrap();
        assert!(killed.success());
        let status = self.wait();
        assert!(status.success(), "the server stopped with {status}: {}", self.stderr());
    }

    /// Ends at once, as a crash does.
    pub fn kill9(&mut self) {
        let mut child = self.child.take().expect("the server runs");
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// Waits for the process to end by itself.
    fn wait(&mut self) -> ExitStatus {
        let mut child = self.child.take().expect("the server runs");
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            if let Some(status) = child.try_wait().unwrap() {
                return status;
            }
            thread::sleep(LOOK_AGAIN);
        }
        let _ = child.kill();
        let _ = child.wait();
        panic!("the server did not stop in {PATIENCE:?}: {}", self.stderr());
    }

    /// Starts again on the same directory and ports; a practice clock begins where it began the first time.
    pub fn restart(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            child.wait().unwrap();
        }
        let stderr = File::options().create(true).append(true).open(self.home.path().join("stderr")).unwrap();
        let mut command = self.command(&["serve"]);
        if let Some(clock) = &self.clock {
            command.args(["--practice-clock", clock]);
        }
        command.envs(self.env.iter().cloned());
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(stderr).spawn();
        self.child = Some(child.expect("douane can be started"));
        self.wait_until_ready();
    }

    /// The same with a practice clock that begins here.
    pub fn restart_at(&mut self, instant: &str) {
        self.clock = Some(instant.to_owned());
        self.restart();
    }

    /// Sets a variable of the server's environment for the next start.
    pub fn set_env(&mut self, name: &str, value: &str) {
        self.env.retain(|(have, _)| have != name);
        self.env.push((name.to_owned(), value.to_owned()));
    }

    /// Returns when the control port answers; both ports are open then.
    fn wait_until_ready(&mut self) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let ended = self.child.as_mut().unwrap().try_wait().unwrap();
            assert!(ended.is_none(), "the server ended at its start ({ended:?}): {}", self.stderr());
            if std::net::TcpStream::connect(self.control()).is_ok() && self.status().status == 200 {
                return;
            }
            assert!(Instant::now() < deadline, "no answer in {PATIENCE:?}: {}", self.stderr());
            thread::sleep(LOOK_AGAIN);
        }
    }

    /// What the control port says about the server.
    pub fn status(&self) -> Answer {
        Request::get("/v1/status").key(&self.token()).send(self.control())
    }

    /// Returns when `holds` does; fails after half a minute.
    pub fn until(&self, what: &str, mut holds: impl FnMut() -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !holds() {
            assert!(Instant::now() < deadline, "{what}: not in {PATIENCE:?}: {}", self.stderr());
            thread::sleep(LOOK_AGAIN);
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
        if thread::panicking() {
            eprintln!("standard error of the server:\n{}", self.stderr());
        }
    }
}
