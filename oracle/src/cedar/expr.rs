//! Cedar expressions as text: Cedar reads text three times as fast as its own JSON form.

use std::fmt::Display;

/// A Cedar expression that can stand as an operand anywhere.
#[derive(Clone)]
pub(super) struct Expr(String);

impl Display for Expr {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// A string literal; what is not plain ASCII is escaped, so no value can end it.
pub(super) fn text(value: &str) -> Expr {
    Expr(format!("\"{}\"", value.escape_default()))
}

pub(super) fn long(value: i64) -> Expr {
    Expr(value.to_string())
}

pub(super) fn boolean(value: bool) -> Expr {
    Expr(value.to_string())
}

pub(super) fn entity(kind: &str, id: &str) -> Expr {
    Expr(format!("{kind}::{}", text(id)))
}

pub(super) fn texts<'a>(values: impl IntoIterator<Item = &'a str>) -> Expr {
    set(values.into_iter().map(text))
}

pub(super) fn set(values: impl IntoIterator<Item = Expr>) -> Expr {
    Expr(format!("[{}]", joined(values, ",")))
}

/// The action or the resource itself.
pub(super) fn var(name: &str) -> Expr {
    Expr(name.to_owned())
}

/// `principal.attr`.
pub(super) fn principal(attr: &str) -> Expr {
    Expr(format!("principal.{attr}"))
}

/// `context.attr`.
pub(super) fn context(attr: &str) -> Expr {
    Expr(format!("context.{attr}"))
}

/// `principal has attr`.
pub(super) fn principal_has(attr: &str) -> Expr {
    Expr(format!("(principal has {attr})"))
}

pub(super) fn eq(left: Expr, right: Expr) -> Expr {
    Expr(format!("({left} == {right})"))
}

pub(super) fn lt(left: Expr, right: Expr) -> Expr {
    Expr(format!("({left} < {right})"))
}

pub(super) fn ge(left: Expr, right: Expr) -> Expr {
    Expr(format!("({left} >= {right})"))
}

pub(super) fn contains(set: Expr, item: Expr) -> Expr {
    Expr(format!("{set}.contains({item})"))
}

pub(super) fn contains_all(set: Expr, subset: Expr) -> Expr {
    Expr(format!("{set}.containsAll({subset})"))
}

pub(super) fn contains_any(set: Expr, other: Expr) -> Expr {
    Expr(format!("{set}.containsAny({other})"))
}

pub(super) fn is_empty(set: Expr) -> Expr {
    Expr(format!("{set}.isEmpty()"))
}

pub(super) fn not(arg: Expr) -> Expr {
    Expr(format!("(!{arg})"))
}

pub(super) fn either(condition: Expr, then: Expr, otherwise: Expr) -> Expr {
    Expr(format!("(if {condition} then {then} else {otherwise})"))
}

/// All of them, evaluated in this order up to the first false; of none, true.
pub(super) fn all(parts: impl IntoIterator<Item = Expr>) -> Expr {
    chain(parts, " && ", true)
}

/// Any of them, evaluated in this order up to the first true; of none, false.
pub(super) fn any(parts: impl IntoIterator<Item = Expr>) -> Expr {
    chain(parts, " || ", false)
}

fn chain(parts: impl IntoIterator<Item = Expr>, operator: &str, of_none: bool) -> Expr {
    let mut parts: Vec<Expr> = parts.into_iter().collect();
    match (parts.pop(), parts.is_empty()) {
        (None, _) => boolean(of_none),
        (Some(only), true) => only,
        (Some(last), false) => Expr(format!("({}{operator}{last})", joined(parts, operator))),
    }
}

fn joined(parts: impl IntoIterator<Item = Expr>, separator: &str) -> String {
    parts.into_iter().map(|part| part.0).collect::<Vec<_>>().join(separator)
}

#[cfg(test)]
mod tests {
    use super::*;
    use cedar_policy::{Context, Entities, EntityUid, EvalResult, Expression, Request, eval_expression};
    use std::str::FromStr;

    fn evaluate(expr: &Expr) -> EvalResult {
        let uid = || EntityUid::from_str("A::\"a\"").unwrap();
        let request = Request::new(uid(), uid(), uid(), Context::empty(), None).unwrap();
        let parsed = Expression::from_str(&expr.to_string()).unwrap();
        eval_expression(&request, &Entities::empty(), &parsed).unwrap()
    }

    #[test]
    fn no_value_ends_its_literal() {
        for value in ["\"", "\\", "\\\"", "a\" || true || \"", "한\n\0\u{202e}", "*", "'", ""] {
            assert_eq!(evaluate(&text(value)), EvalResult::String(value.to_owned()), "{value:?}");
        }
    }

    #[test]
    fn extremes_and_empty_chains_read_back() {
        for value in [i64::MIN, -1, 0, i64::MAX] {
            assert_eq!(evaluate(&long(value)), EvalResult::Long(value));
        }
        assert_eq!(evaluate(&all([])), EvalResult::Bool(true));
        assert_eq!(evaluate(&any([])), EvalResult::Bool(false));
        assert_eq!(
            evaluate(&not(all([any([boolean(true), boolean(false)]), boolean(false)]))),
            EvalResult::Bool(true)
        );
    }
}
