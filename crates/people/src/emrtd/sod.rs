//! The document security object EF.SOD (ICAO 9303-10, 4.6.2): a CMS SignedData (RFC 5652) over the list of data group hashes.

use crate::x509::{Certificate, Hash, Scheme};
use der::asn1::{AnyRef, ObjectIdentifier, OctetStringRef};
use der::{Decode, Encode, Reader, SliceReader, Tag, TagNumber, Tagged};
use x509_cert::spki::AlgorithmIdentifierOwned;

const SIGNED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.2");
const LDS_SECURITY_OBJECT: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.23.136.1.1.1");
const CONTENT_TYPE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.3");
const MESSAGE_DIGEST: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.4");

/// Most certificates and data groups read out of one object.
const MAX_ENTRIES: usize = 32;

/// Listed digests by number of the data group.
type GroupHashes = Vec<(u8, Vec<u8>)>;

/// The security object cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadSod {
    /// Not the DER structure it must be.
    #[error("the document security object is not well formed")]
    Form,
    /// A hash or signature algorithm that is not accepted.
    #[error("the document security object uses an algorithm that is not accepted")]
    Algorithm,
    /// No usable certificate of the signer is in it.
    #[error("the document security object does not hold its signer's certificate")]
    Signer,
    /// The signature, or the digest it covers, does not fit.
    #[error("the signature of the document security object does not verify")]
    Signature,
}

impl From<der::Error> for BadSod {
    fn from(_: der::Error) -> Self {
        Self::Form
    }
}

/// A parsed security object, not yet checked.
#[derive(Debug)]
pub struct Sod {
    content: Vec<u8>,
    signer: Certificate,
    hash: Hash,
    scheme: Scheme,
    /// The signed attributes as the SET that is signed (RFC 5652, 5.4).
    attributes: Vec<u8>,
    signature: Vec<u8>,
    group_hash: Hash,
    groups: GroupHashes,
}

impl Sod {
    /// Reads EF.SOD (tag 77).
    pub fn parse(bytes: &[u8]) -> Result<Self, BadSod> {
        let content_info = super::mrz::application(bytes, 23).ok_or(BadSod::Form)?;
        let mut info = open(AnyRef::from_der(content_info)?, Tag::Sequence)?;
        if ObjectIdentifier::decode(&mut info)? != SIGNED_DATA {
            return Err(BadSod::Form);
        }
        let wrapped = context(&mut info, 0)?.ok_or(BadSod::Form)?;
        info.finish()?;
        Self::signed_data(AnyRef::from_der(wrapped.value())?)
    }

    fn signed_data(any: AnyRef<'_>) -> Result<Self, BadSod> {
        let mut data = open(any, Tag::Sequence)?;
        u8::decode(&mut data)?;
        open(AnyRef::decode(&mut data)?, Tag::Set)?;
        let content = encapsulated(AnyRef::decode(&mut data)?)?;
        let certificates = context(&mut data, 0)?.ok_or(BadSod::Signer)?.value();
        context(&mut data, 1)?;
        let mut signers = open(AnyRef::decode(&mut data)?, Tag::Set)?;
        data.finish()?;
        let info = SignerInfo::read(AnyRef::decode(&mut signers)?)?;
        signers.finish()?;
        let signer = info.certificate(certificates)?;
        let (group_hash, groups) = group_hashes(&content)?;
        let SignerInfo { hash, scheme, attributes, signature, .. } = info;
        Ok(Self { content, signer, hash, scheme, attributes, signature, group_hash, groups })
    }

    /// The document signer's certificate, not yet trusted.
    pub fn signer(&self) -> &Certificate {
        &self.signer
    }

    /// The signed attributes name content type and digest of the list, and are signed under the signer's key (RFC 5652, 5.4 and 5.6).
    pub fn verify(&self) -> Result<(), BadSod> {
        let digest = OctetStringRef::new(&self.hash.digest(&self.content))?.to_der()?;
        let content_type = LDS_SECURITY_OBJECT.to_der()?;
        if self.attribute(MESSAGE_DIGEST)? != digest || self.attribute(CONTENT_TYPE)? != content_type {
            return Err(BadSod::Signature);
        }
        self.signer
            .key()
            .verify(self.scheme, &self.attributes, &self.signature)
            .map_err(|_| BadSod::Signature)
    }

    /// The single value of an attribute that occurs once, as DER.
    fn attribute(&self, wanted: ObjectIdentifier) -> Result<&[u8], BadSod> {
        let mut attributes = open(AnyRef::from_der(&self.attributes)?, Tag::Set)?;
        let mut found = None;
        while !attributes.is_finished() {
            let mut attribute = open(AnyRef::decode(&mut attributes)?, Tag::Sequence)?;
            if ObjectIdentifier::decode(&mut attribute)? != wanted {
                continue;
            }
            let mut values = open(AnyRef::decode(&mut attribute)?, Tag::Set)?;
            let value = values.tlv_bytes()?;
            values.finish()?;
            if found.replace(value).is_some() {
                return Err(BadSod::Form);
            }
        }
        found.ok_or(BadSod::Signature)
    }

    /// The hash that is listed for a data group is that of these bytes.
    pub fn lists(&self, group: u8, bytes: &[u8]) -> bool {
        let digest = self.group_hash.digest(bytes);
        self.groups.iter().any(|(number, listed)| *number == group && *listed == digest)
    }
}

