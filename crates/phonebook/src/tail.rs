//! The keys under which numbers are filed and looked for: their last digits.

use whocalls_core::{MatchRules, PhoneNumber};

/// How many digits at the end make a key. Seven is what most countries leave to the subscriber.
pub(crate) const KEY_DIGITS: usize = 7;
/// All keys are smaller than this.
const MODULUS: u64 = 10_u64.pow(7);
/// Where a numbering plan puts an area code before a local number that is shorter than a key: how
/// such numbers begin and how long their local part is. San Marino, Guernsey, Jersey, Isle of Man,
/// Norfolk Island (`nationalPrefixTransformRule` in libphonenumber's metadata).
const SHORT_LOCAL: [(&str, usize); 5] = [
    ("3780549", 6),
    ("441481", 6),
    ("441534", 6),
    ("441624", 6),
    ("6723", 5),
];

/// The last seven digits of a number, as a number: `0921 123` and `921123` have the same tail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Tail(u32);

impl Tail {
    /// The tail of a run of digits; other characters are passed over.
    pub(crate) fn of(digits: &str) -> Self {
        Self::of_value(digits.chars().fold(0, push))
    }

    /// The tails that differ from this one in the last `digits` digits alone: first, and first
    /// behind them.
    fn block(self, digits: usize) -> (Self, Self) {
        let size = (0..digits).fold(1, |size, _| size * 10);
        let first = self.0 - self.0 % size;
        (Self(first), Self(first + size))
    }

    /// The tail of a number made by [`push`].
    pub(crate) fn of_value(value: u64) -> Self {
        Self(u32::try_from(value % MODULUS).unwrap_or_default())
    }
}

/// Appends a character to a value if it is a digit. Digits that no key can hold fall off the front.
pub(crate) fn push(value: u64, c: char) -> u64 {
    const KEPT: u64 = 10_u64.pow(12);
    match c.to_digit(10) {
        Some(digit) => (value % KEPT) * 10 + u64::from(digit),
        None => value,
    }
}

/// What an asked number is looked for by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AskedTails {
    /// The keys.
    pub(crate) tails: Vec<Tail>,
    /// For a number whose national or local part is shorter than a key: what the key ends in.
    /// Whatever is dialled before it, trunk prefix, carrier code or country code, reaches into the
    /// key.
    pub(crate) ending: Option<Ending>,
    /// Where switchboards count: the first key of the block that the number is in, and the first
    /// behind it. A main number of another length is not in it.
    pub(crate) block: Option<(Tail, Tail)>,
}

/// The last digits of a tail: few enough to leave others open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ending {
    value: u32,
    modulus: u32,
}

impl Ending {
    /// The last `length` digits of a tail.
    fn of(tail: Tail, length: usize) -> Self {
        let modulus = (0..length).fold(1, |modulus, _| modulus * 10);
        Self {
            value: tail.0 % modulus,
            modulus,
        }
    }

    /// Whether a tail ends in these digits.
    pub(crate) fn ends(self, tail: Tail) -> bool {
        tail.0 % self.modulus == self.value
    }
}

/// What an asked number is looked for by.
pub(crate) fn of_asked(number: &PhoneNumber, rules: MatchRules) -> AskedTails {
    let significant = number.national_significant();
    let whole = Tail::of(number.digits());
    let national = Tail::of(&significant);
    let mut short = SHORT_LOCAL.iter();
    let length = short
        .find(|(start, _)| number.digits().starts_with(start))
        .map_or(significant.len(), |(_, length)| *length);
    AskedTails {
        tails: if whole == national {
            vec![whole]
        } else {
            vec![whole, national]
        },
        ending: (length < KEY_DIGITS).then(|| Ending::of(national, length)),
        block: rules.switchboard_digits().map(|digits| whole.block(digits)),
    }
}
