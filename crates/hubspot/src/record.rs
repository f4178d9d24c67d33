//! A hit of the search as a contact record.

use url::Url;
use whocalls_core::{
    AdapterId, Caller, ContactRecord, CustomFields, MatchClass, NumberPlan, RecordKind,
};

use crate::{api::ObjectType, wire::Object};

/// What is read of a contact (`crm-apis.md` §1.3).
pub(crate) const CONTACT_PROPERTIES: [&str; 10] = [
    "firstname",
    "lastname",
    "email",
    "hs_additional_emails",
    "phone",
    "mobilephone",
    "hs_calculated_phone_number",
    "hs_calculated_mobile_number",
    "company",
    "associatedcompanyid",
];
/// What is read of a company.
pub(crate) const COMPANY_PROPERTIES: [&str; 3] = ["name", "phone", "hs_calculated_phone_number"];
/// What is read of a lead. The second is not documented; it may be missing.
pub(crate) const LEAD_PROPERTIES: [&str; 2] = ["hs_lead_name", PRIMARY_CONTACT];
const PRIMARY_CONTACT: &str = "hs_primary_contact_id";

/// A typed number and what HubSpot made of it.
const PHONES: [(&str, &str); 2] = [
    ("phone", "hs_calculated_phone_number"),
    ("mobilephone", "hs_calculated_mobile_number"),
];

/// Before the id of a company in a record id. Contacts have no prefix.
pub(crate) const COMPANY_PREFIX: &str = "companies/";
/// Before the id of a lead in a record id.
pub(crate) const LEAD_PREFIX: &str = "leads/";

/// A contact, a company or a lead that a search returned.
#[derive(Debug)]
pub(crate) struct Hit {
    pub(crate) kind: ObjectType,
    pub(crate) object: Object,
}

impl Hit {
    /// The adapter's name for the record: `51` for a contact, `companies/9001` for a company,
    /// `leads/77` for a lead.
    pub(crate) fn record_id(&self) -> String {
        match self.kind {
            ObjectType::Companies => format!("{COMPANY_PREFIX}{}", self.object.id),
            ObjectType::Leads(_) => format!("{LEAD_PREFIX}{}", self.object.id),
            _ => self.object.id.clone(),
        }
    }

    /// The primary company of a contact.
    pub(crate) fn company_id(&self) -> Option<&str> {
        self.text("associatedcompanyid")
    }

    /// The contact of a lead that HubSpot calls its primary one, where it says so.
    pub(crate) fn primary_contact(&self) -> Option<&str> {
        self.text(PRIMARY_CONTACT)
    }

    /// The text of a property, unless it is blank.
    pub(crate) fn text(&self, property: &str) -> Option<&str> {
        text(&self.object, property)
    }

    /// The record without what further requests tell: the company's page, missing links. A lead
    /// has no number of its own (`crm-apis.md` §1.3 knows none): it gets that of its contact.
    pub(crate) fn record(
        &self,
        source: &AdapterId,
        plan: &NumberPlan,
        custom_fields: &CustomFields,
    ) -> ContactRecord {
        let (kind, name) = match self.kind {
            ObjectType::Companies => (RecordKind::Company, self.text("name").map(str::to_owned)),
            ObjectType::Leads(_) => {
                let name = self.text("hs_lead_name");
                (RecordKind::Lead, name.map(str::to_owned))
            }
            _ => (RecordKind::Contact, self.person_name()),
        };
        let name = name.unwrap_or_else(|| format!("HubSpot {}", self.object.id));
        let mut record = ContactRecord::new(source.clone(), self.record_id(), kind, name);
        record.company = self.text("company").map(str::to_owned);
        record.contact_uri = page(&self.object);
        record.phones = self.phones(plan);
        record.emails = self.emails();
        // Of equal records of a person the one that changed last counts. A lead stays behind its
        // contact, whose page has the activities.
        if kind != RecordKind::Lead {
            let modified_at = self.object.updated_at.as_deref();
            record.modified_at = modified_at.and_then(|at| at.parse().ok());
        }
        record.custom = custom_fields.collect(|field| self.text(field).map(str::to_owned));
        record
    }

