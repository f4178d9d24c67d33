//! Kinds and presets as text for people.

use std::fmt::Write as _;

use whocalls_core::AdapterFactory;

use crate::config::{AccountOutline, PresetOutline};

/// A line for each kind, and below it its presets with what they need to know.
pub(super) fn list(registry: &[AdapterFactory]) -> String {
    let width = registry.iter().map(|factory| factory.kind.len()).max();
    let width = width.unwrap_or_default();
    let mut text = String::new();
    for factory in registry {
        let _written = writeln!(text, "{:width$}  {}", factory.kind, factory.summary);
    }
    for factory in registry.iter().filter(|it| !it.presets.is_empty()) {
        let _written = write!(
            text,
            "\nPresets of the kind {}: `preset = \"…\"` in [adapters.<id>], and below it in\n\
             [adapters.<id>.settings.account]\n",
            factory.kind
        );
        for preset in factory.presets {
            self::preset(&mut text, &PresetOutline::of(preset));
        }
    }
    text
}

/// An example of each kind, ready to copy.
pub(super) fn examples(registry: &[AdapterFactory]) -> String {
    let examples = registry.iter().map(|factory| {
        let example = factory.example_toml.trim();
        format!("# {}: {}\n{example}\n\n", factory.kind, factory.summary)
    });
    examples.collect()
}

fn preset(text: &mut String, preset: &PresetOutline) {
    let _written = writeln!(text, "\n  {}  {}", preset.name, preset.title);
    let names = preset.account.iter().map(|value| value.name.len());
    let width = names.max().unwrap_or_default();
    for value in &preset.account {
        let (name, what) = (&value.name, what(value));
        let _written = writeln!(text, "    {name:width$}  {what}");
    }
}

/// `The part in front of .crm.example, for example acme (optional)`.
fn what(value: &AccountOutline) -> String {
    let AccountOutline {
        description,
        required,
        secret,
        example,
        default,
        ..
    } = value;
    let example = example.as_deref().map(|it| format!(", for example {it}"));
    let marks = [
        secret.then(|| "secret".to_owned()),
        (!required).then(|| "optional".to_owned()),
        default.as_deref().map(|it| format!("default {it}")),
    ];
    let marks: Vec<String> = marks.into_iter().flatten().collect();
    let marks = match marks.as_slice() {
        [] => String::new(),
        marks => format!(" ({})", marks.join(", ")),
    };
    format!("{description}{}{marks}", example.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_described_in_one_line() {
        let mut value = AccountOutline {
            name: "company".to_owned(),
            description: "The address".to_owned(),
            required: true,
            secret: false,
            example: Some("acme".to_owned()),
            default: None,
        };
        assert_eq!(what(&value), "The address, for example acme");
        value = AccountOutline {
            required: false,
            secret: true,
            example: None,
            default: Some("eu".to_owned()),
            ..value
        };
        assert_eq!(what(&value), "The address (secret, optional, default eu)");
    }
}
