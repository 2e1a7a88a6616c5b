#![no_main]

#[path = "../targets/people_mdoc.rs"]
mod body;
#[path = "../targets/open_vectors.rs"]
mod open_vectors;

libfuzzer_sys::fuzz_target!(|data: &[u8]| body::run(data));
