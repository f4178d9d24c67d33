//! Cells that a spreadsheet shows and does not calculate.
//!
//! A spreadsheet takes a cell that begins with `=`, `+`, `-` or `@` for a formula, and whoever
//! calls decides what name the telephone system sends. So an apostrophe stands in front of such a
//! beginning: what people type themselves to keep a number such as `+41 79 …` a text. Where the
//! separator of the spreadsheet is another than that of the file, a cell also begins behind a
//! separator or an end of line inside the text (OWASP, "CSV Injection").

use std::borrow::Cow;

/// The mark that keeps a text a text.
const MARK: char = '\'';

/// Whether a cell that begins like this is calculated, or hides that it is: a tab or an end of line
/// is skipped by some programs. The last four are the wide forms of the first four.
fn is_formula_start(c: char) -> bool {
    matches!(
        c,
        '=' | '+' | '-' | '@' | '\t' | '\r' | '＝' | '＋' | '－' | '＠'
    )
}

/// Where a cell may begin: at the start of a text and behind separators.
#[derive(Clone, Copy)]
struct Place {
    is_start: bool,
}

impl Place {
    const START: Self = Self { is_start: true };

    /// The place behind `c`. Blanks and quotes do not hide a formula.
    fn behind(self, c: char) -> Self {
        let is_separator = matches!(c, ',' | ';' | '|' | '\t' | '\n' | '\r');
        let is_skipped = matches!(c, ' ' | '"' | '\u{a0}');
        Self {
            is_start: is_separator || (self.is_start && is_skipped),
        }
    }

    /// Whether a mark in front of `rest` is one of ours. Marks that were there already get one
    /// more, so that taking one away always gives the text of before.
    fn needs_mark(self, rest: &str) -> bool {
        self.is_start && rest.trim_start_matches(MARK).starts_with(is_formula_start)
    }
}

/// The text with a mark in front of each beginning of a formula.
pub(crate) fn harmless(text: &str) -> Cow<'_, str> {
    if !text.contains(is_formula_start) {
        return text.into();
    }
    let mut cell = String::with_capacity(text.len() + 1);
    let mut place = Place::START;
    for (position, c) in text.char_indices() {
        if place.needs_mark(text.get(position..).unwrap_or_default()) {
            cell.push(MARK);
        }
        cell.push(c);
        place = place.behind(c);
    }
    cell.into()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The text that a cell stands for: as [`harmless`] got it.
    fn plain(cell: &str) -> String {
        let mut text = String::new();
        let mut place = Place::START;
        let mut rest = cell.chars();
        while let Some(c) = rest.next() {
            let c = match c {
                MARK if place.needs_mark(rest.as_str()) => rest.next().unwrap(),
                c => c,
            };
            text.push(c);
            place = place.behind(c);
        }
        text
    }

    #[test]
    fn what_would_be_calculated_is_marked() {
        for (text, cell) in [
            ("+41791234567", "'+41791234567"),
            ("=1+1", "'=1+1"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\t'=1"),
            ("\r=1", "'\r'=1"),
            (" =1", " '=1"),
            ("＝1", "'＝1"),
            ("'=1", "''=1"),
            ("Mia;=HYPERLINK(\"x\")", "Mia;'=HYPERLINK(\"x\")"),
            ("Mia\n@x", "Mia\n'@x"),
            ("Mia, +41", "Mia, '+41"),
        ] {
            assert_eq!(harmless(text), cell);
            assert_eq!(plain(cell), text);
        }
    }

    #[test]
    fn everything_else_stays_as_it_is() {
        for text in [
            "",
            "Mia Keller",
            "0791234567",
            "a=b",
            "Müller-Meier",
            "'tis",
            "a@b.example",
        ] {
            assert_eq!(harmless(text), text);
            assert_eq!(plain(text), text);
        }
    }

    proptest! {
        #[test]
        fn no_cell_begins_like_a_formula_and_every_text_comes_back(
            text in "[-=+@'\"\t\r\n;,| a1＝]{0,8}|\\PC{0,12}"
        ) {
            let cell = harmless(&text);
            prop_assert_eq!(plain(&cell), text.clone());
            for start in cell.split([',', ';', '|', '\t', '\n', '\r']) {
                let start = start.trim_start_matches([' ', '"', '\u{a0}']);
                prop_assert!(!start.starts_with(['=', '+', '-', '@']), "{:?}", cell);
            }
        }
    }
}
