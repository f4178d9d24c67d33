use proptest::{prelude::*, sample::select, test_runner::TestCaseResult};
use whocalls_core::{Caller, PhoneNumber};

use super::*;
use crate::tail::of_asked;

/// The regions of likely users, and some whose plans rewrite numbers.
const REGIONS: [&str; 16] = [
    "CH", "DE", "AT", "FR", "IT", "LI", "SM", "US", "GB", "GG", "IM", "JE", "AR", "BR", "KR", "NF",
];

/// Any region, the listed ones more often.
fn regions() -> impl Strategy<Value = String> {
    let letters = || b'A'..=b'Z';
    let codes = letters().flat_map(|first| letters().map(move |second| [first, second]));
    let all: Vec<String> = codes
        .map(|code| code.map(char::from).iter().collect::<String>())
        .filter(|code| NumberPlan::new(code).is_ok())
        .collect();
    prop_oneof![select(&REGIONS[..]).prop_map(str::to_owned), select(all)]
}

fn plan(region: &str) -> NumberPlan {
    NumberPlan::new(region).unwrap()
}

fn number(plan: &NumberPlan, text: &str) -> Option<PhoneNumber> {
    match plan.classify(text) {
        Caller::Number(number) => Some(number),
        _ => None,
    }
}

fn is_filed(field: &str, asked: &PhoneNumber, plan: &NumberPlan) -> bool {
    let asked = of_asked(asked, plan.match_rules());
    let is_sought = |tail: &Tail| {
        asked.tails.contains(tail) || asked.ending.is_some_and(|ending| ending.ends(*tail))
    };
    of_field(field, plan).tails.iter().any(is_sought)
}

/// Whatever the plan accepts is filed where it is looked for.
fn check(field: &str, asked: &PhoneNumber, plan: &NumberPlan) -> TestCaseResult {
    let class = plan.match_stored(field, asked);
    prop_assert!(
        class.is_none() || is_filed(field, asked, plan),
        "{field:?} matches {} ({class:?}) in {plan:?} but is filed under {:?}, looked for under {:?}",
        asked.digits(),
        of_field(field, plan),
        of_asked(asked, plan.match_rules())
    );
    Ok(())
}

/// Asks for everything that a text may be taken for.
fn check_all_readings(field: &str, plan: &NumberPlan) -> TestCaseResult {
    let mut asked: Vec<String> = plan.stored_digits(field);
    asked.push(field.to_owned());
    asked.push(field.chars().filter(char::is_ascii_digit).collect());
    for text in asked {
        if let Some(asked) = number(plan, &text) {
            check(field, &asked, plan)?;
        }
    }
    Ok(())
}

/// What people write around a number.
fn dressed(number: &str, dress: usize, other: &str) -> String {
    match dress {
        0 => number.to_owned(),
        1 => format!("{number} ext. 12"),
        2 => format!("{number} x34"),
        3 => format!("{number} (privat)"),
        4 => format!("Tel. {number}"),
        5 => format!("Büro: {number}"),
        6 => format!("{number} / {other}"),
        7 => format!("{other}; {number} int. 7"),
        8 => format!("{other} oder {number}"),
        9 => format!("tel:{number};ext=5"),
        10 => format!("{number}, {other}"),
        11 => format!("(privat) {number}"),
        12 => format!("*31#{number}"),
        13 => number.chars().map(full_width).collect(),
        14 => number.chars().map(arabic).collect(),
        15 => format!("\u{202a}{number}\u{202c}"),
        16 => format!("{number} ~ 12"),
        17 => format!("{other} ext 12 / {number} DW 3"),
        18 => format!("{number}\n{other}"),
        19 => format!("sip:{number}@pbx2.example.ch"),
        20 => format!("{number} - 12#"),
        21 => format!("1. {number} 2. {other}"),
        22 => format!("{number} (ab 18 Uhr) und {other}"),
        _ => format!("ab 18 Uhr {number}"),
    }
}

fn full_width(c: char) -> char {
    c.to_digit(10)
        .and_then(|digit| char::from_u32(0xFF10 + digit))
        .unwrap_or(c)
}

fn arabic(c: char) -> char {
    c.to_digit(10)
        .and_then(|digit| char::from_u32(0x0660 + digit))
        .unwrap_or(c)
}

