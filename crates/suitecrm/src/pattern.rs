//! The pattern that finds a number among stored texts.
//!
//! SuiteCRM compares the text as stored, with SQL's `LIKE`. A wildcard before, between and after
//! the digits of the national number finds every spelling, extensions and notes included; on a
//! real server it missed nothing and found nothing else (`crm-apis.md` §7).
//!
//! Where switchboards count, companies are looked for without the last digits. Numbers without area
//! code are not found: a pattern of the last digits fits too many others.

use whocalls_core::{MatchRules, PhoneNumber, RecordKind};

/// Patterns of fewer digits fit too many numbers (`crm-apis.md` §5.6).
const MIN_DIGITS: usize = 7;
const WILDCARD: char = '%';

/// A `LIKE` pattern that consists of digits and `%` alone, whatever the number: nothing in it can
/// end a quoted text or mean anything else to SQL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pattern(String);

impl Pattern {
    /// The pattern of a number: of its national digits, which all spellings share. In countries
    /// whose national numbers are too short for that, of the digits with country code: foreign
    /// numbers are stored with it. `None` when even those are too few.
    pub(crate) fn of(number: &PhoneNumber) -> Option<Self> {
        let digits_of =
            |text: &str| -> String { text.chars().filter(char::is_ascii_digit).collect() };
        [number.national_significant().as_str(), number.digits()]
            .map(digits_of)
            .into_iter()
            .find(|digits| digits.len() >= MIN_DIGITS)
            .map(|digits| Self::between(&digits))
    }

    /// The pattern as text.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The pattern for records of this kind: for companies without the digits in which the number
    /// of a switchboard may differ, if enough are left.
    pub(crate) fn for_kind(&self, kind: RecordKind, rules: MatchRules) -> Self {
        let cut = rules
            .switchboard_digits()
            .filter(|_| kind == RecordKind::Company);
        let digits: String = self.0.chars().filter(char::is_ascii_digit).collect();
        let kept = digits.len().saturating_sub(cut.unwrap_or_default());
        match digits.get(..kept) {
            Some(head) if kept >= MIN_DIGITS => Self::between(head),
            _ => self.clone(),
        }
    }

    fn between(digits: &str) -> Self {
        let mut pattern = String::from(WILDCARD);
        for digit in digits.chars() {
            pattern.extend([digit, WILDCARD]);
        }
        Self(pattern)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use whocalls_core::Caller;
    use whocalls_testkit::{contacts::SPELLED, number, number_plan};

    use super::*;

    #[test]
    fn a_wildcard_stands_around_every_digit_of_the_national_number() {
        let pattern = |text: &str| Pattern::of(&number(text)).map(|pattern| pattern.0);
        assert_eq!(pattern(SPELLED).unwrap(), "%2%1%5%5%2%2%0%0%0%");
        assert_eq!(
            pattern("390612345678").unwrap(),
            "%0%6%1%2%3%4%5%6%7%8%",
            "an Italian number keeps its zero"
        );
        assert_eq!(
            pattern("99912345678").unwrap(),
            "%9%9%9%1%2%3%4%5%6%7%8%",
            "a number without country has its digits"
        );
    }

    #[test]
    fn companies_are_looked_for_without_the_last_digits_where_switchboards_count() {
        let rules = |digits| MatchRules {
            switchboard_max_digits: digits,
            ..MatchRules::default()
        };
        let pattern = Pattern::of(&number(SPELLED)).unwrap();
        let cases = [
            (RecordKind::Company, Some(2), "%2%1%5%5%2%2%0%"),
            (RecordKind::Company, Some(3), "%2%1%5%5%2%2%0%0%0%"),
            (RecordKind::Company, None, "%2%1%5%5%2%2%0%0%0%"),
            (RecordKind::Contact, Some(2), "%2%1%5%5%2%2%0%0%0%"),
        ];
        for (kind, digits, expected) in cases {
            let found = pattern.for_kind(kind, rules(digits));
            assert_eq!(found.as_str(), expected, "{kind:?} {digits:?}");
        }
    }

    #[test]
    fn a_short_national_number_is_looked_for_with_its_country() {
        let andorra = number("376312345");
        assert_eq!(andorra.national_significant().len(), 6);
        assert_eq!(Pattern::of(&andorra).unwrap().0, "%3%7%6%3%1%2%3%4%5%");
    }

    proptest! {
        #[test]
        fn a_pattern_consists_of_digits_and_wildcards(text in "\\PC{0,30}|[0-9 '\"%;()+/-]{5,26}") {
            if let Caller::Number(number) = number_plan().classify(&text)
                && let Some(Pattern(pattern)) = Pattern::of(&number)
            {
                let is_harmless = |c: char| c.is_ascii_digit() || c == '%';
                prop_assert!(pattern.chars().all(is_harmless), "{pattern}");
                let digits = pattern.chars().filter(char::is_ascii_digit).count();
                prop_assert!(digits >= MIN_DIGITS);
                prop_assert_eq!(pattern.len(), 2 * digits + 1);
            }
        }
    }
}
