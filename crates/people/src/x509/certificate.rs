//! One certificate, read once into what the checks need.

use super::key::{BadSignature, PublicKey, Scheme};
use der::{Decode, Encode, Reader, SliceReader, Tag, Tagged, asn1::AnyRef};
use x509_cert::certificate::{TbsCertificate, Version};
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{BasicConstraints, KeyUsage, SubjectAltName, SubjectKeyIdentifier};
use x509_cert::ext::{Extension, Extensions};
use x509_cert::spki::AlgorithmIdentifierOwned;

/// Longest certificate read, in bytes.
const MAX_CERTIFICATE_BYTES: usize = 16 * 1024;

/// The certificate cannot be used. Its issuer must correct it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadCertificate {
    /// No DER certificate, or longer than the bound.
    #[error("this is no X.509 certificate")]
    Form,
    /// Key or signature of a kind that is not accepted.
    #[error("the certificate uses a key or signature algorithm that is not accepted")]
    Algorithm,
    /// A critical extension nobody here understands (RFC 5280, 4.2), or an extension twice.
    #[error("the certificate has a critical extension that is not understood")]
    Extension,
}

/// A parsed certificate. Nothing in it is trusted before [`super::verify_chain`] has said so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    tbs: Vec<u8>,
    scheme: Scheme,
    signature: Vec<u8>,
    key: PublicKey,
    /// Names as DER, for comparison byte by byte.
    issuer: Vec<u8>,
    issuer_name: String,
    subject: Vec<u8>,
    serial: Vec<u8>,
    key_id: Option<Vec<u8>>,
    not_before: i64,
    not_after: i64,
    extensions: Understood,
}

/// The extensions that are read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Understood {
    ca: bool,
    path_len: Option<u8>,
    usage: Option<KeyUsage>,
    dns: Vec<String>,
    uris: Vec<String>,
    key_id: Option<Vec<u8>>,
}

impl Certificate {
    /// Reads DER (RFC 5280, 4.1).
    pub fn from_der(der: &[u8]) -> Result<Self, BadCertificate> {
        if der.len() > MAX_CERTIFICATE_BYTES {
            return Err(BadCertificate::Form);
        }
        let (tbs_der, outer, signature) = parts(der).map_err(|_| BadCertificate::Form)?;
        let tbs = TbsCertificate::from_der(tbs_der).map_err(|_| BadCertificate::Form)?;
        let scheme = Scheme::of_algorithm(&outer).ok_or(BadCertificate::Algorithm)?;
        if tbs.version() != Version::V3 || *tbs.signature() != outer {
            return Err(BadCertificate::Form);
        }
        let key = PublicKey::from_spki(tbs.subject_public_key_info()).ok_or(BadCertificate::Algorithm)?;
        let extensions = Understood::read(tbs.extensions())?;
        Ok(Self {
            tbs: tbs_der.to_vec(),
            scheme,
            signature,
            key,
            issuer: tbs.issuer().to_der().map_err(|_| BadCertificate::Form)?,
            issuer_name: tbs.issuer().to_string(),
            subject: tbs.subject().to_der().map_err(|_| BadCertificate::Form)?,
            serial: tbs.serial_number().as_bytes().to_vec(),
            key_id: extensions.key_id.clone(),
            not_before: seconds(tbs.validity().not_before)?,
            not_after: seconds(tbs.validity().not_after)?,
            extensions,
        })
    }

    /// The subject's public key.
    pub fn key(&self) -> &PublicKey {
        &self.key
    }

    /// The issuer's name as text (RFC 4514).
    pub fn issuer_name(&self) -> &str {
        &self.issuer_name
    }

    /// Issuer name as DER, and serial number: how CMS names a signer (RFC 5652, 10.2.4).
    pub fn issuer_and_serial(&self) -> (&[u8], &[u8]) {
        (&self.issuer, &self.serial)
    }

    /// The subject key identifier, if it has one.
    pub fn key_id(&self) -> Option<&[u8]> {
        self.key_id.as_deref()
    }

    /// Valid at that time, both ends included, with no allowance for clocks. Unix seconds.
    pub fn valid_at(&self, unix_s: i64) -> bool {
        (self.not_before..=self.not_after).contains(&unix_s)
    }

    /// The last second of its validity. Unix seconds.
    pub fn not_after(&self) -> i64 {
        self.not_after
    }

