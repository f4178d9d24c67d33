//! From the description as written to one that can be carried out.
//!
//! All problems are gathered, each with the path of its setting: whoever writes a description gets
//! the whole list at once. So a part with a problem is replaced by a stand-in, and the rest is
//! checked as if nothing had happened.

use minijinja::Value;
use serde_json_path::JsonPath;
use whocalls_core::{BuildContext, PhoneNumber, SettingProblem};
use whocalls_http::{
    BaseUrl,
    header::{HeaderName, HeaderValue},
};

use crate::{
    config::Settings,
    credential::Credential,
    lookup::Lookup,
    number,
    request::{self, Request},
    scope::Scope,
    template::{Place, Template},
    workflow::Workflow,
};

/// A description that can be carried out.
pub(crate) struct Description {
    pub(crate) base: BaseUrl,
    pub(crate) credential: Credential,
    pub(crate) lookup: Lookup,
    pub(crate) probe: Option<Request>,
    pub(crate) workflows: Vec<Workflow>,
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
    let base = problems.kept(BaseUrl::parse("base_url", &settings.base_url));
    let credential = Credential::compile(&settings.credential, &mut problems);
    problems.credential_header = credential.header_name().cloned();
    let scope = Scope::lookup(plan);
    let lookup = Lookup::compile(&settings.lookup, &scope, &mut problems);
    let probe = settings
        .probe
        .as_ref()
        .map(|probe| Request::probe(&probe.path, &scope, &mut problems));
    let workflows = settings
        .workflows
        .iter()
        .map(|(name, workflow)| Workflow::compile(name, workflow, plan, &mut problems))
        .collect();
    let nobody = number::nobody(plan);
    if nobody.is_none() {
        // No plan knows the country code 999, so this does not happen.
        problems.add("", "no number is free for the probe");
    }
    match (base, nobody) {
        (Some(base), Some(nobody)) if problems.count() == 0 => Ok(Description {
            base,
            credential,
            lookup,
            probe,
            workflows,
            nobody,
        }),
        _ => Err(problems.into_found()),
    }
}

/// The problems found so far.
#[derive(Default)]
pub(crate) struct Problems {
    found: Vec<SettingProblem>,
    /// The header that carries the credential.
    credential_header: Option<HeaderName>,
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

    fn kept<T>(&mut self, result: Result<T, SettingProblem>) -> Option<T> {
        result.map_err(|problem| self.found.push(problem)).ok()
    }

    /// Whether this header carries the credential.
    pub(crate) fn is_credential(&self, name: &HeaderName) -> bool {
        self.credential_header.as_ref() == Some(name)
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
            Template::unusable(place, scope, path)
        })
    }

    /// Reads the JSONPath at `path`.
    pub(crate) fn json_path(&mut self, path: &str, text: &str) -> JsonPath {
        JsonPath::parse(text).unwrap_or_else(|error| {
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
            JsonPath::default()
        })
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
    match place {
        Place::Path | Place::RequestText | Place::Markup => {
            scope.samples().iter().try_for_each(check)?;
        }
        Place::RecordText | Place::Link => check(&Value::UNDEFINED)?,
    }
    scope.bare().map_or(Ok(()), check).map_err(|message| {
        format!(
            "{message}, when a value is absent that not every call has; ask for it with \
             {{% if … %}}"
        )
    })
}

#[cfg(test)]
mod tests;
