//! The records of the simulated instance, among them those that were created in it.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use super::failure::Failure;
use crate::contacts::SeedContact;

/// Every such person is a lead instead of a contact.
const LEAD_EVERY: u32 = 6;
/// Each record was changed some minutes after this.
const FIRST_CHANGE: &str = "2026-10-01T08:00:00Z";

/// The one user, to whom everything is assigned.
const USER_ID: &str = "seed_anna_id";
const USER_FULL_NAME: &str = "Anna Example";

const PERSON_FIELDS: [&str; 20] = [
    "id",
    "name",
    "first_name",
    "last_name",
    "title",
    "phone_home",
    "phone_mobile",
    "phone_work",
    "phone_other",
    "phone_fax",
    "assistant_phone",
    "account_id",
    "account_name",
    "assigned_user_id",
    "assigned_user_name",
    "email",
    "description",
    "date_entered",
    "date_modified",
    "deleted",
];
const ACCOUNT_FIELDS: [&str; 13] = [
    "id",
    "name",
    "phone_office",
    "phone_alternate",
    "phone_fax",
    "website",
    "assigned_user_id",
    "assigned_user_name",
    "email",
    "description",
    "date_entered",
    "date_modified",
    "deleted",
];
const USER_FIELDS: [&str; 8] = [
    "id",
    "user_name",
    "name",
    "first_name",
    "last_name",
    "email",
    "status",
    "date_modified",
];

const CALL_FIELDS: [&str; 14] = [
    "id",
    "name",
    "direction",
    "status",
    "date_start",
    "date_end",
    "duration_hours",
    "duration_minutes",
    "description",
    "assigned_user_id",
    "parent_type",
    "parent_id",
    "date_modified",
    "deleted",
];
const CASE_FIELDS: [&str; 11] = [
    "id",
    "name",
    "case_number",
    "status",
    "priority",
    "description",
    "assigned_user_id",
    "account_id",
    "primary_contact_id",
    "date_modified",
    "deleted",
];

/// The fields of a record, by name.
pub(super) type Fields = Map<String, Value>;

/// A record of one module.
#[derive(Debug)]
pub(super) struct Stored {
    pub(super) module: &'static str,
    pub(super) fields: Fields,
    /// Whether it was created through the interface.
    is_created: bool,
    /// Whether somebody deleted it. It keeps its place in the database.
    is_deleted: bool,
}

/// All records, in the order in which they were made.
#[derive(Debug)]
pub(super) struct Store {
    records: Vec<Stored>,
    links: Vec<String>,
    /// Whether ids that creations carry are ignored.
    pub(super) ignores_ids: bool,
}

impl Store {
    pub(super) fn seeded(contacts: &[SeedContact]) -> Self {
        let people = contacts.iter().map(|contact| {
            let module = if contact.id % LEAD_EVERY == LEAD_EVERY - 1 {
                "Leads"
            } else {
                "Contacts"
            };
            (module, person(module, contact))
        });
        let companies: BTreeMap<u32, &str> = contacts
            .iter()
            .filter(|contact| contact.company_id > 0)
            .map(|contact| (contact.company_id, contact.company.as_str()))
            .collect();
        let accounts = companies
            .into_iter()
            .map(|(id, name)| ("Accounts", account(id, name)));
        let seeded = people.chain(accounts).chain([("Users", user())]);
        Self {
            records: seeded
                .map(|(module, fields)| Stored {
                    module,
                    fields,
                    is_created: false,
                    is_deleted: false,
                })
                .collect(),
            links: Vec::new(),
            ignores_ids: false,
        }
    }

    /// The records of a module.
    pub(super) fn of<'a>(&'a self, module: &'a str) -> impl Iterator<Item = &'a Fields> {
        self.records
            .iter()
            .filter(move |record| record.module == module && !record.is_deleted)
            .map(|record| &record.fields)
    }

    /// The record of that module and id.
    pub(super) fn find<'a>(&'a self, module: &'a str, id: &str) -> Option<&'a Fields> {
        self.of(module).find(|fields| text(fields, "id") == id)
    }

    /// The fields of the record of that module and id, to be changed.
    pub(super) fn find_mut(&mut self, module: &str, id: &str) -> Option<&mut Fields> {
        let record = self.stored_mut(module, id)?;
        (!record.is_deleted).then_some(&mut record.fields)
    }

    /// Whether the database has a record of that module and id, deleted or not.
    pub(super) fn has_row(&mut self, module: &str, id: &str) -> bool {
        self.stored_mut(module, id).is_some()
    }

    /// Deletes a record, as a user does. False when there is none.
    pub(super) fn delete(&mut self, module: &str, id: &str) -> bool {
        let record = self.stored_mut(module, id);
        record.map(|record| record.is_deleted = true).is_some()
    }

