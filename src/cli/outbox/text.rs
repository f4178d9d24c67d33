//! Times, tables and deliveries as text for people.

use jiff::{Timestamp, tz::TimeZone};
use whocalls_outbox::Entry;

use crate::config::printable;

/// The width of the names in [`field`].
const NAME_WIDTH: usize = 16;

/// A time as the company's clocks show it.
pub(super) fn time(time: Timestamp, zone: &TimeZone) -> String {
    time.to_zoned(zone.clone())
        .strftime("%Y-%m-%d %H:%M:%S")
        .to_string()
}

/// Rows with their columns below each other.
pub(super) fn table<const COLUMNS: usize>(rows: &[[String; COLUMNS]]) -> String {
    let rows: Vec<_> = rows
        .iter()
        .map(|row| row.each_ref().map(|cell| printable(cell)))
        .collect();
    let mut widths = [0; COLUMNS];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.chars().count().max(*width);
        }
    }
    let mut text = String::new();
    for row in &rows {
        let cells = row.iter().zip(widths);
        let cells: Vec<_> = cells
            .map(|(cell, width)| format!("{cell:width$}"))
            .collect();
        text.push_str(cells.join("  ").trim_end());
        text.push('\n');
    }
    text
}

/// A name and a value on a line, with what could steer a terminal made harmless.
pub(super) fn field(name: &str, value: &str) -> String {
    format!("  {:NAME_WIDTH$}  {}\n", printable(name), printable(value))
}

/// How far one delivery is.
pub(super) fn delivery(entry: &Entry, zone: &TimeZone) -> String {
    let mut text = format!("To {}: {}\n", entry.adapter, entry.state);
    let mut line = |name: &str, value: &str| text.push_str(&field(name, value));
    if let Some(next) = entry.next_attempt_at {
        line("next attempt", &time(next, zone));
    }
    if let Some(last) = entry.last_attempt_at {
        line("last attempt", &time(last, zone));
    }
    line("failed attempts", &entry.attempts.to_string());
    if let (Some(kind), Some(error)) = (&entry.error_kind, &entry.error) {
        line("error", &format!("{kind}: {error}"));
    }
    match &entry.object_id {
        Some(id) => line("object", id),
        None if entry.may_exist => line(
            "object",
            "may exist, as an answer was lost; the next attempt looks for it first",
        ),
        None => {}
    }
    if let Some(url) = &entry.object_url {
        line("url", url);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = [
            ["ID", "ADAPTER", "X"],
            ["1a", "größe", ""],
            ["1ab2", "b", "y"],
        ];
        let rows = rows.map(|row| row.map(str::to_owned));
        insta::assert_snapshot!(table(&rows), @"
        ID    ADAPTER  X
        1a    größe
        1ab2  b        y
        ");
    }

    #[test]
    fn a_name_cannot_steer_the_terminal() {
        let line = field("from", "Mia\u{1b}[2J\nKeller");
        assert_eq!(line, "  from              Mia\\u{1b}[2J\\nKeller\n");
    }

    #[test]
    fn times_are_those_of_the_company() {
        let zone = TimeZone::get("Europe/Zurich").unwrap();
        let summer: Timestamp = "2026-07-01T22:30:05Z".parse().unwrap();
        assert_eq!(time(summer, &zone), "2026-07-02 00:30:05");
    }
}
