//! Which parts of the file a report must not show.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{
    document::Document,
    lines::{is_header, replace_bytes},
    path::{KeyPath, Step},
    secret::is_variable_name,
    source::Span,
    view::View,
};

/// `text` with asterisks instead of every byte that is or may be part of a secret: values where the
/// schema has a secret, and values that no schema knows.
pub(super) fn mask(text: &str, document: &Document, damaged: &[Span], schema: &Value) -> String {
    let mut mask = Mask {
        document,
        spans: Vec::new(),
    };
    let view = View::new(schema, Some(&document.value));
    mask.walk(&document.value, &view, &KeyPath::default());
    let harmless = harmless_keys(schema);
    let unread = damaged
        .iter()
        .filter_map(|line| unread_part(text, line, &harmless));
    mask.spans.extend(unread);
    replace_bytes(text, &mask.spans, b'*')
}

struct Mask<'d> {
    document: &'d Document,
    spans: Vec<Span>,
}

impl Mask<'_> {
    fn walk(&mut self, value: &Value, view: &View<'_>, path: &KeyPath) {
        match value {
            _ if view.is_secret() => self.secret(value, view, path),
            Value::Object(table) => {
                for (key, value) in table {
                    let child = view.child(&Step::Key(key.clone()), Some(value));
                    self.walk(value, &child, &path.key(key));
                }
            }
            Value::Array(items) => {
                for (index, value) in items.iter().enumerate() {
                    let child = view.child(&Step::Index(index), Some(value));
                    self.walk(value, &child, &path.index(index));
                }
            }
            _ if view.is_unknown() => self.hide(path),
            _ => {}
        }
    }

    /// Of a secret only the name of its variable or file is shown.
    fn secret(&mut self, value: &Value, view: &View<'_>, path: &KeyPath) {
        let Value::Object(table) = value else {
            if !(value.is_string() && view.takes_text()) {
                self.hide(path);
            }
            return;
        };
        for (key, value) in table {
            let is_shown = match key.as_str() {
                "env" => value.as_str().is_some_and(is_variable_name),
                "file" => value.is_string(),
                _ => false,
            };
            if !is_shown {
                self.hide(&path.key(key));
            }
        }
    }

    fn hide(&mut self, path: &KeyPath) {
        self.spans.extend(self.document.span_of_value(path));
    }
}

/// The keys whose values are no secrets, wherever they stand.
fn harmless_keys(schema: &Value) -> BTreeSet<String> {
    let mut harmless = BTreeSet::new();
    let mut secret = BTreeSet::from(["value".to_owned()]);
    sort_keys(schema, schema, &mut harmless, &mut secret);
    &harmless - &secret
}

fn sort_keys(
    part: &Value,
    root: &Value,
    harmless: &mut BTreeSet<String>,
    secret: &mut BTreeSet<String>,
) {
    match part {
        Value::Object(object) => {
            let properties = object.get("properties").and_then(Value::as_object);
            for (key, schema) in properties.into_iter().flatten() {
                let view = View::within(root, schema);
                let is_plain = !view.is_secret() && !view.takes_table();
                if is_plain {
                    &mut *harmless
                } else {
                    &mut *secret
                }
                .insert(key.clone());
            }
            for value in object.values() {
                sort_keys(value, root, harmless, secret);
            }
        }
        Value::Array(items) => {
            for item in items {
                sort_keys(item, root, harmless, secret);
            }
        }
        _ => {}
    }
}

/// The part of a line with a syntax error that may hold a secret. Nothing is known of it but its
/// text: a header is shown, and so is the value of a key that is harmless everywhere.
fn unread_part(text: &str, line: &Span, harmless: &BTreeSet<String>) -> Option<Span> {
    let content = text.get(line.clone())?;
    if is_header(content) && !content.contains(['=', '"', '\'']) {
        return None;
    }
    let Some((key, value)) = content.split_once('=') else {
        return Some(line.clone());
    };
    let is_shown = harmless.contains(key.trim()) && !value.contains(['{', '=']);
    let start = line.start + key.len() + 1;
    (!is_shown).then_some(start..line.end)
}
