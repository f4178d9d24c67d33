//! Sentences about one value: its type, range, length and form.

use jsonschema::{
    JsonType,
    error::{TypeKind, ValidationErrorKind as Kind},
};
use serde_json::Value;

use super::describe::description;
use crate::config::{
    formats,
    nearest::{choices, nearest},
    path::KeyPath,
};

/// The sentence for a violation that concerns one value alone.
pub(super) fn sentence(
    kind: &Kind,
    owner: &Value,
    found: &Value,
    path: &KeyPath,
) -> Option<String> {
    Some(match kind {
        Kind::Type { kind } => {
            let types: Vec<&str> = match kind {
                TypeKind::Single(name) => vec![name.as_str()],
                TypeKind::Multiple(names) => names.iter().map(JsonType::as_str).collect(),
            };
            wrong_type(&types, found, unit(path))
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
            not_one_of(found, options.as_array().map_or(&[][..], Vec::as_slice))
        }
        Kind::Constant { expected_value } => {
            not_one_of(found, std::slice::from_ref(&**expected_value))
        }
        Kind::Format { format } => match formats::format(format) {
            Some(format) => format.expected.to_owned(),
            None => format!("this is no valid {format}"),
        },
        Kind::MinLength { limit: 1 } | Kind::MinProperties { limit: 1 } => {
            "this must not be empty".to_owned()
        }
        Kind::MinItems { limit: 1 } => {
            "this list must not be empty; leave out the key instead".to_owned()
        }
        Kind::MinLength { limit } => size("at least", *limit, "character"),
        Kind::MaxLength { limit } => size("at most", *limit, "character"),
        Kind::MinItems { limit } => size("at least", *limit, "element"),
        Kind::MaxItems { limit } => size("at most", *limit, "element"),
        Kind::MinProperties { limit } => size("at least", *limit, "key"),
        Kind::MaxProperties { limit } => size("at most", *limit, "key"),
        Kind::UniqueItems => "this list names something twice".to_owned(),
        Kind::MultipleOf { multiple_of } => format!("{found} is not a multiple of {multiple_of}"),
        Kind::Pattern { pattern } => match description(owner) {
            Some(meaning) => format!("this does not have the right form: {meaning}"),
            None => format!("this does not match the pattern {pattern}"),
        },
        Kind::OneOfMultipleValid { .. } => {
            "this can be read in two ways; leave out one of the keys".to_owned()
        }
        _ => return None,
    })
}

/// `at most 12 keys are allowed here`.
fn size(bound: &str, limit: u64, what: &str) -> String {
    let plural = if limit == 1 { " is" } else { "s are" };
    format!("{bound} {limit} {what}{plural} allowed here")
}

/// `50 to 30000`, `at least 1`, `more than 0 and at most 9`.
fn range(owner: &Value) -> String {
    if let (Some(low), Some(high)) = (owner.get("minimum"), owner.get("maximum")) {
        return format!("{low} to {high}");
    }
    let bounds = [
        ("minimum", "at least"),
        ("exclusiveMinimum", "more than"),
        ("maximum", "at most"),
        ("exclusiveMaximum", "less than"),
    ];
    let bounds = bounds
        .into_iter()
        .filter_map(|(keyword, words)| Some(format!("{words} {}", owner.get(keyword)?)));
    bounds.collect::<Vec<_>>().join(" and ")
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

/// The sentence for whatever is wrong with a secret reference.
pub(super) fn secret(found: &Value) -> String {
    let found = match found {
        Value::Object(keys) if keys.is_empty() => "an empty table".to_owned(),
        Value::Object(_) => "several keys".to_owned(),
        other => kind_of(other).to_owned(),
    };
    format!(
        "a secret is written as {{ env = \"NAME\" }}, {{ file = \"path\" }} or {{ value = \"text\" \
         }}; found {found}"
    )
}

/// `expected an integer (milliseconds), found a string`.
pub(super) fn wrong_type(types: &[&str], wrong: &Value, unit: &str) -> String {
    let mut expected = Vec::new();
    for phrase in types.iter().map(|name| type_phrase(name)) {
        if !expected.contains(&phrase) {
            expected.push(phrase);
        }
    }
    let is_quoted = wrong.as_str().is_some_and(|text| {
        let plain = serde_json::from_str::<Value>(text);
        plain.is_ok_and(|plain| types.iter().any(|name| type_of(&plain).contains(name)))
    });
    let advice = if is_quoted {
        "; leave out the quotes"
    } else {
        ""
    };
    format!(
        "expected {}{unit}, found {}{advice}",
        expected.join(" or "),
        kind_of(wrong)
    )
}

/// The JSON Schema types of a number or flag.
fn type_of(value: &Value) -> &'static [&'static str] {
    match value {
        Value::Bool(_) => &["boolean"],
        Value::Number(number) if number.is_f64() => &["number"],
        Value::Number(_) => &["number", "integer"],
        _ => &[],
    }
}

fn type_phrase(name: &str) -> &str {
    match name {
        "string" => "a string",
        "integer" => "an integer",
        "number" => "a number",
        "boolean" => "true or false",
        "array" => "an array",
        "object" => "a table",
        other => other,
    }
}

/// What a value is, in TOML's words.
fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "true or false",
        Value::Number(number) if number.is_f64() => "a float",
        Value::Number(_) => "an integer",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "a table",
    }
}

/// `"persn" is not allowed; did you mean "person"?`.
pub(super) fn not_one_of(wrong: &Value, allowed: &[Value]) -> String {
    let texts: Vec<&str> = allowed.iter().filter_map(Value::as_str).collect();
    let Some(wrong_text) = wrong.as_str() else {
        let allowed: Vec<String> = allowed.iter().map(Value::to_string).collect();
        return format!(
            "{} is not allowed here; allowed: {}",
            kind_of(wrong),
            allowed.join(", ")
        );
    };
    let shown: String = wrong_text.chars().take(MAX_QUOTED_CHARS).collect();
    let near = nearest(wrong_text, texts.iter().copied())
        .map_or_else(String::new, |name| format!("did you mean {name:?}? "));
    let choices = choices(&texts, |name| format!("{name:?}"));
    format!("{shown:?} is not allowed; {near}{choices}")
}

/// A text longer than this is not quoted in full.
const MAX_QUOTED_CHARS: usize = 40;
