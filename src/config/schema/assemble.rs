//! The JSON Schema of the whole file: that of [`Config`] and those of all adapter kinds.

use schemars::{
    Schema, SchemaGenerator,
    generate::SchemaSettings,
    transform::{RecursiveTransform, Transform as _},
};
use serde_json::{Map, Value, json};
use whocalls_core::AdapterFactory;

use super::{Config, description};

/// The JSON Schema (2020-12) of `adapters.toml` with the settings of the kinds in `registry`.
///
/// It is what validation enforces and, but for [`editor_schema`](super::editor_schema), what
/// editors complete from.
pub fn json_schema(registry: &[AdapterFactory]) -> Value {
    let mut schema =
        SchemaGenerator::new(SchemaSettings::draft2020_12()).into_root_schema_for::<Config>();
    schema.insert("title".to_owned(), "adapters.toml".into());
    let mut conditions = vec![kind_is_known(registry)];
    for factory in registry {
        let settings = hoist(&mut schema, factory);
        conditions.push(settings_fit(factory, &settings));
    }
    if let Some(adapter) = schema
        .pointer_mut("/$defs/AdapterConfig")
        .and_then(Value::as_object_mut)
    {
        adapter.insert("allOf".to_owned(), conditions.into());
    }
    RecursiveTransform(tidy).transform(&mut schema);
    schema.to_value()
}

/// An adapter in use has a kind of this build; another one may wait for a build that has it.
fn kind_is_known(registry: &[AdapterFactory]) -> Value {
    let kinds: Vec<&str> = registry.iter().map(|factory| factory.kind).collect();
    json!({ "if": enabled(), "then": { "properties": { "kind": { "enum": kinds } } } })
}

/// Holds where `enabled` is true or absent.
fn enabled() -> Value {
    json!({ "properties": { "enabled": { "const": true } } })
}

/// An adapter of `kind` has the settings of that kind. One in use has all of them, and nothing that
/// the kind does not know. Its preset is one that ships with the kind.
fn settings_fit(factory: &AdapterFactory, settings: &Value) -> Value {
    let kind = factory.kind;
    let requires_some = settings
        .get("required")
        .and_then(Value::as_array)
        .is_some_and(|keys| !keys.is_empty());
    let required: &[&str] = if requires_some { &["settings"] } else { &[] };
    let preset = if factory.presets.is_empty() {
        json!({ "not": {}, "description": "This kind has no presets." })
    } else {
        let names: Vec<&str> = factory.presets.iter().map(|preset| preset.name).collect();
        json!({ "enum": names })
    };
    let reference = format!("#/$defs/{}", settings_name(kind));
    json!({
        "if": { "properties": { "kind": { "const": kind } }, "required": ["kind"] },
        "then": {
            "properties": { "settings": { "$ref": reference } },
            "if": enabled(),
            "then": { "required": required, "properties": { "preset": preset } }
        }
    })
}

/// The name of the definition with the settings of a kind.
pub(super) fn settings_name(kind: &str) -> String {
    format!("{kind}.settings")
}

/// Moves a kind's schema and its definitions into those of the file, under names of their own.
/// Returns the kind's schema.
fn hoist(schema: &mut Schema, factory: &AdapterFactory) -> Value {
    let mut settings = (factory.settings_schema)();
    let kind = factory.kind;
    RecursiveTransform(|part: &mut Schema| rename_reference(part, kind)).transform(&mut settings);
    settings.remove("$schema");
    let definitions = match settings.remove("$defs") {
        Some(Value::Object(definitions)) => definitions,
        _ => Map::new(),
    };
    let mut settings = settings.to_value();
    description::add_file(&mut settings);
    let target = schema
        .ensure_object()
        .entry("$defs")
        .or_insert_with(|| json!({}));
    if let Some(target) = target.as_object_mut() {
        target.insert(settings_name(kind), settings.clone());
        for (name, definition) in definitions {
            target.insert(format!("{kind}.{name}"), definition);
        }
    }
    settings
}

fn rename_reference(schema: &mut Schema, kind: &str) {
    let Some(Value::String(reference)) = schema.get_mut("$ref") else {
        return;
    };
    if reference == "#" {
        *reference = format!("#/$defs/{}", settings_name(kind));
    } else if let Some(name) = reference.strip_prefix("#/$defs/") {
        *reference = format!("#/$defs/{kind}.{name}");
    }
}

/// Takes out what TOML has no use for, `null` and the sizes of Rust's numbers, and the line breaks
/// of doc comments.
fn tidy(schema: &mut Schema) {
    let Some(object) = schema.as_object_mut() else {
        return;
    };
    object.retain(|keyword, value| match keyword.as_str() {
        "default" => !value.is_null(),
        "format" => !value.as_str().is_some_and(is_number_format),
        _ => true,
    });
    if let Some(Value::String(text)) = object.get_mut("description") {
        let paragraphs: Vec<String> = text.split("\n\n").map(|it| it.replace('\n', " ")).collect();
        *text = paragraphs.join("\n\n");
    }
    if let Some(Value::Array(names)) = object.get_mut("type") {
        names.retain(|name| name != "null");
        if let [name] = names.as_slice() {
            object["type"] = name.clone();
        }
    }
    if let Some(Value::Array(values)) = object.get_mut("enum") {
        values.retain(|value| !value.is_null());
    }
    if let Some(Value::Array(branches)) = object.get_mut("anyOf") {
        branches.retain(|branch| branch.get("type").is_none_or(|name| name != "null"));
        if let [Value::Object(only)] = branches.as_slice() {
            let only = only.clone();
            object.remove("anyOf");
            for (keyword, value) in only {
                object.entry(keyword).or_insert(value);
            }
        }
    }
}

/// `uint64`, `int32`, `double`: annotations of schemars for other readers than editors.
fn is_number_format(format: &str) -> bool {
    ["uint", "int", "float", "double"]
        .iter()
        .any(|prefix| format.starts_with(prefix))
}
