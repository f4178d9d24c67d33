//! Parameters of templates as parameters and values of the account.

use std::{cell::RefCell, collections::BTreeSet};

use super::request::Requests;
use crate::{
    expression::{Expression, Kind, Resolved, Term},
    note::Notes,
    template::{Parameter, ParameterKind, Template},
    write::{Item, Table},
};

/// The parameter for the time zone of times in local time.
pub(super) const TIME_ZONE: &str = "time_zone";
/// The parameter for a refresh token that no parameter of the template stands for.
pub(super) const REFRESH_TOKEN: &str = "refresh_token";

/// What whoever uses the description fills in.
pub(super) struct Account<'t> {
    values: Vec<Value<'t>>,
    /// Names of values that the description uses.
    used: RefCell<BTreeSet<String>>,
}

struct Value<'t> {
    /// The name in the description.
    name: String,
    parameter: &'t Parameter,
    is_secret: bool,
}

impl<'t> Account<'t> {
    pub(super) fn new(template: &'t Template) -> Self {
        let visible = visible(template);
        let mut values: Vec<Value<'t>> = Vec::new();
        for parameter in &template.parameters {
            let mut name = snake_case(&parameter.name);
            if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
                name = format!("value_{name}");
            }
            while values.iter().any(|value| value.name == name) || name == TIME_ZONE {
                name.push('_');
            }
            let is_secret = parameter.kind == ParameterKind::Password || sounds_secret(&name);
            values.push(Value {
                name,
                parameter,
                is_secret: is_secret && !visible.contains(&parameter.name.as_str()),
            });
        }
        Self {
            values,
            used: RefCell::default(),
        }
    }

    /// What a parameter stands for in a template, if there is one with this name.
    pub(super) fn resolve(&self, name: &str) -> Option<Resolved> {
        let value = self.value(name)?;
        Some(match value.parameter.kind {
            // Switches turn parts of the template on; what is not wanted is left out instead.
            ParameterKind::Boolean => Resolved::Term(Term::Constant("True".to_owned())),
            _ if !value.parameter.default.variables().is_empty() => {
                Resolved::Inline(value.parameter.default.clone())
            }
            _ => {
                self.use_value(&value.name);
                Resolved::Term(Term::Code(format!("account.{}", value.name), Kind::Text))
            }
        })
    }

    /// Whether the parameter with this name is a secret.
    pub(super) fn is_secret(&self, name: &str) -> bool {
        self.value(name).is_some_and(|value| value.is_secret)
    }

    /// Whether there is a parameter with this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.value(name).is_some()
    }

    /// Remembers that the description uses a value.
    pub(super) fn use_value(&self, name: &str) {
        self.used.borrow_mut().insert(name.to_owned());
    }

    fn value(&self, name: &str) -> Option<&Value<'t>> {
        self.values
            .iter()
            .find(|value| value.parameter.name == name)
    }

    /// Adds `parameters` and `account`.
    pub(super) fn declare(&self, settings: &mut Table, requests: &Requests<'_>, notes: &mut Notes) {
        let mut parameters = Table::default();
        let mut account = Table::default();
        let used = self.used.borrow();
        let prefix = super::id(&requests.template().name).to_ascii_uppercase();
        for value in &self.values {
            if used.contains(&value.name) {
                let is_base = requests.is_base(&value.parameter.name);
                value.declare(&mut parameters, &mut account, &prefix, is_base);
            } else if value.is_plain() {
                let why = format!("parameter `{}` is not used", value.parameter.name);
                notes.lost(value.parameter.place, why, "leave it out");
            }
        }
        if used.contains(TIME_ZONE) {
            let zone = Table::default()
                .with(
                    "description",
                    "Time zone in which the CRM takes local times, an IANA name",
                )
                .with("default", "UTC");
            parameters.set(TIME_ZONE, Item::Inline(zone));
        }
        if used.contains(REFRESH_TOKEN) && !self.values.iter().any(|v| v.name == REFRESH_TOKEN) {
            let token = Table::default()
                .with(
                    "description",
                    "Refresh token that an authorisation of whocalls brought",
                )
                .with("secret", true);
            parameters.set(REFRESH_TOKEN, Item::Inline(token));
            account.set(REFRESH_TOKEN, env(&prefix, REFRESH_TOKEN));
        }
        if !parameters.is_empty() {
            settings.set("parameters", Item::Block(parameters));
        }
        if !account.is_empty() {
            settings.set("account", Item::Block(account));
        }
    }
}

