#![no_main]

#[path = "../targets/answer_read.rs"]
mod body;

libfuzzer_sys::fuzz_target!(|data: &[u8]| body::run(data));
