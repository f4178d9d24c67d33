//! Reading texts as numbers, with a default region.

use std::{iter::once_with, str::FromStr, sync::Arc};

use rlibphonenumber::{
    PHONE_NUMBER_UTIL, PhoneNumber as Parsed, PhoneNumberFormat, PhoneNumberType, Region,
};

use super::{
    MatchRules, PhoneNumber,
    phone::Known,
    plain,
    text::{NumberText, abroad, digits_of},
};

/// More digits are no number: E.164 allows 15, and some dial four before them, as `0011`.
const MAX_DIGITS: usize = 19;
/// The country code of the country that keeps the zero which others drop behind theirs.
const ITALY: i32 = 39;

/// How numbers without a country are read, which numbers are internal, and which weak matches
/// count. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumberPlan {
    region: Region,
    /// The country code of the region, for example 41.
    pub(super) country_code: i32,
    /// What is dialled before a national number, for example `0`; empty where nothing is.
    pub(super) trunk: Box<str>,
    pub(super) internal_max_digits: usize,
    pub(super) rules: MatchRules,
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
        let country_code = PHONE_NUMBER_UTIL
            .get_country_code_for_region(region)
            .filter(|_| is_code)
            .ok_or(UnknownRegion)?;
        Ok(Self {
            region,
            country_code,
            trunk: trunk_prefix(region).unwrap_or_default(),
            internal_max_digits: Self::DEFAULT_INTERNAL_MAX_DIGITS,
            rules: MatchRules::default(),
        })
    }

    /// Treats numbers of up to `digits` digits as internal.
    #[must_use]
    pub fn with_internal_max_digits(mut self, digits: usize) -> Self {
        self.internal_max_digits = digits;
        self
    }

    /// Lets weak matches count. Every adapter verifies its answers with the plan that it was given,
    /// so that the rules hold for all of them.
    #[must_use]
    pub fn with_match_rules(mut self, rules: MatchRules) -> Self {
        self.rules = rules;
        self
    }

    /// Which weak matches count.
    pub fn match_rules(&self) -> MatchRules {
        self.rules
    }

    /// Reads a number as a telephone system sends it: digits with country code, no `+`, no `00`
    /// (`connector-api.md` §1); national and international spellings are understood too.
    pub(super) fn read_asked(&self, text: &NumberText) -> PhoneNumber {
        if text.is_international() {
            return self.read_international(text);
        }
        let readings = once_with(|| with_country_code(text.digits()))
            .chain(once_with(|| self.national(text.letters(), text.digits())));
        best(readings, text.digits())
    }

    /// Reads a number as people store it: a number without `+` or `00` is national if it can be,
    /// else it carries its country code, else a spreadsheet ate its first zero.
    pub(super) fn read_stored(&self, text: &NumberText) -> PhoneNumber {
        if text.letters().is_none() && text.digits().len() > MAX_DIGITS {
            return PhoneNumber::from_digits(text.digits());
        }
        if text.is_international() {
            return self.read_international(text);
        }
        let digits = text.digits();
        let with_zero = text.digits_with_zero();
        let behind_zero = self.trunk.strip_prefix('0').filter(|rest| !rest.is_empty());
        let lacks_zero = behind_zero.is_some_and(|rest| digits.starts_with(rest));
        let restored = || {
            let may_lack_zero = may_lack_zero(self.country_code, digits);
            may_lack_zero.then(|| self.national(None, &format!("0{digits}")))?
        };
        let readings = once_with(|| with_country_code(with_zero.as_deref()?))
            .chain(once_with(|| self.national(text.letters(), digits)))
            .chain(once_with(|| lacks_zero.then(restored)?))
            .chain(once_with(|| with_country_code(digits)))
            .chain(once_with(restored));
        best(readings, digits)
    }

    /// Whether a reading needs no guess about the country.
    pub(super) fn is_sure(&self, text: &NumberText, stored: &PhoneNumber) -> bool {
        let is_said = text.is_international() || stored.country_code() == Some(self.country_code);
        stored.is_valid() && is_said
    }

    /// A zero in brackets is dialled in Italy and in no country with a trunk zero, which the plan
    /// of the country knows; so it is tried first.
    fn read_international(&self, text: &NumberText) -> PhoneNumber {
        let digits = text.international().unwrap_or_default();
        let with_zero = text.digits_with_zero();
        let with_zero = with_zero
            .as_deref()
            .map(|digits| abroad(text.has_plus(), digits));
        let readings = once_with(|| with_country_code(with_zero?))
            .chain(once_with(|| with_country_code(digits)))
            // `0011 41 21 …` as dialled from Australia; a plus before a trunk zero.
            .chain(once_with(|| {
                let is_dialled = text.digits().starts_with('0');
                is_dialled.then(|| self.national(None, text.digits()))?
            }))
            .chain(once_with(|| with_lost_zero(digits)));
        best(readings, digits)
    }

    fn national(&self, letters: Option<&str>, digits: &str) -> Option<Reading> {
        let parsed = |text| parse(text, Some(self.region));
        match letters {
            Some(letters) => parsed(letters),
            None => plain::national(digits, self.country_code).or_else(|| parsed(digits)),
        }
    }

    /// Whether `text` is `asked` with its country code, or with the trunk prefix of the default
    /// region: what most stored numbers are, told without parsing, which takes 20 times as long.
    pub(super) fn is_plainly(&self, text: &NumberText, asked: &PhoneNumber) -> bool {
        if !asked.is_valid() {
            return false;
        }
        if let Some(place) = text.optional_zero() {
            return is_with_trunk_zero(text, place, asked);
        }
        if let Some(digits) = text.international() {
            return digits == asked.digits();
        }
        let national = text.digits().strip_prefix(&*self.trunk);
        asked.country_code() == Some(self.country_code)
            && (national == Some(asked.significant()) || self.is_without_plus(text, asked))
    }

    /// Whether `text` is `asked`, a valid number of the default region, with nothing but its country
    /// code: `41 21 552 20 00`.
    fn is_without_plus(&self, text: &NumberText, asked: &PhoneNumber) -> bool {
        let digits = text.digits();
        // A longer trunk prefix may have lost its zero, which is tried first.
        let may_lack_zero = self.trunk.len() > 1;
        text.letters().is_none()
            && !may_lack_zero
            && digits == asked.digits()
            && plain::needs_no_plus(self.country_code, digits, asked.significant())
    }
}

