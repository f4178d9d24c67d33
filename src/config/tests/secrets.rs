//! Credentials: where they come from, what is said when they do not, and that nothing shows them.

use std::fs;

use super::*;

const PASSWORD: &str = "hunter2-hunter2";

fn sugar(password: &str) -> String {
    format!(
        "[adapters.sugar]\nkind = \"sugar\"\n[adapters.sugar.settings]\nbase_url = \
         \"https://a.example\"\nusername = \"cti\"\npassword = {password}\n"
    )
}

fn secret_of(loaded: &Loaded) -> String {
    loaded.adapters[0].adapter.to_string()
}

#[test]
fn a_secret_comes_from_a_variable_or_from_the_file_itself() {
    let loaded = load_with(&sugar("{ env = \"PW\" }"), &[("PW", PASSWORD)]).unwrap();
    assert_eq!(secret_of(&loaded), PASSWORD);
    let loaded = load_with(&sugar(&format!("{{ value = \"{PASSWORD}\" }}")), &[]).unwrap();
    assert_eq!(secret_of(&loaded), PASSWORD);
}

#[test]
fn a_secret_file_lies_beside_the_configuration() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("password"), format!("{PASSWORD}\r\n")).unwrap();
    fs::write(
        folder.path().join("adapters.toml"),
        sugar("{ file = \"password\" }"),
    )
    .unwrap();
    let source = Source::read(&folder.path().join("adapters.toml")).unwrap();
    let loaded = load(
        &source,
        &Environment::default(),
        &kinds::registry(),
        Mode::Full,
    )
    .unwrap();
    assert_eq!(secret_of(&loaded), PASSWORD);
    assert_eq!(loaded.config.outbox.path, folder.path().join("whocalls.db"));
}

#[test]
fn a_secret_that_cannot_be_had_is_reported_by_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    fs::write(path("empty"), " \n").unwrap();
    fs::write(path("large"), "x".repeat(70_000)).unwrap();
    fs::write(path("binary"), [0xff, 0xfe]).unwrap();
    let at = |place: &str, message: &str| format!("6:{place}: {message}");
    let table = [
        (
            "{ env = \"MISSING\" }".to_owned(),
            "the environment variable `MISSING` is not set".to_owned(),
        ),
        (
            "{ env = \"EMPTY\" }".to_owned(),
            "the environment variable `EMPTY` is empty".to_owned(),
        ),
        (
            "{ env = \"hunter2?\" }".to_owned(),
            "this is no name of an environment variable: letters, digits and _".to_owned(),
        ),
        (
            format!("{{ file = \"{}\" }}", path("none")),
            format!(
                "cannot read `{}`: No such file or directory (os error 2)",
                path("none")
            ),
        ),
        (
            format!("{{ file = \"{}\" }}", path("empty")),
            format!("`{}` is empty", path("empty")),
        ),
        (
            format!("{{ file = \"{}\" }}", path("large")),
            format!(
                "`{}` has more than 65536 bytes; this is no credential",
                path("large")
            ),
        ),
        (
            format!("{{ file = \"{}\" }}", path("binary")),
            format!(
                "cannot read `{}`: stream did not contain valid UTF-8",
                path("binary")
            ),
        ),
    ];
    for (reference, message) in table {
        let found = problems_with(&sugar(&reference), &[("EMPTY", "")]);
        let form = if reference.contains("env") {
            "env"
        } else {
            "file"
        };
        let column = if form == "env" { 20 } else { 21 };
        let place = format!("{column} adapters.sugar.settings.password.{form}");
        assert_eq!(found, [at(&place, &message)]);
    }
}

#[test]
fn secrets_of_an_adapter_that_is_not_in_use_are_not_read() {
    let text = sugar("{ env = \"MISSING\" }").replace("kind", "enabled = false\nkind");
    assert!(load_with(&text, &[]).is_ok());
}

#[test]
fn offline_no_secret_is_read() {
    let text = sugar("{ env = \"MISSING\" }")
        + "[gateway]\ntokens = [{ name = \"a\", value = { file = \"/none\" } }]\n";
    let source = Source::new("adapters.toml", text, "");
    let environment = Environment::default();
    let loaded = load(&source, &environment, &kinds::registry(), Mode::Offline).unwrap();
    assert_eq!(secret_of(&loaded), "placeholder-for-a-secret-not-read");
}

#[test]
fn a_secret_may_stand_where_a_text_may() {
    let text = "[adapters.x]\nkind = \"rest\"\nsettings.headers = { a = \"plain\", b = { env = \"B\" } }\n";
    assert_eq!(problems_with(text, &[("B", "b")]), [""; 0]);
    assert_eq!(
        problems(text),
        ["3:47 adapters.x.settings.headers.b.env: the environment variable `B` is not set"]
    );
}

#[test]
fn the_loaded_configuration_hides_its_secrets() {
    let text = sugar("{ env = \"PW\" }")
        + "[gateway]\nadmin_token.env = \"PW\"\ntokens = [{ name = \"a\", value = { env = \"PW\" } }]\n";
    let loaded = load_with(&text, &[("PW", PASSWORD)]).unwrap();
    assert_eq!(
        loaded.config.gateway.admin_token.as_ref().unwrap().expose(),
        PASSWORD
    );
    assert!(!format!("{loaded:?}").contains(PASSWORD));
}

/// Every report shows lines of the file; none of them may show a secret, right or misplaced.
#[test]
fn no_report_shows_a_secret() {
    let lines = [
        "password = { value = \"hunter2-hunter2\", x = 1 }",
        "password = \"hunter2-hunter2\"",
        "password = hunter2-hunter2",
        "password = { value = \"hunter2-hunter2 }",
        "password = { value = hunter2-hunter2 }",
        "password = { env = \"PW\" \n x = \"hunter2-hunter2",
        "password = \"\"\"hunter2-hunter2\nhunter2-hunter2",
        "password = [\"hunter2-hunter2\"",
        "password \"hunter2-hunter2\"",
        "hunter2-hunter2",
        "password = { env = \"hunter2-hunter2!\" }",
        "password = { valu = \"hunter2-hunter2\" }",
        "password = { value = { value = \"hunter2-hunter2\" } }",
        "passwort = \"hunter2-hunter2\"",
        "passwort = { value = \"hunter2-hunter2\" }",
        "passwort.x = [\"hunter2-hunter2\"]",
        "password = { value = 'hunter2-hunter2' }\nplatform = 5 }",
        "username = 5, password = { value = \"hunter2-hunter2\" }",
    ];
    for line in lines {
        let text = sugar("{ env = \"MISSING\" }").replace("password = { env = \"MISSING\" }", line);
        let report = load_with(&text, &[]).unwrap_err();
        for shown in [
            report.render(false),
            report.render(true),
            report.to_json().to_string(),
        ] {
            assert!(!shown.contains("hunter2"), "{line}\n{shown}");
        }
    }
}

#[test]
fn a_secret_in_the_file_stays_hidden_when_a_variable_replaces_it() {
    let text = sugar(&format!("{{ value = \"{PASSWORD}\" }}")) + "x = 1\n";
    let text = text.replace("\"cti\"\n", "5\n");
    let name = "WHOCALLS__ADAPTERS__SUGAR__SETTINGS__PASSWORD__VALUE";
    let report = load_with(&text, &[(name, "other")]).unwrap_err();
    assert_eq!(report.count(Severity::Error), 2);
    assert!(!report.to_string().contains(PASSWORD));
}
