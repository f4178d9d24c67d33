//! One mistake at a time: its place and its sentence.

use super::problems;

/// A file with one adapter, so that nothing else is to be said.
const BOOK: &str = "[adapters.book]\nkind = \"phonebook\"\nsettings.file = \"contacts.csv\"\n";

/// `text` before the adapter's table, three lines below.
fn only(text: &str) -> String {
    let found = problems(&format!("{text}\n{BOOK}"));
    assert_eq!(found.len(), 1, "{text}\n{found:#?}");
    found.into_iter().next().unwrap()
}

#[test]
fn the_frame_of_these_tests_is_right() {
    assert_eq!(problems(BOOK), [""; 0]);
}

/// A line of `[gateway]` and what is said of it.
const GATEWAY: &[(&str, &str)] = &[
    (
        "listn = 1",
        "2:1 gateway.listn: unknown key; did you mean `listen`?",
    ),
    (
        "request_timeout_ms = 30",
        "2:22 gateway.request_timeout_ms: 30 is out of range; allowed is 50 to 30000 (milliseconds)",
    ),
    (
        "request_timeout_ms = 1500.5",
        "2:22 gateway.request_timeout_ms: expected an integer (milliseconds), found a float",
    ),
    (
        "request_timeout_ms = \"1500\"",
        "2:22 gateway.request_timeout_ms: expected an integer (milliseconds), found a string; leave out the quotes",
    ),
    (
        "request_timeout_ms = \"1.5s\"",
        "2:22 gateway.request_timeout_ms: expected an integer (milliseconds), found a string",
    ),
    (
        "max_results = -1",
        "2:15 gateway.max_results: -1 is out of range; allowed is 1 to 50",
    ),
    (
        "max_results = []",
        "2:15 gateway.max_results: expected an integer, found an array",
    ),
    (
        "internal_max_digits = 10",
        "2:23 gateway.internal_max_digits: 10 is out of range; allowed is 0 to 9 (digits)",
    ),
    (
        "listen = 8080",
        "2:10 gateway.listen: expected a string, found an integer",
    ),
    (
        "listen = \"localhost:8080\"",
        "2:10 gateway.listen: an IP address and a port are expected, such as 127.0.0.1:8080 or [::]:8080",
    ),
    (
        "default_region = \"Schweiz\"",
        "2:18 gateway.default_region: no such region; an ISO 3166-1 alpha-2 code in capitals is expected, such as CH, DE or FR",
    ),
    (
        "time_zone = \"Europe/Zuerich\"",
        "2:13 gateway.time_zone: no such time zone; an IANA name is expected, such as Europe/Zurich",
    ),
    (
        "root_path = \"crm\"",
        "2:13 gateway.root_path: a path is expected that starts with `/` and has no white space, `?`, `#`, `{` or `}`",
    ),
    (
        "reply_case = \"camle\"",
        "2:14 gateway.reply_case: \"camle\" is not allowed; did you mean \"camel\"? allowed: \"camel\", \"pascal\"",
    ),
    (
        "reply_case = 5",
        "2:14 gateway.reply_case: an integer is not allowed here; allowed: \"camel\", \"pascal\"",
    ),
    (
        "custom_data_key = \"x\"",
        "2:19 gateway.custom_data_key: \"x\" is not allowed; allowed: \"customData\", \"customFields\", \"both\"",
    ),
    (
        "cors_origins = [\"*\", \"https://a.example/x\"]",
        "2:22 gateway.cors_origins[1]: an origin is expected, such as https://pbx.example.ch (scheme, host and port without a path), or * for every origin",
    ),
    (
        "cors_origins = [\"*\", \"*\"]",
        "2:16 gateway.cors_origins: this list names something twice",
    ),
    (
        "admin_token = \"s3cret\"",
        "2:15 gateway.admin_token: a secret is written as { env = \"NAME\" }, { file = \"path\" } or { value = \"text\" }; found a string",
    ),
    (
        "admin_token = {}",
        "2:15 gateway.admin_token: a secret is written as { env = \"NAME\" }, { file = \"path\" } or { value = \"text\" }; found an empty table",
    ),
    (
        "admin_token = { env = \"A\", value = \"s3cret\" }",
        "2:15 gateway.admin_token: a secret is written as { env = \"NAME\" }, { file = \"path\" } or { value = \"text\" }; found several keys",
    ),
    (
        "admin_token = { valeu = \"s3cret\" }",
        "2:17 gateway.admin_token.valeu: unknown key; did you mean `value`?",
    ),
    (
        "admin_token = { value = \"\" }",
        "2:25 gateway.admin_token.value: this must not be empty",
    ),
    (
        "tokens = [{ value = { value = \"s3cret\" } }]",
        "2:11 gateway.tokens[0].name: this key is required: Stands in logs and metrics instead of the secret; unique",
    ),
    (
        "tokens = [{ name = \"a\", header = \"X Token\", value = { value = \"s\" } }]",
        "2:34 gateway.tokens[0].header: the name of a header is expected: letters, digits and -",
    ),
    (
        "tokens = [{ name = \"a\", adapters = [], value = { value = \"s\" } }]",
        "2:36 gateway.tokens[0].adapters: this list must not be empty; leave out the key instead",
    ),
    (
        "tokens = 1",
        "2:10 gateway.tokens: expected an array, found an integer",
    ),
    (
        "password = \"x\"",
        "2:1 gateway.password: unknown key; allowed: `listen`, `admin_listen`, `admin_token`, `root_path`, `request_timeout_ms`, `workflow_timeout_ms`, `max_results`, `max_in_flight`, `default_region`, `internal_max_digits`, `time_zone`, `language`, `reply_case`, `custom_data_key`, `settle_ms`, `cors_origins`, `tokens`",
    ),
];

