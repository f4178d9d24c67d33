//! Links to telephones: `tel:` (RFC 3966) and `sip:` (RFC 3261).
//!
//! Most of a link is read like any other text: the scheme is a word before the number, `;ext=` one
//! before an extension. What is different is here.

use std::borrow::Cow;

/// The same text without percent-encoding, host, and context: `tel:863-1234;phone-context=+1-914-555`
/// becomes `tel:+1-914-555 863-1234`.
pub(super) fn plain(text: &str) -> Cow<'_, str> {
    if !text.contains([':', '%']) {
        return Cow::Borrowed(text);
    }
    // There are no blanks in a link, and there may be other numbers beside it.
    let words = text.split_inclusive(char::is_whitespace);
    words.map(plain_word).collect::<String>().into()
}

fn plain_word(word: &str) -> Cow<'_, str> {
    let lower = word.to_ascii_lowercase();
    for scheme in ["sip:", "sips:"] {
        if let Some(address) = behind(word, &lower, scheme) {
            let before = word.get(..word.len() - address.len() - scheme.len());
            let before = decode(before.unwrap_or_default());
            return format!("{before}{}", without_host(address)).into();
        }
    }
    with_context(word, &lower).map_or_else(|| decode(word), Cow::from)
}

/// What stands behind `mark`.
fn behind<'a>(text: &'a str, lower: &str, mark: &str) -> Option<&'a str> {
    text.get(lower.find(mark)? + mark.len()..)
}

/// The user of a SIP address, and what stands behind the address.
fn without_host(address: &str) -> String {
    let address = address.trim_start_matches('/');
    let end = address.find(['>', ',', '/']);
    let end = end.unwrap_or(address.trim_end().len());
    let (address, rest) = address.split_at_checked(end).unwrap_or((address, ""));
    let mut pieces = address.split([';', '?']);
    let user = pieces.next().and_then(|piece| piece.split('@').next());
    let mut text = decode(user.unwrap_or_default()).into_owned();
    // Behind the parameters there may be another number.
    for piece in pieces.filter(|piece| !piece.contains('=')) {
        text.push(';');
        text.push_str(piece);
    }
    text + rest
}

/// A local number with the start of the global number that it belongs to (RFC 3966 §5.1.5). A context that is
/// a domain name says nothing about the number.
fn with_context(text: &str, lower: &str) -> Option<String> {
    const CONTEXT: &str = ";phone-context=";
    let context = behind(text, lower, CONTEXT)?;
    let is_context = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
    let end = context.find(|c| !is_context(c)).unwrap_or(context.len());
    let (context, rest) = context.split_at_checked(end)?;
    let local = text.get(..lower.find(CONTEXT)?)?;
    let start = local.rfind(':').map_or(0, |colon| colon + 1);
    let (before, local) = local.split_at_checked(start)?;
    let context = if context.starts_with('+') {
        context
    } else {
        ""
    };
    Some(format!("{before}{context} {local}{rest}"))
}

/// Decodes those percent-encoded characters that occur in numbers.
fn decode(text: &str) -> Cow<'_, str> {
    let Some((before, encoded)) = text.split_once('%') else {
        return Cow::Borrowed(text);
    };
    let mut decoded = before.to_owned();
    for piece in encoded.split('%') {
        let (pair, behind) = piece.split_at_checked(2).unwrap_or(("", piece));
        let byte = u8::from_str_radix(pair, 16).map(char::from);
        if let Ok(c @ (' ' | '+' | '-' | '(' | ')' | '.' | '/' | ';' | '=' | ':')) = byte {
            decoded.push(c);
            decoded.push_str(behind);
        } else {
            decoded.push('%');
            decoded.push_str(piece);
        }
    }
    decoded.into()
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn links_become_plain_text() {
        let cases = [
            ("tel:+41-79-123-45-67", "tel:+41-79-123-45-67"),
            ("tel:%2B41%2079%20123", "tel:+41 79 123"),
            (
                "tel:863-1234;phone-context=+1-914-555",
                "tel:+1-914-555 863-1234",
            ),
            (
                "TEL:863-1234;Phone-Context=+1-914-555;ext=5",
                "TEL:+1-914-555 863-1234;ext=5",
            ),
            ("tel:7042;phone-context=pbx1.example.ch", "tel: 7042"),
            ("sip:+41791234567@192.0.2.1;user=phone", "+41791234567"),
            ("\"A\" <sips:0791234567@example.ch>", "\"A\" <0791234567>"),
            ("sip:%2B4179@example.ch", "+4179"),
            ("sip:", ""),
            (
                "1/sip:079@example.ch;user=phone;044, tel:123;phone-context=+41\n044",
                "1/079;044, tel:+41 123\n044",
            ),
            ("50 % Rabatt: %zz%", "50 % Rabatt: %zz%"),
            ("100%", "100%"),
            ("079 123 45 67", "079 123 45 67"),
        ];
        for (link, expected) in cases {
            assert_eq!(plain(link), expected, "{link}");
        }
    }
}
