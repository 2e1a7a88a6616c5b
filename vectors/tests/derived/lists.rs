//! Status lists of each width, and what makes one unusable.

use serde_json::{Value, json};

use crate::wallets::Shown;
use crate::world::{Key, LIST, NOW, World, encode};
use crate::{Case, accept, changed, reject};

fn packed(bytes: &[u8]) -> String {
    encode(miniz_oxide::deflate::compress_to_vec_zlib(bytes, 6))
}

/// A list signed by the issuer of the credential, changed.
fn list(world: &World, bits: u8, bytes: &[u8], header: &Value, with: &Value) -> String {
    let plain = json!({"sub": LIST, "iat": NOW - 300, "exp": NOW + 3_600, "ttl": 600,
        "status_list": {"bits": bits, "lst": packed(bytes)}});
    world.signer.sign(&changed(world.wallet_header("statuslist+jwt"), header), &changed(plain, with))
}

/// A PID at this place of a list.
fn case(world: &World, id: &str, index: Value, list: Option<String>, expect: Value) -> Case {
    let status = json!({"status": {"status_list": {"idx": index, "uri": LIST}}});
    let mut case = Shown::pid(world).with(&status).case(&format!("list/{id}"), expect);
    case.input["status_list"] = json!(list);
    case
}

pub fn cases(world: &World) -> Vec<Case> {
    [values(world), checks(world), references(world), sizes(world)].into_iter().flatten().collect()
}

fn said(value: u8) -> Value {
    match value {
        0 => accept("S4", json!({})),
        1 => reject("revoked"),
        _ => reject("suspended"),
    }
}

/// At place 5: the values of each width.
fn values(world: &World) -> Vec<Case> {
    let mut cases = Vec::new();
    for (bits, values) in
        [(1_u8, vec![0_u8, 1]), (2, vec![0, 1, 2, 3]), (4, vec![0, 1, 2, 15]), (8, vec![0, 1, 2, 255])]
    {
        for value in values {
            // All other places say revoked, so that a wrong place shows.
            let other = (0..8).step_by(usize::from(bits)).fold(0_u8, |byte, at| byte | (1 << at));
            let mut bytes = vec![other; 8];
            let at = 5 * usize::from(bits);
            let mask = (0xff_u8 >> (8 - bits)) << (at % 8);
            bytes[at / 8] = (bytes[at / 8] & !mask) | (value << (at % 8));
            let list = list(world, bits, &bytes, &json!({}), &json!({}));
            cases.push(case(world, &format!("{bits}-bits-{value}"), json!(5), Some(list), said(value)));
        }
    }
    cases
}

fn checks(world: &World) -> Vec<Case> {
    let fine = [0; 4];
    let payloads = [
        ("exp-at-the-edge", json!({"exp": NOW - 60}), said(0)),
        ("exp-over-the-edge", json!({"exp": NOW - 61}), reject("status_unavailable")),
        ("iat-at-the-edge", json!({"iat": NOW + 60}), said(0)),
        ("iat-over-the-edge", json!({"iat": NOW + 61}), reject("status_unavailable")),
        ("sub-of-another", json!({"sub": format!("{LIST}0")}), reject("status_unavailable")),
        ("sub-missing", json!({"sub": "absent"}), reject("status_unavailable")),
        (
            "three-bits",
            json!({"status_list": {"bits": 3, "lst": packed(&fine)}}),
            reject("status_unavailable"),
        ),
        ("no-bits", json!({"status_list": {"lst": packed(&fine)}}), reject("status_unavailable")),
        (
            "not-packed",
            json!({"status_list": {"bits": 1, "lst": encode([0; 4])}}),
            reject("status_unavailable"),
        ),
        ("no-list", json!({"status_list": "absent"}), reject("status_unavailable")),
    ];
    let headers = [
        ("typ", json!({"typ": "JWT"})),
        ("crit", json!({"crit": ["x"]})),
        ("alg", json!({"alg": "EdDSA"})),
        ("no-chain", json!({"x5c": "absent"})),
    ];
    let mut cases: Vec<Case> = payloads
        .into_iter()
        .map(|(name, with, expect)| {
            case(world, name, json!(3), Some(list(world, 2, &fine, &json!({}), &with)), expect)
        })
        .collect();
    cases.extend(headers.into_iter().map(|(name, header)| {
        let list = list(world, 2, &fine, &header, &json!({}));
        case(world, name, json!(3), Some(list), reject("status_unavailable"))
    }));
    let rogue = Key::ec().sign(&world.wallet_header("statuslist+jwt"), &json!({"sub": LIST}));
    cases.push(case(world, "signature", json!(3), Some(rogue), reject("status_unavailable")));
    cases.push(case(world, "absent", json!(3), None, reject("status_unavailable")));
    cases
}

fn references(world: &World) -> Vec<Case> {
    let one = |name: &str, index: Value, expect| {
        case(world, name, index, Some(list(world, 2, &[0; 4], &json!({}), &json!({}))), expect)
    };
    vec![
        one("last-place", json!(15), said(0)),
        one("beyond-the-end", json!(16), reject("status_unavailable")),
        one("far-beyond", json!(u64::from(u32::MAX) * 4096), reject("status_unavailable")),
        one("place-text", json!("3"), reject("claim_type")),
        one("place-null", json!(null), reject("claim_type")),
        one("place-negative", json!(-1), reject("claim_value")),
    ]
}

/// The profile allows 4,096 bytes.
fn sizes(world: &World) -> Vec<Case> {
    let one = |name: &str, size: usize, expect| {
        case(world, name, json!(0), Some(list(world, 8, &vec![0; size], &json!({}), &json!({}))), expect)
    };
    vec![
        one("as-large-as-may-be", 4096, said(0)),
        one("larger", 4097, reject("status_unavailable")),
        one("bomb", 16 << 20, reject("status_unavailable")),
    ]
}
