//! JSON Lines: one object per line.

use super::column::Column;
use super::error::{Problem, RosterError, shown};
use super::lines::Lines;
use super::row::{Cell, Cells, Stay};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;
use std::io::BufRead;

/// The rows of a file.
pub(super) struct JsonRows<R> {
    lines: Lines<R>,
}

impl<R: BufRead> JsonRows<R> {
    pub(super) const fn new(lines: Lines<R>) -> Self {
        Self { lines }
    }

    /// The next row; `None` at the end.
    pub(super) fn next(&mut self) -> Option<Result<Cells, RosterError>> {
        let text = match self.lines.next()? {
            Ok(text) => text,
            Err(error) => return Some(Err(error)),
        };
        let line = self.lines.line();
        Some(cells(line, &text).map_err(|problem| RosterError { line, problem }))
    }
}

fn cells(line: u64, text: &str) -> Result<Cells, Problem> {
    let members: Members<'_> = serde_json::from_str(text).map_err(|error| not_json(&error))?;
    let mut cells = Cells::new(line);
    for (name, value) in members.0 {
        let column = Column::parse(&name)?;
        if cells.has(column) {
            return Err(Problem::TwiceColumn(column.word().to_owned()));
        }
        cells.set(column, cell(column, value.get())?);
    }
    if cells.has(Column::PersonId) { Ok(cells) } else { Err(Problem::NoPersonId) }
}

fn cell(column: Column, json: &str) -> Result<Cell, Problem> {
    let wrong = |allowed: &str| Problem::value(column, json, allowed);
    match json.as_bytes().first() {
        Some(b'n') => Ok(Cell::Text(String::new())),
        Some(b't' | b'f') => Ok(Cell::Text(json.to_owned())),
        Some(b'"') => {
            serde_json::from_str(json).map(Cell::Text).map_err(|_| wrong("a text in quotation marks"))
        }
        Some(b'[')
            if matches!(
                column,
                Column::Citizenships | Column::NotNationalOf | Column::PermanentResidences
            ) =>
        {
            let stays: Vec<JsonStay> = serde_json::from_str(json)
                .map_err(|_| wrong("a list of texts or of objects with country, from and until"))?;
            Ok(Cell::Stays(stays.into_iter().map(Stay::from).collect()))
        }
        _ => Err(wrong("a text in quotation marks")),
    }
}

/// What the parser found, without its line, which is always the first.
fn not_json(error: &serde_json::Error) -> Problem {
    let text = error.to_string();
    let text = text.rsplit_once(" at line ").map_or(text.as_str(), |(what, _)| what);
    Problem::NotJson(format!("{} at character {}", shown(text), error.column()))
}

/// The members in order, also those named twice.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("one object per line")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(Members(members))
    }
}

#[derive(serde::Deserialize)]
#[serde(untagged)]
enum JsonStay {
    Text(String),
    Object(StayObject),
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct StayObject {
    country: String,
    from: Option<String>,
    until: Option<String>,
}

impl From<JsonStay> for Stay {
    fn from(stay: JsonStay) -> Self {
        match stay {
            JsonStay::Text(text) => Self::parse(&text),
            JsonStay::Object(StayObject { country, from, until }) => Self { country, from, until },
        }
    }
}
