//! Credentials that are the same for every request.

use base64::{Engine, prelude::BASE64_STANDARD};
use whocalls_core::Secret;
use whocalls_http::header::{AUTHORIZATION, HeaderName};

use super::{pass::Carried, reader::Reader};
use crate::config::{CredentialSettings, TextOrSecret};

/// What carries the credential. Nothing for one that a login brings.
pub(super) fn compile(settings: &CredentialSettings, reader: &mut Reader<'_>) -> Carried {
    let mut carried = Carried::default();
    match settings {
        CredentialSettings::Header {
            name,
            value,
            prefix,
        } => {
            let path = "credential.value";
            let value = reader.secret(path, value);
            let text = format!("{prefix}{}", value.expose());
            if let Some(name) = reader.problems.header_name("credential.name", name) {
                add_header(&mut carried, name, &text, path, reader);
            }
        }
        CredentialSettings::Headers { headers } => {
            for (name, value) in headers {
                let path = format!("credential.headers.{name}");
                let value = reader.value(&path, value);
                if let Some(name) = reader.problems.header_name(&path, name) {
                    add_header(&mut carried, name, value.expose(), &path, reader);
                }
            }
        }
        CredentialSettings::Query { name, value } => {
            if name.is_empty() {
                reader
                    .problems
                    .add("credential.name", "the name of the parameter is missing");
            }
            let value = reader.secret("credential.value", value);
            carried.add_parameter(name, value);
        }
        CredentialSettings::Basic { username, password } => {
            let text = basic(username, password.as_ref(), reader);
            let path = "credential.username";
            add_header(&mut carried, AUTHORIZATION, text.expose(), path, reader);
        }
        CredentialSettings::Bearer { token } => {
            let path = "credential.token";
            let token = reader.secret(path, token);
            let text = format!("Bearer {}", token.expose());
            add_header(&mut carried, AUTHORIZATION, &text, path, reader);
        }
        CredentialSettings::None
        | CredentialSettings::OAuth2(_)
        | CredentialSettings::Session(_) => {}
    }
    carried
}

fn add_header(
    carried: &mut Carried,
    name: HeaderName,
    text: &str,
    path: &str,
    reader: &mut Reader<'_>,
) {
    if let Some(value) = reader.problems.header_value(path, text) {
        carried.add_header(name, value);
    }
}

/// `Basic` and the base64 of user name, colon and password (RFC 7617 §2).
fn basic(
    username: &TextOrSecret,
    password: Option<&TextOrSecret>,
    reader: &mut Reader<'_>,
) -> Secret {
    let username = reader.value("credential.username", username);
    if username.expose().contains(':') {
        reader.problems.add(
            "credential.username",
            "a user name cannot contain a colon (RFC 7617)",
        );
    }
    let password = password.map(|password| reader.secret("credential.password", password));
    let password = password.as_ref().map_or("", Secret::expose);
    let text = format!("{}:{password}", username.expose());
    Secret::new(format!("Basic {}", BASE64_STANDARD.encode(text)))
}
