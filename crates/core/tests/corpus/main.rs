//! Stored spellings of numbers with truth: which callers own them, and which must not be taken for
//! their owners.
//!
//! The corpus is generated: the same in every run. It is written from how people type, not from
//! what the matcher understands; a way of writing that the matcher misses stays in.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a broken set-up has to stop the test"
)]

mod countries;
mod number;
mod random;
mod typing;

use std::collections::BTreeMap;

use countries::{COUNTRIES, Country};
use number::{Mistake, Number};
use random::Random;
use whocalls_core::{Caller, MatchClass, MatchRules, NumberPlan, PhoneNumber};

const SEED: u64 = 20_260_101;
/// Stored fields for each country.
const FIELDS: usize = 800;
/// The share of owners that have to be found, in percent.
const MIN_RECALL: f64 = 99.9;

/// One stored field and the numbers in it.
struct Field {
    /// The region of the CRM's company, in which national numbers are read.
    region: &'static str,
    text: String,
    owners: Vec<Number>,
}

fn any_country(random: &mut Random) -> &'static Country {
    &COUNTRIES[random.below(COUNTRIES.len())]
}

/// A number in one of the ways in which a CRM of its own country, or of another one, has it.
fn typed(number: &Number, is_at_home: bool, random: &mut Random) -> String {
    let text = match random.below(100) {
        0..55 if is_at_home => typing::at_home(number, random),
        // Abroad, a number without `+` has at least its country code.
        55..60 => return number.digits(),
        60..65 => return typing::link(number, random),
        _ => typing::abroad(number, random),
    };
    typing::dressed(text, number, random)
}

fn field(country: &'static Country, random: &mut Random) -> Field {
    let mut owners = vec![Number::of(country, random)];
    let is_at_home = random.percent(75);
    let home = if is_at_home {
        country
    } else {
        any_country(random)
    };
    while owners.len() < 3 && random.percent(15) {
        let other = if random.percent(80) {
            home
        } else {
            any_country(random)
        };
        owners.push(Number::of(other, random));
    }
    if is_at_home && owners.len() == 1 && random.percent(5) {
        let text = typing::from_spreadsheet(&owners[0], random);
        return Field {
            region: home.region,
            text,
            owners,
        };
    }
    let texts: Vec<String> = owners
        .iter()
        .map(|owner| typed(owner, owner.country.region == home.region, random))
        .collect();
    let text = typing::joined(&texts, random);
    Field {
        region: home.region,
        text: typing::transcribed(text, random),
        owners,
    }
}

fn corpus() -> Vec<Field> {
    let mut random = Random::new(SEED);
    COUNTRIES
        .iter()
        .flat_map(|country| std::iter::repeat_n(country, FIELDS))
        .map(|country| field(country, &mut random))
        .collect()
}

fn plans(rules: MatchRules) -> BTreeMap<&'static str, NumberPlan> {
    let plan = |region| NumberPlan::new(region).unwrap().with_match_rules(rules);
    let regions = COUNTRIES.iter().map(|country| country.region);
    regions.map(|region| (region, plan(region))).collect()
}

/// The number that a telephone system says in these digits, if it says them.
fn asked(plan: &NumberPlan, digits: &str) -> Option<PhoneNumber> {
    match plan.classify(digits) {
        Caller::Number(number) => Some(number).filter(|number| number.digits() == digits),
        _ => None,
    }
}

fn is_owner(field: &Field, digits: &str) -> bool {
    field.owners.iter().any(|owner| owner.digits() == digits)
}

