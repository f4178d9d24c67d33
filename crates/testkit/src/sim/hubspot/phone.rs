//! The properties that HubSpot calculates from a typed number (`crm-apis.md` §1.3).

use whocalls_core::Caller;

/// What HubSpot makes of a number.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Calculated {
    /// `hs_searchable_calculated_*`: without country code, without leading zeros.
    pub(super) searchable: String,
    /// `hs_calculated_*`: "in International Format".
    pub(super) international: String,
}

/// Fewer digits are no number of any plan, and taken as they are.
const MIN_DIGITS: usize = 5;

/// Calculates as an account in Switzerland does. A number typed with its country code but without
/// `+` is taken for a national one, and keeps the code.
pub(super) fn calculate(typed: &str) -> Option<Calculated> {
    let first = typed.chars().find(|c| c.is_ascii_digit() || *c == '+')?;
    if matches!(first, '+' | '0')
        && let Caller::Number(number) = crate::number_plan().classify(typed)
        && let Some(international) = number.e164()
    {
        let significant = number.national_significant();
        let searchable = significant.trim_start_matches('0').to_owned();
        if searchable.len() >= MIN_DIGITS {
            return Some(Calculated {
                searchable,
                international,
            });
        }
    }
    let digits: String = typed.chars().filter(char::is_ascii_digit).collect();
    let searchable = digits.trim_start_matches('0').to_owned();
    (!searchable.is_empty()).then(|| Calculated {
        international: format!("+41{searchable}"),
        searchable,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contacts::TWELVE_SPELLINGS;

    #[test]
    fn the_country_code_and_leading_zeros_are_left_out() {
        let cases = [
            ("079 123 45 67", "791234567", "+41791234567"),
            ("+41 (0)79 123 45 67", "791234567", "+41791234567"),
            ("0041791234567", "791234567", "+41791234567"),
            ("791234567", "791234567", "+41791234567"),
            ("+39 06 1234 5678", "612345678", "+390612345678"),
            ("+41 44 555 01 23 ext. 12", "445550123", "+41445550123"),
            ("41791234567", "41791234567", "+4141791234567"),
            ("00004", "4", "+414"),
        ];
        for (typed, searchable, international) in cases {
            let expected = Calculated {
                searchable: searchable.into(),
                international: international.into(),
            };
            assert_eq!(calculate(typed), Some(expected), "{typed}");
        }
        for typed in ["", "n/a", "0"] {
            assert_eq!(calculate(typed), None, "{typed:?}");
        }
    }

    #[test]
    fn all_twelve_spellings_are_searchable_by_one_text() {
        for typed in TWELVE_SPELLINGS {
            let calculated = calculate(typed).unwrap();
            assert_eq!(calculated.searchable, "215522000", "{typed}");
        }
    }
}
