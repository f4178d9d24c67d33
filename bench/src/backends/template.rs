//! Replies that are ready but for the number.

/// The digits of a national number, as they stand in requests.
pub(crate) type Digits = [u8; 9];

/// A reply with places for the number: `@DIGITS@` and, in the form `44 200 00 01`, `@SPACED@`.
#[derive(Debug)]
pub(crate) struct Template {
    bytes: Vec<u8>,
    digits: Vec<usize>,
    spaced: Vec<usize>,
}

const DIGITS: (&str, &str) = ("@DIGITS@", "#########");
const SPACED: (&str, &str) = ("@SPACED@", "__ ___ __ __");
/// Where the digits stand in the spaced form.
const PLACES: [usize; 9] = [0, 1, 3, 4, 5, 7, 8, 10, 11];

impl Template {
    /// A reply with this status line's end and JSON body.
    pub(crate) fn new(status: &str, body: &str) -> Self {
        let body = body.replace(DIGITS.0, DIGITS.1).replace(SPACED.0, SPACED.1);
        let head = format!(
            "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        let text = head + &body;
        let places = |mark: &str| text.match_indices(mark).map(|(at, _)| at).collect();
        Self {
            digits: places(DIGITS.1),
            spaced: places(SPACED.1),
            bytes: text.into_bytes(),
        }
    }

    /// Appends the reply for this number.
    pub(crate) fn write(&self, number: Digits, out: &mut Vec<u8>) {
        let start = out.len();
        out.extend_from_slice(&self.bytes);
        let mut spaced = [b' '; SPACED.1.len()];
        for (digit, at) in number.into_iter().zip(PLACES) {
            if let Some(place) = spaced.get_mut(at) {
                *place = digit;
            }
        }
        let Some(reply) = out.get_mut(start..) else {
            return;
        };
        fill(reply, &self.digits, &number);
        fill(reply, &self.spaced, &spaced);
    }
}

fn fill(reply: &mut [u8], places: &[usize], text: &[u8]) {
    for &at in places {
        if let Some(place) = reply.get_mut(at..at + text.len()) {
            place.copy_from_slice(text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_is_filled_in_everywhere() {
        let template = Template::new("200 OK", r#"["@DIGITS@","+41 @SPACED@","@DIGITS@"]"#);
        let mut out = b"before".to_vec();
        template.write(*b"442000001", &mut out);
        let text = String::from_utf8(out).unwrap();
        assert!(text.starts_with("beforeHTTP/1.1 200 OK\r\n"), "{text}");
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert_eq!(body, r#"["442000001","+41 44 200 00 01","442000001"]"#);
        assert!(
            head.ends_with(&format!("Content-Length: {}", body.len())),
            "{text}"
        );
    }
}
