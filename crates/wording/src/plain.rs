//! Plain text of a bounded length, fit for a field of a CRM.

use std::io;

/// More than any name; longer ones are shortened.
pub(crate) const MAX_NAME_CHARS: usize = 80;
/// What most CRMs hold in a title; adapters shorten it further where theirs holds less.
pub(crate) const MAX_SUBJECT_CHARS: usize = 200;
/// A few pages. CRMs hold more, but nobody reads it.
pub(crate) const MAX_TEXT_CHARS: usize = 10_000;

/// The text in one line, with single blanks.
pub(crate) fn one_line(text: &str, max_chars: usize) -> String {
    let text = shown(text, |_| false);
    let words: Vec<&str> = text.split_whitespace().collect();
    shortened(&words.join(" "), max_chars)
}

/// The text in lines, without blank ones at both ends and without two of them in a row.
pub(crate) fn lines(text: &str, max_chars: usize) -> String {
    let text = shown(&text.replace("\r\n", "\n"), |c| c == '\n');
    let mut kept = String::with_capacity(text.len());
    for line in text.lines().map(str::trim_end) {
        if line.is_empty() && (kept.is_empty() || kept.ends_with("\n\n")) {
            continue;
        }
        kept.push_str(line);
        kept.push('\n');
    }
    shortened(kept.trim_end(), max_chars)
}

/// Control characters become blanks, except those to keep. Marks that turn the direction of
/// writing are left out: they could make a text look like another one.
fn shown(text: &str, is_kept: impl Fn(char) -> bool) -> String {
    let is_turn = |c: &char| matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    let shown = |c: char| {
        if c.is_control() && !is_kept(c) {
            ' '
        } else {
            c
        }
    };
    text.chars().filter(|c| !is_turn(c)).map(shown).collect()
}

fn shortened(text: &str, max_chars: usize) -> String {
    if text.chars().nth(max_chars).is_none() {
        return text.to_owned();
    }
    let kept: String = text.chars().take(max_chars.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

/// Takes what a template writes, and forgets what is beyond the longest text: a template that
/// repeats a long input must not fill the memory.
#[derive(Debug, Default)]
pub(crate) struct Page(Vec<u8>);

impl Page {
    /// One character more than a text may have, so that a cut is seen.
    const MAX_BYTES: usize = (MAX_TEXT_CHARS + 1) * 4;

    pub(crate) fn into_text(self) -> String {
        String::from_utf8_lossy(&self.0).into_owned()
    }
}

impl io::Write for Page {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = Self::MAX_BYTES.saturating_sub(self.0.len());
        self.0.extend(bytes.iter().take(room));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn a_line_has_no_breaks_and_no_hidden_characters() {
        for (text, line) in [
            ("  Mia \t Keller\r\n", "Mia Keller"),
            ("Mia\u{0}Keller\u{7f}", "Mia Keller"),
            ("Mia\u{2028}Keller\u{85}AG", "Mia Keller AG"),
            ("\u{202E}Mia\u{202C}", "Mia"),
            ("\n\u{1b}", ""),
            ("Zoë Dupont-d’Alençon", "Zoë Dupont-d’Alençon"),
            ("123456789012", "123456789…"),
            ("12345678 012", "12345678…"),
            ("1234567890", "1234567890"),
        ] {
            let max = if line.chars().count() > 10 { 80 } else { 10 };
            assert_eq!(one_line(text, max), line, "{text:?}");
        }
    }

    #[test]
    fn a_text_keeps_its_lines() {
        for (text, lines_kept) in [
            ("\n\n a\r\n\tb  \n\n\n\nc\n\n", " a\n b\n\nc"),
            ("a\rb", "a b"),
            (" \n ", ""),
        ] {
            assert_eq!(lines(text, 100), lines_kept, "{text:?}");
        }
        assert_eq!(lines(&"ä".repeat(11), 10), format!("{}…", "ä".repeat(9)));
    }

    #[test]
    fn a_page_takes_no_more_than_a_text_holds() {
        let mut page = Page::default();
        for _ in 0..MAX_TEXT_CHARS {
            page.write_all("😀 and more".as_bytes()).unwrap();
        }
        let text = page.into_text();
        assert!(text.len() <= Page::MAX_BYTES + '\u{FFFD}'.len_utf8());
        assert!(lines(&text, MAX_TEXT_CHARS).ends_with('…'));
    }
}
