//! Every preset that ships with a kind: what its file says fits, and it builds with an account of
//! the values that it asks for.

use std::fmt::Write as _;

use whocalls_core::{AdapterFactory, Preset};

use super::{
    super::{
        PresetOutline,
        parse::parse,
        schema::{description_schema, json_schema, partly},
        validate::shape,
    },
    *,
};
use crate::compose::registry;

fn presets() -> Vec<(AdapterFactory, &'static Preset)> {
    let kinds = registry().into_iter();
    kinds
        .flat_map(|factory| factory.presets.iter().map(move |it| (factory.clone(), it)))
        .collect()
}

#[test]
fn the_file_of_a_preset_is_a_description() {
    let schema = json_schema(&registry());
    for (factory, preset) in presets() {
        let parsed = parse(preset.toml);
        let name = preset.name;
        assert_eq!(parsed.problems, [], "{name}");
        let schema = partly(&description_schema(&schema, factory.kind));
        let shape = shape::check(&parsed.document, &schema);
        assert_eq!(shape.problems, [], "{name}");
        assert!(
            preset.toml.starts_with("# "),
            "{name}: the head says what is documented and what is unverified"
        );
        let outline = PresetOutline::of(preset);
        assert!(!outline.title.is_empty(), "{name}");
        assert!(!outline.documentation.is_empty(), "{name}");
        for value in outline.account {
            assert!(!value.description.is_empty(), "{name}: {}", value.name);
            let is_clear = value.secret || value.example.is_some() || value.default.is_some();
            assert!(is_clear, "{name}: {} has no example", value.name);
        }
    }
}

#[test]
fn a_preset_builds_with_the_account_that_it_asks_for() {
    for (factory, preset) in presets() {
        let mut text = format!(
            "[adapters.crm]\nkind = \"{}\"\npreset = \"{}\"\n[adapters.crm.settings.account]\n",
            factory.kind, preset.name
        );
        for value in PresetOutline::of(preset).account {
            let name = value.name;
            if value.secret {
                writeln!(text, "{name} = {{ value = \"a-secret-of-some-length\" }}").unwrap();
            } else if let Some(example) = value.example.or(value.default) {
                writeln!(text, "{name} = {example:?}").unwrap();
            }
        }
        let source = Source::new("adapters.toml", text, "");
        let loaded = load(&source, &Environment::default(), &registry(), Mode::Offline);
        let loaded = loaded.unwrap_or_else(|report| panic!("{}: {report}", preset.name));
        assert_eq!(lines(&loaded.warnings), [""; 0], "{}", preset.name);
        assert_eq!(loaded.adapters.len(), 1);
    }
}

#[test]
fn a_value_of_the_account_that_is_missing_is_named() {
    for (factory, preset) in presets() {
        let outline = PresetOutline::of(preset);
        let Some(value) = outline.account.iter().find(|value| value.required) else {
            continue;
        };
        let text = format!(
            "[adapters.crm]\nkind = \"{}\"\npreset = \"{}\"\n",
            factory.kind, preset.name
        );
        let source = Source::new("adapters.toml", text, "");
        let loaded = load(&source, &Environment::default(), &registry(), Mode::Offline);
        let report = loaded.unwrap_err();
        let found = lines(&report);
        let place = format!("adapters.crm.settings.account.{}: ", value.name);
        let is_named = found.iter().any(|line| line.contains(&place));
        assert!(is_named, "{}: {report}", preset.name);
    }
}
