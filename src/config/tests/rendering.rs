//! Reports as people and programs see them.

use insta::{assert_json_snapshot, assert_snapshot};

use super::*;

/// A file with one adapter, so that nothing else is to be said.
const REST: &str = "[adapters.x]\nkind = \"rest\"\n";

fn report(text: &str) -> Report {
    let text = format!("{text}{REST}");
    load_with(&text, &[("WHOCALLS__LOG__LEVEL", "loud")]).unwrap_err()
}

#[test]
fn a_report_shows_place_sentence_and_line() {
    let text = "[gateway]\nrequest_timeout_ms = 30\nadmin_token = { value = \"s3cret\", env = \"X\" }\n\
                [merge]\n\tmode =\n[adapters.größe]\nkind = \"rest\"\n[gatway]\nx = 1\n";
    assert_snapshot!(report(text), @r#"
    adapters.toml:2:22: error: gateway.request_timeout_ms: 30 is out of range; allowed is 50 to 30000 (milliseconds)
      |
    2 | request_timeout_ms = 30
      |                      ^^
    adapters.toml:3:15: error: gateway.admin_token: a secret is written as { env = "NAME" }, { file = "path" } or { value = "text" }; found several keys
      |
    3 | admin_token = { value = ********, env = "X" }
      |               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    adapters.toml:5:8: error: string values must be quoted
      |
    5 |     mode =
      |           ^
    adapters.toml:6:13: error: invalid unquoted key, expected letters, numbers, `-`, `_`
      |
    6 | [adapters.größe]
      |             ^^
    adapters.toml:8:2: error: gatway: unknown key; did you mean `gateway`?
      |
    8 | [gatway]
      |  ^^^^^^
    environment variable WHOCALLS__LOG__LEVEL: error: log.level: "loud" is not allowed; allowed: "error", "warn", "info", "debug", "trace"
    6 errors
    "#);
}

#[test]
fn a_styled_report_has_colours() {
    let styled = report("[merge]\nmode = 5\n").render(true);
    let expected = "adapters.toml:2:8: \u{1b}[1m\u{1b}[91merror\u{1b}[0m: ";
    assert!(styled.starts_with(expected), "{styled:?}");
}

#[test]
fn a_report_for_programs_has_the_same_content() {
    let report = report("[merge]\nmode = 5\n");
    assert_json_snapshot!(report.to_json(), @r#"
    [
      {
        "severity": "error",
        "path": "merge.mode",
        "message": "an integer is not allowed here; allowed: \"person\", \"record\", \"off\"",
        "file": "adapters.toml",
        "line": 2,
        "column": 8
      },
      {
        "severity": "error",
        "path": "log.level",
        "message": "\"loud\" is not allowed; allowed: \"error\", \"warn\", \"info\", \"debug\", \"trace\"",
        "variable": "WHOCALLS__LOG__LEVEL"
      }
    ]
    "#);
}

#[test]
fn warnings_alone_are_rendered_alike() {
    let loaded = load_with("[adapters.x]\nenabled = false\nkind = \"suitecrm\"\n", &[]).unwrap();
    assert_snapshot!(loaded.warnings, @r#"
    adapters.toml:1:2: warning: adapters: no adapter is enabled, so that nobody is ever found
      |
    1 | [adapters.x]
      |  ^^^^^^^^
    adapters.toml:3:8: warning: adapters.x.kind: this build has no kind `suitecrm`, so the adapter could not be enabled; allowed: `sugar`, `hubspot`, `rest`, `phonebook`
      |
    3 | kind = "suitecrm"
      |        ^^^^^^^^^^
    2 warnings
    "#);
}

#[test]
fn nothing_to_report_renders_as_nothing() {
    assert_eq!(load_with(REST, &[]).unwrap().warnings.to_string(), "");
}

#[test]
fn control_characters_of_the_file_do_not_reach_the_terminal() {
    let report = report("[merge]\nmode = \"\\u001b[31m\"\n\"\\u001b\" = 1\n");
    assert!(!report.to_string().contains('\u{1b}'), "{report}");
}
