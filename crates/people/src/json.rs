//! Strict JSON in front of every library: a repeated member anywhere is refused, depth and size are bounded.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor};
use terms::Instant;

use crate::limits::{JSON_BYTES, JSON_DEPTH};
use crate::refusal::Refusal;

/// Members of an object by name. Names were unescaped before they were compared.
pub type Object = BTreeMap<String, Value>;

/// A JSON value.
#[derive(Clone, PartialEq, Debug)]
pub enum Value {
    /// `null`: a value of its own type, never the same as absence.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A string.
    Text(String),
    /// An array.
    Array(Vec<Value>),
    /// An object without repeated members.
    Object(Object),
}

/// A JSON number; whole ones that fit in 64 bits are exact.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Number {
    /// Whole, in the range of `i64`.
    Whole(i64),
    /// Everything else.
    Real(f64),
}

/// Reads one JSON text of at most [`JSON_BYTES`].
///
/// # Errors
/// [`Refusal::Malformed`] when it is no JSON, repeats a member name, or is over a bound.
pub fn parse(text: &[u8]) -> Result<Value, Refusal> {
    parse_bounded(text, JSON_BYTES)
}

/// Reads one JSON text of at most `max_bytes`.
///
/// # Errors
/// As [`parse`].
pub fn parse_bounded(text: &[u8], max_bytes: usize) -> Result<Value, Refusal> {
    if text.len() > max_bytes {
        return Err(Refusal::Malformed("JSON over the size limit"));
    }
    let mut reader = serde_json::Deserializer::from_slice(text);
    let value = Strict { depth: 0 }.deserialize(&mut reader).map_err(|_| NOT_JSON)?;
    reader.end().map_err(|_| NOT_JSON)?;
    Ok(value)
}

/// Reads one JSON text that must be an object.
///
/// # Errors
/// As [`parse`], and when it is no object.
pub fn parse_object(text: &[u8]) -> Result<Object, Refusal> {
    match parse(text)? {
        Value::Object(object) => Ok(object),
        _ => Err(Refusal::Malformed("not a JSON object")),
    }
}

const NOT_JSON: Refusal = Refusal::Malformed("not strict JSON");

impl Value {
    /// The text of a string.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The members of an object.
    pub fn as_object(&self) -> Option<&Object> {
        match self {
            Self::Object(object) => Some(object),
            _ => None,
        }
    }

    /// The elements of an array.
    pub fn as_array(&self) -> Option<&[Self]> {
        match self {
            Self::Array(elements) => Some(elements),
            _ => None,
        }
    }

    /// A truth value.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(truth) => Some(*truth),
            _ => None,
        }
    }

    /// A whole number that is not negative.
    pub fn as_index(&self) -> Option<u64> {
        match self {
            Self::Number(Number::Whole(number)) => u64::try_from(*number).ok(),
            _ => None,
        }
    }

    /// A NumericDate (RFC 7519, section 2): seconds since the epoch, possibly with a fraction. Dates beyond the
    /// scale stop at its ends.
    pub fn as_date(&self) -> Option<Instant> {
        let micros = match self {
            Self::Number(Number::Whole(seconds)) => seconds.saturating_mul(1_000_000),
            #[expect(clippy::cast_possible_truncation, reason = "a cast from f64 stops at the ends of i64")]
            Self::Number(Number::Real(seconds)) => (seconds * 1e6).round() as i64,
            _ => return None,
        };
        Some(Instant::from_micros(micros))
    }
}

