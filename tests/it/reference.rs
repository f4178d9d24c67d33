//! `docs/configuration.md` is made from the JSON Schema, so that it cannot say anything else.

use std::{fmt::Write as _, fs, path::Path};

use serde_json::Value;
use whocalls::{compose, config::json_schema};

/// Shared by several kinds, and explained once in the introduction.
const INTRODUCED: [&str; 1] = ["Secret"];

const HEAD: &str = "# Configuration reference

Made from the JSON Schema that every start enforces and that `whocalls schema` prints for editors; a
test keeps the two the same. The shipped [`adapters.toml`](../adapters.toml) shows the keys at work.

- A key without default is required. Unknown keys are errors.
- A secret is a reference: `{ env = \"NAME\" }`, `{ file = \"path\" }` or `{ value = \"text\" }`.
- Relative paths start at the folder of the configuration file.
- Any key can be set from outside: `WHOCALLS__GATEWAY__LISTEN=0.0.0.0:8080` sets `listen` of
  `[gateway]`, `WHOCALLS__ADAPTERS__SUGAR__TIMEOUT_MS=900` sets `timeout_ms` of the adapter `sugar`.
- The settings of an adapter have layers, each of which wins over the one before: the built-in
  defaults, the `preset`, the file that `settings.file` names, `settings`, the environment. Tables are mixed key by key; lists and secrets are replaced, and so is a choice, such
  as a credential of another `kind`. The file and a preset have the same form: the table `settings`,
  and optionally `title`, `documentation` and `protection`, which has defaults for the adapter's own
  `timeout_ms`, `late_answer_ms`, `max_concurrent`, `max_background`, `requests_per_second`,
  `attempt_timeout_ms`, `hedge_after_ms`, `retry` and `breaker`. `whocalls kinds` lists the presets and
  what they ask for under `settings.account`; `whocalls kinds --preset NAME` prints one, to be copied
  and changed.
- `SIGHUP` or a changed file reloads. A file with errors leaves the running configuration untouched.
";

struct Reference<'a> {
    schema: &'a Value,
    text: String,
}

impl<'a> Reference<'a> {
    fn definition(&self, reference: &str) -> Option<&'a Value> {
        self.schema.pointer(reference.strip_prefix('#')?)
    }

    /// The schema behind a possible `$ref`, with its name.
    fn resolve(&self, part: &'a Value) -> (Option<&'a str>, &'a Value) {
        match part["$ref"].as_str() {
            Some(reference) => {
                let name = reference.rsplit('/').next();
                (name, self.definition(reference).unwrap_or(part))
            }
            None => (None, part),
        }
    }

    fn table(&mut self, title: &str, part: &'a Value) {
        let (_, part) = self.resolve(part);
        let Some(keys) = part["properties"].as_object() else {
            return;
        };
        writeln!(self.text, "\n## `{title}`\n").unwrap();
        if let Some(description) = part["description"].as_str() {
            writeln!(self.text, "{}\n", one_line(description)).unwrap();
        }
        writeln!(
            self.text,
            "| key | type | default | meaning |\n|---|---|---|---|"
        )
        .unwrap();
        let mut inner = Vec::new();
        for (key, value) in keys {
            let (name, target) = self.resolve(value);
            let short = name.map(|name| name.rsplit('.').next().unwrap_or(name));
            let is_secret = short.is_some_and(|name| INTRODUCED.contains(&name));
            let shown = if is_secret {
                "secret".to_owned()
            } else {
                type_of(target)
            };
            let description = value["description"]
                .as_str()
                .or(target["description"].as_str());
            writeln!(
                self.text,
                "| `{key}` | {shown} | {} | {} |",
                default_of(part, key, value),
                one_line(description.unwrap_or_default())
            )
            .unwrap();
            if !is_secret && target["properties"].is_object() {
                inner.push((format!("{title}.{key}"), value));
            }
        }
        for (title, value) in inner {
            self.table(&title, value);
        }
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .replace('|', "\\|")
}

fn type_of(part: &Value) -> String {
    let choices = |values: &[Value]| {
        let shown: Vec<String> = values.iter().map(|value| format!("`{value}`")).collect();
        shown.join(", ")
    };
    if let Some(values) = part["enum"].as_array() {
        return choices(values);
    }
    let constants = |key: &str| -> Option<Vec<Value>> {
        part[key]
            .as_array()?
            .iter()
            .map(|one| one.get("const").cloned())
            .collect()
    };
    if let Some(values) = constants("oneOf") {
        return choices(&values);
    }
    let name = part["type"].as_str().unwrap_or("one of several");
    let range = match (part["minimum"].as_i64(), part["maximum"].as_i64()) {
        (Some(low), Some(high)) => format!(" {low} to {high}"),
        (Some(low), None) => format!(" from {low}"),
        _ => String::new(),
    };
    let name = match name {
        "object" => "table",
        "array" => "list",
        "integer" => "number",
        other => other,
    };
    format!("{name}{range}")
}

fn default_of(table: &Value, key: &str, value: &Value) -> String {
    let is_required = table["required"]
        .as_array()
        .is_some_and(|keys| keys.contains(&key.into()));
    match value.get("default") {
        Some(Value::Object(_)) => String::new(),
        Some(default) => format!("`{default}`"),
        None if is_required => "required".to_owned(),
        None => "none".to_owned(),
    }
}

fn render(schema: &Value) -> String {
    let mut reference = Reference {
        schema,
        text: HEAD.to_owned(),
    };
    let top = schema["properties"].as_object().unwrap();
    for (key, part) in top {
        match (key.as_str(), &part["additionalProperties"]) {
            ("adapters", entries) => reference.table("adapters.<id>", entries),
            ("workflows", entries) => reference.table("workflows.<name>", entries),
            ("users", _) => {
                let description = one_line(part["description"].as_str().unwrap());
                writeln!(reference.text, "\n## `users`\n\n{description}").unwrap();
            }
            _ => reference.table(key, part),
        }
        if key == "gateway" {
            let tokens = &schema["$defs"]["Token"];
            reference.table("gateway.tokens (any number)", tokens);
        }
    }
    for factory in compose::registry() {
        let title = format!("adapters.<id>.settings, kind {}", factory.kind);
        let part = &schema["$defs"][format!("{}.settings", factory.kind)];
        reference.table(&title, part);
    }
    reference.text
}

#[test]
fn the_reference_says_what_the_schema_says() {
    let rendered = render(&json_schema(&compose::registry()));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/configuration.md");
    let written = fs::read_to_string(&path).unwrap_or_default();
    if written != rendered {
        let new = Path::new(env!("CARGO_TARGET_TMPDIR")).join("configuration.md");
        fs::write(&new, &rendered).unwrap();
        panic!(
            "docs/configuration.md is out of date; copy {} over it",
            new.display()
        );
    }
}
