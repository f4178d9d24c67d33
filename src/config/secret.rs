//! Puts the credentials in place of the references to them.

use std::{
    fs::File,
    io::{self, Read as _},
    path::Path,
};

use serde_json::{Value, json};
use whocalls_core::Secret;

use super::{
    document::Document,
    env::Environment,
    nearest::ticked,
    path::{KeyPath, Step},
    report::Problem,
    validate::shape::is_enabled,
    view::View,
};

/// Stands for a secret that is not or cannot be read, so that later phases have something to check;
/// long enough to pass for any kind.
const PLACEHOLDER: &str = "placeholder-for-a-secret-not-read";

/// A credential is shorter than this; a larger file is the wrong one.
const MAX_FILE_BYTES: u64 = 65_536;

/// Where secrets come from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Vault<'v> {
    /// None: nothing is read and every secret is a placeholder.
    pub(super) environment: Option<&'v Environment>,
    /// The folder that relative paths start from.
    pub(super) base_dir: &'v Path,
}

/// The configuration with `{ value = … }` in place of every reference, except for adapters that are
/// not in use.
pub(super) fn resolve(
    document: &Document,
    schema: &Value,
    vault: Vault<'_>,
) -> (Value, Vec<Problem>) {
    let mut value = document.value.clone();
    let mut resolver = Resolver {
        document,
        vault,
        problems: Vec::new(),
    };
    let view = View::new(schema, Some(&document.value));
    resolver.walk(&mut value, &view, &KeyPath::default());
    (value, resolver.problems)
}

/// The secrets among the resolved `settings` of the adapter at `path`.
pub(super) fn all(
    schema: &Value,
    path: &KeyPath,
    document: &Document,
    settings: &Value,
) -> Vec<Secret> {
    let mut found = Vec::new();
    let view = View::at(schema, &document.value, &path.key("settings"));
    gather(settings, &view, &mut found);
    found
}

fn gather(value: &Value, view: &View<'_>, found: &mut Vec<Secret>) {
    if let (true, Some((_, content))) = (view.is_secret(), reference(value)) {
        found.push(Secret::new(content));
        return;
    }
    match value {
        Value::Object(table) => {
            for (key, value) in table {
                let child = view.child(&Step::Key(key.clone()), Some(value));
                gather(value, &child, found);
            }
        }
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                gather(value, &view.child(&Step::Index(index), Some(value)), found);
            }
        }
        _ => {}
    }
}

struct Resolver<'v> {
    document: &'v Document,
    vault: Vault<'v>,
    problems: Vec<Problem>,
}

impl Resolver<'_> {
    fn walk(&mut self, value: &mut Value, view: &View<'_>, path: &KeyPath) {
        if view.is_unknown() || self.is_unused_adapter(path) {
            return;
        }
        if let (true, Some((form, content))) = (view.is_secret(), reference(value)) {
            let secret = self.read(form, content).unwrap_or_else(|message| {
                let path = path.key(form);
                let place = self.document.place_of_value(&path);
                self.problems.push(Problem::error(message).at(path, place));
                PLACEHOLDER.to_owned()
            });
            *value = json!({ "value": secret });
            return;
        }
        match value {
            Value::Object(table) => {
                for (key, value) in table {
                    let child = view.child(&Step::Key(key.clone()), Some(value));
                    self.walk(value, &child, &path.key(key));
                }
            }
            Value::Array(items) => {
                for (index, value) in items.iter_mut().enumerate() {
                    let child = view.child(&Step::Index(index), Some(value));
                    self.walk(value, &child, &path.index(index));
                }
            }
            _ => {}
        }
    }

    fn is_unused_adapter(&self, path: &KeyPath) -> bool {
        match path.steps() {
            [Step::Key(adapters), Step::Key(id)] if adapters == "adapters" => {
                !is_enabled(&self.document.value, id)
            }
            _ => false,
        }
    }

    /// The credential, or what is wrong; the message names the variable or file and nothing of
    /// what is in it.
    fn read(&self, form: &str, content: &str) -> Result<String, String> {
        let Some(environment) = self.vault.environment else {
            return Ok(PLACEHOLDER.to_owned());
        };
        match form {
            "env" => from_variable(environment, content),
            "file" => from_file(self.vault.base_dir, content),
            _ => Ok(content.to_owned()),
        }
    }
}

/// The form and content of a secret reference.
fn reference(value: &Value) -> Option<(&'static str, &str)> {
    let table = value.as_object()?;
    let (key, content) = table.iter().next()?;
    let form = FORMS.into_iter().find(|form| form == key)?;
    (table.len() == 1).then_some((form, content.as_str()?))
}

/// The keys of a secret reference.
const FORMS: [&str; 3] = ["env", "file", "value"];

fn from_variable(environment: &Environment, name: &str) -> Result<String, String> {
    if !is_variable_name(name) {
        // Perhaps the credential itself, so it is not quoted.
        return Err("this is no name of an environment variable: letters, digits and _".to_owned());
    }
    let variable = ticked(name);
    match environment.get(name) {
        Some(Ok("")) => Err(format!("the environment variable {variable} is empty")),
        Some(Ok(text)) => Ok(text.to_owned()),
        Some(Err(_)) => Err(format!(
            "the environment variable {variable} is not UTF-8 text"
        )),
        None => Err(format!("the environment variable {variable} is not set")),
    }
}

/// Whether `name` can be the name of a variable (POSIX.1-2017, section 8.1, and what service
/// managers add).
pub(super) fn is_variable_name(name: &str) -> bool {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    !name.is_empty() && name.chars().all(is_allowed)
}

fn from_file(base_dir: &Path, name: &str) -> Result<String, String> {
    let path = base_dir.join(name);
    let shown = ticked(&path.display().to_string());
    let text = read_text(&path).map_err(|error| format!("cannot read {shown}: {error}"))?;
    if text.len() as u64 > MAX_FILE_BYTES {
        return Err(format!(
            "{shown} has more than {MAX_FILE_BYTES} bytes; this is no credential"
        ));
    }
    match text.trim_end() {
        "" => Err(format!("{shown} is empty")),
        secret => Ok(secret.to_owned()),
    }
}

fn read_text(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    File::open(path)?
        .take(MAX_FILE_BYTES + 1)
        .read_to_string(&mut text)?;
    Ok(text)
}
