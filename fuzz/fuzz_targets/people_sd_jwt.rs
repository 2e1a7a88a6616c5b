#![no_main]

#[path = "../targets/people_sd_jwt.rs"]
mod body;
#[path = "../../crates/people/src/x509/samples.rs"]
#[allow(dead_code, reason = "made for the tests of a crate")]
mod certificates;
#[path = "../targets/issuer.rs"]
#[allow(dead_code, reason = "each target takes what it needs")]
mod issuer;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    body::run(data);
});
