//! Objects as HubSpot sends them, read without what nobody asks for: a lookup waits for it.

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, Visitor},
};
use whocalls_http::{Lenient, first, lenient};

use crate::{
    record::{COMPANY_PROPERTIES, CONTACT_PROPERTIES, LEAD_PROPERTIES},
    search::MAX_HITS,
};

/// Room for the properties of a contact, with the three that HubSpot adds to those asked for.
const ROOM: usize = CONTACT_PROPERTIES.len() + 3;

/// A contact, a company, a lead, a call or a ticket.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Object {
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) properties: Texts,
    pub(crate) updated_at: Option<String>,
    /// The object's page; not always present.
    pub(crate) url: Option<String>,
}

impl Object {
    /// An object of which nothing but the id is known.
    pub(crate) fn with_id(id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            ..Self::default()
        }
    }
}

/// Objects that HubSpot lists.
#[derive(Debug, Deserialize)]
pub(crate) struct Page {
    /// No more than a request asks for: what a server sends beyond that is skipped, so that nothing
    /// that it sends keeps a thread busy.
    #[serde(deserialize_with = "first::<_, _, MAX_HITS>")]
    pub(crate) results: Vec<Object>,
}

/// The texts of properties, by their internal names. Properties that are null, blank or no text,
/// which is not documented but tolerated, are left out.
///
/// There are some fifteen: a search through all of them is quicker than a hash.
#[derive(Debug, Clone, Default)]
pub(crate) struct Texts(Vec<(Name, String)>);

impl Texts {
    /// The text of a property, without white space around it; not empty.
    pub(crate) fn get(&self, property: &str) -> Option<&str> {
        let found = self.0.iter().rfind(|(name, _)| name.0 == property);
        found.map(|(_, text)| text.as_str())
    }

    /// The same, for good.
    pub(crate) fn take(&mut self, property: &str) -> Option<String> {
        let place = self.0.iter().rposition(|(name, _)| name.0 == property)?;
        Some(self.0.swap_remove(place).1)
    }
}

impl<'de> Deserialize<'de> for Texts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(TextsVisitor)
    }
}

struct TextsVisitor;

impl<'de> Visitor<'de> for TextsVisitor {
    type Value = Texts;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Texts, A::Error> {
        let mut texts = Vec::with_capacity(ROOM);
        while let Some(name) = map.next_key::<Name>()? {
            if let Text(Some(text)) = map.next_value()? {
                texts.push((name, text));
            }
        }
        Ok(Texts(texts))
    }
}

/// The name of a property. Those that every search asks for need no memory.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Name(Cow<'static, str>);

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(NameVisitor)
    }
}

struct NameVisitor;

impl Visitor<'_> for NameVisitor {
    type Value = Name;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Name, E> {
        let asked = CONTACT_PROPERTIES.iter().chain(&COMPANY_PROPERTIES);
        let mut asked = asked.chain(&LEAD_PROPERTIES);
        Ok(Name(match asked.find(|known| **known == name) {
            Some(known) => Cow::Borrowed(known),
            None => Cow::Owned(name.to_owned()),
        }))
    }
}

/// The text of a property, if it has one.
#[derive(Default)]
struct Text(Option<String>);

impl Lenient for Text {
    fn of_text(text: &str) -> Self {
        let text = text.trim();
        Self((!text.is_empty()).then(|| text.to_owned()))
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        lenient(deserializer)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn a_property_is_its_text_or_nothing() {
        let texts: Texts = serde_json::from_str(
            r#"{"email": " mia@example.ch ", "city": "Z\u00fcrich", "phone": null, "company": " ",
                "rating": 4.5, "big": -7, "count": 7, "flag": true, "tags": ["a", {"b": []}],
                "owner": {"name": "x"}, "again": "first", "again": "last"}"#,
        )
        .unwrap();
        for (property, text) in [
            ("email", Some("mia@example.ch")),
            ("city", Some("Zürich")),
            ("again", Some("last")),
            ("phone", None),
            ("company", None),
            ("rating", None),
            ("tags", None),
            ("owner", None),
            ("missing", None),
        ] {
            assert_eq!(texts.get(property), text, "{property}");
        }
        let mut taken = texts.clone();
        assert_eq!(taken.take("email").as_deref(), texts.get("email"));
        assert_eq!(taken.take("email"), None);
    }

    #[test]
    fn what_is_no_map_of_properties_is_no_object() {
        for properties in [json!(null), json!("a"), json!(["a"]), json!(1)] {
            let object = json!({ "id": "51", "properties": properties });
            assert!(serde_json::from_value::<Object>(object).is_err());
        }
        for object in [json!({ "properties": {} }), json!({ "id": 51 }), json!([])] {
            assert!(serde_json::from_value::<Object>(object).is_err());
        }
    }

    #[test]
    fn no_more_objects_are_read_than_a_request_asks_for() {
        for sent in [0, 1, MAX_HITS, MAX_HITS + 1, 5_000] {
            let objects: Vec<Value> = (0..sent)
                .map(|id| json!({ "id": id.to_string() }))
                .collect();
            let page = json!({ "total": sent, "results": objects });
            let page: Page = serde_json::from_value(page).unwrap();
            assert_eq!(page.results.len(), sent.min(MAX_HITS));
            let is_in_order = |(place, object): (usize, &Object)| object.id == place.to_string();
            assert!(page.results.iter().enumerate().all(is_in_order));
        }
    }
}
