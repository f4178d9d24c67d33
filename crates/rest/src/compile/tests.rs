use std::path::PathBuf;

use serde_json::{Value as Json, json};
use whocalls_core::AdapterId;
use whocalls_testkit::number_plan;

use super::*;

fn context() -> BuildContext {
    BuildContext {
        id: AdapterId::new("erp").unwrap(),
        crm_name: "ERP".into(),
        crm_logo: None,
        number_plan: number_plan(),
        base_dir: PathBuf::new(),
    }
}

/// The smallest description that works.
fn smallest() -> Json {
    json!({
        "base_url": "https://erp.example.com",
        "lookup": {
            "path": "/contacts",
            "query": { "phone": "{{ number.e164 }}" },
            "hits": "$[*]",
            "fields": { "id": "$.id", "name": "$.name", "phones": "$.phone" },
        },
    })
}

/// The smallest description with other values at these JSON Pointers.
fn with(changes: &[(&str, Json)]) -> Json {
    let mut settings = smallest();
    for (pointer, value) in changes {
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        settings.pointer_mut(parent).unwrap()[key] = value.clone();
    }
    settings
}

fn problems(settings: Json) -> Vec<(String, String)> {
    let settings: Settings = serde_json::from_value(settings).unwrap();
    match compile(&settings, &context()) {
        Ok(_) => Vec::new(),
        Err(problems) => problems
            .into_iter()
            .map(|problem| (problem.path, problem.message))
            .collect(),
    }
}

#[test]
fn the_smallest_description_works() {
    assert_eq!(problems(smallest()), []);
}

