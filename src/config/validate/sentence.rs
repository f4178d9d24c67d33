//! A violation of the schema in plain words.
//!
//! No sentence quotes the value of a secret: texts are quoted only where the schema lists the
//! allowed ones.

use jsonschema::{ValidationError, error::ValidationErrorKind as Kind};
use serde_json::Value;
use whocalls_core::secret::SECRET_KEYWORD;

use super::{
    describe::{description, description_of_key},
    forms, values,
};
use crate::config::{
    formats,
    nearest::{hint, nearest, ticked},
    path::KeyPath,
};

/// One violation: where and what.
#[derive(Debug)]
pub(super) struct Finding {
    pub(super) path: KeyPath,
    pub(super) message: String,
    /// The key is wrong, not its value.
    pub(super) is_about_key: bool,
    /// Nobody wrote the key.
    pub(super) is_missing: bool,
    /// The key that was probably meant.
    pub(super) meant: Option<KeyPath>,
}

impl Finding {
    pub(super) fn value(path: KeyPath, message: impl Into<String>) -> Self {
        Self {
            path,
            message: message.into(),
            is_about_key: false,
            is_missing: false,
            meant: None,
        }
    }

    fn key(path: KeyPath, message: impl Into<String>) -> Self {
        Self {
            is_about_key: true,
            ..Self::value(path, message)
        }
    }

    /// What has to go for the rest to be sound.
    pub(super) fn broken(&self) -> KeyPath {
        if self.is_missing {
            self.path.parent().unwrap_or_default()
        } else {
            self.path.clone()
        }
    }
}

/// The findings behind `error`: several when it stands for several keys.
pub(super) fn explain(error: &ValidationError<'_>, schema: &Value, root: &Value) -> Vec<Finding> {
    let path = KeyPath::from_pointer(error.instance_path().as_str(), root);
    let owner = owner(error, schema);
    let found = error.instance().as_ref();
    match error.kind() {
        Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
            unknown_keys(&path, unexpected, owner)
        }
        // What the library makes of a table that may have no keys at all.
        Kind::FalseSchema if keyword(error) == "additionalProperties" => {
            let table = path.find(root).and_then(Value::as_object);
            let keys: Vec<String> = table
                .into_iter()
                .flat_map(|table| table.keys().cloned())
                .collect();
            unknown_keys(&path, &keys, owner)
        }
        Kind::AnyOf { context } | Kind::OneOfNotValid { context } => {
            forms::explain(&path, context, owner, found, schema, root)
        }
        Kind::Required { property } => vec![missing(&path, property, owner, schema)],
        Kind::PropertyNames { error } => vec![bad_name(&path, error)],
        Kind::Not { .. } | Kind::FalseSchema => {
            let reason = description(owner).map_or_else(String::new, |text| format!(": {text}"));
            vec![Finding::key(
                path,
                format!("this key is not allowed here{reason}"),
            )]
        }
        kind => {
            let message = if owner.get(SECRET_KEYWORD).is_some() {
                values::secret(found)
            } else {
                values::sentence(kind, owner, found, &path)
                    .unwrap_or_else(|| error.masked_with("this value").to_string())
            };
            vec![Finding::value(path, message)]
        }
    }
}

/// The keyword of the schema that is violated.
fn keyword<'e>(error: &'e ValidationError<'_>) -> &'e str {
    let path = error.schema_path().as_str();
    path.rsplit('/').next().unwrap_or_default()
}

/// The schema that the violated keyword stands in.
fn owner<'s>(error: &ValidationError<'_>, schema: &'s Value) -> &'s Value {
    let path = error.schema_path().as_str();
    let parent = path.rsplit_once('/').map_or("", |(parent, _)| parent);
    schema.pointer(parent).unwrap_or(&Value::Null)
}

fn unknown_keys(path: &KeyPath, keys: &[String], owner: &Value) -> Vec<Finding> {
    let known: Vec<&str> = owner
        .get("properties")
        .and_then(Value::as_object)
        .into_iter()
        .flat_map(|properties| properties.keys().map(String::as_str))
        .collect();
    keys.iter()
        .map(|key| {
            let hint = hint(key, &known, ticked);
            Finding {
                meant: nearest(key, known.iter().copied()).map(|known| path.key(known)),
                ..Finding::key(path.key(key), format!("unknown key{hint}"))
            }
        })
        .collect()
}

fn missing(path: &KeyPath, property: &Value, owner: &Value, schema: &Value) -> Finding {
    let name = property.as_str().unwrap_or_default();
    let meaning = owner
        .get("properties")
        .and_then(|properties| properties.get(name))
        .and_then(|property| description_of_key(property, schema))
        .map_or_else(String::new, |text| format!(": {text}"));
    Finding {
        is_missing: true,
        ..Finding::value(path.key(name), format!("this key is required{meaning}"))
    }
}

fn bad_name(path: &KeyPath, error: &ValidationError<'_>) -> Finding {
    let name = error.instance().as_str().unwrap_or_default();
    let message = match error.kind() {
        Kind::Format { format } => formats::format(format).map(|format| format.expected),
        _ => None,
    };
    Finding::key(
        path.key(name),
        message.unwrap_or("this name is not allowed here"),
    )
}
