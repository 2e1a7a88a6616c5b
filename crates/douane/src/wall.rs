//! The one place where the wall clock is read.

use terms::Instant;

/// The machine's time.
#[expect(
    clippy::disallowed_methods,
    reason = "the binary reads the wall clock and hands it down (invariant 1)"
)]
pub fn now() -> Instant {
    Instant::from_micros(jiff::Timestamp::now().as_microsecond())
}
