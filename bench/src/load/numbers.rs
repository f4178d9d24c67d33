//! Which numbers are asked for.

use std::cell::{Cell, RefCell};

/// Swiss areas, whose numbers have nine digits.
const AREAS: [u64; 10] = [44, 43, 31, 21, 22, 61, 71, 41, 52, 56];
/// Local numbers used of each area, from [`FIRST_LOCAL`] on.
const LOCALS: u64 = 7_000_000;
const FIRST_LOCAL: u64 = 2_000_000;
const LOCAL_RANGE: u64 = 10_000_000;

/// The national digits of the number with this index. The first 70 million differ.
pub(crate) fn digits(index: u64) -> [u8; 9] {
    let area = usize::try_from(index / LOCALS).unwrap_or(0) % AREAS.len();
    let area = AREAS.get(area).copied().unwrap_or_default();
    let mut rest = area * LOCAL_RANGE + FIRST_LOCAL + index % LOCALS;
    let mut digits = [b'0'; 9];
    for digit in digits.iter_mut().rev() {
        *digit += u8::try_from(rest % 10).unwrap_or(0);
        rest /= 10;
    }
    digits
}

/// A sequence of indexes.
#[derive(Debug)]
pub(crate) enum Numbers {
    /// Each once: always a miss.
    Fresh(Cell<u64>),
    /// Any of the first so many, at random.
    Known(u64, RefCell<fastrand::Rng>),
}

impl Numbers {
    /// Each number once, from this index on.
    pub(crate) fn fresh_from(first: u64) -> Self {
        Self::Fresh(Cell::new(first))
    }

    /// Any of the first `count`, in an order that the seed decides.
    pub(crate) fn known(count: u64, seed: u64) -> Self {
        Self::Known(count, RefCell::new(fastrand::Rng::with_seed(seed)))
    }

    pub(crate) fn next(&self) -> u64 {
        match self {
            Self::Fresh(next) => next.replace(next.get() + 1),
            Self::Known(count, random) => random.borrow_mut().u64(0..*count),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_national_and_differ() {
        assert_eq!(&digits(0), b"442000000");
        assert_eq!(&digits(1), b"442000001");
        assert_eq!(&digits(LOCALS - 1), b"448999999");
        assert_eq!(&digits(LOCALS), b"432000000");
    }
}
