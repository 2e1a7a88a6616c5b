//! Signed notes (c2sp.org/signed-note v1.0.0): a text, a blank line, signature lines. Ed25519, type 0x01.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, Signer as _, VerifyingKey};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::limits;

/// Signature type identifier of plain Ed25519.
const ED25519: u8 = 0x01;
const SIGNATURE_LINE: &str = "\u{2014} ";
const PRIVATE: &str = "PRIVATE+KEY+";

/// Why a note, key or signature was not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// The bytes are not a signed note.
    #[error("this is not a signed note ({0}); the file was cut or altered, fetch it again")]
    Form(&'static str),
    /// The text is not a key.
    #[error("this is not a key ({0}); compare it with the key its owner published")]
    Key(&'static str),
    /// No signature line names this key.
    #[error("the note is not signed by {name}; check that the key belongs to this log")]
    NotSigned {
        /// Name of the key looked for.
        name: String,
    },
    /// A signature line names this key and is false.
    #[error("the signature of {name} does not fit the text; the note was altered after signing")]
    False {
        /// Name of the key.
        name: String,
    },
}

/// A public key with its name: `name+hash+base64(0x01 || key)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    id: [u8; 4],
    key: VerifyingKey,
}

impl VerifierKey {
    /// Name of the key, which for a log is its origin.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    fn new(name: &str, key: VerifyingKey) -> Result<Self, NoteError> {
        check_name(name)?;
        let hash = Sha256::new_with_prefix(name).chain_update([b'\n', ED25519]).chain_update(key.as_bytes());
        let hash: [u8; 32] = hash.finalize().into();
        let id = hash.first_chunk().copied().ok_or(NoteError::Key("no id"))?;
        Ok(Self { name: name.to_owned(), id, key })
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}+{}+{}", self.name, hex::encode(self.id), typed(self.key.as_bytes()).as_str())
    }
}

impl FromStr for VerifierKey {
    type Err = NoteError;

    fn from_str(text: &str) -> Result<Self, NoteError> {
        let (name, id, bytes) = key_parts(text)?;
        let key = VerifyingKey::from_bytes(&bytes).map_err(|_| NoteError::Key("no point of the curve"))?;
        let made = Self::new(name, key)?;
        if hex::encode(made.id) == id { Ok(made) } else { Err(NoteError::Key("its hash does not fit")) }
    }
}

/// A private key with its name. Never shown; its text form is for the key file only.
pub struct SigningKey {
    key: ed25519_dalek::SigningKey,
    public: VerifierKey,
}

impl SigningKey {
    /// A key from 32 bytes that the caller took from the operating system's random source.
    ///
    /// # Errors
    /// [`NoteError::Key`] when the name is empty or holds a space, a plus or a control character.
    pub fn from_seed(name: &str, seed: &[u8; 32]) -> Result<Self, NoteError> {
        let key = ed25519_dalek::SigningKey::from_bytes(seed);
        let public = VerifierKey::new(name, key.verifying_key())?;
        Ok(Self { key, public })
    }

    /// The public half.
    #[must_use]
    pub fn verifier(&self) -> &VerifierKey {
        &self.public
    }

    /// Text of the key file, `PRIVATE+KEY+name+hash+base64(0x01 || seed)` as Go's `note` package writes it.
    #[must_use]
    pub fn to_text(&self) -> Zeroizing<String> {
        let seed = Zeroizing::new(self.key.to_bytes());
        let seed = typed(&seed);
        Zeroizing::new(format!("{PRIVATE}{}+{}+{}", self.public.name, hex::encode(self.public.id), *seed))
    }

    /// Reads what [`Self::to_text`] writes.
    ///
    /// # Errors
    /// [`NoteError::Key`] for anything else. The error never repeats the text.
    pub fn from_text(text: &str) -> Result<Self, NoteError> {
        let rest = text.strip_prefix(PRIVATE).ok_or(NoteError::Key("no private key"))?;
        let (name, id, seed) = key_parts(rest)?;
        let key = Self::from_seed(name, &seed)?;
        if hex::encode(key.public.id) == id { Ok(key) } else { Err(NoteError::Key("its hash does not fit")) }
    }

