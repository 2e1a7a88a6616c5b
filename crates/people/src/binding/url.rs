//! Comparing `htu` with the URL of the request (RFC 9449, 4.3; RFC 3986, 6.2.2 and 6.2.3).

use crate::limits::URL_BYTES;

/// A URL without query and fragment, normalised: what two spellings of the same target have in common.
#[derive(PartialEq, Eq, Debug)]
pub(super) struct Target {
    scheme: String,
    authority: String,
    path: String,
}

impl Target {
    /// Reads an absolute `http` or `https` URL.
    pub(super) fn read(url: &str) -> Option<Self> {
        if url.len() > URL_BYTES {
            return None;
        }
        let bare = url.split(['?', '#']).next()?;
        let (scheme, rest) = bare.split_once("://")?;
        let scheme = scheme.to_ascii_lowercase();
        let default_port = match scheme.as_str() {
            "https" => ":443",
            "http" => ":80",
            _ => return None,
        };
        let (authority, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
        let authority = authority.to_ascii_lowercase();
        let authority = authority.strip_suffix(default_port).unwrap_or(&authority);
        let authority = authority.strip_suffix(':').unwrap_or(authority);
        if authority.is_empty() {
            return None;
        }
        let path = without_dots(&percent_normal(path));
        Some(Self { scheme, authority: authority.to_owned(), path })
    }
}

/// Escapes of unreserved characters are undone; the others get upper-case digits (RFC 3986, 6.2.2.1 and 6.2.2.2).
fn percent_normal(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('%') {
        out.push_str(before);
        let escaped =
            after.split_at_checked(2).and_then(|(digits, tail)| Some((byte(digits)?, digits, tail)));
        rest = match escaped {
            Some((byte, _, tail)) if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) => {
                out.push(char::from(byte));
                tail
            }
            Some((_, digits, tail)) => {
                out.push('%');
                out.push_str(&digits.to_ascii_uppercase());
                tail
            }
            None => {
                out.push('%');
                after
            }
        };
    }
    out.push_str(rest);
    out
}

fn byte(digits: &str) -> Option<u8> {
    let hex = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    hex.then(|| u8::from_str_radix(digits, 16).ok()).flatten()
}

/// Dot segments are taken out (RFC 3986, 5.2.4); an empty path is `/`.
fn without_dots(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    let segments: Vec<&str> = path.split('/').skip(1).collect();
    let ends_open = matches!(segments.last(), Some(&"." | &".."));
    for segment in segments {
        match segment {
            "." => {}
            ".." => drop(kept.pop()),
            _ => kept.push(segment),
        }
    }
    if ends_open {
        kept.push("");
    }
    format!("/{}", kept.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn same(one: &str, two: &str, expected: bool) {
        let (one, two) = (Target::read(one), Target::read(two));
        assert_eq!(one.is_some() && one == two, expected, "{one:?} {two:?}");
    }

    #[test]
    fn spellings_of_one_target_are_the_same() {
        let target = "https://g.test/v1/messages";
        for spelling in [
            "HTTPS://G.Test:443/v1/messages",
            "https://g.test/v1/messages?beta=true#x",
            "https://g.test/v1/./messages",
            "https://g.test/v1/x/../messages",
            "https://g.test/v1/%6dessages",
        ] {
            same(target, spelling, true);
        }
        same("https://g.test", "https://g.test/", true);
        same("https://g.test/a%2fb", "https://g.test/a%2Fb", true);
        same("http://g.test:80/", "http://g.test", true);
    }

    #[test]
    fn other_targets_differ() {
        let target = "https://g.test/v1/messages";
        for other in [
            "http://g.test/v1/messages",
            "https://g.test:8443/v1/messages",
            "https://g.test/v1/Messages",
            "https://g.test/v1/messages/",
            "https://g.test.evil/v1/messages",
            "https://u@g.test/v1/messages",
            "https://g.test/v1%2Fmessages",
            "/v1/messages",
            "ftp://g.test/v1/messages",
            "",
        ] {
            same(target, other, false);
        }
        same("not a url", "not a url", false);
        same("https:///x", "https:///x", false);
    }

    #[test]
    fn broken_escapes_stay_as_they_are() {
        same("https://g.test/%", "https://g.test/%", true);
        same("https://g.test/%+1", "https://g.test/%+1", true);
        same("https://g.test/%é", "https://g.test/%é", true);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_or_refused_and_reading_is_stable(path in "\\PC*") {
            let url = format!("https://g.test/{path}");
            if let Some(target) = Target::read(&url) {
                let again = format!("{}://{}{}", target.scheme, target.authority, target.path);
                proptest::prop_assert_eq!(Target::read(&again), Some(target));
            }
            let _: Option<Target> = Target::read(&path);
        }
    }
}
