//! The caller's language, from `Accept-Language` (RFC 9110, 12.5.4).

use crate::limits;

/// The languages texts exist in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Lang {
    /// English, also when nothing fits.
    #[default]
    En,
    /// Korean.
    Ko,
}

impl Lang {
    /// Every language.
    pub const ALL: [Self; 2] = [Self::En, Self::Ko];

    /// The language tag (RFC 5646), as in `Content-Language`.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Ko => "ko",
        }
    }
}

/// Picks the language with the highest weight; the first named wins a tie, English where nothing fits.
///
/// ```
/// use wire::lang::{Lang, lang_from};
/// assert_eq!(lang_from(Some("de, ko-KR;q=0.8, en;q=0.5")), Lang::Ko);
/// assert_eq!(lang_from(None), Lang::En);
/// ```
#[must_use]
pub fn lang_from(accept_language: Option<&str>) -> Lang {
    let ranges = accept_language.unwrap_or_default().split(',').take(limits::LANGUAGE_RANGES);
    let mut best = (Lang::En, 0);
    for (lang, weight) in ranges.filter_map(read_range) {
        if weight > best.1 {
            best = (lang, weight);
        }
    }
    best.0
}

fn read_range(range: &str) -> Option<(Lang, u16)> {
    let (tag, parameter) = range.split_once(';').unwrap_or((range, "q=1"));
    let weight =
        weight_of(parameter.trim().strip_prefix(['q', 'Q'])?.trim_start().strip_prefix('=')?.trim())?;
    let primary = tag.trim().split('-').next()?;
    let lang = match primary {
        "*" => Lang::En,
        _ => Lang::ALL.into_iter().find(|lang| lang.tag().eq_ignore_ascii_case(primary))?,
    };
    Some((lang, weight))
}

/// A weight in thousandths (RFC 9110, 12.4.2): `0` to `1` with at most three decimals.
fn weight_of(text: &str) -> Option<u16> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    if decimals.len() > 3 || !decimals.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let thousandths: u16 = format!("{decimals:0<3}").parse().ok()?;
    match (whole, thousandths) {
        ("0", _) => Some(thousandths),
        ("1", 0) => Some(1_000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weighs_ranges() {
        for (header, expected) in [
            ("ko", Lang::Ko),
            ("KO-kr", Lang::Ko),
            ("en, ko", Lang::En),
            ("ko, en", Lang::Ko),
            ("en;q=0.3, ko;q=0.31", Lang::Ko),
            ("ko;q=0, *;q=0.1", Lang::En),
            ("ko ; q=0.9 , en;q=1.0", Lang::En),
            ("*, ko", Lang::En),
            ("fr, ko;q=0.001", Lang::Ko),
            ("ko;q=1.1", Lang::En),
            ("ko;q=0.1234", Lang::En),
            ("ko;level=1", Lang::En),
            ("kok", Lang::En),
            ("", Lang::En),
            (",,;;q=,", Lang::En),
        ] {
            assert_eq!(lang_from(Some(header)), expected, "{header}");
        }
    }

    #[test]
    fn reads_a_bounded_number_of_ranges() {
        let header = format!("{}ko", "fr,".repeat(limits::LANGUAGE_RANGES));
        assert_eq!(lang_from(Some(&header)), Lang::En);
    }
}