    /// What was created, deleted or not, in order.
    pub(super) fn created(&self) -> impl Iterator<Item = &Stored> {
        self.records.iter().filter(|record| record.is_created)
    }

    pub(super) fn links(&self) -> &[String] {
        &self.links
    }

    pub(super) fn add(&mut self, module: &'static str, fields: Fields) {
        self.records.push(Stored {
            module,
            fields,
            is_created: true,
            is_deleted: false,
        });
    }

    /// Makes a link; a second one of the same records changes nothing.
    pub(super) fn link(&mut self, link: String) {
        if !self.links.contains(&link) {
            self.links.push(link);
        }
    }

    fn stored_mut(&mut self, module: &str, id: &str) -> Option<&mut Stored> {
        let mut records = self.records.iter_mut();
        records.find(|record| record.module == module && text(&record.fields, "id") == id)
    }
}

/// The names of a module's fields.
pub(super) fn fields_of(module: &str) -> Result<&'static [&'static str], Failure> {
    match module {
        "Contacts" | "Leads" => Ok(&PERSON_FIELDS),
        "Accounts" => Ok(&ACCOUNT_FIELDS),
        "Users" => Ok(&USER_FIELDS),
        "Calls" => Ok(&CALL_FIELDS),
        "Cases" => Ok(&CASE_FIELDS),
        _ => Err(Failure::no_method()),
    }
}

/// The text of a field; empty when the record does not have it.
pub(super) fn text<'a>(fields: &'a Fields, name: &str) -> &'a str {
    fields.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// The texts that a filter compares a field with: every address of `email`, else the one text.
pub(super) fn texts<'a>(fields: &'a Fields, name: &str) -> Vec<&'a str> {
    match fields.get(name).and_then(Value::as_array) {
        Some(emails) => emails
            .iter()
            .filter_map(|email| email.get("email_address")?.as_str())
            .collect(),
        None => vec![text(fields, name)],
    }
}

/// An id in Sugar's form, different for each module and number.
pub(super) fn record_id(module: &str, number: usize) -> String {
    let prefix = match module {
        "Contacts" => 1,
        "Leads" => 2,
        "Accounts" => 3,
        _ => 9,
    };
    format!("{prefix}f3a1c2d-0000-4000-8000-{number:012}")
}

fn person(module: &str, contact: &SeedContact) -> Fields {
    let account_id = match (module, contact.company_id) {
        ("Contacts", number) if number > 0 => record_id("Accounts", number as usize),
        // A lead names its company as text only.
        _ => String::new(),
    };
    fields(json!({
        "id": record_id(module, contact.id as usize),
        "name": format!("{} {}", contact.first_name, contact.last_name),
        "first_name": contact.first_name,
        "last_name": contact.last_name,
        "title": contact.job_title,
        "phone_home": "",
        "phone_mobile": contact.mobile,
        "phone_work": contact.work,
        "phone_other": "",
        "phone_fax": null,
        "assistant_phone": "",
        "account_id": account_id,
        "account_name": contact.company,
        "assigned_user_id": USER_ID,
        "assigned_user_name": USER_FULL_NAME,
        "email": [{
            "email_address": contact.email,
            "primary_address": true,
            "reply_to_address": false,
            "invalid_email": false,
            "opt_out": false,
        }],
        "description": "",
        "date_entered": change_time(0),
        "date_modified": change_time(contact.id),
        "deleted": false,
    }))
}

fn account(id: u32, name: &str) -> Fields {
    fields(json!({
        "id": record_id("Accounts", id as usize),
        "name": name,
        "phone_office": format!("+41 44 700 {id:02} 00"),
        "phone_alternate": "",
        "phone_fax": format!("+41 44 700 {id:02} 99"),
        "website": "http://",
        "assigned_user_id": USER_ID,
        "assigned_user_name": USER_FULL_NAME,
        "email": [],
        "description": "",
        "date_entered": change_time(0),
        "date_modified": change_time(id),
        "deleted": false,
    }))
}

fn user() -> Fields {
    fields(json!({
        "id": USER_ID,
        "user_name": "anna",
        "name": USER_FULL_NAME,
        "first_name": "Anna",
        "last_name": "Example",
        "email": [{ "email_address": "anna@example.ch", "primary_address": true }],
        "status": "Active",
        "date_modified": change_time(0),
    }))
}

fn fields(value: Value) -> Fields {
    match value {
        Value::Object(fields) => fields,
        _ => Fields::new(),
    }
}

/// A time in Sugar's form, later for a larger number.
pub(super) fn change_time(minutes: u32) -> String {
    let first: Timestamp = FIRST_CHANGE.parse().expect("a time");
    (first + SignedDuration::from_mins(minutes.into()))
        .strftime("%Y-%m-%dT%H:%M:%S+00:00")
        .to_string()
}
