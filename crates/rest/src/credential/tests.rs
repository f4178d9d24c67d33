//! Which credentials are refused, and in which words.

use std::path::PathBuf;

use serde_json::{Value as Json, json};
use whocalls_core::{AdapterId, BuildContext};
use whocalls_testkit::number_plan;

use crate::{compile::compile, config::Settings};

fn context() -> BuildContext {
    BuildContext {
        id: AdapterId::new("crm").unwrap(),
        crm_name: "CRM".into(),
        crm_logo: None,
        number_plan: number_plan(),
        base_dir: PathBuf::new(),
    }
}

fn settings(base_url: &str, credential: &Json) -> Json {
    json!({
        "base_url": base_url,
        "account": {
            "email": "cti@example.ch",
            "region": "eu",
            "token": { "value": "s3cret" },
            "broken": { "value": "s3cret\n" },
        },
        "credential": credential,
        "lookup": {
            "path": "/contacts",
            "query": { "phone": "{{ number.e164 }}" },
            "hits": "$[*]",
            "fields": { "id": "$.id", "name": "$.name", "phones": "$.phone" },
        },
    })
}

fn problems(settings: Json) -> Vec<(String, String)> {
    let settings: Settings = serde_json::from_value(settings).unwrap();
    let found = compile(&settings, &context()).err().unwrap_or_default();
    let found = found.into_iter();
    found
        .map(|problem| (problem.path, problem.message))
        .collect()
}

/// A credential that is right, with other values at these keys.
fn with(kind: &str, changes: &Json) -> Json {
    let secret = json!({ "value": "s3cret" });
    let mut credential = match kind {
        "client_credentials" => json!({
            "kind": "oauth2", "grant": kind, "token_url": "https://login.example.com/token",
            "client_id": "id", "client_secret": secret,
        }),
        "refresh_token" => json!({
            "kind": "oauth2", "grant": kind, "client_id": "id", "refresh_token": secret,
            "token_url": "https://accounts.zoho.{{ account.region }}/oauth/v2/token",
        }),
        "password" => json!({
            "kind": "oauth2", "grant": kind, "token_url": "https://login.example.com/token",
            "username": "{{ account.email }}", "password": secret,
        }),
        "jwt_bearer" => json!({
            "kind": "oauth2", "grant": kind, "token_url": "https://login.example.com/token",
            "client_id": "id",
            "private_key": { "value": include_str!("../../tests/fixtures/jwt-test-key.pem") },
        }),
        "session" => json!({
            "kind": "session",
            "steps": [{
                "path": "/login", "query": { "user": "{{ account.email }}" },
                "capture": { "session": "$.session" },
            }],
            "send": { "header": { "X-Session": "{{ auth.session }}" } },
        }),
        kind => json!({ "kind": kind }),
    };
    for (key, value) in changes.as_object().unwrap() {
        credential[key] = value.clone();
    }
    credential
}

#[test]
fn right_credentials_are_accepted() {
    let token = json!("{{ account.token }}");
    for (kind, changes) in [
        ("none", json!({})),
        ("header", json!({"name": "X-Key", "value": token})),
        (
            "headers",
            json!({"headers": {"X-Key": token, "X-App": "developer_api"}}),
        ),
        ("query", json!({"name": "key", "value": token})),
        (
            "basic",
            json!({"username": "{{ account.email }}/token", "password": token}),
        ),
        ("bearer", json!({"token": token})),
        (
            "client_credentials",
            json!({"client_auth": "basic", "encoding": "json"}),
        ),
        (
            "refresh_token",
            json!({"refresh_token_file": "token.json", "lifetime_secs": 60}),
        ),
        (
            "password",
            json!({"parameters": {"realm": "{{ account.region }}"}}),
        ),
        (
            "jwt_bearer",
            json!({"claims": {"sub": "{{ account.email }}"}, "key_id": "1"}),
        ),
        (
            "session",
            json!({"login_url": "https://login.example.com", "lifetime_secs": 60}),
        ),
        (
            "session",
            json!({"send": {"cookie": {"SESSION": "{{ auth.session }}"}}}),
        ),
    ] {
        let credential = with(kind, &changes);
        let found = problems(settings("https://crm.example.com", &credential));
        assert_eq!(found, [], "{credential}");
    }
}

