use serde_json::{Value, json};

use super::*;

fn layout_with(titles: &str, mut settings: Value) -> Result<Layout, LoadError> {
    settings["file"] = "x.csv".into();
    let settings = serde_json::from_value(settings).unwrap();
    Layout::of(&titles.split(',').collect::<Vec<_>>(), &settings)
}

fn layout(titles: &str) -> Layout {
    layout_with(titles, json!({})).unwrap()
}

/// The titles of names, company and numbers, as found.
fn found(titles: &str) -> [String; 5] {
    let layout = layout(titles);
    let titles: Vec<&str> = titles.split(',').collect();
    let one = |position: Option<usize>| position.map_or(String::new(), |at| titles[at].to_owned());
    let phones: Vec<&str> = layout.phones.iter().map(|at| titles[*at]).collect();
    [
        one(layout.name),
        one(layout.first_name),
        one(layout.last_name),
        one(layout.company),
        phones.join("+"),
    ]
}

#[test]
fn usual_titles_are_recognised() {
    let cases = [
        ("Name,Company,Phone", ["Name", "", "", "Company", "Phone"]),
        (
            "Vorname,Nachname,Firma,Telefon",
            ["", "Vorname", "Nachname", "Firma", "Telefon"],
        ),
        ("Vorname,Name,Tel.", ["", "Vorname", "Name", "", "Tel."]),
        ("NAME;,Tel G,Tel P", ["NAME;", "", "", "", "Tel G+Tel P"]),
        (
            "Nom,Prénom,Société,Tél. mobile",
            ["", "Prénom", "Nom", "Société", "Tél. mobile"],
        ),
        (
            "Nome,Cognome,Azienda,Cellulare",
            ["", "Nome", "Cognome", "Azienda", "Cellulare"],
        ),
        ("Nome,Telefono", ["Nome", "", "", "", "Telefono"]),
        (
            "Nom,Téléphone (bureau),Portable",
            ["Nom", "", "", "", "Téléphone (bureau)+Portable"],
        ),
        (
            "Kontakt,Natel,Festnetz,Telefax",
            ["Kontakt", "", "", "", "Natel+Festnetz"],
        ),
        (
            "Firma,Durchwahl,Geschäftstelefon",
            ["", "", "", "Firma", "Durchwahl+Geschäftstelefon"],
        ),
        (
            "full_name,mobile_phone,phone-2",
            ["full_name", "", "", "", "mobile_phone+phone-2"],
        ),
    ];
    for (titles, expected) in cases {
        assert_eq!(found(titles), expected, "{titles}");
    }
}

#[test]
fn google_contacts_are_recognised() {
    let new = "First Name,Middle Name,Last Name,Phonetic First Name,Organization Name,\
               Organization Title,E-mail 1 - Label,E-mail 1 - Value,Phone 1 - Label,\
               Phone 1 - Value,Phone 2 - Label,Phone 2 - Value,Website 1 - Value";
    assert_eq!(
        found(new),
        [
            "",
            "First Name",
            "Last Name",
            "Organization Name",
            "Phone 1 - Value+Phone 2 - Value"
        ]
    );
    assert_eq!(
        (layout(new).emails, layout(new).contact_url),
        (vec![7], Some(12))
    );
    let old = "Name,Given Name,Family Name,Given Name Yomi,E-mail 1 - Type,E-mail 1 - Value,\
               Phone 1 - Type,Phone 1 - Value,Organization 1 - Type,Organization 1 - Name";
    assert_eq!(
        found(old),
        [
            "Name",
            "Given Name",
            "Family Name",
            "Organization 1 - Name",
            "Phone 1 - Value"
        ]
    );
}

#[test]
fn outlook_is_recognised() {
    let english = "Title,First Name,Last Name,Company,Department,Job Title,Business Street,\
                   Business Fax,Business Phone,Business Phone 2,Home Phone,Mobile Phone,Pager,\
                   Assistant's Phone,E-mail Address,E-mail Type,E-mail Display Name,Web Page";
    assert_eq!(
        found(english),
        [
            "",
            "First Name",
            "Last Name",
            "Company",
            "Business Phone+Business Phone 2+Home Phone+Mobile Phone"
        ]
    );
    let german = "Anrede,Vorname,Nachname,Firma,Fax geschäftlich,Telefon geschäftlich,\
                  Telefon (privat),Mobiltelefon,Telefon Assistent,E-Mail-Adresse";
    assert_eq!(
        found(german),
        [
            "",
            "Vorname",
            "Nachname",
            "Firma",
            "Telefon geschäftlich+Telefon (privat)+Mobiltelefon"
        ]
    );
    assert_eq!(layout(german).emails, [9]);
}

#[test]
fn words_that_only_look_like_telephones_are_not() {
    let titles = "Name,Phone,Titel,Hotel,Immobilie,Phonetic Name,Fax,Telefax,Pager,Phone Type,Ext";
    assert_eq!(layout(titles).phones, [1]);
}

#[test]
fn configured_titles_win_and_the_others_are_still_recognised() {
    let settings = json!({
        "columns": { "phone": ["Direkt", "zentrale"], "name": "Wer", "id": ["Nr", "Key"] },
        "custom_fields": { "Town": "Ort", "Group": "Gruppe" },
    });
    let layout = layout_with("Wer,Firma,Telefon,Zentrale,Direkt,Ort,KEY", settings).unwrap();
    assert_eq!(layout.phones, [4, 3]);
    assert_eq!(
        (layout.name, layout.company, layout.id),
        (Some(0), Some(1), Some(6))
    );
    assert_eq!(layout.custom, [Some(5), None]);
    assert_eq!(
        layout.missing,
        ["columns.id \"Nr\"", "custom_fields \"Gruppe\""]
    );
}

#[test]
fn an_exact_title_goes_before_one_that_reads_the_same() {
    let settings = json!({ "columns": { "phone": "Phone" } });
    let layout = layout_with("Name,phone,Phone", settings).unwrap();
    assert_eq!(layout.phones, [2]);
}

#[test]
fn a_table_without_numbers_or_names_is_refused_with_its_titles() {
    let refusal = |titles| layout_with(titles, json!({})).unwrap_err().to_string();
    assert_eq!(
        refusal("Name,Fax,Ort"),
        "it has no column for phone numbers; name it in `columns.phone`; \
         columns found: Name, Fax, Ort"
    );
    assert!(refusal("Ort,Telefon").contains("no column for a person's"));
    let wide = vec!["Spalte"; 25].join(",");
    assert!(refusal(&wide).ends_with("Spalte and 5 more"));
}

#[test]
fn a_first_row_with_a_contact_stays_out_of_the_message() {
    for row in ["Mia Keller,079 123 45 67", "Mia Keller,mia@example.ch,Bern"] {
        let refusal = layout_with(row, json!({})).unwrap_err();
        assert_eq!(refusal, LoadError::NoHeader);
        assert!(!refusal.to_string().contains("Mia"));
    }
}
