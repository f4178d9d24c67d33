//! The numbers of a text, told by what stands between its digits.

use std::{mem, str::Chars};

use super::{Break, BreakKind, MIN_NUMBER_DIGITS, NumberText, extension};

/// An extension behind a word for it has at most this many digits.
const MAX_EXTENSION_DIGITS: usize = 7;

/// Splits a folded text. Empty when no run of digits is long enough for a number.
pub(super) fn numbers(text: &str) -> Vec<NumberText> {
    let mut scanner = Scanner::with_room_for(text);
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        match c {
            '0'..='9' => scanner.run.digits.push(c),
            '+' => scanner.start_international(),
            '(' | '[' => scanner.bracket(&mut rest),
            '/' | '\\' => scanner.separate(BreakKind::Slash),
            '-' => scanner.separate(BreakKind::Dash),
            ')' | ']' => scanner.close_bracket(),
            '.' | '\'' | '_' | '~' => scanner.separate(BreakKind::Blank),
            ',' | ';' => scanner.end_number(Next::Pause),
            '|' | '&' | '\n' | '\r' | '\t' => scanner.end_number(Next::Number),
            '#' => scanner.end_run(Next::Extension),
            c if c.is_whitespace() => scanner.separate(BreakKind::Blank),
            c if c.is_alphabetic() => {
                let word = word(c, &mut rest);
                scanner.word(&word);
            }
            _ => scanner.end_run_of_digits(),
        }
    }
    scanner.end_run(Next::Number);
    scanner.numbers
}

/// The rest of a word, in lower case.
fn word(first: char, rest: &mut Chars<'_>) -> String {
    let mut word: String = first.to_lowercase().collect();
    while let Some(c) = rest.as_str().chars().next()
        && c.is_alphabetic()
    {
        word.extend(c.to_lowercase());
        rest.next();
    }
    word
}

/// What the next digits are, if they are few.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Next {
    /// A part of a note, or the start of a number.
    #[default]
    Number,
    /// What is dialled after a pause: an extension, or else another number.
    Pause,
    /// An extension.
    Extension,
}

#[derive(Debug, Default)]
struct Scanner {
    numbers: Vec<NumberText>,
    /// The digits since the last thing that ends a number.
    run: NumberText,
    next: Next,
    /// Whether a bracket behind a number is open.
    is_in_note: bool,
}

impl Scanner {
    /// Most texts are one number with little more than its digits.
    fn with_room_for(text: &str) -> Self {
        let mut scanner = Self::default();
        scanner.numbers.reserve_exact(1);
        scanner.run.digits.reserve_exact(text.len());
        scanner
    }

    /// `(0)` behind other digits may not be dialled; `(2. Stock)` and `(8-12)` behind a number are
    /// notes. Other brackets are separators.
    fn bracket(&mut self, rest: &mut Chars<'_>) {
        let inside = rest.as_str().split([')', ']']).next().unwrap_or_default();
        let digits = self.run.digits.len();
        if inside.trim() == "0" && digits > 0 {
            if let Some(behind) = rest.as_str().get(inside.len() + 1..) {
                self.run.optional_zero.get_or_insert(digits);
                *rest = behind.chars();
            }
            // So much stands here that it looks as if a number began.
            self.run.breaks.retain(|place| place.at < digits);
        } else if digits >= MIN_NUMBER_DIGITS && is_note(inside) {
            self.is_in_note = true;
            self.end_run(Next::Number);
            return;
        }
        self.separate(BreakKind::Blank);
    }

    fn close_bracket(&mut self) {
        if mem::take(&mut self.is_in_note) {
            self.end_run(Next::Number);
        } else {
            self.separate(BreakKind::Blank);
        }
    }

    fn separate(&mut self, kind: BreakKind) {
        let at = self.run.digits.len();
        match self.run.breaks.last_mut() {
            _ if at == 0 => {}
            Some(last) if last.at == at => {
                last.kind = last.kind.max(kind);
                last.width += 1;
            }
            _ => self.run.breaks.push(Break { at, kind, width: 1 }),
        }
    }

    /// Ends the number or its extension; where there are too few digits for one, it goes on.
    fn end_number(&mut self, next: Next) {
        let is_extension = self.next != Next::Number && !self.numbers.is_empty();
        if self.run.digits.len() >= MIN_NUMBER_DIGITS
            || (is_extension && !self.run.digits.is_empty())
        {
            self.end_run(next);
        } else if self.run.digits.is_empty() {
            self.next = self.next.and_then(next);
        } else {
            self.separate(BreakKind::Blank);
        }
    }

    fn start_international(&mut self) {
        self.end_run(Next::Number);
        self.run.plus = true;
    }

    fn word(&mut self, word: &str) {
        if extension::is_filler(word) && self.run.digits.is_empty() {
            return;
        }
        self.end_run(if extension::is_marker(word) {
            Next::Extension
        } else if extension::is_ambiguous(word) {
            Next::Pause
        } else {
            Next::Number
        });
    }

    /// Something that stands in no number: `ext: 12` still announces an extension.
    fn end_run_of_digits(&mut self) {
        if !self.run.digits.is_empty() {
            self.end_run(Next::Number);
        }
    }

    fn end_run(&mut self, next: Next) {
        let mut run = mem::take(&mut self.run);
        let announced = mem::replace(&mut self.next, next);
        let digits = run.digits.len();
        run.breaks.retain(|place| place.at < digits);
        let most = match announced {
            Next::Number => 0,
            Next::Pause => MIN_NUMBER_DIGITS - 1,
            Next::Extension => MAX_EXTENSION_DIGITS,
        };
        match self.numbers.last_mut() {
            _ if digits == 0 => {}
            Some(number) if digits <= most && !run.plus && number.extension.is_none() => {
                number.extension = Some(run.digits);
            }
            Some(number) if most > 0 && !run.plus && number.extension.is_none() => {
                let (extension, rest) = split_extension(announced, run);
                number.extension = extension;
                self.numbers.push(rest);
            }
            _ if digits >= MIN_NUMBER_DIGITS => self.numbers.push(run),
            _ => {}
        }
    }
}

/// Whether something in brackets is no part of a number: it has a letter, or is a span of hours.
fn is_note(inside: &str) -> bool {
    let is_span = |text: &str| text.contains(['-', ':']) && !text.starts_with('0');
    inside.contains(char::is_alphabetic) || is_span(inside.trim())
}

/// Separates an extension from the number behind it: `DW 12 / 079 123 45 67`. What is not announced
/// for sure may be the number's area code.
fn split_extension(announced: Next, run: NumberText) -> (Option<String>, NumberText) {
    let place = run.breaks.first().filter(|place| {
        let rest = run.digits.get(place.at..).unwrap_or_default();
        let is_label = run.digits.starts_with('0');
        let begins_with_zero = rest.starts_with('0');
        let is_apart = match announced {
            Next::Number => false,
            Next::Pause => !is_label && begins_with_zero && place.is_wide(),
            Next::Extension => !is_label || begins_with_zero || place.is_wide(),
        };
        is_apart && place.at < MIN_NUMBER_DIGITS && rest.len() > MIN_NUMBER_DIGITS
    });
    match place.map(|place| place.at) {
        Some(at) => {
            let extension = run.part(0, at).digits;
            (Some(extension), run.part(at, run.digits.len()))
        }
        None => (None, run),
    }
}

impl Next {
    /// What two announcements say together: `, ext` as much as `ext`, and two commas are pauses.
    fn and_then(self, other: Self) -> Self {
        match (self, other) {
            (Self::Extension, _) | (Self::Pause, Self::Pause) => Self::Extension,
            _ => other,
        }
    }
}
