//! Presets and descriptions under the settings of an adapter.

use std::fs;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::*;

const FILE: &str = r#"
title = "Our ERP"
documentation = ["https://erp.example/api"]

[protection]
requests_per_second = 9
breaker.failures = 3

[settings]
base_url = "https://file.example"
headers = { x-version = "file", x-file = "yes" }
"#;

/// A folder with the description `crm.toml`.
fn folder(description: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("crm.toml"), description).unwrap();
    folder
}

fn load_in(folder: &TempDir, text: &str, environment: &[(&str, &str)]) -> Result<Loaded, Report> {
    let source = Source::new("adapters.toml", text, folder.path());
    let environment: Environment = environment.iter().copied().collect();
    load(&source, &environment, &kinds::registry(), Mode::Full)
}

fn refused(folder: &TempDir, text: &str) -> Report {
    load_in(folder, text, &[]).unwrap_err()
}

/// All layers of the adapter `x` as one.
fn settings(loaded: &Loaded) -> Value {
    Value::Object(loaded.config.adapters["x"].settings.0.clone())
}

const PRESET_AND_FILE: &str = r#"
[adapters.x]
kind = "rest"
preset = "pipedrive"
retry.attempts = 1
[adapters.x.settings]
file = "crm.toml"
auth.password.value = "s3cret"
headers.x-own = "mine"
lookup = [{ path = "/mine" }]
"#;

#[test]
fn a_preset_lies_below_the_file_below_the_settings_below_the_environment() {
    let folder = folder(FILE);
    let environment = [
        (
            "WHOCALLS__ADAPTERS__X__SETTINGS__HEADERS__X_FILE",
            "environment",
        ),
        ("WHOCALLS__ADAPTERS__X__SETTINGS__AUTH__USERNAME", "cti"),
    ];
    let loaded = load_in(&folder, PRESET_AND_FILE, &environment).unwrap();
    let expected = json!({
        "file": "crm.toml",
        "base_url": "https://file.example",
        "headers": {
            "accept": "application/json", "x-version": "file", "x-file": "environment",
            "x-own": "mine",
        },
        "auth": { "type": "basic", "username": "cti", "password": { "value": "s3cret" } },
        "lookup": [{ "path": "/mine" }],
    });
    assert_eq!(settings(&loaded), expected);
    let [adapter] = &loaded.adapters[..] else {
        panic!("one adapter");
    };
    assert_eq!(adapter.secrets.len(), 1);
    assert_eq!(adapter.secrets[0].expose(), "s3cret");
}

#[test]
fn what_a_crm_bears_is_a_default_of_the_description() {
    let folder = folder(FILE);
    let loaded = load_in(&folder, PRESET_AND_FILE, &[]).unwrap();
    let adapter = &loaded.config.adapters["x"];
    assert_eq!(adapter.requests_per_second, Some(9), "the file wins");
    assert_eq!(
        adapter.retry.attempts,
        Some(1),
        "the adapter's own key wins"
    );
    assert_eq!(adapter.breaker.failures, Some(3));
    let text = PRESET_AND_FILE.replace("file = \"crm.toml\"", "");
    let loaded = load_in(&folder, &text, &[]).unwrap();
    let adapter = &loaded.config.adapters["x"];
    assert_eq!(adapter.requests_per_second, Some(5), "the preset's");
}

#[test]
fn another_kind_of_credential_is_not_mixed_with_that_of_the_preset() {
    let text = "[adapters.x]\nkind = \"rest\"\npreset = \"pipedrive\"\n\
        settings.auth = { type = \"bearer\", token = { value = \"t\" } }";
    let loaded = load_with(text, &[]).unwrap();
    let expected = json!({ "type": "bearer", "token": { "value": "t" } });
    assert_eq!(settings(&loaded)["auth"], expected);
}

#[test]
fn the_environment_may_choose_the_preset_and_the_file() {
    let folder = folder(FILE);
    let text = "[adapters.x]\nkind = \"rest\"\nsettings.auth.password.value = \"s\"";
    let environment = [
        ("WHOCALLS__ADAPTERS__X__PRESET", "pipedrive"),
        ("WHOCALLS__ADAPTERS__X__SETTINGS__FILE", "crm.toml"),
    ];
    let loaded = load_in(&folder, text, &environment).unwrap();
    let settings = settings(&loaded);
    assert_eq!(settings["base_url"], "https://file.example");
    assert_eq!(settings["lookup"][1]["path"], "/more");
}

