//! Looking through a log: where a row is, and how the log ends.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read, Seek, SeekFrom},
    ops::Range,
};

use csv::{ByteRecord, ReaderBuilder};

use super::layout::Layout;

/// How much is read at once.
const BUFFER_BYTES: usize = 1 << 18;
/// The longest first line. A line that goes on is none of a log.
const MAX_HEAD_BYTES: u64 = 1 << 16;
/// No id is longer, even with quotes around it (`WorkflowRequest::idempotency_key`).
const MAX_ID_BYTES: u64 = 66;

/// What a look through a log brought.
#[derive(Debug, Default)]
pub(crate) struct Survey {
    /// The first row with the wanted id: its bytes with the end of line, and its cells.
    pub(crate) found: Option<(Range<u64>, ByteRecord)>,
    /// How the log ends.
    pub(crate) end: End,
}

/// How a log ends.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) enum End {
    /// With a whole row.
    #[default]
    Whole,
    /// Within a row. These bytes make a row of it, even if some of its cells are missing.
    Open(Vec<u8>),
    /// With a piece of an id, from here on. It says nothing to anybody.
    Scrap(u64),
}

/// The first line of a log with its end of line, if any.
pub(crate) fn head(file: &mut File) -> io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(0))?;
    let mut line = Vec::new();
    BufReader::new(file.take(MAX_HEAD_BYTES)).read_until(b'\n', &mut line)?;
    Ok(line)
}

/// Looks through all rows.
pub(crate) fn survey(file: &mut File, layout: &Layout, id: Option<&str>) -> io::Result<Survey> {
    file.seek(SeekFrom::Start(0))?;
    let mut reader = ReaderBuilder::new()
        .delimiter(layout.delimiter)
        .has_headers(false)
        .flexible(true)
        .buffer_capacity(BUFFER_BYTES)
        .from_reader(&mut *file);
    let mut survey = Survey::default();
    let mut cells = ByteRecord::new();
    let mut last = (0, 0);
    let mut found = None;
    while reader.read_byte_record(&mut cells)? {
        let start = cells.position().map_or(0, csv::Position::byte);
        last = (start, cells.len());
        let wanted = |id| start > 0 && layout.is_row_of(&cells, id);
        if found.is_none() && id.is_some_and(wanted) {
            found = Some((start..reader.position().byte(), cells.clone()));
        }
    }
    drop(reader);
    if let Some((range, cells)) = found {
        survey.found = Some((whole_lines(file, range)?, cells));
    }
    survey.end = end(file, layout, last)?;
    Ok(survey)
}

/// The reader sees an end of line of two characters as the end of one row and an empty line. So
/// the row begins behind such a line and takes in its own.
fn whole_lines(file: &mut File, range: Range<u64>) -> io::Result<Range<u64>> {
    let mut start = range.start;
    while start < range.end && matches!(byte_at(file, start)?, Some(b'\r' | b'\n')) {
        start += 1;
    }
    let is_split = range.end > 0
        && byte_at(file, range.end - 1)? == Some(b'\r')
        && byte_at(file, range.end)? == Some(b'\n');
    Ok(start..range.end + u64::from(is_split))
}

fn byte_at(file: &mut File, position: u64) -> io::Result<Option<u8>> {
    file.seek(SeekFrom::Start(position))?;
    let mut byte = [0];
    let count = file.read(&mut byte)?;
    Ok(byte.first().copied().filter(|_| count == 1))
}

/// How the log ends, from the start of its last row and how many cells that has.
fn end(file: &mut File, layout: &Layout, (start, cells): (u64, usize)) -> io::Result<End> {
    let length = file.seek(SeekFrom::End(0))?;
    let start = whole_lines(file, start..length)?.start;
    file.seek(SeekFrom::Start(start))?;
    let mut quotes = 0_u64;
    let mut last = b'\n';
    let mut reader = BufReader::with_capacity(BUFFER_BYTES, file);
    loop {
        let bytes = reader.fill_buf()?;
        let (count, Some(byte)) = (bytes.len(), bytes.last()) else {
            break;
        };
        last = *byte;
        quotes += bytes
            .iter()
            .map(|byte| u64::from(*byte == b'"'))
            .sum::<u64>();
        reader.consume(count);
    }
    let is_quoted = quotes % 2 == 1;
    if !is_quoted && matches!(last, b'\n' | b'\r') {
        return Ok(End::Whole);
    }
    if start > 0 && cells <= 1 && layout.width() > 1 && length - start <= MAX_ID_BYTES {
        return Ok(End::Scrap(start));
    }
    let mut rest = if is_quoted { vec![b'"'] } else { Vec::new() };
    rest.extend((cells..layout.width()).map(|_| layout.delimiter));
    rest.push(b'\n');
    Ok(End::Open(rest))
}

#[cfg(test)]
mod tests;
