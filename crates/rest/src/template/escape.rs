//! Escaping that needs no knowledge of what stands around a value.

/// Encodes everything but the unreserved characters of RFC 3986 §2.3.
pub(super) fn percent(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push('%');
            encoded.extend([byte >> 4, byte & 0xf].map(hex_digit));
        }
    }
    encoded
}

/// The text with entities for the characters that mean something in XML (XML 1.0 §2.4).
pub(super) fn entities(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&#34;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

fn hex_digit(nibble: u8) -> char {
    char::from_digit(u32::from(nibble), 16)
        .unwrap_or_default()
        .to_ascii_uppercase()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::percent;

    proptest! {
        #[test]
        fn encoded_text_decodes_to_itself_and_has_no_reserved_character(text in "\\PC{0,40}|[\\x00-\\x7f]{0,40}") {
            let encoded = percent(&text);
            prop_assert!(encoded.chars().all(|c| c.is_ascii_alphanumeric() || "-._~%".contains(c)));
            let query = format!("x={encoded}");
            let (_, decoded) = url::form_urlencoded::parse(query.as_bytes()).next().unwrap();
            prop_assert_eq!(decoded, text);
        }
    }
}
