//! Looks for what must not be stored: the values, found in the input, of the members that a verdict names.

mod cbor;
mod mrz;

use anyhow::{Context, Result};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use people::Evidence;
use serde_json::Value;

use crate::case::Step;

/// Values shorter than this say nothing of a person and stand everywhere (`DE`).
const SHORTEST: usize = 3;

/// One difference for each value that stands in the evidence, as JSON or as text for developers.
pub fn stored(evidence: &Evidence, step: &Step, expect: &Value) -> Result<Vec<String>> {
    let names: Vec<String> = match expect.get("must_not_store") {
        Some(names) => serde_json::from_value(names.clone()).context("must_not_store")?,
        None => return Ok(Vec::new()),
    };
    let stored = format!("{}\n{evidence:?}", serde_json::to_string(evidence)?);
    let mut found = Vec::new();
    for name in &names {
        for secret in values(step, name)?.iter().filter(|secret| secret.len() >= SHORTEST) {
            if stored.contains(secret.as_str()) {
                found.push(format!("must_not_store: the value of `{name}` stands in the evidence"));
            }
        }
    }
    Ok(found)
}

/// Every value under `name` in whatever was presented.
fn values(step: &Step, name: &str) -> Result<Vec<String>> {
    let mut found = Vec::new();
    let exchanged = step.exchange_request.as_ref().map(|request| request.subject_token.as_str());
    let assertion = step.end_user_assertion.as_ref().and_then(Option::as_deref);
    for token in
        [step.access_token.as_deref(), assertion, exchanged, step.vp_token.as_deref()].into_iter().flatten()
    {
        in_token(token, name, &mut found);
    }
    if let Some(response) = &step.introspection_response {
        under(&serde_json::from_str(response.get())?, name, &mut found);
    }
    if let Some(response) = &step.vp_token_mdoc {
        found.extend(cbor::elements(&URL_SAFE_NO_PAD.decode(response)?, name).context("device response")?);
    }
    if let Some(dg1) = &step.dg1 {
        found.extend(mrz::field(&URL_SAFE_NO_PAD.decode(dg1)?, name));
    }
    if let Some(dg2) = step.dg2.as_ref().filter(|_| name == "dg2") {
        found.extend([dg2.clone(), hex(&URL_SAFE_NO_PAD.decode(dg2)?)]);
    }
    Ok(found)
}

/// Payloads of JWTs, and disclosures of SD-JWTs: whatever part decodes to JSON.
fn in_token(token: &str, name: &str, found: &mut Vec<String>) {
    let parts = token.split(['.', '~']).filter_map(|part| URL_SAFE_NO_PAD.decode(part).ok());
    for part in parts.filter_map(|part| serde_json::from_slice::<Value>(&part).ok()) {
        match part.as_array().map(Vec::as_slice) {
            Some([_, disclosed, value]) if disclosed == name => leaves(value, found),
            _ => under(&part, name, found),
        }
    }
}

/// Values of members called `name`, at any depth.
fn under(value: &Value, name: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => members.iter().for_each(|(member, value)| {
            if member == name { leaves(value, found) } else { under(value, name, found) }
        }),
        Value::Array(elements) => elements.iter().for_each(|element| under(element, name, found)),
        _ => {}
    }
}

fn leaves(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => members.values().for_each(|value| leaves(value, found)),
        Value::Array(elements) => elements.iter().for_each(|element| leaves(element, found)),
        Value::String(text) => found.push(text.clone()),
        Value::Number(number) => found.push(number.to_string()),
        Value::Bool(_) | Value::Null => {}
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encode(text: &str) -> String {
        URL_SAFE_NO_PAD.encode(text)
    }

    #[test]
    fn values_are_found_in_payloads_and_disclosures() {
        let payload = encode(r#"{"claims":{"name":"Test Person","address":{"name":["Elm Street"]}}}"#);
        let disclosure = encode(r#"["salt","name",{"first":"Ada"}]"#);
        let mut found = Vec::new();
        in_token(&format!("e30.{payload}.AAAA~{disclosure}~"), "name", &mut found);
        found.sort();
        assert_eq!(found, ["Ada", "Elm Street", "Test Person"]);
    }
}