    /// Signs a text, which must end in a newline, and gives the whole note.
    ///
    /// # Errors
    /// [`NoteError::Form`] when the text cannot be the text of a note.
    pub fn sign(&self, text: &str) -> Result<String, NoteError> {
        check_text(text)?;
        let mut line = self.public.id.to_vec();
        line.extend(self.key.sign(text.as_bytes()).to_bytes());
        Ok(format!("{text}\n{SIGNATURE_LINE}{} {}\n", self.public.name, STANDARD.encode(line)))
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({}, hidden)", self.public.name)
    }
}

/// A note taken apart, not yet verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note<'a> {
    text: &'a str,
    signatures: Vec<Line<'a>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Line<'a> {
    name: &'a str,
    id: [u8; 4],
    signature: Vec<u8>,
}

impl<'a> Note<'a> {
    /// Takes a note apart.
    ///
    /// # Errors
    /// [`NoteError::Form`] unless it is a well-formed note within the limits.
    pub fn parse(note: &'a str) -> Result<Self, NoteError> {
        if note.len() > limits::NOTE_BYTES {
            return Err(NoteError::Form("it is too long"));
        }
        let (body, lines) = note.rsplit_once("\n\n").ok_or(NoteError::Form("it has no blank line"))?;
        // The text keeps its own final newline, which is the first of the two.
        let text = note.get(..body.len().saturating_add(1)).ok_or(NoteError::Form("it has no text"))?;
        check_text(text)?;
        let lines = lines.strip_suffix('\n').ok_or(NoteError::Form("it does not end in a newline"))?;
        let signatures: Vec<_> = lines.split('\n').map(Line::parse).collect::<Result<_, _>>()?;
        if signatures.len() > limits::NOTE_SIGNATURES {
            return Err(NoteError::Form("it has too many signatures"));
        }
        Ok(Self { text, signatures })
    }

    /// The text, if this key signed it and no signature in its name is false.
    ///
    /// # Errors
    /// [`NoteError::NotSigned`] or [`NoteError::False`].
    pub fn verified_by(&self, key: &VerifierKey) -> Result<&'a str, NoteError> {
        let mut own =
            self.signatures.iter().filter(|line| line.name == key.name && line.id == key.id).peekable();
        if own.peek().is_none() {
            return Err(NoteError::NotSigned { name: key.name.clone() });
        }
        let fits = |line: &Line<'_>| {
            Signature::from_slice(&line.signature)
                .is_ok_and(|signature| key.key.verify_strict(self.text.as_bytes(), &signature).is_ok())
        };
        if own.all(fits) { Ok(self.text) } else { Err(NoteError::False { name: key.name.clone() }) }
    }
}

impl<'a> Line<'a> {
    fn parse(line: &'a str) -> Result<Self, NoteError> {
        let form = NoteError::Form("a signature line is malformed");
        let rest = line.strip_prefix(SIGNATURE_LINE).ok_or(form.clone())?;
        let (name, encoded) = rest.split_once(' ').ok_or(form.clone())?;
        check_name(name).map_err(|_| form.clone())?;
        let bytes = STANDARD.decode(encoded).map_err(|_| form.clone())?;
        let (id, signature) = bytes.split_first_chunk::<4>().ok_or(form.clone())?;
        if signature.is_empty() {
            return Err(form);
        }
        Ok(Self { name, id: *id, signature: signature.to_vec() })
    }
}

/// Key names are non-empty and free of spaces, pluses and control characters.
fn check_name(name: &str) -> Result<(), NoteError> {
    if name.is_empty() || name.chars().any(|c| c.is_whitespace() || c.is_control() || c == '+') {
        return Err(NoteError::Key("its name is empty or holds a space, plus or control character"));
    }
    Ok(())
}

/// Texts end in a newline and hold no other ASCII control character.
fn check_text(text: &str) -> Result<(), NoteError> {
    if !text.ends_with('\n') {
        return Err(NoteError::Form("its text does not end in a newline"));
    }
    if text.chars().any(|c| c < ' ' && c != '\n') {
        return Err(NoteError::Form("its text holds control characters"));
    }
    Ok(())
}

fn typed(key: &[u8; 32]) -> Zeroizing<String> {
    let mut bytes = Zeroizing::new(vec![ED25519]);
    bytes.extend_from_slice(key);
    Zeroizing::new(STANDARD.encode(&*bytes))
}

