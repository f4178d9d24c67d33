//! Taking apart what looks like one number and is none: `021 552 20 00 - 079 123 45 67`.
//!
//! What stands before or behind a number, or between two, need not look different from what stands
//! inside. Whether the parts are valid numbers tells.

use std::cmp::Reverse;

use super::{
    NumberPlan,
    text::{Break, BreakKind, MIN_NUMBER_DIGITS, NumberText},
};

/// No number is longer (ITU-T E.164 allows 15 digits, plus `00` in front).
const MAX_NUMBER_DIGITS: usize = 17;
/// Of several numbers with nothing but blanks between them each has at least so many digits.
const MIN_JOINED_DIGITS: usize = 7;
/// Taking apart more digits than those of a handful of numbers takes too long.
const MAX_JOINED_DIGITS: usize = 80;
/// An extension behind nothing but a dash or a slash has at most so many digits.
const MAX_DASH_EXTENSION: usize = 5;
/// What stands before a number has at most so many digits: `2. 044 555 01 23`.
const MAX_LABEL_DIGITS: usize = 2;

impl NumberPlan {
    /// The numbers that a text holds which is none by itself. Empty for one that cannot be taken
    /// apart.
    pub(super) fn parts(&self, text: &NumberText) -> Vec<NumberText> {
        let is_valid = |part: &NumberText| self.read_stored(part).is_valid();
        let alone = || {
            let alone = [without_label(text), without_extension(text)];
            alone.into_iter().flatten().find(is_valid)
        };
        self.joined(text)
            .or_else(|| alone().map(|number| vec![number]))
            .unwrap_or_else(|| between_slashes(text))
    }

    /// Several valid numbers with nothing but blanks or dashes between them.
    fn joined(&self, text: &NumberText) -> Option<Vec<NumberText>> {
        let digits = text.digits().len();
        if !(2 * MIN_JOINED_DIGITS..=MAX_JOINED_DIGITS).contains(&digits) {
            return None;
        }
        let mut numbers = Vec::new();
        let mut dead_ends = Vec::new();
        self.split_from(0, text, &mut numbers, &mut dead_ends)
            .then_some(numbers)
    }

    /// Splits the digits behind `start` into numbers. Places from which there was no way to the end
    /// are not tried again. Numbers with an extension are tried last.
    fn split_from(
        &self,
        start: usize,
        text: &NumberText,
        numbers: &mut Vec<NumberText>,
        dead_ends: &mut Vec<usize>,
    ) -> bool {
        if start == text.digits().len() {
            return true;
        }
        let mut extended = Vec::new();
        for end in likely_ends(start, text) {
            let number = text.part(start, end);
            if !self.read_stored(&number).is_valid() {
                continue;
            }
            extended.extend(behind_extension(text, end).map(|next| (end, next)));
            if self.goes_on(number, end, text, numbers, dead_ends) {
                return true;
            }
        }
        for (end, next) in extended {
            let extension = text.digits().get(end..next).unwrap_or_default();
            let number = text.part(start, end).with_extension(extension);
            if self.goes_on(number, next, text, numbers, dead_ends) {
                return true;
            }
        }
        dead_ends.push(start);
        false
    }

    /// Whether the digits from `next` on are numbers too, behind this one.
    fn goes_on(
        &self,
        number: NumberText,
        next: usize,
        text: &NumberText,
        numbers: &mut Vec<NumberText>,
        dead_ends: &mut Vec<usize>,
    ) -> bool {
        if dead_ends.contains(&next) {
            return false;
        }
        numbers.push(number);
        let is_way = self.split_from(next, text, numbers, dead_ends);
        if !is_way {
            numbers.pop();
        }
        is_way
    }
}

/// Where a number that begins at `start` may end, the likely places first: wide gaps, and where the
/// next number would begin with a zero, for inside a number there are few of them. Else the longest
/// number is likely.
fn likely_ends(start: usize, text: &NumberText) -> Vec<usize> {
    let digits = text.digits();
    // The whole text is no part of itself.
    let furthest = (start + MAX_NUMBER_DIGITS).min(digits.len() - usize::from(start == 0));
    let reach = start + MIN_JOINED_DIGITS..=furthest;
    let mut ends: Vec<Break> = places(text)
        .filter(|place| reach.contains(&place.at))
        .collect();
    ends.sort_by_key(|place| {
        let rest = digits.get(place.at..).unwrap_or_default();
        let likely = (place.is_wide(), rest.starts_with('0'));
        let is_unlikely = likely == (false, false);
        let order = if is_unlikely {
            digits.len() - place.at
        } else {
            place.at
        };
        (Reverse(likely), order)
    });
    ends.into_iter().map(|place| place.at).collect()
}

/// Where one number of a text may end and the next begin.
fn places(text: &NumberText) -> impl Iterator<Item = Break> {
    let end = Break {
        at: text.digits().len(),
        kind: BreakKind::Blank,
        width: 0,
    };
    text.breaks().iter().copied().chain([end])
}

/// Where the next number may begin behind one that ends at `at`, if a dash or slash and the digits of
/// an extension stand between.
fn behind_extension(text: &NumberText, at: usize) -> impl Iterator<Item = usize> {
    let has_dash = places(text).any(|place| place.at == at && place.kind > BreakKind::Blank);
    let ends = places(text).map(|place| place.at);
    ends.filter(move |end| has_dash && (at + 1..=at + MAX_DASH_EXTENSION).contains(end))
}

/// `079 123 45 67 / 044 555 01 23`, but not `021/552.20.00`.
fn between_slashes(text: &NumberText) -> Vec<NumberText> {
    let slashes = text
        .breaks()
        .iter()
        .filter(|place| place.kind == BreakKind::Slash);
    let ends: Vec<usize> = slashes
        .map(|place| place.at)
        .chain([text.digits().len()])
        .collect();
    let starts = [0].into_iter().chain(ends.iter().copied());
    let places: Vec<_> = starts.zip(ends.iter().copied()).collect();
    let is_number = |(start, end): &(usize, usize)| end - start >= MIN_NUMBER_DIGITS;
    if places.len() < 2 || !places.iter().all(is_number) {
        return Vec::new();
    }
    let parts = places.into_iter().map(|(start, end)| text.part(start, end));
    parts.collect()
}

/// `2. 044 555 01 23` without the 2.
fn without_label(text: &NumberText) -> Option<NumberText> {
    let label = text.breaks().first()?.at;
    let number = text.part(label, text.digits().len());
    let is_label =
        label <= MAX_LABEL_DIGITS && !text.has_plus() && number.digits().starts_with('0');
    is_label.then_some(number)
}

/// `044 555 01 23-12` without the 12.
fn without_extension(text: &NumberText) -> Option<NumberText> {
    let last = text
        .breaks()
        .last()
        .filter(|last| last.kind > BreakKind::Blank)?;
    let extension = text.digits().get(last.at..)?;
    let is_extension = extension.len() <= MAX_DASH_EXTENSION && last.at >= MIN_NUMBER_DIGITS;
    is_extension.then(|| text.part(0, last.at).with_extension(extension))
}
