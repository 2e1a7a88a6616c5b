//! `application/x-www-form-urlencoded`, and what stands in the attributes of HTML.

/// Writes pairs.
pub(crate) fn write(pairs: &[(&str, &str)]) -> String {
    let pairs = pairs.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value)));
    pairs.collect::<Vec<_>>().join("&")
}

/// Escapes everything but unreserved characters.
pub(crate) fn encode(text: &str) -> String {
    let escaped = |byte: u8| match byte {
        b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        _ if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(escaped).collect()
}

/// The value of a name in the query of a URL, decoded.
pub(crate) fn parameter(url: &str, name: &str) -> Option<String> {
    let (_, query) = url.split_once('?')?;
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.filter(|(have, _)| *have == name).map(|(_, value)| decode(value)).next()
}

fn decode(text: &str) -> String {
    let mut parts = text.split('%');
    let mut bytes = parts.next().unwrap_or_default().replace('+', " ").into_bytes();
    for part in parts {
        let (digits, rest) = part.split_at(2);
        bytes.push(u8::from_str_radix(digits, 16).expect("two hexadecimal digits follow a percent sign"));
        bytes.extend(rest.replace('+', " ").bytes());
    }
    String::from_utf8(bytes).expect("queries are UTF-8")
}

/// The text behind the character references that pages use.
pub(crate) fn unescape(text: &str) -> String {
    let plain = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#39;", "'");
    plain.replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let query = write(&[("a", "x y&z=%"), ("b", "ü")]);
        assert_eq!(query, "a=x%20y%26z%3D%25&b=%C3%BC");
        let url = format!("http://a/?{query}&c=p+q");
        let read = |name| parameter(&url, name);
        assert_eq!((read("a").unwrap(), read("b").unwrap()), ("x y&z=%".to_owned(), "ü".to_owned()));
        assert_eq!((read("c").as_deref(), read("d")), (Some("p q"), None));
    }
}
