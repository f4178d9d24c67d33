//! Finding secrets in texts, however they are written.

use crate::Secret;

/// What stands in the place of a secret.
const MASK: &str = "***";

/// Secrets to mask.
pub(super) struct Mask<'s>(Vec<&'s [u8]>);

impl<'s> Mask<'s> {
    pub(super) fn new(secrets: &'s [Secret]) -> Self {
        let mut secrets: Vec<_> = secrets.iter().map(|it| it.expose().as_bytes()).collect();
        // A secret that contains another one is masked as a whole.
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        Self(secrets)
    }

    /// `text` with each secret replaced, whether it is written as it is, percent-encoded, as in a
    /// form, or as in a JSON text.
    pub(super) fn of(&self, text: &str) -> String {
        let mut shown = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            // A secret begins and ends where characters do, and so does each way to write it.
            let (part, end) = match self.length_of_first(rest.as_bytes()) {
                Some(length) => (MASK, length),
                None => (
                    rest.get(..first.len_utf8()).unwrap_or_default(),
                    first.len_utf8(),
                ),
            };
            shown.push_str(part);
            rest = rest.get(end..).unwrap_or_default();
        }
        shown
    }

    /// How long the secret is that `text` begins with.
    fn length_of_first(&self, text: &[u8]) -> Option<usize> {
        self.0.iter().find_map(|secret| {
            length(text, secret, |text, byte| {
                (plain(text)?.0 == byte).then_some(1)
            })
            .or_else(|| length(text, secret, |text, byte| escaped(text, byte, plain)))
            .or_else(|| length(text, secret, |text, byte| escaped(text, byte, percent)))
        })
    }
}

/// How long `secret` is at the beginning of `text`, if it stands there. `read` says how many bytes
/// of a text stand for a byte.
fn length(text: &[u8], secret: &[u8], read: impl Fn(&[u8], u8) -> Option<usize>) -> Option<usize> {
    let mut length = 0;
    for byte in secret {
        length += read(text.get(length..)?, *byte)?;
    }
    Some(length)
}

/// The first byte that a text stands for, and how many bytes it takes.
type Unit = fn(&[u8]) -> Option<(u8, usize)>;

fn plain(text: &[u8]) -> Option<(u8, usize)> {
    Some((*text.first()?, 1))
}

/// As in URLs and forms (RFC 3986 §2.1); a space may be `+`.
fn percent(text: &[u8]) -> Option<(u8, usize)> {
    let digits = text.get(1..3).filter(|_| text.first() == Some(&b'%'));
    let code = digits
        .filter(|digits| digits.iter().all(u8::is_ascii_hexdigit))
        .and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok());
    match (code, text.first()?) {
        (Some(byte), _) => Some((byte, 3)),
        (None, b'+') => Some((b' ', 1)),
        (None, byte) => Some((*byte, 1)),
    }
}

/// How many bytes stand for `byte`, which may be escaped as in JSON texts (RFC 8259 §7).
fn escaped(text: &[u8], byte: u8, unit: Unit) -> Option<usize> {
    let (first, length) = unit(text)?;
    // A plus sign may stand for itself where a form was not encoded to the letter.
    if first == byte || (byte == b'+' && text.first() == Some(&byte)) {
        return Some(length);
    }
    if first != b'\\' {
        return None;
    }
    let (letter, more) = unit(text.get(length..)?)?;
    let length = length + more;
    let meant = match letter {
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'u' => {
            let digits = text.get(length..length + 4)?;
            let code = u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
            return (code == u16::from(byte)).then_some(length + 4);
        }
        other => other,
    };
    (meant == byte).then_some(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masked(secrets: &[&str], text: &str) -> String {
        let secrets: Vec<_> = secrets.iter().map(|text| Secret::new(*text)).collect();
        Mask::new(&secrets).of(text)
    }

    #[test]
    fn every_way_to_write_a_secret_is_found() {
        let secret = "pä s/\"%41+";
        for written in [
            "pä s/\"%41+",
            "p%C3%A4%20s%2F%22%2541%2B",
            "p%c3%a4+s%2f%22%2541%2B",
            "p%C3%A4%20s/%22%2541+",
            r#"pä s/\"%41+"#,
            r#"pä s\/\"\u002541+"#,
            "p%C3%A4+s%2F%5C%22%2541%2B",
        ] {
            let text = format!("a={written}&b=ü");
            assert_eq!(masked(&[secret], &text), "a=***&b=ü", "{written}");
        }
    }

    #[test]
    fn nothing_else_is_touched() {
        for text in [
            "",
            "100 % sure",
            "%",
            "%4",
            "%zz",
            "\\",
            "\\u00",
            "tok",
            "grüezi",
        ] {
            assert_eq!(masked(&["token"], text), text);
        }
    }

    #[test]
    fn the_longest_secret_is_masked_as_a_whole() {
        assert_eq!(masked(&["abc", "abcdef"], "abcdef abc"), "*** ***");
    }
}
