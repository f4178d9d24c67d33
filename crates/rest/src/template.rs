//! Templates: Jinja syntax, bounded, with the escaping that each place needs.
//!
//! | place | variables | an expression yields | an absent value |
//! |---|---|---|---|
//! | path of a request | `number` | percent-encoded text | is an error |
//! | other texts of a request | `number` | text; the caller encodes the whole | is an error |
//! | text of a record | `hit`, `id`, `base_url` | text | yields nothing |
//! | link of a record | `hit`, `id`, `base_url` | percent-encoded text | makes the link absent |
//!
//! There are no loops without end and no access to files or the environment: templates have a
//! budget of steps and only the filters below.

use std::fmt::Write as _;

use minijinja::{
    Environment, Error, ErrorKind, Output, UndefinedBehavior, Value, filters, tests::is_defined,
    value::ValueKind,
};

use crate::number::FORMS;

/// Steps that one rendering may take; a long template takes some hundred.
const FUEL: u64 = 20_000;
/// The name of the only template in each environment.
const NAME: &str = "template";

/// Where a template stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// The path of a request.
    Path,
    /// A query value, header, form field, JSON text or text body: encoded as a whole afterwards.
    RequestText,
    /// A text of a record.
    RecordText,
    /// A link of a record.
    Link,
}

impl Place {
    fn variables(self) -> &'static [&'static str] {
        match self {
            Self::Path | Self::RequestText => &["number"],
            Self::RecordText | Self::Link => &["hit", "id", "base_url"],
        }
    }

    fn undefined(self) -> UndefinedBehavior {
        match self {
            Self::Path | Self::RequestText => UndefinedBehavior::Strict,
            Self::RecordText | Self::Link => UndefinedBehavior::Chainable,
        }
    }

    fn write(self, out: &mut Output<'_>, value: &Value) -> Result<(), Error> {
        match self {
            Self::Link if is_absent(value) => Err(ErrorKind::UndefinedError.into()),
            Self::RecordText if is_absent(value) => Ok(()),
            Self::Link if value.is_safe() => Ok(write!(out, "{value}")?),
            Self::Path | Self::Link => Ok(out.write_str(&percent_encode(&value.to_string()))?),
            Self::RecordText => Ok(out.write_str(value.to_string().trim())?),
            Self::RequestText => Ok(write!(out, "{value}")?),
        }
    }
}

/// A template that was checked when the configuration was read.
pub(crate) struct Template {
    environment: Box<Environment<'static>>,
    place: Place,
    setting: String,
}

/// Why a template yields no text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NoText {
    /// A value that it needs is absent.
    Absent,
    /// It cannot be rendered. Says which setting it is and why, without any value.
    Broken(String),
}

impl Template {
    /// Reads the template in the setting at the path `setting`.
    ///
    /// # Errors
    /// A sentence about its syntax or about a variable that does not exist there.
    pub(crate) fn compile(source: &str, place: Place, setting: &str) -> Result<Self, String> {
        let mut template = Self::unusable(place, setting);
        template
            .environment
            .add_template_owned(NAME, source.to_owned())
            .map_err(|error| explain(&error, true))?;
        template.check_variables()?;
        Ok(template)
    }

    /// Stands in for a template with a problem, so that the other settings can be checked too.
    pub(crate) fn unusable(place: Place, setting: &str) -> Self {
        Self {
            environment: Box::new(environment(place)),
            place,
            setting: setting.to_owned(),
        }
    }

    /// The text of the template for sample variables.
    ///
    /// # Errors
    /// A sentence about what does not work whatever the values are. A record's template may fail
    /// for want of a real hit, so there only filters, tests and templates that do not exist count;
    /// any other failure yields an empty text.
    pub(crate) fn try_out(&self, sample: &Value) -> Result<String, String> {
        self.try_render(sample).or_else(|error| {
            let is_certain = match self.place {
                Place::Path | Place::RequestText => true,
                Place::RecordText | Place::Link => matches!(
                    error.kind(),
                    ErrorKind::UnknownFilter | ErrorKind::UnknownTest | ErrorKind::TemplateNotFound
                ),
            };
            if is_certain {
                Err(explain(&error, true))
            } else {
                Ok(String::new())
            }
        })
    }

