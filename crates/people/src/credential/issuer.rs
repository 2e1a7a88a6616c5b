//! Who signed: a certificate under an anchor of the registry, with the issuer's name in it.

use super::Context;
use crate::json::{Object, Value};
use crate::refusal::Refusal;
use crate::trust::{Issuer, IssuerKind};
use crate::x509::{Certificate, verify_chain};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Whether issuers of this kind issue wallet credentials.
pub(crate) fn issues_credentials(issuer: &Issuer) -> bool {
    matches!(issuer.kind(), IssuerKind::Pid | IssuerKind::WalletDerived) && issuer.x5c_anchor().is_some()
}

/// The leaf of `chain` (DER, leaf first), when it leads to the issuer's anchor and has one of the names.
///
/// # Errors
/// [`Refusal::UntrustedIssuer`] when chain, validity or name fails.
pub(crate) fn trusted_signer(
    chain: &[&[u8]],
    issuer: &Issuer,
    names: &[&str],
    context: &Context<'_>,
) -> Result<Certificate, Refusal> {
    let anchor = issuer.x5c_anchor().and_then(|name| context.registry.anchor(name));
    let anchors = certificates(anchor.unwrap_or_default().iter().map(Vec::as_slice));
    let chain = chain.iter().map(|der| Certificate::from_der(der)).collect::<Result<Vec<_>, _>>();
    let chain = chain.map_err(|_| Refusal::UntrustedIssuer("certificate"))?;
    let leaf =
        verify_chain(&chain, &anchors, context.now_s()).map_err(|_| Refusal::UntrustedIssuer("chain"))?;
    if names.iter().any(|name| leaf.names(name)) {
        Ok(leaf.clone())
    } else {
        Err(Refusal::UntrustedIssuer("name in the certificate"))
    }
}

/// Anchors that cannot be read trust nothing.
fn certificates<'a>(ders: impl Iterator<Item = &'a [u8]>) -> Vec<Certificate> {
    ders.filter_map(|der| Certificate::from_der(der).ok()).collect()
}

/// The certificates of an `x5c` header (RFC 7515, 4.1.6): padded base64, not base64url.
pub(super) fn x5c(header: &Object) -> Result<Vec<Vec<u8>>, Refusal> {
    let entries = header.get("x5c").and_then(Value::as_array).ok_or(Refusal::UntrustedIssuer("x5c"))?;
    let decode = |entry: &Value| STANDARD.decode(entry.as_text()?).ok();
    entries.iter().map(decode).collect::<Option<_>>().ok_or(Refusal::UntrustedIssuer("x5c"))
}
