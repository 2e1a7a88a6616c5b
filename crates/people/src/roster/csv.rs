//! CSV with a header (RFC 4180).

use super::column::Column;
use super::error::{Problem, RosterError};
use super::lines::Lines;
use super::row::{Cell, Cells};
use csv::{ByteRecord, ReaderBuilder};
use std::io::{BufRead, Read};

/// Gives the parser one line at a time, so that the number of a row's line is certain and an open quotation mark
/// cannot swallow the rows after it.
struct OneLine<R> {
    lines: Lines<R>,
    line: Vec<u8>,
    given: usize,
    /// Whether the row at hand has had its line.
    served: bool,
    /// What stopped the reading.
    stopped: Option<RosterError>,
}

impl<R: BufRead> OneLine<R> {
    fn load(&mut self) -> std::io::Result<()> {
        if self.served {
            let problem = Problem::OpenQuote;
            self.stopped = Some(RosterError { line: self.lines.line(), problem });
            return Err(std::io::ErrorKind::InvalidData.into());
        }
        self.line.clear();
        self.given = 0;
        match self.lines.next() {
            None => Ok(()),
            Some(Ok(text)) => {
                self.line.extend_from_slice(text.as_bytes());
                self.line.push(b'\n');
                self.served = true;
                Ok(())
            }
            Some(Err(error)) => {
                self.stopped = Some(error);
                Err(std::io::ErrorKind::InvalidData.into())
            }
        }
    }
}

impl<R: BufRead> Read for OneLine<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.given >= self.line.len() {
            self.load()?;
        }
        let mut rest = self.line.get(self.given..).unwrap_or_default();
        let count = rest.read(buffer)?;
        self.given = self.given.saturating_add(count);
        Ok(count)
    }
}

/// The rows under a header.
pub(super) struct CsvRows<R> {
    reader: csv::Reader<OneLine<R>>,
    columns: Vec<Column>,
    record: ByteRecord,
}

impl<R: BufRead> CsvRows<R> {
    /// Reads the header.
    pub(super) fn new(lines: Lines<R>) -> Result<Self, RosterError> {
        let source = OneLine { lines, line: Vec::new(), given: 0, served: false, stopped: None };
        let reader = ReaderBuilder::new().has_headers(false).flexible(true).from_reader(source);
        let mut rows = Self { reader, columns: Vec::new(), record: ByteRecord::new() };
        match rows.read_record() {
            None => Err(RosterError { line: 1, problem: Problem::NoRows }),
            Some(Err(error)) => Err(error),
            Some(Ok(line)) => {
                rows.columns = header(&rows.record).map_err(|problem| RosterError { line, problem })?;
                Ok(rows)
            }
        }
    }

    /// The next row; `None` at the end.
    pub(super) fn next(&mut self) -> Option<Result<Cells, RosterError>> {
        let line = match self.read_record()? {
            Ok(line) => line,
            Err(error) => return Some(Err(error)),
        };
        Some(self.cells(line).map_err(|problem| RosterError { line, problem }))
    }

    /// Reads one record and says on which line it is.
    fn read_record(&mut self) -> Option<Result<u64, RosterError>> {
        self.reader.get_mut().served = false;
        let read = self.reader.read_byte_record(&mut self.record);
        let source = self.reader.get_mut();
        let line = source.lines.line();
        match (read, source.stopped.take()) {
            (_, Some(error)) => Some(Err(error)),
            (Ok(true), None) => Some(Ok(line)),
            (Ok(false), None) => None,
            (Err(error), None) => {
                let problem = Problem::Unreadable(error.to_string());
                Some(Err(RosterError { line, problem }))
            }
        }
    }

    fn cells(&self, line: u64) -> Result<Cells, Problem> {
        let (have, want) = (self.record.len(), self.columns.len());
        if have != want {
            return Err(Problem::Width { have, want });
        }
        let mut cells = Cells::new(line);
        for (column, value) in self.columns.iter().zip(&self.record) {
            let value = std::str::from_utf8(value).map_err(|_| Problem::NotUtf8)?;
            cells.set(*column, Cell::Text(value.to_owned()));
        }
        Ok(cells)
    }
}

fn header(record: &ByteRecord) -> Result<Vec<Column>, Problem> {
    let mut columns = Vec::with_capacity(record.len());
    for name in record {
        let name = std::str::from_utf8(name).map_err(|_| Problem::NotUtf8)?;
        let column = Column::parse(name)?;
        if columns.contains(&column) {
            return Err(Problem::TwiceColumn(column.word().to_owned()));
        }
        columns.push(column);
    }
    if columns.contains(&Column::PersonId) { Ok(columns) } else { Err(Problem::NoPersonId) }
}
