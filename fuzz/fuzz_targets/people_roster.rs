#![no_main]

#[path = "../targets/people_roster.rs"]
mod body;

libfuzzer_sys::fuzz_target!(|data: &[u8]| body::run(data));
