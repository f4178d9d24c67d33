//! Bodies as text: JSON on several lines, forms with one field a line, all else as it is.

use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use serde_json::Value;
use url::form_urlencoded;
use whocalls_core::Operation;

use super::{MASK, names::is_telling};

/// The text of a body without the values of telling fields; none when it is empty.
pub(super) fn shown(bytes: &[u8], headers: &HeaderMap, operation: Operation) -> Option<String> {
    if bytes.is_empty() {
        return None;
    }
    if let Ok(mut value @ (Value::Object(_) | Value::Array(_))) = serde_json::from_slice(bytes) {
        // Logging in to some CRMs yields a session under this name.
        if operation == Operation::Authenticate
            && let Some(id) = value.get_mut("id")
        {
            *id = MASK.into();
        }
        mask(&mut value);
        return Some(format!("{value:#}"));
    }
    let content_type = headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes);
    if content_type.is_some_and(|it| it.starts_with(b"application/x-www-form-urlencoded")) {
        return Some(form(bytes));
    }
    Some(match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => format!("({} bytes that are no text)", bytes.len()),
    })
}

fn form(bytes: &[u8]) -> String {
    let fields = form_urlencoded::parse(bytes).map(|(name, value)| {
        if is_telling(&name) {
            return format!("{name}={MASK}");
        }
        match serde_json::from_str(&value) {
            Ok(mut document @ (Value::Object(_) | Value::Array(_))) => {
                mask(&mut document);
                format!("{name}={document}")
            }
            _ => format!("{name}={value}"),
        }
    });
    fields.collect::<Vec<_>>().join("\n")
}

/// Masks the texts and numbers in telling fields, also of those written as `name` and `value`.
fn mask(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            let is_named = fields.get("name").and_then(Value::as_str);
            if is_named.is_some_and(is_telling)
                && let Some(value) = fields.get_mut("value")
            {
                hide(value);
            }
            for (name, value) in fields {
                if is_telling(name) {
                    hide(value);
                }
                mask(value);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(mask),
        _ => {}
    }
}

fn hide(value: &mut Value) {
    match value {
        Value::String(_) | Value::Number(_) => *value = MASK.into(),
        Value::Array(items) => items.iter_mut().for_each(hide),
        _ => {}
    }
}
