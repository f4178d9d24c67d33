//! A number that can be looked up.

use std::{
    fmt, hash,
    sync::{Arc, OnceLock},
};

use rlibphonenumber::{PhoneNumber as Parsed, PhoneNumberFormat, PhoneNumberType};

/// A phone number as a CRM is asked for it: with its country where a numbering plan knows it,
/// else by its digits alone.
///
/// Equal when the digits with country code are equal, whatever the spelling. `Debug` shows it
/// masked: numbers are personal data. Cheap to clone.
#[derive(Clone)]
pub struct PhoneNumber {
    /// Digits with country code, without `+`; all digits where no country is known.
    pub(super) digits: Arc<str>,
    /// What a numbering plan knows of it, if there is one.
    pub(super) known: Option<Arc<Known>>,
    /// What the numbering plan says that it is; unknown for a number that cannot exist.
    pub(super) kind: PhoneNumberType,
}

impl PhoneNumber {
    /// A number of which only the [`digits`](Self::digits) are known: equal to the one that they
    /// are from, for tables whose keys are numbers.
    pub fn from_digits(digits: impl Into<Arc<str>>) -> Self {
        Self {
            digits: digits.into(),
            known: None,
            kind: PhoneNumberType::Unknown,
        }
    }

    /// The digits with country code, without `+` or `00`: `41215522000`. For a number that no
    /// numbering plan knows, the digits as given.
    pub fn digits(&self) -> &str {
        &self.digits
    }

    /// The [`digits`](Self::digits), shared.
    pub fn shared_digits(&self) -> Arc<str> {
        Arc::clone(&self.digits)
    }

    /// ITU-T E.164 form, `+41215522000`; `None` where no country is known.
    pub fn e164(&self) -> Option<String> {
        self.known.as_ref().map(|_| format!("+{}", self.digits))
    }

    /// Whether the numbering plan of its country contains the number.
    pub fn is_valid(&self) -> bool {
        self.kind != PhoneNumberType::Unknown
    }

    /// Whether it is a mobile number, which one person carries, in countries that tell those apart
    /// from fixed lines.
    pub fn is_mobile(&self) -> bool {
        self.kind == PhoneNumberType::Mobile
    }

    /// The region that the number belongs to (ISO 3166-1 alpha-2, `CH`), where a numbering plan
    /// tells it: several regions may share a country code.
    pub fn region(&self) -> Option<String> {
        let region = self.known.as_ref()?.parsed.get_region_code()?;
        Some(region.to_string())
    }

    /// The country code, where a country is known.
    pub(super) fn country_code(&self) -> Option<i32> {
        self.known.as_ref().map(|known| known.parsed.country_code)
    }

    /// The national significant number; all digits where no country is known.
    pub(super) fn significant(&self) -> &str {
        let code = match self.country_code() {
            Some(code) if code >= 100 => 3,
            Some(code) if code >= 10 => 2,
            Some(_) => 1,
            None => 0,
        };
        self.digits.get(code..).unwrap_or_default()
    }

    /// The number with all but the first four and the last two digits replaced, fit for logs:
    /// `+4121*****00`.
    pub fn masked(&self) -> String {
        mask(&self.digits)
    }
}

/// A number as a numbering plan has it.
///
/// How it is written takes long to find out. So that is done when it is first asked for, and kept
/// for all who share the number: every adapter asks.
pub(super) struct Known {
    pub(super) parsed: Parsed,
    national: OnceLock<Box<str>>,
    international: OnceLock<Box<str>>,
}

impl Known {
    pub(super) fn new(parsed: Parsed) -> Self {
        Self {
            parsed,
            national: OnceLock::new(),
            international: OnceLock::new(),
        }
    }

    pub(super) fn national(&self) -> &str {
        let write = || self.written(PhoneNumberFormat::National);
        self.national.get_or_init(write)
    }

    pub(super) fn international(&self) -> &str {
        let write = || self.written(PhoneNumberFormat::International);
        self.international.get_or_init(write)
    }

    fn written(&self, format: PhoneNumberFormat) -> Box<str> {
        self.parsed.format_as(format).into()
    }
}

/// Masks the middle of a run of digits.
fn mask(digits: &str) -> String {
    const HEAD: usize = 4;
    const TAIL: usize = 2;
    let count = digits.chars().count();
    if count <= HEAD + TAIL {
        return "*".repeat(count);
    }
    let mut places = digits.char_indices().map(|(place, _)| place);
    let head = places.nth(HEAD).and_then(|place| digits.get(..place));
    let tail = places
        .nth_back(TAIL - 1)
        .and_then(|place| digits.get(place..));
    let stars = "*".repeat(count - HEAD - TAIL);
    let [head, tail] = [head, tail].map(Option::unwrap_or_default);
    ["+", head, &stars, tail].concat()
}

impl PartialEq for PhoneNumber {
    fn eq(&self, other: &Self) -> bool {
        self.digits == other.digits
    }
}

impl Eq for PhoneNumber {}

impl hash::Hash for PhoneNumber {
    fn hash<H: hash::Hasher>(&self, state: &mut H) {
        self.digits.hash(state);
    }
}

impl fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

#[cfg(test)]
mod tests {
    use super::{PhoneNumber, mask};
    use crate::{Caller, NumberPlan};

    #[test]
    fn the_digits_are_enough_to_find_a_number_again() {
        let plan = NumberPlan::new("CH").unwrap();
        for text in ["021 552 20 00", "+39 06 1234 5678", "99912345678901234567"] {
            let Caller::Number(number) = plan.classify(text) else {
                panic!("not a number: {text}");
            };
            assert_eq!(PhoneNumber::from_digits(number.digits()), number, "{text}");
        }
    }

    #[test]
    fn clones_know_what_was_found_out() {
        let plan = NumberPlan::new("CH").unwrap();
        let Caller::Number(number) = plan.classify("41215522000") else {
            panic!("not a number");
        };
        let known = number.clone().known.unwrap();
        assert_eq!(known.national.get(), None);
        assert_eq!(number.national(), "021 552 20 00");
        assert_eq!(
            known.national.get().map(AsRef::as_ref),
            Some("021 552 20 00")
        );
        assert_eq!(known.international.get(), None);
    }

    #[test]
    fn masking_hides_the_middle() {
        assert_eq!(mask("41215522000"), "+4121*****00");
        assert_eq!(mask("4711"), "****");
        assert_eq!(mask(""), "");
    }
}
