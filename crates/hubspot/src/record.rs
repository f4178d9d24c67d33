//! A hit of the search as a contact record.

use tokio::task::yield_now;
use url::Url;
use whocalls_core::{
    AdapterId, Caller, ContactRecord, CustomFields, MatchClass, NumberPlan, PhoneNumber, RecordKind,
};

use crate::{
    api::{LeadsObject, ObjectType},
    wire::Object,
};

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

/// So many hits are read before others get a turn: less than a millisecond's work.
const AT_ONCE: usize = 32;

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

/// What a hit comes to.
pub(crate) struct Found {
    /// The record, without what further requests tell: the company's page, missing links.
    pub(crate) record: ContactRecord,
    /// The primary company of a contact.
    pub(crate) company_id: Option<String>,
}

/// Turns hits into records.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mapper<'a> {
    pub(crate) source: &'a AdapterId,
    pub(crate) custom_fields: &'a CustomFields,
    pub(crate) plan: &'a NumberPlan,
    /// The number that was asked for.
    pub(crate) asked: &'a PhoneNumber,
}

impl Hit {
    /// The contact of a lead that HubSpot calls its primary one, where it says so.
    pub(crate) fn primary_contact(&self) -> Option<&str> {
        self.text(PRIMARY_CONTACT)
    }

    /// The text of a property, unless it is blank.
    fn text(&self, property: &str) -> Option<&str> {
        self.object.properties.get(property)
    }

    /// The text of a property that nothing else is made of.
    fn take(&mut self, property: &str) -> Option<String> {
        self.object.properties.take(property)
    }

    fn person_name(&self) -> Option<String> {
        match (self.text("firstname"), self.text("lastname")) {
            (Some(first), Some(last)) => Some([first, " ", last].concat()),
            (Some(one), None) | (None, Some(one)) => Some(one.to_owned()),
            (None, None) => {
                let other = self.text("email").or_else(|| self.text("company"));
                other.map(str::to_owned)
            }
        }
    }

    fn take_emails(&mut self) -> Vec<String> {
        let more = self.take("hs_additional_emails").unwrap_or_default();
        let more = more.split(';').map(str::trim);
        let more = more.filter(|email| !email.is_empty()).map(str::to_owned);
        self.take("email").into_iter().chain(more).collect()
    }
}

impl Mapper<'_> {
    /// The hits as records. Gives way to others now and then: a hit whose numbers nobody asked for
    /// takes twenty times as long as another one, and a server that ignores filters sends many.
    pub(crate) async fn read_all(&self, hits: Vec<Hit>) -> Vec<Found> {
        let mut found = Vec::with_capacity(hits.len());
        for hit in hits {
            if found.len() % AT_ONCE == AT_ONCE - 1 {
                yield_now().await;
            }
            found.push(self.read(hit));
        }
        found
    }

    /// The hit as a record. A lead has no number of its own (`crm-apis.md` §1.3 knows none): it
    /// gets that of its contact.
    pub(crate) fn read(&self, mut hit: Hit) -> Found {
        // A field of the card may be one of those that are taken below.
        let custom = self
            .custom_fields
            .collect(|field| hit.text(field).map(str::to_owned));
        let company_id = hit.text("associatedcompanyid").map(str::to_owned);
        let (kind, name) = match hit.kind {
            ObjectType::Companies => (RecordKind::Company, hit.take("name")),
            ObjectType::Leads(_) => (RecordKind::Lead, hit.take("hs_lead_name")),
            _ => (RecordKind::Contact, hit.person_name()),
        };
        let name = name.unwrap_or_else(|| format!("HubSpot {}", hit.object.id));
        let id = record_id(hit.kind, &hit.object.id);
        let mut record = ContactRecord::new(self.source.clone(), id, kind, name);
        record.company = hit.take("company");
        record.contact_uri = page(&hit.object);
        record.phones = self.take_phones(&mut hit);
        record.emails = hit.take_emails();
        // Of equal records of a person the one that changed last counts. A lead stays behind its
        // contact, whose page has the activities.
        if kind != RecordKind::Lead {
            let modified_at = hit.object.updated_at.as_deref();
            record.modified_at = modified_at.and_then(|at| at.parse().ok());
        }
        record.custom = custom;
        Found { record, company_id }
    }

    fn take_phones(&self, hit: &mut Hit) -> Vec<String> {
        let best = |(typed, calculated)| {
            best_reading(hit.take(typed), hit.take(calculated), self.plan, self.asked)
        };
        PHONES.into_iter().filter_map(best).collect()
    }
}

/// The adapter's name for the record: `51` for a contact, `companies/9001` for a company,
/// `leads/77` for a lead.
fn record_id(kind: ObjectType, id: &str) -> String {
    match kind {
        ObjectType::Companies => [COMPANY_PREFIX, id].concat(),
        ObjectType::Leads(_) => [LEAD_PREFIX, id].concat(),
        _ => id.to_owned(),
    }
}

/// The object that a record is: its type and HubSpot's id.
pub(crate) fn object_of(record: &ContactRecord) -> (ObjectType, &str) {
    let (kind, prefix) = match record.kind {
        RecordKind::Contact => (ObjectType::Contacts, ""),
        RecordKind::Company => (ObjectType::Companies, COMPANY_PREFIX),
        RecordKind::Lead => (ObjectType::Leads(LeadsObject::default()), LEAD_PREFIX),
    };
    let id = record.id.strip_prefix(prefix).unwrap_or(&record.id);
    (kind, id)
}

