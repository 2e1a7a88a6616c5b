//! What it costs the gateway to know its caller, from the head of a request to the facts it is decided on: no sockets, no
//! body, no decision. Targets: cold token 80 us, proof per request 45 us, warm token 1 us.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails where it cannot go on")]

use divan::{Bencher, black_box};
use http::request::Parts;
use serde_json::json;
use server::identity::resolve;
use std::cell::Cell;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use tokio::runtime::Runtime;

#[path = "../tests/identity/issuer.rs"]
#[allow(dead_code, reason = "made for the tests")]
mod issuer;
#[path = "../tests/rig/mod.rs"]
mod rig;
#[path = "../tests/identity/stage.rs"]
#[allow(dead_code, reason = "made for the tests")]
mod stage;

use stage::Stage;

const URL: &str = "https://gate.test/v1/chat/completions";

fn main() {
    divan::main();
}

struct Bench {
    _runtime: Runtime,
    stage: Stage,
}

fn bench() -> Bench {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let stage = runtime.block_on(Stage::start());
    Bench { _runtime: runtime, stage }
}

fn head(lines: &[(&str, &str)]) -> Parts {
    let lines = lines.iter().fold(http::Request::post("/v1/chat/completions"), |request, (name, value)| {
        request.header(*name, *value)
    });
    lines.body(()).unwrap().into_parts().0
}

impl Bench {
    /// Nothing has to be waited for where all keys are at hand.
    fn resolve(&self, parts: &Parts) {
        let resolved = pin!(resolve(&self.stage.rig.house, parts));
        match resolved.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(known) => drop(black_box(known.unwrap())),
            Poll::Pending => panic!("something was waited for"),
        }
    }

    fn bearing(&self) -> Parts {
        let token = self.stage.idp.access("US", |_, _| {});
        head(&[("authorization", &format!("Bearer {token}"))])
    }

    fn bound(&self) -> String {
        let jkt = self.stage.holder.jkt();
        self.stage.idp.access("US", |_, payload| payload["cnf"] = json!({"jkt": jkt}))
    }

    fn proving(&self, token: &str) -> Parts {
        let proof = self.stage.holder.proof(URL, Some(token), |_| {});
        head(&[("authorization", &format!("DPoP {token}")), ("dpop", &proof)])
    }
}

/// An API key alone, for comparison.
#[divan::bench]
fn api_key(bencher: Bencher<'_, '_>) {
    let bench = bench();
    let parts = head(&[("x-api-key", &bench.stage.rig.citizen)]);
    bencher.bench_local(|| bench.resolve(&parts));
}

/// A bearer token never seen before.
#[divan::bench]
fn cold(bencher: Bencher<'_, '_>) {
    let bench = bench();
    bencher.with_inputs(|| bench.bearing()).bench_local_refs(|parts| bench.resolve(parts));
}

/// A bound token never seen before, with its proof.
#[divan::bench]
fn cold_with_dpop(bencher: Bencher<'_, '_>) {
    let bench = bench();
    bencher.with_inputs(|| bench.proving(&bench.bound())).bench_local_refs(|parts| bench.resolve(parts));
}

/// A bearer token with a session: every further request.
#[divan::bench]
fn session(bencher: Bencher<'_, '_>) {
    let bench = bench();
    let parts = bench.bearing();
    bench.resolve(&parts);
    bencher.bench_local(|| bench.resolve(&parts));
}

/// A bound token with a session, and a new proof: every further request.
#[divan::bench]
fn session_with_dpop(bencher: Bencher<'_, '_>) {
    let bench = bench();
    let token = bench.bound();
    bench.resolve(&bench.proving(&token));
    bencher.with_inputs(|| bench.proving(&token)).bench_local_refs(|parts| bench.resolve(parts));
}

/// An organisation's assertion beside its shared key: each is used once.
#[divan::bench]
fn assertion(bencher: Bencher<'_, '_>) {
    let (bench, next) = (bench(), Cell::new(0));
    let parts = || {
        let person = format!("c{}", next.replace(next.get() + 1) % 100);
        let assertion = bench.stage.hr.assertion(&person, json!({"us_person": true}), |_, _| {});
        head(&[("x-api-key", &bench.stage.shared), ("douane-end-user", &assertion)])
    };
    bencher.with_inputs(parts).bench_local_refs(|parts| bench.resolve(parts));
}
