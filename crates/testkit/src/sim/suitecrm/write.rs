//! Creating and changing calls, cases and people, the same for both interfaces (classes Call and
//! aCase of SuiteCRM).
//!
//! Values are checked more strictly than SuiteCRM does, which stores what it is given.

use jiff::civil::DateTime;
use serde_json::{Map, Value};

use super::store::Store;

const CALL_FIELDS: &[&str] = &[
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
    "contact_id",
    "lead_id",
];
const CASE_FIELDS: &[&str] = &[
    "name",
    "status",
    "priority",
    "description",
    "assigned_user_id",
    "account_id",
    "contact_id",
];
const PERSON_FIELDS: &[&str] = &[
    "first_name",
    "last_name",
    "phone_mobile",
    "description",
    "assigned_user_id",
];
/// Fields that link the object with a record as it is saved: the field, the link, the module.
const LINKS: [(&str, &str, &str); 3] = [
    ("contact_id", "contacts", "Contacts"),
    ("lead_id", "leads", "Leads"),
    ("account_id", "accounts", "Accounts"),
];

/// A module that objects can be created in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Writable {
    /// The name in requests.
    pub(super) name: &'static str,
    /// The name of the class, which V8 puts into replies.
    pub(super) bean: &'static str,
    fields: &'static [&'static str],
}

const WRITABLE: [Writable; 4] = [
    Writable {
        name: "Calls",
        bean: "Call",
        fields: CALL_FIELDS,
    },
    Writable {
        name: "Cases",
        bean: "Case",
        fields: CASE_FIELDS,
    },
    Writable {
        name: "Contacts",
        bean: "Contact",
        fields: PERSON_FIELDS,
    },
    Writable {
        name: "Leads",
        bean: "Lead",
        fields: PERSON_FIELDS,
    },
];

impl Writable {
    /// The module of that name.
    pub(super) fn named(name: &str) -> Option<Self> {
        WRITABLE.into_iter().find(|module| module.name == name)
    }

    /// The first field that the module does not have.
    pub(super) fn unknown_field(self, fields: &Map<String, Value>) -> Option<&str> {
        let mut names = fields.keys().map(String::as_str);
        names.find(|name| !self.fields.contains(name))
    }

    /// Stores a new object and links it.
    ///
    /// # Errors
    /// A sentence about the first wrong value; nothing is stored then.
    pub(super) fn create(
        self,
        store: &mut Store,
        id: &str,
        fields: &Map<String, Value>,
    ) -> Result<(), String> {
        self.check(fields)?;
        self.link(store, id, fields)?;
        store.add(self.name, id, fields.clone());
        Ok(())
    }

    /// Changes the object under this id and links it; false when there is none, or none any more.
    ///
    /// # Errors
    /// A sentence about the first wrong value; nothing is changed then.
    pub(super) fn update(
        self,
        store: &mut Store,
        id: &str,
        changes: &Map<String, Value>,
    ) -> Result<bool, String> {
        let known = store.created_as(self.name, id);
        let Some(known) = known.filter(|object| !object.is_deleted) else {
            return Ok(false);
        };
        let mut fields = known.fields.clone();
        fields.extend(changes.clone());
        self.check(&fields)?;
        self.link(store, id, changes)?;
        let known = store.created_as(self.name, id);
        Ok(known.map(|known| known.fields = fields).is_some())
    }

    /// Links the object with the records that its fields name.
    fn link(self, store: &mut Store, id: &str, fields: &Map<String, Value>) -> Result<(), String> {
        let linked = LINKS
            .iter()
            .filter(|(field, ..)| !text(fields, field).is_empty());
        let mut links = Vec::new();
        for (field, link, linked_module) in linked {
            let other = text(fields, field);
            check_record(store, linked_module, other)?;
            links.push(format!("{}/{id}/{link}/{other}", self.name));
        }
        let parent = text(fields, "parent_id");
        if !parent.is_empty() {
            check_record(store, text(fields, "parent_type"), parent)?;
        }
        for link in links {
            store.link(link);
        }
        Ok(())
    }

    fn check(self, fields: &Map<String, Value>) -> Result<(), String> {
        match self.name {
            "Calls" => check_call(fields),
            "Cases" => check_length(fields, "name", 50),
            _ => check_length(fields, "last_name", 100),
        }
    }
}

fn check_length(fields: &Map<String, Value>, name: &str, limit: usize) -> Result<(), String> {
    let length = text(fields, name).chars().count();
    if (1..=limit).contains(&length) {
        Ok(())
    } else {
        Err(name.to_owned())
    }
}

fn check_call(fields: &Map<String, Value>) -> Result<(), String> {
    check_length(fields, "name", 50)?;
    let is_known = |name: &str, allowed: &[&str]| allowed.contains(&text(fields, name));
    let is_count = |name: &str, limit: u64| {
        let value = fields.get(name).and_then(Value::as_u64);
        value.is_some_and(|value| value < limit)
    };
    let date_start = text(fields, "date_start");
    let checks = [
        ("direction", is_known("direction", &["Inbound", "Outbound"])),
        (
            "status",
            is_known("status", &["Planned", "Held", "Not Held"]),
        ),
        ("duration_hours", is_count("duration_hours", u64::MAX)),
        ("duration_minutes", is_count("duration_minutes", 60)),
        (
            "date_start",
            DateTime::strptime("%Y-%m-%d %H:%M:%S", date_start).is_ok(),
        ),
    ];
    match checks.iter().find(|(_, is_right)| !is_right) {
        Some((name, _)) => Err((*name).to_owned()),
        None => Ok(()),
    }
}

fn check_record(store: &Store, module: &str, id: &str) -> Result<(), String> {
    match store.find(module, id) {
        Some(_) => Ok(()),
        None => Err(format!("{module} module with id {id} is not found")),
    }
}

fn text<'a>(fields: &'a Map<String, Value>, name: &str) -> &'a str {
    fields.get(name).and_then(Value::as_str).unwrap_or_default()
}