/// Where in the smallest description which value makes a mistake, where that is reported, and a
/// part of what is said.
const MISTAKES: &str = r#"
/base_url              | "erp.example.com"                          | base_url                 | not a URL
/credential            | {"kind": "header", "name": "X Key", "value": {"value": "k"}}              | credential.name  | name of a header
/credential            | {"kind": "header", "name": "X-Key", "value": {"value": "s3cret\nkey"}}    | credential.value | line break
/credential            | {"kind": "query", "name": "", "value": {"value": "k"}}                    | credential.name  | missing
/credential            | {"kind": "basic", "username": "a:b"}                                      | credential.username | colon
/credential            | {"kind": "bearer", "token": {"value": "s3cret\nkey"}}                     | credential.token | line break
/base_url              | "https://{{ account.company }}.example.com" | base_url                | `account` has nothing
/base_url              | "https://{{ number.nsn }}.example.com"     | base_url                 | uses `number`
/headers               | {"X-A": "{{ number.nsn }}"}                | headers.X-A              | uses `number`
/headers               | {"Cookie": "x"}                            | headers.Cookie           | credential
/headers               | {"X-A": "a\nb"}                            | headers.X-A              | line break
/headers               | {"X A": "a"}                               | headers.X A              | name of a header
/account               | {"a-b": "x"}                               | account.a-b              | letters, digits and `_`
/account               | {"a": ""}                                  | account.a                | empty
/parameters            | {"a": {"description": "What it is"}}       | account.a                | What it is
/lookup/path           | "contacts"                                 | lookup.path              | begin with `/`
/lookup/path           | "/contacts?a=b"                            | lookup.path              | into `query`
/lookup/path           | "/a/../b"                                  | lookup.path              | no segments
/lookup/path           | "/a/%2E./b"                                | lookup.path              | no segments
/lookup/path           | "/a\\b"                                    | lookup.path              | no backslash
/lookup/path           | "/{{ numbr.nsn }}"                         | lookup.path              | `numbr`
/lookup/query/phone    | "a\n{{ number.nsn"                         | lookup.query.phone       | line 2
/lookup/query/phone    | "{{ number.nsn ~ ('x' is nosuch) }}"       | lookup.query.phone       | unknown test
/lookup/query/phone    | "{{ number.nsn.nosuch() }}"                | lookup.query.phone       | unknown method
/lookup/query/phone    | "{{ number.nosuch }}"                      | lookup.query.phone       | `number.nosuch` does not exist
/lookup/query/phone    | "{{ number.last('x') }}"                   | lookup.query.phone       | invalid operation
/lookup/query/phone    | "{{ number.spellings[9] }}"                | lookup.query.phone       | undefined value
/lookup/query/phone    | "{{ number.nsn|date('%Y') }}"              | lookup.query.phone       | RFC 3339
/lookup/query/phone    | "{{ number.nsn|length|duration('d') }}"    | lookup.query.phone       | 'hh:mm:ss'
/lookup/query/phone    | {"odata": "x eq {{ number.national }}"}    | lookup.query.phone.odata | put quotes around it
/lookup/query/phone    | {"odata": "x eq '{{ number.nsn }}"}        | lookup.query.phone.odata | not closed
/lookup/query/phone    | {"sql": "x LIKE '\\_{{ number.nsn }}'"}    | lookup.query.phone.sql   | backslash
/lookup/query/phone    | {"each": "number.spelings"}                | lookup.query.phone.each  | `number.spelings` does not exist
/lookup/query/phone    | {"each": "{{ number.spellings }}"}         | lookup.query.phone.each  | without {{ }}
/lookup/query/phone    | {"json": ["{{ x }}", 1]}                   | lookup.query.phone.json.0 | uses `x`
/lookup/query/phone    | ["{{ number.nsn }}", "{{ x }}"]            | lookup.query.phone.1     | uses `x`
/lookup/query/phone    | "123"                                      | lookup                   | no template of the request uses `number`
/lookup/headers        | {"X Y": "1"}                               | lookup.headers.X Y       | name of a header
/lookup/headers        | {"Authorization": "x"}                     | lookup.headers.Authorization | credential
/lookup/headers        | {"Host": "x"}                              | lookup.headers.Host      | base_url
/lookup/headers        | {"X-A": "{{ nosuch }}"}                    | lookup.headers.X-A       | `nosuch`
/lookup/body           | {"text": "x"}                              | lookup.body              | method
/lookup/hits           | "items[*]"                                 | lookup.hits              | begins with `$`
/lookup/hits           | "$.my-items[*]"                            | lookup.hits              | from `-items[*]` on; names
/lookup/empty_statuses | [204, 500]                                 | lookup.empty_statuses.1  | 201 to 299
/lookup/empty_statuses | [200]                                      | lookup.empty_statuses.0  | 201 to 299
/lookup/empty_statuses | [401]                                      | lookup.empty_statuses.0  | 201 to 299
/lookup/fields/id      | "$."                                       | lookup.fields.id         | ends too early
/lookup/fields/id      | {"template": "{{ id }}"}                   | lookup.fields.id         | made of itself
/lookup/fields/name    | ["$.a", "b"]                               | lookup.fields.name.1     | JSONPath
/lookup/fields/name    | {"template": "{{ number.nsn }}"}           | lookup.fields.name.template | `number`
/lookup/fields/name    | {"template": "{{ hit.a is nosuch }}"}      | lookup.fields.name.template | unknown test
/lookup/fields/phones  | []                                         | lookup.fields.phones     | at least one
/lookup/fields/contact_uri   | {"template": "/c/{{ id }}"}          | lookup.fields.contact_uri.template | begin with https://
/lookup/fields/custom_fields | {"City": "city"}                     | lookup.fields.custom_fields.City   | JSONPath
/lookup/query/phone    | {"encoded": "a={{ x }}"}                   | lookup.query.phone.encoded | uses `x`
/probe                 | {"path": "/{{ number.nsn"}                 | probe.path               | syntax error
/probe                 | {"path": "/me", "account": "name"}         | probe.account            | JSONPath
/probe                 | {"path": "/me", "body": {"json": {}}}      | probe.body               | method
/notifications         | {"proof": {"kind": "none"}, "records": "x"} | notifications.records   | JSONPath
"#;

