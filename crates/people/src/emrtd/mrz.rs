//! The machine-readable zone in data group 1 (ICAO 9303 parts 4 to 6, 10): sizes TD1, TD2 and TD3.
//!
//! Only nationality, issuing state and date of expiry leave this module. Names and numbers are read for their check digits and
//! forgotten.

use der::asn1::AnyRef;
use der::{Class, Decode, Tagged};
use terms::Instant;

/// Group 1, or the zone in it, is not as ICAO 9303 says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadMrz {
    /// Not the two nested tags of data group 1.
    #[error("data group 1 is not well formed")]
    Group,
    /// No known size, or a character that does not belong there.
    #[error("the machine-readable zone has no known size or a character that cannot occur")]
    Form,
    /// A check digit does not fit.
    #[error("a check digit of the machine-readable zone is wrong")]
    CheckDigit,
    /// The date of expiry is no date.
    #[error("the date of expiry is no date")]
    Date,
}

/// What is kept of the zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mrz {
    /// The holder's nationality as written, one to three letters.
    pub nationality: String,
    /// The issuing state or organisation as written, one to three letters. It says nothing about nationality.
    pub issuer: String,
    /// The last second of the day of expiry, UTC. Unix seconds.
    pub expires: i64,
}

/// Reads data group 1 (tag 61 around tag 5F1F).
pub fn data_group_1(bytes: &[u8]) -> Result<Mrz, BadMrz> {
    let group = application(bytes, 1).ok_or(BadMrz::Group)?;
    let zone = application(group, 31).ok_or(BadMrz::Group)?;
    Mrz::parse(std::str::from_utf8(zone).map_err(|_| BadMrz::Form)?)
}

/// The content of an application-class tag that fills the bytes.
pub(super) fn application(bytes: &[u8], number: u32) -> Option<&[u8]> {
    let any = AnyRef::from_der(bytes).ok()?;
    let tag = any.tag();
    (tag.class() == Class::Application && tag.number().value() == number).then(|| any.value())
}

impl Mrz {
    /// Reads the lines written one after the other, without separators.
    pub fn parse(zone: &str) -> Result<Self, BadMrz> {
        let known = |c: u8| c.is_ascii_uppercase() || c.is_ascii_digit() || c == b'<';
        if !zone.bytes().all(known) {
            return Err(BadMrz::Form);
        }
        match zone.len() {
            90 => Zone(zone).td1(),
            72 => Zone(zone).td2_or_td3(36),
            88 => Zone(zone).td2_or_td3(44),
            _ => Err(BadMrz::Form),
        }
    }
}

/// The zone, addressed by position.
#[derive(Clone, Copy)]
struct Zone<'a>(&'a str);

impl<'a> Zone<'a> {
    fn at(self, from: usize, count: usize) -> Result<&'a str, BadMrz> {
        let end = from.checked_add(count).ok_or(BadMrz::Form)?;
        self.0.get(from..end).ok_or(BadMrz::Form)
    }

    /// Three lines of 30 (part 5).
    fn td1(self) -> Result<Mrz, BadMrz> {
        number_checks(self.at(5, 9)?, self.at(14, 1)?, self.at(15, 15)?)?;
        checks(self.at(30, 6)?, self.at(36, 1)?)?;
        checks(self.at(38, 6)?, self.at(44, 1)?)?;
        let composite = [self.at(5, 25)?, self.at(30, 7)?, self.at(38, 7)?, self.at(48, 11)?].concat();
        checks(&composite, self.at(59, 1)?)?;
        self.kept(self.at(45, 3)?, self.at(38, 6)?)
    }

    /// Two lines, of 36 (part 6) or 44 (part 4). A passport has a further check digit over the optional field, which may stay
    /// empty when the field is.
    fn td2_or_td3(self, line: usize) -> Result<Mrz, BadMrz> {
        let second = Zone(self.at(line, line)?);
        let (number, digit) = (second.at(0, 9)?, second.at(9, 1)?);
        if line == 44 {
            checks(number, digit)?;
            let (optional, digit) = (second.at(28, 14)?, second.at(42, 1)?);
            if digit != "<" || optional.bytes().any(|c| c != b'<') {
                checks(optional, digit)?;
            }
        } else {
            number_checks(number, digit, second.at(28, 7)?)?;
        }
        checks(second.at(13, 6)?, second.at(19, 1)?)?;
        checks(second.at(21, 6)?, second.at(27, 1)?)?;
        let last = line.saturating_sub(1);
        let composite =
            [second.at(0, 10)?, second.at(13, 7)?, second.at(21, last.saturating_sub(21))?].concat();
        checks(&composite, second.at(last, 1)?)?;
        self.kept(second.at(10, 3)?, second.at(21, 6)?)
    }

    fn kept(self, nationality: &str, expiry: &str) -> Result<Mrz, BadMrz> {
        Ok(Mrz {
            nationality: code(nationality)?,
            issuer: code(self.at(2, 3)?)?,
            expires: last_second(expiry)?,
        })
    }
}

/// A code of one to three letters, filled up at the end.
fn code(field: &str) -> Result<String, BadMrz> {
    let code = field.trim_end_matches('<');
    let letters = !code.is_empty() && code.bytes().all(|c| c.is_ascii_uppercase());
    if letters { Ok(code.to_owned()) } else { Err(BadMrz::Form) }
}

