//! Which properties the kinds of objects have, and what they take (`crm-apis.md` §1.3, §1.5, §1.6).

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};

use super::{HubSpot, reply, route::ObjectKind};
use crate::upstream::Response;

/// Properties that all kinds have and nobody writes.
const COMMON: [&str; 2] = ["createdate", "hs_object_id"];
/// Calculated properties of those kinds that have a number.
const NUMBER: [&str; 2] = [
    "hs_calculated_phone_number",
    "hs_searchable_calculated_phone_number",
];
/// Calculated properties of contacts beside these.
const CONTACT_CALCULATED: [&str; 3] = [
    "hs_calculated_mobile_number",
    "hs_searchable_calculated_mobile_number",
    "associatedcompanyid",
];
const CONTACT: [&str; 10] = [
    "firstname",
    "lastname",
    "email",
    "hs_additional_emails",
    "phone",
    "mobilephone",
    "company",
    "jobtitle",
    "hubspot_owner_id",
    "lifecyclestage",
];
const COMPANY: [&str; 5] = ["name", "phone", "domain", "website", "city"];
const LEAD: [&str; 4] = [
    "hs_lead_name",
    "hs_lead_type",
    "hs_lead_label",
    "hs_primary_contact_id",
];
const CALL: [&str; 9] = [
    "hs_timestamp",
    "hs_call_title",
    "hs_call_body",
    "hs_call_direction",
    "hs_call_status",
    "hs_call_duration",
    "hs_call_from_number",
    "hs_call_to_number",
    "hubspot_owner_id",
];
const TICKET: [&str; 6] = [
    "subject",
    "content",
    "hs_pipeline",
    "hs_pipeline_stage",
    "hs_ticket_priority",
    "hubspot_owner_id",
];
/// Property and the only texts that it takes.
const CHOICES: [(&str, &[&str]); 5] = [
    ("hs_call_direction", &["INBOUND", "OUTBOUND"]),
    (
        "hs_call_status",
        &[
            "BUSY",
            "CALLING_CRM_USER",
            "CANCELED",
            "COMPLETED",
            "CONNECTING",
            "FAILED",
            "IN_PROGRESS",
            "MISSED",
            "NO_ANSWER",
            "QUEUED",
            "RINGING",
        ],
    ),
    ("hubspot_owner_id", &[HubSpot::OWNER_ID]),
    ("hs_pipeline", &["0"]),
    ("hs_pipeline_stage", &["1", "2", "3", "4"]),
];
/// The longest text of a property; documented of the body of calls.
const MAX_CHARS: usize = 65_536;
/// The pseudo-property of a search for the objects of contacts. No reply has it.
const OF_CONTACTS: &str = "associations.contact";

/// What an account has added to the stock properties, and what it lacks of them.
#[derive(Debug, Default)]
pub(super) struct Schema {
    /// Kind and property, and whether its values are unique.
    custom: HashMap<(String, String), bool>,
    /// Kind and property.
    removed: HashSet<(String, String)>,
}

impl Schema {
    pub(super) fn add(&mut self, kind: &str, property: &str, is_unique: bool) {
        let key = (kind.to_owned(), property.to_owned());
        self.custom.insert(key, is_unique);
    }

    pub(super) fn remove(&mut self, kind: &str, property: &str) {
        self.removed.insert((kind.to_owned(), property.to_owned()));
    }

    /// Whether objects of the kind have the property at all.
    pub(super) fn defines(&self, kind: ObjectKind, property: &str) -> bool {
        let calculated: &[&str] = match kind {
            ObjectKind::Contacts => &[NUMBER.as_slice(), &CONTACT_CALCULATED].concat(),
            ObjectKind::Companies => &NUMBER,
            ObjectKind::Leads | ObjectKind::Calls | ObjectKind::Tickets => &[],
        };
        let is_stock = COMMON.contains(&property)
            || modified_property(kind) == property
            || calculated.contains(&property);
        (is_stock && !self.is_removed(kind, property)) || self.takes(kind, property)
    }

    /// Whether a custom property exists whose values are unique.
    pub(super) fn is_unique(&self, kind: ObjectKind, property: &str) -> bool {
        let key = (kind.name().to_owned(), property.to_owned());
        self.custom.get(&key) == Some(&true)
    }

    /// Whether this is the pseudo-property of a search for objects of contacts; simulated for
    /// leads only.
    pub(super) fn is_association(&self, kind: ObjectKind, property: &str) -> bool {
        kind == ObjectKind::Leads && property == OF_CONTACTS && !self.is_removed(kind, property)
    }

    /// Refuses properties that cannot be written like this.
    pub(super) fn check(
        &self,
        kind: ObjectKind,
        properties: &Map<String, Value>,
    ) -> Result<(), Response> {
        for (name, value) in properties {
            if !self.takes(kind, name) {
                return Err(reply::unknown_property(name));
            }
            let Some(text) = value.as_str() else {
                return Err(reply::invalid("property values are texts"));
            };
            if !is_allowed(name, text) {
                return Err(reply::invalid(&format!(
                    "Property values were not valid: [{{\"isValid\":false,\"name\":\"{name}\"}}]"
                )));
            }
        }
        Ok(())
    }

    /// Whether the property exists and can be written.
    fn takes(&self, kind: ObjectKind, property: &str) -> bool {
        let key = (kind.name().to_owned(), property.to_owned());
        let own: &[&str] = match kind {
            ObjectKind::Contacts => &CONTACT,
            ObjectKind::Companies => &COMPANY,
            ObjectKind::Leads => &LEAD,
            ObjectKind::Calls => &CALL,
            ObjectKind::Tickets => &TICKET,
        };
        let is_known = own.contains(&property) || self.custom.contains_key(&key);
        is_known && !self.removed.contains(&key)
    }

    fn is_removed(&self, kind: ObjectKind, property: &str) -> bool {
        let key = (kind.name().to_owned(), property.to_owned());
        self.removed.contains(&key)
    }
}

/// The property that says when an object was last changed.
pub(super) fn modified_property(kind: ObjectKind) -> &'static str {
    match kind {
        ObjectKind::Contacts => "lastmodifieddate",
        _ => "hs_lastmodifieddate",
    }
}

/// What a new object must have; none for kinds that are not created here.
pub(super) fn required(kind: ObjectKind) -> Option<&'static [&'static str]> {
    match kind {
        ObjectKind::Calls => Some(&["hs_timestamp"]),
        ObjectKind::Tickets => Some(&["subject", "hs_pipeline_stage"]),
        ObjectKind::Contacts => Some(&[]),
        ObjectKind::Companies | ObjectKind::Leads => None,
    }
}

fn is_allowed(property: &str, text: &str) -> bool {
    let choices = CHOICES.iter().find(|(name, _)| *name == property);
    match property {
        "hs_call_duration" => text.parse::<u64>().is_ok(),
        "hs_timestamp" => text.parse::<jiff::Timestamp>().is_ok() || text.parse::<i64>().is_ok(),
        _ => {
            choices.is_none_or(|(_, allowed)| allowed.contains(&text))
                && text.chars().count() <= MAX_CHARS
        }
    }
}
