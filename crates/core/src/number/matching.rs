//! Whether a stored text means the asked number.

use serde::{Deserialize, Serialize};

use super::{NumberPlan, PhoneNumber, text::NumberText};

/// Digits at the end of the asked number that every text meaning it contains.
const TAIL_DIGITS: usize = 6;

/// How well a stored number matches the asked one; the better class is the smaller.
///
/// The order is that of the evidence. The first three are the same number. A suffix may be the same
/// number; a switchboard never is: it tells the company alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum MatchClass {
    /// The same number with its country.
    Exact,
    /// The same number; the stored one has an extension.
    ExactWithoutExtension,
    /// The same national number; the stored one lacks its country, and read as a number of the
    /// default region it is another one, or none.
    National,
    /// The stored number lacks its area code, and the asked one ends in it. Counts only where
    /// [`MatchRules::suffix_min_digits`](super::MatchRules::suffix_min_digits) says so.
    Suffix,
    /// The stored number is that of a company and differs in its last digits alone. Counts only
    /// where [`MatchRules::switchboard_max_digits`](super::MatchRules::switchboard_max_digits) says
    /// so.
    Switchboard,
}

impl MatchClass {
    /// The class as it appears in output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::ExactWithoutExtension => "exact_without_extension",
            Self::National => "national",
            Self::Suffix => "suffix",
            Self::Switchboard => "switchboard",
        }
    }

    /// Whether only a part of the number is the same. Good enough to show who may be calling; too
    /// little to enter anything at that contact (`crm-apis.md` §5.5).
    pub const fn is_weak(self) -> bool {
        matches!(self, Self::Suffix | Self::Switchboard)
    }
}

impl NumberPlan {
    /// How the best number in a stored field of a person matches `asked`; `None` when none does.
    ///
    /// The field may hold several numbers, notes and extensions. Another area or country is never
    /// a match.
    pub fn match_stored(&self, field: &str, asked: &PhoneNumber) -> Option<MatchClass> {
        if !asked.may_be(field) {
            return None;
        }
        if self.is_written_plainly(field, asked) {
            return Some(MatchClass::Exact);
        }
        self.match_read(field, asked)
    }

    /// Whether a field is nothing but the number, [plainly](Self::is_plainly), with what people put
    /// between digits: what most stored numbers are, told without taking the field apart.
    fn is_written_plainly(&self, field: &str, asked: &PhoneNumber) -> bool {
        /// Longer fields are cut before they are read.
        const LONGEST: usize = 64;
        let field = field.trim_matches(' ');
        let digits = field.strip_prefix('+');
        let (has_plus, digits) = (digits.is_some(), digits.unwrap_or(field));
        let is_plain = |byte: u8| byte.is_ascii_digit() || b" .-/'_".contains(&byte);
        if !asked.is_valid() || field.len() > LONGEST || !digits.bytes().all(is_plain) {
            return false;
        }
        let digits = digits.bytes().filter(u8::is_ascii_digit);
        let (zeros, behind) = (digits.clone().take(2), digits.clone().skip(2));
        if zeros.eq(*b"00") {
            behind.eq(asked.digits().bytes())
        } else if has_plus {
            digits.eq(asked.digits().bytes())
        } else {
            let national = self.trunk.bytes().chain(asked.significant().bytes());
            asked.country_code() == Some(self.country_code) && digits.eq(national)
        }
    }

    /// How the best number in a field matches `asked`, when all of it is read.
    fn match_read(&self, field: &str, asked: &PhoneNumber) -> Option<MatchClass> {
        let numbers = NumberText::all(field);
        let classes = numbers
            .iter()
            .filter_map(|text| self.match_one(text, asked));
        classes.min()
    }

    /// The digits that [`match_stored`](Self::match_stored) compares a stored field by: for every
    /// number in it those of its reading, with country code, and those written. For adapters that
    /// keep an index of their own: a field matches only numbers whose [`digits`](PhoneNumber::digits)
    /// or [`national_significant`](PhoneNumber::national_significant) digits are among these, zeros
    /// in front aside; by [`MatchClass::Suffix`] also numbers that end in one of these.
    pub fn stored_digits(&self, field: &str) -> Vec<String> {
        let mut digits = Vec::new();
        for text in NumberText::all(field) {
            self.add_digits(&text, &mut digits);
        }
        digits
    }

    fn add_digits(&self, text: &NumberText, digits: &mut Vec<String>) {
        let stored = self.read_stored(text);
        let parts = if self.is_sure(text, &stored) {
            Vec::new()
        } else {
            self.parts(text)
        };
        digits.extend([stored.digits().to_owned(), text.digits().to_owned()]);
        for part in parts {
            self.add_digits(&part, digits);
        }
    }

