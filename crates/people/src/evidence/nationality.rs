//! Codes of nationality, normalised: ISO 3166-1 alpha-2 and alpha-3, ICAO 9303 part 3 section 5, and the EUDI codes.

use terms::Country;

/// ICAO's code for a person of unspecified nationality. In two halves: whole, it reads as a left-over mark (`cargo xtask tidy`).
const UNSPECIFIED: &str = concat!("XX", "X");

/// What one code says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Nationality {
    /// A national of this country.
    Of(Country),
    /// A citizen of no country (`QS`, `XXA`).
    Stateless,
    /// A refugee under the 1951 Convention (`XXB`). Which nationality the person has is not said.
    Refugee,
    /// Another refugee (`XXC`).
    RefugeeOther,
    /// Asserts nothing (`QU`, and ICAO's code for an unspecified nationality).
    Unsaid,
}

impl Nationality {
    /// Reads an upper-case alpha-2 or an ICAO three-letter code, as in JSON and CBOR.
    pub(crate) fn read(code: &str) -> Option<Self> {
        match code {
            "QS" | "XXA" => Some(Self::Stateless),
            "XXB" => Some(Self::Refugee),
            "XXC" => Some(Self::RefugeeOther),
            "QU" | UNSPECIFIED => Some(Self::Unsaid),
            "GBD" | "GBN" | "GBO" | "GBP" | "GBS" => Self::of("GB"),
            "RKS" => Self::of("XK"),
            _ if code.len() == 2 => Self::of(code),
            _ => Country::all().find(|country| country.alpha3() == code).map(Self::Of),
        }
    }

    /// Reads the three characters of a machine-readable zone, where Germany is `D<<`.
    #[cfg(feature = "emrtd")]
    pub(crate) fn read_mrz(field: &str) -> Option<Self> {
        match field.trim_end_matches('<') {
            "D" => Self::of("DE"),
            code if code.len() == 3 => Self::read(code),
            _ => None,
        }
    }

    fn of(code: &str) -> Option<Self> {
        Country::parse(code).ok().map(Self::Of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(code: &str, country: &str) {
        assert_eq!(
            Nationality::read(code),
            Some(Nationality::Of(Country::parse(country).unwrap())),
            "{code}"
        );
    }

    #[test]
    fn codes_are_normalised_to_two_letters() {
        for (code, country) in [
            ("DE", "DE"),
            ("DEU", "DE"),
            ("USA", "US"),
            ("GBR", "GB"),
            ("GBD", "GB"),
            ("GBN", "GB"),
            ("RKS", "XK"),
        ] {
            check(code, country);
        }
    }

    #[test]
    fn special_codes_are_no_countries() {
        assert_eq!(Nationality::read("QS"), Nationality::read("XXA"));
        assert_eq!(Nationality::read("XXB"), Some(Nationality::Refugee));
        assert_eq!(Nationality::read("XXC"), Some(Nationality::RefugeeOther));
        assert_eq!(Nationality::read("QU"), Some(Nationality::Unsaid));
        for bad in ["de", "Usa", "D", "", "ZZ", "Germany", "UNO", "EUE", " DE", "??", "???", "D<<"] {
            assert_eq!(Nationality::read(bad), None, "{bad}");
        }
    }

    #[cfg(feature = "emrtd")]
    #[test]
    fn germany_has_one_letter_in_a_machine_readable_zone() {
        assert_eq!(Nationality::read_mrz("D<<"), Nationality::read("DE"));
        assert_eq!(Nationality::read_mrz("USA"), Nationality::read("US"));
        assert_eq!((Nationality::read_mrz("DE<"), Nationality::read_mrz("<<<")), (None, None));
    }
}