/// Splits `name+hash+base64(0x01 || 32 bytes)`.
fn key_parts(text: &str) -> Result<(&str, &str, Zeroizing<[u8; 32]>), NoteError> {
    let form = NoteError::Key("it is not name+hash+base64");
    let (name, rest) = text.split_once('+').ok_or(form.clone())?;
    let (id, encoded) = rest.split_once('+').ok_or(form.clone())?;
    let bytes = Zeroizing::new(STANDARD.decode(encoded).map_err(|_| form.clone())?);
    match bytes.split_first() {
        Some((&ED25519, key)) => {
            let key = key.try_into().map_err(|_| NoteError::Key("an Ed25519 key has 32 bytes"))?;
            Ok((name, id, Zeroizing::new(key)))
        }
        Some(_) => Err(NoteError::Key("only Ed25519, type 1, is known here")),
        None => Err(form),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SPEC_KEY: &str = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
    const SPEC_NOTE: &str = "This is an example message.\n\n\u{2014} example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";

    fn key(name: &str) -> SigningKey {
        SigningKey::from_seed(name, &[5; 32]).unwrap()
    }

    #[test]
    fn the_example_of_the_specification_verifies() {
        let key: VerifierKey = SPEC_KEY.parse().unwrap();
        assert_eq!(Note::parse(SPEC_NOTE).unwrap().verified_by(&key), Ok("This is an example message.\n"));
        assert_eq!(key.to_string(), SPEC_KEY);
    }

    #[test]
    fn every_single_altered_byte_is_refused() {
        let verifier: VerifierKey = SPEC_KEY.parse().unwrap();
        for at in 0..SPEC_NOTE.len() {
            let mut bytes = SPEC_NOTE.as_bytes().to_vec();
            bytes[at] ^= 1;
            let Ok(text) = String::from_utf8(bytes) else { continue };
            let verified = Note::parse(&text).is_ok_and(|note| note.verified_by(&verifier).is_ok());
            assert!(!verified, "byte {at} altered, still verified");
        }
    }

    #[test]
    fn signatures_of_strangers_are_ignored_and_a_false_own_one_is_fatal() {
        let ours = key("log.example/one");
        let theirs = SigningKey::from_seed("witness.example", &[6; 32]).unwrap();
        let note = ours.sign("text\n").unwrap();
        let foreign = theirs.sign("text\n").unwrap();
        let both = format!("{note}{}", foreign.rsplit_once("\n\n").unwrap().1);
        assert_eq!(Note::parse(&both).unwrap().verified_by(ours.verifier()), Ok("text\n"));
        assert_eq!(Note::parse(&both).unwrap().verified_by(theirs.verifier()), Ok("text\n"));

        let other = ours.sign("other\n").unwrap();
        let mixed = format!("{note}{}", other.rsplit_once("\n\n").unwrap().1);
        let refused = Note::parse(&mixed).unwrap().verified_by(ours.verifier());
        assert_eq!(refused, Err(NoteError::False { name: "log.example/one".into() }));
        let absent = Note::parse(&foreign).unwrap().verified_by(ours.verifier());
        assert_eq!(absent, Err(NoteError::NotSigned { name: "log.example/one".into() }));
    }

    #[test]
    fn keys_round_trip_and_hide() {
        let made = key("log.example/one");
        let read = SigningKey::from_text(&made.to_text()).unwrap();
        assert_eq!(read.verifier(), made.verifier());
        assert_eq!(made.verifier().to_string().parse().as_ref(), Ok(made.verifier()));
        assert!(!format!("{made:?}").contains(made.to_text().rsplit_once('+').unwrap().1));
        for bad in ["", "a b", "a+b", "a\nb", "a\u{2003}b"] {
            assert!(SigningKey::from_seed(bad, &[1; 32]).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_key_whose_hash_belongs_to_another_name_is_refused() {
        let renamed = SPEC_KEY.replace("/foo", "/bar");
        assert_eq!(renamed.parse::<VerifierKey>(), Err(NoteError::Key("its hash does not fit")));
    }

    proptest! {
        #[test]
        fn texts_round_trip(text in "([^\\x00-\\x1f]{0,20}\n){1,4}") {
            let key = key("log.example/one");
            let note = key.sign(&text).unwrap();
            prop_assert_eq!(Note::parse(&note).unwrap().verified_by(key.verifier()), Ok(text.as_str()));
        }

        #[test]
        fn any_input_is_answered(text in "\\PC*(\n|\u{2014} a |\\PC){0,30}") {
            if let Ok(note) = Note::parse(&text) {
                prop_assert!(note.verified_by(&SPEC_KEY.parse().unwrap()).is_err());
            }
        }
    }
}
