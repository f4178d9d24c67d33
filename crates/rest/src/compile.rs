//! From the description as written to one that can be carried out.
//!
//! All problems are gathered, each with the path of its setting: whoever writes a description gets
//! the whole list at once. So a part with a problem is replaced by a stand-in, and the rest is
//! checked as if nothing had happened.

use std::sync::Arc;

use minijinja::Value;
use regex_lite::Regex;
use whocalls_core::{BuildContext, PhoneNumber, SettingProblem};
use whocalls_http::header::{HeaderName, HeaderValue};

use crate::{
    account::Account,
    config::Settings,
    credential::Credential,
    lookup::Lookup,
    notification::Receiver,
    number,
    outcome::Outcomes,
    probe::Probe,
    request,
    scope::{Common, Scope},
    select::Path,
    shared::Shared,
    template::{Expression, Place, Template},
    workflow::Workflow,
};

/// A description that can be carried out.
pub(crate) struct Description {
    pub(crate) credential: Credential,
    pub(crate) lookup: Arc<Lookup>,
    /// What replies mean, whatever was requested.
    pub(crate) outcomes: Outcomes,
    pub(crate) probe: Option<Probe>,
    pub(crate) workflows: Vec<Workflow>,
    /// Takes the CRM's notifications.
    pub(crate) receiver: Option<Receiver>,
    /// A number that nobody owns.
    pub(crate) nobody: PhoneNumber,
}

/// Checks `settings` and makes them ready for use.
///
/// # Errors
/// Everything that is wrong with them.
pub(crate) fn compile(
    settings: &Settings,
    context: &BuildContext,
) -> Result<Description, Vec<SettingProblem>> {
    let mut problems = Problems::default();
    let plan = &context.number_plan;
    let account = Account::compile(&settings.parameters, &settings.account, &mut problems);
    problems.credential_headers = settings.credential.header_names();
    let shared = Shared::compile(account, &settings.headers, &mut problems);
    let common = Common {
        plan,
        account: shared.account(),
        auth: &settings.credential.auth_names(),
    };
    let credential = Credential::compile(settings, &common, &shared, context, &mut problems);
    let outcomes = Outcomes::compile(&settings.outcomes, "outcomes", &mut problems);
    let lookup = Lookup::compile(&settings.lookup, &common, &outcomes, &mut problems);
    let probe = settings.probe.as_ref();
    let probe = probe.map(|settings| Probe::compile(settings, &common, &mut problems));
    let workflows = settings
        .workflows
        .iter()
        .map(|(name, workflow)| {
            Workflow::compile(name, workflow, &common, &outcomes, &mut problems)
        })
        .collect();
    let notifications = settings.notifications.as_ref();
    let receiver =
        notifications.map(|settings| Receiver::compile(settings, &shared, &mut problems));
    let nobody = number::nobody(plan);
    if nobody.is_none() {
        // No plan knows the country code 999, so this does not happen.
        problems.add("", "no number is free for the probe");
    }
    match (credential, nobody) {
        (Some(credential), Some(nobody)) if problems.count() == 0 => Ok(Description {
            credential,
            lookup: Arc::new(lookup),
            outcomes,
            probe,
            workflows,
            receiver,
            nobody,
        }),
        _ => Err(problems.into_found()),
    }
}

/// The problems found so far.
#[derive(Default)]
pub(crate) struct Problems {
    found: Vec<SettingProblem>,
    /// The headers that carry the credential.
    credential_headers: Vec<String>,
    /// Whether the requests are those of a login, which may carry secrets in any header.
    is_login: bool,
}

impl Problems {
    /// Notes a problem with the setting at `path`.
    pub(crate) fn add(&mut self, path: &str, message: impl Into<String>) {
        self.found.push(SettingProblem::new(path, message));
    }

    /// How many problems there are so far.
    pub(crate) fn count(&self) -> usize {
        self.found.len()
    }

    /// All problems.
    pub(crate) fn into_found(self) -> Vec<SettingProblem> {
        self.found
    }

    /// The value, or none and its problem.
    pub(crate) fn kept<T>(&mut self, result: Result<T, SettingProblem>) -> Option<T> {
        result.map_err(|problem| self.found.push(problem)).ok()
    }

