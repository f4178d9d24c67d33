//! The laws of merging and ranking.
#![expect(
    clippy::unwrap_used,
    reason = "a broken test set-up has to fail the test"
)]

use std::collections::BTreeMap;

use proptest::{prelude::*, sample::select};
use whocalls_core::{AdapterId, ContactRecord, CustomField, Match, MatchClass, RecordKind};
use whocalls_engine::{Contact, MergeMode, SourceMatches, merge, rank};

fn record(source: &str, id: &str, name: &str, company: Option<&str>) -> ContactRecord {
    let source = AdapterId::new(source).unwrap();
    let mut record = ContactRecord::new(source, id, RecordKind::Contact, name.to_owned());
    record.company = company.map(str::to_owned);
    record
}

fn sources(records: Vec<ContactRecord>) -> Vec<SourceMatches> {
    let mut by_source: BTreeMap<AdapterId, Vec<Match>> = BTreeMap::new();
    for record in records {
        let found = Match {
            class: MatchClass::Exact,
            record,
        };
        by_source
            .entry(found.record.source.clone())
            .or_default()
            .push(found);
    }
    let priority = |source: &AdapterId| if source.as_str() == "sugar" { 10 } else { 20 };
    let each = by_source.into_iter();
    each.map(|(source, matches)| SourceMatches {
        priority: priority(&source),
        source,
        matches,
    })
    .collect()
}

fn ids(mode: MergeMode, records: Vec<ContactRecord>) -> Vec<String> {
    let mut contacts = merge(mode, sources(records));
    rank(&mut contacts);
    contacts
        .iter()
        .map(|contact| contact.id().to_string())
        .collect()
}

#[test]
fn the_same_person_is_recognised_by_name_and_company() {
    let person = |a: (&str, Option<&str>), b: (&str, Option<&str>)| {
        ids(
            MergeMode::Person,
            vec![record("sugar", "1", a.0, a.1), record("hub", "2", b.0, b.1)],
        )
        .len()
            == 1
    };
    let keller = ("Mia Keller", Some("Keller AG"));
    assert!(person(keller, ("mia  KELLER", Some("Keller AG."))));
    assert!(person(("Zoé Favre", Some("X")), ("Zoe Favre", Some("x"))));
    assert!(
        person(keller, ("Mia Keller", None)),
        "one of them lacks the company"
    );
    assert!(!person(keller, ("Mia Keller", Some("Meier SA"))));
    assert!(
        !person(keller, ("Max Keller", Some("Keller AG"))),
        "a colleague"
    );
    assert!(!person(("", None), ("", None)), "no name is no evidence");
}

#[test]
fn a_person_without_company_joins_nobody_when_two_could_be_meant() {
    let records = vec![
        record("sugar", "1", "Mia Keller", Some("Keller AG")),
        record("hub", "2", "Mia Keller", Some("Meier SA")),
        record("erp", "3", "Mia Keller", None),
    ];
    assert_eq!(ids(MergeMode::Person, records).len(), 3);
}

#[test]
fn a_company_and_a_person_of_the_same_name_stay_apart() {
    let mut company = record("hub", "2", "Mia Keller", None);
    company.kind = RecordKind::Company;
    assert_eq!(
        ids(
            MergeMode::Person,
            vec![record("sugar", "1", "Mia Keller", None), company]
        )
        .len(),
        2
    );
}

#[test]
fn the_modes_differ() {
    let records = || {
        vec![
            record("sugar", "1", "Mia Keller", None),
            record("sugar", "1", "Mia Keller", None),
            record("hub", "2", "Mia Keller", None),
        ]
    };
    assert_eq!(ids(MergeMode::Person, records()), ["sugar:1,hub:2"]);
    assert_eq!(ids(MergeMode::Record, records()), ["sugar:1", "hub:2"]);
    assert_eq!(
        ids(MergeMode::Off, records()),
        ["sugar:1", "sugar:1", "hub:2"]
    );
}

