//! Under which keys a stored field is filed.
//!
//! That has to be every key that a number which [`NumberPlan::match_stored`] accepts may be looked
//! for by. Reading each field with the numbering plan would do it, at 10 µs a number; so the usual
//! shapes are read by their digits alone, and the plan is asked about the others: digits in foreign
//! scripts, letters for digits, very short numbers, two numbers joined by a word.

use whocalls_core::NumberPlan;

use crate::tail::{KEY_DIGITS, Tail, push};

/// Behind this many digits a letter begins a note or an extension, and a part of a field with this
/// many digits is a number of its own: as in `whocalls_core::number`.
const NUMBER_DIGITS: usize = 6;
/// Of more digits the plan may make two numbers; it is asked about them.
const MAX_DIGITS: usize = 13;
/// Longer fields are cut by the plan; it is asked about them.
const MAX_PLAIN_BYTES: usize = 200;

/// Where a stored field is filed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct FieldTails {
    /// The keys.
    pub(crate) tails: Vec<Tail>,
    /// How many numbers the field holds.
    pub(crate) numbers: usize,
    /// Whether nothing but one number or several stand in the field: no note, no extension.
    pub(crate) is_bare: bool,
}

/// The keys of a stored field. None for a field without digits.
pub(crate) fn of_field(field: &str, plan: &NumberPlan) -> FieldTails {
    if !field.chars().any(|c| c.is_numeric() || !c.is_ascii()) {
        return FieldTails::default();
    }
    read_plain_field(field).unwrap_or_else(|| read_by_plan(field, plan))
}

fn read_by_plan(field: &str, plan: &NumberPlan) -> FieldTails {
    // Two runs of digits for each number: as read, and as written.
    let digits = plan.stored_digits(field);
    let has_digits = |run: &String| !run.is_empty();
    FieldTails {
        numbers: digits
            .chunks(2)
            .filter(|runs| runs.iter().any(has_digits))
            .count(),
        tails: digits
            .iter()
            .filter(|run| has_digits(run))
            .map(|run| Tail::of(run))
            .collect(),
        is_bare: false,
    }
}

/// Reads a field of a usual shape; `None` for all others.
fn read_plain_field(field: &str) -> Option<FieldTails> {
    if field.len() > MAX_PLAIN_BYTES || !field.chars().all(is_plain) {
        return None;
    }
    let parts = || {
        field
            .split(['/', ';', ',', '|', '\n', '\r', '\t'])
            .filter(|part| !part.trim().is_empty())
    };
    let is_several =
        parts().nth(1).is_some() && parts().all(|part| digits_in(part) >= NUMBER_DIGITS);
    let mut found = FieldTails {
        is_bare: true,
        ..FieldTails::default()
    };
    if is_several {
        for part in parts() {
            found.add(&read_plain(part)?);
        }
    } else {
        found.add(&read_plain(field)?);
    }
    Some(found)
}

impl FieldTails {
    fn add(&mut self, number: &PlainNumber) {
        self.numbers += 1;
        self.is_bare &= number.is_bare;
        for run in [Some(number.run), number.before_dash].into_iter().flatten() {
            self.tails.push(Tail::of_value(run.value));
            if let Some(value) = without_argentine_15(run) {
                self.tails.push(Tail::of_value(value));
            }
        }
    }
}

/// A number whose last digits are known without a numbering plan.
struct PlainNumber {
    run: Run,
    /// The digits before the last dash or slash, if those behind it may be an extension.
    before_dash: Option<Run>,
    /// Whether nothing stands behind it.
    is_bare: bool,
}

/// The last digits of a number, and how many it has.
#[derive(Clone, Copy, Default)]
struct Run {
    value: u64,
    digits: usize,
}

/// Reads the digits up to the first sign of a note or an extension.
fn read_plain(text: &str) -> Option<PlainNumber> {
    let mut run = Run::default();
    let mut needed = KEY_DIGITS;
    let mut bracket = false;
    let mut before_dash = None;
    let mut is_bare = true;
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        match c {
            '0'..='9' => {
                run.value = push(run.value, c);
                run.digits += 1;
            }
            '(' => {
                bracket = true;
                let inside = rest.as_str().split(')').next().unwrap_or_default();
                if inside.trim() == "0" {
                    // A zero that is not dialled: the key must not reach that far.
                    needed = run.digits + 1 + KEY_DIGITS;
                } else if run.digits >= NUMBER_DIGITS {
                    let is_note = inside.contains(char::is_alphabetic);
                    is_bare = false;
                    if is_note {
                        break;
                    }
                    return None;
                }
            }
            '-' | '/' | '\u{2010}'..='\u{2015}' => before_dash = Some(run),
            ' ' | '.' | ')' | '\u{a0}' | '\u{202f}' => {}
            '+' | ':' if run.digits == 0 => {}
            '#' | ';' | ',' if run.digits >= NUMBER_DIGITS => {
                is_bare = false;
                break;
            }
            _ if c.is_alphabetic() && run.digits >= NUMBER_DIGITS => {
                is_bare = false;
                break;
            }
            // A label, such as `Tel:`. A bracketed note may hold digits that do not count.
            _ if c.is_alphabetic() && run.digits == 0 && !bracket => {}
            _ => return None,
        }
    }
    // Behind the cut there may be another number, and so may be in too many digits.
    let is_single = digits_in(rest.as_str()) < NUMBER_DIGITS && run.digits <= MAX_DIGITS;
    let may_be_extension = |before: &Run| {
        let behind = run.digits - before.digits;
        behind > 0 && behind < NUMBER_DIGITS && before.digits >= NUMBER_DIGITS
    };
    let before_dash = before_dash.filter(may_be_extension);
    let shortest = before_dash.map_or(run.digits, |before| before.digits);
    (is_single && shortest >= needed).then_some(PlainNumber {
        run,
        before_dash,
        is_bare,
    })
}

/// Argentine mobile numbers are written with a 15 between area code and subscriber, which their
/// form with country code does not have (libphonenumber's metadata of AR). Where the area code has
/// four digits and the subscriber six, a key holds the last digit before the 15.
fn without_argentine_15(number: Run) -> Option<u64> {
    const DIGITS: usize = 12;
    const SUBSCRIBER: u64 = 10_u64.pow(6);
    let before = number.value / SUBSCRIBER;
    (number.digits >= DIGITS && before % 100 == 15)
        .then_some(before / 100 * SUBSCRIBER + number.value % SUBSCRIBER)
}

/// ASCII, the letters of European languages, and the blanks and dashes that go with numbers: what
/// compatibility folding does not turn into digits.
fn is_plain(c: char) -> bool {
    match c {
        '\u{a0}' | '\u{202f}' | '\u{2010}'..='\u{2015}' => true,
        '\u{c0}'..='\u{24f}' => c.is_alphabetic(),
        _ => c.is_ascii(),
    }
}

fn digits_in(text: &str) -> usize {
    text.bytes().filter(u8::is_ascii_digit).count()
}

#[cfg(test)]
mod tests;
