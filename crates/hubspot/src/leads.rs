//! The leads of the contacts that a lookup found.
//!
//! HubSpot documents no phone property of leads (`crm-apis.md` §1.3), so they are searched by the
//! contacts with which they are associated. That a search of leads takes such a filter is not
//! verified: whatever goes wrong here costs the leads and nothing else.

use std::{borrow::Cow, fmt, time::Duration};

use moka::sync::Cache;
use whocalls_core::{
    AdapterError, AdapterId, CallContext, ContactRecord, CustomFields, ErrorKind, Operation,
};

use crate::{
    api::{LeadsObject, ObjectType},
    client::{Client, Searched},
    limits::Refusal,
    record::{self, Hit},
    search,
    wire::{Filter, FilterGroup, Operand, Operator, PropertyNames, SearchRequest, Sort},
};

/// The pseudo-property that holds the contacts of an object.
const CONTACTS: &str = "associations.contact";
const MODIFIED: &str = "hs_lastmodifieddate";
/// Contacts in one search; keeps it within the 3,000 characters that HubSpot reads.
const MAX_CONTACTS: usize = 50;
/// Any id: shows whether such a search is allowed.
const SOME_CONTACT: &str = "1";

const CAPACITY: u64 = 10_000;
const TIME_TO_LIVE: Duration = Duration::from_mins(15);

/// Finds leads, and remembers whose they are.
pub(crate) struct Leads {
    object: LeadsObject,
    properties: PropertyNames,
    /// Lead id -> contact id.
    contacts: Cache<String, String>,
    refusal: Refusal,
}

impl Leads {
    pub(crate) fn new(object: LeadsObject, custom_fields: &CustomFields) -> Self {
        Self {
            object,
            properties: search::wanted(&record::LEAD_PROPERTIES, custom_fields),
            contacts: Cache::builder()
                .max_capacity(CAPACITY)
                .time_to_live(TIME_TO_LIVE)
                .build(),
            refusal: Refusal::default(),
        }
    }

    /// At most so many leads of these contacts, best match first, each with the contact whose
    /// number it has.
    ///
    /// # Errors
    /// When they cannot be searched, or HubSpot refused it in the last minutes.
    pub(crate) async fn of<'a>(
        &self,
        cx: &CallContext,
        client: &Client,
        contacts: &'a [ContactRecord],
        places: usize,
    ) -> Result<Vec<(Hit, &'a ContactRecord)>, AdapterError> {
        if self.refusal.is_fresh() {
            let message = "HubSpot refused to search leads a few minutes ago";
            return Err(refused(&client.adapter, Operation::Lookup, message));
        }
        let ids = contacts.iter().map(|contact| contact.id.clone());
        let request = self.request(ids.take(MAX_CONTACTS).collect(), places);
        let searched = self.search(cx, client, Operation::Lookup, &request).await;
        let hits = searched.inspect_err(|error| {
            if error.kind.needs_attention() || error.kind == ErrorKind::NotFound {
                self.refusal.remember();
            }
        })?;
        let owned = |hit: Hit| {
            let contact = self.contact(&hit, contacts)?;
            Some((hit, contact))
        };
        Ok(hits.into_iter().take(places).filter_map(owned).collect())
    }

    /// Tries whether leads may be searched.
    ///
    /// # Errors
    /// When they may not, with what to do about it.
    pub(crate) async fn try_search(
        &self,
        cx: &CallContext,
        client: &Client,
    ) -> Result<(), AdapterError> {
        let request = self.request(vec![SOME_CONTACT.to_owned()], 1);
        let searched = self.search(cx, client, Operation::Probe, &request).await;
        searched.map(drop)
    }

    /// The contact of a lead, if a lookup found it lately and knows which one it is.
    pub(crate) fn contact_of(&self, lead: &str) -> Option<String> {
        self.contacts.get(lead)
    }

    /// Whose number a lead has. Which of several contacts it belongs to stands in a property that
    /// is not documented. All of them own the asked number, so without the property the last is
    /// taken, whose match is the weakest; but no workflow is told so.
    fn contact<'a>(&self, hit: &Hit, contacts: &'a [ContactRecord]) -> Option<&'a ContactRecord> {
        let primary = hit.primary_contact();
        let named = contacts
            .iter()
            .find(|contact| Some(contact.id.as_str()) == primary);
        let known = match contacts {
            [only] => Some(only),
            _ => named,
        };
        if let Some(contact) = known {
            let lead = hit.object.id.clone();
            self.contacts.insert(lead, contact.id.clone());
        }
        known.or(contacts.last())
    }

    async fn search(
        &self,
        cx: &CallContext,
        client: &Client,
        operation: Operation,
        request: &SearchRequest<'_>,
    ) -> Result<Vec<Hit>, AdapterError> {
        let kind = ObjectType::Leads(self.object);
        let adapter = &client.adapter;
        match client.search(cx, operation, kind, request).await {
            Ok(Searched::Found(objects)) => {
                let hit = |object| Hit { kind, object };
                Ok(objects.into_iter().map(hit).collect())
            }
            Ok(Searched::UnknownProperties(_)) => {
                let message = "HubSpot does not search leads by their contacts; set leads = false";
                Err(refused(adapter, operation, message))
            }
            Err(error) if error.kind == ErrorKind::NotFound => {
                let message = "HubSpot does not know this type of object; set leads_object to the \
                               other value, or leads = false";
                Err(AdapterError {
                    message: message.to_owned(),
                    ..error
                })
            }
            Err(error) => Err(error),
        }
    }

    fn request(&self, contacts: Vec<String>, places: usize) -> SearchRequest<'_> {
        let by_contact = Filter {
            property_name: CONTACTS,
            operator: Operator::In,
            operand: Operand::Values(contacts),
        };
        SearchRequest {
            filter_groups: vec![FilterGroup {
                filters: [by_contact],
            }],
            query: None,
            properties: Cow::Borrowed(&self.properties),
            sorts: [Sort {
                property_name: MODIFIED,
                direction: "DESCENDING",
            }],
            limit: places.min(search::MAX_HITS),
        }
    }
}

