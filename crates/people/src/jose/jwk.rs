//! Public keys as JSON (RFC 7517), and their thumbprints (RFC 7638).

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{PublicKey, decode, encode};
use crate::json::{Members, Object, Value};
use crate::refusal::Refusal;

/// Members that only private or symmetric keys have (RFC 7518, 6.2.2, 6.3.2, 6.4.1).
const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// SHA-256 over the required members of a key, in base64url: `jkt`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(transparent)]
pub struct Thumbprint(pub(crate) String);

impl Thumbprint {
    /// In base64url, as in `cnf.jkt`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A public key read from JSON.
#[derive(Clone, Debug)]
pub struct Jwk {
    key: Option<PublicKey>,
    thumbprint: Thumbprint,
}

impl Jwk {
    /// Reads a public key. A key of a kind that no accepted algorithm uses is read and verifies nothing.
    ///
    /// # Errors
    /// [`Refusal::Malformed`] when it is no key, or has a private member.
    pub fn read(value: &Value) -> Result<Self, Refusal> {
        let object = value.as_object().ok_or(INVALID)?;
        if PRIVATE.iter().any(|name| object.contains_key(*name)) {
            return Err(Refusal::Malformed("private key in public"));
        }
        match member(object, "kty")? {
            "EC" => Self::elliptic(object),
            "OKP" => Self::octet(object),
            "RSA" => Self::rsa(object),
            _ => Err(INVALID),
        }
    }

    /// The key, when an accepted algorithm uses its kind.
    pub fn key(&self) -> Option<&PublicKey> {
        self.key.as_ref()
    }

    /// The thumbprint.
    pub fn thumbprint(&self) -> &Thumbprint {
        &self.thumbprint
    }

    fn elliptic(object: &Object) -> Result<Self, Refusal> {
        let (curve, x, y) = (member(object, "crv")?, member(object, "x")?, member(object, "y")?);
        let thumbprint = thumbprint(&[("crv", curve), ("kty", "EC"), ("x", x), ("y", y)]);
        let (x, y) = (decode(x).ok_or(INVALID)?, decode(y).ok_or(INVALID)?);
        if curve != "P-256" {
            return Ok(Self { key: None, thumbprint });
        }
        if x.len() != 32 {
            return Err(INVALID);
        }
        let key = PublicKey::p256(&[&[4], x.as_slice(), y.as_slice()].concat()).ok_or(INVALID)?;
        Ok(Self { key: Some(key), thumbprint })
    }

    fn octet(object: &Object) -> Result<Self, Refusal> {
        let (curve, x) = (member(object, "crv")?, member(object, "x")?);
        let thumbprint = thumbprint(&[("crv", curve), ("kty", "OKP"), ("x", x)]);
        let x = decode(x).ok_or(INVALID)?;
        let key = (curve == "Ed25519").then(|| PublicKey::ed25519(&x).ok_or(INVALID)).transpose()?;
        Ok(Self { key, thumbprint })
    }

    fn rsa(object: &Object) -> Result<Self, Refusal> {
        let (n, e) = (member(object, "n")?, member(object, "e")?);
        let thumbprint = thumbprint(&[("e", e), ("kty", "RSA"), ("n", n)]);
        let key = PublicKey::rsa(&decode(n).ok_or(INVALID)?, &decode(e).ok_or(INVALID)?).ok_or(INVALID)?;
        Ok(Self { key: Some(key), thumbprint })
    }
}

const INVALID: Refusal = Refusal::Malformed("invalid key");

fn member<'a>(object: &'a Object, name: &'static str) -> Result<&'a str, Refusal> {
    object.text(name).ok().flatten().ok_or(INVALID)
}

/// Members in order of name, without white space. What is hashed are the texts as given; a text that would need
/// escaping is no base64url and was or will be refused.
fn thumbprint(members: &[(&str, &str)]) -> Thumbprint {
    let body =
        members.iter().map(|(name, value)| format!("\"{name}\":\"{value}\"")).collect::<Vec<_>>().join(",");
    Thumbprint(encode(&Sha256::digest(format!("{{{body}}}"))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json;

    #[track_caller]
    fn read(text: &str) -> Result<Jwk, Refusal> {
        Jwk::read(&json::parse(text.as_bytes()).unwrap())
    }

    #[test]
    fn the_thumbprint_is_that_of_rfc_8037_a_3() {
        let jwk = read(r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#)
            .unwrap();
        assert_eq!(jwk.thumbprint().as_str(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
        assert!(jwk.key().is_some());
    }

    #[test]
    fn private_symmetric_and_broken_keys_are_malformed() {
        let x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
        for text in [
            format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{x}","d":"{x}"}}"#),
            format!(r#"{{"kty":"oct","k":"{x}"}}"#),
            format!(r#"{{"kty":"EC","crv":"P-256","x":"{x}","y":"{x}"}}"#),
            r#"{"kty":"OKP","crv":"Ed25519","x":"AAAA"}"#.to_owned(),
            format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{x}="}}"#),
            r#"{"kty":"RSA","n":"AQAB","e":"AQAB"}"#.to_owned(),
            "{}".to_owned(),
            "[]".to_owned(),
        ] {
            assert_eq!(read(&text).unwrap_err().code(), "malformed", "{text}");
        }
    }

    #[test]
    fn a_key_of_another_curve_is_read_and_verifies_nothing() {
        let jwk = read(r#"{"kty":"EC","crv":"P-384","x":"AAAA","y":"AAAA"}"#).unwrap();
        assert!(jwk.key().is_none());
    }
}
