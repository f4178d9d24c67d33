use proptest::prelude::*;
use serde_json::json;
use whocalls_core::{ContactRecord, RecordKind};

use crate::{
    book::Book,
    load::LoadError,
    testing::{candidates, read_as, records},
};

fn read(contents: impl Into<Vec<u8>>) -> Book {
    let settings = json!({ "custom_fields": { "Job": "title", "Note": "NOTE", "Town": "ADR" } });
    read_as("x.vcf", settings, contents).unwrap()
}

/// The contact on a card with these lines.
fn card(lines: &str) -> ContactRecord {
    let text = format!(
        "BEGIN:VCARD\r\n{}\r\nEND:VCARD\r\n",
        lines.replace('\n', "\r\n")
    );
    let found = records(&read(text));
    assert_eq!(found.len(), 1, "{lines}");
    found.into_iter().next().unwrap()
}

#[test]
fn a_card_of_version_4_is_read() {
    let found = card(
        "VERSION:4.0\nUID:urn:uuid:4fbe8971-0bc3-424c-9c26-36c3e1eff6b1\nFN:Jürg Müller\n\
         N:Müller;Jürg;;;\nORG:Muster AG;Verkauf\nTITLE:Leiter\\, Verkauf\nNOTE:one\\ntwo\n\
         TEL;VALUE=uri;TYPE=\"voice,work\":tel:+41-44-555-01-23;ext=12\n\
         item1.TEL;TYPE=cell:+41 79 123 45 67\nitem1.X-ABLabel:Natel\n\
         EMAIL;PREF=1:juerg@example.ch\nEMAIL:info@example.ch\n\
         URL:https://crm.example.ch/7\nREV:20260501T120000Z\n\
         ADR;TYPE=work:;;Weg 1;Bern;;3000;CH",
    );
    assert_eq!(found.id, "urn:uuid:4fbe8971-0bc3-424c-9c26-36c3e1eff6b1");
    assert_eq!(
        (found.kind, found.name.as_str()),
        (RecordKind::Contact, "Jürg Müller")
    );
    assert_eq!(found.company.as_deref(), Some("Muster AG"));
    assert_eq!(
        found.phones,
        ["tel:+41-44-555-01-23;ext=12", "+41 79 123 45 67"]
    );
    assert_eq!(found.emails, ["juerg@example.ch", "info@example.ch"]);
    assert_eq!(
        found.contact_uri.as_deref(),
        Some("https://crm.example.ch/7")
    );
    assert_eq!(found.modified_at, "2026-05-01T12:00:00Z".parse().ok());
    let custom: Vec<_> = found
        .custom
        .iter()
        .map(|field| field.text.as_str())
        .collect();
    assert_eq!(
        custom,
        ["Leiter, Verkauf", "one\ntwo", "Weg 1, Bern, 3000, CH"]
    );
}

#[test]
fn a_folded_card_of_version_3_is_read() {
    let found = card(
        "VERSION:3.0\nFN:Anna\n  Bianchi-\n Rossi\nN:Bianchi-Rossi;Anna;;;\n\
         TEL;TYPE=WORK,VOICE:+41 91 555\n  20 00\nREV:2026-05-01T12:00:00Z\n\
         PHOTO;ENCODING=b;TYPE=JPEG:AAAA\n BBBB\n CCCC",
    );
    assert_eq!(found.name, "Anna Bianchi-Rossi");
    assert_eq!(found.phones, ["+41 91 555 20 00"]);
    assert_eq!(found.modified_at, "2026-05-01T12:00:00Z".parse().ok());
}

#[test]
fn a_quoted_printable_card_of_version_2_1_is_read() {
    let found = card(
        "VERSION:2.1\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=BCller;J=C3=BCrg;;;\n\
         ORG;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:B=C3=A4ckerei=20=\nAm=20See\n\
         TEL;CELL;PREF:079 123 45 67\nTEL;WORK;FAX:044 555 01 99",
    );
    assert_eq!(found.name, "Jürg Müller");
    assert_eq!(found.company.as_deref(), Some("Bäckerei Am See"));
    assert_eq!(found.phones, ["079 123 45 67"], "a fax calls nobody");
}

#[test]
fn quoted_printable_without_charset_is_latin_1() {
    let found = card("VERSION:2.1\nFN;ENCODING=QUOTED-PRINTABLE:J=FCrg\nTEL:079 123 45 67");
    assert_eq!(found.name, "Jürg");
}