proptest! {
    #[test]
    fn every_spelling_in_any_dress_is_found(
        region in regions(),
        asked in prop_oneof![
            "41(21|44|79|31|800)[2-9][0-9]{6}",
            "(49|43|33|39|44|1|54|549|55|52|45|376|378|36|370|375|82|86|358|683)[1-9][0-9]{3,10}",
            "[1-9][0-9]{6,14}",
        ],
        spelling in any::<prop::sample::Index>(),
        dress in 0_usize..24,
        other in prop_oneof!["0[1-9][0-9]{8}", r"\+41 44 [0-9]{3} [0-9]{2} [0-9]{2}", "[0-9]{5,7}"],
    ) {
        let plan = plan(&region);
        if let Some(asked) = number(&plan, &asked) {
            let spellings = asked.spellings();
            let spelling: &String = spelling.get(&spellings);
            let field = dressed(spelling, dress, &other);
            check(&field, &asked, &plan)?;
            check_all_readings(&field, &plan)?;
        }
    }

    #[test]
    fn whatever_a_field_is_taken_for_finds_it(
        region in regions(),
        field in r"[0-9+(). /;,#*~x:@A-Fa-f'\-\u{a0}\u{2013}０-９٠-٩०-९]{4,40}",
    ) {
        check_all_readings(&field, &plan(&region))?;
    }

    #[test]
    fn short_and_prefixed_numbers_are_found(
        region in regions(),
        prefix in r"(Tel )?((\+|00)[1-9][0-9]{0,2} ?)?(\(0\)|0|8|80|06|01)? ?",
        digits in "[0-9]{3,9}",
        behind in r"( ?(x|ext|~|/|,|;|und) ?[0-9]{1,7})?",
    ) {
        check_all_readings(&format!("{prefix}{digits}{behind}"), &plan(&region))?;
    }

    #[test]
    fn argentine_mobile_numbers_are_found(
        (area, local) in prop_oneof![
            ("11", "[2-9][0-9]{7}"),
            ("341", "[2-9][0-9]{6}"),
            ("(2966|2944)", "[2-9][0-9]{5}"),
        ],
    ) {
        let plan = plan("AR");
        for field in [
            format!("0{area} 15 {local}"),
            format!("0{area} 15-{local}"),
            format!("+54 9 {area} {local}"),
        ] {
            check_all_readings(&field, &plan)?;
        }
    }

    #[test]
    fn no_text_makes_it_panic(field in ".{0,60}") {
        of_field(&field, &plan("CH"));
    }
}

#[test]
fn usual_fields_are_read_without_the_plan() {
    for field in [
        "+41 21 552 20 00",
        "021/552.20.00",
        "+41\u{a0}21\u{a0}552\u{a0}20\u{a0}00",
        "+41 (0)21 552 20 00",
        "021 552 20 00 ext. 12",
        "021 552 20 00 (privat)",
        "Büro: 021 552 20 00",
        "tel:+41-21-552-20-00;ext=12",
        "021 552 20 00 / 079 123 45 67",
        "021–552–20–00",
    ] {
        assert!(read_plain_field(field).is_some(), "{field}");
    }
}

#[test]
fn unusual_fields_are_left_to_the_plan() {
    for field in [
        "0800 FLOWER",
        "０２１ ５５２ ２０ ００",
        "021 552 20 00 oder 079 123 45 67",
        "021 552 20 00 ~ 12",
        "sip:0215522000@192.0.2.1",
        "921123",
        "+49 (0)92123",
    ] {
        assert!(read_plain_field(field).is_none(), "{field}");
    }
}

#[test]
fn fields_are_filed_under_all_their_numbers() {
    let cases = [
        ("021 552 20 00", &["5522000"][..], 1, true),
        ("021 552 20 00 ext. 12", &["5522000"], 1, false),
        (
            "021 552 20 00 / 079 123 45 67",
            &["5522000", "1234567"],
            2,
            true,
        ),
        (
            "021 552 20 00 oder 079 123 45 67",
            &["5522000", "1234567"],
            2,
            false,
        ),
        ("0800 FLOWER", &["356937", "800"], 1, false),
        ("2966 15 423456", &["5423456", "6423456"], 1, true),
        ("", &[], 0, false),
        ("n/a", &[], 0, false),
        ("siehe Büro", &[], 0, false),
    ];
    for (field, keys, numbers, is_bare) in cases {
        let mut found = of_field(field, &plan("CH"));
        let mut expected: Vec<Tail> = keys.iter().map(|key| Tail::of(key)).collect();
        found.tails.sort_unstable();
        found.tails.dedup();
        expected.sort_unstable();
        assert_eq!(found.tails, expected, "{field}");
        assert_eq!(
            (found.numbers, found.is_bare),
            (numbers, is_bare),
            "{field}"
        );
    }
}
