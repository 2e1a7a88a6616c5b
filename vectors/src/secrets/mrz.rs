//! Fields of a machine-readable zone by name (ICAO 9303, parts 4 to 6).

use std::ops::Range;

/// Where the fields of one format stand: line and columns.
struct Layout {
    width: usize,
    number: (usize, Range<usize>),
    birth: (usize, Range<usize>),
    name: (usize, Range<usize>),
}

const TD1: Layout = Layout { width: 30, number: (0, 5..14), birth: (1, 0..6), name: (2, 0..30) };
const TD2: Layout = Layout { width: 36, number: (1, 0..9), birth: (1, 13..19), name: (0, 5..36) };
const TD3: Layout = Layout { width: 44, number: (1, 0..9), birth: (1, 13..19), name: (0, 5..44) };

/// The values of one field of data group 1; none for other names.
pub fn field(dg1: &[u8], name: &str) -> Vec<String> {
    // Tag 61 and its length, tag 5F1F and the length of the zone.
    let [0x61, _, 0x5f, 0x1f, length, zone @ ..] = dg1 else { return Vec::new() };
    let layouts = [(90, TD1), (72, TD2), (88, TD3)];
    let Some((_, layout)) = layouts.into_iter().find(|(known, _)| known == length) else { return Vec::new() };
    let zone = String::from_utf8_lossy(zone);
    let lines: Vec<&str> = (0..zone.len())
        .step_by(layout.width)
        .filter_map(|from| zone.get(from..from + layout.width))
        .collect();
    let at = |(line, columns): &(usize, Range<usize>)| {
        lines.get(*line).and_then(|line| line.get(columns.clone())).unwrap_or_default()
    };
    let parts = |text: &str| text.split('<').filter(|part| !part.is_empty()).map(str::to_owned).collect();
    match name {
        "mrz" => lines.iter().map(|line| (*line).to_owned()).collect(),
        "document_number" => parts(at(&layout.number)),
        "birth_date" => parts(at(&layout.birth)),
        "name" => parts(at(&layout.name)),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_of_the_specimen_passport_are_found() {
        let zone = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<L898902C36UTO7408122F1204159ZE184226B<<<<<10";
        let dg1 = [b"\x61\x5b\x5f\x1f\x58", zone.as_bytes()].concat();
        assert_eq!(field(&dg1, "name"), ["ERIKSSON", "ANNA", "MARIA"]);
        assert_eq!(field(&dg1, "document_number"), ["L898902C3"]);
        assert_eq!(field(&dg1, "birth_date"), ["740812"]);
        assert_eq!(field(&dg1, "mrz").len(), 2);
        assert!(field(&dg1, "portrait").is_empty() && field(b"", "name").is_empty());
    }
}
