//! The schema as editors get it: they see one file, and not the layers below it.

use serde_json::{Map, Value, json};
use whocalls_core::AdapterFactory;

use super::{description::names_description, json_schema, settings_name};

/// The schema of `adapters.toml` for editors: where an adapter has a preset or names a description,
/// its settings need say nothing of what stands there.
///
/// Validation looks at all layers as one, and so at [`json_schema`].
pub fn editor_schema(registry: &[AdapterFactory]) -> Value {
    let mut schema = json_schema(registry);
    for factory in registry {
        if names_description(&schema, factory.kind) || !factory.presets.is_empty() {
            loosen(&mut schema, factory.kind);
        }
    }
    schema
}

fn loosen(schema: &mut Value, kind: &str) {
    let strict = format!("#/$defs/{}", settings_name(kind));
    let has_layers = json!({ "anyOf": [
        { "required": ["preset"] },
        { "required": ["settings"], "properties": { "settings": { "required": ["file"] } } },
    ] });
    let conditions = schema.pointer_mut("/$defs/AdapterConfig/allOf");
    let conditions = conditions
        .and_then(Value::as_array_mut)
        .into_iter()
        .flatten();
    for condition in conditions {
        let settings = condition.pointer("/then/properties/settings/$ref");
        if settings.and_then(Value::as_str) != Some(&strict) {
            continue;
        }
        let settings =
            |reference: &str| json!({ "properties": { "settings": { "$ref": reference } } });
        let choice = json!({
            "if": has_layers,
            "then": settings(&loose(&strict, kind)),
            "else": settings(&strict),
        });
        if let Some(then) = condition.get_mut("then").and_then(Value::as_object_mut) {
            then.shift_remove("properties");
            then.insert("allOf".to_owned(), json!([choice]));
        }
    }
    let Some(definitions) = schema.get_mut("$defs").and_then(Value::as_object_mut) else {
        return;
    };
    let own = format!("{kind}.");
    let copies: Map<String, Value> = definitions
        .iter()
        .filter(|(name, _)| name.starts_with(&own))
        .map(|(name, definition)| {
            let mut copy = definition.clone();
            omit_required(&mut copy, kind);
            (loose(name, kind), copy)
        })
        .collect();
    definitions.extend(copies);
}

/// The name of, or reference to, the loose copy of a definition of `kind`.
fn loose(name: &str, kind: &str) -> String {
    name.replacen(&format!("{kind}."), &format!("{kind}.partly."), 1)
}

/// Has no key required any longer, in a copy of a definition. Of several forms, more than one may
/// fit then.
fn omit_required(part: &mut Value, kind: &str) {
    match part {
        Value::Object(table) => {
            // The setting of this name is a schema, the keyword a list.
            if table.get("required").is_some_and(Value::is_array) {
                table.shift_remove("required");
            }
            if table.get("oneOf").is_some_and(Value::is_array)
                && let Some(forms) = table.shift_remove("oneOf")
            {
                table.insert("anyOf".to_owned(), forms);
            }
            let own = format!("#/$defs/{kind}.");
            if let Some(Value::String(reference)) = table.get_mut("$ref")
                && reference.starts_with(&own)
            {
                *reference = loose(reference, kind);
            }
            for part in table.values_mut() {
                omit_required(part, kind);
            }
        }
        Value::Array(parts) => parts.iter_mut().for_each(|part| omit_required(part, kind)),
        _ => {}
    }
}
