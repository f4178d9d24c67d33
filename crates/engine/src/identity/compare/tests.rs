//! What the comparison says about people and companies as CRMs write them.

use whocalls_core::{AdapterId, ContactRecord, MatchClass, RecordKind};

use crate::{
    MergeSettings,
    identity::{Asked, Clue, Evidence, Profile, compare},
};

/// A record in short: `Mia Keller | Keller AG | mia@example.ch | 044 555 01 02`.
fn record(text: &str) -> ContactRecord {
    let mut fields = text.split('|').map(str::trim);
    let mut next = || fields.next().unwrap_or_default().to_owned();
    let source = AdapterId::new("crm").unwrap();
    let mut record = ContactRecord::new(source, text, RecordKind::Contact, next());
    record.company = Some(next()).filter(|company| !company.is_empty());
    record.emails = Some(next())
        .into_iter()
        .filter(|it| !it.is_empty())
        .collect();
    record.phones = Some(next())
        .into_iter()
        .filter(|it| !it.is_empty())
        .collect();
    record
}

fn evidence_at(is_personal: bool, a: &str, b: &str, kind: RecordKind) -> Evidence {
    let (mut a, mut b) = (record(a), record(b));
    (a.kind, b.kind) = (kind, kind);
    b.id.push('2');
    let mut asked = Asked::default();
    asked.is_personal = is_personal;
    let profile = |record| Profile::of(record, MatchClass::Exact, asked);
    let (a, b) = (profile(&a), profile(&b));
    assert_eq!(compare(&a, &b), compare(&b, &a), "symmetric");
    compare(&a, &b)
}

fn evidence(a: &str, b: &str) -> Evidence {
    evidence_at(false, a, b, RecordKind::Contact)
}

fn is_same(evidence: Evidence) -> bool {
    evidence.points() >= i16::from(MergeSettings::DEFAULT_THRESHOLD)
}

#[test]
fn one_person_in_many_spellings() {
    for (a, b) in [
        ("Mia Keller", "mia  KELLER"),
        ("Mia Keller", "Keller, Mia"),
        ("Mia Keller", "Keller Mia"),
        ("Mia Keller", "Frau Dr. med. Mia Keller"),
        ("Mia Keller", "Mia Keller, MBA"),
        ("Mia Keller", "Mia Keller (privat)"),
        ("Jürg Müller", "Juerg Mueller"),
        ("Jürg Müller", "Jurg Muller"),
        ("Zoé Favre", "Zoe Favre"),
        ("Щербаков Юрий", "Shcherbakov Iurii"),
        ("Urs von Arx", "Urs Arx"),
        ("Urs von Arx", "von Arx, Urs"),
        ("Chiara De Luca", "Chiara Deluca"),
        ("Hans-Peter Weber", "Hanspeter Weber"),
        ("Anna Keller", "Anna Keller-Meier"),
        ("Anna Maria Keller", "Anna Keller"),
        ("Keller Anna Maria", "Anna Keller"),
        ("Keller Meier Anna Maria", "Anna Keller"),
        ("Sepp Huber", "Josef Huber"),
        ("Bill Smith", "William Smith"),
        ("Beppe Rossi", "Giuseppe Rossi"),
        ("Mia Keller", "Mia Kelller"),
        ("Thomas Schneider", "Thomas Schnieder"),
        ("Ulrich Meier", "Ueli Meyer"),
        (
            "M. Keller | | m.keller@example.ch",
            "Mia Keller | | m.keller@example.ch",
        ),
        (
            "Mia Keller | | mia@example.ch",
            "Mia Weber | | mia@example.ch",
        ),
        ("Mia Weber | | mia.keller@example.ch", "Mia Keller"),
        (
            "Chiara Weber | | chiara.deluca@example.ch",
            "De Luca, Chiara",
        ),
        (
            "Mia Keller | Keller AG",
            "Mia Keller | Keller (Schweiz) GmbH",
        ),
        (
            "Mia Keller | Alpha AG | mia@alpha.example",
            "Mia Keller | Beta | info@alpha.example",
        ),
    ] {
        assert!(is_same(evidence(a, b)), "{a} / {b}: {}", evidence(a, b));
    }
}

