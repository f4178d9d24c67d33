use super::*;
use crate::{Caller, MatchRules};

fn plan(region: &str) -> NumberPlan {
    NumberPlan::new(region)
        .unwrap()
        .with_match_rules(MatchRules {
            suffix_min_digits: Some(7),
            switchboard_max_digits: Some(3),
        })
}

fn number(plan: &NumberPlan, text: &str) -> PhoneNumber {
    match plan.classify(text) {
        Caller::Number(number) => number,
        other => panic!("{text}: {other:?}"),
    }
}

fn person(plan: &NumberPlan, stored: &str, asked: &str) -> Option<MatchClass> {
    plan.match_stored(stored, &number(plan, asked))
}

fn company(plan: &NumberPlan, stored: &str, asked: &str) -> Option<MatchClass> {
    plan.match_stored_of_company(stored, &number(plan, asked))
}

#[test]
fn a_number_without_area_code_matches_by_its_end() {
    let plan = plan("CH");
    for stored in [
        "552 20 00",
        "5522000",
        "Tel. 552.20.00",
        "+41 552 20 00",
        "552 20 00 / 079 123 45 67",
    ] {
        assert_eq!(
            person(&plan, stored, "41215522000"),
            Some(MatchClass::Suffix),
            "{stored}"
        );
    }
}

#[test]
fn an_end_is_no_match_of_another_area_or_country_nor_when_it_is_short() {
    let swiss = plan("CH");
    for stored in [
        "031 552 20 00",
        "0552 20 00",
        "+49 552 20 00",
        "+49 30 5522000",
        "52 20 00",
        "552 20 01",
        "+49 30 215522000",
        "31 552 20 00",
    ] {
        assert_eq!(person(&swiss, stored, "41215522000"), None, "{stored}");
    }
    assert_eq!(
        person(&swiss, "1234567", "49301234567"),
        None,
        "another country"
    );
    assert_eq!(
        person(&plan("DE"), "1234567", "49301234567"),
        Some(MatchClass::Suffix)
    );
    let longer = swiss.with_match_rules(MatchRules {
        suffix_min_digits: Some(8),
        ..MatchRules::default()
    });
    assert_eq!(person(&longer, "552 20 00", "41215522000"), None);
}

#[test]
fn a_company_is_recognised_by_its_switchboard() {
    let cases = [
        ("CH", "044 555 01 00", "41445550123"),
        ("CH", "+41 44 555 01 00 (Zentrale)", "41445550123"),
        ("CH", "058 123 45 00", "41581234567"),
        ("DE", "030 1234-0", "49301234567"),
        ("DE", "+49 (0)30 12340", "49301234567"),
        ("AT", "01 234567-0", "431234567123"),
        ("US", "(212) 555-0100", "12125550142"),
        ("CH", "044 555 01 00 / 079 123 45 67", "41445550123"),
    ];
    for (region, stored, asked) in cases {
        let plan = plan(region);
        assert_eq!(
            company(&plan, stored, asked),
            Some(MatchClass::Switchboard),
            "{stored}"
        );
        assert_eq!(
            person(&plan, stored, asked),
            None,
            "a person has no switchboard: {stored}"
        );
    }
}

#[test]
fn a_company_s_own_number_is_the_better_match() {
    let plan = plan("CH");
    let stored = "044 555 01 00 / 044 555 01 23";
    assert_eq!(
        company(&plan, stored, "41445550123"),
        Some(MatchClass::Exact)
    );
    assert!(MatchClass::National < MatchClass::Suffix);
    assert!(MatchClass::Suffix < MatchClass::Switchboard);
}

#[test]
fn neighbours_that_are_no_extensions_are_strangers() {
    let plan = plan("CH");
    for (stored, asked) in [
        ("079 123 45 00", "41791234567"),
        ("0800 123 400", "41800123456"),
        ("044 555 11 00", "41445550123"),
        ("043 555 01 00", "41445550123"),
        ("+49 445550100", "41445550123"),
        ("044 555 01", "41445550123"),
        ("0", "41445550123"),
    ] {
        assert_eq!(company(&plan, stored, asked), None, "{stored}");
    }
}

#[test]
fn weak_matches_are_off_unless_switched_on() {
    let plan = NumberPlan::new("CH").unwrap();
    assert_eq!(person(&plan, "552 20 00", "41215522000"), None);
    assert_eq!(company(&plan, "044 555 01 00", "41445550123"), None);
}

#[test]
fn the_rules_stay_within_sensible_bounds() {
    let rules = MatchRules {
        suffix_min_digits: Some(1),
        switchboard_max_digits: Some(9),
    };
    assert_eq!(
        (rules.suffix_min(), rules.switchboard_digits()),
        (Some(6), Some(4))
    );
    let none = MatchRules {
        suffix_min_digits: None,
        switchboard_max_digits: Some(0),
    };
    assert_eq!((none.suffix_min(), none.switchboard_digits()), (None, None));
}
