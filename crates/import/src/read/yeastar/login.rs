//! The `AUTH` scenario of Yeastar.

use super::braced;
use crate::{
    expression::Expression,
    note::{Notes, Place},
    read::element::Element,
    template::{Authentication, Parameter},
};

/// How the telephone system identifies itself; `fields` are what its users fill in.
pub(super) fn authentication(
    scenario: &Element<'_>,
    fields: &[Parameter],
    notes: &mut Notes,
) -> Authentication {
    let place = scenario.place("Scenario");
    let parameters = scenario.list("Parameters");
    let value = |name: &str| {
        let found = parameters
            .iter()
            .find(|p| p.attribute("Name").eq_ignore_ascii_case(name));
        found.map_or("", |parameter| parameter.attribute("Value"))
    };
    let first_request = scenario
        .list("Requests")
        .first()
        .map(|r| r.attribute("Name").to_owned());
    match (
        value("AuthMethod").to_ascii_lowercase().as_str(),
        first_request,
    ) {
        ("none" | "", None) => Authentication::Nothing,
        ("oauth2", _) => {
            notes.guess(
                place,
                "the telephone system gets its tokens by an authorisation in the browser",
                "authorise a client for whocalls once, and give it the refresh token; or use the \
                 grant client_credentials if the CRM offers it",
            );
            Authentication::OAuth2 {
                token_url: braced(value("TokenEndPoint"), place, notes),
                scope: braced(value("Scope"), place, notes),
                parameters: Vec::new(),
                prefix: match value("TokenType") {
                    "" => "Bearer ".to_owned(),
                    kind => format!("{kind} "),
                },
            }
        }
        (_, Some(name)) => Authentication::Scenario(name),
        ("basic", None) => {
            let credential = value("Base64EncodedCredential");
            let (user, password) = match credential.split_once(':') {
                Some((user, password)) => {
                    (braced(user, place, notes), braced(password, place, notes))
                }
                None => (
                    field_like(fields, &["user", "mail", "login", "key"], place, notes),
                    field_like(fields, &["pass", "secret", "token"], place, notes),
                ),
            };
            Authentication::Basic(user, password)
        }
        ("bearer" | "token" | "apikey", None) => {
            let token = field_like(fields, &["token", "key", "secret"], place, notes);
            Authentication::Bearer(token)
        }
        (other, None) => Authentication::Unknown(other.to_owned()),
    }
}

/// The field with such a name.
fn field_like(fields: &[Parameter], parts: &[&str], place: Place, notes: &mut Notes) -> Expression {
    let named = |part: &&str| {
        fields
            .iter()
            .find(|field| field.name.to_ascii_lowercase().contains(*part))
    };
    if let Some(field) = parts.iter().find_map(named) {
        return Expression::Variable(field.name.clone());
    }
    let why = format!("no field of the template is the {}", parts.join(" or "));
    notes.lost(place, why, "fill in `credential` by hand");
    Expression::empty()
}
