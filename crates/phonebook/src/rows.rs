//! The rows of a table, with their line numbers, whatever the quotes in it.

use csv::{Reader, ReaderBuilder, StringRecord};

/// One row of a table.
pub(crate) struct Row {
    /// The number of its first line in the file.
    pub(crate) line: u64,
    /// The cells.
    pub(crate) cells: StringRecord,
    /// Whether its cells cannot be those that the header announces.
    pub(crate) is_damaged: bool,
}

/// The rows of a table. Never fails: a quote without its partner costs the row that it stands in,
/// not the rest of the file.
pub(crate) struct Rows<'a> {
    text: &'a str,
    delimiter: u8,
    reader: Reader<&'a [u8]>,
    /// Where in `text` the reader began.
    start: usize,
    /// A position in `text` and the number of its line; moves forward.
    counted: (usize, u64),
    /// How many columns there are, once that is known.
    width: Option<usize>,
}

impl<'a> Rows<'a> {
    /// Reads the rows of `text` from the line at `start` on.
    pub(crate) fn new(text: &'a str, start: usize, delimiter: u8) -> Self {
        Self {
            text,
            delimiter,
            reader: reader(text, start, delimiter),
            start,
            counted: (0, 1),
            width: None,
        }
    }

    /// Tells how many cells a row has; without that, none is found damaged.
    pub(crate) fn expect_width(&mut self, width: usize) {
        self.width = Some(width);
    }

    /// More cells than the header has columns; or several lines and another number of cells or
    /// quotes in odd places: the signs of a quote that has swallowed what follows.
    fn is_damaged(&self, cells: &StringRecord, raw: &str) -> bool {
        let Some(width) = self.width else {
            return false;
        };
        let has_surplus = cells.iter().skip(width).any(|cell| !cell.trim().is_empty());
        let is_odd = || cells.len() != width || !is_well_quoted(raw, self.delimiter);
        has_surplus || (is_multiline(raw) && is_odd())
    }

    /// Goes on reading on the line behind the one at `position`.
    fn resume_behind(&mut self, position: usize) {
        let rest = self.text.get(position..).unwrap_or_default();
        let line = rest.split_inclusive('\n').next().unwrap_or(rest);
        self.start = position + line.len();
        self.reader = reader(self.text, self.start, self.delimiter);
    }

    /// The number of the line at `position`, which is not before the one asked for last.
    fn line_at(&mut self, position: usize) -> u64 {
        let (counted, line) = self.counted;
        let passed = self.text.as_bytes().get(counted..position);
        let ends = passed
            .unwrap_or_default()
            .iter()
            .filter(|byte| **byte == b'\n');
        self.counted = (position, line + ends.count() as u64);
        self.counted.1
    }
}

impl Iterator for Rows<'_> {
    type Item = Row;

    fn next(&mut self) -> Option<Row> {
        let mut cells = StringRecord::new();
        if !self.reader.read_record(&mut cells).unwrap_or(false) {
            return None;
        }
        let at = |byte: u64| self.start + usize::try_from(byte).unwrap_or(usize::MAX / 2);
        let begin = at(cells.position().map_or(0, csv::Position::byte));
        let end = at(self.reader.position().byte());
        // The reader counts the empty lines before a row to the row.
        let with_blanks = self.text.get(begin..end).unwrap_or_default();
        let raw = with_blanks.trim_start_matches(['\r', '\n']);
        let begin = begin + with_blanks.len() - raw.len();
        let line = self.line_at(begin);
        let is_damaged = self.is_damaged(&cells, raw);
        if is_damaged && is_multiline(raw) {
            self.resume_behind(begin);
        }
        Some(Row {
            line,
            cells,
            is_damaged,
        })
    }
}

fn is_multiline(raw: &str) -> bool {
    raw.trim_end_matches(['\r', '\n']).contains('\n')
}

/// Whether every quote that opens a cell has a partner that closes it (RFC 4180 §2).
fn is_well_quoted(row: &str, delimiter: u8) -> bool {
    let mut bytes = row.trim_end_matches(['\r', '\n']).bytes().peekable();
    while bytes.peek().is_some() {
        if bytes.next_if_eq(&b'"').is_some() {
            // Up to a quote that is not doubled.
            loop {
                match bytes.next() {
                    None => return false,
                    Some(b'"') if bytes.next_if_eq(&b'"').is_none() => break,
                    Some(_) => {}
                }
            }
            if bytes.next_if(|byte| *byte != delimiter).is_some() {
                return false;
            }
        }
        // To the next cell.
        bytes.by_ref().find(|byte| *byte == delimiter);
    }
    true
}

fn reader(text: &str, start: usize, delimiter: u8) -> Reader<&[u8]> {
    ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(text.as_bytes().get(start..).unwrap_or_default())
}
