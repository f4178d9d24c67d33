use proptest::prelude::*;

use super::*;
use crate::{Caller, MatchRules};

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

/// Numbers of all regions and types; see `tests/oracle/README.md`.
const CASES: &str = include_str!("../../../tests/oracle/cases.tsv");

/// A plan and a valid number of its region, national and international, by Google.
type ValidCase = (NumberPlan, &'static str, &'static str);

fn valid_cases() -> Vec<ValidCase> {
    let valid = |case: &'static str| {
        let [region, _, national, international, _, "valid"] =
            *case.split('\t').collect::<Vec<_>>()
        else {
            return None;
        };
        Some((NumberPlan::new(region).ok()?, national, international))
    };
    CASES.lines().filter_map(valid).collect()
}

/// The digits of a number with its country code and with the zero in brackets behind it.
fn with_code(number: &PhoneNumber) -> [String; 2] {
    let (digits, significant) = (number.digits(), number.significant());
    let code = digits.strip_suffix(significant).unwrap();
    [digits.to_owned(), format!("{code} (0){significant}")]
}

#[test]
fn what_is_told_without_parsing_is_what_parsing_tells() {
    let mut told = 0;
    let mut told_without_plus = 0;
    for (plan, national, international) in valid_cases() {
        let number = plan.read_stored(&NumberText::read(international));
        let [digits, with_zero] = with_code(&number);
        let (plus, zeros) = (format!("+{with_zero}"), format!("00{with_zero}"));
        for field in [
            national,
            international,
            number.significant(),
            &digits,
            &with_zero,
            &plus,
            &zeros,
        ] {
            let text = NumberText::read(field);
            if plan.is_plainly(&text, &number) {
                told += 1;
                told_without_plus += usize::from(field == digits);
                assert_eq!(plan.read_stored(&text), number, "{plan:?}: {field}");
            }
        }
    }
    assert!(told > 3200, "{told}");
    assert!(told_without_plus > 150, "{told_without_plus}");
}

#[test]
fn usual_spellings_are_told_without_parsing() {
    let is_plainly = |stored, asked| {
        let plan = NumberPlan::new("CH").unwrap();
        plan.is_plainly(
            &NumberText::read(stored),
            &plan.read_asked(&NumberText::read(asked)),
        )
    };
    for stored in [
        "+41 21 552 20 00",
        "021 552 20 00",
        "(021) 552 20 00",
        "+41 (0)21 552 20 00",
        "0041 (0) 21 552 20 00",
        "41 (0)21 552 20 00",
        "41 21 552 20 00",
        "41215522000",
        "021 552 20 00 x 12",
        "+41 (0)21 552 20 00, intern 12",
    ] {
        assert!(is_plainly(stored, "41215522000"), "{stored}");
    }
    assert!(is_plainly("+44 (0)20 7946 0958", "442079460958"));
    for (stored, asked) in [
        ("215522000", "41215522000"),
        ("+41 2 (0)15522000", "41215522000"),
        ("(0)41 21 552 20 00", "41215522000"),
        ("+39 (0)6 1234 5678", "390612345678"),
        ("49 30 123456", "4930123456"),
        ("4178907228", "4178907228"),
    ] {
        assert!(!is_plainly(stored, asked), "{stored}");
    }
}

#[test]
fn plain_spellings_are_told_at_a_glance() {
    let plan = NumberPlan::new("CH").unwrap();
    let asked = plan.read_asked(&NumberText::read("41215522000"));
    for stored in [
        "+41215522000",
        " +41 21 552 20 00 ",
        "0041-21-552.20.00",
        "021/552.20.00",
        "0215522000",
    ] {
        assert!(plan.is_written_plainly(stored, &asked), "{stored}");
    }
    for stored in [
        "",
        "41215522000",
        "+410215522000",
        "+41 (0)21 552 20 00",
        "021 552 20 00 x 1",
        "021 552 20 01",
        "215522000",
    ] {
        assert!(!plan.is_written_plainly(stored, &asked), "{stored}");
    }
}