#[test]
fn every_mistake_is_reported_where_it_was_made() {
    for line in MISTAKES.trim().lines() {
        let columns: Vec<&str> = line.split(" | ").map(str::trim).collect();
        let [pointer, value, path, message] = columns.as_slice() else {
            panic!("four columns expected: {line}");
        };
        let value = serde_json::from_str(value).unwrap();
        let found = problems(with(&[(pointer, value)]));
        let [(found_path, found_message)] = found.as_slice() else {
            panic!("{line}: one problem expected, found {found:?}");
        };
        assert_eq!(found_path, path, "{line}: {found_message}");
        assert!(found_message.contains(message), "{line}: {found_message}");
        assert!(!found_message.contains("s3cret"), "{found_message}");
    }
}

#[test]
fn an_unknown_filter_is_a_mistake_wherever_it_stands() {
    let template = "{{ number.nsn | nosuch }}";
    let found = problems(with(&[("/lookup/query/phone", json!(template))]));
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].1.contains("unknown filter"), "{found:?}");

    let template = json!({ "template": "{{ hit.a | nosuch }}" });
    let found = problems(with(&[("/lookup/fields/name", template)]));
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].1.contains("unknown filter"), "{found:?}");
}

#[test]
fn mistakes_of_a_body_are_reported_with_their_place_in_it() {
    for (body, path) in [
        (json!({}), "lookup.body"),
        (json!({"json": 1, "text": "x"}), "lookup.body"),
        (
            json!({"json": {"a": [1, {"b": "{{ x }}"}]}}),
            "lookup.body.json.a.1.b",
        ),
        (json!({"form": {"a": "{{ x }}"}}), "lookup.body.form.a"),
        (
            json!({"form": {}, "graphql": {"query": "{ a }"}}),
            "lookup.body",
        ),
        (
            json!({"json": {"a": {"$json": "x + 1"}}}),
            "lookup.body.json.a.$json",
        ),
        (
            json!({"json": {"a": [{"$lucene": "a:{{ number.national }}"}]}}),
            "lookup.body.json.a.0.$lucene",
        ),
        (
            json!({"graphql": {"query": "{ a(b: {{ number.nsn }}) }"}}),
            "lookup.body.graphql.query",
        ),
        (
            json!({"graphql": {"query": "{ a }", "variables": {"v": "{{ x }}"}}}),
            "lookup.body.graphql.variables.v",
        ),
        (
            json!({"text": "{\"a\": \"{{ number.nsn }}\"}", "content_type": "application/json"}),
            "lookup.body.text",
        ),
        (
            json!({"text": {"json_text": "{\"a\": \"{{ number.nsn }}"}}),
            "lookup.body.text.json_text",
        ),
        (json!({"text": "{{ x }}"}), "lookup.body.text"),
        (
            json!({
                "text": "a={{ number.nsn }}",
                "content_type": "application/x-www-form-urlencoded",
            }),
            "lookup.body.text",
        ),
        (
            json!({"text": "{ a(b: {{ number.nsn }}) }", "content_type": "application/graphql"}),
            "lookup.body.text",
        ),
        (
            json!({"text": "x", "content_type": "a\nb"}),
            "lookup.body.content_type",
        ),
    ] {
        let changes = [
            ("/lookup/method", json!("POST")),
            ("/lookup/body", body.clone()),
        ];
        let found = problems(with(&changes));
        assert_eq!(found.len(), 1, "{body}: {found:?}");
        assert_eq!(found[0].0, path, "{body}");
    }
}

