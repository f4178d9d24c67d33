//! From the replies of the CRMs to the gateway's reply, for the one case that the benchmark asks
//! for: each CRM knows the same person once.

use std::{borrow::Cow, collections::BTreeMap};

use serde::{Deserialize, Serialize};

use crate::{backends::Shape, programs::Adapter};

#[derive(Deserialize)]
struct Sugar<'a> {
    #[serde(borrow)]
    records: [SugarRecord<'a>; 1],
}

#[derive(Deserialize)]
struct SugarRecord<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(borrow)]
    account_id: Cow<'a, str>,
    #[serde(borrow)]
    account_name: Cow<'a, str>,
}

#[derive(Deserialize)]
struct HubSpot<'a> {
    #[serde(borrow)]
    results: [HubSpotObject<'a>; 1],
}

#[derive(Deserialize)]
struct HubSpotObject<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow)]
    properties: HubSpotProperties<'a>,
    #[serde(borrow)]
    url: Cow<'a, str>,
}

#[derive(Deserialize)]
struct HubSpotProperties<'a> {
    #[serde(borrow)]
    firstname: Cow<'a, str>,
    #[serde(borrow)]
    lastname: Cow<'a, str>,
    #[serde(borrow)]
    company: Cow<'a, str>,
    #[serde(borrow)]
    associatedcompanyid: Cow<'a, str>,
}

#[derive(Deserialize)]
struct Rest<'a> {
    #[serde(borrow)]
    items: [RestItem<'a>; 1],
}

#[derive(Deserialize)]
struct RestItem<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow)]
    person: RestPerson<'a>,
    #[serde(borrow)]
    company: RestCompany<'a>,
}

#[derive(Deserialize)]
struct RestPerson<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
}

#[derive(Deserialize)]
struct RestCompany<'a> {
    id: u64,
    #[serde(borrow)]
    name: Cow<'a, str>,
}

/// What one CRM says of the person.
struct Part<'a> {
    adapter: &'a Adapter,
    record_id: Cow<'a, str>,
    name: Cow<'a, str>,
    company: Cow<'a, str>,
    contact_uri: Cow<'a, str>,
    company_uri: String,
}

/// A contact of the gateway's reply.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Card<'a> {
    name: &'a str,
    company: &'a str,
    contact_uri: &'a str,
    company_uri: &'a str,
    id: String,
    crm_name: &'a str,
    crm_logo: &'a str,
    crm_actions: Vec<&'static str>,
    custom_data: BTreeMap<&'a str, &'a str>,
}

/// The gateway's reply, from what each of the adapters' CRMs answered, in the order of the
/// adapters; those without answer are left out.
pub(crate) fn of<'a>(answers: impl Iterator<Item = (&'a Adapter, &'a [u8])>) -> Vec<u8> {
    let parts: Vec<Part<'_>> = answers
        .filter_map(|(adapter, body)| part(adapter, body))
        .collect();
    let contacts: Vec<Card<'_>> = contact(&parts).into_iter().collect();
    serde_json::to_vec(&contacts).unwrap_or_default()
}

fn part<'a>(adapter: &'a Adapter, body: &'a [u8]) -> Option<Part<'a>> {
    match adapter.shape {
        Shape::Sugar => {
            let [record] = serde_json::from_slice::<Sugar<'_>>(body).ok()?.records;
            let page = |module: &str, id: &str| {
                format!("http://127.0.0.1:{}/#{module}/{id}", adapter.port)
            };
            Some(Part {
                adapter,
                contact_uri: page("Contacts", &record.id).into(),
                company_uri: page("Accounts", &record.account_id),
                record_id: format!("Contacts/{}", record.id).into(),
                name: record.name,
                company: record.account_name,
            })
        }
        Shape::HubSpot => {
            let [object] = serde_json::from_slice::<HubSpot<'_>>(body).ok()?.results;
            let of = object.properties;
            let company = of.associatedcompanyid;
            Some(Part {
                adapter,
                company_uri: format!(
                    "https://app.hubspot.com/contacts/1000001/record/0-2/{company}"
                ),
                contact_uri: object.url,
                record_id: object.id,
                name: format!("{} {}", of.firstname, of.lastname).into(),
                company: of.company,
            })
        }
        Shape::Rest => {
            let [item] = serde_json::from_slice::<Rest<'_>>(body).ok()?.items;
            let page =
                |kind: &str, id: &str| format!("http://127.0.0.1:{}/{kind}/{id}", adapter.port);
            Some(Part {
                adapter,
                contact_uri: page("contacts", &item.id).into(),
                company_uri: page("companies", &item.company.id.to_string()),
                record_id: item.id,
                name: item.person.name,
                company: item.company.name,
            })
        }
    }
}

fn contact<'a>(parts: &'a [Part<'a>]) -> Option<Card<'a>> {
    let (first, others) = parts.split_first()?;
    let mut id = String::with_capacity(parts.len() * 48);
    let mut crm_actions = Vec::new();
    for part in parts {
        if !id.is_empty() {
            id.push(',');
        }
        id.push_str(&part.adapter.id);
        id.push(':');
        id.push_str(&part.record_id);
        for action in part.adapter.actions() {
            if !crm_actions.contains(action) {
                crm_actions.push(*action);
            }
        }
    }
    // Each page once, as in the gateway's reply.
    let mut shown = vec![first.contact_uri.as_ref()];
    let mut custom_data = BTreeMap::new();
    for part in others {
        let page = part.contact_uri.as_ref();
        if !shown.contains(&page) {
            shown.push(page);
            custom_data.insert(part.adapter.crm_name.as_str(), page);
        }
    }
    Some(Card {
        name: &first.name,
        company: &first.company,
        contact_uri: &first.contact_uri,
        company_uri: &first.company_uri,
        id,
        crm_name: &first.adapter.crm_name,
        crm_logo: first.adapter.crm_logo(),
        crm_actions,
        custom_data,
    })
}
