//! The records of the simulated instance, and what was created in it.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use crate::contacts::SeedContact;

/// Every such person is a lead instead of a contact.
const LEAD_EVERY: u32 = 6;
/// Each record was changed some minutes after this.
const FIRST_CHANGE: &str = "2026-10-01T08:00:00Z";

/// Objects are created this many minutes after it.
const CREATED_AFTER: u32 = 10_000;

const CONTACT_FIELDS: &[&str] = &[
    "name",
    "first_name",
    "last_name",
    "title",
    "department",
    "phone_home",
    "phone_mobile",
    "phone_work",
    "phone_other",
    "phone_fax",
    "assistant_phone",
    "account_id",
    "account_name",
    "assigned_user_id",
    "email1",
    "description",
    "date_modified",
    "deleted",
];
/// The stock fields of leads that matter here; unlike contacts they have a status.
const LEAD_FIELDS: &[&str] = &[
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
    "email1",
    "status",
    "description",
    "date_modified",
    "deleted",
];
const ACCOUNT_FIELDS: &[&str] = &[
    "name",
    "phone_office",
    "phone_alternate",
    "phone_fax",
    "website",
    "assigned_user_id",
    "email1",
    "description",
    "date_modified",
    "deleted",
];

/// A module of the simulated instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Module {
    /// The name in requests.
    pub(super) name: &'static str,
    /// The name of the class, which V8 puts into replies.
    pub(super) bean: &'static str,
    /// The database table.
    pub(super) table: &'static str,
    /// The fields besides `id`.
    pub(super) fields: &'static [&'static str],
}

const MODULES: [Module; 3] = [
    Module {
        name: "Contacts",
        bean: "Contact",
        table: "contacts",
        fields: CONTACT_FIELDS,
    },
    Module {
        name: "Leads",
        bean: "Lead",
        table: "leads",
        fields: LEAD_FIELDS,
    },
    Module {
        name: "Accounts",
        bean: "Account",
        table: "accounts",
        fields: ACCOUNT_FIELDS,
    },
];

impl Module {
    /// The searchable module of that name.
    pub(super) fn named(name: &str) -> Option<Self> {
        MODULES.into_iter().find(|module| module.name == name)
    }
}

/// A record: its fields as stored, `id` among them.
pub(super) type Record = BTreeMap<&'static str, String>;

/// An object that was created through an interface.
#[derive(Debug)]
pub(super) struct Created {
    module: &'static str,
    id: String,
    /// Its fields besides `id`.
    pub(super) fields: Map<String, Value>,
    /// Whether somebody deleted it. It keeps its place in the database.
    pub(super) is_deleted: bool,
}

/// All records, in the order in which they were made.
#[derive(Debug)]
pub(super) struct Store {
    records: Vec<(&'static str, Record)>,
    created: Vec<Created>,
    links: Vec<String>,
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
        Self {
            records: people.chain(accounts).collect(),
            created: Vec::new(),
            links: Vec::new(),
        }
    }

    /// The records of a module, the most recently changed first.
    pub(super) fn of(&self, module: Module) -> Vec<&Record> {
        let records = self.records.iter();
        let mut records: Vec<&Record> = records
            .filter(|(name, _)| *name == module.name)
            .map(|(_, record)| record)
            .collect();
        records.sort_by_key(|record| std::cmp::Reverse(field(record, "date_modified")));
        records
    }

    /// The record of that module and id.
    pub(super) fn find(&self, module: &str, id: &str) -> Option<&Record> {
        let mut records = self.records.iter();
        records
            .find(|(name, record)| *name == module && field(record, "id") == id)
            .map(|(_, record)| record)
    }

    pub(super) fn created(&self) -> &[Created] {
        &self.created
    }

    /// The object that was created in that module under this id, deleted or not.
    pub(super) fn created_as(&mut self, module: &str, id: &str) -> Option<&mut Created> {
        let mut created = self.created.iter_mut();
        created.find(|object| object.module == module && object.id == id)
    }

    pub(super) fn links(&self) -> &[String] {
        &self.links
    }

