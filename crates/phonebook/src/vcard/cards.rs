//! Cutting a file into cards, so that a damaged one costs no other.

const BEGIN: &str = "BEGIN:VCARD";
const END: &str = "END:VCARD";

/// Whether a text begins like a file of vCards.
pub(crate) fn is_vcard(text: &str) -> bool {
    starts_with(text.trim_start(), BEGIN)
}

/// The cards with the number of their first line; no text for a card without end.
pub(super) fn cards(text: &str) -> impl Iterator<Item = (u64, Option<&str>)> {
    let mut lines = Lines {
        text,
        position: 0,
        number: 0,
    };
    let mut open: Option<(u64, usize)> = None;
    std::iter::from_fn(move || {
        while let Some((number, start, line)) = lines.next() {
            if starts_with(line, BEGIN) {
                if let Some((number, _)) = open.replace((number, start)) {
                    return Some((number, None));
                }
            } else if starts_with(line, END)
                && let Some((number, start)) = open.take()
            {
                return Some((number, text.get(start..lines.position)));
            }
        }
        open.take().map(|(number, _)| (number, None))
    })
}

/// The lines of a text with their number and where they start.
struct Lines<'a> {
    text: &'a str,
    position: usize,
    number: u64,
}

impl<'a> Iterator for Lines<'a> {
    type Item = (u64, usize, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        let start = self.position;
        let line = self.text.get(start..)?.split_inclusive('\n').next()?;
        self.position += line.len();
        self.number += 1;
        Some((self.number, start, line))
    }
}

fn starts_with(line: &str, start: &str) -> bool {
    line.get(..start.len())
        .is_some_and(|head| head.eq_ignore_ascii_case(start))
}
