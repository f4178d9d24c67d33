use whocalls_core::{CustomFields, LookupAnswer, MatchClass};

use super::*;
use crate::{
    contact::Contact,
    testing::{adapter, plan, query, records},
};

fn contact(person: &str, phones: &[&str]) -> Contact {
    Contact {
        person: person.to_owned(),
        phones: phones.iter().map(|phone| (*phone).to_owned()).collect(),
        ..Contact::default()
    }
}

fn book(contacts: &[Contact]) -> Book {
    let plan = plan();
    let mut builder = BookBuilder::new(&plan, &CustomFields::default(), 0);
    for contact in contacts {
        builder.add(1, contact);
    }
    builder.build()
}

#[test]
fn a_contact_comes_back_as_it_went_in() {
    let custom: Vec<(String, String)> = (0..CustomFields::MAX)
        .map(|n| (format!("Title {n}"), format!("Column {n}")))
        .collect();
    let fields: CustomFields = custom.into_iter().collect();
    let plan = plan();
    let mut builder = BookBuilder::new(&plan, &fields, 0);
    let mut full = contact("Mia Keller", &["079 123 45 67", "044 555 01 23"]);
    full.id = "7".to_owned();
    full.company = "Muster AG".to_owned();
    full.emails = vec!["a@example.ch".to_owned(), "b@example.ch".to_owned()];
    full.custom = (0..CustomFields::MAX)
        .map(|n| {
            if n == 3 {
                String::new()
            } else {
                format!("text {n}")
            }
        })
        .collect();
    builder.add(1, &full);
    builder.add(2, &contact("Ueli", &["079 765 43 21"]));
    let found = records(&builder.build());
    let mia = &found[0];
    assert_eq!((mia.id.as_str(), mia.name.as_str()), ("7", "Mia Keller"));
    assert_eq!(mia.company.as_deref(), Some("Muster AG"));
    assert_eq!(mia.phones, full.phones);
    assert_eq!(mia.emails, full.emails);
    let expected: Vec<_> = (0..CustomFields::MAX)
        .filter(|n| *n != 3)
        .map(|n| CustomField {
            title: format!("Title {n}"),
            text: format!("text {n}"),
        })
        .collect();
    assert_eq!(mia.custom, expected);
    assert_eq!((found[1].name.as_str(), found[1].phones.len()), ("Ueli", 1));
}

#[test]
fn control_characters_cannot_break_out_of_a_field() {
    let found = records(&book(&[contact(
        "Mia\u{1f}tx\u{0}",
        &["079 123\u{1f}45 67", "044 555 01 23\n079"],
    )]));
    assert_eq!(found[0].name, "Mia tx ");
    assert_eq!(found[0].phones, ["079 123 45 67", "044 555 01 23\n079"]);
}

#[test]
fn texts_without_a_number_are_no_numbers() {
    let book = book(&[contact("Mia", &["079 123 45 67", "siehe Büro", "-"])]);
    assert_eq!(records(&book)[0].phones, ["079 123 45 67"]);
    assert_eq!(book.numbers(), 1);
}

/// Everybody of a company has its number; those without an extension are looked at first.
#[test]
fn a_switchboard_number_yields_few_candidates_and_the_best_first() {
    let mut contacts: Vec<Contact> = (0..1000)
        .map(|n| {
            contact(
                &format!("Person {n}"),
                &[&format!("044 555 01 00 ext. {n}")],
            )
        })
        .collect();
    contacts.push(contact("Reception", &["044 555 01 00"]));
    let book = book(&contacts);
    let (query, adapter) = (query("41445550100"), adapter());
    let names: Vec<_> = book
        .candidates(&query, MatchRules::default(), &adapter)
        .map(|record| record.name)
        .collect();
    assert_eq!(names.len(), 256);
    assert_eq!(names[..2], ["Reception", "Person 0"]);
}

#[test]
fn a_number_with_a_short_national_part_is_found_behind_any_prefix() {
    let book = book(&[
        contact("National", &["0921 123"]),
        contact("International", &["+49 921123"]),
        contact("Zero", &["+49 (0) 921123"]),
        contact("Other", &["+49 921124"]),
    ]);
    let (query, adapter) = (query("49921123"), adapter());
    let names: Vec<_> = book
        .candidates(&query, MatchRules::default(), &adapter)
        .map(|record| record.name)
        .collect();
    assert_eq!(names, ["National", "International", "Zero"]);
}

#[test]
fn the_block_of_a_number_is_looked_into_only_where_switchboards_count() {
    let company = |name: &str, phone: &str| Contact {
        company: name.to_owned(),
        ..contact("", &[phone])
    };
    let book = book(&[
        company("Muster AG", "044 555 01 00"),
        company("Nachbar AG", "044 555 02 00"),
        contact("Local", &["555 01 23"]),
    ]);
    let found = |rules: MatchRules| -> Vec<_> {
        let plan = plan().with_match_rules(rules);
        let (query, adapter) = (query("41445550123"), adapter());
        let candidates = book.candidates(&query, rules, &adapter);
        let answer = LookupAnswer::verified(candidates, &query, &plan);
        let matches = answer.into_matches().into_iter();
        matches
            .map(|found| (found.record.name, found.class))
            .collect()
    };
    assert_eq!(found(MatchRules::default()), []);
    let weak = MatchRules {
        suffix_min_digits: Some(7),
        switchboard_max_digits: Some(2),
    };
    let expected = [
        ("Local".to_owned(), MatchClass::Suffix),
        ("Muster AG".to_owned(), MatchClass::Switchboard),
    ];
    assert_eq!(found(weak), expected);
}
