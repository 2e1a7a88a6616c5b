//! What a policy looks at, read from Cedar's JSON form of it.

use serde_json::Value;
use std::collections::BTreeSet;

/// The models a policy is confined to; `None` = it may reach any.
///
/// Read from `resource == Model::"x"` in the scope, or from `resource == Model::"x"` or `resource in [...]` where it
/// is the very first thing the first `when` tests: for every other model the policy is then false before anything in
/// it could fail, so it need not be evaluated.
pub(crate) fn models(policy: &Value) -> Option<BTreeSet<String>> {
    if let Some(scope) = policy.get("resource").filter(|scope| word(scope, "op") == Some("==")) {
        return scope.get("entity").and_then(model).map(|model| BTreeSet::from([model]));
    }
    let first = policy.get("conditions")?.as_array()?.first()?;
    if word(first, "kind") != Some("when") {
        return None;
    }
    named_by(first_tested(first.get("body")?))
}

fn word<'a>(object: &'a Value, name: &str) -> Option<&'a str> {
    object.get(name).and_then(Value::as_str)
}

fn first_tested(mut expression: &Value) -> &Value {
    while let Some(left) = expression.get("&&").and_then(|and| and.get("left")) {
        expression = left;
    }
    expression
}

fn named_by(test: &Value) -> Option<BTreeSet<String>> {
    let operands = test.get("==").or_else(|| test.get("in"))?;
    if operands.get("left")?.get("Var")?.as_str()? != "resource" {
        return None;
    }
    let right = operands.get("right")?;
    match right.get("Set") {
        Some(set) => set.as_array()?.iter().map(literal).collect(),
        None => literal(right).map(|model| BTreeSet::from([model])),
    }
}

fn literal(expression: &Value) -> Option<String> {
    model(expression.get("Value")?.get("__entity")?)
}

fn model(entity: &Value) -> Option<String> {
    (word(entity, "type") == Some("Model")).then(|| word(entity, "id").map(str::to_owned)).flatten()
}

/// Whether the policy looks at the clock, so that its answer may change by itself. The whole context compared or handed
/// on would carry the clock along.
pub(crate) fn reads_clock(policy: &Value) -> bool {
    match policy {
        Value::Object(all) => {
            is_context(policy)
                || all.iter().any(|(operator, node)| match accessed(operator, node) {
                    Some((left, _)) if operator == "has" => !is_context(left) && reads_clock(left),
                    Some((left, attribute)) if is_context(left) => attribute == "at",
                    Some((left, _)) => reads_clock(left),
                    None => reads_clock(node),
                })
        }
        Value::Array(all) => all.iter().any(reads_clock),
        _ => false,
    }
}

fn is_context(expression: &Value) -> bool {
    word(expression, "Var") == Some("context")
}

/// What is accessed, and which attribute of it.
fn accessed<'a>(operator: &str, node: &'a Value) -> Option<(&'a Value, &'a str)> {
    matches!(operator, "." | "has").then_some(())?;
    Some((node.get("left")?, word(node, "attr")?))
}
