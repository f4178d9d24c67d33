//! A record as both interfaces give it, and as a contact of whocalls.

use std::collections::BTreeMap;

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use serde_json::Value;
use whocalls_core::{AdapterId, ContactRecord, CustomFields};
use whocalls_http::decode_entities;

use crate::{
    module::{Module, RecordRef},
    site::Site,
};

/// A record of SuiteCRM. Holds personal data, so it cannot be printed.
pub(crate) struct Record {
    module: Module,
    id: String,
    /// Texts as a person wrote them, without HTML entities.
    fields: BTreeMap<String, String>,
}

impl Record {
    /// A record without fields.
    pub(crate) fn new(module: Module, id: impl Into<String>) -> Self {
        Self {
            module,
            id: id.into(),
            fields: BTreeMap::new(),
        }
    }

    /// Keeps a field's value as text; what has no text is left out.
    pub(crate) fn set(&mut self, name: &str, value: &Value) {
        let text = match value {
            Value::String(text) => decode_entities(text).into_owned(),
            Value::Number(number) => number.to_string(),
            Value::Bool(flag) => flag.to_string(),
            Value::Null | Value::Array(_) | Value::Object(_) => return,
        };
        self.fields.insert(name.to_owned(), text);
    }

    /// The text of a field. SuiteCRM sends the empty string for a field without a value: that
    /// counts as absent.
    pub(crate) fn text(&self, field: &str) -> Option<&str> {
        let text = self.fields.get(field)?.trim();
        (!text.is_empty()).then_some(text)
    }

    /// First and last name of a person, because `name` begins with the salutation; the name of
    /// anything else.
    fn name(&self) -> String {
        let parts = ["first_name", "last_name"].map(|field| self.text(field));
        let parts: Vec<&str> = parts.into_iter().flatten().collect();
        if parts.is_empty() {
            return self.text("name").unwrap_or_default().to_owned();
        }
        parts.join(" ")
    }
}

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
    /// The record as a contact.
    pub(crate) fn contact(&self, record: &Record) -> ContactRecord {
        let Record { module, id, .. } = record;
        let reference = RecordRef {
            module: *module,
            id,
        };
        let mut contact = ContactRecord::new(
            self.source.clone(),
            reference.to_string(),
            module.kind(),
            record.name(),
        );
        contact.contact_uri = Some(self.site.page(module.name(), id));
        if module.is_person() {
            contact.company = record.text("account_name").map(str::to_owned);
            contact.company_uri = record
                .text("account_id")
                .map(|account| self.site.page(Module::Accounts.name(), account));
        }
        let phones = module.phone_fields().iter();
        contact.phones = phones
            .filter_map(|field| record.text(field))
            .map(str::to_owned)
            .collect();
        contact.emails = record
            .text("email1")
            .map(str::to_owned)
            .into_iter()
            .collect();
        contact.modified_at = record.text("date_modified").and_then(timestamp);
        contact.custom = self
            .custom_fields
            .collect(|field| record.text(field).map(shown));
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
    use serde_json::json;
    use whocalls_core::RecordKind;

    use super::*;
    use crate::config::LinkStyle;

    fn contact(module: Module, fields: &Value) -> ContactRecord {
        let mut record = Record::new(module, "r1");
        for (name, value) in fields.as_object().unwrap() {
            record.set(name, value);
        }
        let custom = [
            ("Title", "title"),
            ("Tags", "tags_c"),
            ("Rating", "rating_c"),
        ];
        let mapper = Mapper {
            source: AdapterId::new("suite").unwrap(),
            site: Site::new("https://suite.example", "/Api", LinkStyle::V8).unwrap(),
            custom_fields: custom
                .map(|(title, field)| (title.to_owned(), field.to_owned()))
                .into_iter()
                .collect(),
        };
        mapper.contact(&record)
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
