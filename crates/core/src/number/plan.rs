//! Reading texts as numbers, with a default region.

use std::str::FromStr;

use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumber as Parsed, Region};

use super::{PhoneNumber, text::NumberText};

/// How numbers without a country are read, and which numbers are internal. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumberPlan {
    region: Region,
    pub(super) internal_max_digits: usize,
}

/// A text that is not an ISO 3166-1 alpha-2 code of a region with telephones.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no such region; an ISO 3166-1 alpha-2 code such as CH, DE or FR is expected")]
pub struct UnknownRegion;

impl NumberPlan {
    /// Up to this many digits a number is internal.
    pub const DEFAULT_INTERNAL_MAX_DIGITS: usize = 5;

    /// Reads national numbers as those of `region`, an ISO 3166-1 alpha-2 code in upper case.
    ///
    /// # Errors
    /// [`UnknownRegion`] when libphonenumber has no such region.
    pub fn new(region: &str) -> Result<Self, UnknownRegion> {
        let is_code = region.len() == 2 && region.bytes().all(|b| b.is_ascii_uppercase());
        let region = Region::from_str(region).map_err(|_| UnknownRegion)?;
        if !is_code
            || PHONE_NUMBER_UTIL
                .get_country_code_for_region(region)
                .is_none()
        {
            return Err(UnknownRegion);
        }
        Ok(Self {
            region,
            internal_max_digits: Self::DEFAULT_INTERNAL_MAX_DIGITS,
        })
    }

    /// Treats numbers of up to `digits` digits as internal.
    #[must_use]
    pub fn with_internal_max_digits(mut self, digits: usize) -> Self {
        self.internal_max_digits = digits;
        self
    }

    /// Reads a number as a telephone system sends it: digits with country code, no `+`, no `00`
    /// (`connector-api.md` §1); national and international spellings are understood too.
    pub(super) fn read_asked(&self, text: &NumberText) -> PhoneNumber {
        self.read(text, &[Self::with_country_code, Self::national])
    }

    /// Reads a number as people store it: a number without `+` or `00` is national if it can be,
    /// else it carries its country code.
    pub(super) fn read_stored(&self, text: &NumberText) -> PhoneNumber {
        self.read(text, &[Self::national, Self::with_country_code])
    }

    /// The first valid reading; else the first possible one; else the bare digits.
    fn read(
        &self,
        text: &NumberText,
        order: &[fn(&Self, &NumberText) -> Option<Parsed>],
    ) -> PhoneNumber {
        if let Some(rest) = text.international() {
            return match parse(&format!("+{rest}"), None) {
                Some(parsed) => from_parsed(parsed),
                None => bare(super::text::digits_of(&rest)),
            };
        }
        let mut possible = None;
        for reading in order {
            let Some(parsed) = reading(self, text) else {
                continue;
            };
            if parsed.is_valid() {
                return from_parsed(parsed);
            }
            possible = possible.or(Some(parsed));
        }
        possible.map_or_else(|| bare(text.digits()), from_parsed)
    }

    fn national(&self, text: &NumberText) -> Option<Parsed> {
        parse(&text.main, Some(self.region))
    }

    /// A trunk zero at the start rules a country code out: no code begins with zero.
    #[expect(clippy::unused_self, reason = "one signature for both readings")]
    fn with_country_code(&self, text: &NumberText) -> Option<Parsed> {
        let digits = text.digits();
        (!digits.starts_with('0')).then(|| parse(&format!("+{digits}"), None))?
    }
}

fn parse(text: &str, region: Option<Region>) -> Option<Parsed> {
    PHONE_NUMBER_UTIL.parse(text, region).ok()
}

fn from_parsed(parsed: Parsed) -> PhoneNumber {
    PhoneNumber {
        digits: format!(
            "{}{}",
            parsed.country_code,
            parsed.get_national_significant_number()
        ),
        valid: parsed.is_valid(),
        parsed: Some(Box::new(parsed)),
    }
}

fn bare(digits: String) -> PhoneNumber {
    PhoneNumber {
        digits,
        parsed: None,
        valid: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(region: &str, text: &str) -> String {
        let plan = NumberPlan::new(region).unwrap();
        let number = plan.read_asked(&NumberText::read(text));
        number
            .e164()
            .unwrap_or_else(|| format!("digits {}", number.digits()))
    }

    /// The vectors of `crm-apis.md` §5.7 that have an E.164 form.
    #[test]
    fn numbers_are_read_as_people_write_them() {
        let cases = [
            ("079 123 45 67", "+41791234567"),
            ("+41 (0)79 123 45 67", "+41791234567"),
            ("0041 79/123.45.67", "+41791234567"),
            ("41791234567", "+41791234567"),
            ("791234567", "+41791234567"),
            ("044 555 01 23 ext. 12", "+41445550123"),
            ("0800 123 456", "+41800123456"),
            ("+423 234 56 78", "+4232345678"),
            ("0049 30 1234567", "+49301234567"),
            ("+39 06 1234 5678", "+390612345678"),
            ("*31#0791234567", "+41791234567"),
            ("tel:+41-79-123-45-67", "+41791234567"),
            ("sip:+41791234567@example.ch", "+41791234567"),
            ("390612345678", "+390612345678"),
            ("4930123456", "+4930123456"),
        ];
        for (text, e164) in cases {
            assert_eq!(asked("CH", text), e164, "{text}");
        }
    }

    /// The sample number of the vendor's manual is one digit short.
    #[test]
    fn an_invalid_number_keeps_its_digits() {
        let plan = NumberPlan::new("CH").unwrap();
        let number = plan.read_asked(&NumberText::read("4178907228"));
        assert_eq!(number.digits(), "4178907228");
        assert!(!number.is_valid());
        assert_eq!(
            asked("CH", "99912345678901234567"),
            "digits 99912345678901234567"
        );
    }

    #[test]
    fn the_default_region_reads_national_numbers() {
        assert_eq!(asked("DE", "030 1234567"), "+49301234567");
        assert_eq!(asked("FR", "01 42 68 53 00"), "+33142685300");
        assert_eq!(asked("IT", "06 1234 5678"), "+390612345678");
    }

    #[test]
    fn unknown_regions_are_refused() {
        for region in ["", "ch", "CHE", "ZZ", "XX", "001"] {
            assert_eq!(NumberPlan::new(region), Err(UnknownRegion), "{region}");
        }
    }
}
