//! The schema of a description: a preset, or a file that `settings.file` names.

use serde_json::{Map, Value, json};

use crate::config::formats::HTTP_URL;

/// The keys of an adapter that a description may have defaults for, in its table `protection`:
/// what a CRM bears.
pub(in crate::config) const PROTECTION_KEYS: [&str; 9] = [
    "timeout_ms",
    "late_answer_ms",
    "max_concurrent",
    "max_background",
    "requests_per_second",
    "attempt_timeout_ms",
    "hedge_after_ms",
    "retry",
    "breaker",
];

/// Marks the setting `file` that names a description, as some kinds have a `file` of their own.
const FILE_KEYWORD: &str = "x-whocalls-description";

/// Adds the setting `file` to those of a kind, unless it has a setting of that name.
pub(super) fn add_file(settings: &mut Value) {
    let Some(settings) = settings.as_object_mut() else {
        return;
    };
    let properties = settings.entry("properties").or_insert_with(|| json!({}));
    if let Some(properties) = properties.as_object_mut() {
        properties.entry("file").or_insert_with(|| {
            json!({
                "type": "string",
                "minLength": 1,
                "description": "A TOML file with settings to start from, for example \
                    `crm.toml`: the tables `settings` and `protection`, as in a preset. What stands \
                    here wins. A relative path starts at the folder of `adapters.toml`.",
                FILE_KEYWORD: true,
            })
        });
    }
}

/// Whether the setting `file` of `kind` names a description. `schema` is that of the whole
/// configuration.
pub(in crate::config) fn names_description(schema: &Value, kind: &str) -> bool {
    let settings = schema
        .get("$defs")
        .and_then(|it| it.get(super::settings_name(kind)));
    let file = settings.and_then(|it| it.pointer("/properties/file"));
    file.is_some_and(|file| file.get(FILE_KEYWORD).is_some())
}

/// The schema of a description of `kind`, from that of the whole configuration.
pub(in crate::config) fn description_schema(schema: &Value, kind: &str) -> Value {
    let definitions = schema.get("$defs").cloned().unwrap_or_default();
    let adapter = definitions.pointer("/AdapterConfig/properties");
    let protection: Map<String, Value> = PROTECTION_KEYS
        .iter()
        .filter_map(|key| Some(((*key).to_owned(), adapter?.get(key)?.clone())))
        .collect();
    let settings = format!("#/$defs/{}", super::settings_name(kind));
    json!({
        "type": "object",
        "properties": {
            "title": { "type": "string", "minLength": 1, "description": "The name of the CRM." },
            "documentation": {
                "type": "array",
                "items": { "type": "string", "format": HTTP_URL },
                "description": "Pages that describe its interface.",
            },
            "protection": {
                "type": "object",
                "properties": protection,
                "additionalProperties": false,
                "description": "What the CRM bears: defaults for keys of the adapter.",
            },
            "settings": { "$ref": settings, "description": "The settings." },
        },
        "required": ["settings"],
        "additionalProperties": false,
        "$defs": definitions,
    })
}

/// The same schema for a description by itself. What it says of an adapter is checked when all
/// layers are one.
pub(in crate::config) fn partly(schema: &Value) -> Value {
    let mut schema = schema.clone();
    if let Some(settings) = schema.pointer_mut("/properties/settings") {
        *settings = json!({ "type": "object", "description": "The settings." });
    }
    let protection = schema.pointer_mut("/properties/protection/properties");
    let keys = protection.and_then(Value::as_object_mut).into_iter();
    for (_, key) in keys.flatten() {
        *key = true.into();
    }
    schema
}
