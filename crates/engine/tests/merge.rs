//! The laws of merging and ranking.
#![expect(
    clippy::unwrap_used,
    reason = "a broken test set-up has to fail the test"
)]

use std::collections::BTreeMap;

use proptest::{prelude::*, sample::select};
use whocalls_core::{AdapterId, ContactRecord, CustomField, Match, MatchClass, RecordKind};
use whocalls_engine::{
    Asked, Contact, MergeMode, MergeSettings, Profile, SourceMatches, compare, merge as merge_with,
    rank,
};

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

/// The contacts of records that own a fixed line.
fn merge(mode: MergeMode, sources: &[SourceMatches]) -> Vec<Contact> {
    let settings = MergeSettings {
        mode,
        ..MergeSettings::default()
    };
    merge_with(settings, Asked::default(), sources)
}

fn ids(mode: MergeMode, records: Vec<ContactRecord>) -> Vec<String> {
    let mut contacts = merge(mode, &sources(records));
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
    let merged = merge(MergeMode::Person, &sources(vec![second, first]));
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

fn company(source: &str, id: &str, name: &str) -> ContactRecord {
    let mut company = record(source, id, name, None);
    company.kind = RecordKind::Company;
    company.contact_uri = Some(format!("https://{source}.example/companies/{id}"));
    company
}

#[test]
fn a_company_that_says_no_more_goes_into_the_contact_of_its_only_person() {
    let person = record("sugar", "1", "Mia Keller", Some("Keller AG"));
    let records = || vec![company("hub", "9", "Keller"), person.clone()];
    let merged = merge(MergeMode::Person, &sources(records()));
    let [contact] = merged.as_slice() else {
        panic!("one contact: {merged:?}");
    };
    assert_eq!(contact.id().to_string(), "sugar:1,hub:9");
    assert_eq!(contact.kind, RecordKind::Contact);
    assert_eq!(contact.company.as_deref(), Some("Keller AG"));
    let page = Some("https://hub.example/companies/9");
    assert_eq!(contact.company_uri.as_deref(), page);
    assert_eq!(contact.contact_uri, None, "the company's page is not hers");
    assert_eq!(ids(MergeMode::Record, records()).len(), 2);
}

#[test]
fn a_company_stays_when_it_says_more_or_is_that_of_several_people() {
    let mia = record("sugar", "1", "Mia Keller", Some("Keller AG"));
    let max = record("sugar", "2", "Max Weber", Some("Keller AG"));
    let mut telling = company("hub", "9", "Keller AG");
    telling.custom = vec![CustomField {
        title: "Contract".to_owned(),
        text: "Gold".to_owned(),
    }];
    for records in [
        vec![mia.clone(), telling],
        vec![mia.clone(), company("hub", "9", "Meier SA")],
    ] {
        assert_eq!(ids(MergeMode::Person, records).len(), 2);
    }
    let records = vec![mia, max, company("hub", "9", "Keller AG")];
    assert_eq!(ids(MergeMode::Person, records).len(), 3);
}

#[test]
fn no_third_record_brings_two_people_together() {
    let mut mia = record("sugar", "1", "Mia Keller", Some("Keller AG"));
    mia.emails = vec!["keller@example.ch".to_owned()];
    let mut max = record("hub", "2", "Max Keller", Some("Keller AG"));
    max.emails = vec!["keller@example.ch".to_owned()];
    let mut nameless = record("erp", "3", "", None);
    nameless.emails = vec!["keller@example.ch".to_owned()];
    let initial = record("erp", "4", "M. Keller", Some("Keller AG"));
    let all = vec![mia.clone(), max, nameless.clone(), initial];
    assert_eq!(ids(MergeMode::Person, all).len(), 4);
    let alone = ids(MergeMode::Person, vec![mia, nameless]);
    assert_eq!(alone, ["sugar:1,erp:3"]);
}

#[test]
fn the_contact_is_called_by_the_first_full_name() {
    let records = vec![
        record("sugar", "1", "M. Keller", Some("Keller AG")),
        record("hub", "2", "Mia Keller", Some("Keller AG")),
    ];
    let merged = merge(MergeMode::Person, &sources(records));
    assert_eq!(merged.len(), 1, "{merged:?}");
    assert_eq!(merged[0].name, "Mia Keller");
    assert_eq!(merged[0].id().to_string(), "sugar:1,hub:2");
}

#[test]
fn a_higher_threshold_merges_less() {
    let records = || {
        vec![
            record("sugar", "1", "Josef Huber", None),
            record("hub", "2", "Sepp Huber", None),
        ]
    };
    let count = |threshold| {
        let settings = MergeSettings {
            mode: MergeMode::Person,
            threshold,
        };
        merge_with(settings, Asked::default(), &sources(records())).len()
    };
    assert_eq!((count(7), count(8)), (1, 2));
}

prop_compose! {
    fn any_record()(
        source in select(vec!["sugar", "hub", "erp"]),
        id in 0..6_u8,
        name in select(vec![
            "Mia Keller", "mia keller", "Keller, Mia", "M. Keller", "Max Keller", "Keller", "Zoé",
            "", "Max", "Mia Keller-Weber", "Mia Weber", "Keller AG", "X", "Familie Keller",
            "Max Keller jun.", "Maximilian Keller",
        ]),
        company in select(vec![None, Some("Keller AG"), Some("Keller"), Some("X")]),
        email in select(vec![None, Some("mia@example.ch"), Some("info@keller.example")]),
        kind in select(vec![RecordKind::Contact, RecordKind::Lead, RecordKind::Company]),
        class in select(vec![MatchClass::Exact, MatchClass::National]),
        modified_at in select(vec![None, Some(1), Some(2)]),
        uri in any::<bool>(),
    ) -> Match {
        let mut record = record(source, &id.to_string(), name, company);
        record.kind = kind;
        record.emails = email.map(str::to_owned).into_iter().collect();
        record.modified_at = modified_at.map(second);
        record.contact_uri = uri.then(|| format!("https://{source}.example/{id}"));
        Match { record, class }
    }
}

fn second(second: i64) -> jiff::Timestamp {
    jiff::Timestamp::from_second(second).unwrap()
}

fn contacts_of(mode: MergeMode, matches: Vec<Match>) -> Vec<Contact> {
    let each = matches.into_iter().map(|found| SourceMatches {
        source: found.record.source.clone(),
        priority: if found.record.source.as_str() == "erp" {
            20
        } else {
            10
        },
        matches: vec![found],
    });
    let mut contacts = merge(mode, &each.collect::<Vec<_>>());
    rank(&mut contacts);
    contacts
}

fn contacts(matches: Vec<Match>) -> Vec<Contact> {
    contacts_of(MergeMode::Person, matches)
}

fn records_of(contact: &Contact) -> Vec<(AdapterId, String)> {
    let members = contact.members.iter();
    members
        .map(|member| (member.source.clone(), member.record_id.clone()))
        .collect()
}

fn any_mode() -> impl Strategy<Value = MergeMode> {
    select(vec![MergeMode::Person, MergeMode::Record, MergeMode::Off])
}

/// Records that all differ in source or id.
fn distinct(matches: Vec<Match>) -> Vec<Match> {
    let mut seen = std::collections::HashSet::new();
    let is_new = |m: &Match| (m.record.source.clone(), m.record.id.clone());
    matches
        .into_iter()
        .filter(|m| seen.insert(is_new(m)))
        .collect()
}

proptest! {
    /// Also when two answers contain different readings of one record.
    #[test]
    fn the_order_of_arrival_does_not_matter(
        mode in any_mode(),
        (matches, shuffled) in prop::collection::vec(any_record(), 0..14)
            .prop_flat_map(|matches| (Just(matches.clone()), Just(matches).prop_shuffle()))
    ) {
        prop_assert_eq!(contacts_of(mode, matches), contacts_of(mode, shuffled));
    }

    #[test]
    fn every_record_is_in_exactly_one_contact(
        mode in select(vec![MergeMode::Person, MergeMode::Record]),
        matches in prop::collection::vec(any_record(), 0..14),
    ) {
        let mut expected: Vec<_> = distinct(matches.clone())
            .into_iter()
            .map(|m| (m.record.source, m.record.id))
            .collect();
        let contacts = contacts_of(mode, matches);
        let mut found: Vec<_> = contacts.iter().flat_map(records_of).collect();
        expected.sort();
        found.sort();
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn merging_is_idempotent(
        mode in select(vec![MergeMode::Person, MergeMode::Record]),
        matches in prop::collection::vec(any_record(), 0..14),
    ) {
        let once = contacts_of(mode, matches.clone());
        let repeated = [matches.clone(), matches].concat();
        prop_assert_eq!(contacts_of(mode, repeated), once);
    }

    /// Switched off, merging neither loses nor doubles a record.
    #[test]
    fn without_merging_every_record_is_a_contact(matches in prop::collection::vec(any_record(), 0..14)) {
        let contacts = contacts_of(MergeMode::Off, matches.clone());
        prop_assert!(contacts.iter().all(|contact| contact.members.len() == 1));
        prop_assert_eq!(contacts.len(), matches.len());
    }

    /// The records of a contact are that contact by themselves, too.
    #[test]
    fn a_contact_does_not_depend_on_the_others(matches in prop::collection::vec(any_record(), 0..14)) {
        let matches = distinct(matches);
        for contact in contacts(matches.clone()) {
            let records = records_of(&contact);
            let is_its = |m: &Match| records.contains(&(m.record.source.clone(), m.record.id.clone()));
            let its: Vec<Match> = matches.iter().filter(|m| is_its(m)).cloned().collect();
            prop_assert_eq!(contacts(its), vec![contact]);
        }
    }

    #[test]
    fn people_and_companies_are_one_only_where_a_company_is_folded_in(
        matches in prop::collection::vec(any_record(), 0..14)
    ) {
        for contact in contacts(matches) {
            let kinds: Vec<_> = contact.members.iter().map(|member| member.kind).collect();
            let first_company = kinds.iter().position(|kind| *kind == RecordKind::Company);
            let people_first = first_company.is_none_or(|first| {
                kinds.iter().skip(first).all(|kind| *kind == RecordKind::Company)
            });
            prop_assert!(people_first, "{:?}", kinds);
        }
    }

    #[test]
    fn ranking_is_total_and_stable(matches in prop::collection::vec(any_record(), 0..14)) {
        let ranked = contacts(distinct(matches));
        let mut reversed: Vec<_> = ranked.iter().rev().cloned().collect();
        rank(&mut reversed);
        prop_assert_eq!(&reversed, &ranked);
        let order = |contact: &Contact| (contact.class, contact.kind);
        prop_assert!(ranked.is_sorted_by_key(order));
    }

    #[test]
    fn a_contact_is_as_good_as_its_best_record(matches in prop::collection::vec(any_record(), 0..14)) {
        for contact in contacts(matches) {
            let best = contact.members.iter().map(|member| member.class).min();
            prop_assert_eq!(Some(contact.class), best);
        }
    }

    #[test]
    fn no_text_makes_it_panic(names in prop::collection::vec(".{0,30}", 0..6), email in ".{0,20}") {
        let records = (0..).zip(names).map(|(id, name): (u8, String)| {
            let mut record = record("sugar", &id.to_string(), &name, Some(&name));
            record.emails = vec![email.clone()];
            record.phones = vec![name];
            record
        });
        merge(MergeMode::Person, &sources(records.collect()));
    }
}

fn any_name() -> impl Strategy<Value = String> {
    let word = select(vec![
        "Mia",
        "Max",
        "Maximilian",
        "Keller",
        "Kellner",
        "Weber",
        "von",
        "De",
        "Luca",
        "DeLuca",
        "Hans",
        "Peter",
        "Hanspeter",
        "M.",
        "jun.",
        "Dr.",
        "Familie",
        "und",
        "Zoé",
        "Müller",
        "Mueller",
        "Thomas",
        "Martin",
        "Dragan",
        "Dragana",
        "Щербаков",
    ]);
    let separator = select(vec![" ", " ", " ", ", ", "-"]);
    prop::collection::vec((word, separator), 0..5).prop_map(|words| {
        words
            .iter()
            .flat_map(|(word, then)| [*word, *then])
            .collect()
    })
}

proptest! {
    #[test]
    fn comparing_is_symmetric(
        names in (any_name(), any_name()),
        companies in (any_name(), any_name()),
        is_company in any::<bool>(),
        is_personal in any::<bool>(),
    ) {
        let mut a = record("sugar", "1", &names.0, Some(&companies.0));
        let mut b = record("hub", "2", &names.1, Some(&companies.1));
        if is_company {
            (a.kind, b.kind) = (RecordKind::Company, RecordKind::Company);
        }
        let mut asked = Asked::default();
        asked.is_personal = is_personal;
        let profile = |record| Profile::of(record, MatchClass::Exact, asked);
        prop_assert_eq!(compare(&profile(&a), &profile(&b)), compare(&profile(&b), &profile(&a)));
    }
}
