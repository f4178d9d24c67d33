//! The HTTP interface as an `OpenAPI` 3.1 document, for clients and tools.
//!
//! It stands beside the routes and not on them, because they accept more than a description can
//! say: any letter case of names, numbers as texts, and inputs that nobody knows yet. A test sends
//! requests and compares the replies with it.

mod operations;
mod schemas;

use serde_json::{Map, Value, json};

use crate::{config::schema::DEFAULT_TOKEN_HEADER, problem::Code};

const DESCRIPTION: &str = "Who is calling? One lookup, every CRM at once, one merged answer for the \
    telephone system; and the way of calls and tickets into the CRM that the contact came from. \
    Names of inputs and parameters are read in any letter case. The names of replies are those of \
    `reply_case = \"camel\"` and `custom_data_key = \"customData\"`, the defaults.";

/// The description of the interface that this version has with any configuration.
pub fn document() -> Value {
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "whocalls",
            "version": env!("CARGO_PKG_VERSION"),
            "description": DESCRIPTION,
            "license": { "name": "MIT OR Apache-2.0", "identifier": env!("CARGO_PKG_LICENSE") },
        },
        "servers": [{
            "url": "http://127.0.0.1:8080{root_path}",
            "description": "The address in `gateway.listen`, or that of the proxy in front of it.",
            "variables": {
                "root_path": { "default": "", "description": "`gateway.root_path`; empty for `/`." },
            },
        }],
        "security": [{ "token": [] }],
        "paths": operations::paths(),
        "components": {
            "securitySchemes": { "token": {
                "type": "apiKey",
                "in": "header",
                "name": DEFAULT_TOKEN_HEADER,
                "description": "A token of `[[gateway.tokens]]`, each of which names its header. \
                    Not needed when there are none.",
            }},
            "headers": schemas::headers(),
            "schemas": schemas::schemas(),
            "responses": problems(),
        },
    })
}

/// A reply for each status that a problem may have, with its codes.
fn problems() -> Value {
    let mut statuses: Vec<u16> = Code::ALL
        .iter()
        .map(|code| code.status().as_u16())
        .collect();
    statuses.sort_unstable();
    statuses.dedup();
    let replies: Map<String, Value> = statuses
        .into_iter()
        .map(|status| (component(status), problem(status)))
        .collect();
    replies.into()
}

fn problem(status: u16) -> Value {
    let codes: Vec<Code> = Code::ALL
        .into_iter()
        .filter(|code| code.status().as_u16() == status)
        .collect();
    let titles: Vec<String> = codes
        .iter()
        .map(|code| format!("{} (`{}`)", code.title(), code.as_str()))
        .collect();
    let names: Vec<&str> = codes.iter().map(|code| code.as_str()).collect();
    json!({
        "description": format!("{}.", titles.join(", or: ")),
        "headers": { "X-Request-Id": { "$ref": "#/components/headers/X-Request-Id" } },
        "content": { "application/problem+json": { "schema": {
            "allOf": [
                { "$ref": "#/components/schemas/Problem" },
                { "properties": { "status": { "const": status }, "code": { "enum": names } } },
            ],
        }}},
    })
}

/// The name of the reply for problems with this status.
fn component(status: u16) -> String {
    format!("Problem{status}")
}

#[cfg(test)]
mod tests;
