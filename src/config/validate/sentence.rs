//! A violation of the schema in plain words.
//!
//! No sentence quotes the value of a secret: texts are quoted only where the schema lists the
//! allowed ones.

use jsonschema::{
    JsonType, ValidationError,
    error::{TypeKind, ValidationErrorKind as Kind},
};
use serde_json::Value;
use whocalls_core::secret::SECRET_KEYWORD;

use super::forms;
use crate::config::{
    formats,
    nearest::{choices, hint, ticked},
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
}

impl Finding {
    pub(super) fn value(path: KeyPath, message: impl Into<String>) -> Self {
        Self {
            path,
            message: message.into(),
            is_about_key: false,
            is_missing: false,
        }
    }

    fn key(path: KeyPath, message: impl Into<String>) -> Self {
        Self {
            is_about_key: true,
            ..Self::value(path, message)
        }
    }

    /// What has to go for the rest to be sound.
    pub(super) fn broken(self) -> KeyPath {
        if self.is_missing {
            self.path.parent().unwrap_or_default()
        } else {
            self.path
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
            let reason =
                description(owner, schema).map_or_else(String::new, |text| format!(": {text}"));
            vec![Finding::key(
                path,
                format!("this key is not allowed here{reason}"),
            )]
        }
        kind => {
            let message = if owner.get(SECRET_KEYWORD).is_some() {
                secret(found)
            } else {
                value_sentence(kind, owner, found, &path)
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
            Finding::key(path.key(key), format!("unknown key{hint}"))
        })
        .collect()
}

fn missing(path: &KeyPath, property: &Value, owner: &Value, schema: &Value) -> Finding {
    let name = property.as_str().unwrap_or_default();
    let meaning = owner
        .get("properties")
        .and_then(|properties| properties.get(name))
        .and_then(|property| description(property, schema))
        .map_or_else(String::new, |text| format!(": {text}"));
    Finding {
        is_missing: true,
        ..Finding::value(path.key(name), format!("this key is required{meaning}"))
    }
}

/// The first sentence of a schema's description, or of the schema that it refers to.
fn description(schema: &Value, root: &Value) -> Option<String> {
    let target = || {
        let reference = schema.get("$ref")?.as_str()?.strip_prefix('#')?;
        root.pointer(reference)?.get("description")
    };
    let text = schema.get("description").or_else(target)?.as_str()?;
    let end = [". ", ".\n"].iter().filter_map(|end| text.find(end)).min();
    let sentence = end.and_then(|end| text.get(..end)).unwrap_or(text);
    let sentence = sentence.trim_end_matches('.').replace('\n', " ");
    (!sentence.is_empty()).then_some(sentence)
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

fn secret(found: &Value) -> String {
    let found = match found {
        Value::Object(keys) if keys.is_empty() => "an empty table".to_owned(),
        Value::Object(_) => "several keys".to_owned(),
        other => forms::found(other).to_owned(),
    };
    format!(
        "a secret is written as {{ env = \"NAME\" }}, {{ file = \"path\" }} or {{ value = \"text\" \
         }}; found {found}"
    )
}

/// The sentence for a violation that concerns one value alone.
fn value_sentence(kind: &Kind, owner: &Value, found: &Value, path: &KeyPath) -> Option<String> {
    Some(match kind {
        Kind::Type { kind } => {
            let types: Vec<&str> = match kind {
                TypeKind::Single(name) => vec![name.as_str()],
                TypeKind::Multiple(names) => names.iter().map(JsonType::as_str).collect(),
            };
            forms::wrong_type(&types, found, unit(path))
        }
        Kind::Minimum { .. }
        | Kind::Maximum { .. }
        | Kind::ExclusiveMinimum { .. }
        | Kind::ExclusiveMaximum { .. } => {
            format!(
                "{found} is out of range; allowed is {}{}",
                range(owner),
                unit(path)
            )
        }
        Kind::Enum { options } => {
            forms::not_one_of(found, options.as_array().map_or(&[][..], Vec::as_slice))
        }
        Kind::Constant { expected_value } => {
            forms::not_one_of(found, std::slice::from_ref(&**expected_value))
        }
        Kind::Format { format } => match formats::format(format) {
            Some(format) => format.expected.to_owned(),
            None => format!("this is no valid {format}"),
        },
        Kind::MinLength { limit: 1 } => "this must not be empty".to_owned(),
        Kind::MinLength { limit } => format!("this is too short; at least {limit} characters"),
        Kind::MaxLength { limit } => format!("this is too long; at most {limit} characters"),
        Kind::MinItems { limit: 1 } => {
            "this list must not be empty; leave out the key instead".to_owned()
        }
        Kind::MinItems { limit } => format!("this list needs at least {limit} entries"),
        Kind::MaxItems { limit } => format!("this list may have at most {limit} entries"),
        Kind::MinProperties { limit } => format!("this table needs at least {limit} keys"),
        Kind::MaxProperties { limit } => format!("this table may have at most {limit} keys"),
        Kind::UniqueItems => "this list names something twice".to_owned(),
        Kind::MultipleOf { multiple_of } => format!("{found} is not a multiple of {multiple_of}"),
        Kind::Pattern { pattern } => format!("this does not match the pattern {pattern}"),
        Kind::OneOfMultipleValid { .. } => {
            "this can be read in two ways; leave out one of the keys".to_owned()
        }
        _ => return None,
    })
}

/// `50 to 30000`, `1 or more`.
fn range(owner: &Value) -> String {
    let bound = |inclusive: &str, exclusive: &str, word: &str| {
        let inclusive = owner.get(inclusive).map(Value::to_string);
        let exclusive = owner.get(exclusive).map(|limit| format!("{word} {limit}"));
        inclusive.or(exclusive)
    };
    let low = bound("minimum", "exclusiveMinimum", "more than");
    let high = bound("maximum", "exclusiveMaximum", "less than");
    match (low, high) {
        (Some(low), Some(high)) => format!("{low} to {high}"),
        (Some(low), None) => format!("{low} or more"),
        (None, Some(high)) => format!("{high} or less"),
        (None, None) => "another value".to_owned(),
    }
}

/// The unit that the end of a key stands for, in brackets.
fn unit(path: &KeyPath) -> &'static str {
    const UNITS: [(&str, &str); 7] = [
        ("_per_sec", " (a second)"),
        ("_ms", " (milliseconds)"),
        ("_secs", " (seconds)"),
        ("_bytes", " (bytes)"),
        ("_hours", " (hours)"),
        ("_days", " (days)"),
        ("_digits", " (digits)"),
    ];
    let key = path.last_key().unwrap_or_default();
    UNITS
        .iter()
        .find(|(suffix, _)| key.ends_with(suffix))
        .map_or("", |(_, unit)| unit)
}

/// What to say of a name that is none of `known`.
pub(in crate::config) fn no_such(what: &str, name: &str, known: &[&str]) -> String {
    if known.is_empty() {
        return format!(
            "there is no {what} {}; {}",
            ticked(name),
            choices(known, ticked)
        );
    }
    format!(
        "there is no {what} {}{}",
        ticked(name),
        hint(name, known, ticked)
    )
}
