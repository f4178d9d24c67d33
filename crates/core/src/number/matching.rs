//! Whether a stored text means the asked number.

use serde::Serialize;

use super::{
    NumberPlan, PhoneNumber,
    text::{NumberText, digits_of, split_numbers},
};

/// Digits at the end of the asked number that every text meaning it contains.
const TAIL_DIGITS: usize = 6;

/// How well a stored number matches the asked one; the better class is the smaller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum MatchClass {
    /// The same number with its country.
    Exact,
    /// The same number; the stored one has an extension.
    ExactWithoutExtension,
    /// The same national number; the stored one lacks its country and is no number of the default
    /// region.
    National,
}

impl MatchClass {
    /// The class as it appears in output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::ExactWithoutExtension => "exact_without_extension",
            Self::National => "national",
        }
    }
}

impl NumberPlan {
    /// How the best number in a stored field matches `asked`; `None` when none does.
    ///
    /// The field may hold several numbers, notes and extensions. Another area or country is never
    /// a match.
    pub fn match_stored(&self, field: &str, asked: &PhoneNumber) -> Option<MatchClass> {
        if !asked.may_be(field) {
            return None;
        }
        split_numbers(field)
            .iter()
            .filter_map(|text| self.match_one(&NumberText::read(text), asked))
            .min()
    }

    /// The digits that [`match_stored`](Self::match_stored) compares a stored field by: for every
    /// number in it those of its reading, with country code, and those written. For adapters that
    /// keep an index of their own: a field matches only numbers whose [`digits`](PhoneNumber::digits)
    /// or [`national_significant`](PhoneNumber::national_significant) digits are among these, zeros
    /// in front aside.
    pub fn stored_digits(&self, field: &str) -> Vec<String> {
        split_numbers(field)
            .iter()
            .map(|text| NumberText::read(text))
            .flat_map(|text| [self.read_stored(&text).digits, text.digits()])
            .collect()
    }

    fn match_one(&self, text: &NumberText, asked: &PhoneNumber) -> Option<MatchClass> {
        let stored = self.read_stored(text);
        let same_bare_digits = !stored.is_valid() && text.digits() == asked.digits();
        if stored == *asked || same_bare_digits {
            return Some(match text.extension {
                None => MatchClass::Exact,
                Some(_) => MatchClass::ExactWithoutExtension,
            });
        }
        let lacks_country = text.international().is_none() && !stored.is_valid();
        let same_national = text.digits().trim_start_matches('0')
            == asked.national_significant().trim_start_matches('0');
        (lacks_country && same_national && asked.is_valid()).then_some(MatchClass::National)
    }
}

impl PhoneNumber {
    /// Whether a stored text may mean this number: a cheap test that refuses most texts without
    /// parsing them, and never one that [`NumberPlan::match_stored`] accepts.
    ///
    /// The last digits of the number have to occur. Texts with letters or non-ASCII characters
    /// are let through, because only the parser folds them.
    pub fn may_be(&self, stored: &str) -> bool {
        let is_plain = |c: char| c.is_ascii() && !c.is_ascii_alphabetic();
        if !stored.chars().all(is_plain) {
            return true;
        }
        let start = self.digits().len().saturating_sub(TAIL_DIGITS);
        let tail = self.digits().get(start..).unwrap_or_default();
        digits_of(stored).contains(tail)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Caller;

    fn class(stored: &str, asked: &str) -> Option<MatchClass> {
        let plan = NumberPlan::new("CH").unwrap();
        let Caller::Number(asked) = plan.classify(asked) else {
            panic!("not a number: {asked}");
        };
        plan.match_stored(stored, &asked)
    }

    #[test]
    fn every_spelling_is_an_exact_match() {
        for stored in [
            "+41 21 552 20 00",
            "021 552 20 00",
            "0041215522000",
            "+41 (0)21 552 20 00",
            "021/552.20.00",
            "+41215522000",
            "021-552-20-00",
            "(021) 5522000",
            "+41.21.552.20.00",
            "0215522000",
            "0041 21 552 20 00",
            "+41\u{a0}21\u{a0}552\u{a0}20\u{a0}00",
            "41215522000",
            "215522000",
            "tel:+41-21-552-20-00",
            "021 552 20 00 (privat)",
            "021 552 20 00 / 079 123 45 67",
            "Büro: 021 552 20 00",
            "０２１ ５５２ ２０ ００",
        ] {
            assert_eq!(
                class(stored, "41215522000"),
                Some(MatchClass::Exact),
                "{stored}"
            );
        }
    }

    #[test]
    fn an_extension_makes_a_class_of_its_own() {
        for stored in [
            "021 552 20 00 ext. 12",
            "+41215522000 x34",
            "021 552 20 00 int. 7",
        ] {
            let expected = Some(MatchClass::ExactWithoutExtension);
            assert_eq!(class(stored, "41215522000"), expected, "{stored}");
        }
    }

    #[test]
    fn another_area_or_country_is_no_match() {
        for stored in [
            "031 552 20 00",
            "+49 21 552 20 00",
            "+41 21 552 20 01",
            "552 20 00",
            "",
            "-",
            "n/a",
            "+49 30 215522000",
            "0041 31 552 20 00",
        ] {
            assert_eq!(class(stored, "41215522000"), None, "{stored}");
        }
        assert_eq!(class("+49 30 791234567", "41791234567"), None);
    }

    #[test]
    fn a_foreign_number_without_country_matches_nationally() {
        assert_eq!(
            class("0301234567", "49301234567"),
            Some(MatchClass::National)
        );
        assert_eq!(class("030 1234567", "4930123456"), None);
    }

    #[test]
    fn an_invalid_number_matches_by_its_digits() {
        assert_eq!(class("4178907228", "4178907228"), Some(MatchClass::Exact));
        assert_eq!(
            class("+41 78 907 228", "4178907228"),
            Some(MatchClass::Exact)
        );
        assert_eq!(
            class("99912345678901234567", "99912345678901234567"),
            Some(MatchClass::Exact)
        );
    }

    #[test]
    fn stored_digits_are_those_of_every_number_as_read_and_as_written() {
        let digits = NumberPlan::new("CH")
            .unwrap()
            .stored_digits("021 552 20 00 x34 / +49 30 1234567");
        let expected = ["41215522000", "0215522000", "49301234567", "49301234567"];
        assert_eq!(digits, expected);
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(stored in ".{0,60}", asked in "[0-9]{7,20}") {
            let plan = NumberPlan::new("CH").unwrap();
            if let Caller::Number(asked) = plan.classify(&asked) {
                plan.match_stored(&stored, &asked);
            }
            plan.classify(&stored);
        }

        #[test]
        fn a_number_matches_all_its_spellings(local in "[2-9][0-9]{6}", area in "21|44|79|31") {
            let plan = NumberPlan::new("CH").unwrap();
            if let Caller::Number(asked) = plan.classify(&format!("41{area}{local}")) {
                for spelling in asked.spellings() {
                    prop_assert_eq!(plan.match_stored(&spelling, &asked), Some(MatchClass::Exact), "{}", spelling);
                }
            }
        }
    }
}
