//! Passport chips: passive authentication (ICAO 9303-11, 5.1) and the nationality in data group 1.
//!
//! Passive authentication proves the data, not the presenter. Whoever read the chip says whether chip authentication and the
//! comparison of the face succeeded.

mod mrz;
mod sod;

use crate::evidence::{Asserted, Binding, Commitment, Draft, Evidence, Flag, Method, Nationality};
use crate::jose;
use crate::profile::Profile;
use crate::refusal::Refusal;
use crate::times::plus_s;
use crate::x509::{Certificate, verify_chain};
use mrz::BadMrz;
use sod::{BadSod, Sod};
use terms::{Instant, Level};

/// Longest data group or security object read, in characters of base64url. A portrait is tens of kilobytes.
const MAX_FILE_CHARS: usize = 256 * 1024;

/// What was read from a chip, each file as base64url, and what was checked about its holder.
#[derive(Clone, Copy)]
pub struct Chip<'a> {
    /// Data group 1: the machine-readable zone.
    pub dg1: &'a str,
    /// Data group 2, the portrait that the face was compared with; only its hash is looked at.
    pub dg2: &'a str,
    /// The document security object.
    pub sod: &'a str,
    /// The chip proved to be the original (chip or active authentication).
    pub chip_auth: bool,
    /// A live face was compared with the portrait and is the same.
    pub face_match: bool,
}

impl std::fmt::Debug for Chip<'_> {
    /// Without the files: they name the holder.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Chip")
            .field("chip_auth", &self.chip_auth)
            .field("face_match", &self.face_match)
            .finish_non_exhaustive()
    }
}

/// Verifies what was read from a chip against the country signing certificates.
///
/// # Errors
/// The first check that fails: form, algorithm, document signer, signature, hashes of the data groups, zone, expiry, nationality.
pub(crate) fn verify(
    chip: &Chip<'_>,
    country_signers: &[Certificate],
    profile: &Profile,
    now: Instant,
) -> Result<Evidence, Refusal> {
    let (dg1, dg2, sod_bytes) = (decode(chip.dg1)?, decode(chip.dg2)?, decode(chip.sod)?);
    let sod = Sod::parse(&sod_bytes).map_err(refusal)?;
    let now_s = now.as_micros().div_euclid(1_000_000);
    let chain = std::slice::from_ref(sod.signer());
    let signer = verify_chain(chain, country_signers, now_s)
        .map_err(|_| Refusal::UntrustedIssuer("document signer"))?;
    sod.verify().map_err(refusal)?;
    if !sod.lists(1, &dg1) || !sod.lists(2, &dg2) {
        return Err(Refusal::DisclosureInvalid("hash of a data group"));
    }
    let zone = mrz::data_group_1(&dg1).map_err(unreadable)?;
    if now_s > zone.expires {
        return Err(Refusal::Expired);
    }
    let (asserted, level) = asserted(&zone.nationality, chip, profile)?;
    Ok(Evidence::establish(Draft {
        asserted,
        level,
        issuer: signer.issuer_name().to_owned(),
        method: Method::Emrtd,
        subject: None,
        actor: Vec::new(),
        org: None,
        valid_until: plus_s(Instant::from_micros(0), zone.expires),
        verified_at: now,
        binding: Binding::default(),
        status: None,
        commitment: Commitment::to(Method::Emrtd, &[&dg1, &sod_bytes]),
    }))
}

/// One passport shows one nationality: the set is never complete.
fn asserted(code: &str, chip: &Chip<'_>, profile: &Profile) -> Result<(Asserted, Level), Refusal> {
    let nationality = Nationality::read_mrz(code).ok_or(Refusal::ClaimValue("nationality"))?;
    let mut asserted = Asserted::of(vec![nationality], false, false)?;
    if chip.chip_auth && chip.face_match {
        return Ok((asserted, Level::Credential));
    }
    asserted.flags.insert(Flag::HolderUnbound);
    Ok((asserted, profile.emrtd_unbound_cap))
}

fn decode(file: &str) -> Result<Vec<u8>, Refusal> {
    let short = (file.len() <= MAX_FILE_CHARS).then_some(file);
    short.and_then(jose::decode).ok_or(Refusal::Malformed("a file of the chip is too long or no base64url"))
}

fn refusal(bad: BadSod) -> Refusal {
    match bad {
        BadSod::Form => Refusal::Malformed("document security object"),
        BadSod::Algorithm => Refusal::AlgNotAllowed,
        BadSod::Signer => Refusal::UntrustedIssuer("no certificate of the document signer"),
        BadSod::Signature => Refusal::BadSignature,
    }
}

fn unreadable(bad: BadMrz) -> Refusal {
    Refusal::Malformed(match bad {
        BadMrz::Group => "data group 1",
        BadMrz::Form => "machine-readable zone",
        BadMrz::CheckDigit => "check digit of the machine-readable zone",
        BadMrz::Date => "date of expiry",
    })
}

#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;