#[test]
fn people_who_share_a_number() {
    for (a, b) in [
        ("Mia Keller", "Max Keller"),
        ("Mia Keller | Keller AG", "Max Keller | Keller AG"),
        (
            "Mia Keller | | keller@example.ch",
            "Max Keller | | keller@example.ch",
        ),
        ("Mia Weber | | max.keller@example.ch", "Mia Keller"),
        ("Max Keller | | mia.keller@example.ch", "Mia Keller"),
        ("Mia Weber | | mia@keller.example", "Mia Keller"),
        ("Mia Weber | | m.keller@example.ch", "M. Keller"),
        (
            "Mia Weber | Alpha AG | mia.keller@example.ch",
            "Mia Keller | Beta SA",
        ),
        ("Hans Müller sen.", "Hans Müller jun."),
        ("Hans Müller", "Hans Müller jun."),
        ("Daniel Weber", "Daniela Weber"),
        ("Andrea Rossi", "Andreas Rossi"),
        ("Herr Keller", "Frau Keller"),
        ("Familie Keller", "Mia Keller"),
        ("Mia und Max Keller", "Mia Keller"),
        ("Mia Keller | Keller AG", "Mia Keller | Meier SA"),
        ("Mia Keller | Keller AG", "Mia Weber | Keller AG"),
        (
            "Thomas Meier | Alpha AG | thomas.meier@alpha.example",
            "Thomas Meier | Alpha AG | thomas.meier2@alpha.example",
        ),
        ("M. Keller", "Mia Keller"),
        ("Keller", "Mia Keller"),
        (
            "Empfang | Keller AG | info@keller.example",
            "Mia Keller | Keller AG | info@keller.example",
        ),
        ("", ""),
    ] {
        assert!(!is_same(evidence(a, b)), "{a} / {b}: {}", evidence(a, b));
    }
}

#[test]
fn a_personal_number_makes_up_for_what_is_unsure() {
    for (a, b) in [
        ("M. Keller", "Mia Keller"),
        ("Mia Keller | Keller AG", "Mia Keller | Meier SA"),
        ("Dragna Kovač", "Dragana Kovac"),
    ] {
        let mobile = evidence_at(true, a, b, RecordKind::Contact);
        assert!(is_same(mobile), "{a} / {b}: {mobile}");
    }
    let shared = evidence_at(true, "Mia Keller", "Max Keller", RecordKind::Contact);
    assert!(shared.is_against(), "{shared}");
}

#[test]
fn a_weak_match_or_a_second_number_counts() {
    let second = evidence("Mia | | | 044 555 01 02", "Mia | | | +41445550102");
    assert!(second.has(Clue::SecondNumber));
}

#[test]
fn companies_are_the_same_by_name() {
    let compare = |a, b| evidence_at(false, a, b, RecordKind::Company);
    for (a, b) in [
        ("Keller AG", "Keller"),
        ("Garage du Lac SA", "Garage du Lac Sàrl, Genève"),
        (
            "Keller AG | | info@keller.example",
            "Keller Immobilien AG | | office@keller.example",
        ),
    ] {
        assert!(is_same(compare(a, b)), "{a} / {b}: {}", compare(a, b));
    }
    for (a, b) in [
        ("Keller AG", "Meier SA"),
        ("Keller AG", "Keller Immobilien AG"),
        ("Keller AG Bern", "Keller AG Basel"),
    ] {
        assert!(!is_same(compare(a, b)), "{a} / {b}: {}", compare(a, b));
    }
}

#[test]
fn a_person_and_a_company_are_never_the_same() {
    let (person, mut company) = (
        record("Mia Keller | | mia@example.ch"),
        record("Mia Keller | | mia@example.ch"),
    );
    company.kind = RecordKind::Company;
    company.id.push('2');
    let profile = |record| Profile::of(record, MatchClass::Exact, Asked::default());
    let evidence = compare(&profile(&person), &profile(&company));
    assert_eq!(evidence.clues().collect::<Vec<_>>(), [Clue::OtherKind]);
}

#[test]
fn the_same_record_is_certain() {
    let record = record("");
    let profile = Profile::of(&record, MatchClass::Exact, Asked::default());
    assert!(is_same(compare(&profile, &profile)));
}