    /// The text of the template for these variables.
    ///
    /// # Errors
    /// [`NoText`].
    pub(crate) fn render(&self, variables: &Value) -> Result<String, NoText> {
        self.try_render(variables).map_err(|error| {
            if self.place == Place::Link && error.kind() == ErrorKind::UndefinedError {
                NoText::Absent
            } else {
                NoText::Broken(format!("{}: {}", self.setting, explain(&error, false)))
            }
        })
    }

    /// Whether the template uses this variable.
    pub(crate) fn uses(&self, variable: &str) -> bool {
        self.names(false).iter().any(|name| name == variable)
    }

    fn try_render(&self, variables: &Value) -> Result<String, Error> {
        self.environment
            .get_template(NAME)?
            .render(variables.clone())
    }

    fn check_variables(&self) -> Result<(), String> {
        let known = self.place.variables();
        let unknown = |name: &&String| !known.contains(&name.as_str());
        if let Some(name) = self.names(false).iter().find(unknown) {
            return Err(format!(
                "the template uses `{name}`, which does not exist here; it can use {}",
                listed(known)
            ));
        }
        for name in self.names(true) {
            let (variable, form) = name.split_once('.').unwrap_or((&name, ""));
            let form = form.split('.').next().unwrap_or_default();
            if variable == "number" && !FORMS.contains(&form) {
                return Err(format!(
                    "`{name}` is no form of the number; it has {}",
                    listed(&FORMS)
                ));
            }
        }
        Ok(())
    }

    /// The variables that the template uses, sorted; `nested` ones with their attributes.
    fn names(&self, nested: bool) -> Vec<String> {
        let Ok(template) = self.environment.get_template(NAME) else {
            return Vec::new();
        };
        let mut names: Vec<String> = template.undeclared_variables(nested).into_iter().collect();
        names.sort();
        names
    }
}

/// An environment with nothing in it but what a lookup needs.
fn environment(place: Place) -> Environment<'static> {
    let mut environment = Environment::empty();
    environment.set_undefined_behavior(place.undefined());
    environment.set_fuel(Some(FUEL));
    environment.set_formatter(move |out, _, value| place.write(out, value));
    environment.add_filter("default", filters::default);
    environment.add_filter("first", filters::first);
    environment.add_filter("join", filters::join);
    environment.add_filter("last", filters::last);
    environment.add_filter("length", filters::length);
    environment.add_filter("lower", filters::lower);
    environment.add_filter("replace", filters::replace);
    environment.add_filter("title", filters::title);
    environment.add_filter("trim", filters::trim);
    environment.add_filter("upper", filters::upper);
    environment.add_test("defined", is_defined);
    environment
}

/// What CRMs write for "there is none".
fn is_absent(value: &Value) -> bool {
    match value.kind() {
        ValueKind::Undefined | ValueKind::None => true,
        ValueKind::Bool => !value.is_true(),
        ValueKind::String => value.as_str().is_some_and(|text| text.trim().is_empty()),
        _ => false,
    }
}

/// Encodes everything but the unreserved characters of RFC 3986 §2.3.
fn percent_encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push('%');
            encoded.extend([byte >> 4, byte & 0xf].map(hex_digit));
        }
    }
    encoded
}

fn hex_digit(nibble: u8) -> char {
    char::from_digit(u32::from(nibble), 16)
        .unwrap_or_default()
        .to_ascii_uppercase()
}

/// What is wrong and in which line. The detail of a run-time error may quote values, so only
/// errors of the template's text show it.
fn explain(error: &Error, with_detail: bool) -> String {
    let mut text = format!("the template does not work: {}", error.kind());
    if let Some(detail) = error.detail().filter(|_| with_detail) {
        text.push_str(": ");
        text.push_str(detail);
    }
    if let Some(line) = error.line() {
        let _infallible = write!(text, " (line {line})");
    }
    text
}

fn listed(names: &[&str]) -> String {
    names
        .iter()
        .map(|name| format!("`{name}`"))
        .collect::<Vec<_>>()
        .join(", ")
}

#[cfg(test)]
mod tests;
