//! Requests: what they share, and each with its path, parameters, headers and body.

use std::collections::HashMap;

use super::{
    account::{Account, TIME_ZONE},
    address::{self, Address},
    body,
    names::{Scope, Use},
};
use crate::{
    expression::{Condition, Expression, Resolver, Term},
    note::{Notes, Place},
    template::{Prefix, Request, Scenario, Template},
    write::{Item, Table},
};

/// The address where a template has none.
const PLACEHOLDER: &str = "https://crm.example.com";

/// What all requests of a template share.
pub(super) struct Requests<'t> {
    template: &'t Template,
    account: &'t Account<'t>,
    base: Expression,
    /// The number as a Jinja expression.
    number: String,
    /// Headers that the credential sends.
    credential_headers: Vec<String>,
    /// Parameters that the credential sends.
    credential_query: Vec<String>,
    /// What logging in brings: the name in the template -> the value.
    auth: HashMap<String, Term>,
}

impl<'t> Requests<'t> {
    pub(super) fn new(template: &'t Template, account: &'t Account<'t>, notes: &mut Notes) -> Self {
        let lookups = template.lookups();
        let first = lookups
            .first()
            .copied()
            .or_else(|| template.scenarios.first());
        let base = first.map_or_else(Expression::empty, |scenario| {
            address::split(&scenario.request.url).0.base
        });
        Self {
            template,
            account,
            base,
            number: number(template, notes),
            credential_headers: Vec::new(),
            credential_query: Vec::new(),
            auth: HashMap::new(),
        }
    }

    pub(super) fn template(&self) -> &'t Template {
        self.template
    }

    pub(super) fn account(&self) -> &'t Account<'t> {
        self.account
    }

    /// The credential sends this header.
    pub(super) fn leave_out_header(&mut self, name: &str) {
        self.credential_headers.push(name.to_owned());
    }

    /// The credential sends this parameter.
    pub(super) fn leave_out_query(&mut self, name: &str) {
        self.credential_query.push(name.to_owned());
    }

    /// Logging in brings a value that the template calls `name`.
    pub(super) fn add_auth(&mut self, name: &str) {
        let code = format!("auth.{}", super::account::snake_case(name));
        self.auth.insert(name.to_owned(), Term::text(code));
    }

    /// Whether the address of the CRM is the value of this parameter.
    pub(super) fn is_base(&self, parameter: &str) -> bool {
        self.base.variable() == Some(parameter)
    }

    /// The parameter whose value is the address of the CRM.
    pub(super) fn base_parameter(&self) -> Option<&str> {
        self.base.variable()
    }

    /// A link; `base_url` does not end with a slash, while the parameter of the template may.
    pub(super) fn with_slash(&self, link: &Expression) -> Expression {
        let Expression::Join(parts) = link else {
            return link.clone();
        };
        let mut parts = parts.clone();
        let is_base = parts.first().is_some_and(|first| {
            first.variable().is_some() && first.variable() == self.base_parameter()
        });
        match parts.get_mut(1) {
            Some(Expression::Text(text)) if is_base && !text.starts_with('/') => {
                text.insert(0, '/');
            }
            _ => {}
        }
        Expression::Join(parts)
    }

    /// The setting `base_url`.
    pub(super) fn base_url(&self) -> String {
        let mut lost = Vec::new();
        let text = self.text_in(&self.scope(Use::Login), &self.base, &mut lost);
        if text.trim_start_matches("https://").is_empty() {
            PLACEHOLDER.to_owned()
        } else {
            text
        }
    }

    /// What is to be said about it.
    pub(super) fn base_comments(&self) -> Vec<&'static str> {
        if self.base_url() == PLACEHOLDER {
            return vec!["Fill in: the address of the CRM."];
        }
        Vec::new()
    }

    /// The names in a place, without values of replies.
    pub(super) fn scope(&self, place: Use) -> Scope<'_> {
        let known = if place == Use::Reply {
            HashMap::new()
        } else {
            self.auth.clone()
        };
        Scope {
            place,
            account: self.account,
            number: &self.number,
            known,
        }
    }

    /// The value of an expression; what is lost of it goes into `lost`.
    pub(super) fn term(
        &self,
        scope: &Scope<'_>,
        expression: &Expression,
        lost: &mut Vec<String>,
    ) -> Term {
        let mut resolver = Resolver::new(scope);
        let term = resolver.term(expression);
        lost.append(&mut resolver.lost);
        if term.template().contains(&format!("account.{TIME_ZONE}")) {
            self.account.use_value(TIME_ZONE);
        }
        term
    }

    /// An expression as a template.
    pub(super) fn text_in(
        &self,
        scope: &Scope<'_>,
        expression: &Expression,
        lost: &mut Vec<String>,
    ) -> String {
        self.term(scope, expression, lost).template()
    }

    /// A condition; what is lost of it goes into `lost`.
    pub(super) fn condition(
        scope: &Scope<'_>,
        expression: &Expression,
        lost: &mut Vec<String>,
    ) -> Condition {
        let mut resolver = Resolver::new(scope);
        let condition = resolver.condition(expression);
        lost.append(&mut resolver.lost);
        condition
    }

    /// Path, parameters and headers of a request, and whether another host is asked.
    pub(super) fn head(&self, scope: &Scope<'_>, request: &Request, notes: &mut Notes) -> Table {
        let (Address { base, path, query }, is_conditional) = address::split(&request.url);
        let place = request.place;
        if is_conditional {
            notes.guess(
                place,
                "the request is only sent under a condition, which is left out",
                "see whether the CRM takes it without",
            );
        }
        if base != self.base {
            notes.lost(
                place,
                "the address is on another server than that of the lookup",
                "requests go to `base_url` alone; make an adapter of its own for the other server",
            );
        }
        let mut lost = Vec::new();
        let mut head = Table::default();
        head.set("path", self.text_in(scope, &path, &mut lost));
        let mut parameters = Table::default();
        let pairs = request
            .query
            .iter()
            .map(|pair| (pair.name.clone(), pair.value.clone()));
        for (name, value) in query.into_iter().chain(pairs) {
            if !self.credential_query.contains(&name) {
                parameters.set(name, self.text_in(scope, &value, &mut lost));
            }
        }
        if !parameters.is_empty() {
            head.set("query", Item::Block(parameters));
        }
        let mut headers = Table::default();
        for pair in &request.headers {
            let is_set_anyway = ["content-type", "content-length", "host", "accept"]
                .contains(&pair.name.to_ascii_lowercase().as_str());
            if self.credential_headers.contains(&pair.name) || is_set_anyway {
                continue;
            }
            if pair.name.eq_ignore_ascii_case("authorization") {
                notes.lost(
                    pair.place,
                    "the request has a credential of its own",
                    "an adapter has one credential; make another adapter for the other one",
                );
                continue;
            }
            headers.set(&*pair.name, self.text_in(scope, &pair.value, &mut lost));
        }
        if !headers.is_empty() {
            head.set("headers", Item::Block(headers));
        }
        note_lost(lost, place, notes);
        head
    }

    /// A request of a lookup or a login.
    pub(super) fn read(&self, scope: &Scope<'_>, scenario: &Scenario, notes: &mut Notes) -> Table {
        let request = &scenario.request;
        let mut table = Table::default();
        match request.method.as_str() {
            "GET" => {}
            "POST" => table.set("method", "POST"),
            other => {
                let why = format!("the method {other} of a request that only asks");
                notes.lost(request.place, why, "the request is sent with POST");
                table.set("method", "POST");
            }
        }
        table.append(self.head(scope, request, notes));
        if let Some(body) = body::of(self, scope, request, notes) {
            table.append(body);
        }
        table
    }
}