struct SignerInfo {
    /// Issuer name and serial number as DER, or the key identifier.
    issuer_and_serial: Option<(Vec<u8>, Vec<u8>)>,
    key_id: Option<Vec<u8>>,
    hash: Hash,
    scheme: Scheme,
    attributes: Vec<u8>,
    signature: Vec<u8>,
}

impl SignerInfo {
    fn read(any: AnyRef<'_>) -> Result<Self, BadSod> {
        let mut info = open(any, Tag::Sequence)?;
        u8::decode(&mut info)?;
        let key_id = context(&mut info, 0)?.map(|id| id.value().to_vec());
        let issuer_and_serial = match key_id {
            None => Some(issuer_and_serial(AnyRef::decode(&mut info)?)?),
            Some(_) => None,
        };
        let hash = Hash::of_oid(AlgorithmIdentifierOwned::decode(&mut info)?.oid).ok_or(BadSod::Algorithm)?;
        let signed = context(&mut info, 0)?.ok_or(BadSod::Form)?;
        let attributes = AnyRef::new(Tag::Set, signed.value())?.to_der()?;
        let algorithm = AlgorithmIdentifierOwned::decode(&mut info)?;
        let scheme = Scheme::of_signer(&algorithm, hash).ok_or(BadSod::Algorithm)?;
        let signature = octets(AnyRef::decode(&mut info)?)?.to_vec();
        context(&mut info, 1)?;
        info.finish()?;
        Ok(Self { issuer_and_serial, key_id, hash, scheme, attributes, signature })
    }

    /// The one certificate sent along that the signer names.
    fn certificate(&self, certificates: &[u8]) -> Result<Certificate, BadSod> {
        let mut reader = SliceReader::new(certificates)?;
        for _ in 0..MAX_ENTRIES {
            if reader.is_finished() {
                break;
            }
            let Ok(certificate) = Certificate::from_der(reader.tlv_bytes()?) else { continue };
            let (issuer, serial) = certificate.issuer_and_serial();
            let by_name =
                self.issuer_and_serial.as_ref().is_some_and(|named| named.0 == issuer && named.1 == serial);
            let by_key = self.key_id.is_some() && self.key_id.as_deref() == certificate.key_id();
            if by_name || by_key {
                return Ok(certificate);
            }
        }
        Err(BadSod::Signer)
    }
}

fn issuer_and_serial(any: AnyRef<'_>) -> Result<(Vec<u8>, Vec<u8>), BadSod> {
    let mut name = open(any, Tag::Sequence)?;
    let issuer = name.tlv_bytes()?.to_vec();
    let serial = AnyRef::decode(&mut name)?;
    name.finish()?;
    Ok((issuer, serial.value().to_vec()))
}

/// The content of the LDS security object type.
fn encapsulated(any: AnyRef<'_>) -> Result<Vec<u8>, BadSod> {
    let mut content = open(any, Tag::Sequence)?;
    if ObjectIdentifier::decode(&mut content)? != LDS_SECURITY_OBJECT {
        return Err(BadSod::Form);
    }
    let wrapped = context(&mut content, 0)?.ok_or(BadSod::Form)?;
    content.finish()?;
    Ok(octets(AnyRef::from_der(wrapped.value())?)?.to_vec())
}

/// LDSSecurityObject: version, hash algorithm, hashes by data group; a version note may follow.
fn group_hashes(content: &[u8]) -> Result<(Hash, GroupHashes), BadSod> {
    let mut object = open(AnyRef::from_der(content)?, Tag::Sequence)?;
    u8::decode(&mut object)?;
    let hash = Hash::of_oid(AlgorithmIdentifierOwned::decode(&mut object)?.oid).ok_or(BadSod::Algorithm)?;
    let mut list = open(AnyRef::decode(&mut object)?, Tag::Sequence)?;
    let mut groups = GroupHashes::new();
    while !list.is_finished() {
        let mut entry = open(AnyRef::decode(&mut list)?, Tag::Sequence)?;
        let number = u8::decode(&mut entry)?;
        let digest = octets(AnyRef::decode(&mut entry)?)?.to_vec();
        entry.finish()?;
        if groups.len() >= MAX_ENTRIES || groups.iter().any(|(known, _)| *known == number) {
            return Err(BadSod::Form);
        }
        groups.push((number, digest));
    }
    Ok((hash, groups))
}

/// A reader over the content of a constructed value of that tag.
fn open(any: AnyRef<'_>, tag: Tag) -> Result<SliceReader<'_>, BadSod> {
    any.tag().assert_eq(tag)?;
    Ok(SliceReader::new(any.value())?)
}

/// The next value if it has that context-specific tag.
fn context<'a>(reader: &mut SliceReader<'a>, number: u32) -> Result<Option<AnyRef<'a>>, BadSod> {
    if reader.is_finished() {
        return Ok(None);
    }
    let tag = Tag::peek(reader)?;
    let wanted = tag.is_context_specific() && tag.number() == TagNumber(number);
    if wanted { Ok(Some(AnyRef::decode(reader)?)) } else { Ok(None) }
}

fn octets(any: AnyRef<'_>) -> Result<&[u8], BadSod> {
    any.tag().assert_eq(Tag::OctetString)?;
    Ok(any.value())
}