/// Other texts and what is said of them.
const OTHERS: &[(&str, &str)] = &[
    (
        "gateway = 5",
        "1:11 gateway: expected a table, found an integer",
    ),
    (
        "[gatway]",
        "1:2 gatway: unknown key; did you mean `gateway`?",
    ),
    (
        "[merge]\nmode = \"none\"",
        "2:8 merge.mode: \"none\" is not allowed; allowed: \"person\", \"record\", \"off\"",
    ),
    (
        "[defaults.cache]\nstale_secs = -5",
        "2:14 defaults.cache.stale_secs: -5 is out of range; allowed is 0 to 2592000 (seconds)",
    ),
    (
        "[users]\n\"anna@example.ch\" = \"4711\"",
        "2:21 users.\"anna@example.ch\": expected a table, found a string",
    ),
    (
        "[workflows.CallFlow]\nsend_to = \"everybody\"",
        "2:11 workflows.CallFlow.send_to: \"everybody\" is not allowed; allowed: \"first\", \"all\"",
    ),
    (
        "[workflows.CallFlow]\nsubject = \"{{ caler.name }}\"",
        "2:11 workflows.CallFlow.subject: there is no variable `caler`; there are `answered`, `callee`, `caller`, `declined`, `direction`, `duration`, `duration_seconds`, `ended`, `extra`, `outcome`, `remote`, `ring_duration`, `ring_seconds`, `started`, `workflow`",
    ),
    (
        "[adapters.\"a b\"]\nkind = \"hubspot\"\nenabled = false",
        "1:11 adapters.\"a b\": an adapter id has 1 to 32 letters, digits, `-` or `_` and starts with a letter or digit",
    ),
];

#[test]
fn every_kind_of_mistake_has_a_plain_sentence() {
    for (line, expected) in GATEWAY {
        assert_eq!(only(&format!("[gateway]\n{line}")), *expected);
    }
    for (text, expected) in OTHERS {
        assert_eq!(only(text), *expected);
    }
}

