//! The text of a call or ticket in the form that HubSpot shows. Pure.

use whocalls_core::WorkflowRequest;

/// The longest body of a call (`crm-apis.md` §1.5); taken for tickets, too.
const MAX_LENGTH: usize = 65_536;

/// How HubSpot reads a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Markup {
    /// As it is.
    Plain,
    /// As HTML.
    Html,
}

/// The text of a request, with its marker at the end if it `is_marked`. A text that is too long
/// loses its end; the marker stays.
pub(super) fn body(request: &WorkflowRequest, is_marked: bool, markup: Markup) -> Option<String> {
    let marked = request.marked_text();
    let (text, tail) = if is_marked {
        // The marker has a line of its own, the last.
        let parts = marked.rsplit_once('\n');
        parts.map_or((String::new(), marked.clone()), |(text, marker)| {
            (format!("{text}\n"), marker.to_owned())
        })
    } else {
        (request.text.trim_end().to_owned(), String::new())
    };
    let tail = markup.render(&tail, MAX_LENGTH);
    let text = markup.render(&text, MAX_LENGTH.saturating_sub(length(&tail)));
    let body = text + &tail;
    (!body.is_empty()).then_some(body)
}

impl Markup {
    /// As much of `text` as has room, without a character that is cut in two.
    fn render(self, text: &str, room: usize) -> String {
        let mut rendered = String::new();
        let mut taken = 0;
        for character in text.chars() {
            let mut buffer = [0; 4];
            let piece = match (self, character) {
                (_, '\r') => continue,
                (Self::Html, '&') => "&amp;",
                (Self::Html, '<') => "&lt;",
                (Self::Html, '>') => "&gt;",
                (Self::Html, '\n') => "<br>",
                (_, other) => other.encode_utf8(&mut buffer),
            };
            taken += length(piece);
            if taken > room {
                break;
            }
            rendered.push_str(piece);
        }
        rendered
    }
}

/// In the longer of the units that may be counted: those of UTF-16.
fn length(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(text: &str) -> WorkflowRequest {
        WorkflowRequest {
            text: text.to_owned(),
            idempotency_key: "0199-c0f0".to_owned(),
            ..WorkflowRequest::default()
        }
    }

    #[test]
    fn html_shows_the_text_as_it_was_written() {
        let cases = [
            ("Answered.\n", "Answered."),
            ("One\r\nTwo\n\nThree", "One<br>Two<br><br>Three"),
            (
                "<b>Tom & \"Mia\"</b> don't",
                "&lt;b&gt;Tom &amp; \"Mia\"&lt;/b&gt; don't",
            ),
            ("&amp; stays", "&amp;amp; stays"),
            ("Grüezi 👋", "Grüezi 👋"),
        ];
        for (text, html) in cases {
            let body = body(&request(text), false, Markup::Html);
            assert_eq!(body.as_deref(), Some(html), "{text}");
        }
        assert_eq!(body(&request("\n"), false, Markup::Html), None);
    }

    #[test]
    fn the_marker_stands_in_the_last_line() {
        let marked = |text: &str, markup| body(&request(text), true, markup).unwrap();
        let html = marked("One <two>\n", Markup::Html);
        assert_eq!(html, "One &lt;two&gt;<br><br>Ref. wc0199c0f0");
        let plain = marked("One <two>\n", Markup::Plain);
        assert_eq!(plain, "One <two>\n\nRef. wc0199c0f0");
        assert_eq!(marked("", Markup::Html), "Ref. wc0199c0f0");
    }

    #[test]
    fn a_text_that_is_too_long_keeps_its_marker_and_whole_characters() {
        for character in ["a", "&", "\n", "👋", "<"] {
            let long = character.repeat(MAX_LENGTH) + ".";
            for markup in [Markup::Plain, Markup::Html] {
                let marked = body(&request(&long), true, markup).unwrap();
                let spare = MAX_LENGTH - length(&marked);
                assert!(spare < "&amp;".len(), "{character} {markup:?}: {spare}");
                assert!(marked.ends_with("Ref. wc0199c0f0"), "{character}");
                let plain = body(&request(&long), false, markup).unwrap();
                let whole = markup.render(character, MAX_LENGTH);
                assert!(plain.ends_with(&whole), "{character} {markup:?}");
            }
        }
    }
}