/// Optional members of an object, by type. A member of another type, also `null`, is [`Refusal::ClaimType`].
pub(crate) trait Members {
    fn text(&self, name: &'static str) -> Result<Option<&str>, Refusal>;
    fn object(&self, name: &'static str) -> Result<Option<&Object>, Refusal>;
    fn date(&self, name: &'static str) -> Result<Option<Instant>, Refusal>;
    fn texts(&self, name: &'static str) -> Result<Option<Vec<&str>>, Refusal>;
    fn flag(&self, name: &'static str) -> Result<Option<bool>, Refusal>;
    /// A string, or an array of strings (`aud`).
    fn text_or_texts(&self, name: &'static str) -> Result<Option<Vec<&str>>, Refusal>;
}

impl Members for Object {
    fn text(&self, name: &'static str) -> Result<Option<&str>, Refusal> {
        typed(self, name, Value::as_text)
    }

    fn object(&self, name: &'static str) -> Result<Option<&Object>, Refusal> {
        typed(self, name, Value::as_object)
    }

    fn date(&self, name: &'static str) -> Result<Option<Instant>, Refusal> {
        typed(self, name, Value::as_date)
    }

    fn texts(&self, name: &'static str) -> Result<Option<Vec<&str>>, Refusal> {
        typed(self, name, |value| value.as_array()?.iter().map(Value::as_text).collect())
    }

    fn flag(&self, name: &'static str) -> Result<Option<bool>, Refusal> {
        typed(self, name, Value::as_bool)
    }

    fn text_or_texts(&self, name: &'static str) -> Result<Option<Vec<&str>>, Refusal> {
        match self.get(name) {
            Some(Value::Text(text)) => Ok(Some(vec![text])),
            _ => self.texts(name),
        }
    }
}

fn typed<'a, T>(
    object: &'a Object,
    name: &'static str,
    read: impl FnOnce(&'a Value) -> Option<T>,
) -> Result<Option<T>, Refusal> {
    object.get(name).map(|value| read(value).ok_or(Refusal::ClaimType(name))).transpose()
}

/// Builds a [`Value`] and refuses what serde's own maps would let pass.
#[derive(Clone, Copy)]
struct Strict {
    depth: usize,
}

impl Strict {
    fn deeper<E: Error>(self) -> Result<Self, E> {
        let depth = self.depth.saturating_add(1);
        if depth > JSON_DEPTH { Err(E::custom("nested too deep")) } else { Ok(Self { depth }) }
    }
}

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, truth: bool) -> Result<Value, E> {
        Ok(Value::Bool(truth))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Value, E> {
        Ok(Value::Number(Number::Whole(number)))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Value, E> {
        #[expect(clippy::cast_precision_loss, reason = "beyond i64 a number is approximate, as documented")]
        let number = i64::try_from(number).map_or(Number::Real(number as f64), Number::Whole);
        Ok(Value::Number(number))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Value, E> {
        Ok(Value::Number(Number::Real(number)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Text(text.to_owned()))
    }

    fn visit_string<E: Error>(self, text: String) -> Result<Value, E> {
        Ok(Value::Text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut elements = Vec::new();
        while let Some(element) = seq.next_element_seed(inner)? {
            elements.push(element);
        }
        Ok(Value::Array(elements))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut object = Object::new();
        while let Some(name) = map.next_key::<String>()? {
            let value = map.next_value_seed(inner)?;
            if object.insert(name, value).is_some() {
                return Err(A::Error::custom("repeated member"));
            }
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_refused(text: &str) {
        assert_eq!(parse(text.as_bytes()).map_err(|refusal| refusal.code()), Err("malformed"), "{text}");
    }

    #[test]
    fn a_repeated_member_is_refused_wherever_it_stands() {
        for text in [
            r#"{"a":1,"a":1}"#,
            r#"{"b":[{"a":1,"c":2,"a":1}]}"#,
            r#"{"a":1,"\u0061":2}"#,
            r#"[[{"x":{"":0,"":0}}]]"#,
        ] {
            check_refused(text);
        }
        assert!(parse(br#"{"a":{"a":1},"A":[{"a":1},{"a":1}]}"#).is_ok());
    }

    #[test]
    fn what_is_no_json_is_refused() {
        for text in ["", "{", "{} {}", "\u{feff}{}", r#"{"a":01}"#, "[1,]", r#""\ud800""#, "NaN", "{'a':1}"] {
            check_refused(text);
        }
        assert!(parse(b"\"\xff\"").is_err());
        assert_eq!(parse_object(b"[]").unwrap_err().code(), "malformed");
    }

    #[test]
    fn depth_and_size_are_bounded() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(parse(nested(JSON_DEPTH).as_bytes()).is_ok());
        check_refused(&nested(JSON_DEPTH + 1));
        assert!(parse_bounded(b"[1,2]", 5).is_ok());
        assert!(parse_bounded(b"[1,2]", 4).is_err());
    }

    #[test]
    fn whole_numbers_are_exact_and_dates_stop_at_the_ends() {
        assert_eq!(parse(b"9007199254740993").unwrap(), Value::Number(Number::Whole(9_007_199_254_740_993)));
        let date = |text: &str| parse(text.as_bytes()).unwrap().as_date().map(Instant::as_micros);
        assert_eq!(date("1781308800"), Some(1_781_308_800_000_000));
        assert_eq!(date("1781308800.25"), Some(1_781_308_800_250_000));
        assert_eq!(date("1e300"), Some(i64::MAX));
        assert_eq!(date("99999999999999999"), Some(i64::MAX));
        assert_eq!((date("\"1\""), date("true"), date("null")), (None, None, None));
        assert_eq!(parse(b"1.0").unwrap().as_index(), None);
    }

    #[test]
    fn null_is_a_wrong_type_and_absence_is_none() {
        let object = parse_object(br#"{"a":null,"b":"x","c":["x",1],"d":[]}"#).unwrap();
        assert_eq!(object.text("a"), Err(Refusal::ClaimType("a")));
        assert_eq!(object.text("z"), Ok(None));
        assert_eq!(object.text_or_texts("b"), Ok(Some(vec!["x"])));
        assert_eq!(object.texts("c"), Err(Refusal::ClaimType("c")));
        assert_eq!(object.texts("d"), Ok(Some(vec![])));
        assert_eq!(object.flag("b"), Err(Refusal::ClaimType("b")));
    }
}
