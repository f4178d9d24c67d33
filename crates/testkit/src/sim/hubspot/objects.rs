//! The contacts, companies and leads of the account.

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::{Timestamp, ToSpan};
use serde_json::{Map, Value, json};

use super::{
    HubSpot,
    phone::calculate,
    route::ObjectKind,
    schema::{Schema, modified_property},
    with,
};
use crate::contacts::SeedContact;

/// An object as stored: only properties with a value.
#[derive(Debug, Clone)]
pub(super) struct Object {
    pub(super) id: String,
    pub(super) properties: HashMap<String, String>,
    /// The ids of the contacts that it is associated with, as far as they can be searched for.
    pub(super) contacts: Vec<String>,
}

impl Object {
    /// Sets what HubSpot makes of the numbers as typed.
    pub(super) fn calculate_numbers(&mut self) {
        for (typed, kind) in [("phone", "phone"), ("mobilephone", "mobile")] {
            let Some(number) = self.properties.get(typed).and_then(|text| calculate(text)) else {
                continue;
            };
            let name = |form: &str| format!("hs_{form}_{kind}_number");
            let international = name("calculated");
            self.properties.insert(international, number.international);
            let searchable = name("searchable_calculated");
            self.properties.insert(searchable, number.searchable);
        }
    }
}

/// The objects that were there from the start, by kind and id.
#[derive(Debug)]
pub(super) struct Objects {
    contacts: BTreeMap<u64, Object>,
    companies: BTreeMap<u64, Object>,
    leads: BTreeMap<u64, Object>,
}

impl Objects {
    pub(super) fn seeded(seeds: &[SeedContact]) -> Self {
        let keyed = |object: Object| (object.id.parse().expect("a numeric id"), object);
        let with_company = seeds.iter().filter(|seed| seed.company_id > 0);
        Self {
            contacts: seeds.iter().map(contact).map(keyed).collect(),
            companies: with_company.map(company).map(keyed).collect(),
            leads: BTreeMap::new(),
        }
    }

    /// Adds a lead of these contacts; the first is the primary one.
    pub(super) fn add_lead(&mut self, id: u32, name: &str, contacts: &[u32]) {
        for contact in contacts {
            assert!(
                self.contacts.contains_key(&u64::from(*contact)),
                "a contact"
            );
        }
        let contacts: Vec<String> = contacts.iter().map(u32::to_string).collect();
        let lead = object(
            id.to_string(),
            ObjectKind::Leads,
            id % 1_000,
            [
                ("hs_lead_name", Some(name.to_owned())),
                ("hs_lead_label", Some("WARM".to_owned())),
                ("hs_primary_contact_id", contacts.first().cloned()),
            ],
        );
        self.leads
            .insert(u64::from(id), Object { contacts, ..lead });
    }

    /// All objects of a kind, oldest first.
    pub(super) fn all(&self, kind: ObjectKind) -> impl Iterator<Item = &Object> {
        let of_kind = match kind {
            ObjectKind::Contacts => Some(&self.contacts),
            ObjectKind::Companies => Some(&self.companies),
            ObjectKind::Leads => Some(&self.leads),
            ObjectKind::Calls | ObjectKind::Tickets => None,
        };
        of_kind.into_iter().flat_map(BTreeMap::values)
    }

    pub(super) fn get(&self, kind: ObjectKind, id: &str) -> Option<&Object> {
        self.all(kind).find(|object| object.id == id)
    }
}

/// The object as JSON. Requested properties that the kind lacks are ignored; unset ones are
/// null.
pub(super) fn render(
    schema: &Schema,
    kind: ObjectKind,
    object: &Object,
    requested: Option<&HashSet<String>>,
    url: Option<String>,
) -> Value {
    let modified = modified_property(kind);
    let mut names: Vec<&str> = vec!["createdate", "hs_object_id", modified];
    match requested {
        Some(requested) => names.extend(requested.iter().map(String::as_str)),
        None if kind == ObjectKind::Companies => names.extend(["name", "domain"]),
        None if kind == ObjectKind::Leads => names.push("hs_lead_name"),
        None if kind == ObjectKind::Calls => names.push("hs_timestamp"),
        None if kind == ObjectKind::Tickets => names.extend(["subject", "content"]),
        None => names.extend(["firstname", "lastname", "email"]),
    }
    let properties: Map<String, Value> = names
        .into_iter()
        .filter(|name| schema.defines(kind, name))
        .map(|name| (name.to_owned(), json!(object.properties.get(name))))
        .collect();
    let rendered = json!({
        "id": object.id,
        "properties": properties,
        "createdAt": object.properties.get("createdate"),
        "updatedAt": object.properties.get(modified),
        "archived": false,
    });
    match url {
        Some(url) => with(rendered, "url", json!(url)),
        None => rendered,
    }
}

fn contact(seed: &SeedContact) -> Object {
    let company_id = (seed.company_id > 0).then(|| HubSpot::company_id(seed.company_id));
    let mut contact = object(
        seed.id.to_string(),
        ObjectKind::Contacts,
        seed.id,
        [
            ("firstname", Some(seed.first_name.clone())),
            ("lastname", Some(seed.last_name.clone())),
            ("email", Some(seed.email.clone())),
            ("company", Some(seed.company.clone())),
            ("jobtitle", Some(seed.job_title.clone())),
            ("associatedcompanyid", company_id),
            ("phone", Some(seed.work.clone())),
            ("mobilephone", Some(seed.mobile.clone())),
        ],
    );
    contact.calculate_numbers();
    contact
}

fn company(seed: &SeedContact) -> Object {
    let phone = format!("+{}", HubSpot::company_number(seed.company_id));
    let mut company = object(
        HubSpot::company_id(seed.company_id),
        ObjectKind::Companies,
        seed.company_id,
        [
            ("name", Some(seed.company.clone())),
            ("city", Some("Bern".to_owned())),
            ("phone", Some(phone)),
        ],
    );
    company.calculate_numbers();
    company
}

/// An object with the properties that have a value, created one minute after the one before.
fn object<const N: usize>(
    id: String,
    kind: ObjectKind,
    minute: u32,
    properties: [(&'static str, Option<String>); N],
) -> Object {
    let at = |start: &str| {
        let start: Timestamp = start.parse().expect("a timestamp");
        (start + i64::from(minute).minutes()).to_string()
    };
    let mut set: HashMap<_, _> = properties
        .into_iter()
        .filter_map(|(name, text)| {
            let text = text.filter(|text| !text.is_empty())?;
            Some((name.to_owned(), text))
        })
        .collect();
    set.insert("hs_object_id".to_owned(), id.clone());
    set.insert("createdate".to_owned(), at("2025-03-02T08:00:00Z"));
    let modified = modified_property(kind).to_owned();
    set.insert(modified, at("2026-10-01T09:00:00Z"));
    Object {
        id,
        properties: set,
        contacts: Vec::new(),
    }
}
