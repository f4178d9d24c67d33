//! Environment variables that override keys of the file.
//!
//! `WHOCALLS__ADAPTERS__SUGAR__TIMEOUT_MS` stands for `adapters.sugar.timeout_ms`: the keys in
//! capitals, every character that a variable's name cannot have as `_`, elements of arrays by
//! number. The names come from the schema and the file, so that a misspelt one is found.

use serde_json::{Value, json};

use super::{
    document::Document,
    env::{Environment, OVERRIDE_PREFIX},
    nearest::nearest,
    parse,
    path::{KeyPath, Step},
    report::{Place, Problem},
    view::View,
};

/// Puts the values of the variables into `document`.
pub(super) fn apply(
    document: &mut Document,
    schema: &Value,
    environment: &Environment,
) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (name, text) in environment.overrides() {
        // Anew for each variable: the one before may have changed the kind of an adapter.
        let targets = Target::all(&document.value, schema);
        let applied = text
            .map_err(|_| "the value is not UTF-8 text".to_owned())
            .and_then(|text| Ok((find(name, &targets)?, text)));
        match applied {
            Ok((target, text)) => target.set(document, text, name),
            Err(message) => problems.push(
                Problem::error(message).at(KeyPath::default(), Place::Variable(name.to_owned())),
            ),
        }
    }
    problems
}

fn find<'t>(name: &str, targets: &'t [Target]) -> Result<&'t Target, String> {
    let wanted = name.to_uppercase();
    let mut matches = targets.iter().filter(|target| target.name == wanted);
    match (matches.next(), matches.next()) {
        (Some(target), None) => Ok(target),
        (Some(one), Some(other)) => Err(format!(
            "this stands for {} as well as for {}; change the file instead",
            one.path, other.path
        )),
        (None, _) => {
            let names = targets.iter().map(|target| target.name.as_str());
            let hint = nearest(&wanted, names).map_or_else(
                || "; `whocalls schema` lists the keys".to_owned(),
                |name| format!("; did you mean {name}?"),
            );
            Err(format!("there is no key of this name{hint}"))
        }
    }
}

/// A key that a variable can override.
struct Target {
    /// The name of the variable.
    name: String,
    path: KeyPath,
    takes_only_text: bool,
    /// The key is one of the forms of a secret reference, which exclude each other.
    is_part_of_secret: bool,
}

impl Target {
    /// All keys that the file or the schema has.
    fn all(value: &Value, schema: &Value) -> Vec<Self> {
        let mut collector = Collector {
            targets: Vec::new(),
            ancestors: Vec::new(),
        };
        let view = View::new(schema, Some(value));
        collector.descend(&view, Some(value), &KeyPath::default(), OVERRIDE_PREFIX);
        collector.targets
    }

    fn set(&self, document: &mut Document, text: &str, variable: &str) {
        let literal = (!self.takes_only_text)
            .then(|| parse::parse_value(text))
            .flatten();
        let value = literal.unwrap_or_else(|| text.into());
        match (self.path.parent(), self.path.last_key()) {
            (Some(secret), Some(form)) if self.is_part_of_secret => {
                document.set(&secret, json!({ form: value }), variable);
            }
            _ => document.set(&self.path, value, variable),
        }
    }
}

struct Collector<'s> {
    targets: Vec<Target>,
    /// The views from the root to the present place, to notice a recursive schema.
    ancestors: Vec<View<'s>>,
}

impl<'s> Collector<'s> {
    fn descend(&mut self, view: &View<'s>, value: Option<&Value>, path: &KeyPath, prefix: &str) {
        if view.repeats(&self.ancestors) {
            return;
        }
        self.ancestors.push(view.clone());
        for step in steps(view, value) {
            let value = value.and_then(|value| match &step {
                Step::Key(key) => value.get(key),
                Step::Index(index) => value.get(index),
            });
            let child = view.child(&step, value);
            let name = format!("{prefix}{}", segment(&step));
            let path = path.then(step);
            self.descend(&child, value, &path, &format!("{name}__"));
            self.targets.push(Target {
                name,
                path,
                takes_only_text: child.takes_only_text(),
                is_part_of_secret: view.is_secret(),
            });
        }
        self.ancestors.pop();
    }
}

/// The keys and elements below a place: those that the schema lists, and those that exist where it
/// lets the user choose.
fn steps(view: &View<'_>, value: Option<&Value>) -> Vec<Step> {
    if let Some(Value::Array(items)) = value {
        return (0..items.len()).map(Step::Index).collect();
    }
    let listed = view.keys();
    let existing = value.and_then(Value::as_object).into_iter().flatten();
    let chosen = existing
        .filter(|(key, _)| !listed.contains(&key.as_str()))
        .map(|(key, value)| (Step::Key(key.clone()), value))
        .filter(|(step, value)| !view.child(step, Some(value)).is_unknown())
        .map(|(step, _)| step);
    let chosen: Vec<Step> = chosen.collect();
    let listed = listed.into_iter().map(|key| Step::Key(key.to_owned()));
    listed.chain(chosen).collect()
}

fn segment(step: &Step) -> String {
    match step {
        Step::Index(index) => index.to_string(),
        Step::Key(key) => key
            .chars()
            .map(|c| {
                if c.is_ascii_alphanumeric() {
                    c.to_ascii_uppercase()
                } else {
                    '_'
                }
            })
            .collect(),
    }
}
