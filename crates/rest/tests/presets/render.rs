//! Templates and expressions of fixtures.

use std::sync::LazyLock;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value};

static TEXT: LazyLock<Environment<'static>> = LazyLock::new(|| environment(&AutoEscape::None));
static JSON: LazyLock<Environment<'static>> = LazyLock::new(|| environment(&AutoEscape::Json));

fn environment(escape: &AutoEscape) -> Environment<'static> {
    let escape = escape.clone();
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(move |_| escape.clone());
    environment.add_filter("base64", |text: String| BASE64_STANDARD.encode(text));
    environment
}

/// A text as it stands there.
pub(crate) fn text(template: &str, variables: &Value) -> String {
    render(&TEXT, template, variables)
}

/// A text in which every value becomes JSON.
pub(crate) fn json(template: &str, variables: &Value) -> String {
    render(&JSON, template, variables)
}

fn render(environment: &Environment<'_>, template: &str, variables: &Value) -> String {
    environment
        .render_str(template, variables)
        .unwrap_or_else(|error| panic!("{template}: {error:#}"))
}

/// What an expression yields, as text.
pub(crate) fn expression(source: &str, variables: &Value) -> String {
    let value = TEXT
        .compile_expression(source)
        .and_then(|expression| expression.eval(variables))
        .unwrap_or_else(|error| panic!("{source}: {error:#}"));
    value.to_string()
}
