//! The contacts and companies of the account.

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::{Timestamp, ToSpan};
use serde_json::{Map, Value, json};

use super::{
    HubSpot,
    phone::{Calculated, calculate},
    route::ObjectKind,
    with,
};
use crate::contacts::SeedContact;

/// Properties that both kinds have.
const COMMON: [&str; 5] = [
    "createdate",
    "hs_object_id",
    "phone",
    "hs_calculated_phone_number",
    "hs_searchable_calculated_phone_number",
];
const CONTACT: [&str; 13] = [
    "lastmodifieddate",
    "firstname",
    "lastname",
    "email",
    "hs_additional_emails",
    "mobilephone",
    "hs_calculated_mobile_number",
    "hs_searchable_calculated_mobile_number",
    "company",
    "jobtitle",
    "associatedcompanyid",
    "hubspot_owner_id",
    "lifecyclestage",
];
const COMPANY: [&str; 5] = ["hs_lastmodifieddate", "name", "domain", "website", "city"];

/// An object as stored: only properties with a value.
#[derive(Debug)]
pub(super) struct Object {
    pub(super) id: String,
    pub(super) properties: HashMap<&'static str, String>,
}

/// All objects by kind and id.
#[derive(Debug)]
pub(super) struct Objects {
    contacts: BTreeMap<u64, Object>,
    companies: BTreeMap<u64, Object>,
    /// Kind and property that this account lacks.
    removed: HashSet<(String, String)>,
}

impl Objects {
    pub(super) fn seeded(seeds: &[SeedContact]) -> Self {
        let keyed = |object: Object| (object.id.parse().expect("a numeric id"), object);
        let with_company = seeds.iter().filter(|seed| seed.company_id > 0);
        Self {
            contacts: seeds.iter().map(contact).map(keyed).collect(),
            companies: with_company.map(company).map(keyed).collect(),
            removed: HashSet::new(),
        }
    }

    pub(super) fn remove_property(&mut self, kind: &str, property: &str) {
        self.removed.insert((kind.to_owned(), property.to_owned()));
    }

    /// All objects of a kind, oldest first.
    pub(super) fn all(&self, kind: ObjectKind) -> impl Iterator<Item = &Object> {
        let of_kind = match kind {
            ObjectKind::Contacts => Some(&self.contacts),
            ObjectKind::Companies => Some(&self.companies),
            ObjectKind::Calls | ObjectKind::Tickets => None,
        };
        of_kind.into_iter().flat_map(BTreeMap::values)
    }

    pub(super) fn get(&self, kind: ObjectKind, id: &str) -> Option<&Object> {
        self.all(kind).find(|object| object.id == id)
    }

    /// Whether objects of the kind have the property at all.
    pub(super) fn defines(&self, kind: ObjectKind, property: &str) -> bool {
        let own: &[&str] = match kind {
            ObjectKind::Contacts => &CONTACT,
            ObjectKind::Companies => &COMPANY,
            ObjectKind::Calls | ObjectKind::Tickets => &[],
        };
        let removed = (kind.name().to_owned(), property.to_owned());
        (COMMON.contains(&property) || own.contains(&property)) && !self.removed.contains(&removed)
    }

    /// The object as JSON. Requested properties that the kind lacks are ignored; unset ones are
    /// null.
    pub(super) fn render(
        &self,
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
            None => names.extend(["firstname", "lastname", "email"]),
        }
        let properties: Map<String, Value> = names
            .into_iter()
            .filter(|name| self.defines(kind, name))
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
}

/// The property that says when an object was last changed.
pub(super) fn modified_property(kind: ObjectKind) -> &'static str {
    match kind {
        ObjectKind::Contacts => "lastmodifieddate",
        _ => "hs_lastmodifieddate",
    }
}

fn contact(seed: &SeedContact) -> Object {
    let work = calculate(&seed.work);
    let mobile = calculate(&seed.mobile);
    let company_id = (seed.company_id > 0).then(|| HubSpot::company_id(seed.company_id));
    let searchable = |number: &Option<Calculated>| number.as_ref().map(|n| n.searchable.clone());
    let international = |n: Option<Calculated>| n.map(|n| n.international);
    object(
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
            ("hs_searchable_calculated_phone_number", searchable(&work)),
            (
                "hs_searchable_calculated_mobile_number",
                searchable(&mobile),
            ),
            ("hs_calculated_phone_number", international(work)),
            ("hs_calculated_mobile_number", international(mobile)),
        ],
    )
}

fn company(seed: &SeedContact) -> Object {
    let phone = format!("+{}", HubSpot::company_number(seed.company_id));
    let calculated = calculate(&phone).expect("a number");
    object(
        HubSpot::company_id(seed.company_id),
        ObjectKind::Companies,
        seed.company_id,
        [
            ("name", Some(seed.company.clone())),
            ("city", Some("Bern".to_owned())),
            ("phone", Some(phone)),
            (
                "hs_searchable_calculated_phone_number",
                Some(calculated.searchable),
            ),
            ("hs_calculated_phone_number", Some(calculated.international)),
        ],
    )
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
        .filter_map(|(name, text)| Some((name, text.filter(|text| !text.is_empty())?)))
        .collect();
    set.insert("hs_object_id", id.clone());
    set.insert("createdate", at("2025-03-02T08:00:00Z"));
    set.insert(modified_property(kind), at("2026-10-01T09:00:00Z"));
    Object {
        id,
        properties: set,
    }
}
