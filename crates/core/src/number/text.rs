//! Finding the numbers in what people and machines write.
//!
//! A field is taken apart by its characters alone: which of its digits are a number, an extension,
//! or a part of a note. What the digits mean is left to [`NumberPlan`](super::NumberPlan).
//!
//! | file | idea |
//! |---|---|
//! | `fold` | digits, blanks and dashes of all scripts become ASCII |
//! | `link` | `tel:` and `sip:` links |
//! | `scan` | the numbers of a text |
//! | `extension` | the words before an extension |

mod extension;
mod fold;
mod link;
mod scan;

/// A run of digits is a number of its own when it has this many (`crm-apis.md` §5.5).
pub(super) const MIN_NUMBER_DIGITS: usize = 6;

/// One number in a text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct NumberText {
    /// The digits, without those of the extension.
    digits: String,
    /// Whether a `+` stands before the digits.
    plus: bool,
    /// Where in `digits` a zero was written that may not be dialled: `+41 (0)21`.
    optional_zero: Option<usize>,
    /// What stands between the digits, in order.
    breaks: Vec<Break>,
    /// The digits of the extension.
    extension: Option<String>,
    /// The whole text, where letters may stand for digits: `0800 FLOWER`.
    letters: Option<String>,
}

/// Something between two digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Break {
    /// How many digits stand before it.
    pub(super) at: usize,
    /// The most telling character of it.
    pub(super) kind: BreakKind,
    /// How many characters it has.
    pub(super) width: usize,
}

impl Break {
    /// Whether so much stands between the digits that a new number may begin: ` / `, or three blanks.
    pub(super) fn is_wide(self) -> bool {
        self.width > 2
    }
}

/// What stands between two digits: the more it separates, the greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum BreakKind {
    /// A blank, a dot, a bracket.
    Blank,
    /// A dash.
    Dash,
    /// A slash.
    Slash,
}

impl NumberText {
    /// The numbers that a field holds: `079 123 45 67; 044 555 01 23` are two. Never empty: a text
    /// without a number is one with the digits that there are.
    pub(super) fn all(field: &str) -> Vec<Self> {
        let folded = fold::fold(field);
        let plain = link::plain(&folded);
        let dialled = strip_caller_id_code(plain.trim());
        let mut numbers = scan::numbers(dialled);
        if numbers.is_empty() {
            numbers.push(Self::whole(dialled));
        }
        numbers
    }

    /// The first number of a text.
    pub(super) fn read(text: &str) -> Self {
        Self::all(text).into_iter().next().unwrap_or_default()
    }

    fn whole(text: &str) -> Self {
        Self {
            digits: digits_of(text),
            plus: text.starts_with('+'),
            letters: text
                .chars()
                .any(char::is_alphabetic)
                .then(|| text.to_owned()),
            ..Self::default()
        }
    }

    /// The digits of the number, without its extension and without a zero that is not dialled.
    pub(super) fn digits(&self) -> &str {
        &self.digits
    }

    /// How many digits stand before a zero that may not be dialled, if there is one.
    pub(super) fn optional_zero(&self) -> Option<usize> {
        self.optional_zero
    }

    /// The digits with the zero that may not be dialled, if there is one.
    pub(super) fn digits_with_zero(&self) -> Option<String> {
        let (before, behind) = self.digits.split_at_checked(self.optional_zero?)?;
        Some(format!("{before}0{behind}"))
    }

    /// The digits of the extension.
    pub(super) fn extension(&self) -> Option<&str> {
        self.extension.as_deref()
    }

    /// What stands between the digits, in order.
    pub(super) fn breaks(&self) -> &[Break] {
        &self.breaks
    }

    /// The whole text, where letters may stand for digits.
    pub(super) fn letters(&self) -> Option<&str> {
        self.letters.as_deref()
    }

    /// Whether a `+` stands before the digits.
    pub(super) fn has_plus(&self) -> bool {
        self.plus
    }

    /// Whether the number starts with `+` or `00`.
    pub(super) fn is_international(&self) -> bool {
        self.plus || self.digits.starts_with("00")
    }

    /// The digits behind `+` or `00`.
    pub(super) fn international(&self) -> Option<&str> {
        self.is_international()
            .then(|| abroad(self.plus, &self.digits))
    }

    /// The part of the number between two places in its digits, as a number of its own.
    pub(super) fn part(&self, from: usize, to: usize) -> Self {
        let inside = |place: &Break| place.at > from && place.at < to;
        let breaks = self.breaks.iter().filter(|place| inside(place));
        Self {
            digits: self.digits.get(from..to).unwrap_or_default().to_owned(),
            plus: self.plus && from == 0,
            optional_zero: self
                .optional_zero
                .filter(|at| (from + 1..to).contains(at))
                .map(|at| at - from),
            breaks: breaks
                .map(|place| Break {
                    at: place.at - from,
                    ..*place
                })
                .collect(),
            extension: (to == self.digits.len())
                .then(|| self.extension.clone())
                .flatten(),
            letters: None,
        }
    }

    /// The same number with an extension.
    pub(super) fn with_extension(mut self, extension: &str) -> Self {
        self.extension = Some(extension.to_owned());
        self
    }
}

/// Digits without the zeros that stand for `+`; with a plus they were not needed.
pub(super) fn abroad(plus: bool, digits: &str) -> &str {
    match digits.strip_prefix("00") {
        Some(rest) => rest,
        None if plus => digits,
        None => "",
    }
}

/// The ASCII digits of a text, in order.
pub(super) fn digits_of(text: &str) -> String {
    let mut digits = String::with_capacity(text.len());
    digits.extend(text.chars().filter(char::is_ascii_digit));
    digits
}

/// Whether a text dials a function of the network, such as `*21#`, rather than a number.
pub(super) fn is_feature_code(text: &str) -> bool {
    strip_caller_id_code(text.trim()).starts_with(['*', '#'])
}

/// `*31#` and `#31#` before a number hide or show the caller's own number (ETSI TS 122 030) and are not
/// part of the number.
fn strip_caller_id_code(text: &str) -> &str {
    ["*31#", "#31#", "*67", "*82"]
        .iter()
        .find_map(|code| text.strip_prefix(code))
        .map_or(text, str::trim_start)
}

#[cfg(test)]
mod tests;
