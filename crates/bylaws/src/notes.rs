//! The annotations of a bylaw: its name, what the caller is told, and how it refuses.

use crate::judgement::Effect;
use crate::limits;
use cedar_policy::Policy;
use terms::{FactMask, MissingFact};

const KNOWN: [&str; 5] = ["id", "reason", "ko", "effect", "missing"];

/// Facts that only the operator can find out, so that it would be no help to ask the caller for them.
const OPERATORS: [MissingFact; 4] = [
    MissingFact::Ownership,
    MissingFact::EmployerUltimateParent,
    MissingFact::PartyIdentity,
    MissingFact::Screening,
];

/// What the operator wrote beside a bylaw.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Notes {
    /// Its name.
    pub id: String,
    /// For the caller, in English.
    pub reason_en: Option<String>,
    /// For the caller, in Korean.
    pub reason_ko: Option<String>,
    /// How it refuses.
    pub effect: Effect,
}

/// An annotation that cannot stand.
pub(crate) struct BadNote {
    pub(crate) message: String,
    pub(crate) help: &'static str,
}

fn bad(message: impl Into<String>, help: &'static str) -> BadNote {
    BadNote { message: message.into(), help }
}

/// Reads the annotations of one policy.
pub(crate) fn read(policy: &Policy) -> Result<Notes, BadNote> {
    if let Some((unknown, _)) = policy.annotations().find(|(name, _)| !KNOWN.contains(name)) {
        return Err(bad(
            format!("the annotation @{unknown} is not known"),
            "write @id, @reason, @ko, @effect or @missing",
        ));
    }
    Ok(Notes {
        id: id(policy.annotation("id"))?,
        reason_en: policy.annotation("reason").map(told).transpose()?,
        reason_ko: policy.annotation("ko").map(told).transpose()?,
        effect: effect(policy.annotation("effect"), policy.annotation("missing"))?,
    })
}

fn id(written: Option<&str>) -> Result<String, BadNote> {
    const HELP: &str =
        "write @id(\"contractors\") before the policy; it stands in the record of each refusal";
    let text = written.ok_or_else(|| bad("a bylaw needs an id", HELP))?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    if text.is_empty() || text.len() > limits::ID_BYTES || !text.bytes().all(plain) {
        return Err(bad(format!("`{text}` is no id: 1 to 64 letters, digits, dots, _ or -"), HELP));
    }
    Ok(text.to_owned())
}

/// A text that is shown to callers.
fn told(text: &str) -> Result<String, BadNote> {
    let text = text.trim();
    if text.is_empty() || text.len() > limits::REASON_BYTES || text.chars().any(char::is_control) {
        return Err(bad(
            "a reason is one line of at most 1024 bytes",
            "say in a sentence what the caller should know, or leave it out",
        ));
    }
    Ok(text.to_owned())
}

fn effect(effect: Option<&str>, missing: Option<&str>) -> Result<Effect, BadNote> {
    match (effect, missing) {
        (None | Some("deny"), None) => Ok(Effect::Deny),
        (Some("verify"), Some(words)) => facts(words).map(Effect::Verify),
        (Some("verify"), None) => {
            Err(bad("@effect(\"verify\") needs the facts to show", "add @missing(\"us_status,location\")"))
        }
        (None | Some("deny"), Some(_)) => {
            Err(bad("@missing is for a bylaw that demands verification", "add @effect(\"verify\")"))
        }
        (Some(other), _) => Err(bad(
            format!("the effect `{other}` is not known"),
            "write @effect(\"verify\"), or leave it out to refuse",
        )),
    }
}

fn facts(words: &str) -> Result<FactMask, BadNote> {
    words.split(',').map(|word| fact(word.trim())).collect()
}

fn fact(word: &str) -> Result<MissingFact, BadNote> {
    let known = MissingFact::parse(word).ok_or_else(|| {
        bad(
            format!("`{word}` is no fact a caller can show"),
            "us_status, citizenships, acquisition_dates, proof_of_loss, location, end_use, employment or natural_person",
        )
    })?;
    if OPERATORS.contains(&known) {
        return Err(bad(
            format!("only the operator can find out `{word}`"),
            "refuse plainly and say so in @reason; the refusal ends when the fact is on file",
        ));
    }
    Ok(known)
}
