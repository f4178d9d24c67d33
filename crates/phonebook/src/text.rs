//! Bytes to text, and texts cleaned of what exports leave in them.

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};
use jiff::{Timestamp, civil::DateTime, tz::TimeZone};

/// Dates as people in German, French and Italian speaking countries and their Excel write them.
const DOTTED_DATES: [&str; 3] = ["%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%d.%m.%Y"];

/// The text of a file: UTF-8 with or without byte order mark, UTF-16 with one, else Windows-1252,
/// which Excel writes in Western Europe.
///
/// A line that is not UTF-8 is read as Windows-1252 by itself, so that one stray byte does not
/// garble the whole file. Bytes without a meaning become replacement characters.
pub(crate) fn decode(mut bytes: Vec<u8>) -> String {
    let text = match Encoding::for_bom(&bytes) {
        Some((encoding, _)) if encoding != UTF_8 => encoding.decode(&bytes).0.into_owned(),
        mark => {
            bytes.drain(..mark.map_or(0, |(_, length)| length));
            String::from_utf8(bytes).unwrap_or_else(|error| decode_by_line(error.as_bytes()))
        }
    };
    let is_old_mac = !text.contains('\n') && text.contains('\r');
    if is_old_mac {
        text.replace('\r', "\n")
    } else {
        text
    }
}

fn decode_by_line(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() + bytes.len() / 16);
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        match str::from_utf8(line) {
            Ok(line) => text.push_str(line),
            Err(_) => text.push_str(&WINDOWS_1252.decode_without_bom_handling(line).0),
        }
    }
    text
}

/// A cell without the blanks around it and the `="…"` that keeps Excel from reading it as a number.
pub(crate) fn clean_cell(cell: &str) -> &str {
    let cell = cell.trim();
    cell.strip_prefix("=\"")
        .and_then(|rest| rest.strip_suffix('"'))
        .map_or(cell, str::trim)
}

/// A link that a browser may open: `http`, `https`, or a host that begins with `www.`. Nothing for
/// all others, so that no `javascript:` reaches a screen.
pub(crate) fn clean_url(text: &str) -> String {
    let text = text.trim();
    let starts_with = |start: &str| {
        text.get(..start.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(start))
    };
    if text.contains(char::is_whitespace) {
        String::new()
    } else if starts_with("https://") || starts_with("http://") {
        text.to_owned()
    } else if starts_with("www.") {
        format!("https://{text}")
    } else {
        String::new()
    }
}

/// When a contact was changed: RFC 3339, the same without an offset (read as UTC), or a date with
/// dots. `None` for all others.
pub(crate) fn read_timestamp(text: &str) -> Option<Timestamp> {
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Some(instant);
    }
    let civil = text.parse::<DateTime>().ok().or_else(|| {
        DOTTED_DATES.iter().find_map(|format| {
            let parts = jiff::fmt::strtime::parse(format, text).ok()?;
            parts.to_datetime().ok().or_else(|| {
                let date = parts.to_date().ok()?;
                Some(date.to_datetime(jiff::civil::Time::midnight()))
            })
        })
    })?;
    civil.to_zoned(TimeZone::UTC).ok().map(|at| at.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_encoding_is_recognised() {
        let utf16 = |order: fn(u16) -> [u8; 2]| -> Vec<u8> {
            "\u{feff}Zürich".encode_utf16().flat_map(order).collect()
        };
        let cases: [(&str, Vec<u8>); 6] = [
            ("UTF-8", "Zürich".into()),
            ("UTF-8 with BOM", "\u{feff}Zürich".into()),
            ("Windows-1252", b"Z\xfcrich".to_vec()),
            ("UTF-16 LE", utf16(u16::to_le_bytes)),
            ("UTF-16 BE", utf16(u16::to_be_bytes)),
            (
                "UTF-8 with BOM and a stray byte",
                b"\xef\xbb\xbfZ\xfcrich".to_vec(),
            ),
        ];
        for (name, bytes) in cases {
            assert_eq!(decode(bytes), "Zürich", "{name}");
        }
    }

    #[test]
    fn the_characters_that_windows_adds_to_latin_1_are_read() {
        assert_eq!(
            decode(b"\x80 5 \x96 \x93Caf\xe9\x94".to_vec()),
            "€ 5 – “Café”"
        );
    }

    #[test]
    fn a_stray_byte_garbles_its_own_line_only() {
        let bytes = "Zürich\n".bytes().chain(*b"Z\xfcrich").collect();
        assert_eq!(decode(bytes), "Zürich\nZürich");
    }

    #[test]
    fn lines_of_old_macs_are_lines() {
        assert_eq!(decode(b"a\rb\r".to_vec()), "a\nb\n");
        assert_eq!(decode(b"a\r\nb".to_vec()), "a\r\nb");
    }

    #[test]
    fn only_links_to_the_web_are_kept() {
        let cases = [
            ("https://crm.example.ch/1", "https://crm.example.ch/1"),
            (" HTTP://example.ch ", "HTTP://example.ch"),
            ("www.example.ch", "https://www.example.ch"),
            ("javascript:alert(1)", ""),
            ("file:///etc/passwd", ""),
            ("https://example.ch/ \" onclick", ""),
            ("see above", ""),
            ("", ""),
        ];
        for (text, url) in cases {
            assert_eq!(clean_url(text), url, "{text}");
        }
    }

    #[test]
    fn timestamps_are_read_in_the_usual_forms() {
        let noon = "2026-05-01T12:00:00Z".parse().ok();
        for text in [
            "2026-05-01T12:00:00Z",
            "2026-05-01T14:00:00+02:00",
            "2026-05-01 12:00:00",
            "20260501T120000Z",
            "01.05.2026 12:00",
            "1.5.2026 12:00:00",
        ] {
            assert_eq!(read_timestamp(text), noon, "{text}");
        }
        let midnight = "2026-05-01T00:00:00Z".parse().ok();
        assert_eq!(read_timestamp("2026-05-01"), midnight);
        assert_eq!(read_timestamp("01.05.2026"), midnight);
        for text in ["", "yesterday", "31.02.2026", "5/1/26"] {
            assert_eq!(read_timestamp(text), None, "{text}");
        }
    }

    #[test]
    fn cells_lose_blanks_and_the_guard_against_excel() {
        assert_eq!(clean_cell(" 079 \u{a0}"), "079");
        assert_eq!(clean_cell("=\"0791234567\""), "0791234567");
        assert_eq!(clean_cell("=\"\""), "");
        assert_eq!(clean_cell("=\""), "=\"");
    }
}