#[test]
fn a_secret_of_the_account_is_kept_from_screens() {
    let account = (
        "/account",
        json!({"token": {"value": "s3cret"}, "company": "acme"}),
    );
    let secret =
        |place: &str| json!({ "template": format!("https://x.example/{{{{ account.{place} }}}}") });
    for (pointer, value, path) in [
        (
            "/base_url",
            json!("https://x.example/{{ account.token }}"),
            "base_url",
        ),
        (
            "/lookup/fields/contact_uri",
            secret("token"),
            "lookup.fields.contact_uri.template",
        ),
        (
            "/lookup/fields/name",
            secret("token"),
            "lookup.fields.name.template",
        ),
    ] {
        let found = problems(with(&[account.clone(), (pointer, value)]));
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].0, path);
        assert!(found[0].1.contains("is secret"), "{found:?}");
    }
    for (pointer, value) in [
        (
            "/base_url",
            json!("https://{{ account.company }}.example.com"),
        ),
        (
            "/lookup/path",
            json!("/rest/{{ account.token }}/{{ number.nsn }}"),
        ),
        ("/lookup/fields/contact_uri", secret("company")),
        ("/headers", json!({"X-Key": "{{ account.token }}"})),
    ] {
        assert_eq!(
            problems(with(&[account.clone(), (pointer, value)])),
            [],
            "{pointer}"
        );
    }
}

#[test]
fn all_mistakes_are_reported_at_once() {
    let found = problems(with(&[
        ("/base_url", json!("ftp://erp.example.com")),
        ("/lookup/path", json!("contacts")),
        ("/lookup/query/phone", json!("{{ numbr }}")),
        ("/lookup/hits", json!("items")),
        ("/lookup/fields/name", json!("name")),
        (
            "/lookup/fields/emails",
            json!(["mail", {"template": "{{ x }}"}]),
        ),
    ]));
    let mut paths: Vec<&str> = found.iter().map(|(path, _)| path.as_str()).collect();
    paths.sort_unstable();
    assert_eq!(
        paths,
        [
            "base_url",
            "lookup.fields.emails.0",
            "lookup.fields.emails.1.template",
            "lookup.fields.name",
            "lookup.hits",
            "lookup.path",
            "lookup.query.phone",
        ]
    );
}

#[test]
fn a_header_is_set_by_one_setting_only() {
    let found = problems(with(&[
        (
            "/credential",
            json!({"kind": "header", "name": "X-Key", "value": {"value": "k"}}),
        ),
        ("/lookup/headers", json!({"x-key": "k"})),
    ]));
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].0, "lookup.headers.x-key");
}

#[test]
fn settings_of_another_shape_are_refused() {
    for (pointer, value) in [
        ("/lookup/methd", json!("POST")),
        ("/lookup/method", json!("DELETE")),
        ("/lookup/fields/phone", json!("$.x")),
        (
            "/credential",
            json!({"kind": "bearer", "tokn": {"value": "x"}}),
        ),
        ("/account", json!({"a": true})),
        ("/parameters", json!({"a": {"secrt": true}})),
        ("/lookup/query/phone", json!({"odta": "x"})),
        ("/lookup/query/phone", json!({"odata": "x", "sql": "y"})),
        (
            "/lookup/fields/name",
            json!({"template": "x", "fallback": "y"}),
        ),
    ] {
        let settings = with(&[(pointer, value)]);
        assert!(
            serde_json::from_value::<Settings>(settings).is_err(),
            "{pointer}"
        );
    }
}

#[test]
fn no_secret_appears_in_debug_output() {
    let secret = "s3cret";
    let reference = json!({ "value": secret });
    for credential in [
        json!({"kind": "header", "name": "X-Key", "value": reference}),
        json!({"kind": "query", "name": "key", "value": reference}),
        json!({"kind": "basic", "username": "cti", "password": reference}),
        json!({"kind": "basic", "username": reference}),
        json!({"kind": "bearer", "token": reference}),
    ] {
        let settings = with(&[("/credential", credential)]);
        let settings: Settings = serde_json::from_value(settings).unwrap();
        let description = compile(&settings, &context()).ok().unwrap();
        let shown = format!("{settings:?} {:?}", description.credential);
        assert!(!shown.contains(secret), "{shown}");
        assert!(!shown.contains("Y3RpOnMzY3JldA"), "{shown}");
    }
}