impl Value<'_> {
    /// Whether it is a value that a request could use.
    fn is_plain(&self) -> bool {
        let kind = self.parameter.kind;
        let is_value = matches!(kind, ParameterKind::Text | ParameterKind::Password);
        is_value && self.parameter.default.variables().is_empty()
    }

    fn declare(&self, parameters: &mut Table, account: &mut Table, prefix: &str, is_base: bool) {
        let mut declared = Table::default();
        let parameter = self.parameter;
        let title = if parameter.title.is_empty() {
            &parameter.name
        } else {
            &parameter.title
        };
        let description = match &parameter.choices {
            Some(choices) => format!("{title}: {choices}"),
            None => title.clone(),
        };
        declared.set("description", description.as_str());
        if self.is_secret {
            declared.set("secret", true);
            account.set(&*self.name, env(prefix, &self.name));
        } else {
            let default = parameter.default.constant().unwrap_or_default().trim();
            let is_usable = !is_base || default.starts_with("http");
            if !default.is_empty() && is_usable && !default.contains(char::is_whitespace) {
                declared.set("default", default);
            } else {
                account.set(&*self.name, placeholder(&self.name, is_base));
                account.comment(format!("Fill in: {description}"));
            }
        }
        parameters.set(&*self.name, Item::Inline(declared));
    }
}

fn env(prefix: &str, name: &str) -> Item {
    let variable = format!("{prefix}_{}", name.to_ascii_uppercase());
    Item::Inline(Table::default().with("env", variable))
}

/// A value that stands for one that is to be filled in.
fn placeholder(name: &str, is_base: bool) -> &'static str {
    if is_base || name.contains("url") || name.contains("endpoint") {
        "https://crm.example.com"
    } else {
        "example"
    }
}

/// Names of the parameters in addresses of servers and pages, which cannot be secret.
fn visible(template: &Template) -> Vec<&str> {
    let mut names = Vec::new();
    for scenario in &template.scenarios {
        let start = match &scenario.request.url {
            Expression::Join(parts) => parts.first(),
            url => Some(url),
        };
        names.extend(start.and_then(Expression::variable));
        for output in &scenario.outputs {
            let is_shown = !matches!(output.kind.as_str(), "HeaderName" | "HeaderValue");
            if is_shown {
                names.extend(output.value.variables());
            }
        }
    }
    names
}

fn sounds_secret(name: &str) -> bool {
    [
        "password",
        "secret",
        "token",
        "api_key",
        "apikey",
        "access_key",
        "passphrase",
    ]
    .iter()
    .any(|part| name.contains(part))
}

/// `ServerUrl` as `server_url`.
pub(super) fn snake_case(name: &str) -> String {
    const ACRONYMS: [&str; 6] = ["API", "URL", "ID", "CRM", "CTI", "SQL"];
    let chars: Vec<char> = name.trim().chars().collect();
    let mut snake = String::new();
    let mut run = String::new();
    for (position, &c) in chars.iter().enumerate() {
        let next = chars.get(position + 1);
        if !c.is_ascii_alphanumeric() {
            run.clear();
            if !snake.is_empty() && !snake.ends_with('_') {
                snake.push('_');
            }
            continue;
        }
        let was_upper = !run.is_empty();
        let starts_word = c.is_ascii_uppercase()
            && !snake.is_empty()
            && (!was_upper || next.is_some_and(char::is_ascii_lowercase))
            && !snake.ends_with('_');
        // `APIkey` is a key and not an `Ikey`.
        let ends_acronym = c.is_ascii_lowercase() && ACRONYMS.contains(&run.as_str());
        let is_acronym = ACRONYMS.contains(&format!("{run}{c}").as_str());
        if (starts_word && !is_acronym) || ends_acronym {
            snake.push('_');
        }
        if c.is_ascii_uppercase() {
            run.push(c);
        } else {
            run.clear();
        }
        snake.push(c.to_ascii_lowercase());
    }
    snake.trim_end_matches('_').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_snake_case() {
        for (name, snake) in [
            ("ServerUrl", "server_url"),
            ("APIkey", "api_key"),
            ("APIKey", "api_key"),
            ("ApiKey", "api_key"),
            ("client_id", "client_id"),
            ("MandantID", "mandant_id"),
            ("URL", "url"),
            ("helpdesk domain", "helpdesk_domain"),
            ("Ärger!", "rger"),
            ("", ""),
        ] {
            assert_eq!(snake_case(name), snake, "{name}");
        }
    }
}
