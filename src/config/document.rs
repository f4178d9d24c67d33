//! The configuration as a tree, with the place where each of its values was written.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::{
    path::{KeyPath, Step},
    report::Place,
    source::Span,
};

/// A parsed configuration.
#[derive(Debug, Clone)]
pub(super) struct Document {
    /// All tables, arrays and values. Dates and times are strings.
    pub(super) value: Value,
    origins: HashMap<KeyPath, Origin>,
    /// Whether the file has syntax errors, so that some of it is not in `value`.
    pub(super) is_damaged: bool,
    /// Tables of which a layer is missing, so that nobody knows what they lack.
    pub(super) incomplete: Vec<KeyPath>,
}

/// Where a value was written.
#[derive(Debug, Clone)]
pub(super) enum Origin {
    /// In the file. Elements of arrays have no key.
    Text { key: Option<Span>, value: Span },
    /// In an environment variable.
    Variable(String),
    /// In a layer below the file.
    Laid { key: Place, value: Place },
}

impl Document {
    pub(super) fn new(value: Value, origins: HashMap<KeyPath, Origin>, is_damaged: bool) -> Self {
        Self {
            value,
            origins,
            is_damaged,
            incomplete: Vec::new(),
        }
    }

    /// Tells that a layer of the table at `path` is missing.
    pub(super) fn add_incomplete(&mut self, path: KeyPath) {
        if !self.incomplete.contains(&path) {
            self.incomplete.push(path);
        }
    }

    /// Whether something at `path` may be missing only because it could not be read.
    pub(super) fn is_incomplete(&self, path: &KeyPath) -> bool {
        let mut incomplete = self.incomplete.iter();
        self.is_damaged || incomplete.any(|table| path.is_within(table))
    }

    /// Tells where the value at `path` was written.
    pub(super) fn set_origin(&mut self, path: KeyPath, origin: Origin) {
        self.origins.insert(path, origin);
    }

    /// The table at `path`; an empty one is made if only it is missing.
    pub(super) fn table_mut(&mut self, path: &KeyPath) -> Option<&mut Value> {
        let key = path.last_key()?;
        let parent = path.parent()?;
        let table = parent
            .steps()
            .iter()
            .try_fold(&mut self.value, |value, step| match step {
                Step::Key(key) => value.get_mut(key),
                Step::Index(index) => value.get_mut(index),
            });
        let empty = || Value::Object(Map::new());
        Some(table?.as_object_mut()?.entry(key).or_insert_with(empty))
    }

    /// Where the key at the end of `path` stands; for a path that nobody wrote, the table that
    /// would hold it.
    pub(super) fn place_of_key(&self, path: &KeyPath) -> Place {
        match self.origins.get(path) {
            Some(Origin::Text { key: Some(key), .. }) => Place::Text(key.clone()),
            Some(Origin::Laid { key, .. }) => key.clone(),
            _ => self.place_of_value(path),
        }
    }

    /// Where the value at `path` stands; for a path that nobody wrote, the table that would hold
    /// it. A table stands where its header does.
    pub(super) fn place_of_value(&self, path: &KeyPath) -> Place {
        let mut path = Some(path.clone());
        while let Some(here) = path {
            match self.origins.get(&here) {
                Some(Origin::Text { value, .. }) => return Place::Text(value.clone()),
                Some(Origin::Variable(name)) => return Place::Variable(name.clone()),
                Some(Origin::Laid { value, .. }) => return value.clone(),
                None => path = here.parent(),
            }
        }
        Place::File
    }

    /// The bytes of the value at `path`, if the file has it and nothing overrides it.
    pub(super) fn span_of_value(&self, path: &KeyPath) -> Option<Span> {
        match self.origins.get(path)? {
            Origin::Text { value, .. } => Some(value.clone()),
            Origin::Variable(_) | Origin::Laid { .. } => None,
        }
    }

    /// Puts `value` at `path` in the name of an environment variable. Tables on the way are made
    /// as needed. Nothing happens where something else than a table is in the way: that is an
    /// error of the file and reported as such.
    pub(super) fn set(&mut self, path: &KeyPath, value: Value, variable: &str) {
        let mut target = &mut self.value;
        for step in path.steps() {
            let next = match (step, target) {
                (Step::Key(key), Value::Object(table)) => table
                    .entry(key.clone())
                    .or_insert_with(|| Value::Object(Map::new())),
                (Step::Index(index), Value::Array(items)) => match items.get_mut(*index) {
                    Some(item) => item,
                    None => return,
                },
                _ => return,
            };
            target = next;
        }
        *target = value;
        self.origins.retain(|other, _| !other.is_within(path));
        self.origins
            .insert(path.clone(), Origin::Variable(variable.to_owned()));
    }
}
