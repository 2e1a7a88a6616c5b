//! Certificates in PEM (RFC 7468).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";

/// The certificates of a PEM text, DER each. None when a block is broken or there is none.
pub fn certificates(text: &str) -> Option<Vec<Vec<u8>>> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once(BEGIN) {
        let (body, after) = after.split_once(END)?;
        let body: String = body.split_ascii_whitespace().collect();
        found.push(STANDARD.decode(body).ok()?);
        rest = after;
    }
    (!found.is_empty()).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_read_in_order_and_broken_ones_refused() {
        let block = |body: &str| format!("{BEGIN}\n{body}\n{END}\n");
        assert_eq!(certificates(&(block("AQI=") + &block("Aw\n=="))), Some(vec![vec![1, 2], vec![3]]));
        for bad in [String::new(), "AQI=".to_owned(), block("AQ"), format!("{BEGIN}\nAQI=\n")] {
            assert_eq!(certificates(&bad), None, "{bad}");
        }
    }
}
