//! What the simulated CRM holds.

use std::collections::BTreeMap;

use minijinja::{Value, context};
use whocalls_core::Caller;
use whocalls_testkit::{contacts::SeedContact, number_plan};

use crate::{fixture::Fixture, render};

/// Mia Keller, who owns the known number.
const KNOWN: u32 = 13;

/// The contacts as this CRM stores them.
pub(crate) fn contacts(fixture: &Fixture, seeds: &[SeedContact]) -> Vec<Value> {
    seeds.iter().map(|seed| contact(fixture, seed)).collect()
}

fn contact(fixture: &Fixture, seed: &SeedContact) -> Value {
    let turn = seed.id as usize;
    let mobile = written(fixture, &seed.mobile, turn);
    let work = written(fixture, &seed.work, turn);
    let numbers = [mobile.clone(), work.clone()].into_iter();
    let phones: Vec<String> = numbers.filter(|number| !number.is_empty()).collect();
    let module = match fixture.modules.as_slice() {
        [] => "",
        [first, ..] if seed.id == KNOWN => first,
        modules => &modules[turn % modules.len()],
    };
    context! {
        id => seed.id,
        first_name => &seed.first_name,
        last_name => &seed.last_name,
        name => format!("{} {}", seed.first_name, seed.last_name),
        company => &seed.company,
        company_id => seed.company_id,
        email => &seed.email,
        job_title => &seed.job_title,
        mobile,
        work,
        phones,
        module,
    }
}

/// A number in one of the spellings of this CRM.
fn written(fixture: &Fixture, typed: &str, turn: usize) -> String {
    if typed.is_empty() || fixture.stored.is_empty() {
        return typed.to_owned();
    }
    let Caller::Number(number) = number_plan().classify(typed) else {
        return typed.to_owned();
    };
    let source = &fixture.stored[turn % fixture.stored.len()];
    let forms = context! {
        e164 => number.e164(),
        digits => number.digits(),
        national => number.national(),
        national_digits => number.national_digits(),
        nsn => number.national_significant(),
        international => number.international(),
        intl00 => format!("00{}", number.digits()),
        spellings => number.spellings(),
    };
    render::expression(source, &context! { number => forms })
}

/// The companies of these contacts.
pub(crate) fn companies(seeds: &[SeedContact]) -> Vec<Value> {
    let companies: BTreeMap<u32, &str> = seeds
        .iter()
        .filter(|seed| seed.company_id > 0)
        .map(|seed| (seed.company_id, seed.company.as_str()))
        .collect();
    companies
        .into_iter()
        .map(|(id, name)| context! { id => id, name => name })
        .collect()
}
