//! Device responses: raw CBOR is no evidence, and changes of a signed one never make it say something else.

use super::open_vectors::{decoded, edited, encode, member, read, verifier};
use people::{NothingOutside, Transaction};
use std::sync::OnceLock;

const TRANSACTION: Transaction<'static> = Transaction {
    client_id: "x509_san_dns:gateway.douane.test",
    nonce: "n-0S6_WzA2Mj-douane",
    response_uri: "https://gateway.douane.test/verify/response",
};

/// A response that is accepted.
fn sound() -> &'static [u8] {
    static SOUND: OnceLock<Vec<u8>> = OnceLock::new();
    SOUND.get_or_init(|| {
        let cases = read(include_str!("../../vectors/open/cases/mdoc.json"));
        let sound = decoded(member(&cases, "mdoc/ok-full", "vp_token_mdoc"));
        assert_eq!(shown(&sound).as_deref(), Some("DE"), "it is sound before it is changed");
        sound
    })
}

/// The nationalities that a response shows, where it is accepted.
fn shown(response: &[u8]) -> Option<String> {
    let (verifier, now) = verifier();
    let evidence = verifier.mdoc(&encode(response), &TRANSACTION, *now, &NothingOutside).ok()?;
    let countries =
        evidence.facts().nationalities().map(people::Nationalities::countries).unwrap_or_default();
    Some(countries.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "))
}

/// One input: the first byte chooses. CBOR as it stands, or changes of a sound response.
pub fn run(data: &[u8]) {
    let Some((kind, rest)) = data.split_first() else { return };
    if kind.is_multiple_of(4) {
        assert_eq!(shown(rest), None, "nobody signed it");
    } else if let Some(countries) = shown(&edited(sound(), rest)) {
        assert_eq!(countries, "DE", "only what was signed is said");
    }
}
