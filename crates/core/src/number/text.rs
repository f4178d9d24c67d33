//! Cleaning what people and machines write around the digits of a number.

use unicode_normalization::UnicodeNormalization;

/// Longer texts are not phone numbers.
const MAX_CHARS: usize = 200;
/// A part of a field is a number of its own when it has this many digits
/// (`crm-apis.md` §5.5).
const MIN_PART_DIGITS: usize = 6;
/// Words that separate two numbers in one field: German, English, French, Italian.
const OR_WORDS: [&str; 6] = [" oder ", " or ", " ou ", " oppure ", " und ", " and "];

/// A number as text, separated from its extension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NumberText {
    /// The number without extension, notes and `(0)`; ASCII digits.
    pub(super) main: String,
    /// The digits of the extension.
    pub(super) extension: Option<String>,
}

impl NumberText {
    /// Reads one number from one text.
    pub(super) fn read(text: &str) -> Self {
        let folded = fold(text);
        let local = strip_scheme(&folded);
        let dialled = strip_caller_id_code(local.trim());
        let (main, extension) = split_extension(dialled);
        Self {
            main: drop_optional_zero(&drop_notes(main)),
            extension,
        }
    }

    /// The digits of the number without its extension.
    pub(super) fn digits(&self) -> String {
        digits_of(&self.main)
    }

    /// The text without an international prefix, when it starts with `+` or `00`.
    pub(super) fn international(&self) -> Option<String> {
        let text = self
            .main
            .trim_start_matches(|c: char| !c.is_ascii_digit() && c != '+');
        let rest = match text.strip_prefix('+') {
            Some(rest) => rest.to_owned(),
            // The two zeros may be written apart: `00 41`, `0 0 41`.
            None => digits_of(text).strip_prefix("00")?.to_owned(),
        };
        Some(rest.trim_start_matches(['+', ' ']).to_owned())
    }
}

/// The ASCII digits of a text, in order.
pub(super) fn digits_of(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

/// The numbers that one field holds: `079 123 45 67 / 044 555 01 23` are two, `021/552.20.00` is
/// one.
pub(super) fn split_numbers(field: &str) -> Vec<String> {
    let mut text = fold(field);
    for word in OR_WORDS {
        text = text.replace(word, ";");
    }
    let parts: Vec<&str> = text
        .split(['/', ';', ',', '|', '\n', '\r', '\t'])
        .filter(|part| !part.trim().is_empty())
        .collect();
    let is_number = |part: &&str| digits_of(part).len() >= MIN_PART_DIGITS;
    if parts.len() > 1 && parts.iter().all(is_number) {
        parts.into_iter().map(str::to_owned).collect()
    } else {
        vec![text]
    }
}

/// Folds compatibility forms and all decimal digits to ASCII, exotic white space to a blank, and
/// cuts over-long texts.
fn fold(text: &str) -> String {
    text.chars()
        .take(MAX_CHARS)
        .nfkc()
        .filter(|c| !is_invisible(*c))
        .map(|c| match c {
            '\n' | '\r' | '\t' => c,
            c if c.is_whitespace() => ' ',
            '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
            c => ascii_digit(c).unwrap_or(c),
        })
        .collect()
}

/// Arabic-Indic, extended Arabic-Indic and Devanagari digits; full-width digits are folded by
/// NFKC already.
fn ascii_digit(c: char) -> Option<char> {
    const ZEROS: [char; 3] = ['\u{0660}', '\u{06F0}', '\u{0966}'];
    ZEROS.into_iter().find_map(|zero| {
        let offset = u32::from(c).checked_sub(u32::from(zero))?;
        char::from_digit(offset, 10)
    })
}

/// Zero-width characters and directional marks, which copy and paste brings along.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}' | '\u{AD}')
}

/// `tel:+41…` (RFC 3966) and `sip:+41…@example.ch` (RFC 3261) without scheme and host.
fn strip_scheme(text: &str) -> &str {
    let text = text.trim();
    let lower = text.to_ascii_lowercase();
    for scheme in ["tel:", "sip:", "sips:", "callto:"] {
        if lower.starts_with(scheme) {
            let rest = text.get(scheme.len()..).unwrap_or_default();
            return rest
                .split('@')
                .next()
                .unwrap_or_default()
                .trim_start_matches('/');
        }
    }
    text
}

/// `*31#` and `#31#` before a number hide or show the caller's own number (ETSI TS 122 030) and are not
/// part of the number.
fn strip_caller_id_code(text: &str) -> &str {
    ["*31#", "#31#", "*67", "*82"]
        .iter()
        .find_map(|code| text.strip_prefix(code))
        .map_or(text, str::trim_start)
}

