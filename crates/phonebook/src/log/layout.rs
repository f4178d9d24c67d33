//! The columns of a log, as its first row says.
//!
//! A log belongs to its readers: they may move columns, remove some, add their own, and save it with
//! another separator, as spreadsheets do. Only the column `id` has to stay.

use csv::{ByteRecord, QuoteStyle, ReaderBuilder, WriterBuilder};

use super::{
    cells::harmless,
    fault::Fault,
    row::{ID, Row, TITLES},
};

/// Tells spreadsheets that the text is UTF-8.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();
/// What may separate the columns of a log that exists.
pub(crate) const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// The columns of a log.
#[derive(Debug)]
pub(crate) struct Layout {
    pub(crate) delimiter: u8,
    titles: Vec<String>,
    id_at: usize,
}

impl Layout {
    /// The columns of a new log.
    pub(crate) fn standard(delimiter: u8) -> Self {
        Self {
            delimiter,
            titles: TITLES.map(str::to_owned).to_vec(),
            id_at: 0,
        }
    }

    /// Reads the first line of a log.
    ///
    /// # Errors
    /// [`Fault::NotALog`] when it has no title `id`.
    pub(crate) fn of_line(line: &[u8]) -> Result<Self, Fault> {
        let line = line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line);
        let mut layouts = DELIMITERS.into_iter().filter_map(|delimiter| {
            let cells = cells(line, delimiter);
            let titles: Vec<String> = cells
                .iter()
                .map(|cell| String::from_utf8_lossy(cell).trim().to_ascii_lowercase())
                .collect();
            let id_at = titles.iter().position(|title| title == ID)?;
            Some(Self {
                delimiter,
                titles,
                id_at,
            })
        });
        layouts.next().ok_or(Fault::NotALog)
    }

    /// How many columns there are.
    pub(crate) fn width(&self) -> usize {
        self.titles.len()
    }

    /// Whether a row of the log is the one with this id.
    pub(crate) fn is_row_of(&self, cells: &ByteRecord, id: &str) -> bool {
        let cell = cells.get(self.id_at);
        cell.is_some_and(|cell| cell.trim_ascii() == harmless(id).as_bytes())
    }

    /// The first line of a new log.
    pub(crate) fn head(&self) -> Vec<u8> {
        let mut line = BYTE_ORDER_MARK.to_vec();
        line.append(&mut self.line(self.titles.iter().map(String::as_bytes)));
        line
    }

    /// The line of a row. Columns that are not ours keep the cells of `before`, and so does the id.
    pub(crate) fn row(&self, row: &Row, before: Option<&ByteRecord>) -> Vec<u8> {
        let cells = self.titles.iter().enumerate().map(|(position, title)| {
            let kept = before.and_then(|cells| cells.get(position));
            let cell = row.cell(title).map(str::as_bytes);
            match (title.as_str(), kept) {
                (ID, Some(kept)) => kept,
                _ => cell.or(kept).unwrap_or_default(),
            }
        });
        self.line(cells)
    }

    fn line<'c>(&self, cells: impl Iterator<Item = &'c [u8]>) -> Vec<u8> {
        let mut writer = WriterBuilder::new()
            .delimiter(self.delimiter)
            .quote_style(QuoteStyle::Necessary)
            .from_writer(Vec::new());
        let record: ByteRecord = cells.collect();
        // Writing to memory does not fail.
        let written = writer.write_byte_record(&record);
        debug_assert!(written.is_ok());
        writer.into_inner().unwrap_or_default()
    }
}

fn cells(line: &[u8], delimiter: u8) -> ByteRecord {
    let mut reader = ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .flexible(true)
        .from_reader(line);
    reader
        .byte_records()
        .next()
        .and_then(Result::ok)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests;