/// What people do to a number before it gets into a CRM.
#[test]
fn damaged_prefixes_and_neighbours_in_the_field_do_not_matter() {
    let cases = [
        ("+41 0 21 552 20 00", "41215522000"),
        ("+41 021 552 20 00", "41215522000"),
        ("+41 (021) 552 20 00", "41215522000"),
        ("+0041 21 552 20 00", "41215522000"),
        ("+021 552 20 00", "41215522000"),
        ("41 (0)21 552 20 00", "41215522000"),
        ("+41 [0] 21 552 20 00", "41215522000"),
        ("021'552'20'00", "41215522000"),
        ("021 552 20 00 - 079 123 45 67", "41215522000"),
        ("021 552 20 00 - 079 123 45 67", "41791234567"),
        ("021 552 20 00   079 123 45 67", "41791234567"),
        ("0215522000 0791234567 +49 30 1234567", "49301234567"),
        ("021/552.20.00 / 079/123 45 67", "41791234567"),
        (
            "021 552 20 00 / 079 123 45 67 / 044 555 01 23",
            "41791234567",
        ),
        ("Tel 2: 021 552 20 00", "41215522000"),
        ("021 552 20 00 (8-12)", "41215522000"),
        ("1. 021 552 20 00", "41215522000"),
        ("021 552 20 00 (Fax: 021 552 20 01)", "41215522001"),
        ("tel:%2B41%2021%20552%2020%2000", "41215522000"),
        ("tel:552-20-00;phone-context=+41-21", "41215522000"),
        ("<sip:+41215522000@192.0.2.1;user=phone>", "41215522000"),
        ("033201/123456", "4933201123456"),
        // Italy keeps its zero, even where somebody thought that it is a trunk prefix.
        ("+39 06 1234 5678", "390612345678"),
        ("+39 (0)6 1234 5678", "390612345678"),
        ("+39 6 1234 5678", "390612345678"),
        ("0039 (06) 12345678", "390612345678"),
        ("39 06 12345678", "390612345678"),
        ("+39 (0)331 123456", "390331123456"),
        ("+39 (0)347 1234567", "393471234567"),
    ];
    for (stored, asked) in cases {
        let expected = if stored.starts_with("033201") {
            MatchClass::National
        } else {
            MatchClass::Exact
        };
        assert_eq!(class(stored, asked), Some(expected), "{stored}");
    }
}

#[test]
fn the_default_region_decides_what_a_number_without_country_is() {
    let class = |region: &str, stored: &str, asked: &str| {
        let plan = NumberPlan::new(region).unwrap();
        let Caller::Number(asked) = plan.classify(asked) else {
            panic!("not a number: {asked}");
        };
        plan.match_stored(stored, &asked)
    };
    let exact = Some(MatchClass::Exact);
    let cases = [
        ("IT", "06 1234 5678", "390612345678", exact),
        ("IT", "6 1234 5678", "390612345678", exact),
        ("IT", "347 123 4567", "393471234567", exact),
        ("US", "011 41 21 552 20 00", "41215522000", exact),
        ("AU", "0011 41 21 552 20 00", "41215522000", exact),
        ("US", "1 (212) 555-0100", "12125550100", exact),
        ("US", "212.555.0100", "12125550100", exact),
        ("RU", "8 (495) 123-45-67", "74951234567", exact),
        ("HU", "06 1 234 5678", "3612345678", exact),
        ("AR", "011 15-2345-6789", "5491123456789", exact),
        ("DE", "033201/123456", "4933201123456", exact),
        (
            "DE",
            "030 1234567, 12",
            "49301234567",
            Some(MatchClass::ExactWithoutExtension),
        ),
        // A number of Elmshorn without its zero, or one of Lausanne without its plus.
        ("DE", "41215522000", "4941215522000", exact),
        (
            "DE",
            "41215522000",
            "41215522000",
            Some(MatchClass::National),
        ),
        ("DE", "021 552 20 00", "41215522000", None),
    ];
    for (region, stored, asked, expected) in cases {
        assert_eq!(class(region, stored, asked), expected, "{region} {stored}");
    }
}