    fn person_name(&self) -> Option<String> {
        let parts = [self.text("firstname"), self.text("lastname")];
        let full: Vec<&str> = parts.into_iter().flatten().collect();
        if full.is_empty() {
            let other = self.text("email").or_else(|| self.text("company"));
            return other.map(str::to_owned);
        }
        Some(full.join(" "))
    }

    fn phones(&self, plan: &NumberPlan) -> Vec<String> {
        PHONES
            .iter()
            .filter_map(|(typed, calculated)| {
                best_reading(self.text(typed), self.text(calculated), plan)
            })
            .map(str::to_owned)
            .collect()
    }

    fn emails(&self) -> Vec<String> {
        let more = self.text("hs_additional_emails").unwrap_or_default();
        let more = more.split(';').map(str::trim);
        let emails = self.text("email").into_iter().chain(more);
        emails
            .filter(|email| !email.is_empty())
            .map(str::to_owned)
            .collect()
    }
}

/// The text that says best which number it is.
///
/// A typed number without country is read by HubSpot with the country of the record, which it
/// knows and we do not; so where both readings differ, HubSpot's counts, if it can exist. It
/// cannot where HubSpot took `41791234567` for a national number. Where both agree, the typed text
/// tells more: a second number, an extension.
fn best_reading<'a>(
    typed: Option<&'a str>,
    calculated: Option<&'a str>,
    plan: &NumberPlan,
) -> Option<&'a str> {
    let (Some(typed), Some(calculated)) = (typed, calculated) else {
        return typed.or(calculated);
    };
    let Caller::Number(number) = plan.classify(calculated) else {
        return Some(typed);
    };
    let agree = matches!(
        plan.match_stored(typed, &number),
        Some(MatchClass::Exact | MatchClass::ExactWithoutExtension)
    );
    Some(if agree || !number.is_valid() {
        typed
    } else {
        calculated
    })
}

/// The text of a property, unless it is blank.
pub(crate) fn text<'a>(object: &'a Object, property: &str) -> Option<&'a str> {
    let text = object.properties.get(property)?.as_str()?.trim();
    (!text.is_empty()).then_some(text)
}

