//! The number of a lookup.

use serde_json::{Map, Value};
use url::form_urlencoded;

use crate::problem::{Code, Problem};

/// The name of the number in query and body, in any letter case.
const PHONE_NUMBER: &str = "phoneNumber";

/// The number that a lookup asks for: from the body's inputs, else from the query string.
///
/// # Errors
/// 400 when neither has one. An empty number is a number: a withheld one.
pub fn phone_number(query: &str, inputs: &Map<String, Value>) -> Result<String, Problem> {
    let from_body = inputs
        .iter()
        .find(|(key, _)| key.eq_ignore_ascii_case(PHONE_NUMBER))
        .and_then(|(_, value)| text_of(value));
    if let Some(number) = from_body {
        return Ok(number);
    }
    from_query(query).ok_or_else(|| {
        let detail = "Send the query parameter PhoneNumber, or the body {\"inputs\":{\"phoneNumber\":\"…\"}}.";
        Problem::new(Code::MissingNumber, detail)
    })
}

/// The first number in a query string.
fn from_query(query: &str) -> Option<String> {
    let is_number = |key: &str| key.eq_ignore_ascii_case(PHONE_NUMBER);
    if query.bytes().any(|byte| matches!(byte, b'%' | b'+')) {
        let mut pairs = form_urlencoded::parse(query.as_bytes());
        let found = pairs.find(|(key, _)| is_number(key));
        return found.map(|(_, number)| number.into_owned());
    }
    // Nothing is encoded, as nearly always.
    let mut pairs = query
        .split('&')
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    let found = pairs.find(|(key, _)| is_number(key));
    found.map(|(_, number)| number.to_owned())
}

/// A string or a number; `null` counts as absent.
fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn number(query: &str, inputs: Value) -> Option<String> {
        let Value::Object(inputs) = inputs else {
            panic!("an object")
        };
        phone_number(query, &inputs).ok()
    }

    proptest! {
        #[test]
        fn any_query_is_read_as_it_is_encoded(query in "((PhoneNumber|phonenumber|x|%50honeNumber)?[=&+%0-9a-f]{0,3}){0,6}") {
            let mut pairs = form_urlencoded::parse(query.as_bytes());
            let first = pairs.find(|(key, _)| key.eq_ignore_ascii_case(PHONE_NUMBER));
            prop_assert_eq!(from_query(&query), first.map(|(_, number)| number.into_owned()));
        }
    }

    #[test]
    fn the_body_wins_over_the_query_and_case_does_not_matter() {
        let cases = [
            ("PhoneNumber=41", json!({}), Some("41")),
            ("phonenumber=41", json!({}), Some("41")),
            ("PHONENUMBER=41&x=1", json!({}), Some("41")),
            ("PhoneNumber=41", json!({"phoneNumber": "42"}), Some("42")),
            ("", json!({"PhoneNumber": "42"}), Some("42")),
            ("", json!({"PHONENUMBER": 42}), Some("42")),
            ("PhoneNumber=41", json!({"phoneNumber": null}), Some("41")),
            ("PhoneNumber=", json!({}), Some("")),
            ("", json!({"phoneNumber": ""}), Some("")),
            ("PhoneNumber=%2B41%2021", json!({}), Some("+41 21")),
            ("PhoneNumber", json!({}), Some("")),
            ("", json!({}), None),
            ("Number=41", json!({"number": "42"}), None),
            ("", json!({"phoneNumber": {"a": 1}}), None),
        ];
        for (query, inputs, expected) in cases {
            assert_eq!(
                number(query, inputs.clone()).as_deref(),
                expected,
                "{query} {inputs}"
            );
        }
    }
}
