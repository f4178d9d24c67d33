use std::sync::Arc;

use minijinja::{Value, context};
use proptest::prelude::*;
use serde_json::{Value as Json, json};
use url::form_urlencoded;

use super::*;
use crate::{
    account::Account,
    config::StepSettings,
    number::{self, NumberForms},
    shared::Shared,
};

const NUMBER: &str = "{{ number.e164 }}";

fn base() -> BaseUrl {
    BaseUrl::parse("base_url", "https://erp.example.com/api").unwrap()
}

fn access() -> Access {
    Access::new(base(), Arc::new(Shared::default()), Value::UNDEFINED)
}

/// Any text in place of a number: it stands for whatever a template may get.
fn any(text: &str) -> Variables {
    let spellings = vec![text.to_owned(), "0".to_owned()];
    let number = context! { e164 => text, spellings };
    Variables::default().with("number", number)
}

/// A request with templates in path and query, and with these headers and this body.
fn request(headers: &Json, body: &Json) -> Request {
    let settings = json!({
        "name": "x",
        "method": "POST",
        "path": format!("/v1/{NUMBER}/x-{NUMBER}-y"),
        "query": { "q": format!("phone ~ '{NUMBER}'"), "a&b=c": NUMBER },
        "headers": headers,
        "body": body,
    });
    compiled(settings)
}

/// The request of a lookup with these settings.
fn compiled(settings: Json) -> Request {
    let settings: StepSettings = serde_json::from_value(settings).unwrap();
    let parts = settings.request();
    let mut problems = Problems::default();
    let request = Request::compile(&parts, "lookup", &scope(), &mut problems);
    assert_eq!(problems.count(), 0);
    request
}

fn scope() -> Scope {
    Scope::new(vec![number::variable(&whocalls_testkit::number_plan())])
}

fn render(headers: &Json, body: &Json, text: &str) -> Result<Rendered, NoText> {
    request(headers, body).render(&access(), any(text))
}

/// As a whole path segment, these are refused.
fn is_dots(text: &str) -> bool {
    matches!(text, "." | "..")
}

fn pairs(encoded: &str) -> Vec<(String, String)> {
    form_urlencoded::parse(encoded.as_bytes())
        .into_owned()
        .collect()
}

#[test]
fn a_request_is_what_its_templates_say() {
    let asked = whocalls_testkit::number("41215522000");
    let body = json!({ "json": { "phone": NUMBER, "limit": 5, "only": [true, null] } });
    let rendered = request(&json!({ "X-Number": NUMBER }), &body)
        .render(&access(), NumberForms::variables(&asked))
        .unwrap();
    assert_eq!(rendered.method, Method::POST);
    assert_eq!(
        rendered.url.as_str(),
        "https://erp.example.com/api/v1/%2B41215522000/x-%2B41215522000-y\
         ?q=phone+%7E+%27%2B41215522000%27&a%26b%3Dc=%2B41215522000"
    );
    let headers: Vec<_> = rendered
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.to_str().unwrap()))
        .collect();
    assert_eq!(
        headers,
        [("x-number", "+41215522000"), ("accept", "application/json")]
    );
    let (content_type, body) = rendered.body.unwrap();
    assert_eq!(content_type, "application/json");
    assert_eq!(
        body,
        r#"{"phone":"+41215522000","limit":5,"only":[true,null]}"#
    );
}