    /// It may sign certificates (RFC 5280, 4.2.1.9 and 4.2.1.3), and how many further ones may lie between it and a leaf.
    pub(super) fn may_certify(&self, below: usize) -> bool {
        let usage = self.extensions.usage.as_ref().is_none_or(KeyUsage::key_cert_sign);
        self.extensions.ca
            && usage
            && self.extensions.path_len.is_none_or(|limit| below <= usize::from(limit))
    }

    /// It may sign content: its key usage, where stated, says so.
    pub(super) fn may_sign(&self) -> bool {
        !self.extensions.ca && self.extensions.usage.as_ref().is_none_or(KeyUsage::digital_signature)
    }

    /// Its signature verifies under the other certificate's key, and that one's subject is its issuer.
    pub(super) fn signed_by(&self, issuer: &Self) -> Result<(), BadSignature> {
        if self.issuer != issuer.subject {
            return Err(BadSignature);
        }
        issuer.key.verify(self.scheme, &self.tbs, &self.signature)
    }

    /// An issuer URL is a name of this certificate: as a URI in full, or by its host as a DNS name.
    pub fn names(&self, issuer_url: &str) -> bool {
        self.extensions.uris.iter().any(|uri| uri == issuer_url)
            || host(issuer_url)
                .is_some_and(|host| self.extensions.dns.iter().any(|dns| dns.eq_ignore_ascii_case(host)))
    }
}

/// The host of an https URL without user or port. None for any other form.
fn host(url: &str) -> Option<&str> {
    let authority = url.strip_prefix("https://")?.split(['/', '?', '#']).next()?;
    (!authority.is_empty() && !authority.contains(['@', ':'])).then_some(authority)
}

/// The signed part as it stands, the outer algorithm and the signature.
fn parts(der: &[u8]) -> Result<(&[u8], AlgorithmIdentifierOwned, Vec<u8>), der::Error> {
    let outer = AnyRef::from_der(der)?;
    outer.tag().assert_eq(Tag::Sequence)?;
    let mut reader = SliceReader::new(outer.value())?;
    let tbs = reader.tlv_bytes()?;
    let algorithm = AlgorithmIdentifierOwned::decode(&mut reader)?;
    let signature = der::asn1::BitString::decode(&mut reader)?;
    let bytes = signature
        .as_bytes()
        .ok_or_else(|| der::Error::from(der::ErrorKind::Value { tag: Tag::BitString }))?
        .to_vec();
    reader.finish()?;
    Ok((tbs, algorithm, bytes))
}

fn seconds(time: x509_cert::time::Time) -> Result<i64, BadCertificate> {
    i64::try_from(time.to_unix_duration().as_secs()).map_err(|_| BadCertificate::Form)
}

impl Understood {
    fn read(extensions: Option<&Extensions>) -> Result<Self, BadCertificate> {
        let mut understood = Self::default();
        let mut seen = Vec::new();
        for extension in extensions.into_iter().flatten() {
            if seen.contains(&extension.extn_id) {
                return Err(BadCertificate::Extension);
            }
            seen.push(extension.extn_id);
            understood.add(extension)?;
        }
        Ok(understood)
    }

    fn add(&mut self, extension: &Extension) -> Result<(), BadCertificate> {
        let value = extension.extn_value.as_bytes();
        match extension.extn_id.to_string().as_str() {
            "2.5.29.19" => {
                let constraints: BasicConstraints = read(value)?;
                (self.ca, self.path_len) = (constraints.ca, constraints.path_len_constraint);
            }
            "2.5.29.15" => self.usage = Some(read(value)?),
            "2.5.29.17" => self.add_names(read(value)?),
            "2.5.29.14" => self.key_id = Some(read::<SubjectKeyIdentifier>(value)?.0.into_bytes().into_vec()),
            // Extended key usage narrows what a key is for; the profiles here state no purpose of their own.
            "2.5.29.37" => {}
            _ if extension.critical => return Err(BadCertificate::Extension),
            _ => {}
        }
        Ok(())
    }

    fn add_names(&mut self, names: SubjectAltName) {
        for name in names.0 {
            match name {
                GeneralName::DnsName(dns) => self.dns.push(dns.to_string()),
                GeneralName::UniformResourceIdentifier(uri) => self.uris.push(uri.to_string()),
                _ => {}
            }
        }
    }
}

fn read<'a, T: Decode<'a>>(value: &'a [u8]) -> Result<T, BadCertificate> {
    T::from_der(value).map_err(|_| BadCertificate::Form)
}
