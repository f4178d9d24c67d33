//! Checks a document against the JSON Schema and keeps the part that fits.

use jsonschema::Draft;
use serde_json::{Value, json};

use super::sentence::{self, Finding};
use crate::config::{
    document::Document,
    formats::FORMATS,
    path::{KeyPath, Step},
    report::Problem,
};

/// The result of checking a document against the schema.
#[derive(Debug, Default)]
pub(in crate::config) struct Shape {
    pub(in crate::config) problems: Vec<Problem>,
    broken: Vec<KeyPath>,
    is_damaged: bool,
}

impl Shape {
    /// Whether all that the file says at and below `path` is known and fits. Only then does a check
    /// of several keys, or of one that is absent, find a mistake of the user and no mere
    /// consequence of another one.
    pub(in crate::config) fn is_sound(&self, path: &KeyPath) -> bool {
        !self.is_damaged && !self.is_broken(path)
    }

    /// Whether something at or below `path` does not fit.
    pub(in crate::config) fn is_broken(&self, path: &KeyPath) -> bool {
        self.broken
            .iter()
            .any(|broken| broken.is_within(path) || path.is_within(broken))
    }

    /// `value` without its broken parts, so that the rest can be read into types. An array with a
    /// broken element goes as a whole, since the others would change places.
    pub(in crate::config) fn sound_part(&self, value: &Value) -> Value {
        let mut value = value.clone();
        for path in &self.broken {
            let first_index = path
                .steps()
                .iter()
                .position(|step| matches!(step, Step::Index(_)))
                .unwrap_or(path.steps().len());
            remove(
                &mut value,
                path.steps().get(..first_index).unwrap_or_default(),
            );
        }
        value
    }
}

fn remove(value: &mut Value, steps: &[Step]) {
    match steps {
        [] => *value = json!({}),
        [Step::Key(key)] => {
            if let Some(table) = value.as_object_mut() {
                table.shift_remove(key);
            }
        }
        [Step::Key(key), rest @ ..] => {
            if let Some(next) = value.get_mut(key) {
                remove(next, rest);
            }
        }
        [Step::Index(_), ..] => {}
    }
}

/// Finds every violation of `schema`.
pub(in crate::config) fn check(document: &Document, schema: &Value) -> Shape {
    let mut shape = Shape {
        is_damaged: document.is_damaged,
        broken: document.incomplete.clone(),
        ..Shape::default()
    };
    let validator = match options().build(schema) {
        Ok(validator) => validator,
        Err(error) => {
            shape.broken.push(KeyPath::default());
            shape.problems.push(Problem::error(format!(
                "the schema of this build is not valid, please report this: {}",
                error.masked()
            )));
            return shape;
        }
    };
    let errors = validator.iter_errors(&document.value);
    let findings: Vec<Finding> = errors
        .flat_map(|error| sentence::explain(&error, schema, &document.value))
        .collect();
    for finding in &findings {
        // Who writes a key wrong need not be told that the right one is missing.
        let is_misspelt = finding.is_missing
            && findings
                .iter()
                .any(|other| other.meant.as_ref() == Some(&finding.path));
        shape.add(finding, is_misspelt, document);
    }
    // Without its broken parts a table may lack a key that it needs, and is then broken as well.
    for _ in 0..MAX_ROUNDS {
        let value = shape.sound_part(&document.value);
        let errors = validator.iter_errors(&value);
        let broken: Vec<KeyPath> = errors
            .flat_map(|error| sentence::explain(&error, schema, &value))
            .filter(|finding| !is_forgivable(finding, &document.value))
            .map(|finding| finding.broken())
            .collect();
        if broken.is_empty() {
            break;
        }
        shape.broken.extend(broken);
    }
    shape
}

/// How deep tables with required keys are nested in each other at most.
const MAX_ROUNDS: usize = 8;

fn options() -> jsonschema::ValidationOptions<'static> {
    let options = jsonschema::options()
        .with_draft(Draft::Draft202012)
        .should_validate_formats(true);
    FORMATS.iter().fold(options, |options, format| {
        options.with_format(format.name, format.holds)
    })
}

impl Shape {
    fn add(&mut self, finding: &Finding, is_misspelt: bool, document: &Document) {
        if is_forgivable(finding, &document.value) {
            return;
        }
        self.broken.push(finding.broken());
        // A key that is missing from a damaged file may be in the part that could not be read.
        let is_uncertain = finding.is_missing && document.is_incomplete(&finding.path);
        if !is_misspelt && !is_uncertain {
            let place = if finding.is_about_key {
                document.place_of_key(&finding.path)
            } else {
                document.place_of_value(&finding.path)
            };
            let problem = Problem::error(finding.message.clone());
            self.problems.push(problem.at(finding.path.clone(), place));
        }
    }
}

/// The settings of an adapter that is not in use may be incomplete.
fn is_forgivable(finding: &Finding, root: &Value) -> bool {
    let [Step::Key(adapters), Step::Key(id), Step::Key(settings), ..] = finding.path.steps() else {
        return false;
    };
    finding.is_missing && adapters == "adapters" && settings == "settings" && !is_enabled(root, id)
}

/// Whether the adapter `id` is in use, as far as the untyped configuration tells.
pub(in crate::config) fn is_enabled(root: &Value, id: &str) -> bool {
    KeyPath::of(["adapters", id, "enabled"]).find(root) != Some(&Value::Bool(false))
}