#[test]
fn adapters_are_checked_against_their_kind() {
    let table = [
        (
            "[adapters.x]",
            "1:1 adapters.x.kind: this key is required: What kind of CRM it is; `whocalls kinds` lists them",
        ),
        (
            "[adapters.x]\nkind = \"sugra\"",
            "2:8 adapters.x.kind: \"sugra\" is not allowed; did you mean \"sugar\"? allowed: \"sugar\", \"hubspot\", \"rest\", \"phonebook\"",
        ),
        (
            "[adapters.x]\nkind = \"sugar\"",
            "1:1 adapters.x.settings: this key is required",
        ),
        (
            "[adapters.x]\nkind = \"sugar\"\npreset = \"zoho\"\n[adapters.x.settings]\nbase_url = \"https://a.example\"\nusername = \"cti\"\npassword.value = \"s\"",
            "3:1 adapters.x.preset: this key is not allowed here: This kind has no presets",
        ),
        (
            "[adapters.x]\nkind = \"rest\"\npreset = \"pipdrive\"",
            "3:10 adapters.x.preset: \"pipdrive\" is not allowed; did you mean \"pipedrive\"? allowed: \"pipedrive\", \"zoho\"",
        ),
        (
            "[adapters.x]\nkind = \"hubspot\"\ncrm_logo = \"logo.svg\"\nsettings.token.value = \"s\"",
            "3:12 adapters.x.crm_logo: a URL is expected that starts with https:// or http://",
        ),
        (
            "[adapters.x]\nkind = \"hubspot\"\nsettings.tokn.value = \"s\"",
            "3:10 adapters.x.settings.tokn: unknown key; did you mean `token`?",
        ),
        (
            "[adapters.x]\nkind = \"hubspot\"\n[adapters.x.settings]\ntoken.value = \"s\"\napi_version = \"v2\"",
            "5:15 adapters.x.settings.api_version: \"v2\" is not allowed; did you mean \"v3\"? allowed: \"2026-09\", \"v3\"",
        ),
        (
            "[adapters.x]\nkind = \"rest\"\nsettings.auth = { type = \"beaer\" }",
            "3:26 adapters.x.settings.auth.type: \"beaer\" is not allowed; did you mean \"bearer\"? allowed: \"bearer\", \"basic\"",
        ),
        (
            "[adapters.x]\nkind = \"rest\"\nsettings.auth = { type = \"bearer\" }",
            "3:17 adapters.x.settings.auth.token: this key is required: A credential by reference: { env = \"NAME\" }, { file = \"path\" } or { value = \"text\" }",
        ),
        (
            "[adapters.x]\nkind = \"rest\"\nsettings.auth = \"bearer\"",
            "3:17 adapters.x.settings.auth: expected a table, found a string",
        ),
        (
            "[adapters.x]\nkind = \"rest\"\nsettings.headers = { a = 5 }",
            "3:26 adapters.x.settings.headers.a: expected a string or a table, found an integer",
        ),
        (
            "[adapters.x]\nkind = \"rest\"\nsettings.headers = { a = { evn = \"X\" } }",
            "3:28 adapters.x.settings.headers.a.evn: unknown key; did you mean `env`?",
        ),
        (
            "[adapters.x]\nkind = \"rest\"\nsettings.lookup = [{ path = \"/a\" }, { pth = \"/b\" }]",
            "3:39 adapters.x.settings.lookup[1].pth: unknown key; did you mean `path`?",
        ),
    ];
    for (text, expected) in table {
        let found = problems(&format!("{text}\n{BOOK}"));
        assert!(
            found.iter().any(|line| line.starts_with(expected)),
            "{text}\n{found:#?}"
        );
    }
}

