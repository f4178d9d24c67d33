//! One way of writing digits, blanks and dashes instead of all that Unicode has.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

/// Longer texts are not phone numbers.
const MAX_CHARS: usize = 200;

/// The zeros of the scripts in whose digits people write numbers (Unicode, category Nd). Full-width
/// and mathematical digits are folded by NFKC already.
const ZEROS: [char; 21] = [
    '\u{0660}', // Arabic-Indic
    '\u{06F0}', // Persian and Urdu
    '\u{07C0}', // N’Ko
    '\u{0966}', // Devanagari
    '\u{09E6}', // Bengali
    '\u{0A66}', // Gurmukhi
    '\u{0AE6}', // Gujarati
    '\u{0B66}', // Oriya
    '\u{0BE6}', // Tamil
    '\u{0C66}', // Telugu
    '\u{0CE6}', // Kannada
    '\u{0D66}', // Malayalam
    '\u{0DE6}', // Sinhala
    '\u{0E50}', // Thai
    '\u{0ED0}', // Lao
    '\u{0F20}', // Tibetan
    '\u{1040}', // Myanmar
    '\u{17E0}', // Khmer
    '\u{1810}', // Mongolian
    '\u{1C50}', // Ol Chiki
    '\u{A8D0}', // Saurashtra
];

/// Folds compatibility forms and all decimal digits to ASCII, exotic blanks, dashes, dots and
/// quotation marks to the usual ones, and cuts over-long texts.
pub(super) fn fold(text: &str) -> Cow<'_, str> {
    if text.is_ascii() && text.len() <= MAX_CHARS {
        return Cow::Borrowed(text);
    }
    text.chars()
        .take(MAX_CHARS)
        .nfkc()
        .filter(|c| !is_invisible(*c))
        .map(fold_char)
        .collect::<String>()
        .into()
}

fn fold_char(c: char) -> char {
    match c {
        c if c.is_ascii() => c,
        // Braille and Hangul have blanks of their own.
        '\u{2800}' | '\u{1160}' => ' ',
        c if c.is_whitespace() => ' ',
        // Hyphens and dashes, minus, the long vowel mark that Japanese keyboards give.
        '\u{02D7}'
        | '\u{058A}'
        | '\u{2010}'..='\u{2015}'
        | '\u{2043}'
        | '\u{2212}'
        | '\u{2E3A}'
        | '\u{2E3B}'
        | '\u{30FC}' => '-',
        '\u{00B7}' | '\u{2022}' | '\u{2027}' | '\u{2219}' | '\u{22C5}' | '\u{30FB}' => '.',
        '\u{2044}' | '\u{2215}' => '/',
        '\u{02B9}' | '\u{02BC}' | '\u{2018}' | '\u{2019}' | '\u{2032}' => '\'',
        c => ascii_digit(c).unwrap_or(c),
    }
}

fn ascii_digit(c: char) -> Option<char> {
    ZEROS.into_iter().find_map(|zero| {
        let offset = u32::from(c).checked_sub(u32::from(zero))?;
        char::from_digit(offset, 10)
    })
}

/// Zero-width characters and directional marks, which copy and paste brings along, and the marks
/// that make an emoji of a digit.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}'
        | '\u{FE00}'..='\u{FE0F}' | '\u{20E3}' | '\u{FEFF}' | '\u{AD}' | '\u{61C}')
}

#[cfg(test)]
mod tests {
    use super::fold;

    #[test]
    fn digits_of_all_scripts_are_folded() {
        for text in [
            "０７９１２３４５６７",
            "٠٧٩١٢٣٤٥٦٧",
            "۰۷۹۱۲۳۴۵۶۷",
            "०७९१२३४५६७",
            "০৭৯১২৩৪৫৬৭",
            "๐๗๙๑๒๓๔๕๖๗",
            "𝟎𝟕𝟗𝟏𝟐𝟑𝟒𝟓𝟔𝟕",
            "0️⃣7️⃣9️⃣1️⃣2️⃣3️⃣4️⃣5️⃣6️⃣7️⃣",
        ] {
            assert_eq!(fold(text), "0791234567", "{text}");
        }
    }

    #[test]
    fn blanks_and_dashes_become_ascii() {
        for c in "\u{a0}\u{2002}\u{2007}\u{2009}\u{202f}\u{205f}\u{3000}\u{2800}".chars() {
            assert_eq!(fold(&format!("1{c}2")), "1 2", "{}", c.escape_unicode());
        }
        for c in "\u{2010}\u{2011}\u{2012}–—―−－﹣⁃ー".chars() {
            assert_eq!(fold(&format!("1{c}2")), "1-2", "{}", c.escape_unicode());
        }
        for c in "\u{200b}\u{200e}\u{202a}\u{2066}\u{feff}\u{ad}".chars() {
            assert_eq!(fold(&format!("1{c}2")), "12", "{}", c.escape_unicode());
        }
        assert_eq!(fold("＋1（2）3·4’5⁄6"), "+1(2)3.4'5/6");
    }

    #[test]
    fn over_long_texts_are_cut() {
        assert_eq!(fold(&"1".repeat(300)).len(), 200);
        assert_eq!(fold(&"１".repeat(300)).len(), 200);
    }
}
