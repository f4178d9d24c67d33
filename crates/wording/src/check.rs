//! Finds what is wrong with the templates of the configuration, before any call.
//!
//! Three passes, each over what the one before found right: the syntax; the names of variables,
//! which are known; and a rendering for sample calls of every kind, which shows filters that do not
//! exist and calculations with what a call may lack.

use std::collections::HashMap;

use minijinja::{Environment, Error, ErrorKind, Value};

use crate::{
    Templates, names,
    problem::{Part, TemplateProblem},
    samples::samples,
    templates,
    variables::Locale,
};

/// Adds the templates of the configuration to the environment, and tells what is wrong with them,
/// ordered by workflow.
pub(crate) fn add_checked(
    environment: &mut Environment<'static>,
    overrides: &HashMap<String, Templates>,
    locale: &Locale,
) -> Vec<TemplateProblem> {
    let mut own: Vec<Own<'_>> = overrides.iter().flat_map(Own::of_workflow).collect();
    own.sort_by_key(|template| (template.workflow, template.part));
    let unread: Vec<Option<TemplateProblem>> = own
        .iter()
        .map(|template| template.add_to(environment))
        .collect();
    own.iter()
        .zip(unread)
        .flat_map(|(template, unread)| match unread {
            Some(problem) => vec![problem],
            None => template.problems(environment, locale),
        })
        .collect()
}

/// A template of the configuration.
#[derive(Debug, Clone, Copy)]
struct Own<'a> {
    workflow: &'a str,
    part: Part,
    source: &'a str,
}

impl<'a> Own<'a> {
    fn of_workflow(
        (workflow, templates): (&'a String, &'a Templates),
    ) -> impl Iterator<Item = Self> {
        let parts = [
            (Part::Subject, &templates.subject),
            (Part::Text, &templates.text),
        ];
        parts.into_iter().filter_map(move |(part, source)| {
            Some(Self {
                workflow,
                part,
                source: source.as_deref()?,
            })
        })
    }

    fn name(&self) -> String {
        templates::name_of(self.workflow, self.part)
    }

    /// Compiles the template. Returns its syntax error, if it has one.
    fn add_to(&self, environment: &mut Environment<'static>) -> Option<TemplateProblem> {
        let added = environment.add_template_owned(self.name(), self.source.to_owned());
        added.err().map(|error| self.failure(&error))
    }

    fn problems(&self, environment: &Environment<'_>, locale: &Locale) -> Vec<TemplateProblem> {
        let samples = samples(locale, self.workflow);
        let names = self.names(environment);
        let mut problems: Vec<TemplateProblem> = samples
            .first()
            .map(|sample| self.unknown_names(environment, &names, sample))
            .unwrap_or_default();
        if problems.is_empty() {
            let uses_extra = names.iter().any(|name| names::is_extra(name));
            problems.extend(self.try_out(environment, &samples, uses_extra));
        }
        problems
    }

    fn unknown_names(
        &self,
        environment: &Environment<'_>,
        names: &[String],
        sample: &Value,
    ) -> Vec<TemplateProblem> {
        let is_function = |name: &str| environment.globals().any(|(global, _)| global == name);
        names
            .iter()
            .filter(|name| !is_function(name))
            .filter_map(|name| {
                let message = names::mistake(name, sample)?;
                Some(self.problem(names::first_line(name, self.source), message))
            })
            .collect()
    }

    /// The first failure among the samples, unless inputs that no sample has may be its cause.
    fn try_out(
        &self,
        environment: &Environment<'_>,
        samples: &[Value],
        uses_extra: bool,
    ) -> Option<TemplateProblem> {
        let name = self.name();
        samples
            .iter()
            .filter_map(|sample| templates::render(environment, &name, sample).err())
            .find(|error| !uses_extra || is_certain(error))
            .map(|error| self.failure(&error))
    }

    /// The variables that the template uses, with their parts (`caller.name`), sorted.
    fn names(&self, environment: &Environment<'_>) -> Vec<String> {
        let Ok(template) = environment.get_template(&self.name()) else {
            return Vec::new();
        };
        let mut names: Vec<String> = template.undeclared_variables(true).into_iter().collect();
        names.sort();
        names
    }

    /// What the template engine tells. The samples are invented, so its detail may be shown.
    fn failure(&self, error: &Error) -> TemplateProblem {
        self.problem(error.line(), explained(error))
    }

    fn problem(&self, line: Option<usize>, message: String) -> TemplateProblem {
        TemplateProblem {
            workflow: self.workflow.to_owned(),
            part: self.part,
            line,
            message,
        }
    }
}

/// A fault of this crate: its own templates are tested.
pub(crate) fn built_in_failure(error: &Error) -> TemplateProblem {
    TemplateProblem {
        workflow: "built-in".to_owned(),
        part: Part::Text,
        line: error.line(),
        message: explained(error),
    }
}

fn explained(error: &Error) -> String {
    let error = templates::cause(error);
    match error.detail() {
        Some(detail) => format!("{}: {detail}", error.kind()),
        None => error.kind().to_string(),
    }
}

/// Whether the template fails whatever the inputs are.
fn is_certain(error: &Error) -> bool {
    matches!(
        templates::cause(error).kind(),
        ErrorKind::UnknownFilter
            | ErrorKind::UnknownTest
            | ErrorKind::UnknownFunction
            | ErrorKind::TooManyArguments
            | ErrorKind::MissingArgument
            | ErrorKind::TemplateNotFound
            | ErrorKind::OutOfFuel
    )
}