#[test]
fn a_problem_is_shown_where_the_setting_stands() {
    let folder = folder(
        "[settings]\nbase_url = 7\nnothing = 1\nheaders = { a = { value = \"s3cret\", env = \"B\" } }",
    );
    let text = "[adapters.x]\nkind = \"rest\"\npreset = \"pipedrive\"\n\
        [adapters.x.settings]\nfile = \"crm.toml\"\nlookup = [{}]\n";
    let report = refused(&folder, text);
    assert_eq!(
        lines(&report),
        [
            "3:10 adapters.x.settings.auth.password: this key is required: A credential by \
             reference: { env = \"NAME\" }, { file = \"path\" } or { value = \"text\" }",
            "6:11 adapters.x.settings.lookup[0].path: this key is required",
            "2:12 adapters.x.settings.base_url: expected a string, found an integer",
            "3:1 adapters.x.settings.nothing: unknown key; allowed: `base_url`, `auth`, `headers`, \
             `lookup`, `file`",
            "4:17 adapters.x.settings.headers.a: a secret is written as { env = \"NAME\" }, \
             { file = \"path\" } or { value = \"text\" }; found several keys",
        ]
    );
    let shown = report.to_string();
    let path = folder.path().join("crm.toml");
    assert!(shown.contains("adapters.toml:3:10: error"), "{shown}");
    assert!(shown.contains("preset = \"pipedrive\""), "{shown}");
    let place = format!("{}:2:12: error", path.display());
    assert!(shown.contains(&place), "{shown}");
    assert!(shown.contains("base_url = 7"), "{shown}");
    assert!(!shown.contains("s3cret"), "{shown}");
    let json = report.to_json();
    assert_eq!(json[0]["file"], "adapters.toml");
    assert_eq!(json[2]["file"], path.display().to_string());
    assert_eq!(json[2]["line"], 2);
}

#[test]
fn what_the_kind_reports_is_shown_where_the_setting_stands() {
    let folder = folder("[settings]\nlookup = [{ path = \"/a\" }, { path = \"b\" }]");
    let text = "[adapters.x]\nkind = \"rest\"\nsettings.file = \"crm.toml\"";
    let report = refused(&folder, text);
    assert_eq!(
        lines(&report),
        ["2:37 adapters.x.settings.lookup[1].path: this must start with /"]
    );
}

#[test]
fn a_description_is_checked_as_such() {
    let folder = folder(
        "titel = \"x\"\ndocumentation = [\"crm\"]\n[protection]\ncache = 1\nmax_concurrent = 0\n[settings]\nfile = \"b\"\n",
    );
    let text = "[adapters.x]\nkind = \"rest\"\nsettings.file = \"crm.toml\"";
    let report = refused(&folder, text);
    assert_eq!(
        lines(&report),
        [
            "1:1 titel: unknown key; did you mean `title`?",
            "2:18 documentation[0]: a URL is expected that starts with https:// or http://",
            "4:1 protection.cache: unknown key; allowed: `timeout_ms`, `late_answer_ms`, \
             `max_concurrent`, `max_background`, `requests_per_second`, `attempt_timeout_ms`, \
             `hedge_after_ms`, `retry`, `breaker`",
            "5:18 adapters.x.max_concurrent: 0 is out of range; allowed is 1 to 1024",
            "7:1 settings.file: a description cannot name another file; name one in adapters.toml",
        ]
    );
}

#[test]
fn what_is_missing_because_a_layer_cannot_be_read_is_not_reported_too() {
    let folder = folder("[settings]\nbase_url = \nauth.type = \"basic\"\n");
    let text = |adapter: &str| format!("[adapters.x]\nkind = \"rest\"\n{adapter}");
    let report = refused(&folder, &text("settings.file = \"crm.toml\""));
    let [problem] = &lines(&report)[..] else {
        panic!("{report}");
    };
    assert!(problem.starts_with("2:12 "), "{problem}");

    let report = refused(
        &folder,
        &text("settings.file = \"no.toml\"\nsettings.auth.type = \"basic\""),
    );
    let [problem] = &lines(&report)[..] else {
        panic!("{report}");
    };
    assert!(
        problem.starts_with("3:17 adapters.x.settings.file: cannot read `"),
        "{problem}"
    );
    let looked_for: Vec<_> = report.descriptions().collect();
    assert_eq!(looked_for, [folder.path().join("no.toml")]);

    let report = refused(
        &folder,
        &text("preset = \"zohoo\"\nsettings.auth.type = \"basic\""),
    );
    let [problem] = &lines(&report)[..] else {
        panic!("{report}");
    };
    assert!(
        problem.starts_with("3:10 adapters.x.preset: \"zohoo\""),
        "{problem}"
    );
}

#[test]
fn an_adapter_that_is_not_in_use_may_name_a_file_that_is_not_there() {
    let folder = folder("");
    let text = "[adapters.x]\nenabled = false\nkind = \"rest\"\nsettings.file = \"no.toml\"\n\
        [adapters.y]\nkind = \"phonebook\"\nsettings.file = \"contacts.csv\"";
    let loaded = load_in(&folder, text, &[]).unwrap();
    assert_eq!(loaded.adapters.len(), 1);
    let files: Vec<_> = loaded.warnings.descriptions().collect();
    assert_eq!(
        files,
        [folder.path().join("no.toml")],
        "a phonebook's file is no description"
    );
}

#[test]
fn a_changed_description_is_another_configuration() {
    let folder = folder(FILE);
    let text = "[adapters.x]\nkind = \"rest\"\nsettings.file = \"crm.toml\"";
    let fingerprint = || load_in(&folder, text, &[]).unwrap().adapters[0].fingerprint;
    let before = fingerprint();
    assert_eq!(fingerprint(), before);
    fs::write(folder.path().join("crm.toml"), FILE.replace("yes", "no")).unwrap();
    assert_ne!(fingerprint(), before);
}
