//! What identifies the gateway to the CRM.

use super::{
    account::Account,
    login,
    names::Use,
    request::{Requests, note_lost},
};
use crate::{
    expression::Expression,
    note::{Notes, Place},
    template::{Authentication, Pair, Scenario, Template},
    write::{Item, Table},
};

/// The table `credential`. What it sends is left out of the requests.
pub(super) fn of(
    template: &Template,
    account: &Account<'_>,
    requests: &mut Requests<'_>,
    notes: &mut Notes,
) -> Table {
    let (place, authentication) = &template.authentication;
    match authentication {
        Authentication::Nothing => of_requests(template, account, requests, notes),
        Authentication::Basic(user, password) => {
            let mut table = Table::default().with("kind", "basic");
            table.set("username", text(requests, user, *place, notes));
            let password = text(requests, password, *place, notes);
            if !password.is_empty() {
                table.set("password", secret(password));
            }
            table
        }
        Authentication::Bearer(token) => {
            let token = text(requests, token, *place, notes);
            Table::default()
                .with("kind", "bearer")
                .with("token", secret(token))
        }
        Authentication::Scenario(id) => {
            let scenario = template
                .scenarios
                .iter()
                .find(|scenario| scenario.id == *id);
            let credential =
                scenario.and_then(|scenario| login::of(template, scenario, requests, notes));
            credential.unwrap_or_else(|| {
                let why = format!("there is no scenario `{id}` that logs in");
                notes.lost(*place, why, "write `credential` by hand");
                of_requests(template, account, requests, notes)
            })
        }
        Authentication::OAuth2 {
            token_url,
            scope,
            parameters,
            prefix,
        } => login::refresh(
            requests, *place, token_url, scope, parameters, prefix, notes,
        ),
        Authentication::Unknown(kind) => {
            let why = format!("the way to authenticate `{kind}` is unknown");
            notes.lost(*place, why, "write `credential` by hand");
            of_requests(template, account, requests, notes)
        }
    }
}

/// A value of a credential as a template.
pub(super) fn text(
    requests: &Requests<'_>,
    expression: &Expression,
    place: Place,
    notes: &mut Notes,
) -> String {
    let mut lost = Vec::new();
    let text = requests.text_in(&requests.scope(Use::Login), expression, &mut lost);
    note_lost(lost, place, notes);
    text
}

/// A secret: a template with values of the account, or a constant of the template.
pub(super) fn secret(text: String) -> Item {
    if text.contains("{{") {
        Item::Text(text)
    } else {
        Item::Inline(Table::default().with("value", text))
    }
}

/// A credential that the requests themselves carry, in headers or in a parameter.
fn of_requests(
    template: &Template,
    account: &Account<'_>,
    requests: &mut Requests<'_>,
    notes: &mut Notes,
) -> Table {
    let Some(&lookup) = template.lookups().first() else {
        return Table::default().with("kind", "none");
    };
    let has_secret =
        |value: &Expression| value.variables().iter().any(|name| account.is_secret(name));
    let headers = lookup.request.headers.iter();
    let headers: Vec<&Pair> = headers
        .filter(|pair| pair.name.eq_ignore_ascii_case("authorization") || has_secret(&pair.value))
        .collect();
    if !headers.is_empty() {
        for scenario in &template.scenarios {
            note_differences(scenario, &headers, notes);
        }
        let table = of_headers(&headers, requests, notes);
        for pair in headers {
            requests.leave_out_header(&pair.name);
        }
        return table;
    }
    let (address, _) = super::address::split(&lookup.request.url);
    let query = lookup
        .request
        .query
        .iter()
        .map(|pair| (pair.name.clone(), pair.value.clone()));
    let mut query = address.query.into_iter().chain(query);
    if let Some((name, value)) = query.find(|(_, value)| has_secret(value)) {
        let value = text(requests, &value, lookup.request.place, notes);
        requests.leave_out_query(&name);
        return Table::default()
            .with("kind", "query")
            .with("name", name)
            .with("value", value);
    }
    Table::default().with("kind", "none")
}

fn of_headers(headers: &[&Pair], requests: &Requests<'_>, notes: &mut Notes) -> Table {
    let values: Vec<(&str, String)> = headers
        .iter()
        .map(|pair| {
            (
                pair.name.as_str(),
                text(requests, &pair.value, pair.place, notes),
            )
        })
        .collect();
    match values.as_slice() {
        [(name, value)] => {
            let bearer = value
                .strip_prefix("Bearer ")
                .filter(|token| !token.trim().is_empty());
            match bearer {
                Some(token) if name.eq_ignore_ascii_case("authorization") => Table::default()
                    .with("kind", "bearer")
                    .with("token", secret(token.to_owned())),
                _ => Table::default()
                    .with("kind", "header")
                    .with("name", *name)
                    .with("value", secret(value.clone())),
            }
        }
        values => {
            let mut table = Table::default();
            for (name, value) in values {
                table.set(*name, secret(value.clone()));
            }
            Table::default()
                .with("kind", "headers")
                .with("headers", Item::Block(table))
        }
    }
}

/// Notes a scenario that identifies itself in another way than the lookup.
fn note_differences(scenario: &Scenario, headers: &[&Pair], notes: &mut Notes) {
    for pair in &scenario.request.headers {
        let lookup = headers.iter().find(|header| header.name == pair.name);
        if lookup.is_some_and(|header| header.value != pair.value) {
            notes.lost(
                pair.place,
                "the request has another credential than the lookup",
                "an adapter has one credential; make another adapter for the other one",
            );
        }
    }
}
