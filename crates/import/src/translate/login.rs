//! Scenarios that log in: tokens of OAuth 2.0, or sessions.

use super::{
    account::{REFRESH_TOKEN, snake_case},
    address, credential, hits,
    lookup::follow,
    names::Use,
    request::{Requests, note_lost},
};
use crate::{
    expression::Expression,
    note::{Notes, Place},
    template::{Body, Content, Node, Request, Scenario, Template},
    write::{Item, Table},
};

/// How long a session is valid at least and at most, in seconds.
const LIFETIMES: std::ops::RangeInclusive<i64> = 10..=86_400;
/// Outputs that put a value into a header of every request.
const HEADER_NAME: &str = "HeaderName";
const HEADER_VALUE: &str = "HeaderValue";

/// The credential that a scenario gets; none if it has no request.
pub(super) fn of(
    template: &Template,
    scenario: &Scenario,
    requests: &mut Requests<'_>,
    notes: &mut Notes,
) -> Option<Table> {
    let parameters = parameters(&scenario.request);
    let grant = parameters.iter().find(|(name, _)| name == "grant_type");
    if let Some((_, grant)) = grant
        && let Some(grant) = grant.constant()
    {
        let grant = grant.to_owned();
        return Some(token(scenario, &grant, &parameters, requests, notes));
    }
    let chain = follow(template, scenario);
    if scenario.request.url == Expression::empty() {
        return None;
    }
    Some(session(&chain, requests, notes))
}

/// The parameters of a request, wherever they stand.
fn parameters(request: &Request) -> Vec<(String, Expression)> {
    let (address, _) = address::split(&request.url);
    let mut all = address.query;
    all.extend(
        request
            .query
            .iter()
            .map(|pair| (pair.name.clone(), pair.value.clone())),
    );
    let mut add = |nodes: &[Node]| {
        for node in nodes {
            if let Content::Text(value) | Content::Typed(value) = &node.content {
                all.push((node.key.clone(), value.clone()));
            }
        }
    };
    match &request.body {
        Body::Form(nodes)
        | Body::Json(Node {
            content: Content::Object(nodes),
            ..
        }) => add(nodes),
        Body::Message(Expression::Join(parts), kind) if kind.contains("form") => {
            all.extend(address::pairs(parts.clone()));
        }
        Body::Message(text @ Expression::Text(_), kind) if kind.contains("form") => {
            all.extend(address::pairs(vec![text.clone()]));
        }
        _ => {}
    }
    all
}

fn token(
    scenario: &Scenario,
    grant: &str,
    parameters: &[(String, Expression)],
    requests: &Requests<'_>,
    notes: &mut Notes,
) -> Table {
    let place = scenario.request.place;
    let (address, _) = address::split(&scenario.request.url);
    let token_url = Expression::join(vec![address.base, address.path]);
    let mut table = Table::default().with("kind", "oauth2");
    let grant = match grant {
        "client_credentials" | "password" | "refresh_token" => grant,
        _ => REFRESH_TOKEN,
    };
    table.set("grant", grant);
    table.set(
        "token_url",
        credential::text(requests, &token_url, place, notes),
    );
    let mut others = Table::default();
    let mut has_refresh_token = false;
    for (name, value) in parameters {
        match name.as_str() {
            "grant_type" | "redirect_uri" | "code" => {}
            REFRESH_TOKEN => {
                has_refresh_token = true;
                table.set(REFRESH_TOKEN, refresh_token(requests, Some(value)));
            }
            "client_secret" | "password" => {
                let value = credential::text(requests, value, place, notes);
                table.set(&**name, credential::secret(value));
            }
            "client_id" | "username" | "scope" => {
                table.set(&**name, credential::text(requests, value, place, notes));
            }
            _ => others.set(&**name, credential::text(requests, value, place, notes)),
        }
    }
    if grant == REFRESH_TOKEN {
        if !has_refresh_token {
            table.set(REFRESH_TOKEN, refresh_token(requests, None));
        }
        notes.guess(
            place,
            "the telephone system gets its refresh token by an authorisation in the browser",
            "authorise a client for whocalls once, and give it the refresh token",
        );
    }
    if matches!(scenario.request.body, Body::Json(_)) {
        table.set("encoding", "json");
    }
    let prefix = outputs(scenario, HEADER_VALUE).next().and_then(prefix);
    if let Some(prefix) = prefix.filter(|prefix| prefix != "Bearer ") {
        table.set("prefix", prefix);
    }
    if !others.is_empty() {
        table.set("parameters", Item::Block(others));
    }
    table
}

