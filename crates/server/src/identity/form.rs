//! `application/x-www-form-urlencoded`, as OAuth uses it.

/// Writes pairs.
pub(crate) fn write(pairs: &[(&str, &str)]) -> String {
    let pairs = pairs.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value)));
    pairs.collect::<Vec<_>>().join("&")
}

/// Escapes everything but unreserved characters.
pub(crate) fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// Reads pairs; `None` when the form is broken or a name occurs twice (RFC 6749, 3.2).
pub(crate) fn read(body: &[u8]) -> Option<Vec<(String, String)>> {
    let text = std::str::from_utf8(body).ok()?;
    let mut pairs: Vec<(String, String)> = Vec::new();
    for pair in text.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let name = decode(name)?;
        if pairs.iter().any(|(known, _)| *known == name) {
            return None;
        }
        pairs.push((name, decode(value)?));
    }
    Some(pairs)
}

fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digits = [rest.next()?, rest.next()?];
                let [high, low] = digits.map(|digit| char::from(digit).to_digit(16));
                u8::try_from(high? * 16 + low?).ok()?
            }
            plain => plain,
        });
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_read_back_and_repeated_names_are_refused() {
        let pairs = [("a", "b c&d=e"), ("token", "x+/=%é")];
        let read_back = read(write(&pairs).as_bytes()).unwrap();
        assert_eq!(read_back, pairs.map(|(name, value)| (name.to_owned(), value.to_owned())));
        assert_eq!(read(b"a=b+c").unwrap()[0].1, "b c");
        for bad in [&b"a=1&a=2"[..], b"a=%", b"a=%g0", b"a=%ff", b"\xff"] {
            assert_eq!(read(bad), None, "{bad:?}");
        }
    }
}
