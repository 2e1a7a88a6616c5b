#![no_main]

#[path = "../targets/sse_split.rs"]
mod body;

libfuzzer_sys::fuzz_target!(|data: &[u8]| body::run(data));
