//! Servers that cannot start: each says which setting and what to do.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};
use system_tests::http::Request;
use system_tests::{Bench, Server};

/// Runs `douane serve` on a directory; it must end by itself, with status 1, and say why.
fn fails_to_start(dir: &Path) -> String {
    let mut command = Command::new(Bench::binary());
    command
        .arg("serve")
        .arg("--dir")
        .arg(dir)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let deadline = Instant::now() + Duration::from_secs(20);
    while child.try_wait().unwrap().is_none() {
        if Instant::now() > deadline {
            child.kill().unwrap();
            panic!("douane serve runs where it should not");
        }
        thread::sleep(Duration::from_millis(5));
    }
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    String::from_utf8(output.stderr).unwrap()
}

fn is_well(server: &Server) {
    assert_eq!(Request::chat("fable-5").key(server.key("p-001")).send(server.gateway()).status, 200);
    assert_eq!(Request::chat("fable-5").key(server.key("p-002")).send(server.gateway()).status, 451);
}

#[test]
fn a_port_in_use_is_named_with_the_cure() {
    let mut server = Server::june("2026-06-12T18:00:00-04:00").start();
    server.stop();
    for (field, address) in [("gateway.listen", server.gateway()), ("control.listen", server.control())] {
        let taken = TcpListener::bind(address).unwrap();
        let said = fails_to_start(&server.dir());
        for part in [field, &address.to_string(), "choose another port in douane.toml"] {
            assert!(said.contains(part), "{part} is not in {said}");
        }
        drop(taken);
    }
    server.restart();
    is_well(&server);
}

#[test]
fn a_second_server_on_one_directory_is_refused() {
    let server = Server::june("2026-06-12T18:00:00-04:00").start();
    let other = Server::builder().start();
    // Ports of its own, so that only the directory stands in the way.
    let config = std::fs::read_to_string(other.dir().join("douane.toml")).unwrap();
    let own = std::fs::read_to_string(server.dir().join("douane.toml")).unwrap();
    drop(other);
    std::fs::write(server.dir().join("douane.toml"), config).unwrap();
    let said = fails_to_start(&server.dir());
    let dir = server.dir().display().to_string();
    assert!(said.contains(&dir) && said.contains("stop it first"), "{said}");
    assert_eq!(said.matches("stop it first").count(), 1, "each cause is said once: {said}");
    std::fs::write(server.dir().join("douane.toml"), own).unwrap();
    is_well(&server);
}

#[test]
fn a_configuration_that_cannot_be_kept_to_is_refused() {
    let mut server = Server::june("2026-06-12T18:00:00-04:00").start();
    server.stop();
    let path = server.dir().join("douane.toml");
    let good = std::fs::read_to_string(&path).unwrap();
    let control = server.control();
    let gateway = server.gateway();
    for (what, bad, part) in [
        (
            "a control port open to the network",
            good.replace(&control.to_string(), "0.0.0.0:8452"),
            "loopback",
        ),
        ("one officer", good.replace("officers = 2", "officers = 1"), "approvals.officers"),
        ("a word nobody knows", format!("speed = \"fast\"\n{good}"), "speed"),
        ("no TOML", format!("= {good}"), "douane.toml"),
        ("a newer schema", good.replace("schema = 1", "schema = 9"), "schema"),
        ("an upstream in the clear", good.replace("http://127.0.0.1", "http://model.example"), "https"),
        ("an upstream nobody named", good.replace("id = \"practice\"", "id = \"other\""), "practice"),
        ("an address without port", good.replace(&gateway.to_string(), "127.0.0.1"), "listen"),
    ] {
        assert_ne!(bad, good, "{what}");
        std::fs::write(&path, bad).unwrap();
        let said = fails_to_start(&server.dir());
        assert!(said.contains(part), "{what}: {said}");
    }
    std::fs::write(&path, good).unwrap();
    server.restart();
    is_well(&server);
}

#[test]
fn a_directory_is_never_begun_twice_nor_assumed() {
    let server = Server::builder().start();
    let key = std::fs::read(server.dir().join("secrets/log.key")).unwrap();
    assert!(server.douane_err(&["init"]).contains("nothing was changed"));
    assert_eq!(std::fs::read(server.dir().join("secrets/log.key")).unwrap(), key);
    let said = fails_to_start(&server.home().join("nowhere"));
    assert!(said.contains("douane init"), "{said}");
    assert!(!server.home().join("nowhere").exists());
}

/// A stranger's log key would sign what this log's readers cannot check.
#[test]
fn another_log_key_is_refused() {
    let mut server = Server::june("2026-06-12T18:00:00-04:00").start();
    server.stop();
    let other = server.home().join("other");
    server.douane_json(&["init", &other.display().to_string()]);
    let path = server.dir().join("secrets/log.key");
    let own = std::fs::read(&path).unwrap();
    std::fs::write(&path, std::fs::read(other.join("secrets/log.key")).unwrap()).unwrap();
    let said = fails_to_start(&server.dir());
    assert!(said.contains("key"), "{said}");
    std::fs::write(&path, own).unwrap();
    server.restart();
    is_well(&server);
}