/// The page that HubSpot sent along, if it is a link.
pub(crate) fn page(object: &Object) -> Option<String> {
    let url = Url::parse(object.url.as_deref()?).ok()?;
    matches!(url.scheme(), "https" | "http").then(|| url.into())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::api::LeadsObject;

    fn hit(kind: ObjectType, object: Value) -> Hit {
        Hit {
            kind,
            object: serde_json::from_value(object).unwrap(),
        }
    }

    fn record(kind: ObjectType, object: Value) -> ContactRecord {
        let source = AdapterId::new("hubspot").unwrap();
        let fields = [("Job title", "jobtitle"), ("City", "city")];
        let fields = fields.map(|(title, field)| (title.to_owned(), field.to_owned()));
        let fields = fields.into_iter().collect();
        hit(kind, object).record(&source, &whocalls_testkit::number_plan(), &fields)
    }

    #[test]
    fn a_contact_is_read_completely() {
        let record = record(
            ObjectType::Contacts,
            json!({
                "id": "51",
                "properties": {
                    "firstname": "Mia", "lastname": " Keller ", "email": "mia@example.ch",
                    "hs_additional_emails": "m@example.ch; keller@example.ch",
                    "phone": null, "mobilephone": "079 123 45 67",
                    "hs_calculated_mobile_number": "+41791234567",
                    "company": "Keller AG", "jobtitle": "CEO", "city": "",
                },
                "updatedAt": "2026-10-01T09:00:00.000Z",
                "archived": false,
                "url": "https://app-eu1.hubspot.com/contacts/7001234/record/0-1/51",
            }),
        );
        assert_eq!(record.id, "51");
        assert_eq!(record.kind, RecordKind::Contact);
        assert_eq!(record.name, "Mia Keller");
        assert_eq!(record.company.as_deref(), Some("Keller AG"));
        assert_eq!(record.phones, ["079 123 45 67"]);
        assert_eq!(
            record.emails,
            ["mia@example.ch", "m@example.ch", "keller@example.ch"]
        );
        assert_eq!(
            record.modified_at.unwrap().to_string(),
            "2026-10-01T09:00:00Z"
        );
        assert!(record.contact_uri.unwrap().ends_with("/0-1/51"));
        let custom: Vec<_> = record.custom.iter().map(|c| c.text.as_str()).collect();
        assert_eq!(custom, ["CEO"], "unset fields are left out");
    }

    #[test]
    fn a_company_is_told_from_a_contact_by_its_id() {
        let record = record(
            ObjectType::Companies,
            json!({ "id": "9001", "properties": { "name": "Keller AG", "phone": "031 555 00 02" } }),
        );
        assert_eq!(record.id, "companies/9001");
        assert_eq!(record.kind, RecordKind::Company);
        assert_eq!(record.name, "Keller AG");
    }

    #[test]
    fn a_lead_stays_behind_its_contact() {
        let record = record(
            ObjectType::Leads(LeadsObject::default()),
            json!({
                "id": "77",
                "properties": { "hs_lead_name": "Mia Keller", "hs_primary_contact_id": "51" },
                "updatedAt": "2026-10-01T09:00:00.000Z",
            }),
        );
        assert_eq!(
            (record.id.as_str(), record.kind),
            ("leads/77", RecordKind::Lead)
        );
        assert_eq!(record.name, "Mia Keller");
        assert_eq!(record.modified_at, None);
        assert!(record.phones.is_empty());
    }

    #[test]
    fn a_contact_without_name_is_still_called_something() {
        let cases = [
            (json!({ "lastname": "Keller" }), "Keller"),
            (
                json!({ "email": "mia@example.ch", "company": "Keller AG" }),
                "mia@example.ch",
            ),
            (json!({ "company": "Keller AG" }), "Keller AG"),
            (json!({ "firstname": " " }), "HubSpot 51"),
        ];
        for (properties, name) in cases {
            let object = json!({ "id": "51", "properties": properties });
            assert_eq!(record(ObjectType::Contacts, object).name, name);
        }
    }

    #[test]
    fn the_reading_that_knows_the_country_counts() {
        let plan = whocalls_testkit::number_plan();
        let cases = [
            // typed, calculated, best
            (Some("079 123 45 67"), Some("+41791234567"), "079 123 45 67"),
            (Some("030 1234567"), Some("+49301234567"), "+49301234567"),
            (Some("079 123 45 67"), Some("+49791234567"), "+49791234567"),
            (Some("41791234567"), Some("+4141791234567"), "41791234567"),
            (
                Some("044 555 01 23 ext. 12"),
                Some("+41445550123"),
                "044 555 01 23 ext. 12",
            ),
            (
                Some("079 123 45 67 / 044 555 01 23"),
                Some("+41791234567"),
                "079 123 45 67 / 044 555 01 23",
            ),
            (Some("079 123 45 67"), Some("n/a"), "079 123 45 67"),
            (Some("079 123 45 67"), None, "079 123 45 67"),
            (None, Some("+41791234567"), "+41791234567"),
        ];
        for (typed, calculated, best) in cases {
            let read = best_reading(typed, calculated, &plan);
            assert_eq!(read, Some(best), "{typed:?} {calculated:?}");
        }
        assert_eq!(best_reading(None, None, &plan), None);
    }

    #[test]
    fn odd_values_are_ignored() {
        let record = record(
            ObjectType::Contacts,
            json!({
                "id": "51",
                "properties": { "firstname": 7, "lastname": "Keller", "email": [] },
                "updatedAt": "yesterday",
                "url": "javascript:alert(1)",
            }),
        );
        assert_eq!(record.name, "Keller");
        assert!(record.emails.is_empty());
        assert_eq!(record.modified_at, None);
        assert_eq!(record.contact_uri, None);
    }
}
