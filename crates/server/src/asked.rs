//! What the log's commitment to a request opens to: route, digest of the body, and the circumstances of the verdict.
//!
//! Form: the path, a line feed, the 32 bytes of SHA-256 over the body, a line feed, the circumstances as JSON. Decisions
//! recorded before the circumstances were kept end after the digest.

use serde::{Deserialize, Serialize};
use terms::{Activity, Attested, Country, EndUse, Request};

/// Length of SHA-256, bytes.
const DIGEST: usize = 32;

/// What a verdict depends on besides law, person, model and instant.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Circumstances {
    /// From the route.
    pub activity: Activity,
    /// With what supports it.
    pub end_use: Attested<EndUse>,
    /// Where the model was served.
    pub served_from: Country,
    /// How far the clock could be wrong, microseconds.
    pub uncertainty_us: i64,
    /// Whether facts came with the request too: a token, an assertion, the place of an address. They are in the log's
    /// openings and nowhere on file. (Older entries do not say it, and had none.)
    #[serde(default)]
    pub brought: bool,
}

impl Circumstances {
    /// Those of a request decided by a clock with this uncertainty, and whether facts came with it.
    pub fn of(request: &Request, uncertainty_us: i64, brought: bool) -> Self {
        let Request { activity, end_use, served_from, .. } = *request;
        Self { activity, end_use, served_from, uncertainty_us, brought }
    }
}

/// The bytes that are committed to.
pub(crate) fn write(path: &str, body_sha256: &[u8; DIGEST], circumstances: &Circumstances) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(path.len() + DIGEST + 160);
    bytes.extend(path.as_bytes());
    bytes.push(b'\n');
    bytes.extend(body_sha256);
    bytes.push(b'\n');
    // Writing plain values to memory has no failing case; a shortened record would read as one of the older form.
    let _ = serde_json::to_writer(&mut bytes, circumstances);
    bytes
}

/// Reads the circumstances back: `Some(None)` in the older form without them, `None` when the bytes have neither form.
pub(crate) fn read(bytes: &[u8]) -> Option<Option<Circumstances>> {
    let path = bytes.iter().position(|byte| *byte == b'\n')?;
    match bytes.get(path + 1 + DIGEST..)? {
        [] => Some(None),
        [b'\n', json @ ..] => serde_json::from_slice(json).ok().map(Some),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use terms::Level;

    #[test]
    fn circumstances_read_back_and_the_older_form_has_none() {
        let circumstances = Circumstances {
            activity: Activity::HostedInference,
            end_use: Attested::new(EndUse::Civil, Level::Employer),
            served_from: Country::US,
            uncertainty_us: 50_000,
            brought: true,
        };
        // A digest may hold the byte of a line feed.
        let bytes = write("/v1/messages", &[b'\n'; 32], &circumstances);
        assert_eq!(read(&bytes), Some(Some(circumstances)));
        assert_eq!(read(&bytes[..12 + 1 + 32]), Some(None));
        let older = br#"{"activity":"hosted_inference","end_use":{"value":"civil","level":"employer"},"served_from":"US","uncertainty_us":50000}"#;
        let older = [&bytes[..=45], older].concat();
        assert_eq!(read(&older), Some(Some(Circumstances { brought: false, ..circumstances })));
        for cut in (0..bytes.len()).filter(|cut| *cut != 45) {
            assert_eq!(read(&bytes[..cut]), None, "{cut}");
        }
    }
}
