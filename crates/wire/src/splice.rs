//! Writes decided model names into a body whose other bytes stay untouched.

use std::ops::Range;

use bytes::{Bytes, BytesMut};

/// The range does not fit the body: a fault of the calling code, never of the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the range is not a string token of this body; pass the very body that was peeked")]
pub struct SpliceError;

/// Replaces the JSON string token at `range` by `decided`. Returns the same `Bytes` when nothing changes.
///
/// # Errors
/// [`SpliceError`] when `range` does not hold a quoted token of `body`.
pub fn with_model(body: Bytes, range: &Range<usize>, decided: &str) -> Result<Bytes, SpliceError> {
    with_models(body, &[(range.clone(), decided)])
}

/// Replaces several tokens at once. `edits` may come in any order and must not overlap.
///
/// # Errors
/// [`SpliceError`] when a range does not hold a quoted token of `body`, or two overlap.
pub fn with_models(body: Bytes, edits: &[(Range<usize>, &str)]) -> Result<Bytes, SpliceError> {
    let mut edits: Vec<_> = edits.iter().map(|(range, name)| (range.clone(), quoted(name))).collect();
    edits.sort_by_key(|(range, _)| range.start);
    let mut unchanged = true;
    for (range, token) in &edits {
        unchanged &= token_at(&body, range)? == token.as_bytes();
    }
    if unchanged { Ok(body) } else { rewrite(&body, &edits) }
}

fn rewrite(body: &Bytes, edits: &[(Range<usize>, String)]) -> Result<Bytes, SpliceError> {
    let added: usize = edits.iter().map(|(_, token)| token.len()).sum();
    let mut out = BytesMut::with_capacity(body.len().saturating_add(added));
    let mut copied = 0;
    for (range, token) in edits {
        out.extend_from_slice(body.get(copied..range.start).ok_or(SpliceError)?);
        out.extend_from_slice(token.as_bytes());
        copied = range.end;
    }
    out.extend_from_slice(body.get(copied..).ok_or(SpliceError)?);
    Ok(out.freeze())
}

fn token_at<'b>(body: &'b Bytes, range: &Range<usize>) -> Result<&'b [u8], SpliceError> {
    match body.get(range.clone()) {
        Some(token @ [b'"', .., b'"']) => Ok(token),
        _ => Err(SpliceError),
    }
}

/// A text as a JSON string token.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &str = r#"{"model":"a","fallbacks":["b"]}"#;

    fn check(edits: &[(Range<usize>, &str)], expected: Result<&str, SpliceError>) {
        let out = with_models(Bytes::from_static(BODY.as_bytes()), edits);
        assert_eq!(out, expected.map(|text| Bytes::copy_from_slice(text.as_bytes())));
    }

    #[test]
    fn replaces_tokens_and_nothing_else() {
        check(&[(9..12, "up\"x")], Ok(r#"{"model":"up\"x","fallbacks":["b"]}"#));
        check(&[(26..29, "z"), (9..12, "yy")], Ok(r#"{"model":"yy","fallbacks":["z"]}"#));
    }

    #[test]
    fn refuses_ranges_that_are_no_token() {
        check(&[(8..12, "x")], Err(SpliceError));
        check(&[(9..99, "x")], Err(SpliceError));
        check(&[(9..9, "x")], Err(SpliceError));
        check(&[(9..12, "x"), (9..12, "y")], Err(SpliceError));
    }

    #[test]
    fn returns_the_same_bytes_when_equal() {
        let body = Bytes::from_static(BODY.as_bytes());
        let out = with_model(body.clone(), &(9..12), "a").unwrap();
        assert_eq!(out.as_ptr(), body.as_ptr());
    }
}
