use minijinja::context;
use proptest::prelude::*;
use serde_json::{Value as Json, json};
use url::form_urlencoded;

use super::*;
use crate::{config::LookupSettings, number::NumberForms};

const NUMBER: &str = "{{ number.e164 }}";

fn base() -> BaseUrl {
    BaseUrl::parse("base_url", "https://erp.example.com/api").unwrap()
}

/// A request with templates in path and query, and with these headers and this body.
fn request(headers: &Json, body: &Json) -> Request {
    let settings = json!({
        "method": "POST",
        "path": format!("/v1/{NUMBER}/x-{NUMBER}-y"),
        "query": { "q": format!("phone ~ '{NUMBER}'"), "a&b=c": NUMBER },
        "headers": headers,
        "body": body,
        "hits": "$[*]",
        "fields": { "id": "$.id", "name": "$.name", "phones": "$.phone" },
    });
    compiled(settings)
}

/// The request of a lookup with these settings.
fn compiled(settings: Json) -> Request {
    let settings: LookupSettings = serde_json::from_value(settings).unwrap();
    let parts = settings.search().request;
    let mut problems = Problems::default();
    let request = Request::compile(&parts, "lookup", &scope(), &mut problems);
    assert_eq!(problems.count(), 0);
    request
}

fn scope() -> Scope {
    Scope::lookup(&whocalls_testkit::number_plan())
}

/// Renders with any text in place of a number: it stands for whatever a template may get.
fn render(headers: &Json, body: &Json, text: &str) -> Result<Rendered, NoText> {
    let variables = context! { number => context! { e164 => text } };
    request(headers, body).render(&base(), &variables)
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
        .render(&base(), &NumberForms::variables(&asked))
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
            "path": path,
            "hits": "$[*]",
            "fields": { "id": "$.id", "name": "$.name", "phones": "$.phone" },
        })
    };
    let request = compiled(settings("/a/{{ number.e164 }}/b"));
    for dots in [".", ".."] {
        let variables = context! { number => context! { e164 => dots } };
        assert!(request.render(&base(), &variables).is_err(), "{dots}");
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
        let number = context! { number => context! { e164 => value.clone() } };
        let body = |settings: Json| {
            let settings: BodySettings = serde_json::from_value(settings).unwrap();
            let mut problems = Problems::default();
            Body::compile(&settings, "lookup.body", &scope(), &mut problems).unwrap().render(&number).unwrap().1
        };
        let json = body(json!({"json": {"a": [NUMBER, 1], "b": {"c": format!("<{NUMBER}>")}}}));
        let json: Json = serde_json::from_str(&json).unwrap();
        prop_assert_eq!(json, json!({"a": [value, 1], "b": {"c": format!("<{value}>")}}));
        let form = body(json!({"form": {"a": NUMBER, "b": "x"}}));
        prop_assert_eq!(pairs(&form), [("a".into(), value), ("b".into(), "x".to_owned())]);
    }
}

/// Texts full of characters that mean something somewhere.
const ANY_TEXT: &str = "\\PC{0,12}|[\\x00-\\x7f]{0,12}|[-/?#&=+%'\"{}\\[\\]<>@:;., \\\\\r\n]{0,12}";