/// OAuth 2.0 with a refresh token, of which the template only says where tokens come from.
pub(super) fn refresh(
    requests: &Requests<'_>,
    place: Place,
    token_url: &Expression,
    scope: &Expression,
    parameters: &[(String, Expression)],
    prefix: &str,
    notes: &mut Notes,
) -> Table {
    let mut table = Table::default()
        .with("kind", "oauth2")
        .with("grant", REFRESH_TOKEN);
    table.set(
        "token_url",
        credential::text(requests, token_url, place, notes),
    );
    for name in ["client_id", "client_secret"] {
        let given = parameters.iter().find(|(known, _)| known == name);
        let value = given.map(|(_, value)| value.clone());
        let own = || Some(Expression::Variable(name.to_owned()));
        let value = value.or_else(|| own().filter(|_| requests.account().has(name)));
        if let Some(value) = value {
            table.set(name, credential::text(requests, &value, place, notes));
        }
    }
    table.set(REFRESH_TOKEN, refresh_token(requests, None));
    let scope = credential::text(requests, scope, place, notes);
    if !scope.is_empty() {
        table.set("scope", scope);
    }
    if prefix != "Bearer " {
        table.set("prefix", prefix);
    }
    table
}

/// The refresh token: a parameter of the template, or one that the description adds.
fn refresh_token(requests: &Requests<'_>, value: Option<&Expression>) -> String {
    let account = requests.account();
    if let Some(value) = value
        && value.variables().iter().all(|name| account.has(name))
    {
        let mut lost = Vec::new();
        return requests.text_in(&requests.scope(Use::Login), value, &mut lost);
    }
    account.use_value(REFRESH_TOKEN);
    format!("{{{{ account.{REFRESH_TOKEN} }}}}")
}

/// The text in front of the only value of an expression.
fn prefix(value: &Expression) -> Option<String> {
    match value {
        Expression::Join(parts) => parts.first()?.constant().map(str::to_owned),
        _ => None,
    }
}

fn outputs<'s>(scenario: &'s Scenario, kind: &'s str) -> impl Iterator<Item = &'s Expression> {
    let outputs = scenario
        .outputs
        .iter()
        .filter(move |output| output.kind == kind);
    outputs.map(|output| &output.value)
}

fn session(chain: &[&Scenario], requests: &mut Requests<'_>, notes: &mut Notes) -> Table {
    let mut table = Table::default().with("kind", "session");
    let mut steps = Vec::new();
    for scenario in chain {
        let mut step = requests.read(&requests.scope(Use::Login), scenario, notes);
        let mut capture = Table::default();
        for variable in &scenario.variables {
            let path = hits::filtered(variable, notes);
            capture.set(snake_case(&variable.name), path.json_path());
            requests.add_auth(&variable.name);
        }
        if !capture.is_empty() {
            step.set("capture", Item::Inline(capture));
        }
        steps.push(step);
    }
    let last = chain.last();
    if let Some(secs) = last.and_then(|scenario| lifetime(scenario, notes)) {
        table.set("lifetime_secs", Item::Integer(secs));
    }
    table.set("steps", Item::Blocks(steps));
    if let Some(scenario) = last {
        let headers = headers(scenario, requests, notes);
        if !headers.is_empty() {
            let send = Table::default().with("header", Item::Block(headers));
            table.set("send", Item::Block(send));
        }
    }
    table
}

/// The headers of every request, once the session is open.
fn headers(scenario: &Scenario, requests: &mut Requests<'_>, notes: &mut Notes) -> Table {
    let mut headers = Table::default();
    let values: Vec<&Expression> = outputs(scenario, HEADER_VALUE).collect();
    for (name, value) in outputs(scenario, HEADER_NAME).zip(values) {
        let text = credential::text(requests, value, scenario.place, notes);
        let Some(name) = name.constant() else {
            continue;
        };
        headers.set(name, text);
        requests.leave_out_header(name);
    }
    for kind in [
        "BearerToken",
        "AccessToken",
        "Bearer",
        "access_token",
        "token",
    ] {
        if let Some(value) = outputs(scenario, kind).next()
            && headers.is_empty()
        {
            let token = credential::text(requests, value, scenario.place, notes);
            headers.set("Authorization", format!("Bearer {token}"));
            requests.leave_out_header("Authorization");
        }
    }
    let known = [
        HEADER_NAME,
        HEADER_VALUE,
        "BearerToken",
        "AccessToken",
        "Bearer",
    ];
    for output in &scenario.outputs {
        let kind = output.kind.as_str();
        let is_known = known.contains(&kind) || kind == "BearerExpiration" || !headers.is_empty();
        if !is_known {
            let why = format!("the output `{kind}` of a login is unknown");
            notes.lost(output.place, why, "send it by hand: `credential.send`");
        }
    }
    headers
}

/// How long the session is valid, in seconds. Templates say it in minutes.
fn lifetime(scenario: &Scenario, notes: &mut Notes) -> Option<i64> {
    let value = outputs(scenario, "BearerExpiration").next()?;
    let minutes: Option<i64> = value.constant().and_then(|text| text.trim().parse().ok());
    if minutes.is_none() {
        note_lost(
            vec!["how long the session is valid depends on the reply".to_owned()],
            scenario.place,
            notes,
        );
    }
    let secs = minutes?.saturating_mul(60);
    Some(secs.clamp(*LIFETIMES.start(), *LIFETIMES.end()))
}
