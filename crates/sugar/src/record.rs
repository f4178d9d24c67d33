//! Sugar's record as a contact of whocalls.

use jiff::Timestamp;
use tokio::task::yield_now;
use whocalls_core::{AdapterId, ContactRecord, CustomFields, workflow::CREATE_CASE};

use crate::{
    module::Module,
    site::Site,
    wire::{Field, Record},
};

/// So many records are read before others get a turn: less than a millisecond's work.
const AT_ONCE: usize = 64;

/// Turns records into contacts.
#[derive(Debug)]
pub(crate) struct Mapper {
    /// The adapter's id.
    pub(crate) source: AdapterId,
    /// Where the records have their pages.
    pub(crate) site: Site,
    /// What `customData` shows.
    pub(crate) custom_fields: CustomFields,
}

impl Mapper {
    /// The records as contacts. Gives way to others now and then: servers may send many.
    pub(crate) async fn contacts(&self, records: Vec<Record>) -> Vec<ContactRecord> {
        let mut contacts = Vec::with_capacity(records.len());
        for (place, record) in (1..).zip(records) {
            if place % AT_ONCE == 0 {
                yield_now().await;
            }
            contacts.extend(self.contact(record));
        }
        contacts
    }

    /// The record as a contact; `None` for a module that is not looked at.
    pub(crate) fn contact(&self, mut record: Record) -> Option<ContactRecord> {
        let module = module_of(&record)?;
        // A field of the card may be one of those that are taken below.
        let custom = self
            .custom_fields
            .collect(|field| shown(record.field(field)?));
        let id = [module.name(), "/", &record.id].concat();
        let name = take_name(&mut record);
        let mut contact = ContactRecord::new(self.source.clone(), id, module.kind(), name);
        contact.contact_uri = Some(self.site.page(module.name(), &record.id));
        if module.is_person() {
            contact.company = record.take_text("account_name");
            contact.company_uri = record
                .text("account_id")
                .map(|account| self.site.page(Module::Accounts.name(), account));
        }
        if lacks_account(&record, module) {
            contact.unavailable_workflows.push(CREATE_CASE.into());
        }
        let phones = module.phone_fields().iter();
        contact.phones = phones.filter_map(|field| record.take_text(field)).collect();
        contact.emails = emails_of(&record);
        contact.modified_at = record
            .text("date_modified")
            .and_then(|text| text.parse::<Timestamp>().ok());
        contact.custom = custom;
        Some(contact)
    }
}

/// The module of a record, if it is one of ours.
pub(crate) fn module_of(record: &Record) -> Option<Module> {
    Module::named(record.module.as_deref()?)
}

/// The numbers of a record, as stored.
pub(crate) fn phones_of(record: &Record, module: Module) -> impl Iterator<Item = &str> {
    let fields = module.phone_fields().iter();
    fields.filter_map(|field| record.text(field))
}

/// Whether Sugar would refuse a case for the record, because cases require an account. A contact
/// that came without the field, as from a search index, may have one.
fn lacks_account(record: &Record, module: Module) -> bool {
    const ACCOUNT_ID: &str = "account_id";
    match module {
        Module::Accounts => false,
        Module::Leads => record.text(ACCOUNT_ID).is_none(),
        Module::Contacts => record.field(ACCOUNT_ID).is_some() && record.text(ACCOUNT_ID).is_none(),
    }
}

fn take_name(record: &mut Record) -> String {
    if let Some(name) = record.take_text("name") {
        return name;
    }
    if let Some(name) = record.take_text("full_name") {
        return name;
    }
    let parts = ["first_name", "last_name"].map(|field| record.text(field));
    let parts: Vec<&str> = parts.into_iter().flatten().collect();
    parts.join(" ")
}

/// The addresses, the primary one first.
pub(crate) fn emails_of(record: &Record) -> Vec<String> {
    let Some(Field::List(list)) = record.field("email") else {
        return Vec::new();
    };
    let mut emails: Vec<(bool, &str)> = list
        .iter()
        .filter_map(|email| {
            let Field::Object(email) = email else {
                return None;
            };
            let address = email.email_address.as_text()?.trim();
            (!address.is_empty()).then_some((is_set(&email.primary_address), address))
        })
        .collect();
    emails.sort_by_key(|(is_primary, _)| !is_primary);
    let addresses = emails.into_iter().map(|(_, address)| address.to_owned());
    addresses.collect()
}

/// Whether a flag is set; Sugar sends flags as `true`, `1` or `"1"`.
fn is_set(flag: &Field) -> bool {
    match flag {
        Field::Flag(flag) => *flag,
        Field::Number(number) => number.as_i64() == Some(1),
        Field::Text(text) => text == "1",
        _ => false,
    }
}

/// A field's value as text for a card. Lists, such as tags and multiple choices, are joined.
fn shown(field: &Field) -> Option<String> {
    match field {
        Field::Text(text) => Some(text.clone()),
        Field::Number(number) => Some(number.to_string()),
        Field::Flag(flag) => Some(flag.to_string()),
        Field::List(fields) => {
            let texts: Vec<String> = fields.iter().filter_map(shown).collect();
            Some(texts.join(", "))
        }
        Field::Object(members) => members.name.as_text().map(str::to_owned),
        Field::Nothing => None,
    }
}

#[cfg(test)]
mod tests {
    use std::{pin::pin, task::Poll};

    use serde_json::{Value, json};
    use whocalls_core::RecordKind;

    use super::*;

