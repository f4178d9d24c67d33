//! What differs from one account of a CRM to the next: the variable `account` of templates.

use std::{collections::BTreeMap, fmt};

use indexmap::IndexMap;
use minijinja::Value;

use crate::{
    compile::Problems,
    config::{AccountValue, ParameterSettings},
};

/// What stands for a secret when templates are tried out: their errors may quote values.
const SAMPLE_SECRET: &str = "secret";

/// The values of the account. `Debug` shows their names only.
#[derive(Default)]
pub(crate) struct Account {
    entries: BTreeMap<String, Entry>,
    all: Value,
    public: Value,
}

/// One value of the account.
enum Entry {
    Public(Value),
    Secret(Value),
    /// A parameter that may be left out, and is.
    Absent,
}

impl Account {
    /// Compares what is given under `account` with what the `parameters` ask for. A description
    /// without parameters takes any values.
    pub(crate) fn compile(
        parameters: &IndexMap<String, ParameterSettings>,
        given: &IndexMap<String, AccountValue>,
        problems: &mut Problems,
    ) -> Self {
        let mut entries = BTreeMap::new();
        for (name, parameter) in parameters {
            let path = format!("parameters.{name}");
            check_name(name, &path, problems);
            if parameter.secret && parameter.default.is_some() {
                problems.add(&format!("{path}.default"), "a secret has no default");
            }
            let entry = match given.get(name) {
                Some(value) => Entry::given(value, name, parameter.secret, problems),
                None => Entry::left_out(name, parameter, problems),
            };
            entries.insert(name.clone(), entry);
        }
        for (name, value) in given {
            if parameters.contains_key(name) {
                continue;
            }
            let path = format!("account.{name}");
            if parameters.is_empty() {
                check_name(name, &path, problems);
                let entry = Entry::given(value, name, false, problems);
                entries.insert(name.clone(), entry);
            } else {
                problems.add(&path, unknown(name, parameters));
            }
        }
        Self::new(entries)
    }

    fn new(entries: BTreeMap<String, Entry>) -> Self {
        let values = |with_secrets: bool| -> Value {
            let present = entries.iter().filter_map(|(name, entry)| match entry {
                Entry::Public(value) => Some((name.clone(), value.clone())),
                Entry::Secret(value) if with_secrets => Some((name.clone(), value.clone())),
                Entry::Secret(_) | Entry::Absent => None,
            });
            present.collect::<BTreeMap<_, _>>().into()
        };
        Self {
            all: values(true),
            public: values(false),
            entries,
        }
    }

    /// The variable `account` of requests and credentials.
    pub(crate) fn all(&self) -> &Value {
        &self.all
    }

    /// The variable `account` of what people see: without the secrets.
    pub(crate) fn public(&self) -> &Value {
        &self.public
    }

    /// The variable to try templates out with: it has every name, and no secret.
    pub(crate) fn sample(&self) -> Value {
        let present = self.entries.iter().filter_map(|(name, entry)| {
            let value = match entry {
                Entry::Public(value) => value.clone(),
                Entry::Secret(_) => SAMPLE_SECRET.into(),
                Entry::Absent => return None,
            };
            Some((name.clone(), value))
        });
        present.collect::<BTreeMap<_, _>>().into()
    }

    /// The names of the values that people may see.
    pub(crate) fn public_names(&self) -> Vec<String> {
        self.names(|entry| !matches!(entry, Entry::Secret(_)))
    }

    /// The names of the values that nobody may see.
    pub(crate) fn secret_names(&self) -> Vec<String> {
        self.names(|entry| matches!(entry, Entry::Secret(_)))
    }

    /// The names of the values that were left out.
    pub(crate) fn absent_names(&self) -> Vec<String> {
        self.names(|entry| matches!(entry, Entry::Absent))
    }

    fn names(&self, is_wanted: impl Fn(&Entry) -> bool) -> Vec<String> {
        let wanted = self.entries.iter().filter(|(_, entry)| is_wanted(entry));
        wanted.map(|(name, _)| name.clone()).collect()
    }
}

impl Entry {
    fn given(value: &AccountValue, name: &str, is_secret: bool, problems: &mut Problems) -> Self {
        let path = format!("account.{name}");
        let text = match value {
            AccountValue::Text(text) => text.trim().to_owned(),
            AccountValue::Number(number) => number.to_string(),
            AccountValue::Secret(secret) => secret.expose().to_owned(),
        };
        if text.trim().is_empty() {
            problems.add(&path, "the value is empty");
        }
        match value {
            AccountValue::Secret(_) => Self::Secret(text.into()),
            _ if is_secret => {
                problems.add(
                    &path,
                    "a secret is given by reference, for example { env = \"CRM_TOKEN\" }",
                );
                Self::Secret(Value::UNDEFINED)
            }
            _ => Self::Public(text.into()),
        }
    }

    fn left_out(name: &str, parameter: &ParameterSettings, problems: &mut Problems) -> Self {
        if let Some(default) = &parameter.default {
            return Self::Public(default.clone().into());
        }
        if parameter.optional {
            return Self::Absent;
        }
        let mut message = "this value is needed".to_owned();
        if !parameter.description.is_empty() {
            message.push_str(": ");
            message.push_str(&parameter.description);
        }
        if let Some(example) = &parameter.example {
            message.push_str("; for example `");
            message.push_str(example);
            message.push('`');
        }
        problems.add(&format!("account.{name}"), message);
        // Something to try the templates out with.
        Self::Public(parameter.example.as_deref().unwrap_or("x").into())
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.entries.keys()).finish()
    }
}

/// Templates must be able to write it as `account.<name>`.
fn check_name(name: &str, path: &str, problems: &mut Problems) {
    let mut chars = name.chars();
    let begins = chars
        .next()
        .is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
    if !begins || !chars.all(|c| c.is_ascii_alphanumeric() || c == '_') {
        problems.add(
            path,
            "a name consists of letters, digits and `_`, and begins with no digit",
        );
    }
}

fn unknown(name: &str, parameters: &IndexMap<String, ParameterSettings>) -> String {
    /// Letters that may differ in a slip of the finger: a third of them.
    const PART: usize = 3;
    let allowed = (name.chars().count() / PART).max(1);
    let distance = |known: &str| strsim::osa_distance(&name.to_lowercase(), &known.to_lowercase());
    let nearest = parameters
        .keys()
        .map(|known| (distance(known), known))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance);
    if let Some((_, known)) = nearest {
        return format!("the description has no such parameter; did you mean `{known}`?");
    }
    let known: Vec<String> = parameters.keys().map(|name| format!("`{name}`")).collect();
    let known = known.join(", ");
    format!("the description has no such parameter; it has {known}")
}

#[cfg(test)]
mod tests;
