//! `<Request>` of Yeastar: address, headers and body.

use super::braced;
use crate::{
    note::Notes,
    read::element::Element,
    template::{Body, Content, Node, Pair, Request},
};

/// Reads `<Request>`.
pub(super) fn of(element: &Element<'_>, notes: &mut Notes) -> Request {
    let attributes = ["Name", "Method", "ResponseType", "URLFormat"];
    element.expect("Request", &attributes, &["Parameters", "Outputs"], notes);
    let place = element.place("Request");
    let reply = element.attribute("ResponseType").to_ascii_lowercase();
    if !reply.is_empty() && !reply.contains("json") {
        let advice = "find an interface of the CRM that replies with JSON";
        notes.lost(place, format!("replies are {reply}"), advice);
    }
    let mut request = Request {
        place,
        skip_if: None,
        url: braced(element.attribute("URLFormat").trim(), place, notes),
        method: match element.attribute("Method").to_ascii_uppercase() {
            method if method.is_empty() => "GET".to_owned(),
            method => method,
        },
        headers: Vec::new(),
        query: Vec::new(),
        body: Body::Nothing,
    };
    let content_type = "application/json";
    for parameter in element.list("Parameters") {
        let known = ["Father", "Name", "Type", "Value"];
        parameter.expect("Parameter", &known, &[], notes);
        let pair = pair(&parameter, notes);
        match parameter.attribute("Type").to_ascii_lowercase().as_str() {
            "body" => request.body = Body::Message(pair.value, content_type.to_owned()),
            "header" => request.headers.push(pair),
            "form" => {
                let node = Node {
                    place: pair.place,
                    key: pair.name,
                    condition: None,
                    content: Content::Text(pair.value),
                };
                match &mut request.body {
                    Body::Form(fields) => fields.push(node),
                    body => *body = Body::Form(vec![node]),
                }
            }
            "" | "query" | "querystring" | "params" => request.query.push(pair),
            other => {
                let why = format!("the parameter type `{other}` is unknown");
                notes.lost(pair.place, why, "add it to the request by hand");
            }
        }
    }
    request
}

/// A header of every request.
pub(super) fn header(parameter: &Element<'_>, notes: &mut Notes) -> Option<Pair> {
    let is_header = parameter.attribute("Father") == "PopulateTemplateString"
        && parameter.attribute("Type").eq_ignore_ascii_case("header");
    is_header.then(|| pair(parameter, notes))
}

fn pair(parameter: &Element<'_>, notes: &mut Notes) -> Pair {
    let place = parameter.place("Parameter");
    Pair {
        place,
        name: parameter.attribute("Name").to_owned(),
        value: braced(parameter.attribute("Value"), place, notes),
    }
}
