//! A description of a CRM as a document of its own: a preset, or a file that settings name.

use std::path::PathBuf;

use serde_json::Value;
use whocalls_core::Preset;

use super::fill::fill;
use crate::config::{
    document::{Document, Origin},
    mask,
    parse::{self, Parsed},
    path::KeyPath,
    report::{Place, Problem},
    schema::{PROTECTION_KEYS, partly},
    validate::shape,
    view::View,
};

/// A file with a description.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::config) struct DescriptionText {
    pub(in crate::config) path: PathBuf,
    /// Its text, with asterisks instead of secrets.
    pub(in crate::config) shown: String,
}

/// A description that was read.
#[derive(Debug)]
pub(super) struct Description {
    document: Document,
}

/// Where a description is laid.
#[derive(Debug, Clone, Copy)]
pub(super) struct Under<'u> {
    /// The table of the adapter.
    pub(super) adapter: &'u KeyPath,
    /// The schema of the whole configuration.
    pub(super) schema: &'u Value,
}

impl Description {
    /// Reads the text of a file: the description, the text without secrets, and what is wrong with
    /// it as such. Settings are checked later, together with those of the other layers.
    pub(super) fn read(text: &str, schema: &Value) -> (Self, String, Vec<Problem>) {
        let Parsed {
            document,
            mut problems,
            damaged,
        } = parse::parse(text);
        let shown = mask::mask(text, &document, &damaged, schema);
        problems.extend(shape::check(&document, &partly(schema)).problems);
        let nested = KeyPath::of(["settings", "file"]);
        if nested.find(&document.value).is_some() {
            let place = document.place_of_key(&nested);
            let message = "a description cannot name another file; name one in adapters.toml";
            problems.push(Problem::error(message).at(nested, place));
        }
        (Self { document }, shown, problems)
    }

    /// A shipped one; tests see to it that nothing is wrong with it.
    pub(super) fn of_preset(preset: &Preset) -> Self {
        let document = parse::parse(preset.toml).document;
        Self { document }
    }

    /// Whether some of it could not be read.
    pub(super) fn is_damaged(&self) -> bool {
        self.document.is_damaged
    }

    /// Lays it under what `document` says. `place` says where a place of the description is to be
    /// looked for.
    pub(super) fn lay(
        &self,
        document: &mut Document,
        under: Under<'_>,
        place: impl Fn(Place) -> Place,
    ) {
        let parts = [
            ("protection", under.adapter.clone()),
            ("settings", under.adapter.key("settings")),
        ];
        for (part, target) in parts {
            let source = KeyPath::of([part]);
            let Some(mut lower) = source.find(&self.document.value).cloned() else {
                continue;
            };
            if let (Value::Object(table), "protection") = (&mut lower, part) {
                table.retain(|key, _| PROTECTION_KEYS.contains(&key.as_str()));
            }
            let view = View::at(under.schema, &document.value, &target);
            let Some(upper) = document.table_mut(&target) else {
                continue;
            };
            let mut laid = Vec::new();
            fill(upper, &lower, &view, &KeyPath::default(), &mut laid);
            for path in laid {
                let here = source.join(&path);
                let origin = Origin::Laid {
                    key: place(self.document.place_of_key(&here)),
                    value: place(self.document.place_of_value(&here)),
                };
                document.set_origin(target.join(&path), origin);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_broken_preset_is_an_empty_one() {
        let preset = Preset {
            name: "broken",
            toml: "settings = 1\nprotection = [",
        };
        let mut document = parse::parse("[adapters.x]\nkind = \"rest\"").document;
        let before = document.value.clone();
        let under = Under {
            adapter: &KeyPath::of(["adapters", "x"]),
            schema: &json!({}),
        };
        Description::of_preset(&preset).lay(&mut document, under, |place| place);
        let mut after = before;
        after["adapters"]["x"]["settings"] = json!({});
        assert_eq!(document.value, after);
    }
}
