//! Environment variables that override the file.

use super::*;

const FILE: &str = r#"
[gateway]
listen = "127.0.0.1:1"
tokens = [{ name = "portal", value = { env = "TOKEN" } }]
[adapters.sales-crm]
kind = "sugar"
[adapters.sales-crm.settings]
base_url = "https://a.example"
username = "cti"
password = { env = "PASSWORD" }
[users]
"anna@example.ch" = { sales-crm = "1" }
"#;

const SECRETS: [(&str, &str); 2] = [("TOKEN", "t0ken"), ("PASSWORD", "pa55")];

fn overridden(variables: &[(&str, &str)]) -> Result<Loaded, Report> {
    load_with(FILE, &[&SECRETS, variables].concat())
}

fn refused(variables: &[(&str, &str)]) -> Vec<String> {
    lines(&overridden(variables).unwrap_err())
}

#[test]
fn a_variable_wins_over_the_file_and_over_defaults() {
    let loaded = overridden(&[
        ("WHOCALLS__GATEWAY__LISTEN", "127.0.0.1:2"),
        ("WHOCALLS__GATEWAY__MAX_RESULTS", "7"),
        ("WHOCALLS__GATEWAY__CORS_ORIGINS", "['*']"),
        ("WHOCALLS__GATEWAY__TOKENS__0__NAME", "007"),
        ("WHOCALLS__DEFAULTS__CACHE__TTL_SECS", "1"),
        ("WHOCALLS__MERGE__MODE", "off"),
        ("WHOCALLS__ADAPTERS__SALES_CRM__TIMEOUT_MS", "900"),
        ("WHOCALLS__ADAPTERS__SALES_CRM__CRM_NAME", "5"),
        ("WHOCALLS__USERS__ANNA_EXAMPLE_CH__SALES_CRM", "2"),
    ])
    .unwrap();
    let gateway = &loaded.config.gateway;
    assert_eq!(gateway.listen.port(), 2);
    assert_eq!(gateway.max_results, 7);
    assert_eq!(gateway.cors_origins, ["*"]);
    assert_eq!(gateway.tokens[0].name, "007", "a text stays a text");
    assert_eq!(loaded.config.defaults.cache.ttl_secs, 1);
    assert_eq!(
        loaded.config.merge.mode,
        super::super::schema::MergeMode::Off
    );
    let adapter = &loaded.adapters[0];
    assert_eq!(adapter.timeout.as_millis(), 900);
    assert_eq!(adapter.adapter.info().crm_name, "5");
    assert_eq!(loaded.config.users["anna@example.ch"]["sales-crm"], "2");
}

#[test]
fn the_names_of_keys_may_be_in_any_letter_case() {
    let loaded = overridden(&[("WHOCALLS__gateway__Max_Results", "7")]).unwrap();
    assert_eq!(loaded.config.gateway.max_results, 7);
}

#[test]
fn a_variable_replaces_a_whole_secret_reference() {
    for (variable, value) in [
        (
            "WHOCALLS__ADAPTERS__SALES_CRM__SETTINGS__PASSWORD__VALUE",
            "direct",
        ),
        (
            "WHOCALLS__ADAPTERS__SALES_CRM__SETTINGS__PASSWORD__ENV",
            "OTHER",
        ),
        (
            "WHOCALLS__ADAPTERS__SALES_CRM__SETTINGS__PASSWORD",
            "{ env = \"OTHER\" }",
        ),
    ] {
        let loaded = overridden(&[(variable, value), ("OTHER", "direct")]).unwrap();
        assert_eq!(
            loaded.adapters[0].adapter.to_string(),
            "direct",
            "{variable}"
        );
    }
}