/// Whether `text` is `asked`, a valid number, with its country code and, at `place`, the zero in
/// brackets that is dialled inside its country: `+41 (0)21 552 20 00`.
fn is_with_trunk_zero(text: &NumberText, place: usize, asked: &PhoneNumber) -> bool {
    let (written, significant) = (text.digits(), asked.significant());
    let digits = text.international().unwrap_or(written);
    digits == asked.digits()
        && place + significant.len() == written.len()
        && asked
            .country_code()
            .is_some_and(|code| plain::drops_zero(code, significant))
}

/// What the example number of a region has before its national significant number.
fn trunk_prefix(region: Region) -> Option<Box<str>> {
    let example = PHONE_NUMBER_UTIL.get_example_number(region).ok()?;
    let national = digits_of(&example.format_as(PhoneNumberFormat::National));
    let trunk = national.strip_suffix(&example.get_national_significant_number())?;
    Some(trunk.into())
}

/// A number as the numbering plans have it.
pub(super) struct Reading {
    pub(super) parsed: Parsed,
    /// Unknown for a number that cannot exist.
    pub(super) kind: PhoneNumberType,
}

impl Reading {
    /// Finds out what the number is, which takes longer than all else.
    pub(super) fn of(parsed: Parsed) -> Self {
        let kind = parsed.get_type();
        Self { parsed, kind }
    }

    pub(super) fn is_valid(&self) -> bool {
        self.kind != PhoneNumberType::Unknown
    }
}

/// No country code begins with zero: a trunk zero rules one out.
fn with_country_code(digits: &str) -> Option<Reading> {
    let parsed = || parse(&format!("+{digits}"), None);
    let read = || plain::international(digits).or_else(parsed);
    (!digits.starts_with('0')).then(read)?
}

/// A number that lost the zero which belongs to it: `+39 6 1234 5678` for `+39 06 1234 5678`.
fn with_lost_zero(digits: &str) -> Option<Reading> {
    /// Fewer digits behind the country code may be anything.
    const MIN_DIGITS: usize = 7;
    let significant = digits.strip_prefix("39")?;
    let may_lack_zero = significant.len() >= MIN_DIGITS && may_lack_zero(ITALY, significant);
    may_lack_zero.then(|| parse(&format!("+390{significant}"), None))?
}

/// Whether a zero may have stood before a national number. Italian numbers that begin with 3 are
/// mobile and have none.
fn may_lack_zero(country_code: i32, digits: &str) -> bool {
    let is_mobile = country_code == ITALY && digits.starts_with('3');
    !is_mobile && !digits.starts_with('0')
}

/// The first valid reading; else the first possible one; else the bare digits.
fn best(readings: impl Iterator<Item = Option<Reading>>, digits: &str) -> PhoneNumber {
    let mut possible = None;
    for reading in readings.flatten() {
        if reading.is_valid() {
            return reading.into();
        }
        possible = possible.or(Some(reading));
    }
    possible.map_or_else(|| PhoneNumber::from_digits(digits), PhoneNumber::from)
}

fn parse(text: &str, region: Option<Region>) -> Option<Reading> {
    PHONE_NUMBER_UTIL.parse(text, region).ok().map(Reading::of)
}

impl From<Reading> for PhoneNumber {
    fn from(reading: Reading) -> Self {
        let Reading { parsed, kind } = reading;
        let significant = parsed.get_national_significant_number();
        Self {
            digits: format!("{}{significant}", parsed.country_code).into(),
            known: Some(Arc::new(Known::new(parsed))),
            kind,
        }
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
