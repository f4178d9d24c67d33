//! A piece of template source, parsed once, with its budget and its filters.

use std::fmt::Write as _;

use minijinja::{Environment, Error, ErrorKind, Value};

use super::filters;
use crate::scope::Scope;

/// Steps that one rendering may take; a long template takes some hundred.
const FUEL: u64 = 20_000;
/// The name of the only template in each environment.
const NAME: &str = "template";

/// A parsed template, and what is known of it.
pub(super) struct Engine {
    pub(super) environment: Box<Environment<'static>>,
    /// The path of its setting.
    pub(super) setting: String,
    /// Whether it uses something that may be absent.
    pub(super) has_absences: bool,
    /// The variables that it uses: `call`.
    variables: Vec<String>,
    /// The same with their members: `call.direction`.
    members: Vec<String>,
}

impl Engine {
    /// Parses the source and checks that what it uses exists in `scope`.
    ///
    /// # Errors
    /// A sentence about its syntax or about a variable that does not exist there.
    pub(super) fn compile(source: &str, scope: &Scope, setting: &str) -> Result<Self, String> {
        // It would let values pass for escaped that are not.
        let is_autoescape = |tag: &str| {
            tag.trim_start_matches(['-', '+', ' ', '\t', '\r', '\n'])
                .starts_with("autoescape")
        };
        if source.split("{%").skip(1).any(is_autoescape) {
            return Err("every place escapes by itself; do without `autoescape`".to_owned());
        }
        let mut engine = Self::unusable(setting);
        engine
            .environment
            .add_template_owned(NAME, source.to_owned())
            .map_err(|error| explain(&error, true))?;
        engine.variables = engine.names(false);
        engine.members = engine.names(true);
        for name in &engine.variables {
            scope.check_variable(name)?;
        }
        for name in &engine.members {
            scope.check_member(name)?;
        }
        engine.has_absences = engine.members.iter().any(|name| scope.may_be_absent(name));
        Ok(engine)
    }

    /// Without a template.
    pub(super) fn unusable(setting: &str) -> Self {
        let mut environment = Environment::empty();
        environment.set_fuel(Some(FUEL));
        filters::add_to(&mut environment);
        Self {
            environment: Box::new(environment),
            setting: setting.to_owned(),
            has_absences: false,
            variables: Vec::new(),
            members: Vec::new(),
        }
    }

    pub(super) fn render(&self, variables: &Value) -> Result<String, Error> {
        self.environment
            .get_template(NAME)?
            .render(variables.clone())
    }

    /// The value of the variable `name` at the end of the template.
    pub(super) fn value_of(&self, name: &str, variables: &Value) -> Result<Value, Error> {
        let template = self.environment.get_template(NAME)?;
        let captured = template.render_captured(variables.clone())?;
        Ok(captured.state().lookup(name).unwrap_or_default())
    }

    /// Whether it yields the same whatever the values are.
    pub(super) fn is_constant(&self) -> bool {
        self.variables.is_empty()
    }

    /// Whether it uses this variable, or this member of one: `workflow.key`.
    pub(super) fn uses(&self, variable: &str) -> bool {
        let names = if variable.contains('.') {
            &self.members
        } else {
            &self.variables
        };
        // A member of a member is a use of the member, too.
        let is_it = |name: &String| {
            let rest = name.strip_prefix(variable);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        names.iter().any(is_it)
    }

    /// The variables that it uses, sorted; `nested` ones with their members.
    fn names(&self, nested: bool) -> Vec<String> {
        let Ok(template) = self.environment.get_template(NAME) else {
            return Vec::new();
        };
        let mut names: Vec<String> = template.undeclared_variables(nested).into_iter().collect();
        names.sort();
        names
    }
}

/// What is wrong and in which line. The detail of a run-time error may quote values, so only
/// errors of the template's text show it.
pub(super) fn explain(error: &Error, with_detail: bool) -> String {
    let mut text = format!("the template does not work: {}", error.kind());
    if let Some(detail) = error.detail().filter(|_| with_detail) {
        text.push_str(": ");
        text.push_str(detail);
    }
    if let Some(line) = error.line() {
        let _infallible = write!(text, " (line {line})");
    }
    match error.kind() {
        ErrorKind::UnknownFilter => {
            text.push_str("; there are ");
            text.push_str(&filters::names());
        }
        ErrorKind::UnknownTest => text.push_str("; there is `defined`"),
        _ => {}
    }
    text
}
