//! What the schema cannot express about the settings.

use serde_json::{Value, json};

use super::*;

fn problems(settings: Value) -> Vec<String> {
    let settings: Settings = serde_json::from_value(settings).unwrap();
    match settings.check() {
        Ok(_) => Vec::new(),
        Err(problems) => problems.into_iter().map(|problem| problem.path).collect(),
    }
}

#[test]
fn exactly_one_way_to_sign_in_is_needed() {
    let secret = json!({ "value": "x" });
    let cases: [(Value, &[&str]); 6] = [
        (json!({}), &["token"]),
        (json!({ "token": secret }), &[]),
        (
            json!({ "client_id": "c", "client_secret": secret, "refresh_token": secret }),
            &[],
        ),
        (
            json!({ "client_id": "c" }),
            &["client_secret", "refresh_token"],
        ),
        (
            json!({ "client_id": "", "client_secret": secret, "refresh_token": secret }),
            &["client_id"],
        ),
        (
            json!({ "token": secret, "refresh_token": secret }),
            &["token"],
        ),
    ];
    for (settings, expected) in cases {
        assert_eq!(problems(settings.clone()), expected, "{settings}");
    }
}

#[test]
fn all_problems_are_reported_at_once() {
    let many: serde_json::Map<_, _> = (0..13).map(|i| (i.to_string(), json!("x"))).collect();
    assert_eq!(
        problems(json!({ "base_url": "hubspot", "custom_fields": many })),
        ["base_url", "token", "custom_fields"]
    );
    let settings =
        json!({ "token": { "value": "x" }, "custom_fields": { "A": "Job Title", "B": "" } });
    assert_eq!(problems(settings), ["custom_fields.A", "custom_fields.B"]);
}

#[test]
fn notifications_need_a_url_and_a_secret() {
    let settings = |url: &str, secret: &str| {
        json!({
            "token": { "value": "x" },
            "notifications": { "url": url, "client_secret": { "value": secret } },
        })
    };
    let url = "https://whocalls.example.com/notifications/hubspot";
    assert_eq!(problems(settings(url, "s")), [""; 0]);
    assert_eq!(
        problems(settings("whocalls.example.com", "")),
        ["notifications.url", "notifications.client_secret"]
    );
}

#[test]
fn unique_properties_are_internal_names_of_calls_and_tickets() {
    let settings = |calls: &str, tickets: &str| {
        json!({
            "token": { "value": "x" },
            "unique_property": { "calls": calls, "tickets": tickets },
        })
    };
    assert_eq!(problems(settings("whocalls_id", "id_2")), [""; 0]);
    assert_eq!(
        problems(settings("Whocalls id", "")),
        ["unique_property.calls", "unique_property.tickets"]
    );
    let other = json!({ "unique_property": { "contacts": "whocalls_id" } });
    assert!(serde_json::from_value::<Settings>(other).is_err());
}

#[test]
fn searches_are_limited_to_four_a_second_unless_set() {
    assert_eq!(Settings::default().searches_per_second.get(), 4);
    let none = json!({ "searches_per_second": 0 });
    assert!(serde_json::from_value::<Settings>(none).is_err());
}

#[test]
fn company_names_are_remembered_for_a_day_unless_set() {
    assert_eq!(Settings::default().company_cache_secs, 86_400);
}

#[test]
fn leads_are_named_in_one_of_two_ways() {
    assert_eq!(Settings::default().leads_object, LeadsObject::Name);
    let by_id = json!({ "leads_object": "0-136" });
    let settings: Settings = serde_json::from_value(by_id).unwrap();
    assert_eq!(settings.leads_object, LeadsObject::TypeId);
    let other = json!({ "leads_object": "deals" });
    assert!(serde_json::from_value::<Settings>(other).is_err());
}

#[test]
fn unknown_keys_and_versions_are_refused() {
    for settings in [json!({ "tokn": 1 }), json!({ "api_version": "v4" })] {
        assert!(serde_json::from_value::<Settings>(settings).is_err());
    }
}

#[test]
fn debug_output_hides_the_credentials() {
    let settings = json!({ "token": { "value": "s3cret" } });
    let settings: Settings = serde_json::from_value(settings).unwrap();
    let checked = settings.check().unwrap();
    assert!(!format!("{settings:?} {checked:?}").contains("s3cret"));
}
