//! Mistakes of all phases in one file.

use super::*;

const TEXT: &str = r#"[gateway]
listen = "0.0.0.0:8080"
request_timeout_ms = 30
time_zone = Europe/Zurich

[[gateway.tokens]]
name = "a"
value = { env = "MISSING" }
adapters = ["sugra"]

[adapters.sugar]
kind = "sugar"
timeout_ms = 1600
[adapters.sugar.settings]
base_url = "http://a.example"
username = "cti"
password = { file = "/none" }

[adapters.hub]
kind = "hubspot"
[adapters.hub.settings]
tokn = { env = "X" }

[merge]
mod = "person"
"#;

#[test]
fn one_run_reports_the_mistakes_of_every_phase() {
    let found = problems_with(TEXT, &[("WHOCALLS__GATWAY__LISTEN", "x")]);
    assert_eq!(
        found,
        [
            "3:22 gateway.request_timeout_ms: 30 is out of range; allowed is 50 to 30000 (milliseconds)",
            "4:13 string values must be quoted",
            "8:17 gateway.tokens[0].value.env: the environment variable `MISSING` is not set",
            "17:21 adapters.sugar.settings.password.file: cannot read `/none`: No such file or directory (os error 2)",
            "22:1 adapters.hub.settings.tokn: unknown key; did you mean `token`?",
            "25:1 merge.mod: unknown key; did you mean `mode`?",
            "WHOCALLS__GATWAY__LISTEN there is no key of this name; did you mean WHOCALLS__GATEWAY__LISTEN?",
        ]
    );
}

#[test]
fn without_syntax_errors_references_and_settings_are_checked_as_well() {
    let found = problems(&TEXT.replace("Europe/Zurich", "\"Europe/Zurich\""));
    let expected = [
        "9:13 gateway.tokens[0].adapters[0]: there is no adapter `sugra`; did you mean `sugar`?",
        "15:12 adapters.sugar.settings.base_url: an https URL is expected",
    ];
    for line in expected {
        assert!(found.iter().any(|other| other == line), "{found:#?}");
    }
    assert_eq!(found.len(), 7, "{found:#?}");
}

#[test]
fn a_mistake_has_no_consequences_in_the_report() {
    let table = [
        // The token is wrong, not absent.
        (
            "[gateway]\nlisten = \"0.0.0.0:1\"\n[[gateway.tokens]]\nname = 5\nvalue.value = \"x\"",
            1,
        ),
        (
            "[gateway]\nadmin_listen = \"0.0.0.0:1\"\nadmin_token = 5",
            1,
        ),
        // The adapter has a mistake, but it exists.
        (
            "[adapters.x]\nkind = \"nothing\"\n[workflows.CallFlow]\nadapters = [\"x\"]",
            1,
        ),
        ("[adapters.x]\n[users]\nanna.x = \"1\"", 1),
        ("adapters = 5\n[users]\nanna.x = \"1\"", 1),
        // The address is wrong, so nobody knows whether it is shared.
        (
            "[gateway]\nlisten = \"x\"\nadmin_listen = \"127.0.0.1:8080\"",
            1,
        ),
    ];
    for (text, count) in table {
        let text =
            format!("{text}\n[adapters.book]\nkind = \"phonebook\"\nsettings.file = \"x\"\n");
        let text = if text.starts_with("adapters =") {
            text.replace(
                "[adapters.book]\nkind = \"phonebook\"\nsettings.file = \"x\"\n",
                "",
            )
        } else {
            text
        };
        let found = problems(&text);
        assert_eq!(found.len(), count, "{text}\n{found:#?}");
    }
}

#[test]
fn a_misspelt_key_is_not_missing_as_well() {
    let text = "[adapters.x]\nknid = \"rest\"\n";
    assert_eq!(
        problems(text),
        ["2:1 adapters.x.knid: unknown key; did you mean `kind`?"]
    );
}
