//! The environment of all templates: Jinja syntax, the template engine's own filters, bounded
//! effort, plain text.

use minijinja::{AutoEscape, Environment, Error, UndefinedBehavior, Value, syntax::SyntaxConfig};

use crate::{language::BuiltIn, plain::Page, problem::Part};

/// Steps that one rendering may take; a long template takes some hundred.
const FUEL: u64 = 20_000;
/// How deep templates may include each other, in the template engine's own measure: some ten
/// levels, so that one that includes itself ends early.
const RECURSION_LIMIT: usize = 100;

/// An environment with the built-in templates under the names `subject` and `text`, so that others
/// can include them.
///
/// # Errors
/// A built-in template has a syntax error.
pub(crate) fn environment(built_in: BuiltIn) -> Result<Environment<'static>, Error> {
    let mut environment = Environment::new();
    let mut syntax = SyntaxConfig::builder();
    environment.set_syntax(syntax.trim_blocks(true).lstrip_blocks(true).build()?);
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    environment.set_undefined_behavior(UndefinedBehavior::Chainable);
    environment.set_fuel(Some(FUEL));
    environment.set_recursion_limit(RECURSION_LIMIT);
    environment.set_formatter(|out, _, value: &Value| {
        if value.is_undefined() || value.is_none() {
            return Ok(());
        }
        Ok(std::fmt::Write::write_fmt(out, format_args!("{value}"))?)
    });
    environment.add_template(Part::Subject.as_str(), built_in.subject)?;
    environment.add_template(Part::Text.as_str(), built_in.text)?;
    Ok(environment)
}

/// The name of a workflow's own template; no built-in one has a slash.
pub(crate) fn name_of(workflow: &str, part: Part) -> String {
    format!("{workflow}/{part}")
}

/// What the template writes, cut behind the longest text.
pub(crate) fn render(
    environment: &Environment<'_>,
    name: &str,
    variables: &Value,
) -> Result<String, Error> {
    let mut page = Page::default();
    let template = environment.get_template(name)?;
    template.render_captured_to(variables.clone(), &mut page)?;
    Ok(page.into_text())
}

/// The error itself, or the one inside an included template that led to it.
pub(crate) fn cause(mut error: &Error) -> &Error {
    use std::error::Error as _;
    while let Some(source) = error.source().and_then(|source| source.downcast_ref()) {
        error = source;
    }
    error
}
