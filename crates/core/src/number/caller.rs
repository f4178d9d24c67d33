//! What kind of caller a text from the telephone system stands for.

use std::borrow::Cow;

use super::{
    NumberPlan, PhoneNumber,
    text::{NumberText, is_feature_code},
};

/// Shorter numbers are short codes, unless a numbering plan knows them (`crm-apis.md` §5.6).
const MIN_DIGITS: usize = 7;
/// Longer numbers are no phone numbers. E.164 allows 15 digits; the rest is room for prefixes.
const MAX_DIGITS: usize = 24;
/// What telephone systems send instead of a number that is hidden (`crm-apis.md` §5.6).
const WITHHELD: [&str; 16] = [
    "anonymous",
    "anonyme",
    "anonym",
    "anonimo",
    "unknown",
    "unbekannt",
    "inconnu",
    "sconosciuto",
    "unavailable",
    "restricted",
    "private",
    "privat",
    "withheld",
    "unterdrückt",
    "p",
    "masqué",
];
/// Spells ANONYMOUS on a keypad; sent by some networks instead of nothing.
const ANONYMOUS_DIGITS: &str = "266696687";

/// Who is at the other end, as far as the number tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Caller {
    /// The number is hidden or missing.
    Withheld,
    /// A colleague: a number of few digits.
    Internal,
    /// A short code, feature code or text that no CRM can know.
    Unsearchable,
    /// Somebody whom a CRM may know.
    Number(PhoneNumber),
}

impl Caller {
    /// One word for logs: `withheld`, `internal`, `unsearchable`, `number`.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Withheld => "withheld",
            Self::Internal => "internal",
            Self::Unsearchable => "unsearchable",
            Self::Number(_) => "number",
        }
    }
}

impl NumberPlan {
    /// Recognises what the telephone system sent.
    pub fn classify(&self, text: &str) -> Caller {
        let text = text.trim();
        if is_withheld(text) {
            return Caller::Withheld;
        }
        let read = NumberText::read(text);
        let digits = read.digits();
        if digits.is_empty() || is_feature_code(text) {
            return Caller::Unsearchable;
        }
        if digits.len() <= self.internal_max_digits && !read.is_international() {
            return Caller::Internal;
        }
        let number = self.read_asked(&read);
        let length = number.digits().len();
        if length > MAX_DIGITS || (length < MIN_DIGITS && !number.is_valid()) {
            return Caller::Unsearchable;
        }
        Caller::Number(number)
    }
}

fn is_withheld(text: &str) -> bool {
    let is_word = |byte: u8| !byte.is_ascii() || byte.is_ascii_alphabetic();
    let lower = if text.bytes().any(is_word) {
        Cow::Owned(text.to_lowercase())
    } else {
        Cow::Borrowed(text)
    };
    let name = ["sip:", "sips:", "tel:"]
        .iter()
        .find_map(|scheme| lower.strip_prefix(scheme))
        .unwrap_or(&lower);
    let name = name.split('@').next().unwrap_or_default().trim();
    let mut digits = name.bytes().filter(u8::is_ascii_digit);
    let is_anonymous = digits.clone().eq(ANONYMOUS_DIGITS.bytes());
    let is_telling = |c: char| c.is_alphanumeric() || matches!(c, '*' | '#');
    is_anonymous
        || WITHHELD.contains(&name)
        || !name.contains(is_telling)
        || (digits.next() == Some(b'0') && digits.all(|digit| digit == b'0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn classify(text: &str) -> Caller {
        NumberPlan::new("CH").unwrap().classify(text)
    }

    #[test]
    fn hidden_numbers_are_withheld() {
        for text in [
            "",
            " ",
            "anonymous",
            "Anonymous",
            "UNKNOWN",
            "unterdrückt",
            "anonyme",
            "sip:anonymous@anonymous.invalid",
            "P",
            "-",
            "+",
            "+266696687",
            "266696687",
            "0",
            "0000",
        ] {
            assert_eq!(classify(text), Caller::Withheld, "{text:?}");
        }
    }

    #[test]
    fn few_digits_are_a_colleague() {
        for text in ["1", "4711", "117", "12345"] {
            assert_eq!(classify(text), Caller::Internal, "{text}");
        }
        let plan = NumberPlan::new("CH").unwrap().with_internal_max_digits(3);
        assert_eq!(plan.classify("4711"), Caller::Unsearchable);
    }

    #[test]
    fn feature_codes_and_words_are_not_searched() {
        for text in [
            "*21#",
            "**61",
            "#31#",
            "hello",
            "123456",
            "1234567890123456789012345",
        ] {
            assert_eq!(classify(text), Caller::Unsearchable, "{text}");
        }
    }

    #[test]
    fn anything_else_is_a_number() {
        for text in [
            "4178907228",
            "41215522000",
            "+4232345678",
            "1234567",
            "4232345678",
        ] {
            assert!(matches!(classify(text), Caller::Number(_)), "{text}");
        }
    }
}
