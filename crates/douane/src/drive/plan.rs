//! The plan: which requests to send, and what must happen to each.

use std::{
    fs::File,
    io::{BufRead, BufReader},
    path::Path,
};

use anyhow::{Context as _, Result, ensure};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::json;
use wire::{
    dialect::Dialect,
    practice::{PracticeRequest, full_text},
};

use crate::population::Truth;

/// Requests of one plan.
const LINES_MAX: usize = 100_000;

/// One request, a line of the plan.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// How reports name the request.
    pub name: String,
    /// The API key to send.
    pub key: String,
    /// `openai` or `anthropic`.
    #[serde(with = "dialect_word")]
    pub dialect: Dialect,
    /// The model to ask for.
    pub model: String,
    /// Text chunks to ask the practice model for.
    pub chunks: u32,
    /// Pause between two of its frames, in milliseconds.
    pub interval_ms: u32,
    /// The answer's text follows from this.
    pub seed: String,
    /// What must happen.
    pub expect: Truth,
}

impl Line {
    /// The text of the whole answer, known beforehand.
    pub(super) fn text(&self) -> String {
        full_text(&self.seed, self.chunks)
    }

    /// The request body.
    pub(super) fn body(&self, stream: bool) -> Bytes {
        let mut body = json!({
            "model": self.model,
            "stream": stream,
            "messages": [{"role": "user", "content": "Practice."}],
            "practice": {"chunks": self.chunks, "interval_ms": self.interval_ms, "seed": self.seed},
        });
        if self.dialect == Dialect::Anthropic {
            body["max_tokens"] = json!(4_096);
        }
        body.to_string().into()
    }

    /// Path and headers of the dialect, the key among them.
    pub(super) fn route(&self) -> (&'static str, Vec<(&'static str, String)>) {
        match self.dialect {
            Dialect::OpenAi => {
                ("/v1/chat/completions", vec![("authorization", format!("Bearer {}", self.key))])
            }
            Dialect::Anthropic => (
                "/v1/messages",
                vec![("x-api-key", self.key.clone()), ("anthropic-version", "2023-06-01".to_owned())],
            ),
        }
    }
}

mod dialect_word {
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};
    use wire::dialect::Dialect;

    pub(super) fn serialize<S: Serializer>(dialect: &Dialect, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(dialect.as_str())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Dialect, D::Error> {
        let word = String::deserialize(deserializer)?;
        let known =
            [Dialect::OpenAi, Dialect::Anthropic].into_iter().find(|dialect| dialect.as_str() == word);
        known.ok_or_else(|| D::Error::custom(format!("`{word}` is no dialect: openai or anthropic")))
    }
}

/// Reads a plan in JSON Lines; blank lines are skipped.
pub(super) fn read(path: &Path) -> Result<Vec<Line>> {
    let file = File::open(path).with_context(|| format!("the plan {} cannot be opened", path.display()))?;
    read_lines(BufReader::new(file)).with_context(|| format!("the plan {}", path.display()))
}

fn read_lines(input: impl BufRead) -> Result<Vec<Line>> {
    let mut plan = Vec::new();
    for (text, number) in input.lines().zip(1..) {
        let text = text?;
        if !text.trim().is_empty() {
            plan.push(parse(&text).with_context(|| format!("line {number}"))?);
        }
        ensure!(plan.len() <= LINES_MAX, "it has more than {LINES_MAX} lines");
    }
    ensure!(!plan.is_empty(), "it is empty");
    Ok(plan)
}

fn parse(text: &str) -> Result<Line> {
    let line: Line = serde_json::from_str(text)?;
    // What the practice model would refuse is a fault of the plan, not of the gateway.
    PracticeRequest::from_body(&line.body(true))?;
    Ok(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"{"name":"p-1","key":"k","dialect":"anthropic","model":"m","chunks":2,"interval_ms":5,"seed":"s","expect":"must_verify"}"#;

    #[test]
    fn lines_read_back() {
        let line = parse(GOOD).unwrap();
        assert_eq!((line.dialect, line.expect), (Dialect::Anthropic, Truth::MustVerify));
        assert_eq!(serde_json::to_string(&line).unwrap(), GOOD);
        assert_eq!(line.text(), "s-00000 s-00001 ");
    }

    #[test]
    fn faulty_lines_are_refused() {
        for (from, to) in [
            ("anthropic", "claude"),
            ("must_verify", "maybe"),
            ("\"chunks\":2", "\"chunks\":100001"),
            ("\"seed\":\"s\"", "\"seed\":\"a b\""),
            ("\"name\"", "\"nom\""),
        ] {
            let plan = format!("{GOOD}\n\n{}\n", GOOD.replace(from, to));
            let fault = read_lines(plan.as_bytes()).unwrap_err().to_string();
            assert_eq!(fault, "line 3", "{to}");
        }
        assert!(read_lines("\n \n".as_bytes()).is_err());
        assert_eq!(read_lines(format!("{GOOD}\r\n{GOOD}").as_bytes()).unwrap().len(), 2);
    }
}
