//! A piece of template source, parsed once, with its budget and its filters.

use std::fmt::Write as _;

use minijinja::{Environment, Error, ErrorKind, Value};

use super::{filters, values::Values};
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
    /// Whether a name can mean something else in one part of it than in another.
    pub(super) has_assignments: bool,
}

impl Engine {
    /// Parses the source and checks that what it uses exists in `scope`.
    ///
    /// # Errors
    /// A sentence about its syntax or about a variable that does not exist there.
    pub(super) fn compile(source: &str, scope: &Scope, setting: &str) -> Result<Self, String> {
        // It would let values pass for escaped that are not.
        if tags(source).any(|tag| tag.starts_with("autoescape")) {
            return Err("every place escapes by itself; do without `autoescape`".to_owned());
        }
        let mut engine = Self::unusable(setting);
        engine.has_assignments = tags(source).any(|tag| !is_condition(tag));
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
            has_assignments: false,
        }
    }

    pub(super) fn render(&self, variables: &impl Values) -> Result<String, Error> {
        let template = self.environment.get_template(NAME)?;
        template.render(variables.all(self.used()))
    }

    /// The value of the variable `name` at the end of the template.
    pub(super) fn value_of(&self, name: &str, variables: &impl Values) -> Result<Value, Error> {
        let template = self.environment.get_template(NAME)?;
        let captured = template.render_captured(variables.all(self.used()))?;
        Ok(captured.state().lookup(name).unwrap_or_default())
    }

    /// What it uses of variables, as far as that is known.
    fn used(&self) -> Option<&[String]> {
        (!self.has_assignments).then_some(&self.members)
    }

    /// What it uses, with members, sorted: `call.direction`.
    pub(super) fn members(&self) -> &[String] {
        &self.members
    }

    /// Whether it yields the same whatever the values are.
    pub(super) fn is_constant(&self) -> bool {
        self.variables.is_empty()
    }

    /// Whether it uses no other variable than this one.
    pub(super) fn uses_only(&self, variable: &str) -> bool {
        self.variables.iter().all(|name| name == variable)
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

/// The tags of a template: `if hit.id %}…`.
fn tags(source: &str) -> impl Iterator<Item = &str> {
    let tags = source.split("{%").skip(1);
    tags.map(|tag| tag.trim_start_matches(['-', '+', ' ', '\t', '\r', '\n']))
}

fn is_condition(tag: &str) -> bool {
    let mut conditions = ["if", "elif", "else", "endif"].iter();
    conditions.any(|condition| tag.starts_with(condition))
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
