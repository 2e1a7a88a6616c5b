//! The fuzz targets' bodies on generated inputs, for the stable compiler.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a fuzz body speaks by panicking"
)]

#[path = "../src/x509/samples.rs"]
#[allow(dead_code, reason = "made for the tests of the crate")]
mod certificates;
#[path = "../../../fuzz/targets/issuer.rs"]
mod issuer;
#[path = "../../../fuzz/targets/people_jose.rs"]
mod jose_body;
#[path = "../../../fuzz/targets/people_lds.rs"]
mod lds_body;
#[path = "../../../fuzz/targets/people_mdoc.rs"]
mod mdoc_body;
#[path = "../../../fuzz/targets/open_vectors.rs"]
mod open_vectors;
#[path = "../../../fuzz/targets/people_roster.rs"]
mod roster_body;
#[path = "../../../fuzz/targets/people_sd_jwt.rs"]
mod sd_jwt_body;
#[path = "../../../fuzz/targets/people_status_list.rs"]
mod status_list_body;

use proptest::{collection::vec, prelude::*, sample::select};

/// Members of tokens that a careless reader trips over.
const MEMBERS: &[&str] = &[
    r#""iss":"i""#,
    r#""iss":"e""#,
    r#""sub":"u""#,
    r#""aud":"https://g.test""#,
    r#""aud":["https://g.test"]"#,
    r#""client_id":"c""#,
    r#""jti":"1""#,
    r#""iat":1899999999"#,
    r#""exp":1900000100"#,
    r#""exp":"1900000100""#,
    r#""org":"o""#,
    r#""api_key_id":"ak""#,
    r#""claims":{"us_person":true}"#,
    r#""claims":{"nationalities":["DE"],"not_national_of":["CN"]}"#,
    r#""nationalities":["US"]"#,
    r#""verified_claims":{"verification":{"trust_framework":"f"},"claims":{"nationalities":["DE","QU"]}}"#,
    r#""cnf":{"jkt":"x"}"#,
    r#""act":{"sub":"a"}"#,
    r#""douane_evidence":{"strength":"S4","predicates":{"us_person":"yes"},"valid_until":1900000100}"#,
];

/// Members of wallet credentials.
const CLAIMS: &[&str] = &[
    r#""nationalities":["DE"]"#,
    r#""nationalities":["DE",{"...":"x"}]"#,
    r#""nationalities":[]"#,
    r#""_sd":["a","b"]"#,
    r#""_sd":"a""#,
    r#""_sd_alg":"sha-256""#,
    r#""exp":1781308900"#,
    r#""status":{"status_list":{"idx":1,"uri":"u"}}"#,
    r#""x":{"_sd":[]}"#,
    r#""...":"x""#,
];

const ROWS: &[&str] = &[
    "person_id,us_status,citizenships\n",
    "u1,citizen,US\n",
    "u2,none,FR;DE@1990-05-05..2015-07-01\n",
    "u1,lpr,\n",
    "\"u3\",\"\"\"\n",
    "{\"person_id\":\"u4\",\"us_status\":\"lpr\"}\n",
    "{\"Resources\":[{\"externalId\":\"u5\"}]}",
    "u6,citizen,US,US\n",
    ",,\n",
    "\u{feff}",
];

fn object(members: &'static [&'static str], most: usize) -> impl Strategy<Value = String> {
    vec(select(members), 0..most).prop_map(|members| format!("{{{}}}", members.join(",")))
}

proptest! {
    #[test]
    fn jose(header in select(vec![r#"{"alg":"EdDSA","kid":"k","typ":"at+jwt"}"#, r#"{"alg":"EdDSA","kid":"k","typ":"douane-eua+jwt"}"#, "{}"]),
            payload in object(MEMBERS, 14), raw in vec(any::<u8>(), 0..200)) {
        jose_body::run(format!("{header}\n{payload}").as_bytes());
        jose_body::run(&raw);
    }

    #[test]
    fn sd_jwt(payload in object(CLAIMS, 4), disclosures in vec("\\[\"[a-c]\",\"(DE|US|_sd|x)\"(,1)?\\]", 0..3), pad in 0..8_usize) {
        let payload = format!("{payload}{}", " ".repeat(pad));
        sd_jwt_body::run([&[payload][..], &disclosures].concat().join("\n").as_bytes());
    }

    #[test]
    fn status_lists(data in vec(any::<u8>(), 0..600)) {
        status_list_body::run(&data);
    }

    #[test]
    fn device_responses(data in vec(any::<u8>(), 0..40)) {
        mdoc_body::run(&data);
    }

    #[test]
    fn passports(data in vec(any::<u8>(), 0..40)) {
        lds_body::run(&data);
    }

    #[test]
    fn rosters(kind in any::<u8>(), rows in vec(select(ROWS), 0..8)) {
        roster_body::run(&[&[kind][..], rows.concat().as_bytes()].concat());
    }
}

#[test]
fn sound_ones_pass_through_the_bodies() {
    assert!(sd_jwt_body::run(b"{\"nationalities\": [\"DE\"]}"));
    let disclosure = "[\"s\",\"DE\"]";
    let digest = issuer::encode(&sha2::Digest::finalize(sha2::Digest::chain_update(
        <sha2::Sha256 as sha2::Digest>::new(),
        issuer::encode(disclosure.as_bytes()),
    )));
    let payload = format!("{{\"nationalities\": [{{\"...\":\"{digest}\"}}]}}");
    assert!(sd_jwt_body::run(format!("{payload}\n{disclosure}").as_bytes()));
    let claims = r#"{"iss":"i","sub":"u","aud":"https://g.test","client_id":"c","jti":"1","iat":1899999999,
        "exp":1900000100,"nationalities":["DE"]}"#;
    assert_eq!(
        jose_body::run(format!("{}\n{claims}", r#"{"alg":"EdDSA","kid":"k","typ":"at+jwt"}"#).as_bytes()),
        1
    );
    // The bodies of these two look at a sound one first.
    mdoc_body::run(&[1]);
    lds_body::run(&[0]);
}
