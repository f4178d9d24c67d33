//! The filter that finds a number among stored texts.
//!
//! Sugar compares the text as stored (`crm-apis.md` §2.3). So the usual spellings are asked for,
//! each from the first digit of the national number on: what stands before it, such as `+41`,
//! `0041` or `(0`, does not matter to `$contains`, and neither does an extension behind it.
//! Numbers without area code and those of switchboards hold none of these texts: they are not found.

use whocalls_core::PhoneNumber;

use crate::{
    module::Module,
    wire::{Condition, Filter, Test},
};

/// The filter of one module: any phone field contains any of the texts.
pub(crate) fn by_texts(module: Module, texts: &[String]) -> Filter<'_> {
    let conditions = module.phone_fields().iter().flat_map(|field| {
        texts.iter().map(|text| Condition {
            field,
            test: Test::Contains(text),
        })
    });
    Filter::AnyOf(conditions.collect())
}

/// The texts that a stored number contains: its spellings from the first digit of the national
/// number on, each once.
pub(crate) fn endings(number: &PhoneNumber) -> Vec<String> {
    let national = number.national_significant();
    let mut endings: Vec<String> = Vec::new();
    for spelling in number.spellings() {
        let ending = ending(&spelling, &national).unwrap_or(&spelling);
        if !endings.iter().any(|known| known == ending) {
            endings.push(ending.to_owned());
        }
    }
    endings
}

/// The end of `spelling` that holds exactly the digits `national`. `None` when the spelling has
/// other digits at its end, as in countries that write a mobile number differently at home.
fn ending<'a>(spelling: &'a str, national: &str) -> Option<&'a str> {
    let (start, _) = spelling
        .char_indices()
        .rev()
        .filter(|(_, c)| c.is_ascii_digit())
        .nth(national.len().checked_sub(1)?)?;
    let ending = spelling.get(start..)?;
    let digits = ending.chars().filter(char::is_ascii_digit);
    digits.eq(national.chars()).then_some(ending)
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use whocalls_testkit::{
        contacts::{SPELLED, TWELVE_SPELLINGS},
        number,
    };

    use super::*;

    #[test]
    fn every_measured_spelling_contains_one_of_the_texts_asked_for() {
        let endings = endings(&number(SPELLED));
        for stored in TWELVE_SPELLINGS {
            let is_found = endings.iter().any(|ending| stored.contains(ending));
            assert!(is_found, "{stored}: {endings:?}");
        }
    }

    #[test]
    fn each_text_is_asked_for_once_and_without_wildcards() {
        let endings = endings(&number(SPELLED));
        assert_eq!(
            endings,
            [
                "215522000",
                "21 552 20 00",
                "21/552.20.00",
                "21/552 20 00",
                "21-552-20-00",
                "21.552.20.00",
                "21) 5522000",
                "21 5522000",
                "21\u{a0}552\u{a0}20\u{a0}00",
            ]
        );
    }

    #[test]
    fn a_number_without_country_is_asked_for_by_its_digits() {
        assert_eq!(
            endings(&number("99912345678901234567")),
            ["99912345678901234567"]
        );
    }

    #[test]
    fn a_spelling_with_other_digits_is_kept_whole() {
        assert_eq!(ending("011 15-2345-6789", "91123456789"), None);
        assert_eq!(ending("+41 21", "215522000"), None);
        assert_eq!(ending("", ""), None);
    }

    #[test]
    fn every_phone_field_of_the_module_is_asked() {
        let texts = endings(&number("99912345678901234567"));
        let filter = by_texts(Module::Accounts, &texts);
        assert_eq!(
            serde_json::to_value(filter).unwrap(),
            json!([{ "$or": [
                { "phone_office": { "$contains": "99912345678901234567" } },
                { "phone_alternate": { "$contains": "99912345678901234567" } },
            ] }])
        );
    }
}
