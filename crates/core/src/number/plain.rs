//! Reading digits alone, in a fifth of the time that the library's parser takes.
//!
//! The parser searches a text for extensions, second numbers and letters, which digits that `text`
//! has found do not have. What is left of its work is to take off the country code and the trunk
//! prefix. It is done here for countries where that is simple, and for numbers which the library
//! says are valid; all others are left to the parser.

use rlibphonenumber::PhoneNumber as Parsed;

use super::plan::Reading;

/// The longest national number that the parser takes.
const MAX_DIGITS: usize = 17;
const TRUNK_ZERO: &[&str] = &["0"];
const NO_TRUNK: &[&str] = &[];
/// Country codes, in order, with all that the parser may take off the front of a national number
/// (libphonenumber's `nationalPrefixForParsing`). Where that is a zero, no international prefix
/// begins with a single one; none begins with the country's own code. The tests compare each with
/// the parser.
const COUNTRIES: [(i32, &[&str]); 42] = [
    (1, &["1"]),
    (7, &["8"]),
    (20, TRUNK_ZERO),
    (27, TRUNK_ZERO),
    (30, NO_TRUNK),
    (31, TRUNK_ZERO),
    (32, TRUNK_ZERO),
    (33, TRUNK_ZERO),
    (34, NO_TRUNK),
    (36, &["06"]),
    (39, NO_TRUNK),
    (40, TRUNK_ZERO),
    (41, TRUNK_ZERO),
    (43, TRUNK_ZERO),
    (44, &["0", "180020"]),
    (45, NO_TRUNK),
    (46, TRUNK_ZERO),
    (47, NO_TRUNK),
    (48, NO_TRUNK),
    (49, TRUNK_ZERO),
    (66, TRUNK_ZERO),
    (84, TRUNK_ZERO),
    (90, TRUNK_ZERO),
    (91, TRUNK_ZERO),
    (351, NO_TRUNK),
    (353, TRUNK_ZERO),
    (354, NO_TRUNK),
    (355, TRUNK_ZERO),
    (358, TRUNK_ZERO),
    (359, TRUNK_ZERO),
    (371, NO_TRUNK),
    (372, NO_TRUNK),
    (377, TRUNK_ZERO),
    (380, TRUNK_ZERO),
    (381, TRUNK_ZERO),
    (383, TRUNK_ZERO),
    (385, TRUNK_ZERO),
    (386, TRUNK_ZERO),
    (420, NO_TRUNK),
    (421, TRUNK_ZERO),
    (423, &["0", "1001"]),
    (971, TRUNK_ZERO),
];

/// A valid number of digits with country code, without `+` or `00`. A trunk zero may follow the
/// code: `41 (0)21`.
pub(super) fn international(digits: &str) -> Option<Reading> {
    let country = |length| {
        let (code, rest) = digits.split_at_checked(length)?;
        let (code, prefixes) = country(code.parse().ok()?)?;
        valid(code, prefixes, without_trunk(rest, prefixes))
    };
    // No code is the beginning of another one.
    (1..=3).find_map(country)
}

/// A valid number of digits as dialled inside a country: with the trunk zero.
pub(super) fn national(digits: &str, country_code: i32) -> Option<Reading> {
    let (code, prefixes) = country(country_code)?;
    let rest = without_trunk(digits, prefixes);
    let has_trunk = rest.len() < digits.len();
    has_trunk.then(|| valid(code, prefixes, rest))?
}

/// Whether a zero between the country code and a valid number is taken off: that of `+41 (0)21`.
pub(super) fn drops_zero(country_code: i32, significant: &str) -> bool {
    country(country_code).is_some_and(|(_, prefixes)| {
        prefixes.contains(&"0") && !begins_with_any(significant, prefixes)
    })
}

