//! Subject and text of what a workflow makes in a CRM: a logged call, a ticket, a case.
//!
//! [`Wording`] is compiled once from the language, the time zone, the numbering plan and the
//! templates of the configuration; then it words calls. It does no I/O and cannot fail: where a
//! template of the configuration does, the built-in one stands in.
//!
//! | module | holds |
//! |---|---|
//! | `language` | the languages: built-in templates, dates, durations |
//! | `course` | how a call went |
//! | `variables` | what templates know of a call |
//! | `templates` | the environment that templates run in |
//! | `check`, `names`, `samples`, `problem` | what is wrong with the templates of the configuration |
//! | `plain` | one-line and bounded texts |
//!
//! `README.md` describes templates and variables. Escaping for a CRM is left to its adapter.

mod check;
mod course;
mod language;
mod names;
mod plain;
mod problem;
mod samples;
mod templates;
mod variables;

use std::{collections::HashMap, fmt};

use jiff::tz::TimeZone;
use minijinja::{Environment, Value};
use serde_json::{Map, Value as Json};
use whocalls_core::{CallDetails, NumberPlan};

use plain::{MAX_SUBJECT_CHARS, MAX_TEXT_CHARS, lines, one_line};
use variables::Locale;

pub use language::Language;
pub use problem::{Part, TemplateProblem};

/// Templates that replace the built-in ones for one workflow.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Templates {
    /// The title; the built-in one when absent.
    pub subject: Option<String>,
    /// The body; the built-in one when absent.
    pub text: Option<String>,
}

/// Title and body of an object in a CRM, in plain text.
#[derive(Clone, PartialEq, Eq)]
pub struct Words {
    /// One line of 1 to 200 characters.
    pub subject: String,
    /// Lines of up to 10 000 characters together.
    pub text: String,
}

/// Names and numbers are personal data: only the lengths are shown.
impl fmt::Debug for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Words")
            .field("subject_bytes", &self.subject.len())
            .field("text_bytes", &self.text.len())
            .finish()
    }
}

/// The compiled templates of a configuration.
///
/// ```
/// use std::collections::HashMap;
/// use jiff::tz::TimeZone;
/// use whocalls_core::{CallDetails, NumberPlan};
/// use whocalls_wording::{Language, Templates, Wording};
///
/// let own = Templates {
///     subject: Some("Rückruf: {{ remote }}".to_owned()),
///     text: None,
/// };
/// let wording = Wording::new(
///     Language::De,
///     TimeZone::get("Europe/Zurich")?,
///     NumberPlan::new("CH")?,
///     &HashMap::from([("CallBack".to_owned(), own)]),
/// )
/// .map_err(|problems| problems[0].clone())?;
///
/// let call = CallDetails {
///     originator_number: Some("41791234567".to_owned()),
///     ..CallDetails::default()
/// };
/// let words = wording.words("CallBack", &call, &serde_json::Map::new());
/// assert_eq!(words.subject, "Rückruf: +41 79 123 45 67");
/// assert_eq!(words.text, "Anruf\nVon: +41 79 123 45 67");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Wording {
    environment: Environment<'static>,
    locale: Locale,
}

impl Wording {
    /// Compiles the built-in templates of `language` and those of the configuration, by workflow.
    ///
    /// # Errors
    /// Everything that is wrong with the templates, ordered by workflow.
    pub fn new(
        language: Language,
        time_zone: TimeZone,
        plan: NumberPlan,
        overrides: &HashMap<String, Templates>,
    ) -> Result<Self, Vec<TemplateProblem>> {
        let locale = Locale {
            language,
            time_zone,
            plan,
        };
        let mut environment = templates::environment(language.built_in())
            .map_err(|error| vec![check::built_in_failure(&error)])?;
        let problems = check::add_checked(&mut environment, overrides, &locale);
        if problems.is_empty() {
            Ok(Self {
                environment,
                locale,
            })
        } else {
            Err(problems)
        }
    }

    /// Title and body for a call. `workflow` may have any name; `extra` are the inputs that this
    /// version does not know.
    ///
    /// A template of the configuration that fails for this call, or writes a blank subject, gives
    /// way to the built-in one; the log says which it was, but not what was in the call.
    pub fn words(&self, workflow: &str, call: &CallDetails, extra: &Map<String, Json>) -> Words {
        let variables = self.locale.variables(workflow, call, extra);
        let subject = [
            self.own(workflow, Part::Subject, &variables),
            self.built_in(Part::Subject, &variables),
        ]
        .into_iter()
        .flatten()
        .map(|subject| one_line(&subject, MAX_SUBJECT_CHARS))
        .find(|subject| !subject.is_empty())
        .unwrap_or_else(|| self.locale.language.any_call().to_owned());
        let text = self
            .own(workflow, Part::Text, &variables)
            .or_else(|| self.built_in(Part::Text, &variables))
            .unwrap_or_default();
        Words {
            subject,
            text: lines(&text, MAX_TEXT_CHARS),
        }
    }

    /// What the workflow's own template writes; `None` when there is none, and when it fails.
    fn own(&self, workflow: &str, part: Part, variables: &Value) -> Option<String> {
        let name = templates::name_of(workflow, part);
        self.environment.get_template(&name).ok()?;
        templates::render(&self.environment, &name, variables)
            .inspect_err(|error| {
                let kind = templates::cause(error).kind();
                // The detail of the error may quote the call.
                tracing::warn!(
                    workflow,
                    template = part.as_str(),
                    line = error.line(),
                    "the template failed ({kind}); the built-in one is used"
                );
            })
            .ok()
    }

    fn built_in(&self, part: Part, variables: &Value) -> Option<String> {
        templates::render(&self.environment, part.as_str(), variables).ok()
    }
}

impl fmt::Debug for Wording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut templates: Vec<&str> = self.environment.templates().map(|(name, _)| name).collect();
        templates.sort_unstable();
        f.debug_struct("Wording")
            .field("language", &self.locale.language)
            .field("time_zone", &self.locale.time_zone.iana_name())
            .field("templates", &templates)
            .finish_non_exhaustive()
    }
}
