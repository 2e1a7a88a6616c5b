//! Bad input at every door: a clear answer each time, nothing served that should not be, and the next good request
//! served as if nothing had happened.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "bad_input/law.rs"]
mod law;
#[path = "bad_input/requests.rs"]
mod requests;
#[path = "bad_input/starts.rs"]
mod starts;

use serde_json::Value;
use system_tests::http::{Answer, Request};
use system_tests::{Server, Upstream};

/// A server whose upstream counts what reaches it.
struct Scene {
    upstream: Upstream,
    server: Server,
}

impl Scene {
    fn new() -> Self {
        let upstream = Upstream::start();
        let server = Server::june("2026-06-12T18:00:00-04:00").upstream(upstream.address()).start();
        Self { upstream, server }
    }

    /// A refused answer with this status and code; nothing reached the upstream, and a good request is served after it.
    #[track_caller]
    fn refuses(&self, what: &str, answer: &Answer, status: u16, code: &str) {
        assert_eq!((answer.status, answer.code().as_str()), (status, code), "{what}: {}", answer.text());
        let body = answer.json();
        let message = body["error"]["message"].as_str().unwrap_or_default();
        assert!(message.len() > 20 && body["cure"]["text"].is_string(), "{what}: {body}");
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{what}");
        self.is_unharmed(what);
    }

    /// Nothing has reached the upstream but the good requests sent here, and one more of these is served.
    #[track_caller]
    fn is_unharmed(&self, what: &str) {
        let before = self.upstream.received();
        let strays: Vec<_> = before.iter().filter(|request| request.header("x-good").is_none()).collect();
        assert!(strays.is_empty(), "{what} reached the upstream: {strays:?}");
        let good = Request::chat("fable-5")
            .key(self.server.key("p-001"))
            .header("x-good", "1")
            .send(self.server.gateway());
        assert_eq!(good.status, 200, "after {what}: {}", good.text());
        assert_eq!(self.upstream.received().len(), before.len() + 1, "after {what}");
        let denied = Request::chat("fable-5").key(self.server.key("p-002")).send(self.server.gateway());
        assert_eq!(denied.status, 451, "after {what}");
    }
}

/// The instruments on file.
fn on_file(server: &Server) -> Vec<Value> {
    server.douane_json(&["directive", "list"]).as_array().unwrap().clone()
}
