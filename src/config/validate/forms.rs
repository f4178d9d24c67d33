//! Sentences about values that have several forms, and about types.

use jsonschema::{
    JsonType, ValidationError,
    error::{TypeKind, ValidationErrorKind as Kind},
};
use serde_json::Value;

use super::sentence::{self, Finding};
use crate::config::{
    nearest::{choices, nearest},
    path::KeyPath,
};

/// The findings for a value that fits none of several forms: those of the form that was most
/// probably meant.
pub(super) fn explain(
    path: &KeyPath,
    context: &[Vec<ValidationError<'static>>],
    owner: &Value,
    found: &Value,
    schema: &Value,
    root: &Value,
) -> Vec<Finding> {
    let here = root_pointer(context);
    if let Some(allowed) = allowed_values(owner, schema) {
        return vec![Finding::value(path.clone(), not_one_of(found, &allowed))];
    }
    let branches: Vec<Branch<'_>> = context
        .iter()
        .map(|errors| Branch::of(errors, here))
        .collect();
    let Some(best) = branches.iter().min_by_key(|branch| branch.rank()) else {
        return vec![Finding::value(path.clone(), "no value is allowed here")];
    };
    if best.has_other_type {
        let types: Vec<&str> = branches
            .iter()
            .flat_map(|branch| branch.types.clone())
            .collect();
        return vec![Finding::value(path.clone(), wrong_type(&types, found, ""))];
    }
    if let Some(tag) = best.tag {
        let allowed: Vec<Value> = branches.iter().filter_map(Branch::tag_value).collect();
        let path = KeyPath::from_pointer(tag.instance_path().as_str(), root);
        return vec![Finding::value(path, not_one_of(tag.instance(), &allowed))];
    }
    best.errors
        .iter()
        .flat_map(|error| sentence::explain(error, schema, root))
        .collect()
}

/// The pointer to the value as a whole: the shortest of those that the errors name.
fn root_pointer<'e>(context: &'e [Vec<ValidationError<'static>>]) -> &'e str {
    let pointers = context
        .iter()
        .flatten()
        .map(|error| error.instance_path().as_str());
    pointers
        .min_by_key(|pointer| pointer.len())
        .unwrap_or_default()
}

/// The values of an enumeration that is written as one form for each value.
fn allowed_values(owner: &Value, schema: &Value) -> Option<Vec<Value>> {
    let branches = owner
        .get("oneOf")
        .or_else(|| owner.get("anyOf"))?
        .as_array()?;
    let mut allowed = Vec::new();
    for branch in branches {
        let target = branch.get("$ref").and_then(Value::as_str);
        let branch = target
            .and_then(|target| schema.pointer(target.strip_prefix('#')?))
            .unwrap_or(branch);
        match (
            branch.get("const"),
            branch.get("enum").and_then(Value::as_array),
        ) {
            (Some(value), _) => allowed.push(value.clone()),
            (None, Some(values)) => allowed.extend(values.iter().cloned()),
            (None, None) => return None,
        }
    }
    Some(allowed)
}

/// One form and why the value is not of it.
struct Branch<'e> {
    errors: &'e [ValidationError<'static>],
    /// The value as a whole is of another type.
    has_other_type: bool,
    /// The types that the form has.
    types: Vec<&'static str>,
    /// The key that says which form it is says another one.
    tag: Option<&'e ValidationError<'static>>,
}

impl<'e> Branch<'e> {
    fn of(errors: &'e [ValidationError<'static>], here: &str) -> Self {
        let mut types = Vec::new();
        for error in errors
            .iter()
            .filter(|error| error.instance_path().as_str() == here)
        {
            match error.kind() {
                Kind::Type {
                    kind: TypeKind::Single(name),
                } => types.push(name.as_str()),
                Kind::Type {
                    kind: TypeKind::Multiple(names),
                } => {
                    types.extend(names.iter().map(JsonType::as_str));
                }
                _ => {}
            }
        }
        Self {
            errors,
            has_other_type: !types.is_empty(),
            types,
            tag: errors
                .iter()
                .find(|error| matches!(error.kind(), Kind::Constant { .. })),
        }
    }

    /// The lower, the more probable that this form was meant.
    fn rank(&self) -> (bool, bool, usize) {
        (self.has_other_type, self.tag.is_some(), self.errors.len())
    }

    fn tag_value(&self) -> Option<Value> {
        match self.tag?.kind() {
            Kind::Constant { expected_value } => Some(Value::clone(expected_value)),
            _ => None,
        }
    }
}

/// `expected an integer (milliseconds), found a string`.
pub(super) fn wrong_type(types: &[&str], wrong: &Value, unit: &str) -> String {
    let mut expected: Vec<&str> = types
        .iter()
        .filter(|name| **name != "null")
        .map(|name| type_phrase(name))
        .collect();
    expected.dedup();
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
        found(wrong)
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
pub(super) fn found(value: &Value) -> &'static str {
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
            found(wrong),
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
