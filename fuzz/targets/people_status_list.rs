//! Status lists: any packed bytes and any claims under a good signature.

use super::issuer::{encode, world};
use people::{Status, StatusList};
use serde_json::json;

const URI: &str = "https://pid.test/status/1";
/// As the profile has it.
const MOST_BYTES: usize = 4 << 20;

/// One input: the first byte chooses. Claims as they stand, packed bytes as they stand, or bytes to be packed.
pub fn run(data: &[u8]) {
    let Some((kind, rest)) = data.split_first() else { return };
    let bits = [1, 2, 4, 8][usize::from(kind >> 6)];
    match kind % 3 {
        0 => drop(list(&String::from_utf8_lossy(rest))),
        1 => {
            let Some(read) = list(&claims(bits, rest)) else { return };
            let unpacked = miniz_oxide::inflate::decompress_to_vec_zlib_with_limit(rest, MOST_BYTES);
            agrees(&read, &unpacked.expect("it was unpacked"), bits);
        }
        _ => {
            let packed = miniz_oxide::deflate::compress_to_vec_zlib(rest, 6);
            agrees(&list(&claims(bits, &packed)).expect("a sound list"), rest, bits);
        }
    }
}

fn claims(bits: usize, packed: &[u8]) -> String {
    let now = super::issuer::NOW_S;
    json!({"sub": URI, "iat": now, "exp": now + 60, "status_list": {"bits": bits, "lst": encode(packed)}})
        .to_string()
}

fn list(claims: &str) -> Option<StatusList> {
    let world = world();
    let token = world.signed("statuslist+jwt", claims);
    world.verifier.status_list(URI, "https://pid.test", &token, world.now).ok()
}

/// Read again, bit by bit.
fn agrees(list: &StatusList, bytes: &[u8], bits: usize) {
    let places = bytes.len() * 8 / bits;
    let bit = |at: usize| usize::from(bytes[at / 8] >> (at % 8) & 1);
    let ends = places.saturating_sub(64)..places;
    for index in (0..places.min(64)).chain(ends) {
        let value = (0..bits).map(|at| bit(index * bits + at) << at).sum::<usize>();
        let expected = match value {
            0 => Status::Valid,
            1 => Status::Revoked,
            _ => Status::Suspended,
        };
        assert_eq!(list.status(index as u64), Some(expected), "{index} of {places}, {bits} bits");
    }
    for beyond in [places as u64, u64::MAX, u64::MAX / bits as u64] {
        assert_eq!(list.status(beyond), None);
    }
}
