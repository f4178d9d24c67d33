//! A record as both interfaces give it, and as a contact of whocalls.

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use tokio::task::yield_now;
use whocalls_core::{AdapterId, ContactRecord, CustomFields};

use crate::{module::Module, site::Site, texts::Texts};

/// A record of SuiteCRM. Holds personal data, so it cannot be printed.
pub(crate) struct Record {
    module: Module,
    id: String,
    pub(crate) texts: Texts,
}

impl Record {
    /// A record with these fields.
    pub(crate) fn new(module: Module, id: impl Into<String>, texts: Texts) -> Self {
        Self {
            module,
            id: id.into(),
            texts,
        }
    }

    /// First and last name of a person, because `name` begins with the salutation; the name of
    /// anything else.
    fn name(&self) -> String {
        let parts = ["first_name", "last_name"].map(|field| self.texts.get(field));
        let parts: Vec<&str> = parts.into_iter().flatten().collect();
        if parts.is_empty() {
            return self.texts.get("name").unwrap_or_default().to_owned();
        }
        parts.join(" ")
    }
}

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
            contacts.push(self.contact(record));
        }
        contacts
    }

    /// The record as a contact.
    pub(crate) fn contact(&self, record: Record) -> ContactRecord {
        // A field of the card may be one of those that are taken below.
        let custom = self
            .custom_fields
            .collect(|field| record.texts.get(field).map(shown));
        let name = record.name();
        let Record {
            module,
            id,
            mut texts,
        } = record;
        let page = self.site.page(module.name(), &id);
        let id = [module.name(), "/", &id].concat();
        let mut contact = ContactRecord::new(self.source.clone(), id, module.kind(), name);
        contact.contact_uri = Some(page);
        if module.is_person() {
            contact.company = texts.take("account_name");
            contact.company_uri = texts
                .get("account_id")
                .map(|account| self.site.page(Module::Accounts.name(), account));
        }
        let phones = module.phone_fields().iter();
        contact.phones = phones.filter_map(|field| texts.take(field)).collect();
        contact.emails = texts.take("email1").into_iter().collect();
        contact.modified_at = texts.get("date_modified").and_then(timestamp);
        contact.custom = custom;
        contact
    }
}

/// A time as V8 sends it (ISO 8601) or as `v4_1` does (`Y-m-d H:i:s` in UTC).
fn timestamp(text: &str) -> Option<Timestamp> {
    if let Ok(time) = text.parse() {
        return Some(time);
    }
    let time = DateTime::strptime("%Y-%m-%d %H:%M:%S", text).ok()?;
    Some(time.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

/// A field's value for a card. Several choices, stored as `^a^,^b^`, are listed.
fn shown(text: &str) -> String {
    let choices = text
        .strip_prefix('^')
        .and_then(|text| text.strip_suffix('^'));
    match choices {
        Some(choices) => choices.replace("^,^", ", "),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::{pin::pin, task::Poll};

    use serde_json::{Value, json};
    use whocalls_core::RecordKind;

    use super::*;
    use crate::config::LinkStyle;

    fn mapper() -> Mapper {
        let custom = [
            ("Title", "title"),
            ("Tags", "tags_c"),
            ("Rating", "rating_c"),
        ];
        Mapper {
            source: AdapterId::new("suite").unwrap(),
            site: Site::new("https://suite.example", "/Api", LinkStyle::V8).unwrap(),
            custom_fields: custom
                .map(|(title, field)| (title.to_owned(), field.to_owned()))
                .into_iter()
                .collect(),
        }
    }

    fn contact(module: Module, fields: &Value) -> ContactRecord {
        let texts = serde_json::from_value(fields.clone()).unwrap();
        mapper().contact(Record::new(module, "r1", texts))
    }

    #[tokio::test]
    async fn others_get_a_turn_while_many_records_are_read() {
        for (count, turns) in [(1, 0), (AT_ONCE - 1, 0), (AT_ONCE, 1), (4 * AT_ONCE, 4)] {
            let record = |id: usize| Record::new(Module::Leads, id.to_string(), Texts::default());
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
    fn a_person_has_company_links_numbers_and_address() {
        let found = contact(
            Module::Contacts,
            &json!({
                "name": "Ms. Mia O&#039;Neill", "first_name": "Mia", "last_name": "O&#039;Neill",
                "phone_mobile": "079 123 45 67", "phone_work": "", "phone_home": null,
                "phone_fax": "044 555 01 99", "account_id": "a1",
                "account_name": "Alpen &quot;Blick&quot; &amp; Co", "email1": "mia@keller.example",
                "date_modified": "2026-10-02T09:12:00+02:00",
                "title": "CEO", "tags_c": "^vip^,^partner^", "rating_c": 4.5,
            }),
        );
        assert_eq!(found.id, "Contacts/r1");
        assert_eq!(
            (found.kind, found.name.as_str()),
            (RecordKind::Contact, "Mia O'Neill")
        );
        assert_eq!(found.company.as_deref(), Some("Alpen \"Blick\" & Co"));
        assert_eq!(
            found.contact_uri.as_deref(),
            Some("https://suite.example/#/contacts/record/r1")
        );
        assert_eq!(
            found.company_uri.as_deref(),
            Some("https://suite.example/#/accounts/record/a1")
        );
        assert_eq!(found.phones, ["079 123 45 67"]);
        assert_eq!(found.emails, ["mia@keller.example"]);
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
        let found = contact(
            Module::Leads,
            &json!({"last_name": "Rossi", "account_name": "Rossi & Figli", "account_id": ""}),
        );
        assert_eq!(
            (found.kind, found.name.as_str()),
            (RecordKind::Lead, "Rossi")
        );
        assert_eq!(found.company.as_deref(), Some("Rossi & Figli"));
        assert_eq!(found.company_uri, None);
    }

    #[test]
    fn an_account_is_a_company() {
        let found = contact(
            Module::Accounts,
            &json!({"name": "Keller AG", "phone_office": "044 700 02 00"}),
        );
        assert_eq!(
            (found.kind, found.name.as_str()),
            (RecordKind::Company, "Keller AG")
        );
        assert_eq!((found.company, found.company_uri), (None, None));
        assert_eq!(found.phones, ["044 700 02 00"]);
    }

    #[test]
    fn times_of_both_interfaces_are_understood() {
        let expected = "2026-10-02T07:12:00Z".parse().ok();
        for text in ["2026-10-02T09:12:00+02:00", "2026-10-02 07:12:00"] {
            assert_eq!(timestamp(text), expected, "{text}");
        }
        for text in ["", "02.10.2026 09:12", "2026-10-02"] {
            assert_eq!(timestamp(text), None, "{text}");
        }
    }
}
