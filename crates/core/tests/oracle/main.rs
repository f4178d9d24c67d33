//! Reading numbers gives what Google's libphonenumber gives: see `README.md`.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a broken set-up has to stop the test"
)]

use std::collections::BTreeSet;

use whocalls_core::{Caller, NumberPlan};

const CASES: &str = include_str!("cases.tsv");

struct Case {
    region: &'static str,
    kind: &'static str,
    national: &'static str,
    international: &'static str,
    e164: &'static str,
    is_valid: bool,
}

impl Case {
    fn all() -> impl Iterator<Item = Self> {
        CASES.lines().skip(1).map(|line| {
            let fields: Vec<&str> = line.split('\t').collect();
            let [region, kind, national, international, e164, validity] = fields[..] else {
                panic!("six fields are expected: {line}");
            };
            Self {
                region,
                kind,
                national,
                international,
                e164,
                is_valid: validity == "valid",
            }
        })
    }

    /// The plan of the region. Numbers of networks that span countries have none; any will do.
    fn plan(&self) -> NumberPlan {
        let region = if self.region == "001" {
            "CH"
        } else {
            self.region
        };
        NumberPlan::new(region).unwrap()
    }
}

/// The E.164 form that a stored text is read as.
fn read(plan: &NumberPlan, text: &str) -> String {
    format!("+{}", plan.stored_digits(text)[0])
}

#[test]
fn every_form_is_read_as_google_reads_it() {
    let (mut texts, mut regions) = (0, BTreeSet::new());
    let mut wrong = Vec::new();
    for case in Case::all() {
        let plan = case.plan();
        regions.insert(case.region);
        // A number that cannot exist is no number of the region either, so that a text without
        // country is read as whatever else it may be.
        let national = (case.is_valid && !case.national.is_empty()).then_some(case.national);
        for text in [Some(case.international), Some(case.e164), national]
            .into_iter()
            .flatten()
        {
            texts += 1;
            let e164 = read(&plan, text);
            if e164 != case.e164 {
                wrong.push(format!(
                    "{} {}: {text} is {e164}, not {}",
                    case.region, case.kind, case.e164
                ));
            }
        }
    }
    println!(
        "{texts} texts of {} regions read, {} differences in E.164",
        regions.len(),
        wrong.len()
    );
    assert_eq!(wrong, Vec::<String>::new());
    assert!(texts > 5000, "{texts}");
}

#[test]
fn numbers_exist_that_exist_for_google() {
    let mut numbers = 0;
    let mut wrong = Vec::new();
    for case in Case::all() {
        let Caller::Number(number) = case.plan().with_internal_max_digits(0).classify(case.e164)
        else {
            assert!(!case.is_valid, "{} is no number", case.e164);
            continue;
        };
        numbers += 1;
        if number.is_valid() != case.is_valid {
            wrong.push(format!("{} {}: {}", case.region, case.kind, case.e164));
        }
    }
    println!("{numbers} numbers, {} differences in validity", wrong.len());
    assert_eq!(wrong, Vec::<String>::new());
}
