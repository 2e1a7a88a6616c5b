//! Checkpoints (c2sp.org/tlog-checkpoint): origin, size and root of a log in a signed note.

use crate::hash::Digest32;
use crate::note::{Note, NoteError, SigningKey, VerifierKey};

/// The state of a log that its key vouches for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Identity of the log; the name of its key.
    pub origin: String,
    /// Number of leaves.
    pub size: u64,
    /// Root hash of those leaves.
    pub root: Digest32,
}

/// Why a checkpoint was not accepted or not signed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// The note itself is at fault.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// The text is not a checkpoint in its one spelling.
    #[error("this is not a checkpoint ({0}); it was cut or altered, fetch it again")]
    Form(&'static str),
    /// The checkpoint speaks for another log.
    #[error("the checkpoint is of the log {found}, the key is of {expected}; use the key of that log")]
    Origin {
        /// Name of the key.
        expected: String,
        /// Origin line.
        found: String,
    },
    /// Signing would contradict what was signed before.
    #[error(
        "refused to sign size {size} after size {signed}: a log only grows; restore the newest copy of it"
    )]
    Regression {
        /// Size signed last.
        signed: u64,
        /// Size that was to be signed.
        size: u64,
    },
    /// Somebody else signed in the meantime.
    #[error("the last signed checkpoint is not the one expected; stop the other process that uses this log")]
    Raced,
}

impl Checkpoint {
    /// The three lines that are signed.
    #[must_use]
    pub fn to_text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, self.root.to_base64())
    }

    /// Reads the text of a checkpoint. Extension lines are refused: no log of ours writes any, and nothing audits them.
    ///
    /// # Errors
    /// [`CheckpointError::Form`] for any other spelling.
    pub fn parse(text: &str) -> Result<Self, CheckpointError> {
        let form = CheckpointError::Form;
        let body = text.strip_suffix('\n').ok_or(form("it does not end in a newline"))?;
        let mut lines = body.split('\n');
        let (origin, size, root) = match (lines.next(), lines.next(), lines.next(), lines.next()) {
            (Some(origin), Some(size), Some(root), None) if !origin.is_empty() => (origin, size, root),
            _ => return Err(form("it does not have exactly three lines")),
        };
        let size = decimal(size).ok_or(form("its size is not a plain number"))?;
        let root = Digest32::from_base64(root).map_err(|_| form("its root is not a hash"))?;
        Ok(Self { origin: origin.to_owned(), size, root })
    }

    /// Opens a signed checkpoint: signature, form and origin.
    ///
    /// # Errors
    /// [`CheckpointError`] unless `key` signed it and names its origin.
    pub fn open(note: &str, key: &VerifierKey) -> Result<Self, CheckpointError> {
        let checkpoint = Self::parse(Note::parse(note)?.verified_by(key)?)?;
        if checkpoint.origin != key.name() {
            return Err(CheckpointError::Origin {
                expected: key.name().to_owned(),
                found: checkpoint.origin,
            });
        }
        Ok(checkpoint)
    }
}

/// Reads an ASCII decimal without sign or leading zeroes.
pub(crate) fn decimal(text: &str) -> Option<u64> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    if plain { text.parse().ok() } else { None }
}

/// The only holder of a log's key. Remembers what it signed and never contradicts it.
#[derive(Debug)]
pub struct Signer {
    key: SigningKey,
    last: Option<Checkpoint>,
}

impl Signer {
    /// A signer that continues after `last`, the newest checkpoint ever signed with this key, if there is one.
    #[must_use]
    pub fn new(key: SigningKey, last: Option<Checkpoint>) -> Self {
        Self { key, last }
    }

    /// The public half of the key.
    #[must_use]
    pub fn verifier(&self) -> &VerifierKey {
        self.key.verifier()
    }

    /// The checkpoint signed last.
    #[must_use]
    pub fn last(&self) -> Option<&Checkpoint> {
        self.last.as_ref()
    }