/// Cuts the text where something other than a number begins: `ext. 12`, `x34`, `int. 7`, `DW 12`,
/// `#12`, `;ext=12`, a note. Digits behind the cut are the extension.
fn split_extension(text: &str) -> (&str, Option<String>) {
    let mut digits = 0;
    for (position, c) in text.char_indices() {
        if c.is_ascii_digit() {
            digits += 1;
        }
        let begins_extension = c.is_alphabetic() || matches!(c, '#' | ';' | ',');
        if begins_extension && digits >= MIN_PART_DIGITS {
            let (main, rest) = text.split_at(position);
            let extension = digits_of(rest);
            let is_extension = !extension.is_empty() && extension.len() <= 7;
            return (main, is_extension.then_some(extension));
        }
    }
    (text, None)
}

/// Drops bracketed notes without digits, and the opening bracket that a cut-off note leaves.
fn drop_notes(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('(') {
        kept.push_str(before);
        match after.split_once(')') {
            Some((inside, behind)) if inside.chars().any(char::is_alphabetic) => rest = behind,
            Some((inside, behind)) => {
                kept.push('(');
                kept.push_str(inside);
                kept.push(')');
                rest = behind;
            }
            None => rest = after,
        }
    }
    kept.push_str(rest);
    kept.trim().to_owned()
}

/// `+41 (0)21 …` is dialled without the zero from abroad: drop it behind a country code.
fn drop_optional_zero(text: &str) -> String {
    match text.split_once("(0)") {
        Some((before, after)) if before.chars().any(|c| c.is_ascii_digit()) => {
            format!("{before} {after}")
        }
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (String, Option<String>) {
        let number = NumberText::read(text);
        (number.digits(), number.extension)
    }

    #[test]
    fn extensions_and_notes_are_separated() {
        let ext = |digits: &str| Some(digits.to_owned());
        let cases = [
            ("044 555 01 23 ext. 12", "0445550123", ext("12")),
            ("044 555 01 23 x34", "0445550123", ext("34")),
            ("044 555 01 23 int. 7", "0445550123", ext("7")),
            ("044 555 01 23 DW 12", "0445550123", ext("12")),
            ("044 555 01 23 Durchwahl 12", "0445550123", ext("12")),
            ("044 555 01 23 #12", "0445550123", ext("12")),
            ("tel:+41445550123;ext=12", "41445550123", ext("12")),
            ("044 555 01 23 (privat)", "0445550123", None),
            ("044 555 01 23 (bitte nur abends)", "0445550123", None),
            ("Mobile: 079 123 45 67", "0791234567", None),
        ];
        for (text, digits, extension) in cases {
            assert_eq!(read(text), (digits.to_owned(), extension), "{text}");
        }
    }

    #[test]
    fn digits_of_other_scripts_and_invisible_marks_are_folded() {
        assert_eq!(
            read("\u{202A}+４１ ７９\u{A0}１２３ ４５ ６７\u{202C}").0,
            "41791234567"
        );
        assert_eq!(read("٠٧٩ ١٢٣ ٤٥ ٦٧").0, "0791234567");
    }

    #[test]
    fn a_field_with_two_numbers_is_split_and_a_slash_inside_a_number_is_not() {
        assert_eq!(split_numbers("079 123 45 67 / 044 555 01 23").len(), 2);
        assert_eq!(split_numbers("079 123 45 67 oder 044 555 01 23").len(), 2);
        assert_eq!(split_numbers("021/552.20.00").len(), 1);
        assert_eq!(split_numbers("").len(), 1);
    }

    #[test]
    fn the_optional_zero_is_dropped_only_behind_a_country_code() {
        assert_eq!(read("+41 (0)21 552 20 00").0, "41215522000");
        assert_eq!(read("(021) 5522000").0, "0215522000");
        assert_eq!(read("(0)21 552 20 00").0, "0215522000");
    }

    #[test]
    fn international_prefixes_are_recognised() {
        let international = |text| {
            NumberText::read(text)
                .international()
                .map(|t| digits_of(&t))
        };
        assert_eq!(international("+41 21").as_deref(), Some("4121"));
        assert_eq!(international("0041 21").as_deref(), Some("4121"));
        assert_eq!(international("00 41 21").as_deref(), Some("4121"));
        assert_eq!(international("021 552").as_deref(), None);
    }
}