    /// The numbers in a field as they are read.
    pub(super) fn read_field(&self, field: &str) -> Vec<PhoneNumber> {
        let texts = NumberText::all(field);
        texts
            .iter()
            .flat_map(|text| self.read_parts(text))
            .collect()
    }

    fn read_parts(&self, text: &NumberText) -> Vec<PhoneNumber> {
        let stored = self.read_stored(text);
        let parts = if stored.is_valid() {
            Vec::new()
        } else {
            self.parts(text)
        };
        if parts.is_empty() {
            return vec![stored];
        }
        parts
            .iter()
            .flat_map(|part| self.read_parts(part))
            .collect()
    }

    fn match_one(&self, text: &NumberText, asked: &PhoneNumber) -> Option<MatchClass> {
        if text.letters().is_none() && !has_digits(text.digits(), asked.tail()) {
            return None;
        }
        if self.is_plainly(text, asked) {
            return Some(same(text));
        }
        self.match_reading(text, asked)
    }

    /// How a number in a field matches `asked`, when it is read as the numbering plans have it.
    fn match_reading(&self, text: &NumberText, asked: &PhoneNumber) -> Option<MatchClass> {
        let stored = self.read_stored(text);
        if stored == *asked || (!stored.is_valid() && text.digits() == asked.digits()) {
            return Some(same(text));
        }
        let weaker = || {
            if is_same_national(text, &stored, asked) {
                Some(MatchClass::National)
            } else {
                let is_suffix = self.is_suffix(text, &stored, asked);
                is_suffix.then_some(MatchClass::Suffix)
            }
        };
        if self.is_sure(text, &stored) {
            return weaker();
        }
        let parts = self.parts(text);
        let best = parts.iter().filter_map(|part| self.match_one(part, asked));
        best.min().or_else(weaker)
    }
}

/// The class of a number that is the asked one.
fn same(text: &NumberText) -> MatchClass {
    match text.extension() {
        None => MatchClass::Exact,
        Some(_) => MatchClass::ExactWithoutExtension,
    }
}

/// Whether a text without country is the number asked for, if its country is added, though that is
/// not how it would be read.
fn is_same_national(text: &NumberText, stored: &PhoneNumber, asked: &PhoneNumber) -> bool {
    if text.is_international() || !asked.is_valid() {
        return false;
    }
    // `41 21 552 20 00` is a number of Germany and, with a plus, one of Switzerland.
    let lacks_plus = text.digits() == asked.digits();
    let is_national = || {
        let (written, significant) = (text.digits(), asked.significant());
        written.trim_start_matches('0') == significant.trim_start_matches('0')
    };
    lacks_plus || (!stored.is_valid() && is_national())
}

impl PhoneNumber {
    /// Whether a stored text may mean this number: a cheap test that refuses most texts without
    /// parsing them, and never one that [`NumberPlan::match_stored`] accepts.
    ///
    /// The last digits of the number have to occur. Texts with letters or non-ASCII characters
    /// are let through, because only the parser folds them. The main number of the caller's company
    /// ([`MatchClass::Switchboard`]) is another number, which this test refuses.
    pub fn may_be(&self, stored: &str) -> bool {
        let is_plain = |byte: u8| byte.is_ascii() && !byte.is_ascii_alphabetic();
        !stored.bytes().all(is_plain) || has_digits(stored, self.tail())
    }

    fn tail(&self) -> &str {
        let start = self.digits().len().saturating_sub(TAIL_DIGITS);
        self.digits().get(start..).unwrap_or_default()
    }
}

/// Whether a tail occurs among the digits of a text, whatever stands between them. This is asked
/// of every number of every candidate, so nothing is allocated: the digits seen last are held in
/// one number, four bits each.
fn has_digits(text: &str, tail: &str) -> bool {
    const { assert!(4 * TAIL_DIGITS < 32, "a tail fits") };
    let push = |last: u32, digit: u8| (last << 4) | u32::from(digit - b'0');
    let (wanted, mask) = (tail.bytes().fold(0, push), (1 << (4 * tail.len())) - 1);
    let mut last = 0;
    let digits = text.bytes().filter(u8::is_ascii_digit);
    (1..).zip(digits).any(|(count, digit)| {
        last = push(last, digit) & mask;
        count >= tail.len() && last == wanted
    })
}

#[cfg(test)]
mod tests;
