//! Domain to wire: contacts as the CONNECTOR reads them (`connector-api.md` §1).

use std::fmt;

use serde::{
    Serialize, Serializer,
    ser::{SerializeMap, SerializeSeq},
};
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

/// Contacts as the reply's array, written when it is serialised.
#[derive(Debug, Clone, Copy)]
pub struct Cards<'a> {
    engine: &'a Engine,
    style: ReplyStyle,
    contacts: &'a [Contact],
}

/// The reply's array of these contacts.
pub fn contacts<'a>(engine: &'a Engine, style: ReplyStyle, contacts: &'a [Contact]) -> Cards<'a> {
    Cards {
        engine,
        style,
        contacts,
    }
}

impl Serialize for Cards<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut array = serializer.serialize_seq(Some(self.contacts.len()))?;
        for contact in self.contacts {
            array.serialize_element(&Card {
                engine: self.engine,
                style: self.style,
                contact,
            })?;
        }
        array.end()
    }
}

/// One contact.
struct Card<'a> {
    engine: &'a Engine,
    style: ReplyStyle,
    contact: &'a Contact,
}

impl Serialize for Card<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self {
            engine,
            style,
            contact,
        } = self;
        let first = contact.members.first();
        let source = first.and_then(|member| engine.source(&member.source));
        let info = source.map(|source| source.adapter.info());
        let mut fields = Fields {
            case: style.case,
            map: serializer.serialize_map(None)?,
        };
        fields.put("name", &contact.name)?;
        fields.put("company", contact.company.as_deref().unwrap_or_default())?;
        fields.put_if("contactUri", contact.contact_uri.as_deref())?;
        fields.put_if("companyUri", contact.company_uri.as_deref())?;
        fields.put("id", &Shown(contact.id()))?;
        fields.put_if("crmName", info.map(|info| info.crm_name.as_str()))?;
        fields.put_if("crmLogo", info.and_then(|info| info.crm_logo.as_deref()))?;
        fields.put("crmActions", &actions(engine, contact))?;
        let custom = CustomData { engine, contact };
        match style.custom_data_key {
            CustomDataKey::CustomData => fields.put("customData", &custom)?,
            CustomDataKey::CustomFields => fields.put("customFields", &custom)?,
            CustomDataKey::Both => {
                fields.put("customData", &custom)?;
                fields.put("customFields", &custom)?;
            }
        }
        fields.map.end()
    }
}

/// The fields of a contact, their keys in the configured case.
struct Fields<M> {
    case: ReplyCase,
    map: M,
}

impl<M: SerializeMap> Fields<M> {
    fn put(&mut self, key: &str, value: &(impl Serialize + ?Sized)) -> Result<(), M::Error> {
        match self.case {
            ReplyCase::Camel => self.map.serialize_entry(key, value),
            ReplyCase::Pascal => self.map.serialize_entry(&pascal(key), value),
        }
    }

    fn put_if(&mut self, key: &str, value: Option<&str>) -> Result<(), M::Error> {
        value.map_or(Ok(()), |value| self.put(key, value))
    }
}

fn pascal(key: &str) -> String {
    let mut chars = key.chars();
    let first = chars.next().map(|c| c.to_ascii_uppercase());
    first.into_iter().chain(chars).collect()
}

/// Something as it is displayed.
struct Shown<T>(T);

impl<T: fmt::Display> Serialize for Shown<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
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
struct CustomData<'a> {
    engine: &'a Engine,
    contact: &'a Contact,
}

impl Serialize for CustomData<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let links = self.engine.links(self.contact);
        let fields = self.contact.custom.iter().chain(&links);
        serializer.collect_map(fields.map(|field| (&field.title, &field.text)))
    }
}

#[cfg(test)]
mod tests {
    use std::{num::NonZeroUsize, sync::Arc, time::Duration};

    use serde_json::Value;
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
        serde_json::to_value(contacts(&engine, style, &report.contacts)).unwrap()
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
