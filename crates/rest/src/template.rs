//! Templates: Jinja syntax, bounded, with the escaping that each place needs.
//!
//! | place | an expression yields | an absent value |
//! |---|---|---|
//! | path of a request | percent-encoded text | is an error |
//! | other texts of a lookup's request | text; the caller encodes the whole | is an error |
//! | other texts of a workflow's request | the same | yields nothing; a text of nothing else is left out |
//! | a body of XML or HTML | text with entities for `<`, `>`, `&` and quotes | as in other texts |
//! | text of a record | text | yields nothing |
//! | link | percent-encoded text | makes the link absent |
//!
//! Which variables there are, the [`Scope`] says.
//!
//! There are no loops without end and no access to files or the environment: templates have a
//! budget of steps and only the filters below.

use std::fmt::Write as _;

use minijinja::{
    Environment, Error, ErrorKind, Output, UndefinedBehavior, Value, filters, tests::is_defined,
    value::ValueKind,
};

use crate::scope::Scope;

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
    /// A body of XML or HTML.
    Markup,
    /// A text of a record.
    RecordText,
    /// A link to a record or to the object that a workflow created.
    Link,
}

impl Place {
    fn undefined(self, has_absences: bool) -> UndefinedBehavior {
        match self {
            Self::Path | Self::RequestText | Self::Markup if !has_absences => {
                UndefinedBehavior::Strict
            }
            _ => UndefinedBehavior::Chainable,
        }
    }

    fn write(self, out: &mut Output<'_>, value: &Value, has_absences: bool) -> Result<(), Error> {
        match self {
            Self::Link if is_absent(value) => Err(ErrorKind::UndefinedError.into()),
            Self::Path if has_absences && is_absent(value) => Err(ErrorKind::UndefinedError.into()),
            Self::RequestText | Self::Markup if value.is_undefined() || value.is_none() => Ok(()),
            Self::RecordText if is_absent(value) => Ok(()),
            Self::Link if value.is_safe() => Ok(write!(out, "{value}")?),
            Self::Path | Self::Link => Ok(out.write_str(&percent_encode(&value.to_string()))?),
            Self::RecordText => Ok(out.write_str(value.to_string().trim())?),
            Self::RequestText => Ok(write!(out, "{value}")?),
            Self::Markup => Ok(out.write_str(&with_entities(&value.to_string()))?),
        }
    }
}

/// A template that was checked when the configuration was read.
pub(crate) struct Template {
    environment: Box<Environment<'static>>,
    place: Place,
    setting: String,
    has_absences: bool,
    /// Whether it yields the same whatever the values are.
    is_constant: bool,
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
    pub(crate) fn compile(
        source: &str,
        place: Place,
        scope: &Scope,
        setting: &str,
    ) -> Result<Self, String> {
        let mut template = Self::unusable(place, scope, setting);
        template
            .environment
            .add_template_owned(NAME, source.to_owned())
            .map_err(|error| explain(&error, true))?;
        let variables = template.names(false);
        template.is_constant = variables.is_empty();
        for name in &variables {
            scope.check_variable(name)?;
        }
        for name in template.names(true) {
            scope.check_member(&name)?;
        }
        Ok(template)
    }

    /// Stands in for a template with a problem, so that the other settings can be checked too.
    pub(crate) fn unusable(place: Place, scope: &Scope, setting: &str) -> Self {
        let has_absences = scope.has_absences();
        Self {
            environment: Box::new(environment(place, has_absences)),
            place,
            setting: setting.to_owned(),
            has_absences,
            is_constant: false,
        }
    }

    /// The text of the template for sample variables; none when it needs values that they lack.
    ///
    /// # Errors
    /// A sentence about what does not work whatever the values are. A record's template may fail
    /// for want of a real hit, so there only filters, tests and templates that do not exist count.
    pub(crate) fn try_out(&self, sample: &Value) -> Result<Option<String>, String> {
        self.try_render(sample).map(Some).or_else(|error| {
            let is_certain = match self.place {
                Place::Path | Place::RequestText | Place::Markup => !self.is_absence(&error),
                Place::RecordText | Place::Link => matches!(
                    error.kind(),
                    ErrorKind::UnknownFilter | ErrorKind::UnknownTest | ErrorKind::TemplateNotFound
                ),
            };
            if is_certain {
                Err(explain(&error, true))
            } else {
                Ok(None)
            }
        })
    }

    /// The text of the template for these variables.
    ///
    /// # Errors
    /// [`NoText`].
    pub(crate) fn render(&self, variables: &Value) -> Result<String, NoText> {
        let text = self.try_render(variables).map_err(|error| {
            if self.is_absence(&error) {
                NoText::Absent
            } else {
                NoText::Broken(format!("{}: {}", self.setting, explain(&error, false)))
            }
        })?;
        let is_made_of_absences = self.has_absences && !self.is_constant && text.trim().is_empty();
        if is_made_of_absences && self.place == Place::RequestText {
            return Err(NoText::Absent);
        }
        Ok(text)
    }

    /// As [`render`](Self::render), for a part of a request that can be left out.
    ///
    /// # Errors
    /// [`NoText::Broken`].
    pub(crate) fn render_part(&self, variables: &Value) -> Result<Option<String>, NoText> {
        match self.render(variables) {
            Err(NoText::Absent) => Ok(None),
            rendered => rendered.map(Some),
        }
    }

    /// Whether rendering failed because a value is absent that may be.
    fn is_absence(&self, error: &Error) -> bool {
        let may_be = match self.place {
            Place::Link => true,
            Place::Path => self.has_absences,
            Place::RequestText | Place::Markup | Place::RecordText => false,
        };
        may_be && error.kind() == ErrorKind::UndefinedError
    }

    /// Whether the template uses this variable, or this member of one: `workflow.key`.
    pub(crate) fn uses(&self, variable: &str) -> bool {
        let names = self.names(variable.contains('.'));
        names.iter().any(|name| name == variable)
    }

    fn try_render(&self, variables: &Value) -> Result<String, Error> {
        self.environment
            .get_template(NAME)?
            .render(variables.clone())
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

/// An environment with nothing in it but what descriptions need.
fn environment(place: Place, has_absences: bool) -> Environment<'static> {
    let mut environment = Environment::empty();
    environment.set_undefined_behavior(place.undefined(has_absences));
    environment.set_fuel(Some(FUEL));
    environment.set_formatter(move |out, _, value| place.write(out, value, has_absences));
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

/// The text with entities for the characters that mean something in XML (XML 1.0 §2.4).
fn with_entities(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&#34;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
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

#[cfg(test)]
mod tests;
