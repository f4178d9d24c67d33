//! Domain to wire: contacts as the CONNECTOR reads them (`connector-api.md` §1).

use serde_json::{Map, Value, json};
use whocalls_core::workflow::CREATE_CONTACT;
use whocalls_engine::{Contact, Engine};

use crate::config::schema::{CustomDataKey, Gateway, ReplyCase};

/// How replies are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReplyStyle {
    /// `name` or `Name`.
    pub case: ReplyCase,
    /// `customData`, `customFields` or both.
    pub custom_data_key: CustomDataKey,
}

impl From<&Gateway> for ReplyStyle {
    fn from(gateway: &Gateway) -> Self {
        Self {
            case: gateway.reply_case,
            custom_data_key: gateway.custom_data_key,
        }
    }
}

/// Writes contacts as the reply's array.
pub fn contacts(engine: &Engine, style: ReplyStyle, contacts: &[Contact]) -> Value {
    contacts
        .iter()
        .map(|found| contact(engine, style, found))
        .collect()
}

fn contact(engine: &Engine, style: ReplyStyle, contact: &Contact) -> Value {
    let first = contact
        .members
        .first()
        .and_then(|member| engine.source(&member.source));
    let info = first.map(|source| source.adapter.info());
    let mut fields = Map::new();
    let mut put = |key: &str, value: Value| {
        fields.insert(key_in(style.case, key), value);
    };
    put("name", json!(contact.name));
    put(
        "company",
        json!(contact.company.as_deref().unwrap_or_default()),
    );
    put_if(&mut put, "contactUri", contact.contact_uri.as_deref());
    put_if(&mut put, "companyUri", contact.company_uri.as_deref());
    put("id", json!(contact.id().to_string()));
    put_if(&mut put, "crmName", info.map(|info| info.crm_name.as_str()));
    put_if(
        &mut put,
        "crmLogo",
        info.and_then(|info| info.crm_logo.as_deref()),
    );
    put("crmActions", json!(actions(engine, contact)));
    let custom = custom_data(engine, contact);
    match style.custom_data_key {
        CustomDataKey::CustomData => put("customData", custom),
        CustomDataKey::CustomFields => put("customFields", custom),
        CustomDataKey::Both => {
            put("customData", custom.clone());
            put("customFields", custom);
        }
    }
    Value::Object(fields)
}

fn put_if(put: &mut impl FnMut(&str, Value), key: &str, value: Option<&str>) {
    if let Some(value) = value {
        put(key, json!(value));
    }
}

fn key_in(case: ReplyCase, key: &str) -> String {
    match case {
        ReplyCase::Camel => key.to_owned(),
        ReplyCase::Pascal => {
            let mut chars = key.chars();
            let first = chars.next().map(|c| c.to_ascii_uppercase());
            first.into_iter().chain(chars).collect()
        }
    }
}

/// The workflows that would work for the contact in one of its CRMs, each once.
fn actions<'a>(engine: &'a Engine, contact: &Contact) -> Vec<&'a str> {
    let mut actions: Vec<&str> = Vec::new();
    for member in &contact.members {
        let source = engine.source(&member.source);
        for action in source.iter().flat_map(|source| &source.actions) {
            let action = action.as_str();
            // Whoever is a contact need not be made one.
            let is_refused = member.unavailable_workflows.iter().any(|it| it == action);
            let would_work = action != CREATE_CONTACT && !is_refused;
            if would_work && !actions.contains(&action) {
                actions.push(action);
            }
        }
    }
    actions
}

/// The configured fields, and a link to each record that the card does not show otherwise.
fn custom_data(engine: &Engine, contact: &Contact) -> Value {
    let links = engine.links(contact);
    let fields = contact.custom.iter().chain(&links);
    let data: Map<String, Value> = fields
        .map(|field| (field.title.clone(), json!(field.text)))
        .collect();
    Value::Object(data)
}

#[cfg(test)]
mod tests {
    use std::{num::NonZeroUsize, sync::Arc, time::Duration};

    use whocalls_core::{CallContext, RequestId};
    use whocalls_engine::{EngineSettings, LookupRequest, Source};
    use whocalls_testkit::{
        contacts::{MIA_NUMBER, messy_contacts},
        fake::FakeAdapter,
        query,
    };

    use super::*;

    async fn reply(style: ReplyStyle) -> Value {
        let source = |id, priority, actions: &[&str]| Source {
            adapter: Arc::new(FakeAdapter::seeded(id, &messy_contacts(0))),
            priority,
            actions: actions.iter().map(|action| (*action).to_owned()).collect(),
        };
        let sources = vec![
            source("hubspot", 20, &["CallFlow", "CreateTicket"]),
            source("sugar", 10, &["CallFlow", "CreateCase"]),
        ];
        let engine = Engine::new(sources, EngineSettings::default());
        let cx = CallContext::within(Duration::from_secs(5), RequestId::new("test"));
        let request = LookupRequest {
            cx: &cx,
            query: &query(MIA_NUMBER),
            allowed: None,
            max_results: NonZeroUsize::MIN,
        };
        let report = engine.lookup(request).await;
        contacts(&engine, style, &report.contacts)
    }

    #[actix_web::test]
    async fn a_merged_contact_carries_the_tags_of_its_first_crm_and_links_to_the_others() {
        let style = ReplyStyle {
            case: ReplyCase::Camel,
            custom_data_key: CustomDataKey::CustomData,
        };
        insta::assert_json_snapshot!(reply(style).await, @r#"
        [
          {
            "name": "Mia Keller",
            "company": "Keller AG",
            "contactUri": "https://sugar.example/contacts/13",
            "companyUri": "https://sugar.example/companies/2",
            "id": "sugar:13,hubspot:13",
            "crmName": "sugar CRM",
            "crmLogo": "https://cdn.example/sugar.svg",
            "crmActions": [
              "CallFlow",
              "CreateCase",
              "CreateTicket"
            ],
            "customData": {
              "hubspot CRM": "https://hubspot.example/contacts/13"
            }
          }
        ]
        "#);
    }

    #[actix_web::test]
    async fn the_older_generation_gets_pascal_case_and_both_keys_on_request() {
        let style = ReplyStyle {
            case: ReplyCase::Pascal,
            custom_data_key: CustomDataKey::Both,
        };
        insta::assert_json_snapshot!(reply(style).await, @r#"
        [
          {
            "Name": "Mia Keller",
            "Company": "Keller AG",
            "ContactUri": "https://sugar.example/contacts/13",
            "CompanyUri": "https://sugar.example/companies/2",
            "Id": "sugar:13,hubspot:13",
            "CrmName": "sugar CRM",
            "CrmLogo": "https://cdn.example/sugar.svg",
            "CrmActions": [
              "CallFlow",
              "CreateCase",
              "CreateTicket"
            ],
            "CustomData": {
              "hubspot CRM": "https://hubspot.example/contacts/13"
            },
            "CustomFields": {
              "hubspot CRM": "https://hubspot.example/contacts/13"
            }
          }
        ]
        "#);
    }
}
