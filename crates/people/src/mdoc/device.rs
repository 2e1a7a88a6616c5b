//! The device signature (ISO 18013-5, 9.1.3) over the session of OpenID4VP 1.0 (B.2.6.1).

use super::cbor::{Cbor, Writer};
use super::cose::Sign1;
use super::mso::Mso;
use super::require;
use crate::credential::Transaction;
use crate::jose::Alg;
use crate::refusal::Refusal;
use crate::x509::Hash;

/// Checks that the holder's device signed this session.
///
/// A MAC instead of a signature needs a key agreement that this profile does not have.
pub(super) fn verify(
    device_signed: Option<&Cbor<'_>>,
    mso: &Mso<'_, '_>,
    transaction: &Transaction<'_>,
) -> Result<(), Refusal> {
    let device_signed = device_signed.ok_or(Refusal::BindingRequired("deviceSigned"))?;
    let auth = require(device_signed.get("deviceAuth"), "deviceAuth")?;
    let signature = auth.get("deviceSignature").ok_or(Refusal::BindingRequired("device signature"))?;
    let key = mso.device_key.as_ref().ok_or(Refusal::BindingRequired("device key"))?;
    let spaces = require(device_signed.get("nameSpaces").and_then(Cbor::embedded), "device name spaces")?;
    let signature = Sign1::read(signature)?;
    let alg = signature.alg(&Alg::OF_PROOFS)?;
    signature.no_crit()?;
    if signature.payload.is_some() {
        return Err(Refusal::Malformed("device signature with payload"));
    }
    let authentication = authentication(transaction, mso.doctype, spaces);
    signature.verify(key, alg, Some(&authentication))
}

/// DeviceAuthenticationBytes (9.1.3.4).
fn authentication(transaction: &Transaction<'_>, doctype: &str, device_spaces: &[u8]) -> Vec<u8> {
    let authentication = Writer::default()
        .array(4)
        .text("DeviceAuthentication")
        .raw(&session_transcript(transaction))
        .text(doctype)
        .embedded(device_spaces)
        .done();
    Writer::default().embedded(&authentication).done()
}

/// SessionTranscript with the OpenID4VPHandover; the third member of its info is null, for the response is not encrypted.
pub(super) fn session_transcript(transaction: &Transaction<'_>) -> Vec<u8> {
    let info = Writer::default()
        .array(4)
        .text(transaction.client_id)
        .text(transaction.nonce)
        .null()
        .text(transaction.response_uri)
        .done();
    Writer::default()
        .array(3)
        .null()
        .null()
        .array(2)
        .text("OpenID4VPHandover")
        .bytes(&Hash::Sha256.digest(&info))
        .done()
}
