//! Reading tables: CSV as Excel, Outlook, Google and databases write it (RFC 4180 and its
//! relatives).

use csv::{Reader, ReaderBuilder, StringRecord};

use crate::{
    book::BookBuilder,
    config::Settings,
    contact::{Contact, Fault},
    header::Layout,
    load::LoadError,
    text::{clean_cell, clean_url},
};

/// What separates columns, the most usual first.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];
/// Google puts several values into one cell with this between.
const GOOGLE_SEPARATOR: &str = ":::";

/// Reads all contacts of a table into `book`.
///
/// # Errors
/// When the first row does not say where numbers and names stand.
pub(crate) fn read(
    text: &str,
    settings: &Settings,
    book: &mut BookBuilder<'_>,
) -> Result<(), LoadError> {
    if text.trim().is_empty() {
        return Err(LoadError::Empty);
    }
    let (announced, start) = announced_delimiter(text);
    let table = text.get(start..).unwrap_or_default();
    let delimiter = settings
        .delimiter
        .and_then(|c| u8::try_from(c).ok())
        .or(announced)
        .unwrap_or_else(|| detect_delimiter(table, settings));
    let mut rows = Rows::new(text, start, delimiter);
    let header = rows.next().map(|row| row.cells).unwrap_or_default();
    let layout = Layout::of(&header.iter().collect::<Vec<_>>(), settings)?;
    for missing in &layout.missing {
        book.warn(format!("the file has no column for {missing}"));
    }
    rows.width = Some(layout.width);
    for row in rows {
        if row.is_damaged {
            book.skip(row.line, Fault::Damaged);
        } else if row.cells.iter().any(|cell| !cell.trim().is_empty()) {
            book.add(row.line, &contact(&row.cells, &layout));
        }
    }
    Ok(())
}

/// Excel understands, and some programs write, a first line `sep=;`. Gives the delimiter and where
/// the table starts.
fn announced_delimiter(text: &str) -> (Option<u8>, usize) {
    let line = text.split_inclusive('\n').next().unwrap_or_default();
    let announced = line.trim_end_matches(['\r', '\n']).trim_matches('"');
    match announced.strip_prefix("sep=").map(str::as_bytes) {
        Some([delimiter]) if DELIMITERS.contains(delimiter) => (Some(*delimiter), line.len()),
        _ => (None, 0),
    }
}

/// The delimiter under which the first row makes the most sense.
fn detect_delimiter(table: &str, settings: &Settings) -> u8 {
    let score = |delimiter: &u8| {
        let header = Rows::new(table, 0, *delimiter).next();
        let header = header.map(|row| row.cells).unwrap_or_default();
        Layout::score(&header.iter().collect::<Vec<_>>(), settings)
    };
    // The last of equals wins: the most usual has to come last.
    DELIMITERS.into_iter().rev().max_by_key(score).unwrap_or(b',')
}

/// The contact in a row.
fn contact(cells: &StringRecord, layout: &Layout) -> Contact {
    let cell = |position: Option<usize>| {
        let cell = position.and_then(|position| cells.get(position));
        cell.map_or("", clean_cell)
    };
    let values = |positions: &[usize]| -> Vec<String> {
        let cells = positions.iter().map(|position| cell(Some(*position)));
        let mut values: Vec<String> = Vec::new();
        for value in cells.flat_map(|cell| cell.split(GOOGLE_SEPARATOR)) {
            let value = value.trim().to_owned();
            if !value.is_empty() && !values.contains(&value) {
                values.push(value);
            }
        }
        values
    };
    let person = match cell(layout.name) {
        "" => format!("{} {}", cell(layout.first_name), cell(layout.last_name)),
        name => name.to_owned(),
    };
    let mut emails = values(&layout.emails);
    emails.retain(|email| email.contains('@'));
    Contact {
        id: cell(layout.id).to_owned(),
        person: person.trim().to_owned(),
        company: cell(layout.company).to_owned(),
        contact_url: clean_url(cell(layout.contact_url)),
        company_url: clean_url(cell(layout.company_url)),
        modified: cell(layout.modified).to_owned(),
        phones: values(&layout.phones),
        emails,
        custom: layout
            .custom
            .iter()
            .map(|position| cell(*position).to_owned())
            .collect(),
    }
}

/// One row of a table.
struct Row {
    /// The number of its first line in the file.
    line: u64,
    cells: StringRecord,
    /// Whether its cells cannot be those that the header announces.
    is_damaged: bool,
}

/// The rows of a table. Never fails: a quote without its partner costs the row that it stands in,
/// not the rest of the file.
struct Rows<'a> {
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
    fn new(text: &'a str, start: usize, delimiter: u8) -> Self {
        Self {
            text,
            delimiter,
            reader: reader(text, start, delimiter),
            start,
            counted: (0, 1),
            width: None,
        }
    }

    /// More cells than the header has columns; or several lines and another number of cells, or an
    /// odd number of quotes: the signs of a quote that has swallowed what follows.
    fn is_damaged(&self, cells: &StringRecord, raw: &str) -> bool {
        let Some(width) = self.width else {
            return false;
        };
        let has_surplus = cells.iter().skip(width).any(|cell| !cell.trim().is_empty());
        let has_odd_quotes = || raw.bytes().filter(|byte| *byte == b'"').count() % 2 == 1;
        has_surplus || (is_multiline(raw) && (cells.len() != width || has_odd_quotes()))
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
        let ends = passed.unwrap_or_default().iter().filter(|byte| **byte == b'\n');
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

fn reader(text: &str, start: usize, delimiter: u8) -> Reader<&[u8]> {
    ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(text.as_bytes().get(start..).unwrap_or_default())
}

#[cfg(test)]
mod tests;