    /// Signs a size and root, provided that `expected` is still the checkpoint signed last (compare and swap).
    ///
    /// That the new tree extends the old one is for the caller to know: it holds the frontier.
    ///
    /// # Errors
    /// [`CheckpointError::Raced`], or [`CheckpointError::Regression`] for a smaller tree or another root of the same size.
    pub fn sign(
        &mut self,
        expected: Option<&Checkpoint>,
        size: u64,
        root: Digest32,
    ) -> Result<(Checkpoint, String), CheckpointError> {
        if self.last.as_ref() != expected {
            return Err(CheckpointError::Raced);
        }
        if let Some(last) = &self.last
            && (size < last.size || (size == last.size && root != last.root))
        {
            return Err(CheckpointError::Regression { signed: last.size, size });
        }
        let next = Checkpoint { origin: self.verifier().name().to_owned(), size, root };
        let note = self.key.sign(&next.to_text())?;
        self.last = Some(next.clone());
        Ok((next, note))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signer() -> Signer {
        Signer::new(SigningKey::from_seed("log.example/one", &[3; 32]).unwrap(), None)
    }

    #[test]
    fn a_signed_checkpoint_opens_with_its_key_alone() {
        let mut signer = signer();
        let (made, note) = signer.sign(None, 7, Digest32::of(b"root")).unwrap();
        assert_eq!(Checkpoint::open(&note, signer.verifier()), Ok(made));
        let other = SigningKey::from_seed("log.example/one", &[4; 32]).unwrap();
        assert!(matches!(Checkpoint::open(&note, other.verifier()), Err(CheckpointError::Note(_))));
    }

    #[test]
    fn the_example_of_the_specification_reads() {
        let text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
        let read = Checkpoint::parse(text).unwrap();
        assert_eq!((read.size, read.origin.as_str()), (20_852_163, "example.com/behind-the-sofa"));
        assert_eq!(read.to_text(), text);
    }

    #[test]
    fn other_spellings_are_refused() {
        let root = Digest32::of(b"root").to_base64();
        for (text, why) in [
            (format!("log\n7\n{root}"), "no final newline"),
            (format!("log\n07\n{root}\n"), "leading zero"),
            (format!("log\n+7\n{root}\n"), "sign"),
            (format!("log\n\n{root}\n"), "no size"),
            (format!("log\n18446744073709551616\n{root}\n"), "too large"),
            (format!("\n7\n{root}\n"), "no origin"),
            (format!("log\n7\n{root}\nextension\n"), "extension line"),
            (format!("log\n7\n{}\n", &root[..40]), "short root"),
            (format!("log\n7 \n{root}\n"), "space"),
        ] {
            assert!(Checkpoint::parse(&text).is_err(), "accepted: {why}");
        }
    }

    #[test]
    fn the_origin_must_be_the_name_of_the_key() {
        let key = SigningKey::from_seed("log.example/one", &[3; 32]).unwrap();
        let foreign = Checkpoint { origin: "log.example/two".into(), size: 1, root: Digest32::of(b"r") };
        let note = key.sign(&foreign.to_text()).unwrap();
        assert!(matches!(Checkpoint::open(&note, key.verifier()), Err(CheckpointError::Origin { .. })));
    }

    #[test]
    fn the_signer_never_goes_back() {
        let mut signer = signer();
        let (first, note) = signer.sign(None, 7, Digest32::of(b"root")).unwrap();
        assert_eq!(signer.sign(None, 8, Digest32::of(b"more")), Err(CheckpointError::Raced));
        let back = signer.sign(Some(&first), 6, Digest32::of(b"less"));
        assert_eq!(back, Err(CheckpointError::Regression { signed: 7, size: 6 }));
        let fork = signer.sign(Some(&first), 7, Digest32::of(b"fork"));
        assert_eq!(fork, Err(CheckpointError::Regression { signed: 7, size: 7 }));
        assert_eq!(signer.sign(Some(&first), 7, first.root), Ok((first.clone(), note)));
        assert!(signer.sign(Some(&first), 8, Digest32::of(b"more")).is_ok());
    }
}
