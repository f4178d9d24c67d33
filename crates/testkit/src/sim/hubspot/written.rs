//! The objects that were written: what they are now, and what the search index knows of them.

use std::collections::HashMap;

use jiff::{Timestamp, ToSpan};
use serde_json::{Map, Value, json};

use super::{
    objects::Object,
    route::ObjectKind,
    schema::{Schema, modified_property},
};

/// The number of the first object created.
const FIRST_ID: usize = 88_001;
/// When the first object was written; every write is a second later than the one before.
const BEGIN: &str = "2026-11-22T08:30:00Z";

/// An object that was created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Created {
    /// `calls`, `tickets` or `contacts`.
    pub kind: String,
    /// The id it got.
    pub id: String,
    /// Its properties as sent, those of later updates included.
    pub properties: Map<String, Value>,
    /// The id of each associated object and the number of the association type.
    pub associations: Vec<(String, u64)>,
}

/// An object with what was sent for it.
#[derive(Debug, Clone)]
struct Record {
    kind: ObjectKind,
    object: Object,
    sent: Map<String, Value>,
    associations: Vec<(String, u64)>,
    is_deleted: bool,
}

/// All objects that were written.
#[derive(Debug, Default)]
pub(super) struct Written {
    records: Vec<Record>,
    /// The records as the search index has them, where it lags.
    indexed: Option<Vec<Record>>,
    writes: u32,
}

impl Written {
    /// From now on, the index knows only what was written when it last caught up.
    pub(super) fn lag(&mut self) {
        self.indexed = Some(self.records.clone());
    }

    pub(super) fn catch_up(&mut self) {
        if let Some(indexed) = &mut self.indexed {
            indexed.clone_from(&self.records);
        }
    }

    /// What was created, in order, whether it still exists or not.
    pub(super) fn created(&self) -> Vec<Created> {
        let created = |record: &Record| Created {
            kind: record.kind.name().to_owned(),
            id: record.object.id.clone(),
            properties: record.sent.clone(),
            associations: record.associations.clone(),
        };
        self.records.iter().map(created).collect()
    }

    /// The object, unless it was deleted. Reads by id are immediate (`crm-apis.md` §1.3).
    pub(super) fn get(&self, kind: ObjectKind, id: &str) -> Option<&Object> {
        self.of_kind(kind).find(|object| object.id == id)
    }

    /// The object whose property has this text, ignoring case.
    pub(super) fn owner_of(&self, kind: ObjectKind, name: &str, text: &str) -> Option<&Object> {
        let is_owner = |object: &&Object| {
            let own = object.properties.get(name);
            own.is_some_and(|own| own.eq_ignore_ascii_case(text))
        };
        self.of_kind(kind).find(is_owner)
    }

    /// What a search looks through, oldest first.
    pub(super) fn searchable(&self, kind: ObjectKind) -> impl Iterator<Item = &Object> {
        let records = self.indexed.as_ref().unwrap_or(&self.records);
        existing(records, kind)
    }

    pub(super) fn create(
        &mut self,
        kind: ObjectKind,
        properties: &Map<String, Value>,
        associations: Vec<(String, u64)>,
    ) -> Object {
        let id = (FIRST_ID + self.records.len()).to_string();
        let object = Object {
            id: id.clone(),
            properties: HashMap::from([
                ("hs_object_id".to_owned(), id),
                ("createdate".to_owned(), self.next_time()),
            ]),
            contacts: Vec::new(),
        };
        self.records.push(Record {
            kind,
            object: object.clone(),
            sent: Map::new(),
            associations,
            is_deleted: false,
        });
        self.update(kind, &object.id, properties).unwrap_or(object)
    }

    /// Sets properties; an empty text unsets one. `None` when there is no such object.
    pub(super) fn update(
        &mut self,
        kind: ObjectKind,
        id: &str,
        properties: &Map<String, Value>,
    ) -> Option<Object> {
        let now = self.next_time();
        let record = self.record(kind, id)?;
        let stored = &mut record.object.properties;
        for (name, value) in properties {
            record.sent.insert(name.clone(), value.clone());
            match value.as_str() {
                None | Some("") => stored.remove(name),
                Some(text) => stored.insert(name.clone(), text.to_owned()),
            };
        }
        stored.insert(modified_property(kind).to_owned(), now);
        record.object.calculate_numbers();
        Some(record.object.clone())
    }

    /// Deletes an object, as somebody does by hand. False when there is none.
    pub(super) fn delete(&mut self, kind: ObjectKind, id: &str) -> bool {
        let record = self.record(kind, id);
        record.map(|record| record.is_deleted = true).is_some()
    }

    fn record(&mut self, kind: ObjectKind, id: &str) -> Option<&mut Record> {
        let mut records = self.records.iter_mut();
        records.find(|record| record.kind == kind && record.object.id == id && !record.is_deleted)
    }

    fn of_kind(&self, kind: ObjectKind) -> impl Iterator<Item = &Object> {
        existing(&self.records, kind)
    }

    fn next_time(&mut self) -> String {
        let begin: Timestamp = BEGIN.parse().expect("a timestamp");
        self.writes += 1;
        (begin + i64::from(self.writes).seconds()).to_string()
    }
}

fn existing(records: &[Record], kind: ObjectKind) -> impl Iterator<Item = &Object> {
    let exists = move |record: &&Record| record.kind == kind && !record.is_deleted;
    records.iter().filter(exists).map(|record| &record.object)
}

/// The object as JSON with all its properties, as in the reply to a write.
pub(super) fn render_all(schema: &Schema, kind: ObjectKind, object: &Object) -> Value {
    let properties = object.properties.iter();
    let known = properties.filter(|(name, _)| schema.defines(kind, name));
    json!({
        "id": object.id,
        "properties": known.collect::<HashMap<_, _>>(),
        "createdAt": object.properties.get("createdate"),
        "updatedAt": object.properties.get(modified_property(kind)),
        "archived": false,
    })
}
