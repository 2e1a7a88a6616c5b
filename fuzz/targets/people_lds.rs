//! Files of a passport chip: raw bytes are no evidence, and changes of signed ones never make them say something else.

use super::open_vectors::{decoded, edited, encode, member, read, verifier};
use people::{Chip, certificates_from_pem};
use std::sync::OnceLock;

struct Passport {
    files: [Vec<u8>; 3],
    signers: Vec<Vec<u8>>,
}

fn passport() -> &'static Passport {
    static PASSPORT: OnceLock<Passport> = OnceLock::new();
    PASSPORT.get_or_init(|| {
        let cases = read(include_str!("../../vectors/open/cases/emrtd.json"));
        let id = "emrtd/ok-de";
        let files = ["dg1", "dg2", "sod"].map(|name| decoded(member(&cases, id, name)));
        let case = cases.as_array().expect("cases").iter().find(|case| case["id"] == id).expect("the case");
        let pem = case["context"]["csca_pem"][0].as_str().expect("a certificate");
        let passport = Passport { files, signers: certificates_from_pem(pem).expect("a certificate") };
        assert_eq!(
            shown(&passport, &passport.files).as_deref(),
            Some("DE"),
            "it is sound before it is changed"
        );
        passport
    })
}

fn shown(passport: &Passport, files: &[Vec<u8>; 3]) -> Option<String> {
    let (verifier, now) = verifier();
    let [dg1, dg2, sod] = files.each_ref().map(|file| encode(file));
    let chip = Chip { dg1: &dg1, dg2: &dg2, sod: &sod, chip_auth: true, face_match: true };
    let evidence = verifier.passport(&chip, &passport.signers, *now).ok()?;
    let countries =
        evidence.facts().nationalities().map(people::Nationalities::countries).unwrap_or_default();
    Some(countries.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "))
}

/// One input: the first byte chooses the file, and whether it is replaced or changed. A zone is also read on its own,
/// under a list of hashes that does not fit.
pub fn run(data: &[u8]) {
    let Some((kind, rest)) = data.split_first() else { return };
    let passport = passport();
    let mut files = passport.files.clone();
    let file = &mut files[usize::from(kind % 3)];
    *file = if kind & 0x80 == 0 { edited(file, rest) } else { rest.to_vec() };
    if let Some(countries) = shown(passport, &files) {
        assert_eq!(countries, "DE", "only what was signed is said");
    }
}
