//! douane
fn main() {}
