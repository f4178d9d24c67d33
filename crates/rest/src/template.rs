//! Templates and expressions: Jinja syntax, bounded, with the escaping that each place needs.
//!
//! | place | an expression yields | an absent value |
//! |---|---|---|
//! | path of a request | percent-encoded text | is an error |
//! | text that is encoded already | percent-encoded text | is an error |
//! | text in a query language | a literal of the language | is an error |
//! | other texts of a request | text; the caller encodes the whole | yields nothing; a text of nothing else is left out |
//! | a body of XML or HTML | text with entities for `<`, `>`, `&` and quotes | as in other texts |
//! | text of a record | text | yields nothing |
//! | link | percent-encoded text | makes the link absent |
//! | address of the CRM | a host name, or percent-encoded text of a path | is an error |
//!
//! Which variables there are and which may be absent, the [`Scope`] says; where a template uses
//! none that may be, an absent value is a mistake of the description.
//!
//! There are no loops without end and no access to files or the environment: templates have a
//! budget of steps and only the filters of this module.

use std::{borrow::Cow, fmt};

use minijinja::{Error, ErrorKind, UndefinedBehavior, Value, value::ValueKind};

use crate::scope::Scope;
use engine::Engine;
use plain::Plain;

pub(crate) use expression::Expression;
pub(crate) use language::Language;
pub(crate) use values::{Values, member};

mod address;
mod engine;
mod escape;
mod expression;
mod filters;
mod language;
mod marks;
mod plain;
mod values;

/// Where a template stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// The path of a request.
    Path,
    /// A query value, header, form field, JSON text or text body: encoded as a whole afterwards.
    RequestText,
    /// A text of a request that is percent-encoded already.
    Encoded,
    /// A text of a request in a language with a syntax of its own.
    Query(Language),
    /// A body of XML or HTML.
    Markup,
    /// A text of a record.
    RecordText,
    /// A link to a record or to the object that a workflow created.
    Link,
    /// The address of the CRM.
    Address,
}

impl Place {
    /// Whether it is part of what is sent.
    pub(crate) fn is_request(self) -> bool {
        !matches!(self, Self::RecordText | Self::Link)
    }

    /// Whether an absent value takes the whole text away.
    fn is_all_or_nothing(self) -> bool {
        matches!(
            self,
            Self::Path | Self::Encoded | Self::Query(_) | Self::Link | Self::Address
        )
    }

    /// Whether an absent value is a mistake of the description.
    fn is_strict(self, has_absences: bool) -> bool {
        self.is_request() && !has_absences
    }

    fn undefined(self, has_absences: bool) -> UndefinedBehavior {
        if self.is_strict(has_absences) {
            UndefinedBehavior::Strict
        } else {
            UndefinedBehavior::Chainable
        }
    }

    /// Refuses an absent value where it has to be there.
    fn check(self, value: &Value, has_absences: bool) -> Result<(), Error> {
        let must_be_there = self == Self::Link || has_absences && self.is_all_or_nothing();
        if must_be_there && is_absent(value) {
            return Err(ErrorKind::UndefinedError.into());
        }
        Ok(())
    }

    fn write(self, out: &mut dyn fmt::Write, value: &Value) -> Result<(), Error> {
        match self {
            Self::RequestText | Self::Markup if value.is_undefined() || value.is_none() => Ok(()),
            Self::RecordText if is_absent(value) => Ok(()),
            Self::Link if value.is_safe() => Ok(out.write_str(&text_of(value))?),
            Self::Path | Self::Encoded | Self::Link => {
                Ok(out.write_str(&escape::percent(&text_of(value)))?)
            }
            Self::RecordText => Ok(out.write_str(text_of(value).trim())?),
            Self::RequestText => Ok(out.write_str(&text_of(value))?),
            Self::Query(language) => language.write(out, value),
            Self::Markup => Ok(out.write_str(&escape::entities(&text_of(value)))?),
            Self::Address => Ok(marks::write(out, &text_of(value))?),
        }
    }

    /// Puts the marked values into a rendered text, for places where that depends on what stands
    /// around them.
    fn finish(self, text: String) -> Result<String, &'static str> {
        match self {
            Self::Query(language) => language.assemble(&text),
            Self::Address => address::assemble(&text),
            _ => Ok(text),
        }
    }
}

