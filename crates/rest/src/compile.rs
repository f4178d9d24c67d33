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
    template::{Place, Template},
};

/// A description that can be carried out.
pub(crate) struct Description {
    pub(crate) base: BaseUrl,
    pub(crate) credential: Credential,
    pub(crate) lookup: Lookup,
    pub(crate) probe: Option<Request>,
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
    let mut problems = Problems::with_samples(number::samples(&context.number_plan));
    let base = problems.kept(BaseUrl::parse("base_url", &settings.base_url));
    let credential = Credential::compile(&settings.credential, &mut problems);
    let lookup = Lookup::compile(&settings.lookup, &mut problems);
    if let Some(name) = credential.header_name()
        && lookup.request.has_header(name)
    {
        let path = format!("lookup.headers.{name}");
        problems.add(&path, "`credential` sets this header already");
    }
    let probe = settings
        .probe
        .as_ref()
        .map(|probe| Request::probe(&probe.path, &mut problems));
    let nobody = number::nobody(&context.number_plan);
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
            nobody,
        }),
        _ => Err(problems.found),
    }
}

/// The problems found so far.
pub(crate) struct Problems {
    found: Vec<SettingProblem>,
    samples: Vec<Value>,
}

impl Problems {
    /// No problems yet. The templates of requests are tried out with `samples`.
    pub(crate) fn with_samples(samples: Vec<Value>) -> Self {
        Self {
            found: Vec::new(),
            samples,
        }
    }

    /// Notes a problem with the setting at `path`.
    pub(crate) fn add(&mut self, path: &str, message: impl Into<String>) {
        self.found.push(SettingProblem::new(path, message));
    }

    /// How many problems there are so far.
    pub(crate) fn count(&self) -> usize {
        self.found.len()
    }

    fn kept<T>(&mut self, result: Result<T, SettingProblem>) -> Option<T> {
        result.map_err(|problem| self.found.push(problem)).ok()
    }

    /// Reads the template at `path` and tries it out.
    pub(crate) fn template(&mut self, path: &str, source: &str, place: Place) -> Template {
        let tried = Template::compile(source, place, path).and_then(|template| {
            match place {
                Place::Path | Place::RequestText => self.try_with_samples(&template, place)?,
                Place::RecordText | Place::Link => drop(template.try_out(&Value::UNDEFINED)?),
            }
            Ok(template)
        });
        tried.unwrap_or_else(|message| {
            self.add(path, message);
            Template::unusable(place, path)
        })
    }

    fn try_with_samples(&self, template: &Template, place: Place) -> Result<(), String> {
        for sample in &self.samples {
            let text = template.try_out(sample)?;
            if place == Place::Path {
                request::check_path(&text)?;
            }
        }
        Ok(())
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

#[cfg(test)]
mod tests;