#[test]
fn owners_are_found_and_nobody_else() {
    let plans = plans(MatchRules::default());
    let mut random = Random::new(SEED + 1);
    let (mut owners, mut strangers) = (0, 0);
    let (mut missed, mut wrong) = (Vec::new(), Vec::new());
    let mut classes: BTreeMap<MatchClass, usize> = BTreeMap::new();
    for field in corpus() {
        let plan = &plans[field.region];
        for owner in &field.owners {
            owners += 1;
            let digits = owner.digits();
            let number = asked(plan, &digits).unwrap();
            match plan.match_stored(&field.text, &number) {
                Some(class) => *classes.entry(class).or_default() += 1,
                None => missed.push(format!("{} {:?} of {digits}", field.region, field.text)),
            }
            for (_, digits) in owner.neighbours(&mut random) {
                let Some(number) = asked(plan, &digits).filter(|_| !is_owner(&field, &digits))
                else {
                    continue;
                };
                strangers += 1;
                if let Some(class) = plan.match_stored(&field.text, &number) {
                    wrong.push(format!(
                        "{} {:?} is {class:?} of {digits}",
                        field.region, field.text
                    ));
                }
            }
        }
    }
    let recall = percent(owners - missed.len(), owners);
    println!(
        "{} countries: {recall:.3} % of {owners} owners found ({classes:?}), {} of {strangers} strangers taken for owners",
        COUNTRIES.len(),
        wrong.len()
    );
    for line in missed.iter().chain(&wrong).take(40) {
        println!("{line}");
    }
    assert!(recall >= MIN_RECALL);
    assert_eq!(wrong.len(), 0);
}

#[test]
fn a_mistyped_number_is_somebody_elses() {
    let plans = plans(MatchRules::default());
    let mut random = Random::new(SEED + 2);
    let mut wrong = Vec::new();
    for country in &COUNTRIES {
        for _ in 0..FIELDS {
            let owner = Number::of(country, &mut random);
            let mistyped = owner.mistyped(&mut random);
            if mistyped.digits() == owner.digits() {
                continue;
            }
            let text = typed(&mistyped, true, &mut random);
            let plan = &plans[country.region];
            let number = asked(plan, &owner.digits()).unwrap();
            if let Some(class) = plan.match_stored(&text, &number) {
                wrong.push(format!(
                    "{} {text:?} is {class:?} of {}",
                    country.region,
                    owner.digits()
                ));
            }
        }
    }
    println!(
        "{} of {} mistyped numbers taken for the right ones",
        wrong.len(),
        COUNTRIES.len() * FIELDS
    );
    assert_eq!(wrong, Vec::<String>::new());
}

/// Even where parts of numbers count.
#[test]
fn another_area_or_country_never_matches() {
    let plans = plans(MatchRules {
        suffix_min_digits: Some(MatchRules::MIN_SUFFIX_DIGITS),
        switchboard_max_digits: Some(2),
    });
    let mut random = Random::new(SEED + 3);
    let mut strangers = 0;
    for field in corpus() {
        let plan = &plans[field.region];
        for owner in &field.owners {
            let neighbours = owner.neighbours(&mut random).into_iter();
            for (mistake, digits) in neighbours.filter(|(mistake, _)| *mistake != Mistake::Digits) {
                let Some(number) = asked(plan, &digits).filter(|_| !is_owner(&field, &digits))
                else {
                    continue;
                };
                strangers += 1;
                let class = plan.match_stored_of_company(&field.text, &number);
                assert_eq!(
                    class, None,
                    "{mistake:?} {} {:?} {digits}",
                    field.region, field.text
                );
            }
        }
    }
    assert!(strangers > 10_000, "{strangers}");
}

/// A number of another country without its country is found unless it is also one of the default region, and
/// then nobody can tell.
#[test]
fn numbers_that_lack_their_country_are_found_mostly() {
    let plans = plans(MatchRules::default());
    let mut random = Random::new(SEED + 4);
    let (mut found, mut all) = (0, 0);
    for country in &COUNTRIES {
        for _ in 0..FIELDS / 4 {
            let owner = Number::of(country, &mut random);
            let text = typing::at_home(&owner, &mut random);
            let home = any_country(&mut random);
            // What is dialled before an American number is its country code.
            if home.region == country.region || country.trunk == country.code {
                continue;
            }
            all += 1;
            let plan = &plans[home.region];
            let number = asked(plan, &owner.digits()).unwrap();
            if let Some(class) = plan.match_stored(&text, &number) {
                assert_eq!(class, MatchClass::National, "{} {text:?}", home.region);
                found += 1;
            }
        }
    }
    println!(
        "{:.1} % of {all} numbers without their country found",
        percent(found, all)
    );
    assert!(2 * found > all, "{found} of {all}");
}

fn percent(part: usize, whole: usize) -> f64 {
    let as_float = |count: usize| f64::from(u32::try_from(count).unwrap());
    100.0 * as_float(part) / as_float(whole)
}