#[test]
fn companies_are_recognised() {
    for company in [
        "FN:Muster AG\nKIND:org",
        "FN:Muster AG\nORG:Muster AG\nX-ABShowAs:COMPANY\nN:;;;;",
        "FN:Muster AG\nORG:Muster AG;\nN:;;;;",
        "FN:\nORG:Muster AG;Einkauf",
    ] {
        let found = card(&format!("VERSION:3.0\n{company}\nTEL:044 555 01 00"));
        assert_eq!(
            (found.kind, found.name.as_str()),
            (RecordKind::Company, "Muster AG"),
            "{company}"
        );
        assert_eq!(found.company, None);
    }
    let person =
        card("VERSION:3.0\nFN:Mia Muster\nN:Muster;Mia;;;\nORG:Muster AG\nTEL:044 555 01 00");
    assert_eq!(person.kind, RecordKind::Contact);
}

#[test]
fn windows_umlauts_are_read() {
    let found =
        read(b"BEGIN:VCARD\nVERSION:2.1\nFN:J\xfcrg\nTEL:079 123 45 67\nEND:VCARD\n".to_vec());
    assert_eq!(records(&found)[0].name, "Jürg");
}

#[test]
fn cards_are_found_by_all_their_numbers() {
    let book = read(
        "BEGIN:VCARD\nVERSION:3.0\nFN:Mia\nTEL:079 123 45 67\nTEL:044 555 01 23\nEND:VCARD\n\
         begin:vcard\nversion:3.0\nfn:Ueli\ntel:+41315559988\nend:vcard\n",
    );
    for (number, name) in [
        ("41791234567", "Mia"),
        ("41445550123", "Mia"),
        ("41315559988", "Ueli"),
    ] {
        assert_eq!(candidates(&book, number), [name], "{number}");
    }
}

#[test]
fn a_damaged_card_costs_no_other() {
    let book = read(
        "some text\nBEGIN:VCARD\nVERSION:3.0\nFN:Lost\nTEL:079 123 45 66\n\
         BEGIN:VCARD\nVERSION:3.0\nFN:Mia\nTEL:079 123 45 67\nEND:VCARD\nEND:VCARD\n\
         BEGIN:VCARD\nVERSION:3.0\nFN:Silent\nEND:VCARD\n\
         BEGIN:VCARD\nVERSION:3.0\nTEL:079 123 45 65\nEND:VCARD\n\
         BEGIN:VCARD\nFN:Cut off",
    );
    let names: Vec<_> = records(&book)
        .into_iter()
        .map(|record| record.name)
        .collect();
    assert_eq!(names, ["Mia"]);
    assert_eq!(
        book.warnings(),
        [
            "skipped entries: 1 without a number, 1 without a name, 2 damaged; \
             first lines: 2, 12, 16, 20"
        ]
    );
}

#[test]
fn a_file_without_cards_is_refused() {
    for contents in ["", "Name,Tel\nMia,079 123 45 67\n"] {
        assert_eq!(
            read_as("x.vcf", json!({}), contents).unwrap_err(),
            LoadError::NoCard
        );
    }
}

#[test]
fn the_format_is_that_of_the_extension_or_of_the_text() {
    let cards = "BEGIN:VCARD\nFN:Mia\nTEL:079 123 45 67\nEND:VCARD\n";
    let table = "Name,Tel\nMia,079 123 45 67\n";
    for (name, format, contents) in [
        ("x.VCF", "auto", cards),
        ("x.csv", "auto", table),
        ("x", "auto", cards),
        ("x", "auto", table),
        ("x.csv", "vcard", cards),
        ("x.vcf", "csv", table),
    ] {
        let book = read_as(name, json!({ "format": format }), contents).unwrap();
        assert_eq!(candidates(&book, "41791234567"), ["Mia"], "{name} {format}");
    }
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let cards = [b"BEGIN:VCARD\nVERSION:2.1\n", &bytes[..], b"\nEND:VCARD\n"].concat();
        read(cards);
    }

    #[test]
    fn no_lines_make_it_panic(
        lines in r#"((TEL|FN|N|ORG|REV|ADR|KIND|BDAY|GENDER|TZ)?[;:=,\\"0-9A-Za-z+ .\n-]{0,20}\r?\n){0,12}"#,
    ) {
        read(format!("BEGIN:VCARD\n{lines}END:VCARD\n"));
    }
}