/// The text that says best which number it is.
///
/// A typed number without country is read by HubSpot with the country of the record, which it
/// knows and we do not; so where both readings differ, HubSpot's counts, if it can exist. It
/// cannot where HubSpot took `41791234567` for a national number. Where both agree, the typed text
/// tells more: a second number, an extension.
fn best_reading<T: AsRef<str>>(
    typed: Option<T>,
    calculated: Option<T>,
    plan: &NumberPlan,
    asked: &PhoneNumber,
) -> Option<T> {
    let (typed, calculated) = match (typed, calculated) {
        (Some(typed), Some(calculated)) => (typed, calculated),
        (typed, calculated) => return typed.or(calculated),
    };
    let Some(number) = read(calculated.as_ref(), plan, asked) else {
        return Some(typed);
    };
    let agree = matches!(
        plan.match_stored(typed.as_ref(), &number),
        Some(MatchClass::Exact | MatchClass::ExactWithoutExtension)
    );
    Some(if agree || !number.is_valid() {
        typed
    } else {
        calculated
    })
}

/// The number that HubSpot calculated. In most hits it is the asked one, which need not be read
/// once more: that takes longer than all else about a record.
fn read(calculated: &str, plan: &NumberPlan, asked: &PhoneNumber) -> Option<PhoneNumber> {
    if asked.is_valid() && calculated.strip_prefix('+') == Some(asked.digits()) {
        return Some(asked.clone());
    }
    match plan.classify(calculated) {
        Caller::Number(number) => Some(number),
        _ => None,
    }
}

/// The page that HubSpot sent along, if it is a link.
pub(crate) fn page(object: &Object) -> Option<String> {
    let link = object.url.as_deref()?;
    if is_plain(link) {
        return Some(link.to_owned());
    }
    let url = Url::parse(link).ok()?;
    matches!(url.scheme(), "https" | "http").then(|| url.into())
}

/// Whether a text is a link that parsing would not change, which takes ten times as long: a host
/// that is a plain name and a path of plain segments, as in all links that HubSpot makes.
fn is_plain(link: &str) -> bool {
    let Some((host, path)) = link
        .strip_prefix("https://")
        .and_then(|rest| rest.split_once('/'))
    else {
        return false;
    };
    let is_part = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    let mut labels = host.split('.');
    let is_label =
        |label: &str| !label.is_empty() && !label.starts_with("xn--") && label.bytes().all(is_part);
    // A last label that begins with a digit makes an address of the host.
    let is_name = labels
        .next_back()
        .is_some_and(|last| last.starts_with(|c: char| c.is_ascii_lowercase()) && is_label(last));
    let is_step = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'/');
    is_name && labels.all(is_label) && path.bytes().all(is_step)
}

#[cfg(test)]
mod tests {
    use std::{pin::pin, task::Poll};

    use proptest::prelude::*;
    use serde_json::{Value, json};
    use whocalls_testkit::{contacts::MIA_NUMBER, number};

    use super::*;

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
        let mapper = Mapper {
            source: &source,
            custom_fields: &fields.into_iter().collect(),
            plan: &whocalls_testkit::number_plan(),
            asked: &number(MIA_NUMBER),
        };
        mapper.read(hit(kind, object)).record
    }

    #[tokio::test]
    async fn others_get_a_turn_while_many_hits_are_read() {
        for (count, turns) in [(1, 0), (AT_ONCE - 1, 0), (AT_ONCE, 1), (4 * AT_ONCE, 4)] {
            let hits = (0..count).map(|id| Hit {
                kind: ObjectType::Contacts,
                object: Object::with_id(id.to_string()),
            });
            let mapper = Mapper {
                source: &AdapterId::new("hubspot").unwrap(),
                custom_fields: &CustomFields::default(),
                plan: &whocalls_testkit::number_plan(),
                asked: &number(MIA_NUMBER),
            };
            let mut reading = pin!(mapper.read_all(hits.collect()));
            let mut given = 0;
            let found = loop {
                match futures::poll!(reading.as_mut()) {
                    Poll::Ready(found) => break found,
                    Poll::Pending => given += 1,
                }
            };
            assert_eq!((found.len(), given), (count, turns));
        }
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
            // Whatever is asked for: one of the numbers, or another one.
            for asked in [MIA_NUMBER, "41445550123", "49791234567", "4141791234567"] {
                let read = best_reading(typed, calculated, &plan, &number(asked));
                assert_eq!(read, Some(best), "{typed:?} {calculated:?} {asked}");
            }
        }
        let nothing: Option<&str> = None;
        assert_eq!(
            best_reading(nothing, nothing, &plan, &number(MIA_NUMBER)),
            None
        );
    }

    proptest! {
        #[test]
        fn a_page_is_the_link_as_the_url_standard_writes_it(
            link in "https://[a-z0-9.x-]{0,12}/[a-zA-Z0-9/_.%-]{0,12}|https?:.*|.*",
        ) {
            let url = Url::parse(&link).ok().filter(|url| url.scheme().starts_with("http"));
            let object = Object { url: Some(link), ..Object::with_id("51") };
            prop_assert_eq!(page(&object), url.map(String::from));
        }
    }

    #[test]
    fn the_links_of_hubspot_are_plain() {
        for (link, expected) in [
            (
                "https://app-eu1.hubspot.com/contacts/7001234/record/0-1/51",
                true,
            ),
            ("https://app.hubspot.com/", true),
            ("https://app.hubspot.com", false),
            ("https://APP.hubspot.com/", false),
            ("https://127.0.0.1/", false),
            ("https://xn--a.example/", false),
            ("https://app.hubspot.com/a/../b", false),
            ("https://app.hubspot.com:443/", false),
            ("http://app.hubspot.com/", false),
        ] {
            assert_eq!(is_plain(link), expected, "{link}");
        }
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