    /// Whether this header carries the credential.
    pub(crate) fn is_credential(&self, name: &HeaderName) -> bool {
        let mut headers = self.credential_headers.iter();
        headers.any(|known| known.eq_ignore_ascii_case(name.as_str()))
    }

    /// Whether the requests read now are those of a login.
    pub(crate) fn is_login(&self) -> bool {
        self.is_login
    }

    /// Reads requests of a login: in their headers, secrets may stand anywhere.
    pub(crate) fn of_login<T>(&mut self, read: impl FnOnce(&mut Self) -> T) -> T {
        self.is_login = true;
        let result = read(self);
        self.is_login = false;
        result
    }

    /// Reads the template at `path` and tries it out.
    pub(crate) fn template(
        &mut self,
        path: &str,
        source: &str,
        place: Place,
        scope: &Scope,
    ) -> Template {
        let tried = Template::compile(source, place, scope, path).and_then(|template| {
            try_with_samples(&template, place, scope)?;
            Ok(template)
        });
        tried.unwrap_or_else(|message| {
            self.add(path, message);
            Template::unusable(place, path)
        })
    }

    /// Reads the expression at `path` and tries it out.
    pub(crate) fn expression(&mut self, path: &str, source: &str, scope: &Scope) -> Expression {
        let tried = Expression::compile(source, scope, path).and_then(|expression| {
            let samples = scope.samples();
            samples
                .iter()
                .try_for_each(|sample| expression.try_out(sample))?;
            if let Some(bare) = scope.bare().filter(|_| expression.has_absences()) {
                expression
                    .try_out(&bare)
                    .map_err(|message| when_absent(&message))?;
            }
            Ok(expression)
        });
        tried.unwrap_or_else(|message| {
            self.add(path, message);
            Expression::unusable(path)
        })
    }

    /// Reads the JSONPath at `path`.
    pub(crate) fn json_path(&mut self, path: &str, text: &str) -> Path {
        Path::parse(text).unwrap_or_else(|error| {
            let rest = text.get(error.position()..).unwrap_or(text);
            let reason = match rest {
                _ if !text.starts_with('$') => "it begins with `$`".to_owned(),
                "" => "it ends too early".to_owned(),
                _ => format!(
                    "it cannot be read from `{rest}` on; names with special characters are \
                     written $['a-b']"
                ),
            };
            self.add(
                path,
                format!("a JSONPath (RFC 9535) such as $.items[*] is expected: {reason}"),
            );
            Path::default()
        })
    }

    /// Reads the regular expression at `path`.
    pub(crate) fn pattern(&mut self, path: &str, text: &str) -> Option<Regex> {
        let pattern = Regex::new(text);
        if let Err(error) = &pattern {
            self.add(
                path,
                format!(
                    "not a regular expression (in TOML, write it in single quotes, so that \
                     backslashes stay): {error}"
                ),
            );
        }
        pattern.ok()
    }

    /// Reads the name of a header at `path`.
    pub(crate) fn header_name(&mut self, path: &str, text: &str) -> Option<HeaderName> {
        let name = HeaderName::from_bytes(text.as_bytes());
        if name.is_err() {
            self.add(
                path,
                "not the name of a header; letters, digits and `-` are allowed",
            );
        }
        name.ok()
    }

    /// Reads the value of a header at `path`, which may be a secret.
    pub(crate) fn header_value(&mut self, path: &str, text: &str) -> Option<HeaderValue> {
        let value = HeaderValue::from_bytes(text.as_bytes());
        if value.is_err() {
            self.add(
                path,
                "a header cannot carry this text: it has a line break or control character",
            );
        }
        value.ok()
    }
}

/// # Errors
/// A sentence about what does not work.
fn try_with_samples(template: &Template, place: Place, scope: &Scope) -> Result<(), String> {
    let check = |sample| match template.try_out(sample)? {
        Some(path) if place == Place::Path => request::check_path(&path),
        _ => Ok(()),
    };
    if !place.is_request() {
        return check(&Value::UNDEFINED);
    }
    let samples = scope.samples();
    samples.iter().try_for_each(check)?;
    match scope.bare().filter(|_| template.has_absences()) {
        Some(bare) => check(&bare).map_err(|message| when_absent(&message)),
        None => Ok(()),
    }
}

fn when_absent(message: &str) -> String {
    format!(
        "{message}, when a value is absent that not every call has; ask for it with {{% if … %}}"
    )
}

#[cfg(test)]
mod tests;
