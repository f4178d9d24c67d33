//! What the factory accepts, refuses and documents.

use serde_json::{Value, json};
use whocalls_core::{AdapterId, BuildContext, SettingProblem};
use whocalls_testkit::number_plan;

use super::*;

fn settings() -> Value {
    json!({
        "base_url": "https://crm.example.ch/rest/v11",
        "username": "cti",
        "password": { "value": "s3cret-passphrase" },
    })
}

fn build(settings: Value) -> Result<Arc<dyn CrmAdapter>, Vec<SettingProblem>> {
    let context = BuildContext {
        id: AdapterId::new("sugar").unwrap(),
        crm_name: "Sugar CRM".to_owned(),
        crm_logo: None,
        number_plan: number_plan(),
        base_dir: ".".into(),
    };
    (factory().build)(context, settings)
}

#[test]
fn the_fewest_settings_build_an_adapter_that_shows_no_secret() {
    let adapter = build(settings()).unwrap();
    assert_eq!(adapter.info().kind, "sugar");
    assert_eq!(adapter.to_string(), "sugar");
    assert!(!format!("{adapter:?}").contains("s3cret"));
}

#[test]
fn no_secret_shows_in_settings_or_adapter() {
    let mut all = settings();
    all["client_secret"] = json!({ "value": "s3cret-key" });
    all["notifications"] = json!({ "secret": { "value": "s3cret-of-the-hook" } });
    let read: config::Settings = serde_json::from_value(all.clone()).unwrap();
    let adapter = build(all).unwrap();
    for shown in [format!("{read:?}"), format!("{adapter:?} {adapter:#?}")] {
        assert!(!shown.contains("s3cret"), "{shown}");
        assert!(shown.contains("***"), "{shown}");
    }
}

#[test]
fn a_secret_that_is_no_part_of_a_url_or_easy_to_guess_is_refused() {
    for (secret, is_fit) in [
        ("placeholder".to_owned(), true),
        ("A-z_0.9~".repeat(16), true),
        (String::new(), false),
        ("s3cret".to_owned(), false),
        ("s3cret/with/slashes".to_owned(), false),
        ("s3cret%20with%20blanks".to_owned(), false),
        ("s3cret-ä-s3cret-ä".to_owned(), false),
        ("x".repeat(129), false),
    ] {
        let mut settings = settings();
        settings["notifications"] = json!({ "secret": { "value": secret } });
        let problems = build(settings).err().unwrap_or_default();
        assert_eq!(problems.is_empty(), is_fit, "{secret}");
        for problem in problems {
            assert_eq!(problem.path, "notifications.secret");
            assert!(!problem.message.contains("s3cret"), "{problem}");
        }
    }
}

#[test]
fn every_problem_is_reported_with_its_place() {
    let mut wrong = settings();
    wrong["base_url"] = json!("https://crm.example.ch");
    wrong["platform"] = json!("base");
    let many = (0..13).map(|n| (format!("T{n}"), json!("title")));
    wrong["custom_fields"] = Value::Object(many.collect());
    let problems = build(wrong).unwrap_err();
    let paths: Vec<&str> = problems
        .iter()
        .map(|problem| problem.path.as_str())
        .collect();
    assert_eq!(paths, ["base_url", "platform", "custom_fields"]);
    assert!(problems[1].message.contains("browser"), "{}", problems[1]);
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
        let mut settings = settings();
        settings["modules"] = modules;
        settings["new_contact_module"] = chosen;
        let shown = settings.to_string();
        match build(settings) {
            Ok(adapter) => {
                assert!(is_right, "{shown}");
                let capabilities = &adapter.info().capabilities;
                assert_eq!(capabilities.runs("CreateContact"), enters, "{shown}");
            }
            Err(problems) => {
                assert!(!is_right, "{shown}: {problems:?}");
                assert_eq!(problems[0].path, "new_contact_module", "{shown}");
            }
        }
    }
}

#[test]
fn unknown_keys_and_modules_are_refused() {
    for (key, value) in [
        ("pasword", json!("x")),
        ("modules", json!(["Cases"])),
        ("strategy", json!("guess")),
        ("new_contact_module", json!("Accounts")),
    ] {
        let mut wrong = settings();
        wrong[key] = value;
        assert!(build(wrong).is_err(), "{key}");
    }
}

#[test]
fn the_schema_describes_every_setting() {
    let schema = Value::from((factory().settings_schema)());
    let properties = schema["properties"].as_object().unwrap();
    for (name, property) in properties {
        assert!(property["description"].is_string(), "{name}");
    }
    assert_eq!(properties["platform"]["pattern"], "^[A-Za-z0-9_-]{1,127}$");
    assert_eq!(properties["platform"]["default"], "whocalls");
    assert_eq!(properties["own_ids"]["default"], true);
    assert_eq!(properties["modules"]["minItems"], 1);
    assert_eq!(properties["modules"]["uniqueItems"], true);
    assert_eq!(
        schema["required"],
        json!(["base_url", "username", "password"])
    );
}

#[test]
fn the_example_builds() {
    let example: toml::Table = factory().example_toml.parse().unwrap();
    let mut example =
        serde_json::to_value(example).unwrap()["adapters"]["sugar"]["settings"].take();
    example["password"] = json!({ "value": "x" });
    example["notifications"]["secret"] = json!({ "value": "0123456789" });
    build(example).unwrap();
}
