//! What a test server starts with.

use crate::server::Server;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use toml::{Table, Value};

/// Changes the configuration before the first start.
pub(crate) type Edit = Box<dyn FnOnce(&mut Table)>;

/// Describes a server; [`Builder::start`] starts it.
#[derive(Default)]
pub struct Builder {
    pub(crate) clock: Option<String>,
    pub(crate) letters: Vec<PathBuf>,
    pub(crate) roster: Option<PathBuf>,
    pub(crate) env: Vec<(String, String)>,
    pub(crate) edits: Vec<Edit>,
}

impl Builder {
    /// A practice clock that shows this instant when the server starts, and runs on.
    pub fn at(mut self, instant: &str) -> Self {
        self.clock = Some(instant.to_owned());
        self
    }

    /// The real clock (the default).
    pub fn real_clock(mut self) -> Self {
        self.clock = None;
        self
    }

    /// Law files to put in force, in order.
    pub fn letters(mut self, paths: &[impl AsRef<Path>]) -> Self {
        self.letters = paths.iter().map(|path| path.as_ref().to_owned()).collect();
        self
    }

    /// People of the account `model-maker`; each gets a key.
    pub fn roster(mut self, path: impl Into<PathBuf>) -> Self {
        self.roster = Some(path.into());
        self
    }

    /// An environment variable of the server process.
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Changes the configuration.
    pub fn config(mut self, edit: impl FnOnce(&mut Table) + 'static) -> Self {
        self.edits.push(Box::new(edit));
        self
    }

    /// Serves every model from here instead of the built-in practice model.
    pub fn upstream(self, address: SocketAddr) -> Self {
        self.config(move |config| {
            config.remove("practice");
            first_upstream(config).insert("url".into(), format!("http://{address}").into());
        })
    }

    /// The operator's addresses, which refusals name.
    pub fn operator(self, url: &'static str, cure_url: &'static str) -> Self {
        self.config(move |config| {
            let operator = table(config, "operator");
            operator.insert("url".into(), url.into());
            operator.insert("cure_url".into(), cure_url.into());
        })
    }

    /// Starts the server; returns when the law is in force and keys are issued.
    pub fn start(self) -> Server {
        Server::start(self)
    }
}

/// Points a fresh configuration at these ports.
pub(crate) fn use_ports(config: &mut Table, gateway: SocketAddr, control: SocketAddr, practice: u16) {
    table(config, "gateway").insert("listen".into(), gateway.to_string().into());
    table(config, "control").insert("listen".into(), control.to_string().into());
    table(config, "practice").insert("port".into(), i64::from(practice).into());
    first_upstream(config).insert("url".into(), format!("http://127.0.0.1:{practice}").into());
}

fn table<'a>(config: &'a mut Table, name: &str) -> &'a mut Table {
    config
        .get_mut(name)
        .and_then(Value::as_table_mut)
        .unwrap_or_else(|| panic!("douane.toml has no [{name}]"))
}

fn first_upstream(config: &mut Table) -> &mut Table {
    let upstreams =
        config.get_mut("upstream").and_then(Value::as_array_mut).expect("douane.toml has [[upstream]]");
    upstreams[0].as_table_mut().expect("an upstream is a table")
}
