//! `<Request>` of 3CX: address, headers and body.

use super::{bracketed, condition};
use crate::{
    expression::Expression,
    note::Notes,
    read::element::Element,
    template::{Body, Content, Node, Pair, Request},
};

/// How deep a body may be nested.
const MAX_DEPTH: usize = 32;

/// The request of a scenario.
pub(super) fn of(scenario: &Element<'_>, notes: &mut Notes) -> Request {
    let Some(element) = &scenario.child("Request") else {
        let place = scenario.place("Scenario");
        return Request {
            place,
            skip_if: None,
            url: Expression::empty(),
            method: "GET".to_owned(),
            headers: Vec::new(),
            query: Vec::new(),
            body: Body::Nothing,
        };
    };
    let attributes = [
        "SkipIf",
        "Url",
        "MessagePasses",
        "Message",
        "RequestEncoding",
        "RequestContentType",
        "RequestType",
        "ResponseType",
    ];
    let children = ["Headers", "PostValues", "QueryParams", "Query", "Values"];
    element.expect("Request", &attributes, &children, notes);
    let place = element.place("Request");
    if !matches!(
        element
            .attribute("ResponseType")
            .to_ascii_lowercase()
            .as_str(),
        "" | "json"
    ) {
        let why = format!("replies are {}", element.attribute("ResponseType"));
        notes.lost(
            place,
            why,
            "find an interface of the CRM that replies with JSON",
        );
    }
    let mut query = pairs(element, "QueryParams", notes);
    query.extend(pairs(element, "Query", notes));
    query.extend(pairs(element, "Values", notes));
    let method = element.attribute("RequestType").to_ascii_uppercase();
    Request {
        place,
        skip_if: condition(element.attribute("SkipIf"), place, notes),
        url: bracketed(element.attribute("Url").trim(), place, notes),
        method: if method.is_empty() {
            "GET".to_owned()
        } else {
            method
        },
        headers: pairs(element, "Headers", notes),
        query,
        body: body(element, notes),
    }
}

/// Names and values in a child of the request.
fn pairs(request: &Element<'_>, list: &str, notes: &mut Notes) -> Vec<Pair> {
    let elements = request.list(list);
    elements
        .iter()
        .map(|element| {
            let attributes = ["Key", "Name", "Value", "If", "SkipIf", "Passes", "Type"];
            element.expect("Value", &attributes, &[], notes);
            let place = element.place("Value");
            for attribute in ["If", "SkipIf"] {
                if !element.attribute(attribute).trim().is_empty() {
                    let why = format!("`{attribute}` of a header or parameter");
                    notes.lost(place, why, "put the condition into the value: {% if … %}");
                }
            }
            let name = match element.attribute("Key") {
                "" => element.attribute("Name"),
                key => key,
            };
            let value = match element.attribute("Value") {
                "" => element.text(),
                value => value,
            };
            Pair {
                place,
                name: name.to_owned(),
                value: bracketed(value.trim(), place, notes),
            }
        })
        .collect()
}

fn body(request: &Element<'_>, notes: &mut Notes) -> Body {
    let place = request.place("Request");
    let message = request.attribute("Message");
    if !message.trim().is_empty() {
        let content_type = request.attribute("RequestContentType").trim();
        let is_json = request
            .attribute("RequestEncoding")
            .eq_ignore_ascii_case("json");
        let content_type = match content_type {
            "" if is_json || message.trim_start().starts_with('{') => "application/json",
            "" if request
                .attribute("RequestEncoding")
                .eq_ignore_ascii_case("urlencoded") =>
            {
                "application/x-www-form-urlencoded"
            }
            other => other,
        };
        return Body::Message(bracketed(message, place, notes), content_type.to_owned());
    }
    let Some(values) = request.child("PostValues") else {
        return Body::Nothing;
    };
    values.expect(
        "PostValues",
        &["Key", "If", "SkipIf"],
        &["Value", "Object", "Array"],
        notes,
    );
    let parts = parts(&values, 0, notes);
    if parts.is_empty() {
        return Body::Nothing;
    }
    match request
        .attribute("RequestEncoding")
        .to_ascii_lowercase()
        .as_str()
    {
        "json" => Body::Json(root(&values, parts)),
        "urlencoded" | "" => Body::Form(parts),
        other => {
            let why = format!("the encoding `{other}` is not known");
            notes.lost(
                place,
                why,
                "the body is sent as JSON; write it by hand if it has to differ",
            );
            Body::Json(root(&values, parts))
        }
    }
}

/// The document: an object, or a list where its elements have no names.
fn root(values: &Element<'_>, parts: Vec<Node>) -> Node {
    let is_list = parts.iter().all(|node| node.key.is_empty());
    let content = match parts.as_slice() {
        // One object without a name is the document itself.
        [
            Node {
                content: content @ (Content::Object(_) | Content::Array(_)),
                ..
            },
        ] if is_list => content.clone(),
        _ if is_list => Content::Array(parts),
        _ => Content::Object(parts),
    };
    let place = values.place("PostValues");
    let document = Node {
        place,
        key: values.attribute("Key").to_owned(),
        condition: None,
        content,
    };
    if document.key.is_empty() {
        return document;
    }
    Node {
        place,
        key: String::new(),
        condition: None,
        content: Content::Object(vec![document]),
    }
}

fn parts(parent: &Element<'_>, depth: usize, notes: &mut Notes) -> Vec<Node> {
    if depth > MAX_DEPTH {
        let place = parent.place("PostValues");
        notes.lost(place, "the body is nested too deeply", "write it by hand");
        return Vec::new();
    }
    let mut parts = Vec::new();
    for element in parent.children() {
        let place = element.place("Value");
        let content = match element.name() {
            "Value" => {
                element.expect(
                    "Value",
                    &["Key", "If", "SkipIf", "Passes", "Type"],
                    &[],
                    notes,
                );
                let value = bracketed(element.text().trim_matches(['\t', '\r', ' ']), place, notes);
                match element.attribute("Type").to_ascii_lowercase().as_str() {
                    "" | "string" | "datetime" | "password" => Content::Text(value),
                    _ => Content::Typed(value),
                }
            }
            "Object" => Content::Object(self::parts(&element, depth + 1, notes)),
            "Array" => Content::Array(self::parts(&element, depth + 1, notes)),
            _ => continue,
        };
        let only = condition(element.attribute("If"), place, notes);
        let unless = condition(element.attribute("SkipIf"), place, notes);
        let unless = unless.map(|unless| Expression::Not(Box::new(unless)));
        let condition = match (only, unless) {
            (Some(only), Some(unless)) => Some(Expression::And(Box::new(only), Box::new(unless))),
            (only, unless) => only.or(unless),
        };
        parts.push(Node {
            place,
            key: element.attribute("Key").to_owned(),
            condition,
            content,
        });
    }
    parts
}