    fn mapper() -> Mapper {
        Mapper {
            source: AdapterId::new("sugar").unwrap(),
            site: Site::parse("https://crm.example/rest/v11").unwrap(),
            custom_fields: [("Title", "title"), ("Tags", "tag"), ("Rating", "rating")]
                .map(|(title, field)| (title.to_owned(), field.to_owned()))
                .into_iter()
                .collect(),
        }
    }

    fn contact(record: &Value) -> Option<ContactRecord> {
        let record: Record = serde_json::from_value(record.clone()).unwrap();
        mapper().contact(record)
    }

    #[tokio::test]
    async fn others_get_a_turn_while_many_records_are_read() {
        for (count, turns) in [(1, 0), (AT_ONCE - 1, 0), (AT_ONCE, 1), (4 * AT_ONCE, 4)] {
            let record = |id: usize| {
                let record = json!({ "id": id.to_string(), "_module": "Leads" });
                serde_json::from_value(record).unwrap()
            };
            let mapper = mapper();
            let mut reading = pin!(mapper.contacts((0..count).map(record).collect()));
            let mut given = 0;
            let contacts = loop {
                match futures::poll!(reading.as_mut()) {
                    Poll::Ready(contacts) => break contacts,
                    Poll::Pending => given += 1,
                }
            };
            assert_eq!((contacts.len(), given), (count, turns));
        }
    }

    #[test]
    fn a_person_has_company_links_numbers_and_addresses() {
        let found = contact(&json!({
            "id": "c1", "_module": "Contacts", "name": "Mia Keller", "phone_mobile": "079 123 45 67",
            "phone_work": "", "phone_home": null, "phone_fax": "044 555 01 99",
            "account_id": "a1", "account_name": "Keller AG",
            "date_modified": "2026-10-02T09:12:00+02:00", "title": "CEO", "rating": 4.5,
            "tag": [{"id": "t1", "name": "vip"}, {"id": "t2", "name": "partner"}],
            "email": [{"email_address": "old@keller.example", "primary_address": "0"},
                      {"email_address": "mia@keller.example", "primary_address": "1"}, {}],
        }))
        .unwrap();
        assert_eq!(found.id, "Contacts/c1");
        assert_eq!(
            (found.kind, found.name.as_str()),
            (RecordKind::Contact, "Mia Keller")
        );
        assert_eq!(found.company.as_deref(), Some("Keller AG"));
        assert_eq!(
            found.contact_uri.as_deref(),
            Some("https://crm.example/#Contacts/c1")
        );
        assert_eq!(
            found.company_uri.as_deref(),
            Some("https://crm.example/#Accounts/a1")
        );
        assert_eq!(found.phones, ["079 123 45 67"]);
        assert_eq!(found.emails, ["mia@keller.example", "old@keller.example"]);
        assert_eq!(found.modified_at, "2026-10-02T07:12:00Z".parse().ok());
        let custom: Vec<_> = found
            .custom
            .iter()
            .map(|field| field.text.as_str())
            .collect();
        assert_eq!(custom, ["CEO", "vip, partner", "4.5"]);
    }

    #[test]
    fn a_lead_names_its_company_without_a_link() {
        let found = contact(&json!({
            "id": "l1", "_module": "Leads", "first_name": "Luca", "last_name": "Rossi",
            "account_name": "Rossi & Figli", "account_id": "",
        }))
        .unwrap();
        assert_eq!(
            (found.kind, found.name.as_str()),
            (RecordKind::Lead, "Luca Rossi")
        );
        assert_eq!(found.company.as_deref(), Some("Rossi & Figli"));
        assert_eq!(found.company_uri, None);
    }

    /// Cases require an account.
    #[test]
    fn a_case_is_not_offered_where_there_is_no_account() {
        for (record, is_offered) in [
            (
                json!({"id": "c", "_module": "Contacts", "account_id": "a1"}),
                true,
            ),
            (
                json!({"id": "c", "_module": "Contacts", "account_id": ""}),
                false,
            ),
            (
                json!({"id": "c", "_module": "Contacts", "account_id": null}),
                false,
            ),
            // A search index may leave the field out.
            (json!({"id": "c", "_module": "Contacts"}), true),
            (
                json!({"id": "l", "_module": "Leads", "account_id": ""}),
                false,
            ),
            (json!({"id": "l", "_module": "Leads"}), false),
            // A converted lead has one.
            (
                json!({"id": "l", "_module": "Leads", "account_id": "a1"}),
                true,
            ),
            (json!({"id": "a", "_module": "Accounts"}), true),
        ] {
            let unavailable = contact(&record).unwrap().unavailable_workflows;
            let expected: &[&str] = if is_offered { &[] } else { &[CREATE_CASE] };
            assert_eq!(unavailable, expected, "{record}");
        }
    }

    #[test]
    fn an_account_is_a_company() {
        let found = contact(&json!({
            "id": "a1", "_module": "Accounts", "name": "Keller AG", "phone_office": "044 700 02 00",
        }))
        .unwrap();
        assert_eq!(
            (found.kind, found.name.as_str()),
            (RecordKind::Company, "Keller AG")
        );
        assert_eq!((found.company, found.company_uri), (None, None));
        assert_eq!(found.phones, ["044 700 02 00"]);
    }

    #[test]
    fn records_of_other_modules_are_left_out() {
        assert_eq!(contact(&json!({"id": "b1", "_module": "Bugs"})), None);
        assert_eq!(contact(&json!({"id": "b1"})), None);
    }
}