#[test]
fn each_body_has_its_content_type() {
    for (body, content_type, text) in [
        (
            json!({"form": {"p": NUMBER, "q": "a b"}}),
            "application/x-www-form-urlencoded",
            "p=%2B4&q=a+b",
        ),
        (
            json!({"text": "<p>{{ number.e164 }}</p>"}),
            "text/plain; charset=utf-8",
            "<p>+4</p>",
        ),
        (
            json!({"text": "x", "content_type": "application/xml"}),
            "application/xml",
            "x",
        ),
        (json!({"json": [NUMBER]}), "application/json", r#"["+4"]"#),
    ] {
        let (found_type, found_text) = render(&json!({}), &body, "+4").unwrap().body.unwrap();
        assert_eq!(found_type, content_type, "{body}");
        assert_eq!(found_text, text, "{body}");
    }
}

#[test]
fn a_parameter_may_be_repeated_and_an_absent_one_is_left_out() {
    let request = compiled(json!({
        "name": "x",
        "path": "/",
        "query": {
            "field": ["name", "{{ number.e164 }}"],
            "n": { "each": "number.spellings" },
            "in": { "json": ["Contacts", { "$json": "number.spellings | length" }] },
            "f": { "odata": "x eq '{{ number.e164 }}'" },
            "m": "{{ number.region }}",
        },
    }));
    let rendered = request.render(&access(), any("a'b")).unwrap();
    let expected = [
        ("field", "name"),
        ("field", "a'b"),
        ("n", "a'b"),
        ("n", "0"),
        ("in", "[\"Contacts\",2]"),
        ("f", "x eq 'a''b'"),
    ];
    let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(pairs(rendered.url.query().unwrap()), expected);
}

#[test]
fn a_text_that_is_encoded_already_is_sent_as_it_stands() {
    let encoded = |text: &str| json!({ "encoded": text });
    let request = compiled(json!({
        "name": "x", "method": "POST", "path": "/x",
        "query": { "a b": "c d", "$filter": encoded("p%20eq,{{ number.e164 }}"), "z": [encoded("1"), "&"] },
        "body": { "form": { "q": encoded("{{ number.e164 }}") } },
    }));
    let rendered = request.render(&access(), any("+1&#x=")).unwrap();
    assert_eq!(
        rendered.url.query(),
        Some("a+b=c+d&$filter=p%20eq,%2B1%26%23x%3D&z=1&z=%26")
    );
    assert_eq!(rendered.body.unwrap().1, "q=%2B1%26%23x%3D");
}

#[test]
fn all_requests_have_the_headers_of_the_settings_and_their_own() {
    let settings = json!({
        "parameters": {},
        "account": { "version": "4.0", "key": { "value": "s3cret" } },
        "headers": { "X-Version": "{{ account.version }}", "X-Key": "{{ account.key }}", "Accept": "text/plain" },
    });
    let parameters = serde_json::from_value(settings["parameters"].clone()).unwrap();
    let account = serde_json::from_value(settings["account"].clone()).unwrap();
    let headers = serde_json::from_value(settings["headers"].clone()).unwrap();
    let mut problems = Problems::default();
    let account = Account::compile(&parameters, &account, &mut problems);
    let shared = Shared::compile(account, &headers, &mut problems);
    assert_eq!(problems.count(), 0);
    let access = Access::new(base(), shared, Value::UNDEFINED);
    let own = json!({ "x-version": "5" });
    let rendered = request(&own, &json!({ "text": "x" }))
        .render(&access, any("1"))
        .unwrap();
    let headers: Vec<_> = rendered
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.to_str().unwrap(), value.is_sensitive()))
        .collect();
    assert_eq!(
        headers,
        [
            ("x-version", "5", false),
            ("x-key", "s3cret", true),
            ("accept", "text/plain", false),
        ]
    );
}

#[test]
fn a_graphql_request_has_a_constant_query_and_typed_variables() {
    let query = "query($v:[String]!,$n:Int){c(v:$v){id}}";
    let body = json!({ "graphql": {
        "query": query,
        "variables": { "v": { "$json": "number.spellings" }, "n": 5, "t": "<{{ number.e164 }}>" },
    } });
    let (content_type, text) = render(&json!({}), &body, "\"}").unwrap().body.unwrap();
    assert_eq!(content_type, "application/json");
    let sent: Json = serde_json::from_str(&text).unwrap();
    let variables = json!({ "v": ["\"}", "0"], "n": 5, "t": "<\"}>" });
    assert_eq!(sent, json!({ "query": query, "variables": variables }));
}

#[test]
fn the_path_below_the_base_url_may_end_with_a_slash() {
    assert_eq!(join(&base(), "/a/").unwrap().path(), "/api/a/");
    assert_eq!(
        join(&base(), "//evil.example/x").unwrap().host_str(),
        Some("erp.example.com")
    );
    assert_eq!(
        join(&base(), "/@evil.example").unwrap().host_str(),
        Some("erp.example.com")
    );
}