#[test]
fn the_adapter_with_priority_decides_each_field_and_the_others_fill_gaps() {
    let title = |text: &str| CustomField {
        title: "Title".to_owned(),
        text: text.to_owned(),
    };
    let mut first = record("sugar", "1", "Mia Keller", None);
    first.custom = vec![title("CEO")];
    let mut second = record("hub", "2", "MIA KELLER", Some("Keller AG"));
    second.contact_uri = Some("https://hub.example/2".to_owned());
    second.custom = vec![title("Boss")];
    let merged = merge(MergeMode::Person, sources(vec![second, first]));
    let [contact] = merged.as_slice() else {
        panic!("one contact: {merged:?}");
    };
    assert_eq!(contact.name, "Mia Keller");
    assert_eq!(contact.company.as_deref(), Some("Keller AG"));
    assert_eq!(
        contact.contact_uri.as_deref(),
        Some("https://hub.example/2")
    );
    assert_eq!(contact.custom, [title("CEO")]);
}

#[test]
fn better_matches_and_persons_come_first() {
    let mut lead = record("sugar", "1", "A", None);
    lead.kind = RecordKind::Lead;
    let mut company = record("sugar", "2", "B", None);
    company.kind = RecordKind::Company;
    let person = record("hub", "3", "C", None);
    assert_eq!(
        ids(MergeMode::Person, vec![company, lead, person]),
        ["hub:3", "sugar:1", "sugar:2"]
    );
}

prop_compose! {
    fn any_record()(
        source in select(vec!["sugar", "hub", "erp"]),
        id in 0..6_u8,
        name in select(vec!["Mia Keller", "mia keller", "Zoé", "", "Max"]),
        company in select(vec![None, Some("Keller AG"), Some("X")]),
        is_company in any::<bool>(),
        class in select(vec![MatchClass::Exact, MatchClass::National]),
    ) -> Match {
        let mut record = record(source, &id.to_string(), name, company);
        if is_company {
            record.kind = RecordKind::Company;
        }
        Match { record, class }
    }
}

fn contacts(matches: Vec<Match>) -> Vec<Contact> {
    let each = matches.into_iter().map(|found| SourceMatches {
        source: found.record.source.clone(),
        priority: 10,
        matches: vec![found],
    });
    let mut contacts = merge(MergeMode::Person, each.collect());
    rank(&mut contacts);
    contacts
}

/// Drops repetitions of a record: which of two different contents of one record wins is decided
/// by its match and date, and not the subject here.
fn distinct(matches: Vec<Match>) -> Vec<Match> {
    let mut seen = std::collections::HashSet::new();
    let is_new = |m: &Match| (m.record.source.clone(), m.record.id.clone());
    matches
        .into_iter()
        .filter(|m| seen.insert(is_new(m)))
        .collect()
}

proptest! {
    #[test]
    fn the_order_of_arrival_does_not_matter(
        (matches, shuffled) in prop::collection::vec(any_record(), 0..12)
            .prop_map(distinct)
            .prop_flat_map(|matches| (Just(matches.clone()), Just(matches).prop_shuffle()))
    ) {
        prop_assert_eq!(contacts(matches), contacts(shuffled));
    }

    #[test]
    fn every_record_is_in_exactly_one_contact(matches in prop::collection::vec(any_record(), 0..12)) {
        let mut expected: Vec<_> = distinct(matches.clone())
            .into_iter()
            .map(|m| (m.record.source, m.record.id))
            .collect();
        let merged = contacts(matches);
        let mut found: Vec<_> = merged
            .iter()
            .flat_map(|contact| &contact.members)
            .map(|member| (member.source.clone(), member.record_id.clone()))
            .collect();
        expected.sort();
        found.sort();
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn a_contact_is_as_good_as_its_best_record(matches in prop::collection::vec(any_record(), 0..12)) {
        for contact in contacts(matches) {
            let best = contact.members.iter().map(|member| member.class).min();
            prop_assert_eq!(Some(contact.class), best);
        }
    }
}
