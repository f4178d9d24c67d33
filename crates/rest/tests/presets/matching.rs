//! How the simulated CRM reads requests and compares texts.

use regex_lite::Regex;
use serde_json_path::JsonPath;
use whocalls_core::Caller;
use whocalls_testkit::{number_plan, upstream::Request};

use crate::{
    fixture::{Asked, Compare, Needs},
    render,
};

/// What a request lacks of `needs`, if anything.
pub(crate) fn lacks(
    request: &Request,
    needs: &Needs,
    variables: &minijinja::Value,
) -> Option<String> {
    let wants = |template: &String| render::text(template, variables);
    if let Some(path) = &needs.path {
        let path = wants(path);
        if !decoded_path(request).starts_with(&path) {
            return Some("the start of the path".to_owned());
        }
    }
    for (name, value) in &needs.headers {
        if request.header(&name.to_lowercase()) != Some(wants(value).as_str()) {
            return Some(format!("header {name}"));
        }
    }
    for (name, value) in &needs.query {
        if request.query_value(name) != Some(wants(value)) {
            return Some(format!("parameter {name}"));
        }
    }
    for (name, part) in &needs.query_has {
        if request
            .query_value(name)
            .is_none_or(|value| !value.contains(part))
        {
            return Some(format!("{part} in parameter {name}"));
        }
    }
    for (name, value) in &needs.form {
        if request.form_value(name) != Some(wants(value)) {
            return Some(format!("field {name}"));
        }
    }
    let body = request.json().unwrap_or_default();
    for (path, value) in &needs.json {
        let value = match value {
            serde_json::Value::String(template) => wants(template).into(),
            value => value.clone(),
        };
        if json_path(path).query(&body).exactly_one().ok() != Some(&value) {
            return Some(format!("{path} in the body"));
        }
    }
    None
}

/// Whether a request is one of `GET /contacts/*`.
pub(crate) fn is_line(request: &Request, line: &str) -> bool {
    let (method, path) = line.split_once(' ').expect("method and path");
    let wanted: Vec<&str> = path.split('/').filter(|it| !it.is_empty()).collect();
    let segments = request.segments();
    request.method == method
        && wanted.len() == segments.len()
        && wanted
            .iter()
            .zip(&segments)
            .all(|(wanted, segment)| *wanted == "*" || wanted == segment)
}

/// The path, percent-decoded.
pub(crate) fn decoded_path(request: &Request) -> String {
    format!("/{}", request.segments().join("/"))
}

/// The texts that a request asks for.
pub(crate) fn asked(request: &Request, asked: &Asked) -> Vec<String> {
    let whole: Vec<String> = if let Some(name) = &asked.query {
        let pairs = request.query_pairs().into_iter();
        pairs
            .filter(|(key, _)| key == name)
            .map(|(_, value)| value)
            .collect()
    } else if let Some(name) = &asked.form {
        request.form_value(name).into_iter().collect()
    } else if let Some(path) = &asked.json {
        let body = request.json().unwrap_or_default();
        json_path(path)
            .query(&body)
            .all()
            .into_iter()
            .flat_map(texts)
            .collect()
    } else {
        let pattern = asked.path.as_ref().expect("`asked` says where");
        groups(pattern, &decoded_path(request))
    };
    let whole = whole.iter().flat_map(|text| match &asked.pattern {
        Some(pattern) => groups(pattern, text),
        None => vec![text.clone()],
    });
    match &asked.split {
        Some(separator) => {
            let parts = whole.flat_map(|text| owned(text.split(separator.as_str())));
            parts.collect()
        }
        None => whole.collect(),
    }
}

fn owned<'t>(parts: impl Iterator<Item = &'t str>) -> Vec<String> {
    parts.map(|part| part.trim().to_owned()).collect()
}

fn texts(value: &serde_json::Value) -> Vec<String> {
    match value {
        serde_json::Value::String(text) => vec![text.clone()],
        serde_json::Value::Array(items) => items.iter().flat_map(texts).collect(),
        value => vec![value.to_string()],
    }
}

fn groups(pattern: &str, text: &str) -> Vec<String> {
    let pattern = Regex::new(pattern).expect("a regular expression");
    let found = pattern.captures_iter(text);
    found
        .filter_map(|captures| captures.get(1).or_else(|| captures.get(0)))
        .map(|group| group.as_str().to_owned())
        .collect()
}

fn json_path(path: &str) -> JsonPath {
    JsonPath::parse(path).expect("a JSONPath")
}

/// Whether the CRM finds `stored` when it is asked for `asked`.
pub(crate) fn fits(compare: Compare, stored: &str, asked: &str) -> bool {
    if stored.is_empty() || asked.is_empty() {
        return false;
    }
    match compare {
        Compare::Exact => stored == asked,
        Compare::Contains => stored.to_lowercase().contains(&asked.to_lowercase()),
        Compare::Like => is_like(stored, asked),
        Compare::Digits => digits(stored) == digits(asked),
        Compare::EndsWithDigits => digits(stored).ends_with(&digits(asked)),
        Compare::E164 => match number_plan().classify(stored) {
            Caller::Number(number) => number.e164().as_deref() == Some(asked),
            _ => false,
        },
    }
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

fn is_like(stored: &str, pattern: &str) -> bool {
    let parts: Vec<String> = pattern.split(['%', '*']).map(regex_lite::escape).collect();
    let pattern = format!("(?is)^{}$", parts.join(".*"));
    Regex::new(&pattern).expect("escaped").is_match(stored)
}
