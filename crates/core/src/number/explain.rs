//! Why a stored text means the asked number, or does not: for people who wonder.

use serde::Serialize;

use super::{MatchClass, NumberPlan, PhoneNumber};

/// Last digits in which the numbers of one switchboard differ at most.
const LAST_DIGITS: usize = 4;

/// What became of one stored field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredNumber {
    /// The numbers in it as they are read: E.164, or bare digits where no country is known.
    pub normalised: Vec<String>,
    /// How it matches, or why not.
    pub verdict: Result<MatchClass, Mismatch>,
}

/// Why a stored field does not match the asked number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Mismatch {
    /// There is no number in it.
    NoNumber,
    /// The same national number in another country.
    OtherCountry,
    /// Only a part of the number: the area code is missing.
    PartOnly,
    /// Another number of the same length that differs in its last digits alone.
    LastDigits,
    /// Another number.
    OtherNumber,
}

impl Mismatch {
    /// In a few words, as `--explain` prints it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::NoNumber => "no number",
            Self::OtherCountry => "another country",
            Self::PartOnly => "only a part of the number",
            Self::LastDigits => "differs in the last digits",
            Self::OtherNumber => "another number",
        }
    }
}

impl NumberPlan {
    /// How a stored field, of a company or of a person, is read, and how that compares to `asked`.
    pub fn explain_stored(
        &self,
        field: &str,
        asked: &PhoneNumber,
        is_company: bool,
    ) -> StoredNumber {
        let class = if is_company {
            self.match_stored_of_company(field, asked)
        } else {
            self.match_stored(field, asked)
        };
        let numbers = self.read_field(field);
        let mismatches = numbers.iter().map(|number| mismatch(number, asked));
        let nearest = mismatches.min_by_key(|mismatch| *mismatch as u8);
        StoredNumber {
            verdict: class.ok_or(nearest.unwrap_or(Mismatch::NoNumber)),
            normalised: numbers
                .iter()
                .filter(|number| !number.digits().is_empty())
                .map(|number| number.e164().unwrap_or_else(|| number.digits().to_owned()))
                .collect(),
        }
    }
}

fn mismatch(stored: &PhoneNumber, asked: &PhoneNumber) -> Mismatch {
    let (stored_digits, digits) = (stored.digits(), asked.digits());
    let same = stored_digits
        .bytes()
        .zip(digits.bytes())
        .take_while(|(a, b)| a == b)
        .count();
    if stored_digits.is_empty() {
        Mismatch::NoNumber
    } else if stored.national_significant() == asked.national_significant() {
        Mismatch::OtherCountry
    } else if stored
        .country_code()
        .is_none_or(|code| asked.country_code() == Some(code))
        && asked.significant().ends_with(stored.significant())
    {
        Mismatch::PartOnly
    } else if stored_digits.len() == digits.len() && same + LAST_DIGITS >= digits.len() {
        Mismatch::LastDigits
    } else {
        Mismatch::OtherNumber
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Caller;

    #[test]
    fn a_field_is_read_and_judged() {
        let plan = NumberPlan::new("CH").unwrap();
        let Caller::Number(asked) = plan.classify("41215522000") else {
            panic!("a number");
        };
        for (field, normalised, verdict) in [
            ("021 552 20 00", vec!["+41215522000"], Ok(MatchClass::Exact)),
            ("n/a", vec![], Err(Mismatch::NoNumber)),
            (
                "+33 21 552 20 00",
                vec!["+33215522000"],
                Err(Mismatch::OtherCountry),
            ),
            (
                "021 552 20 01",
                vec!["+41215522001"],
                Err(Mismatch::LastDigits),
            ),
            (
                "031 552 20 00",
                vec!["+41315522000"],
                Err(Mismatch::OtherNumber),
            ),
            (
                "+49 30 1234567 / 021 552 20 99",
                vec!["+49301234567", "+41215522099"],
                Err(Mismatch::LastDigits),
            ),
        ] {
            let expected = StoredNumber {
                normalised: normalised.into_iter().map(str::to_owned).collect(),
                verdict,
            };
            assert_eq!(
                plan.explain_stored(field, &asked, false),
                expected,
                "{field}"
            );
        }
        let part = plan.explain_stored("552 20 00", &asked, false).verdict;
        assert_eq!(part, Err(Mismatch::PartOnly));
    }
}
