use reqwest::{Client, Method};
use serde_json::json;

use super::*;

fn adapter() -> AdapterId {
    AdapterId::new("crm").unwrap()
}

fn client() -> Client {
    let client = Client::builder().tls_certs_only([]);
    crate::tls::crypto_provider();
    client.build().unwrap()
}

/// The request as the trace shows it.
fn shown(operation: Operation, request: reqwest::RequestBuilder) -> TraceKind {
    let trace = Trace::default();
    let request = request.build().unwrap();
    let adapter = adapter();
    let exchange = Exchange::begin(&trace, &adapter, operation, &request);
    assert_eq!(format!("{exchange:?}"), "Exchange(1)");
    trace.events().remove(0).kind
}

fn parts(kind: TraceKind) -> (String, Vec<(String, String)>, String) {
    match kind {
        TraceKind::Request {
            url, headers, body, ..
        } => (url, headers, body.unwrap_or_default().text),
        other => panic!("{other:?}"),
    }
}

#[test]
fn credentials_in_headers_are_masked_wherever_else_they_stand() {
    let request = client()
        .request(
            Method::GET,
            "http://crm.example/a?q=1&copy=t0ken&Api_Key=xy",
        )
        .bearer_auth("t0ken")
        .header("cookie", "PHPSESSID=0123456789; lang=en")
        .header("x-note", "0123456789 en");
    let (url, headers, _) = parts(shown(Operation::Lookup, request));
    assert_eq!(url, "http://crm.example/a?q=1&copy=***&Api_Key=***");
    let header = |name: &str| {
        let found = headers.iter().find(|(other, _)| other == name);
        found.map(|(_, value)| value.as_str())
    };
    assert_eq!(header("authorization"), Some("Bearer ***"));
    assert_eq!(header("cookie"), Some("PHPSESSID=***; lang=***"));
    assert_eq!(header("x-note"), Some("*** en"));
}

#[test]
fn telling_fields_of_bodies_are_masked() {
    let document = json!({
        "username": "cti", "password": "pw", "expires_in": 3600, "token_type": "bearer",
        "list": [{ "name": "user_token", "value": "abc" }, { "name": "phone", "value": "1" }],
        "secrets": ["a", 1, true],
    });
    let request = client().post("http://crm.example/").json(&document);
    let (_, _, body) = parts(shown(Operation::Lookup, request));
    let body: serde_json::Value = serde_json::from_str(&body).unwrap();
    let expected = json!({
        "username": "cti", "password": "***", "expires_in": 3600, "token_type": "bearer",
        "list": [{ "name": "user_token", "value": "***" }, { "name": "phone", "value": "1" }],
        "secrets": ["***", "***", true],
    });
    assert_eq!(body, expected);
}

#[test]
fn a_form_is_shown_field_by_field() {
    let fields = [
        ("method", "login"),
        ("client_secret", "s"),
        ("rest_data", r#"{"user_auth":{"password":"hash"}}"#),
    ];
    let request = client().post("http://crm.example/").form(&fields);
    let (_, _, body) = parts(shown(Operation::Authenticate, request));
    let expected =
        "method=login\nclient_secret=***\nrest_data={\"user_auth\":{\"password\":\"***\"}}";
    assert_eq!(body, expected);
}

#[test]
fn other_bodies_are_shown_as_they_are() {
    let text = client().post("http://crm.example/").body("phone=1");
    assert_eq!(parts(shown(Operation::Lookup, text)).2, "phone=1");
    let binary = client().post("http://crm.example/").body(vec![0xff, 0xfe]);
    let expected = "(2 bytes that are no text)";
    assert_eq!(parts(shown(Operation::Lookup, binary)).2, expected);
    let none = client().get("http://crm.example/");
    assert_eq!(parts(shown(Operation::Lookup, none)).2, "");
}

#[test]
fn a_session_that_a_login_yields_is_masked() {
    let body = br#"{"id":"0a1b2c","module_name":"Users"}"#;
    let shown = |operation| body::shown(body, &HeaderMap::new(), operation).unwrap();
    assert!(!shown(Operation::Authenticate).contains("0a1b2c"));
    assert!(shown(Operation::Lookup).contains("0a1b2c"));
}
