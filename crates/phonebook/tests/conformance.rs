//! The phonebook keeps the contract of adapters, from either format.
#![expect(
    clippy::unwrap_used,
    reason = "a broken test set-up has to fail the test"
)]

use std::{fs, path::Path};

use serde_json::json;
use whocalls_core::{AdapterId, BuildContext};
use whocalls_testkit::{
    conformance::{self, Subject},
    contacts::{SeedContact, messy_contacts},
};

fn table(contacts: &[SeedContact]) -> String {
    let row = |c: &SeedContact| {
        let company = c.company.replace('"', "\"\"");
        format!(
            "{},{},{},\"{company}\",{},{},https://book.example/{},https://book.example/companies/{}\n",
            c.id, c.first_name, c.last_name, c.mobile, c.work, c.id, c.company_id
        )
    };
    let title = "Id,First name,Last name,Company,Mobile,Work phone,Contact URL,Company URL\n";
    title.to_owned() + &contacts.iter().map(row).collect::<String>()
}

fn vcards(contacts: &[SeedContact]) -> String {
    let card = |c: &SeedContact| {
        let company = c.company.replace(',', "\\,");
        let tel = |number: &str| match number {
            "" => String::new(),
            number => format!("TEL:{number}\r\n"),
        };
        format!(
            "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:{}\r\nFN:{} {}\r\nN:{};{};;;\r\nORG:{company}\r\n{}{}\
             URL:https://book.example/{}\r\nEND:VCARD\r\n",
            c.id,
            c.first_name,
            c.last_name,
            c.last_name,
            c.first_name,
            tel(&c.mobile),
            tel(&c.work),
            c.id
        )
    };
    contacts.iter().map(card).collect()
}

fn place(folder: &Path) -> BuildContext {
    BuildContext {
        id: AdapterId::new("book").unwrap(),
        crm_name: "Phone book".to_owned(),
        crm_logo: None,
        number_plan: whocalls_testkit::number_plan(),
        base_dir: folder.to_owned(),
    }
}

/// Runs the suite against a phonebook on a file with these contents.
async fn check(name: &str, contents: &str, has_links: bool) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(name), contents).unwrap();
    let place = place(folder.path());
    let build = whocalls_phonebook::factory().build;
    conformance::check(|| Subject {
        has_links,
        ..Subject::in_memory(build(place.clone(), json!({ "file": name })).unwrap())
    })
    .await;
}

#[tokio::test]
async fn keeps_the_contract_with_a_csv_file() {
    check("book.csv", &table(&messy_contacts(100)), true).await;
}

/// Every subject logs calls in a folder of its own, which lives as long as the count of its rows.
#[tokio::test]
async fn keeps_the_contract_with_a_call_log() {
    let contents = table(&messy_contacts(100));
    conformance::check(|| {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("book.csv"), &contents).unwrap();
        let place = place(folder.path());
        let settings = json!({ "file": "book.csv", "call_log": "calls.csv" });
        let adapter = (whocalls_phonebook::factory().build)(place, settings).unwrap();
        let rows = move || {
            let log = folder.path().join("calls.csv");
            let mut log = csv::Reader::from_path(log).unwrap();
            log.records().count()
        };
        Subject {
            objects_created: Some(Box::new(rows)),
            ..Subject::in_memory(adapter)
        }
    })
    .await;
}

/// A vCard has no page of the company.
#[tokio::test]
async fn keeps_the_contract_with_a_vcard_file() {
    check("book.vcf", &vcards(&messy_contacts(100)), false).await;
}
