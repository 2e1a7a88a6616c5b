//! From a leaf to an anchor.

use super::certificate::Certificate;

/// Most certificates a presenter may send along, the leaf included.
pub const MAX_CHAIN: usize = 4;

/// Why a chain is not trusted. The presenter's issuer must send a proper one, or the operator add its anchor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadChain {
    /// No certificate, or more than the bound.
    #[error("the certificate chain is empty or too long")]
    Length,
    /// One of them, or the anchor, is not valid now.
    #[error("a certificate of the chain is expired or not valid yet")]
    Validity,
    /// Signed by somebody else.
    #[error("the chain does not lead to a trusted anchor")]
    Signature,
    /// Used for what it was not issued for.
    #[error("a certificate of the chain may not be used that way")]
    Usage,
}

/// Checks that `chain` (leaf first) leads to one of the anchors at `now` (Unix seconds) and returns the leaf.
///
/// An anchor sent along at the end is ignored. Validity includes both ends (RFC 5280, 4.1.2.5).
pub fn verify_chain<'a>(
    chain: &'a [Certificate],
    anchors: &[Certificate],
    now: i64,
) -> Result<&'a Certificate, BadChain> {
    if chain.len() > MAX_CHAIN {
        return Err(BadChain::Length);
    }
    let sent = match chain.split_last() {
        Some((last, rest)) if !rest.is_empty() && anchors.contains(last) => rest,
        _ => chain,
    };
    let (leaf, last) = sent.first().zip(sent.last()).ok_or(BadChain::Length)?;
    let anchor = anchors.iter().find(|anchor| last.signed_by(anchor).is_ok()).ok_or(BadChain::Signature)?;
    links(sent)?;
    if !sent.iter().chain([anchor]).all(|certificate| certificate.valid_at(now)) {
        return Err(BadChain::Validity);
    }
    let certifiers = sent.iter().skip(1).chain([anchor]);
    if !leaf.may_sign() || !certifiers.enumerate().all(|(below, certifier)| certifier.may_certify(below)) {
        return Err(BadChain::Usage);
    }
    Ok(leaf)
}

/// Each certificate is signed by the next.
fn links(sent: &[Certificate]) -> Result<(), BadChain> {
    let signed = sent.iter().zip(sent.iter().skip(1)).all(|(lower, upper)| lower.signed_by(upper).is_ok());
    if signed { Ok(()) } else { Err(BadChain::Signature) }
}
