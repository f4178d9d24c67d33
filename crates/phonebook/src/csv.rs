//! Reading tables: CSV as Excel, Outlook, Google and databases write it (RFC 4180 and its
//! relatives).

use csv::StringRecord;

use crate::{
    book::BookBuilder,
    config::Settings,
    contact::{Contact, Fault},
    header::Layout,
    load::LoadError,
    rows::Rows,
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
    rows.expect_width(layout.width);
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
    DELIMITERS
        .into_iter()
        .rev()
        .max_by_key(score)
        .unwrap_or(b',')
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
        url: clean_url(cell(layout.contact_url)),
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

#[cfg(test)]
mod tests;