/// A template that was checked when the configuration was read.
pub(crate) struct Template {
    engine: Engine,
    /// The way around the engine, where there is one.
    plain: Option<Plain>,
    place: Place,
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
        let mut engine = Engine::compile(source, scope, setting)?;
        let has_absences = engine.has_absences;
        let environment = &mut engine.environment;
        environment.set_undefined_behavior(place.undefined(has_absences));
        environment.set_formatter(move |out, _, value| {
            place.check(value, has_absences)?;
            place.write(out, value)
        });
        let plain = Plain::read(source, place, &engine);
        Ok(Self {
            engine,
            plain,
            place,
        })
    }

    /// Stands in for a template with a problem, so that the other settings can be checked too.
    pub(crate) fn unusable(place: Place, setting: &str) -> Self {
        Self {
            engine: Engine::unusable(setting),
            plain: None,
            place,
        }
    }

    /// Whether it uses something that may be absent.
    pub(crate) fn has_absences(&self) -> bool {
        self.engine.has_absences
    }

    /// The text of the template for sample variables; none when it needs values that they lack.
    ///
    /// # Errors
    /// A sentence about what does not work whatever the values are. A record's template may fail
    /// for want of a real hit, so there only filters, tests and templates that do not exist count.
    pub(crate) fn try_out(&self, sample: &Value) -> Result<Option<String>, String> {
        let text = match self.engine.render(sample) {
            Ok(text) => text,
            Err(error) if self.is_absence(&error) => return Ok(None),
            Err(error) if self.place.is_request() || is_certain(&error) => {
                return Err(engine::explain(&error, true));
            }
            Err(_) => return Ok(None),
        };
        self.place.finish(text).map(Some).map_err(str::to_owned)
    }

    /// The text of the template for these variables.
    ///
    /// # Errors
    /// [`NoText`].
    pub(crate) fn render(&self, variables: &impl Values) -> Result<String, NoText> {
        let plain = self.plain.as_ref();
        let plain = plain.map(|plain| plain.render(self.place, self.has_absences(), variables));
        let text = match plain {
            Some(Ok(text)) => text,
            Some(Err(error)) if self.is_absence(&error) => return Err(NoText::Absent),
            _ => self.render_by_engine(variables)?,
        };
        let is_made_of_absences = self.place == Place::RequestText
            && self.has_absences()
            && !self.engine.is_constant()
            && text.trim().is_empty();
        if is_made_of_absences {
            return Err(NoText::Absent);
        }
        Ok(text)
    }

    fn render_by_engine(&self, variables: &impl Values) -> Result<String, NoText> {
        let broken = |reason: &str| NoText::Broken(format!("{}: {reason}", self.engine.setting));
        let rendered = self.engine.render(variables);
        let text = rendered.map_err(|error| {
            if self.is_absence(&error) {
                NoText::Absent
            } else {
                broken(&engine::explain(&error, false))
            }
        })?;
        self.place.finish(text).map_err(broken)
    }

    /// As [`render`](Self::render), for a part of a request that can be left out. A text in a query
    /// language cannot: without a filter, a CRM answers with everything.
    ///
    /// # Errors
    /// [`NoText::Broken`]; [`NoText::Absent`] in a query language.
    pub(crate) fn render_part(&self, variables: &impl Values) -> Result<Option<String>, NoText> {
        match self.render(variables) {
            Err(NoText::Absent) if !self.place.is_all_or_nothing() => Ok(None),
            rendered => rendered.map(Some),
        }
    }

    /// Whether its text is the same for all requests of an account.
    pub(crate) fn is_fixed(&self) -> bool {
        self.engine.uses_only("account")
    }

    /// Whether rendering failed because a value is absent that may be.
    fn is_absence(&self, error: &Error) -> bool {
        let may_be =
            self.place == Place::Link || self.has_absences() && self.place.is_all_or_nothing();
        may_be && error.kind() == ErrorKind::UndefinedError
    }

    /// Whether its text is an address, in which nothing may be tidied up.
    pub(crate) fn is_link(&self) -> bool {
        self.place == Place::Link
    }

    /// Whether the template uses this variable, or this member of one: `workflow.key`.
    pub(crate) fn uses(&self, variable: &str) -> bool {
        self.engine.uses(variable)
    }
}

/// Whether a template fails whatever the values are.
fn is_certain(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::UnknownFilter | ErrorKind::UnknownTest | ErrorKind::TemplateNotFound
    )
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

/// The text that a value is written as.
fn text_of(value: &Value) -> Cow<'_, str> {
    match value.kind() {
        ValueKind::String => value
            .as_str()
            .map_or_else(|| value.to_string().into(), Cow::from),
        _ => value.to_string().into(),
    }
}

#[cfg(test)]
mod tests;
