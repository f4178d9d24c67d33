//! Records as Sugar sends them, read without what nobody asks for: a lookup waits for it.

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{
        Error, MapAccess, SeqAccess, Visitor,
        value::{MapAccessDeserializer, SeqAccessDeserializer},
    },
};
use serde_json::Number;
use whocalls_http::{Lenient, first, lenient};

use crate::lookup::MAX_CANDIDATES;

/// The fields that the adapter reads, and those that most records have besides: their names need no
/// memory.
const NAMES: [&str; 25] = [
    "id",
    "_module",
    "name",
    "full_name",
    "first_name",
    "last_name",
    "account_id",
    "account_name",
    "email",
    "date_modified",
    "phone_mobile",
    "phone_work",
    "phone_home",
    "phone_other",
    "assistant_phone",
    "phone_office",
    "phone_alternate",
    "user_name",
    "description",
    "title",
    "_acl",
    "assigned_user_id",
    "assigned_user_name",
    "date_entered",
    "phone_fax",
];
/// Room for the fields of most records.
const ROOM: usize = 24;

/// A list of records, from a search or a filter.
#[derive(Default, Deserialize)]
pub(crate) struct RecordList {
    /// No more than a request asks for: what a server sends beyond that is skipped, so that nothing
    /// that it sends keeps a thread busy.
    #[serde(deserialize_with = "first::<_, _, MAX_CANDIDATES>")]
    pub(crate) records: Vec<Record>,
}

/// A record of any module.
pub(crate) struct Record {
    pub(crate) id: String,
    /// `_module`.
    pub(crate) module: Option<String>,
    /// There are some twenty: a search through all of them is quicker than a hash.
    fields: Vec<(Name, Field)>,
}

/// The value of a field, as far as it is read.
#[derive(Clone, Default)]
pub(crate) enum Field {
    /// `null`.
    #[default]
    Nothing,
    Text(String),
    Flag(bool),
    Number(Number),
    List(Vec<Self>),
    Object(Box<Members>),
}

/// What is read of an object inside of a field: a tag, an e-mail address.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Members {
    pub(crate) name: Field,
    pub(crate) email_address: Field,
    pub(crate) primary_address: Field,
}

impl Record {
    /// A field, if the record came with it.
    pub(crate) fn field(&self, name: &str) -> Option<&Field> {
        self.fields
            .iter()
            .rfind(|(known, _)| known.0 == name)
            .map(|(_, field)| field)
    }

    /// The text of a field. Sugar sends the empty string for a field without a value: that counts
    /// as absent.
    pub(crate) fn text(&self, field: &str) -> Option<&str> {
        let text = self.field(field)?.as_text()?.trim();
        (!text.is_empty()).then_some(text)
    }

    /// The same, for good: afterwards the field has none.
    pub(crate) fn take_text(&mut self, field: &str) -> Option<String> {
        let mut fields = self.fields.iter_mut();
        let (_, found) = fields.rfind(|(known, _)| known.0 == field)?;
        let Field::Text(text) = found else {
            return None;
        };
        let trimmed = text.trim();
        if trimmed.is_empty() {
            return None;
        }
        Some(if trimmed.len() == text.len() {
            std::mem::take(text)
        } else {
            trimmed.to_owned()
        })
    }
}

impl Field {
    /// The text, if it is one.
    pub(crate) fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

impl<'de> Deserialize<'de> for Record {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(RecordVisitor)
    }
}

struct RecordVisitor;

impl<'de> Visitor<'de> for RecordVisitor {
    type Value = Record;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a record")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Record, A::Error> {
        let (mut id, mut module) = (None, None);
        let mut fields = Vec::with_capacity(ROOM);
        while let Some(name) = map.next_key::<Name>()? {
            match &*name.0 {
                "id" => id = map.next_value()?,
                "_module" => module = map.next_value()?,
                _ => fields.push((name, map.next_value()?)),
            }
        }
        Ok(Record {
            id: id.ok_or_else(|| A::Error::missing_field("id"))?,
            module,
            fields,
        })
    }
}

/// The name of a field.
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
        Ok(Name(match NAMES.iter().find(|known| **known == name) {
            Some(known) => Cow::Borrowed(known),
            None => Cow::Owned(name.to_owned()),
        }))
    }
}

impl Lenient for Field {
    fn of_text(text: &str) -> Self {
        Self::Text(text.to_owned())
    }

    fn of_flag(flag: bool) -> Self {
        Self::Flag(flag)
    }

    fn of_number(number: Number) -> Self {
        Self::Number(number)
    }

    fn of_list<'de, A: SeqAccess<'de>>(seq: A) -> Result<Self, A::Error> {
        Vec::deserialize(SeqAccessDeserializer::new(seq)).map(Self::List)
    }

    fn of_object<'de, A: MapAccess<'de>>(map: A) -> Result<Self, A::Error> {
        let members = Members::deserialize(MapAccessDeserializer::new(map))?;
        Ok(Self::Object(Box::new(members)))
    }
}

impl<'de> Deserialize<'de> for Field {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        lenient(deserializer)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn record(record: Value) -> Result<Record, serde_json::Error> {
        serde_json::from_value(record)
    }

    #[test]
    fn a_text_is_read_without_the_space_around_it_and_taken_once() {
        let mut record = record(json!({
            "id": "c1", "_module": "Contacts", "name": "Mia Keller", "title": " CEO ",
            "phone_work": "", "phone_home": " ", "phone_other": null, "rating": 4.5, "tag": [],
        }))
        .unwrap();
        assert_eq!(
            (&*record.id, record.module.as_deref()),
            ("c1", Some("Contacts"))
        );
        for (field, text) in [
            ("name", Some("Mia Keller")),
            ("title", Some("CEO")),
            ("phone_work", None),
            ("phone_home", None),
            ("phone_other", None),
            ("rating", None),
            ("tag", None),
            ("phone_mobile", None),
        ] {
            assert_eq!(record.text(field), text, "{field}");
            assert_eq!(record.take_text(field).as_deref(), text, "{field}");
        }
        assert!(record.field("phone_other").is_some());
        assert!(record.field("phone_mobile").is_none());
        assert_eq!(record.take_text("name"), None);
    }

    #[test]
    fn a_record_has_an_id_and_its_module_is_a_text() {
        for (json, is_record) in [
            (json!({ "id": "c1" }), true),
            (json!({ "id": "c1", "_module": null, "fields": {} }), true),
            (json!({ "_module": "Contacts" }), false),
            (json!({ "id": null }), false),
            (json!({ "id": 1 }), false),
            (json!({ "id": "c1", "_module": ["Contacts"] }), false),
            (json!(["c1"]), false),
            (json!(null), false),
        ] {
            assert_eq!(record(json.clone()).is_ok(), is_record, "{json}");
        }
    }

    #[test]
    fn no_more_records_are_read_than_a_request_asks_for() {
        for sent in [0, 1, MAX_CANDIDATES, MAX_CANDIDATES + 1, 5_000] {
            let records: Vec<Value> = (0..sent)
                .map(|id| json!({ "id": id.to_string() }))
                .collect();
            let list = json!({ "next_offset": -1, "records": records });
            let list: RecordList = serde_json::from_value(list).unwrap();
            assert_eq!(list.records.len(), sent.min(MAX_CANDIDATES));
            let is_in_order = |(place, record): (usize, &Record)| record.id == place.to_string();
            assert!(list.records.iter().enumerate().all(is_in_order));
        }
    }
}
