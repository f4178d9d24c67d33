//! Sugar's record as a contact of whocalls.

use jiff::Timestamp;
use serde_json::Value;
use whocalls_core::{
    AdapterId, ContactRecord, CustomFields, LookupAnswer, NumberPlan, NumberQuery,
    workflow::CREATE_CASE,
};

use crate::{
    module::{Module, RecordRef},
    site::Site,
    wire::Record,
};

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
    /// The contacts among `records` that own the asked number.
    pub(crate) fn answer(
        &self,
        records: &[Record],
        query: &NumberQuery,
        plan: &NumberPlan,
    ) -> LookupAnswer {
        let contacts = records.iter().filter_map(|record| self.contact(record));
        LookupAnswer::verified(contacts, query, plan)
    }

    /// The record as a contact; `None` for a module that is not looked at.
    pub(crate) fn contact(&self, record: &Record) -> Option<ContactRecord> {
        let module = module_of(record)?;
        let id = RecordRef {
            module,
            id: &record.id,
        };
        let mut contact = ContactRecord::new(
            self.source.clone(),
            id.to_string(),
            module.kind(),
            name_of(record),
        );
        contact.contact_uri = Some(self.site.page(module.name(), &record.id));
        if module.is_person() {
            contact.company = record.text("account_name").map(str::to_owned);
            contact.company_uri = record
                .text("account_id")
                .map(|account| self.site.page(Module::Accounts.name(), account));
        }
        contact.phones = phones_of(record, module).map(str::to_owned).collect();
        contact.emails = emails_of(record);
        if lacks_account(record, module) {
            contact.unavailable_workflows.push(CREATE_CASE.into());
        }
        contact.modified_at = record
            .text("date_modified")
            .and_then(|text| text.parse::<Timestamp>().ok());
        contact.custom = self
            .custom_fields
            .collect(|field| shown(record.fields.get(field)?));
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
        Module::Contacts => {
            record.fields.contains_key(ACCOUNT_ID) && record.text(ACCOUNT_ID).is_none()
        }
    }
}

fn name_of(record: &Record) -> String {
    if let Some(name) = record.text("name").or_else(|| record.text("full_name")) {
        return name.to_owned();
    }
    let parts = ["first_name", "last_name"].map(|field| record.text(field));
    let parts: Vec<&str> = parts.into_iter().flatten().collect();
    parts.join(" ")
}

/// The addresses, the primary one first.
pub(crate) fn emails_of(record: &Record) -> Vec<String> {
    let list = record.fields.get("email").and_then(Value::as_array);
    let mut emails: Vec<(bool, String)> = list
        .into_iter()
        .flatten()
        .filter_map(|email| {
            let address = email.get("email_address")?.as_str()?.trim();
            let is_primary = email.get("primary_address").is_some_and(is_set);
            (!address.is_empty()).then(|| (is_primary, address.to_owned()))
        })
        .collect();
    emails.sort_by_key(|(is_primary, _)| !is_primary);
    emails.into_iter().map(|(_, address)| address).collect()
}

/// Whether a flag is set; Sugar sends flags as `true`, `1` or `"1"`.
fn is_set(flag: &Value) -> bool {
    match flag {
        Value::Bool(flag) => *flag,
        Value::Number(number) => number.as_i64() == Some(1),
        Value::String(text) => text == "1",
        _ => false,
    }
}

/// A field's value as text for a card. Lists, such as tags and multiple choices, are joined.
fn shown(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Array(values) => {
            let texts: Vec<String> = values.iter().filter_map(shown).collect();
            Some(texts.join(", "))
        }
        Value::Object(fields) => fields.get("name")?.as_str().map(str::to_owned),
        Value::Null => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
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
        mapper().contact(&record)
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
