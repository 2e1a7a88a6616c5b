//! What a verifier needs from outside, as a small trait: this crate does no I/O.

/// Answers from caches that the caller of this crate keeps filled.
pub trait Outside {
    /// The status list token (compact JWS, `statuslist+jwt`) last fetched from `uri`; none when there is none at hand.
    /// What is returned is verified anew each time it is used.
    fn status_list(&self, uri: &str) -> Option<&str>;
}

/// Nothing at hand: each credential with a status is refused with [`crate::Refusal::StatusUnavailable`].
#[derive(Clone, Copy, Debug, Default)]
pub struct NothingOutside;

impl Outside for NothingOutside {
    fn status_list(&self, _: &str) -> Option<&str> {
        None
    }
}
