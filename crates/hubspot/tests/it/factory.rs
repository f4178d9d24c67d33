//! What the gateway learns of the adapter kind.

use std::path::PathBuf;

use serde_json::{Value, json};
use whocalls_core::{AdapterId, BuildContext};
use whocalls_testkit::number_plan;

fn context() -> BuildContext {
    BuildContext {
        id: AdapterId::new("crm").unwrap(),
        crm_name: "Our CRM".to_owned(),
        crm_logo: Some("https://cdn.example/logo.svg".to_owned()),
        number_plan: number_plan(),
        base_dir: PathBuf::new(),
    }
}

#[test]
fn the_example_builds() {
    let factory = whocalls_hubspot::factory();
    let example: toml::Table = factory.example_toml.parse().unwrap();
    let table = &example["adapters"]["hubspot"];
    assert_eq!(table["kind"].as_str(), Some(factory.kind));
    let mut settings: Value = table["settings"].clone().try_into().unwrap();
    settings["token"] = json!({ "value": "resolved" });
    let adapter = (factory.build)(context(), settings).unwrap();
    let info = adapter.info();
    assert_eq!((info.kind, info.crm_name.as_str()), ("hubspot", "Our CRM"));
    assert!(info.capabilities.runs("CallFlow"));
    assert!(info.capabilities.runs("CreateTicket"));
    assert!(info.capabilities.runs("CreateContact"));
    assert_eq!(adapter.to_string(), "crm");
}

#[test]
fn problems_are_told_with_their_place() {
    let build = whocalls_hubspot::factory().build;
    let problems = build(context(), json!({ "base_url": "nowhere" })).unwrap_err();
    let paths: Vec<_> = problems
        .iter()
        .map(|problem| problem.path.as_str())
        .collect();
    assert_eq!(paths, ["base_url", "token"]);
}

#[test]
fn the_schema_describes_every_setting() {
    let schema = (whocalls_hubspot::factory().settings_schema)();
    let schema = serde_json::to_value(schema).unwrap();
    let properties = schema["properties"].as_object().unwrap();
    for key in [
        "base_url",
        "api_version",
        "token",
        "client_id",
        "client_secret",
        "refresh_token",
        "companies",
        "leads",
        "leads_object",
        "custom_fields",
        "details_timeout_ms",
        "company_cache_secs",
        "searches_per_second",
        "notifications",
        "ticket",
        "unique_property",
        "http",
    ] {
        let described = properties[key]["description"].as_str();
        assert!(described.is_some_and(|text| text.len() > 10), "{key}");
    }
    assert_eq!(schema["additionalProperties"], false);
}
