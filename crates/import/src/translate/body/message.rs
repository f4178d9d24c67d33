//! Bodies that are written as one text: read as what they are, so that values are encoded.

use serde_json::Value;

use super::{Built, Json};
use crate::expression::{Expression, Term};

/// Stands in front of the number of a value within a JSON text.
const IN_TEXT: char = '\u{fdd0}';
/// Stands in front of the number of a value that is a JSON value itself.
const BARE: char = '\u{fdd1}';
/// Stands behind it.
const END: char = '\u{fdd2}';

/// Reads a body of this content type.
pub(super) fn read(term: Term, content_type: &str) -> Built {
    let kind = content_type.to_ascii_lowercase();
    if kind.contains("json")
        && let Some(json) = json(&term)
    {
        return Built::Json(json);
    }
    if kind.contains("form-urlencoded")
        && let Some(fields) = form(&term)
    {
        return Built::Form(fields);
    }
    let is_json = kind.contains("json");
    Built::Text(term, content_type.to_owned(), is_json)
}

fn parts(term: &Term) -> Vec<Term> {
    match term {
        Term::Join(parts) => parts.clone(),
        other => vec![other.clone()],
    }
}

/// The fields of a form; values keep their place between the names.
fn form(term: &Term) -> Option<Vec<(String, Term)>> {
    let parts = parts(term);
    let expressions = parts
        .iter()
        .enumerate()
        .map(|(index, part)| match part.constant() {
            Some(text) => Expression::Text(text.to_owned()),
            None => Expression::Variable(index.to_string()),
        });
    let pairs = super::super::address::pairs(expressions.collect());
    if pairs.is_empty() {
        return None;
    }
    let value = |expression: &Expression| {
        let pieces = match expression {
            Expression::Join(pieces) => pieces.as_slice(),
            one => std::slice::from_ref(one),
        };
        let terms = pieces.iter().filter_map(|piece| match piece {
            Expression::Text(text) => Some(Term::Constant(text.clone())),
            Expression::Variable(index) => parts.get(index.parse::<usize>().ok()?).cloned(),
            _ => None,
        });
        Term::join(terms.collect())
    };
    Some(
        pairs
            .iter()
            .map(|(name, expression)| (name.clone(), value(expression)))
            .collect(),
    )
}

/// The JSON document that a text is, with values in place of the marks that stand for them.
fn json(term: &Term) -> Option<Json> {
    let parts = parts(term);
    let mut text = String::new();
    let mut is_quoted = false;
    let mut is_escaped = false;
    for (index, part) in parts.iter().enumerate() {
        let Some(constant) = part.constant() else {
            if is_quoted {
                text.extend([IN_TEXT.to_string(), index.to_string(), END.to_string()]);
            } else {
                text.extend([format!("\"{BARE}"), index.to_string(), format!("{END}\"")]);
            }
            continue;
        };
        if constant.contains([IN_TEXT, BARE, END]) {
            return None;
        }
        for c in constant.chars() {
            if c == '"' && !is_escaped {
                is_quoted = !is_quoted;
            }
            is_escaped = c == '\\' && !is_escaped;
            // Templates break lines within texts, which JSON does not allow.
            match c {
                '\n' if is_quoted => text.push_str("\\n"),
                '\r' if is_quoted => text.push_str("\\r"),
                '\t' if is_quoted => text.push_str("\\t"),
                c => text.push(c),
            }
        }
    }
    let value: Value = serde_json::from_str(&text).ok()?;
    Some(tree(&value, &parts))
}

fn tree(value: &Value, parts: &[Term]) -> Json {
    match value {
        Value::Object(members) => Json::Object(
            members
                .iter()
                .map(|(name, member)| (marked(name, parts).template(), tree(member, parts)))
                .collect(),
        ),
        Value::Array(items) => Json::Array(items.iter().map(|item| tree(item, parts)).collect()),
        Value::String(text) => {
            let bare = text
                .strip_prefix(BARE)
                .and_then(|text| text.strip_suffix(END));
            match bare.and_then(|index| parts.get(index.parse::<usize>().ok()?)) {
                Some(term) => Json::Typed(term.clone()),
                None => Json::Text(marked(text, parts)),
            }
        }
        other => Json::Typed(Term::Constant(other.to_string())),
    }
}

/// A text with values in place of marks.
fn marked(text: &str, parts: &[Term]) -> Term {
    let mut terms = Vec::new();
    for piece in text.split(IN_TEXT) {
        let value = piece
            .split_once(END)
            .and_then(|(index, rest)| Some((parts.get(index.parse::<usize>().ok()?)?, rest)));
        match value {
            Some((term, rest)) => {
                terms.push(term.clone());
                terms.push(Term::Constant(rest.to_owned()));
            }
            None => terms.push(Term::Constant(piece.to_owned())),
        }
    }
    Term::join(terms)
}