/// Whether the digits of a valid number, with its country code, are read as that number inside its
/// country too, where nothing says that they begin with a country code.
///
/// The parser takes the code off, or else has a number that begins with it. When that one is not
/// valid, the digits are read with the code after all ([`NumberPlan::read_stored`](super::NumberPlan)).
pub(super) fn needs_no_plus(country_code: i32, digits: &str, significant: &str) -> bool {
    let Some((code, prefixes)) = country(country_code) else {
        return false;
    };
    // Some regions share their country code with one that has other prefixes, unless it is these.
    let is_simple = prefixes == TRUNK_ZERO || prefixes == NO_TRUNK;
    let is_other = || {
        let number = digits.parse().ok();
        number.is_none_or(|number| reading(code, number).is_valid())
    };
    is_simple && !begins_with_any(significant, prefixes) && !is_other()
}

fn begins_with_any(digits: &str, prefixes: &[&str]) -> bool {
    prefixes.iter().any(|prefix| digits.starts_with(prefix))
}

fn country(code: i32) -> Option<(i32, &'static [&'static str])> {
    let place = COUNTRIES.binary_search_by_key(&code, |country| country.0);
    COUNTRIES.get(place.ok()?).copied()
}

fn without_trunk<'a>(digits: &'a str, prefixes: &[&str]) -> &'a str {
    let is_zero = prefixes == TRUNK_ZERO;
    let rest = digits.strip_prefix('0').filter(|_| is_zero);
    rest.unwrap_or(digits)
}

fn valid(code: i32, prefixes: &[&str], significant: &str) -> Option<Reading> {
    let is_shortened = begins_with_any(significant, prefixes);
    // A zero that belongs to the number is kept apart.
    if is_shortened || significant.starts_with('0') || significant.len() > MAX_DIGITS {
        return None;
    }
    Some(reading(code, significant.parse().ok()?)).filter(Reading::is_valid)
}

fn reading(country_code: i32, national_number: u64) -> Reading {
    Reading::of(Parsed {
        country_code,
        national_number,
        ..Parsed::default()
    })
}

#[cfg(test)]
mod tests {
    use rlibphonenumber::{PHONE_NUMBER_UTIL, Region};

    use super::*;

    /// Digits that look random, the same each time.
    fn digits(seed: &mut u64, count: u64) -> String {
        let mut next = || {
            *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            *seed >> 33
        };
        (0..count).map(|_| (next() % 10).to_string()).collect()
    }

    fn assert_same(read: &Reading, text: &str, region: Option<Region>) {
        let parsed = PHONE_NUMBER_UTIL.parse(text, region).unwrap();
        assert!(parsed.is_valid(), "{text}");
        assert_eq!(read.parsed, parsed, "{text}");
    }

    #[test]
    fn digits_are_read_as_the_parser_reads_them() {
        let mut seed = 1;
        for (code, prefixes) in COUNTRIES {
            let starts = prefixes.iter().chain([&"", &"0"]);
            let mut read = 0;
            for start in starts {
                for count in (4..=12).cycle().take(300) {
                    let rest = format!("{start}{}", digits(&mut seed, count));
                    let text = format!("{code}{rest}");
                    if let Some(number) = international(&text) {
                        assert_same(&number, &format!("+{text}"), None);
                        read += 1;
                    }
                    let regions = PHONE_NUMBER_UTIL.get_regions_for_country_calling_code(code);
                    for region in regions.into_iter().flatten() {
                        if let Some(number) = national(&rest, code) {
                            assert_same(&number, &rest, Some(region));
                        }
                    }
                }
            }
            assert!(read > 0, "{code}");
        }
    }

    #[test]
    fn the_countries_are_in_order() {
        assert!(COUNTRIES.is_sorted_by_key(|country| country.0));
    }

    #[test]
    fn what_is_not_valid_or_not_simple_is_left_to_the_parser() {
        for digits in [
            "",
            "4",
            "41",
            "410",
            "41123",
            "4112345678901234567890",
            "3906123456",
        ] {
            assert!(international(digits).is_none(), "{digits}");
        }
        assert!(national("215522000", 41).is_none());
        assert!(national("0215522000", 1).is_none());
    }
}
