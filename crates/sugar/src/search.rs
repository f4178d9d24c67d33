//! Whether global search is worth a try.

use std::{
    ops::RangeInclusive,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;
use whocalls_core::PhoneNumber;

/// For this long after a failed search, numbers are looked up by filter at once.
const PAUSE: Duration = Duration::from_mins(5);
/// The lengths of the digit runs in Sugar's index: other tokens match nothing (`crm-apis.md`
/// §2.4).
const TOKEN_DIGITS: RangeInclusive<usize> = 3..=15;

/// The token that finds a number in all its spellings: the digits of the national number. `None`
/// when it is too short or too long for the index.
pub(crate) fn token(number: &PhoneNumber) -> Option<String> {
    let digits = number.national_significant();
    TOKEN_DIGITS.contains(&digits.len()).then_some(digits)
}

/// Remembers for a while that global search is unavailable, so that not every lookup pays for
/// finding out.
#[derive(Debug, Default)]
pub(crate) struct SearchPause {
    until: Mutex<Option<Instant>>,
}

impl SearchPause {
    /// Whether global search is not to be tried now.
    pub(crate) fn is_on(&self) -> bool {
        self.until().is_some_and(|until| Instant::now() < until)
    }

    /// Tells that global search is unavailable.
    pub(crate) fn start(&self) {
        *self.until() = Some(Instant::now() + PAUSE);
    }

    fn until(&self) -> MutexGuard<'_, Option<Instant>> {
        self.until.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use whocalls_testkit::number;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn search_is_tried_again_after_the_pause() {
        let pause = SearchPause::default();
        assert!(!pause.is_on());
        pause.start();
        tokio::time::advance(PAUSE / 2).await;
        assert!(pause.is_on());
        tokio::time::advance(PAUSE / 2).await;
        assert!(!pause.is_on());
    }

    #[test]
    fn only_tokens_that_the_index_holds_are_searched() {
        assert_eq!(token(&number("41215522000")).as_deref(), Some("215522000"));
        let cases = [("999123456789012", true), ("9991234567890123", false)];
        for (digits, is_searched) in cases {
            assert_eq!(token(&number(digits)).is_some(), is_searched, "{digits}");
        }
    }
}