#[test]
fn a_dash_before_few_digits_is_an_extension_where_the_number_is_complete() {
    for stored in [
        "021 552 20 00-12",
        "021 552 20 00 / 12",
        "021 552 20 00 - 12",
    ] {
        let expected = Some(MatchClass::ExactWithoutExtension);
        assert_eq!(class(stored, "41215522000"), expected, "{stored}");
    }
    for stored in [
        "021 552 20 001",
        "021 552 20 00 1",
        "021 552 20 00 12",
        "1021 552 20 00",
    ] {
        assert_eq!(
            class(stored, "41215522000"),
            None,
            "a mistyped number: {stored}"
        );
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
        "+215522000",
        "+1 215 522 0000",
        "021 552 20 0",
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
    fn no_text_makes_it_panic(
        stored in prop_oneof![".{0,60}", r"[0-9+(). /;,#*~x:@%\[\]A-Fa-f'-]{0,90}"],
        asked in "[0-9]{7,20}",
    ) {
        let plan = NumberPlan::new("DE").unwrap().with_match_rules(MatchRules {
            suffix_min_digits: Some(6),
            switchboard_max_digits: Some(4),
        });
        if let Caller::Number(asked) = plan.classify(&asked) {
            plan.match_stored_of_company(&stored, &asked);
        }
        plan.stored_digits(&stored);
        plan.classify(&stored);
    }

    #[test]
    fn what_a_glance_tells_is_what_reading_tells(
        region in "CH|DE|IT|US|HU|RU|CI",
        start in r"\+|\+00|00|0|\+0|",
        code in "41|39|1|36|7|225|",
        rest in "0?[1-9][0-9]{6,9}",
        between in proptest::collection::vec(r"[ ./'_-]{0,2}", 20),
    ) {
        let plan = NumberPlan::new(&region).unwrap();
        let digits = format!("{start}{code}{rest}");
        let pieces = digits.split("").zip(&between);
        let field: String = pieces.flat_map(|(digit, between)| [digit, between]).collect();
        for asked in [plan.read_stored(&NumberText::read(&field)), plan.read_asked(&NumberText::read(&digits))] {
            if plan.is_written_plainly(&field, &asked) {
                prop_assert_eq!(plan.match_read(&field, &asked), Some(MatchClass::Exact), "{}", field);
            }
        }
    }

    #[test]
    fn what_is_told_without_parsing_matches_as_what_is_parsed(
        (own, _, international) in proptest::sample::select(valid_cases()),
        other in proptest::sample::select(valid_cases()),
        is_abroad in proptest::bool::weighted(0.2),
        last in "[0-9]{0,9}",
        start in r"\+|\+00|00|",
        zero in r"|0| ?\(0\) ?|\[0\]|\(",
        behind in "|x 12|, 12|-1| / 079 123 45 67",
    ) {
        let plan = if is_abroad { other.0 } else { own.clone() };
        let number = own.read_stored(&NumberText::read(international));
        let (digits, significant) = (number.digits(), number.significant());
        let code = digits.strip_suffix(significant).unwrap();
        let kept = significant.len().saturating_sub(last.len());
        let significant = format!("{}{last}", significant.get(..kept).unwrap());
        let field = format!("{start}{code}{zero}{significant}{behind}");
        let asked = plan.read_asked(&NumberText::read(&format!("+{code}{significant}")));
        for text in NumberText::all(&field) {
            for asked in [&asked, &plan.read_stored(&text)] {
                if plan.is_plainly(&text, asked) {
                    prop_assert_eq!(plan.match_reading(&text, asked), Some(same(&text)), "{}", field);
                }
            }
        }
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
