//! Receipts: offline-verifiable proofs in the text form of `c2sp.org/tlog-proof@v1`.
//!
//! The `extra` line carries the leaf itself, so that a receipt and the log's key are all that is needed. It is not
//! authenticated by itself: the proof over its hash is what makes it true.

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::checkpoint::decimal;
use crate::hash::Digest32;
use crate::limits;

const FIRST_LINE: &str = "c2sp.org/tlog-proof@v1";

/// A proof taken apart, not yet verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The leaf's bytes (absent in proofs of other makers).
    pub extra: Option<Vec<u8>>,
    /// Zero-based index of the leaf.
    pub index: u64,
    /// Inclusion proof, lowest sibling first.
    pub path: Vec<Digest32>,
    /// The signed checkpoint, verbatim.
    pub checkpoint: String,
}

/// The text is not a proof in the form of `c2sp.org/tlog-proof@v1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not a receipt ({0}); it was cut or altered, fetch it again")]
pub struct ReceiptError(&'static str);

impl Receipt {
    /// The text of the receipt, to be stored as `.tlog-proof`.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = format!("{FIRST_LINE}\n");
        if let Some(extra) = &self.extra {
            text.push_str("extra ");
            STANDARD.encode_string(extra, &mut text);
            text.push('\n');
        }
        // Writing to a string cannot fail.
        let _ = writeln!(text, "index {}", self.index);
        for hash in &self.path {
            text.push_str(&hash.to_base64());
            text.push('\n');
        }
        text.push('\n');
        text.push_str(&self.checkpoint);
        text
    }

    /// Takes a receipt apart.
    ///
    /// # Errors
    /// [`ReceiptError`] for any other spelling.
    pub fn parse(text: &str) -> Result<Self, ReceiptError> {
        if text.len() > limits::RECEIPT_BYTES {
            return Err(ReceiptError("it is too long"));
        }
        let (proof, checkpoint) = text.split_once("\n\n").ok_or(ReceiptError("it holds no checkpoint"))?;
        let mut lines = proof.split('\n').peekable();
        if lines.next() != Some(FIRST_LINE) {
            return Err(ReceiptError("its first line is not c2sp.org/tlog-proof@v1"));
        }
        let extra = lines.next_if(|line| line.starts_with("extra ")).map(parse_extra).transpose()?;
        let index = lines.next().and_then(|line| line.strip_prefix("index ")).and_then(decimal);
        let index = index.ok_or(ReceiptError("its index is not a plain number"))?;
        let path: Vec<_> =
            lines.take(limits::PROOF_HASHES.saturating_add(1)).map(parse_hash).collect::<Result<_, _>>()?;
        if path.len() > limits::PROOF_HASHES {
            return Err(ReceiptError("it has too many hashes"));
        }
        Ok(Self { extra, index, path, checkpoint: checkpoint.to_owned() })
    }
}

fn parse_extra(line: &str) -> Result<Vec<u8>, ReceiptError> {
    let encoded = line.strip_prefix("extra ").unwrap_or(line);
    STANDARD.decode(encoded).map_err(|_| ReceiptError("its extra line is not base64"))
}

fn parse_hash(line: &str) -> Result<Digest32, ReceiptError> {
    Digest32::from_base64(line).map_err(|_| ReceiptError("one of its hashes is malformed"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn receipts_round_trip(
            extra in proptest::option::of(proptest::collection::vec(any::<u8>(), 0..60)),
            index: u64,
            path in proptest::collection::vec(any::<[u8; 32]>().prop_map(Digest32), 0..64),
        ) {
            let made = Receipt { extra, index, path, checkpoint: "log\n1\nroot\n\nsignature\n".into() };
            prop_assert_eq!(Receipt::parse(&made.to_text()), Ok(made));
        }

        #[test]
        fn any_input_is_answered(text in "(c2sp.org/tlog-proof@v1|extra |index |[0-9]|\n|\\PC){0,12}") {
            if let Ok(read) = Receipt::parse(&text) {
                prop_assert_eq!(read.to_text(), text);
            }
        }
    }

    #[test]
    fn other_spellings_are_refused() {
        let good = Receipt {
            extra: Some(b"leaf".to_vec()),
            index: 3,
            path: vec![Digest32::of(b"x")],
            checkpoint: "c\n".into(),
        };
        let text = good.to_text();
        assert_eq!(Receipt::parse(&text), Ok(good));
        for (from, to) in [
            ("@v1", "@v2"),
            ("index 3", "index 03"),
            ("index 3", "index -3"),
            ("index 3", "Index 3"),
            ("extra ", "extra"),
            ("\n\n", "\n"),
        ] {
            assert!(Receipt::parse(&text.replacen(from, to, 1)).is_err(), "{from:?} -> {to:?} accepted");
        }
    }
}
