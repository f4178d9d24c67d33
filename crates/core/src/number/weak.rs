//! Matches of parts of numbers: off, unless the plan's [`MatchRules`](super::MatchRules) say
//! otherwise.

use rlibphonenumber::PhoneNumberType;

use super::{
    MatchClass, NumberPlan, PhoneNumber,
    text::{NumberText, digits_of},
};

/// Digits behind the area code that a company's numbers share at least: fewer are a whole quarter.
const MIN_COMPANY_DIGITS: usize = 2;

impl NumberPlan {
    /// How the best number in a stored field of a company matches `asked`: as
    /// [`match_stored`](Self::match_stored), or else as the main number of its switchboard.
    pub fn match_stored_of_company(&self, field: &str, asked: &PhoneNumber) -> Option<MatchClass> {
        let is_switchboard = || self.is_switchboard(field, asked);
        self.match_stored(field, asked)
            .or_else(|| is_switchboard().then_some(MatchClass::Switchboard))
    }

    /// Whether a stored number lacks its area code, and `asked` ends in it. Without a country it is
    /// one of the default region.
    pub(super) fn is_suffix(
        &self,
        text: &NumberText,
        stored: &PhoneNumber,
        asked: &PhoneNumber,
    ) -> bool {
        let Some(min) = self.rules.suffix_min() else {
            return false;
        };
        let (country, part) = if text.is_international() {
            (stored.country_code(), stored.significant())
        } else {
            (Some(self.country_code), text.digits())
        };
        let whole = asked.significant();
        !stored.is_valid()
            && asked.is_valid()
            && asked.country_code() == country
            && (min..whole.len()).contains(&part.len())
            && whole.ends_with(part)
    }

    /// Whether a field holds a number that differs from `asked` in its last digits alone. The
    /// extensions of one company may be longer than its main number: `1234-0`, `1234-567`.
    fn is_switchboard(&self, field: &str, asked: &PhoneNumber) -> bool {
        let Some(most) = self.rules.switchboard_digits() else {
            return false;
        };
        let significant = asked.significant();
        let shared = significant.len().saturating_sub(most);
        let head = significant.get(..shared).unwrap_or_default();
        let holds_head = !field.is_ascii() || digits_of(field).contains(head);
        if !asked.is_valid() || !holds_head || !has_extensions(asked) {
            return false;
        }
        let numbers = self.read_field(field);
        numbers
            .iter()
            .any(|stored| are_neighbours(stored, asked, most))
    }
}

fn are_neighbours(stored: &PhoneNumber, asked: &PhoneNumber, most: usize) -> bool {
    let (stored_digits, asked_digits) = (stored.significant(), asked.significant());
    let pairs = stored_digits.bytes().zip(asked_digits.bytes());
    let shared = pairs.take_while(|(a, b)| a == b).count();
    stored.is_valid()
        && stored.country_code() == asked.country_code()
        && stored_digits.len() - shared <= most
        && asked_digits.len() - shared <= most
        && shared >= area_digits(asked) + MIN_COMPANY_DIGITS
        && has_extensions(stored)
}

/// Whether companies have numbers of this type in blocks. Mobile and toll-free numbers beside one
/// another belong to strangers.
fn has_extensions(number: &PhoneNumber) -> bool {
    matches!(
        number.kind,
        PhoneNumberType::FixedLine
            | PhoneNumberType::FixedLineOrMobile
            | PhoneNumberType::UAN
            | PhoneNumberType::VoIP
    )
}

/// How many digits of the national number are its area code, or the code that stands for one.
fn area_digits(number: &PhoneNumber) -> usize {
    number.known.as_ref().map_or(0, |known| {
        let parsed = &known.parsed;
        parsed
            .get_length_of_geographical_area_code()
            .max(parsed.get_length_of_national_destination_code())
    })
}

#[cfg(test)]
mod tests;
