//! The forms in which a number is written, for CRMs that compare text.

use super::{PhoneNumber, phone::Known};

impl PhoneNumber {
    /// The national significant number: digits without country code and trunk prefix,
    /// `215522000`. All digits where no country is known.
    pub fn national_significant(&self) -> String {
        self.significant().to_owned()
    }

    /// The national number in digits, with trunk prefix where the country has one: `0215522000`.
    pub fn national_digits(&self) -> String {
        super::text::digits_of(&self.national())
    }

    /// The number as dialled inside its country, in the usual groups: `021 552 20 00`.
    pub fn national(&self) -> String {
        self.written(Known::national)
    }

    /// The number with its country in the usual groups: `+41 21 552 20 00`.
    pub fn international(&self) -> String {
        self.written(Known::international)
    }

    /// The national significant number with `wildcard` before, between and after its digits:
    /// `%2%1%5%5%2%2%0%0%0%`. The pattern finds every spelling, with whatever stands between the
    /// digits and behind them (`crm-apis.md` §7).
    pub fn wildcard(&self, wildcard: char) -> String {
        let digits = self.national_significant();
        let mut pattern = String::with_capacity(2 * digits.len() + 1);
        pattern.push(wildcard);
        for digit in digits.chars() {
            pattern.push(digit);
            pattern.push(wildcard);
        }
        pattern
    }

    /// The spellings that people store most, most frequent first, for CRMs that can only compare
    /// whole texts or parts of them (`crm-apis.md` §5.3, §7).
    pub fn spellings(&self) -> Vec<String> {
        let Some(e164) = self.e164() else {
            return vec![self.digits.to_string()];
        };
        let international = self.international();
        let national = self.national();
        let significant = international
            .split_once(' ')
            .map_or(international.as_str(), |(_, rest)| rest);
        let (area, local) = national.split_once(' ').unwrap_or(("", &national));
        let joined = |text: &str, by: &str| text.replace([' ', '-'], by);
        let code = e164
            .strip_suffix(&self.national_significant())
            .unwrap_or(&e164);
        let trunk = if national.starts_with('0') && !significant.starts_with('0') {
            "(0)"
        } else {
            ""
        };
        let mut spellings = vec![
            e164.clone(),
            self.national_digits(),
            national.clone(),
            international.clone(),
            format!("00{}", self.digits),
            self.digits.to_string(),
            format!("{code} {trunk}{significant}"),
            format!("00{} {significant}", code.trim_start_matches('+')),
            format!("{area}/{}", joined(local, ".")),
            format!("{area}/{}", joined(local, " ")),
            joined(&national, "-"),
            joined(&national, "."),
            format!("({area}) {}", joined(local, "")),
            format!("{area} {}", joined(local, "")),
            joined(&international, "."),
            joined(&international, "-"),
            joined(&international, "\u{a0}"),
            joined(&national, "\u{a0}"),
            self.national_significant(),
        ];
        let mut seen = std::collections::HashSet::new();
        spellings.retain(|spelling| seen.insert(spelling.clone()));
        spellings
    }

    fn written(&self, how: impl Fn(&Known) -> &str) -> String {
        let known = self.known.as_deref();
        known.map_or(&*self.digits, how).to_owned()
    }
}

#[cfg(test)]
mod tests {
    use crate::{Caller, NumberPlan, PhoneNumber};

    fn number(text: &str) -> PhoneNumber {
        match NumberPlan::new("CH").unwrap().classify(text) {
            Caller::Number(number) => number,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_swiss_number_in_all_forms() {
        let swiss = number("41215522000");
        assert_eq!(swiss.e164().as_deref(), Some("+41215522000"));
        assert_eq!(swiss.digits(), "41215522000");
        assert_eq!(swiss.national_significant(), "215522000");
        assert_eq!(swiss.national_digits(), "0215522000");
        assert_eq!(swiss.national(), "021 552 20 00");
        assert_eq!(swiss.international(), "+41 21 552 20 00");
        assert_eq!(swiss.wildcard('%'), "%2%1%5%5%2%2%0%0%0%");
    }

    #[test]
    fn an_italian_number_keeps_its_zero() {
        let italian = number("390612345678");
        assert_eq!(italian.national_significant(), "0612345678");
        assert!(italian.spellings().iter().all(|s| !s.contains("(0)")));
    }

    #[test]
    fn a_number_without_country_is_spelled_by_its_digits() {
        let unknown = number("99912345678901234567");
        assert_eq!(unknown.spellings(), ["99912345678901234567"]);
        assert_eq!(unknown.national_significant(), "99912345678901234567");
    }

    /// The twelve spellings of `crm-apis.md` §7.
    #[test]
    fn the_measured_spellings_are_among_those_asked_for() {
        let spellings = number("41215522000").spellings();
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
        ] {
            assert!(
                spellings.iter().any(|s| s == stored),
                "{stored} not in {spellings:?}"
            );
        }
    }
}