/// Notes what had no counterpart in an expression.
pub(super) fn note_lost(lost: Vec<String>, place: Place, notes: &mut Notes) {
    for why in lost {
        notes.lost(place, why, "write the value by hand, or leave it out");
    }
}

/// The number as a Jinja expression.
fn number(template: &Template, notes: &mut Notes) -> String {
    const DIGITS: u32 = 9;
    /// E.164 numbers have at most so many digits.
    const ALL_DIGITS: u32 = 15;
    let rule = &template.number;
    let whole = match rule.prefix {
        Prefix::AsIs | Prefix::Plus => "number.e164",
        Prefix::Off => "number.digits",
        Prefix::Zeros => "number.intl00",
    };
    let advice = "if nobody is found, send another form: number.wild finds every spelling where \
                  the CRM knows wildcards";
    if rule.prefix == Prefix::AsIs && rule.max_length.is_none() {
        let why = "the number is sent as the telephone system gets it; number.e164 is taken";
        notes.guess(rule.place, why, advice);
    }
    let Some(length) = &rule.max_length else {
        return whole.to_owned();
    };
    let default = |name: &str| {
        let parameter = template.parameters.iter().find(|p| p.name == name)?;
        parameter.default.constant()?.trim().parse::<u32>().ok()
    };
    let digits = match (length.constant(), length.variable()) {
        (Some(text), _) => text.trim().parse().ok(),
        (None, Some(name)) => default(name),
        (None, None) => None,
    };
    match digits {
        Some(digits) if digits >= ALL_DIGITS => whole.to_owned(),
        Some(digits) if digits > 0 => format!("number.last({digits})"),
        _ => {
            let why = format!(
                "how many digits are sent is a setting of the telephone system; {DIGITS} are taken"
            );
            notes.guess(rule.place, why, advice);
            format!("number.last({DIGITS})")
        }
    }
}
