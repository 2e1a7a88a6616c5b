//! Small databases in MaxMind's format, for tests.

use std::net::Ipv4Addr;

/// A database with one IPv4 network.
pub fn database(network: Ipv4Addr, prefix: u8, code: &str) -> Vec<u8> {
    let nodes = u32::from(prefix);
    let mut file = Vec::new();
    let record = |value: u32| value.to_be_bytes()[1..].to_vec();
    for depth in 0..nodes {
        let right = network.to_bits() >> (31 - depth) & 1 == 1;
        // The next node; after the last one the first record of the data section.
        let next = record(if depth + 1 < nodes { depth + 1 } else { nodes + 16 });
        let (left, right) = if right { (record(nodes), next) } else { (next, record(nodes)) };
        file.extend([left, right].concat());
    }
    file.extend([0; 16]);
    let text = |text: &str| [&[0x40 | text.len() as u8][..], text.as_bytes()].concat();
    let counted = |pairs: &[(&str, Vec<u8>)]| {
        let body: Vec<u8> =
            pairs.iter().flat_map(|(name, value)| [text(name), value.clone()].concat()).collect();
        [vec![0xe0 | pairs.len() as u8], body].concat()
    };
    file.extend(counted(&[("country", counted(&[("iso_code", text(code))]))]));
    file.extend(b"\xab\xcd\xefMaxMind.com");
    let number = |size: u8, value: u32| {
        let bytes: Vec<u8> = value.to_be_bytes().iter().copied().skip(4 - usize::from(size)).collect();
        // 5 is a number of 16 bits, 6 of 32.
        [vec![(if size == 2 { 0xa0 } else { 0xc0 }) | size], bytes].concat()
    };
    let languages = vec![0x01, 0x04, 0x42, b'e', b'n'];
    file.extend(counted(&[
        ("node_count", number(4, nodes)),
        ("record_size", number(2, 24)),
        ("ip_version", number(2, 4)),
        ("database_type", text("Test")),
        ("languages", languages),
        ("binary_format_major_version", number(2, 2)),
        ("binary_format_minor_version", number(2, 0)),
        ("build_epoch", vec![0x04, 0x02, 0, 0, 0, 1]),
        ("description", counted(&[("en", text("Test"))])),
    ]));
    file
}
