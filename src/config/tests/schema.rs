//! The JSON Schema as editors get it.

use serde_json::{Value, json};

use super::{
    super::{editor_schema, json_schema, validate::shape::is_enabled},
    *,
};

fn schema() -> Value {
    json_schema(&kinds::registry())
}

#[test]
fn the_schema_is_valid_json_schema_2020_12() {
    let schema = schema();
    assert_eq!(
        schema["$schema"],
        "https://json-schema.org/draft/2020-12/schema"
    );
    assert!(jsonschema::draft202012::meta::is_valid(&schema));
    assert!(
        jsonschema::draft202012::new(&schema).is_ok(),
        "every reference leads somewhere"
    );
}

#[test]
fn editors_miss_nothing_that_a_layer_below_may_have() {
    let schema = editor_schema(&kinds::registry());
    assert!(jsonschema::draft202012::meta::is_valid(&schema));
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    let is_valid = |adapter: Value| validator.is_valid(&json!({ "adapters": { "x": adapter } }));
    let partly = json!({ "auth": { "password": { "value": "s" } }, "file": "crm.toml" });
    let sugar = json!({ "file": "crm.toml", "platform": "x" });
    for (adapter, expected) in [
        (json!({ "kind": "rest", "settings": partly }), true),
        (json!({ "kind": "rest", "preset": "zoho" }), true),
        (json!({ "kind": "rest", "preset": "zohoo" }), false),
        (
            json!({ "kind": "rest", "preset": "zoho", "settings": { "base": 1 } }),
            false,
        ),
        (
            json!({ "kind": "rest", "settings": { "auth": { "username": "a" } } }),
            false,
        ),
        (json!({ "kind": "sugar", "settings": sugar }), true),
        (
            json!({ "kind": "sugar", "settings": { "platform": "x" } }),
            false,
        ),
        (json!({ "kind": "sugar" }), false),
        (json!({ "kind": "phonebook", "settings": {} }), false),
        (
            json!({ "kind": "phonebook", "settings": { "file": "a.csv" } }),
            true,
        ),
    ] {
        assert_eq!(is_valid(adapter.clone()), expected, "{adapter}");
    }
}

#[test]
fn every_key_is_described() {
    fn undescribed(part: &Value, path: &str, found: &mut Vec<String>) {
        let Some(object) = part.as_object() else {
            return;
        };
        for (key, property) in object
            .get("properties")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
        {
            if property.get("description").is_none() {
                found.push(format!("{path}.{key}"));
            }
        }
    }
    let schema = schema();
    let mut found = Vec::new();
    undescribed(&schema, "", &mut found);
    for (name, definition) in schema["$defs"].as_object().unwrap() {
        if !name.contains('.') {
            undescribed(definition, name, &mut found);
        }
    }
    assert_eq!(found, [""; 0]);
}

#[test]
fn nothing_of_rust_is_left_in_the_schema() {
    let text = schema().to_string();
    for word in ["null", "uint", "\\n"] {
        assert!(!text.contains(word), "{word}");
    }
}

#[test]
fn the_defaults_of_the_schema_are_those_of_a_missing_key() {
    let schema = schema();
    let loaded = load_with("[adapters.x]\nkind = \"rest\"", &[]).unwrap();
    let gateway = &schema["$defs"]["Gateway"]["properties"];
    assert_eq!(
        gateway["listen"]["default"],
        json!(loaded.config.gateway.listen)
    );
    assert_eq!(
        gateway["settle_ms"]["default"],
        json!(loaded.config.gateway.settle_ms)
    );
    let adapter = &schema["$defs"]["AdapterConfig"]["properties"];
    assert_eq!(
        adapter["priority"]["default"],
        json!(loaded.adapters[0].priority)
    );
    assert_eq!(
        adapter["enabled"]["default"],
        json!(is_enabled(&json!({}), "x"))
    );
}

#[test]
fn a_build_without_any_kind_has_a_schema_too() {
    let source = Source::new("adapters.toml", "[adapters.x]\nkind = \"rest\"\n", "");
    let report = load(&source, &Environment::default(), &[], Mode::Full).unwrap_err();
    assert_eq!(
        lines(&report),
        ["2:8 adapters.x.kind: \"rest\" is not allowed; there is none to choose from"]
    );
}

#[test]
fn a_broken_schema_of_a_kind_is_reported_and_no_panic() {
    let mut registry = kinds::registry();
    registry[0].settings_schema = || schemars::json_schema!({ "$ref": "#/$defs/nowhere" });
    registry[1].settings_schema = || schemars::json_schema!({ "type": "nonsense" });
    let source = Source::new("adapters.toml", "[adapters.x]\nkind = \"rest\"\n", "");
    let report = load(&source, &Environment::default(), &registry, Mode::Full).unwrap_err();
    assert!(
        report
            .to_string()
            .contains("the schema of this build is not valid"),
        "{report}"
    );
}