#[test]
fn adapters_report_what_only_they_know_at_its_place() {
    let table: [(&str, &[&str]); 5] = [
        (
            "[adapters.x]\nkind = \"sugar\"\n[adapters.x.settings]\nbase_url = \"http://a.example\"\nusername = \"cti\"\npassword.value = \"s\"\nplatform = \"\"",
            &[
                "4:12 adapters.x.settings.base_url: an https URL is expected",
                "7:12 adapters.x.settings.platform: this must not be empty",
            ],
        ),
        (
            "[adapters.x]\nkind = \"hubspot\"",
            &["1:1 adapters.x.settings: set either token or client_secret"],
        ),
        (
            "[adapters.x]\nkind = \"hubspot\"\n[adapters.x.settings]",
            &["3:1 adapters.x.settings: set either token or client_secret"],
        ),
        (
            "[adapters.x]\nkind = \"rest\"\npreset = \"zoho\"",
            &["3:10 adapters.x.settings.lookup[0].path: this must start with /"],
        ),
        (
            "[adapters.x]\nkind = \"rest\"\nsettings.lookup = [{ path = \"/a\" }, { path = \"b\" }]",
            &["3:46 adapters.x.settings.lookup[1].path: this must start with /"],
        ),
    ];
    for (text, expected) in table {
        assert_eq!(problems(&format!("{text}\n{BOOK}")), expected, "{text}");
    }
}

#[test]
fn keys_that_contradict_each_other_are_reported() {
    let sugar = "[adapters.sugar]\nkind = \"sugar\"\nactions = [\"CreateCase\", \"CreateCse\"]\n[adapters.sugar.settings]\nbase_url = \"https://a.example\"\nusername = \"cti\"\npassword.value = \"s\"";
    let table = [
        ("gateway.listen = \"0.0.0.0:80\"".to_owned(), "1:18 gateway.listen: whoever reaches this address may ask; add a token ([[gateway.tokens]]) or listen on a loopback address such as 127.0.0.1:8080"),
        ("gateway.admin_listen = \"[::]:81\"".to_owned(), "1:24 gateway.admin_listen: whoever reaches this address sees the operator's pages; set gateway.admin_token or listen on a loopback address such as 127.0.0.1:8081"),
        ("gateway.admin_listen = \"127.0.0.1:8080\"".to_owned(), "1:24 gateway.admin_listen: this is the address of gateway.listen; operators need a port of their own"),
        ("gateway.tokens = [{ name = \"a\", value.value = \"s\" }, { name = \"a\", value.value = \"t\" }]".to_owned(), "1:63 gateway.tokens[1].name: another token is called `a` too; names are unique"),
        ("gateway.tokens = [{ name = \"a\", value.value = \"s\", adapters = [\"bok\"] }]".to_owned(), "1:64 gateway.tokens[0].adapters[0]: there is no adapter `bok`; did you mean `book`?"),
        ("workflows.CallFlow.adapters = [\"book\", \"crm\"]".to_owned(), "1:40 workflows.CallFlow.adapters[1]: there is no adapter `crm`; allowed: `book`"),
        ("users.anna = { boook = \"1\" }".to_owned(), "1:16 users.anna.boook: there is no adapter `boook`; did you mean `book`?"),
        (sugar.to_owned(), "3:26 adapters.sugar.actions[1]: there is no workflow `CreateCse`; did you mean `CreateCase`?"),
        ("workflows.CallFlow.adapters = [\"book\"]".to_owned(), "1:32 workflows.CallFlow.adapters[0]: the adapter `book` offers no workflow `CallFlow`"),
        ("defaults.timeout_ms = 2000".to_owned(), "warning 1:23 defaults.timeout_ms: 2000 is more than gateway.request_timeout_ms, which ends the whole lookup after 1500 (milliseconds)"),
        ("[adapters.suite]\nenabled = false\nkind = \"suitecrm\"".to_owned(), "warning 3:8 adapters.suite.kind: this build has no kind `suitecrm`, so the adapter could not be enabled; allowed: `sugar`, `hubspot`, `rest`, `phonebook`"),
    ];
    for (text, expected) in table {
        let found = problems(&format!("{text}\n{BOOK}"));
        assert!(
            found.iter().any(|line| line == expected),
            "{text}\n{found:#?}"
        );
    }
}

#[test]
fn a_file_without_adapters_works_but_is_warned_about() {
    let warning = "adapters: no adapter is enabled, so that nobody is ever found";
    assert_eq!(problems(""), [format!("warning file {warning}")]);
    assert_eq!(
        problems("[adapters.x]\nkind = \"sugar\"\nenabled = false"),
        [format!("warning 1:2 {warning}")]
    );
}