    /// Keeps a new object. People are among the records from then on.
    pub(super) fn add(&mut self, module: &'static str, id: &str, fields: Map<String, Value>) {
        if let Some(known) = Module::named(module) {
            let text = |name: &str| fields.get(name).and_then(Value::as_str);
            let given = known.fields.iter();
            let given = given.filter_map(|name| Some((*name, text(name)?.to_owned())));
            let stock = [
                ("id", id.to_owned()),
                ("date_modified", changed(CREATED_AFTER)),
                ("deleted", "0".to_owned()),
            ];
            self.records
                .push((module, stock.into_iter().chain(given).collect()));
        }
        self.created.push(Created {
            module,
            id: id.to_owned(),
            fields,
            is_deleted: false,
        });
    }

    /// Makes a link; a second one of the same records changes nothing.
    pub(super) fn link(&mut self, link: String) {
        if !self.links.contains(&link) {
            self.links.push(link);
        }
    }
}

/// The text of a field; empty when the record does not have it.
pub(super) fn field<'a>(record: &'a Record, name: &str) -> &'a str {
    record.get(name).map(String::as_str).unwrap_or_default()
}

/// SQL's `LIKE`, without regard to case: `%` stands for any characters, `_` for one.
pub(super) fn like(text: &str, pattern: &str) -> bool {
    let text: Vec<char> = text.to_lowercase().chars().collect();
    // reachable[i]: the pattern read so far fits the first i characters of the text.
    let mut reachable = vec![false; text.len() + 1];
    if let Some(start) = reachable.first_mut() {
        *start = true;
    }
    for wanted in pattern.to_lowercase().chars() {
        if wanted == '%' {
            let mut seen = false;
            for place in &mut reachable {
                seen |= *place;
                *place = seen;
            }
        } else {
            let fits = text.iter().map(|c| wanted == '_' || *c == wanted);
            let next = reachable
                .iter()
                .zip(fits)
                .map(|(before, fits)| *before && fits);
            reachable = std::iter::once(false).chain(next).collect();
        }
    }
    reachable.last().copied().unwrap_or(false)
}

fn record_id(module: &str, number: u32) -> String {
    let prefix = match module {
        "Contacts" => 1,
        "Leads" => 2,
        _ => 3,
    };
    format!("{prefix}b4a2c2d-0000-4000-8000-{number:012}")
}

fn person(module: &str, contact: &SeedContact) -> Record {
    let (first, last) = (&contact.first_name, &contact.last_name);
    let account = match (module, contact.company_id) {
        ("Contacts", number) if number > 0 => record_id("Accounts", number),
        // A lead names its company as text only.
        _ => String::new(),
    };
    Record::from([
        ("id", record_id(module, contact.id)),
        ("name", format!("Mx. {first} {last}")),
        ("first_name", first.clone()),
        ("last_name", last.clone()),
        ("title", contact.job_title.clone()),
        ("phone_mobile", contact.mobile.clone()),
        ("phone_work", contact.work.clone()),
        ("account_id", account),
        ("account_name", contact.company.clone()),
        ("email1", contact.email.clone()),
        ("date_modified", changed(contact.id)),
        ("deleted", "0".to_owned()),
    ])
}

fn account(id: u32, name: &str) -> Record {
    Record::from([
        ("id", record_id("Accounts", id)),
        ("name", name.to_owned()),
        ("phone_office", format!("+41 44 700 {id:02} 00")),
        ("phone_fax", format!("+41 44 700 {id:02} 99")),
        ("date_modified", changed(id)),
        ("deleted", "0".to_owned()),
    ])
}

/// A time as the database has it, later for a larger number.
fn changed(minutes: u32) -> String {
    let first: Timestamp = FIRST_CHANGE.parse().expect("a time");
    (first + SignedDuration::from_mins(minutes.into()))
        .strftime("%Y-%m-%d %H:%M:%S")
        .to_string()
}

impl Created {
    /// Its fields, `id`, and `module`.
    pub(super) fn shown(&self) -> Value {
        let mut object = self.fields.clone();
        object.insert("id".to_owned(), json!(self.id));
        object.insert("module".to_owned(), json!(self.module));
        Value::Object(object)
    }
}