#[test]
fn an_unknown_variable_is_refused_with_the_nearest_name() {
    for (variable, nearest) in [
        ("WHOCALLS__GATEWAY__LISTN", "WHOCALLS__GATEWAY__LISTEN"),
        ("WHOCALLS__GATWAY__LISTEN", "WHOCALLS__GATEWAY__LISTEN"),
        (
            "WHOCALLS__ADAPTERS__SALESCRM__TIMEOUT_MS",
            "WHOCALLS__ADAPTERS__SALES_CRM__TIMEOUT_MS",
        ),
        (
            "WHOCALLS__ADAPTERS__SALES_CRM__SETTINGS__BASEURL",
            "WHOCALLS__ADAPTERS__SALES_CRM__SETTINGS__BASE_URL",
        ),
        (
            "WHOCALLS__GATEWAY__TOKENS__1__NAME",
            "WHOCALLS__GATEWAY__TOKENS__0__NAME",
        ),
    ] {
        assert_eq!(
            refused(&[(variable, "x")]),
            [format!(
                "{variable} there is no key of this name; did you mean {nearest}?"
            )]
        );
    }
    assert_eq!(
        refused(&[("WHOCALLS__COLOUR_OF_THE_TELEPHONE", "x")]),
        [
            "WHOCALLS__COLOUR_OF_THE_TELEPHONE there is no key of this name; `whocalls schema` lists the keys"
        ]
    );
}

#[test]
fn a_wrong_value_is_reported_for_its_variable() {
    assert_eq!(
        refused(&[
            (
                "WHOCALLS__ADAPTERS__SALES_CRM__SETTINGS__PASSWORD",
                "s3cret"
            ),
            ("WHOCALLS__DEFAULTS__TIMEOUT_MS", "soon"),
            ("WHOCALLS__GATEWAY__LISTEN", "0.0.0.0"),
            ("WHOCALLS__GATEWAY__MAX_RESULTS", "0"),
        ]),
        [
            "WHOCALLS__ADAPTERS__SALES_CRM__SETTINGS__PASSWORD adapters.sales-crm.settings.password: a secret is written as { env = \"NAME\" }, { file = \"path\" } or { value = \"text\" }; found a string",
            "WHOCALLS__DEFAULTS__TIMEOUT_MS defaults.timeout_ms: expected an integer (milliseconds), found a string",
            "WHOCALLS__GATEWAY__LISTEN gateway.listen: an IP address and a port are expected, such as 127.0.0.1:8080 or [::]:8080",
            "WHOCALLS__GATEWAY__MAX_RESULTS gateway.max_results: 0 is out of range; allowed is 1 to 50",
        ]
    );
}

#[test]
fn a_variable_that_could_mean_two_adapters_is_refused() {
    let file = "[adapters.a-b]\nkind = \"rest\"\n[adapters.a_b]\nkind = \"rest\"\n";
    assert_eq!(
        problems_with(file, &[("WHOCALLS__ADAPTERS__A_B__PRIORITY", "1")]),
        [
            "WHOCALLS__ADAPTERS__A_B__PRIORITY this stands for adapters.a-b.priority as well as for adapters.a_b.priority; change the file instead"
        ]
    );
}

#[cfg(unix)]
#[test]
fn a_value_that_is_no_text_is_refused() {
    use std::{ffi::OsString, os::unix::ffi::OsStringExt as _};

    let source = Source::new("adapters.toml", FILE, "");
    let mut variables: Vec<(&str, OsString)> =
        SECRETS.map(|(name, value)| (name, value.into())).into();
    variables.push((
        "WHOCALLS__GATEWAY__ROOT_PATH",
        OsString::from_vec(vec![0xff]),
    ));
    let environment = variables.into_iter().collect();
    let report = load(&source, &environment, &kinds::registry(), Mode::Full).unwrap_err();
    assert_eq!(
        lines(&report),
        ["WHOCALLS__GATEWAY__ROOT_PATH the value is not UTF-8 text"]
    );
}

#[test]
fn a_mistake_in_the_file_does_not_hide_one_in_a_variable() {
    assert_eq!(
        problems_with(
            "gateway = 5\n[adapters.b]\nkind = \"rest\"\n",
            &[
                ("WHOCALLS__GATEWAY__LISTEN", "127.0.0.1:2"),
                ("WHOCALLS__LOG__LEVL", "info")
            ]
        ),
        [
            "1:11 gateway: expected a table, found an integer",
            "WHOCALLS__LOG__LEVL there is no key of this name; did you mean WHOCALLS__LOG__LEVEL?",
        ]
    );
}
