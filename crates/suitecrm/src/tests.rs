//! What the factory accepts, refuses and documents.

use serde_json::{Value, json};
use whocalls_core::{AdapterId, BuildContext, SettingProblem};
use whocalls_testkit::number_plan;

use super::*;

fn v8() -> Value {
    json!({
        "base_url": "https://suite.example.ch",
        "client_id": "3f1d6a52",
        "client_secret": { "value": "s3cret-of-client" },
    })
}

fn v4_1() -> Value {
    json!({
        "base_url": "https://suite.example.ch",
        "api": "v4_1",
        "username": "cti",
        "password": { "value": "s3cret-passphrase" },
    })
}

/// The settings with some keys replaced; `null` removes one.
fn with(mut settings: Value, changes: &Value) -> Value {
    for (key, value) in changes.as_object().unwrap() {
        let settings = settings.as_object_mut().unwrap();
        if value.is_null() {
            settings.remove(key);
        } else {
            settings.insert(key.clone(), value.clone());
        }
    }
    settings
}

fn build(settings: Value) -> Result<Arc<dyn CrmAdapter>, Vec<SettingProblem>> {
    let context = BuildContext {
        id: AdapterId::new("suite").unwrap(),
        crm_name: "SuiteCRM".to_owned(),
        crm_logo: None,
        number_plan: number_plan(),
        base_dir: ".".into(),
    };
    (factory().build)(context, settings)
}

#[test]
fn the_fewest_settings_build_an_adapter_that_shows_no_secret() {
    let user = json!({"username": "cti", "password": {"value": "s3cret-passphrase"}});
    let plain = json!({"plain_password": true});
    for settings in [v8(), with(v8(), &user), v4_1(), with(v4_1(), &plain)] {
        let adapter = build(settings).unwrap();
        assert_eq!(adapter.info().kind, "suitecrm");
        assert_eq!(adapter.to_string(), "suite");
        let shown = format!("{adapter:?}");
        assert!(!shown.contains("s3cret"), "{shown}");
    }
}

/// The paths of all problems, in order.
fn problems(settings: Value) -> Vec<String> {
    let problems = build(settings).err().unwrap_or_default();
    problems.into_iter().map(|problem| problem.path).collect()
}

#[test]
fn settings_have_to_belong_to_the_interface() {
    let secret = json!({"value": "x"});
    for (settings, changes, paths) in [
        (v8(), json!({"client_id": null}), vec!["client_id"]),
        (
            v8(),
            json!({"client_id": null, "client_secret": null}),
            vec!["client_id", "client_secret"],
        ),
        (v8(), json!({"username": "cti"}), vec!["password"]),
        (v8(), json!({"password": secret}), vec!["username"]),
        (
            v8(),
            json!({"plain_password": true}),
            vec!["plain_password"],
        ),
        (v4_1(), json!({"username": null}), vec!["username"]),
        (
            v4_1(),
            json!({"client_id": "x", "client_secret": secret, "password": null}),
            vec!["client_id", "client_secret", "password"],
        ),
        (
            v8(),
            json!({"api": "v4_1"}),
            vec!["client_id", "client_secret", "username", "password"],
        ),
    ] {
        assert_eq!(problems(with(settings, &changes)), paths, "{changes}");
    }
}

#[test]
fn every_problem_is_reported_with_its_place() {
    let many = (0..13).map(|n| (format!("T{n}"), json!("title")));
    let many = Value::Object(many.collect());
    let wrong = json!({
        "base_url": "https://suite.example.ch/Api", "client_id": null, "custom_fields": many,
    });
    assert_eq!(
        problems(with(v8(), &wrong)),
        ["base_url", "client_id", "custom_fields"]
    );
}

#[test]
fn people_are_entered_where_they_are_found_again() {
    for (modules, chosen, is_right, enters) in [
        (
            json!(["Contacts", "Leads", "Accounts"]),
            json!(null),
            true,
            true,
        ),
        (json!(["Contacts"]), json!(null), true, true),
        (json!(["Contacts"]), json!("Contacts"), true, true),
        (json!(["Contacts"]), json!("Leads"), false, false),
        (json!(["Accounts"]), json!(null), true, false),
        (json!(["Accounts"]), json!("Contacts"), false, false),
    ] {
        let changes = json!({ "modules": modules, "new_contact_module": chosen });
        let settings = with(v8(), &changes);
        let expected: &[&str] = if is_right {
            &[]
        } else {
            &["new_contact_module"]
        };
        assert_eq!(problems(settings.clone()), expected, "{changes}");
        let runs = |adapter: Arc<dyn CrmAdapter>| adapter.info().capabilities.runs("CreateContact");
        assert_eq!(build(settings).is_ok_and(runs), enters, "{changes}");
    }
}

#[test]
fn unknown_keys_and_values_are_refused() {
    for (key, value) in [
        ("pasword", json!("x")),
        ("modules", json!(["Cases"])),
        ("api", json!("v7")),
        ("new_contact_module", json!("Accounts")),
        ("link_style", json!("v9")),
    ] {
        let mut changes = json!({});
        changes[key] = value;
        assert!(build(with(v8(), &changes)).is_err(), "{key}");
    }
}

#[test]
fn the_schema_describes_every_setting() {
    let schema = Value::from((factory().settings_schema)());
    let properties = schema["properties"].as_object().unwrap();
    for (name, property) in properties {
        assert!(property["description"].is_string(), "{name}");
    }
    assert_eq!(properties["api"]["default"], "v8");
    assert_eq!(properties["modules"]["minItems"], 1);
    assert_eq!(
        properties["api_path"]["pattern"],
        "^(/[A-Za-z0-9._~-]+)+/?$"
    );
    assert_eq!(schema["required"], json!(["base_url"]));
}

#[test]
fn the_example_builds() {
    let example: toml::Table = factory().example_toml.parse().unwrap();
    let example = serde_json::to_value(example).unwrap()["adapters"]["suite"].take();
    assert_eq!(example["kind"], KIND);
    let secret = json!({ "client_secret": { "value": "x" } });
    build(with(example["settings"].clone(), &secret)).unwrap();
}