/// Documents last ten years at most, so the century is this one.
fn last_second(yymmdd: &str) -> Result<i64, BadMrz> {
    if !yymmdd.bytes().all(|c| c.is_ascii_digit()) {
        return Err(BadMrz::Date);
    }
    let (year, rest) = yymmdd.split_at_checked(2).ok_or(BadMrz::Date)?;
    let (month, day) = rest.split_at_checked(2).ok_or(BadMrz::Date)?;
    let instant = Instant::parse(&format!("20{year}-{month}-{day}T23:59:59Z")).map_err(|_| BadMrz::Date)?;
    Ok(instant.as_micros().div_euclid(1_000_000))
}

/// Weights 7, 3, 1 over digits, letters from 10 on and fillers as 0 (part 3, 4.9).
fn check_digit(field: &str) -> Option<char> {
    let sum = field.chars().zip([7, 3, 1].into_iter().cycle()).fold(0_u32, |sum, (c, weight)| {
        let value = c.to_digit(36).unwrap_or(0);
        sum.saturating_add(value.saturating_mul(weight))
    });
    char::from_digit(sum.checked_rem(10)?, 10)
}

fn checks(field: &str, digit: &str) -> Result<(), BadMrz> {
    let fits = check_digit(field).is_some_and(|expected| digit.chars().eq([expected]));
    if fits { Ok(()) } else { Err(BadMrz::CheckDigit) }
}

/// A document number longer than nine characters has a filler as its check digit and goes on, check digit included, in the
/// optional field up to the first filler (part 5, 4.2.2).
fn number_checks(number: &str, digit: &str, optional: &str) -> Result<(), BadMrz> {
    if digit != "<" {
        return checks(number, digit);
    }
    let tail = optional.split('<').next().unwrap_or_default();
    let (rest, last) = tail.split_at_checked(tail.len().saturating_sub(1)).ok_or(BadMrz::CheckDigit)?;
    checks(&[number, rest].concat(), last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TD3: &str =
        "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<L898902C36UTO7408122F1204159ZE184226B<<<<<10";
    const TD2: &str = "I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<D231458907UTO7408122F1204159<<<<<<<6";
    const TD1: &str =
        "I<UTOD231458907<<<<<<<<<<<<<<<7408122F1204159UTO<<<<<<<<<<<6ERIKSSON<<ANNA<MARIA<<<<<<<<<<";
    /// 2012-04-15T23:59:59Z.
    const EXPIRY: i64 = 1_334_534_399;

    #[test]
    fn the_specimens_of_icao_9303_read() {
        for zone in [TD1, TD2, TD3] {
            let mrz = Mrz::parse(zone).unwrap();
            assert_eq!(
                mrz,
                Mrz { nationality: "UTO".into(), issuer: "UTO".into(), expires: EXPIRY },
                "{zone}"
            );
        }
    }

    #[test]
    fn a_long_document_number_goes_on_in_the_optional_field() {
        // ICAO 9303-5, Appendix B: D23145890734.
        let zone =
            "I<UTOD23145890<7349<<<<<<<<<<<7408122F1204159UTO<<<<<<<<<<<0ERIKSSON<<ANNA<MARIA<<<<<<<<<<";
        let digit =
            check_digit(&[&zone[5..30], &zone[30..37], &zone[38..45], &zone[48..59]].concat()).unwrap();
        let zone = format!("{}{digit}{}", &zone[..59], &zone[60..]);
        assert_eq!(Mrz::parse(&zone).map(|mrz| mrz.nationality).as_deref(), Ok("UTO"));
        assert_eq!(Mrz::parse(&zone.replace("7349", "7348")), Err(BadMrz::CheckDigit));
    }

    #[test]
    fn every_checked_character_is_checked() {
        for (zone, checked) in [(TD3, 44..88), (TD2, 36..72), (TD1, 5..60)] {
            for position in checked {
                let mut bytes = zone.as_bytes().to_vec();
                let value = (bytes[position] as char).to_digit(36).unwrap_or(0);
                bytes[position] = if value % 10 == 1 { b'2' } else { b'1' };
                let changed = Mrz::parse(std::str::from_utf8(&bytes).unwrap());
                assert!(
                    changed.as_ref().is_err() || unchecked(zone, position),
                    "{zone} {position} {changed:?}"
                );
            }
        }
    }

    /// Sex and nationality have no check digit.
    fn unchecked(zone: &str, position: usize) -> bool {
        match zone.len() {
            90 => position == 37,
            72 => position == 36 + 20,
            _ => position == 44 + 20,
        }
    }

    #[test]
    fn sizes_characters_and_dates_are_refused() {
        assert_eq!(Mrz::parse(&TD3[1..]), Err(BadMrz::Form));
        assert_eq!(Mrz::parse(&TD3.to_lowercase()), Err(BadMrz::Form));
        assert_eq!(Mrz::parse(&TD3.replace("ANNA", "ÄN")), Err(BadMrz::Form));
        assert_eq!(last_second("330229"), Err(BadMrz::Date));
        assert_eq!(last_second("<<<<<<"), Err(BadMrz::Date));
        assert_eq!(data_group_1(b"\x61\x02\x5f\x1f"), Err(BadMrz::Group));
    }

    #[test]
    fn the_group_is_the_zone_in_two_tags() {
        let group = [b"\x61\x5b\x5f\x1f\x58", TD3.as_bytes()].concat();
        assert_eq!(data_group_1(&group).map(|mrz| mrz.expires), Ok(EXPIRY));
        assert_eq!(data_group_1(&[&group[..], b"\0"].concat()), Err(BadMrz::Group));
    }

    proptest! {
        #[test]
        fn any_zone_is_read_or_refused(zone in "[A-Z0-9<]{72}|[A-Z0-9<]{88}|[A-Z0-9<]{90}|\\PC{0,30}") {
            let _ = Mrz::parse(&zone);
        }
    }
}
