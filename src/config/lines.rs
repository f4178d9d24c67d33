//! Lines of a text, by bytes.

use super::source::{Span, floor};

/// The bytes of the line around `offset`, without its end.
pub(super) fn line_around(text: &str, offset: usize) -> Span {
    let offset = floor(text, offset);
    let (before, after) = text.split_at(offset);
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let end = after
        .find('\n')
        .map_or(text.len(), |newline| offset + newline);
    start..end
}

/// The lines that `extent` touches and that are not blank.
pub(super) fn lines_of(text: &str, extent: Span) -> Vec<Span> {
    let mut lines = Vec::new();
    let mut offset = extent.start;
    loop {
        let line = line_around(text, offset);
        if text
            .get(line.clone())
            .is_some_and(|line| !line.trim().is_empty())
        {
            lines.push(line.clone());
        }
        offset = line.end + 1;
        if offset > extent.end || offset > text.len() {
            return lines;
        }
    }
}

/// Whether a line is, or is meant to be, the header of a table.
pub(super) fn is_header(line: &str) -> bool {
    line.trim_start().starts_with('[')
}

/// The text with `filler` instead of every byte of `spans` but line ends.
pub(super) fn replace_bytes(text: &str, spans: &[Span], filler: u8) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for span in spans {
        let Some(part) = bytes.get_mut(span.clone()) else {
            continue;
        };
        for byte in part.iter_mut().filter(|byte| **byte != b'\n') {
            *byte = filler;
        }
    }
    // Spans are those of whole values and lines; should one cut a character, that one is lost.
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_found_from_any_place_in_it() {
        let text = "a\nüb\n";
        for (offset, line) in [
            (0, 0..1),
            (1, 0..1),
            (2, 2..5),
            (3, 2..5),
            (5, 2..5),
            (99, 6..6),
        ] {
            assert_eq!(line_around(text, offset), line, "{offset}");
        }
        assert_eq!(lines_of("a\n \nb\nc", 0..5), [0..1, 4..5]);
    }

    #[test]
    fn replacing_keeps_the_length() {
        assert_eq!(replace_bytes("a\nüb\n", &[0..2, 2..4], b'*'), "*\n**b\n");
    }
}
