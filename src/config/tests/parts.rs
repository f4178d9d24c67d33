//! What a right configuration yields.

use std::{num::NonZeroU32, time::Duration};

use whocalls_stack::{BreakerSettings, Protection, RetrySettings};

use super::*;

const HUB: &str = "[adapters.hub]\nkind = \"hubspot\"\nsettings.token.value = \"t\"\n";

fn fingerprint(text: &str) -> u64 {
    load_with(text, &[]).unwrap().adapters[0].fingerprint
}

#[test]
fn defaults_apply_where_the_adapter_has_no_key_of_its_own() {
    let text = "\
[defaults]
timeout_ms = 700
max_concurrent = 3
[defaults.cache]
ttl_secs = 5
[adapters.sales-crm]
kind = \"rest\"
late_answer_ms = 0
[adapters.sales-crm.cache]
stale_secs = 9
";
    let loaded = load_with(text, &[]).unwrap();
    let adapter = &loaded.adapters[0];
    assert_eq!(adapter.timeout, Duration::from_millis(700));
    assert_eq!(adapter.late_answer, Duration::ZERO);
    assert_eq!(adapter.max_concurrent, 3);
    assert_eq!(adapter.cache.ttl, Duration::from_secs(5));
    assert_eq!(adapter.cache.empty_ttl, Duration::from_secs(30));
    assert_eq!(adapter.cache.stale, Duration::from_secs(9));
    assert_eq!(adapter.cache.max_bytes, 33_554_432);
    assert_eq!(adapter.priority, 100);
    assert_eq!(adapter.adapter.info().crm_name, "Sales Crm");
}

#[test]
fn a_crm_is_protected_by_the_defaults_and_what_the_adapter_changes() {
    let protection = |text: &str| load_with(text, &[]).unwrap().adapters[0].protection;
    assert_eq!(protection(HUB), Protection::default());
    let text = format!(
        "\
{HUB}retry.attempts = 0
breaker.failures = 9
hedge_after_ms = 0
[defaults]
requests_per_second = 7
attempt_timeout_ms = 250
hedge_after_ms = 300
[defaults.retry]
attempts = 4
backoff_ms = 20
[defaults.breaker]
failures = 3
open_ms = 1500
"
    );
    let expected = Protection {
        hedge_after: None,
        retry: RetrySettings {
            attempts: 0,
            backoff: Duration::from_millis(20),
            ..RetrySettings::default()
        },
        breaker: Some(BreakerSettings {
            failures: 9,
            open_for: Duration::from_millis(1500),
            ..BreakerSettings::default()
        }),
        per_second: NonZeroU32::new(7),
        attempt_timeout: Some(Duration::from_millis(250)),
    };
    assert_eq!(protection(&text), expected);
    let text = format!("{HUB}[defaults.breaker]\nenabled = false\n");
    assert_eq!(protection(&text).breaker, None);
    assert!(
        protection(&text.replace("[def", "breaker.enabled = true\n[def"))
            .breaker
            .is_some()
    );
}

#[test]
fn adapters_in_use_come_in_the_order_of_the_file() {
    let text = "\
[adapters.b.settings]
[adapters.c]
kind = \"rest\"
[adapters.b]
kind = \"rest\"
[adapters.d]
kind = \"rest\"
enabled = false
[adapters.a]
kind = \"rest\"
";
    let loaded = load_with(text, &[]).unwrap();
    let ids: Vec<&str> = loaded
        .adapters
        .iter()
        .map(|adapter| adapter.id.as_str())
        .collect();
    assert_eq!(ids, ["c", "b", "a"]);
}

#[test]
fn actions_are_those_named_or_all_of_the_kind() {
    let actions = |text: &str| load_with(text, &[]).unwrap().adapters[0].actions.clone();
    assert_eq!(actions(HUB), ["CallFlow"]);
    assert_eq!(
        actions(&HUB.replace("settings", "actions = []\nsettings")),
        [""; 0]
    );
}

#[test]
fn the_fingerprint_changes_with_all_that_concerns_the_adapter_and_only_then() {
    let same = fingerprint(HUB);
    for (change, text) in [
        (
            "another adapter",
            format!("{HUB}[adapters.x]\nkind = \"rest\"\n"),
        ),
        (
            "another table",
            format!("{HUB}[gateway]\nmax_results = 7\n"),
        ),
        (
            "a default spelt out",
            format!("{HUB}[defaults]\ntimeout_ms = 1000\n"),
        ),
        (
            "a variable",
            HUB.replace("token.value = \"t\"", "token = { value = 't' }"),
        ),
    ] {
        assert_eq!(fingerprint(&text), same, "{change}");
    }
    for (change, text) in [
        ("its secret", HUB.replace("\"t\"", "\"u\"")),
        ("its name", HUB.replace("kind", "crm_name = \"x\"\nkind")),
        ("its priority", HUB.replace("kind", "priority = 1\nkind")),
        (
            "a default that it inherits",
            format!("{HUB}[defaults]\ntimeout_ms = 999\n"),
        ),
        (
            "how it is protected",
            format!("{HUB}[defaults.breaker]\nopen_ms = 999\n"),
        ),
        (
            "the region",
            format!("{HUB}[gateway]\ndefault_region = \"DE\"\n"),
        ),
        (
            "internal numbers",
            format!("{HUB}[gateway]\ninternal_max_digits = 3\n"),
        ),
        ("its id", HUB.replace("hub]", "hub2]")),
    ] {
        assert_ne!(fingerprint(&text), same, "{change}");
    }
}

#[test]
fn numbers_and_times_are_read_as_configured() {
    let text = format!(
        "{HUB}[gateway]\ndefault_region = \"DE\"\ninternal_max_digits = 3\ntime_zone = \"UTC\"\n\
         [matching]\nsuffix_min_digits = 8\nswitchboard_max_digits = 2\n"
    );
    let loaded = load_with(&text, &[]).unwrap();
    let expected = whocalls_core::NumberPlan::new("DE")
        .unwrap()
        .with_internal_max_digits(3)
        .with_match_rules(whocalls_core::MatchRules {
            suffix_min_digits: Some(8),
            switchboard_max_digits: Some(2),
        });
    assert_eq!(loaded.number_plan, expected);
    assert_eq!(loaded.time_zone, jiff::tz::TimeZone::UTC);
}

#[test]
fn whole_numbers_may_be_written_as_floats() {
    let loaded = load_with(&format!("{HUB}[gateway]\nmax_results = 7.0\n"), &[]).unwrap();
    assert_eq!(loaded.config.gateway.max_results, 7);
}