/// The lead that a record id of this adapter names: `leads/77`.
pub(crate) fn id_of_record(id: &str) -> Option<&str> {
    let lead = id.strip_prefix(record::LEAD_PREFIX)?;
    let is_id = !lead.is_empty() && lead.bytes().all(|b| b.is_ascii_digit());
    is_id.then_some(lead)
}

fn refused(adapter: &AdapterId, operation: Operation, message: &str) -> AdapterError {
    AdapterError::new(ErrorKind::InvalidRequest, adapter, operation, message)
}

/// Ids are the customer's data: only their count is shown.
impl fmt::Debug for Leads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Leads")
            .field("object", &self.object)
            .field("contacts", &self.contacts.entry_count())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn leads_are_searched_by_their_contacts() {
        let leads = Leads::new(LeadsObject::default(), &CustomFields::default());
        let request = leads.request(vec!["51".to_owned(), "52".to_owned()], 3);
        assert_eq!(
            serde_json::to_value(request).unwrap(),
            json!({
                "filterGroups": [{ "filters": [{
                    "propertyName": "associations.contact",
                    "operator": "IN",
                    "values": ["51", "52"],
                }] }],
                "properties": ["hs_lead_name", "hs_primary_contact_id"],
                "sorts": [{ "propertyName": "hs_lastmodifieddate", "direction": "DESCENDING" }],
                "limit": 3,
            })
        );
    }

    /// HubSpot refuses requests of more than 3,000 characters.
    #[test]
    fn the_largest_request_is_short_enough() {
        let field = |i: usize| (format!("{i}"), format!("{i:0>100}"));
        let custom: CustomFields = (0..CustomFields::MAX).map(field).collect();
        let leads = Leads::new(LeadsObject::default(), &custom);
        let request = leads.request(vec![u64::MAX.to_string(); MAX_CONTACTS], usize::MAX);
        let length = serde_json::to_string(&request).unwrap().len();
        assert!(length <= 3_000, "{length}");
    }

    #[test]
    fn only_numbers_behind_the_prefix_are_leads() {
        assert_eq!(id_of_record("leads/77"), Some("77"));
        for other in ["77", "leads/", "leads/x", "leads/7/7", "companies/77"] {
            assert_eq!(id_of_record(other), None, "{other}");
        }
    }
}