/// Kind of credential, what is changed about it, where the mistake is reported, and a part of what
/// is said.
const MISTAKES: &str = r#"
header             | {"name": "X-Key", "value": "plain"}                          | credential.value         | by reference
header             | {"name": "X-Key", "value": "{{ account.nosuch }}"}           | credential.value         | account.nosuch
header             | {"name": "X-Key", "value": "{{ number.e164 }}"}              | credential.value         | `number`
header             | {"name": "X-Key", "value": "{{ account.broken }}"}           | credential.value         | line break
headers            | {"headers": {"X Key": "a"}}                                  | credential.headers.X Key | name of a header
headers            | {"headers": {"X-Key": "{{ account.broken }}"}}               | credential.headers.X-Key | line break
query              | {"name": "", "value": "{{ account.token }}"}                 | credential.name          | missing
basic              | {"username": "a:b"}                                          | credential.username      | colon
basic              | {"username": "a", "password": "plain"}                       | credential.password      | by reference
bearer             | {"token": "plain"}                                           | credential.token         | by reference
client_credentials | {"token_url": "login.example.com"}                           | credential.token_url     | not a URL
client_credentials | {"token_url": "http://login.example.com/token"}              | credential.token_url     | unencrypted
client_credentials | {"token_url": "https://a:b@login.example.com/token"}         | credential.token_url     | must not contain credentials
client_credentials | {"token_url": "https://x.example.com/{{ account.token }}"}   | credential.token_url     | secret
client_credentials | {"client_secret": null}                                      | credential.client_secret | needed
client_credentials | {"client_id": null}                                          | credential.client_id     | needed
client_credentials | {"client_secret": "plain"}                                   | credential.client_secret | by reference
client_credentials | {"refresh_token": {"value": "s3cret"}}                       | credential.refresh_token | does not use
client_credentials | {"claims": {"sub": "a"}}                                     | credential.claims        | does not use
client_credentials | {"header": "X Y"}                                            | credential.header        | name of a header
client_credentials | {"prefix": "a\nb"}                                           | credential.prefix        | cannot carry
client_credentials | {"scope": "{{ account.nosuch }}"}                            | credential.scope         | account.nosuch
client_credentials | {"parameters": {"a": "{{ b }}"}}                             | credential.parameters.a  | `b`
client_credentials | {"capture": {"a b": "$.a"}}                                  | credential.capture.a b   | letters
client_credentials | {"capture": {"url": "url"}}                                  | credential.capture.url   | JSONPath
client_credentials | {"outcomes": [{"means": "rate_limited"}]}                    | credential.outcomes.0    | every reply
refresh_token      | {"refresh_token": null}                                      | credential.refresh_token | needed
refresh_token      | {"client_auth": "basic"}                                     | credential.client_secret | needed
password           | {"username": null}                                           | credential.username      | needed
password           | {"password": null}                                           | credential.password      | needed
jwt_bearer         | {"private_key": {"value": "s3cret"}}                         | credential.private_key   | PEM
jwt_bearer         | {"client_id": null}                                          | credential.claims        | `iss`
session            | {"steps": [], "send": {}}                                    | credential.steps         | at least one
session            | {"steps": [{"path": "login"}], "send": {}}                   | credential.steps.0.path  | begin with `/`
session            | {"steps": [{"path": "/{{ auth.later }}"}], "send": {}}       | credential.steps.0.path  | auth.later
session            | {"send": {"header": {"X Y": "a"}}}                           | credential.send.header.X Y | name of a header
session            | {"send": {"query": {"s": "{{ auth.nosuch }}"}}}              | credential.send.query.s  | auth.nosuch
session            | {"login_url": "http://login.example.com"}                    | credential.login_url     | unencrypted
"#;

#[test]
fn every_mistake_is_reported_where_it_was_made() {
    for line in MISTAKES.trim().lines() {
        let columns: Vec<&str> = line.split(" | ").map(str::trim).collect();
        let [kind, changes, path, message] = columns.as_slice() else {
            panic!("four columns expected: {line}");
        };
        let credential = with(kind, &serde_json::from_str(changes).unwrap());
        let found = problems(settings("https://crm.example.com", &credential));
        let [(found_path, found_message)] = found.as_slice() else {
            panic!("{line}: one problem expected, found {found:?}");
        };
        assert_eq!(found_path, path, "{line}: {found_message}");
        assert!(found_message.contains(message), "{line}: {found_message}");
        assert!(!found_message.contains("s3cret"), "{found_message}");
    }
}

#[test]
fn an_address_that_a_login_brings_needs_that_login() {
    let told = "{{ auth.instance_url }}/api";
    let capture = json!({"capture": {"instance_url": "$.instance_url"}});
    let salesforce = with("client_credentials", &capture);
    assert_eq!(problems(settings(told, &salesforce)), []);

    let bearer = with("bearer", &json!({"token": "{{ account.token }}"}));
    let found = problems(settings(told, &bearer));
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].0, "base_url");

    let session = with("session", &json!({}));
    let found = problems(settings("{{ auth.session }}", &session));
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].0, "credential.login_url");

    let mut fixed = settings("https://crm.example.com", &bearer);
    fixed["allowed_hosts"] = json!(["*.example.com"]);
    let found = problems(fixed);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].0, "allowed_hosts");
}

#[test]
fn a_crm_without_tls_may_have_a_login_without_tls() {
    let changes = json!({"token_url": "http://crm.example.com/token"});
    let credential = with("client_credentials", &changes);
    assert_eq!(
        problems(settings("http://crm.example.com", &credential)),
        []
    );
}

#[test]
fn no_secret_appears_in_debug_output() {
    for (kind, changes) in [
        ("bearer", json!({"token": "{{ account.token }}"})),
        ("client_credentials", json!({"client_auth": "basic"})),
        ("refresh_token", json!({})),
        ("password", json!({})),
        ("session", json!({})),
    ] {
        let settings = settings("https://crm.example.com", &with(kind, &changes));
        let settings: Settings = serde_json::from_value(settings).unwrap();
        let description = compile(&settings, &context()).ok().unwrap();
        let shown = format!("{:?} {settings:?}", description.credential);
        assert!(!shown.contains("s3cret"), "{shown}");
    }
}