#[test]
fn a_value_cannot_climb_out_of_the_path() {
    let settings = |path: &str| {
        json!({
            "name": "x",
            "path": path,
        })
    };
    let request = compiled(settings("/a/{{ number.e164 }}/b"));
    for dots in [".", ".."] {
        assert!(request.render(&access(), any(dots)).is_err(), "{dots}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_value_changes_the_structure_of_a_url(value in ANY_TEXT) {
        prop_assume!(!is_dots(&value));
        let body = json!({ "text": "x" });
        let plain = render(&json!({}), &body, "0").unwrap().url;
        let url = render(&json!({}), &body, &value).unwrap().url;
        prop_assert_eq!(url.origin(), plain.origin());
        prop_assert_eq!(url.fragment(), None);
        let segments: Vec<_> = url.path_segments().unwrap().collect();
        prop_assert_eq!(segments.len(), plain.path_segments().unwrap().count());
        let (_, decoded) = pairs(&format!("x={}", segments[2])).remove(0);
        prop_assert_eq!(decoded, value.clone());
        let expected = vec![
            ("q".to_owned(), format!("phone ~ '{value}'")),
            ("a&b=c".to_owned(), value),
        ];
        prop_assert_eq!(pairs(url.query().unwrap()), expected);
    }

    #[test]
    fn no_value_adds_a_header(value in ANY_TEXT) {
        prop_assume!(!is_dots(&value));
        let rendered = render(&json!({ "X-Number": NUMBER }), &json!({ "text": "x" }), &value);
        // What a header cannot carry is refused, and the request is never sent.
        let is_refused = value.contains(|c: char| c.is_control() && c != '\t');
        prop_assert_eq!(rendered.is_err(), is_refused);
        if let Ok(rendered) = rendered {
            prop_assert_eq!(rendered.headers.len(), 2);
            prop_assert_eq!(rendered.headers[0].1.as_bytes(), value.as_bytes());
        }
    }

    #[test]
    fn no_value_changes_the_structure_of_a_body(value in ANY_TEXT) {
        let number = any(&value).into();
        let body = |settings: Json| {
            let settings: BodySettings = serde_json::from_value(settings).unwrap();
            let mut problems = Problems::default();
            Body::compile(&settings, "lookup.body", &scope(), &mut problems).unwrap().render(&number).unwrap().1
        };
        let json = body(json!({"json": {"a": [NUMBER, 1], "b": {"c": format!("<{NUMBER}>")}}}));
        let json: Json = serde_json::from_str(&json).unwrap();
        prop_assert_eq!(json, json!({"a": [value, 1], "b": {"c": format!("<{value}>")}}));
        let typed = body(json!({"json": {"a": {"$json": "number.spellings"}, "b": {"$json": "{'x': number.e164}"}}}));
        let typed: Json = serde_json::from_str(&typed).unwrap();
        prop_assert_eq!(typed, json!({"a": [value, "0"], "b": {"x": value}}));
        let graphql = body(json!({"graphql": {"query": "{ a }", "variables": {"v": NUMBER}}}));
        let graphql: Json = serde_json::from_str(&graphql).unwrap();
        prop_assert_eq!(graphql, json!({"query": "{ a }", "variables": {"v": value}}));
        let text = body(json!({"text": {"json_text": "{\"a\": \"{{ number.e164 }}\"}"}}));
        let text: Json = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(text, json!({"a": value}));
        let form = body(json!({"form": {"a": NUMBER, "b": {"json": [NUMBER]}, "c": {"each": "[number.e164 ~ 'x']"}}}));
        let [(_, a), (_, b), (_, c)] = &pairs(&form)[..] else { panic!("three fields: {form}") };
        prop_assert_eq!(a, &value);
        prop_assert_eq!(serde_json::from_str::<Json>(b).unwrap(), json!([value]));
        prop_assert_eq!(c, &format!("{value}x"));
    }
}

/// Texts full of characters that mean something somewhere.
const ANY_TEXT: &str = "\\PC{0,12}|[\\x00-\\x7f]{0,12}|[-/?#&=+%'\"{}\\[\\]<>@:;., \\\\\r\n]{0,12}";
