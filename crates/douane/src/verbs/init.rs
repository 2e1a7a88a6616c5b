//! `douane init`.

use crate::config::{
    Approvals, Bylaws, Clock, Config, Control, Evidence, Gateway, Operator, Practice, Record, Upstream,
};
use crate::dir::DataDir;
use std::net::SocketAddr;
use std::path::PathBuf;

/// The catalogue a new directory begins with.
const CATALOGUE: &str = include_str!("../../../../examples/june-2026/models.toml");

/// The configuration a new directory begins with: loopback ports and the practice model.
pub fn default_config() -> Config {
    let loopback = |port| SocketAddr::from(([127, 0, 0, 1], port));
    Config {
        schema: 1,
        catalogue: vec![PathBuf::from("models.toml")],
        gateway: Gateway { listen: loopback(8451), name: "douane-1".to_owned() },
        control: Control { listen: loopback(8452) },
        operator: Operator::default(),
        evidence: Evidence::default(),
        identity: None,
        place: None,
        approvals: Approvals::default(),
        bylaws: Bylaws::default(),
        record: Record::default(),
        clock: Clock::default(),
        practice: Some(Practice { port: 8453 }),
        upstream: vec![practice_upstream(8453)],
    }
}

/// The practice model as an upstream.
pub fn practice_upstream(port: u16) -> Upstream {
    Upstream {
        #[expect(clippy::expect_used, reason = "the literal is an identifier")]
        id: terms::UpstreamId::parse("practice").expect("is an identifier"),
        url: format!("http://127.0.0.1:{port}"),
        key_env: None,
        key_file: None,
        key_header: crate::config::KeyPlace::Bearer,
        head_timeout_s: 600,
    }
}

/// Begins a directory and says what comes next.
pub fn run(dir: &DataDir, json: bool) -> anyhow::Result<()> {
    dir.begin(&default_config(), CATALOGUE)?;
    let path = dir.path().display();
    let key = dir.log_key()?.verifier().to_string();
    if json {
        return super::print_json(&serde_json::json!({ "dir": path.to_string(), "log_key": key }));
    }
    println!("{path} is ready: configuration, catalogue of practice models, log key, control token.\n");
    println!("The key to pin; whoever checks a receipt needs it and nothing else:\n  {key}\n");
    println!("Next:");
    println!(
        "  douane serve --dir {path}                                  serve on 127.0.0.1:8451, control on 8452"
    );
    println!(
        "  douane officer add alice --dir {path}                      two officers, each with a key of their own"
    );
    println!(
        "  douane directive draft letter.toml --dir {path}            then approve (twice) and activate"
    );
    println!("  douane people load people.csv --account own --dir {path}   who calls, as predicates");
    println!("  douane key add-missing --account own --dir {path}          a key for each of them");
    Ok(())
}
